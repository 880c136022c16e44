"""Rasters: the header is read and checked, pixels are read where they are needed."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, unreadable
from parkgeo.ingest.formats import companions
from parkgeo.layers import RasterSource

if TYPE_CHECKING:
    from pathlib import Path

    from affine import Affine

    from parkgeo.project import Source

__all__ = ["place_of", "read_raster"]

_BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Orthophotos of a town reach tens of gigabytes; a header that asks for more, or for far more than the file could hold even
# when it is blank, is damaged or made to fill memory.
_MOST_BYTES = 400 << 30
_FREE_BYTES, _MOST_RATIO = 4 << 30, 5_000
_M_PER_DEG_LON, _M_PER_DEG_LAT = 111_320.0, 110_574.0
_WORLD_NUMBERS = 6


def read_raster(path: Path, source: Source) -> RasterSource:
    """Read a raster's header.

    Parameters
    ----------
    path
        A GeoTIFF; a world file beside it places it where it does not place itself.
    source
        Its date and band roles.

    Returns
    -------
    RasterSource

    Raises
    ------
    InputError
        Not a GeoTIFF, without a coordinate system or a place, placed by control points only, too large for its file, or
        without a band that is named.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    _check_beginning(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # what it says is looked at here
            raster = rasterio.open(path, driver="GTiff")
        with raster:
            _check_size(raster, path)
            place = place_of(raster, path)
            if raster.crs is None:
                raise InputError("no coordinate system", where=str(path), mend="save it with its CRS")
            beyond = [f"{role} = {band}" for role, band in source.bands.items() if band > raster.count]
            if beyond:
                raise InputError(
                    f"it has {raster.count} bands, not {', '.join(beyond)}",
                    where=str(path),
                    mend="correct bands",
                )
            across, up = _corners(place, raster.width, raster.height)
            return RasterSource(
                path=path,
                date=source.date,
                bands=source.bands,
                crs=raster.crs.to_wkt(),
                width=raster.width,
                height=raster.height,
                pixel_m=_pixel_m(place, raster.crs, (min(up) + max(up)) / 2),
                left=min(across), bottom=min(up), right=max(across), top=max(up),
            )  # fmt: skip
    except (RasterioError, OverflowError) as error:
        raise InputError(
            f"cannot be read as GeoTIFF ({error})", where=str(path), mend="save it as GeoTIFF"
        ) from error


def _check_beginning(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise unreadable(path, error) from error
    if head not in _BEGINNINGS:
        raise InputError(
            "the content is not TIFF" if head else "the file is empty (0 bytes)",
            where=str(path),
            mend="save it as GeoTIFF",
        )


def _check_size(raster: Any, path: Path) -> None:
    import numpy as np

    per_pixel = sum(np.dtype(kind).itemsize for kind in raster.dtypes)
    asked, held = raster.width * raster.height * per_pixel, path.stat().st_size
    if asked > _MOST_BYTES or (asked > _FREE_BYTES and asked > _MOST_RATIO * held):
        raise InputError(
            f"{raster.width} × {raster.height} pixels of {raster.count} bands are {asked / 2**30:.0f} GiB in a file of {held} bytes",
            where=str(path),
            mend="cut it to the park and save it again",
        )


def place_of(raster: Any, path: Path) -> Affine:
    """From column and row to coordinates.

    Raises
    ------
    InputError
        It lies nowhere, or only control points say where.
    """
    place: Affine = raster.transform
    if place.is_identity:
        place = _world_file(path) or place
    if place.is_identity and raster.gcps[0]:
        raise InputError(
            f"placed by {len(raster.gcps[0])} control points only", where=str(path),
            mend="rectify it (in QGIS: Raster, Projections, Warp) and save it as GeoTIFF",
        )  # fmt: skip
    numbers = tuple(place)[:_WORLD_NUMBERS]
    if place.is_identity or not all(map(math.isfinite, numbers)) or place.determinant == 0:
        raise InputError("it lies nowhere: no geotransform", where=str(path), mend="georeference it")
    return place


def _world_file(path: Path) -> Affine | None:
    """What the world file beside a raster states: it names the middle of the first pixel."""
    from affine import Affine

    side = next((part for ending, part in companions(path).items() if ending not in (".tif", ".tiff")), None)
    if side is None:
        return None
    try:
        text = side.read_text(encoding="ascii", errors="replace")[:1_000]
        a, d, b, e, x, y = (float(word) for word in text.split()[:_WORLD_NUMBERS])
    except (OSError, ValueError) as error:
        raise InputError(
            f"its world file {side.name} does not hold six numbers",
            where=str(path),
            mend="save the raster as GeoTIFF",
        ) from error
    return Affine(a, b, x - (a + b) / 2, d, e, y - (d + e) / 2)


def _corners(place: Affine, width: int, height: int) -> tuple[list[float], list[float]]:
    """Easting and northing of the four corners."""
    pixels = ((0, 0), (width, 0), (0, height), (width, height))
    return (
        [float(place.a * col + place.b * row + place.c) for col, row in pixels],
        [float(place.d * col + place.e * row + place.f) for col, row in pixels],
    )


def _pixel_m(place: Affine, crs: Any, middle_y: float) -> float:
    """The side of a square as large as a pixel, in metres, whatever way the raster is turned."""
    area = abs(place.determinant)
    if crs.is_geographic:
        shrink = max(math.cos(math.radians(min(abs(middle_y), 90.0))), 0.0)
        return math.sqrt(area * shrink * _M_PER_DEG_LON * _M_PER_DEG_LAT)
    return float(math.sqrt(area) * crs.linear_units_factor[1])
