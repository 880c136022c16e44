"""GCJ-02 and BD-09, the displaced coordinates of Chinese web maps, taken back to CGCS2000.

The forward formulas are those that circulate since 2013 and that every open implementation shares; none has an exact
inverse. The displacement changes by less than three per cent of the distance between two places, so that taking it off again
and again settles on the one place it came from. Nothing is ever guessed to be displaced: park.toml declares it.

References
----------
The formula, its constants and its test values: eviltransform (github.com/googollee/eviltransform).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["SHIFTED_NAMES", "Shifted", "bd09", "from_bd09", "from_gcj02", "gcj02", "shifted"]

SHIFTED_NAMES = ("GCJ-02", "BD-09")
_SPOKEN = {"GCJ02": "GCJ-02", "BD09": "BD-09"}
# West, east, south, north of the rectangle in which the formula displaces; outside, coordinates stay as they are.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
# Krasovsky's ellipsoid, on which the formula turns metres into degrees.
_AXIS_M, _ECCENTRICITY_SQUARED = 6_378_245.0, 0.006_693_421_622_965_943
_FROM_LONGITUDE, _FROM_LATITUDE = 105.0, 35.0
_BAIDU_TURNS = np.pi * 3000.0 / 180.0
_BAIDU_EAST, _BAIDU_NORTH = 0.0065, 0.006
_SETTLED_DEG = 1e-12
_MOST_ROUNDS = 30
_EPSG_CGCS2000 = 4490


def gcj02(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """WGS 84 or CGCS2000 displaced to GCJ-02.

    Parameters
    ----------
    points
        Longitude and latitude in degrees, (n, 2).

    Returns
    -------
    numpy.ndarray
        Longitude and latitude in degrees; outside the rectangle of the formula as they were.

    Examples
    --------
    >>> gcj02(np.array([[118.0, 32.0]])).round(6).tolist()
    [[118.005431, 31.997964]]
    """
    inside = _displaced(points)
    moved = points.astype(np.float64, copy=True)
    moved[inside] += _displacement(points[inside])
    return moved


def from_gcj02(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """GCJ-02 taken back to WGS 84 or CGCS2000, to 1e-10 degrees (a hundredth of a millimetre).

    Parameters
    ----------
    points
        Longitude and latitude in degrees, (n, 2); not finite stays not finite.

    Returns
    -------
    numpy.ndarray
        Longitude and latitude in degrees; outside the rectangle of the formula as they were.

    Examples
    --------
    >>> from_gcj02(gcj02(np.array([[118.0, 32.0], [14.4, 50.1]]))).round(9).tolist()
    [[118.0, 32.0], [14.4, 50.1]]
    """
    inside = _displaced(points)
    back = points.astype(np.float64, copy=True)
    back[inside] = _undone(points[inside], lambda at: at + _displacement(at))
    return back


def bd09(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """WGS 84 or CGCS2000 displaced to BD-09; see `gcj02`, on which it is built.

    Examples
    --------
    >>> bd09(np.array([[118.0, 32.0]])).round(4).tolist()
    [[118.012, 32.0037]]
    """
    return _baidu(gcj02(points))


def from_bd09(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """BD-09 taken back to WGS 84 or CGCS2000; see `from_gcj02`.

    Examples
    --------
    >>> from_bd09(bd09(np.array([[118.0, 32.0]]))).round(9).tolist()
    [[118.0, 32.0]]
    """
    finite = np.isfinite(points).all(axis=1)
    back = points.astype(np.float64, copy=True)
    back[finite] = _undone(points[finite], _baidu)
    return from_gcj02(back)


@dataclass(frozen=True)
class Shifted:
    """Displaced coordinates as a file may be declared to hold.

    Attributes
    ----------
    name
        ``GCJ-02`` or ``BD-09``.
    """

    name: str

    @property
    def crs(self) -> CRS:
        """The system that `move` comes to: CGCS2000 in degrees."""
        from pyproj import CRS

        return CRS.from_epsg(_EPSG_CGCS2000)

    def move(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Displaced longitude and latitude → CGCS2000."""
        return from_bd09(points) if self.name == "BD-09" else from_gcj02(points)


def shifted(text: str) -> Shifted | None:
    """What a declared name stands for; None where it is another.

    Examples
    --------
    >>> shifted("gcj02"), shifted("EPSG:4490")
    (Shifted(name='GCJ-02'), None)
    """
    name = _SPOKEN.get(re.sub(r"[\s_-]", "", text).upper())
    return Shifted(name) if name else None


def _displaced(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    longitude, latitude = points.T
    inside: NDArray[np.bool_] = (
        (longitude >= _WEST) & (longitude <= _EAST) & (latitude >= _SOUTH) & (latitude <= _NORTH)
    )
    return inside


def _displacement(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many degrees the formula moves each place; the published polynomial and sines, in metres, over the ellipsoid."""
    x, y = points[:, 0] - _FROM_LONGITUDE, points[:, 1] - _FROM_LATITUDE
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += 2 / 3 * (ripple + _waves(y, 20, 40, 160, 320))
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += 2 / 3 * (ripple + _waves(x, 20, 40, 150, 300))
    latitude = np.radians(points[:, 1])
    flat = 1 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / flat**1.5
    parallel_m = _AXIS_M / np.sqrt(flat) * np.cos(latitude)
    return np.degrees(np.column_stack([east_m / parallel_m, north_m / meridian_m]))


def _waves(at: NDArray[np.float64], *heights: float) -> NDArray[np.float64]:
    periods = (1.0, 3.0, 12.0, 30.0)
    waves = [height * np.sin(np.pi * at / period) for height, period in zip(heights, periods, strict=True)]
    total: NDArray[np.float64] = np.sum(waves, axis=0)
    return total


def _baidu(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """GCJ-02 displaced to BD-09: a ripple in radius and angle about (0, 0), and a fixed step."""
    x, y = points.T
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BAIDU_TURNS)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BAIDU_TURNS)
    return np.column_stack([radius * np.cos(angle) + _BAIDU_EAST, radius * np.sin(angle) + _BAIDU_NORTH])


def _undone(
    points: NDArray[np.float64], forward: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The places that a displacement brings to the given ones, by fixed-point iteration."""
    back = points.copy()
    for _ in range(_MOST_ROUNDS):
        off = points - forward(back)
        back += off
        if not len(off) or np.abs(off).max() < _SETTLED_DEG:
            break
    return back
