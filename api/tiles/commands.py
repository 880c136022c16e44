"""Whole coordinates as the drawing commands of a vector tile: MoveTo, LineTo, ClosePath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from api.tiles.wire import within_runs, zigzag

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Drawing", "draw_areas", "draw_lines", "draw_points", "join_drawings"]

_POINTS, _LINES, _AREAS = 1, 2, 3
_MOVE, _LINE, _CLOSE = 1, 2, 15  # ClosePath is always said once: 1 << 3 | 7
_LEAST_RING, _LEAST_LINE = 3, 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn of some rows.

    Attributes
    ----------
    rows
        The row of each feature, rising.
    kind
        Of each feature: 1 points, 2 lines, 3 areas.
    numbers
        Commands and their parameters of all features, one after the other.
    counts
        How many of them belong to each feature.
    """

    rows: NDArray[np.int64]
    kind: NDArray[np.int64]
    numbers: NDArray[np.uint64]
    counts: NDArray[np.int64]


def draw_points(xy: NDArray[np.int64], rows: NDArray[np.int64]) -> Drawing:
    """Points; those of one row are one feature.

    Parameters
    ----------
    xy
        Units of the tile.
    rows
        The row of each point, rising.
    """
    first = np.concatenate([[True], rows[1:] != rows[:-1]]) if len(rows) else np.empty(0, dtype=bool)
    starts = np.flatnonzero(first)
    sizes = np.diff(np.concatenate([starts, [len(rows)]]))
    counts = 1 + 2 * sizes
    numbers = np.empty(int(counts.sum()), dtype=np.uint64)
    heads = np.cumsum(counts) - counts
    numbers[heads] = (sizes << 3 | _MOVE).astype(np.uint64)
    places = np.repeat(heads, sizes) + 1 + 2 * within_runs(sizes)
    _put(numbers, places, xy, first)
    return Drawing(rows[starts], np.full(len(starts), _POINTS), numbers, counts)


def draw_lines(lines: NDArray[np.object_], rows: NDArray[np.int64]) -> Drawing:
    """Lines with whole coordinates; those of one row are one feature, those shorter than a unit are not drawn.

    Parameters
    ----------
    lines
        LineStrings in units of the tile.
    rows
        The row of each line, rising.
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    xy = xy.astype(np.int64)
    kept = _first_of_equals(xy, line)
    xy, line = xy[kept], line[kept]
    sizes = np.bincount(line, minlength=len(lines))
    good = sizes >= _LEAST_LINE
    return _runs(xy[good[line]], sizes[good], rows[good], _LINES)


def draw_areas(areas: NDArray[np.object_], rows: NDArray[np.int64]) -> Drawing:
    """Polygons with whole coordinates; those of one row are one feature. Rings without area are not drawn.

    Exterior rings go clockwise on the screen, holes the other way, as the specification wants them.

    Parameters
    ----------
    areas
        Polygons in units of the tile.
    rows
        The row of each polygon, rising.
    """
    if not len(areas):
        return _runs(np.empty((0, 2), dtype=np.int64), rows, rows, _AREAS)
    _, flat, (ring_ends, area_ends) = shapely.to_ragged_array(areas)
    points = np.diff(ring_ends)
    ring = np.repeat(np.arange(len(points)), points)
    xy = flat[:, :2].astype(np.int64)
    kept = _first_of_equals(xy, ring)
    # The last point of a ring is its first again: ClosePath says that.
    kept[ring_ends[1:][points > 0] - 1] = False
    xy, ring = xy[kept], ring[kept]
    sizes = np.bincount(ring, minlength=len(points))
    starts = np.cumsum(sizes) - sizes
    doubled = _doubled_areas(xy, sizes, starts)
    area_of_ring = np.repeat(np.arange(len(areas)), np.diff(area_ends))
    exterior = np.zeros(len(points), dtype=bool)
    exterior[area_ends[:-1]] = True
    good = (sizes >= _LEAST_RING) & (doubled != 0)
    good &= good[area_ends[:-1]][area_of_ring]  # a hole in nothing
    wrong = (doubled > 0) != exterior
    place = within_runs(sizes)
    order = np.repeat(starts, sizes) + np.where(wrong[ring], sizes[ring] - 1 - place, place)
    return _runs(xy[order[good[ring]]], sizes[good], rows[area_of_ring[good]], _AREAS)


def join_drawings(drawings: list[Drawing]) -> Drawing:
    """Drawings one after the other."""
    return Drawing(
        np.concatenate([drawing.rows for drawing in drawings]),
        np.concatenate([drawing.kind for drawing in drawings]),
        np.concatenate([drawing.numbers for drawing in drawings]),
        np.concatenate([drawing.counts for drawing in drawings]),
    )


def _first_of_equals(xy: NDArray[np.int64], run: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a point differs from the one before it in its run."""
    kept = np.ones(len(xy), dtype=bool)
    kept[1:] = (run[1:] != run[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    return kept


def _doubled_areas(
    xy: NDArray[np.int64], sizes: NDArray[np.int64], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Twice the signed area of each ring, above nought where it goes clockwise on the screen."""
    if not len(xy):
        return np.zeros(len(sizes), dtype=np.int64)
    following = np.arange(1, len(xy) + 1)
    there = sizes > 0
    following[(starts + sizes - 1)[there]] = starts[there]
    cross = xy[:, 0] * xy[following, 1] - xy[following, 0] * xy[:, 1]
    total = np.concatenate([[0], np.cumsum(cross)])
    return np.asarray(total[starts + sizes] - total[starts], dtype=np.int64)


def _runs(xy: NDArray[np.int64], sizes: NDArray[np.int64], rows: NDArray[np.int64], kind: int) -> Drawing:
    """Runs of points, each a MoveTo and a LineTo; a ring has a ClosePath too."""
    closed = int(kind == _AREAS)
    lengths = 2 * sizes + 2 + closed
    heads = np.cumsum(lengths) - lengths
    numbers = np.empty(int(lengths.sum()), dtype=np.uint64)
    numbers[heads] = 1 << 3 | _MOVE
    numbers[heads + 3] = ((sizes - 1) << 3 | _LINE).astype(np.uint64)
    if closed:
        numbers[heads + lengths - 1] = _CLOSE
    place = within_runs(sizes)
    new_feature = np.concatenate([[True], rows[1:] != rows[:-1]]) if len(rows) else np.empty(0, dtype=bool)
    first = np.repeat(new_feature, sizes) & (place == 0)
    _put(numbers, np.repeat(heads, sizes) + 1 + 2 * place + (place > 0), xy, first)
    starts = np.flatnonzero(new_feature)
    counts = np.add.reduceat(lengths, starts) if len(starts) else np.empty(0, dtype=np.int64)
    return Drawing(rows[starts], np.full(len(starts), kind), numbers, counts)


def _put(
    numbers: NDArray[np.uint64],
    places: NDArray[np.int64],
    xy: NDArray[np.int64],
    first: NDArray[np.bool_],
) -> None:
    """Write each point as its way from the one before it, the first of a feature as its way from the corner."""
    if not len(xy):
        return
    steps = xy.copy()
    steps[1:] -= np.where(first[1:, None], 0, xy[:-1])
    told = zigzag(steps)
    numbers[places], numbers[places + 1] = told[:, 0], told[:, 1]
