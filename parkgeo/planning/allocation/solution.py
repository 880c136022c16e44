"""The plan: which project goes to which site, how good that is, and how good it could be at most."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.planning.allocation.alternatives import Near, Other, others
from parkgeo.planning.allocation.branches import branches, reach
from parkgeo.planning.allocation.clash import Clash, clash
from parkgeo.planning.allocation.model import build
from parkgeo.planning.allocation.problem import NOWHERE
from parkgeo.planning.allocation.programme import Clock, solved
from parkgeo.planning.allocation.reasons import Reason, unplaced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.planning.allocation.branches import Branch
    from parkgeo.planning.allocation.model import Model
    from parkgeo.planning.allocation.problem import Problem
    from parkgeo.planning.allocation.programme import Solved

__all__ = ["Plan", "solve"]

_PROVEN = 1e-6
_FIRST_PAIRS, _FIRST_BRANCHES = 8, 3
"""Pairs of each project, on average, among which the first plan is looked for, in so many branches."""
_FIRST_S, _FIRST_SHARE = 5.0, 0.15
"""Most seconds that takes for a branch, and the most of the time that is left."""
_HOME_SHARE = 0.7
"""Of the time that is left, what the branch of the best plan may take."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Which project goes to which site.

    Attributes
    ----------
    at
        Place of the site of each project, -1 where it has none; all -1 where there is no plan.
    points
        Of the plan, at most 100; NaN where there is none.
    bound
        No plan at all has more points.
    state
        ``optimal`` (proven), ``within_gap`` (as near to the bound as was asked for), ``time`` (time was out), ``clash`` (demands cannot be
        met together) or ``unknown`` (time was out before a plan was found).
    reasons
        Of each project that is not placed, why.
    others
        Further plans near the best, the best first.
    others_complete
        Whether no further plan lies between those.
    clash
        Where demands cannot be met together, the smallest set of those.
    """

    at: NDArray[np.intp]
    points: float
    bound: float
    state: str
    reasons: tuple[Reason, ...] = ()
    others: tuple[Other, ...] = ()
    others_complete: bool = False
    clash: Clash = field(default_factory=lambda: Clash((), smallest=False))

    @property
    def gap(self) -> float:
        """By what share of its points a plan could be better at most; NaN without a plan or without points."""
        lacking = self.bound - self.points
        if lacking <= _PROVEN:
            return 0.0
        return lacking / abs(self.points) if self.points else float("nan")

    @property
    def proven(self) -> bool:
        """Whether no plan is better."""
        return self.state == "optimal"


def solve(
    problem: Problem, *, time_limit_s: float = 60.0, gap: float = 0.0, near: Near | None = None
) -> Plan:
    """The best plan, or one that is proven to be near it.

    Parameters
    ----------
    problem
        Projects, sites and rules.
    time_limit_s
        Seconds for the plan; as many again at most for further plans, or to find out which demands clash.
    gap
        It is enough if no plan can be better by more than this share; 0 asks for the best.
    near
        Which further plans are asked for; None for none.

    Returns
    -------
    Plan

    Notes
    -----
    The bound is that of the whole problem. It comes from the programme without whole numbers over all pairs that fit
    (`parkgeo.planning.allocation.programme.relaxed`). A pair whose gain, forced in, takes that bound below a plan that is known cannot be in a better plan and is left out
    (reduced-cost fixing). Where the number of leading industries is fixed, each choice of them is looked at by itself
    (`parkgeo.planning.allocation.branches`); what is left is solved by HiGHS' branch and bound, whose bound then holds for the whole.

    Examples
    --------
    Two projects of 1 ha each want the site where both score 90; only one has room, and the other one goes to the second site.

    >>> from parkgeo.planning.allocation.problem import Problem
    >>> score = np.array([[90.0, 50.0], [90.0, 70.0]])
    >>> land = np.array([10_000.0, 10_000.0])
    >>> plan = solve(Problem(("mill", "forge"), ("S1", "S2"), score, np.ones((2, 2), bool), land, np.array([15_000.0, 15_000.0])))
    >>> plan.at.tolist(), round(plan.points, 6), plan.state
    ([0, 1], 80.0, 'optimal')
    """
    clock = Clock(time_limit_s)
    model = build(problem)
    parts = branches(model, clock)
    best = _Best(problem, gap, max((one.start.bound for one in parts), default=-np.inf))
    if not problem.must.any():
        best.offer(np.full(len(problem.projects), NOWHERE, dtype=np.intp))
    none = _search(parts, best, clock)
    if best.at is None:
        return _no_plan(problem, best, time_limit_s, known=none)
    state = "optimal" if best.lacking <= _PROVEN else "within_gap" if best.good else "time"
    found: tuple[Other, ...] = ()
    complete = False
    if near is not None and near.count:
        most = reach(parts, model.pairs)
        found, complete = others(problem, model, most, best.at, near, Clock(time_limit_s))
    return Plan(best.at, best.points, best.bound, state, tuple(unplaced(problem, best.at)), found, complete)


class _Best:
    """The best plan so far, and how good it has to be."""

    def __init__(self, problem: Problem, gap: float, bound: float) -> None:
        self.problem, self.gap, self.bound = problem, gap, bound
        self.at: NDArray[np.intp] | None = None
        self.points = -np.inf

    def offer(self, at: NDArray[np.intp]) -> None:
        """Keep a plan if it is better."""
        points = self.problem.points(at)
        if self.at is None or points > self.points:
            self.at, self.points = at, points

    def take(self, model: Model, told: Solved, pairs: NDArray[np.intp]) -> bool:
        """Keep what the solver found if it is better; whether it is."""
        before = self.points
        if told.found is not None:
            self.offer(model.plan(told.found, pairs, len(self.problem.projects)))
        return self.points > before

    @property
    def target(self) -> float:
        """Points that it is enough to know no plan has more of."""
        return self.points + max(self.gap * abs(self.points), _PROVEN) if self.at is not None else -np.inf

    @property
    def lacking(self) -> float:
        """Points that a plan could have more at most."""
        return self.bound - self.points

    @property
    def good(self) -> bool:
        """Whether it is good enough."""
        return self.at is not None and self.bound <= self.target


def _search(parts: list[Branch], best: _Best, clock: Clock) -> bool:
    """Find a good plan, then prove of each branch that it holds none that is much better; whether it is known that no plan exists."""
    home = _first_plans(parts, best, clock)
    bounds = [one.start.bound for one in parts]
    empty = [False] * len(parts)
    order = sorted(range(len(parts)), key=lambda place: (place != home, place))
    for count, place in enumerate(order):
        if bounds[place] <= best.target or clock.out:
            continue
        share = clock.left * (_HOME_SHARE if count == 0 and len(order) > 1 else 1)
        told = _proven(parts[place], best, clock, share, floored=place != home)
        bounds[place] = min(bounds[place], max(told, best.points if best.at is not None else told))
        empty[place] = told == -np.inf
    while parts and best.at is not None and max(bounds) > best.target and not clock.out:
        # What is left of the time goes to the branch that may hold most.
        place = int(np.argmax(bounds))
        told = _proven(parts[place], best, clock, clock.left, floored=True)
        bounds[place] = min(bounds[place], max(told, best.points))
    best.bound = max([*bounds, best.points])
    return best.at is None and all(empty)


def _first_plans(parts: list[Branch], best: _Best, clock: Clock) -> int:
    """A plan out of the most promising pairs of the most promising branches; the branch that the best one is of."""
    home = 0
    for place, one in enumerate(parts[:_FIRST_BRANCHES]):
        pairs = np.sort(
            np.argsort(-one.start.gain, kind="stable")[: _FIRST_PAIRS * len(best.problem.projects)]
        )
        if one.start.bound <= best.target or len(pairs) == one.model.pairs:
            break
        seconds = min(_FIRST_S, clock.left * _FIRST_SHARE)
        if best.take(one.model, solved(one.model, pairs, clock, gap=best.gap / 2, seconds=seconds), pairs):
            home = place
    return home


def _proven(one: Branch, best: _Best, clock: Clock, seconds: float, *, floored: bool) -> float:
    """A bound of a branch, and better plans kept on the way; −inf where the branch has no plan.

    Where the best plan is of another branch, only plans are asked for that are better by more than the gap: mostly there are none, which is
    soon known.
    """
    floor = best.target if floored else -np.inf
    pairs = np.flatnonzero(one.start.gain >= best.target - one.start.bound)
    told = solved(one.model, pairs, clock, gap=best.gap, seconds=seconds, floor=floor)
    target = best.target
    best.take(one.model, told, pairs)
    if told.feasible is False and best.at is None:
        return -np.inf
    # What was left out is in no plan above the target.
    return min(one.start.bound, max(told.bound, target))


def _no_plan(problem: Problem, best: _Best, seconds: float, *, known: bool) -> Plan:
    nowhere = np.full(len(problem.projects), NOWHERE, dtype=np.intp)
    if not known:
        return Plan(nowhere, np.nan, best.bound, "unknown")
    return Plan(nowhere, np.nan, -np.inf, "clash", clash=clash(problem, Clock(seconds)))
