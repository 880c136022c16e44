"""Numbers as people write them, with or without a unit behind."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.ingest.cells import UnreadableError, plain
from parkgeo.ingest.dates import below_hundred
from parkgeo.layers import sentence
from parkgeo.units import convert_factor, known_units

if TYPE_CHECKING:
    from parkgeo.layers import Field

__all__ = ["NOT_NUMBER", "NOT_WHOLE", "OTHER_UNIT", "month_of_year", "read_integer", "read_number"]

NOT_NUMBER = sentence("not a number")
NOT_WHOLE = sentence("not a whole number")
OTHER_UNIT = sentence("a number with a unit that does not convert here")

# A comma or a space groups thousands and nothing else: "12,5" is not 125.
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:[, ]\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?)\s*([^\d\s.,].*)?")
_MONEY_SIGN = re.compile(r"^(?:¥|RMB|CNY|人民币)\s*(?=[\d.+-])", re.IGNORECASE)
_WHOLE_UNIT = re.compile(r"\s*(?:年度?|月份?)$")
_CHINESE_MONTH = re.compile(r"([一二三四五六七八九十]{1,3})月份?")
_YEAR_MONTH = re.compile(r"(\d{4})\s*(?:[-/.]\s*(0?[1-9]|1[0-2])|年\s*(0?[1-9]|1[0-2])\s*月份?)")


def read_number(cell: Any, field: Field) -> tuple[float, float | None]:
    """A cell's number, and the factor that turns the unit written behind it into the field's; None where none stands there.

    Parameters
    ----------
    cell
        A number or a text: ``3,000``, ``12.5亩``, ``￥300万``, ``85%``.
    field
        Its unit says which units can stand behind a number.

    Raises
    ------
    UnreadableError
        It is no number, an approximate one (约12), or one of a unit that does not convert. Money with a sign needs its
        unit: ￥300 may be yuan or 万元.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> read_number("￥1,200元", schema("supply").fields["price_wan"])
    (1200.0, 0.0001)
    """
    if isinstance(cell, bool | np.bool_):
        raise UnreadableError(NOT_NUMBER)
    if isinstance(cell, int | float | np.integer | np.floating):
        return _float(cell), None
    text = plain(cell)
    unsigned = _MONEY_SIGN.sub("", text) if field.unit == "wan" else text
    found = _NUMBER.fullmatch(unsigned)
    if not found or not any(letter.isdecimal() for letter in found[1]):
        raise UnreadableError(NOT_NUMBER)
    value = _float(found[1].replace(",", "").replace(" ", ""))
    unit = (found[2] or "").strip()
    if not unit:
        if unsigned != text:
            raise UnreadableError(OTHER_UNIT)
        return value, None
    factor = _factors(field.unit).get(unit.replace(" ", "").casefold())
    if factor is None:
        raise UnreadableError(OTHER_UNIT if _is_unit(unit) else NOT_NUMBER)
    return value, factor


def read_integer(cell: Any, field: Field) -> float:
    """A cell's whole number; 年, 年度, 月 and 月份 may stand behind it, and a month may be 十二月 or stand behind its year.

    Raises
    ------
    UnreadableError
        It is none.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> fields = schema("performance").fields
    >>> read_integer("2024年度", fields["year"]), read_integer("十二月", fields["month"])
    (2024.0, 12.0)
    """
    if field.name == "month" and (found := month_of_year(cell)):
        return float(found[1])
    if isinstance(cell, str):
        text = plain(cell)
        chinese = _CHINESE_MONTH.fullmatch(text)
        cell = str(below_hundred(chinese[1]) or text) if chinese else _WHOLE_UNIT.sub("", text)
    value, factor = read_number(cell, field)
    if factor is not None or not value.is_integer():
        raise UnreadableError(NOT_WHOLE)
    return value


def month_of_year(cell: object) -> tuple[int, int] | None:
    """Year and month of a cell that names both: 2024-03, 2024年3月, the first of a month; None for any other.

    2024.1 is none: a program may have cut the zero of 2024.10.

    Examples
    --------
    >>> month_of_year("2024年3月"), month_of_year("2024.1"), month_of_year(3)
    ((2024, 3), None, None)
    """
    if isinstance(cell, dt.date):
        return (cell.year, cell.month) if cell.day == 1 else None
    text = plain(cell) if isinstance(cell, str) else ""
    found = _YEAR_MONTH.fullmatch(text)
    if not found or text.endswith(".1"):
        return None
    return int(found[1]), int(found[2] or found[3])


def _float(number: Any) -> float:
    try:
        return float(number)
    except (ValueError, OverflowError) as error:
        raise UnreadableError(NOT_NUMBER) from error


@cache
def _factors(unit: str) -> dict[str, float]:
    """Units that can stand behind a number of this unit; "1" itself and nothing are none."""
    return {
        plain(text).casefold(): convert_factor(text, unit)
        for text in known_units(unit)
        if text not in ("", "1")
    }


@cache
def _is_unit(text: str) -> bool:
    folded = text.casefold()
    return any(
        folded in _factors(unit) for unit in ("m2", "wan", "m", "kWh", "m3", "tce", "t", "1", "day", "person")
    )
