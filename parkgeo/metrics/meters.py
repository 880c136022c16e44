"""Twelve months of electricity and water on each parcel, from the companies' monthly readings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.attribution import Stays
    from parkgeo.metrics.returns import Filed

__all__ = ["METERED", "MONTHS", "Metered", "Occupants", "meter_window", "metered", "occupants"]

MONTHS = 12
"""Months that a meter is read over."""

METERED = {"electricity_kwh": "electricity_kwh_per_mu", "water_m3": "water_m3_per_mu"}
"""Field of the monthly readings → metric of parcels."""


@dataclass(frozen=True)
class Occupants:
    """Who was on each parcel in a time, in the order of the parcels.

    Attributes
    ----------
    companies, own
        How many, and how many of them were on no other parcel.
    sole
        Position of the company where it is the only one, else -1.
    """

    companies: NDArray[np.int64]
    own: NDArray[np.int64]
    sole: NDArray[np.intp]


@dataclass(frozen=True)
class Metered:
    """One meter's twelve months on parcels, each array in the order of the parcels.

    Attributes
    ----------
    there
        Who was there in that time.
    total
        In the meter's unit; NaN where nobody was there, or a company that has no certain figure or one that cannot be split.
    months
        Fewest certain months of a company there; NaN where nobody was there.
    unread, unsplit
        Why the total is missing: rows of companies with too few certain months, and of companies whose parcels have no known area.
    row
        Where a sole company's last reading stands: position among the returns as they were read; -1 where there is none.
    """

    there: Occupants
    total: NDArray[np.float64]
    months: NDArray[np.float64]
    unread: NDArray[np.int64]
    unsplit: NDArray[np.int64]
    row: NDArray[np.intp]


def meter_window(as_of: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the twelve full months that were over on a day; the month it lies in counts only where this is its last.

    Examples
    --------
    >>> [str(day) for day in meter_window(dt.date(2026, 6, 29))]
    ['2025-06-01', '2026-05-31']
    >>> [str(day) for day in meter_window(dt.date(2026, 6, 30))]
    ['2025-07-01', '2026-06-30']
    """
    running = (as_of + dt.timedelta(days=1)).replace(day=1)
    return running.replace(year=running.year - 1), running - dt.timedelta(days=1)


def metered(stays: Stays, of: Filed, *, least_months: int = MONTHS) -> dict[str, Metered]:
    """Meters' twelve months, split over the parcels that the companies occupy.

    Parameters
    ----------
    stays
        Of the twelve months, see `meter_window`.
    of
        The returns, of the same companies.
    least_months
        With fewer certain months a company has no figure; with this many, but not all twelve, it has twelve times the mean.

    Returns
    -------
    dict of Metered
        By field; one that the readings lack is not there.

    Notes
    -----
    A reading of 0 is a figure, a blank one is none. Two readings of a company for one month leave the month uncertain: whether
    they are two meters or one entered twice is not ours to guess. A company's total is split over its parcels by occupied
    area × days occupied within the twelve months, as its returns are; a company on one parcel gives it the whole.

    Examples
    --------
    >>> import pandas as pd
    >>> from parkgeo.metrics.attribution import Stays, between, named_alike, tenancies
    >>> from parkgeo.metrics.returns import filed
    >>> where = pd.DataFrame({"enterprise_id": ["e", "e"], "parcel_id": ["a", "b"], "occupied_area_m2": [1.0, 3.0]})
    >>> read = pd.DataFrame({"enterprise_id": "e", "year": 2025.0, "month": np.arange(1.0, 13), "water_m3": 10.0})
    >>> there, reading = named_alike(where["enterprise_id"], read["enterprise_id"])
    >>> of = tenancies(where, there, *named_alike(where["parcel_id"]))
    >>> year = Stays.within(of, between(*meter_window(dt.date(2025, 12, 31))))
    >>> metered(year, filed(read, reading))["water_m3"].total.tolist()
    [30.0, 90.0]
    """
    if not of.monthly:
        return {}
    there = occupants(stays)
    return {
        measure: _on_parcels(stays, there, _readings(stays, of, of.measures.index(measure), least_months))
        for measure in METERED
        if measure in of.measures
    }


def occupants(stays: Stays) -> Occupants:
    """Who occupied each parcel in a time."""
    parcel, company = stays.parcel[stays.once], stays.company[stays.once]
    count = len(stays.of.parcels)
    alone = stays.parcels_of[company] == 1
    companies = np.bincount(parcel, minlength=count + 1)[:-1]
    sole = np.full(count + 1, -1)
    sole[parcel] = company
    own = np.bincount(parcel[alone], minlength=count + 1)[:-1]
    return Occupants(companies, own, np.where(companies == 1, sole[:-1], -1))


@dataclass(frozen=True)
class _Readings:
    """Of each company: its twelve months, how many of them are certain, and where the last reading stands, -1 without any."""

    total: NDArray[np.float64]
    months: NDArray[np.float64]
    row: NDArray[np.intp]


def _readings(stays: Stays, of: Filed, column: int, least_months: int) -> _Readings:
    """What was read in the months of the stays."""
    count = len(of.companies)
    first = np.datetime64(stays.period.first, "D").astype("datetime64[M]").astype(np.int64)
    # Months since 1970 began; of a yearly return the month is 0 and it is left out.
    since = (of.year - 1970) * MONTHS + of.month - 1 - first
    at = np.flatnonzero((of.month > 0) & (since >= 0) & (since < MONTHS))
    at = at[~np.isnan(of.cells[at, column])]
    company, month = of.company[at], since[at]
    slot = company * MONTHS + month
    certain = np.bincount(slot, minlength=count * MONTHS)[slot] == 1
    months = np.bincount(company[certain], minlength=count).astype(np.float64)
    value = np.where(certain, of.cells[at, column], 0.0)
    total = np.bincount(company, weights=value, minlength=count)
    enough = months >= max(least_months, 1)
    # The last write wins, so writing in order of the months leaves the last.
    order = np.argsort(month, kind="stable")
    row = np.full(count, -1)
    row[company[order]] = of.row[at[order]]
    return _Readings(np.divide(MONTHS * total, months, out=np.full(count, np.nan), where=enough), months, row)


def _on_parcels(stays: Stays, there: Occupants, readings: _Readings) -> Metered:
    figure, months = readings.total[stays.company], readings.months[stays.company]
    value, count = figure * stays.share, len(stays.of.parcels) + 1
    fewest = np.full(count, np.inf)
    np.minimum.at(fewest, stays.parcel, months)
    # One company that is not known is NaN, and leaves the parcel's total missing.
    total = np.bincount(stays.parcel, weights=value, minlength=count)[:-1]
    unread, unsplit = np.isnan(figure), ~np.isnan(figure) & np.isnan(value)
    return Metered(
        there,
        np.where(stays.occupied, total, np.nan),
        np.where(stays.occupied, fewest[:-1], np.nan),
        np.bincount(stays.parcel[unread], minlength=count)[:-1],
        np.bincount(stays.parcel[unsplit], minlength=count)[:-1],
        # Of one company's meter the row can be named; a sum of several stands in none.
        np.append(readings.row, -1)[there.sole],
    )
