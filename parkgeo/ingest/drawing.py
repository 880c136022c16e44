"""The text of a DXF drawing: its entities, counted by their group codes, and the same drawing in a form without surprises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.text import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Drawing", "Entity", "read_drawing", "text_from_gdal"]

_BINARY = b"AutoCAD Binary DXF"
_PARTS = frozenset({"VERTEX", "SEQEND", "ATTRIB"})
_UTF8_FROM = "AC1021"
_HEAD_LINES = 40
_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_SIGN = re.compile(r"%%([dcpDCP])")
_SIGNS = {"d": "°", "c": "⌀", "p": "±"}

Pair = tuple[int, str]


@dataclass(frozen=True)
class Entity:
    """An entity of the drawing's model space or of a sheet.

    Attributes
    ----------
    number
        Its place among the entities, from 1.
    kind, layer, handle
        As the drawing has them.
    on_sheet
        Whether it belongs to the paper, not to the ground.
    """

    number: int
    kind: str
    layer: str
    handle: str
    on_sheet: bool


@dataclass(frozen=True)
class Drawing:
    """A drawing's entities and its text.

    Attributes
    ----------
    entities
        In their order; the corners and attributes of one are not counted for themselves.
    text
        The drawing as UTF-8 text that GDAL reads, each entity's handle being its number.
    encoding
        It was read in.
    whole
        Whether it ends as a drawing does.
    """

    entities: tuple[Entity, ...]
    text: str
    encoding: str
    whole: bool


def read_drawing(path: Path, encoding: str = "") -> Drawing:
    """Read a DXF as text.

    Parameters
    ----------
    path
        The drawing.
    encoding
        As park.toml states it; empty takes what the drawing states (``$DWGCODEPAGE``), where its text is in that.

    Raises
    ------
    InputError
        It is not a text DXF, or has no entities.
    """
    content = read_bytes(path)
    if content.startswith(_BINARY):
        raise InputError("a binary DXF", where=str(path), mend="save it as text (ASCII) DXF")
    used = encoding or _encoding(content)
    try:
        text = _unescaped(content.decode(used, errors="replace").removeprefix("\ufeff"))
    except LookupError as error:
        raise InputError(
            f"encoding {used!r} is not known", where=str(path), mend="use GBK or UTF-8"
        ) from error
    sections = _sections(_pairs(text, path))
    if "ENTITIES" not in sections:
        raise InputError(
            "not a drawing: it has no ENTITIES section", where=str(path), mend="save it again as DXF"
        )
    whole = sections.pop("EOF", None) is not None
    entities, drawn = _numbered(sections["ENTITIES"])
    return Drawing(tuple(entities), _written(sections, drawn), _shown(used), whole)


def text_from_gdal(text: str) -> str:
    """A text of the drawing, which GDAL gives letter by letter as the bytes of `Drawing.text`.

    GDAL goes by the code page alone and does not know that newer drawings are in UTF-8; without one it takes each byte for
    a letter, which can be undone.

    Examples
    --------
    >>> text_from_gdal("云溪".encode().decode("latin-1"))
    '云溪'
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _unescaped(text: str) -> str:
    """Letters that a drawing writes in plain signs."""
    text = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    return _SIGN.sub(lambda found: _SIGNS[found.group(1).lower()], text)


def _encoding(content: bytes) -> str:
    """What the drawing states, unless its bytes say otherwise."""
    head = content[:20_000].decode("latin-1")
    version = re.search(r"\$ACADVER\s+1\s+(AC\d{4})", head)
    page = re.search(r"\$DWGCODEPAGE\s+3\s+(\S+)", head)
    stated = (
        "utf-8" if version and version.group(1) >= _UTF8_FROM else _code_page(page.group(1) if page else "")
    )
    candidates = list(dict.fromkeys(name for name in (stated, "utf-8", "gb18030") if name))
    for name in candidates:
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        except LookupError:
            continue
        return name
    return stated or "gb18030"


def _code_page(name: str) -> str:
    """Python's name of a code page, as ANSI_936; empty for the one that every program writes by default."""
    number = re.fullmatch(r"(?:ANSI_|DOS|CP)(\d{3,5})", name.strip(), re.IGNORECASE)
    if name.upper() in ("GB2312", "GBK"):
        return "gb18030"
    if number is None or number.group(1) == "1252":
        return ""
    return {"936": "gb18030", "950": "big5"}.get(number.group(1), f"cp{number.group(1)}")


def _shown(name: str) -> str:
    return {"utf-8": "UTF-8", "gb18030": "GB18030"}.get(name, name.upper())


def _pairs(text: str, path: Path) -> Iterator[Pair]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for at in range(0, len(lines) - 1, 2):
        try:
            yield int(lines[at]), lines[at + 1].strip("\0")
        except ValueError as error:
            if at < _HEAD_LINES:
                raise InputError(
                    "not a drawing in DXF",
                    where=str(path),
                    mend="give the file its true ending, or save it as DXF",
                ) from error
            raise InputError(
                f"no group code but {lines[at][:40]!r}", where=f"{path} line {at + 1}",
                mend="the drawing is damaged: save it again as DXF",
            ) from error  # fmt: skip


def _sections(pairs: Iterator[Pair]) -> dict[str, list[Pair]]:
    """Section → its pairs, without the marks of its begin and end."""
    found: dict[str, list[Pair]] = {}
    inside: list[Pair] | None = None
    opening = False
    for code, value in pairs:
        word = value.strip()
        if code == 0 and word == "EOF":
            found["EOF"] = []
            break
        if code == 0 and word == "SECTION":
            opening = True
        elif opening and code == 2:  # noqa: PLR2004 - the group code of a name
            inside, opening = found.setdefault(word, []), False
        elif code == 0 and word == "ENDSEC":
            inside = None
        elif inside is not None:
            inside.append((code, value))
    return found


def _numbered(pairs: list[Pair]) -> tuple[list[Entity], list[Pair]]:
    """The entities, and their pairs with each entity's number as its handle."""
    entities: list[Entity] = []
    drawn: list[Pair] = []
    group: list[Pair] = []
    for code, value in (*pairs, (0, "")):
        if code == 0 and group:
            kind = group[0][1].strip()
            if kind not in _PARTS:
                entities.append(_entity(len(entities) + 1, kind, group))
            kept = [pair for pair in group[1:] if pair[0] != 5]  # noqa: PLR2004 - the group code of a handle
            drawn += [group[0], (5, f"{len(entities):X}"), *kept]
            group = []
        if code == 0 or group:
            group.append((code, value))
    return entities, drawn


def _entity(number: int, kind: str, pairs: list[Pair]) -> Entity:
    first: dict[int, str] = {}
    for code, value in pairs:
        first.setdefault(code, value.strip())
    return Entity(number, kind, first.get(8, "0"), first.get(5, ""), first.get(67) == "1")


def _written(sections: dict[str, list[Pair]], entities: list[Pair]) -> str:
    lines = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1032"]
    lines += ["0", "ENDSEC"]
    for name in ("TABLES", "BLOCKS", "ENTITIES"):
        pairs = entities if name == "ENTITIES" else sections.get(name, [])
        lines += ["0", "SECTION", "2", name]
        for code, value in pairs:
            lines += [str(code), value]
        lines += ["0", "ENDSEC"]
    return "\n".join([*lines, "0", "EOF", ""])
