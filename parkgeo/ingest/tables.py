"""Ledgers and returns: Excel workbooks and CSV."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.raw import RawTable
from parkgeo.ingest.text import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.layers import LayerSchema

__all__ = ["TABLE_ENDINGS", "read_table"]

TABLE_ENDINGS = (".xlsx", ".xlsm", ".csv", ".txt", ".tsv")
_HEADER_WITHIN = 20


def read_table(path: Path, layer: LayerSchema, *, table: str = "", encoding: str = "") -> RawTable:
    """Read a table.

    Parameters
    ----------
    path
        A workbook (``.xlsx``, ``.xlsm``) or delimited text.
    layer
        The header is the row, of the first twenty, in which most of this layer's fields are recognised.
    table
        Sheet of a workbook; empty is the first one.
    encoding
        Of delimited text; empty tries UTF-8, then GB18030.

    Returns
    -------
    RawTable
        Wholly blank rows are not rows.

    Raises
    ------
    InputError
        The format is not allowed, the file cannot be read, the sheet is not there, or no header is found.
    """
    ending = path.suffix.lower()
    if ending not in TABLE_ENDINGS:
        raise InputError(
            f"files ending in {path.suffix!r} are not read as tables",
            where=str(path),
            mend="save it as .xlsx or .csv",
        )
    if ending in (".xlsx", ".xlsm"):
        cells, sheet, notes = _read_sheet(path, table)
        return _table(path, layer, cells, sheet, "Excel", "UTF-8", notes)
    text, used = read_text(path, encoding)
    return _table(path, layer, _split(text), "", "CSV", used, ())


def _read_sheet(path: Path, sheet: str) -> tuple[list[list[Any]], str, tuple[str, ...]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, data_only=True, keep_links=False)
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InputError(
            f"cannot be read as a workbook ({error})", where=str(path), mend="open it in Excel and save it as .xlsx"
        ) from error
    names = book.sheetnames
    if sheet and sheet not in names:
        raise InputError(f"no sheet {sheet!r}", where=str(path), mend=f"it holds {name_some(names, shown=20)}")
    chosen = sheet or names[0]
    cells = [list(row) for row in book[chosen].iter_rows(values_only=True)]
    others = [name for name in names if name != chosen and book[name].max_row > 1]
    notes = (f"other sheets are not read: {name_some(others)}",) if others and not sheet else ()
    return cells, chosen, notes


def _split(text: str) -> list[list[Any]]:
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]


def _table(
    path: Path,
    layer: LayerSchema,
    cells: list[list[Any]],
    sheet: str,
    driver: str,
    encoding: str,
    notes: tuple[str, ...],
) -> RawTable:
    header = _header_row(cells, layer)
    if header is None:
        raise InputError(
            "no header row is found", where=f"{path} {sheet}".strip(), mend=f"name the columns of {layer.zh} / {layer.en}"
        )
    names = _unique([("" if cell is None else str(cell)).strip() for cell in cells[header]])
    width = len(names)
    body = [(number, row) for number, row in enumerate(cells[header + 1 :], header + 2) if not _blank(row)]
    padded = [[*row[:width], *[None] * (width - len(row))] for _, row in body]
    long = [number for number, row in body if not _blank(row[width:])]
    if long:
        notes = (*notes, f"cells beyond the header's columns are not read, rows {name_some(long)}")
    frame = pd.DataFrame({name: [row[at] for row in padded] for at, name in enumerate(names) if name}, dtype=object)
    return RawTable(
        path=path,
        table=sheet,
        frame=frame,
        rows=np.array([number for number, _ in body], dtype=np.int64),
        geometry=None,
        crs="",
        driver=driver,
        encoding=encoding,
        declared=len(body),
        notes=notes,
    )


def _blank(row: list[Any]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def _header_row(cells: list[list[Any]], layer: LayerSchema) -> int | None:
    """The row with most recognised headers; the first row with any text where none is recognised."""
    scores = [
        sum(layer.field_for(cell) is not None for cell in row if isinstance(cell, str)) for row in cells[:_HEADER_WITHIN]
    ]
    if scores and max(scores) > 0:
        return scores.index(max(scores))
    return next((at for at, row in enumerate(cells) if not _blank(row)), None)


def _unique(names: list[str]) -> list[str]:
    """Names with a number behind each repetition, so that no column hides another."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return found
