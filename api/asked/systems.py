"""Coordinate systems in which coordinates are taken and given: CRS84, 4326, 3857, 4490 and the park's own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from api.errors import RequestError, quote_short
from parkgeo.errors import name_some

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS, Transformer

__all__ = [
    "CRS84",
    "from_crs84",
    "read_bounds",
    "read_system",
    "storage_system",
    "systems_of",
    "transformer_from_crs84",
]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/{code}"
_COMMON = (4326, 3857, 4490)
_NAMED = re.compile(
    r"(?:http://www\.opengis\.net/def/crs/EPSG/[0-9.]{1,9}/|urn:ogc:def:crs:EPSG:[0-9.]{0,9}:|EPSG:)(\d{4,6})"
)
_CRS84_NAMES = frozenset(
    {CRS84, "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84", "CRS84"}
)
_NUMBER = re.compile(r"[+-]?(\d{1,17}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_FLAT, _SOLID = 4, 6
_POLE, _ANTIMERIDIAN = 90.0, 180.0
_PIECES = 32
"""A straight edge in metres is a curve in degrees: each side of a box is cut into this many pieces."""


def systems_of(crs: CRS) -> tuple[str, ...]:
    """Addresses of the systems a snapshot is served in: CRS84 first, the park's own last, where it has a number.

    Parameters
    ----------
    crs
        The snapshot's working system.

    Examples
    --------
    >>> from pyproj import CRS
    >>> systems_of(CRS.from_epsg(4549))[-1]
    'http://www.opengis.net/def/crs/EPSG/0/4549'
    """
    own = crs.to_epsg(min_confidence=100)
    codes = dict.fromkeys((*_COMMON, *(() if own is None else (own,))))
    return (CRS84, *(_EPSG.format(code=code) for code in codes))


def storage_system(systems: tuple[str, ...]) -> str:
    """The one of a snapshot's systems in which nothing is lost: the park's own where it has a number, else CRS84.

    Parameters
    ----------
    systems
        As `systems_of` gives them.
    """
    return systems[-1] if len(systems) > 1 + len(_COMMON) else CRS84


def read_system(text: str | None, known: tuple[str, ...], where: str) -> str:
    """The address of a system that a parameter names; CRS84 where it is not there.

    Raises
    ------
    RequestError
        It is none of those served.
    """
    if text is None or text in _CRS84_NAMES:
        return CRS84
    found = _NAMED.fullmatch(text)
    address = _EPSG.format(code=found[1]) if found else text
    if address not in known:
        raise RequestError(
            f"coordinates are not served in {quote_short(text)}",
            where=where,
            mend=f"there are {name_some(known, shown=9)}",
        )
    return address


@lru_cache(maxsize=16)
def transformer_from_crs84(system: str) -> Transformer:
    """The way from CRS84 to a system, in the order of axes that the system's authority states."""
    from pyproj import CRS, Transformer

    code = system.rpartition("/")[2]
    target = CRS.from_authority("OGC", "CRS84") if system == CRS84 else CRS.from_epsg(int(code))
    return Transformer.from_crs(CRS.from_authority("OGC", "CRS84"), target, always_xy=False)


def from_crs84(geometry: NDArray[np.object_], system: str) -> NDArray[np.object_]:
    """Geometry in a system, axes as its authority orders them; degrees to nine decimals, metres to five.

    What is served stands in degrees to nine decimals, which is a tenth of a millimetre; metres to five add nothing to that.

    Parameters
    ----------
    geometry
        In CRS84; None stays None.
    system
        One of `systems_of`.
    """
    if system == CRS84:
        return geometry
    way = transformer_from_crs84(system)
    crs = way.target_crs
    decimals = 9 if crs is not None and crs.is_geographic else 5
    moved: NDArray[np.object_] = shapely.transform(
        geometry, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])).round(decimals)
    )
    return moved


def read_bounds(text: str | None, system: str = CRS84) -> bytes | None:
    """The bounding box as WKB of a polygon in CRS84: four or six numbers; heights do not choose, the features being flat.

    Parameters
    ----------
    text
        ``bbox``: least and greatest of each axis, axes as the system's authority orders them.
    system
        Of the numbers, one of `systems_of`.

    Raises
    ------
    RequestError
        Not four or six numbers, south above north, or beyond where the system has places.

    Examples
    --------
    >>> shapely.from_wkb(read_bounds("119.9,31,120.1,32")).bounds
    (119.9, 31.0, 120.1, 32.0)
    """
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) not in (_FLAT, _SOLID) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise _wrong_bounds(f"bbox {quote_short(text)} is not four or six numbers")
    numbers = [float(part) for part in parts]
    half = len(numbers) // 2
    if half > 2 and numbers[2] > numbers[5]:  # noqa: PLR2004 - heights
        raise _wrong_bounds("the lowest height of bbox is above its highest")
    low, high = numbers[:2], numbers[half : half + 2]
    if system == CRS84:
        shape = _on_globe(low[0], low[1], high[0], high[1])
    elif (crs := transformer_from_crs84(system).target_crs) is not None and crs.is_geographic:
        shape = _on_globe(low[1], low[0], high[1], high[0])
    else:
        shape = _from_plane(low, high, system)
    found: bytes = shapely.to_wkb(shape)
    return found


def _on_globe(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box in degrees; where its west is above its east it crosses the antimeridian."""
    if south > north:
        raise _wrong_bounds("the south of bbox is above its north")
    if south < -_POLE or north > _POLE:
        raise _wrong_bounds("bbox goes beyond a pole")
    if max(abs(west), abs(east)) > _ANTIMERIDIAN:
        raise _wrong_bounds("a longitude of bbox is not in -180 to 180")
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.multipolygons(
        [shapely.box(west, south, _ANTIMERIDIAN, north), shapely.box(-_ANTIMERIDIAN, south, east, north)]
    )


def _from_plane(low: list[float], high: list[float], system: str) -> shapely.Geometry:
    if low[0] > high[0] or low[1] > high[1]:
        raise _wrong_bounds("the least of an axis of bbox is above its greatest")
    way = transformer_from_crs84(system)
    box = shapely.box(*low, *high)
    longest = max(high[0] - low[0], high[1] - low[1])
    fine = shapely.segmentize(box, longest / _PIECES) if longest > 0 else box
    degrees = shapely.transform(
        fine, lambda ab: np.column_stack(way.transform(ab[:, 0], ab[:, 1], direction="INVERSE"))
    )
    if not np.isfinite(shapely.get_coordinates(degrees)).all() or (
        not shapely.is_valid(degrees) and longest > 0
    ):
        raise _wrong_bounds("bbox goes beyond where its coordinate system has places")
    return degrees


def _wrong_bounds(what: str) -> RequestError:
    return RequestError(
        what,
        where="bbox",
        mend="write west,south,east,north in degrees (CRS84), for example 119.9,31.7,120.1,31.8, or name its system in bbox-crs",
    )
