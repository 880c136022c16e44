"""Coordinates that contradict the system stated for them: axes the other way round, another zone, degrees for metres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS

from parkgeo.errors import InputError
from parkgeo.ingest.crs import middle_of
from parkgeo.ingest.ground import Ground, apart_m
from parkgeo.ingest.shifted import Shifted
from parkgeo.ingest.systems import (
    DATUMS,
    FALSE_EASTING_M,
    PER_ZONE_M,
    ZONES,
    ChinaSystem,
    china_systems,
    recognise,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.ingest.ground import Box

__all__ = ["Likely", "likely_systems", "misplaced", "would_fit"]

_MOST_LATITUDE, _MOST_LONGITUDE = 90.0, 180.0
# China's mainland and islands in degrees, and northings from the equator in metres.
_CHINA = (73.0, 3.0, 136.0, 54.0)
_NORTHINGS_M = (300_000.0, 6_200_000.0)
# A zone's eastings reach so far from its meridian, even where a park is kept in the neighbouring one.
_HALF_ZONE_M = 450_000.0
_EPSG_WGS84 = 4326
_FITS_M = 5_000.0


@dataclass(frozen=True)
class Likely:
    """A system that coordinates look like.

    Attributes
    ----------
    crs
        What to write as ``crs`` in park.toml.
    name
        As people call it.
    axes
        What to write as ``axes``; empty where the easting comes first.
    """

    crs: str
    name: str
    axes: str = ""

    def __str__(self) -> str:
        line = f'crs = "{self.crs}"' + (f' and axes = "{self.axes}"' if self.axes else "")
        return f"{line} ({self.name})"


def likely_systems(
    bounds: tuple[float, float, float, float], *, place: Box | None = None
) -> tuple[Likely, ...]:
    """Systems that coordinates look like by their size alone, the likeliest first.

    Parameters
    ----------
    bounds
        Least x, least y, most x, most y as in the file.
    place
        Where they are thought to lie, in degrees; eastings without a zone's number need it.

    Returns
    -------
    tuple of Likely
        Empty where the figures say nothing. The datum is never told by them: CGCS2000 comes first, then Xi'an 80 and
        Beijing 54.

    Examples
    --------
    >>> for one in likely_systems((40_500_000, 3_400_000, 40_500_300, 3_400_100)):
    ...     print(one)
    crs = "EPSG:4528" (CGCS2000 zone 40)
    crs = "EPSG:2364" (Xi'an 80 zone 40)
    crs = "EPSG:2416" (Beijing 54 zone 40)
    >>> [str(one) for one in likely_systems((30.7, 120.0, 30.8, 120.1))][:1]
    ['crs = "EPSG:4490" and axes = "north_east" (CGCS2000 in degrees)']
    """
    if not np.isfinite(bounds).all():
        return ()
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    found = [*_looks_like(x, y, "", place), *_looks_like(y, x, "north_east", place)]
    return tuple(found)


def _looks_like(x: float, y: float, axes: str, place: Box | None) -> list[Likely]:
    west, south, east, north = _CHINA
    if west <= x <= east and south <= y <= north:
        return [_likely(ChinaSystem(datum), axes) for datum in DATUMS]
    if abs(x) <= _MOST_LONGITUDE and abs(y) <= _MOST_LATITUDE and not axes:
        return [Likely(f"EPSG:{_EPSG_WGS84}", "WGS 84 in degrees")]
    if not _NORTHINGS_M[0] <= y <= _NORTHINGS_M[1]:
        return []
    zone = zone_of(x)
    if zone is not None:
        width, number = zone
        return [_likely(ChinaSystem(datum, width, number, prefixed=True), axes) for datum in DATUMS]
    if place is None or abs(x - FALSE_EASTING_M) > _HALF_ZONE_M:
        return []
    swapped = bool(axes)
    point = (y, x) if swapped else (x, y)
    # The two widths share every other meridian: one line is enough for each.
    meridians = {one.meridian: one for one in china_systems("CGCS2000") if one.width and not one.prefixed}
    fitting = [
        one for one in meridians.values() if _lies(Ground(CRS.from_epsg(one.code), "", swapped), point, place)
    ]
    return [_likely(replace(one, datum=datum), axes) for datum in DATUMS for one in fitting]


def _likely(system: ChinaSystem, axes: str) -> Likely:
    return Likely(f"EPSG:{system.code}", str(system), axes)


def zone_of(easting: float) -> tuple[int, int] | None:
    """Width in degrees and number of the zone that an easting begins with; None where it begins with none.

    Examples
    --------
    >>> zone_of(40_512_345.6), zone_of(20_400_000.0), zone_of(512_345.6)
    ((3, 40), (6, 20), None)
    """
    number = int(easting // PER_ZONE_M)
    width = next((width for width, zones in ZONES.items() if number in zones), None)
    return None if width is None else (width, number)


def misplaced(ground: Ground, shapes: NDArray[np.object_], where: str) -> InputError | None:
    """Why coordinates cannot be what was stated; None where they can, or where only other files can tell.

    Parameters
    ----------
    ground
        What was stated.
    shapes
        As in the file.
    where
        The file, for the message.
    """
    middle = middle_of(shapes)
    if middle is None or ground.fits(shapes):
        return None
    x, y = middle
    what = f"coordinates near ({x:.9g}, {y:.9g}) do not lie where {ground.name} is meant for"
    if replace(ground, swapped=not ground.swapped).fits(shapes):
        mend = (
            'take axes = "north_east" out of its entry in park.toml'
            if ground.swapped
            else 'if its first value is the northing or the latitude, add axes = "north_east" to its entry in park.toml'
        )
        return InputError(f"{what}, and do with the axes the other way round", where=where, mend=mend)
    if isinstance(ground.step, Shifted):
        return InputError(what, where=where, mend=f"{ground.name} is longitude and latitude in degrees")
    if ground.step is not None:
        return InputError(
            what, where=where, mend=f"see [grids.{ground.name}] in park.toml, and the order of axes"
        )
    if ground.swapped:
        x, y = y, x
    contradiction = _zone_contradiction(ground, x)
    likely = _same_datum(ground, likely_systems((x, y, x, y)))
    if not contradiction and not likely:
        return None
    mend = f"if the coordinates are right: {likely[0]}" if likely else "correct the coordinates or the crs"
    return InputError(what + contradiction, where=where, mend=f"{mend}, in its entry in park.toml")


def _same_datum(ground: Ground, likely: tuple[Likely, ...]) -> list[Likely]:
    """Of what coordinates look like, those on the stated datum where it is a Chinese one."""
    stated = recognise(ground.crs)
    if stated is None or not likely:
        return list(likely)
    own = [one for one in likely if one.name.startswith(DATUMS[stated.datum])]
    return own or list(likely)


def _zone_contradiction(ground: Ground, x: float) -> str:
    stated = recognise(ground.crs)
    begins = zone_of(x)
    if stated is None or not stated.width:
        return ""
    if begins is not None and stated.prefixed and begins[1] != stated.zone:
        return f": eastings begin with zone {begins[1]}, the system is zone {stated.zone}"
    if begins is not None and not stated.prefixed:
        return f": eastings begin with zone {begins[1]}, the system has no zone in them"
    if begins is None and stated.prefixed and abs(x - FALSE_EASTING_M) <= _HALF_ZONE_M:
        return f": eastings have no zone in them, the system has zone {stated.zone}"
    return ""


def would_fit(ground: Ground, shapes: NDArray[np.object_], place: Box) -> str:
    """What would bring a file that lies elsewhere to a place; empty where nothing simple does.

    Parameters
    ----------
    ground
        What was stated for it.
    shapes
        As in the file.
    place
        Where the others lie, in degrees.
    """
    middle = middle_of(shapes)
    if middle is None or ground.step is not None:
        return ""
    if _lies(replace(ground, swapped=not ground.swapped), middle, place):
        return (
            'axes = "north_east" would put it there'
            if not ground.swapped
            else "without axes it would lie there"
        )
    stated = recognise(ground.crs)
    if stated is None or not stated.width:
        return ""
    x, y = middle[::-1] if ground.swapped else middle
    begins = zone_of(x)
    plain = x - begins[1] * PER_ZONE_M if begins else x
    for one in china_systems(stated.datum):
        if one.width != stated.width or one.prefixed:
            continue
        if _lies(Ground(CRS.from_epsg(one.code), ""), (plain, y), place):
            if not begins:
                return f'crs = "EPSG:{one.code}" ({one}) would put it there'
            right = replace(one, prefixed=True)
            return (
                f"its eastings begin with {begins[1]} and would lie there with {one.zone}: have them corrected, "
                f'and set crs = "EPSG:{right.code}" ({right})'
            )
    return ""


def _lies(ground: Ground, point: tuple[float, float], place: Box) -> bool:
    box = ground.box_of(np.array([[*point, *point]]))
    return box is not None and apart_m(box, place) <= _FITS_M
