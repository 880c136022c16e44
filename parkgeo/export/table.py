"""One table of a snapshot as a file, in the format that the file's ending names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.export.cells import published
from parkgeo.export.flat import write_csv
from parkgeo.export.geojson import write_geojson
from parkgeo.export.geopackage import write_layers
from parkgeo.export.shapefile import write_shapefile, write_shapefile_zip
from parkgeo.export.vector import arrow_table, fixed_date, geometry_type, write_layer
from parkgeo.export.worded import worded
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["ENDINGS", "export_table", "write_table"]

ENDINGS = (".gpkg", ".geojson", ".json", ".xlsx", ".csv", ".parquet", ".shp.zip", ".shp", ".fgb")
"""The endings that name a format."""


def export_table(
    snapshot: Snapshot,
    table: str,
    path: Path,
    *,
    where: str | None = None,
    lang: str = "en",
    personal: bool = False,
    words: bool = False,
) -> int:
    """Write a table of a snapshot.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    table
        One of its tables.
    path
        The file; its ending, one of `ENDINGS`, names the format. It is replaced only when the new one is whole.
    where
        CQL2 text: only the rows for which it is true.
    lang
        ``zh`` or ``en``: titles, where the format has them.
    personal
        Leave fields that tell of a person in clear; else they are masked.
    words
        For people, see `write_table`.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    InputError
        The ending names no format, or the format cannot hold the table.
    NotFoundError
        The snapshot has no such table.
    FilterError
        The filter cannot be followed.
    StoreError
        The file cannot be written.
    """
    _ending(path)  # before the table is read
    frame = published(snapshot, table, where=where, personal=personal)
    write_table(snapshot, table, frame, path, lang=lang, words=words)
    return len(frame)


def write_table(
    snapshot: Snapshot,
    table: str,
    frame: pd.DataFrame,
    path: Path,
    *,
    lang: str = "en",
    words: bool = False,
) -> None:
    """Write rows of a table of a snapshot, chosen before.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    table
        The table that the rows are of, by whose titles their columns are known.
    frame
        The rows, with what may leave.
    path
        The file; its ending, one of `ENDINGS`, names the format. It is replaced only when the new one is whole.
    lang
        ``zh`` or ``en``: titles, where the format has them.
    words
        For people: words for codes, figures rounded, and titles at the head of a CSV too. Programs do better without.

    Raises
    ------
    InputError
        The ending names no format, or the format cannot hold the table.
    StoreError
        The file cannot be written.
    """
    ending = _ending(path)
    if words:
        frame = worded(snapshot, table, frame, lang=lang)
    if ending == ".shp":
        write_shapefile(snapshot, table, frame, path)
        return
    with publish_file(path) as beside:
        _write(snapshot, table, frame, beside, ending=ending, lang=lang, words=words)


def _ending(path: Path) -> str:
    name = path.name.casefold()
    ending = next((ending for ending in ENDINGS if name.endswith(ending) and name != ending), None)
    if ending is None:
        raise InputError(
            f"the file's ending names no format: {path.name!r}", mend=f"end the name in {', '.join(ENDINGS)}"
        )
    return ending


def _write(
    snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path, *, ending: str, lang: str, words: bool
) -> None:
    if ending == ".csv":
        write_csv(snapshot, table, frame, path, titled=lang if words else None)
    elif ending in {".geojson", ".json"}:
        write_geojson(snapshot, table, frame, path)
    elif ending == ".xlsx":
        from parkgeo.export.workbook import write_table_workbook

        write_table_workbook(snapshot, table, frame, path, lang=lang)
    elif ending == ".parquet":
        frame.to_parquet(path, index=False)
    elif ending == ".shp.zip":
        write_shapefile_zip(snapshot, table, frame, path)
    elif ending == ".gpkg":
        write_layers(snapshot, {table: frame}, path, lang=lang)
    else:
        _write_flatgeobuf(snapshot, table, frame, path)


def _write_flatgeobuf(snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path) -> None:
    kind = geometry_type(frame)
    if kind is None:
        raise InputError(
            f"{table} has no geometry; FlatGeobuf needs it", mend="export it as .xlsx, .csv or .gpkg"
        )
    with fixed_date(snapshot.as_of):
        write_layer(
            arrow_table(snapshot, table, frame),
            path,
            driver="FlatGeobuf",
            layer=table,
            kind=kind,
            crs=snapshot.manifest["crs"],
            # The index is what the format is for; it puts rows in the order of place, not of key.
            options={"SPATIAL_INDEX": "YES"},
        )
