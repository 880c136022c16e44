"""Tiles as they are asked for: drawn once, in a thread, and kept as long as there is room."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely

from api.served.rows import Patch
from api.tiles.encode import encode_layer, encode_numbered
from api.tiles.grid import BUFFER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from numpy.typing import NDArray

    from api.asked.selection import Selection
    from api.served.rows import Rows
    from api.tiles.grid import Tile

__all__ = ["MOST_BYTES", "MOST_FEATURES", "MOST_NUMBERED", "Layer", "Numbered", "Painted", "Painter", "encode_patches"]  # fmt: skip

MOST_FEATURES = 20_000
"""Features of one layer on one tile; the largest are drawn."""
MOST_NUMBERED = 200_000
"""Rows on one tile of numbers and shapes, where a page must show them all."""
MOST_BYTES = 8_000_000
"""Bytes of one tile, before it is packed; the largest features are drawn."""

_LEVEL = 1
_ENTRY_BYTES = 1_000  # what a kept tile costs beside its bytes
_BRUSHES = ThreadPoolExecutor(max_workers=4, thread_name_prefix="parkgeo-tile")


@dataclass(frozen=True, slots=True)
class Layer:
    """What is drawn of a collection.

    Attributes
    ----------
    id
        Its collection.
    rows
        Its rows, as the caller may see them.
    fields
        Attributes.
    selection
        Which rows.
    """

    id: str
    rows: Rows
    fields: tuple[str, ...]
    selection: Selection


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """What is drawn of a collection for a page that has everything but the shapes.

    Attributes
    ----------
    id
        Its collection.
    rows
        Its rows.
    selection
        Which of them.
    numbers
        Each row's by its place in the order of space; −1 is not drawn.
    classes
        Each row's by its number; None where there are none.
    not_drawn
        The class that is not drawn.
    """

    id: str
    rows: Rows
    selection: Selection
    numbers: NDArray[np.int32]
    classes: NDArray[np.uint8] | None
    not_drawn: int


@dataclass(frozen=True, slots=True)
class Painted:
    """A tile.

    Attributes
    ----------
    body
        Its bytes, packed with gzip or not, as they were asked for; empty where there is nothing.
    complete
        Whether all that lies there is drawn, and not only the largest.
    """

    body: bytes
    complete: bool


class Painter:
    """Draws tiles and keeps those asked for last.

    Parameters
    ----------
    most_bytes
        Bytes of tiles kept in memory.
    """

    def __init__(self, most_bytes: int = 64_000_000) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[object, ...], Painted] = OrderedDict()
        self._at_work: dict[tuple[object, ...], asyncio.Task[Painted]] = {}
        self._lock = threading.Lock()

    async def paint(
        self, edition: str, layers: tuple[Layer, ...], tile: Tile, *, clear: bool, packed: bool = True
    ) -> Painted:
        """A tile, kept or new. It is kept in the form in which it was asked for: to unpack it takes longer than all else.

        Parameters
        ----------
        edition
            Name of the snapshot.
        layers
            What is drawn, from the bottom up.
        tile
            Where.
        clear
            Whether the rows show personal fields in clear; such a tile is never given to others.
        packed
            Whether the client takes gzip.
        """
        key = (edition, clear, tile, tuple((one.id, one.fields, one.selection) for one in layers), packed)

        async def begin() -> Callable[[], Painted]:
            patches = [await _patch(layer, tile) for layer in layers]
            return partial(_encode, [layer.id for layer in layers], patches, tile, packed=packed)

        return await self._painted(key, begin)

    async def paint_numbered(
        self, edition: str, layer: Numbered, tile: Tile, *, packed: bool = True
    ) -> Painted:
        """A tile of numbers and shapes, with all that lies there up to `MOST_NUMBERED` rows; see `paint`."""
        key = (edition, tile, layer.id, layer.selection, "numbered", packed)

        async def begin() -> Callable[[], Painted]:
            patch = await layer.rows.patch(tile.bounds(BUFFER), (), layer.selection, MOST_NUMBERED)
            return partial(_encode_numbered, layer, patch, tile, packed=packed)

        return await self._painted(key, begin)

    async def _painted(
        self, key: tuple[object, ...], begin: Callable[[], Awaitable[Callable[[], Painted]]]
    ) -> Painted:
        kept = self._find(key)
        if kept is not None:
            return kept
        work = self._at_work.get(key)
        if work is None:
            work = self._at_work[key] = asyncio.create_task(self._draw(key, begin))
            work.add_done_callback(lambda _: self._at_work.pop(key, None))
        # Shielded: one client that leaves must not take the tile from the others.
        return await asyncio.shield(work)

    def _find(self, key: tuple[object, ...]) -> Painted | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    async def _draw(
        self, key: tuple[object, ...], begin: Callable[[], Awaitable[Callable[[], Painted]]]
    ) -> Painted:
        packed = bool(key[-1])
        other = self._find((*key[:-1], not packed))
        work = await begin() if other is None else partial(_in_other_form, other, packed=packed)
        told = await asyncio.get_running_loop().run_in_executor(_BRUSHES, work)
        with self._lock:
            self._kept[key] = told
            self._bytes += len(told.body) + _ENTRY_BYTES
            while self._bytes > self._most_bytes:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.body) + _ENTRY_BYTES
        return told


async def _patch(layer: Layer, tile: Tile) -> Patch:
    return await layer.rows.patch(tile.bounds(BUFFER), layer.fields, layer.selection, MOST_FEATURES)


def _encode(names: list[str], patches: list[Patch], tile: Tile, *, packed: bool) -> Painted:
    body, complete = encode_patches(names, patches, tile)
    plain = Painted(body, complete)
    return _in_other_form(plain, packed=True) if packed else plain


def _encode_numbered(layer: Numbered, patch: Patch, tile: Tile, *, packed: bool) -> Painted:
    numbers = layer.numbers[patch.places]
    drawn = numbers >= 0
    classes = None if layer.classes is None else layer.classes[np.maximum(numbers, 0)]
    if classes is not None:
        drawn &= classes != layer.not_drawn
        classes = classes[drawn]
    body = encode_numbered(layer.id, numbers[drawn], classes, patch.geometry[drawn], tile)
    plain = Painted(body, len(patch.ids) < MOST_NUMBERED)
    return _in_other_form(plain, packed=True) if packed else plain


def _in_other_form(told: Painted, *, packed: bool) -> Painted:
    """A tile packed that was not, or the reverse; what is empty is so in both forms."""
    if not told.body:
        return told
    body = gzip.compress(told.body, _LEVEL, mtime=0) if packed else gzip.decompress(told.body)
    return Painted(body, told.complete)


def encode_patches(names: list[str], patches: list[Patch], tile: Tile) -> tuple[bytes, bool]:
    """A tile of several layers, of at most `MOST_BYTES`.

    Parameters
    ----------
    names
        The layers' names.
    patches
        What lies there, one a layer.
    tile
        The tile.

    Returns
    -------
    tuple of (bytes, bool)
        The tile, empty where there is nothing, and whether all that lies there is on it.
    """
    complete = all(len(patch.ids) < MOST_FEATURES for patch in patches)
    while True:
        body = b"".join(
            encode_layer(name, patch.ids, patch.geometry, patch.columns, tile)
            for name, patch in zip(names, patches, strict=True)
        )
        if len(body) <= MOST_BYTES or all(len(patch.ids) <= 1 for patch in patches):
            return body, complete
        complete = False
        patches = [_larger_half(patch) for patch in patches]


def _larger_half(patch: Patch) -> Patch:
    boxes = shapely.bounds(patch.geometry)
    sides = np.nan_to_num(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]))
    places = np.sort(np.argsort(-sides, kind="stable")[: max(len(sides) // 2, 1)])
    rows = places.tolist()
    columns = {name: [values[row] for row in rows] for name, values in patch.columns.items()}
    return Patch([patch.ids[row] for row in rows], patch.geometry[places], columns)
