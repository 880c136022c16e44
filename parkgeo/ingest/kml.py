"""KML and KMZ: each Placemark is a row. Nothing that they link to is fetched."""

from __future__ import annotations

import re
import tempfile
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.archive import content_of, members_of
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.markup import read_markup, walk
from parkgeo.ingest.raw import Doubt, RawTable
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["kml_tables", "read_kml"]

_CRS = "EPSG:4326"
_MOST_KMZ_BYTES = 1 << 30
_TEXT_OF = ("name", "description", "address", "phoneNumber")
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model")
_MIN_RING = 4
_PLACEMARK = re.compile(r"<(?:[\w.-]+:)?Placemark(?=[\s/>])")
_NO_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_COMMA = re.compile(r"\s*,\s*")
_OTHERS = ("GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Tour")


@dataclass
class _Node:
    """An element of a Placemark."""

    name: str
    attributes: dict[str, str]
    inside: list[_Node] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[_Node]:
        return (one for one in self.inside if one.name == name)

    def first(self, name: str) -> _Node | None:
        return next(self.all(name), None)


@dataclass(frozen=True)
class _Row:
    """A Placemark."""

    number: int
    folder: str
    cells: dict[str, str]
    shape: shapely.Geometry | None
    trouble: Sentence | None
    labels: int


class _Reader:
    """Collects Placemarks, with the folders they stand in."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.links = 0
        self.others = 0
        self._folders: list[str] = []
        self._path: list[str] = []
        self._nodes: list[_Node] = []
        self._named = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if self._nodes or name == "Placemark":
            node = _Node(name, attributes)
            if self._nodes:
                self._nodes[-1].inside.append(node)
            self._nodes.append(node)
        elif name == "Folder":
            self._folders.append("")
        elif name == "NetworkLink":
            self.links += 1
        elif name in _OTHERS:
            self.others += 1

    def data(self, text: str) -> None:
        if self._nodes:
            self._nodes[-1].text += text
        elif self._path[-2:] == ["Folder", "name"]:
            self._folders[-1] += text

    def end(self, name: str) -> None:
        self._path.pop()
        if self._nodes:
            node = self._nodes.pop()
            if not self._nodes:
                folder = "/".join(one.strip() for one in self._folders if one.strip())
                self.rows.append(_row(node, len(self.rows) + 1, folder))
        elif name == "Folder":
            self._folders.pop()

    def take(self, other: _Reader) -> None:
        """Add another document's Placemarks behind its own, numbered on."""
        before = len(self.rows)
        self.rows.extend(replace(row, number=before + at) for at, row in enumerate(other.rows, 1))
        self.links += other.links
        self.others += other.others


def kml_tables(path: Path, encoding: str = "") -> tuple[TableInfo, ...]:
    """The folders of a KML or KMZ that hold Placemarks; one unnamed entry where they are all of one kind."""
    rows = _load(path, encoding)[0].rows
    if not _differ(rows):
        return (TableInfo("", _family(rows), len(rows)),)
    return tuple(
        TableInfo(folder, _family(inside), len(inside))
        for folder, inside in _by_folder(rows).items()
        if folder
    )


def read_kml(path: Path, *, table: str = "", encoding: str = "") -> RawTable:
    """Read a KML or KMZ.

    Parameters
    ----------
    path
        The file.
    table
        A folder in it: its name, or its path as ``outer/inner``. Empty reads all folders together, where they hold the
        same columns and kinds of shapes.
    encoding
        Empty takes the file's declaration, else UTF-8, then GB18030.

    Returns
    -------
    RawTable
        Columns ``name``, ``description``, ``folder`` and what the extended data names; longitude and latitude.

    Raises
    ------
    InputError
        Not KML, without Placemarks, or with folders of several kinds of which none is named.
    """
    reader, used, counted, beside = _load(path, encoding)
    if not reader.rows:
        raise InputError("it holds no Placemark", where=str(path), mend="save the places themselves as KML")
    rows = _chosen(reader.rows, table, path)
    return RawTable(
        path=path,
        table=table,
        frame=_frame(rows),
        rows=np.array([row.number for row in rows], dtype=np.int64),
        geometry=_array([row.shape for row in rows]),
        crs=_CRS,
        driver="KMZ" if path.suffix.lower() == ".kmz" else "KML",
        encoding=used,
        declared=len(rows) if table else max(counted, len(rows)),
        notes=_notes(rows, reader),
        doubts=_doubts(reader, beside),
        spoiled={at: row.trouble for at, row in enumerate(rows) if row.trouble is not None},
    )


def _array(shapes: list[shapely.Geometry | None]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def _load(path: Path, encoding: str) -> tuple[_Reader, str, int, tuple[str, ...]]:
    """What a file holds, its encoding, its Placemarks counted by their tags, and documents of a KMZ that are not read."""
    if path.suffix.lower() != ".kmz":
        text, used = read_markup(path, encoding)
        return _parse(text, path), used, _count(text), ()
    try:
        with zipfile.ZipFile(path) as archive:
            members = members_of(archive, path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            f"cannot be unpacked ({error})", where=str(path), mend="copy it again, or save it as KML"
        ) from error
    documents = [name for name in members if name.lower().endswith(".kml")]
    if not documents:
        raise InputError("no KML is in it", where=str(path), mend="save it again as KML")
    # What programs show of a KMZ is doc.kml, else the first document at its root.
    main = min(
        documents, key=lambda name: (name.lower() != "doc.kml", name.count("/"), documents.index(name))
    )
    text, used = _document(path, members, main, encoding)
    reader, counted = _parse(text, path), _count(text)
    beside = tuple(name for name in documents if name != main)
    if reader.rows:
        return reader, used, counted, beside
    # A program may put each layer into a document of its own and let the first one link to them.
    for name in beside:
        text, used = _document(path, members, name, encoding)
        reader.links = 0
        reader.take(_parse(text, path))
        counted += _count(text)
    return reader, used, counted, ()


def _document(path: Path, members: dict[str, zipfile.ZipInfo], name: str, encoding: str) -> tuple[str, str]:
    """One document of a KMZ, and its encoding."""
    with tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True) as folder:
        document = Path(folder) / "doc.kml"
        document.write_bytes(content_of(path, members[name], _MOST_KMZ_BYTES))
        try:
            return read_markup(document, encoding)
        except InputError as error:
            raise InputError(error.what, where=f"{path} › {name}", mend=error.mend) from error


def _count(text: str) -> int:
    return len(_PLACEMARK.findall(_NO_MARKUP.sub("", text)))


def _parse(text: str, path: Path) -> _Reader:
    roots: list[str] = []
    reader = _Reader()

    def start(name: str, attributes: dict[str, str]) -> None:
        if not roots:
            roots.append(name)
            if name not in ("kml", "Document", "Folder", "Placemark"):
                raise InputError(
                    f"the content is not KML but {name[:40]!r}",
                    where=str(path),
                    mend="give the file its true ending",
                )
        reader.start(name, attributes)

    walk(text, path, start=start, end=reader.end, data=reader.data)
    return reader


def _row(mark: _Node, number: int, folder: str) -> _Row:
    cells: dict[str, str] = {}
    for name in _TEXT_OF:
        node = mark.first(name)
        if node is not None:
            cells[name] = node.text.strip()
    for node in (*mark.all("TimeSpan"), *mark.all("TimeStamp")):
        cells.update({one.name: one.text.strip() for one in node.inside})
    extended = mark.first("ExtendedData")
    for name, value in _extended(extended) if extended is not None else ():
        cells[f"{name} (2)" if name in cells or name == "folder" else name] = value
    nodes = [one for one in mark.inside if one.name in _SHAPES]
    try:
        shape, labels = _shape(nodes)
    except (ValueError, IndexError, RecursionError, ShapelyError):
        return _Row(number, folder, cells, None, sentence("coordinates that cannot be read"), 0)
    if any(node.name == "Model" for node in nodes):
        return _Row(number, folder, cells, None, sentence("a model in space, not a shape on the ground"), 0)
    return _Row(number, folder, cells, shape, None, labels)


def _extended(data: _Node) -> Iterator[tuple[str, str]]:
    for one in data.all("Data"):
        value = one.first("value")
        if value is not None:
            yield one.attributes.get("name", "?"), value.text.strip()
    for table in data.all("SchemaData"):
        for one in (*table.all("SimpleData"), *table.all("SimpleArrayData")):
            inside = "; ".join(value.text.strip() for value in one.all("value"))
            yield one.attributes.get("name", "?"), inside or one.text.strip()


def _shape(nodes: list[_Node]) -> tuple[shapely.Geometry | None, int]:
    """The shape of a Placemark, and how many points beside polygons, which are only their labels, it goes without."""
    parts = [part for node in nodes for part in _parts(node)]
    if not parts:
        return None, 0
    polygons = [part for part in parts if part.geom_type == "Polygon"]
    labels = [part for part in parts if part.geom_type == "Point"]
    if polygons and labels and len(polygons) + len(labels) == len(parts):
        parts = polygons
    else:
        labels = []
    if len(parts) == 1:
        return parts[0], len(labels)
    kinds = {part.geom_type for part in parts}
    build = {
        "Polygon": shapely.multipolygons, "LineString": shapely.multilinestrings, "Point": shapely.multipoints,
    }  # fmt: skip
    return build.get(kinds.pop() if len(kinds) == 1 else "", shapely.geometrycollections)(parts), len(labels)


def _parts(node: _Node) -> Iterator[shapely.Geometry]:
    if node.name == "Point":
        (place,) = _corners(node)
        yield shapely.Point(place)
    elif node.name in ("LineString", "LinearRing"):
        yield shapely.LineString(_corners(node))
    elif node.name == "Polygon":
        yield _polygon(node)
    elif node.name == "Track":
        yield shapely.LineString([_place(one.text.split()) for one in node.all("coord")])
    else:
        for one in node.inside:
            if one.name in _SHAPES:
                yield from _parts(one)


def _polygon(node: _Node) -> shapely.Polygon:
    rings = {
        side: [_ring(ring) for one in node.all(side) for ring in one.all("LinearRing")]
        for side in ("outerBoundaryIs", "innerBoundaryIs")
    }
    (outline,) = rings["outerBoundaryIs"]
    return shapely.Polygon(outline, rings["innerBoundaryIs"])


def _ring(node: _Node) -> list[tuple[float, ...]]:
    corners = _corners(node)
    closed = corners if corners[:1] == corners[-1:] else [*corners, *corners[:1]]
    if len(closed) < _MIN_RING:
        raise ValueError("ring")
    return closed


def _corners(node: _Node) -> list[tuple[float, ...]]:
    written = node.first("coordinates")
    text = _COMMA.sub(",", written.text.strip()) if written is not None else ""
    return [_place(one.split(",")) for one in text.split()]


def _place(numbers: list[str]) -> tuple[float, ...]:
    return float(numbers[0]), float(numbers[1])


def _by_folder(rows: list[_Row]) -> dict[str, list[_Row]]:
    folders: dict[str, list[_Row]] = {}
    for row in rows:
        folders.setdefault(row.folder, []).append(row)
    return folders


def _family(rows: list[_Row]) -> str:
    types = {shapely.get_dimensions(row.shape) for row in rows if row.shape is not None}
    return (
        {0: "point", 1: "line", 2: "polygon"}.get(int(types.pop()), "mixed") if len(types) == 1 else "mixed"
    )


def _differ(rows: list[_Row]) -> bool:
    """Whether folders hold rows of different makes, which are then layers of their own."""
    makes = {
        (_family(inside), frozenset(name for row in inside for name in row.cells if name not in _TEXT_OF))
        for inside in _by_folder(rows).values()
    }
    return len(makes) > 1


def _chosen(rows: list[_Row], table: str, path: Path) -> list[_Row]:
    folders = [folder for folder in _by_folder(rows) if folder]
    if table:
        kept = [
            row
            for row in rows
            if row.folder == table or row.folder.startswith(f"{table}/") or row.folder.endswith(f"/{table}")
        ]
        if not kept:
            raise InputError(
                f"no folder {table!r}",
                where=str(path),
                mend=f"it holds {name_some(folders, shown=20) or 'none'}",
            )
        return kept
    if _differ(rows):
        raise InputError(
            f"it holds {len(_by_folder(rows))} folders whose places differ in kind or columns",
            where=str(path),
            mend=f"set layer to one of {name_some(folders, shown=20)}",
        )
    return rows


def _frame(rows: list[_Row]) -> pd.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row.cells)
    columns: dict[str, list[str | None]] = {
        name: [row.cells.get(name) or None for row in rows] for name in names
    }
    if any(row.folder for row in rows):
        columns["folder"] = [row.folder or None for row in rows]
    return pd.DataFrame(columns, index=range(len(rows)), dtype=object)


def _notes(rows: list[_Row], reader: _Reader) -> tuple[Sentence, ...]:
    notes = []
    folders = len(_by_folder(rows))
    if folders > 1:
        notes.append(sentence("{count} folders read together; column folder says which", count=folders))
    labels = sum(row.labels for row in rows)
    if labels:
        notes.append(sentence("{count} points that label a polygon are left out", count=labels))
    if reader.others:
        notes.append(sentence("{count} pictures and tours are no rows", count=reader.others))
    return tuple(notes)


def _doubts(reader: _Reader, beside: tuple[str, ...]) -> tuple[Doubt, ...]:
    doubts = []
    if reader.links:
        what = sentence("{count} links to other files or addresses are not followed", count=reader.links)
        doubts.append(Doubt(what, sentence("save what they show as a file of its own")))
    if beside:
        what = sentence("further documents in the archive are not read: {names}", names=beside)
        doubts.append(Doubt(what, sentence("save what they show as a file of its own")))
    return tuple(doubts)
