"""The parameter ``datetime``: a moment, a day, or the stretch between two, as RFC 3339 writes them."""

from __future__ import annotations

import datetime as dt
import re

from api.errors import RequestError, quote_short

__all__ = ["read_moments"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_OPEN = frozenset({"", ".."})
_LONGEST = 80
_MICROSECOND = dt.timedelta(microseconds=1)
_ENDS = 2


def read_moments(text: str | None) -> tuple[str | None, str | None] | None:
    """From and until, ISO 8601 in UTC without its mark, None for open.

    Parameters
    ----------
    text
        ``2026-06-30T08:00:00Z``, ``2026-06-30`` (the whole day), or two of them with a slash between, one of which may
        be ``..`` or nothing, which is open.

    Returns
    -------
    tuple of (str or None, str or None), or None
        Both moments are within; None where the parameter is not there.

    Raises
    ------
    RequestError
        It cannot be read, its end lies before its begin, or it is open at both ends.

    Examples
    --------
    >>> read_moments("2026-06-30T08:00:00+08:00/..")
    ('2026-06-30T00:00:00.000000', None)
    >>> read_moments("2026-06-30")
    ('2026-06-30T00:00:00.000000', '2026-06-30T23:59:59.999999')
    """
    if text is None:
        return None
    ends = text.split("/") if len(text) <= _LONGEST else []
    if not 1 <= len(ends) <= _ENDS or all(end in _OPEN for end in ends):
        raise _wrong(f"{quote_short(text)} is neither a moment nor a stretch of time with one end stated")
    stretches = [None if end in _OPEN and len(ends) == _ENDS else _stretch(end) for end in ends]
    first, last = stretches[0], stretches[-1]
    begin, end = None if first is None else first[0], None if last is None else last[1]
    if begin is not None and end is not None and begin > end:
        raise _wrong("the stretch of time ends before it begins")
    return _text(begin), _text(end)


def _stretch(text: str) -> tuple[dt.datetime, dt.datetime]:
    """The first and the last moment of what one end of the parameter says."""
    try:
        if _DAY.fullmatch(text):
            begin = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
            return begin, begin + (dt.timedelta(days=1) - _MICROSECOND)
        told = _MOMENT.fullmatch(text)
        if told is not None:
            day, time, parts, zone = told.groups()
            # Finer than a microsecond is cut.
            exact = f"{day}T{time}.{(parts or '0')[:6]:0<6}{zone.upper()}"
            moment = dt.datetime.fromisoformat(exact).astimezone(dt.UTC)
            return moment, moment
    except (ValueError, OverflowError) as error:
        raise _wrong(f"{quote_short(text)} is no moment of the calendar") from error
    raise _wrong(f"{quote_short(text)} is no moment of RFC 3339")


def _text(moment: dt.datetime | None) -> str | None:
    # Written out: years below 1000 are not padded by strftime everywhere.
    return None if moment is None else moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def _wrong(what: str) -> RequestError:
    return RequestError(
        what,
        where="datetime",
        mend="for example: 2026-06-30T00:00:00Z, 2026-06-30, 2026-01-01/2026-06-30, 2026-01-01/..",
    )
