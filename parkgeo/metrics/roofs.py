"""Roofs of completed buildings, and the photovoltaic power that they could carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.metrics.coverage import coverage

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["PvFactors", "roofs"]


@dataclass(frozen=True)
class PvFactors:
    """Power per roof area.

    Attributes
    ----------
    usable_low, usable_high
        Share of a roof that can be used.
    metal_low, metal_high, concrete
        kWp per usable m².
    """

    usable_low: float
    usable_high: float
    metal_low: float
    metal_high: float
    concrete: float

    def per_m2(self, kinds: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and most kWp per m² of roof of each kind; a kind that is not known may be the one or the other."""
        metal, concrete = kinds == "metal", kinds == "concrete"
        low = np.where(
            metal, self.metal_low, np.where(concrete, self.concrete, min(self.metal_low, self.concrete))
        )
        high = np.where(
            metal, self.metal_high, np.where(concrete, self.concrete, max(self.metal_high, self.concrete))
        )
        return low * self.usable_low, high * self.usable_high


def roofs(
    parcels: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, factors: PvFactors | None, as_of: dt.date
) -> pd.DataFrame:
    """Roof area and power on each parcel.

    Parameters
    ----------
    parcels, buildings
        Polygons in one projected coordinate system in metres; of the buildings ``kind``, ``completed``, ``completed_on`` and
        ``roof`` as far as they are there. Structures and yards have no roof.
    factors
        Of power; None where the packs have none.
    as_of
        A building completed later has no roof yet.

    Returns
    -------
    pandas.DataFrame
        ``roof_area_m2``, ``pv_kwp_low``, ``pv_kwp_high`` on the parcels' index. NaN where the parcel has a building of which a
        file says neither whether nor when it was completed, though it has the column; 0 where none is completed. Without either
        column every building that is drawn counts.

    Notes
    -----
    A roof is taken to have its building's outline; its pitch, shade and strength are not known.

    Examples
    --------
    >>> import datetime as dt, geopandas as gpd, shapely
    >>> land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)], crs=4528)
    >>> hall = gpd.GeoDataFrame({"roof": ["metal"]}, geometry=[shapely.box(0, 0, 50, 20)], crs=4528)
    >>> roofs(land, hall, PvFactors(0.5, 0.7, 0.15, 0.18, 0.1), dt.date(2026, 6, 30)).round(6).values.tolist()
    [[1000.0, 75.0, 126.0]]
    """
    stands = _completed(buildings, as_of)
    cover = coverage(parcels.geometry, buildings.geometry)
    kinds = (
        buildings["roof"].astype(object).to_numpy(dtype=object)
        if "roof" in buildings
        else np.full(len(buildings), None, dtype=object)
    )
    columns = {"roof_area_m2": cover.per_parcel(parcels, stands)}
    columns["pv_kwp_low"] = columns["pv_kwp_high"] = np.full(len(parcels), np.nan)
    if factors is not None:
        low, high = factors.per_m2(kinds)
        columns["pv_kwp_low"] = cover.per_parcel(parcels, stands * low)
        columns["pv_kwp_high"] = cover.per_parcel(parcels, stands * high)
    return pd.DataFrame(columns, index=parcels.index)


def _completed(buildings: pd.DataFrame, as_of: dt.date) -> NDArray[np.float64]:
    """1 where a roof stands, 0 where none does, NaN where that is not known."""
    stands: NDArray[np.float64] = np.ones(len(buildings))
    asked = [name for name in ("completed", "completed_on") if name in buildings]
    if asked:
        stands = np.full(len(buildings), np.nan)
    if "completed" in buildings:
        told = buildings["completed"].astype("boolean").to_numpy(dtype="float64", na_value=np.nan)
        stands = np.asarray(told, dtype=np.float64)
    if "completed_on" in buildings:
        day = buildings["completed_on"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
        since = np.where(np.isnat(day), np.nan, (day <= np.datetime64(as_of, "D")).astype(np.float64))
        stands = np.where(np.isnan(stands), since, np.where(since == 0, 0.0, stands))
    if "kind" in buildings:
        roofless = buildings["kind"].isin(["structure", "yard"]).to_numpy(dtype=bool)
        stands = np.where(roofless, 0.0, stands)
    return stands
