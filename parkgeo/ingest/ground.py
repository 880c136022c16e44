"""How a file's coordinates come to the ground: the one thing to ask for the place of what was read."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.crs import fits, middle_of, parse_crs, to_crs, way
from parkgeo.ingest.shifted import shifted
from parkgeo.ingest.systems import settle, system_name
from parkgeo.layers import FARTHEST_M, Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.ingest.grids import Grid
    from parkgeo.ingest.raw import Doubt, RawTable
    from parkgeo.project import Source

__all__ = ["Box", "Ground", "apart_m", "stated_ground"]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
_NORTH_FIRST, _EAST_FIRST = "north_east", "east_north"
# Readers that give the easting first though their files write the northing first.
_WRITES_NORTH_FIRST = ("coordinate text",)
# What lies farther from the middle of a file is astray and says nothing of its place.
_ASTRAY_M, _ASTRAY_DEG = 100_000.0, 1.0
_DEGREES = 180.0
_METRES_A_DEGREE = 111_320.0


class Step(Protocol):
    """A way from a file's coordinates to those of a coordinate system: an own grid, a displacement undone."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def crs(self) -> CRS:
        """The system it comes to."""
        ...

    def move(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Easting or longitude first, (n, 2), in and out."""
        ...


@dataclass(frozen=True)
class Ground:
    """How a file's coordinates come to the ground.

    Attributes
    ----------
    crs
        The coordinate system in which they stand once ``step`` was taken.
    label
        What the account shows: the system, and after ``←`` what stated it where that is not the file's own content.
    swapped
        Whether the file has northing or latitude first.
    step
        An own grid or a displacement to undo first; None where the coordinates stand in ``crs`` as they are.
    notes, doubts
        What a person should know of it, what a person must look at.

    Examples
    --------
    >>> from pyproj import CRS
    >>> ground = Ground(CRS.from_epsg(4528), "EPSG:4528", swapped=True)
    >>> east, north = ground.points(np.array([[3_400_000.0, 40_500_000.0]]))[0]
    >>> float(east)
    40500000.0
    """

    crs: CRS
    label: str
    swapped: bool = False
    step: Step | None = None
    notes: tuple[Sentence, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def name(self) -> str:
        """What people call the system of the file's coordinates."""
        return self.step.name if self.step else system_name(self.crs)

    @property
    def key(self) -> str:
        """What park.toml would write as ``crs`` for it; empty where the system has no number."""
        if self.step:
            return self.step.name
        code = self.crs.to_epsg()
        return f"EPSG:{code}" if code else ""

    @property
    def wkt(self) -> str:
        """The system of the coordinates as the file has them, as WKT; empty where no WKT can say it."""
        return "" if self.step or self.swapped else str(self.crs.to_wkt())

    def points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates as in the file → in ``crs``, easting or longitude first; (n, 2) each."""
        turned = points[:, ::-1] if self.swapped else points
        return self.step.move(turned) if self.step else turned

    def shapes(self, shapes: NDArray[np.object_], target: CRS | None = None) -> NDArray[np.object_]:
        """Shapes as in the file → in ``crs``, or in another system; see `parkgeo.ingest.crs.to_crs`."""
        if self.swapped or self.step:
            shapes = shapely.transform(shapely.force_2d(shapes), self.points)
        return to_crs(shapes, self.crs, self.crs if target is None else target)

    def degrees(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates as in the file → longitude and latitude on the system's own datum; infinite where it has none."""
        geodetic: Any = self.crs.geodetic_crs
        return np.column_stack(way(self.crs, geodetic).transform(*self.points(points).T))

    def fits(self, shapes: NDArray[np.object_]) -> bool:
        """Whether the middle of the shapes lies where the system is meant for; shapes without coordinates do."""
        middle = middle_of(shapes)
        if middle is None:
            return True
        longitude, latitude = self.degrees(np.array([middle]))[0]
        return fits(self.crs, longitude, latitude)

    def box(self, shapes: NDArray[np.object_]) -> Box | None:
        """Where shapes as in the file lie, without those astray; None where they lie nowhere."""
        bounds = shapely.bounds(shapes)
        known = bounds[(np.abs(bounds) <= FARTHEST_M).all(axis=1)]
        if not len(known):
            return None
        centres = (known[:, :2] + known[:, 2:]) / 2
        middle = np.median(centres, axis=0)
        near = _ASTRAY_DEG if np.abs(middle).max() <= _DEGREES else _ASTRAY_M
        kept = known[np.hypot(*(centres - middle).T) <= near]
        return self.box_of(kept if len(kept) else known)

    def box_of(self, bounds: NDArray[np.float64]) -> Box | None:
        """Where a box in the file's coordinates, or several, come to lie."""
        west, south = bounds[:, :2].min(axis=0)
        east, north = bounds[:, 2:].max(axis=0)
        corners = self.degrees(np.array([[west, south], [west, north], [east, south], [east, north]]))
        if not np.isfinite(corners).all():
            return None
        low, high = corners.min(axis=0), corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def apart_m(one: Box, other: Box) -> float:
    """Distance in metres between two boxes of degrees, to a per cent or so; 0 where they touch.

    Examples
    --------
    >>> round(apart_m((120, 30, 121, 31), (122, 30, 123, 31)) / 1000)
    96
    """
    latitude = np.radians((one[1] + one[3] + other[1] + other[3]) / 4)
    east = max(one[0] - other[2], other[0] - one[2], 0.0) * np.cos(latitude)
    north = max(one[1] - other[3], other[1] - one[3], 0.0)
    return float(np.hypot(east, north) * _METRES_A_DEGREE)


def stated_ground(source: Source, raw: RawTable, grids: Mapping[str, Grid]) -> Ground | None:
    """The ground that park.toml states for a file, else the file itself; None where neither does.

    Parameters
    ----------
    source
        What park.toml says of it.
    raw
        What the file gave.
    grids
        The office's own; see `parkgeo.ingest.grids`.

    Raises
    ------
    InputError
        What is stated is no coordinate system.
    """
    where = f"{raw.path} ({source.layer})"
    swapped = _swapped(source, raw)
    text = source.crs.strip()
    if not text and not raw.crs.strip():
        return None
    if not text:
        by = ".prj" if raw.driver == "ESRI Shapefile" else raw.path.name
        crs, doubts = settle(parse_crs(raw.crs, where), by)
        label = f"{_short(crs)} ← .prj" if by == ".prj" else _short(crs)
        return Ground(crs, label, swapped, doubts=doubts)
    grid = grids.get(text)
    step: Step | None = grid or shifted(text)
    if step is not None:
        ground = Ground(step.crs, f"{step.name} → {_short(step.crs)} ← park.toml", swapped, step)
        notes = (*(grid.notes if grid else ()), *_overruled(ground, raw))
        return _with(ground, notes, grid.doubts if grid else ())
    try:
        crs, doubts = settle(parse_crs(text, where), "park.toml")
    except InputError as error:
        raise InputError(error.what, where=error.where, mend=error.mend + _near_names(text, grids)) from error
    ground = Ground(crs, f"{_short(crs)} ← park.toml", swapped, doubts=doubts)
    return _with(ground, _overruled(ground, raw), doubts)


def _with(ground: Ground, notes: tuple[Sentence, ...], doubts: tuple[Doubt, ...]) -> Ground:
    return Ground(ground.crs, ground.label, ground.swapped, ground.step, notes, doubts)


def _short(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def _swapped(source: Source, raw: RawTable) -> bool:
    """Whether the reader gave northing first: what park.toml says of the file's axes, against what the reader makes of them."""
    written = _NORTH_FIRST if raw.driver in _WRITES_NORTH_FIRST else _EAST_FIRST
    return bool(source.axes) and source.axes != written


def _overruled(ground: Ground, raw: RawTable) -> tuple[Sentence, ...]:
    """That the file states another system than park.toml does, where it does."""
    try:
        own, _ = settle(parse_crs(raw.crs, ""), "")
    except InputError:
        return ()  # it states none, or none that could be used
    if ground.step is None and own == ground.crs:
        return ()
    told = sentence(
        "park.toml states {stated}, the file itself {own}: park.toml is followed",
        stated=ground.name, own=system_name(own),
    )  # fmt: skip
    return (told,)


def _near_names(text: str, grids: Mapping[str, Grid]) -> str:
    if not grids:
        return ""
    near = difflib.get_close_matches(text, grids, n=1)
    return f"; or the name of a [grids] table{f': did you mean {near[0]!r}?' if near else ''}"
