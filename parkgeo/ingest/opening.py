"""One file → what it holds: the one place that knows which reader opens which ending.

It runs in the worker (see `parkgeo.ingest.worker`), or in process for files that are trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.ingest.coordinates import read_coordinates
from parkgeo.ingest.tables import read_table
from parkgeo.ingest.vector import read_vector
from parkgeo.layers import schema
from parkgeo.project import TABLE_LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable
    from parkgeo.project import Source

__all__ = ["open_source"]

_COORDINATE_TEXT = ".txt"


def open_source(path: Path, source: Source) -> RawTable:
    """Read one file of a source, but for rasters.

    Parameters
    ----------
    path
        The file.
    source
        What park.toml says of it; ``source.files`` is not looked at.

    Raises
    ------
    InputError
        The format is not allowed, or the file cannot be read.
    """
    if source.layer in TABLE_LAYERS:
        return read_table(path, schema(source.layer), source)
    if path.suffix.lower() == _COORDINATE_TEXT:
        return read_coordinates(path, encoding=source.encoding, stated_crs=source.crs)
    return read_vector(path, table=source.table, encoding=source.encoding)
