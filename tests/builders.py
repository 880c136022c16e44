"""Shapes so small that the reader can check an answer in the head, and frames made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
from shapely import Polygon, box

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

CRS = 4528
"""CGCS2000, 3° zone 40, in metres."""


def rect(x: float, y: float, width: float, height: float) -> Polygon:
    """A rectangle by its south-west corner."""
    return box(x, y, x + width, y + height)


def l_shape(x: float, y: float, size: float) -> Polygon:
    """An L of three squares in a square of the given side: three quarters of its area."""
    half = size / 2
    return Polygon(
        [
            (x, y),
            (x + size, y),
            (x + size, y + half),
            (x + half, y + half),
            (x + half, y + size),
            (x, y + size),
        ]
    )


def with_hole(x: float, y: float, size: float, hole: float) -> Polygon:
    """A square with a square hole in its middle."""
    margin = (size - hole) / 2
    inner = box(x + margin, y + margin, x + margin + hole, y + margin + hole)
    return Polygon(box(x, y, x + size, y + size).exterior.coords, [inner.exterior.coords])


def land(shapes: Iterable[BaseGeometry | None], **columns: Any) -> gpd.GeoDataFrame:
    """A layer of shapes in `CRS`, with columns."""
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)
