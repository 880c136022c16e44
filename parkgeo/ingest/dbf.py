"""The table of a shapefile (.dbf), looked at without GDAL: how many rows it states, and in which encoding its text is."""

from __future__ import annotations

import codecs
import struct
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.text import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Encoding", "Table", "find_encoding", "read_dbf_header"]

_HEADER = 32
_END_OF_FIELDS = 0x0D
_DELETED = 0x2A
_LDID_AT = 29
# Language byte → code page. Many programs write 0x57 ("ANSI") or nothing whatever the text is, so those say nothing.
_LANGUAGES = {
    0x4D: "gbk",
    0x7A: "gbk",
    0x4F: "big5",
    0x78: "big5",
    0x03: "cp1252",
    0x13: "cp932",
    0x7B: "cp932",
}
_CPG_NAMES = {
    "936": "gbk",
    "ANSI 936": "gbk",
    "GB2312": "gbk",
    "950": "big5",
    "65001": "utf-8",
    "UTF8": "utf-8",
}
_SHOWN = {"utf-8": "UTF-8", "gbk": "GBK", "gb18030": "GB18030", "big5": "BIG5"}
_LONGEST_LETTER = 4
_LONGEST_NAME = 10
_MOST_WEIGHED = 5_000
_FIRST_LEVEL = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
_GB2312_FROM = 0xA1
_THREE_BYTES = 0xE0
_ENOUGH, _READS_WELL = 3, 0.85
_CUT = ("incomplete", "unexpected end")


@dataclass(frozen=True)
class Table:
    """What a .dbf says of itself.

    Attributes
    ----------
    content
        All of it.
    stated
        Rows it states to hold, those marked as deleted among them.
    head, width
        Bytes of the header and of a record.
    texts
        Start and length of each text field within a record.
    """

    content: bytes
    stated: int
    head: int
    width: int
    texts: tuple[tuple[int, int], ...]

    @property
    def present(self) -> int:
        """Whole records that are there."""
        return min(self.stated, max(len(self.content) - self.head, 0) // self.width if self.width else 0)

    @property
    def deleted(self) -> int:
        """Records marked as deleted, which readers pass over."""
        flags = self.content[self.head : self.head + self.present * self.width : max(self.width, 1)]
        return flags.count(_DELETED)

    def values(self) -> Iterator[tuple[bytes, bool]]:
        """Each text that is not plain ASCII, and whether it fills its field to the brim."""
        for record in range(self.present):
            start = self.head + record * self.width
            if self.content[start : start + self.width].isascii():
                continue
            for at, length in self.texts:
                field = self.content[start + at : start + at + length].rstrip(b" \0")
                if not field.isascii():
                    yield field, len(field) >= length - 1


def read_dbf_header(path: Path) -> Table:
    """Read a .dbf as far as its layout goes.

    Raises
    ------
    InputError
        It cannot be read or is no dBase table.
    """
    content = read_bytes(path)
    if len(content) < _HEADER:
        raise InputError(
            "the table is cut short", where=str(path), mend="copy all files of the shapefile again"
        )
    stated, head, width = struct.unpack_from("<IHH", content, 4)
    texts = []
    at, offset = _HEADER, 1
    while at + _HEADER <= len(content) and content[at] != _END_OF_FIELDS:
        length = content[at + 16]
        if content[at + 11 : at + 12] == b"C":
            texts.append((offset, length))
        offset += length
        at += _HEADER
    return Table(content, stated, head, width, tuple(texts))


@dataclass(frozen=True)
class Encoding:
    """The encoding that a table's text was found to be in.

    Attributes
    ----------
    name
        As people write it.
    wrong
        What ``.cpg`` or the language byte states, where the text is not in that; else empty.
    rival
        Another encoding that would do as well; empty where the text leaves no doubt.
    """

    name: str
    wrong: str = ""
    rival: str = ""


def find_encoding(table: Table, path: Path, cpg: Path | None) -> Encoding:
    """The encoding of a shapefile's text.

    Parameters
    ----------
    table
        Its .dbf.
    path
        Where that stands, for the message.
    cpg
        The ``.cpg`` beside it, where there is one.

    Returns
    -------
    Encoding
        What ``.cpg`` or the language byte states, where the bytes are that and nothing more likely; else UTF-8 where they
        are; else GB18030 or Big5, in which of them more of the letters are frequent ones.

    Raises
    ------
    InputError
        The text is in none of the encodings known here.
    """
    stated = _stated(table, cpg)
    names = table.content[_HEADER : table.head]
    values = [(bytes(part).split(b"\0")[0], False) for part in _slices(names) if not part.isascii()]
    # Names may be cut in mid-character, as they are of ten bytes.
    values = [(value, len(value) >= _LONGEST_NAME) for value, _ in values] + list(
        dict.fromkeys(table.values())
    )
    fitting = [
        name
        for name in dict.fromkeys((stated, "utf-8", "gb18030", "big5"))
        if name and all(_is_text(value, name, brim=brim) for value, brim in values)
    ]
    if not fitting:
        raise InputError(
            "the encoding of its text cannot be told",
            where=str(path),
            mend='set encoding in park.toml, for example "GBK"',
        )
    texts = [value for value, _ in values[:_MOST_WEIGHED]]
    chosen, rival = _likeliest(stated, fitting, texts)
    wrong = stated if stated and _family(chosen) != _family(stated) else ""
    return Encoding(*(_SHOWN.get(name, name) for name in (chosen, wrong, rival)))


def _likeliest(stated: str, fitting: list[str], texts: list[bytes]) -> tuple[str, str]:
    """The encoding, of those that fit, that the text is most likely in; and one that would do as well."""
    if not texts:
        return (stated if stated in fitting else "utf-8"), ""
    if "utf-8" in fitting and (stated not in fitting or stated == "utf-8" or _surely_utf8(texts)):
        return "utf-8", ""
    weights = {name: _frequent(texts, name) for name in fitting if name in ("gb18030", "big5")}
    enough = sum(map(len, texts)) // 2 >= _ENOUGH
    if stated in fitting:
        # A code page of single bytes fits whatever stands there: Chinese that reads well is no accident.
        single = _family(stated) not in ("gb18030", "big5")
        best = max(weights, key=lambda name: weights[name], default=stated)
        return (best if single and enough and weights.get(best, 0) >= _READS_WELL else stated), ""
    if len(weights) == 1 or weights["gb18030"] >= _READS_WELL:
        return next(iter(weights)), ""
    return ("big5", "") if weights["big5"] >= _READS_WELL and enough else ("gb18030", "big5")


def _surely_utf8(texts: list[bytes]) -> bool:
    """Whether bytes that are UTF-8 are so by more than chance: by a letter of three bytes or more."""
    return any(byte >= _THREE_BYTES for text in texts for byte in text)


def _frequent(texts: list[bytes], name: str) -> float:
    """Share of the letters that are frequent ones: of the first level that GB 2312 and Big5 each divide theirs into."""
    first, last = _FIRST_LEVEL[name]
    known = frequent = 0
    for text in texts:
        for letter in text.decode(name, errors="ignore"):
            if letter.isascii():
                continue
            known += 1
            pair = letter.encode(name)
            in_level = len(pair) == 2 and first <= pair[0] <= last  # noqa: PLR2004 - a letter of two bytes
            plain = name == "big5" or pair[-1] >= _GB2312_FROM
            frequent += (in_level and plain) or unicodedata.category(letter)[0] in "PN"
    return frequent / known if known else 0.0


def _family(name: str) -> str:
    return "gb18030" if name in ("gbk", "gb2312", "gb18030") else name


def _slices(names: bytes) -> Iterator[bytes]:
    for at in range(0, len(names), _HEADER):
        yield names[at : at + 11]


def _stated(table: Table, cpg: Path | None) -> str:
    if cpg is not None:
        text = cpg.read_bytes()[:100].decode("ascii", errors="replace").strip().strip("\0")
        try:
            return codecs.lookup(_CPG_NAMES.get(text.upper(), text)).name
        except (LookupError, ValueError):
            pass  # an unknown name says nothing; the language byte is asked
    return _LANGUAGES.get(table.content[_LDID_AT], "")


def _is_text(value: bytes, encoding: str, *, brim: bool) -> bool:
    """Whether bytes are text in an encoding; a letter may be cut where the field is full."""
    try:
        value.decode(encoding)
    except UnicodeDecodeError as error:
        return brim and error.start > len(value) - _LONGEST_LETTER and error.reason.startswith(_CUT)
    except LookupError:
        return False  # a codec of another kind, as "hex" in a .cpg
    return True
