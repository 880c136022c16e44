"""What a park's companies say together: occupancy, growth, capacity, R&D."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.membership import present
from parkgeo.assess.park.rows import fields_named, indicator, indicator_gap, over

if TYPE_CHECKING:
    import datetime as dt

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["company_rows", "home_park", "occupied_on", "yearly_returns"]

_NO_OCCUPANCY = "Who occupies which parcel is not recorded: ask for the table of occupancy."
_NO_YEAR = "There is no company return for a full year before the day of judgement."
_NO_FIELD = "The companies' returns do not hold what this needs: {fields}."
_NO_TWO_YEARS = "No company filed value added for both {year} and the year before."


def occupied_on(occupancy: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Rows of the occupancy that hold on a day; a blank end of the time is open."""
    on = pd.Timestamp(day)
    holds = np.ones(len(occupancy), dtype=bool)
    if "from_on" in occupancy:
        holds &= ~(occupancy["from_on"] > on).to_numpy(dtype=bool)
    if "to_on" in occupancy:
        holds &= ~(occupancy["to_on"] < on).to_numpy(dtype=bool)
    return occupancy[holds]


def yearly_returns(performance: pd.DataFrame, year: int) -> pd.DataFrame:
    """One row a company that filed exactly one yearly return for a year, index enterprise_id."""
    own = performance[performance["year"] == year]
    if "month" in own:
        own = own[own["month"].isna()]
    return own[~own["enterprise_id"].duplicated(keep=False)].set_index("enterprise_id")


def home_park(occupancy: pd.DataFrame, parcels: pd.DataFrame) -> pd.Series[str]:
    """Park of each company: where it occupies the most land, else the most parcels; of equals the first by name.

    Parameters
    ----------
    occupancy
        ``enterprise_id``, ``parcel_id``, ``occupied_area_m2`` where it is known.
    parcels
        ``parcel_id``, ``park_id``.

    Returns
    -------
    pandas.Series
        ``park_id`` by enterprise_id; companies on none of the parcels are not there.
    """
    area = occupancy.get("occupied_area_m2", np.nan)
    rows = occupancy[["enterprise_id", "parcel_id"]].assign(area=area, rows=1)
    rows = rows.merge(parcels[["parcel_id", "park_id"]], on="parcel_id")
    held = rows.groupby(["enterprise_id", "park_id"], as_index=False)[["area", "rows"]].sum()
    order = ["enterprise_id", "area", "rows", "park_id"]
    first = held.sort_values(order, ascending=[True, False, False, True], kind="stable")
    return first.drop_duplicates("enterprise_id").set_index("enterprise_id")["park_id"].astype("str")


def company_rows(
    parcels: pd.DataFrame,
    classes: pd.DataFrame,
    occupied: pd.DataFrame | None,
    filed: tuple[pd.DataFrame, pd.DataFrame] | None,
    year: int | None,
    rules: RuleBook,
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Rows of one park's companies.

    Parameters
    ----------
    parcels, classes
        Of the park.
    occupied
        Rows of the occupancy on the day; None where there is no such table.
    filed
        Returns of the park's companies for the latest full year and the one before, from `yearly_returns`.
    year
        The latest full year; None where there is none.
    rules
        The packs in force.

    Returns
    -------
    tuple
        Rows; gaps.
    """
    rows, gaps = _occupancy(parcels, classes, occupied, rules)
    if filed is None or year is None:
        names = ("value_added_growth", "capacity_use", "rd_share")
        return rows + [indicator(name, np.nan) for name in names], gaps + [
            indicator_gap(name, _NO_YEAR) for name in names
        ]
    latest, before = filed
    for name, (row, gap) in (
        ("value_added_growth", _growth(latest, before, year, rules)),
        ("capacity_use", _ratio("capacity_use", latest, ("capacity_use", "output_wan"), rules)),
        ("rd_share", _ratio("rd_share", latest, ("rd_wan", "revenue_wan"), rules)),
    ):
        rows.append(row)
        gaps += [indicator_gap(name, gap[0], **gap[1])] if gap else []
    return rows, gaps


def _occupancy(
    parcels: pd.DataFrame, classes: pd.DataFrame, occupied: pd.DataFrame | None, rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    if occupied is None:
        return [indicator("occupancy_rate", np.nan)], [indicator_gap("occupancy_rate", _NO_OCCUPANCY)]
    works = ((classes["built"] == 1) & (classes["use"] == "industrial")).to_numpy(dtype=bool)
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64) / 1e4
    used = works & present(parcels["parcel_id"], occupied["parcel_id"])
    row = over("occupancy_rate", float(area[used].sum()), float(area[works].sum()), rules)
    gap = [] if works.any() else [indicator_gap("occupancy_rate", "The park has no built land of that use.")]
    return [row], gap


def _growth(
    latest: pd.DataFrame, before: pd.DataFrame, year: int, rules: RuleBook
) -> tuple[dict[str, Any], tuple[str, dict[str, object]] | None]:
    field = "value_added_wan"
    if field not in latest:
        return indicator("value_added_growth", np.nan), (
            _NO_FIELD,
            {"fields": fields_named([field], "performance")},
        )
    earlier = before[field].rename("before")
    both = pd.concat([latest[field].rename("now"), earlier], axis=1, join="inner").dropna()
    now, then = float(both["now"].sum()), float(both["before"].sum())
    row = over("value_added_growth", now - then, then if len(both) else 0.0, rules)
    return row, None if row["value"] == row["value"] else (_NO_TWO_YEARS, {"year": year})


def _ratio(
    name: str, latest: pd.DataFrame, fields: tuple[str, str], rules: RuleBook
) -> tuple[dict[str, Any], tuple[str, dict[str, object]] | None]:
    """First field over the second, of the companies that filed both; capacity use is weighted by its second."""
    lacking = [field for field in fields if field not in latest or latest[field].isna().all()]
    if lacking:
        return indicator(name, np.nan), (_NO_FIELD, {"fields": fields_named(lacking, "performance")})
    both = latest[list(fields)].dropna()
    upper, lower = (both[field].to_numpy(dtype=np.float64) for field in fields)
    part = float((upper * lower).sum() if name == "capacity_use" else upper.sum())
    row = over(name, part, float(lower.sum()), rules)
    return row, None if row["value"] == row["value"] else (
        _NO_FIELD,
        {"fields": fields_named(fields, "performance")},
    )
