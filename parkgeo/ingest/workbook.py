"""Sheets of Excel workbooks: cells with their results, formulas without one, merged cells."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.text import read_bytes
from parkgeo.ingest.values import Uncalculated

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook

__all__ = ["Sheet", "read_sheets"]

_MOST_CELLS = 20_000_000
_DAMAGE = (
    OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, ParseError,
    NotImplementedError,
)  # fmt: skip
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    name
        Its name.
    cells
        Its rows from the first, each as wide as it is filled.
    merged
        Rows (from 1) in which a merged cell leaves all but the first of its rows blank.
    """

    name: str
    cells: list[list[Any]]
    merged: tuple[int, ...]


def read_sheets(path: Path, wanted: str = "") -> list[Sheet]:
    """Read a workbook's sheets.

    Parameters
    ----------
    path
        An ``.xlsx`` or ``.xlsm``.
    wanted
        Only the sheet of this name; empty reads all.

    Returns
    -------
    list of Sheet
        Sheets of cells, in their order; charts are none.

    Raises
    ------
    InputError
        Not a workbook, without that sheet, or a sheet that reaches beyond 20 million cells.
    """
    content = read_bytes(path)
    book = _load(content, path, results=True)
    names = [sheet.title for sheet in book.worksheets]
    if wanted and wanted not in names:
        raise InputError(
            f"no sheet {wanted!r}", where=str(path), mend=f"it holds {name_some(names, shown=20)}"
        )
    formulas = _load(content, path, results=False) if _has_formulas(content) else None
    return [
        _sheet(book[name], formulas[name] if formulas else None, path)
        for name in names
        if wanted in ("", name)
    ]


def _load(content: bytes, path: Path, *, results: bool) -> Workbook:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # styles and extensions that openpyxl does not keep are nothing to us
            return openpyxl.load_workbook(io.BytesIO(content), data_only=results, keep_links=False)
    except (*_DAMAGE, InvalidFileException) as error:
        raise InputError(
            f"cannot be read as a workbook ({type(error).__name__}: {str(error)[:120]})",
            where=str(path), mend="open it in Excel, without a password, and save it as .xlsx",
        ) from error  # fmt: skip


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(
            _FORMULA.search(archive.read(name)) is not None
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        )


def _sheet(sheet: Any, formulas: Any, path: Path) -> Sheet:
    if sheet.max_row * sheet.max_column > _MOST_CELLS:
        raise InputError(
            f"sheet {sheet.title!r} reaches to row {sheet.max_row}, column {sheet.max_column}",
            where=str(path), mend="delete the stray cells beyond the table and save it again",
        )  # fmt: skip
    cells = [[_value(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    if formulas is not None:
        for row in formulas.iter_rows():
            for cell in row:
                if cell.data_type == "f" and cells[cell.row - 1][cell.column - 1] is None:
                    cells[cell.row - 1][cell.column - 1] = Uncalculated(str(cell.value))
    merged = {
        row
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row + 1, area.max_row + 1)
        if area.max_row > area.min_row
    }
    return Sheet(sheet.title, cells, tuple(sorted(merged)))


def _value(cell: object) -> object:
    """A cell's value; a whole number that Excel has rounded to fifteen digits is the floating-point number it is there."""
    if type(cell) is int:
        excess = len(str(abs(cell))) - _EXACT_DIGITS
        if excess > 0 and cell % 10**excess == 0:
            return float(cell)
    return cell
