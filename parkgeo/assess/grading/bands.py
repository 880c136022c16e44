"""Scores → ranks → grades, and the score from which the next better grade begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.grading.scheme import Scheme

__all__ = ["grade_of", "next_better", "places", "ranks"]

_ROUNDING = 1e-9


def ranks(score: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rank of each score, 1 the highest; equal scores share the better rank.

    Examples
    --------
    >>> ranks(np.array([70.0, 90.0, 70.0, 50.0])).tolist()
    [2, 1, 2, 4]
    """
    return 1 + len(score) - np.searchsorted(np.sort(score), score, side="right")


def places(shares: tuple[float, ...], count: int) -> NDArray[np.intp]:
    """Ranks up to which each grade reaches: at most the cumulative share, so in a small group the best may have none.

    Examples
    --------
    >>> places((0.2, 0.75, 0.95, 1.0), 10).tolist()
    [2, 7, 9, 10]
    >>> places((0.2, 0.75, 0.95, 1.0), 4).tolist()
    [0, 3, 3, 4]
    """
    # 0.95 of 20 is 19, whatever the product of the two floats is.
    found: NDArray[np.intp] = np.floor(np.asarray(shares) * count + _ROUNDING).astype(np.intp)
    return np.minimum(found, count)


def grade_of(score: NDArray[np.float64], scheme: Scheme) -> NDArray[np.intp]:
    """Each score's grade, as position in ``scheme.grades``.

    Parameters
    ----------
    score
        Of all who are ranked together, finite.
    scheme
        Bands by rank, or by score where a score that meets the edge is in.

    Notes
    -----
    Equal scores have one rank, so those at the edge of a band are all in the better one.
    """
    if scheme.shares is not None:
        return np.searchsorted(places(scheme.shares, len(score)), ranks(score), side="left")
    edges = np.asarray(scheme.least_scores)[:-1]
    return np.searchsorted(-edges, -score, side="left")


def next_better(score: NDArray[np.float64], scheme: Scheme) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The least score with which each would be in a better grade, all others as they are, and that grade.

    Returns
    -------
    tuple of numpy.ndarray
        NaN and −1 for who is in the best grade, and where no better one has a place.

    Notes
    -----
    By rank it is the score of the last company that has a place in the better band: a tie with it is enough.
    """
    own = grade_of(score, scheme)
    better = own - 1
    target = np.full(len(score), np.nan)
    if scheme.shares is None:
        at = better >= 0
        target[at] = np.asarray(scheme.least_scores)[better[at]]
        return target, better
    filled = places(scheme.shares, len(score))
    place = np.where(better >= 0, filled[better], 0)
    at = place > 0
    ordered = np.sort(score)
    target[at] = ordered[::-1][place[at] - 1]
    # Whoever ties with the last in the band shares its rank, which may be that of a better band still.
    rank = 1 + len(score) - np.searchsorted(ordered, target, side="right")
    return target, np.where(at, np.searchsorted(filled, rank, side="left"), -1)
