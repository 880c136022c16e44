"""GeoPackage: one table, or the whole snapshot with titles in both languages."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from parkgeo.errors import StoreError
from parkgeo.export.cells import published
from parkgeo.export.titles import column_title, entry, table_title
from parkgeo.export.vector import arrow_table, fixed_date, geometry_type, write_layer
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["write_geopackage", "write_layers"]

_ORDER = ("parcels", "findings", "parks")
"""What a person looks for first stands first."""

# The schema extension of the GeoPackage standard (OGC 12-128r17, F.9): titles and descriptions of columns.
_SCHEMA = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
_SCHEMA_URL = "http://www.geopackage.org/spec121/#extension_schema"


def write_geopackage(snapshot: Snapshot, path: Path, *, lang: str) -> None:
    """Write all tables of a snapshot as layers of one GeoPackage.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    path
        Ends in ``.gpkg``. It is replaced only when the new file is whole.
    lang
        ``zh`` or ``en``: the language that comes first in layers' titles; both are there.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    order = [name for name in _ORDER if name in snapshot.tables]
    order += [name for name in snapshot.tables if name not in _ORDER]
    frames = {name: published(snapshot, name) for name in order}
    with publish_file(path) as beside:
        write_layers(snapshot, frames, beside, lang=lang)


def write_layers(snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], path: Path, *, lang: str) -> None:
    """Write tables as layers of a new GeoPackage."""
    import pyogrio

    with fixed_date(snapshot.as_of):
        before = pyogrio.get_gdal_config_option("OGR_SQLITE_JOURNAL")
        pyogrio.set_gdal_config_options({"OGR_SQLITE_JOURNAL": "DELETE"})
        try:
            for name, frame in frames.items():
                _write(snapshot, name, frame, path, lang)
        finally:
            pyogrio.set_gdal_config_options({"OGR_SQLITE_JOURNAL": before})
    try:
        _add_titles(snapshot, frames, path, lang)
    except sqlite3.Error as error:
        raise StoreError(
            f"cannot write the GeoPackage ({error})", where=str(path), mend="free space"
        ) from error


def _write(snapshot: Snapshot, name: str, frame: pd.DataFrame, path: Path, lang: str) -> None:
    title = _both(table_title(snapshot, name, "zh"), table_title(snapshot, name, "en"), lang)
    taken = {str(column).casefold() for column in frame.columns}
    write_layer(
        arrow_table(snapshot, name, frame),
        path,
        driver="GPKG",
        layer=name,
        kind=geometry_type(frame),
        crs=snapshot.manifest["crs"],
        options={
            # A title names one layer of the file.
            "IDENTIFIER": title,
            "DESCRIPTION": f"{snapshot.manifest['park']} · {snapshot.as_of} · {snapshot.name}",
            "FID": next(fid for fid in ("fid", "fid_gpkg", "fid_gpkg_1") if fid not in taken),
        },
    )


def _both(zh: str, en: str, lang: str) -> str:
    first, second = (zh, en) if lang == "zh" else (en, zh)
    return first if first == second else f"{first} {second}"


def _add_titles(snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], path: Path, lang: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.executescript(_SCHEMA)
        database.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
            [("gpkg_data_columns", _SCHEMA_URL), ("gpkg_data_column_constraints", _SCHEMA_URL)],
        )
        for table, frame in frames.items():
            rows = []
            used: set[str] = set()
            geometry = frame.geometry.name if hasattr(frame, "geometry") else None
            for column in map(str, frame.columns):
                if column == geometry:
                    continue
                title = _both(
                    column_title(snapshot, table, column, "zh"),
                    column_title(snapshot, table, column, "en"),
                    lang,
                )
                # Names are unique within a table by the standard; two columns may share a title.
                name = title if title not in used else f"{title} [{column}]"
                used.add(name)
                rows.append((table, column, name, title, _description(snapshot, table, column)))
            database.executemany("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", rows)


def _description(snapshot: Snapshot, table: str, column: str) -> str | None:
    known = entry(snapshot, table, column)
    parts = [str(known.get(key) or "") for key in ("unit", "formula", "source")]
    labelled = [
        f"{label}: {part}" for label, part in zip(("unit", "formula", "source"), parts, strict=True) if part
    ]
    return "; ".join(labelled) or None
