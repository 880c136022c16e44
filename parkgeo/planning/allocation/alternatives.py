"""Further plans near the best: the next best ones, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import coo_array

from parkgeo.planning.allocation.problem import NOWHERE
from parkgeo.planning.allocation.programme import solved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.planning.allocation.model import Model
    from parkgeo.planning.allocation.problem import Problem
    from parkgeo.planning.allocation.programme import Clock

__all__ = ["Near", "Other", "others"]

_PROVEN = 1e-6


@dataclass(frozen=True)
class Near:
    """Which further plans are asked for.

    Attributes
    ----------
    count
        So many at most.
    within
        Points that they may lack, as a share of the plan's.
    differ
        Projects that stand elsewhere than in any plan listed before, at least.
    """

    count: int = 3
    within: float = 0.05
    differ: int = 1


class Other(NamedTuple):
    """A further plan.

    Attributes
    ----------
    at
        Place of the site of each project, -1 where it has none.
    points
        At most as many as the plan's.
    moved
        Places of the projects that stand elsewhere than in the plan.
    next_best
        Whether it is proven that no other plan that differs as much has more points.
    """

    at: NDArray[np.intp]
    points: float
    moved: tuple[int, ...]
    next_best: bool


def others(
    problem: Problem, model: Model, most: NDArray[np.float64], at: NDArray[np.intp], near: Near, clock: Clock
) -> tuple[tuple[Other, ...], bool]:
    """The next best plans that differ.

    Parameters
    ----------
    problem, model, most
        The problem, its programme, and of each pair how many points a plan with it can have.
    at
        The plan.
    near
        How many, how good, how different.
    clock
        When to stop.

    Returns
    -------
    tuple of Other
        Best first.
    complete
        Whether these are as many as were asked for, or all that there are.

    Notes
    -----
    A plan ``a`` is ruled out by a row: of the projects, ``differ`` at least stand elsewhere than in ``a`` (Balas and Jeroslow 1972; with
    ``differ = 1`` nothing but ``a`` itself is ruled out). Pairs that no plan with so many points can hold are left out, as
    in `parkgeo.planning.allocation.solution`.
    """
    best = problem.points(at)
    floor = best - near.within * abs(best) - _PROVEN
    wanted = most >= floor - _PROVEN
    wanted |= at[model.project] == model.site
    pairs = np.flatnonzero(wanted)
    listed: list[NDArray[np.intp]] = [at]
    found: list[Other] = []
    while len(found) < near.count:
        if clock.out:
            return tuple(found), False
        told = solved(model, pairs, clock, gap=0.0, cuts=_elsewhere(model, pairs, listed, near.differ))
        if told.found is None:
            return tuple(found), told.feasible is False
        then = model.plan(told.found, pairs, len(problem.projects))
        points = problem.points(then)
        proven = told.bound - points <= _PROVEN
        if points < floor:
            return tuple(found), proven
        moved = tuple(np.flatnonzero(then != at).tolist())
        found.append(Other(then, points, moved, proven))
        listed.append(then)
    return tuple(found), True


def _elsewhere(
    model: Model, pairs: NDArray[np.intp], listed: list[NDArray[np.intp]], differ: int
) -> LinearConstraint:
    """Of the projects, some at least stand elsewhere than in each listed plan."""
    rows, columns, values, most = [], [], [], []
    for row, at in enumerate(listed):
        same = np.flatnonzero(at[model.project[pairs]] == model.site[pairs])
        without = np.flatnonzero(at == NOWHERE)
        columns.append(np.concatenate([same, len(pairs) + without]))
        values.append(np.concatenate([np.ones(len(same)), -np.ones(len(without))]))
        rows.append(np.full(len(columns[-1]), row))
        most.append(len(same) - differ)
    shape = (len(listed), len(pairs) + len(model.gain) - model.pairs)
    matrix = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    return LinearConstraint(matrix.tocsc(), -np.inf, np.array(most, dtype=np.float64))
