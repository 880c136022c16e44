"""How firm a ranking is: in what share of draws of the weights a site stays among the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["score_bounds", "stability", "weighted"]

_CELLS = 4_000_000
"""Scores that are held at once."""
_ALIKE = 1e-9
"""Scores, of 100, no farther apart than this are equal: what rounding makes of one sum in two orders."""


def weighted(points: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores by the criteria that are known.

    Parameters
    ----------
    points
        Sites (rows) × criteria (columns), NaN where a criterion is not known.
    weights
        Of the criteria.

    Returns
    -------
    numpy.ndarray
        Σ weight × points ÷ Σ weight over what is known; NaN where nothing is.

    Examples
    --------
    >>> weighted(np.array([[50.0, 100.0], [50.0, np.nan]]), np.array([1.0, 3.0])).tolist()
    [87.5, 50.0]
    """
    known = ~np.isnan(points)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = (np.where(known, points, 0.0) * weights).sum(axis=1) / (
            known * weights
        ).sum(axis=1)
    return found


def score_bounds(
    points: NDArray[np.float64], weights: NDArray[np.float64], spread: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the most that each score can be while each weight moves by a share, up or down.

    Notes
    -----
    Exact: a weighted mean is greatest where the criteria above some value have their greatest weight and the others their least, and
    there are only as many such values as criteria.

    Examples
    --------
    >>> low, high = score_bounds(np.array([[0.0, 100.0]]), np.array([1.0, 1.0]), 0.2)
    >>> low.round(9).tolist(), high.round(9).tolist()
    ([40.0], [60.0])
    """
    known = ~np.isnan(points)
    order = np.argsort(np.where(known, -points, np.inf), axis=1, kind="stable")
    weight = np.take_along_axis(np.where(known, weights, 0.0), order, axis=1)
    value = np.take_along_axis(np.where(known, points, 0.0), order, axis=1)
    best, last = (np.cumsum(part, axis=1) for part in (weight * value, weight))
    with np.errstate(divide="ignore", invalid="ignore"):
        up = ((1 - spread) * best[:, -1:] + 2 * spread * best) / (
            (1 - spread) * last[:, -1:] + 2 * spread * last
        )
        down = ((1 + spread) * best[:, -1:] - 2 * spread * best) / (
            (1 + spread) * last[:, -1:] - 2 * spread * last
        )
    return np.fmin.reduce(down, axis=1), np.fmax.reduce(up, axis=1)


def stability(
    points: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    top: int,
    draws: int,
    spread: float,
    seed: int,
) -> NDArray[np.float64]:
    """Share of draws in which each site stays among the best.

    Parameters
    ----------
    points
        Sites (rows) × criteria (columns), NaN where a criterion is not known.
    weights
        Of the criteria.
    top
        How many are the best; those equal to the last of them are among them.
    draws
        How many times each weight is moved by a factor drawn evenly from 1 − spread to 1 + spread.
    spread
        0.2 is ±20 %.
    seed
        The same seed gives the same shares.

    Returns
    -------
    numpy.ndarray
        0–1; NaN where a site has no score.

    Notes
    -----
    Sites that cannot come among the best by any weights in the range are left out of the draws, which changes no share.

    Examples
    --------
    >>> points = np.array([[90.0, 90.0], [80.0, 20.0], [20.0, 80.0]])
    >>> stability(points, np.array([1.0, 1.0]), top=1, draws=100, spread=0.2, seed=1).tolist()
    [1.0, 0.0, 0.0]
    """
    base = weighted(points, weights)
    rated = np.flatnonzero(~np.isnan(base))
    found = np.full(len(points), np.nan)
    found[rated] = 1.0
    if len(rated) <= top:
        return found
    low, high = score_bounds(points[rated], weights, spread)
    bar = np.partition(low, len(low) - top)[len(low) - top]
    found[rated] = 0.0
    kept = rated[high >= bar - _ALIKE]
    # Criteria without weight decide nothing and are left out, so that adding one changes no draw of the others.
    used = weights > 0
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (draws, len(weights)))
    moved = (factors * weights)[:, used].T
    known = ~np.isnan(points[kept][:, used])
    value = np.where(known, points[kept][:, used], 0.0)
    stays, step = np.zeros(len(kept)), max(_CELLS // len(kept), 1)
    for start in range(0, draws, step):
        part = moved[:, start : start + step]
        scores = (value @ part) / (known.astype(np.float64) @ part)
        least = np.partition(scores, len(kept) - top, axis=0)[len(kept) - top]
        stays += (scores >= least - _ALIKE).sum(axis=1)
    found[kept] = stays / draws
    return found
