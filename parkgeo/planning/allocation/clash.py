"""Why no plan exists: the smallest set of demands that cannot be met together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array, hstack, vstack

from parkgeo.planning.allocation.model import Demand, Model, build

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.planning.allocation.problem import Problem
    from parkgeo.planning.allocation.programme import Clock

__all__ = ["Clash", "clash"]

_OPTIMAL, _INFEASIBLE = 0, 2
_HALF = 0.5


class Clash(NamedTuple):
    """Demands that cannot be met together.

    Attributes
    ----------
    demands
        Any one of them let go, and the others of them can be met; what is not among them may still clash.
    smallest
        Whether it is proven that no smaller set clashes; else time was out, and the set clashes but may hold more than it needs.
    """

    demands: tuple[Demand, ...]
    smallest: bool


def clash(problem: Problem, clock: Clock) -> Clash:
    """The smallest clash among a problem's demands; none where they can all be met.

    Parameters
    ----------
    problem
        Projects that are to be placed, sources of services, distances between projects, the number of leading industries are demands. Areas
        of sites, and what fits, are facts.
    clock
        When to stop.

    Returns
    -------
    Clash

    Notes
    -----
    A set of demands that clashes has a demand in common with each set that has to be let go so that the rest can be met. So the smallest
    set that meets all of the latter found so far is tried: if it clashes it is the answer, else as many demands as possible are met with
    it, and those that are not are a further set to be met (implicit hitting sets: Ignatiev et al. 2015, "Smallest MUS extraction with
    minimal hitting set dualization").
    """
    elastic = _Elastic(_clashing(problem))
    count = len(elastic.demands)
    let_go: list[NDArray[np.bool_]] = []
    if not count:
        return Clash((), smallest=True)
    while not clock.out:
        tried = _smallest_hitting(let_go, count)
        met = elastic.most_met(tried, clock)
        if met is None:
            return Clash(_named(elastic.demands, tried), smallest=True)
        if not len(met):
            break
        if met.all():
            return Clash((), smallest=True)
        let_go.append(~met)
    return Clash(_named(elastic.demands, np.ones(count, dtype=bool)), smallest=False)


def _named(demands: tuple[Demand, ...], which: NDArray[np.bool_]) -> tuple[Demand, ...]:
    return tuple(one for one, meant in zip(demands, which, strict=True) if meant)


def _clashing(problem: Problem) -> Problem:
    """The problem without what cannot clash: projects that need not be placed only matter where their land makes others lead less."""
    if problem.leading is not None and problem.leading.penalty is None:
        return problem
    return replace(problem, fits=problem.fits & problem.must[:, None], leading=None)


def _smallest_hitting(sets: list[NDArray[np.bool_]], count: int) -> NDArray[np.bool_]:
    """The fewest demands of which each set has one."""
    if not sets:
        return np.zeros(count, dtype=bool)
    held = LinearConstraint(np.stack(sets).astype(np.float64), 1, np.inf)
    told = milp(
        np.ones(count), integrality=np.ones(count, dtype=np.int8), bounds=Bounds(0, 1), constraints=[held]
    )
    found: NDArray[np.bool_] = np.asarray(told.x) > _HALF
    return found


class _Elastic:
    """A programme in which demands can be let go."""

    def __init__(self, problem: Problem) -> None:
        model = build(problem, pairwise=True)
        musts = np.flatnonzero(problem.must)
        self.demands = (*(Demand("must", (int(one),)) for one in musts), *model.demands)
        self._model = replace(model, low=np.zeros(len(model.low)))
        self._rows = self._written(model, musts)

    def _written(self, model: Model, musts: NDArray[np.intp]) -> LinearConstraint:
        """The rows with a column behind for each demand, 1 where it is kept."""
        first = len(musts)
        asked = np.flatnonzero(model.demand >= 0)
        # A row whose demand is let go gets as much room as its columns can fill.
        positive = model.matrix.maximum(csc_array(model.matrix.shape))
        slack = np.maximum(positive @ model.high - model.most, 0)[asked]
        most = model.most.copy()
        most[asked] += slack
        held = coo_array((slack, (asked, first + model.demand[asked])), shape=(len(most), len(self.demands)))
        placed = model.pairs + musts
        each = np.arange(first)
        kept = coo_array((-np.ones(first), (each, placed)), shape=(first, len(model.gain)))
        own = coo_array((np.ones(first), (each, each)), shape=(first, len(self.demands)))
        matrix = csc_array(vstack([_beside(model.matrix, held), _beside(kept, own)]))
        least = np.concatenate([np.where(model.equal, most, -np.inf), np.full(first, -np.inf)])
        return LinearConstraint(matrix, least, np.concatenate([most, np.zeros(first)]))

    def most_met(self, kept: NDArray[np.bool_], clock: Clock) -> NDArray[np.bool_] | None:
        """As many demands as can be met together with those that are kept; None where these clash; empty where time was out."""
        model, count = self._model, len(self.demands)
        low = np.concatenate([model.low, kept.astype(np.float64)])
        told = milp(
            np.concatenate([np.zeros(len(model.gain)), -np.ones(count)]),
            integrality=np.concatenate([model.whole, np.ones(count, dtype=bool)]).astype(np.int8),
            bounds=Bounds(low, np.concatenate([model.high, np.ones(count)])), constraints=[self._rows],
            options={"time_limit": clock.left},
        )  # fmt: skip
        if told.status == _INFEASIBLE:
            return None
        if told.x is None:
            return np.zeros(0, dtype=bool)
        found: NDArray[np.bool_] = told.x[len(model.gain) :] > _HALF
        return found


def _beside(left: csc_array | coo_array, right: coo_array) -> csc_array:
    return csc_array(hstack([left, right]))
