"""A collection in PostGIS, asked as one in memory is asked."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

import numpy as np
import orjson
import shapely
from psycopg import errors, sql

from api.asked.selection import EVERYTHING
from api.errors import RequestError
from api.postgis.columns import parse_csv
from api.postgis.expression import Expression, storable
from api.postgis.query import build_query
from api.postgis.sql_places import DEGREES
from api.served.rows import Page, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import psycopg
    from numpy.typing import NDArray

    from api.asked.selection import Selection
    from api.postgis.database import Database
    from api.postgis.layout import CollectionLayout
    from api.postgis.query import Query

__all__ = ["PostgisRows"]

_T = TypeVar("_T")
_REMEMBERED = 1_000
_RUN = sql.SQL("""
SELECT string_agg(feature, ','::bytea ORDER BY place), count(*) FROM {features} WHERE place BETWEEN %s AND %s
""")
_CHOSEN = sql.SQL("""
WITH chosen AS (SELECT {places} AS places),
told AS (
  SELECT f.feature, c.n, sum(octet_length(f.feature) + 1) OVER (ORDER BY c.n) AS size
  FROM chosen, unnest(chosen.places[1:%s]) WITH ORDINALITY AS c(place, n) JOIN {features} f ON f.place = c.place
)
SELECT string_agg(feature, ','::bytea ORDER BY n), count(*), (SELECT cardinality(places) FROM chosen),
  (SELECT places FROM chosen)[count(*)]
FROM told WHERE size <= %s OR n = 1
""")
_PLACES: LiteralString = "ARRAY(SELECT _place FROM {} WHERE {} ORDER BY {} LIMIT %s)"
_PATCH = sql.SQL("""
WITH chosen AS (
  SELECT _place, ST_AsBinary(_geom84) AS shape FROM {table}
  WHERE _geom84 && %s::geometry AND ST_XMax(_geom84) >= %s AND ST_YMax(_geom84) >= %s
    AND ST_XMin(_geom84) <= %s AND ST_YMin(_geom84) <= %s AND {where}
  ORDER BY _size DESC, _place LIMIT %s
)
SELECT f.id, c.shape, {feature}, c._place FROM chosen c JOIN {features} f ON f.place = c._place ORDER BY c._place
""")
_LARGEST_PLACE = (1 << 31) - 2


class PostgisRows:
    """The rows of one collection.

    Parameters
    ----------
    database
        Where they are kept.
    schema
        Of the snapshot.
    layout
        How they lie there.
    crs
        The snapshot's working system.
    """

    def __init__(self, database: Database, schema: str, layout: CollectionLayout, crs: Any) -> None:
        self._database = database
        self._schema = schema
        self._layout = layout
        self._crs = crs
        self._table = sql.Identifier(schema, layout.table)
        self._features = sql.Identifier(schema, layout.features)
        self._counts: OrderedDict[Selection, int] = OrderedDict({EVERYTHING: layout.count})
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._layout.count

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None where no feature has geometry."""
        return self._layout.extent

    async def matched(self, selection: Selection) -> int:
        """How many rows match; counted once."""
        known = self._known_count(selection)
        if known is not None:
            return known
        return await self._database.ask(lambda connection: self._count(connection, selection))

    async def page(
        self, selection: Selection, limit: int, *, after: list[Any] | None = None, most_bytes: int = 1 << 62
    ) -> Page:
        """A run of what matches; see `api.served.rows.Rows.page`. It goes on after a row, named by its place."""
        place = None if after is None else _place(after)
        plain = selection == EVERYTHING and limit * (self._layout.largest + 1) <= most_bytes
        read = self._read_run if plain else self._read_chosen
        return await self._database.ask(
            lambda connection: read(connection, selection, limit, place, most_bytes)
        )

    async def item(self, name: str, parks: tuple[str, ...] | None = None) -> bytes | None:
        """One feature's GeoJSON by its id; None where no row that the caller may know has it."""
        if not _can_be_stored(name):
            return None
        return await self._database.ask(lambda connection: self._read_item(connection, name, parks))

    async def frame(
        self, selection: Selection, limit: int | None = None, *, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The rows that match, in their order, as the snapshot's table has them; see `api.served.rows.Rows.frame`."""
        return await asyncio.to_thread(self.read, selection, limit, columns=columns)

    async def at(self, places: Sequence[int], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows at some places in the order of space."""
        return await asyncio.to_thread(self._read_frame, "_place", list(places), columns)

    async def places(self, selection: Selection) -> NDArray[np.int64]:
        """Where the rows that match stand in the order of space."""
        if selection == EVERYTHING:
            return np.arange(len(self))
        return np.array(await asyncio.to_thread(self._places, selection, None), dtype=np.int64)

    async def patch(
        self,
        bounds: tuple[float, float, float, float],
        fields: tuple[str, ...],
        selection: Selection,
        most: int,
    ) -> Patch:
        """What matches and lies in a box; see `api.served.rows.Rows.patch`."""
        return await self._database.ask(
            lambda connection: self._read_patch(connection, bounds, fields, selection, most)
        )

    def read(
        self, selection: Selection, limit: int | None = None, *, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """As `frame`, for a thread that may wait."""
        places = None if selection == EVERYTHING and limit is None else self._places(selection, limit)
        return self._read_frame("_place", places, columns)

    def read_table(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows in the order in which the snapshot's table has them."""
        return self._read_frame("_row", None, columns)

    # — questions, each on a connection of its own

    def _query(self, selection: Selection, *, careful: bool = False) -> Query:
        return build_query(self._layout, self._schema, self._crs, selection, careful=careful)

    def _tried(self, selection: Selection, ask: Callable[[Query], _T]) -> _T:
        """Ask quickly; where a computed number leaves what a double holds, ask again in the way that stands it."""
        try:
            return ask(self._query(selection))
        except errors.NumericValueOutOfRange:
            return ask(self._query(selection, careful=True))

    def _known_count(self, selection: Selection) -> int | None:
        with self._lock:
            known = self._counts.get(selection)
            if known is not None and selection != EVERYTHING:
                self._counts.move_to_end(selection)
            return known

    def _count(self, connection: psycopg.Connection[Any], selection: Selection) -> int:
        bare = _unordered(selection)
        known = self._known_count(bare)
        if known is None:

            def ask(query: Query) -> int:
                text = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(self._table, query.where.text)
                row = connection.execute(text, query.where.bound).fetchone()
                return int(row[0]) if row else 0

            known = self._tried(bare, ask)
            with self._lock:
                self._counts[bare] = known
                while len(self._counts) > _REMEMBERED:
                    # The first is the count of everything, which is known from the start.
                    oldest = next(one for one in self._counts if one != EVERYTHING)
                    del self._counts[oldest]
        return known

    def _read_run(
        self, connection: psycopg.Connection[Any], _: Selection, limit: int, place: int | None, __: int
    ) -> Page:
        """All rows lie in the order of space, without a gap."""
        first = 0 if place is None else place + 1
        last = min(first + limit, len(self)) - 1
        if place is not None and first >= len(self):
            raise _misplaced()
        row = connection.execute(_RUN.format(features=self._features), (first, last), binary=True).fetchone()
        body, returned = row or (None, 0)
        return Page(bytes(body or b""), len(self), returned, [last] if last < len(self) - 1 else None)

    def _read_chosen(
        self,
        connection: psycopg.Connection[Any],
        selection: Selection,
        limit: int,
        place: int | None,
        most_bytes: int,
    ) -> Page:
        matched = self._count(connection, selection)

        def ask(query: Query) -> tuple[Any, ...] | None:
            if place is None:
                places = self._choose(query, query.where, limit + 1)
            elif query.keys:
                found = self._read_following(connection, query, limit + 1, place)
                places = Expression(sql.SQL("%s::integer[]"), (found,))
            else:
                places = self._choose(query, self._behind(query, place), limit + 1)
            text = _CHOSEN.format(places=places.text, features=self._features)
            return connection.execute(text, (*places.bound, limit, most_bytes), binary=True).fetchone()

        row = self._tried(selection, ask)
        body, returned, chosen, last = row or (None, 0, 0, None)
        if place is not None and not chosen:
            raise _misplaced()
        return Page(bytes(body or b""), matched, returned, [last] if returned < chosen else None)

    def _choose(self, query: Query, where: Expression, most: int) -> Expression:
        """Places of rows, in the order asked for."""
        text = sql.SQL(_PLACES).format(self._table, where.text, query.order)
        return Expression(text, (*where.bound, most))

    # The row after which a page goes on must match, too: one that the caller may not know would tell by what comes after
    # it how it is sorted.

    def _behind(self, query: Query, place: int) -> Expression:
        """The condition of the rows that lie behind a place; said without a join, so that an index leads straight there."""
        here, table = Expression(sql.SQL("%s"), (place,)), Expression(self._table)
        there = Expression.of("EXISTS (SELECT FROM {} WHERE _place = {} AND {})", table, here, query.where)
        return Expression.of("{} AND _place > {} AND {}", query.where, here, there)

    def _read_following(
        self, connection: psycopg.Connection[Any], query: Query, most: int, place: int
    ) -> list[int]:
        """Places of the rows that are sorted after one: stretch by stretch, until there are enough."""
        keys = sql.SQL(", ").join([key.column for key in query.keys])
        text = sql.SQL("SELECT {} FROM {} WHERE _place = %s AND {}").format(
            keys, self._table, query.where.text
        )
        values = connection.execute(text, (place, *query.where.bound), binary=True).fetchone()
        if values is None:
            raise _misplaced()
        found: list[int] = []
        for where in query.following(values, place):
            places = self._choose(query, where, most - len(found))
            row = connection.execute(
                sql.SQL("SELECT {}").format(places.text), places.bound, binary=True
            ).fetchone()
            found += row[0] if row else []
            if len(found) == most:
                break
        return found

    def _read_item(
        self, connection: psycopg.Connection[Any], name: str, parks: tuple[str, ...] | None
    ) -> bytes | None:
        text = sql.SQL("SELECT feature FROM {} f WHERE id = %s").format(self._features)
        values: list[Any] = [name]
        if parks is not None:
            text += sql.SQL(" AND EXISTS (SELECT FROM {} WHERE _place = f.place AND _parks && %s::text[])").format(self._table)  # fmt: skip
            values.append([storable(park) for park in parks])
        row = connection.execute(text, values, binary=True).fetchone()
        return bytes(row[0]) if row else None

    def _read_patch(
        self,
        connection: psycopg.Connection[Any],
        bounds: tuple[float, float, float, float],
        fields: tuple[str, ...],
        selection: Selection,
        most: int,
    ) -> Patch:
        west, south, east, north = bounds
        box = shapely.to_wkb(shapely.set_srid(shapely.box(*bounds), DEGREES), include_srid=True)
        feature = sql.SQL("f.feature" if fields else "NULL")

        def ask(query: Query) -> list[tuple[Any, ...]]:
            text = _PATCH.format(
                table=self._table, features=self._features, where=query.where.text, feature=feature
            )
            values = (box, west, south, east, north, *query.where.bound, most)
            return connection.execute(text, values, binary=True).fetchall()

        rows = self._tried(_unordered(selection), ask)
        told = [orjson.loads(body)["properties"] for _, _, body, _ in rows] if fields else []
        columns = {name: [properties[name] for properties in told] for name in fields}
        return Patch(
            [name for name, _, _, _ in rows],
            shapely.from_wkb([shape for _, shape, _, _ in rows]),
            columns,
            np.array([place for _, _, _, place in rows], dtype=np.int64),
        )

    def _places(self, selection: Selection, limit: int | None) -> list[int]:
        def ask(query: Query) -> list[int]:
            text = sql.SQL("SELECT ARRAY(SELECT _place FROM {} WHERE {} ORDER BY {} LIMIT %s)").format(
                self._table, query.where.text, query.order
            )
            row = self._database.run(
                lambda connection: connection.execute(
                    text, (*query.where.bound, limit), binary=True
                ).fetchone()
            )
            return list(row[0]) if row else []

        return self._tried(selection, ask)

    def _read_frame(
        self, order: str, places: list[int] | None, columns: Sequence[str] | None
    ) -> pd.DataFrame:
        """Rows as CSV through COPY. It takes no bound values, and gets none: only places, which are numbers of ours."""
        layout = self._layout if columns is None else self._layout.only(columns)
        names = [column.column for column in layout.columns]
        parts: list[sql.Composable] = [sql.Identifier(name) for name in names]
        if layout.shape is not None:
            names.insert(layout.shape.place, layout.shape.column)
            parts.insert(layout.shape.place, sql.SQL("encode(ST_AsBinary({0}), 'hex')").format(sql.Identifier(layout.shape.column)))  # fmt: skip
        if len(parts) <= 1:
            # A line without anything would be no line: beside a column that may be missing stands one that never is.
            names.append("_place")
            parts.append(sql.Identifier("_place"))
        source = sql.SQL("{} ORDER BY {}").format(self._table, sql.Identifier(order))
        if places is not None:
            source = sql.SQL("unnest({}::integer[]) WITH ORDINALITY AS c(place, n) JOIN {} t ON t._place = c.place ORDER BY c.n").format(
                sql.Literal("{" + ",".join(str(int(place)) for place in places) + "}"), self._table
            )  # fmt: skip
        text = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(
            sql.SQL(", ").join(parts), source
        )

        def work(connection: psycopg.Connection[Any]) -> bytes:
            with connection.transaction(), connection.cursor() as cursor:
                # The whole of a table takes as long as it takes; nobody's page waits for it.
                cursor.execute("SET LOCAL statement_timeout = '10min'")
                with cursor.copy(text) as copy:
                    return b"".join(bytes(block) for block in copy)

        frame = parse_csv(self._database.run(work), names, layout.columns).drop(
            columns="_place", errors="ignore"
        )
        own = {column.column: column.name for column in layout.columns}
        if layout.shape is None:
            return frame.rename(columns=own)
        import geopandas as gpd

        frame[layout.shape.column] = gpd.GeoSeries(shapely.from_wkb(frame[layout.shape.column].to_numpy()), crs=self._crs)  # fmt: skip
        own[layout.shape.column] = layout.shape.name
        spatial: pd.DataFrame = gpd.GeoDataFrame(frame.rename(columns=own), geometry=layout.shape.name)
        return spatial


def _unordered(selection: Selection) -> Selection:
    """The same rows in any order: they are as many, however they are sorted."""
    from dataclasses import replace

    return replace(selection, order=()) if selection.order else selection


def _place(after: list[Any]) -> int:
    """A row's place as a token tells it."""
    if len(after) != 1 or type(after[0]) is not int or not 0 <= after[0] <= _LARGEST_PLACE:
        raise _misplaced()
    place: int = after[0]
    return place


def _can_be_stored(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _misplaced() -> RequestError:
    return RequestError(
        "the token belongs to another query", where="token", mend="follow the link called next as it stands"
    )
