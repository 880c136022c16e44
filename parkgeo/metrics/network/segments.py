"""Straight pieces of drawn lines against each other: where they cross, and where a point of one lies on another."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.metrics.network.lines import Lines

__all__ = ["Crossings", "Touches", "contacts"]

_AT_ONCE = 100_000
"""Straight pieces that are looked up at once, so that a city's roads fit in memory."""
_PAIRS_AT_ONCE = 2_000_000
"""Pairs that are held against each other at once; long lines across a map make many."""


@dataclass(frozen=True)
class Crossings:
    """Points where two lines cross: both lines, metres along each, and the point."""

    line: NDArray[np.intp]
    along: NDArray[np.float64]
    xy: NDArray[np.float64]


@dataclass(frozen=True)
class Touches:
    """Points of lines that lie on another line.

    Attributes
    ----------
    vertex
        The point, by its position among the points of the lines.
    line, along, xy
        The line that it lies on, metres along it, and the foot on it.
    other
        The end of that line that it meets, where it is that near to one; else −1.
    off_m
        How far the point is off the line.
    known
        Whether it needs no foot there: it has the coordinates of a point of that line, or both are ends.
    """

    vertex: NDArray[np.intp]
    line: NDArray[np.intp]
    along: NDArray[np.float64]
    xy: NDArray[np.float64]
    other: NDArray[np.intp]
    off_m: NDArray[np.float64]
    known: NDArray[np.bool_]

    def some(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Touches:
        """Some of them."""
        return Touches(*(getattr(self, field.name)[which] for field in fields(self)))


def contacts(lines: Lines, snap_m: float) -> tuple[Crossings, Touches]:
    """Where lines cross and touch, but for points that have the same coordinates and meet anyhow.

    Lines that meet by vertex are held only against those that do not.
    """
    crossing = [Crossings(np.zeros((2, 0), dtype=np.intp), np.zeros((2, 0)), np.zeros((0, 2)))]
    none = np.zeros(0, dtype=np.intp)
    touch = [Touches(none, none, np.zeros(0), np.zeros((0, 2)), none, np.zeros(0), none == 0)]
    for one, two in _close_pairs(lines, snap_m):
        crossing.append(_crossings(lines, one, two, snap_m))
        for here, there in ((one, two), (two, one)):
            touch += [_touches(lines, here + step, there, snap_m) for step in (0, 1)]
    crossings = Crossings(
        np.concatenate([some.line for some in crossing], axis=1),
        np.concatenate([some.along for some in crossing], axis=1),
        np.concatenate([some.xy for some in crossing]),
    )
    touches = Touches(
        *(np.concatenate([getattr(some, field.name) for some in touch]) for field in fields(Touches))
    )
    return crossings, _nearest(lines, touches, 2 * snap_m)


def _close_pairs(lines: Lines, snap_m: float) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pairs of straight pieces, each by its first point, that may come within the snapping distance."""
    piece = np.flatnonzero(np.diff(lines.line) == 0)
    drawn = np.flatnonzero(~lines.by_vertex[lines.line[piece]])
    if not len(drawn):
        return
    low = np.minimum(lines.xy[piece], lines.xy[piece + 1])
    high = np.maximum(lines.xy[piece], lines.xy[piece + 1])
    tree = shapely.STRtree(shapely.linestrings(np.stack([low, high], axis=1)))
    low, high = low - snap_m, high + snap_m
    levels = lines.level[lines.line[piece]]
    ends = lines.is_end[piece] | lines.is_end[piece + 1]
    by_vertex = lines.by_vertex[lines.line[piece]]
    for begin in range(0, len(drawn), _AT_ONCE):
        some = drawn[begin : begin + _AT_ONCE]
        asked, hit = tree.query(shapely.box(*low[some].T, *high[some].T))
        one = some[asked]
        good = (one < hit) | by_vertex[hit]
        good &= (levels[one] == levels[hit]) | ends[one] | ends[hit]
        one, two = piece[one[good]], piece[hit[good]]
        for start in range(0, len(one), _PAIRS_AT_ONCE):
            yield one[start : start + _PAIRS_AT_ONCE], two[start : start + _PAIRS_AT_ONCE]


def _crossings(lines: Lines, one: NDArray[np.intp], two: NDArray[np.intp], snap_m: float) -> Crossings:
    """Where pieces of one level cross inside both."""
    same = lines.level[lines.line[one]] == lines.level[lines.line[two]]
    one, two = one[same], two[same]
    here, there = lines.xy[one], lines.xy[two]
    go, way = lines.xy[one + 1] - here, lines.xy[two + 1] - there
    gap = there - here
    turn = _cross(go, way)
    with np.errstate(divide="ignore", invalid="ignore"):
        at, by = _cross(gap, way) / turn, _cross(gap, go) / turn
    inside = (at > 0) & (at < 1) & (by > 0) & (by < 1)
    one, two, at, by = one[inside], two[inside], at[inside, None], by[inside, None]
    here, there = here[inside] + at * go[inside], there[inside] + by * way[inside]
    # Pieces that are all but parallel cross nowhere in particular: what comes out may be anywhere.
    sure = np.hypot(*(here - there).T) <= snap_m
    one, two, here, there = one[sure], two[sure], here[sure], there[sure]
    along = [
        lines.along[piece] + np.hypot(*(spot - lines.xy[piece]).T)
        for piece, spot in ((one, here), (two, there))
    ]
    return Crossings(np.stack([lines.line[one], lines.line[two]]), np.stack(along), here)


def _touches(lines: Lines, vertex: NDArray[np.intp], piece: NDArray[np.intp], snap_m: float) -> Touches:
    """Points that lie on a piece and meet it."""
    begin, way = lines.xy[piece], lines.xy[piece + 1] - lines.xy[piece]
    size = np.hypot(*way.T)
    part = np.clip(((lines.xy[vertex] - begin) * way).sum(axis=1) / size**2, 0, 1)
    foot = begin + part[:, None] * way
    off = np.hypot(*(lines.xy[vertex] - foot).T)
    near = np.flatnonzero(off <= snap_m)
    vertex, piece, foot, off = vertex[near], piece[near], foot[near], off[near]
    along = lines.along[piece] + (part * size)[near]

    mine, other = lines.line[vertex], lines.line[piece]
    level, other_level = lines.level[mine], lines.level[other]
    point = piece + (part[near] > 0.5)  # noqa: PLR2004
    apart = np.hypot(*(lines.xy[vertex] - lines.xy[point]).T)
    end = lines.is_end[point] & (apart <= snap_m)
    lands = lines.is_end[vertex] & (end | (np.abs(other_level) < np.abs(level)))
    same = level == other_level
    own = (mine == other) & (np.abs(lines.along[vertex] - along) <= 2 * snap_m)
    good = np.where(same, ~own, lands)
    meets = np.where(end & (apart > 0), point, -1)
    known = (same & (apart == 0)) | (lines.is_end[vertex] & end)
    return Touches(vertex, other, along, foot, meets, off, known).some(good)


def _nearest(lines: Lines, touch: Touches, apart_m: float) -> Touches:
    """Of each point the nearest foot on each passage of each line, and the ends that it meets.

    A line may pass the point more than once; feet up to ``apart_m`` from the next along it are of one passage.
    """
    ends = np.flatnonzero(touch.known & (touch.other >= 0))
    rest = ~touch.known
    asked = np.zeros(len(lines.xy), dtype=bool)
    asked[touch.vertex[rest]] = True
    some = np.flatnonzero(rest | asked[touch.vertex])
    pair, along = touch.vertex[some] * len(lines) + touch.line[some], touch.along[some]
    order = np.lexsort((along, pair))
    begins = (np.diff(pair[order], prepend=-1) != 0) | (np.diff(along[order], prepend=0) > apart_m)
    passage = np.empty(len(order), dtype=np.intp)
    passage[order] = np.cumsum(begins)
    order = np.lexsort((along, touch.off_m[some], passage))
    best = some[order[np.diff(passage[order], prepend=-1) != 0]]
    return touch.some(np.concatenate([ends, best[~touch.known[best]]]))


def _cross(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
