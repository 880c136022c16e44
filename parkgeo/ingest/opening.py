"""One file → what it holds: the one place that knows which reader opens which ending.

It runs in the worker (see `parkgeo.ingest.worker`), or in process for files that are trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.ingest.coordinates import is_coordinate_text, read_coordinates
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.osm import osm_tables, read_osm
from parkgeo.ingest.osm_elements import is_osm
from parkgeo.ingest.tables import TABLE_ENDINGS, read_table
from parkgeo.ingest.unknown import open_unknown
from parkgeo.ingest.vector import read_vector, vector_tables
from parkgeo.ingest.workbook import WORKBOOK_ENDINGS, read_sheets
from parkgeo.layers import schema
from parkgeo.project import TABLE_LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable
    from parkgeo.project import Source

__all__ = ["open_source", "tables_in"]

_COORDINATE_TEXT = ".txt"


def open_source(path: Path, source: Source) -> RawTable:
    """Read one file of a source, but for rasters.

    Parameters
    ----------
    path
        The file.
    source
        What park.toml says of it; ``source.files`` is not looked at. Without a layer it is not known what the file holds.

    Raises
    ------
    InputError
        The format is not allowed, or the file cannot be read.
    """
    if is_osm(path):
        return read_osm(path, source.layer or source.table, table=source.table)
    if not source.layer:
        return open_unknown(path, source)
    if source.layer in TABLE_LAYERS:
        return read_table(path, schema(source.layer), source)
    if path.suffix.lower() == _COORDINATE_TEXT:
        return read_coordinates(path, encoding=source.encoding, stated_crs=source.crs)
    return read_vector(path, table=source.table, encoding=source.encoding, crs=source.crs, layer=source.layer)


def tables_in(path: Path) -> tuple[TableInfo, ...]:
    """The layers, sheets or tables that a file holds, for `parkgeo init` to choose among.

    Parameters
    ----------
    path
        A map file, a workbook, a text table or a coordinate text file; not a raster.

    Returns
    -------
    tuple of TableInfo
        Each by the name that ``layer`` in park.toml takes; a file that holds one table gives one without a name. Sheets
        count all their filled rows, header among them.

    Raises
    ------
    InputError
        The format is not allowed, or the file cannot be read.
    """
    if is_osm(path):
        return osm_tables(path)
    ending = path.suffix.lower()
    if ending in WORKBOOK_ENDINGS:
        return tuple(TableInfo(sheet.name, "none", len(sheet.cells)) for sheet in read_sheets(path))
    if ending == _COORDINATE_TEXT and is_coordinate_text(path):
        return (TableInfo("", "polygon", read_coordinates(path, stated_crs="unknown").declared),)
    if ending in TABLE_ENDINGS:
        return (TableInfo("", "none", None),)
    return vector_tables(path)
