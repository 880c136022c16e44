"""Sheets of workbooks: cells with their results, formulas without one, merged and hidden cells.

Values are read by calamine, which knows .xlsx, .xlsb and .ods and is ten times as fast as openpyxl. What it does not
tell (errors of Excel, formulas without a result, digits of long numbers, what is hidden) is taken from the workbook's
own parts, and so is how far each sheet reaches, before calamine makes room for it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError
from parkgeo.ingest.opendocument import read_document
from parkgeo.ingest.sheets import Sheet, cell_value, chosen
from parkgeo.ingest.spreadsheet import (
    SheetExtras,
    check_reach,
    new_parser,
    percent_styles,
    read_extras,
    repacked,
    run_parser,
    unpack,
)
from parkgeo.ingest.text import read_bytes
from parkgeo.ingest.xls import read_xls
from parkgeo.ingest.xlsb import read_binary_contents, read_binary_extras

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["WORKBOOK_ENDINGS", "read_sheets"]

WORKBOOK_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods")
_OLD = (".xls", ".et")
_ZIP = b"PK"
_WORKBOOK = "xl/workbook"


def read_sheets(path: Path, wanted: str = "") -> list[Sheet]:
    """Read a workbook's sheets.

    Parameters
    ----------
    path
        Of one of `WORKBOOK_ENDINGS`.
    wanted
        Only the sheet of this name; empty reads all.

    Returns
    -------
    list of Sheet
        Sheets of cells, in their order; charts are none.

    Raises
    ------
    InputError
        Not a workbook, without that sheet, or larger than a table of an office is: a sheet that reaches beyond 10 million
        cells, parts that unpack to more than 600 MB or 200 times the file.
    """
    content = read_bytes(path)
    if path.suffix.lower() in _OLD and not content.startswith(_ZIP):
        return read_xls(content, path, wanted)
    parts = unpack(content, path)
    if "content.xml" in parts:
        document = read_document(parts["content.xml"], path)
        for name, told in document.items():  # calamine makes room for all of them as it opens the file
            check_reach(name, told.rows, told.columns, path)
        return _sheets(parts, path, wanted, lambda name: document.get(name, SheetExtras()), from_1904=False)
    places, from_1904 = _contents(parts, path)
    percent = percent_styles(parts["xl/styles.xml"], path) if "xl/styles.xml" in parts else frozenset()

    def extras(name: str) -> SheetExtras:
        place = places.get(name, "")
        if place not in parts:
            raise InputError(
                f"sheet {name!r} is not in it", where=str(path), mend="open it in Excel and save it again"
            )
        if place.endswith(".bin"):
            return read_binary_extras(parts[place], path)
        return read_extras(parts[place], percent, path)

    return _sheets(parts, path, wanted, extras, from_1904=from_1904)


def _contents(parts: dict[str, bytes], path: Path) -> tuple[dict[str, str], bool]:
    """Sheet → its part, and whether days are counted from 1904."""
    if f"{_WORKBOOK}.bin" in parts:
        sheets, from_1904 = read_binary_contents(parts[f"{_WORKBOOK}.bin"], path)
        relations = _relations(parts.get("xl/_rels/workbook.bin.rels", b""), path)
    else:
        sheets, from_1904 = _listed(parts.get(f"{_WORKBOOK}.xml", b""), path)
        relations = _relations(parts.get("xl/_rels/workbook.xml.rels", b""), path)
    return {name: _target(relations.get(number, "")) for name, number in sheets.items()}, from_1904


def _target(target: str) -> str:
    return (
        target.removeprefix("/")
        if target.startswith("/")
        else posixpath.normpath(posixpath.join("xl", target))
    )


def _listed(content: bytes, path: Path) -> tuple[dict[str, str], bool]:
    sheets: dict[str, str] = {}
    from_1904 = False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal from_1904
        tag = name.rpartition(":")[2]
        if tag == "sheet":
            number = next((text for key, text in given.items() if key.rpartition(":")[2] == "id"), "")
            sheets[given.get("name", "")] = number
        elif tag == "workbookPr":
            from_1904 = given.get("date1904") in ("1", "true")

    parser = new_parser()
    parser.StartElementHandler = start
    run_parser(parser, content, path)
    return sheets, from_1904


def _relations(content: bytes, path: Path) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship" and given.get("TargetMode") != "External":
            found[given.get("Id", "")] = given.get("Target", "")

    parser = new_parser()
    parser.StartElementHandler = start
    run_parser(parser, content, path)
    return found


def _sheets(
    parts: dict[str, bytes], path: Path, wanted: str, extras: Callable[[str], SheetExtras], *, from_1904: bool
) -> list[Sheet]:
    import python_calamine as calamine

    try:
        with calamine.load_workbook(repacked(parts)) as book:
            named = {
                one.name: one.visible != calamine.SheetVisibleEnum.Visible
                for one in book.sheets_metadata
                if one.typ == calamine.SheetTypeEnum.WorkSheet
            }
            read = []
            for name in chosen(list(named), wanted, path):
                told = extras(name)
                check_reach(name, told.rows, told.columns, path)
                sheet = book.get_sheet_by_name(name)
                read.append(_sheet(sheet, told, hidden=named[name], from_1904=from_1904))
            return read
    except InputError:
        raise
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _no_workbook(error, path) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how Rust gives up; it derives from no Exception
            raise
        raise _no_workbook(error, path) from error


def _no_workbook(error: BaseException, path: Path) -> InputError:
    return InputError(
        f"cannot be read as a workbook ({type(error).__name__}: {str(error)[:120]})",
        where=str(path), mend="open it in Excel, without a password, and save it as .xlsx",
    )  # fmt: skip


def _sheet(sheet: Any, told: SheetExtras, *, hidden: bool, from_1904: bool) -> Sheet:
    cells: list[list[Any]] = []
    if sheet.start is not None:
        cells = [[cell_value(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), cell in told.cells.items():
        while len(cells) <= row:
            cells.append([])
        cells[row].extend([None] * (column + 1 - len(cells[row])))
        cells[row][column] = cell
    merged = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    return Sheet(
        sheet.name, cells, tuple(merged or told.merged), frozenset(told.percent), hidden,
        tuple(told.hidden_rows), tuple(sorted(told.hidden_columns)), from_1904,
    )  # fmt: skip
