"""One terrain model and many polygons → what the ground under each is like, strip by strip."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.rasters import place_of
from parkgeo.ingest.zonal import CACHE_MB, has_value, in_pixels, strips
from parkgeo.metrics.terrain import GroundSums, gradients

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from affine import Affine
    from numpy.typing import NDArray

    _Window = tuple[int, int, int, int]

__all__ = ["HIGHEST_M", "LOWEST_M", "UNITS", "Heights", "read_heights"]

UNITS = {"m": 1.0, "ft": 0.3048, "us-ft": 1200 / 3937}
"""Units of heights, metres in each; a file that states none is taken to hold metres."""

_WRITTEN = {
    "m": "m", "metre": "m", "metres": "m", "meter": "m", "meters": "m", "ft": "ft", "foot": "ft", "feet": "ft",
    "international foot": "ft", "us survey foot": "us-ft", "us_survey_foot": "us-ft", "ftus": "us-ft", "us-ft": "us-ft",
    "foot_us": "us-ft", "us survey feet": "us-ft",
}  # fmt: skip

LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""No land lies lower than the Dead Sea's shore or higher than Everest: beyond, a number stands for "no value" and was not declared."""


@dataclass(frozen=True)
class Heights:
    """What a terrain model says of polygons.

    Attributes
    ----------
    figures
        A row a polygon, columns `parkgeo.metrics.terrain.GROUND`.
    unit
        Of the heights in the file, one of `UNITS`; empty where it states none, and metres are assumed.
    absurd
        Cells under the polygons with heights that no land has; they count as having none.
    """

    figures: pd.DataFrame
    unit: str
    absurd: int


def read_heights(
    path: Path, shapes: NDArray[np.object_], metres: NDArray[np.float64], steep: float
) -> Heights:
    """Read what a terrain model says of polygons.

    Parameters
    ----------
    path
        A GeoTIFF of one band.
    shapes
        Valid polygons in its coordinate system; None and empty ones have no ground.
    metres
        Of each polygon, how a unit of that system lies on the ground, in metres: four columns, east of one x, east of one y, north of
        one x, north of one y.
    steep
        Slope above which ground is steep, as rise over run.

    Returns
    -------
    Heights

    Raises
    ------
    InputError
        It cannot be read, holds several bands or no real numbers, or heights in a unit that is not known.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a world file may place it
            raster = rasterio.open(path, driver="GTiff")
        with raster, rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            unit = _check(raster, path)
            return _read(raster, place_of(raster, path), shapes, metres, steep, unit)
    except (RasterioError, OverflowError) as error:
        raise InputError(
            f"its heights cannot be read ({error})", where=str(path), mend="save it again as GeoTIFF"
        ) from error


def _check(raster: Any, path: Path) -> str:
    """The unit of the heights."""
    if raster.count != 1:
        raise InputError(
            f"it has {raster.count} bands: a picture, or several models in one", where=str(path), mend="save the heights alone, in one band"
        )  # fmt: skip
    if np.issubdtype(np.dtype(raster.dtypes[0]), np.complexfloating):
        raise InputError(
            "it holds complex numbers, not heights", where=str(path), mend="save the heights in metres"
        )
    written = str(raster.units[0] or "").strip().casefold() or _vertical_unit(raster)
    if written and written not in _WRITTEN:
        raise InputError(
            f"its heights are in {written!r}, a unit that is not known",
            where=str(path),
            mend="save them in metres",
        )
    return _WRITTEN.get(written, "")


def _vertical_unit(raster: Any) -> str:
    """The unit of the third axis of a coordinate system that has heights of its own; empty for others."""
    from pyproj import CRS

    axes = CRS.from_wkt(raster.crs.to_wkt()).axis_info if raster.crs else []
    return str(axes[2].unit_name).casefold() if len(axes) > 2 else ""  # noqa: PLR2004 - east, north, up


def _read(
    raster: Any, place: Affine, shapes: NDArray[np.object_], metres: NDArray[np.float64], steep: float, unit: str
) -> Heights:  # fmt: skip
    placed = in_pixels(shapes, place)
    steps = np.array([[place.a, place.b], [place.d, place.e]])
    sums = GroundSums((metres.reshape(-1, 2, 2) @ steps).reshape(-1, 4), steep)
    factor, absurd = UNITS[unit or "m"], 0
    windows = list(strips(raster, shapely.bounds(placed)))
    meeting = [_meets(placed, window) for window in windows]
    across = np.sum(meeting, axis=0) > 1 if meeting else np.zeros(len(placed), dtype=bool)
    for window, meets in zip(windows, meeting, strict=True):
        at = np.flatnonzero(meets)
        if not len(at):
            continue
        owner, cell, share = _cells(placed[at], window)
        height, rise, wrong = _planes(raster, window, factor)
        sums.add(at, owner, share, height[cell], (rise[0][cell], rise[1][cell]))
        absurd += int(wrong[cell].sum())
        whole = ~across[at][owner]
        sums.add_earthworks(at, owner[whole], share[whole], height[cell[whole]])
    # To what level the ground of a polygon is brought is only known when all its strips were seen.
    for window, meets in zip(windows, meeting, strict=True):
        at = np.flatnonzero(meets & across)
        if len(at):
            owner, cell, share = _cells(placed[at], window)
            sums.add_earthworks(at, owner, share, _planes(raster, window, factor)[0][cell])
    return Heights(sums.figures(np.nan_to_num(shapely.area(placed))), unit, absurd)


def _meets(placed: NDArray[np.object_], window: _Window) -> NDArray[np.bool_]:
    """Polygons whose box meets a strip."""
    left, top, right, bottom = window
    west, south, east, north = shapely.bounds(placed).T
    found: NDArray[np.bool_] = (west < right) & (east > left) & (south < -top) & (north > -bottom)
    return found


def _cells(
    placed: NDArray[np.object_], window: _Window
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """The strip's cells under polygons: whose, which, and by what share."""
    from parkgeo.ingest.fractions import cells_under

    left, top, right, bottom = window
    return cells_under(placed, bottom - top, right - left, (left, -bottom, right, -top))


def _planes(
    raster: Any, window: _Window, factor: float
) -> tuple[NDArray[np.float64], tuple[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]:
    """Of a strip's cells, row by row: height in metres, its gradients, and where it is absurd."""
    from rasterio.windows import Window

    left, top, right, bottom = window
    # A cell's gradients need its neighbours, so one more cell is read on each side.
    west, north = max(left - 1, 0), max(top - 1, 0)
    east, south = min(right + 1, raster.width), min(bottom + 1, raster.height)
    within = Window(west, north, east - west, south - north)
    raw = raster.read(1, window=within)
    height = (raw.astype(np.float64) * raster.scales[0] + raster.offsets[0]) * factor
    seen = has_value(raster, 1, raw, within)
    wrong = seen & ~((height >= LOWEST_M) & (height <= HIGHEST_M))
    height[~seen | wrong] = np.nan
    inner = np.s_[top - north : bottom - north, left - west : right - west]
    along, down = (plane[inner].ravel() for plane in gradients(height))
    return height[inner].ravel(), (along, down), wrong[inner].ravel()
