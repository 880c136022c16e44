"""Which fields hold a feature's time, and what stretch of time a row has.

A day is a stretch from its midnight to its last microsecond, a month and a year likewise, so that a moment within meets
them. Days are days of the calendar as the files have them; they are compared with moments as if in UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection as Names

    from numpy.typing import NDArray

__all__ = ["Times", "period_of", "row_times", "time_fields"]

Times = tuple["NDArray[np.datetime64]", "NDArray[np.datetime64]"]
"""Begin and end of each row's time, both within; NaT in both where a row has none."""

_TIMES: dict[str, tuple[str, ...]] = {
    "findings": ("since",),
    "supply": ("contract_on",),
    "buildings": ("completed_on",),
    "occupancy": ("from_on", "to_on"),
    "delays": ("from_on", "to_on"),
    "evidence_lines": ("day",),
    "performance": ("year", "month"),
    "company_years": ("year",),
    "company_months": ("year", "month"),
    "parcel_years": ("year",),
    "park_years": ("year",),
    "scores": ("year",),
}
"""Table → its day; or its first and last day; or its year; or its year and month."""

_EARLIEST, _LATEST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")
_LAST_YEAR = 9999


def time_fields(table: str, columns: Names[str]) -> tuple[str, ...]:
    """Fields that hold the time of a table's rows; empty where it has none, or has not all of them.

    Examples
    --------
    >>> time_fields("findings", ["code", "since"]), time_fields("roads", ["name"])
    (('since',), ())
    """
    told = _TIMES.get(table, ())
    return told if set(told) <= set(columns) else ()


def row_times(table: str, frame: pd.DataFrame) -> Times | None:
    """Begin and end of each row's time.

    Parameters
    ----------
    table
        The table's name.
    frame
        Its rows.

    Returns
    -------
    tuple of numpy.ndarray, or None
        ``datetime64[us]``, each row's first and last moment. A stretch with one end missing is open there; NaT in both
        where nothing is stated. None where the table has no time.

    Examples
    --------
    >>> begin, end = row_times("scores", pd.DataFrame({"year": [2024]}))
    >>> str(begin[0]), str(end[0])
    ('2024-01-01T00:00:00.000000', '2024-12-31T23:59:59.999999')
    """
    fields = time_fields(table, frame.columns)
    if not fields:
        return None
    if fields[0] == "year":
        months = frame["month"] if "month" in fields else pd.Series(np.nan, index=frame.index)
        return _years(_floats(frame["year"]), _floats(months))
    begin, end = (_days(frame[name]) for name in (fields[0], fields[-1]))
    there = ~(np.isnat(begin) & np.isnat(end))
    first = np.where(np.isnat(begin) & there, _EARLIEST, begin)
    last = np.where(np.isnat(end) & there, _LATEST, end + np.timedelta64(86_400_000_000 - 1, "us"))
    return first, last


def period_of(times: Times | None) -> tuple[str | None, str | None] | None:
    """From when until when the rows of a collection reach, ISO 8601 in UTC, None for open; None where no row has a time.

    Examples
    --------
    >>> period_of(row_times("scores", pd.DataFrame({"year": [2024, 2025]})))
    ('2024-01-01T00:00:00Z', '2025-12-31T23:59:59Z')
    """
    if times is None or np.isnat(times[0]).all():
        return None
    first, last = np.nanmin(times[0]), np.nanmax(times[1])
    told = (f"{moment.astype('datetime64[s]')}Z" for moment in (first, last))
    begin, end = told
    return None if first == _EARLIEST else begin, None if last == _LATEST else end


def _floats(column: pd.Series[float]) -> NDArray[np.float64]:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _days(column: pd.Series[pd.Timestamp]) -> NDArray[np.datetime64]:
    days = pd.to_datetime(column, errors="coerce")
    if days.dt.tz is not None:
        days = days.dt.tz_convert("UTC").dt.tz_localize(None)
    found: NDArray[np.datetime64] = days.to_numpy().astype("datetime64[D]").astype("datetime64[us]")
    return found


def _years(years: NDArray[np.float64], months: NDArray[np.float64]) -> Times:
    """Whole years, and the month of it where one is stated."""
    known = (years >= 1) & (years <= _LAST_YEAR)
    monthly = known & (months >= 1) & (months <= 12)  # noqa: PLR2004 - months of a year
    first = np.where(known, (np.where(known, years, 1970) - 1970) * 12, 0).astype(np.int64)
    first += np.where(monthly, np.where(monthly, months, 1) - 1, 0).astype(np.int64)
    begin = first.astype("datetime64[M]")
    end = (first + np.where(monthly, 1, 12)).astype("datetime64[M]").astype("datetime64[us]")
    begins = begin.astype("datetime64[us]")
    nothing = np.datetime64("NaT", "us")
    return np.where(known, begins, nothing), np.where(known, end - np.timedelta64(1, "us"), nothing)
