"""What companies yield on the land they occupy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.metrics.attribution import Named, Stays, named_alike, spread, tenancies, year_of
from parkgeo.metrics.returns import WHY, filed, returns_for
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.metrics.attribution import Spread
    from parkgeo.metrics.returns import PeriodReturns

__all__ = [
    "SPLIT_METHOD", "Attribution", "attribute_performance", "latest_year", "per_mu", "quotient", "unattributed",
]  # fmt: skip

SPLIT_METHOD = (
    "A company's yearly figure is split over its parcels by occupied area times days occupied in the year; a company on "
    "one parcel gives it the whole figure. Where a company on several parcels has no area for one of them, its figure is "
    "not split but listed as not attributable."
)
"""How yearly figures come to parcels, in a sentence for reports."""

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Attribution:
    """Companies' figures of one period on parcels, by name.

    Attributes
    ----------
    stays, returns, found, measures
        Who was where, what they filed, how it came to parcels; and the columns of the latter two.
    """

    stays: Stays
    returns: PeriodReturns
    found: Spread
    measures: tuple[str, ...]

    @cached_property
    def parcels(self) -> pd.DataFrame:
        """Each measure on each parcel that a company occupied in the period.

        Index parcel_id; float64, NaN where a company on the parcel has no figure for the period or one that cannot be split.
        """
        at = self.stays.occupied
        names = self.stays.of.parcels[at].rename("parcel_id")
        return pd.DataFrame(self.found.parcels[at], index=names, columns=list(self.measures))

    @property
    def attributed(self) -> pd.Series[float]:
        """Sum of each measure that came to parcels."""
        return pd.Series(self.found.attributed, index=list(self.measures))

    @property
    def unattributed(self) -> pd.Series[float]:
        """Sum of each measure that came to none: with ``attributed`` the sum of the returns."""
        return pd.Series(unattributed(self.returns, self.found), index=list(self.measures))

    @property
    def incomplete(self) -> pd.Series[float]:
        """The part of ``attributed`` on parcels whose figure is NaN, because another company there has none."""
        return pd.Series(self.found.incomplete, index=list(self.measures))

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why a measure of a parcel is NaN, a row for each company that leaves it so.

        Index parcel_id; columns ``enterprise_id``, ``measure``, ``reason`` (``no_return``, ``blank``, ``several_returns``,
        ``monthly_only`` or ``no_area``).
        """
        return _reasons(self.stays, self.returns, list(self.measures))


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
        Columns that add up: money, energy, water, persons.

    Returns
    -------
    Attribution

    Notes
    -----
    Weight of a row = occupied area × days occupied in the year; share = weight ÷ the company's sum of weights. See
    `SPLIT_METHOD`. A company with two yearly figures for the year has no certain one, so its parcels get none.

    Examples
    --------
    >>> where = pd.DataFrame({"enterprise_id": ["e", "e"], "parcel_id": ["a", "b"], "occupied_area_m2": [1.0, 3.0]})
    >>> what = pd.DataFrame({"enterprise_id": ["e"], "year": [2025], "output_wan": [400.0]})
    >>> attribute_performance(where, what, year=2025, measures=["output_wan"]).parcels["output_wan"].tolist()
    [100.0, 300.0]
    """
    those_there, those_who_filed = named_alike(occupancy["enterprise_id"], performance["enterprise_id"])
    at, places = pd.factorize(occupancy["parcel_id"].to_numpy(dtype=object), sort=True)
    period = year_of(year)
    of = tenancies(occupancy, those_there, Named(pd.Index(places, dtype=object), at))
    stays = Stays.within(of, period)
    returned = filed(performance, those_who_filed, measures=measures)
    returns = returns_for(returned, period)
    return Attribution(stays, returns, spread(stays, returns.figures), returned.measures)


def unattributed(returns: PeriodReturns, found: Spread) -> NDArray[np.float64]:
    """Of each measure what was filed and came to no parcel."""
    rest = returns.total - found.attributed
    # What splitting and adding up again leaves is no money; adding 0.0 turns the -0.0 of a rounding into 0.0.
    return np.where(np.abs(rest) <= _ROUNDING * np.maximum(np.abs(returns.total), 1.0), 0.0, rest) + 0.0


def _reasons(stays: Stays, returns: PeriodReturns, measures: list[str]) -> pd.DataFrame:
    """A row for each company on a parcel that leaves a measure of it missing."""
    missing = np.isnan(returns.figures)[stays.company]
    row, column = np.nonzero(missing | np.isnan(stays.share)[:, None])
    inside = stays.parcel[row] < len(stays.of.parcels)
    row, column = row[inside], column[inside]
    order = np.lexsort((row, column))
    row, column = row[order], column[order]
    company = stays.company[row]
    why = np.asarray([*WHY, "no_area"], dtype=object)[
        np.where(missing[row, column], returns.why[company, column], len(WHY))
    ]
    return pd.DataFrame(
        {
            "enterprise_id": stays.of.companies.to_numpy(dtype=object)[company],
            "measure": np.asarray(measures, dtype=object)[column],
            "reason": why,
        },
        index=pd.Index(stays.of.parcels.to_numpy(dtype=object)[stays.parcel[row]], name="parcel_id"),
    )


def per_mu(total: pd.Series[float], site_area_m2: pd.Series[float], name: str) -> pd.Series[float]:
    """A yearly figure per mu of site.

    Parameters
    ----------
    total
        万元, or the measure's own unit.
    site_area_m2
        m², on the same index.
    name
        Of the result, such as ``output_wan_per_mu``.

    Returns
    -------
    pandas.Series
        万元/亩, or the measure's unit per 亩; NaN where either is missing or the area is 0.

    Examples
    --------
    >>> per_mu(pd.Series([300.0]), pd.Series([10000.0]), "output_wan_per_mu").tolist()
    [20.0]
    """
    value = quotient(
        np.asarray(total, dtype=np.float64), np.asarray(site_area_m2, dtype=np.float64) / M2_PER_MU
    )
    return pd.Series(value, index=total.index, name=name, dtype="float64")


def quotient(numerator: NDArray[np.float64], denominator: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ratio; NaN where a part is missing or the denominator is not above 0: nothing is earned per nothing.

    Examples
    --------
    >>> quotient(np.array([6.0, 1.0, -2.0]), np.array([2.0, 0.0, 4.0])).tolist()
    [3.0, nan, -0.5]
    """
    found: NDArray[np.float64] = np.divide(
        numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=denominator > 0
    )
    return found


def latest_year(performance: pd.DataFrame, as_of: dt.date) -> int | None:
    """The latest calendar year with yearly returns that was over on a day; None where there is none.

    Examples
    --------
    >>> import datetime as dt
    >>> latest_year(pd.DataFrame({"year": [2024.0, 2025.0]}), dt.date(2025, 6, 30))
    2024
    """
    yearly = performance[performance["month"].isna()] if "month" in performance else performance
    years = yearly["year"].dropna()
    last = as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1
    over = years[years <= last]
    return int(over.max()) if len(over) else None
