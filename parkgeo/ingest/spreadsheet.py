"""What a workbook's XML says beside its values: how far sheets reach, errors, formulas without a result, what is hidden.

A workbook is a zip of XML. Its parts are unpacked here once, under limits, before anything parses them; the reader of the
values is then given these very parts, so no lie of the archive's directory reaches it. References to other files are
not followed, and a part that declares entities is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from parkgeo.errors import InputError
from parkgeo.ingest.cells import Uncalculated

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MOST_CELLS", "SheetExtras", "check_reach", "read_extras", "repacked", "unpack"]

MOST_CELLS = 10_000_000
"""Most cells a sheet may span, from its first row and column to its last."""

_MOST_PARTS = 5_000
_MOST_BYTES = 600_000_000
_MOST_RATIO = 200
_SMALL = 20_000_000
_READ_PARTS = re.compile(
    r"(?i)^(\[content_types\]\.xml|_rels/.*|mimetype|content\.xml|styles\.xml|meta-inf/.*|xl/(?!media/|embeddings/|drawings/|vba).*)$"
)
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LONG_NUMBER = re.compile(rb"\d{16}")
_PERCENT_FORMATS = frozenset({"9", "10"})
_CHUNK = 1 << 20
_WIDEST = 1 << 14
_EXACT_DIGITS = 15


@dataclass
class SheetExtras:
    """What a sheet's XML says beside its values; rows and columns count from 0.

    Attributes
    ----------
    rows, columns
        How many there are, up to the last that holds a cell.
    cells
        Place → what stands there and no reader of values tells: an error of Excel, a formula without a result, a whole
        number of more than fifteen digits.
    percent
        Places of numbers that are shown as percentages.
    merged
        First and last row and column of each merged cell, where the format tells it here.
    hidden_rows, hidden_columns
        Those that a person does not see.
    """

    rows: int = 0
    columns: int = 0
    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    percent: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)


def unpack(content: bytes, path: Path) -> dict[str, bytes]:
    """A workbook's parts, as far as they hold its cells.

    Parameters
    ----------
    content
        The zip.
    path
        For messages.

    Raises
    ------
    InputError
        It is no zip, is damaged, or unpacks to more than an office's workbook does: 5 000 parts, 600 MB, 200 times its size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _READ_PARTS.match(entry.filename)]
            total = sum(entry.file_size for entry in entries)
            if (
                len(entries) > _MOST_PARTS
                or total > _MOST_BYTES
                or total > max(_SMALL, _MOST_RATIO * len(content))
            ):
                raise InputError(
                    f"it unpacks to {len(entries)} parts of {total / 1e6:.0f} MB, {total / len(content):.0f} times its size",
                    where=str(path), mend="save the table alone into a new workbook",
                )  # fmt: skip
            # Reading stops at the size that the directory states, and the check sum tells a false one.
            return {entry.filename: archive.read(entry) for entry in entries}
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ) as error:
        raise InputError(
            f"cannot be read as a workbook ({type(error).__name__}: {str(error)[:120]})",
            where=str(path), mend="open it in Excel, without a password, and save it as .xlsx",
        ) from error  # fmt: skip


def repacked(parts: dict[str, bytes]) -> io.BytesIO:
    """The parts as a workbook again, not compressed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    packed.seek(0)
    return packed


def check_reach(sheet: str, rows: int, columns: int, path: Path) -> None:
    """See that a sheet's cells fit into memory, stray ones at its far end among them.

    Raises
    ------
    InputError
        They do not.
    """
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"sheet {sheet!r} reaches to row {rows}, column {columns}",
            where=str(path), mend="delete the stray cells beyond the table and save it again",
        )  # fmt: skip


def read_extras(content: bytes, percent_styles: frozenset[str], path: Path) -> SheetExtras:
    """What the XML of one sheet of an .xlsx says beside its values.

    Raises
    ------
    InputError
        It is no well-formed XML, or declares entities.
    """
    scan = _SheetScan(percent_styles, texts=_LONG_NUMBER.search(content) is not None)
    run_parser(scan.parser, content, path)
    return scan.extras


def percent_styles(styles: bytes, path: Path) -> frozenset[str]:
    """Numbers of the cell styles that show a share as a percentage."""
    found: set[str] = set()
    formats = set(_PERCENT_FORMATS)
    inside, number = False, 0

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal inside, number
        tag = name.rpartition(":")[2]
        if tag == "numFmt" and "%" in given.get("formatCode", ""):
            formats.add(given.get("numFmtId", ""))
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            if given.get("numFmtId", "") in formats:
                found.add(str(number))
            number += 1

    def end(name: str) -> None:
        nonlocal inside
        if name.rpartition(":")[2] == "cellXfs":
            inside = False

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    run_parser(parser, styles, path)
    return frozenset(found)


class _EntitiesError(ValueError):
    """The XML declares a document type: the way to entities that grow without end."""


def new_parser() -> expat.XMLParserType:
    """A parser that refuses document types, and with them entities of any kind."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise _EntitiesError

    parser.StartDoctypeDeclHandler = refuse
    return parser


def run_parser(parser: expat.XMLParserType, content: bytes, path: Path) -> None:
    """Parse a part of a workbook.

    Raises
    ------
    InputError
        It is no well-formed XML, or declares entities.
    """
    try:
        for start in range(0, len(content), _CHUNK):
            parser.Parse(content[start : start + _CHUNK], False)
        parser.Parse(b"", True)
    except (expat.ExpatError, _EntitiesError, ValueError) as error:
        raise InputError(
            f"its XML cannot be read ({type(error).__name__}: {str(error)[:120]})",
            where=str(path), mend="open it in Excel and save it again",
        ) from error  # fmt: skip


class _SheetScan:
    """Goes once over a sheet's XML; looks at a cell's text only where the cell may be one of those that matter."""

    def __init__(self, percent_styles: frozenset[str], *, texts: bool) -> None:
        self.extras = SheetExtras()
        self.percent = percent_styles
        self.row, self.column = -1, -1
        self.kind = ""
        self.formula: list[str] | None = None
        self.result: list[str] | None = None
        self.into: list[str] | None = None
        self.parser = new_parser()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.always = texts
        if texts:
            self._listen()

    def _listen(self) -> None:
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = name if ":" not in name else name.rpartition(":")[2]
        if tag == "v":
            self.into = self.result = []
            self._reached()
        elif tag == "c":
            self._cell(given)
        elif tag == "row":
            self.row = int(given.get("r", self.row + 2)) - 1
            self.column = -1
            if given.get("hidden") in ("1", "true"):
                self.extras.hidden_rows.append(self.row)
        elif tag == "f":
            self.into = self.formula = []
            self._reached()
            self._listen()
        elif tag == "is":
            self._reached()
        elif tag == "col" and given.get("hidden") in ("1", "true"):
            self.extras.hidden_columns.update(
                range(int(given.get("min", 1)) - 1, min(int(given.get("max", 0)), _WIDEST))
            )

    def _cell(self, given: dict[str, str]) -> None:
        found = _REFERENCE.fullmatch(given.get("r", ""))
        if found:
            self.row, self.column = int(found[2]) - 1, _column(found[1])
        else:
            self.column += 1
        self.kind = given.get("t", "n")
        self.formula = self.result = self.into = None
        if self.kind == "n" and given.get("s", "0") in self.percent:
            self.extras.percent.add((self.row, self.column))
        if self.kind == "e":
            self._listen()

    def _reached(self) -> None:
        """Only cells that hold something count: a sheet may be formatted to its end."""
        extras = self.extras
        extras.rows, extras.columns = max(extras.rows, self.row + 1), max(extras.columns, self.column + 1)

    def _text(self, text: str) -> None:
        if self.into is not None:
            self.into.append(text)

    def _end(self, name: str) -> None:
        tag = name if ":" not in name else name.rpartition(":")[2]
        if tag in ("v", "f"):
            self.into = None
        elif tag == "c":
            told = self._told("".join(self.result or ()).strip())
            if told is not None:
                self.extras.cells[self.row, self.column] = told
            if not self.always:
                self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

    def _told(self, result: str) -> Any:
        """What stands in the cell that no reader of values tells."""
        if self.kind == "e":
            return result or "#N/A"
        if self.formula is not None and not result and self.kind != "inlineStr":
            return Uncalculated("=" + "".join(self.formula)) if self.kind != "str" else None
        if self.kind != "n" or not result:
            return None
        digits = result.removeprefix("-")
        return _whole(int(result)) if digits.isdecimal() and len(digits) > _EXACT_DIGITS else None


def _whole(number: int) -> float:
    """A whole number; one that Excel has rounded to fifteen digits is the floating-point number it is there."""
    excess = len(str(abs(number))) - _EXACT_DIGITS
    return number if number % 10**excess else float(number)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
