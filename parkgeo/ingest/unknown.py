"""Files of which it is not known what they hold, for ``parkgeo init``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.ingest.coordinates import is_coordinate_text, read_coordinates
from parkgeo.ingest.tables import TABLE_ENDINGS, read_table
from parkgeo.ingest.vector import read_vector
from parkgeo.layers.schema import any_table

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.ingest.raw import RawTable
    from parkgeo.project import Source

__all__ = ["RASTER_ENDINGS", "open_unknown"]

RASTER_ENDINGS = (".tif", ".tiff")
_TEXT = ".txt"


def open_unknown(path: Path, source: Source) -> RawTable:
    """Read a file by its ending alone.

    Parameters
    ----------
    path
        The file.
    source
        Names the table; says nothing of the layer.

    Returns
    -------
    RawTable
        A GeoTIFF is a table of its bands; a text file is a coordinate text, else a table.

    Raises
    ------
    InputError
        The format is not allowed, or the file cannot be read.
    """
    ending = path.suffix.lower()
    if ending in RASTER_ENDINGS:
        from parkgeo.ingest.bands import read_bands

        return read_bands(path)
    if ending == _TEXT and is_coordinate_text(path):
        return read_coordinates(path, encoding=source.encoding, stated_crs=source.crs)
    if ending in TABLE_ENDINGS:
        return read_table(path, any_table(), source)
    return read_vector(path, table=source.table, encoding=source.encoding, crs=source.crs, layer=source.layer)
