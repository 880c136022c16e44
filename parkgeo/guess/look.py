"""Opening the files of a folder, each table once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.errors import ParkgeoError
from parkgeo.guess.content import Content, content_of
from parkgeo.guess.draft import NotUsed
from parkgeo.guess.words import words_in
from parkgeo.ingest.osm_elements import is_osm
from parkgeo.ingest.osm_tags import all_rules
from parkgeo.ingest.workbook import WORKBOOK_ENDINGS
from parkgeo.layers import schema, sentence
from parkgeo.project import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.ingest.formats import TableInfo
    from parkgeo.ingest.openers import Opener
    from parkgeo.ingest.raw import RawTable

__all__ = ["Table", "look", "told_layer"]

_DRAWING = ".dxf"
_ALSO_OTHERS = (".json", ".txt", ".zip", ".gz")
_FAMILIES = {0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "polygon", 6: "polygon"}


@dataclass(frozen=True)
class Table:
    """One table of a file, as it was read.

    Attributes
    ----------
    path
        The file.
    name
        Layer or sheet within it; empty where the file holds one.
    raw
        What the reader gave.
    known
        The layer, where the format itself says it.
    """

    path: Path
    name: str
    raw: RawTable
    known: str = ""
    _contents: dict[str, Content] = field(default_factory=dict, repr=False, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers, in their order."""
        return tuple(str(name) for name in self.raw.frame.columns)

    def content(self, column: str) -> Content:
        """What a column's cells tell."""
        if column not in self._contents:
            place = self.columns.index(column)
            id_field = schema("parcels").fields["parcel_id"]
            self._contents[column] = content_of(self.raw.frame.iloc[:, place], id_field)
        return self._contents[column]

    @cached_property
    def family(self) -> str:
        """``polygon``, ``line`` or ``point``, as most shapes are; ``mixed`` for collections, ``none`` for a table."""
        shapes = self.shapes
        if not len(shapes):
            return "none"
        kinds = [_FAMILIES.get(int(kind), "") for kind in np.unique(shapely.get_type_id(shapes))]
        counts = {
            family: sum(
                int((shapely.get_type_id(shapes) == kind).sum())
                for kind, of in _FAMILIES.items()
                if of == family
            )
            for family in dict.fromkeys(kinds)
        }
        return max(counts, key=lambda family: counts[family]) or "mixed"

    @cached_property
    def shape_rows(self) -> NDArray[np.intp]:
        """Positions of the rows that have a geometry."""
        if self.raw.geometry is None:
            return np.empty(0, dtype=np.intp)
        given = self.raw.geometry
        return np.flatnonzero(~(shapely.is_missing(given) | shapely.is_empty(given)))

    @property
    def shapes(self) -> NDArray[np.object_]:
        """The geometries that are there."""
        if self.raw.geometry is None:
            return np.empty(0, dtype=object)
        there: NDArray[np.object_] = self.raw.geometry[self.shape_rows]
        return there


def look(path: Path, opener: Opener) -> Iterator[Table | NotUsed]:
    """Read the tables of a file, each once, whatever they are of.

    Parameters
    ----------
    path
        The file.
    opener
        Who opens it.

    Yields
    ------
    Table or NotUsed
        Each table, or why it cannot be read. A file of OpenStreetMap is asked for each layer that it can give.
    """
    if is_osm(path):
        yield from _osm(path, opener)
        return
    try:
        names = _names(opener.tables(path), path)
    except ParkgeoError as error:
        yield _unread(path, "", error)
        return
    for name in names:
        try:
            raw, _ = opener.read(path, Source(_asked_for(path, name), (), name))
        except ParkgeoError as error:
            yield _unread(path, name, error)
        else:
            yield Table(path, name, raw)


def _asked_for(path: Path, name: str) -> str:
    """As what a table is read; empty where its reader need not know.

    Closed lines of a drawing are outlines of areas, unless they are asked for as roads or mains.
    """
    if path.suffix.lower() != _DRAWING:
        return ""
    told = words_in(name) or words_in(path.stem)
    return next((word.layer for word in told if word.layer in ("roads", "utilities")), "parcels")


def _names(tables: tuple[TableInfo, ...], path: Path) -> list[str]:
    """What to read: the tables with rows; one sheet alone needs no name."""
    names = [one.name for one in tables if one.rows != 0]
    single = len(names) == 1 and path.suffix.lower() in WORKBOOK_ENDINGS
    return [""] if single else names or [""]


def _osm(path: Path, opener: Opener) -> Iterator[Table | NotUsed]:
    for layer in all_rules():
        try:
            raw, _ = opener.read(path, Source(layer, ()))
        except ParkgeoError as error:
            yield _unread(path, layer, error)
        else:
            if len(raw.frame):
                yield Table(path, "", raw, layer)


def _unread(path: Path, name: str, error: ParkgeoError) -> NotUsed:
    """Why a table is not read; notes and settings have some endings in common with maps and tables."""
    expected = path.suffix.lower() not in _ALSO_OTHERS
    what = sentence("{what}", what=error.what)
    return NotUsed(path, name, what, unreadable=expected, layer=told_layer(path, name))


def told_layer(path: Path, name: str) -> str:
    """The layer that the names of a table and its file tell of; empty for none."""
    told = words_in(name) or words_in(path.stem)
    return max(told, key=lambda word: word.weight).layer if told else ""
