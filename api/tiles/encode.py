"""A layer of a vector tile: geometry and attributes of all its features at once, as Mapbox Vector Tile 2.1 writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from api.tiles.grid import EXTENT
from api.tiles.shapes import draw
from api.tiles.values import write_values
from api.tiles.wire import framed, varint, varint_sizes, varints, within_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from api.tiles.commands import Drawing
    from api.tiles.grid import Tile

__all__ = ["encode_layer", "encode_numbered", "number_features"]

_LAYER = 0x1A
_NAME, _EXTENT, _VERSION = 0x0A, 0x28, 0x78
_FEATURE, _ID, _TAGS, _KIND, _GEOMETRY = 0x12, 0x08, 0x12, 0x18, 0x22
_BEFORE_TAGS, _AFTER_TAGS = 6, 4
_SAFE_BITS = 53  # what a number in JavaScript holds exactly
_MOST_DIGITS = 15


def encode_layer(
    name: str,
    ids: Sequence[str],
    geometry: NDArray[np.object_],
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
    tile: Tile,
) -> bytes:
    """One layer of a tile; tiles of several layers are their layers one after the other.

    Parameters
    ----------
    name
        The layer's name.
    ids
        Each row's id; a feature's number is made from it, and it is its attribute ``id`` unless a column bears that name.
    geometry
        In CRS84, one a row.
    columns
        Attributes; see `api.tiles.values.write_values`.
    tile
        The tile.

    Returns
    -------
    bytes
        Empty where nothing is on the tile.

    Examples
    --------
    >>> import shapely
    >>> from api.tiles.grid import Tile
    >>> point = np.array([shapely.Point(0, 0)], dtype=object)
    >>> encode_layer("posts", ["7"], point, {}, Tile(0, 0, 0)).hex()
    '1a2678020a05706f737473120f0807120200001801220509802080201a02696422030a0137288020'
    """
    if not len(ids):
        return b""  # as on most tiles, for most layers
    drawing = draw(geometry, tile)
    if not len(drawing.rows):
        return b""
    shown = np.unique(drawing.rows)
    texts = _only(ids, shown)
    told: dict[str, Any] = {} if "id" in columns else {"id": texts}
    told.update({key: _only(column, shown) for key, column in columns.items()})
    row = np.searchsorted(shown, drawing.rows)
    return _write_layer(name, drawing, number_features(texts)[row], told, row)


def encode_numbered(
    name: str, numbers: NDArray[np.int32], classes: NDArray[np.uint8] | None, geometry: NDArray[np.object_], tile: Tile
) -> bytes:  # fmt: skip
    """A layer whose features are numbers and shapes alone, for who has all else already.

    Parameters
    ----------
    name
        The layer's name.
    numbers
        The features' own, each row's.
    classes
        Each row's, its attribute ``c``; None leaves it out.
    geometry
        In CRS84, one a row.
    tile
        The tile.

    Returns
    -------
    bytes
        Empty where nothing is on the tile.
    """
    if not len(numbers):
        return b""
    drawing = draw(geometry, tile)
    if not len(drawing.rows):
        return b""
    told = {} if classes is None else {"c": classes.astype(object)}
    return _write_layer(name, drawing, numbers[drawing.rows].astype(np.uint64), told, drawing.rows)


def _write_layer(
    name: str,
    drawing: Drawing,
    numbers: NDArray[np.uint64],
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
    row: NDArray[np.int64],
) -> bytes:
    """A layer from what is seen, each feature's number, and the attributes of its row."""
    tables, codes = write_values(columns)
    codes = codes[row] if columns else np.empty((len(row), 0), dtype=np.int64)
    features = _write_features(drawing, numbers, codes)
    body = b"".join(
        (
            varint(_VERSION), varint(2), framed(_NAME, name.encode("utf-8", "replace")),
            features, tables, varint(_EXTENT), varint(EXTENT),
        )
    )  # fmt: skip
    return framed(_LAYER, body)


def number_features(ids: Sequence[str]) -> NDArray[np.uint64]:
    """The numbers by which programs know features: the same for an id in every tile, snapshot and store.

    An id that is a plain number is that number; of others it is a hash of 53 bits, because JavaScript holds no more.

    Examples
    --------
    >>> number_features(["7", "320000-GB00003"]).tolist()
    [7, 5209912877045480]
    """
    texts = np.array(ids, dtype=object)
    numbers = pd.util.hash_array(texts, categorize=False) >> np.uint64(64 - _SAFE_BITS)
    for place, text in enumerate(ids):
        if text.isdigit() and text.isascii() and len(text) <= _MOST_DIGITS and str(int(text)) == text:
            numbers[place] = int(text)
    return np.asarray(numbers, dtype=np.uint64)


def _only(values: Sequence[Any] | NDArray[Any], rows: NDArray[np.int64]) -> Any:
    if len(rows) == len(values):
        return values
    return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows.tolist()]


def _write_features(drawing: Drawing, numbers: NDArray[np.uint64], codes: NDArray[np.int64]) -> bytes:
    """All features as one run of numbers: even their tags and lengths are varints, so one pass writes them."""
    there = codes >= 0
    tag_counts = 2 * there.sum(axis=1)
    keys = np.broadcast_to(np.arange(codes.shape[1]), codes.shape)[there]
    tags = np.column_stack((keys, codes[there])).ravel().astype(np.uint64)
    tag_bytes = _bytes_of(tags, tag_counts)
    shape_bytes = _bytes_of(drawing.numbers, drawing.counts)
    parts = (numbers, tag_bytes.astype(np.uint64), shape_bytes.astype(np.uint64))
    lengths = 5 + tag_bytes + shape_bytes + sum(varint_sizes(part) for part in parts)
    counts = _BEFORE_TAGS + tag_counts + _AFTER_TAGS + drawing.counts
    out = np.empty(int(counts.sum()), dtype=np.uint64)
    at = np.cumsum(counts) - counts
    head: tuple[Any, ...] = (_FEATURE, lengths, _ID, numbers, _TAGS, tag_bytes)
    for place, value in enumerate(head):
        out[at + place] = value
    out[np.repeat(at + _BEFORE_TAGS, tag_counts) + within_runs(tag_counts)] = tags
    at = at + _BEFORE_TAGS + tag_counts
    middle: tuple[Any, ...] = (_KIND, drawing.kind, _GEOMETRY, shape_bytes)
    for place, value in enumerate(middle):
        out[at + place] = value
    at = at + _AFTER_TAGS
    out[np.repeat(at, drawing.counts) + within_runs(drawing.counts)] = drawing.numbers
    return varints(out)


def _bytes_of(numbers: NDArray[np.uint64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bytes that each run of numbers takes."""
    total = np.concatenate([[0], np.cumsum(varint_sizes(numbers))])
    ends = np.cumsum(counts)
    return np.asarray(total[ends] - total[ends - counts], dtype=np.int64)
