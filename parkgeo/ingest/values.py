"""Columns of cells as people write them → typed values.

`read_cell` says what one cell is. `read_values` gives the same for a whole column: each distinct cell is read once, and
columns that are already what they should be (numbers, days, clean text) are not read cell by cell at all.

A cell that holds something which cannot be read is missing in the values and named with its trouble. A cell that was
read, but not as it stands (a month taken as a day, a unit of its own), keeps its value and is named with a remark. A
blank cell is missing and neither.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.ingest.cells import EXCEL_ERRORS, Uncalculated, UnreadableError, is_blank, is_ditto, plain
from parkgeo.ingest.dates import (
    FIRST_OF_MONTH,
    LAST_OF_MONTH,
    NOT_DATE,
    ONLY_YEAR,
    SHORT_YEAR,
    SIX_DIGITS,
    UNCLEAR_MONTH,
    YEARS,
    read_day,
)
from parkgeo.ingest.numbers import NOT_NUMBER, NOT_WHOLE, OTHER_UNIT, read_integer, read_number
from parkgeo.ingest.texts import clean_ids, clean_texts, distinct_texts, mostly_distinct, text_column
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from numpy.typing import NDArray

    from parkgeo.layers import Field, Sentence

    Marks = dict[Sentence, NDArray[np.intp]]

__all__ = ["CellValue", "ColumnValues", "Uncalculated", "mend_of", "read_cell", "read_values"]

_YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "已竣工", "竣工"})
_NO = frozenset({"否", "没有", "n", "no", "false", "f", "0", "×", "x", "未竣工"})
# Excel and floating-point columns keep fifteen digits of a number.
_EXACT_BELOW = 1e15
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
# A cadastral or property number, as written in groups: 320583 001001 GB00012
_GROUPED = re.compile(r"(?=(?:.*\d){9})[0-9A-Z]+(?: [0-9A-Z]+)+")
_DIGIT = re.compile(r"\d")
_WHOLE_WITHIN = 1e-9
# Cells of these types are equal only where they read alike, so each is read once.
_READ_ONCE = frozenset({str, Uncalculated, int, float, bool, type(None), dt.date})

_NOT_FLAG = sentence("neither yes nor no")
_NOT_CODE = sentence("not one of the known words")
_NO_RESULT = sentence("a formula whose result is not in the file")
_EXCEL_ERROR = sentence("an error of Excel")
_AS_ABOVE = sentence("says 'as above'")
_SEVERAL_IDS = sentence("several ids in one cell")
_DIGITS_LOST = sentence("a number so long that its last digits are lost")
_OWN_UNIT = sentence("the unit in the cell is used, not the column's")
_WHOLE_DAY = sentence("write year, month and day, for example 2026-06-30")
_MENDS = {
    NOT_NUMBER: sentence("write the figure alone; the unit goes into the header"),
    OTHER_UNIT: sentence("write the figure alone; the unit goes into the header"),
    NOT_WHOLE: sentence("write a whole number"),
    NOT_DATE: _WHOLE_DAY,
    ONLY_YEAR: _WHOLE_DAY,
    SHORT_YEAR: _WHOLE_DAY,
    SIX_DIGITS: _WHOLE_DAY,
    UNCLEAR_MONTH: _WHOLE_DAY,
    FIRST_OF_MONTH: _WHOLE_DAY,
    LAST_OF_MONTH: _WHOLE_DAY,
    _NOT_FLAG: sentence("write 是 or 否, yes or no"),
    _NO_RESULT: sentence("open the file in Excel, let it calculate, save it"),
    _AS_ABOVE: sentence("write the value in each row"),
    _SEVERAL_IDS: sentence("give each id a row of its own"),
    _EXCEL_ERROR: sentence("correct the formula"),
    _DIGITS_LOST: sentence("format the column as text and enter the ids again"),
    _OWN_UNIT: sentence(""),
}


class CellValue(NamedTuple):
    """What one cell was read as.

    Attributes
    ----------
    value
        A float, a date, a bool or a text; None where it is missing.
    factor
        Turns a number into the field's unit where its unit stands in the cell itself; else None.
    trouble
        Why something that stands there could not be read.
    remark
        What a person should know of a value that was read.
    """

    value: Any = None
    factor: float | None = None
    trouble: Sentence | None = None
    remark: Sentence | None = None


@dataclass(frozen=True)
class ColumnValues:
    """A column, read.

    Attributes
    ----------
    series
        On the index of the cells: float64 for numbers and integers, datetime64 for dates, object else; missing is NaN,
        NaT or None.
    troubles
        Why cells could not be read → their positions; they are missing in the values.
    remarks
        What a person should know of values that were read → their positions.
    """

    series: pd.Series[Any]
    troubles: Marks
    remarks: Marks


def mend_of(trouble: Sentence, field: Field) -> Sentence:
    """How a person mends a cell that could not be read, or not as it stands; empty where nothing needs mending."""
    if trouble == _NOT_CODE:
        words = tuple(written[0] if written else code for code, written in field.codes.items())
        return sentence("write one of {words}", words=words)
    return _MENDS[trouble]


def read_cell(cell: object, field: Field, factor: float = 1.0) -> CellValue:
    """What one cell is, as a value of a field.

    Parameters
    ----------
    cell
        As the file gave it.
    field
        What it shall be.
    factor
        Turns the column's unit into the field's.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> read_cell("3.5亿元", schema("supply").fields["price_wan"])
    CellValue(value=3.5, factor=10000.0, trouble=None, remark=Sentence(pattern="the unit in the cell is used, not the column's", values=()))
    """
    if is_blank(cell):
        return CellValue()
    if isinstance(cell, Uncalculated):
        return CellValue(trouble=_NO_RESULT)
    if isinstance(cell, str) and cell.strip().upper() in EXCEL_ERRORS:
        return CellValue(trouble=_EXCEL_ERROR)
    if is_ditto(cell):
        return CellValue(trouble=_AS_ABOVE)
    try:
        return _read_filled(cell, field, factor)
    except UnreadableError as error:
        return CellValue(trouble=error.trouble)


def _read_filled(cell: object, field: Field, factor: float) -> CellValue:
    if field.kind == "number":
        value, own = read_number(cell, field)
        return CellValue(value, own, None, _OWN_UNIT if own is not None and own != factor else None)
    if field.kind == "date":
        day, whole = read_day(cell, field)
        remark = LAST_OF_MONTH if field.month_day == "last" else FIRST_OF_MONTH
        return CellValue(day, None, None, None if whole else remark)
    return CellValue(_READERS[field.kind](cell, field))


def read_values(cells: pd.Series[Any], field: Field, *, factor: float = 1.0) -> ColumnValues:
    """Typed values of a column.

    Parameters
    ----------
    cells
        As the file gave them.
    field
        What they shall be.
    factor
        Turns the column's unit into the field's; a unit that stands in a cell itself counts before it.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> read = read_values(pd.Series(["1,200", " ", "about 3"]), schema("parcels").fields["registered_area_m2"])
    >>> read.series.tolist(), {str(trouble): rows.tolist() for trouble, rows in read.troubles.items()}
    ([1200.0, nan, nan], {'not a number': [2]})
    """
    straight = _straight(cells, field, factor)
    if straight is not None:
        return straight
    array = text_column(cells)
    if array is not None and field.kind in _CLEAN and mostly_distinct(array) and _CLEAN[field.kind](array):
        return ColumnValues(
            pd.Series(array.to_numpy(zero_copy_only=False), index=cells.index, dtype=object), {}, {}
        )
    codes, distinct = _distinct(cells) if array is None else distinct_texts(array)
    read = [read_cell(cell, field, factor) for cell in distinct]
    troubles, remarks = (
        _positions(codes, marks) for marks in ([one.trouble for one in read], [one.remark for one in read])
    )
    if field.kind in ("number", "integer"):
        numbers = np.array([np.nan if one.value is None else one.value for one in read], dtype="float64")
        factors = np.array([factor if one.factor is None else one.factor for one in read], dtype="float64")
        return _finite(numbers[codes], factors[codes], cells.index, troubles, remarks)
    if field.kind == "date":
        days = np.array([one.value for one in read], dtype="datetime64[D]").astype("datetime64[s]")
        return ColumnValues(pd.Series(days[codes], index=cells.index), troubles, remarks)
    found = np.empty(len(read), dtype=object)
    found[:] = [one.value for one in read]
    return ColumnValues(pd.Series(found[codes], index=cells.index, dtype=object), troubles, remarks)


def _straight(cells: pd.Series[Any], field: Field, factor: float) -> ColumnValues | None:
    """A column that is already what it should be; None for any other."""
    if field.kind == "number":
        numbers = _plain_numbers(cells)
        return None if numbers is None else _finite(numbers, factor, cells.index, {}, {})
    if field.kind == "date" and isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        return _plain_days(cells)
    return None


def _plain_numbers(cells: pd.Series[Any]) -> NDArray[np.float64] | None:
    """The cells of a column of numbers alone."""
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return cells.to_numpy(dtype="float64", na_value=np.nan)
    if cells.dtype != object or not {float, int, type(None)}.issuperset(map(type, cells)):
        return None
    try:
        return np.array(cells.to_numpy(), dtype="float64")
    except OverflowError:
        return None


def _plain_days(cells: pd.Series[Any]) -> ColumnValues:
    days = cells.to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    first, last = YEARS
    outside = (days < np.datetime64(f"{first}-01-01")) | (days > np.datetime64(f"{last}-12-31"))
    days[outside] = np.datetime64("NaT")
    rows = np.flatnonzero(outside)
    return ColumnValues(pd.Series(days, index=cells.index), {NOT_DATE: rows} if len(rows) else {}, {})


def _distinct(cells: pd.Series[Any]) -> tuple[NDArray[np.intp], list[object]]:
    """Each cell's place among the distinct cells, and these in the order of their first appearance."""
    places: dict[Hashable, int] = {}
    distinct: list[object] = []
    codes = np.empty(len(cells), dtype=np.intp)
    for at, cell in enumerate(cells):
        kind = type(cell)
        # Equal is not alike: 1 is True, and a moment is itself in another time zone.
        key: Hashable = (kind, cell) if kind in _READ_ONCE else at
        place = places.get(key)
        if place is None:
            place = places[key] = len(distinct)
            distinct.append(cell)
        codes[at] = place
    return codes, distinct


def _positions(codes: NDArray[np.intp], marks: Iterable[Sentence | None]) -> Marks:
    """Mark → positions of the cells that carry it."""
    by_mark: dict[Sentence, list[int]] = {}
    for at, mark in enumerate(marks):
        if mark is not None:
            by_mark.setdefault(mark, []).append(at)
    return {mark: np.flatnonzero(np.isin(codes, found)) for mark, found in by_mark.items()}


def _finite(
    numbers: NDArray[np.float64],
    factor: float | NDArray[np.float64],
    index: pd.Index[Any],
    troubles: Marks,
    remarks: Marks,
) -> ColumnValues:
    """Numbers in the field's unit; one beyond all numbers is none."""
    scaled = _scaled(numbers, factor)
    endless = np.isinf(scaled)
    if endless.any():
        scaled[endless] = np.nan
        already = troubles.get(NOT_NUMBER, np.empty(0, dtype=np.intp))
        troubles = troubles | {NOT_NUMBER: np.union1d(already, np.flatnonzero(endless))}
        remarks = {mark: rows[~endless[rows]] for mark, rows in remarks.items() if not endless[rows].all()}
    return ColumnValues(pd.Series(scaled, index=index), troubles, remarks)


def _scaled(numbers: NDArray[np.float64], factor: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers times a factor; a hundredth is a division by a hundred, so that 35 % is the number that 0.35 is."""
    inverse = 1.0 / np.asarray(factor)
    whole = np.maximum(np.round(inverse), 1.0)
    divides = (inverse > 1) & (np.abs(inverse - whole) < _WHOLE_WITHIN)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(divides, numbers / whole, numbers * factor)


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
    text = plain(_text(cell, field))
    if _several_ids(text):
        raise UnreadableError(_SEVERAL_IDS)
    if _SCIENTIFIC.fullmatch(text):
        raise UnreadableError(_DIGITS_LOST)
    text = re.sub(r"\s+", " ", text).removeprefix("'")
    return (text.replace(" ", "") if _GROUPED.fullmatch(text) else text) or None


def _several_ids(text: str) -> bool:
    """Whether a cell lists ids; a line break alone may also wrap one id, whose parts are not alike."""
    parts = [part for part in re.split(r"[、,;]", text) if part.strip()]
    if len(parts) > 1 and all(_DIGIT.search(part) for part in parts):
        return True
    lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    shapes = {re.sub(r"\d+", "0", re.sub(r"[^\W\d]+", "A", line)) for line in lines}
    return len(lines) > 1 and len(shapes) == 1 and "0" in shapes.pop()


def _check_digits(cell: float | np.integer[Any] | np.floating[Any]) -> None:
    """A long id out of floating point has lost what stands behind the fifteenth digit; a whole number is exact."""
    if isinstance(cell, float | np.floating) and not abs(float(cell)) < _EXACT_BELOW:
        raise UnreadableError(_DIGITS_LOST)


def _flag(cell: object, field: Field) -> bool:
    del field
    text = plain(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise UnreadableError(_NOT_FLAG)


def _code(cell: object, field: Field) -> str | None:
    text = plain(cell)
    folded = text.casefold()
    for code, written in field.codes.items():
        if folded == code or text in written:
            return code
    if field.open_codes:
        return text or None
    raise UnreadableError(_NOT_CODE)


def _list(cell: object, field: Field) -> str | None:
    del field
    return ", ".join(part for part in re.split(r"[,;、，；\s]+", plain(cell)) if part) or None


_READERS: dict[str, Callable[[object, Field], Any]] = {
    "id": _identity,
    "text": _text,
    "integer": read_integer,
    "flag": _flag,
    "code": _code,
    "list": _list,
}
_CLEAN: dict[str, Callable[[Any], bool]] = {"id": clean_ids, "text": clean_texts}
