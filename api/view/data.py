"""The data of the pages as bytes: packed as `maps.pack` packs it, and compressed."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

from api.records.view import SnapshotView, parcel_view
from api.tiles.choice import drawable
from api.view.seen import PARCELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from api.asked.ask import Ask
    from api.view.seen import Seen
    from maps.specs import MapSpec

__all__ = [
    "draw_map",
    "pack_colouring",
    "pack_column",
    "pack_layer",
    "pack_places",
    "pack_row",
    "pack_view",
    "tiled_types",
]

_LEVEL = 6


def _packed(value: Any) -> bytes | None:
    from maps.pack import pack

    return None if value is None else gzip.compress(pack(value), _LEVEL, mtime=0)


def tiled_types(ask: Ask) -> dict[str, str | None]:
    """Tables that pages draw from tiles beside the parcels → GeoJSON type of their rows, None where they differ."""
    from maps.served import TILED

    there = drawable(ask.edition.collections)
    return {name: there[name].geometry_type for name in TILED if name in there}


def pack_view(seen: Seen, types: dict[str, str | None], own: Sequence[MapSpec]) -> bytes | None:
    """What a page starts with."""
    from maps.served import build_view

    return _packed(build_view(seen, types, own))


def pack_column(seen: Seen, name: str) -> bytes | None:
    """A column of the parcels."""
    from maps.columns import encode_column

    return _packed(encode_column(seen, PARCELS, seen.read(PARCELS, [name])[name]))


def pack_colouring(seen: Seen, key: str, own: Sequence[MapSpec]) -> bytes | None:
    """What the parcels can be coloured by; None where there is none of that key."""
    from maps.served import build_colouring

    return _packed(build_colouring(seen, key, own))


def pack_layer(seen: Seen, layer_id: str) -> bytes | None:
    """A layer that is derived for the map; None where there is none of that id."""
    from maps.served import build_layer

    return _packed(build_layer(seen, layer_id, _origin(seen)))


def pack_places(seen: Seen) -> bytes | None:
    """Where each parcel is."""
    from maps.served import build_places

    return _packed(build_places(seen, _origin(seen)))


def _origin(seen: Seen) -> tuple[float, float]:
    from maps.payload import bounds_of
    from maps.shapes import world_coordinates

    west, north, _, _ = bounds_of(seen, world_coordinates(seen.read(PARCELS, ["geometry"]), seen.crs))
    return west, north


async def pack_row(ask: Ask, table: str, place: int) -> bytes | None:
    """All that a page tells of one row.

    Parameters
    ----------
    ask
        The request; its caller may know the row.
    table
        Its table.
    place
        Where it stands in the order of space.
    """
    rows = ask.collection(table).rows
    if table == PARCELS:
        name = str((await rows.at([place], ["parcel_id"]))["parcel_id"].iloc[0])
        return await asyncio.to_thread(_pack_parcel, await parcel_view(ask, name))
    return await asyncio.to_thread(_pack_other, SnapshotView(ask), table, await rows.at([place]))


def _pack_parcel(snapshot: SnapshotView) -> bytes | None:
    from maps.served import build_parcel

    return _packed(build_parcel(snapshot))


def _pack_other(snapshot: SnapshotView, table: str, frame: pd.DataFrame) -> bytes | None:
    from maps.served import build_row

    return _packed(build_row(snapshot, table, frame))


def draw_map(seen: Seen, specs: Sequence[MapSpec], lang: str) -> bytes:
    """The map as one file, compressed."""
    from maps import render_map
    from maps.specs import lay_specs

    return gzip.compress(render_map(seen, lang=lang, specs=lay_specs(specs)).encode(), _LEVEL, mtime=0)
