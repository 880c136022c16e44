"""Geometry in a filter: WKT, GeoJSON and boxes as one kind of node."""

from __future__ import annotations

import math
from typing import Any

from parkgeo.errors import FilterError

__all__ = ["box_node", "geojson_node", "wkt_node"]

_LEVELS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""Type → how many lists lie around a position."""

_FLAT, _SOLID = 4, 6
_BOX = "BBOX(west, south, east, north) in degrees"
_SHAPE = "write BBOX(…), POINT(121.5 29.8) or POLYGON((…))"


def box_node(corners: Any) -> dict[str, Any]:
    """A box as a node: ``{"bbox": [low, low, high, high]}``. Heights, the third and sixth of six numbers, do not choose.

    Examples
    --------
    >>> box_node([1, 2, -5, 3, 4, 5])
    {'bbox': [1, 2, 3, 4]}
    """
    if not isinstance(corners, list) or not all(_is_number(corner) for corner in corners):
        raise FilterError("a BBOX has four numbers", mend=_BOX)
    if len(corners) == _SOLID:
        corners = [*corners[:2], *corners[3:5]]
    if len(corners) != _FLAT:
        raise FilterError("a BBOX has four numbers", mend=_BOX)
    return {"bbox": corners}


def wkt_node(text: str) -> dict[str, Any]:
    """A geometry in WKT as a node of GeoJSON: its type and flat coordinates.

    Raises
    ------
    FilterError
        It is none.
    """
    import numpy as np
    import shapely

    try:
        with np.errstate(all="ignore"):
            shape = shapely.from_wkt(text)
    except shapely.GEOSException as error:
        raise FilterError(
            "the geometry cannot be read", mend="write it as WKT, for example POINT(121.5 29.8)"
        ) from error
    return _node(shape)


def geojson_node(value: dict[str, Any]) -> dict[str, Any]:
    """A geometry in GeoJSON as a node: its type and flat coordinates, nothing else.

    Raises
    ------
    FilterError
        It is none.
    """
    import json

    import shapely

    try:
        shape = shapely.from_geojson(json.dumps(_bare(value), allow_nan=False))
    except (shapely.GEOSException, ValueError) as error:
        if isinstance(error, FilterError):
            raise
        raise FilterError("the geometry cannot be read", mend=_SHAPE) from error
    return _node(shape)


def _bare(value: Any) -> dict[str, Any]:
    """Only what a geometry has, each list as deep as its type demands."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise FilterError("this is no geometry", mend=_SHAPE)
    kind = value["type"]
    if "crs" in value:
        raise FilterError("a geometry's own crs is not followed", mend="leave it out; the API has filter-crs")
    if kind == "GeometryCollection":
        parts = value.get("geometries")
        if not isinstance(parts, list):
            raise FilterError("the collection has no geometries", mend=_SHAPE)
        return {"type": kind, "geometries": [_bare(part) for part in parts]}
    if kind not in _LEVELS:
        raise FilterError(f"{kind[:30]!r} is no type of geometry", mend=_SHAPE)
    _demand_positions(value.get("coordinates"), _LEVELS[kind])
    return {"type": kind, "coordinates": value["coordinates"]}


def _demand_positions(value: Any, level: int) -> None:
    if not isinstance(value, list) or not value:
        raise FilterError(
            "a geometry's coordinates are missing or nested otherwise than its type", mend=_SHAPE
        )
    if level:
        for part in value:
            _demand_positions(part, level - 1)
    elif len(value) not in (2, 3) or not all(_is_number(number) for number in value):
        raise FilterError("a position has two numbers", mend=_SHAPE)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _node(shape: Any) -> dict[str, Any]:
    import numpy as np
    import shapely

    flat = shapely.force_2d(shape)
    if shapely.is_empty(flat) or any(shapely.is_empty(part) for part in shapely.get_parts(flat)):
        raise FilterError("the geometry is empty", mend=_SHAPE)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise FilterError("the geometry has a coordinate that is no number", mend=_SHAPE)
    node: dict[str, Any] = _listed(shapely.geometry.mapping(flat))
    return node


def _listed(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
