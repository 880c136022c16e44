"""A document as PDF, set by Typst: texts reach it as data only, files from one folder only, nothing from the net."""

from __future__ import annotations

import datetime as dt
import json
import re
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parkgeo.errors import StoreError
from parkgeo.report.document import Entry, Gallery, Paragraph, Picture, Points
from parkgeo.report.fonts import typst_fonts
from parkgeo.report.palette import INK, TINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.report.document import Block, Document, Table
    from parkgeo.report.fonts import Font

__all__ = ["document_pdf"]

_RUN = re.compile(r"[!-~]+")
_PIECE = re.compile(r"[!-~]{3}")
_LINE_CHARACTERS = 105.0
"""Latin characters in a line of the text's whole width; a table of many columns is set smaller and holds more."""

_SMALL_TABLE, _SMALL_GAIN = 5, 1.15
_WHOLE_ROW = 400
"""Characters in a cell beyond which its row may be broken by the end of a page."""

_NEVER_BROKEN = 10
"""Characters of a day, which every column holds."""


def document_pdf(document: Document, font: Font) -> bytes:
    """A document as PDF.

    Parameters
    ----------
    document
        Its texts are data: the page's template reads them from JSON.
    font
        From `parkgeo.report.fonts.find_font`.

    Returns
    -------
    bytes
        The same document and font give the same bytes.

    Raises
    ------
    StoreError
        The engine failed.
    """
    import typst

    template = resources.files("parkgeo.report") / "templates" / "document.typ"
    with tempfile.TemporaryDirectory(prefix="parkgeo-") as name:
        folder = Path(name)
        content = _content(document, font, folder)
        (folder / "document.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (folder / "main.typ").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        packages = folder / "packages"  # empty: our template takes none, and none is fetched
        packages.mkdir()
        try:
            made = typst.compile(
                folder / "main.typ",
                root=folder,
                font_paths=typst_fonts(font.folder),
                package_path=packages,
                package_cache_path=packages,
                timestamp=dt.datetime(document.day.year, document.day.month, document.day.day, tzinfo=dt.UTC),
                format="pdf",
            )
        except typst.TypstError as error:
            raise StoreError(f"the PDF could not be set ({error.message})", mend="report this") from error
    if not isinstance(made, bytes):
        raise StoreError("the PDF engine gave nothing", mend="report this")
    return made


def _content(document: Document, font: Font, folder: Path) -> dict[str, Any]:
    """All that the template reads; pictures are written beside it."""
    count = 0

    def written(content: bytes, ending: str) -> str:
        nonlocal count
        count += 1
        name = f"picture-{count}.{ending}"
        (folder / name).write_bytes(content)
        return name

    sections = [
        {
            "title": section.title,
            "level": section.level,
            "new_page": section.new_page,
            "blocks": [_block(block, written) for block in section.blocks],
        }
        for section in document.sections
    ]
    return {
        "title": document.title, "subtitle": document.subtitle, "facts": [list(pair) for pair in document.facts],
        "banner": document.banner, "footer": document.footer, "running": document.title, "lang": document.lang,
        "landscape": document.landscape, "fonts": [font.family, "DejaVu Sans"], "bold": font.bold, "ink": INK, "sections": sections,
    }  # fmt: skip


def _block(block: Block, written: Callable[[bytes, str], str]) -> dict[str, Any]:
    """A block as the template reads it.

    Parameters
    ----------
    block
        Any.
    written
        Writes a picture of an ending beside the template; gives its name.
    """
    if isinstance(block, Paragraph):
        return {"kind": "Paragraph", "style": block.style, "text": _breakable(block.text)}
    if isinstance(block, Points):
        return {"kind": "Points", "items": [_breakable(item) for item in block.items]}
    if isinstance(block, Picture):
        told = {"kind": "Picture", "alt": block.alt, "caption": block.caption, "share": block.share}
        return {**told, "file": written(block.drawing.svg(), "svg")}
    if isinstance(block, Entry):
        share = block.picture.share
        table = _table(block.table, wide=1.0 - share, small=True)
        return {"kind": "Entry", "share": share, "picture": _block(block.picture, written), "table": table}
    if isinstance(block, Gallery):
        shots = [
            {"file": written(shot.jpeg, "jpg"), "alt": shot.alt, "caption": _breakable(shot.caption)}
            for shot in block.shots
        ]
        return {"kind": "Gallery", "shots": shots}
    return _table(block)


def _table(block: Table, *, wide: float = 1.0, small: bool = False) -> dict[str, Any]:
    rooms = _rooms(block, wide)
    return {
        "kind": "Table",
        "headed": block.headed,
        "caption": block.caption,
        "small": small or block.compact or len(block.columns) > _SMALL_TABLE,
        "compact": block.compact,
        "columns": [
            {"title": column.title, "share": column.share, "align": column.align} for column in block.columns
        ],
        "rows": [
            {
                # A row is kept on one page, unless it may be taller than a page.
                "whole": max((len(cell.text) for cell in row), default=0) <= _WHOLE_ROW,
                "cells": [
                    {"text": _breakable(cell.text, room), "tint": TINTS.get(cell.mark, "")}
                    for cell, room in zip(row, rooms, strict=True)
                ],
            }
            for row in block.rows
        ],
    }


def _rooms(block: Table, wide: float) -> list[int]:
    """About how many Latin characters go into a line of each column of a table that has a share of the text's width."""
    total = sum(column.share for column in block.columns)
    line = wide * _LINE_CHARACTERS * (_SMALL_GAIN if len(block.columns) > _SMALL_TABLE else 1.0)
    return [max(_NEVER_BROKEN, int(line * column.share / total) - 2) for column in block.columns]


def _breakable(text: str, room: int = int(_LINE_CHARACTERS) - 10) -> str:
    """A text whose words may be broken where they are too long for their line, which the engine alone never does."""

    def loosened(run: re.Match[str]) -> str:
        word = run.group()
        return word if len(word) <= room else _PIECE.sub(lambda piece: piece.group() + "\u200b", word)

    return _RUN.sub(loosened, text)
