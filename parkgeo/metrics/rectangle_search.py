"""Largest axis-parallel rectangle between given lines, for many turned polygons at once.

A row is one polygon turned by one angle. Lines across it in both directions cut the plane into cells; a cell is free where no
edge of the polygon passes through it and its middle lies inside. A rectangle whose sides are such lines lies in the polygon
exactly where all its cells are free, so the largest of them is found on the cells by the way of histograms, and how near it
comes to the largest of all is a matter of where the lines lie.

From a rectangle that is held, better ones are found without lines: between two upright sides the free height around a point
inside is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Box", "Edges", "fits_between", "largest_around", "largest_between"]

_TOUCH_M = 2e-7
"""An edge that reaches into a cell by less than this runs along it: turning a point costs a few digits."""
_UPRIGHT_M = 1e-9


class Edges(NamedTuple):
    """Edges of each row's polygon, all rings together; shorter rows are filled up with edges of no length at one of its corners."""

    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]


class Box(NamedTuple):
    """The rectangle found for each row; area 0 where there is none."""

    area: NDArray[np.float64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def largest_between(edges: Edges, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> Box:
    """Largest rectangle whose sides lie on given lines.

    Parameters
    ----------
    edges
        Of each row's polygon: (rows, edges), metres, near the origin.
    xs, ys
        Places of the upright and of the level lines, ascending in each row: (rows, lines), metres.

    Returns
    -------
    Box
        A value for each row, m² and metres.

    Notes
    -----
    For each level line, each column has a height up to which its cells are free; the largest rectangle that stands on the line
    is the largest of least height × width over runs of columns.

    Examples
    --------
    >>> corner = np.array([[0.0, 4.0, 4.0, 0.0]]), np.array([[0.0, 0.0, 2.0, 2.0]])
    >>> edges = Edges(*corner, *(np.roll(each, -1, axis=1) for each in corner))
    >>> lines = np.array([[-1.0, 0.0, 2.0, 4.0, 5.0]])
    >>> largest_between(edges, lines, lines).area.tolist()
    [8.0]
    """
    free = _free_cells(edges, xs, ys)
    return _largest(free, xs, ys)


def _free_cells(edges: Edges, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cells inside the polygon that no edge passes through: (rows, level, upright)."""
    left, right = xs[:, :-1], xs[:, 1:]
    low, high = ys[:, :-1, None] + _TOUCH_M, ys[:, 1:, None] - _TOUCH_M
    middle_x, middle_y = (left + right) / 2, (ys[:, :-1, None] + ys[:, 1:, None]) / 2
    blocked = np.zeros((len(xs), low.shape[1], left.shape[1]), dtype=bool)
    inside = np.zeros_like(blocked)
    for at in range(edges.x0.shape[1]):
        x0, y0, x1, y1 = (each[:, at, None] for each in edges)
        run = x1 - x0
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (y1 - y0) / run
            first = y0 + (np.maximum(left, np.minimum(x0, x1)) - x0) * slope
            last = y0 + (np.minimum(right, np.maximum(x0, x1)) - x0) * slope
            cross = y0 + (middle_x - x0) * slope
        upright = np.abs(run) < _UPRIGHT_M
        first, last = np.where(upright, y0, first), np.where(upright, y1, last)
        beside = (np.maximum(x0, x1) > left + _TOUCH_M) & (np.minimum(x0, x1) < right - _TOUCH_M)
        bottom = np.where(beside, np.minimum(first, last), np.inf)
        top = np.where(beside, np.maximum(first, last), -np.inf)
        blocked |= (top[:, None] > low) & (bottom[:, None] < high)
        crossing = (x0 <= middle_x) != (x1 <= middle_x)
        inside ^= np.where(crossing, cross, np.inf)[:, None] < middle_y
    # Two lines that should be one leave a cell of no width, whose middle is neither inside nor outside.
    thin = (high <= low + _TOUCH_M) | (right - left <= 3 * _TOUCH_M)[:, None]
    return (inside & ~blocked) | thin


def _heights(free: NDArray[np.bool_], ys: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far up from each cell's foot all cells are free."""
    rows, levels, columns = free.shape
    height = np.zeros((rows, levels, columns))
    above = np.zeros((rows, columns))
    step = np.diff(ys, axis=1)
    for level in range(levels - 1, -1, -1):
        above = (above + step[:, level, None]) * free[:, level]
        height[:, level] = above
    return height


def _largest(free: NDArray[np.bool_], xs: NDArray[np.float64], ys: NDArray[np.float64]) -> Box:
    """The largest rectangle of free cells of each row."""
    height = _heights(free, ys)
    rows, _, columns = free.shape
    every = np.arange(rows)
    best = np.zeros(rows)
    place = np.zeros((4, rows))
    least = height
    for wide in range(columns):
        least = (
            least[:, :, : columns - wide] if wide == 0 else np.minimum(least[:, :, :-1], height[:, :, wide:])
        )
        area = (least * (xs[:, None, wide + 1 :] - xs[:, None, : columns - wide])).reshape(rows, -1)
        most = area.argmax(axis=1)
        found = area[every, most]
        better = np.flatnonzero(found > best)
        if not len(better):
            continue
        best[better] = found[better]
        level, column = np.divmod(most[better], columns - wide)
        tall = least[better, level, column]
        place[0, better], place[1, better] = xs[better, column], xs[better, column + wide + 1]
        place[2, better], place[3, better] = ys[better, level], ys[better, level] + tall
    return Box(best, *place)


def fits_between(
    edges: Edges, xs: NDArray[np.float64], ys: NDArray[np.float64], width: float, height: float
) -> NDArray[np.bool_]:
    """Whether a rectangle as wide and as high as asked lies between given lines, for each row; see `largest_between`.

    Examples
    --------
    >>> corner = np.array([[0.0, 4.0, 4.0, 0.0]]), np.array([[0.0, 0.0, 2.0, 2.0]])
    >>> edges = Edges(*corner, *(np.roll(each, -1, axis=1) for each in corner))
    >>> lines = np.array([[0.0, 2.0, 4.0]])
    >>> fits_between(edges, lines, lines, 4, 2).tolist(), fits_between(edges, lines, lines, 2, 4).tolist()
    ([True], [False])
    """
    least = tall = _heights(_free_cells(edges, xs, ys), ys)
    held = np.zeros(len(xs), dtype=bool)
    columns = tall.shape[2]
    for wide in range(columns):
        least = least if wide == 0 else np.minimum(least[:, :, :-1], tall[:, :, wide:])
        enough = xs[:, wide + 1 :] - xs[:, : columns - wide] >= width - _TOUCH_M
        held |= ((least >= height - _TOUCH_M) & enough[:, None]).any(axis=(1, 2))
    return held


def largest_around(
    edges: Edges, lefts: NDArray[np.float64], rights: NDArray[np.float64], middle_y: NDArray[np.float64]
) -> Box:
    """Largest rectangle around a point inside, its upright sides chosen from given ones and its height as free as it can be.

    Parameters
    ----------
    edges
        Of each row's polygon: (rows, edges), metres, near the origin.
    lefts, rights
        Places of upright sides on either hand of the point: (rows, choices).
    middle_y
        Height of the point.

    Returns
    -------
    Box
        A value for each row; area 0 where no choice leaves any height.

    Notes
    -----
    Between two upright sides the free height runs from the highest edge below the point to the lowest above it. What no edge
    enters and holds a point inside lies inside.

    Examples
    --------
    >>> corner = np.array([[0.0, 6.0, 0.0]]), np.array([[0.0, 0.0, 4.0]])
    >>> edges = Edges(*corner, *(np.roll(each, -1, axis=1) for each in corner))
    >>> largest_around(edges, np.array([[0.0]]), np.array([[2.0, 3.0, 4.0]]), np.array([1.0])).area.tolist()
    [6.0]
    """
    left, right = lefts[:, :, None], rights[:, None, :]
    point = middle_y[:, None, None]
    low = np.full((len(lefts), lefts.shape[1], rights.shape[1]), -np.inf)
    high = np.full_like(low, np.inf)
    for at in range(edges.x0.shape[1]):
        x0, y0, x1, y1 = (each[:, at, None, None] for each in edges)
        west, east = np.minimum(x0, x1), np.maximum(x0, x1)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (y1 - y0) / (x1 - x0)
        upright = east - west < _UPRIGHT_M
        slope = np.where(upright, 0.0, slope)
        first = np.where(upright, y0, y0 + (np.maximum(left, west) - x0) * slope)
        last = np.where(upright, y1, y0 + (np.minimum(right, east) - x0) * slope)
        beside = (east > left + _TOUCH_M) & (west < right - _TOUCH_M)
        above = first + last >= 2 * point
        low = np.where(beside & ~above, np.maximum(low, np.maximum(first, last)), low)
        high = np.where(beside & above, np.minimum(high, np.minimum(first, last)), high)
    free = (low <= point) & (high >= point) & np.isfinite(low) & np.isfinite(high) & (right > left)
    with np.errstate(invalid="ignore"):
        area = np.where(free, (high - low) * (right - left), 0.0).reshape(len(lefts), -1)
    most = area.argmax(axis=1)
    every = np.arange(len(lefts))
    one, other = np.divmod(most, rights.shape[1])
    tall = (low[every, one, other], high[every, one, other])
    return Box(area[every, most], lefts[every, one], rights[every, other], *tall)
