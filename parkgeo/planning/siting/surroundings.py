"""What sites have around them: room in their outline, capacity of the mains within reach, height limits, sensitive neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.coverage import coverage
from parkgeo.metrics.services import pieces_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["free_capacity", "height_limits", "outline_sides", "sensitive_distance"]

_WHOLE = 0.99
"""A zone that covers this share of a site covers it."""


def outline_sides(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Long and short side, in metres, of the least rectangle around each shape; NaN of none.

    Examples
    --------
    >>> [side.tolist() for side in outline_sides(np.array([shapely.box(0, 0, 30, 20), None], dtype=object))]
    [[30.0, nan], [20.0, nan]]
    """
    found = np.full((2, len(shapes)), np.nan)
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    around = shapely.oriented_envelope(shapes[there])
    there, around = (
        part[shapely.get_type_id(around) == shapely.GeometryType.POLYGON] for part in (there, around)
    )
    corners = shapely.get_coordinates(around).reshape(-1, 5, 2)
    sides = np.hypot(*np.moveaxis(np.diff(corners[:, :3], axis=1), 2, 0))
    found[0, there], found[1, there] = sides.max(axis=1), sides.min(axis=1)
    return found[0], found[1]


def free_capacity(
    shapes: NDArray[np.object_],
    mains: NDArray[np.object_],
    spare: NDArray[np.float64],
    *,
    limit_m: float,
    mapped: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the mains of one kind within reach have to spare for each site.

    Parameters
    ----------
    shapes
        Of the sites, in metres.
    mains
        Lines and points of one kind in the same system.
    spare
        Capacity less use of each, all in one unit; NaN where it is not known.
    limit_m
        How far a main may be.
    mapped
        The mains are from a map that never says that there are no others.

    Returns
    -------
    tuple of numpy.ndarray
        At least: the most that one main is known to have to spare. At most: the same, but without bound where the spare of one
        within reach is not known. No main within reach is 0 for both, and not known where the map does not show all, or shows none.

    Notes
    -----
    A project is fed from one main: what several have to spare is not added up.

    Examples
    --------
    >>> plots = np.array([shapely.box(0, 0, 10, 10), shapely.box(500, 0, 510, 10)], dtype=object)
    >>> lines = np.array([shapely.LineString([(0, 20), (99, 20)]), shapely.Point(0, 30)], dtype=object)
    >>> [part.tolist() for part in free_capacity(plots, lines, np.array([800.0, np.nan]), limit_m=100.0)]
    [[800.0, 0.0], [inf, 0.0]]
    """
    pieces, owner = pieces_of(mains)
    if not len(pieces):
        return np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    least, most = np.full(len(shapes), -np.inf), np.zeros(len(shapes))
    site, piece = shapely.STRtree(pieces).query(shapes, predicate="dwithin", distance=limit_m)
    has = np.maximum(spare[owner[piece]], 0.0)
    np.fmax.at(least, site, has)
    unsure = np.zeros(len(shapes), dtype=bool)
    unsure[site[np.isnan(has)]] = True
    reached = np.zeros(len(shapes), dtype=bool)
    reached[site] = True
    least = np.where(np.isinf(least), np.nan, least)
    most = np.where(unsure, np.inf, least)
    nothing = np.nan if mapped else 0.0
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    nowhere = np.where(placed, nothing, np.nan)
    return np.where(reached, least, nowhere), np.where(reached, most, nowhere)


def height_limits(
    sites: gpd.GeoDataFrame, plan: gpd.GeoDataFrame | None, zones: gpd.GeoDataFrame | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How high may be built on each site: at least, and at most.

    Parameters
    ----------
    sites
        Polygons in metres.
    plan
        Plots with ``height_max_m``; None where there is no plan.
    zones
        Zones with ``height_limit_m``; None where there are none.

    Returns
    -------
    tuple of numpy.ndarray
        Metres. The limit is that of the plot that covers most of the site, and of every zone on it: one that covers the site whole holds for
        all of it, one that reaches into it leaves the rest. At least is NaN where no plot states a height.

    Examples
    --------
    >>> import geopandas as gpd
    >>> site = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=4528)
    >>> plan = gpd.GeoDataFrame({"height_max_m": [24.0]}, geometry=[shapely.box(-5, -5, 20, 20)], crs=4528)
    >>> zone = gpd.GeoDataFrame({"height_limit_m": [15.0]}, geometry=[shapely.box(8, 0, 20, 20)], crs=4528)
    >>> [part.tolist() for part in height_limits(site, plan, zone)]
    [[15.0], [24.0]]
    """
    least, most = np.full(len(sites), np.nan), np.full(len(sites), np.inf)
    if plan is not None and "height_max_m" in plan:
        cover = coverage(sites.geometry, plan.geometry)
        order = np.lexsort((-cover.building, cover.area_m2))
        # The last write wins, so writing in order of shared area leaves the largest.
        heights = plan["height_max_m"].to_numpy(dtype=np.float64, na_value=np.nan)
        least[cover.parcel[order]] = heights[cover.building[order]]
        most = np.where(np.isnan(least), most, least)
    if zones is not None and "height_limit_m" in zones:
        limits = zones["height_limit_m"].to_numpy(dtype=np.float64, na_value=np.nan)
        cover = coverage(sites.geometry, zones.geometry)
        area = sites.geometry.area.to_numpy()
        whole = cover.area_m2 >= _WHOLE * area[cover.parcel]
        lowest = np.full(len(sites), np.inf)
        np.fmin.at(lowest, cover.parcel, limits[cover.building])
        least = np.minimum(least, lowest)
        np.fmin.at(most, cover.parcel[whole], limits[cover.building[whole]])
    return least, np.where(np.isinf(most), np.nan, most)


def sensitive_distance(
    shapes: NDArray[np.object_], sensitive: NDArray[np.object_], unknown: NDArray[np.object_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each site is from what is sensitive: at least, and at most.

    Parameters
    ----------
    shapes
        Of the sites, in metres.
    sensitive
        Housing, schools, hospitals.
    unknown
        Ground of which it is not known whether it is.

    Returns
    -------
    tuple of numpy.ndarray
        Metres from edge to edge; infinite where there is none.

    Examples
    --------
    >>> at = [shapely.box(x, 0, x + 10, 10) for x in (0, 30, 100)]
    >>> [part.tolist() for part in sensitive_distance(*(np.array([one], dtype=object) for one in (at[0], at[2], at[1])))]
    [[20.0], [90.0]]
    """
    known, doubtful = (_nearest(shapes, others) for others in (sensitive, unknown))
    return np.minimum(known, doubtful), known


def _nearest(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.float64]:
    found = np.full(len(shapes), np.inf)
    found[shapely.is_missing(shapes) | shapely.is_empty(shapes)] = np.nan
    others = others[~(shapely.is_missing(others) | shapely.is_empty(others))]
    there = np.flatnonzero(np.isinf(found))
    if len(others) and len(there):
        (at, _), metres = shapely.STRtree(others).query_nearest(
            shapes[there], return_distance=True, all_matches=False
        )
        found[there[at]] = metres
    return found
