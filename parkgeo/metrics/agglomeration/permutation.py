"""Chance that neighbours are as alike as they are, were the others laid out at random: conditional permutation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.agglomeration.weights import Weights

__all__ = ["adjusted_p", "chance_of_lag"]

_DRAWN_MOST = (
    100  # of more neighbours the mean is as good as normal, and a draw of them all would cost memory
)
_ALIKE = 1e-9  # sums of the same numbers in another order


def chance_of_lag(
    values: NDArray[np.float64], weights: Weights, *, permutations: int, seed: int
) -> NDArray[np.float64]:
    """Probability of a neighbours' mean so far from what chance gives, each value held where it is.

    Parameters
    ----------
    values
        Without NaN.
    weights
        On the same positions.
    permutations
        How many layouts are drawn; the least probability is 2 ÷ (permutations + 1).
    seed
        Of the draws: the same input gives the same answer.

    Returns
    -------
    numpy.ndarray
        Two-sided pseudo p, 0 to 1; NaN for an island, for fewer than four values, and where all are equal.

    Notes
    -----
    p = min(1, 2 × (min(layouts with at least that mean, with at most that mean) + 1) ÷ (permutations + 1)). Values equal to
    the mean count on both sides, so coarse values (idle or not) do not seem rarer than they are. For all with k neighbours the
    layouts are the first k of the same draw of k + 1; in one that holds the place itself the last stands in for it, which leaves
    a random choice among the others. So the work is that of the draws, not of draws × places. Above 100 neighbours the normal
    distribution with the exact mean and variance of such a choice stands in.

    References
    ----------
    Anselin, L. (1995), Local Indicators of Spatial Association, Geographical Analysis 27.

    Examples
    --------
    >>> from parkgeo.metrics.agglomeration.weights import Weights
    >>> row = Weights(np.array([0, 1, 1, 2, 2, 3]), np.array([1, 0, 2, 1, 3, 2]), 4)
    >>> chance_of_lag(np.ones(4), row, permutations=99, seed=1).tolist()
    [nan, nan, nan, nan]
    """
    found = np.full(weights.count, np.nan)
    centred = values - values.mean() if len(values) else values
    if len(values) < 4 or not np.ptp(values) > 0:  # noqa: PLR2004  # three values have next to no layouts
        return found
    observed, degree = weights.total(centred), weights.degree
    drawn_most = int(degree[degree <= _DRAWN_MOST].max(initial=0))
    draws = _draws(len(values), drawn_most + 1, permutations, np.random.default_rng(seed))
    sums = np.zeros(permutations)
    for near in range(1, drawn_most + 1):
        sums = sums + centred[draws[:, near - 1]]
        own = np.flatnonzero(degree == near)
        if len(own):
            found[own] = _two_sided(centred, draws[:, : near + 1], sums, own, observed[own])
    many = degree > _DRAWN_MOST
    found[many] = _normal(centred, degree[many], observed[many], centred[many])
    return found


def _draws(count: int, size: int, rows: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows of so many different positions, each order as likely as any other."""
    if 2 * size > count:
        every = np.broadcast_to(np.arange(count), (rows, count))
        return rng.permuted(every, axis=1)[:, :size]
    found = rng.integers(0, count, (rows, size))
    rows_left = np.arange(rows)
    # Only what repeats an earlier one is drawn again; no position is favoured, for what is done depends on equality alone.
    while len(rows_left):
        part = found[rows_left]
        order = np.argsort(part, axis=1, kind="stable")
        ranked = np.take_along_axis(part, order, axis=1)
        again = np.zeros_like(part, dtype=bool)
        np.put_along_axis(again, order[:, 1:], ranked[:, 1:] == ranked[:, :-1], axis=1)
        part[again] = rng.integers(0, count, int(again.sum()))
        found[rows_left] = part
        rows_left = rows_left[again.any(axis=1)]
    return found


def _two_sided(
    centred: NDArray[np.float64],
    draws: NDArray[np.intp],
    sums: NDArray[np.float64],
    own: NDArray[np.intp],
    observed: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Pseudo p of places with one number of neighbours, which is one less than a draw holds."""
    near = draws.shape[1] - 1
    slack = _ALIKE * near * np.abs(centred).max()
    ranked = np.sort(sums)
    most = len(sums) - np.searchsorted(ranked, observed - slack, side="left")
    least = np.searchsorted(ranked, observed + slack, side="right")
    # A layout that holds the place itself is put right for that place.
    place = np.full(len(centred), -1)
    place[own] = np.arange(len(own))
    row, _ = np.divmod(np.arange(draws[:, :near].size), near)
    self_at = place[draws[:, :near].ravel()]
    held = self_at >= 0
    row, self_at = row[held], self_at[held]
    before = sums[row]
    after = before - centred[own[self_at]] + centred[draws[row, near]]
    target = observed[self_at]
    for counts, change in (
        (most, (after >= target - slack).astype(np.intp) - (before >= target - slack)),
        (least, (after <= target + slack).astype(np.intp) - (before <= target + slack)),
    ):
        np.add.at(counts, self_at, change)
    rare = np.minimum(most, least)
    found: NDArray[np.float64] = np.minimum(1.0, 2.0 * (rare + 1) / (len(sums) + 1))
    return found


def _normal(
    centred: NDArray[np.float64],
    near: NDArray[np.intp],
    observed: NDArray[np.float64],
    own: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Two-sided p by the normal distribution with the moments of a choice of so many among the others."""
    others = len(centred) - 1
    mean = -own / others
    variance = (np.square(centred).sum() - np.square(own)) / others - np.square(mean)
    left = (others - near) / (others - 1)
    spread = np.sqrt(variance / near * left)
    z = np.divide(observed / near - mean, spread, out=np.zeros(len(near)), where=spread > 0)
    # There are few of them; scipy's own would cost every analysis a third of a second to import.
    return np.array([math.erfc(one) for one in np.abs(z) / math.sqrt(2.0)], dtype=np.float64)


def adjusted_p(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of many tests, adjusted so that of what is called significant at a level at most that share is chance.

    Parameters
    ----------
    p
        One a test; NaN where none was made.

    Returns
    -------
    numpy.ndarray
        min over the larger ones of p × tests ÷ rank, at most 1; NaN stays NaN.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995), Controlling the False Discovery Rate, J. R. Stat. Soc. B 57.

    Examples
    --------
    >>> adjusted_p(np.array([0.01, np.nan, 0.04, 0.03])).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    found = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    raised = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return found
