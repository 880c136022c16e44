"""Rasters: the header is read and checked, pixels are read where they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.layers import RasterSource

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.project import Source

__all__ = ["read_raster"]


def read_raster(path: Path, source: Source) -> RasterSource:
    """Read a raster's header.

    Parameters
    ----------
    path
        A GeoTIFF.
    source
        Its date and band roles.

    Returns
    -------
    RasterSource

    Raises
    ------
    InputError
        Not a GeoTIFF, without a coordinate system or a place, or without a band that is named.
    """
    import warnings

    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # what it says is looked at here
            raster = rasterio.open(path, driver="GTiff")
        with raster:
            if raster.crs is None:
                raise InputError("no coordinate system", where=str(path), mend="save it with its CRS")
            if raster.transform.is_identity:
                raise InputError("it lies nowhere: no geotransform", where=str(path), mend="georeference it")
            beyond = [f"{role} = {band}" for role, band in source.bands.items() if band > raster.count]
            if beyond:
                raise InputError(
                    f"it has {raster.count} bands, not {', '.join(beyond)}",
                    where=str(path),
                    mend="correct bands",
                )
            scale = 111_320.0 if raster.crs.is_geographic else 1.0
            return RasterSource(
                path=path,
                date=source.date,
                bands=source.bands,
                crs=raster.crs.to_wkt(),
                width=raster.width,
                height=raster.height,
                pixel_m=abs(raster.transform.a) * scale,
            )
    except RasterioError as error:
        raise InputError(
            f"cannot be read as GeoTIFF ({error})", where=str(path), mend="save it as GeoTIFF"
        ) from error
