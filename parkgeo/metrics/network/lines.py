"""The single lines of a roads layer: taken apart, without those that have no length or are drawn twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SEEN", "Lines", "column", "doubled", "seen", "single_lines"]

SEEN = ["kind", "row", "other", "value", "unit", "geometry"]
"""Columns of what is seen while roads become a graph; ``row`` and ``other`` are rows of the roads layer, −1 for none."""


@dataclass(frozen=True)
class Lines:
    """Lines in arrays: points one after the other, and what their roads say.

    Attributes
    ----------
    xy, first
        Points of all lines in metres, and the position of each line's first point (lines + 1 numbers).
    row
        Row of the roads layer that each line is of.
    level, oneway, by_vertex
        Of each line: bridge or tunnel, one-way as drawn, and whether it meets its kind only where they share a vertex.
    """

    xy: NDArray[np.float64]
    first: NDArray[np.intp]
    row: NDArray[np.intp]
    level: NDArray[np.float64]
    oneway: NDArray[np.bool_]
    by_vertex: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def line(self) -> NDArray[np.intp]:
        """Line of each point."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))

    @cached_property
    def along(self) -> NDArray[np.float64]:
        """Metres from the beginning of its line to each point."""
        if not len(self.xy):
            return np.zeros(0)
        run = np.cumsum(np.hypot(*np.diff(self.xy, axis=0, prepend=self.xy[:1]).T))
        return np.asarray(run - run[self.first[:-1]][self.line])

    @cached_property
    def is_end(self) -> NDArray[np.bool_]:
        """Whether each point is the first or the last of its line."""
        flag = np.zeros(len(self.xy), dtype=bool)
        flag[self.first[:-1]] = True
        flag[self.first[1:] - 1] = True
        return flag


def column(roads: gpd.GeoDataFrame, name: str) -> NDArray[np.float64]:
    """Numbers of a column of the roads layer, flags as 0 and 1; NaN where there is none or no such column."""
    if name not in roads.columns:
        return np.full(len(roads), np.nan)
    return np.asarray(
        pd.to_numeric(roads[name].astype("Float64")).to_numpy(dtype=np.float64, na_value=np.nan)
    )


def seen(
    kind: str,
    row: NDArray[np.intp],
    other: NDArray[np.intp],
    value: NDArray[np.float64],
    geometry: NDArray[np.object_],
) -> gpd.GeoDataFrame:
    """Rows of what is seen, of one kind; values in metres."""
    data = {"kind": kind, "row": row, "other": other, "value": value, "unit": "m"}
    return gpd.GeoDataFrame(data, geometry=geometry, columns=SEEN)


def single_lines(roads: gpd.GeoDataFrame, by_vertex: NDArray[np.bool_]) -> tuple[Lines, gpd.GeoDataFrame]:
    """Take roads apart into single lines, each kept once.

    Parameters
    ----------
    roads
        Lines in metres; fields ``level`` and ``oneway`` may be missing. A missing level is 0, the ground.
    by_vertex
        Of each row, whether it meets its kind only where they share a vertex.

    Returns
    -------
    tuple
        The lines in the order of the rows, and what was left out: ``zero_length``, and ``duplicate_line`` with the road
        that is kept instead.
    """
    parts, row = shapely.get_parts(np.asarray(roads.geometry.array, dtype=object), return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    fresh = np.ones(len(xy), dtype=bool)
    fresh[1:] = (np.diff(line) != 0) | (np.diff(xy, axis=0) != 0).any(axis=1)
    count = np.bincount(line[fresh], minlength=len(parts))
    empty = np.flatnonzero(np.bincount(row, minlength=len(roads)) == 0)
    short = np.concatenate([row[count < 2], empty])  # noqa: PLR2004
    spots = np.full(len(short), None, dtype=object)
    single = np.flatnonzero(count == 1)
    spots[np.searchsorted(np.flatnonzero(count < 2), single)] = shapely.points(  # noqa: PLR2004
        xy[fresh & (count[line] == 1)]
    )
    found = [seen("zero_length", short, np.full(len(short), -1), np.zeros(len(short)), spots)]

    whole = count > 1
    xy, row, count = xy[fresh & whole[line]], row[whole], count[whole]
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.intp)
    level, oneway = np.nan_to_num(column(roads, "level"))[row], column(roads, "oneway")[row] == 1
    lines = Lines(xy, first, row, level, oneway, by_vertex[row])
    keep, instead = _drawn_once(lines)
    lost = np.flatnonzero(~keep)
    if len(lost):
        twice = ~keep[lines.line]
        shapes = shapely.linestrings(xy[twice], indices=np.repeat(np.arange(len(lost)), count[lost]))
        length_m = lines.along[first[lost + 1] - 1]
        found.append(seen("duplicate_line", row[lost], row[instead[lost]], length_m, shapes))
        first = np.concatenate([[0], np.cumsum(count[keep])]).astype(np.intp)
        lines = Lines(xy[~twice], first, row[keep], level[keep], oneway[keep], by_vertex[row[keep]])
    return lines, gpd.GeoDataFrame(
        pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    )


def _drawn_once(lines: Lines) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Whether each line is kept where the same points are drawn twice, in either direction, and which is kept for it."""
    group = np.arange(len(lines))
    flip = np.zeros(len(lines), dtype=bool)
    near, far = lines.xy[lines.first[:-1]], lines.xy[lines.first[1:] - 1]
    turn = (far[:, 0] < near[:, 0]) | ((far[:, 0] == near[:, 0]) & (far[:, 1] < near[:, 1]))
    low, high = np.where(turn[:, None], far, near), np.where(turn[:, None], near, far)
    key = np.stack([*low.T, *high.T, np.diff(lines.first), lines.level])
    order = np.lexsort(key)
    alike = (np.diff(key[:, order], axis=1) == 0).all(axis=0)
    doubtful = order[np.append(alike, False)[: len(order)] | np.insert(alike, 0, False)[: len(order)]]
    kept: dict[tuple[float, bytes], int] = {}
    for at in np.sort(doubtful).tolist():  # few: lines between the same two points
        points = lines.xy[lines.first[at] : lines.first[at + 1]]
        there, back = points.tobytes(), points[::-1].tobytes()
        flip[at] = back < there
        group[at] = kept.setdefault((lines.level[at], min(there, back)), at)
    return doubled(group, ~lines.oneway | ~flip, ~lines.oneway | flip)


def doubled(
    group: NDArray[np.intp], ahead: NDArray[np.bool_], back: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Of lines that lie on each other, which are kept, so that each direction that one of them opens stays open.

    Parameters
    ----------
    group
        Lines of one group lie on each other; the first in order is kept.
    ahead, back
        Whether each is open in the one and in the other direction of the group.

    Returns
    -------
    tuple
        Whether each is kept, and the position of the one that is kept for it.

    Examples
    --------
    A two-way road, the same again one-way, and two carriageways drawn as one line:

    >>> import numpy as np
    >>> keep, instead = doubled(
    ...     np.array([0, 0, 1, 1]), np.array([True, True, True, False]), np.array([True, False, False, True])
    ... )
    >>> keep.tolist(), instead.tolist()
    ([True, False, True, True], [0, 0, 2, 3])
    """
    keep = np.zeros(len(group), dtype=bool)
    firsts = []
    for way in (ahead, back):
        which = np.flatnonzero(way)[::-1]
        first = np.full(group.max(initial=-1) + 1, -1, dtype=np.intp)
        first[group[which]] = which  # the last that is written is the first in order
        keep[first[first >= 0]] = True
        firsts.append(first[group])
    return keep, np.where(ahead, firsts[0], firsts[1])
