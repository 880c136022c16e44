"""What land could still carry or bring: floor area up to the plan, and the yearly shortfall against a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.coverage import as_series, coverage
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["floor_area_left", "planned_far", "unused_area", "yearly_shortfall"]


def planned_far(parcels: gpd.GeoDataFrame, plan: gpd.GeoDataFrame | None) -> pd.Series[float]:
    """Planned floor area ratio of each parcel.

    Parameters
    ----------
    parcels
        Polygons in metres; ``planned_far`` where the register has it.
    plan
        Plots with ``planned_far``, in the same coordinate system; None where there is no plan.

    Returns
    -------
    pandas.Series
        ``planned_far`` on the parcels' index: as registered, else of the plot with a ratio that covers most of the parcel (of
        equals the first in the plan); NaN where neither says.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=4528)
    >>> plots = [shapely.box(0, 0, 4, 10), shapely.box(4, 0, 10, 10)]
    >>> planned_far(land, gpd.GeoDataFrame({"planned_far": [2.0, 1.0]}, geometry=plots, crs=4528)).tolist()
    [1.0]
    """
    far = _column(parcels, "planned_far").copy()
    if plan is not None and "planned_far" in plan:
        known = plan[plan["planned_far"].notna()]
        blank = np.flatnonzero(np.isnan(far))
        cover = coverage(parcels.geometry.iloc[blank], known.geometry)
        order = np.lexsort((-cover.building, cover.area_m2))
        # The last write wins, so writing in order of shared area leaves the largest.
        far[blank[cover.parcel[order]]] = known["planned_far"].to_numpy(dtype=np.float64)[
            cover.building[order]
        ]
    return as_series(far, parcels.index, "planned_far")


def _column(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(frame[name], dtype=np.float64)


def floor_area_left(
    planned: pd.Series[float], site_area_m2: pd.Series[float], floor_area_m2: pd.Series[float]
) -> pd.Series[float]:
    """Floor area that the planned ratio leaves.

    Parameters
    ----------
    planned
        Planned floor area ratio.
    site_area_m2, floor_area_m2
        m², on the same index.

    Returns
    -------
    pandas.Series
        ``releasable_floor_area_m2``: max(0, planned × site - floor area); NaN where any is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> floor_area_left(pd.Series([1.5, 1.0]), pd.Series([100.0, 100.0]), pd.Series([50.0, 120.0])).tolist()
    [100.0, 0.0]
    """
    left = planned.to_numpy(dtype=float) * site_area_m2.to_numpy(dtype=float) - floor_area_m2.to_numpy(
        dtype=float
    )
    # np.maximum hands a NaN on, so a figure that is missing stays missing.
    return as_series(np.maximum(left, 0.0), planned.index, "releasable_floor_area_m2")


def unused_area(
    site_area_m2: pd.Series[float], developed_area_m2: pd.Series[float], coefficient: pd.Series[float]
) -> pd.Series[float]:
    """Part of a parcel that is not used: what is not developed by the ledger, else what nothing stands on.

    Parameters
    ----------
    site_area_m2, developed_area_m2
        m², on the same index.
    coefficient
        Building coefficient, for parcels without a developed area.

    Returns
    -------
    pandas.Series
        ``unused_area_m2``, from 0 to the site's area; NaN where neither says.

    Examples
    --------
    >>> import pandas as pd
    >>> unused_area(pd.Series([100.0, 100.0]), pd.Series([30.0, None]), pd.Series([0.5, 0.25])).tolist()
    [70.0, 75.0]
    """
    site, developed = site_area_m2.to_numpy(dtype=float), developed_area_m2.to_numpy(dtype=float)
    covered = coefficient.to_numpy(dtype=float) * site
    used = np.where(np.isnan(developed), covered, developed)
    return as_series(np.clip(site - used, 0.0, site), site_area_m2.index, "unused_area_m2")


def yearly_shortfall(
    site_area_m2: pd.Series[float],
    actual_wan_per_mu: pd.Series[float],
    benchmark_wan_per_mu: NDArray[np.float64] | float,
) -> pd.Series[float]:
    """What a parcel yields less in a year than land at the benchmark would.

    Parameters
    ----------
    site_area_m2
        m².
    actual_wan_per_mu
        万元/亩 a year, on the same index.
    benchmark_wan_per_mu
        万元/亩 a year, one for all or one a parcel.

    Returns
    -------
    pandas.Series
        ``idle_cost_wan_per_year``: mu × (benchmark - actual), 0 where the parcel yields more; NaN where any is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> yearly_shortfall(pd.Series([10000.0]), pd.Series([20.0]), 120.0).tolist()
    [1500.0]
    """
    mu = np.asarray(site_area_m2, dtype=np.float64) / M2_PER_MU
    actual = np.asarray(actual_wan_per_mu, dtype=np.float64)
    short = np.maximum(np.asarray(benchmark_wan_per_mu, dtype=np.float64) - actual, 0.0)
    return as_series(mu * short, site_area_m2.index, "idle_cost_wan_per_year")
