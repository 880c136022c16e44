"""The coordinate systems of Chinese survey offices: their numbers, their names, and a name that its figures belie.

CGCS2000, Xi'an 80 and Beijing 54 lie up to 100 m and more apart. The same zone of any of the three has the same eastings to
within that, so that only the datum's name and the ellipsoid tell them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.ingest.raw import Doubt
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS

    from parkgeo.layers import Sentence

__all__ = [
    "DATUMS",
    "ZONES",
    "ChinaSystem",
    "central_meridian",
    "china_systems",
    "recognise",
    "settle",
    "system_name",
]

DATUMS = {"CGCS2000": "CGCS2000", "XIAN80": "Xi'an 80", "BEIJING54": "Beijing 54"}
"""Key → the datum as people call it, the likeliest first."""
_GEOGRAPHIC = {"CGCS2000": 4490, "XIAN80": 4610, "BEIJING54": 4214}
# (datum, width of the zones in degrees, zone number in the easting?) → the code of the first zone.
_FIRST_CODE = {
    ("CGCS2000", 3, True): 4513, ("CGCS2000", 3, False): 4534, ("CGCS2000", 6, True): 4491, ("CGCS2000", 6, False): 4502,
    ("XIAN80", 3, True): 2349, ("XIAN80", 3, False): 2370, ("XIAN80", 6, True): 2327, ("XIAN80", 6, False): 2338,
    ("BEIJING54", 3, True): 2401, ("BEIJING54", 3, False): 2422, ("BEIJING54", 6, True): 21413, ("BEIJING54", 6, False): 21453,
}  # fmt: skip
ZONE_3 = 3
ZONES = {ZONE_3: range(25, 46), 6: range(13, 24)}
FALSE_EASTING_M = 500_000.0
PER_ZONE_M = 1_000_000.0
_MARKS = {
    "CGCS2000": (
        "cgcs2000",
        "chinageodeticcoordinatesystem2000",
        "china2000",
        "国家2000",
        "2000国家大地坐标系",
    ),
    "XIAN80": ("xian1980", "xian80", "西安80", "西安1980", "1980西安"),
    "BEIJING54": ("beijing1954", "beijing54", "北京54", "北京1954", "1954北京"),
}
# Semi-major axis in metres, inverse flattening.
_ELLIPSOIDS = {
    "CGCS2000": (6_378_137.0, 298.257222101), "XIAN80": (6_378_140.0, 298.257), "BEIJING54": (6_378_245.0, 298.3),
}  # fmt: skip
_NAMELESS = ("unnamed", "unknown", "undefined", "notspecified")
_TRANSVERSE_MERCATOR = ("9807", "Transverse Mercator")
_LATITUDE, _MERIDIAN, _SCALE, _EASTING, _NORTHING = "8801", "8802", "8805", "8806", "8807"
# By code, or by name where a text carries no codes.
_PARAMETERS = {
    "Latitude of natural origin": _LATITUDE, "Longitude of natural origin": _MERIDIAN,
    "Scale factor at natural origin": _SCALE, "False easting": _EASTING, "False northing": _NORTHING,
}  # fmt: skip
_ZONE = re.compile(r"zone[ _]?(\d{1,2})(?!\d)", re.IGNORECASE)
_CENTRAL = re.compile(r"cm[ _]?(\d{2,3})(?:[ _]?e)?(?![a-z\d])", re.IGNORECASE)
_UTM = re.compile(r"utm[ _]zone[ _](\d{1,2})([ns])", re.IGNORECASE)
# Parameter → what it is called, and by how much two may differ and be the same.
_SAID = {
    _LATITUDE: (sentence("latitude of origin"), 1e-9), _MERIDIAN: (sentence("central meridian"), 1e-6),
    _SCALE: (sentence("scale factor"), 1e-9), _EASTING: (sentence("false easting"), 1e-3),
    _NORTHING: (sentence("false northing"), 1e-3),
}  # fmt: skip
_AXIS_OFF_M, _FLATTENING_OFF = 0.01, 1e-5


@dataclass(frozen=True)
class ChinaSystem:
    """A Gauss-Krüger or geographic system of a Chinese datum.

    Attributes
    ----------
    datum
        Key of `DATUMS`.
    width
        Of the zones in degrees, 3 or 6; 0 is geographic.
    zone
        Its number; 0 is geographic.
    prefixed
        Whether eastings begin with the zone's number.

    Examples
    --------
    >>> ChinaSystem("XIAN80", 3, 40, prefixed=True).code
    2364
    >>> str(ChinaSystem("CGCS2000", 3, 40, prefixed=False))
    'CGCS2000, central meridian 120°'
    """

    datum: str
    width: int = 0
    zone: int = 0
    prefixed: bool = False

    @property
    def code(self) -> int:
        """EPSG number."""
        if not self.width:
            return _GEOGRAPHIC[self.datum]
        return _FIRST_CODE[(self.datum, self.width, self.prefixed)] + self.zone - ZONES[self.width][0]

    @property
    def meridian(self) -> int:
        """Central meridian in degrees east."""
        return 3 * self.zone if self.width == ZONE_3 else 6 * self.zone - 3

    @property
    def false_easting_m(self) -> float:
        """Easting of the central meridian."""
        return FALSE_EASTING_M + (PER_ZONE_M * self.zone if self.prefixed else 0.0)

    def __str__(self) -> str:
        name = DATUMS[self.datum]
        if not self.width:
            return f"{name} in degrees"
        if not self.prefixed:
            return f"{name}, central meridian {self.meridian}°"
        return f"{name} zone {self.zone}" + (", 6°" if self.width != ZONE_3 else "")


def china_systems(datum: str = "") -> Iterator[ChinaSystem]:
    """Every system of one datum, or of all three."""
    for name in (datum,) if datum else DATUMS:
        yield ChinaSystem(name)
        for width, zones in ZONES.items():
            for prefixed in (True, False):
                yield from (ChinaSystem(name, width, zone, prefixed) for zone in zones)


def recognise(crs: CRS) -> ChinaSystem | None:
    """Which of the Chinese systems one is, by its datum and its figures; None where it is none of them.

    Parameters
    ----------
    crs
        Of any make: with or without a code, in the words of EPSG, Esri, GDAL or MapInfo.

    Examples
    --------
    >>> from pyproj import CRS
    >>> recognise(CRS.from_epsg(2364))
    ChinaSystem(datum='XIAN80', width=3, zone=40, prefixed=True)
    """
    datum = _datum(crs)
    if datum is None:
        return None
    if crs.is_geographic:
        return ChinaSystem(datum)
    figures = _figures(crs)
    if figures is None or (figures[_LATITUDE], figures[_SCALE], figures[_NORTHING]) != (0.0, 1.0, 0.0):
        return None
    return next(
        (
            one
            for one in china_systems(datum)
            if one.width and one.meridian == figures[_MERIDIAN] and one.false_easting_m == figures[_EASTING]
        ),
        None,
    )


def central_meridian(crs: CRS) -> float | None:
    """Of a transverse Mercator projection, in degrees: the way a .prj without a code tells its zone."""
    figures = _figures(crs)
    return None if figures is None else figures[_MERIDIAN]


def settle(crs: CRS, said_by: str) -> tuple[CRS, tuple[Doubt, ...]]:
    """A stated system under its EPSG number where it is a known one, and what is contradictory in it.

    Parameters
    ----------
    crs
        As stated.
    said_by
        What states it, for the message: ``.prj``, ``park.toml``.

    Returns
    -------
    tuple
        The system, and a doubt where its name or number says another one than its figures. The figures are then
        followed.
    """
    from pyproj import CRS

    belied = _belied(crs)
    if belied:
        what = sentence(
            "{by} names {name}, but its figures are others: {differences}",
            by=said_by, name=system_name(crs), differences=tuple(belied),
        )  # fmt: skip
        mend = sentence("find out which is right, and set crs in park.toml; the figures are followed")
        return crs, (Doubt(what, mend),)
    known = recognise(crs)
    if known is None or _numbered(crs) is not None:
        return crs, ()
    return CRS.from_epsg(known.code), ()


def system_name(crs: CRS) -> str:
    """A system as people name it: its number where it has one, and its name.

    Examples
    --------
    >>> from pyproj import CRS
    >>> system_name(CRS.from_epsg(4490))
    'EPSG:4490 China Geodetic Coordinate System 2000'
    """
    code = crs.to_epsg()
    return f"EPSG:{code} {crs.name}" if code else crs.name


def _plain(name: str) -> str:
    """A name without the marks in which makers differ: ``GCS_Xian_1980`` and ``Xi'an 1980`` are one."""
    return re.sub(r"[\W_]", "", name).casefold()


def _named_datum(name: str) -> str | None:
    plain = _plain(name)
    return next((datum for datum, marks in _MARKS.items() if any(mark in plain for mark in marks)), None)


def _datum(crs: CRS) -> str | None:
    """By the datum's name, else by the ellipsoid where the datum has none: only Xi'an 80 has IAG 1975 of 6378140 m."""
    names = _datum_names(crs)
    found = next((datum for name in names if (datum := _named_datum(name))), None)
    if found or not all(_plain(name).startswith(_NAMELESS) for name in names if name):
        return found
    return next(
        (
            datum
            for datum in ("XIAN80", "BEIJING54")
            if crs.ellipsoid is not None and _is_ellipsoid(crs, datum)
        ),
        None,
    )


def _datum_names(crs: CRS) -> list[str]:
    geodetic: Any = crs.geodetic_crs
    return [crs.datum.name if crs.datum is not None else "", geodetic.name if geodetic is not None else ""]


def _is_ellipsoid(crs: CRS, datum: str) -> bool:
    shape: Any = crs.ellipsoid
    axis, flattening = _ELLIPSOIDS[datum]
    off_m, off = abs(shape.semi_major_metre - axis), abs(shape.inverse_flattening - flattening)
    return bool(off_m < _AXIS_OFF_M and off < _FLATTENING_OFF)


def _figures(crs: CRS) -> dict[str, float] | None:
    """EPSG code of a parameter → value in degrees or metres, of a transverse Mercator; None of another projection."""
    operation = crs.coordinate_operation
    if operation is None or not {operation.method_code, operation.method_name} & set(_TRANSVERSE_MERCATOR):
        return None
    figures = {_LATITUDE: 0.0, _MERIDIAN: 0.0, _SCALE: 1.0, _EASTING: 0.0, _NORTHING: 0.0}
    for one in operation.params:
        code = one.code if one.code in figures else _PARAMETERS.get(one.name, "")
        if code in figures:
            figures[code] = round(float(one.value), 9)
    return figures


def _belied(crs: CRS) -> list[Sentence]:
    """Where a system's number or name says other figures than it has."""
    found = _belied_datum(crs)
    figures = _figures(crs)
    if figures is None:
        return found
    claimed = _claims(crs)
    for code, (figure, tolerance) in _SAID.items():
        if code in claimed and abs(claimed[code] - figures[code]) > tolerance:
            held, named = f"{figures[code]:.10g}", f"{claimed[code]:.10g}"
            found.append(
                sentence("{figure} {held}, by its name {named}", figure=figure, held=held, named=named)
            )
    return found


def _belied_datum(crs: CRS) -> list[Sentence]:
    found = []
    inner = next((datum for name in _datum_names(crs) if (datum := _named_datum(name))), None)
    outer = _named_datum(crs.name)
    number = _numbered(crs)
    claimed = outer or (_datum(number) if number is not None else None)
    if claimed and inner and claimed != inner:
        figure, named = sentence("datum"), DATUMS[claimed]
        found.append(
            sentence("{figure} {held}, by its name {named}", figure=figure, held=DATUMS[inner], named=named)
        )
    shape = crs.ellipsoid
    if (
        inner
        and shape is not None
        and not _plain(shape.name).startswith(_NAMELESS)
        and not _is_ellipsoid(crs, inner)
    ):
        held = f"{shape.semi_major_metre:.10g} m, 1/{shape.inverse_flattening:.9f}"
        named = "{:.10g} m, 1/{:.9f}".format(*_ELLIPSOIDS[inner])
        found.append(
            sentence(
                "{figure} {held}, by its name {named}", figure=sentence("ellipsoid"), held=held, named=named
            )
        )
    return found


def _claims(crs: CRS) -> dict[str, float]:
    """The figures that a system's number claims, else its name."""
    number = _numbered(crs)
    if number is not None:
        return _figures(number) or {}
    utm = _UTM.search(crs.name)
    if utm:
        return {
            _MERIDIAN: 6.0 * int(utm.group(1)) - 183.0, _SCALE: 0.9996, _EASTING: FALSE_EASTING_M,
            _NORTHING: 0.0 if utm.group(2).casefold() == "n" else 1e7,
        }  # fmt: skip
    claimed = _gauss_claims(crs.name) if _named_datum(crs.name) else {}
    return {_LATITUDE: 0.0, _SCALE: 1.0, _NORTHING: 0.0} | claimed if claimed else {}


def _gauss_claims(name: str) -> dict[str, float]:
    zone, central = _ZONE.search(name), _CENTRAL.search(name)
    if zone is None:
        return {_MERIDIAN: float(central.group(1)), _EASTING: FALSE_EASTING_M} if central else {}
    number = int(zone.group(1))
    width = next((width for width, zones in ZONES.items() if number in zones), None)
    if width is None:
        return {}
    one = ChinaSystem("CGCS2000", width, number, prefixed=True)
    return {_MERIDIAN: float(one.meridian), _EASTING: one.false_easting_m}


def _numbered(crs: CRS) -> CRS | None:
    """The system whose EPSG number a text carries, as the register has it; the text's own figures may be others."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    told = crs.to_json_dict().get("id") or {}
    if told.get("authority") != "EPSG":
        return None
    try:
        return CRS.from_epsg(int(told["code"]))
    except (CRSError, ValueError):
        return None
