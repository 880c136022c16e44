"""Lines of a drawing → the outlines they close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["closed", "join_lines", "near_closed"]

_LINE, _MULTILINE, _COLLECTION = 1, 5, 7
_MIN_CLOSED = 4
# Corners that meet in a drawing differ in the digits beyond a tenth of a millimetre.
_GRID_M = 1e-4


def closed(shape: shapely.Geometry) -> shapely.Geometry:
    """A closed line as the polygon it bounds; of several parts each, where all of them are closed.

    Examples
    --------
    >>> closed(shapely.LineString([(0, 0), (1, 0), (1, 1), (0, 0)])).area
    0.5
    >>> closed(shapely.LineString([(0, 0), (1, 0)])).geom_type
    'LineString'
    """
    kind = shapely.get_type_id(shape)
    if kind == _LINE:
        ring = shapely.get_num_coordinates(shape) >= _MIN_CLOSED and shapely.is_closed(shape)
        return shapely.Polygon(shape.coords) if ring else shape
    if kind in (_MULTILINE, _COLLECTION):
        parts = [closed(part) for part in shapely.get_parts(shape)]
        if parts and all(shapely.get_dimensions(part) == 2 for part in parts):  # noqa: PLR2004 - areas
            return shapely.union_all(parts)
    return shape


def near_closed(shape: shapely.Geometry, gap: float) -> bool:
    """Whether a line's ends are apart by no more than a gap (in its units), and it is longer than four of them."""
    if shapely.get_type_id(shape) != _LINE or shapely.get_num_coordinates(shape) < _MIN_CLOSED:
        return False
    first, last = shapely.get_point(shape, 0), shapely.get_point(shape, -1)
    return bool(0 < shapely.distance(first, last) <= gap < shapely.length(shape) / 4)


def join_lines(lines: Sequence[shapely.Geometry]) -> tuple[list[tuple[shapely.Polygon, int]], set[int]]:
    """The outlines that open lines close together.

    Parameters
    ----------
    lines
        Line strings, in metres.

    Returns
    -------
    tuple
        Each outline with the position of the first line on it; and the positions of all lines that lie on outlines.

    Examples
    --------
    >>> corners = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]
    >>> sides = [shapely.LineString(pair) for pair in zip(corners, corners[1:])]
    >>> ((square, first),), used = join_lines([*sides, shapely.LineString([(5, 5), (6, 6)])])
    >>> square.area, first, sorted(used)
    (4.0, 0, [0, 1, 2, 3])
    """
    if not lines:
        return [], set()
    rounded = shapely.set_precision(np.array(lines, dtype=object), _GRID_M, mode="pointwise")
    usable = np.flatnonzero(~shapely.is_empty(rounded) & (shapely.length(rounded) > 0))
    if not len(usable):
        return [], set()
    noded = shapely.node(shapely.multilinestrings(list(rounded[usable])))
    faces = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    if not faces:
        return [], set()
    tree = shapely.STRtree(rounded[usable])
    found, used = [], set()
    for face in faces:
        rim = shapely.buffer(shapely.boundary(face), 2 * _GRID_M)
        near = tree.query(rim, predicate="intersects")
        middles = shapely.line_interpolate_point(rounded[usable][near], 0.5, normalized=True)
        on = sorted(int(usable[at]) for at in near[shapely.intersects(rim, middles)])
        if on:
            found.append((face, on[0]))
            used.update(on)
    return found, used
