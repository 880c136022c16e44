"""Twelve months of electricity and water on each parcel, from the companies' monthly readings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.metrics.attribution import Period, Stays, tenancies

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["METERED", "MONTHS", "Metered", "meter_window", "metered", "occupants"]

MONTHS = 12
"""Months that a meter is read over."""

METERED = {"electricity_kwh": "electricity_kwh_per_mu", "water_m3": "water_m3_per_mu"}
"""Field of the monthly readings → metric of parcels."""


@dataclass(frozen=True)
class Metered:
    """One meter's twelve months on parcels.

    Attributes
    ----------
    first, last
        First and last day of the twelve months.
    parcels
        Index parcel_id, each parcel that a company occupied in that time: ``total`` (in the meter's unit; NaN where a
        company on the parcel has no certain figure or one that cannot be split), ``months`` (float64: fewest certain months of a
        company there), ``companies`` and ``own`` (how many are there, and how many of them on no other parcel, int64), and why
        the total is missing: ``unread`` (rows of companies with too few certain months) and ``unsplit`` (rows of companies
        whose parcels have no known area), int64; ``source_file`` and ``source_row`` of a sole company's last reading.
    readings
        Index enterprise_id: ``total``, ``months`` (certain ones), ``source_file`` and ``source_row`` of its last reading in
        that time where the readings have them. Companies without any reading in that time are not there.
    """

    first: dt.date
    last: dt.date
    parcels: pd.DataFrame
    readings: pd.DataFrame


def meter_window(as_of: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the twelve full months that were over on a day.

    Examples
    --------
    >>> [str(day) for day in meter_window(dt.date(2026, 6, 29))]
    ['2025-06-01', '2026-05-31']
    >>> [str(day) for day in meter_window(dt.date(2026, 6, 30))]
    ['2025-07-01', '2026-06-30']
    """
    running = (as_of + dt.timedelta(days=1)).replace(day=1)
    return running.replace(year=running.year - 1), running - dt.timedelta(days=1)


def metered(
    occupancy: pd.DataFrame, performance: pd.DataFrame, as_of: dt.date, *, least_months: int = MONTHS
) -> dict[str, Metered]:
    """Meters' last twelve full months, split over the parcels that the companies occupy.

    Parameters
    ----------
    occupancy
        ``enterprise_id``, ``parcel_id``, and as far as known ``occupied_area_m2``, ``from_on``, ``to_on``.
    performance
        ``enterprise_id``, ``year``, ``month`` and the fields of `METERED`.
    as_of
        The day of judgement; the month it lies in counts only where this is its last day.
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
    >>> where = pd.DataFrame({"enterprise_id": ["e", "e"], "parcel_id": ["a", "b"], "occupied_area_m2": [1.0, 3.0]})
    >>> read = pd.DataFrame({"enterprise_id": "e", "year": 2025.0, "month": np.arange(1.0, 13), "water_m3": 10.0})
    >>> metered(where, read, dt.date(2025, 12, 31))["water_m3"].parcels["total"].tolist()
    [30.0, 90.0]
    """
    if "month" not in performance:
        return {}
    first, last = meter_window(as_of)
    there = _There.between(occupancy, first, last)
    since = (performance["year"] - first.year) * MONTHS + performance["month"] - first.month
    read = performance.assign(since=since)[since.between(0, MONTHS - 1).to_numpy(dtype=bool)]
    company, names = pd.factorize(read["enterprise_id"])
    found = {}
    for measure in METERED:
        if measure in read:
            readings = _readings(read, measure, company, pd.Index(names), least_months)
            found[measure] = Metered(first, last, _on_parcels(there, readings), readings)
    return found


def occupants(occupancy: pd.DataFrame, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Who occupied each parcel between two days.

    Parameters
    ----------
    occupancy
        As for `metered`.
    first, last
        Days.

    Returns
    -------
    pandas.DataFrame
        Index parcel_id: ``companies`` and ``own`` (how many, and how many of them were on no other parcel, int64), ``sole``
        (the company where it is the only one, else None).
    """
    there = _There.between(occupancy, first, last)
    names = there.stays.of.companies.to_numpy(dtype=object)
    return there.table({"companies": there.companies, "own": there.own, "sole": there.of_sole(names, None)})


def _readings(
    read: pd.DataFrame, measure: str, company: NDArray[np.intp], names: pd.Index[str], least_months: int
) -> pd.DataFrame:
    """Each company's certain months, their sum, and where the last of them stands."""
    filled = read[measure].notna().to_numpy(dtype=bool)
    rows, company = read[filled], company[filled]
    month = rows["since"].to_numpy(dtype=np.int64)
    slot = company * MONTHS + month
    certain = np.bincount(slot, minlength=len(names) * MONTHS)[slot] == 1
    months = np.bincount(company, weights=certain, minlength=len(names))
    value = np.where(certain, rows[measure].to_numpy(dtype=float), 0.0)
    total = np.bincount(company, weights=value, minlength=len(names))
    enough = months >= max(least_months, 1)
    total = np.divide(MONTHS * total, months, out=np.full(len(names), np.nan), where=enough)
    found = pd.DataFrame({"total": total, "months": months}, index=names)
    order = np.lexsort((month, company))
    latest = order[np.append(company[order][1:] != company[order][:-1], True)] if len(order) else order
    named = [name for name in ("source_file", "source_row") if name in read]
    return found[np.bincount(company, minlength=len(names)) > 0].assign(
        **{name: rows[name].to_numpy(dtype=object)[latest] for name in named}
    )


@dataclass(frozen=True)
class _There:
    """Who was on which parcel in a time: the stays, and companies and own companies of each parcel."""

    stays: Stays
    companies: NDArray[np.int64]
    own: NDArray[np.int64]

    @classmethod
    def between(cls, occupancy: pd.DataFrame, first: dt.date, last: dt.date) -> _There:
        """The rows that touch a time."""
        names, parcels = (
            pd.Index(pd.unique(occupancy[name].to_numpy(dtype=object)), dtype=object)
            for name in ("enterprise_id", "parcel_id")
        )
        start = int(np.datetime64(first, "D").astype(np.int64))
        period = Period(start, (last - first).days + 1, last.year)
        stays = Stays.within(tenancies(occupancy, companies=names, parcels=parcels), period)
        once = np.unique(stays.pair, return_index=True)[1]
        alone = stays.parcels_of[stays.company[once]] == 1
        count = len(stays.of.parcels)
        companies, own = (
            np.bincount(stays.parcel[once], weights=each, minlength=count).astype(np.int64)
            for each in (np.ones(len(once)), alone)
        )
        return cls(stays, companies, own)

    def of_sole(self, values: NDArray[Any], nothing: object) -> NDArray[Any]:
        """A company's value on each parcel that has one company; else nothing."""
        found = np.full(len(self.companies), nothing, dtype=values.dtype)
        found[self.stays.parcel] = values[self.stays.company]
        found[self.companies > 1] = nothing
        return found

    def table(self, columns: dict[str, NDArray[Any]]) -> pd.DataFrame:
        """Columns of the parcels that were occupied at all."""
        every = pd.DataFrame(columns, index=self.stays.of.parcels.rename("parcel_id"))
        return every[self.companies > 0]


def _on_parcels(there: _There, readings: pd.DataFrame) -> pd.DataFrame:
    stays = there.stays
    reading = readings.index.get_indexer(stays.of.companies)
    figure, months = (
        np.append(readings[name].to_numpy(dtype=float), np.nan)[reading][stays.company]
        for name in ("total", "months")
    )
    value, count = figure * stays.share, len(there.companies)
    fewest = np.full(count, np.inf)
    np.minimum.at(fewest, stays.parcel, np.nan_to_num(months))

    def summed(what: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
        # One company that is not known is NaN, and leaves the parcel's total missing.
        return np.bincount(stays.parcel, weights=what, minlength=count).astype(np.float64)

    columns: dict[str, NDArray[Any]] = {
        "total": summed(value),
        "months": fewest,
        "companies": there.companies,
        "own": there.own,
        "unread": summed(np.isnan(figure)).astype(np.int64),
        "unsplit": summed(~np.isnan(figure) & np.isnan(value)).astype(np.int64),
    }
    # Of one company's meter the row can be named; a sum of several stands in none.
    reader = there.of_sole(reading, -1)
    for name in ("source_file", "source_row"):
        if name in readings:
            columns[name] = np.append(readings[name].to_numpy(dtype=object), [None])[reader]
    return there.table(columns)
