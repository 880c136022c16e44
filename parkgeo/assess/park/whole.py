"""All indicators of one park, from its ledger, parcels, companies and own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.assess.park.companies import company_rows
from parkgeo.assess.park.industries import leading_rows
from parkgeo.assess.park.intensity import INTENSITIES, land_intensity
from parkgeo.assess.park.rates import ledger_rates, rate_bounds
from parkgeo.assess.park.reserve import land_reserve
from parkgeo.assess.park.rows import TITLES
from parkgeo.assess.park.score import ideal_potential, intensive_use_score
from parkgeo.assess.park.stated import stated_rows
from parkgeo.assess.park.totals import SUMS, potential_totals
from parkgeo.assess.park.zone import zone_row
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.park.comeback import CostBasis
    from parkgeo.packs import RuleBook

__all__ = ["READ", "OnePark", "Whole", "whole_park"]

READ = tuple(
    dict.fromkeys(("site_area_m2", "use_code", "land_use_code", "idle", "idle_consequence", "contract_on", "approved_on", *INTENSITIES, *SUMS))
)  # fmt: skip
"""Columns of the parcels that a park's indicators are made of."""

_ORDER = {name: at for at, name in enumerate(TITLES)}


@dataclass(frozen=True)
class OnePark:
    """What is known of a park.

    Attributes
    ----------
    park
        Its row of the parks.
    at
        Places of its parcels among all.
    parcels, classes
        Its parcels, of their columns at least `READ`, and what they count as in the ledger.
    area_m2
        Item of its ledger → m².
    occupied
        Whether a company holds each of its parcels; None without the table.
    filed
        Its companies' returns of the latest full year and the one before; None without returns.
    year
        The latest full year.
    industries
        Its rows of the table of industries.
    basis
        What the cost of idleness is measured by.
    """

    park: Mapping[Hashable, Any]
    at: NDArray[np.intp]
    parcels: pd.DataFrame
    classes: pd.DataFrame
    area_m2: Mapping[str, float]
    occupied: NDArray[np.bool_] | None
    filed: tuple[pd.DataFrame, pd.DataFrame] | None
    year: int | None
    industries: pd.DataFrame
    basis: CostBasis | None


@dataclass(frozen=True)
class Whole:
    """A park's indicators.

    Attributes
    ----------
    rows
        For `parkgeo.assess.park.rows.indicator_frame`, without the park's id.
    gaps
        What is missing.
    zone_type
        See `parkgeo.assess.park.zone`.
    """

    rows: list[dict[str, Any]]
    gaps: list[Gap]
    zone_type: str | None


def whole_park(one: OnePark, rules: RuleBook, as_of: dt.date) -> Whole:
    """Work out a park's indicators.

    Parameters
    ----------
    one
        The park.
    rules
        The packs in force.
    as_of
        The day of judgement.

    Returns
    -------
    Whole
        Rows in the order of `parkgeo.assess.park.rows.TITLES`.
    """
    ends = {name: bounds for name, (_, _, bounds) in rate_bounds(one.area_m2).items()}
    zone, zone_rows, zone_gaps = zone_row(ends["industrial_land_rate"], ends["residential_land_rate"], rules)
    built, industrial = (one.area_m2[item] / M2_PER_HA for item in ("A", "A2"))
    found = [
        ledger_rates(one.area_m2, rules),
        land_intensity(one.parcels, one.classes, rules),
        stated_rows(one.park, built, rules),
        company_rows(one.parcels, one.classes, one.occupied, one.filed, one.year, rules),
        leading_rows(one.industries, one.park.get("leading_industries"), rules),
        land_reserve(one.parcels, one.classes, rules, as_of),
        potential_totals(one.parcels, one.basis, one.at, rules),
    ]
    rows = [row for part, _ in found for row in part]
    gaps = [*zone_gaps, *(gap for _, part in found for gap in part)]
    values = {row["name"]: float(row["value"]) for row in rows}
    score, score_gaps = intensive_use_score(values, rules)
    ideal, ideal_gaps = ideal_potential(values, built, industrial, rules)
    rows = sorted([*rows, *zone_rows, score, *ideal], key=lambda row: _ORDER[row["name"]])
    return Whole(rows, [*gaps, *score_gaps, *ideal_gaps], zone)
