"""OpenStreetMap → a layer's rows: each element that bears the layer's tags is a row or a reject, by its own number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.osm_elements import count_elements, elements_of_file
from parkgeo.ingest.osm_shapes import shape_of
from parkgeo.ingest.osm_tags import all_rules, rules_of
from parkgeo.ingest.raw import Doubt, RawTable
from parkgeo.layers import schema, sentence

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.osm_elements import Extract
    from parkgeo.ingest.osm_tags import Values
    from parkgeo.layers import Sentence

__all__ = ["osm_tables", "read_osm", "table_of"]

_LONGITUDE_LATITUDE = "EPSG:4326"
_ATTRIBUTION = sentence("© OpenStreetMap contributors, ODbL: name them wherever it is shown")
_MOST_KINDS = 12
_FAMILIES = {"polygon": "polygon", "line": "line", "point": "point", "any": "mixed"}


def read_osm(path: Path, layer: str, *, table: str = "") -> RawTable:
    """Read a layer from a file of OpenStreetMap.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.pbf``.
    layer
        One of those in ``osm.toml``.
    table
        What park.toml says of a layer within the file, which can only be the layer itself.

    Returns
    -------
    RawTable
        Columns named as the layer's fields, and ``osm_id``, ``osm_version`` and ``tags`` (all tags, as JSON). The key is
        the element's own number, as in ``way/123``, and so stays from one extract to the next. Rows are counted in the
        order nodes, ways, relations, each by number.

    Raises
    ------
    InputError
        OpenStreetMap has no such layer, or the file cannot be read to its end.

    Notes
    -----
    Rows declared are counted by their tags, before any geometry is made. A line cut by the edge of the extract keeps the
    parts that are there, with a doubt; an area so cut has no extent that could be stated, and is rejected.
    """
    rules = rules_of(layer)
    if table not in ("", layer):
        raise InputError(
            f"it has no layer {table!r}",
            where=str(path),
            mend=f"leave layer out: from OpenStreetMap {layer} are read by their tags; where chooses among them",
        )
    return table_of(elements_of_file(path, rules), layer, path)


def osm_tables(path: Path) -> tuple[TableInfo, ...]:
    """The layers that a file of OpenStreetMap has something for.

    Parameters
    ----------
    path
        As for `read_osm`.

    Returns
    -------
    tuple
        Named as parkgeo's own layers, with the elements that bear their tags; layers with none are left out.

    Raises
    ------
    InputError
        The file cannot be read to its end.
    """
    return tuple(
        TableInfo(layer, _FAMILIES[schema(layer).geometry], count)
        for layer, count in count_elements(path, all_rules()).items()
        if count
    )


def table_of(extract: Extract, layer: str, path: Path, *, notes: tuple[Sentence, ...] = ()) -> RawTable:
    """Elements as rows.

    Parameters
    ----------
    extract
        The layer's elements and what they are made of.
    layer
        The layer.
    path
        The file they are from.
    notes
        What else a person should know of them.

    Returns
    -------
    RawTable
        As of `read_osm`.
    """
    rules = rules_of(layer)
    shapes = np.empty(len(extract.elements), dtype=object)
    spoiled: dict[int, Sentence] = {}
    cut: list[int] = []
    said: list[Values] = []
    for at, element in enumerate(extract.elements):
        values = rules.read(element.take, element.tags)
        shape, reason, is_cut = shape_of(element, extract)
        shapes[at] = shapely.reverse(shape) if values.backwards else shape
        if reason is not None:
            spoiled[at] = reason
        if is_cut:
            cut.append(at + 1)
        said.append(values)
    return RawTable(
        path=path,
        table="",
        frame=_frame(extract, layer, said),
        rows=np.arange(1, len(shapes) + 1, dtype=np.int64),
        geometry=shapes,
        crs=_LONGITUDE_LATITUDE,
        driver="OSM",
        encoding="UTF-8",
        declared=extract.tally.taken,
        notes=(_ATTRIBUTION, *notes, *_notes(extract, layer)),
        doubts=(*_cut(cut), *_unread(layer, said)),
        spoiled=spoiled,
    )


def _frame(extract: Extract, layer: str, said: list[Values]) -> pd.DataFrame:
    """Columns named as the fields; a field of which no element says anything is no column."""
    names = [element.name for element in extract.elements]
    columns: dict[str, list[Any]] = {schema(layer).key: names}
    for name in schema(layer).fields:
        cells = [values.cells.get(name) for values in said]
        if any(cell is not None for cell in cells):
            columns[name] = cells
    columns["osm_id"] = names
    columns["osm_version"] = [element.version or None for element in extract.elements]
    columns["tags"] = [
        json.dumps(element.tags, ensure_ascii=False, sort_keys=True) for element in extract.elements
    ]
    return pd.DataFrame(columns, index=range(len(names)), dtype=object)


def _notes(extract: Extract, layer: str) -> list[Sentence]:
    notes = []
    if layer == "parcels":
        notes.append(
            sentence("areas of one use as OpenStreetMap has them: they are no parcels of a cadastre")
        )
    if layer == "roads":
        notes.append(
            sentence(
                "a road without oneway is two-way but for motorways and roundabouts, as OpenStreetMap means it"
            )
        )
    if extract.tally.left:
        ordered = sorted(extract.tally.left.items(), key=lambda one: (-one[1], one[0]))
        kinds = ", ".join(f"{count} {tag[:60]}" for tag, count in ordered[:_MOST_KINDS])
        more = "" if len(ordered) <= _MOST_KINDS else ", …"
        notes.append(
            sentence(
                "{count} elements are left out by their tags: {kinds}",
                count=sum(extract.tally.left.values()),
                kinds=kinds + more,
            )
        )
    return notes


def _cut(rows: list[int]) -> list[Doubt]:
    if not rows:
        return []
    what = sentence(
        "{count} lines go on beyond the edge of the file: only what is in it is read", count=len(rows)
    )
    return [Doubt(what, sentence("take a larger extract if the surroundings matter"), tuple(rows))]


def _unread(layer: str, said: list[Values]) -> list[Doubt]:
    """Tags that are there and cannot be a field's value, one doubt a field."""
    found: dict[str, dict[str, list[int]]] = {}
    for row, values in enumerate(said, 1):
        for name, written in values.unread.items():
            found.setdefault(name, {}).setdefault(written[:60], []).append(row)
    return [
        Doubt(
            sentence(
                "{field} is missing where the tag is no figure: {tags}",
                field=schema(layer).fields[name],
                tags=tuple(sorted(written)),
            ),
            sentence("add the figure to the file if you know it"),
            tuple(sorted(row for rows in written.values() for row in rows)),
        )
        for name, written in found.items()
    ]
