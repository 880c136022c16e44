"""Ledgers and returns: workbooks and delimited text."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError
from parkgeo.ingest.cells import Uncalculated, is_blank
from parkgeo.ingest.dates import EXCEL_EPOCH, is_excel_day
from parkgeo.ingest.footers import left_out, ranges
from parkgeo.ingest.headers import Lexicon, blank_row, distinct, find_header
from parkgeo.ingest.raw import Doubt, RawTable
from parkgeo.ingest.sections import sections
from parkgeo.ingest.sheets import Sheet
from parkgeo.ingest.text import read_text
from parkgeo.ingest.title_years import year_of_table
from parkgeo.ingest.workbook import WORKBOOK_ENDINGS, read_sheets
from parkgeo.layers import sentence
from parkgeo.layers.schema import fold_header

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.headers import Header
    from parkgeo.layers import LayerSchema, Sentence
    from parkgeo.project import Source

__all__ = ["TABLE_ENDINGS", "distinct", "read_table"]

TABLE_ENDINGS = (*WORKBOOK_ENDINGS, ".csv", ".txt", ".tsv")
_DRIVERS = {".xls": "Excel 97", ".et": "WPS", ".xlsb": "Excel binary", ".ods": "OpenDocument"}
_HEAD = 20
_DELIMITERS = ",\t;|"
_LONGEST_CELL = 10_000_000
# From Excel's first day in the date system of 1904 back to that of 1900.
_DAYS_TO_1904 = 1462

Body = list[tuple[int, list[Any]]]


@dataclass(frozen=True)
class _File:
    """What a table came out of."""

    path: Path
    driver: str
    encoding: str


def read_table(path: Path, layer: LayerSchema, source: Source) -> RawTable:
    """Read a table.

    Parameters
    ----------
    path
        A workbook (``.xlsx``, ``.xlsm``, ``.xlsb``, ``.xls``, ``.et``, ``.ods``) or delimited text.
    layer
        The header is where most of this layer's fields are recognised: one to three rows of the first twenty.
    source
        Sheet of a workbook (empty takes the one whose header names most fields), encoding of delimited text (empty
        finds it, see `parkgeo.ingest.text.read_text`), and the columns that park.toml maps, which are headers too.

    Returns
    -------
    RawTable
        Wholly blank rows are not rows; totals, remarks below the table and rows that number the columns are named in
        its notes.

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
    lexicon = Lexicon(layer, {column.name: name for name, column in source.columns.items()})
    if ending in WORKBOOK_ENDINGS:
        file = _File(path, _DRIVERS.get(ending, "Excel"), "")
        sheet, doubts, notes = _choose_sheet(read_sheets(path, source.table), lexicon, path)
        return _table(file, sheet, lexicon, source, doubts, notes)
    text, used = read_text(path, source.encoding)
    sheet = Sheet("", _split(text, lexicon, path))
    return _table(_File(path, "CSV", used), sheet, lexicon, source, [], [])


def _choose_sheet(
    sheets: list[Sheet], lexicon: Lexicon, path: Path
) -> tuple[Sheet, list[Doubt], list[Sentence]]:
    """The sheet whose header names most fields, the first of equals; the others that could be it are named."""
    scores = [header.score if (header := find_header(sheet, lexicon)) else 0 for sheet in sheets]
    if not sheets:
        raise InputError("it holds no sheet of cells", where=str(path), mend="give a workbook with a table")
    best = scores.index(max(scores))
    alike = tuple(
        sheet.name
        for at, sheet in enumerate(sheets)
        if at != best and scores[at] == scores[best] > 0 and len(sheet.cells) > 1
    )
    notes = [sentence("sheet {sheet} is hidden", sheet=sheets[best].name)] if sheets[best].hidden else []
    if not alike:
        return sheets[best], [], notes
    what = sentence(
        "sheet {sheet} is read; sheets that look like it are not: {others}",
        sheet=sheets[best].name,
        others=alike,
    )
    mend = sentence(
        "name each sheet to be read: [[layers.{layer}]] with layer = its name", layer=lexicon.layer.name
    )
    return sheets[best], [Doubt(what, mend)], notes


def _split(text: str, lexicon: Lexicon, path: Path) -> list[list[Any]]:
    """Rows of delimited text, with the delimiter under which most headers are recognised."""
    head = "\n".join(text.splitlines()[:_HEAD])

    def rank(delimiter: str) -> tuple[int, int]:
        cells = [list(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)]
        header = find_header(Sheet("", cells), lexicon)
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
    file: _File, sheet: Sheet, lexicon: Lexicon, source: Source, doubts: list[Doubt], notes: list[Sentence]
) -> RawTable:
    header = find_header(sheet, lexicon)
    if header is None:
        raise InputError(
            "no header row is found: it is empty",
            where=f"{file.path} {sheet.name}".strip(),
            mend=f"name the columns of {lexicon.layer.zh} / {lexicon.layer.en} in the first row",
        )
    keys = [at for at, field in enumerate(header.fields) if field is not None and field.required]
    cells = [list(row) for row in sheet.cells]
    merged_notes, merged_doubts = _fill_merged(cells, sheet, header)
    body: Body = [(at + 1, cells[at]) for at in range(header.body, len(cells)) if not blank_row(cells[at])]
    printed = sheet.cells[header.first : header.last + 1]
    out, left = left_out(body, keys, printed)
    found = sections(body, header, printed, out, lexicon)
    out |= found.numbers
    body = [(number, row) for number, row in body if number not in out]
    named = [at for at, name in enumerate(header.names) if name]
    columns = {header.names[at]: _column(at, body, sheet, header, source) for at in named}
    year, year_notes = year_of_table(sheet, header, lexicon.layer)
    columns |= {name: [value] * len(body) for name, value in year.items()}
    return RawTable(
        path=file.path,
        table=sheet.name,
        frame=pd.DataFrame(columns, index=range(len(body)), dtype=object),
        rows=np.array([number for number, _ in body], dtype=np.int64),
        geometry=None,
        crs="",
        driver=file.driver,
        encoding=file.encoding,
        declared=len(body) + len(found.lost),
        lost=found.lost,
        notes=(
            *notes,
            *header.notes,
            *merged_notes,
            *left,
            *found.notes,
            *year_notes,
            *_unseen(sheet, header, body),
        ),
        doubts=(*doubts, *merged_doubts, *_layout_doubts(sheet, set(named), body)),
    )


def _column(at: int, body: Body, sheet: Sheet, header: Header, source: Source) -> list[Any]:
    """A column's cells, those made plain that mean something else than they look."""
    cells = [row[at] if at < len(row) else None for _, row in body]
    field, name = header.fields[at], header.names[at]
    if field is None:
        return cells
    if field.kind == "date" and sheet.from_1904:
        return [_day_of_1904(cell) for cell in cells]
    mapped = source.columns.get(field.name)
    stated = mapped.unit if mapped is not None and mapped.name == name else ""
    unit = stated or fold_header(name)[1]
    if unit in ("%", "％") and sheet.percent:
        places = [(number - 1, at) in sheet.percent for number, _ in body]
        return [_percentage(cell) if shown else cell for cell, shown in zip(cells, places, strict=True)]
    outside = "" if stated else header.units.get(at, "")
    return [_with_unit(cell, outside) for cell in cells] if outside else cells


def _day_of_1904(cell: Any) -> Any:
    """A number that counts days from 1904, as the day it is."""
    number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if number and is_excel_day(cell + _DAYS_TO_1904):
        return EXCEL_EPOCH + dt.timedelta(days=int(cell) + _DAYS_TO_1904)
    return cell


def _percentage(cell: Any) -> Any:
    """0.85 shown as 85 % in a column of percentages, as what it shows."""
    return f"{cell * 100:.15g}%" if isinstance(cell, int | float) else cell


def _with_unit(cell: Any, unit: str) -> Any:
    """A figure with the unit that stands for its column outside the name that park.toml maps."""
    return f"{cell!r}{unit}" if isinstance(cell, int | float) and not isinstance(cell, bool) else cell


def _fill_merged(cells: list[list[Any]], sheet: Sheet, header: Header) -> tuple[list[Sentence], list[Doubt]]:
    """Fill what a merged cell says into all its rows; a figure stays in the first, for it may be of all together."""
    filled: set[int] = set()
    joint: set[int] = set()
    figures: list[str] = []
    for top, left, bottom, right in sheet.merged:
        if bottom == top or top < header.body or bottom >= len(cells):
            continue
        for column in range(left, min(right, len(header.names) - 1) + 1):
            field = header.fields[column]
            cell = cells[top][column] if column < len(cells[top]) else None
            if is_blank(cell):
                continue
            below = range(top + 1, bottom + 1)
            if field is not None and field.kind == "number":
                joint.update(at + 1 for at in below)
                figures.append(header.names[column])
                continue
            filled.update(at + 1 for at in below)
            for at in below:
                cells[at].extend([None] * (column + 1 - len(cells[at])))
                cells[at][column] = cell
    doubts = []
    if joint:
        what = sentence(
            "{columns}: merged cells: the value stands in the first of their rows only",
            columns=tuple(dict.fromkeys(figures)),
        )
        mend = sentence("unmerge the cells and fill in each row")
        doubts.append(Doubt(what, mend, tuple(sorted(joint))))
    if not filled:
        return [], doubts
    return [sentence("merged cells are filled into all their rows: row {rows}", rows=ranges(filled))], doubts


def _unseen(sheet: Sheet, header: Header, body: Body) -> list[Sentence]:
    """What is read though a person who opens the file does not see it."""
    notes = []
    rows = set(sheet.hidden_rows)
    hidden = [number for number, _ in body if number - 1 in rows]
    if hidden:
        notes.append(sentence("hidden rows are read: row {rows}", rows=ranges(hidden)))
    columns = set(sheet.hidden_columns)
    names = tuple(name for at, name in enumerate(header.names) if name and at in columns)
    if names:
        notes.append(sentence("hidden columns are read: {columns}", columns=names))
    return notes


def _layout_doubts(sheet: Sheet, named: set[int], body: Body) -> list[Doubt]:
    doubts = []
    widest = max(named, default=-1) + 1
    delimited = sheet.name == ""
    longer = tuple(number for number, row in body if delimited and not blank_row(row[widest:]))
    if longer:
        what = sentence("more cells than the header: a delimiter within a cell shifts all that follows")
        doubts.append(Doubt(what, sentence("put the cell in quotation marks"), longer))
    shorter = tuple(number for number, row in body if delimited and len(row) < widest)
    if shorter:
        what = sentence("fewer cells than the header: a delimiter is missing, or the file is cut short")
        mend = sentence("compare the rows with their source; blank cells at the end need their delimiters")
        doubts.append(Doubt(what, mend, shorter))
    surplus = set(longer)
    unnamed = tuple(
        number
        for number, row in body
        if number not in surplus and not blank_row([cell for at, cell in enumerate(row) if at not in named])
    )
    if unnamed:
        what = sentence("cells in columns without a header are not read")
        doubts.append(Doubt(what, sentence("give each column a header"), unnamed))
    folded = tuple(number for number, row in body if delimited and any(map(_spans_lines, row)))
    if folded:
        what = sentence("a cell that runs over several lines")
        mend = sentence("see that its quotation marks are meant, for it may hold further rows")
        doubts.append(Doubt(what, mend, folded))
    return doubts


def _spans_lines(cell: object) -> bool:
    return isinstance(cell, str) and not isinstance(cell, Uncalculated) and "\n" in cell.strip()
