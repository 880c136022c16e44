# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""Puts the planted cases on works, and the one housing estate beside a chemical works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.sample.cases import CASES
from parkgeo.sample.names import USES
from parkgeo.sample.place import stream

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["PRODUCING", "place_cases"]

PRODUCING = frozenset({"built", "part", "sparse", "silent", "conflict_built"})
"""States in which a company is on the parcel and reports."""

_SMALLEST_M2 = 9_000.0
_LARGEST_M2 = 75_000.0


def place_cases(parcels: gpd.GeoDataFrame, seed: int) -> gpd.GeoDataFrame:
    """Give each planted case a works of its own.

    Parameters
    ----------
    parcels
        From :func:`parkgeo.sample.parcels.number_parcels`.
    seed
        Of the sample.

    Returns
    -------
    geopandas.GeoDataFrame
        With column ``case`` (its key, else empty) and ``state`` changed by the case.
    """
    frame = parcels.copy()
    frame["case"] = ""
    _housing_among_chemicals(frame)
    pool = _pool(frame)
    order = stream(seed, "cases").permutation(len(pool))
    for case, k in zip(CASES, order, strict=False):
        frame.loc[pool[int(k)], ["case", "state"]] = [case.key, case.state]
    frame["use"] = frame["use_code"].map(USES)
    return frame


def _pool(frame: gpd.GeoDataFrame) -> list[int]:
    """Works of ordinary shape and size on which a case may be put."""
    area = frame.geometry.area
    fits = (
        frame["zone"].isin(["industry", "north", "east"])
        & frame["use_code"].str.startswith("1001")
        & (frame["state"] == "built")
        & (frame["mark"] == "")
        & area.between(_SMALLEST_M2, _LARGEST_M2)
        & (shapely.area(shapely.minimum_rotated_rectangle(frame.geometry.to_numpy())) < 1.45 * area)
    )
    return [int(k) for k in np.flatnonzero(fits)]


def _housing_among_chemicals(frame: gpd.GeoDataFrame) -> None:
    """A dormitory estate that shares a fence with one chemical works; the other chemical works keep away."""
    zone = [int(k) for k in frame.index[frame["zone"] == "chemical"]]
    frame.loc[zone, "state"] = "built"
    shapes = frame.geometry
    fences = {
        (k, n): shapes[k].boundary.intersection(shapes[n].boundary).length
        for k in zone
        for n in zone
        if k < n
    }
    pair = max(fences, key=lambda both: fences[both])
    estate, beside = sorted(pair, key=lambda k: float(shapes[k].area))
    shape = shapes[estate]
    for k in zone:
        if k not in {estate, beside} and shape.distance(frame.loc[k, "geometry"]) < 120.0:
            frame.loc[k, ["use_code", "trade", "min_far"]] = ["100102", "33", 0.7]
    frame.loc[estate, ["use_code", "trade", "mark", "min_far"]] = ["0701", "", "housing_by_chemicals", np.nan]
    frame.loc[beside, "mark"] = "chemicals_by_housing"
