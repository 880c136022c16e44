"""Ledgers and returns: Excel workbooks and delimited text."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError
from parkgeo.ingest.raw import Doubt, RawTable
from parkgeo.ingest.text import read_text
from parkgeo.ingest.values import Uncalculated
from parkgeo.ingest.workbook import Sheet, read_sheets
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.layers import LayerSchema
    from parkgeo.project import Source

__all__ = ["TABLE_ENDINGS", "distinct", "read_table"]

TABLE_ENDINGS = (".xlsx", ".xlsm", ".csv", ".txt", ".tsv")
_HEADER_WITHIN = 20
_DELIMITERS = ",\t;|"
_LONGEST_CELL = 10_000_000


@dataclass(frozen=True)
class _Header:
    """Where a sheet's header is, and how many fields of the layer it names."""

    row: int
    score: int


def read_table(path: Path, layer: LayerSchema, source: Source) -> RawTable:
    """Read a table.

    Parameters
    ----------
    path
        A workbook (``.xlsx``, ``.xlsm``) or delimited text.
    layer
        The header is the row, of the first twenty, in which most of this layer's fields are recognised.
    source
        Sheet of a workbook (empty takes the one whose header names most fields), encoding of delimited text (empty
        tries UTF-8, then GB18030), and the columns that park.toml maps, which are headers too.

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
    mapped = frozenset(column.name for column in source.columns.values())
    if ending in (".xlsx", ".xlsm"):
        sheet, doubts = _choose_sheet(read_sheets(path, source.table), layer, mapped, path)
        return _table(path, layer, mapped, sheet, "Excel", "", doubts)
    text, used = read_text(path, source.encoding)
    sheet = Sheet("", _split(text, layer, mapped, path), ())
    return _table(path, layer, mapped, sheet, "CSV", used, ())


def _choose_sheet(
    sheets: list[Sheet], layer: LayerSchema, mapped: frozenset[str], path: Path
) -> tuple[Sheet, tuple[Doubt, ...]]:
    """The sheet whose header names most fields, the first of equals; the others that could be it are named."""
    scores = [header.score if (header := _find_header(sheet.cells, layer, mapped)) else 0 for sheet in sheets]
    if not sheets:
        raise InputError("it holds no sheet of cells", where=str(path), mend="give a workbook with a table")
    best = scores.index(max(scores))
    alike = tuple(
        sheet.name
        for at, sheet in enumerate(sheets)
        if at != best and scores[at] == scores[best] > 0 and len(sheet.cells) > 1
    )
    if not alike:
        return sheets[best], ()
    what = sentence(
        "sheet {sheet} is read; sheets that look like it are not: {others}",
        sheet=sheets[best].name,
        others=alike,
    )
    mend = sentence("name each sheet to be read: [[layers.{layer}]] with layer = its name", layer=layer.name)
    return sheets[best], (Doubt(what, mend),)


def _split(text: str, layer: LayerSchema, mapped: frozenset[str], path: Path) -> list[list[Any]]:
    """Rows of delimited text, with the delimiter under which most headers are recognised."""
    head = "\n".join(text.splitlines()[:_HEADER_WITHIN])

    def rank(delimiter: str) -> tuple[int, int]:
        cells = [list(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)]
        header = _find_header(cells, layer, mapped)
        return (header.score if header else 0, head.count(delimiter))

    csv.field_size_limit(_LONGEST_CELL)
    rows: list[list[Any]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=rank), strict=True)
    try:
        rows.extend(list(row) for row in reader)
    except csv.Error as error:
        raise InputError(
            f"a quotation mark is not closed or stands within a cell ({error})",
            where=f"{path} line {reader.line_num}", mend="correct the line, or save the table as .xlsx",
        ) from error  # fmt: skip
    return rows


def _table(
    path: Path,
    layer: LayerSchema,
    mapped: frozenset[str],
    sheet: Sheet,
    driver: str,
    encoding: str,
    doubts: tuple[Doubt, ...],
) -> RawTable:
    header = _find_header(sheet.cells, layer, mapped)
    if header is None:
        raise InputError(
            "no header row is found: it is empty",
            where=f"{path} {sheet.name}".strip(), mend=f"name the columns of {layer.zh} / {layer.en} in the first row",
        )  # fmt: skip
    names = distinct([("" if cell is None else str(cell)).strip() for cell in sheet.cells[header.row]])
    body = [
        (number, row)
        for number, row in enumerate(sheet.cells[header.row + 1 :], header.row + 2)
        if not _blank(row)
    ]
    named = [at for at, name in enumerate(names) if name]
    frame = pd.DataFrame(
        {names[at]: [row[at] if at < len(row) else None for _, row in body] for at in named},
        index=range(len(body)), dtype=object,
    )  # fmt: skip
    unnamed = tuple(
        number
        for number, row in body
        if not _blank([cell for at, cell in enumerate(row) if at not in set(named)])
    )
    return RawTable(
        path=path,
        table=sheet.name,
        frame=frame,
        rows=np.array([number for number, _ in body], dtype=np.int64),
        geometry=None,
        crs="",
        driver=driver,
        encoding=encoding,
        declared=len(body),
        doubts=(*doubts, *_layout_doubts(sheet, header, body, unnamed)),
    )


def _layout_doubts(
    sheet: Sheet, header: _Header, body: list[tuple[int, list[Any]]], unnamed: tuple[int, ...]
) -> list[Doubt]:
    doubts = []
    if unnamed:
        what = sentence("cells in columns without a header are not read")
        doubts.append(Doubt(what, sentence("give each column a header"), unnamed))
    numbers = {number for number, _ in body}
    merged = tuple(row for row in sheet.merged if row > header.row + 1 and row in numbers)
    if merged:
        what = sentence("merged cells: the value stands in the first of their rows only")
        doubts.append(Doubt(what, sentence("unmerge the cells and fill in each row"), merged))
    folded = tuple(
        number for number, row in body if sheet.name == "" and any(_spans_lines(cell) for cell in row)
    )
    if folded:
        what = sentence("a cell that runs over several lines")
        doubts.append(
            Doubt(
                what, sentence("see that its quotation marks are meant, for it may hold further rows"), folded
            )
        )
    return doubts


def _spans_lines(cell: object) -> bool:
    return isinstance(cell, str) and "\n" in cell.strip()


def _blank(row: list[Any]) -> bool:
    return all(
        cell is None or (isinstance(cell, str) and not isinstance(cell, Uncalculated) and not cell.strip())
        for cell in row
    )


def _find_header(cells: list[list[Any]], layer: LayerSchema, mapped: frozenset[str]) -> _Header | None:
    """The row with most recognised headers; the first row with anything where none is recognised."""
    scores = [
        sum(
            isinstance(cell, str) and (cell.strip() in mapped or layer.field_for(cell) is not None)
            for cell in row
        )
        for row in cells[:_HEADER_WITHIN]
    ]
    if scores and max(scores) > 0:
        return _Header(scores.index(max(scores)), max(scores))
    first = next((at for at, row in enumerate(cells) if not _blank(row)), None)
    return None if first is None else _Header(first, 0)


def distinct(names: list[str]) -> list[str]:
    """Names with a number behind each repetition, so that no column hides another."""
    found: list[str] = []
    for name in names:
        number, unique = 1, name
        while unique and unique in found:
            number += 1
            unique = f"{name} ({number})"
        found.append(unique)
    return found
