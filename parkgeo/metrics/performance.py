"""What companies yield on the land they occupy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SPLIT_METHOD", "Attribution", "attribute_performance", "per_mu"]

SPLIT_METHOD = (
    "A company's yearly figure is split over its parcels by occupied area times days occupied in the year; a company on "
    "one parcel gives it the whole figure. Where a company on several parcels has no area for one of them, its figure is "
    "not split but listed as not attributable."
)
"""How yearly figures come to parcels, in a sentence for reports."""


@dataclass(frozen=True)
class Attribution:
    """Companies' yearly figures on parcels.

    Attributes
    ----------
    parcels
        Index parcel_id; one float64 column a measure, 万元; NaN where a company on the parcel has no figure for the year
        or one that cannot be split. Parcels that no company occupied in the year are not there.
    attributed, unattributed
        Sum of each measure that came to parcels and that did not, 万元; together the sum of the returns.
    reasons
        Index parcel_id: why a measure is NaN; columns ``measure``, ``enterprise_id``, ``reason``
        (``no_return``, ``several_returns``, ``monthly_only`` or ``no_area``).
    """

    parcels: pd.DataFrame
    attributed: pd.Series[float]
    unattributed: pd.Series[float]
    reasons: pd.DataFrame


def attribute_performance(
    occupancy: pd.DataFrame, performance: pd.DataFrame, *, year: int, measures: Sequence[str]
) -> Attribution:
    """Split companies' yearly figures over the parcels they occupy.

    Parameters
    ----------
    occupancy
        ``enterprise_id``, ``parcel_id``, and as far as known ``occupied_area_m2``, ``from_on``, ``to_on``.
    performance
        ``enterprise_id``, ``year``, ``month`` where there are monthly rows, and the measures.
    year
        The calendar year.
    measures
        Columns in 万元 a year.

    Returns
    -------
    Attribution

    Notes
    -----
    Weight of a row = occupied area × days occupied in the year; share = weight ÷ the company's sum of weights. See
    `SPLIT_METHOD`. A company with two yearly rows for the year has no certain figure, so its parcels get none.

    Examples
    --------
    >>> where = pd.DataFrame({"enterprise_id": ["e", "e"], "parcel_id": ["a", "b"], "occupied_area_m2": [1.0, 3.0]})
    >>> what = pd.DataFrame({"enterprise_id": ["e"], "year": [2025], "output_wan": [400.0]})
    >>> attribute_performance(where, what, year=2025, measures=["output_wan"]).parcels["output_wan"].tolist()
    [100.0, 300.0]
    """
    present = [name for name in measures if name in performance]
    returns = _returns(performance, year, present)
    rows = _rows_in_year(occupancy, year)
    share = _shares(rows)
    figures = returns.reindex(rows["enterprise_id"]).to_numpy(dtype=float)
    values = pd.DataFrame(figures * share[:, None], columns=present, index=rows.index)
    values["parcel_id"] = rows["parcel_id"]
    # min_count cannot tell a missing part from a whole: one missing part makes the parcel's sum missing.
    parcels = values.groupby("parcel_id", sort=True)[present].agg(_whole_sum)
    attributed = values[present].sum()
    total = _returns_sum(performance, year, present)
    # Adding 0.0 turns the -0.0 of a rounding into 0.0.
    rest = (total - attributed).round(9) + 0.0
    return Attribution(
        parcels, attributed, rest, _reasons(rows, share, figures, present, _filed(performance, year))
    )


def per_mu(total_wan: pd.Series[float], site_area_m2: pd.Series[float], name: str) -> pd.Series[float]:
    """A yearly figure per mu of site.

    Parameters
    ----------
    total_wan
        万元.
    site_area_m2
        m², on the same index.
    name
        Of the result, such as ``output_wan_per_mu``.

    Returns
    -------
    pandas.Series
        万元/亩; NaN where either is missing or the area is 0.

    Examples
    --------
    >>> per_mu(pd.Series([300.0]), pd.Series([10000.0]), "output_wan_per_mu").tolist()
    [20.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = total_wan.to_numpy(dtype=float) / (site_area_m2.to_numpy(dtype=float) / M2_PER_MU)
    return pd.Series(
        np.where(np.isfinite(value), value, np.nan), index=total_wan.index, name=name, dtype="float64"
    )


def latest_year(performance: pd.DataFrame, as_of: dt.date) -> int | None:
    """The latest calendar year with yearly returns that was over on a day; None where there is none.

    Examples
    --------
    >>> latest_year(pd.DataFrame({"year": [2024.0, 2025.0]}), dt.date(2025, 6, 30))
    2024
    """
    years = _yearly(performance)["year"].dropna()
    over = years[years <= (as_of + dt.timedelta(days=1)).year - 1]
    return int(over.max()) if len(over) else None


def _yearly(performance: pd.DataFrame) -> pd.DataFrame:
    """Rows that stand for a whole year."""
    return performance[performance["month"].isna()] if "month" in performance else performance


def _returns_sum(performance: pd.DataFrame, year: int, measures: list[str]) -> pd.Series[float]:
    yearly = _yearly(performance)
    return yearly.loc[yearly["year"] == year, measures].sum()


def _returns(performance: pd.DataFrame, year: int, measures: list[str]) -> pd.DataFrame:
    """One row a company; those that filed twice for the year are left out, for neither figure is certain."""
    yearly = _yearly(performance)
    filed = yearly[yearly["year"] == year]
    once = filed[~filed["enterprise_id"].duplicated(keep=False)]
    return once.set_index("enterprise_id")[measures]


def _rows_in_year(occupancy: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rows whose time touches the year, with the days of it."""
    first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    start = (
        occupancy["from_on"].fillna(first)
        if "from_on" in occupancy
        else pd.Series(first, index=occupancy.index)
    )
    end = occupancy["to_on"].fillna(last) if "to_on" in occupancy else pd.Series(last, index=occupancy.index)
    days = (end.where(end < last, last) - start.where(start > first, first)).dt.days + 1
    rows = occupancy.assign(days=days)
    touching: pd.DataFrame = rows[days > 0].reset_index(drop=True)
    return touching


def _shares(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Each row's share of its company's figure; NaN where it cannot be told."""
    area = (
        rows["occupied_area_m2"].to_numpy(dtype=float)
        if "occupied_area_m2" in rows
        else np.full(len(rows), np.nan)
    )
    weight = area * rows["days"].to_numpy(dtype=float)
    company = rows["enterprise_id"]
    total = pd.Series(weight).groupby(company.to_numpy()).transform(_whole_sum).to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, weight / total, np.nan)
    # Several rows of one company on one parcel, a renewed lease perhaps, are still one parcel.
    of_company = rows.groupby("enterprise_id")["parcel_id"]
    alone = of_company.transform("nunique").to_numpy() == 1
    return np.where(alone, 1.0 / of_company.transform("size").to_numpy(dtype=float), share)


def _whole_sum(values: pd.Series[float]) -> float:
    """Sum; NaN as soon as one value is missing."""
    return float(values.sum(skipna=False))


def _filed(performance: pd.DataFrame, year: int) -> dict[str, str]:
    """Why a company that filed for the year has no one figure for it."""
    of_year = performance[performance["year"] == year]
    yearly = _yearly(of_year)["enterprise_id"]
    monthly = dict.fromkeys(set(of_year["enterprise_id"]) - set(yearly), "monthly_only")
    return monthly | dict.fromkeys(yearly[yearly.duplicated(keep=False)], "several_returns")


def _reasons(
    rows: pd.DataFrame,
    share: NDArray[np.float64],
    figures: NDArray[np.float64],
    measures: list[str],
    filed: dict[str, str],
) -> pd.DataFrame:
    found = []
    for at, measure in enumerate(measures):
        lacks_return = np.isnan(figures[:, at])
        lacks_area = ~lacks_return & np.isnan(share)
        part = rows[["parcel_id", "enterprise_id"]].assign(measure=measure)
        found.append(
            part[lacks_return].assign(
                reason=[
                    filed.get(str(company), "no_return")
                    for company in rows.loc[lacks_return, "enterprise_id"]
                ]
            )
        )
        found.append(part[lacks_area].assign(reason="no_area"))
    together = (
        pd.concat(found, ignore_index=True)
        if found
        else pd.DataFrame(columns=["parcel_id", "enterprise_id", "measure", "reason"])
    )
    return together.set_index("parcel_id")
