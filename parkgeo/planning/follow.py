"""Which roads a drawn line follows, and from where to where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.ops import substring

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import LineString
    from shapely.geometry.base import BaseGeometry

__all__ = ["Stretch", "crossed", "cut", "followed"]

_ALONG = 0.8
"""Least share of a stretch's length that it advances along the drawn line: less is a road that crosses it."""
_SLANT = 0.2588
"""Sine of the greatest angle, 15 degrees, between a stretch and the line that follows it: at a greater one they cross."""
_NEARER = 0.5
"""A road beside another is not followed where that other is nearer by this share."""


@dataclass(frozen=True)
class Stretch:
    """A part of a road.

    Attributes
    ----------
    row
        Of the roads.
    part
        Which line of a road of several lines.
    begin_m, end_m
        From where to where along it, metres.
    """

    row: int
    part: int
    begin_m: float
    end_m: float


@dataclass(frozen=True)
class _Beside:
    """A stretch inside the corridor, with how it lies to the drawn line."""

    stretch: Stretch
    low: float
    high: float
    off_m: float


def followed(drawn: BaseGeometry, roads: NDArray[np.object_], *, within_m: float) -> list[Stretch]:
    """The stretches of roads that a drawn line follows.

    Parameters
    ----------
    drawn
        A line, or several; metres.
    roads
        Lines, or several each; None is passed over.
    within_m
        A road no farther from the drawn line than this is followed where it runs along it.

    Returns
    -------
    list of Stretch
        By row, part and place. Less than ``within_m`` that is left over at an end of a road goes along. Not followed are roads
        that cross the line, stretches that draw near it or leave it at more
        than 15 degrees, stubs that are shorter than twice ``within_m`` and no whole road, and of roads beside each other all
        but the nearest to the line.

    Examples
    --------
    A line along the west half of a road, which another one crosses:

    >>> from shapely import LineString
    >>> roads = np.array([LineString([(0, 0), (400, 0)]), LineString([(100, -200), (100, 200)])], dtype=object)
    >>> followed(LineString([(0, 3), (200, 3)]), roads, within_m=10)
    [Stretch(row=0, part=0, begin_m=0.0, end_m=200.0)]
    """
    found: list[Stretch] = []
    tree = shapely.STRtree(roads)
    for line in shapely.get_parts(drawn):
        if line.length > 0:
            rows = np.sort(tree.query(line, predicate="dwithin", distance=within_m))
            found += _nearest_of(
                [one for row in rows for one in _beside(line, int(row), roads[row], within_m)]
            )
    return _merged(found)


def _beside(line: LineString, row: int, road: BaseGeometry, within_m: float) -> list[_Beside]:
    """Stretches of one road that run along a line."""
    # A flat end: the line does not reach beyond the junction that it is drawn to.
    corridor = line.buffer(within_m, cap_style="flat")
    found = []
    for part, own in enumerate(shapely.get_parts(road)):
        apart = own.hausdorff_distance(line)
        if apart <= within_m < own.length / 2:
            # Drawn from end to end: where it turns back on itself, places along it could be told in two ways.
            found.append(_Beside(Stretch(row, part, 0.0, float(own.length)), 0.0, float(line.length), apart))
            continue
        inside = [
            _interval(own, piece)
            for piece in shapely.get_parts(own.intersection(corridor))
            if piece.length > 0
        ]
        for begin, end in _joined(inside):
            low = 0.0 if begin <= within_m else begin
            high = own.length if own.length - end <= within_m else end
            whole = low == 0.0 and high == own.length
            spots = shapely.line_interpolate_point(own, np.linspace(begin, end, 9))
            at = shapely.line_locate_point(line, spots)
            advance = abs(at[-1] - at[0])
            along = advance >= _ALONG * (end - begin) and not _slants(line, spots, end - begin, within_m)
            if along and (whole or end - begin >= 2 * within_m):
                off = float(shapely.distance(line, spots).mean())
                stretch = Stretch(row, part, float(low), float(high))
                found.append(_Beside(stretch, float(at.min()), float(at.max()), off))
    return found


def _slants(line: LineString, spots: NDArray[np.object_], length_m: float, within_m: float) -> bool:
    """Whether a stretch comes from one side of the line to the other, or nearer, as who crosses it does."""
    near: NDArray[np.object_] = shapely.line_interpolate_point(line, shapely.line_locate_point(line, spots))
    off = shapely.get_coordinates(spots) - shapely.get_coordinates(near)
    ahead = np.gradient(shapely.get_coordinates(spots), axis=0)
    across = off[:, 0] * ahead[:, 1] - off[:, 1] * ahead[:, 0]
    aside = np.sign(across) * np.hypot(*off.T)
    # On a few metres a careless hand makes any angle.
    return bool(abs(aside[-1] - aside[0]) > max(_SLANT * length_m, within_m / 2))


def crossed(
    drawn: BaseGeometry, roads: NDArray[np.object_], *, within_m: float, least_m: float = 0.0
) -> list[int]:
    """Rows of the roads that a drawn line meets, whether it follows them or not.

    Parameters
    ----------
    drawn, roads, within_m
        As of `followed`.
    least_m
        Only of roads that lie within ``within_m`` of the line for more than this, metres: those that it crosses at a small angle.

    Examples
    --------
    >>> from shapely import LineString
    >>> roads = np.array([LineString([(0, 0), (400, 0)]), LineString([(0, 90), (400, 90)])], dtype=object)
    >>> crossed(LineString([(100, -50), (150, 50)]), roads, within_m=10)
    [0]
    """
    rows = np.sort(shapely.STRtree(roads).query(drawn, predicate="intersects"))
    near = shapely.length(shapely.intersection(roads[rows], drawn.buffer(within_m)))
    return [int(row) for row in rows[near > least_m]]


def _interval(own: LineString, piece: LineString) -> tuple[float, float]:
    """From where to where a piece of a line lies on it: its middle is on it once, its ends may not be."""
    middle = own.project(piece.interpolate(0.5, normalized=True))
    half = piece.length / 2
    return max(middle - half, 0.0), min(middle + half, own.length)


def _joined(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals that touch, as one."""
    found: list[tuple[float, float]] = []
    for begin, end in sorted(intervals):
        if found and begin <= found[-1][1] + 1e-6:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _nearest_of(found: list[_Beside]) -> list[Stretch]:
    """Without roads beside which another one lies nearer to the line."""
    kept: list[_Beside] = []
    for one in sorted(found, key=lambda each: (each.off_m, each.stretch.row)):
        nearer = _joined([(each.low, each.high) for each in kept if each.off_m < _NEARER * one.off_m])
        shared = sum(max(min(high, one.high) - max(low, one.low), 0.0) for low, high in nearer)
        if shared < _ALONG * (one.high - one.low):
            kept.append(one)
    return [one.stretch for one in kept]


def _merged(found: list[Stretch]) -> list[Stretch]:
    by_part: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for one in found:
        by_part.setdefault((one.row, one.part), []).append((one.begin_m, one.end_m))
    return [Stretch(*key, begin, end) for key in sorted(by_part) for begin, end in _joined(by_part[key])]


def cut(road: BaseGeometry, stretches: list[Stretch]) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """A road's stretches, and what is left of it; None where nothing is.

    Parameters
    ----------
    road
        A line, or several.
    stretches
        Of this road, apart from each other, by part and place.

    Returns
    -------
    tuple
        Each a line of several; both have the very same point where they were cut.
    """
    inner: list[LineString] = []
    outer: list[LineString] = []
    for part, own in enumerate(shapely.get_parts(road)):
        at = 0.0
        for one in (each for each in stretches if each.part == part):
            if one.begin_m > at:
                outer.append(substring(own, at, one.begin_m))
            inner.append(substring(own, one.begin_m, one.end_m))
            at = one.end_m
        if at < own.length:
            outer.append(substring(own, at, own.length))
    return _lines(inner), _lines(outer)


def _lines(parts: list[LineString]) -> BaseGeometry | None:
    return shapely.MultiLineString(parts) if parts else None
