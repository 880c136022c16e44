"""Natural breaks, exact: of all ways to cut values into classes, the one with the least spread within them (Fisher 1958, Jenks 1977).

Where the least spread ends its last class never moves back as values are added, so the best cut of the middle value bounds those on
both sides of it. Halving the values again and again gives the optimum of a hundred thousand of them in about a second, without a sample,
and the same one each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

__all__ = ["natural_breaks"]


class _Spread:
    """Sums of squares about the mean, of any run of weighted figures."""

    def __init__(self, figures: Floats, weights: Floats) -> None:
        # About their mean and of size one: squares neither overflow nor drown each other.
        size = float(np.abs(figures).max()) or 1.0
        scaled = figures / size
        scaled = scaled - np.average(scaled, weights=weights)
        self._weight = np.concatenate([[0.0], np.cumsum(weights)])
        self._sum = np.concatenate([[0.0], np.cumsum(weights * scaled)])
        self._square = np.concatenate([[0.0], np.cumsum(weights * scaled**2)])

    def of(self, start: Places, stop: Places) -> Floats:
        """Of the figures from a place up to, not including, another."""
        total = self._sum[stop] - self._sum[start]
        weight = self._weight[stop] - self._weight[start]
        found: Floats = self._square[stop] - self._square[start] - total**2 / weight
        return found


def natural_breaks(values: NDArray[np.float64], count: int) -> tuple[float, ...]:
    """The greatest value of each class but the last, with the least spread within classes.

    Parameters
    ----------
    values
        Finite.
    count
        How many classes; there are at least as many figures that differ.

    Examples
    --------
    >>> natural_breaks(np.array([1.0, 2.0, 10.0, 11.0, 30.0]), 3)
    (2.0, 11.0)
    """
    figures, weights = np.unique(values, return_counts=True)
    spread = _Spread(figures, weights.astype(np.float64))
    places = np.arange(len(figures) + 1)
    least = np.full(len(figures) + 1, np.inf)
    least[1:] = spread.of(np.zeros(len(figures), dtype=np.intp), places[1:])
    cuts = []
    for classes in range(2, count + 1):
        least, cut = _with_one_more(least, spread, classes)
        cuts.append(cut)
    stop, breaks = len(figures), []
    for cut in reversed(cuts):
        stop = int(cut[stop])
        breaks.append(float(figures[stop - 1]))
    return tuple(reversed(breaks))


def _with_one_more(least: Floats, spread: _Spread, classes: int) -> tuple[Floats, Places]:
    """Least spread of the first so many figures in one class more, and where the last class begins.

    All segments of one halving are worked out at once: together their candidates are hardly more than there are figures.
    """
    size = len(least)
    best, cut = np.full(size, np.inf), np.zeros(size, dtype=np.intp)
    low, high = np.array([classes]), np.array([size - 1])
    first, last = np.array([classes - 1]), np.array([size - 2])
    while len(low):
        middle = (low + high) // 2
        ends = np.minimum(last, middle - 1)
        best[middle], cut[middle] = _best_start(least, spread, middle, first, ends)
        low, high, first, last = (
            np.concatenate(pair)
            for pair in (
                (low, middle + 1),
                (middle - 1, high),
                (first, cut[middle]),
                (cut[middle], last),
            )
        )
        left = low <= high
        low, high, first, last = low[left], high[left], first[left], last[left]
    return best, cut


def _best_start(
    least: Floats, spread: _Spread, stops: Places, first: Places, last: Places
) -> tuple[Floats, Places]:
    """For each end of a class the start, between first and last, with the least spread in all."""
    counts = last - first + 1
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    starts = np.arange(counts.sum()) - np.repeat(begins - first, counts)
    costs = least[starts] + spread.of(starts, np.repeat(stops, counts))
    lowest = np.minimum.reduceat(costs, begins)
    at = np.flatnonzero(costs == np.repeat(lowest, counts))
    owner = np.searchsorted(begins, at, side="right") - 1
    _, firsts = np.unique(owner, return_index=True)
    return lowest, starts[at[firsts]]
