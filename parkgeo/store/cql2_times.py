"""Points in time and intervals as CQL2 writes them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from parkgeo.errors import FilterError

__all__ = ["OPEN", "instant_node", "interval_node", "read_instant"]

OPEN = ".."
"""An end of an interval that is not there: the interval goes on for ever."""

_SHAPE = re.compile(
    r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_SHOWN = 40
_MEND = "write DATE('2026-06-30') or TIMESTAMP('2026-06-30T08:00:00Z')"


def read_instant(text: str) -> dt.date | dt.datetime:
    """A day, or a point in time in UTC without saying so.

    Parameters
    ----------
    text
        ISO 8601. Without a time of day it is a whole day; a time without its distance from UTC is in UTC.

    Raises
    ------
    FilterError
        It is neither, or no such day exists.

    Examples
    --------
    >>> read_instant("2026-06-30")
    datetime.date(2026, 6, 30)
    >>> read_instant("2026-06-30T08:00:00+08:00")
    datetime.datetime(2026, 6, 30, 0, 0)
    """
    found = _SHAPE.fullmatch(text)
    try:
        if found is None:
            raise _no_date(text)
        if found[1] is None:
            return dt.date.fromisoformat(text)
        moment = dt.datetime.fromisoformat(text.upper().replace(",", "."))
        return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        if isinstance(error, FilterError):
            raise
        raise _no_date(text) from error


def instant_node(text: Any, kind: str = "") -> dict[str, Any]:
    """A point in time as a node: ``{"date": …}`` or ``{"timestamp": …}``.

    Parameters
    ----------
    text
        As `read_instant` takes it.
    kind
        ``date`` or ``timestamp`` where the expression says which.

    Raises
    ------
    FilterError
        It is no date, or not of that kind.

    Examples
    --------
    >>> instant_node("2026-06-30")
    {'date': '2026-06-30'}
    """
    if not isinstance(text, str):
        raise _no_date(str(text))
    day = not isinstance(read_instant(text), dt.datetime)
    if kind == "date" and not day:
        raise _no_date(text)
    if day and kind == "timestamp":
        text, day = f"{text}T00:00:00Z", False
    return {"date" if day else "timestamp": text}


def interval_node(ends: list[Any]) -> dict[str, Any]:
    """An interval as a node: ``{"interval": [begin, end]}``, each a date's or timestamp's text, a column, or ``..``.

    Parameters
    ----------
    ends
        Two: text, ``{"property": name}``, or a node of a point in time.

    Raises
    ------
    FilterError
        An end is no time, one is a date and the other a timestamp, or the end lies before the begin.

    Examples
    --------
    >>> interval_node(["2026-01-01", ".."])
    {'interval': ['2026-01-01', '..']}
    """
    if len(ends) != 2:  # noqa: PLR2004 - begin and end
        raise FilterError("an interval has a begin and an end", mend="INTERVAL('2026-01-01', '..')")
    plain = [_end(end) for end in ends]
    said = [read_instant(end) for end in plain if isinstance(end, str) and end != OPEN]
    if len(said) == len(ends):
        begin, end = said
        if type(begin) is not type(end):
            raise FilterError(
                "one end of the interval is a date and the other a timestamp",
                mend="write both as one of them",
            )
        if begin > end:
            raise FilterError("the interval ends before it begins", mend="INTERVAL(begin, end)")
    return {"interval": plain}


def _end(end: Any) -> Any:
    if end == OPEN or (isinstance(end, dict) and end.keys() == {"property"}):
        return end
    if isinstance(end, dict) and len(end) == 1 and (end.keys() <= {"date", "timestamp"}):
        end = next(iter(end.values()))
    if not isinstance(end, str):
        raise FilterError(
            "an end of an interval is a date, a timestamp, a column or '..'",
            mend="for example: INTERVAL('2026-01-01', '..')",
        )
    read_instant(end)
    return end


def _no_date(text: str) -> FilterError:
    return FilterError(f"{text[:_SHOWN]!r} is not a date", mend=_MEND)
