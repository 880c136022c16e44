"""Where the values of a quantity part into classes, so that the legend says neither more nor less than the values do.

A value at a break is in the class below it ("up to 15 minutes" includes 15), but for thresholds that are to be reached: there it is in
the class above. Values that are not finite are in no class.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from itertools import chain, pairwise
from itertools import count as numbers_from
from typing import TYPE_CHECKING, Literal

import numpy as np

from maps.natural import natural_breaks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from maps.legend import Band

__all__ = ["MOST", "SCHEMES", "Classing", "Scheme", "class_values", "difference_classing", "minute_breaks", "round_breaks", "settled"]  # fmt: skip

Scheme = Literal["quantile", "natural_breaks", "equal_interval", "round", "breaks", "pack"]

SCHEMES: tuple[Scheme, ...] = ("quantile", "natural_breaks", "equal_interval", "round", "breaks", "pack")

MOST = 7
"""Most classes of a quantity: more shades are not told apart."""

_CLASSES = 5
_MINUTES = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 240.0)
_OF_ALL = 0.02
"""Share of the values at either end that does not widen the steps: one far-off parcel must not make one class of all others."""

_MOVED = 0.02
"""Share of the values that a break may pass over when it is rounded."""

_DIGITS = 15
_SIGNIFICANT = 6
_TINY = 1e-300
_LARGEST_POWER = 1023
_POWERS = 306


@dataclass(frozen=True)
class Classing:
    """Classes of a quantity, low to high.

    Attributes
    ----------
    breaks
        Where they part, ascending.
    reached
        Whether a value at a break is in the class above it, as a threshold that is reached.
    bands
        Above what and up to what each goes.
    """

    breaks: tuple[float, ...]
    reached: bool
    bands: tuple[Band, ...]

    def of(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """The place of each value's class; one past the last of a value that is not finite.

        Examples
        --------
        >>> Classing((10.0,), False, ((None, 10.0), (10.0, None))).of(np.array([10.0, 10.5, np.nan, np.inf]))
        array([0, 1, 2, 2])
        """
        places = np.searchsorted(self.breaks, values, side="right" if self.reached else "left")
        return np.where(np.isfinite(values), places, len(self.bands))


def settled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values to six significant digits, so that what arithmetic leaves in the tenth does not part what is the same.

    Examples
    --------
    >>> settled(np.array([0.1 + 0.2, 0.9999999997, 1234567.0, 0.0, np.nan])).tolist()
    [0.3, 1.0, 1234570.0, 0.0, nan]
    """
    sizes = np.abs(values)
    there = np.isfinite(values) & (sizes > _TINY)
    power = _SIGNIFICANT - 1 - np.floor(np.log10(sizes, out=np.zeros(len(values)), where=there))
    # By whole powers of ten only: they are exact, so the figures come out as they are written.
    up, down = 10.0 ** np.clip(power, 0, _POWERS), 10.0 ** np.clip(-power, 0, _POWERS)
    return (
        np.where(
            there, np.rint(values * up / down, where=there, out=np.zeros(len(values))) * down / up, values
        )
        + 0.0
    )


def class_values(
    values: NDArray[np.float64], scheme: Scheme = "quantile", count: int = _CLASSES, *,
    breaks: Iterable[float] = (), reached: bool = False, whole: bool = False,
) -> Classing:  # fmt: skip
    """Classes of a quantity.

    Parameters
    ----------
    values
        Those that are not finite are left out.
    scheme
        ``quantile``: about as many values in each; ``natural_breaks``: the least spread within classes; ``equal_interval``;
        ``round``: at multiples of a round figure; ``breaks`` and ``pack``: where ``breaks`` says, also where a class stays empty.
    count
        How many classes, 2 to 7; fewer where there are fewer values or many are the same.
    breaks
        Ascending, for ``breaks`` and ``pack``.
    reached
        Whether a value at a break of ``breaks`` or ``pack`` is in the class above.
    whole
        Whether the values count things: a class that holds one figure only is called by it.

    Returns
    -------
    Classing
        With one class where there is no value or nothing to part.

    Examples
    --------
    >>> class_values(np.array([1.0, 2.0, 3.0, 4.0]), "quantile", 2).bands
    ((None, 2.0), (2.0, None))
    >>> class_values(np.array([0.0, 0.0, 1.0]), "quantile").bands
    ((0.0, 0.0), (1.0, 1.0))
    """
    known = np.sort(values[np.isfinite(values)])
    if scheme in ("breaks", "pack"):
        return _between(tuple(float(each) for each in breaks), known, reached=reached, whole=whole)
    if scheme == "round":
        return _between(round_breaks(known, count), known, whole=whole)
    figures = np.unique(known)
    if len(figures) <= count:
        return _one_figure_each(figures)
    found = _computed(known, scheme, count)
    # Equal steps must stay equal, so those are rounded alike.
    told = _alike(found, known) if scheme == "equal_interval" else _readable(found, known)
    return _between(told, known, whole=whole)


def _computed(known: NDArray[np.float64], scheme: Scheme, count: int) -> tuple[float, ...]:
    """Breaks as a scheme gives them, between the least value and the greatest."""
    if scheme == "natural_breaks":
        return natural_breaks(known, count)
    # Loads scikit-learn and matplotlib, so only where it is needed.
    import mapclassify

    # Of a size that sums and differences stay finite; by a power of two, so that no figure changes by a hair.
    size = 2.0 ** min(int(np.frexp(np.abs(known).max())[1]), _LARGEST_POWER)
    classify = mapclassify.Quantiles if scheme == "quantile" else mapclassify.EqualInterval
    with warnings.catch_warnings():
        # That ties leave fewer classes is what we want to hear from the bins.
        warnings.simplefilter("ignore", UserWarning)
        bins = classify(known / size, k=count).bins
    if scheme == "equal_interval":
        return tuple(float(each) for each in bins[:-1] * size)
    found = {}
    for value, place in zip(bins * size, np.searchsorted(known / size, bins, side="right"), strict=True):
        if place < len(known):
            # What sizes far apart lose to the least of them, the values themselves give back.
            inside = known[place - 1] <= value < known[place]
            found[int(place)] = float(value) if inside else float(known[place - 1])
    return tuple(found.values())


def _one_figure_each(figures: NDArray[np.float64]) -> Classing:
    """A class for each figure; one for all where there is none."""
    told = [float(figure) for figure in figures]
    bands: tuple[Band, ...] = tuple((figure, figure) for figure in told) or ((None, None),)
    return Classing(tuple(told[:-1]), reached=False, bands=bands)


def _between(
    breaks: tuple[float, ...], known: NDArray[np.float64], *, reached: bool = False, whole: bool = False
) -> Classing:
    edges = (None, *breaks, None)
    bands: list[Band] = list(pairwise(edges))
    if whole and not reached and breaks and all(each.is_integer() for each in breaks):
        bands[1:-1] = [(high, high) if low + 1 == high else (low, high) for low, high in pairwise(breaks)]
        if not len(known) or known[-1] <= breaks[-1] + 1:
            bands[-1] = (breaks[-1] + 1, breaks[-1] + 1)
    return Classing(breaks, reached, tuple(bands))


def _alike(breaks: tuple[float, ...], known: NDArray[np.float64]) -> tuple[float, ...]:
    """Breaks to a hundredth of the step between them, or as they are where that would not part them."""
    width = float(known[-1]) / (len(breaks) + 1) - float(known[0]) / (len(breaks) + 1)
    step = Decimal(1).scaleb(math.floor(math.log10(width)) - 2)
    tried = [float((Decimal(each) / step).to_integral_value(ROUND_HALF_EVEN) * step) for each in breaks]
    inside = (
        known[0] <= tried[0] and tried[-1] < known[-1] and all(low < high for low, high in pairwise(tried))
    )
    return tuple(tried) if inside else breaks


def _readable(breaks: tuple[float, ...], known: NDArray[np.float64]) -> tuple[float, ...]:
    """Breaks with as few digits as the values allow.

    None passes over more than a fiftieth of the values, and no class becomes empty; of fewer than fifty values every one stays in its
    class.
    """
    places = [0, *np.searchsorted(known, breaks, side="right").tolist(), len(known)]
    told: list[float] = []
    for at, value in enumerate(breaks):
        # Below it lies what the break before it left, above it what the next one will.
        inside = (int(np.searchsorted(known, told[-1], side="right")) if told else 0, places[at + 2])
        told.append(_shortest(value, known, places[at + 1], inside))
    return tuple(told)


def _shortest(value: float, known: NDArray[np.float64], place: int, inside: tuple[int, int]) -> float:
    """The break with the fewest digits that parts about the same values."""
    between = float(known[place - 1]), float(known[place])
    most = int(_MOVED * len(known))
    start = math.floor(math.log10(max(abs(end) for end in between))) + 1
    for power in range(start, start - _DIGITS, -1):
        for step in (Decimal(1).scaleb(power), Decimal(5).scaleb(power - 1), Decimal(2).scaleb(power - 1)):
            tried = _at_step(value, between, step)
            now = int(np.searchsorted(known, tried, side="right"))
            if abs(now - place) <= most and inside[0] < now < inside[1]:
                return tried
    return value


def _at_step(value: float, between: tuple[float, float], step: Decimal) -> float:
    """The multiple of a step that parts the same values, else the nearest to the break."""
    low, high = between
    above = float((Decimal(low) / step).to_integral_value(ROUND_CEILING) * step) + 0.0
    if low <= above < high:
        return above
    return float((Decimal(value) / step).to_integral_value(ROUND_HALF_EVEN) * step) + 0.0  # no sign on zero


def round_breaks(values: NDArray[np.float64], count: int = _CLASSES) -> tuple[float, ...]:
    """Multiples of 1, 2 or 5 times a power of ten that part values into at most so many classes.

    Examples
    --------
    >>> round_breaks(np.array([0.03, 0.11, 0.19, 0.27, np.nan]))
    (0.1, 0.2)
    """
    ends = _ends(values)
    if ends is not None and ends[0] == ends[1]:
        # Nearly all are one figure: the few others are what there is to see.
        known = values[np.isfinite(values)]
        ends = float(known.min()), float(known.max())
    if ends is None or ends[0] == ends[1]:
        return ()
    power = math.floor(math.log10(max(abs(end) for end in ends))) - _DIGITS
    steps = (Decimal(figure).scaleb(one) for one in range(power, power + _DIGITS + 3) for figure in (1, 2, 5))
    return _multiples(*ends, steps, count)


def minute_breaks(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Round figures that part minutes into at most five classes.

    Parameters
    ----------
    values
        Minutes; missing ones are left out.

    Returns
    -------
    tuple of float
        Multiples of the least of some steps (1, 2, 5, 10, 15 … minutes) with which five classes are enough; empty where all are in
        one.

    Examples
    --------
    >>> minute_breaks(np.array([3.0, 8.0, 22.0, np.nan]))
    (5.0, 10.0, 15.0, 20.0)
    >>> minute_breaks(np.array([41.2, 41.9]))
    ()
    """
    ends = _ends(values)
    if ends is None:
        return ()
    longer = (_MINUTES[-1] * 2**number for number in numbers_from(1))
    return _multiples(*ends, (Decimal(step) for step in chain(_MINUTES, longer)), _CLASSES)


def _ends(values: NDArray[np.float64]) -> tuple[float, float] | None:
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [_OF_ALL, 1 - _OF_ALL], method="nearest")
    return float(low), float(high)


def _multiples(low: float, high: float, steps: Iterable[Decimal], count: int) -> tuple[float, ...]:
    """Multiples, strictly inside, of the first step that has fewer than so many there."""
    for step in steps:
        first = (Decimal(low) / step).to_integral_value(ROUND_FLOOR) + 1
        last = (Decimal(high) / step).to_integral_value(ROUND_CEILING) - 1
        if last - first + 1 < count:
            return tuple(float((first + number) * step) for number in range(max(int(last - first) + 1, 0)))
    return ()


def difference_classing(
    values: NDArray[np.float64], count: int = _CLASSES, *, zero: float | None = None
) -> Classing:
    """Classes on both sides of zero, as wide on one as on the other, with one about zero between.

    Parameters
    ----------
    values
        Differences; those that are not finite are left out.
    count
        3, 5 or 7.
    zero
        How far from zero still counts as none; by default a round figure that a tenth of the values or so exceed twice.

    Examples
    --------
    >>> difference_classing(np.array([-0.3, -0.04, 0.0, 0.04, 0.3]), zero=0.02).breaks
    (-0.1, -0.02, 0.02, 0.1)
    """
    known = values[np.isfinite(values)]
    sizes = np.abs(known[known != 0])
    if not len(sizes):
        return _one_figure_each(np.unique(known))
    far = float(np.quantile(sizes, 0.9, method="nearest"))
    side = count // 2
    if zero is None:
        steps = [_below(far * ((2 * number + 1) / (2 * side + 1))) for number in range(side)]
    else:
        steps = [zero, *(_below(zero + (far - zero) * number / side) for number in range(1, side))]
    # Round figures may meet where values are few and small.
    sides = sorted({step for step in steps if step >= steps[0]})
    breaks = (*(-step for step in reversed(sides)), *sides)
    return _between(breaks, known)


def _below(value: float) -> float:
    """The greatest of 1, 2 and 5 times a power of ten that is not above a figure."""
    power = math.floor(math.log10(value))
    figures = (
        float(Decimal(figure).scaleb(each)) for each in (power - 1, power, power + 1) for figure in (1, 2, 5)
    )
    return max(figure for figure in figures if figure <= value)
