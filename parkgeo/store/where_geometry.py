"""Which geometries a geometry in degrees (CRS84) touches."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import numpy.typing as npt
    from pyproj import Transformer

__all__ = ["intersecting"]

_CRS84 = "OGC:CRS84"
_EAST, _NORTH = 180.0, 90.0
_MARGIN_DEGREES = 0.01
_PIECES = 200
"""A straight edge in degrees is a curve in metres: edges are cut into this many pieces across the table's extent."""


def intersecting(geometries: gpd.GeoSeries, literal: Any) -> npt.NDArray[np.bool_]:
    """Rows whose geometry has a point in common with a literal.

    Parameters
    ----------
    geometries
        With a coordinate system.
    literal
        GeoJSON geometry, or ``{"bbox": [west, south, east, north]}``; degrees, CRS84. A box whose west is greater than
        its east crosses the antimeridian.

    Returns
    -------
    numpy.ndarray of bool
        False where the geometry is missing or empty.

    Raises
    ------
    FilterError
        The literal is no geometry, is invalid, or lies outside the globe; or the table has no coordinate system.
    """
    import numpy as np
    import shapely
    from pyproj.enums import TransformDirection

    shape = _shape(literal)
    if geometries.crs is None:
        raise FilterError("this table's geometry has no coordinate system")
    bounds = geometries.total_bounds
    if not np.isfinite(bounds).all():
        return np.zeros(len(geometries), dtype=bool)
    transformer = _to_degrees(geometries.crs.to_wkt())
    west, south, east, north = transformer.transform_bounds(*bounds)
    # Only what lies near the table is brought into its system: far away, the projection has no values.
    near = shapely.box(
        west - _MARGIN_DEGREES, south - _MARGIN_DEGREES, east + _MARGIN_DEGREES, north + _MARGIN_DEGREES
    )
    clipped = shapely.intersection(shape, near)
    fine = shapely.segmentize(clipped, (max(east - west, north - south) + 2 * _MARGIN_DEGREES) / _PIECES)
    back = TransformDirection.INVERSE
    projected = shapely.transform(
        fine,
        lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1], direction=back)),
    )
    shapely.prepare(projected)
    found: npt.NDArray[np.bool_] = shapely.intersects(projected, geometries.to_numpy())
    return found


@lru_cache(maxsize=8)
def _to_degrees(crs: str) -> Transformer:
    """The way from a coordinate system to degrees; finding it takes half a second, so it is kept."""
    from pyproj import Transformer

    return Transformer.from_crs(crs, _CRS84, always_xy=True)


def _shape(literal: Any) -> Any:
    """The literal as a shapely geometry on the globe."""
    import json

    import shapely

    if isinstance(literal, dict) and "bbox" in literal:
        return _box(literal["bbox"])
    if not isinstance(literal, dict) or "type" not in literal:
        raise FilterError("this is no geometry", mend="write BBOX(…), POINT(…) or POLYGON((…)) in degrees")
    try:
        shape = shapely.from_geojson(json.dumps(literal, allow_nan=False))
    except (shapely.GEOSException, ValueError, TypeError) as error:
        raise FilterError(
            "the geometry cannot be read", mend="write BBOX(…), POINT(…) or POLYGON((…))"
        ) from error
    if not shapely.is_valid(shape):
        raise FilterError(
            f"the geometry is not valid ({shapely.is_valid_reason(shape)})", mend="mend its rings"
        )
    _on_globe(shapely.bounds(shape).tolist())
    return shape


def _box(corners: Any) -> Any:
    import shapely

    sides = 4
    if (
        not isinstance(corners, list)
        or len(corners) != sides
        or not all(isinstance(c, int | float) for c in corners)
    ):
        raise FilterError("a BBOX has four numbers", mend="BBOX(west, south, east, north) in degrees")
    west, south, east, north = corners
    _on_globe(corners)
    if south > north:
        raise FilterError("the BBOX's south is above its north", mend="BBOX(west, south, east, north)")
    if west > east:
        return shapely.union(shapely.box(west, south, _EAST, north), shapely.box(-_EAST, south, east, north))
    return shapely.box(west, south, east, north)


def _on_globe(bounds: list[float]) -> None:
    west, south, east, north = bounds
    # An empty geometry has no bounds (NaN) and touches nothing; comparisons with NaN are false.
    outside = any(abs(x) > _EAST for x in (west, east)) or any(abs(y) > _NORTH for y in (south, north))
    if outside:
        raise FilterError(
            "the geometry lies outside the globe",
            mend="write longitude, latitude in degrees, for example 121.5 29.8",
        )
