"""A raster as a table of its bands, for those who must tell what it shows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError
from parkgeo.ingest.rasters import read_raster
from parkgeo.ingest.raw import RawTable
from parkgeo.project import Source

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_bands"]

_VIEW_PIXELS = 512
_MOST_OF_A_BLOCK = 50_000_000


def read_bands(path: Path) -> RawTable:
    """Look at a GeoTIFF's bands.

    Parameters
    ----------
    path
        The file; of its pixels only a coarse view of the first band is read.

    Returns
    -------
    RawTable
        A row a band: ``description``, ``type`` (as numpy has it), ``colour`` (``red``, ``undefined`` …); ``least`` and
        ``greatest`` value of the first band (NaN of the others and of a blank one); ``width`` and ``height`` in pixels,
        ``datetime`` and ``kind``, which are the file's tags, empty where it has none.

    Raises
    ------
    InputError
        Not a GeoTIFF, or without a coordinate system or a place.
    """
    import rasterio
    from rasterio.errors import RasterioError

    header = read_raster(path, Source("dem", (path,)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the header's checks have said what matters
            with rasterio.open(path, driver="GTiff") as raster:
                frame = _bands(raster)
    except RasterioError as error:
        raise InputError(
            f"cannot be read as GeoTIFF ({error})", where=str(path), mend="save it as GeoTIFF"
        ) from error
    return RawTable(
        path=path,
        table="",
        frame=frame,
        rows=np.arange(1, len(frame) + 1, dtype=np.int64),
        geometry=None,
        crs=header.crs,
        driver="GTiff",
        encoding="",
        declared=len(frame),
    )


def _bands(raster: Any) -> pd.DataFrame:
    tags = raster.tags()
    least, greatest = _range(raster)
    first = np.arange(raster.count) == 0
    return pd.DataFrame(
        {
            "description": [str(text or "") for text in raster.descriptions],
            "type": [str(kind) for kind in raster.dtypes],
            "colour": [str(one.name) for one in raster.colorinterp],
            "least": np.where(first, least, np.nan),
            "greatest": np.where(first, greatest, np.nan),
            "width": raster.width,
            "height": raster.height,
            "datetime": str(tags.get("TIFFTAG_DATETIME") or tags.get("DATE") or ""),
            "kind": str(tags.get("DataType") or ""),
        }
    )


def _range(raster: Any) -> tuple[float, float]:
    """Least and greatest value in a coarse view of the first band; not a number where it is blank."""
    from rasterio.windows import Window

    # A file of a few bytes can claim a block of any size, and all of a block is unpacked to see one of its pixels.
    if max(height * width for height, width in raster.block_shapes) > _MOST_OF_A_BLOCK:
        return float("nan"), float("nan")
    whole = raster.height * raster.width <= _MOST_OF_A_BLOCK
    size = min(raster.width, _VIEW_PIXELS), min(raster.height, _VIEW_PIXELS)
    window = None if whole else Window((raster.width - size[0]) // 2, (raster.height - size[1]) // 2, *size)
    values = raster.read(1, window=window, out_shape=(size[1], size[0]), masked=True).compressed()
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (float("nan"), float("nan"))
