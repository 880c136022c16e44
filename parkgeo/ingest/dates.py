"""Days as people write them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.ingest.cells import UnreadableError, plain
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from parkgeo.layers import Field

__all__ = [
    "EXCEL_EPOCH",
    "FIRST_OF_MONTH",
    "LAST_OF_MONTH",
    "NOT_DATE",
    "ONLY_YEAR",
    "SHORT_YEAR",
    "SIX_DIGITS",
    "UNCLEAR_MONTH",
    "YEARS",
    "below_hundred",
    "is_excel_day",
    "read_day",
]

NOT_DATE = sentence("not a day from 1950 to 2200")
ONLY_YEAR = sentence("a year without month and day")
SHORT_YEAR = sentence("a year of two digits, which could be another")
SIX_DIGITS = sentence("six digits: a year and a month, or a year of two digits, a month and a day")
UNCLEAR_MONTH = sentence("January or October: a program may have cut the zero of .10")
FIRST_OF_MONTH = sentence("the day is not given: taken as the first of the month")
LAST_OF_MONTH = sentence("the day is not given: taken as the last of the month")

EXCEL_EPOCH = dt.date(1899, 12, 30)
"""Excel counts days from here, in the 1900 date system, for every day after February 1900."""

YEARS = (1950, 2200)
"""First and last year that a land right can have to do with."""

_EXCEL_DAYS = ((dt.date(1950, 1, 1) - EXCEL_EPOCH).days, (dt.date(2100, 1, 1) - EXCEL_EPOCH).days)
_TIME = r"(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?" + _TIME)
_MONTH = re.compile(r"(\d{4})\s*(?:[-/.]\s*(\d{1,2})|年\s*(\d{1,2})\s*月份?)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?(?:\.0+)?")
_YEAR = re.compile(r"\d{4}\s*年?(?:\.0+)?")
_SHORT = re.compile(r"'?\d{2}\s*[-/.年]\s*\d{1,2}\s*(?:[-/.月]\s*(?:\d{1,2}\s*[日号]?)?)?")
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,2})月)?(?:([一二三四五六七八九十廿卅]{1,3})[日号])?"
)
_DIGITS = {digit: at for at, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_MONTHS, _LONGEST_MONTH = 12, 31
_TENS = {"廿": "二十", "卅": "三十"}


def read_day(cell: Any, field: Field) -> tuple[dt.date, bool]:
    """The day that a cell names, and whether it names the day and not only the month.

    Parameters
    ----------
    cell
        A date, a text or a number; Excel's count of days is read as such.
    field
        ``month_day`` says which day stands for a month; without it a month is no day.

    Raises
    ------
    UnreadableError
        It names no day from 1950 to 2200, or leaves open which.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> read_day("2024年2月", schema("supply").fields["agreed_start"])
    (datetime.date(2024, 2, 29), False)
    """
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if isinstance(cell, dt.date):
        return _day(cell.year, cell.month, cell.day), True
    text = _arabic(plain(cell))
    if found := _DAY.fullmatch(text):
        return _day(*(int(part) for part in found.groups())), True
    if found := _COMPACT.fullmatch(text):
        year, month, day = (int(part or 0) for part in found.groups())
        if found[3]:
            return _day(year, month, day), True
        _check_six(found[1] + found[2])
        return _of_month(year, month, field), False
    if found := _MONTH.fullmatch(text):
        if text.endswith(".1"):
            raise UnreadableError(UNCLEAR_MONTH)
        return _of_month(int(found[1]), int(found[2] or found[3]), field), False
    if _YEAR.fullmatch(text):
        raise UnreadableError(ONLY_YEAR)
    if _SHORT.fullmatch(text):
        raise UnreadableError(SHORT_YEAR)
    return _excel_day(text), True


def is_excel_day(number: float) -> bool:
    """Whether a number can be Excel's count of days: from 1950 to 2099."""
    return _EXCEL_DAYS[0] <= number <= _EXCEL_DAYS[1]


def _day(year: int, month: int, day: int) -> dt.date:
    first, last = YEARS
    try:
        if not first <= year <= last:
            raise UnreadableError(NOT_DATE)
        return dt.date(year, month, day)
    except ValueError as error:
        raise UnreadableError(NOT_DATE) from error


def _of_month(year: int, month: int, field: Field) -> dt.date:
    first = _day(year, month, 1)
    if not field.month_day:
        raise UnreadableError(NOT_DATE)
    return first.replace(day=calendar.monthrange(year, month)[1]) if field.month_day == "last" else first


def _check_six(digits: str) -> None:
    """202503 is a month, for 25 is none; 200304 is March of a day or April of a year, and 250301 a short year's day."""
    first, last = YEARS
    as_month = first <= int(digits[:4]) <= last and 1 <= int(digits[4:]) <= _MONTHS
    as_day = 1 <= int(digits[2:4]) <= _MONTHS and 1 <= int(digits[4:]) <= _LONGEST_MONTH
    if as_day:
        raise UnreadableError(SIX_DIGITS if as_month else SHORT_YEAR)


def _excel_day(text: str) -> dt.date:
    try:
        days = float(text)
    except ValueError as error:
        raise UnreadableError(NOT_DATE) from error
    if not is_excel_day(days):
        raise UnreadableError(NOT_DATE)
    return EXCEL_EPOCH + dt.timedelta(days=int(days))


def _arabic(text: str) -> str:
    """二〇二五年三月一日 → 2025年3月1日; any other text as it is."""
    found = _CHINESE.fullmatch(text)
    if not found:
        return text
    year, month, day = found.groups()
    parts = ["".join(str(_DIGITS[digit]) for digit in year), "年"]
    parts += [str(below_hundred(month)), "月"] if month else []
    parts += [str(below_hundred(day)), "日"] if day else []
    return "".join(parts)


def below_hundred(text: str) -> int:
    """十二 → 12, 廿一 → 21, 三十 → 30; 一二, which is no such number, → 0."""
    for short, long in _TENS.items():
        text = text.replace(short, long)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text] if len(text) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
