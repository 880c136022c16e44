"""What an OpenDocument sheet says beside its values; see `parkgeo.ingest.spreadsheet`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.cells import Uncalculated
from parkgeo.ingest.spreadsheet import SheetExtras, new_parser, run_parser

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_document"]

_MOST_REPEATED = 1 << 20
_CELLS = ("table:table-cell", "table:covered-table-cell")
_UNSEEN = ("collapse", "filter")


def read_document(content: bytes, path: Path) -> dict[str, SheetExtras]:
    """Sheet → how far it reaches, what is merged, hidden, wrong or without a result.

    Raises
    ------
    InputError
        It is no well-formed XML, or declares entities.
    """
    scan = _Scan(path)
    parser = new_parser()
    parser.buffer_text = True
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    run_parser(parser, content, path)
    return scan.sheets


class _Scan:
    """Goes once over content.xml; rows and cells that are repeated count as often as they are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sheets: dict[str, SheetExtras] = {}
        self.extras = SheetExtras()
        self.row = self.column = self.defined = 0
        self.rows_here = self.cells_here = 1
        self.given: dict[str, str] = {}
        self.words: list[str] | None = None

    def start(self, name: str, given: dict[str, str]) -> None:
        if name in _CELLS:
            self.given, self.words = given, []
            self.cells_here = self._repeated(given, "table:number-columns-repeated")
        elif name == "table:table-row":
            self.column = 0
            self.rows_here = self._repeated(given, "table:number-rows-repeated")
            if given.get("table:visibility") in _UNSEEN:
                self.extras.hidden_rows.extend(range(self.row, self.row + self.rows_here))
        elif name == "table:table-column":
            count = self._repeated(given, "table:number-columns-repeated")
            if given.get("table:visibility") in _UNSEEN:
                self.extras.hidden_columns.update(range(self.defined, self.defined + count))
            self.defined += count
        elif name == "table:table":
            self.extras = self.sheets[given.get("table:name", "")] = SheetExtras()
            self.row = self.column = self.defined = 0

    def text(self, text: str) -> None:
        if self.words is not None:
            self.words.append(text)

    def end(self, name: str) -> None:
        if name in _CELLS:
            self._cell("".join(self.words or ()).strip())
            self.words = None
            self.column += self.cells_here
        elif name == "table:table-row":
            self.row += self.rows_here

    def _cell(self, shown: str) -> None:
        given, extras = self.given, self.extras
        kind = given.get("office:value-type", "")
        spanned = tuple(int(given.get(f"table:number-{what}-spanned", 1)) for what in ("rows", "columns"))
        if spanned != (1, 1):
            last = (self.row + spanned[0] - 1, self.column + spanned[1] - 1)
            extras.merged.append((self.row, self.column, *last))
        if not kind and not shown and "table:formula" not in given:
            return
        extras.rows = max(extras.rows, self.row + self.rows_here)
        extras.columns = max(extras.columns, self.column + self.cells_here)
        place = (self.row, self.column)
        if given.get("calcext:value-type") == "error":
            extras.cells[place] = shown or "#N/A"
        elif "table:formula" in given and not kind:
            extras.cells[place] = Uncalculated(given["table:formula"])
        elif kind == "percentage":
            extras.percent.add(place)

    def _repeated(self, given: dict[str, str], name: str) -> int:
        count = int(given.get(name, 1))
        if not 1 <= count <= _MOST_REPEATED:
            raise InputError(
                f"a cell or row is repeated {count} times",
                where=str(self.path),
                mend="save it again as .xlsx",
            )
        return count
