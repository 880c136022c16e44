"""A project's terrain model → what the ground of each parcel is like, and what is the matter with the model.

It is brought to no other grid: the parcels are brought to it, with the metres that its units have on the ground at each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from parkgeo.errors import InputError, ProjectError
from parkgeo.ingest.account import Account
from parkgeo.ingest.crs import to_crs
from parkgeo.ingest.pixels import in_its_system
from parkgeo.layers import sentence
from parkgeo.metrics.terrain import GROUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.ingest.heights import Heights
    from parkgeo.ingest.openers import Opener
    from parkgeo.layers import RasterSource
    from parkgeo.packs import RuleBook

__all__ = ["COLUMNS", "empty_terrain", "ground_metres", "parcel_terrain"]

COLUMNS = ("parcel_id", *GROUND, "source_file")
"""Columns of the table: a row a parcel."""

_LAYER = "dem"
_STEP_M = 10.0
"""How far apart the places are by which the metres of a unit are measured."""


def parcel_terrain(
    opener: Opener,
    dem: RasterSource | None,
    parcels: gpd.GeoDataFrame,
    rules: RuleBook,
    *,
    shown: Callable[[Path], str] = str,
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """What a terrain model says of the ground of each parcel.

    Parameters
    ----------
    opener
        Who opens the model.
    dem
        Its header; None where the office has none.
    parcels
        With ``parcel_id``, in a projected coordinate system in metres.
    rules
        The packs in force; the group ``services``.
    shown
        How a file is called in the account and in ``source_file``.

    Returns
    -------
    tuple
        The table, `COLUMNS`, figures as of `parkgeo.metrics.terrain.GroundSums.figures`; None where there is no model, without rows
        where it cannot be used. And rows for the account's table of faults.
    """
    account = Account()
    if dem is None:
        return None, account.tables()["faults"]
    file = shown(dem.path)
    try:
        shapes = in_its_system(dem, parcels, account, file, layer=_LAYER)
        metres = ground_metres(dem, shapes, parcels.crs)
        found = opener.heights(dem, shapes, metres, rules["services.level_slope"].number("1"))
    except (InputError, ProjectError) as error:
        account.fault(
            _LAYER, file, sentence("the terrain model is not used: {why}", why=error.what),
            sentence("{mend}; the analysis went on without it", mend=error.mend or "save it again as GeoTIFF"),
        )  # fmt: skip
        return empty_terrain(), account.tables()["faults"]
    table = found.figures
    table.insert(0, "parcel_id", parcels["parcel_id"].to_numpy(dtype=object))
    table["source_file"] = file
    _say_what_it_lacks(found, rules["services.level_valid_share"].number("1"), account, file)
    return table, account.tables()["faults"]


def ground_metres(dem: RasterSource, shapes: NDArray[np.object_], ground: CRS) -> NDArray[np.float64]:
    """How a unit of a raster's system lies on the ground at each shape.

    Parameters
    ----------
    dem
        The raster.
    shapes
        In its coordinate system; None and empty ones lie nowhere.
    ground
        A system in metres.

    Returns
    -------
    numpy.ndarray
        Four columns, metres in ``ground``: east of one x, east of one y, north of one x, north of one y, about the middle of the
        shape's box; NaN where it lies nowhere.

    Notes
    -----
    Taken from two points ten metres apart along each axis. So degrees, feet and the stretch of a projection such as Web Mercator
    are all measured, not assumed.
    """
    system = CRS.from_wkt(dem.crs).to_2d()
    west, south, east, north = shapely.bounds(shapes).T
    x, y = (west + east) / 2, (south + north) / 2
    step = (
        _STEP_M
        * np.sqrt((dem.right - dem.left) * (dem.top - dem.bottom) / (dem.width * dem.height))
        / dem.pixel_m
    )
    measured = []
    for across, along in ((step, 0.0), (0.0, step)):
        ends = [
            shapely.get_coordinates(
                to_crs(_points(x + way * across / 2, y + way * along / 2), system, ground)
            )
            for way in (1, -1)
        ]
        measured.append((ends[0] - ends[1]) / step)
    by_x, by_y = measured
    found = np.full((len(shapes), 4), np.nan)
    found[np.isfinite(x)] = np.column_stack([by_x[:, 0], by_y[:, 0], by_x[:, 1], by_y[:, 1]])
    return found


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_]:
    placed = np.isfinite(x)
    return np.asarray(shapely.points(x[placed], y[placed]), dtype=object)


def _say_what_it_lacks(found: Heights, least: float, account: Account, file: str) -> None:
    if not found.unit:
        account.note(
            _LAYER, file, sentence("the file does not state the unit of its heights; metres are assumed")
        )
    elif found.unit != "m":
        account.note(
            _LAYER, file, sentence("its heights are in feet ({unit}) and were converted to metres", unit=found.unit)
        )  # fmt: skip
    if found.absurd:
        account.fault(
            _LAYER, file,
            sentence("{count} cells under the parcels have heights that no land has; they count as having none", count=found.absurd),
            sentence("declare the number that stands for no value as nodata, and see that the unit of the heights is right"),
        )  # fmt: skip
    share = found.figures["valid_share"].to_numpy(dtype=np.float64)
    if not (share > 0).any():
        account.fault(
            _LAYER, file, sentence("it has no height for any parcel: it lies elsewhere, or holds no data there"),
            sentence("give a model that covers the park; see that its crs and nodata are right"),
        )  # fmt: skip
        return
    bare = found.figures.loc[share < least, "parcel_id"]
    if len(bare):
        account.note(
            _LAYER, file,
            sentence(
                "of {bare} of {all} parcels less than {least} % of the area has a height: {ids}",
                bare=len(bare), all=len(share), least=f"{least * 100:g}", ids=tuple(bare),
            ),
        )  # fmt: skip


def empty_terrain() -> pd.DataFrame:
    """The table of a model that cannot be used."""
    texts = {"parcel_id": "object", "source_file": "object"}
    return pd.DataFrame({name: pd.Series(dtype=texts.get(name, "float64")) for name in COLUMNS})
