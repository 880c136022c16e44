"""GeoPackage: looked at through SQLite before GDAL opens it, rows counted apart from it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.formats import companions
from parkgeo.ingest.gdal import Opening, choose, layers_of, read_layer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parkgeo.ingest.formats import TableInfo
    from parkgeo.ingest.raw import RawTable

__all__ = ["geopackage_tables", "read_geopackage"]

_DRIVER = "GPKG"
# Virtual tables whose content is in the file itself; others read files by their arguments.
_OWN_MODULES = frozenset({"rtree", "rtree_i32", "fts3", "fts4", "fts5"})
_MODULE = re.compile(r"\bvirtual\s+table\b.*?\busing\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)


def geopackage_tables(path: Path) -> tuple[TableInfo, ...]:
    """The layers of a GeoPackage, with their rows as counted."""
    _check(path)
    return tuple(
        replace(one, rows=_count(path, one.name, one.rows or 0)) for one in layers_of(Opening(path, _DRIVER))
    )


def read_geopackage(path: Path, *, table: str = "") -> RawTable:
    """Read a layer of a GeoPackage.

    Raises
    ------
    InputError
        It cannot be read, has changes that are not written into it yet, tables that reach out of it, no such layer, or
        several and none named.
    """
    _check(path)
    opening = Opening(path, _DRIVER)
    layer = choose(path, layers_of(opening), table).name
    raw = read_layer(opening, layer, first=1)
    return replace(raw, declared=_count(path, layer, raw.declared))


def _check(path: Path) -> None:
    """See that all of the content is in the file, and nothing but it.

    Raises
    ------
    InputError
        It is not.
    """
    for ending, part in companions(path).items():
        if ending in ("-wal", "-journal") and part.stat().st_size:
            raise InputError(
                f"changes stand in {part.name} that are not in the file itself", where=str(path),
                mend="close it in the program that has it open (QGIS), or save a copy from there",
            )  # fmt: skip
    for name, sql in _schema(path):
        module = _MODULE.search(sql)
        if module and module.group(1).lower() not in _OWN_MODULES:
            raise InputError(
                f"table {name[:40]!r} draws on something outside ({module.group(1)[:40]})", where=str(path),
                mend="save the layer into a new GeoPackage",
            )  # fmt: skip


def _schema(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with closing(_connect(path)) as connection:
            found = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql LIKE '%virtual%'"
            ).fetchall()
    except sqlite3.Error as error:
        raise InputError(
            f"cannot be read ({error})", where=str(path), mend="open it in a GIS program and save it again"
        ) from error
    return ((str(name), str(sql)) for name, sql in found)


def _count(path: Path, name: str, read: int) -> int:
    """Rows of a layer, counted without GDAL, which may believe a stored count."""
    quoted = name.replace('"', '""')
    try:
        with closing(_connect(path)) as connection:
            (count,) = connection.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()  # noqa: S608 - a quoted name
    except sqlite3.Error:
        return read
    return int(count)


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that can write nothing, not even beside the file."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
