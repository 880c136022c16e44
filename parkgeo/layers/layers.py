"""A park's layers together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

__all__ = ["RASTERS", "Layers", "RasterSource"]


@dataclass(frozen=True)
class RasterSource:
    """A raster whose header was read and found usable; its pixels are read where they are needed.

    Attributes
    ----------
    path
        The file.
    date
        Day of an image; None for terrain.
    bands
        Role of a band (``red``, ``nir`` …) → number of the band, counted from 1.
    crs
        Coordinate system as WKT.
    width, height
        Pixels.
    pixel_m
        Size of a pixel, metres.
    left, bottom, right, top
        Its edges, in ``crs`` with x to the east.
    """

    path: Path
    date: dt.date | None
    bands: dict[str, int]
    crs: str
    width: int
    height: int
    pixel_m: float
    left: float
    bottom: float
    right: float
    top: float


RASTERS = {"imagery": {"zh": "影像", "en": "Imagery"}, "dem": {"zh": "数字高程模型", "en": "Terrain model"}}
"""Layers of pixels, which have no fields, with their titles by language."""


@dataclass(frozen=True)
class Layers:
    """The validated layers of a park; None where the office has none.

    Geometry is in one projected coordinate system in metres. A field that no file has is not a column: a column that
    is there and blank was asked and not answered.
    """

    parks: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    supply: pd.DataFrame | None = None
    delays: pd.DataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    enterprises: pd.DataFrame | None = None
    occupancy: pd.DataFrame | None = None
    performance: pd.DataFrame | None = None
    supply_links: pd.DataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    utilities: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    gates: gpd.GeoDataFrame | None = None
    constraints: gpd.GeoDataFrame | None = None
    plan: gpd.GeoDataFrame | None = None
    imagery: tuple[RasterSource, ...] = ()
    dem: RasterSource | None = None

    def tables(self) -> dict[str, Any]:
        """The vector layers and tables that are there, by name."""
        return {
            entry.name: getattr(self, entry.name)
            for entry in fields(self)
            if entry.name not in {"imagery", "dem"} and getattr(self, entry.name) is not None
        }

    def missing(self) -> tuple[str, ...]:
        """Names of the layers that the office does not have."""
        absent = [entry.name for entry in fields(self) if getattr(self, entry.name) is None]
        return (*absent, "imagery") if not self.imagery else tuple(absent)
