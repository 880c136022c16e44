"""Images → small pictures of their indices over the park, for maps: a grid in Web Mercator, which every map on screen is drawn in.

The parent works out where the picture lies and what its nodes are in the image's system; the child that opens the file needs no
coordinate system for it. Between the nodes places are interpolated, which over a park is far less than a pixel.
"""

from __future__ import annotations

import base64
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.account import Account
from parkgeo.ingest.crs import to_crs
from parkgeo.ingest.pixels import looking_at
from parkgeo.ingest.rasters import place_of
from parkgeo.ingest.zonal import CACHE_MB, index_planes
from parkgeo.layers import sentence
from parkgeo.metrics.imagery import indices_told

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.ingest.openers import Opener
    from parkgeo.ingest.zonal import Looking
    from parkgeo.layers import RasterSource
    from parkgeo.packs import RuleBook

__all__ = ["COLUMNS", "LEVELS", "Frame", "image_pictures", "read_pictures"]

COLUMNS = (
    "imagery_on",
    "image_index",
    "width",
    "height",
    "west",
    "south",
    "east",
    "north",
    "cells",
    "source_file",
)
"""Columns of the table beside its geometry: a row an image and index; ``west`` to ``north`` in metres of Web Mercator."""

LEVELS = 254
"""Steps from −1 to 1 in a cell's byte, which is 1 at −1 and 255 at 1; 0 where nothing is seen."""

_MERCATOR = 3857
_LONGEST = 512
_NODES = 33
_MARGIN = 0.03
_MOST_READ = 2_048
"""Most pixels of the file a side; of a larger window every so manieth is read."""


@dataclass(frozen=True)
class Frame:
    """Where a picture lies.

    Attributes
    ----------
    width, height
        Its cells.
    nodes
        Easting and northing in the image's system of evenly spaced nodes from the picture's upper left corner to its lower right,
        (rows, columns, 2).
    """

    width: int
    height: int
    nodes: NDArray[np.float64]

    def places(self) -> NDArray[np.float64]:
        """Easting and northing in the image's system of the middle of each cell, (height, width, 2)."""
        rows, columns = (count - 1 for count in self.nodes.shape[:2])
        down = (np.arange(self.height) + 0.5) / self.height * rows
        across = (np.arange(self.width) + 0.5) / self.width * columns
        top, left = (np.minimum(at.astype(int), most - 1) for at, most in ((down, rows), (across, columns)))
        v, u = (down - top)[:, None, None], (across - left)[None, :, None]
        corner = self.nodes[np.ix_(top, left)], self.nodes[np.ix_(top, left + 1)]
        below = self.nodes[np.ix_(top + 1, left)], self.nodes[np.ix_(top + 1, left + 1)]
        found: NDArray[np.float64] = (1 - v) * ((1 - u) * corner[0] + u * corner[1]) + v * (
            (1 - u) * below[0] + u * below[1]
        )
        return found


def image_pictures(
    opener: Opener,
    imagery: Sequence[RasterSource],
    parcels: gpd.GeoDataFrame,
    rules: RuleBook,
    used: Collection[str],
    *,
    shown: Callable[[Path], str] = str,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Pictures of the indices that images tell, over the box around the parcels.

    Parameters
    ----------
    opener
        Who opens the images.
    imagery
        Their headers.
    parcels
        In a projected coordinate system.
    rules
        The packs in force; the group ``imagery``.
    used
        The files, as they are shown, of the images that were looked at; of others nothing is made.
    shown
        How a file is called.

    Returns
    -------
    tuple
        `COLUMNS` and the ground shown, in the parcels' system; ``cells`` is base64 of zlib of a byte a cell, row by row from the
        north, see `LEVELS`. And rows for the account's table of faults.
    """
    account, rows, grounds = Account(), [], []
    west, south, east, north = _box(parcels)
    for image in sorted(imagery, key=lambda one: (str(one.date), str(one.path))):
        file = shown(image.path)
        if file not in used:
            continue
        try:
            frame = _frame(image, (west, south, east, north))
            found = opener.pictures(image, frame, looking_at(image, rules))
        except (InputError, ProjectError) as error:
            account.fault(
                "imagery", file, sentence("no picture of it is made for maps: {why}", why=error.what),
                sentence("{mend}; the analysis went on without it", mend=error.mend or "save it again as GeoTIFF"),
            )  # fmt: skip
            continue
        for index, cells in found.items():
            if not cells.any():
                continue
            rows.append(
                (np.datetime64(str(image.date), "s"), index, frame.width, frame.height, west, south, east, north, _packed(cells), file)
            )  # fmt: skip
            grounds.append(shapely.box(west, south, east, north))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"imagery_on": "datetime64[s]"})
    outlines = to_crs(
        shapely.segmentize(np.array(grounds, dtype=object), (east - west) / _NODES),
        CRS.from_epsg(_MERCATOR),
        parcels.crs,
    )
    faults = account.tables()["faults"]
    return gpd.GeoDataFrame(table, geometry=outlines, crs=parcels.crs), faults


def _packed(cells: NDArray[np.uint8]) -> str:
    return base64.b64encode(zlib.compress(cells.tobytes(), 9)).decode("ascii")


def _box(parcels: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Around the parcels with a margin, whole metres of Web Mercator."""
    shapes = to_crs(
        np.asarray(parcels.geometry.envelope.array, dtype=object), parcels.crs, CRS.from_epsg(_MERCATOR)
    )
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    more = _MARGIN * max(east - west, north - south)
    return (
        float(np.floor(west - more)),
        float(np.floor(south - more)),
        float(np.ceil(east + more)),
        float(np.ceil(north + more)),
    )


def _frame(image: RasterSource, box: tuple[float, float, float, float]) -> Frame:
    """A grid no finer than the image, its nodes in the image's system."""
    west, south, east, north = box
    x, y = np.meshgrid(np.linspace(west, east, _NODES), np.linspace(north, south, _NODES))
    points = shapely.points(x.ravel(), y.ravel()).astype(object)
    moved = to_crs(points, CRS.from_epsg(_MERCATOR), CRS.from_wkt(image.crs).to_2d())
    nodes = shapely.get_coordinates(moved).reshape(_NODES, _NODES, 2)
    # Web Mercator stretches lengths by 1 ÷ cos φ; a cell is no smaller than a pixel on the ground.
    latitude = 2 * np.arctan(np.exp((south + north) / 2 / 6_378_137.0)) - np.pi / 2
    finest = image.pixel_m / float(np.cos(latitude))
    cell = max((east - west) / _LONGEST, (north - south) / _LONGEST, finest)
    return Frame(max(round((east - west) / cell), 1), max(round((north - south) / cell), 1), nodes)


def read_pictures(path: Path, frame: Frame, looking: Looking) -> dict[str, NDArray[np.uint8]]:
    """The indices of an image in the cells of a frame, each cell what the pixel under its middle shows.

    Parameters
    ----------
    path
        A GeoTIFF.
    frame
        Where the picture lies.
    looking
        Its bands, and which pixels are not seen.

    Returns
    -------
    dict
        Index → bytes, (height, width), see `LEVELS`.

    Raises
    ------
    InputError
        It cannot be read, or lacks a band.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    told = indices_told(looking.bands)
    cells = {index: np.zeros((frame.height, frame.width), dtype=np.uint8) for index in told}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a world file may place it
            raster = rasterio.open(path, driver="GTiff")
        with raster, rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            back = ~place_of(raster, path)
            x, y = np.moveaxis(frame.places(), 2, 0)
            column, row = (
                np.floor(back.a * x + back.b * y + back.c),
                np.floor(back.d * x + back.e * y + back.f),
            )
            inside = (column >= 0) & (column < raster.width) & (row >= 0) & (row < raster.height)
            if not inside.any():
                return cells
            column, row = column[inside].astype(np.int64), row[inside].astype(np.int64)
            left, top, right, bottom = column.min(), row.min(), column.max() + 1, row.max() + 1
            step = max(-(-(right - left) // _MOST_READ), -(-(bottom - top) // _MOST_READ), 1)
            shape = (int(-(-(bottom - top) // step)), int(-(-(right - left) // step)))
            planes = index_planes(raster, (int(left), int(top), int(right), int(bottom)), looking, shape)
            at = (
                (row - top) * shape[0] // (bottom - top),
                (column - left) * shape[1] // (right - left),
            )
            for index, plane in planes.items():
                cells[index][inside] = _bytes(plane[at])
    except (RasterioError, OverflowError) as error:
        raise InputError(
            f"its pixels cannot be read ({error})", where=str(path), mend="save it again as GeoTIFF"
        ) from error
    return cells


def _bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    seen = np.isfinite(values)
    found = np.zeros(values.shape, dtype=np.uint8)
    found[seen] = np.rint((np.clip(values[seen], -1, 1) + 1) / 2 * LEVELS).astype(np.uint8) + 1
    return found
