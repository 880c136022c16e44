"""A programme split by which industries may lead: each part has a bound that is worth something."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.planning.allocation.programme import Relaxed, relaxed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.planning.allocation.model import Model
    from parkgeo.planning.allocation.programme import Clock

__all__ = ["Branch", "branches", "reach"]

_MOST = 500
"""Choices of leading industries that are looked at one by one; where there are more, the solver is left to choose."""


class Branch(NamedTuple):
    """A part of the programme and the bound over it."""

    model: Model
    start: Relaxed


def branches(model: Model, clock: Clock) -> list[Branch]:
    """The programme once for each choice of industries that may lead, the highest bound first.

    Parameters
    ----------
    model
        The whole.
    clock
        Where time is out a branch has a looser bound, which holds.

    Returns
    -------
    list of Branch
        Every plan is in at least one of them. Branches without a plan are left out.

    Notes
    -----
    Whether an industry leads is a switch behind a large number, and without whole numbers a small part of the switch lets in much of the
    land. Which industries lead is one choice out of a few dozens; with the choice made, no switch is left.
    """
    chosen = [replace_lead(model, which) for which in _choices(model)] or [model]
    found = [Branch(one, relaxed(one, clock)) for one in chosen]
    return sorted((one for one in found if one.start.bound > -np.inf), key=lambda one: -one.start.bound)


def _choices(model: Model) -> Iterator[tuple[int, ...]]:
    # An industry that may lead need not, so choices of fewer are within those of the most.
    if len(model.lead) and comb(len(model.lead), model.leading_most) <= _MOST:
        yield from combinations(range(len(model.lead)), model.leading_most)


def replace_lead(model: Model, which: tuple[int, ...]) -> Model:
    """The programme in which some industries may lead and no other may."""
    high, whole = model.high.copy(), model.whole.copy()
    high[model.lead], whole[model.lead] = 0, False
    high[model.lead[list(which)]] = 1
    return replace(model, high=high, whole=whole)


def reach(found: list[Branch], pairs: int) -> NDArray[np.float64]:
    """Of each pair, how many points a plan with it can have at most; −inf where there is no branch."""
    most = np.full(pairs, -np.inf)
    for one in found:
        np.maximum(most, one.start.bound + np.minimum(one.start.gain, 0), out=most)
    return most
