"""Coordinate text files, as boundaries are filed for approval (报件坐标).

::

    [属性描述]
    坐标系=2000国家大地坐标系
    几度分带=3
    带号=40
    [地块坐标]
    4,12.5,1,云溪园区,面,,工业用地,,@
    J1,1,3340000.000,40500000.000

A plot line gives point count, area in hectares, number, name, kind, map sheet, use, land class and ``@``. A point line gives
point, ring, northing, easting: the first value is always the northing. Ring 1 is the outline, others are holes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.raw import RawTable
from parkgeo.ingest.text import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from shapely import Polygon

__all__ = ["read_coordinates"]

_PLOT_COLUMNS = ("界址点数", "地块面积(公顷)", "地块编号", "地块名称", "图形属性", "图幅号", "地块用途", "地类编码")
_DATUM_NAMES = {"2000": "CGCS2000", "CGCS": "CGCS2000", "80": "XIAN80", "西安": "XIAN80", "54": "BEIJING54", "北京": "BEIJING54"}
# (first EPSG code, first zone) of the 3° and 6° systems with the zone number in the easting, and the 3° and 6° ones without
_EPSG = {
    ("CGCS2000", 3, True): (4513, 25), ("CGCS2000", 6, True): (4491, 13),
    ("CGCS2000", 3, False): (4534, 25), ("CGCS2000", 6, False): (4502, 13),
    ("XIAN80", 3, True): (2349, 25), ("XIAN80", 6, True): (2327, 13),
    ("XIAN80", 3, False): (2370, 25), ("XIAN80", 6, False): (2338, 13),
    ("BEIJING54", 3, True): (2401, 25), ("BEIJING54", 6, True): (21413, 13),
    ("BEIJING54", 3, False): (2422, 25), ("BEIJING54", 6, False): (21453, 13),
}  # fmt: skip
_ZONE_PREFIX = 1e6
_MIN_POINTS = 3


def read_coordinates(path: Path, *, encoding: str = "") -> RawTable:
    """Read a coordinate text file.

    Parameters
    ----------
    path
        The file.
    encoding
        Empty tries UTF-8, then GB18030.

    Returns
    -------
    RawTable
        A row a plot; a plot that cannot be drawn has no geometry.

    Raises
    ------
    InputError
        The file cannot be read or has no plot; a point line has no two numbers.
    """
    text, used = read_text(path, encoding)
    header: dict[str, str] = {}
    plots: list[tuple[int, list[str]]] = []
    points: list[list[tuple[str, float, float]]] = []
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().replace("，", ",")
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[]")
        elif section == "属性描述":
            key, _, value = line.partition("=")
            header[key.strip()] = value.strip()
        elif line.endswith("@"):
            plots.append((number, [part.strip() for part in line.rstrip("@").rstrip(",").split(",")]))
            points.append([])
        elif points:
            points[-1].append(_point(line, path, number))
        else:
            raise InputError("a point before any plot", where=f"{path} line {number}", mend="a plot line ends in @")
    if not plots:
        raise InputError("no plot is found", where=str(path), mend="a plot line ends in @ and its points follow it")
    easting = max((abs(x) for plot in points for _, _, x in plot), default=0.0)
    frame = pd.DataFrame(
        [dict(zip(_PLOT_COLUMNS, [*parts, *[""] * 8][:8], strict=True)) for _, parts in plots], dtype=object
    )
    return RawTable(
        path=path,
        table="",
        frame=frame,
        rows=np.arange(1, len(plots) + 1),
        geometry=_shapes(points),
        crs=_crs(header, prefixed=easting >= _ZONE_PREFIX),
        driver="coordinate text",
        encoding=used,
        declared=len(plots),
    )


def _point(line: str, path: Path, number: int) -> tuple[str, float, float]:
    parts = [part.strip() for part in line.split(",")]
    try:
        _, ring, north, east = parts[:4]
        return ring, float(north), float(east)
    except ValueError as error:
        raise InputError(
            f"not a point: {line[:60]!r}", where=f"{path} line {number}", mend="write J1,1,northing,easting"
        ) from error


def _shapes(points: list[list[tuple[str, float, float]]]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    shapes: np.ndarray[tuple[int], np.dtype[np.object_]] = np.empty(len(points), dtype=object)
    for at, plot in enumerate(points):
        shapes[at] = _polygon(plot)
    return shapes


def _polygon(plot: list[tuple[str, float, float]]) -> Polygon | None:
    rings: dict[str, list[tuple[float, float]]] = {}
    for ring, north, east in plot:
        rings.setdefault(ring, []).append((east, north))
    if not rings or any(len(set(ring)) < _MIN_POINTS for ring in rings.values()):
        return None
    outer, *holes = rings.values()
    return shapely.Polygon(outer, holes)


def _crs(header: dict[str, str], *, prefixed: bool) -> str:
    """The EPSG code that the header states; empty where it does not state enough."""
    stated = header.get("坐标系", "")
    datum = next((name for mark, name in _DATUM_NAMES.items() if mark in stated.upper()), "")
    width = re.search(r"[36]", header.get("几度分带", ""))
    zone = re.search(r"\d+", header.get("带号", ""))
    if not (datum and width and zone):
        return ""
    first = _EPSG.get((datum, int(width.group()), prefixed))
    if first is None:
        return ""
    return f"EPSG:{first[0] + int(zone.group()) - first[1]}"
