"""Outlines of parcels as arrays of edges about the origin, and the angles at which a rectangle may lie in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.rectangle_search import Edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "EVEN_ANGLES", "QUARTER", "about_origin", "angles_to_try", "edges_of", "middles", "parts_with_area", "turned_back",
]  # fmt: skip

QUARTER = np.pi / 2
_EDGE_ANGLES = 7
EVEN_ANGLES = 10
_TOLD_APART = np.radians(0.5)
_LEAST_M2 = 1e-6


def parts_with_area(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Polygons with an area, and the shape each is of."""
    parts, owner = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    good = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > _LEAST_M2)
    return parts[good], owner[good]


def middles(parts: NDArray[np.object_]) -> NDArray[np.float64]:
    """Middle of each part's extent: (parts, 2), metres."""
    extent = shapely.bounds(parts)
    return np.asarray((extent[:, :2] + extent[:, 2:]) / 2, dtype=np.float64)


def about_origin(parts: NDArray[np.object_], middle: NDArray[np.float64]) -> NDArray[np.object_]:
    """Parts about the origin, so that no digit is lost to large eastings."""
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    moved: NDArray[np.object_] = shapely.set_coordinates(parts.copy(), xy - middle[owner])
    return moved


def edges_of(parts: NDArray[np.object_]) -> Edges:
    """Edges of all rings of each part, filled up to the same number."""
    rings, owner = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    of = owner[ring[1:][same]]
    counts = np.bincount(of, minlength=len(parts))
    begins = np.cumsum(counts) - counts
    at = begins[:, None] + np.minimum(np.arange(counts.max()), counts[:, None] - 1)
    tail, head = xy[:-1][same][at], xy[1:][same][at]
    spare = np.arange(counts.max()) >= counts[:, None]
    tail[spare] = head[spare]
    return Edges(tail[..., 0], tail[..., 1], head[..., 0], head[..., 1])


def turned_back(edges: Edges, angle: NDArray[np.float64]) -> Edges:
    """Edges of rows turned back by an angle each."""
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return Edges(
        edges.x0 * cos + edges.y0 * sin, edges.y0 * cos - edges.x0 * sin,
        edges.x1 * cos + edges.y1 * sin, edges.y1 * cos - edges.x1 * sin,
    )  # fmt: skip


def angles_to_try(edges: Edges, parts: NDArray[np.object_]) -> NDArray[np.float64]:
    """Angles to look at, within a quarter turn: (parts, angles)."""
    length = np.hypot(edges.x1 - edges.x0, edges.y1 - edges.y0)
    angle = np.arctan2(edges.y1 - edges.y0, edges.x1 - edges.x0) % QUARTER
    chosen = []
    left = length.copy()
    every = np.arange(len(parts))
    for _ in range(_EDGE_ANGLES):
        longest = left.argmax(axis=1)
        own = np.where(left[every, longest] > 0, angle[every, longest], 0.0)
        chosen.append(own)
        apart = np.abs(angle - own[:, None])
        left[np.minimum(apart, QUARTER - apart) < _TOLD_APART] = 0.0
    around = shapely.get_coordinates(shapely.get_exterior_ring(shapely.minimum_rotated_rectangle(parts)))
    side = around.reshape(len(parts), 5, 2)
    chosen.append(np.arctan2(side[:, 1, 1] - side[:, 0, 1], side[:, 1, 0] - side[:, 0, 0]) % QUARTER)
    even = np.arange(EVEN_ANGLES) * QUARTER / EVEN_ANGLES
    return np.concatenate([np.stack(chosen, axis=1), np.tile(even, (len(parts), 1))], axis=1)
