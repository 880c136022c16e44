"""Cells as people write them → typed values.

Each reader gives the values and, by kind of trouble, the cells that hold something it cannot read; those are missing in
the values and named in a fault. A blank cell is missing and no trouble.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.layers import Field

__all__ = ["Uncalculated", "mend_of", "read_values"]

_BLANK = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "nan", "none", "null", "n/a", "<na>", "nat"})
_EXCEL_ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
_YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "已竣工", "竣工"})
_NO = frozenset({"否", "没有", "n", "no", "false", "f", "0", "×", "x", "未竣工"})
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT_DATE = re.compile(r"(\d{8})(?:\.0+)?")
# A comma or a space groups thousands and nothing else: "12,5" is not 125.
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:[, ]\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
# Excel counts days from 1899-12-30.
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_YEARS = (1950, 2200)
_EXCEL_DAYS = ((dt.date(1950, 1, 1) - _EXCEL_EPOCH).days, (dt.date(2100, 1, 1) - _EXCEL_EPOCH).days)
# Excel and floating-point columns keep fifteen digits of a number.
_EXACT_BELOW = 1e15
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
# A cadastral or property number, as written in groups: 320583 001001 GB00012
_GROUPED = re.compile(r"(?=(?:.*\d){9})[0-9A-Z]+(?: [0-9A-Z]+)+")

_NOT_NUMBER = sentence("not a number")
_NOT_WHOLE = sentence("not a whole number")
_NOT_DATE = sentence("not a day from 1950 to 2200")
_NOT_FLAG = sentence("neither yes nor no")
_NOT_CODE = sentence("not one of the known words")
_NO_RESULT = sentence("a formula whose result is not in the file")
_EXCEL_ERROR = sentence("an error of Excel")
_DIGITS_LOST = sentence("a number so long that its last digits are lost")
_MENDS = {
    _NOT_NUMBER: sentence("write the figure alone; the unit goes into the header"),
    _NOT_WHOLE: sentence("write a whole number"),
    _NOT_DATE: sentence("write year, month and day, for example 2026-06-30"),
    _NOT_FLAG: sentence("write 是 or 否, yes or no"),
    _NO_RESULT: sentence("open the file in Excel, let it calculate, save it"),
    _EXCEL_ERROR: sentence("correct the formula"),
    _DIGITS_LOST: sentence("format the column as text and enter the ids again"),
}


class Uncalculated(str):
    """A formula whose result the workbook does not hold."""

    __slots__ = ()


class _Unreadable(ValueError):  # noqa: N818 - never leaves this module
    """A cell that holds something else."""

    def __init__(self, trouble: Sentence) -> None:
        super().__init__(trouble.pattern)
        self.trouble = trouble


def mend_of(trouble: Sentence, field: Field) -> Sentence:
    """How a person mends a cell that could not be read."""
    if trouble == _NOT_CODE:
        words = tuple(written[0] if written else code for code, written in field.codes.items())
        return sentence("write one of {words}", words=words)
    return _MENDS[trouble]


def read_values(
    cells: pd.Series[Any], field: Field, *, factor: float = 1.0
) -> tuple[pd.Series[Any], dict[Sentence, NDArray[np.intp]]]:
    """Typed values of a column.

    Parameters
    ----------
    cells
        As the file gave them.
    field
        What they shall be.
    factor
        Turns the written unit into the field's.

    Returns
    -------
    tuple
        Values on the same index (float64 for numbers and integers, datetime64 for dates, object else; missing is NaN,
        NaT or None), and trouble → positions of the cells that hold something that is no such value.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> values, bad = read_values(pd.Series(["1,200", " ", "about 3"]), schema("parcels").fields["registered_area_m2"])
    >>> values.tolist(), {str(trouble): rows.tolist() for trouble, rows in bad.items()}
    ([1200.0, nan, nan], {'not a number': [2]})
    """
    if field.kind == "number" and pd.api.types.is_numeric_dtype(cells) and cells.dtype != bool:
        return _numbers(cells.astype("float64"), field, factor)
    reader = _READERS[field.kind]
    values: list[Any] = []
    bad: dict[Sentence, list[int]] = {}
    for at, cell in enumerate(cells):
        try:
            values.append(None if _is_blank(cell) else reader(_checked(cell), field))
        except _Unreadable as error:
            values.append(None)
            bad.setdefault(error.trouble, []).append(at)
    rows = {trouble: np.array(found, dtype=np.intp) for trouble, found in bad.items()}
    if field.kind in ("number", "integer"):
        numbers, beyond = _numbers(pd.Series(values, index=cells.index, dtype="float64"), field, factor)
        return numbers, rows | beyond
    if field.kind == "date":
        days = np.array(
            [np.datetime64("NaT") if day is None else np.datetime64(day) for day in values],
            dtype="datetime64[s]",
        )
        return pd.Series(days, index=cells.index), rows
    return pd.Series(values, index=cells.index, dtype=object), rows


def _numbers(
    values: pd.Series[float], field: Field, factor: float
) -> tuple[pd.Series[Any], dict[Sentence, NDArray[np.intp]]]:
    del field
    scaled = values * factor
    endless = np.isinf(scaled.to_numpy())
    found = np.flatnonzero(endless)
    return scaled.mask(endless), {_NOT_NUMBER: found} if len(found) else {}


def _is_blank(cell: object) -> bool:
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    if isinstance(cell, np.datetime64):
        return bool(np.isnat(cell))
    return isinstance(cell, str) and not isinstance(cell, Uncalculated) and _plain(cell).casefold() in _BLANK


def _checked(cell: object) -> object:
    if isinstance(cell, Uncalculated):
        raise _Unreadable(_NO_RESULT)
    if isinstance(cell, str) and cell.strip().upper() in _EXCEL_ERRORS:
        raise _Unreadable(_EXCEL_ERROR)
    return cell


def _plain(cell: object) -> str:
    """Text without outer space, full-width forms folded (１２，５ → 12,5), without marks that do not show."""
    folded = unicodedata.normalize("NFKC", str(cell)).replace("\u2212", "-")
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cf").strip()


def _text(cell: object, field: Field) -> str | None:
    del field
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(cell).strip() or None


def _identity(cell: Any, field: Field) -> str | None:
    """An id, written alike wherever it stands: the parcels' and a ledger's must meet."""
    if isinstance(cell, int | float | np.integer | np.floating) and not isinstance(cell, bool):
        _check_digits(cell)
    text = _plain(_text(cell, field))
    if _SCIENTIFIC.fullmatch(text):
        raise _Unreadable(_DIGITS_LOST)
    text = re.sub(r"\s+", " ", text)
    return (text.replace(" ", "") if _GROUPED.fullmatch(text) else text) or None


def _check_digits(cell: float | np.integer[Any] | np.floating[Any]) -> None:
    """A long id out of floating point has lost what stands behind the fifteenth digit; a whole number is exact."""
    if isinstance(cell, float | np.floating) and not abs(float(cell)) < _EXACT_BELOW:
        raise _Unreadable(_DIGITS_LOST)


def _number(cell: Any, field: Field) -> float:
    if isinstance(cell, bool | np.bool_):
        raise _Unreadable(_NOT_NUMBER)
    if isinstance(cell, int | float | np.integer | np.floating):
        try:
            return float(cell)
        except OverflowError as error:
            raise _Unreadable(_NOT_NUMBER) from error
    text = _plain(cell)
    percent = text.endswith("%") and field.unit == "1"
    text = text.removesuffix("%").strip() if percent else text
    if not _NUMBER.fullmatch(text) or not any(letter.isdecimal() for letter in text):
        raise _Unreadable(_NOT_NUMBER)
    try:
        return float(text.replace(",", "").replace(" ", "")) / (100 if percent else 1)
    except ValueError as error:
        raise _Unreadable(_NOT_NUMBER) from error


def _integer(cell: object, field: Field) -> float:
    text = re.sub(r"\s*[年月]$", "", _plain(cell)) if isinstance(cell, str) else cell
    value = _number(text, field)
    if not value.is_integer():
        raise _Unreadable(_NOT_WHOLE)
    return value


def _date(cell: object, field: Field) -> dt.date:
    del field
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if isinstance(cell, dt.date):
        return _day(cell.year, cell.month, cell.day)
    text = _plain(cell)
    if found := _DATE.fullmatch(text):
        return _day(*(int(part) for part in found.groups()))
    if compact := _COMPACT_DATE.fullmatch(text):
        digits = compact.group(1)
        return _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    return _excel_day(text)


def _day(year: int, month: int, day: int) -> dt.date:
    first, last = _YEARS
    try:
        if not first <= year <= last:
            raise _Unreadable(_NOT_DATE)
        return dt.date(year, month, day)
    except ValueError as error:
        raise _Unreadable(_NOT_DATE) from error


def _excel_day(text: str) -> dt.date:
    try:
        days = float(text)
    except ValueError as error:
        raise _Unreadable(_NOT_DATE) from error
    if not _EXCEL_DAYS[0] <= days <= _EXCEL_DAYS[1]:
        raise _Unreadable(_NOT_DATE)
    return _EXCEL_EPOCH + dt.timedelta(days=int(days))


def _flag(cell: object, field: Field) -> bool:
    del field
    text = _plain(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise _Unreadable(_NOT_FLAG)


def _code(cell: object, field: Field) -> str | None:
    text = _plain(cell)
    folded = text.casefold()
    for code, written in field.codes.items():
        if folded == code or text in written:
            return code
    if field.open_codes:
        return text or None
    raise _Unreadable(_NOT_CODE)


def _list(cell: object, field: Field) -> str | None:
    del field
    return ", ".join(part for part in re.split(r"[,;、，；\s]+", _plain(cell)) if part) or None


_READERS: dict[str, Callable[[object, Field], Any]] = {
    "id": _identity,
    "text": _text,
    "number": _number,
    "integer": _integer,
    "date": _date,
    "flag": _flag,
    "code": _code,
    "list": _list,
}
