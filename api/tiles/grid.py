"""WebMercatorQuad: the squares in which web maps cut the world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import RequestError, quote_short
from parkgeo.errors import NotFoundError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BUFFER",
    "DEEPEST",
    "EXTENT",
    "MATRIX_SET",
    "MATRIX_SET_URI",
    "MERCATOR",
    "PIXEL",
    "Tile",
    "describe_matrix_set",
    "limits_of",
    "read_tile",
    "tiles_over",
]

MATRIX_SET = "WebMercatorQuad"
MATRIX_SET_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
DEEPEST = 24
"""The deepest level: 2.4 m of the equator a side, 0.6 mm a unit."""
EXTENT = 4096
"""Units a side of a tile."""
PIXEL = EXTENT // 256
"""Units a pixel, where a tile is drawn 256 pixels wide."""
BUFFER = 4 * PIXEL
"""Units beyond each side of a tile that are drawn too, so that outlines do not show where tiles meet."""

_HALF_WORLD_M = 20_037_508.342789244
_NORTHMOST = 85.0511287798066
_POLE = 89.99  # the pole itself is infinitely far
_SCALE_OF_WORLD = 559_082_264.0287178  # scale denominator of level 0: one tile, pixels of 0.28 mm
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Tile:
    """One square.

    Attributes
    ----------
    z
        Level: the world is 2**z squares wide and high.
    row, col
        From the north-west corner of the world, south and east.

    Examples
    --------
    >>> [round(side, 3) for side in Tile(1, 0, 1).bounds()]
    [0.0, 0.0, 180.0, 85.051]
    """

    z: int
    row: int
    col: int

    def project(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitudes and latitudes as units of this tile, from its north-west corner east and south."""
        lat = np.radians(np.clip(degrees[:, 1], -_POLE, _POLE))
        side = float(1 << self.z)
        east = (degrees[:, 0] + 180.0) / 360.0 * side - self.col
        south = (0.5 - np.arctanh(np.sin(lat)) / (2.0 * math.pi)) * side - self.row
        return np.column_stack((east, south)) * EXTENT

    def bounds(self, beyond: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, `beyond` units further out on each side."""
        more = beyond / EXTENT
        west, east = (_longitude(self.col + off, self.z) for off in (-more, 1.0 + more))
        north, south = (_latitude(self.row + off, self.z) for off in (-more, 1.0 + more))
        return west, south, east, north


def _longitude(col: float, z: int) -> float:
    return col / (1 << z) * 360.0 - 180.0


def _latitude(row: float, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * row / (1 << z)))))


def read_tile(z: str, row: str, col: str) -> Tile:
    """The tile that a path names.

    Raises
    ------
    RequestError
        A part is not a whole number.
    NotFoundError
        There is no such level, row or column.

    Examples
    --------
    >>> read_tile("14", "6720", "13663")
    Tile(z=14, row=6720, col=13663)
    """
    numbers = []
    for name, text in (("tileMatrix", z), ("tileRow", row), ("tileCol", col)):
        if not (text.isascii() and text.isdigit()):
            raise RequestError(
                f"{name} {quote_short(text)} is not a whole number",
                where=name,
                mend=f"a tile's address ends in /level/row/column, level 0 to {DEEPEST}",
            )
        numbers.append(int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS)
    level = numbers[0]
    if level > DEEPEST or max(numbers[1:]) >= 1 << level:
        raise NotFoundError(
            f"there is no tile {quote_short(f'{z}/{row}/{col}')}",
            mend=f"levels are 0 to {DEEPEST}, rows and columns 0 to 2**level - 1",
        )
    return Tile(*numbers)


def tiles_over(bounds: tuple[float, float, float, float], z: int) -> tuple[int, int, int, int]:
    """First and last row, first and last column of the tiles that meet a box in degrees.

    Examples
    --------
    >>> tiles_over((120.21, 30.57, 120.26, 30.60), 14)
    (6728, 6729, 13662, 13665)
    """
    west, south, east, north = bounds
    corners = np.array([[west, min(north, _NORTHMOST)], [east, max(south, -_NORTHMOST)]])
    places = np.floor(Tile(z, 0, 0).project(corners) / EXTENT).astype(np.int64)
    (first_col, first_row), (last_col, last_row) = np.clip(places, 0, (1 << z) - 1).tolist()
    return first_row, last_row, first_col, last_col


def limits_of(bounds: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """The rows and columns that hold something, level by level, as OGC tile sets state them."""
    names = ("minTileRow", "maxTileRow", "minTileCol", "maxTileCol")
    return [
        {"tileMatrix": str(z), **dict(zip(names, tiles_over(bounds, z), strict=True))}
        for z in range(DEEPEST + 1)
    ]


def describe_matrix_set() -> dict[str, Any]:
    """The definition of WebMercatorQuad (OGC 17-083r4, annex D.1), down to the level served."""
    size = 2.0 * _HALF_WORLD_M / 256
    return {
        "id": MATRIX_SET,
        "title": "Google Maps Compatible for the World",
        "uri": MATRIX_SET_URI,
        "crs": MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": _SCALE_OF_WORLD / (1 << z),
                "cellSize": size / (1 << z),
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-_HALF_WORLD_M, _HALF_WORLD_M],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 1 << z,
                "matrixHeight": 1 << z,
            }
            for z in range(DEEPEST + 1)
        ],
    }
