"""Shapefiles, for programs that read nothing else.

The format holds ten ASCII characters of a field's name, 254 bytes of text, one kind of geometry and no time of day. What is
lost on the way is written down: a table beside the shapefile maps each short name to the full one and to its titles.
"""

from __future__ import annotations

import csv
import re
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from parkgeo.errors import InputError, StoreError, name_some
from parkgeo.export.titles import column_title
from parkgeo.export.vector import arrow_table, fixed_date, geometry_type, write_layer
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

    from parkgeo.store import Snapshot

__all__ = ["short_names", "write_shapefile", "write_shapefile_zip"]

_NAME_CHARACTERS = 10
_TEXT_BYTES = 254
_SIDECARS = (".shx", ".dbf", ".prj", ".cpg", ".fields.csv")


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Field names a shapefile can hold: ASCII, at most ten characters, unique whatever the letter case.

    Parameters
    ----------
    names
        Full names.

    Returns
    -------
    dict
        Full name → short name.

    Examples
    --------
    >>> short_names(["output_wan_per_mu", "output_wan_per_ha", "亩均"])
    {'output_wan_per_mu': 'output_wan', 'output_wan_per_ha': 'output_w_1', '亩均': 'field'}
    """
    taken: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "", name) or "field"
        short, number = plain[:_NAME_CHARACTERS], 0
        while short.casefold() in used:
            number += 1
            ending = f"_{number}"
            short = plain[: _NAME_CHARACTERS - len(ending)] + ending
        used.add(short.casefold())
        taken[name] = short
    return taken


def write_shapefile_zip(snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path) -> None:
    """Write a shapefile and its companions as one zip archive, which GDAL and QGIS open as it is."""
    with tempfile.TemporaryDirectory() as folder:
        files = _write_parts(snapshot, table, frame, Path(folder) / f"{table}.shp")
        stamp = (*snapshot.as_of.timetuple()[:3], 0, 0, 0)
        with zipfile.ZipFile(path, "w") as archive:
            for file in files:
                # A fixed day and no system's own marks: the same table gives the same bytes.
                entry = zipfile.ZipInfo(file.name, date_time=stamp)
                entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())


def write_shapefile(snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path) -> None:
    """Write a shapefile; its parts are put in place one by one, the .shp last.

    Notes
    -----
    A shapefile is several files, and no system replaces several files at once: a machine that stops in that moment
    leaves parts of two exports. One file in any other format, or ``.shp.zip``, is replaced whole.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = _write_parts(snapshot, table, frame, Path(folder) / path.name)
        for file in reversed(files):
            with publish_file(path.with_name(file.name)) as beside:
                beside.write_bytes(file.read_bytes())


def _write_parts(snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path) -> list[Path]:
    """Write all parts into a folder of their own and list them, the .shp first."""
    kind = geometry_type(frame)
    if kind is None:
        raise InputError(
            f"{table} has no geometry; a shapefile needs it", mend="export it as .xlsx, .csv or .gpkg"
        )
    if kind == "Unknown" and len(frame):
        kinds = sorted(set(frame.geometry.geom_type.dropna()))
        raise InputError(
            f"{table} holds {name_some(kinds)}; a shapefile holds one kind",
            mend="export it as .gpkg or .geojson",
        )
    full = arrow_table(snapshot, table, frame)
    names = short_names(name for name in full.column_names if name != "geom")
    with fixed_date(snapshot.as_of):
        write_layer(
            _fitted(full, names),
            path,
            driver="ESRI Shapefile",
            layer=path.stem,
            kind="MultiPolygon" if kind == "Unknown" else kind,
            crs=snapshot.manifest["crs"],
            options={"DBF_DATE_LAST_UPDATE": snapshot.as_of.isoformat()},
        )
    _write_names(snapshot, table, names, path.with_suffix(".fields.csv"))
    files = [path, *(path.with_suffix(ending) for ending in _SIDECARS)]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise StoreError("the shapefile is not whole", where=name_some(missing), mend="export it as .gpkg")
    return files


def _fitted(table: pa.Table, names: dict[str, str]) -> pa.Table:
    """The table with short names and with texts cut, at a whole character, to what a DBF cell holds."""
    import pyarrow as pa

    arrays = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_string(column.type):
            texts = (None if text is None else _cut(text) for text in column.to_pylist())
            column = pa.array(texts, type=pa.string())
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.date32())
        elif pa.types.is_boolean(column.type):
            column = column.cast(pa.int32())
        arrays[names.get(name, name)] = column
    return pa.table(arrays)


def _cut(text: str) -> str:
    clean = text.replace("\x00", "\ufffd")
    return clean.encode("utf-8", "replace")[:_TEXT_BYTES].decode("utf-8", "ignore")


def _write_names(snapshot: Snapshot, table: str, names: dict[str, str], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["short", "name", "zh", "en"])
        for name, short in names.items():
            writer.writerow(
                [
                    short,
                    name,
                    column_title(snapshot, table, name, "zh"),
                    column_title(snapshot, table, name, "en"),
                ]
            )
