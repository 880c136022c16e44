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
_CORNERS = 5
"""Points of a rectangle's ring, the last the first again."""


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
    One side of the rectangle lies along the convex hull (Freeman and Shapira 1975). Of a square the direction of either side is
    as good: azimuths are to be read modulo 90° where only the grain of a place is asked.

    References
    ----------
    Freeman, H. and Shapira, R. (1975). Determining the minimum-area encasing rectangle for an arbitrary closed curve.
    Communications of the ACM 18(7), 409-413.

    Examples
    --------
    >>> [float(each[0]) for each in least_rectangles(np.array([shapely.box(0, 0, 40, 10)]))]
    [400.0, 40.0, 10.0, 90.0]
    """
    around = shapely.oriented_envelope(shapes)
    drawn = np.flatnonzero(shapely.get_num_coordinates(around) == _CORNERS)
    corners = shapely.get_coordinates(around[drawn]).reshape(-1, _CORNERS, 2)
    sides = np.diff(corners, axis=1)[:, :2]
    lengths = np.hypot(sides[..., 0], sides[..., 1])
    longer = lengths.argmax(axis=1)
    along = sides[np.arange(len(drawn)), longer]
    found = np.full((4, len(shapes)), np.nan)
    found[0, drawn] = lengths.prod(axis=1)
    found[1, drawn], found[2, drawn] = lengths.max(axis=1), lengths.min(axis=1)
    found[3, drawn] = np.degrees(np.arctan2(along[:, 0], along[:, 1])) % _HALF_TURN
    found[:, ~(found[0] > 0)] = np.nan
    return Rectangles(*found)


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
