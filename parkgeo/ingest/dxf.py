"""DXF drawings: closed lines become outlines, texts in them their attributes."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.drawing import read_drawing, text_from_gdal
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.gdal import Opening, read_layer
from parkgeo.ingest.outlines import closed, join_lines, near_closed
from parkgeo.ingest.raw import Doubt, Lost, RawTable
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from parkgeo.ingest.drawing import Drawing, Entity

__all__ = ["dxf_tables", "read_dxf"]

_DRIVER, _LAYER = "DXF", "entities"
_TEXTS = frozenset({"TEXT", "MTEXT", "ATTDEF"})
_FILLS = frozenset({"HATCH", "SOLID", "TRACE", "MPOLYGON"})
# Numbers as people write ids: letters, digits, strokes; a decimal point or a unit makes it a measure.
_ID = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9][A-Za-z0-9_/-]*")
_NEAR_M = 0.1


@dataclass
class _Drawn:
    """What became of an entity."""

    entity: Entity
    shape: shapely.Geometry | None = None
    texts: list[str] = field(default_factory=list)
    at: shapely.Point | None = None
    trouble: Sentence | None = None


def dxf_tables(path: Path, encoding: str = "") -> tuple[TableInfo, ...]:
    """The layers of a drawing that hold more than text."""
    counts: dict[str, int] = {}
    for one in _on_ground(read_drawing(path, encoding)):
        if one.kind not in _TEXTS:
            counts[one.layer] = counts.get(one.layer, 0) + 1
    return tuple(TableInfo(name, "mixed", count) for name, count in counts.items())


def read_dxf(
    path: Path, *, table: str = "", encoding: str = "", key: str = "", outlines: bool = True
) -> RawTable:
    """Read a drawing.

    Parameters
    ----------
    path
        A text DXF.
    table
        Layer of the drawing; needed where several hold more than text.
    encoding
        Of its text; empty takes ``$DWGCODEPAGE``, where the text is in that.
    key
        Name of a column for the one text in an outline that looks like an id; empty makes none.
    outlines
        Whether closed lines are outlines of areas; else they stay lines.

    Returns
    -------
    RawTable
        Columns ``layer``, ``text`` (all texts within an outline), ``handle`` and the key. A row is an entity, numbered by
        its place in the drawing; lines that close to an outline, texts in one and hatches of one are no rows of their own,
        and it is said how many they are. Without a coordinate system: a drawing states none.

    Raises
    ------
    InputError
        Not a text DXF, damaged, without such a layer, or with several and none named.
    """
    drawing = read_drawing(path, encoding)
    wanted = _wanted(drawing, table, path)
    drawn, raw = _draw(drawing, path)
    own = [one for one in drawn if one.entity.layer == wanted]
    shapes, absorbed, notes = (
        _assemble(own) if outlines else ([one for one in own if one.shape is not None], set(), [])
    )
    loose = [one for one in drawn if one.entity.kind in _TEXTS and one.at is not None]
    inside = _texts_inside(shapes, drawn) if outlines else {}
    taken = {number for texts in inside.values() for number, _ in texts}
    rows = [one.entity.number for one in shapes]
    taken -= set(rows)
    lost = [_lost(one) for one in own if one.entity.number not in {*rows, *absorbed, *taken}]
    notes += _said(drawing, loose, taken, len(inside))
    frame = _frame(shapes, inside, key)
    if key and key in frame:
        notes.append(sentence("{column}: the one text in each outline that looks like an id", column=key))
    return RawTable(
        path=path,
        table=wanted,
        frame=frame,
        rows=np.array(rows, dtype=np.int64),
        geometry=_array(shapes),
        crs="",
        driver=_DRIVER,
        encoding=drawing.encoding,
        declared=len(own)
        - len((absorbed | taken) & {one.entity.number for one in own})
        + len(rows)
        - len(set(rows)),
        notes=(*raw.notes, *notes),
        doubts=_doubts(drawing, shapes, outlines=outlines),
        lost=tuple(lost),
    )


def _on_ground(drawing: Drawing) -> list[Entity]:
    return [one for one in drawing.entities if not one.on_sheet]


def _wanted(drawing: Drawing, table: str, path: Path) -> str:
    ground = _on_ground(drawing)
    layers = list(dict.fromkeys(one.layer for one in ground if one.kind not in _TEXTS))
    if table:
        if table not in {one.layer for one in ground}:
            raise InputError(
                f"no layer {table!r}", where=str(path), mend=f"it holds {name_some(layers, shown=20)}"
            )
        return table
    if len(layers) != 1:
        mend = (
            f"set layer to one of {name_some(layers, shown=20)}" if layers else "give a drawing with outlines"
        )
        raise InputError(f"it holds {len(layers) or 'no'} layers with shapes", where=str(path), mend=mend)
    return layers[0]


def _draw(drawing: Drawing, path: Path) -> tuple[list[_Drawn], RawTable]:
    """Each entity of the ground with its shape and texts, as GDAL draws it."""
    with tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True) as folder:
        plain = Path(folder) / "file.dxf"
        plain.write_text(drawing.text, encoding="utf-8", newline="\n", errors="replace")
        try:
            raw = read_layer(Opening(plain, _DRIVER), _LAYER)
        except InputError as error:
            raise InputError(error.what.replace(folder, ""), where=str(path), mend=error.mend) from error
    drawn = {one.number: _Drawn(one) for one in _on_ground(drawing)}
    pieces: dict[int, list[shapely.Geometry]] = {}
    shapes = raw.geometry if raw.geometry is not None else np.full(len(raw.frame), None, dtype=object)
    texts, handles = raw.frame["Text"].tolist(), raw.frame["EntityHandle"].tolist()
    kinds = raw.frame["SubClasses"].tolist()
    for at, handle in enumerate(handles):
        one = drawn.get(int(str(handle), 16)) if isinstance(handle, str) else None
        if one is None:
            continue
        if at in raw.spoiled:
            one.trouble = raw.spoiled[at]
        label = texts[at] if isinstance(texts[at], str) and "Hatch" not in str(kinds[at]) else ""
        if label:
            one.texts.append(" ".join(text_from_gdal(label).split()))
            one.at = one.at or shapely.centroid(shapes[at])
        elif shapes[at] is not None:
            pieces.setdefault(one.entity.number, []).append(shapely.force_2d(shapes[at]))
    for number, found in pieces.items():
        drawn[number].shape = found[0] if len(found) == 1 else shapely.geometrycollections(found)
    return list(drawn.values()), raw


def _assemble(own: list[_Drawn]) -> tuple[list[_Drawn], set[int], list[Sentence]]:
    """Outlines and what is none; the numbers of the entities that went into others; what is to be said."""
    notes = []
    shaped = [
        _Drawn(one.entity, closed(one.shape), one.texts, one.at) for one in own if one.shape is not None
    ]
    lines = [one for one in shaped if shapely.get_type_id(one.shape) == 1]
    faces, used = join_lines([one.shape for one in lines])
    absorbed = {lines[at].entity.number for at in used}
    joined = [_Drawn(lines[first].entity, face) for face, first in faces]
    if joined:
        notes.append(sentence("{lines} lines close to {count} outlines", lines=len(used), count=len(joined)))
    rest = [one for one in shaped if one.entity.number not in absorbed]
    fills = [one for one in rest if one.entity.kind in _FILLS]
    others = [one for one in rest if one.entity.kind not in _FILLS] + joined
    doubled = _doubled(fills, others)
    if doubled:
        notes.append(sentence("{count} hatches fill an outline that is drawn already", count=len(doubled)))
    kept = [one for one in fills if one.entity.number not in doubled] + others
    kept.sort(key=lambda one: one.entity.number)
    return kept, (absorbed | doubled) - {one.entity.number for one in kept}, notes


def _doubled(fills: list[_Drawn], outlines: list[_Drawn]) -> set[int]:
    """Numbers of the fills whose area is that of an outline, to a millionth."""
    if not fills or not outlines:
        return set()
    tree = shapely.STRtree([one.shape for one in outlines])
    found = set()
    for fill in fills:
        for at in tree.query(fill.shape):
            other = outlines[int(at)].shape
            try:
                differs = shapely.area(shapely.symmetric_difference(fill.shape, other))
            except ShapelyError:
                continue  # one of them is invalid: both stay, for the repair
            if differs <= 1e-6 * max(shapely.area(fill.shape), shapely.area(other), 1e-9):
                found.add(fill.entity.number)
                break
    return found


def _texts_inside(shapes: list[_Drawn], drawn: list[_Drawn]) -> dict[int, list[tuple[int, str]]]:
    """Position of an outline → the texts in it with the numbers of their entities; the smallest outline has a text."""
    outlines = [at for at, one in enumerate(shapes) if shapely.get_dimensions(one.shape) == 2]  # noqa: PLR2004
    tree = shapely.STRtree([shapes[at].shape for at in outlines])
    areas = shapely.area([shapes[at].shape for at in outlines])
    found: dict[int, list[tuple[int, str]]] = {}
    for one in drawn:
        if not one.texts or one.at is None:
            continue
        try:
            around = tree.query(one.at, predicate="intersects")
        except ShapelyError:
            continue
        if len(around):
            smallest = outlines[int(min(around, key=lambda at: areas[at]))]
            found.setdefault(smallest, []).extend((one.entity.number, text) for text in one.texts)
    return found


def _frame(shapes: list[_Drawn], inside: dict[int, list[tuple[int, str]]], key: str) -> pd.DataFrame:
    texts = [[text for _, text in inside.get(at, ())] for at in range(len(shapes))]
    frame = pd.DataFrame(
        {
            "layer": [one.entity.layer for one in shapes],
            "text": [" | ".join(one) or None for one in texts],
            "handle": [one.entity.handle or None for one in shapes],
        },
        index=range(len(shapes)), dtype=object,
    )  # fmt: skip
    ids = [[text for text in one if _ID.fullmatch(text)] for one in texts]
    if key and any(len(one) == 1 for one in ids):
        frame[key] = pd.Series([one[0] if len(one) == 1 else None for one in ids], dtype=object)
    return frame


def _lost(one: _Drawn) -> Lost:
    if one.entity.kind in _TEXTS:
        reason, mend = (
            sentence("a text that stands in no outline"),
            sentence("move it into its outline, or delete it"),
        )
    elif one.trouble is not None:
        reason, mend = one.trouble, sentence("draw it, or delete the row")
    else:
        reason = sentence("an entity of a kind that is not read: {kind}", kind=one.entity.kind[:40])
        mend = sentence("draw it as a closed polyline, or delete it")
    content = f"{one.entity.kind} {one.entity.handle} {' '.join(one.texts)}".strip()
    return Lost(one.entity.number, reason, mend, content[:2_000])


def _said(drawing: Drawing, texts: list[_Drawn], taken: set[int], labelled: int) -> list[Sentence]:
    notes = []
    if taken:
        notes.append(
            sentence("{count} texts are read into {outlines} outlines", count=len(taken), outlines=labelled)
        )
    outside = sum(one.entity.number not in taken for one in texts)
    if outside:
        notes.append(sentence("{count} texts stand in no outline", count=outside))
    sheets = sum(one.on_sheet for one in drawing.entities)
    if sheets:
        notes.append(sentence("{count} entities of sheets (paper space) are no rows", count=sheets))
    return notes


def _doubts(drawing: Drawing, shapes: list[_Drawn], *, outlines: bool) -> tuple[Doubt, ...]:
    doubts = []
    if not drawing.whole:
        what = sentence("the drawing has no end: it is cut short")
        doubts.append(Doubt(what, sentence("save it again as DXF")))
    gaps = tuple(one.entity.number for one in shapes if near_closed(one.shape, _NEAR_M)) if outlines else ()
    if gaps:
        what = sentence("lines whose ends nearly meet (within {gap} m) but do not close", gap=_NEAR_M)
        doubts.append(Doubt(what, sentence("close them in the drawing"), gaps))
    return tuple(doubts)


def _array(shapes: list[_Drawn]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    found = np.empty(len(shapes), dtype=object)
    found[:] = [one.shape for one in shapes]
    return found
