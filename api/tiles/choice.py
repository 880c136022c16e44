"""What of a snapshot is drawn: which collections, and which of their fields at which level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.errors import RequestError, quote_short
from api.tiles.grid import DEEPEST
from api.tiles.shapes import DETAILED_FROM
from parkgeo.errors import NotFoundError, name_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from api.served.catalogue import Collection, FieldInfo

__all__ = [
    "TOP_LEVEL",
    "check_drawable",
    "choose_layers",
    "describe_layer",
    "drawable",
    "fields_at",
    "read_properties",
]

TOP_LEVEL = 18
"""Level at which programs stop to ask for finer tiles and enlarge these: a unit is 3 cm. Finer ones are drawn on demand."""

_DRAWN_KINDS = {
    "string": "String", "date": "String", "date-time": "String", "number": "Number", "integer": "Number",
    "boolean": "Boolean",
}  # fmt: skip
_FROM_AFAR = frozenset(
    {
        "code", "evidence_says", "grade", "idle", "kind", "land_kind", "land_state", "low_efficiency", "minutes", "mode",
        "planned_use_code", "road_class", "severity", "site_area_m2", "verdict", "zone_type",
    }
)  # fmt: skip
"""Fields by which maps of a whole park are coloured."""
_PARTS = ("_points", "_lines", "_polygons", "_others")


def drawable(collections: Mapping[str, Collection]) -> dict[str, Collection]:
    """The collections that have places."""
    return {name: one for name, one in collections.items() if one.rows.extent is not None}


def choose_layers(collections: Mapping[str, Collection], asked: str | None) -> list[Collection]:
    """The collections of a tile of the whole snapshot.

    Parameters
    ----------
    collections
        All of the snapshot.
    asked
        Ids with commas between; None means each table once.

    Raises
    ------
    RequestError
        An id that is none, has no places, or is there twice.
    """
    there = drawable(collections)
    if asked is None:
        return [one for name, one in there.items() if not _is_part(name, there)]
    names = asked.split(",")
    for name in names:
        if name not in there or names.count(name) > 1:
            raise RequestError(
                f"no collection {quote_short(name)} can be drawn"
                if name not in there
                else f"{name} is there twice",
                where="collections",
                mend=f"there are {name_some(there, shown=30)}",
            )
    return [there[name] for name in names]


def _is_part(name: str, there: Mapping[str, Collection]) -> bool:
    """Whether a collection shows the rows of one kind of geometry of another."""
    whole = next((name.removesuffix(end) for end in _PARTS if name.endswith(end)), "")
    return whole in there and there[whole].geometry_type is None


def fields_at(collection: Collection, level: int, asked: tuple[str, ...] | None) -> tuple[str, ...]:
    """The attributes of a collection's features on tiles of a level.

    Parameters
    ----------
    collection
        The collection.
    level
        From 13 on all that a tile can hold, below those by which a whole park is coloured.
    asked
        Names that the client chose; those that the collection has not are left out.
    """
    able = [field.name for field in _able(collection)]
    if asked is not None:
        return tuple(name for name in able if name in asked)
    return tuple(name for name in able if level >= DETAILED_FROM or name in _FROM_AFAR)


def read_properties(text: str | None, collections: Iterable[Collection]) -> tuple[str, ...] | None:
    """The attributes that a client chose; None where it left the choice to us.

    Raises
    ------
    RequestError
        None of the collections can show a field of that name.
    """
    if text is None:
        return None
    names = tuple(dict.fromkeys(filter(None, text.split(","))))
    known = {field.name for collection in collections for field in _able(collection)}
    for name in names:
        if name not in known:
            raise RequestError(
                f"tiles show no field {quote_short(name)}",
                where="properties",
                mend=f"for example: {name_some(sorted(known), shown=9)}",
            )
    return names


def describe_layer(collection: Collection, asked: tuple[str, ...] | None, lang: str) -> dict[str, Any]:
    """A layer as TileJSON lists it."""
    chosen = fields_at(collection, DEEPEST, asked)
    fields = {field.name: _DRAWN_KINDS[field.kind] for field in _able(collection) if field.name in chosen}
    return {
        "id": collection.id,
        "description": collection.titles[lang],
        "minzoom": 0,
        "maxzoom": TOP_LEVEL,
        "fields": {"id": "String", **fields},
    }


def check_drawable(collection: Collection) -> None:
    """Refuse a collection that has no places.

    Raises
    ------
    NotFoundError
        It has none.
    """
    if collection.rows.extent is None:
        raise NotFoundError(
            f"{collection.id} has no places, so there are no tiles of it",
            mend=f"see /collections/{collection.id}/items",
        )


def _able(collection: Collection) -> list[FieldInfo]:
    return [field for field in collection.fields if field.kind in _DRAWN_KINDS]
