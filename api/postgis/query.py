"""A selection as a question to the database: which rows, in which order, after which row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import shapely
from psycopg import sql

from api.errors import RequestError
from api.postgis.expression import Expression, joined, storable, together
from api.postgis.sql import Translator
from api.postgis.sql_places import DEGREES
from parkgeo.store.where import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.asked.selection import Selection
    from api.postgis.layout import CollectionLayout

__all__ = ["Query", "build_query"]


@dataclass(frozen=True, slots=True)
class Key:
    """A column that rows are sorted by; where it is missing, they come last.

    Attributes
    ----------
    column
        Its name.
    type
        Of the database.
    falls
        Whether the largest come first.
    """

    column: sql.Identifier
    type: str
    falls: bool


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of one table.

    Attributes
    ----------
    where
        The condition.
    keys
        What rows are sorted by before their place.
    """

    where: Expression
    keys: tuple[Key, ...]

    @property
    def order(self) -> sql.Composable:
        """After ``ORDER BY``."""
        parts: list[sql.Composable] = [
            sql.SQL("{} DESC NULLS LAST" if key.falls else "{} ASC NULLS LAST").format(key.column)
            for key in self.keys
        ]
        return sql.SQL(", ").join([*parts, sql.SQL("_place")])

    def following(self, values: Sequence[Any], place: int) -> Iterator[Expression]:
        """Conditions of the rows after one, each of a stretch of them that an index holds without a gap, one after the other.

        First those that are sorted alike and lie behind it; then those that differ in the last key, in the one before, and
        so on. One condition for all of them would be answered by looking at every row.

        Parameters
        ----------
        values
            Of the row's keys.
        place
            The row's.
        """
        same = [_is(key, value) for key, value in zip(self.keys, values, strict=True)]
        yield together(" AND ", [self.where, *same, Expression(sql.SQL("_place > %s"), (place,))])
        for depth in reversed(range(len(self.keys))):
            key, value = self.keys[depth], values[depth]
            if value is None:
                continue  # nothing comes after what is missing
            text = sql.SQL("{} < %s::{}" if key.falls else "{} > %s::{}").format(
                key.column, sql.SQL(key.type)
            )
            for beyond in (Expression(text, (value,)), _is(key, None)):
                yield together(" AND ", [self.where, *same[:depth], beyond])


def _is(key: Key, value: Any) -> Expression:
    if value is None:
        return Expression(sql.SQL("{} IS NULL").format(key.column))
    return Expression(sql.SQL("{} = %s::{}").format(key.column, sql.SQL(key.type)), (value,))


def build_query(
    layout: CollectionLayout, schema: str, crs: Any, selection: Selection, *, careful: bool = False
) -> Query:
    """A selection as a query.

    Parameters
    ----------
    layout
        How the collection lies in the database.
    schema
        Of the snapshot.
    crs
        The snapshot's working system.
    selection
        Which rows.
    careful
        Whether arithmetic must stand numbers beyond a double.

    Raises
    ------
    FilterError
        The condition does not fit the collection.
    """
    parts: list[Expression] = []
    if selection.shape is not None:
        parts.append(_meets(selection.shape))
    if selection.moments is not None and layout.has_times:
        parts.append(_in_time(*selection.moments))
    if selection.parks is not None:
        parts.append(
            Expression(sql.SQL("_parks && %s::text[]"), ([storable(park) for park in selection.parks],))
        )
    if selection.condition:
        translator = Translator(layout, schema, crs, careful=careful)
        parts.append(_condition(translator, layout, selection.condition))
    where = together(" AND ", parts) if parts else Expression(sql.SQL("TRUE"))
    return Query(where, _keys(layout, selection))


def _condition(translator: Translator, layout: CollectionLayout, text: str) -> Expression:
    """A filter, refused in the words in which memory refuses it."""
    tree = orjson.loads(text)
    kinds = {column.name: column.kind for column in layout.columns}
    check(tree, kinds, geometry=None if layout.shape is None else layout.shape.name)
    return translator.condition(tree)


def _keys(layout: CollectionLayout, selection: Selection) -> tuple[Key, ...]:
    columns = {column.name: column for column in layout.columns}
    for name, _ in selection.order:
        if name not in columns or columns[name].kind == "other":
            raise RequestError(
                f"{name!r} has no order", where="sortby", mend="sort by numbers, text or dates"
            )
    return tuple(
        Key(sql.Identifier(columns[name].column), columns[name].type, falls)
        for name, falls in selection.order
    )


def _meets(shape: bytes) -> Expression:
    """Rows whose geometry meets a box; one without area is a line or a point, which PostGIS must be told."""
    box = shapely.from_wkb(shape)
    if box.geom_type == "Polygon" and box.area == 0:
        west, south, east, north = box.bounds
        corners = [(west, south), (east, north)]
        box = shapely.Point(corners[0]) if corners[0] == corners[1] else shapely.LineString(corners)
    wkb = shapely.to_wkb(shapely.set_srid(box, DEGREES), include_srid=True)
    return Expression(sql.SQL("ST_Intersects(_geom84, %s::geometry)"), (wkb,))


def _in_time(low: str | None, high: str | None) -> Expression:
    text, values = [sql.SQL("TRUE")], []
    if low is not None:
        text.append(sql.SQL("_end >= %s::timestamp"))
        values.append(low)
    if high is not None:
        text.append(sql.SQL("_begin <= %s::timestamp"))
        values.append(high)
    timed = sql.SQL("(_begin IS NOT NULL OR _end IS NOT NULL)")
    untimed = sql.SQL("(_begin IS NULL AND _end IS NULL)")
    return Expression(joined(" OR ", [untimed, joined(" AND ", [timed, *text])]), tuple(values))
