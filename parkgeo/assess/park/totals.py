"""Sums of the parcels' potential over a park."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.contracts import numbers
from parkgeo.assess.park.rows import indicator, indicator_gap
from parkgeo.i18n import LANGUAGES, figure, say
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.park.comeback import CostBasis
    from parkgeo.packs import RuleBook

__all__ = ["SUMS", "potential_totals"]

_SUMS = (
    ("releasable_ha", "releasable_area_m2", M2_PER_HA),
    ("releasable_floor_area_m2", "releasable_floor_area_m2", 1.0),
    ("idle_cost_wan_per_year", "idle_cost_wan_per_year", 1.0),
    ("vertical_headroom_m2", "vertical_headroom_m2", 1.0),
    ("roof_area_m2", "roof_area_m2", 1.0),
    ("pv_kwp_low", "pv_kwp_low", 1.0),
    ("pv_kwp_high", "pv_kwp_high", 1.0),
)
SUMS = tuple(column for _, column, _ in _SUMS)
"""Columns of the parcels that are summed."""

_NONE = "No parcel has a known figure. Ask for what the parcels' own figures lack."
_BY_PACK = "Against the benchmark of {value} wan yuan/mu: {what}."
_BY_MEDIAN = "Against the median of the park's producing parcels, {value} wan yuan/mu of {what}: the packs hold no benchmark."
_MEASURES = {"value_added_wan_per_mu": "value added", "output_wan_per_mu": "output"}


_RESTS_ON = {
    "releasable_ha": ("releasable_states",),
    "idle_cost_wan_per_year": ("cost_states",),
    "vertical_headroom_m2": ("vertical_industries",),
    "pv_kwp_low": ("roof_usable_share_low", "pv_metal_kwp_per_m2_low", "pv_concrete_kwp_per_m2"),
    "pv_kwp_high": ("roof_usable_share_high", "pv_metal_kwp_per_m2_high", "pv_concrete_kwp_per_m2"),
}
"""Sum → figures of the group potential that it rests on; the others rest on what was drawn and planned."""


def potential_totals(
    own: pd.DataFrame, basis: CostBasis | None, at: np.ndarray[Any, Any], rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Rows of one park.

    Parameters
    ----------
    own
        The park's parcels with the columns of the potential.
    basis
        What the cost of idleness was measured by, for all parcels.
    at
        Places of the park's parcels among all.
    rules
        The packs in force.

    Returns
    -------
    tuple
        Rows; gaps. A sum is over the parcels whose figure is known; it has neither numerator nor denominator. It is verified
        where every figure of the packs that it rests on is.
    """
    rows, gaps = [], []
    for name, column, unit in _SUMS:
        values = numbers(own, column)
        known = values[~np.isnan(values)]
        row = indicator(name, float(known.sum()) / unit if len(known) else np.nan)
        row["verified"] = _verified(name, basis, rules)
        if name == "idle_cost_wan_per_year" and basis is not None and len(at):
            row |= {f"value_{lang}": _told(basis, float(basis.wan_per_mu[at[0]]), lang) for lang in LANGUAGES}
        if not len(known):
            gaps.append(indicator_gap(name, _NONE))
        rows.append(row)
    return rows, gaps


def _verified(name: str, basis: CostBasis | None, rules: RuleBook) -> bool:
    figures = [rules.get(f"potential.{key}") for key in _RESTS_ON.get(name, ())]
    if name == "idle_cost_wan_per_year":
        # The median of the park's own parcels is parkgeo's choice of a measure, and no published one.
        figures.append(basis.figure if basis else None)
    return all(figure is not None and figure.verified for figure in figures)


def _told(basis: CostBasis, value: float, lang: str) -> str:
    shown = figure(value, lang, digits=1)
    if basis.figure is not None:
        return say(_BY_PACK, lang, value=shown, what=basis.figure.zh if lang == "zh" else basis.figure.en)
    return say(_BY_MEDIAN, lang, value=shown, what=say(_MEASURES.get(basis.measure, basis.measure), lang))
