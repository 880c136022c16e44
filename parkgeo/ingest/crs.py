"""Coordinate systems: what a file states, what the park computes in."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.systems import central_meridian
from parkgeo.layers import FARTHEST_M

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS, Transformer

__all__ = [
    "areal_scale",
    "choose_working_crs",
    "datum_shift_known",
    "fits",
    "in_metres",
    "middle_of",
    "parse_crs",
    "to_crs",
    "way",
]

# A system fits a place when it shows areas there within half a percent; a neighbouring 3° zone does, Web Mercator does not.
_AREA_DISTORTION = 0.005
_CHINA = (73.0, 17.0, 136.0, 54.0)
_FIRST_MERIDIAN, _LAST_MERIDIAN = 75, 135
_EPSG_CGCS2000_BY_MERIDIAN = 4534
_CODE = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)
_MOST_LATITUDE, _MOST_LONGITUDE = 90.0, 180.0
_FLAT = 2
# Half a 3° zone of grace: offices keep a whole park in one zone though it reaches over the line.
_GRACE_DEG = 1.5
# The widest Gauss-Krüger zone reaches 3° from its meridian; beyond that and the grace another zone was meant.
_FROM_MERIDIAN_DEG = 3.0 + _GRACE_DEG
# Half the side of the square on which distortion is measured, about a hundred metres.
_SQUARE_DEG = 0.001
# Semi-major axis that the earth-centred datums share.
_EARTH_CENTRED_M = 6_378_137.0


def parse_crs(text: str, where: str) -> CRS:
    """A coordinate system from an EPSG number or WKT.

    Parameters
    ----------
    text
        ``4528``, ``EPSG:4528`` or WKT; nothing else, for other forms name files or addresses to be fetched.
    where
        The file or key, for the message.

    Returns
    -------
    pyproj.CRS
        Projected or geographic, without a height.

    Raises
    ------
    InputError
        No text, not a coordinate system, or one that is tied to no place on the earth.

    Examples
    --------
    >>> parse_crs("EPSG:4528", "park.toml").to_epsg()
    4528
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError, ProjError

    stated = text.strip()
    if not stated:
        raise InputError(
            "no coordinate system",
            where=where,
            mend='give the .prj file, or set crs in park.toml, for example crs = "EPSG:4528"',
        )
    code = _CODE.fullmatch(stated)
    try:
        crs = CRS.from_epsg(int(code.group(1))) if code else CRS.from_wkt(stated)
    except CRSError as error:
        raise InputError(
            f"not a coordinate system: {stated[:80]!r}",
            where=where,
            mend="give an EPSG number such as EPSG:4528, or WKT",
        ) from error
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    flat = crs.to_2d()
    if not (flat.is_projected or flat.is_geographic):
        raise InputError(
            f"{flat.name}: tied to no place on the earth", where=where,
            mend="it is an office's own grid: ask the surveying office for its parameters to CGCS2000 (four, seven or "
            'affine), or for three control points known in both, write them as [grids.NAME] and set crs = "NAME"',
        )  # fmt: skip
    geodetic: Any = flat.geodetic_crs
    try:
        way(flat, geodetic)
    except (
        ProjError
    ) as error:  # a damaged WKT may be one by its grammar and name a projection that there is not
        raise InputError(
            f"{flat.name}: there is no way from it to longitude and latitude ({error})", where=where,
            mend="its text is damaged: copy the .prj again, or set crs in park.toml",
        ) from error  # fmt: skip
    return flat


@lru_cache(maxsize=64)
def way(source: CRS, target: CRS) -> Transformer:
    """The way from one coordinate system to another, easting or longitude first; each file asks for the same few again."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def in_metres(crs: CRS) -> bool:
    """Whether it is projected, with both axes in metres."""
    return bool(crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info[:2]))


def areal_scale(crs: CRS, shapes: NDArray[np.object_]) -> float:
    """Area in a projected system over area on the ground, in the middle of shapes that stand in it.

    Raises
    ------
    InputError
        The coordinates do not lie where the system is meant for.
    """
    longitude, latitude = _middle(crs, shapes)
    # Measured on a small square: PROJ's own factors take the earth for a sphere where Web Mercator does.
    wide = _SQUARE_DEG / max(np.cos(np.radians(latitude)), _SQUARE_DEG)
    x = longitude + wide * np.array([-1, 1, 1, -1, -1])
    y = latitude + _SQUARE_DEG * np.array([-1, -1, 1, 1, -1])
    geodetic: Any = crs.geodetic_crs
    drawn = shapely.Polygon(np.column_stack(way(geodetic, crs).transform(x, y)))
    geod: Any = crs.get_geod()
    return float(drawn.area / abs(geod.polygon_area_perimeter(x, y)[0]))


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
    from pyproj import CRS

    longitude, latitude = _middle(stated, shapes)
    if in_metres(stated) and abs(areal_scale(stated, shapes) - 1) <= _AREA_DISTORTION:
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
        Coordinates that cannot be transformed are infinite, for the validator to reject.
    """
    # Most are flat already; they need not be copied.
    flat: NDArray[np.object_] = (
        shapely.force_2d(shapes) if (shapely.get_coordinate_dimension(shapes) > _FLAT).any() else shapes
    )
    if source == target:
        return flat
    transformer = way(source, target)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    moved: NDArray[np.object_] = shapely.transform(flat, move)
    return moved


def datum_shift_known(source: CRS, target: CRS) -> bool:
    """Whether the way between two systems' datums is published, to a few metres.

    Between Xi'an 80 or Beijing 54 and CGCS2000 it is not: positions then stay as they are, off by up to 100 m and more.
    Datums whose ellipsoid sits at the earth's centre (CGCS2000, WGS 84, ETRS89 …) agree within a metre or so.
    """
    from pyproj.transformer import TransformerGroup

    sizes = [crs.ellipsoid.semi_major_metre for crs in (source, target) if crs.ellipsoid is not None]
    if source.geodetic_crs == target.geodetic_crs or all(abs(size - _EARTH_CENTRED_M) < 1 for size in sizes):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of better ways whose grid files are not installed
        ways = TransformerGroup(source, target, always_xy=True).transformers
    return bool(ways) and "ballpark" not in ways[0].description.casefold()


def _middle(crs: CRS, shapes: NDArray[np.object_]) -> tuple[float, float]:
    """Longitude and latitude of the middle of the shapes, checked against the place the system is meant for."""
    middle = middle_of(shapes)
    if middle is None:
        raise InputError(
            "the parcels have no usable coordinates", where="parcels", mend="see the geometry column"
        )
    x, y = middle
    geodetic: Any = crs.geodetic_crs
    longitude, latitude = way(crs, geodetic).transform(x, y)
    if not fits(crs, longitude, latitude):
        raise InputError(
            f"coordinates near ({x:.6g}, {y:.6g}) do not lie where {crs.name} is meant for",
            where="parcels",
            mend="set the right crs in park.toml; with a zone prefix in the easting (8 digits) or without, they differ",
        )
    return float(longitude), float(latitude)


def middle_of(shapes: NDArray[np.object_]) -> tuple[float, float] | None:
    """The median of the shapes' centres, in their own coordinates; None where none is usable."""
    bounds = shapely.bounds(shapes)
    known = bounds[(np.abs(bounds) <= FARTHEST_M).all(axis=1)]
    if not len(known):
        return None
    return (
        float(np.median((known[:, 0] + known[:, 2]) / 2)),
        float(np.median((known[:, 1] + known[:, 3]) / 2)),
    )


def fits(crs: CRS, longitude: float, latitude: float) -> bool:
    """Whether a place lies where a system is meant for, with half a 3° zone of grace; not finite does not."""
    if (
        not np.isfinite([longitude, latitude]).all()
        or abs(latitude) > _MOST_LATITUDE
        or abs(longitude) > _MOST_LONGITUDE
    ):
        return False
    area = crs.area_of_use
    if area is None:
        meridian = central_meridian(crs)
        return meridian is None or abs((longitude - meridian + 180) % 360 - 180) <= _FROM_MERIDIAN_DEG
    inside_ns = area.south - _GRACE_DEG <= latitude <= area.north + _GRACE_DEG
    # An area that crosses the date line has its west beyond its east; it is not held against a place.
    return inside_ns and (
        area.west > area.east or area.west - _GRACE_DEG <= longitude <= area.east + _GRACE_DEG
    )
