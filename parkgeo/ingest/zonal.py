"""One image and many polygons → what the image shows of each: exact shares of pixels, strip by strip.

Polygons are brought into the image's grid of pixels, so it does not matter which way an image is turned. Memory is bounded by the
size of a strip (about 60 bytes a pixel) and by the figures of the polygons, not by the image.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.rasters import place_of
from parkgeo.metrics.imagery import (
    CLASSES,
    INDICES,
    ROLES,
    Thresholds,
    classes_of,
    classes_told,
    index_of,
    indices_told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from affine import Affine
    from numpy.typing import NDArray

__all__ = [
    "CACHE_MB",
    "FIGURES",
    "Looking",
    "has_value",
    "in_pixels",
    "index_planes",
    "lying",
    "read_pixels",
    "strips",
]

FIGURES = (
    "valid_share",
    "ndvi",
    "ndbi",
    "bsi",
    "built_share",
    "vegetated_share",
    "bare_share",
    "water_share",
)
"""Columns of what an image shows of a polygon."""

_PIXELS_A_STRIP = 4_000_000
# A file that packs more into one block is unpacked whole for each strip of it: slow, and memory stays bounded.
_MOST_OF_A_BLOCK = 16_000_000
CACHE_MB = 128
"""Strips follow the file's blocks, so hardly any block is needed twice; GDAL would keep a twentieth of the machine's memory."""
_MASKS = ("cloud", "scl")


@dataclass(frozen=True)
class Looking:
    """How an image is looked at.

    Attributes
    ----------
    bands
        Role → number of the band, from 1: those of `parkgeo.metrics.imagery.ROLES`, ``cloud`` (not 0 where the ground is hidden), ``scl``
        (Sentinel-2's scene classes).
    thresholds
        From which value on a pixel belongs to a class.
    unclear_scl
        Scene classes in which the ground is not seen.
    """

    bands: dict[str, int]
    thresholds: Thresholds
    unclear_scl: tuple[int, ...]


class _Sums:
    """What the strips add up to: of each plane and polygon the sum, and the pixels that counted."""

    def __init__(self, count: int, planes: tuple[str, ...]) -> None:
        self._sums = {name: np.zeros(count) for name in planes}
        self._pixels = {name: np.zeros(count) for name in planes if name in INDICES}

    def add(self, at: NDArray[np.intp], found: pd.DataFrame) -> None:
        """Add a strip's sums of the polygons at these places."""
        for name, total in self._sums.items():
            total[at] += found[f"{name}_sum"].to_numpy(np.float64)
        for name, pixels in self._pixels.items():
            pixels[at] += found[f"{name}_count"].to_numpy(np.float64)

    def figures(self, area: NDArray[np.float64]) -> pd.DataFrame:
        """Shares and means; missing where nothing was seen."""
        seen = self._sums["seen"]
        found = pd.DataFrame(np.nan, index=pd.RangeIndex(len(area)), columns=list(FIGURES))
        with np.errstate(invalid="ignore", divide="ignore"):
            # A polygon without area cannot be seen.
            found["valid_share"] = np.where(area > 0, np.minimum(seen / area, 1.0), 0.0)
            for name, total in self._sums.items():
                if name in CLASSES:
                    found[f"{name}_share"] = np.minimum(total / seen, 1.0)
                elif name in INDICES:
                    found[name] = np.clip(total / self._pixels[name], -1.0, 1.0)
        return found


def read_pixels(path: Path, shapes: NDArray[np.object_], looking: Looking) -> pd.DataFrame:
    """Read what an image shows of polygons.

    Parameters
    ----------
    path
        A GeoTIFF.
    shapes
        Valid polygons in its coordinate system; None and empty ones are not seen.
    looking
        Its bands, and how pixels are told apart.

    Returns
    -------
    pandas.DataFrame
        A row a polygon, the columns `FIGURES`: share of its area that is seen; of that, the means of NDVI, NDBI and BSI over the pixels, each
        weighted with the share of it that the polygon covers, and the shares of the classes. NaN where the bands do not tell, or nothing
        is seen. A pixel is seen where each of its bands has a value, not all of them 0, and no mask says that the ground is hidden.

    Raises
    ------
    InputError
        It cannot be read, or lacks a band.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a world file may place it
            raster = rasterio.open(path, driver="GTiff")
        with raster, rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            _check_bands(raster, looking.bands, path)
            placed = in_pixels(shapes, place_of(raster, path))
            return _read(raster, placed, looking)
    except (RasterioError, OverflowError) as error:
        raise InputError(
            f"its pixels cannot be read ({error})", where=str(path), mend="save it again as GeoTIFF"
        ) from error


def lying(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The shapes, None in the place of those that lie nowhere."""
    found = shapes.copy()
    found[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None
    return found


def _check_bands(raster: Any, bands: Mapping[str, int], path: Path) -> None:
    beyond = [f"{role} = {band}" for role, band in bands.items() if band > raster.count]
    if beyond:
        raise InputError(
            f"it has {raster.count} bands, not {', '.join(beyond)}", where=str(path), mend="correct bands"
        )
    if any(np.issubdtype(np.dtype(raster.dtypes[band - 1]), np.complexfloating) for band in bands.values()):
        raise InputError(
            "it holds complex numbers, not reflectance",
            where=str(path),
            mend="save amplitudes or reflectance",
        )


def in_pixels(shapes: NDArray[np.object_], place: Affine) -> NDArray[np.object_]:
    """Polygons by column and row, rows counted downwards as −1, −2 …; those that lie nowhere are None."""
    back = ~place

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = xy[:, 0], xy[:, 1]
        return np.column_stack([back.a * x + back.b * y + back.c, -(back.d * x + back.e * y + back.f)])

    moved: NDArray[np.object_] = shapely.transform(lying(shapes), move)
    broken = ~shapely.is_missing(moved) & ~shapely.is_valid(moved)
    # Another projection can turn a needle inside out.
    moved[broken] = shapely.buffer(shapely.make_valid(moved[broken], method="structure"), 0)
    return moved


def _read(raster: Any, shapes: NDArray[np.object_], looking: Looking) -> pd.DataFrame:
    from parkgeo.ingest.fractions import sums_under

    roles = tuple(role for role in ROLES if role in looking.bands)
    indices, told = indices_told(roles), classes_told(roles)
    sums = _Sums(len(shapes), (*indices, *told, "seen"))
    bounds = shapely.bounds(shapes)
    for window in strips(raster, bounds):
        left, top, right, bottom = window
        inside = (
            (bounds[:, 0] < right) & (bounds[:, 2] > left) & (bounds[:, 1] < -top) & (bounds[:, 3] > -bottom)
        )
        at = np.flatnonzero(inside)
        if len(at):
            planes = _planes(raster, window, looking, roles)
            found = sums_under(shapes[at], planes, (left, -bottom, right, -top))
            sums.add(at, found)
    area = np.nan_to_num(shapely.area(shapes))
    return sums.figures(area)


def strips(raster: Any, bounds: NDArray[np.float64]) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom of strips that hold all pixels under the polygons, in whole rows of blocks."""
    if not np.isfinite(bounds).any():
        return
    left, low = np.floor(np.nanmin(bounds[:, :2], axis=0))
    right, high = np.ceil(np.nanmax(bounds[:, 2:], axis=0))
    left, right = (int(np.clip(edge, 0, raster.width)) for edge in (left, right))
    top, bottom = (int(np.clip(-edge, 0, raster.height)) for edge in (high, low))
    if left >= right or top >= bottom:
        return
    block, block_width = raster.block_shapes[0]
    rows = max(_PIXELS_A_STRIP // (right - left), 1)
    if block * max(block_width, right - left) <= _MOST_OF_A_BLOCK:
        rows = max(rows // block, 1) * block
        top = top // block * block
    for start in range(top, bottom, rows):
        yield left, start, right, min(start + rows, bottom)


def _planes(
    raster: Any, window: tuple[int, int, int, int], looking: Looking, roles: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    """Of a strip's pixels the indices, NaN where they are not seen; ``seen`` and the classes, 1 or 0."""
    left, top, right, bottom = window
    bands, seen = _bands_seen(raster, window, looking, roles, (bottom - top, right - left))
    indices = {name: index_of(name, bands) for name in indices_told(roles)}
    classes = classes_of(bands, indices, looking.thresholds)
    for plane in indices.values():
        plane[~seen] = np.nan
    return {
        **indices,
        **{name: (plane & seen).view(np.uint8) for name, plane in classes.items()},
        "seen": seen.view(np.uint8),
    }


def index_planes(
    raster: Any, window: tuple[int, int, int, int], looking: Looking, shape: tuple[int, int]
) -> dict[str, NDArray[np.float32]]:
    """The indices of a window's pixels, NaN where they are not seen.

    Parameters
    ----------
    raster
        An open image.
    window
        Left, top, right and bottom.
    looking
        How it is looked at.
    shape
        Rows and columns to read: as many as the window has, or every so manieth.
    """
    _check_bands(raster, looking.bands, Path(raster.name))
    roles = tuple(role for role in ROLES if role in looking.bands)
    bands, seen = _bands_seen(raster, window, looking, roles, shape)
    indices = {name: index_of(name, bands) for name in indices_told(roles)}
    for plane in indices.values():
        plane[~seen] = np.nan
    return indices


def _bands_seen(
    raster: Any,
    window: tuple[int, int, int, int],
    looking: Looking,
    roles: tuple[str, ...],
    shape: tuple[int, int],
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.bool_]]:
    """Reflectance by role, and which pixels are seen."""
    from rasterio.windows import Window

    left, top, right, bottom = window
    numbers = sorted({looking.bands[role] for role in (*roles, *_MASKS) if role in looking.bands})
    within = Window(left, top, right - left, bottom - top)
    raw = dict(
        zip(numbers, raster.read(numbers, window=within, out_shape=(len(numbers), *shape)), strict=True)
    )
    seen = np.ones(shape, dtype=bool)
    something = np.zeros_like(seen)
    bands = {}
    for role in roles:
        number = looking.bands[role]
        seen &= has_value(raster, number, raw[number], within)
        something |= raw[number] != 0
        bands[role] = _reflectance(raster, number, raw[number])
    seen &= something
    if "cloud" in looking.bands:
        seen &= raw[looking.bands["cloud"]] == 0
    if "scl" in looking.bands:
        seen &= ~np.isin(raw[looking.bands["scl"]], looking.unclear_scl)
    return bands, seen


def has_value(raster: Any, number: int, raw: NDArray[Any], within: Any) -> NDArray[np.bool_]:
    """Where a band holds a measurement: not the file's mark for none, not hidden by its mask, a finite number."""
    from rasterio.enums import MaskFlags

    flags = raster.mask_flag_enums[number - 1]
    if MaskFlags.nodata in flags:
        mark = raster.nodatavals[number - 1]
        seen = ~np.isnan(raw) if np.isnan(mark) else raw != np.array(mark).astype(raw.dtype)
    elif MaskFlags.all_valid in flags:
        seen = np.ones(raw.shape, dtype=bool)
    else:
        seen = raster.read_masks(number, window=within, out_shape=raw.shape) != 0
    if np.issubdtype(raw.dtype, np.floating):
        seen &= np.isfinite(raw)
    return np.asarray(seen, dtype=bool)


def _reflectance(raster: Any, number: int, raw: NDArray[Any]) -> NDArray[np.float32]:
    """A band with the scale and offset that the file states; below 0, where no reflectance is, 0."""
    scale, offset = np.float32(raster.scales[number - 1]), np.float32(raster.offsets[number - 1])
    values = raw.astype(np.float32)
    if scale != 1:
        values *= scale
    if offset != 0:
        values += offset
    if not np.isfinite(values.max(initial=0)) or not np.isfinite(values.min(initial=0)):
        # Values that are no numbers are not seen; 0 keeps them from the arithmetic.
        np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    return np.maximum(values, 0, out=values)
