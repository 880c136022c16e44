"""Shapes as arrays: what a page draws, without an object for any of them.

Coordinates are whole numbers of the Web Mercator square, 2³² to a side (a centimetre at the equator), counted from an origin. Rings are
not closed: whoever draws closes them. Shells and holes turn opposite ways, so that a path of many shapes can be filled by the non-zero
rule: where two parcels overlap, the ground is filled and not left out.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["LINE", "POINT", "POLYGON", "WORLD", "degrees", "pack_shapes", "world_coordinates"]

WORLD = 2.0**32
"""Units to a side of the Web Mercator square."""

POINT, LINE, POLYGON = 0, 1, 2
_NOTHING = 3
_LARGEST_SINGLE = 3  # shapely's number of the polygon; above it are collections
_MERCATOR_HALF_M = np.pi * 6_378_137.0


def world_coordinates(
    frame: gpd.GeoDataFrame, crs: CRS, *, tolerance_m: float | None = None
) -> NDArray[np.object_]:
    """Geometry of a table in units of the Web Mercator square, x to the east, y to the south.

    Parameters
    ----------
    frame
        Any table with geometry in the working system.
    crs
        The snapshot's working system, projected, in metres.
    tolerance_m
        Simplify first, moving no outline by more than this many metres; None keeps every vertex.

    Notes
    -----
    CGCS2000 and WGS 84 differ by centimetres; for display one is taken for the other. Other datums are transformed.
    """
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    if tolerance_m is not None:
        shapes = shapely.simplify(shapes, tolerance_m, preserve_topology=True)
    to_mercator = _to_mercator(crs)

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = to_mercator.transform(points[:, 0], points[:, 1])
        return np.column_stack((x + _MERCATOR_HALF_M, _MERCATOR_HALF_M - y)) * (
            WORLD / (2 * _MERCATOR_HALF_M)
        )

    projected: NDArray[np.object_] = shapely.transform(shapes, project)
    return projected


@lru_cache(maxsize=8)
def _to_mercator(crs: CRS) -> Any:
    """The way to Web Mercator; to find it takes pyproj a tenth of a second, and a map has many layers."""
    from pyproj import Transformer

    return Transformer.from_crs(crs, "EPSG:3857", always_xy=True)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place in the square.

    Examples
    --------
    >>> degrees(WORLD / 2, WORLD / 2)
    (0.0, 0.0)
    """
    return x / WORLD * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / WORLD))))


def pack_shapes(shapes: NDArray[np.object_], origin: tuple[float, float]) -> dict[str, NDArray[Any]]:
    """Shapes as arrays.

    Parameters
    ----------
    shapes
        Geometries in units of the square; missing and empty ones stay in the count and have no vertex.
    origin
        x and y that are taken off, whole numbers.

    Returns
    -------
    dict
        ``kinds``, one a shape: 0 points, 1 lines, 2 polygons, 3 nothing; ``rings``, one a shape: how many rings, lines or points it has;
        ``counts``, one a ring: its vertices; ``steps``: x and y of each vertex as the step from the vertex before it.

    Examples
    --------
    >>> packed = pack_shapes(np.array([shapely.box(3, 4, 5, 6), None], dtype=object), (0.0, 0.0))
    >>> {name: array.tolist() for name, array in packed.items()}
    {'kinds': [2, 3], 'rings': [1, 0], 'counts': [4], 'steps': [5, 4, 0, 2, -2, 0, 0, -2]}
    """
    parts, shape_of = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > _LARGEST_SINGLE).any():
        inner, place = shapely.get_parts(parts, return_index=True)
        parts, shape_of = inner, shape_of[place]
    there = ~shapely.is_empty(parts)
    parts, shape_of = parts[there], shape_of[there]
    sizes = shapely.get_dimensions(parts)
    kinds = np.full(len(shapes), -1, dtype=np.int64)
    np.maximum.at(kinds, shape_of, sizes)
    # One shape has one kind; in a collection the largest dimension is what there is to see.
    keep = sizes == kinds[shape_of]
    parts, shape_of = shapely.orient_polygons(parts[keep]), shape_of[keep]
    rings, ring_shape = _rings(parts, shape_of)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    whole = np.rint(points - np.asarray(origin)).astype(np.int64)
    closing = np.zeros(len(whole), dtype=bool)
    if len(whole):
        last = np.append(ring_of[1:] != ring_of[:-1], True)
        closing = last & (kinds[ring_shape[ring_of]] == POLYGON)
    whole, ring_of = whole[~closing], ring_of[~closing]
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {
        "kinds": np.where(kinds < 0, _NOTHING, kinds).astype(np.uint8),
        "rings": np.bincount(ring_shape, minlength=len(shapes)).astype(np.uint32),
        "counts": np.bincount(ring_of, minlength=len(rings)).astype(np.uint32),
        "steps": steps.astype(np.int32).ravel(),
    }


def _rings(
    parts: NDArray[np.object_], shape_of: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Rings of polygons, and lines and points as they are, in the order of their shapes."""
    areas = shapely.get_dimensions(parts) == POLYGON
    rings, place = shapely.get_rings(parts[areas], return_index=True)
    every = np.concatenate([rings, parts[~areas]])
    of = np.concatenate([shape_of[areas][place], shape_of[~areas]])
    order = np.argsort(of, kind="stable")
    return every[order], of[order]
