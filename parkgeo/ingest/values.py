"""Cells as people write them → typed values.

Each reader gives the values and a mask of the cells that hold something it cannot read; those are missing in the values
and named in a fault. A blank cell is missing and no fault.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.layers import Field

__all__ = ["read_values"]

_BLANK = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "nan", "none", "null", "n/a", "<na>", "nat"})
_YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "已竣工", "竣工"})
_NO = frozenset({"否", "没有", "n", "no", "false", "f", "0", "×", "x", "未竣工"})
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}.*)?")
_COMPACT_DATE = re.compile(r"\d{8}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
# Excel counts days from 1899-12-30; these bounds are the years 1950 and 2100.
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_EXCEL_DAYS = (18264, 73415)


class _Unreadable(ValueError):  # noqa: N818 - never leaves this module
    """A cell that holds something else."""


def read_values(cells: pd.Series[Any], field: Field, *, factor: float = 1.0) -> tuple[pd.Series[Any], NDArray[np.bool_]]:
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
        NaT or None), and where a cell holds something that is no such value.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> values, bad = read_values(pd.Series(["1,200", " ", "about 3"]), schema("parcels").fields["registered_area_m2"])
    >>> values.tolist(), bad.tolist()
    ([1200.0, nan, nan], [False, False, True])
    """
    if field.kind in ("number", "integer") and pd.api.types.is_numeric_dtype(cells) and cells.dtype != bool:
        return _numeric(cells, field, factor)
    if field.kind == "date" and pd.api.types.is_datetime64_any_dtype(cells):
        plain = cells.dt.tz_localize(None) if getattr(cells.dt, "tz", None) is not None else cells
        return plain.dt.normalize().astype("datetime64[s]"), np.zeros(len(cells), dtype=bool)
    reader = _READERS[field.kind]
    values: list[Any] = []
    bad = np.zeros(len(cells), dtype=bool)
    for at, cell in enumerate(cells):
        try:
            values.append(None if _is_blank(cell) else reader(cell, field))
        except _Unreadable:
            values.append(None)
            bad[at] = True
    if field.kind in ("number", "integer"):
        numbers = pd.Series(values, index=cells.index, dtype="float64") * factor
        return numbers, bad
    if field.kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, index=cells.index, dtype=object))).astype("datetime64[s]"), bad
    return pd.Series(values, index=cells.index, dtype=object), bad


def _numeric(cells: pd.Series[Any], field: Field, factor: float) -> tuple[pd.Series[Any], NDArray[np.bool_]]:
    values = cells.astype("float64")
    bad = np.isinf(values.to_numpy())
    if field.kind == "integer":
        bad |= (values % 1 != 0).to_numpy() & values.notna().to_numpy()
    return values.mask(bad) * factor, bad


def _is_blank(cell: object) -> bool:
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    return isinstance(cell, str) and _plain(cell).casefold() in _BLANK


def _plain(cell: object) -> str:
    """Text without outer space, full-width forms folded (１２，５ → 12,5)."""
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _text(cell: object, field: Field) -> str:
    del field
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _identity(cell: object, field: Field) -> str:
    return unicodedata.normalize("NFKC", _text(cell, field))


def _number(cell: object, field: Field) -> float:
    if isinstance(cell, bool):
        raise _Unreadable
    if isinstance(cell, int | float | np.integer | np.floating):
        value = float(cell)
    else:
        text = _plain(cell).replace(",", "").replace(" ", "")
        percent = text.endswith("%") and field.unit == "1"
        text = text.removesuffix("%") if percent else text
        if not _NUMBER.fullmatch(text):
            raise _Unreadable
        value = float(text) / (100 if percent else 1)
    if not math.isfinite(value):
        raise _Unreadable
    return value


def _integer(cell: object, field: Field) -> float:
    text = _plain(cell).removesuffix("年").removesuffix("月") if isinstance(cell, str) else cell
    value = _number(text, field)
    if not value.is_integer():
        raise _Unreadable
    return value


def _date(cell: object, field: Field) -> dt.datetime:
    del field
    if isinstance(cell, dt.datetime):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a calendar day has no zone
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - as above
    text = _plain(cell)
    try:
        if found := _DATE.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
            return dt.datetime(year, month, day)  # noqa: DTZ001 - as above
        if _COMPACT_DATE.fullmatch(text):
            return dt.datetime(int(text[:4]), int(text[4:6]), int(text[6:]))  # noqa: DTZ001 - as above
    except ValueError as error:
        raise _Unreadable from error
    return _excel_day(text)


def _excel_day(text: str) -> dt.datetime:
    try:
        days = float(text)
    except ValueError as error:
        raise _Unreadable from error
    if not _EXCEL_DAYS[0] <= days <= _EXCEL_DAYS[1]:
        raise _Unreadable
    day = _EXCEL_EPOCH + dt.timedelta(days=int(days))
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - as above


def _flag(cell: object, field: Field) -> bool:
    del field
    text = _plain(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise _Unreadable


def _code(cell: object, field: Field) -> str:
    text = _plain(cell)
    folded = text.casefold()
    for code, written in field.codes.items():
        if folded == code or text in written:
            return code
    if field.open_codes:
        return text
    raise _Unreadable


def _list(cell: object, field: Field) -> str:
    del field
    return ", ".join(part for part in re.split(r"[,;、，；\s]+", _plain(cell)) if part)


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
