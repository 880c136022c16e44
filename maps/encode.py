"""Geometry as compact JSON: whole numbers of 1e-7 degree (about 1 cm), each vertex as the step from the one before.

One shape is ``[kind, part, …]``. Kind 0 is points, one part ``[x, y]`` each; kind 1 lines, one part ``[x, y, dx, dy, …]`` each; kind 2
polygons, one part a polygon, which is a list of rings like lines, the first the shell. An empty or missing geometry is null.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

__all__ = ["UNITS_PER_DEGREE", "display_shapes", "encode_shapes"]

UNITS_PER_DEGREE = 10_000_000

_POINT, _LINE, _POLYGON = 0, 1, 2
_POINT_TYPE, _LINE_TYPES, _POLYGON_TYPE = 0, (1, 2), 3  # shapely.get_type_id of single-part geometries


def display_shapes(frame: gpd.GeoDataFrame, crs: CRS, *, tolerance_m: float | None = None) -> Any:
    """Geometry of a table as a map draws it: longitude and latitude.

    Parameters
    ----------
    frame
        Any table with geometry in the working system.
    crs
        The snapshot's working system, projected, in metres.
    tolerance_m
        Simplify first, moving no outline by more than this many metres; None keeps every vertex.

    Returns
    -------
    numpy.ndarray of shapely geometries
        Two-dimensional, degrees, longitude first.

    Notes
    -----
    CGCS2000 and WGS 84 differ by centimetres; for display one is taken for the other. Other datums are transformed.
    """
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    if tolerance_m is not None:
        shapes = shapely.simplify(shapes, tolerance_m, preserve_topology=True)
    return shapely.transform(shapes, _to_degrees(crs).transform, interleaved=False)


@lru_cache(maxsize=8)
def _to_degrees(crs: CRS) -> Any:
    """The way to longitude and latitude; to find it takes pyproj a tenth of a second, and a map has many layers."""
    from pyproj import Transformer

    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def encode_shapes(shapes: Any, origin: tuple[float, float]) -> list[list[Any] | None]:
    """Shapes as lists of whole numbers.

    Parameters
    ----------
    shapes
        Geometries in degrees, longitude first.
    origin
        Longitude and latitude that are taken off, in degrees.

    Returns
    -------
    list
        One entry a shape, as the module describes; None where the geometry is missing or empty.

    Examples
    --------
    >>> encode_shapes([shapely.box(120, 30, 120.001, 30.001)], (120.0, 30.0))
    [[2, [[10000, 0, 0, 10000, -10000, 0, 0, -10000, 10000, 0]]]]
    """
    return [_encode(shape, origin) for shape in shapes]


def _encode(shape: Any, origin: tuple[float, float]) -> list[Any] | None:
    if shape is None or shape.is_empty:
        return None
    parts = [part for part in _single_parts(shape) if not part.is_empty]
    # One shape has one kind; in a collection the largest dimension is what there is to see.
    widest = max(int(dimension) for dimension in shapely.get_dimensions(parts))
    parts = [part for part in parts if shapely.get_dimensions(part) == widest]
    return [widest, *(_encode_part(part, origin) for part in parts)]


def _single_parts(shape: Any) -> list[Any]:
    parts = list(shapely.get_parts(shape))
    if all(shapely.get_type_id(part) in (_POINT_TYPE, *_LINE_TYPES, _POLYGON_TYPE) for part in parts):
        return parts
    return [single for part in parts for single in _single_parts(part)]


def _encode_part(part: Any, origin: tuple[float, float]) -> list[Any]:
    if shapely.get_dimensions(part) == _POLYGON:
        return [_steps(ring, origin) for ring in shapely.get_rings(part)]
    return _steps(part, origin)


def _steps(line: Any, origin: tuple[float, float]) -> list[int]:
    whole = np.rint((shapely.get_coordinates(line) - origin) * UNITS_PER_DEGREE).astype(np.int64)
    whole[1:] -= whole[:-1].copy()
    steps: list[int] = whole.ravel().tolist()
    return steps
