"""Relations of geometries as SQL: in degrees, as `parkgeo.store.where_geometry` has them, and distances in the plane."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, LiteralString

import numpy as np
import shapely
from psycopg import sql

from api.postgis.expression import Expression
from parkgeo.errors import FilterError
from parkgeo.store.where_columns import Columns
from parkgeo.store.where_geometry import placed, shape_of

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

    from api.postgis.layout import CollectionLayout

__all__ = ["DEGREES", "relate_places"]

DEGREES = 4326
"""Number of degrees, longitude first, in PostGIS."""

_RELATIONS: dict[str, LiteralString] = {
    "s_intersects": "ST_Intersects({}, {})", "s_disjoint": "ST_Disjoint({}, {})", "s_equals": "ST_Equals({}, {})",
    "s_touches": "ST_Touches({}, {})", "s_crosses": "ST_Crosses({}, {})", "s_overlaps": "ST_Overlaps({}, {})",
    "s_within": "ST_Within({}, {})", "s_contains": "ST_Contains({}, {})",
}  # fmt: skip
_TAKE_COLLECTIONS = frozenset({"s_intersects", "s_disjoint", "s_dwithin"})
_DEGREE_M = 110_000.0
_PIECES = 200
"""A straight edge in degrees is a curve in metres: edges are cut into this many pieces across the collection."""


def relate_places(op: str, args: list[Any], layout: CollectionLayout, crs: CRS) -> Expression:
    """A relation of two geometries as a condition; unknown where the row has no geometry.

    Parameters
    ----------
    op, args
        As `parkgeo.store.cql2_json` has them, held against the collection already.
    layout
        Of the collection.
    crs
        The snapshot's working system.

    Raises
    ------
    FilterError
        PostGIS has no such relation with a collection of different geometries.
    """
    columns = ["property" in arg for arg in args[:2]]
    if not any(columns):
        # Two literals: the same for every row, and worked out where it is worked out for memory.
        return Expression(sql.SQL("TRUE" if bool(placed(Columns.of_kinds({}), op, args).yes) else "FALSE"))
    own = Expression(sql.Identifier("_geom84"))
    if all(columns):
        if op == "s_dwithin":
            return Expression(sql.SQL("(CASE WHEN _geom84 IS NOT NULL THEN TRUE END)"))
        return Expression.of(_RELATIONS[op], own, own)
    shape = shape_of(args[0] if columns[1] else args[1])
    if op not in _TAKE_COLLECTIONS and shape.geom_type == "GeometryCollection":
        raise FilterError(
            f"{op.upper()} does not take a collection of different geometries", mend="use S_INTERSECTS"
        )
    if op == "s_dwithin":
        return _within(shape, float(args[2]), layout, crs)
    literal = _bound(shape, DEGREES)
    left, right = (own, literal) if columns[0] else (literal, own)
    return Expression.of(_RELATIONS[op], left, right)


def _bound(shape: Any, srid: int) -> Expression:
    wkb = shapely.to_wkb(shapely.set_srid(shape, srid), include_srid=True)
    return Expression(sql.SQL("%s::geometry"), (wkb,))


def _within(shape: Any, metres: float, layout: CollectionLayout, crs: CRS) -> Expression:
    """Rows within a distance, measured in the working system's plane."""
    nowhere = Expression(sql.SQL("(CASE WHEN _geom84 IS NOT NULL THEN FALSE END)"))
    if layout.shape is None or layout.extent is None:
        return nowhere
    west, south, east, north = layout.extent
    up = 1.01 * metres / _DEGREE_M
    aside = up / math.cos(math.radians(min(max(-south, north) + up, 89.0)))
    # Only what lies near the rows is brought into their plane: far away, it has no values.
    near = shapely.intersection(shape, shapely.box(west - aside, south - up, east + aside, north + up))
    if near.is_empty:
        return nowhere
    fine = shapely.segmentize(near, (max(east - west, north - south) + 2 * up) / _PIECES)
    way = _to_plane(crs.to_wkt())
    plane = shapely.transform(fine, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))
    column = Expression(sql.Identifier(layout.shape.column))
    distance = Expression(sql.SQL("%s::double precision"), (metres,))
    return Expression.of("ST_DWithin({}, {}, {})", column, _bound(plane, layout.shape.srid), distance)


@lru_cache(maxsize=8)
def _to_plane(crs: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs("OGC:CRS84", crs, always_xy=True)
