"""Rates of the land ledger: development, supply, completion, industrial and residential land, idleness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.park.rows import indicator_gap, not_judged_gap, over
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["Bounds", "ledger_rates", "rate_bounds"]

Bounds = tuple[float, float]

_HAIR = 1e-9
"""Of a rate: what lies below is the rounding of sums."""

_READY = "Land that is not built and of which it is not known whether it is ready for supply: {ha} ha. Ask whether it is acquired, levelled and served."
_BUILT = "Land of which it is not known whether it is built: {ha} ha. Ask for the supply ledger's dates of completion, or a layer of buildings."
_USE = "Built land of unknown use: {ha} ha. Ask for the parcels' land-use codes, or for a pack that says what the codes mean."
_SUPPLY = (
    "Land of which it is not known whether it is supplied: {ha} ha. Ask for its rows of the supply ledger."
)
_IDLE = "Land whose idleness is undetermined: {ha} ha. The findings name what to ask for."
_NOTHING = "The park has no land that this is a share of."

_ASKS = {"B23": _READY, "U": _BUILT, "A4": _USE, "DU": _SUPPLY, "GU": _IDLE}
# rate → items of the ledger that leave it open
_OPEN: dict[str, tuple[str, ...]] = {
    "development_rate": ("B23", "U"),
    "supply_rate": ("B23", "U", "DU"),
    "completion_rate": ("U", "DU"),
    "industrial_land_rate": ("A4", "U"),
    "residential_land_rate": ("A4", "U"),
    "idle_rate": ("GU", "DU"),
}


def rate_bounds(area: Mapping[str, float]) -> dict[str, tuple[float, float, Bounds]]:
    """Numerator, denominator and bounds of each rate.

    Parameters
    ----------
    area
        Item of the ledger → m².

    Returns
    -------
    dict
        Rate → numerator and denominator of what is known, m², and the least and most the rate may be; NaN where it is a share
        of nothing.

    Notes
    -----
    The bounds let all that is unknown fall to one side and to the other. Land cannot be supplied and neither built nor
    ready, nor built and not supplied, so a bound stops at 1 unless what is known is beyond it already.

    Examples
    --------
    >>> area = dict.fromkeys(["A", "A1", "A2", "A4", "B", "B21", "B23", "U", "D", "DU", "G", "GU"], 0.0)
    >>> rate_bounds(area | {"A": 50.0, "B": 50.0, "B21": 20.0, "B23": 10.0})["development_rate"]
    (70.0, 100.0, (0.7, 0.8))
    """
    a, u, ready, open_ready = area["A"], area["U"], area["B21"], area["B23"]
    d, du, town = area["D"], area["DU"], area["A"] + area["B"] + area["U"]
    # Of idle land nothing may be certain; then the least is 0. Where none was judged there is no bound.
    idle = 0.0 if np.isnan(area["G"]) and not np.isnan(area["GU"]) else area["G"]
    return {
        "development_rate": (a + ready, town, _ends(a + ready, town, a + ready + open_ready + u, town)),
        "supply_rate": (d, a + ready, _ends(d, a + ready + open_ready + u, d + du, a + ready)),
        "completion_rate": (a, d, _ends(a, d + du, a + u, d)),
        "industrial_land_rate": (area["A2"], a, _ends(area["A2"], a + u, area["A2"] + area["A4"] + u, a + u)),
        "residential_land_rate": (
            area["A1"],
            a,
            _ends(area["A1"], a + u, area["A1"] + area["A4"] + u, a + u),
        ),
        "idle_rate": (area["G"], d, _ends(idle, d + du, idle + area["GU"], d)),
    }


def _ends(least: float, of_most: float, most: float, of_least: float) -> Bounds:
    low = least / of_most if of_most > 0 else np.nan
    high = most / of_least if of_least > 0 else (1.0 if of_most > 0 else np.nan)
    return low, np.nan if np.isnan(most) else max(min(high, 1.0), low)


def ledger_rates(area: Mapping[str, float], rules: RuleBook) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Rows of the rates, and why one is missing.

    Parameters
    ----------
    area
        Item of the ledger → m², of one park.
    rules
        The packs in force, for benchmarks.

    Returns
    -------
    tuple
        Rows, in ha; gaps. A rate that what is not known could change by more than ``park.rate_tolerance`` is missing, with its
        bounds and a gap; but the idle rate is what is suspected by the law, with what is undetermined in its upper bound.
    """
    tolerance = rules.get("park.rate_tolerance")
    within = tolerance.number("1") if tolerance else _HAIR
    rows, gaps = [], []
    for name, (part, whole, ends) in rate_bounds(area).items():
        known = over(name, part / M2_PER_HA, whole / M2_PER_HA, rules, bounds=ends)
        spread = ends[1] - ends[0]
        certain = spread <= _HAIR
        if not spread <= within and name != "idle_rate":
            known["value"] = np.nan
        elif not certain:
            # What is known may lie beyond what can be: land supplied of which it is not known whether it is built.
            known["value"] = float(np.clip(known["value"], known["low"], known["high"]))
        if not (known["value"] >= 0 and certain):
            told = [
                indicator_gap(name, ask, ha=round(area[item] / M2_PER_HA, 2))
                for item, ask in _ASKS.items()
                if item in _OPEN[name] and area[item] > 0
            ]
            if name == "idle_rate" and np.isnan(area["GU"]):
                told.insert(0, not_judged_gap(name, rules))
            gaps += told or [indicator_gap(name, _NOTHING)]
        rows.append(known)
    return rows, gaps
