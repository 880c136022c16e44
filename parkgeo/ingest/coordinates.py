"""Coordinate text files, as boundaries are filed for approval (报件坐标).

::

    [属性描述]
    坐标系=2000国家大地坐标系
    几度分带=3
    带号=40
    [地块坐标]
    4,12.5,1,云溪园区,面,,工业用地,,@
    J1,1,3340000.000,40500000.000

A plot line gives point count, area in hectares, number, name, kind, map sheet, use, land class and ``@``; some offices give
further fields before the ``@``. A point line gives point, ring, northing, easting: the first value is always the northing.
Ring 1 is the outline; a later ring within it is a hole, one outside it a further part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.raw import Doubt, RawTable
from parkgeo.ingest.text import read_text
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["is_coordinate_text", "read_coordinates"]

_PLOT_COLUMNS = (
    "界址点数",
    "地块面积(公顷)",
    "地块编号",
    "地块名称",
    "图形属性",
    "图幅号",
    "地块用途",
    "地类编码",
)
_DATUM_NAMES = {
    "2000": "CGCS2000",
    "CGCS": "CGCS2000",
    "80": "XIAN80",
    "西安": "XIAN80",
    "54": "BEIJING54",
    "北京": "BEIJING54",
}
# (first EPSG code, first zone) of the 3° and 6° systems with the zone number in the easting, and the 3° and 6° ones without
_EPSG = {
    ("CGCS2000", 3, True): (4513, 25), ("CGCS2000", 6, True): (4491, 13),
    ("CGCS2000", 3, False): (4534, 25), ("CGCS2000", 6, False): (4502, 13),
    ("XIAN80", 3, True): (2349, 25), ("XIAN80", 6, True): (2327, 13),
    ("XIAN80", 3, False): (2370, 25), ("XIAN80", 6, False): (2338, 13),
    ("BEIJING54", 3, True): (2401, 25), ("BEIJING54", 6, True): (21413, 13),
    ("BEIJING54", 3, False): (2422, 25), ("BEIJING54", 6, False): (21453, 13),
}  # fmt: skip
_ZONES = {3: range(25, 46), 6: range(13, 24)}
_ZONE_PREFIX = 1e7
_PER_ZONE = 1e6
_MIN_POINTS = 3
_METRES = ("", "米", "M", "METER", "METRE")
_MOST_DEGREES = 360.0
_M2_PER_HA = 10_000.0
_AREA_OFF = 0.01
# Commas, brackets and digits as a Chinese keyboard gives them, and the mark that some editors put before a line.
_NO_TEXT = " \t\r\f\v\0\x1a"
_HALF_WIDTH = str.maketrans("，［］【】＝＠．－\u3000\ufeff０１２３４５６７８９", ",[][]=@.-  0123456789")


@dataclass
class _Plot:
    """A plot line and the points under it.

    Attributes
    ----------
    parts
        The plot line's fields.
    points
        Ring, northing and easting of each point.
    bad
        The first line under it that is no point, and what it says.
    lines
        How many lines stand under it.
    """

    parts: list[str]
    points: list[tuple[str, float, float]] = field(default_factory=list)
    bad: tuple[int, str] | None = None
    lines: int = 0


def is_coordinate_text(path: Path) -> bool:
    """Whether a text file has the section or the plot lines of a coordinate text file."""
    try:
        text, _ = read_text(path)
    except InputError:
        return False
    return "[地块坐标]" in text or any(line.rstrip().endswith(("@", "＠")) for line in text.splitlines())


def read_coordinates(path: Path, *, encoding: str = "", stated_crs: str = "") -> RawTable:
    """Read a coordinate text file.

    Parameters
    ----------
    path
        The file.
    encoding
        Empty tries UTF-8, then GB18030.
    stated_crs
        The coordinate system that park.toml states; the header is then not asked.

    Returns
    -------
    RawTable
        A row a plot; a plot that cannot be drawn, or with a line under it that is no point, has no geometry.

    Raises
    ------
    InputError
        The file cannot be read or has no plot; the eastings contradict the header.
    """
    text, used = read_text(path, encoding)
    header, plots = _parse(text, path)
    shapes: NDArray[np.object_] = np.empty(len(plots), dtype=object)
    spoiled: dict[int, Sentence] = {}
    for at, plot in enumerate(plots):
        shapes[at], trouble = _drawn(plot)
        if trouble is not None:
            spoiled[at] = trouble
    points = np.array([(north, east) for plot in plots for _, north, east in plot.points]).reshape(-1, 2)
    return RawTable(
        path=path,
        table="",
        frame=_frame(plots),
        rows=np.arange(1, len(plots) + 1),
        geometry=shapes,
        crs=stated_crs or _crs(header, points, path),
        driver="coordinate text",
        encoding=used,
        declared=len(plots),
        doubts=_doubts(plots, shapes, header, points),
        spoiled=spoiled,
    )


def _frame(plots: list[_Plot]) -> pd.DataFrame:
    """The plot lines' fields; what stands beyond the eight that all files have is numbered."""
    most = max(len(_PLOT_COLUMNS), *(len(plot.parts) for plot in plots))
    names = [*_PLOT_COLUMNS, *(f"附加{number}" for number in range(1, most - len(_PLOT_COLUMNS) + 1))]
    return pd.DataFrame(
        [dict(zip(names, [*plot.parts, *[""] * most][:most], strict=True)) for plot in plots], dtype=object
    )


def _doubts(
    plots: list[_Plot], shapes: NDArray[np.object_], header: dict[str, str], points: NDArray[np.float64]
) -> tuple[Doubt, ...]:
    doubts = []
    miscounted = tuple(at for at, plot in enumerate(plots, 1) if _miscounted(plot))
    if miscounted:
        what = sentence("the plot line states another number of points than follow it")
        mend = sentence("the file may be cut short: compare it with its source")
        doubts.append(Doubt(what, mend, miscounted))
    metres = header.get("计量单位", "").upper() in _METRES and not _in_degrees(points)
    other = tuple(at for at, plot in enumerate(plots, 1) if metres and _other_area(plot, shapes[at - 1]))
    if other:
        what = sentence(
            "the plot line states another area (in hectares) than its points enclose, by over 1 %"
        )
        mend = sentence("compare it with its source: a point may be wrong, or the area in another unit")
        doubts.append(Doubt(what, mend, other))
    return tuple(doubts)


def _in_degrees(points: NDArray[np.float64]) -> bool:
    known = points[np.isfinite(points).all(axis=1)]
    return bool(len(known) and np.abs(known).max() <= _MOST_DEGREES)


def _other_area(plot: _Plot, shape: shapely.Geometry | None) -> bool:
    try:
        stated_m2 = float(plot.parts[1]) * _M2_PER_HA
    except (IndexError, ValueError):
        return False
    if shape is None or not np.isfinite(stated_m2) or stated_m2 <= 0:
        return False
    return bool(abs(shapely.area(shape) - stated_m2) > _AREA_OFF * stated_m2)


def _parse(text: str, path: Path) -> tuple[dict[str, str], list[_Plot]]:
    header: dict[str, str] = {}
    plots: list[_Plot] = []
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.translate(_HALF_WIDTH).strip(_NO_TEXT)
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[]").strip()
        elif section == "属性描述" and not line.endswith("@") and "=" in line:
            key, _, value = line.partition("=")
            header[key.strip()] = value.strip()
        elif line.endswith("@"):
            plots.append(_Plot(_fields(line.rstrip("@ "))))
        elif plots:
            _add_point(plots[-1], line, number)
        elif section != "属性描述":
            raise InputError(
                "a point before any plot", where=f"{path} line {number}", mend="a plot line ends in @"
            )
    if not plots:
        raise InputError(
            "no plot is found", where=str(path), mend="a plot line ends in @ and its points follow it"
        )
    return header, plots


def _fields(line: str) -> list[str]:
    """Fields of a line, which commas part; tabs do where there is no comma."""
    parts = [part.strip() for part in line.split("," if "," in line else "\t")]
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _add_point(plot: _Plot, line: str, number: int) -> None:
    plot.lines += 1
    parts = _fields(line)
    try:
        _, ring, north, east = parts[:4]
        plot.points.append((ring, float(north), float(east)))
    except ValueError:
        # One bad line costs its plot, not the others: without that point the outline would be another.
        plot.bad = plot.bad or (number, line[:60])


def _drawn(plot: _Plot) -> tuple[shapely.Geometry | None, Sentence | None]:
    """The plot's shape, or why there is none."""
    if plot.bad is not None:
        number, line = plot.bad
        return None, sentence("line {number} is not a point: {text}", number=number, text=repr(line))
    return _polygon(plot.points)


def _polygon(points: list[tuple[str, float, float]]) -> tuple[shapely.Geometry | None, Sentence | None]:
    """The plot's shape, or why there is none."""
    rings: dict[str, list[tuple[float, float]]] = {}
    for name, north, east in points:
        rings.setdefault(name, []).append((east, north))
    if not rings:
        return None, sentence("a plot without points")
    for name, ring in rings.items():
        if len(set(ring)) < _MIN_POINTS:
            return None, sentence("ring {ring} has fewer than three points", ring=name)
        if not np.isfinite(ring).all():
            return None, sentence("coordinates that are not finite")
    parts: list[tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]] = []
    for ring in rings.values():
        inside = next((part for part in parts if _holds(part[0], ring)), None)
        if inside is None:
            parts.append((ring, []))
        else:
            inside[1].append(ring)
    shapes = [shapely.Polygon(outline, holes) for outline, holes in parts]
    return (shapes[0] if len(shapes) == 1 else shapely.MultiPolygon(shapes)), None


def _holds(outline: list[tuple[float, float]], ring: list[tuple[float, float]]) -> bool:
    """Whether a ring lies within an outline; a crossing one counts as within, for the repair to settle."""
    outer, inner = (
        shapely.make_valid(shapely.Polygon(one), method="structure", keep_collapsed=False)
        for one in (outline, ring)
    )
    return bool(shapely.area(shapely.intersection(outer, inner)) > 0)


def _miscounted(plot: _Plot) -> bool:
    """Whether the stated number of points fits neither all lines nor all but the repeated first points."""
    stated = plot.parts[0] if plot.parts else ""
    if not stated.isdecimal():
        return False
    distinct = len(set(plot.points))
    return not distinct <= int(stated) <= plot.lines


def _crs(header: dict[str, str], points: NDArray[np.float64], path: Path) -> str:
    """The EPSG code that the header states; empty where it does not state enough.

    Raises
    ------
    InputError
        Header and coordinates contradict each other.
    """
    known = points[np.isfinite(points).all(axis=1)]
    unit = header.get("计量单位", "").upper()
    if not len(known) or unit not in _METRES:
        return ""
    north, east = np.median(np.abs(known), axis=0)
    if north >= _ZONE_PREFIX > east:
        raise InputError(
            "its first value has a zone prefix: northing and easting are swapped",
            where=str(path), mend="write J1,1,northing,easting",
        )  # fmt: skip
    stated = header.get("坐标系", "")
    datum = next((name for mark, name in _DATUM_NAMES.items() if mark in stated.upper()), "")
    width = re.search(r"[36]", header.get("几度分带", "").replace("三", "3").replace("六", "6"))
    zone = re.search(r"\d+", header.get("带号", ""))
    prefix = int(east // _PER_ZONE) if east >= _ZONE_PREFIX else 0
    if zone and prefix and int(zone.group()) != prefix:
        raise InputError(
            f"its header states zone {zone.group()}, its eastings begin with {prefix}",
            where=str(path), mend="correct 带号, or set crs in park.toml",
        )  # fmt: skip
    number = prefix or (int(zone.group()) if zone else 0)
    if not (datum and width and number in _ZONES[int(width.group())]):
        return ""
    code, first = _EPSG[(datum, int(width.group()), bool(prefix))]
    return f"EPSG:{code + number - first}"
