"""Where lines meet: vertices that they share, crossings, and ends or vertices of one that lie on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.network.segments import contacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.lines import Lines

__all__ = ["Cuts", "meetings"]

END, VERTEX, CROSSING, FOOT = range(4)


@dataclass(frozen=True)
class Cuts:
    """Points at which lines are cut.

    Attributes
    ----------
    line, along
        The line, and metres from its beginning.
    xy
        The point.
    rank
        How good a place it is for the node of several cuts: ends before vertices, crossings, and feet on other lines.
    hard
        Whether others of the same line within the snapping distance are the same point. Vertices along which two lines lie
        on each other are not, however close they are.
    vertex
        Position of the point among the points of the lines; −1 where it is none of them.
    """

    line: NDArray[np.intp]
    along: NDArray[np.float64]
    xy: NDArray[np.float64]
    rank: NDArray[np.intp]
    hard: NDArray[np.bool_]
    vertex: NDArray[np.intp]


def meetings(lines: Lines, snap_m: float) -> tuple[Cuts, NDArray[np.intp]]:
    """Where lines are cut, and which cuts are one point.

    Parameters
    ----------
    lines
        Single lines.
    snap_m
        Ends and vertices no farther apart than this are one point.

    Returns
    -------
    tuple
        The cuts, among them both ends of every line, and pairs of cuts that are one point (two rows of positions).
    """
    crossing, touch = contacts(lines, snap_m)
    points = len(lines.xy)
    drawn = ~lines.by_vertex[lines.line]
    made = np.arange(2 * len(crossing.xy))
    foot = np.where(touch.other >= 0, touch.other, points + len(made) + np.arange(len(touch.vertex)))
    pairs = np.concatenate(
        [_shared(lines), (points + made).reshape(2, -1), np.stack([touch.vertex, foot])], axis=1
    )
    line = np.concatenate([lines.line, *crossing.line, touch.line])
    along = np.concatenate([lines.along, *crossing.along, touch.along])
    xy = np.concatenate([lines.xy, crossing.xy, crossing.xy, touch.xy])
    ranks = (np.where(lines.is_end, END, VERTEX), np.full(len(made), CROSSING), np.full(len(foot), FOOT))
    hard = np.concatenate(
        [lines.is_end & drawn, np.ones(len(made), dtype=bool), (lines.is_end & drawn)[touch.vertex]]
    )
    used = np.zeros(len(line), dtype=bool)
    used[:points] = lines.is_end | _turns_back(lines, snap_m)
    used[pairs] = True
    new = np.cumsum(used) - 1
    vertex = np.where(np.arange(len(line)) < points, np.arange(len(line)), -1)
    cuts = Cuts(line[used], along[used], xy[used], np.concatenate(ranks)[used], hard[used], vertex[used])
    return cuts, new[pairs]


def _shared(lines: Lines) -> NDArray[np.intp]:
    """Pairs of points that have the same coordinates and meet.

    Lines that meet by vertex meet whatever their levels; others at one level; ends meet ends.
    """
    order = np.lexsort(lines.xy.T)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.cumsum((np.diff(lines.xy[order], axis=0, prepend=np.nan) != 0).any(axis=1))
    order = order[np.bincount(place)[place[order]] > 1]
    level = lines.level[lines.line]
    by_vertex = lines.by_vertex[lines.line]
    pairs = [np.zeros((2, 0), dtype=np.intp)]
    for some, key in ((order, level), (order[by_vertex[order]], None), (order[lines.is_end[order]], None)):
        ranked = some if key is None else some[np.lexsort((key[some], place[some]))]
        same = np.diff(place[ranked]) == 0
        if key is not None:
            same &= np.diff(key[ranked]) == 0
        pairs.append(np.stack([ranked[:-1][same], ranked[1:][same]]))
    return np.concatenate(pairs, axis=1)


def _turns_back(lines: Lines, snap_m: float) -> NDArray[np.bool_]:
    """Whether a line goes back at a point on the way that it came."""
    back = np.zeros(len(lines.xy), dtype=bool)
    inner = np.flatnonzero(~lines.is_end)
    came, goes = lines.xy[inner - 1] - lines.xy[inner], lines.xy[inner + 1] - lines.xy[inner]
    longer = np.maximum(np.hypot(*came.T), np.hypot(*goes.T))
    off = np.abs(came[:, 0] * goes[:, 1] - came[:, 1] * goes[:, 0]) / longer
    back[inner] = ((came * goes).sum(axis=1) > 0) & (off <= snap_m)
    return back
