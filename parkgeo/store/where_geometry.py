"""Relations of geometries: which rows lie so and so to a place, and within how many metres of it.

A literal's coordinates are degrees (CRS84), and so its straight edges are straight in degrees; rows are compared as they
are in degrees, the way the API shows them. Distances are measured where parkgeo measures all of them: in the table's own
plane, if its unit is the metre; else in a plane that touches the globe at the literal.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.store.cql2_words import SPATIAL
from parkgeo.store.where_values import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS, Transformer

    from parkgeo.store.where_columns import Columns

__all__ = ["placed", "shape_of"]

_CRS84 = "OGC:CRS84"
_EAST, _NORTH = 180.0, 90.0
_DEGREE_M = 110_000.0
"""No degree of latitude is shorter, in metres."""

_OF_ITSELF = frozenset({"s_intersects", "s_equals", "s_within", "s_contains", "s_dwithin"})
"""Relations in which every geometry is to itself."""

_PIECES = 200
"""A straight edge in degrees is a curve in metres: edges are cut into this many pieces across where they are looked at."""


def placed(columns: Columns, op: str, args: list[Any]) -> Truth:
    """Where a relation of two geometries holds.

    Parameters
    ----------
    columns
        Of the table.
    op
        One of `parkgeo.store.cql2_words.SPATIAL`.
    args
        Two nodes, the geometry column or a literal; for ``s_dwithin`` and metres.

    Returns
    -------
    Truth
        A row whose geometry is missing or empty is unknown.

    Raises
    ------
    FilterError
        A column is no geometry; a literal is not valid or lies outside the globe; the table has no coordinate system.
    """
    import numpy as np
    import shapely

    left, right = (_side(columns, arg) for arg in args[:2])
    if left is not None and right is None:
        left, right, op = right, left, SPATIAL[op]
    try:
        if left is not None:
            return Truth.of(_between(op, left, right, args), np.True_)
        known = ~shapely.is_missing(columns.degrees)
        if right is None:
            return Truth.of(op in _OF_ITSELF, known)
        return Truth.of(_find(columns, op, right, args), known)
    except shapely.GEOSException as error:
        raise FilterError(
            f"{op.upper()} does not take a collection of different geometries", mend="use S_INTERSECTS"
        ) from error


def _side(columns: Columns, node: Any) -> Any:
    """A literal's shape; None for the table's own geometry."""
    if "property" in node:
        columns.demand_geometry(node["property"])
        return None
    return shape_of(node)


def _find(columns: Columns, op: str, shape: Any, args: list[Any]) -> NDArray[Any]:
    import numpy as np
    import shapely

    found = np.zeros(len(columns), dtype=bool)
    if op == "s_dwithin":
        rows = _near(columns, shape, float(args[2]))
    elif op == "s_equals":
        rows = columns.tree.query(shape)
        rows = rows[shapely.equals(columns.degrees[rows], shape)]
    else:
        # The tree asks how the literal lies to the rows, a filter how the rows lie to the literal.
        asked = "intersects" if op == "s_disjoint" else SPATIAL[op].removeprefix("s_")
        rows = columns.tree.query(shape, predicate=asked)
    found[rows] = True
    return ~found if op == "s_disjoint" else found


def _between(op: str, left: Any, right: Any, args: list[Any]) -> Any:
    """The relation of two literals."""
    import shapely

    if op != "s_dwithin":
        return getattr(shapely, op.removeprefix("s_"))(left, right)
    way = _touching(left)
    return shapely.dwithin(*(_moved(side, way, 1.0) for side in (left, right)), float(args[2]))


def _near(columns: Columns, shape: Any, metres: float) -> NDArray[Any]:
    """Rows within a distance of a shape."""
    import numpy as np
    import shapely

    west, south, east, north = _widened(shape, metres)
    rows: NDArray[Any] = np.sort(columns.tree.query(shapely.box(west, south, east, north)))
    if not len(rows):
        return rows
    own = columns.frame[columns.geometry]
    if own.crs is not None and _is_metric(own.crs):
        geometry = own.array[rows].to_numpy()
        bounds = shapely.total_bounds(columns.degrees[rows])
        # Only what lies near the rows is brought into their plane: far away, it has no values.
        literal = shapely.intersection(shape, shapely.box(*_widened(shapely.box(*bounds), metres)))
        way = _to_plane(own.crs.to_wkt())
        step = (max(bounds[2] - bounds[0], bounds[3] - bounds[1]) + 2 * metres / _DEGREE_M) / _PIECES
    else:
        way = _touching(shape)
        geometry = _moved(columns.degrees[rows], way, 0.0)
        literal, step = shape, (max(east - west, north - south)) / _PIECES
    within: NDArray[Any] = rows[shapely.dwithin(geometry, _moved(literal, way, step), metres)]
    return within


def _moved(shape: Any, way: Transformer, step: float) -> Any:
    import numpy as np
    import shapely

    fine = shapely.segmentize(shape, step) if step else shape
    return shapely.transform(fine, lambda points: np.column_stack(way.transform(points[:, 0], points[:, 1])))


def _widened(shape: Any, metres: float) -> tuple[float, float, float, float]:
    """Bounds in degrees that hold whatever lies within a distance; the whole globe where they would go around it."""
    import shapely

    west, south, east, north = shapely.bounds(shape).tolist()
    up = 1.01 * metres / _DEGREE_M
    south, north = south - up, north + up
    if max(-south, north) >= _NORTH - 1:
        return -_EAST, max(south, -_NORTH), _EAST, min(north, _NORTH)
    aside = up / math.cos(math.radians(max(-south, north)))
    if west - aside < -_EAST or east + aside > _EAST:
        return -_EAST, south, _EAST, north
    return west - aside, south, east + aside, north


def _is_metric(crs: CRS) -> bool:
    """Whether a length in a system's plane is one on the ground, nearly; in Web Mercator it is not."""
    operation = crs.coordinate_operation
    units = {axis.unit_conversion_factor for axis in crs.axis_info}
    return bool(crs.is_projected and units == {1.0} and operation and "Pseudo" not in operation.method_name)


@lru_cache(maxsize=8)
def _to_plane(crs: str) -> Transformer:
    """The way from degrees to a coordinate system; finding it takes half a second, so it is kept."""
    from pyproj import Transformer

    return Transformer.from_crs(_CRS84, crs, always_xy=True)


def _touching(shape: Any) -> Transformer:
    """The way to a plane in which distances from the middle of a shape are true."""
    import shapely
    from pyproj import Transformer

    west, south, east, north = shapely.bounds(shape).tolist()
    plane = f"+proj=aeqd +lat_0={(south + north) / 2!r} +lon_0={(west + east) / 2!r} +datum=WGS84 +units=m"
    return Transformer.from_crs(_CRS84, plane, always_xy=True)


def shape_of(node: dict[str, Any]) -> Any:
    """A literal as a shapely geometry on the globe.

    Parameters
    ----------
    node
        GeoJSON geometry, or ``{"bbox": [west, south, east, north]}``; degrees, CRS84. A box whose west is greater than
        its east crosses the antimeridian.

    Raises
    ------
    FilterError
        It is not valid, or lies outside the globe.
    """
    import shapely

    if "bbox" in node:
        return _box(*node["bbox"])
    shape = shapely.from_geojson(json.dumps(node, allow_nan=False))
    if not shapely.is_valid(shape):
        raise FilterError(
            f"the geometry is not valid ({shapely.is_valid_reason(shape)})", mend="mend its rings"
        )
    _demand_on_globe(*shapely.bounds(shape).tolist())
    return shape


def _box(west: float, south: float, east: float, north: float) -> Any:
    import shapely

    _demand_on_globe(west, south, east, north)
    if south > north:
        raise FilterError("the BBOX's south is above its north", mend="BBOX(west, south, east, north)")
    if west > east:
        return shapely.union(shapely.box(west, south, _EAST, north), shapely.box(-_EAST, south, east, north))
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)]).envelope
    return shapely.box(west, south, east, north)


def _demand_on_globe(west: float, south: float, east: float, north: float) -> None:
    outside = any(abs(x) > _EAST for x in (west, east)) or any(abs(y) > _NORTH for y in (south, north))
    if outside:
        raise FilterError(
            "the geometry lies outside the globe",
            mend="write longitude, latitude in degrees, for example 121.5 29.8",
        )
