"""Sheets of the binary workbooks of Excel 97 to 2003 (.xls) and of WPS (.et).

Read by xlrd, which is slow but never leaves Python: calamine ends the whole process on a damaged file of this kind.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError
from parkgeo.ingest.sheets import Sheet, cell_value, chosen

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_xls"]

_MOST_BYTES = 100_000_000
_DAMAGE = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OverflowError, MemoryError,
    ArithmeticError, NotImplementedError, RecursionError, struct.error,
)  # fmt: skip


def read_xls(content: bytes, path: Path, wanted: str) -> list[Sheet]:
    """Read its sheets; see `parkgeo.ingest.workbook.read_sheets`.

    Raises
    ------
    InputError
        Not such a workbook, without that sheet, or longer than 100 MB.
    """
    import xlrd

    if len(content) > _MOST_BYTES:
        raise InputError(f"it is {len(content) / 1e6:.0f} MB long", where=str(path), mend="save it as .xlsx")
    try:
        with xlrd.open_workbook(
            file_contents=content,
            logfile=io.StringIO(),
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        ) as book:
            return [_sheet(book, name) for name in chosen(book.sheet_names(), wanted, path)]
    except InputError:
        raise
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, *_DAMAGE) as error:
        raise InputError(
            f"cannot be read as a workbook ({type(error).__name__}: {str(error)[:120]})",
            where=str(path), mend="open it in Excel, without a password, and save it as .xlsx",
        ) from error  # fmt: skip


def _sheet(book: Any, name: str) -> Sheet:
    sheet = book.sheet_by_name(name)
    cells = [
        [
            _value(book, kind, value)
            for kind, value in zip(sheet.row_types(at), sheet.row_values(at), strict=True)
        ]
        for at in range(sheet.nrows)
    ]
    percent = frozenset(
        (at, column)
        for at in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(at))
        if kind == 2 and _is_percent(book, sheet.cell_xf_index(at, column))  # noqa: PLR2004 - a number
    )
    return Sheet(
        sheet.name,
        cells,
        tuple((top, left, below - 1, beyond - 1) for top, below, left, beyond in sheet.merged_cells),
        percent,
        hidden=sheet.visibility != 0,
        hidden_rows=tuple(sorted(at for at, row in sheet.rowinfo_map.items() if row.hidden)),
        hidden_columns=tuple(sorted(at for at, column in sheet.colinfo_map.items() if column.hidden)),
        from_1904=book.datemode == 1,
    )


def _value(book: Any, kind: int, value: Any) -> Any:
    """A cell's value; kinds are numbered by xlrd: 3 a day, 4 true or false, 5 an error."""
    import xlrd

    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#N/A")
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(value, book.datemode)
        except (OverflowError, ValueError):
            return value
        return moment.date() if moment.time() == dt.time() else moment
    return cell_value(value)


def _is_percent(book: Any, style: int) -> bool:
    if style >= len(book.xf_list):
        return False
    found = book.format_map.get(book.xf_list[style].format_key)
    return found is not None and "%" in found.format_str
