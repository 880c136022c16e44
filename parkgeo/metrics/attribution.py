"""Who occupied which land when, and how companies' figures come to it; all in arrays, one row a tenancy."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

__all__ = [
    "LAND_BASES", "Named", "Period", "Spread", "Stays", "Tenancies", "between", "land_mean", "month_of", "named_alike", "spread",
    "tenancies", "year_of",
]  # fmt: skip

LAND_BASES = ("occupied_area", "site_area", "mixed")
"""What a company's land is counted by: the areas it states, the areas of the parcels that it has to itself, or both."""


@dataclass(frozen=True)
class Period:
    """A calendar year or month.

    Attributes
    ----------
    first, days
        Its first day, as days since 1970-01-01, and its length.
    year, month
        ``month`` is 0 for a whole year.
    """

    first: int
    days: int
    year: int
    month: int = 0


def year_of(year: int) -> Period:
    """A calendar year.

    Examples
    --------
    >>> year_of(2024).days
    366
    """
    return Period(_day(year, 1), 366 if calendar.isleap(year) else 365, year)


def month_of(year: int, month: int) -> Period:
    """A calendar month.

    Examples
    --------
    >>> month_of(2024, 2).days
    29
    """
    return Period(_day(year, month), calendar.monthrange(year, month)[1], year, month)


def between(first: dt.date, last: dt.date) -> Period:
    """Whole months from one day to another; of the year in which they end.

    Examples
    --------
    >>> import datetime as dt
    >>> between(dt.date(2023, 7, 1), dt.date(2024, 6, 30)).days
    366
    """
    return Period(_day(first.year, first.month), (last - first).days + 1, last.year)


def _day(year: int, month: int) -> int:
    return int(np.datetime64(f"{year:04d}-{month:02d}-01", "D").astype(np.int64))


class Named(NamedTuple):
    """A column of ids in numbers: the names, and each row's position among them; -1 where it is none of them."""

    names: pd.Index[str]
    place: NDArray[np.intp]


def named_alike(*columns: pd.Series[Any]) -> list[Named]:
    """Columns of ids that share their names, which are all that occur, in the order in which they first do.

    Examples
    --------
    >>> [each.place.tolist() for each in named_alike(pd.Series(["b", "a"]), pd.Series(["c", "a"]))]
    [[0, 1], [2, 1]]
    """
    at, names = pd.factorize(np.concatenate([column.to_numpy(dtype=object) for column in columns]))
    ends = np.cumsum([len(column) for column in columns])
    every = pd.Index(names, dtype=object)
    return [Named(every, own) for own in np.split(at, ends[:-1])]


@dataclass(frozen=True)
class Tenancies:
    """The occupancy in numbers; a row is a company on a parcel for a time.

    Attributes
    ----------
    companies, parcels
        Names; the arrays below hold their positions. A parcel that is not among them has the position ``len(parcels)``.
    company, parcel
        Of each row.
    area_m2
        Occupied area; NaN where it is not stated.
    first, last
        First and last day, as days since 1970-01-01; a day that is blank lies beyond any period.
    pair, pair_company
        Number of each row's company and parcel together, and of each such pair the company: several rows of one company on one
        parcel, a renewed lease perhaps, are still one parcel.
    """

    companies: pd.Index[str]
    parcels: pd.Index[str]
    company: NDArray[np.intp]
    parcel: NDArray[np.intp]
    area_m2: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    pair: NDArray[np.intp]
    pair_company: NDArray[np.intp]


def tenancies(occupancy: pd.DataFrame, companies: Named, parcels: Named) -> Tenancies:
    """The occupancy as arrays.

    Parameters
    ----------
    occupancy
        ``parcel_id``, and as far as known ``occupied_area_m2``, ``from_on``, ``to_on``.
    companies
        Its companies, among whoever is to be asked for.
    parcels
        Its parcels, among those that figures come to.

    Returns
    -------
    Tenancies
    """
    (every, company), (places, parcel) = companies, parcels
    # Pairs tell parcels apart by name, for two that are not among the parcels are still two.
    elsewhere = np.flatnonzero(parcel < 0)
    place = parcel.astype(np.int64)
    place[elsewhere] = len(places) + pd.factorize(occupancy["parcel_id"].iloc[elsewhere])[0]
    wide = len(places) + len(elsewhere) + 1
    pairs = company.astype(np.int64) * wide + place
    pair, of_pair = pd.factorize(pairs)
    area = (
        occupancy["occupied_area_m2"].to_numpy(dtype=float)
        if "occupied_area_m2" in occupancy
        else np.full(len(occupancy), np.nan)
    )
    return Tenancies(
        companies=every,
        parcels=places,
        company=company,
        parcel=np.where(parcel < 0, len(places), parcel),
        area_m2=area,
        first=_days(occupancy, "from_on", blank=np.iinfo(np.int32).min),
        last=_days(occupancy, "to_on", blank=np.iinfo(np.int32).max),
        pair=pair,
        pair_company=(of_pair // wide).astype(np.intp),
    )


def _days(occupancy: pd.DataFrame, name: str, *, blank: int) -> NDArray[np.int64]:
    if name not in occupancy:
        return np.full(len(occupancy), blank, dtype=np.int64)
    days = occupancy[name].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
    return np.where(np.isnat(days), blank, days.astype(np.int64))


@dataclass(frozen=True)
class Stays:
    """The tenancies of one period.

    Attributes
    ----------
    of, period
        What they are rows of, and when.
    company, parcel, pair, days
        Of each row that touches the period; days of it within the period.
    area_m2
        Occupied area of each row; NaN where it is not stated.
    land_days
        Area × days of each row, with the parcel's area where that stands in; NaN where neither is known.
    parcels_of
        Number of parcels of each company.
    land_m2
        Each company's land: area × days ÷ days of the period, summed; NaN where a part is not known, 0 where there is none.
    basis
        Position in `LAND_BASES` of what ``land_m2`` is counted by; −1 where it is NaN or 0.
    """

    of: Tenancies
    period: Period
    company: NDArray[np.intp]
    parcel: NDArray[np.intp]
    pair: NDArray[np.intp]
    days: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    land_days: NDArray[np.float64]
    parcels_of: NDArray[np.int64]
    land_m2: NDArray[np.float64]
    basis: NDArray[np.int8]

    @classmethod
    def within(cls, of: Tenancies, period: Period, site_area_m2: NDArray[np.float64] | None = None) -> Stays:
        """The rows that touch a period.

        Parameters
        ----------
        of
            All tenancies.
        period
            A year or a month.
        site_area_m2
            Of ``of.parcels``. A company that states no area for a parcel, and has it to itself for the period, has its whole
            area as land; None: its land is not known then.
        """
        end = period.first + period.days - 1
        days = np.minimum(of.last, end) - np.maximum(of.first, period.first) + 1
        at = np.flatnonzero(days > 0)
        count = len(of.companies)
        # Most often everyone was there: then the rows need not be picked.
        everyone = len(at) == len(days)
        company, parcel, pair = (each if everyone else each[at] for each in (of.company, of.parcel, of.pair))
        area, stayed = of.area_m2 if everyone else of.area_m2[at], days[at].astype(np.float64)
        land_days = _filled(of, at, stayed, period, site_area_m2) * stayed
        # bincount carries a NaN into the company's sum: a part that is not known leaves the whole unknown.
        land = np.bincount(company, weights=land_days, minlength=count) / period.days
        present = np.bincount(pair, minlength=len(of.pair_company)) > 0
        parcels_of = np.bincount(of.pair_company[present], minlength=count)
        stated = np.bincount(company[~np.isnan(area)], minlength=count)
        rows_of = np.bincount(company, minlength=count)
        basis = np.select([~(land > 0), stated == rows_of, stated == 0], [-1, 0, 1], default=2)
        return cls(
            of,
            period,
            company,
            parcel,
            pair,
            stayed,
            area,
            land_days,
            parcels_of,
            land,
            basis.astype(np.int8),
        )

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """Of the company's figure that comes to each row; NaN where it cannot be told."""
        weight, count = self.area_m2 * self.days, len(self.of.companies)
        whole = np.bincount(self.company, weights=weight, minlength=count)[self.company]
        share = np.divide(weight, whole, out=np.full(len(weight), np.nan), where=whole > 0)
        rows_of = np.bincount(self.company, minlength=count)[self.company]
        return np.where(self.parcels_of[self.company] == 1, 1.0 / rows_of, share)

    @cached_property
    def once(self) -> NDArray[np.intp]:
        """One row of each company and parcel."""
        rows = np.full(len(self.of.pair_company), -1)
        rows[self.pair] = np.arange(len(self.pair))
        return rows[rows >= 0]

    def companies_on(self) -> NDArray[np.int64]:
        """Number of companies on each parcel."""
        return np.bincount(self.parcel[self.once], minlength=len(self.of.parcels) + 1)[:-1]

    @cached_property
    def occupied(self) -> NDArray[np.bool_]:
        """Whether any company was on each parcel."""
        found: NDArray[np.bool_] = np.bincount(self.parcel, minlength=len(self.of.parcels) + 1)[:-1] > 0
        return found

    @cached_property
    def single(self) -> NDArray[np.bool_]:
        """Whether each parcel has one company; at the end, whether the parcels that figures do not come to have one together."""
        return _single(self.parcel, self.company, len(self.of.parcels) + 1)


def _filled(
    of: Tenancies,
    at: NDArray[np.intp],
    days: NDArray[np.float64],
    period: Period,
    site_area_m2: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Each row's area; that of the parcel where none is stated and no other tenancy is on it."""
    area = of.area_m2[at]
    blank = np.isnan(area)
    if site_area_m2 is None or not blank.any():
        return area
    parcel, count = of.parcel[at], len(of.parcels) + 1
    stayed = np.bincount(parcel, weights=days, minlength=count)
    # More days than the period has: two rows at one time, of which the parcel would count twice.
    to_itself = _single(parcel, of.company[at], count) & (stayed <= period.days)
    site = np.append(site_area_m2, np.nan)
    return np.where(blank & to_itself[parcel], site[parcel], area)


def _single(parcel: NDArray[np.intp], company: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    """Whether each parcel has one company."""
    lowest, highest = np.full(count, np.iinfo(np.intp).max), np.full(count, -1)
    np.minimum.at(lowest, parcel, company)
    np.maximum.at(highest, parcel, company)
    found: NDArray[np.bool_] = lowest == highest
    return found


def land_mean(stays: Stays, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of a companies' figure on each parcel, weighted by area × days.

    Parameters
    ----------
    stays
        Of the period.
    values
        Of each company, such as its capacity use.

    Returns
    -------
    numpy.ndarray
        Of each parcel; the company's own where there is one, whatever its area; NaN where no company is there, one has no
        value, or the area of one of several is not known.
    """
    count = len(stays.of.parcels) + 1
    value = values[stays.company]
    land = np.bincount(stays.parcel, weights=stays.land_days, minlength=count)
    summed = np.bincount(stays.parcel, weights=value * stays.land_days, minlength=count)
    mean = np.divide(summed, land, out=np.full(count, np.nan), where=land > 0)
    own = np.full(count, np.nan)
    own[stays.parcel] = value
    return np.where(stays.single, own, mean)[:-1]


@dataclass(frozen=True)
class Spread:
    """Companies' figures on parcels, a column a measure.

    Attributes
    ----------
    parcels
        Sum on each parcel; NaN where no company is on it, or one whose figure is not known.
    attributed
        Sum of what came to parcels, whole or not.
    incomplete
        The part of it that lies on parcels whose sum is NaN, since another company's figure there is not known.
    """

    parcels: NDArray[np.float64]
    attributed: NDArray[np.float64]
    incomplete: NDArray[np.float64]


def spread(stays: Stays, figures: NDArray[np.float64]) -> Spread:
    """Split companies' figures over the parcels they were on.

    Parameters
    ----------
    stays
        Of the figures' period.
    figures
        Companies × measures; NaN where a company has no certain figure.

    Returns
    -------
    Spread
    """
    count, measures = len(stays.of.parcels), figures.shape[1]
    # Whole columns are read and written, so a column lies in one piece.
    figures, parcels = np.asfortranarray(figures), np.empty((count, measures), order="F")
    attributed, incomplete = np.zeros(measures), np.zeros(measures)
    vacant = ~stays.occupied
    inside = stays.parcel < count
    for at in range(measures):
        value = figures[:, at][stays.company] * stays.share
        total = np.bincount(stays.parcel, weights=value, minlength=count + 1)
        known = inside & ~np.isnan(value)
        attributed[at] = value[known].sum()
        # A NaN stays in the sum, so the rest of such a parcel lies beside it.
        incomplete[at] = value[known & np.isnan(total)[stays.parcel]].sum()
        parcels[:, at] = total[:-1]
        parcels[vacant, at] = np.nan
    return Spread(parcels, attributed, incomplete)
