"""Where a table's header is and what its columns are called: titles above, several rows, merged cells, rows of units."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.ingest.cells import Uncalculated
from parkgeo.ingest.header_units import all_units, lone_unit, unit_row, units_of, units_of_table
from parkgeo.layers import sentence
from parkgeo.layers.schema import fold_header

if TYPE_CHECKING:
    from parkgeo.ingest.sheets import Sheet
    from parkgeo.layers import Field, LayerSchema, Sentence

__all__ = ["Header", "Lexicon", "blank_row", "distinct", "find_header"]

_WITHIN = 20
_TALLEST = 3
_MOST_BELOW = 3
_NUMBERED = 4
# A heading with one of these says which figure it is; without it the figure would be another one.
_QUALIFIER = re.compile(
    r"计划|规划|拟|预计|预期|目标|承诺|约定|合同|应|未|上年|去年|同期|上期|往年|累计|增长|增速|增幅|占比|比重|同比|环比|排名|得分|\d{4}"
)
_CJK = "[\u2e80-\u9fff\uff00-\uffef]"
_BREAK = re.compile(rf"(?<={_CJK})\s*[\r\n]+\s*|\s*[\r\n]+\s*(?={_CJK})")
_ORDINALS = frozenset("甲乙丙丁戊己庚辛壬癸") | {"栏次", "栏号", "列号"}
_NUMBERING = re.compile(r"[(（\[]?\s*(\d{1,3})\s*[)）\]]?(?:\s*=.*)?")


@dataclass(frozen=True)
class Header:
    """Where a table's header is, and what its columns are called; rows count from 0.

    Attributes
    ----------
    first, last
        Its rows.
    body
        First row behind it, and behind rows of units and numbers.
    names
        Name of each column, distinct, with its unit in brackets; empty for a column without one.
    fields
        Field that each column is recognised as, or None.
    units
        For columns that park.toml maps by their name alone: the unit that stands outside it.
    score
        How many fields it names.
    notes
        What was taken from where.
    """

    first: int
    last: int
    body: int
    names: tuple[str, ...]
    fields: tuple[Field | None, ...]
    units: dict[int, str]
    score: int
    notes: tuple[Sentence, ...]


class Lexicon:
    """What headers mean to a layer.

    Parameters
    ----------
    layer
        The layer.
    mapped
        Column → field, as park.toml maps them.
    """

    def __init__(self, layer: LayerSchema, mapped: dict[str, str]) -> None:
        self.layer = layer
        self.mapped = mapped
        self._spelled: dict[str, str] = {}
        self._fields: dict[str, Field] = {}
        for field in layer.fields.values():
            for text in field.headers:
                self._fields.setdefault(text, field)

    def field(self, name: str) -> Field | None:
        """The field that a header means, or None."""
        if name in self.mapped:
            return self.layer.fields.get(self.mapped[name])
        return self._fields.get(fold_header(name)[0])

    def spelled(self, text: str) -> str:
        """A header as it is known: as it stands where it is known so, else folded, with a unit behind it in brackets."""
        if text not in self._spelled:
            self._spelled[text] = self._spell(text)
        return self._spelled[text]

    def _spell(self, text: str) -> str:
        if text in self.mapped or self.field(text) is not None:
            return text
        folded = unicodedata.normalize("NFKC", text)
        if self.field(folded) is not None:
            return folded
        for unit in all_units():
            if folded.casefold().endswith(unit) and len(folded) > len(unit):
                bare = folded[: -len(unit)].rstrip(" /,、:;(·")
                field = self.field(bare)
                if field is not None and unit in units_of(field):
                    return f"{bare}({unit})"
        return text


def find_header(sheet: Sheet, lexicon: Lexicon) -> Header | None:
    """The rows in which most fields are recognised, of the first twenty; the first row with anything where none is.

    Parameters
    ----------
    sheet
        The cells, and which of them are merged.
    lexicon
        What headers mean.
    """
    grid = _filled(sheet)
    best, best_score = None, 0
    for height in range(1, _TALLEST + 1):
        for first in range(min(len(grid), _WITHIN)):
            if first + height <= len(grid):
                score = _score(grid[first : first + height], lexicon)
                if score > best_score:
                    best, best_score = (first, first + height - 1), score
    if best is None:
        alone = next((at for at, row in enumerate(sheet.cells) if not blank_row(row)), None)
        if alone is None:
            return None
        best = (alone, alone)
    else:
        best = _grown(*best, grid, sheet)
    return _described(*best, best_score, sheet, grid, lexicon)


def blank_row(row: list[Any]) -> bool:
    """Whether no cell of a row holds anything; a formula without a result is something."""
    return not any(_filled_cell(cell) for cell in row)


def distinct(names: list[str]) -> list[str]:
    """Names with a number behind each repetition, so that no column hides another.

    Examples
    --------
    >>> distinct(["a", "", "a", ""])
    ['a', '', 'a (2)', '']
    """
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        number, unique = 1, name
        while unique and unique in taken:
            number += 1
            unique = f"{name} ({number})"
        found.append(unique)
        taken.add(unique)
    return found


def _filled_cell(cell: Any) -> bool:
    if isinstance(cell, str):
        return isinstance(cell, Uncalculated) or bool(cell.strip())
    return cell is not None


def _filled(sheet: Sheet) -> list[list[str]]:
    """The text of the first rows; a merged cell's stands in each of its cells."""
    rows = sheet.cells[: _WITHIN + _TALLEST + _MOST_BELOW]
    width = max((len(row) for row in rows), default=0)
    grid = [[_tidy(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    for top, left, bottom, right in sheet.merged:
        if top < len(grid) and left < width:
            for row in grid[top : bottom + 1]:
                row[left : right + 1] = [grid[top][left]] * (min(right + 1, width) - left)
    return grid


def _tidy(cell: Any) -> str:
    """A header's text without line breaks and outer space."""
    text = "" if cell is None else str(cell).strip()
    return re.sub(r"\s*[\r\n]+\s*", " ", _BREAK.sub("", text)) if "\n" in text or "\r" in text else text


def _stack(rows: list[list[str]], column: int) -> tuple[list[str], str]:
    """The texts above each other in a column, without repetition, and the unit that stands alone among them."""
    parts: list[str] = []
    unit = ""
    for row in rows:
        text = row[column]
        if found := lone_unit(text, bracketed=True):
            unit = found
        elif text and (not parts or parts[-1] != text):
            parts.append(text)
    return parts, unit


def _compose(parts: list[str], lexicon: Lexicon) -> tuple[str, tuple[str, ...]]:
    """A column's name of the texts above each other, and the headings that are no part of it."""
    whole = _joined(parts)
    for text in (whole, _joined(parts[::-1])):
        name = lexicon.spelled(text)
        if lexicon.field(name) is not None:
            return name, ()
    for cut in range(1, len(parts)):
        name = lexicon.spelled(_joined(parts[cut:]))
        if lexicon.field(name) is not None and not any(map(_QUALIFIER.search, parts[:cut])):
            return name, tuple(parts[:cut])
    return whole, ()


def _joined(parts: list[str]) -> str:
    text = ""
    for part in parts:
        both_latin = text and text[-1].isascii() and part[:1].isascii()
        text += (" " if both_latin else "") + part
    return text


def _score(rows: list[list[str]], lexicon: Lexicon) -> int:
    """How many fields the rows name, taken as a header; a heading stands for the columns at its right that have none."""
    rows = _carried(rows)
    found: set[str] = set()
    for column in range(len(rows[0])):
        parts, _ = _stack(rows, column)
        field = lexicon.field(_compose(parts, lexicon)[0]) if parts else None
        if field is not None:
            found.add(field.name)
    return len(found)


def _carried(rows: list[list[str]]) -> list[list[str]]:
    """Rows of headings with each heading carried over the blanks at its right that have a heading below."""
    if len(rows) == 1:
        return rows
    carried = []
    for at, row in enumerate(rows[:-1]):
        new = list(row)
        for column in range(1, len(new)):
            if not new[column] and new[column - 1] and rows[at + 1][column] and rows[at + 1][column - 1]:
                new[column] = new[column - 1]
        carried.append(new)
    return [*carried, rows[-1]]


def _grown(first: int, last: int, grid: list[list[str]], sheet: Sheet) -> tuple[int, int]:
    """The header with the rows that its merged cells join to it: headings above and below."""
    for top, _, bottom, _ in sheet.merged:
        if top <= last < bottom < first + _TALLEST:
            last = bottom
    wide = [area for area in sheet.merged if area[0] == area[2] == last and area[3] > area[1]]
    if wide and last + 1 < len(grid) and last - first + 1 < _TALLEST:
        below = sheet.cells[last + 1]
        under = {column for area in wide for column in range(area[1], area[3] + 1)}
        filled = {at for at, cell in enumerate(below) if _filled_cell(cell)}
        if filled and filled <= under and all(isinstance(below[at], str) for at in filled):
            last += 1
    while first > 0 and last - first + 1 < _TALLEST and _headings(grid[first - 1], grid[first]):
        first -= 1
    return first, last


def _headings(row: list[str], below: list[str]) -> bool:
    """Whether a row holds headings of the columns below it; a title is one text, and notes have a colon."""
    filled = [at for at, text in enumerate(row) if text]
    texts = {row[at] for at in filled}
    if len(texts) == 1 and len(filled) == sum(bool(text) for text in below):
        return False
    partial = len(texts) > 1 or 1 < len(filled) < sum(bool(text) for text in below)
    return (
        partial and all(below[at] for at in filled) and not any(":" in text or "：" in text for text in texts)
    )


def _described(
    first: int, last: int, score: int, sheet: Sheet, grid: list[list[str]], lexicon: Lexicon
) -> Header:
    rows = _carried(grid[first : last + 1])
    width = max((len(row) for row in sheet.cells), default=0)
    names: list[str] = []
    units: list[str] = []
    dropped: list[str] = []
    for column in range(width):
        parts, unit = _stack(rows, column) if column < len(rows[0]) else ([], "")
        raw = "" if column >= len(sheet.cells[last]) else str(sheet.cells[last][column] or "").strip()
        name, headings = (raw, ()) if raw in lexicon.mapped else _compose(parts, lexicon)
        names.append(name)
        units.append(unit)
        dropped.extend(headings)
    fields = [lexicon.field(name) if name else None for name in names]
    body, notes = _below_header(last + 1, sheet.cells, fields, units)
    notes += units_of_table(grid[:first], names, fields, units)
    if dropped:
        what = sentence(
            "headings that are no part of the names of the columns below them: {headings}",
            headings=tuple(dict.fromkeys(dropped)),
        )
        notes.append(what)
    outside: dict[int, str] = {}
    for at, unit in enumerate(units):
        if not unit or not names[at] or fold_header(names[at])[1]:
            continue
        if names[at] in lexicon.mapped and f"{names[at]}({unit})" not in lexicon.mapped:
            outside[at] = unit
        else:
            names[at] = f"{names[at]}({unit})"
    return Header(first, last, body, tuple(distinct(names)), tuple(fields), outside, score, tuple(notes))


def _below_header(
    start: int, cells: list[list[Any]], fields: list[Field | None], units: list[str]
) -> tuple[int, list[Sentence]]:
    """The first row of the body; units of a row of units are entered, and it is said which rows are none of the body."""
    notes: list[Sentence] = []
    for at in range(start, min(start + _MOST_BELOW, len(cells))):
        row = cells[at]
        found = unit_row(row, fields)
        if found:
            for column, unit in found.items():
                units[column] = units[column] or unit
            notes.append(sentence("row {row} holds the units of the columns", row=at + 1))
        elif _numbering_row(row):
            notes.append(sentence("row {row} numbers the columns", row=at + 1))
        else:
            break
        start = at + 1
    return start, notes


def _numbering_row(row: list[Any]) -> bool:
    """Whether a row numbers the columns: 1 2 3 4, or 甲 乙 1 2, and so on."""
    texts = [_tidy(cell) for cell in row if _filled_cell(cell)]
    numbers = [int(found[1]) for text in texts if (found := _NUMBERING.fullmatch(text))]
    ordinals = sum(text in _ORDINALS for text in texts)
    counted = numbers == list(range(1, len(numbers) + 1)) and len(numbers) + ordinals == len(texts)
    return counted and (len(numbers) >= _NUMBERED or (ordinals > 0 and len(texts) > 1))
