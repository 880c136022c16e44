"""Shared area of many pairs of polygons at once, where one of each pair is convex.

Most buildings are rectangles. A rectangle cuts another outline by four straight lines, which numpy does for all pairs
together; GEOS, asked pair by pair, spends most of its time on the general case. Pairs that are not simple enough are left
to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["shared_area"]

_MOST_CONVEX = 8
_MOST_VERTICES = 64
# A corner that turns back by less than this cross product (m²) is straight: what it adds is far below a square millimetre.
_STRAIGHT_M2 = 1e-9
_SINGLE_POLYGON = 3


def shared_area(left: NDArray[np.object_], right: NDArray[np.object_]) -> NDArray[np.float64]:
    """Area of the intersection of each pair.

    Parameters
    ----------
    left, right
        Valid polygons or multipolygons in metres, of equal length.

    Returns
    -------
    numpy.ndarray
        m², float64. Equal to ``shapely.area(shapely.intersection(left, right))`` to the rounding of the coordinates (1e-6 m² in a
        Gauss-Krüger zone).

    Notes
    -----
    The other outline is cut by the convex one's edges in turn (Sutherland and Hodgman), in coordinates relative to the
    pair so that no digit is lost to large eastings. A concave outline cut this way may keep edges that run back on
    themselves; they enclose nothing, so the area is right.

    References
    ----------
    Sutherland, I. E. and Hodgman, G. W. (1974). Reentrant polygon clipping. Communications of the ACM 17(1), 32-42.

    Examples
    --------
    >>> shared_area(np.array([shapely.box(0, 0, 4, 4)]), np.array([shapely.box(3, 1, 9, 3)])).tolist()
    [2.0]
    """
    area = np.full(len(left), np.nan)
    a, b = _Outlines(left), _Outlines(right)
    for cutter, other in ((b, a), (a, b)):
        rows = np.flatnonzero(np.isnan(area) & cutter.convex & (other.size <= _MOST_VERTICES))
        for row in _by_size(rows, cutter.size, other.size):
            area[row] = _cut_area(other.rings(row), cutter.rings(row))
    rest = np.flatnonzero(np.isnan(area))
    area[rest] = shapely.area(shapely.intersection(left[rest], right[rest]))
    return area


class _Outlines:
    """Vertices of polygons with one ring, counter-clockwise; others have a size beyond every limit."""

    def __init__(self, shapes: NDArray[np.object_]) -> None:
        plain = shapely.get_num_interior_rings(shapes) == 0
        multiple = np.flatnonzero(shapely.get_type_id(shapes) != _SINGLE_POLYGON)
        # A multipolygon of one part is that part.
        part: NDArray[np.object_] = shapely.get_geometry(shapes[multiple], 0)
        part[shapely.get_num_geometries(shapes[multiple]) != 1] = None
        plain[multiple] = (shapely.get_type_id(part) == _SINGLE_POLYGON) & (
            shapely.get_num_interior_rings(part) == 0
        )
        drawn = shapes.copy()
        drawn[~plain] = None
        self._points: NDArray[np.float64]
        self._points, owner = shapely.get_coordinates(drawn, return_index=True)
        counts = np.bincount(owner, minlength=len(shapes))
        self._start = np.concatenate(([0], np.cumsum(counts)))[:-1]
        # The last point repeats the first.
        self.size = np.where(plain & (counts > 0), counts - 1, np.iinfo(np.int64).max)
        self.convex = self._are_convex()

    def _are_convex(self) -> NDArray[np.bool_]:
        convex = self.size <= _MOST_CONVEX
        for rows in _by_size(np.flatnonzero(convex), self.size):
            edges = np.diff(self.rings(rows), axis=1, append=self.rings(rows)[:, :1])
            turn = _cross(edges, np.roll(edges, -1, axis=1))
            convex[rows] = (turn >= -_STRAIGHT_M2).all(axis=1)
        return convex

    def rings(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Points of outlines of one size: (rows, points, 2), counter-clockwise."""
        size = int(self.size[rows[0]])
        points = self._points[self._start[rows][:, None] + np.arange(size)]
        clockwise = _twice_area(points - points[:, :1]) < 0
        points[clockwise] = points[clockwise, ::-1]
        return points


def _by_size(rows: NDArray[np.intp], *sizes: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Rows in groups of equal sizes, none above the most vertices."""
    if not len(rows):
        return []
    key = np.zeros(len(rows), dtype=np.int64)
    for size in sizes:
        key = key * (_MOST_VERTICES + 1) + size[rows]
    order = np.argsort(key, kind="stable")
    cuts = np.flatnonzero(np.diff(key[order])) + 1
    return np.split(rows[order], cuts)


def _cut_area(subject: NDArray[np.float64], cutter: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area of each subject inside its convex cutter."""
    origin = cutter[:, :1]
    subject, cutter = subject - origin, cutter - origin
    for at in range(cutter.shape[1]):
        corner = cutter[:, at, None]
        edge = cutter[:, (at + 1) % cutter.shape[1], None] - corner
        subject = _cut(subject, _cross(edge, subject - corner))
        if not subject.shape[1]:
            return np.zeros(len(subject))
    return np.maximum(_twice_area(subject) / 2, 0.0)


def _cut(points: NDArray[np.float64], side: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of each ring on the left of a line, given each point's signed distance to it.

    Rings that become shorter than the longest are filled up with their last point, which encloses nothing.
    """
    after, side_after = np.roll(points, -1, axis=1), np.roll(side, -1, axis=1)
    inside = side >= 0
    crosses = inside != (side_after >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(crosses, side / (side - side_after), 0.0)
    crossing = points + share[..., None] * (after - points)
    found = np.stack([points, crossing], axis=2).reshape(len(points), -1, 2)
    keep = np.stack([inside, crosses], axis=2).reshape(len(points), -1)
    place = np.cumsum(keep, axis=1) - 1
    kept = place[:, -1] + 1
    row, column = np.nonzero(keep)
    moved = place[row, column]
    # A ring wholly outside keeps nothing; its one point, the origin, encloses nothing either.
    result = np.zeros((len(points), int(kept.max(initial=0)), 2))
    result[row, moved] = found[row, column]
    for at in range(int(kept.min(initial=0)), result.shape[1]):
        short = (kept <= at) & (kept > 0)
        result[short, at] = result[short, at - 1]
    return result


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product


def _twice_area(points: NDArray[np.float64]) -> NDArray[np.float64]:
    twice: NDArray[np.float64] = _cross(points, np.roll(points, -1, axis=1)).sum(axis=1)
    return twice
