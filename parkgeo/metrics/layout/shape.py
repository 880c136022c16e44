"""Shape of parcels and direction of buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from parkgeo.metrics.coverage import as_series, covered_share

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Rectangles", "compactness", "least_rectangles", "orientation_spread", "rectangularity"]

_HALF_TURN, _QUARTERS = 180.0, 4
_HAIR = 1e-9
_AT_ONCE = 5_000_000
"""Numbers held at once for each pair of an edge and a point."""


class Rectangles(NamedTuple):
    """The least rotated rectangle around each shape; NaN where a shape has no area.

    Attributes
    ----------
    area_m2
        Of the rectangle.
    long_m, short_m
        Its sides.
    azimuth
        Direction of its long side in degrees clockwise from the grid's north, 0 to below 180.
    """

    area_m2: NDArray[np.float64]
    long_m: NDArray[np.float64]
    short_m: NDArray[np.float64]
    azimuth: NDArray[np.float64]


def least_rectangles(shapes: NDArray[np.object_]) -> Rectangles:
    """The rectangle of least area, at any angle, around each shape.

    Parameters
    ----------
    shapes
        Geometry in metres; None, empty ones, points and lines have none.

    Returns
    -------
    Rectangles

    Notes
    -----
    One side of the rectangle lies along the convex hull (Freeman and Shapira 1975); all edges of the hull are tried, in coordinates
    relative to the shape. GEOS gives the same but for the fourth digit, which it loses to large eastings. Of a square the direction
    of either side is as good: azimuths are to be read modulo 90° where only the grain of a place is asked.

    References
    ----------
    Freeman, H. and Shapira, R. (1975). Determining the minimum-area encasing rectangle for an arbitrary closed curve.
    Communications of the ACM 18(7), 409-413.

    Examples
    --------
    >>> [float(each[0]) for each in least_rectangles(np.array([shapely.box(0, 0, 40, 10)]))]
    [400.0, 40.0, 10.0, 90.0]
    """
    found = np.full((4, len(shapes)), np.nan)
    hulls = shapely.convex_hull(shapes)
    drawn = np.flatnonzero(shapely.get_type_id(hulls) == shapely.GeometryType.POLYGON)
    points, owner = shapely.get_coordinates(hulls[drawn], return_index=True)
    count = np.bincount(owner, minlength=len(drawn))
    start = np.cumsum(count) - count
    for size in np.unique(count):
        rows = np.flatnonzero(count == size)
        for some in np.array_split(rows, len(rows) * int(size) ** 2 // _AT_ONCE + 1):
            # The last point repeats the first; from the first, so that large eastings cost no digits.
            hull = points[start[some][:, None] + np.arange(size - 1)]
            found[:, drawn[some]] = _least(hull - hull[:, :1])
    return Rectangles(*found)


def _least(hull: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area, sides and azimuth for convex hulls of equally many points: (hulls, points, 2)."""
    edges = np.roll(hull, -1, axis=1) - hull
    lengths = np.hypot(edges[..., 0], edges[..., 1])
    along = edges / lengths[..., None]
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    # Of each edge, how far the hull reaches along it and square to it.
    sides = np.stack([np.ptp(way @ hull.swapaxes(1, 2), axis=2) for way in (along, across)], axis=-1)
    area = sides.prod(axis=-1)
    # Around a triangle, say, three rectangles are equally small: the one along the longest edge is taken.
    least = area <= area.min(axis=1, keepdims=True) * (1 + _HAIR)
    best = np.where(least, lengths, -1.0).argmax(axis=1)
    at = np.arange(len(hull)), best
    side = sides[at]
    way = np.where((side[:, 0] >= side[:, 1])[:, None], along[at], across[at])
    azimuth = np.degrees(np.arctan2(way[:, 0], way[:, 1])) % _HALF_TURN
    # What is an ulp below 180° is north again.
    azimuth[azimuth >= _HALF_TURN] = 0.0
    return np.stack([side.prod(axis=1), side.max(axis=1), side.min(axis=1), azimuth])


def compactness(parcels: gpd.GeoSeries) -> pd.Series[float]:
    """Compactness of each parcel: 4πA ÷ P².

    Parameters
    ----------
    parcels
        Polygons in a projected coordinate system in metres.

    Returns
    -------
    pandas.Series
        ``compactness``, above 0 to 1 (a circle); a square has π/4 = 0.785, a strip ten times as long as wide 0.26. NaN where there
        is no geometry. Edges of holes belong to the perimeter.

    References
    ----------
    Polsby, D. D. and Popper, R. D. (1991). The third criterion: compactness as a procedural safeguard. Yale Law & Policy Review 9,
    301-353; the isoperimetric quotient.

    Examples
    --------
    >>> import geopandas as gpd
    >>> compactness(gpd.GeoSeries([shapely.box(0, 0, 10, 10)], crs=4528)).round(6).tolist()
    [0.785398]
    """
    shapes = np.asarray(parcels.array, dtype=object)
    around = shapely.length(shapes) ** 2
    return as_series(covered_share(4 * np.pi * shapely.area(shapes), around), parcels.index, "compactness")


def rectangularity(parcels: gpd.GeoSeries) -> pd.Series[float]:
    """Rectangularity of each parcel: its area ÷ that of the least rectangle around it, at any angle.

    Parameters
    ----------
    parcels
        Polygons in a projected coordinate system in metres.

    Returns
    -------
    pandas.Series
        ``rectangularity``, above 0 to 1 (a rectangle); NaN where there is no geometry.

    References
    ----------
    Rosin, P. L. (1999). Measuring rectangularity. Machine Vision and Applications 11, 191-196: the minimum bounding rectangle method.

    Examples
    --------
    >>> import geopandas as gpd
    >>> half = shapely.Polygon([(0, 0), (10, 0), (0, 10)])
    >>> rectangularity(gpd.GeoSeries([shapely.box(0, 0, 10, 10), half], crs=4528)).round(6).tolist()
    [1.0, 0.5]
    """
    shapes = np.asarray(parcels.array, dtype=object)
    share = covered_share(shapely.area(shapes), least_rectangles(shapes).area_m2)
    return as_series(np.minimum(share, 1.0), parcels.index, "rectangularity")


def orientation_spread(
    azimuth: NDArray[np.float64],
    weight: NDArray[np.float64],
    owner: NDArray[np.intp],
    owners: int,
) -> NDArray[np.float64]:
    """How far the directions of buildings differ, quarter turns being none.

    Parameters
    ----------
    azimuth
        Of each building's long side, degrees; NaN counts for nothing.
    weight
        Of each, such as its footprint; 0 or more.
    owner, owners
        Where each stands (-1: nowhere), a number below ``owners``.

    Returns
    -------
    numpy.ndarray
        Circular variance of the directions modulo 90°, 0 (all walls parallel or square to each other) to 1 (no common direction);
        NaN where no building stands.

    Notes
    -----
    1 − R, R = abs(Σ w·exp(4iθ)) ÷ Σ w: the mean resultant length of the angles stretched fourfold, since a wall and its neighbour at 90°
    have one grain.

    References
    ----------
    Mardia, K. V. and Jupp, P. E. (2000). Directional statistics, section 2.3 and, on axes, 9.1.

    Examples
    --------
    >>> place = np.zeros(3, dtype=np.intp)
    >>> orientation_spread(np.array([10.0, 100.0, np.nan]), np.ones(3), place, 1).round(9).tolist()
    [0.0]
    >>> orientation_spread(np.array([0.0, 45.0, 45.0]), np.array([2.0, 1.0, 1.0]), place, 1).round(9).tolist()
    [1.0]
    """
    kept = (owner >= 0) & ~np.isnan(azimuth)
    angle, own, weights = np.radians(_QUARTERS * azimuth[kept]), owner[kept], weight[kept]
    east, north = (
        np.bincount(own, weights=weights * part(angle), minlength=owners) for part in (np.sin, np.cos)
    )
    whole = np.bincount(own, weights=weights, minlength=owners)
    return np.clip(1 - covered_share(np.hypot(east, north), whole.astype(np.float64)), 0.0, 1.0)
