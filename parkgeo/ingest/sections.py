"""Tables below one another in a sheet: titles between them, and rows that stand under another header."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.ingest.cells import EXCEL_ERRORS, Uncalculated, is_blank, plain
from parkgeo.ingest.footers import is_header, ranges
from parkgeo.ingest.raw import Lost
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.ingest.headers import Header, Lexicon
    from parkgeo.layers import Sentence

__all__ = ["Sections", "sections"]

# 一、已供地块 · （二）未供地块 · 第三部分 · 附表2
_ORDINAL = re.compile(
    r"(?:[(\[]?[一二三四五六七八九十]{1,3}(?:[)\]]|[、.,:,]|\s)|第[一二三四五六七八九十\d]{1,3}(?:部分|批|类|章|期)|附?表\s*[一二三四五六七八九十\d]{1,3}\b).*"
)
_DIGIT = re.compile(r"\d")
# A figure or a day, with or without a unit: what stands in a row of data and never as a heading.
_VALUE = re.compile(r"[+-]?[\d,. ]*\d[\d,. ]*(?:[%亩元年月日]|万元|亿元|公顷|平方米|[-/年月.:T].*)?")
_FEWEST = 2


@dataclass(frozen=True)
class Sections:
    """What stands between and below the rows of a table's first header.

    Attributes
    ----------
    titles
        Number → text of the rows that hold a title alone.
    headings
        Number → first text of the rows directly below the header that hold headings too.
    lost
        Rows under another header.
    """

    titles: dict[int, str]
    headings: dict[int, str]
    lost: tuple[Lost, ...]

    @property
    def numbers(self) -> set[int]:
        """Numbers of all these rows."""
        return {*self.titles, *self.headings, *(entry.row for entry in self.lost if entry.row is not None)}

    @property
    def notes(self) -> list[Sentence]:
        """Sentences that name the titles and the headings."""
        notes = []
        if self.titles:
            what = sentence(
                "titles within the table are no rows of data: row {rows} ({words})",
                rows=ranges(self.titles), words=tuple(text[:20] for text in self.titles.values()),
            )  # fmt: skip
            notes.append(what)
        if self.headings:
            what = sentence(
                "headings below the header are no rows of data: row {rows} ({words})",
                rows=ranges(self.headings), words=tuple(text[:20] for text in self.headings.values()),
            )  # fmt: skip
            notes.append(what)
        return notes


def sections(
    body: list[tuple[int, list[Any]]],
    header: Header,
    printed: Sequence[Sequence[Any]],
    out: set[int],
    lexicon: Lexicon,
) -> Sections:
    """Find the titles within a table and the rows under another header than its first.

    Parameters
    ----------
    body
        Number and cells of each row that holds anything.
    header
        The first header.
    printed
        Its rows as they stand in the sheet: a row that is one of them is that header again, and what follows it is
        read.
    out
        Numbers of the rows that are none of the data for another reason; they are in neither list.
    lexicon
        What headers mean.
    """
    keys = [at for at, field in enumerate(header.fields) if field is not None and field.required]
    known = {_folded(cell) for row in printed for cell in row if not is_blank(cell)}
    named = {number: count for number, row in body if (count := _named(row, keys, known, lexicon))}
    data = [(number, row) for number, row in body if number not in out and number not in named]
    titles = _titles(data, header, keys)
    headings: dict[int, str] = {}
    lost: list[Lost] = []
    other: tuple[int, list[Any]] | None = None
    titled, begun = False, False
    for number, row in body:
        if is_header(row, printed):
            other = None
        elif named.get(number, 0) >= (1 if titled else _FEWEST):
            if begun or titled:
                other = (number, row)
            else:
                headings[number] = next(str(cell).strip() for cell in row if not is_blank(cell))
        titled = number in titles
        begun = begun or not (titled or number in headings or number in out)
        if other is not None and number not in out and not titled:
            lost.append(_under(other, number, row))
    return Sections(titles, headings, tuple(lost))


def _titles(body: list[tuple[int, list[Any]]], header: Header, keys: list[int]) -> dict[int, str]:
    """Number → text of the rows that hold one text, which is no id.

    Without an ordinal before it, it is no id where every id of a filled row has a digit and it has none.
    """
    alone: dict[int, tuple[int, str]] = {}
    digits = True
    final = body[-1][0] if body else 0
    for number, row in body:
        filled = [at for at, cell in enumerate(row) if not is_blank(cell)]
        # A last line without its delimiters may be a row at which the file was cut short.
        cut = number == final and len(row) < len(header.names)
        if len(filled) == 1 and _is_words(row[filled[0]]) and not cut:
            alone[number] = (filled[0], row[filled[0]].strip())
            continue
        ids = [row[at] for at in keys if at < len(row) and not is_blank(row[at])]
        digits = digits and all(_DIGIT.search(str(cell)) for cell in ids)
    digits = digits and len(alone) < len(body) and sum(map(bool, header.names)) > 1
    last = max(keys, default=-1)
    return {
        number: text
        for number, (at, text) in alone.items()
        if _ORDINAL.fullmatch(plain(text)) or (digits and at <= last and not _DIGIT.search(text))
    }


def _is_words(cell: Any) -> bool:
    """Whether a cell may be a title: what a formula that failed leaves is a value that is missing."""
    return isinstance(cell, str) and plain(cell) not in EXCEL_ERRORS


def _named(row: list[Any], keys: list[int], known: set[str], lexicon: Lexicon) -> int:
    """How many cells of a row mean fields or stand in the first header; 0 for a row that holds a value."""
    cells = [cell for cell in row if not is_blank(cell)]
    if len(cells) < _FEWEST or not all(
        isinstance(cell, str) and not isinstance(cell, Uncalculated) for cell in cells
    ):
        return 0
    ids = [row[at] for at in keys if at < len(row) and not is_blank(row[at])]
    if any(_DIGIT.search(cell) and not _heading(cell, known, lexicon) for cell in ids):
        return 0
    if any(_VALUE.fullmatch(plain(cell)) for cell in cells):
        return 0
    return sum(_heading(cell, known, lexicon) for cell in cells)


def _heading(cell: str, known: set[str], lexicon: Lexicon) -> bool:
    return _folded(cell) in known or lexicon.field(lexicon.spelled(_folded(cell))) is not None


def _folded(cell: Any) -> str:
    """A header's text without space: it may be broken otherwise where it is printed again."""
    return re.sub(r"\s+", "", plain(cell))


def _under(header: tuple[int, list[Any]], number: int, row: list[Any]) -> Lost:
    names = [_folded(cell) if not is_blank(cell) else "" for cell in header[1]]
    content = {
        (names[at] if at < len(names) and names[at] else str(at + 1)): cell
        for at, cell in enumerate(row)
        if cell is not None
    }
    return Lost(
        number,
        sentence("the rows stand under another header: row {row}", row=header[0]),
        sentence("put the second table on a sheet of its own"),
        json.dumps(content, ensure_ascii=False, default=str),
    )
