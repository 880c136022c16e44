"""All vector tiles of a snapshot in one file: a PMTiles archive, which a web page reads from any static server."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from typing import TYPE_CHECKING, Any

from api.asked.selection import EVERYTHING
from api.tiles.choice import choose_layers, describe_layer, fields_at
from api.tiles.grid import BUFFER, Tile
from api.tiles.painter import MOST_FEATURES, encode_patches
from parkgeo.errors import ProjectError
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from api.served.catalogue import Collection
    from parkgeo.store import Snapshot

__all__ = ["DEEPEST_KEPT", "write_pmtiles"]

DEEPEST_KEPT = 18
"""Deepest level that an archive may hold."""

_LEVEL = 6
_E7 = 10_000_000


def write_pmtiles(
    snapshot: Snapshot,
    path: Path,
    collections: Iterable[str] | None = None,
    max_zoom: int = 16,
    *,
    built: Mapping[str, Collection] | None = None,
    lang: str = "zh",
    progress: Callable[[str], None] | None = None,
) -> int:
    """Write the tiles of a snapshot into one file, whole or not at all. Personal fields are masked.

    Not to be called on an event loop: it draws for seconds to minutes.

    Parameters
    ----------
    snapshot
        The analysis.
    path
        The file; an existing one is replaced.
    collections
        Ids of the layers; None means every table that has places.
    max_zoom
        Deepest level, 0 to 18. Programs enlarge its tiles beyond.
    built
        The snapshot's collections where they were built already.
    lang
        Language of titles.
    progress
        Told what is being done.

    Returns
    -------
    int
        Tiles written.

    Raises
    ------
    ProjectError
        The level is none, or there is nothing to draw.
    RequestError
        A collection is unknown or has no places.
    """
    from api.served.catalogue import build_collections

    if not 0 <= max_zoom <= DEEPEST_KEPT:
        raise ProjectError(
            f"tiles are not written down to level {max_zoom}", mend=f"use 0 to {DEEPEST_KEPT}; 16 is usual"
        )
    there = build_collections(snapshot) if built is None else built
    layers = choose_layers(there, None if collections is None else ",".join(collections))
    if not layers:
        raise ProjectError("nothing of this snapshot has a place, so there is nothing to draw")
    title = str(snapshot.manifest.get("park") or "parkgeo")
    with publish_file(path) as beside, beside.open("wb") as file, _writer(file) as writer:
        count = asyncio.run(_fill(writer, layers, max_zoom, progress))
        writer.finalize(*_described(title, snapshot, layers, max_zoom, lang))
    return count


@contextlib.contextmanager
def _writer(file: Any) -> Iterator[Any]:
    from pmtiles import writer as written

    make: Any = written.Writer  # its methods state no types
    writer = make(file)
    # Its own file of tiles is closed by itself only where all went well.
    with contextlib.closing(writer.tile_f):
        yield writer


async def _fill(
    writer: Any, layers: list[Collection], max_zoom: int, progress: Callable[[str], None] | None
) -> int:
    """Level after level, and below a tile only where there is something on it."""
    from pmtiles.tile import zxy_to_tileid

    count, frontier = 0, [Tile(0, 0, 0)]
    for z in range(max_zoom + 1):
        following = []
        for tile in sorted(frontier, key=lambda one: zxy_to_tileid(one.z, one.col, one.row)):
            body = await _draw(layers, tile)
            if not body:
                continue
            writer.write_tile(zxy_to_tileid(tile.z, tile.col, tile.row), gzip.compress(body, _LEVEL, mtime=0))
            count += 1
            following += [
                Tile(z + 1, 2 * tile.row + south, 2 * tile.col + east) for south in (0, 1) for east in (0, 1)
            ]
        frontier = following
        if progress is not None:
            progress(f"z{z}: {count}")
    return count


async def _draw(layers: list[Collection], tile: Tile) -> bytes:
    bounds = tile.bounds(BUFFER)
    patches = [
        await layer.rows.patch(bounds, fields_at(layer, tile.z, None), EVERYTHING, MOST_FEATURES)
        for layer in layers
    ]
    return encode_patches([layer.id for layer in layers], patches, tile)[0]


def _described(
    title: str, snapshot: Snapshot, layers: list[Collection], max_zoom: int, lang: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the head of the file says of place and form, and its metadata."""
    from pmtiles.tile import Compression, TileType

    extents = [layer.rows.extent for layer in layers if layer.rows.extent is not None]
    west, south = (min(extent[side] for extent in extents) for side in (0, 1))
    east, north = (max(extent[side] for extent in extents) for side in (2, 3))
    head = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": int(west * _E7),
        "min_lat_e7": int(south * _E7),
        "max_lon_e7": int(east * _E7),
        "max_lat_e7": int(north * _E7),
        "center_zoom": min(14, max_zoom),
        "center_lon_e7": int((west + east) / 2 * _E7),
        "center_lat_e7": int((south + north) / 2 * _E7),
    }
    metadata = {
        "name": title,
        "description": f"{snapshot.name} ({snapshot.as_of.isoformat()})",
        "type": "overlay",
        "version": "1.0.0",
        "vector_layers": [{**describe_layer(layer, None, lang), "maxzoom": max_zoom} for layer in layers],
    }
    return head, metadata
