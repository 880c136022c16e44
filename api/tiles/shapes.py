"""Geometry on the ground as whole coordinates of a tile: projected, made coarse, cut, rounded, still valid.

Nothing vanishes because it is small. Below level 13 lines and outlines are simplified to half a pixel and each part
smaller than a pixel is drawn as a pixel; from there on every vertex is kept, and only what would round to nothing is drawn
as a pixel. What is long but thinner than a unit is drawn a pixel wide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from api.tiles.commands import Drawing, draw_areas, draw_lines, draw_points, join_drawings
from api.tiles.grid import BUFFER, EXTENT, PIXEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from api.tiles.grid import Tile

__all__ = ["DETAILED_FROM", "draw"]

DETAILED_FROM = 13
"""Level from which nothing is simplified."""

_HALF = PIXEL / 2
_LOW, _HIGH = -BUFFER, EXTENT + BUFFER
_FRAME = shapely.box(_LOW, _LOW, _HIGH, _HIGH)
_PLAIN = 12  # corners of an outline that is not worth simplifying
_COLLECTIONS = 4  # type numbers from here on hold parts


def draw(geometry: NDArray[np.object_], tile: Tile) -> Drawing:
    """What is seen of some rows on a tile.

    Parameters
    ----------
    geometry
        In CRS84, one a row, of any kind; None where there is none.
    tile
        The tile.

    Returns
    -------
    Drawing
        Rows that have nothing on the tile are not in it. A row with several kinds of geometry is there once for each.
    """
    parts, rows = _explode(geometry, np.arange(len(geometry)))
    parts = shapely.transform(parts, tile.project)
    box = shapely.bounds(parts)
    near = (box[:, 0] <= _HIGH) & (box[:, 1] <= _HIGH) & (box[:, 2] >= _LOW) & (box[:, 3] >= _LOW)
    parts, rows, box = parts[near], rows[near], box[near]
    dimension = shapely.get_dimensions(parts)
    coarse = tile.z < DETAILED_FROM
    drawn = []
    points, lines, areas = (np.flatnonzero(dimension == number) for number in range(3))
    if len(points):
        xy = np.rint(shapely.get_coordinates(parts[points])).astype(np.int64)
        drawn.append(draw_points(xy, rows[points]))
    if len(lines):
        drawn.append(draw_lines(*_lines(parts[lines], rows[lines], box[lines], coarse=coarse)))
    if len(areas):
        drawn.append(draw_areas(*_areas(parts[areas], rows[areas], box[areas], coarse=coarse)))
    return join_drawings(drawn) if drawn else draw_points(np.empty((0, 2), dtype=np.int64), rows[:0])


def _explode(
    geometry: NDArray[np.object_], rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Parts that have no parts themselves, and the row of each."""
    parts, of = shapely.get_parts(geometry, return_index=True)
    while (shapely.get_type_id(parts) >= _COLLECTIONS).any():
        parts, within = shapely.get_parts(parts, return_index=True)
        of = of[within]
    there = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
    return parts[there], rows[of[there]]


def _sides(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """The longer side of each box."""
    sides: NDArray[np.float64] = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    return sides


def _crossing(box: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((box[:, :2] < _LOW).any(axis=1) | (box[:, 2:] > _HIGH).any(axis=1))


def _lines(
    lines: NDArray[np.object_], rows: NDArray[np.int64], box: NDArray[np.float64], *, coarse: bool
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    small = _sides(box) < (PIXEL if coarse else 1.0)
    if small.any():
        middle = (box[small, :2] + box[small, 2:]) / 2
        half = np.array([_HALF, 0.0])
        ends = np.stack((middle - half, middle + half), axis=1)
        lines[small] = shapely.linestrings(ends)
    if coarse:
        lines = shapely.simplify(lines, _HALF)
    cut = np.flatnonzero(_crossing(box) & ~small)
    if len(cut):
        # Cutting by a rectangle keeps a line that crosses itself in one piece; an intersection would not.
        pieces, of = _explode(shapely.clip_by_rect(lines[cut], _LOW, _LOW, _HIGH, _HIGH), rows[cut])
        long = shapely.get_dimensions(pieces) == 1
        lines, rows = _in_order(lines, rows, cut, pieces[long], of[long])
    return shapely.transform(lines, np.rint), rows


def _areas(
    areas: NDArray[np.object_], rows: NDArray[np.int64], box: NDArray[np.float64], *, coarse: bool
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    small = _sides(box) < (PIXEL if coarse else 1.0)
    if small.any():
        middle = (box[small, :2] + box[small, 2:]) / 2
        areas[small] = shapely.box(*(middle - _HALF).T, *(middle + _HALF).T)
    if coarse:
        winding = np.flatnonzero(~small & (shapely.get_num_coordinates(areas) > _PLAIN))
        # Before the cut, so that neighbouring tiles draw the same outline.
        areas[winding] = shapely.simplify(areas[winding], _HALF)
    cut = np.flatnonzero(_crossing(box) & ~small)
    if len(cut):
        pieces, of = _explode(_cut(areas[cut]), rows[cut])
        surfaces = shapely.get_dimensions(pieces) == 2  # noqa: PLR2004 - areas
        areas, rows = _in_order(areas, rows, cut, pieces[surfaces], of[surfaces])
    return _rounded(areas, rows)


def _cut(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    try:
        return np.asarray(shapely.intersection(areas, _FRAME))
    except shapely.GEOSException:
        return np.asarray(shapely.intersection(shapely.make_valid(areas, method="structure"), _FRAME))


def _in_order(
    parts: NDArray[np.object_],
    rows: NDArray[np.int64],
    gone: NDArray[np.int64],
    pieces: NDArray[np.object_],
    of: NDArray[np.int64],
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Some parts replaced by pieces, rows still rising."""
    kept = np.ones(len(parts), dtype=bool)
    kept[gone] = False
    parts, rows = np.concatenate([parts[kept], pieces]), np.concatenate([rows[kept], of])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order]


def _rounded(
    areas: NDArray[np.object_], rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Polygons with whole coordinates that do not cross themselves."""
    rounded = shapely.transform(areas, np.rint)
    broken = np.flatnonzero(~shapely.is_valid(rounded))
    if not len(broken):
        return rounded, rows
    whole = _snapped(areas[broken])
    gone = np.flatnonzero(shapely.is_empty(whole))
    if len(gone):
        thin = areas[broken[gone]]
        long = _sides(shapely.bounds(thin)) >= PIXEL
        widened = shapely.buffer(thin[long], _HALF, quad_segs=1, join_style="bevel")
        whole[gone[long]] = _snapped(shapely.intersection(widened, _FRAME))
    pieces, of = _explode(whole, rows[broken])
    return _in_order(rounded, rows, broken, pieces, of)


def _snapped(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    wrong = ~shapely.is_valid(areas)
    areas[wrong] = shapely.make_valid(areas[wrong], method="structure")
    return np.asarray(shapely.set_precision(areas, 1.0))
