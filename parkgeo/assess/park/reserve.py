"""Land that can still be supplied, how fast it goes, and what is due to come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.coded import among, coded
from parkgeo.assess.contracts import dates
from parkgeo.assess.park.rows import indicator, indicator_gap, not_judged_gap
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    import datetime as dt

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["land_reserve"]

_NO_STATUSES = "No pack in force says which land that is not supplied can be (ledger.suppliable_statuses)."
_NO_LEDGER = "The supply status of the land is not recorded: ask for the supply ledger."
_NO_SUPPLY = "No land was supplied in the last {years} years, so there is no rate at which the rest goes."
_OPEN = "Of {ha} ha it is not known whether the land is supplied; it is not in this figure."


def land_reserve(
    parcels: pd.DataFrame, classes: pd.DataFrame, rules: RuleBook, as_of: dt.date
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Rows on the supply of one park.

    Parameters
    ----------
    parcels
        ``site_area_m2``, ``idle``, and as far as they are there ``idle_consequence``, ``contract_on``, ``approved_on``.
    classes
        From `parkgeo.assess.park.land_use.land_classes`.
    rules
        ``potential.supply_years``.
    as_of
        The day of judgement.

    Returns
    -------
    tuple
        Rows; gaps. Years of supply are missing where nothing was supplied in the years that count.
    """
    ha = parcels["site_area_m2"].to_numpy(dtype=np.float64) / M2_PER_HA
    free = ha * (1 - classes["unbuildable"].to_numpy(dtype=np.float64))
    suppliable = (classes["suppliable"] == 1).to_numpy(dtype=bool)
    industrial = (classes["use"] == "industrial").to_numpy(dtype=bool)
    idle = coded(parcels, "idle")
    due = idle.among(["yes"]) & among(parcels, "idle_consequence", ["recovery"])
    judged = bool(idle.among(["yes", "no"]).any())
    known = bool(classes["supplied"].notna().any())
    # Of land that is not supplied the packs say whether it can be; where none do, 0 would say that none can.
    asked = bool(classes["suppliable"].notna().any()) or bool((classes["supplied"] == 1).all())
    rest = float(free[suppliable].sum()) if known and asked else np.nan
    rows = [
        indicator("suppliable_ha", rest),
        indicator(
            "suppliable_industrial_ha",
            float(free[suppliable & industrial].sum()) if known and asked else np.nan,
        ),
        indicator(
            "management_potential_ha",
            float(ha[due].sum()) if known and judged else np.nan,
        ),
    ]
    open_ha = float(ha[classes["supplied"].isna().to_numpy(dtype=bool)].sum())
    gaps: list[Gap] = []
    if not known:
        gaps = [indicator_gap(row["name"], _NO_LEDGER) for row in rows]
    elif not asked:
        gaps = [indicator_gap(name, _NO_STATUSES) for name in ("suppliable_ha", "suppliable_industrial_ha")]
    elif open_ha > 0:
        gaps = [indicator_gap("suppliable_ha", _OPEN, ha=round(open_ha, 2))]
    if known and not judged:
        gaps.append(not_judged_gap("management_potential_ha", rules))
    setting = rules.get("potential.supply_years")
    if setting is None:
        return rows, gaps
    years = int(setting.number("year"))
    yearly = _yearly_ha(parcels, classes, ha, years, as_of) if known else np.nan
    left = rest / yearly if yearly > 0 else np.nan
    rows += [
        indicator("yearly_supply_ha", yearly, numerator=yearly * years, denominator=float(years)),
        indicator("years_of_supply", left, numerator=rest, denominator=yearly),
    ]
    if not left >= 0:
        why = _NO_LEDGER if not known else _NO_STATUSES if not asked else _NO_SUPPLY
        gaps.append(indicator_gap("years_of_supply", why, years=years))
    return rows, gaps


def _yearly_ha(
    parcels: pd.DataFrame,
    classes: pd.DataFrame,
    ha: np.ndarray[Any, np.dtype[np.float64]],
    years: int,
    as_of: dt.date,
) -> float:
    """Mean yearly supply: by the day of the contract, else of the approval; both may be blank, and then it counts in no year."""
    signed, approved = dates(parcels, "contract_on"), dates(parcels, "approved_on")
    day = np.where(np.isnat(signed), approved, signed)
    last = np.datetime64(as_of, "D")
    first = (pd.Timestamp(as_of) - pd.DateOffset(years=years)).to_datetime64().astype("datetime64[D]")
    counted = (classes["supplied"] == 1).to_numpy(dtype=bool) & (day > first) & (day <= last)
    return float(ha[counted].sum()) / years
