"""Which land could come back into use, and what its idleness costs in a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import among, coded
from parkgeo.assess.contracts import numbers
from parkgeo.metrics.potential import unused_area, yearly_shortfall

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.packs import Figure, RuleBook

__all__ = ["CostBasis", "cost_basis", "idle_cost", "releasable_area"]

_IN_PART = "used_in_part"
_UNIT = "wan/mu"


def releasable_area(parcels: pd.DataFrame, rules: RuleBook) -> pd.Series[float]:
    """Land that could come back into use.

    Parameters
    ----------
    parcels
        ``site_area_m2``, ``idle``, and as far as they are there ``land_state``, ``developed_area_m2``, ``building_coefficient``.
    rules
        ``potential.releasable_states``.

    Returns
    -------
    pandas.Series
        ``releasable_area_m2``: the whole of a parcel that is suspected idle or in one of the states, of one used in part what is
        not used; 0 of every other, NaN where no parcel was judged on idleness; NaN where idleness is undetermined, where the evidence contradicts itself, or where the
        unused part is not known.
    """
    area = parcels["site_area_m2"]
    figure = rules.get("potential.releasable_states")
    states = figure.texts() if figure else ()
    whole = [name for name in states if name != _IN_PART]
    state = coded(parcels, "land_state")
    found = np.where(state.among(whole), area, 0.0)
    if _IN_PART in states:
        developed, coefficient = (
            pd.Series(numbers(parcels, name), index=parcels.index)
            for name in ("developed_area_m2", "building_coefficient")
        )
        found = np.where(state.among([_IN_PART]), unused_area(area, developed, coefficient), found)
    found = np.where(among(parcels, "idle", ["yes"]), area, found)
    if "idle" in parcels and parcels["idle"].isna().all():
        # Where no parcel was judged on idleness, land that is in no such state may be idle still.
        found = np.where(found == 0, np.nan, found)
    open_question = among(parcels, "idle", ["undetermined"]) | among(parcels, "evidence_conflict", ["yes"])
    found = np.where(open_question, np.nan, found)
    return pd.Series(found, index=parcels.index, name="releasable_area_m2", dtype="float64")


@dataclass(frozen=True)
class CostBasis:
    """What a parcel's yield is held against.

    Attributes
    ----------
    measure
        Column of parcels, in 万元/亩.
    wan_per_mu
        The benchmark of each parcel's park; NaN where there is none.
    figure
        The pack's benchmark; None where it is the median of the park's producing parcels.
    """

    measure: str
    wan_per_mu: NDArray[np.float64]
    figure: Figure | None


def cost_basis(parcels: pd.DataFrame, rules: RuleBook) -> CostBasis | None:
    """The first of the pack's measures that has a benchmark, or a median of parcels that produce.

    Returns
    -------
    CostBasis or None
        None where no measure has either.
    """
    figure = rules.get("potential.cost_measures")
    for name in figure.texts() if figure else ():
        measure = f"{name}_wan_per_mu"
        benchmark = rules.benchmark(measure)
        if benchmark is not None:
            return CostBasis(measure, np.full(len(parcels), benchmark.number(_UNIT)), benchmark)
        actual = pd.Series(numbers(parcels, measure), index=parcels.index)
        # The median of each park over the parcels that produce: those at 0 are what is being measured.
        median = actual.where(actual > 0).groupby(parcels["park_id"].astype(str)).transform("median")
        if median.notna().any():
            return CostBasis(measure, median.to_numpy(dtype=np.float64), None)
    return None


def idle_cost(
    parcels: pd.DataFrame, basis: CostBasis, occupied: NDArray[np.bool_] | None, rules: RuleBook
) -> pd.Series[float]:
    """Yearly shortfall of idle and low-yield land against the benchmark.

    Parameters
    ----------
    parcels
        ``site_area_m2``, ``idle``, and as far as they are there ``land_state``, ``low_efficiency``.
    basis
        From `cost_basis`.
    occupied
        Whether a company is recorded on each parcel; None where the office has no such table.
    rules
        ``potential.cost_states``.

    Returns
    -------
    pandas.Series
        ``idle_cost_wan_per_year``, only for parcels suspected idle, in one of the pack's states, or of low efficiency. Land that
        is idle by the law and has no company yields nothing: works have not begun or stand still. Where a company is there and
        has not reported, and on every other parcel, a yield that is not known leaves the cost missing.
    """
    idle = among(parcels, "idle", ["yes"])
    figure = rules.get("potential.cost_states")
    low = among(parcels, "land_state", figure.texts() if figure else ())
    low |= among(parcels, "low_efficiency", ["yes"])
    actual = numbers(parcels, basis.measure)
    vacant = idle if occupied is None else idle & ~occupied
    actual = np.where(np.isnan(actual) & vacant, 0.0, actual)
    cost = yearly_shortfall(parcels["site_area_m2"], pd.Series(actual, index=parcels.index), basis.wan_per_mu)
    return cost.where(idle | low)
