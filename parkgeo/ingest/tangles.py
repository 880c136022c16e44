"""How tangled an outline is, before anything is asked of it that takes the square of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["crossings", "tangled"]

_POLYGONS = (3, 6)
# So many corners no two of whose edges lie apart take a quarter of a second; fewer need not be looked at.
_FEW_CORNERS = 2_000
# Pairs of edges whose boxes meet: of real outlines a few for each edge. A million takes about half a second.
_MOST_PAIRS, _MOST_PAIRS_AN_EDGE = 2_000_000, 20
_AT_ONCE = 1_000_000


def tangled(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether so many edges of a polygon lie side by side that even asking whether it is valid may take minutes.

    Parameters
    ----------
    shapes
        Finite shapes or None; only polygons can be tangled.

    Returns
    -------
    numpy.ndarray of bool

    Notes
    -----
    GEOS compares edges whose boxes meet. Their pairs are counted along each axis alone first, which is quick and never
    too few, and in the plane only where that is too many.
    """
    found = np.zeros(len(shapes), dtype=bool)
    large = np.isin(shapely.get_type_id(shapes), _POLYGONS) & (
        shapely.get_num_coordinates(shapes) > _FEW_CORNERS
    )
    for row in np.flatnonzero(large):
        ends = _edges(shapes[row])
        most = _MOST_PAIRS + _MOST_PAIRS_AN_EDGE * len(ends)
        if min(_meeting_along(ends[:, :, axis]) for axis in (0, 1)) > most:
            found[row] = _meeting(ends, "", most) > most
    return found


def crossings(shape: shapely.Geometry, most: int) -> int:
    """Pairs of a polygon's edges that meet elsewhere than at their common corner, counted until they are too many.

    Parameters
    ----------
    shape
        A polygon, of one part or several, that is not `tangled`.
    most
        The count stops soon after it.

    Examples
    --------
    >>> crossings(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), 10)
    1
    """
    ends = _edges(shape)
    # Each edge meets itself and shares a corner with the one before and the one behind.
    return max((_meeting(ends, "intersects", 2 * most + 3 * len(ends)) - 3 * len(ends)) // 2, 0)


def _edges(shape: shapely.Geometry) -> NDArray[np.float64]:
    """The edges of a polygon's rings, (n, 2 ends, x and y)."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.stack([points[:-1], points[1:]], axis=1)[ring[:-1] == ring[1:]]
    real: NDArray[np.float64] = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    return real


def _meeting_along(ends: NDArray[np.float64]) -> int:
    """Pairs of edges whose extents along one axis meet."""
    first, last = np.sort(ends.min(axis=1)), ends.max(axis=1)
    begun = np.searchsorted(first, last, side="right")
    count = len(ends)
    # Of all pairs, in which the later edge begins before the earlier one ends.
    return int(begun.sum()) - count * (count + 1) // 2


def _meeting(ends: NDArray[np.float64], predicate: str, most: int) -> int:
    """Ordered pairs of edges, each with itself among them, whose boxes meet, or that themselves do; until they are too many."""
    edges = shapely.linestrings(ends)
    tree = shapely.STRtree(edges)
    step = max(_AT_ONCE // max(len(edges), 1), 1)
    found = 0
    for start in range(0, len(edges), step):
        found += tree.query(edges[start : start + step], predicate=predicate or None).shape[1]
        if found > most:
            break
    return found
