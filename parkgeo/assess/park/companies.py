"""What a park's companies say together: occupancy, growth, capacity, R&D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import dates, numbers
from parkgeo.assess.park.rows import fields_named, indicator, indicator_gap, over

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.metrics.attribution import Named
    from parkgeo.packs import RuleBook

__all__ = ["Holdings", "company_rows", "holdings", "home_park", "yearly_returns"]

_NO_OCCUPANCY = "Who occupies which parcel is not recorded: ask for the table of occupancy."
_NO_YEAR = "There is no company return for a full year before the day of judgement."
_NO_FIELD = "The companies' returns do not hold what this needs: {fields}."
_NO_TWO_YEARS = "No company filed value added for both {year} and the year before."

_FILED = ("value_added_wan", "capacity_use", "output_wan", "rd_wan", "revenue_wan", "staff")


@dataclass(frozen=True)
class Holdings:
    """Who holds which parcel: the rows of the occupancy in numbers.

    Attributes
    ----------
    names
        Ids of the companies, each once.
    company, parcel
        Of each row, the position of its company among ``names`` and of its parcel among the parcels; -1 where it is none of them.
    area_m2
        Of each row; NaN where it is not stated.
    on_day
        Whether the row holds on the day of judgement; a blank end of the time is open.
    occupied
        Whether a company holds each parcel on that day.
    """

    names: pd.Series[Any]
    company: NDArray[np.intp]
    parcel: NDArray[np.intp]
    area_m2: NDArray[np.float64]
    on_day: NDArray[np.bool_]
    occupied: NDArray[np.bool_]


def holdings(
    occupancy: pd.DataFrame,
    parcel: NDArray[np.intp],
    count: int,
    day: dt.date,
    *,
    companies: Named | None = None,
) -> Holdings:
    """Look up who holds which parcel.

    Parameters
    ----------
    occupancy
        ``enterprise_id``, and as far as known ``occupied_area_m2``, ``from_on``, ``to_on``.
    parcel
        Of each row, the position of its parcel; -1 where it is none of them.
    count
        Of parcels.
    day
        The day of judgement.
    companies
        Of the rows where they were looked up already.

    Examples
    --------
    >>> import datetime as dt
    >>> rows = pd.DataFrame({"enterprise_id": ["e", "e"], "to_on": pd.to_datetime([None, "2026-06-29"])})
    >>> holdings(rows, np.array([1, 0]), 2, dt.date(2026, 6, 30)).occupied.tolist()
    [False, True]
    """
    on = np.datetime64(day, "D")
    on_day = ~(dates(occupancy, "from_on") > on) & ~(dates(occupancy, "to_on") < on)
    company, names = (
        pd.factorize(occupancy["enterprise_id"]) if companies is None else (companies.place, companies.names)
    )
    occupied = np.zeros(count, dtype=bool)
    occupied[parcel[on_day & (parcel >= 0)]] = True
    area = numbers(occupancy, "occupied_area_m2")
    return Holdings(pd.Series(names), company, parcel, area, on_day, occupied)


def yearly_returns(performance: pd.DataFrame, year: int) -> pd.DataFrame:
    """What a park's rows are made of, one row a company that filed exactly one yearly return for a year, index enterprise_id."""
    filed = performance["year"] == year
    if "month" in performance:
        filed &= performance["month"].isna()
    own = performance.loc[filed, ["enterprise_id", *(name for name in _FILED if name in performance)]]
    return own[~own["enterprise_id"].duplicated(keep=False)].set_index("enterprise_id")


def home_park(held: Holdings, parks: pd.Series[Any]) -> pd.Series[str]:
    """Park of each company: where it holds the most land, else the most parcels; of equals the first by name.

    Parameters
    ----------
    held
        From `holdings`, at whatever time.
    parks
        Of the parcels, in their order.

    Returns
    -------
    pandas.Series
        ``park_id`` by enterprise_id; companies on none of the parcels are not there.
    """
    park, names = pd.factorize(parks, sort=True)
    rows = np.flatnonzero((held.parcel >= 0) & (held.company >= 0))
    # A number stands for a company in a park: groups of numbers are summed at once.
    pair = held.company[rows] * len(names) + park[held.parcel[rows]]
    found = (
        pd.DataFrame({"area": held.area_m2[rows], "rows": 1}).groupby(pair).sum().reset_index(names="pair")
    )
    found["company"], found["park"] = np.divmod(found["pair"].to_numpy(), max(len(names), 1))
    order = ["company", "area", "rows", "park"]
    first = found.sort_values(order, ascending=[True, False, False, True]).drop_duplicates("company")
    home = pd.Series(names).iloc[first["park"]].astype("str").array
    at = pd.Index(held.names.iloc[first["company"]], name="enterprise_id")
    return pd.Series(home, index=at, name="park_id")


def company_rows(
    parcels: pd.DataFrame,
    classes: pd.DataFrame,
    occupied: NDArray[np.bool_] | None,
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
        Whether a company holds each of the parcels; None where there is no table of that.
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
    parcels: pd.DataFrame, classes: pd.DataFrame, occupied: NDArray[np.bool_] | None, rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    if occupied is None:
        return [indicator("occupancy_rate", np.nan)], [indicator_gap("occupancy_rate", _NO_OCCUPANCY)]
    works = ((classes["built"] == 1) & (classes["use"] == "industrial")).to_numpy(dtype=bool)
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64) / 1e4
    row = over("occupancy_rate", float(area[works & occupied].sum()), float(area[works].sum()), rules)
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
