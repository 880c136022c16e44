"""What a plan and constraints say of the ground that each parcel lies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.metrics.coverage import as_series, coverage

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["covered_by", "planned_code"]


def covered_by(parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series[float]:
    """Share of each parcel that lies within zones.

    Parameters
    ----------
    parcels, zones
        Polygons in one projected coordinate system in metres. Zones that overlap count once for each.

    Returns
    -------
    pandas.Series
        ``covered_share``, 0 to 1, on the parcels' index; 0 where none is.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=4528)
    >>> covered_by(land, gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4, 10)], crs=4528)).tolist()
    [0.4]
    """
    cover = coverage(parcels.geometry, zones.geometry)
    area = np.bincount(cover.parcel, weights=cover.area_m2, minlength=len(parcels))
    site = np.asarray(parcels.geometry.area, dtype=np.float64)
    share = np.divide(area, site, out=np.zeros(len(parcels)), where=site > 0)
    return as_series(np.minimum(share, 1.0), parcels.index, "covered_share")


def planned_code(parcels: gpd.GeoDataFrame, plan: gpd.GeoDataFrame, *, least_share: float) -> pd.Series[str]:
    """Planned use of the plan's plots that cover most of a parcel.

    Parameters
    ----------
    parcels
        Polygons in metres.
    plan
        Plots with ``planned_use_code``.
    least_share
        The plots of a code must cover at least this share of the parcel.

    Returns
    -------
    pandas.Series
        ``planned_use_code`` on the parcels' index; None where no code covers as much. Of two that do, the one that covers more.
    """
    found = np.full(len(parcels), None, dtype=object)
    if "planned_use_code" in plan and len(plan):
        cover = coverage(parcels.geometry, plan.geometry)
        site = np.asarray(parcels.geometry.area, dtype=np.float64)
        pairs = pd.DataFrame(
            {
                "parcel": cover.parcel,
                "code": plan["planned_use_code"].to_numpy(dtype=object)[cover.building],
                "share": cover.area_m2 / site[cover.parcel],
            }
        ).dropna(subset=["code"])
        shares = pairs.groupby(["parcel", "code"], as_index=False)["share"].sum()
        shares = shares[shares["share"] >= least_share].sort_values(["share", "code"], kind="stable")
        # The last write wins, so writing in order of the share leaves the largest.
        found[shares["parcel"].to_numpy(dtype=np.intp)] = shares["code"].to_numpy(dtype=object)
    return pd.Series(found, index=parcels.index, name="planned_use_code", dtype="str")
