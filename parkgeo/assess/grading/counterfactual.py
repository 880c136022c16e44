"""What a company would need for the next better grade, its competitors and the benchmarks as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Terms", "equal_rise", "needed_values"]

_FIRST_STEP, _STEPS = 2.0**-52, 40
_DECIMALS = 9


@dataclass(frozen=True)
class Terms:
    """The terms of companies' scores; companies × indicators, or one for each indicator.

    Attributes
    ----------
    value
        Companies × indicators.
    benchmark, weight
        Of each indicator, all above 0.
    cap
        Most of value ÷ benchmark that counts.
    """

    value: NDArray[np.float64]
    benchmark: NDArray[np.float64]
    weight: NDArray[np.float64]
    cap: float

    def ratio(self) -> NDArray[np.float64]:
        """Value ÷ benchmark."""
        return self.value / self.benchmark

    def points(self) -> NDArray[np.float64]:
        """min(value ÷ benchmark, cap) × weight."""
        return np.minimum(self.ratio(), self.cap) * self.weight

    def score(self) -> NDArray[np.float64]:
        """Sum of the points, to nine decimals: equal sums in another order are equal scores."""
        found: NDArray[np.float64] = self.points().sum(axis=1).round(_DECIMALS)
        return found

    def with_value(self, at: int, value: NDArray[np.float64]) -> Terms:
        """The same with another value of one indicator."""
        changed = self.value.copy()
        changed[:, at] = value
        return Terms(changed, self.benchmark, self.weight, self.cap)

    def raised(self, by: NDArray[np.float64]) -> Terms:
        """The same with every value raised by a share of its size; a loss shrinks."""
        return Terms(self.value + by[:, None] * np.abs(self.value), self.benchmark, self.weight, self.cap)


def needed_values(terms: Terms, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least value of each indicator alone that brings the score to the target.

    Parameters
    ----------
    terms
        Of the scores as they are.
    target
        Score to reach, above the present one; NaN: there is none.

    Returns
    -------
    numpy.ndarray
        Companies × indicators; NaN where the indicator alone cannot, because of the cap.

    Notes
    -----
    (points + target − score) ÷ weight × benchmark, then raised by as little as the rounding of floating point asks for, so that the
    score computed from it does reach the target.

    Examples
    --------
    >>> two = Terms(np.array([[8.0, 50.0]]), np.array([10.0, 100.0]), np.array([60.0, 40.0]), 1.5)
    >>> two.score().tolist(), needed_values(two, np.array([80.0])).round(6).tolist()
    ([68.0], [[10.0, 80.0]])
    >>> needed_values(two, np.array([100.0])).round(6).tolist()
    [[13.333333, 130.0]]
    """
    points, lack = terms.points(), target - terms.score()
    found = np.full(terms.value.shape, np.nan)
    for at in range(terms.value.shape[1]):
        start = (points[:, at] + lack) / terms.weight[at] * terms.benchmark[at]
        ceiling = terms.with_value(at, np.full(len(target), terms.benchmark[at] * terms.cap)).score()
        reachable = ceiling >= target

        def reached(value: NDArray[np.float64], at: int = at) -> NDArray[np.bool_]:
            return terms.with_value(at, value).score() >= target

        found[:, at] = np.where(reachable, _nudged(start, terms.benchmark[at], reached, reachable), np.nan)
    return found


def equal_rise(terms: Terms, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least share by which all indicators together must rise to bring the score to the target.

    Parameters
    ----------
    terms, target
        As of `needed_values`.

    Returns
    -------
    numpy.ndarray
        0.1 is ten per cent; NaN where even with every indicator at its cap the score lacks something.

    Notes
    -----
    The score rises in straight lines, flatter wherever another indicator meets its cap: the line that holds the target is found,
    and on it the share.

    Examples
    --------
    >>> two = Terms(np.array([[8.0, 50.0]]), np.array([10.0, 100.0]), np.array([60.0, 40.0]), 1.5)
    >>> equal_rise(two, np.array([74.8])).round(6).tolist()
    [0.1]
    """
    ratio = terms.ratio()
    slope = np.abs(ratio) * terms.weight
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = np.where(slope > 0, (terms.cap - ratio) / np.abs(ratio), -1.0)
    slope = np.where(bend > 0, slope, 0.0)
    order = np.argsort(bend, axis=1, kind="stable")
    bend, slope = np.take_along_axis(bend, order, axis=1), np.take_along_axis(slope, order, axis=1)
    lack = target - terms.score()
    start, steep = np.zeros(len(lack)), slope.sum(axis=1)
    found = np.full(len(lack), np.nan)
    for at in range(bend.shape[1]):
        end = np.maximum(bend[:, at], start)
        with np.errstate(invalid="ignore"):
            gained = np.where(steep > 0, (end - start) * steep, 0.0)
            here = np.isnan(found) & (steep > 0) & (lack <= gained)
            found = np.where(here, start + lack / np.where(steep > 0, steep, 1.0), found)
        lack, start, steep = lack - gained, end, np.maximum(steep - slope[:, at], 0.0)

    def reached(by: NDArray[np.float64]) -> NDArray[np.bool_]:
        return terms.raised(by).score() >= target

    return _nudged(found, 1.0, reached, ~np.isnan(found))


def _nudged(
    value: NDArray[np.float64],
    scale: float,
    reached: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    wanted: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Values raised by ever larger roundings of their scale until they do what they are said to."""
    found, step = value.copy(), _FIRST_STEP
    for _ in range(_STEPS):
        short = wanted & ~reached(found)
        if not short.any():
            break
        found = np.where(short, value + step * np.maximum(np.abs(value), scale), found)
        step *= 2
    return found
