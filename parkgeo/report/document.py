"""A document as its parts: what a reader sees, and nothing of the file that it becomes.

The park report and the parcel's dossier are built as one `Document`; `html`, `pdf` and `word` each write it. So the
same content stands in every format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Document",
    "Drawing",
    "Entry",
    "Gallery",
    "Paragraph",
    "Picture",
    "Points",
    "Section",
    "Shot",
    "Table",
    "document_texts",
]


class Drawing(Protocol):
    """Something drawn, that a writer takes as it needs it."""

    def svg(self) -> bytes:
        """As vectors."""
        ...

    def png(self) -> bytes:
        """As pixels."""
        ...


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Attributes
    ----------
    text
        Plain text; a line break stays one.
    style
        ``body``, ``lead`` (the answer, larger), ``note`` (smaller, quiet) or ``warning`` (in a frame).
    """

    text: str
    style: str = "body"


@dataclass(frozen=True)
class Points:
    """A list of short paragraphs."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    text
        What it says; a marked cell says in words what its colour shows.
    mark
        ``yes``, ``undetermined``, ``no``, ``idle``, ``in_use``, ``cannot_say``, ``conflict``, a grade, or none.
    """

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width against the others', and how it is aligned."""

    title: str
    share: float = 1.0
    align: str = "left"


@dataclass(frozen=True)
class Table:
    """A table. Without titles in any column it has no head: names left, values right."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    compact: bool = False
    """Set smaller and closer on paper: one of those that are to share a page."""

    @classmethod
    def of(
        cls,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell | str]],
        caption: str = "",
        *,
        compact: bool = False,
    ) -> Table:
        """A table whose cells may be plain texts."""
        cells = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
        return cls(tuple(columns), cells, caption, compact)

    @property
    def headed(self) -> bool:
        """Whether it has a head."""
        return any(column.title for column in self.columns)


@dataclass(frozen=True)
class Picture:
    """A chart or a map.

    Attributes
    ----------
    drawing
        What is drawn.
    alt
        What it shows, in words, for who cannot see it.
    caption
        Source and day.
    share
        Of the text's width.
    """

    drawing: Drawing
    alt: str
    caption: str
    share: float = 1.0


@dataclass(frozen=True)
class Entry:
    """A picture and a table side by side on one page: a thing of a register, and where it lies.

    Attributes
    ----------
    picture
        On the left; its share of the width is the entry's.
    table
        Without a head: names left, values right.
    """

    picture: Picture
    table: Table


@dataclass(frozen=True)
class Shot:
    """A photo, made fit to be shown: a JPEG upright and without metadata, what it shows in words, and its caption."""

    jpeg: bytes
    alt: str
    caption: str


@dataclass(frozen=True)
class Gallery:
    """Photos, two in a row."""

    shots: tuple[Shot, ...]


Block = Paragraph | Points | Table | Picture | Entry | Gallery


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    new_page: bool = False


@dataclass(frozen=True)
class Document:
    """A whole document.

    Attributes
    ----------
    title, subtitle
        On top of the first page.
    facts
        Pairs of name and value under the title: park, as-of date, snapshot.
    banner
        On top of every page: suspected, for verification. Empty where nothing is suspected.
    footer
        At the foot of every page.
    lang
        ``zh`` or ``en``.
    day
        Stated as the day of the file, so that the same content gives the same bytes.
    landscape
        Whether its pages lie across.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    banner: str
    footer: str
    lang: str
    day: dt.date
    sections: tuple[Section, ...] = field(default_factory=tuple)
    landscape: bool = False


def document_texts(document: Document) -> Iterator[str]:
    """Every text of a document, but those in its drawings."""
    yield from (document.title, document.subtitle, document.banner, document.footer)
    for pair in document.facts:
        yield from pair
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            yield from _block_texts(block)


def _block_texts(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield block.text
    elif isinstance(block, Points):
        yield from block.items
    elif isinstance(block, Picture):
        yield from (block.alt, block.caption)
    elif isinstance(block, Entry):
        yield from _block_texts(block.picture)
        yield from _block_texts(block.table)
    elif isinstance(block, Gallery):
        for shot in block.shots:
            yield from (shot.alt, shot.caption)
    else:
        yield block.caption
        yield from (column.title for column in block.columns)
        yield from (cell.text for row in block.rows for cell in row)
