"""Coordinate systems: what a file states, what the park computes in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["choose_working_crs", "parse_crs", "to_crs"]

# A system fits a place when it shows areas there within half a percent; a neighbouring 3° zone does, Web Mercator does not.
_AREA_DISTORTION = 0.005
_CHINA = (73.0, 17.0, 136.0, 54.0)
_FIRST_MERIDIAN, _LAST_MERIDIAN = 75, 135
_EPSG_CGCS2000_BY_MERIDIAN = 4534
_CODE = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)


def parse_crs(text: str, where: str) -> CRS:
    """A coordinate system from an EPSG number or WKT.

    Parameters
    ----------
    text
        ``4528``, ``EPSG:4528`` or WKT; nothing else, for other forms name files or addresses to be fetched.
    where
        The file or key, for the message.

    Raises
    ------
    InputError
        No text, or not a coordinate system.

    Examples
    --------
    >>> parse_crs("EPSG:4528", "park.toml").to_epsg()
    4528
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    stated = text.strip()
    if not stated:
        raise InputError(
            "no coordinate system",
            where=where,
            mend='give the .prj file, or set crs in park.toml, for example crs = "EPSG:4528"',
        )
    code = _CODE.fullmatch(stated)
    try:
        if code:
            return CRS.from_epsg(int(code.group(1)))
        return CRS.from_wkt(stated)
    except CRSError as error:
        raise InputError(
            f"not a coordinate system: {stated[:80]!r}", where=where, mend="give an EPSG number such as EPSG:4528, or WKT"
        ) from error


def choose_working_crs(stated: CRS, shapes: NDArray[np.object_]) -> CRS:
    """The system in metres that a park is computed in.

    Parameters
    ----------
    stated
        The parcels' own.
    shapes
        The parcels, in it.

    Returns
    -------
    pyproj.CRS
        The parcels' own where it is projected in metres and true to area in this place (0.5 %); else the CGCS2000
        3-degree zone of the place in China, the UTM zone elsewhere.

    Raises
    ------
    InputError
        The coordinates do not lie where the system is meant for.
    """
    from pyproj import CRS, Proj

    longitude, latitude = _middle(stated, shapes)
    if stated.is_projected and all(axis.unit_name == "metre" for axis in stated.axis_info[:2]):
        factors = Proj(stated).get_factors(longitude, latitude)
        if abs(factors.areal_scale - 1) <= _AREA_DISTORTION:
            return stated
    west, south, east, north = _CHINA
    if west <= longitude <= east and south <= latitude <= north:
        meridian = min(max(3 * round(longitude / 3), _FIRST_MERIDIAN), _LAST_MERIDIAN)
        return CRS.from_epsg(_EPSG_CGCS2000_BY_MERIDIAN + (meridian - _FIRST_MERIDIAN) // 3)
    zone = int((longitude + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


def to_crs(shapes: NDArray[np.object_], source: CRS, target: CRS) -> NDArray[np.object_]:
    """Shapes in another coordinate system, without the third dimension.

    Parameters
    ----------
    shapes
        None stays None.
    source, target
        From and to; x is easting or longitude in both.

    Returns
    -------
    numpy.ndarray
        New shapes. Coordinates that cannot be transformed are infinite, for the validator to reject.
    """
    from pyproj import Transformer

    flat: NDArray[np.object_] = shapely.force_2d(shapes)
    if source == target:
        return flat
    transformer = Transformer.from_crs(source, target, always_xy=True)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    moved: NDArray[np.object_] = shapely.transform(flat, move)
    return moved


def _middle(crs: CRS, shapes: NDArray[np.object_]) -> tuple[float, float]:
    """Longitude and latitude of the middle of the shapes, checked against the place the system is meant for."""
    from pyproj import Transformer

    bounds = shapely.bounds(shapes)
    known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known):
        raise InputError("the parcels have no usable coordinates", where="parcels", mend="see the geometry column")
    x = float(np.median((known[:, 0] + known[:, 2]) / 2))
    y = float(np.median((known[:, 1] + known[:, 3]) / 2))
    geodetic: Any = crs.geodetic_crs
    longitude, latitude = Transformer.from_crs(crs, geodetic, always_xy=True).transform(x, y)
    area = crs.area_of_use
    fits = np.isfinite([longitude, latitude]).all() and abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - the globe
    if fits and area is not None:
        # Half a zone of grace: offices keep a whole park in one zone though it reaches over the line.
        inside_ns = area.south - 1.5 <= latitude <= area.north + 1.5
        # An area that crosses the date line has its west beyond its east; it is not held against a place.
        inside_ew = area.west > area.east or area.west - 1.5 <= longitude <= area.east + 1.5
        fits = inside_ns and inside_ew
    if not fits:
        raise InputError(
            f"coordinates near ({x:.6g}, {y:.6g}) do not lie where {crs.name} is meant for",
            where="parcels",
            mend="set the right crs in park.toml; with a zone prefix in the easting (8 digits) or without, they differ",
        )
    return float(longitude), float(latitude)
