"""Minutes along roads: which speed counts, and to whom a road is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.network.graph import Weights
from parkgeo.metrics.network.hours import closed_at
from parkgeo.metrics.network.lines import column

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import Profile, RoadGraph

__all__ = ["classes", "closed", "road_speeds", "weights"]


def classes(roads: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Class of each road; empty text where it is not known."""
    if "road_class" not in roads.columns:
        return np.full(len(roads), "", dtype=object)
    given = roads["road_class"].astype(object)
    return np.asarray(given.where(given.notna(), "").to_numpy(dtype=object))


def road_speeds(
    roads: gpd.GeoDataFrame, profile: Profile
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Speed of each road for who travels, and what is wrong with what the layer states.

    Parameters
    ----------
    roads
        The layer; ``speed_km_h``, ``observed_km_h`` and ``road_class`` may be missing.
    profile
        Who travels.

    Returns
    -------
    tuple
        Speed of each road in km/h; whether there is neither a speed that can be used nor a class with one; the stated
        speed that is absurd and therefore not used, NaN where none is.

    Notes
    -----
    In this order: the profile's one speed; the observed speed where the profile asks for it; the stated speed; that of the
    class; that of roads without class. A speed beyond the profile's least and most is absurd and stands back for the next.
    A profile that is capped drives no faster than its class's speed, whatever the road states.
    """
    of_class = np.array([profile.speed_km_h.get(one, np.nan) for one in classes(roads)], dtype=np.float64)
    speed = np.full(len(roads), np.nan)
    absurd = np.full(len(roads), np.nan)
    for name in ["observed_km_h", "speed_km_h"] if profile.observed else ["speed_km_h"]:
        stated = column(roads, name)
        good = (stated >= profile.least_km_h) & (stated <= profile.most_km_h)
        absurd = np.where(np.isnan(absurd) & ~np.isnan(stated) & ~good, stated, absurd)
        speed = np.where(np.isnan(speed) & good, stated, speed)
    unknown = np.isnan(speed) & np.isnan(of_class)
    if profile.capped:
        speed = np.fmin(speed, np.where(np.isnan(of_class), profile.unknown_km_h, of_class))
    speed = np.where(np.isnan(speed), of_class, speed)
    speed = np.where(np.isnan(speed), profile.unknown_km_h, speed)
    if not np.isnan(profile.constant_km_h):
        speed = np.full(len(roads), profile.constant_km_h)
    return speed, unknown, absurd


def closed(roads: gpd.GeoDataFrame, profile: Profile) -> NDArray[np.bool_]:
    """Whether each road is closed to who travels: by class, height, weight, or at the hour of the profile.

    A limit that is missing, or 0, closes nothing: 0 in a column of limits says that there is none.
    """
    shut = np.isin(classes(roads), list(profile.barred_classes))
    for name, size in (("max_height_m", profile.height_m), ("max_weight_t", profile.weight_t)):
        limit = column(roads, name)
        shut |= (limit > 0) & (limit < size)
    if not np.isnan(profile.hour) and "truck_closed_hours" in roads.columns:
        shut |= closed_at(roads["truck_closed_hours"], profile.hour)
    return shut


def weights(graph: RoadGraph, roads: gpd.GeoDataFrame, profile: Profile) -> Weights:
    """Minutes along each edge, as drawn and against it.

    Parameters
    ----------
    graph
        The road graph.
    roads
        The layer that it was made of.
    profile
        Who travels.

    Returns
    -------
    Weights
        Length / speed; infinite where the road is closed, and against a one-way road unless it is open both ways.
    """
    speed, _, _ = road_speeds(roads, profile)
    minutes = np.where(closed(roads, profile), np.inf, 0.06 / speed)[graph.road] * graph.length_m
    shut = (graph.oneway == 1) & (not profile.both_ways)
    return Weights(along=minutes, against=np.where(shut, np.inf, minutes))
