"""What a plan breaks, and why a project has no place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.planning.allocation.problem import NOWHERE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.planning.allocation.problem import Problem

__all__ = ["Reason", "broken", "unplaced"]

_ROUNDED = 1e-6


class Reason(NamedTuple):
    """Why a project is not placed.

    Attributes
    ----------
    project
        Its place.
    cause
        ``no_site`` (none fits), ``taken`` (what fits is taken up, see ``sites``), ``leading`` (one leading industry too many),
        ``no_gain`` (it would bring no points), ``not_looked_at`` (there is room: the search ended before it got there).
    sites
        Cause → how many of the sites that fit it keeps the project off: ``area``, ``separation``, ``overlap``, or the service that
        is lacking. A site is counted at the first of these.
    """

    project: int
    cause: str
    sites: dict[str, int]


def broken(problem: Problem, at: NDArray[np.intp]) -> list[str]:
    """The rules that a plan breaks, each worked out anew from the problem, without the programme.

    Parameters
    ----------
    problem
        Projects, sites and rules.
    at
        The site of each project, -1 where it has none.

    Returns
    -------
    list of str
        ``must P1``, ``fit P1 S2``, ``area S2``, ``power T1``, ``separation P1 P2``, ``overlap S1 S2``, ``leading``; empty for a sound plan.
    """
    placed = np.flatnonzero(at != NOWHERE)
    found = [f"must {problem.projects[one]}" for one in np.flatnonzero(problem.must & (at == NOWHERE))]
    found += [
        f"fit {problem.projects[one]} {problem.sites[at[one]]}"
        for one in placed
        if not problem.eligible[one, at[one]]
    ]
    taken = np.bincount(at[placed], problem.area_m2[placed], len(problem.sites))
    used = np.unique(at[placed])
    over = taken[used] > problem.site_area_m2[used] * (1 + _ROUNDED)
    found += [f"area {problem.sites[one]}" for one in used[over]]
    for source in problem.capacities:
        drawn = np.nan_to_num(source.use)[placed][np.isin(at[placed], source.sites)].sum()
        if drawn > source.limit * (1 + _ROUNDED):
            found.append(f"{source.service} {source.source}")
    found += _too_near(problem, at)
    for group in problem.overlaps:
        both = np.intersect1d(group, used)
        if len(both) > 1:
            found.append("overlap " + " ".join(problem.sites[one] for one in both))
    rule = problem.leading
    if rule is not None and rule.penalty is None and len(problem.leaders(at)) > rule.most:
        found.append("leading")
    return found


def _too_near(problem: Problem, at: NDArray[np.intp]) -> list[str]:
    found = []
    for keep in problem.separations:
        for hazard in keep.hazards:
            for other in keep.sensitives:
                stand = hazard != other and NOWHERE not in (at[hazard], at[other])
                if stand and keep.near[[at[hazard]], [at[other]]].any():
                    found.append(f"separation {problem.projects[hazard]} {problem.projects[other]}")
    return found


def unplaced(problem: Problem, at: NDArray[np.intp]) -> list[Reason]:
    """Of each project that a plan leaves out, why.

    Parameters
    ----------
    problem
        Projects, sites and rules.
    at
        A sound plan.

    Returns
    -------
    list of Reason
        In the order of the projects.
    """
    return [_reason(problem, at, int(one)) for one in np.flatnonzero(at == NOWHERE)]


def _reason(problem: Problem, at: NDArray[np.intp], project: int) -> Reason:
    fitting = problem.eligible[project]
    if not fitting.any():
        return Reason(project, "no_site", {})
    free, kept_off = fitting.copy(), {}
    for cause, bad in _obstacles(problem, at, project).items():
        count = int((free & bad).sum())
        if count:
            kept_off[cause] = count
        free &= ~bad
    if not free.any():
        return Reason(project, "taken", kept_off)
    best = int(np.where(free, problem.value[project], -np.inf).argmax())
    then = at.copy()
    then[project] = best
    rule = problem.leading
    if rule is not None and len(problem.leaders(then)) > max(rule.most, len(problem.leaders(at))):
        return Reason(project, "leading", kept_off)
    gains = problem.points(then) - problem.points(at) > _ROUNDED
    return Reason(project, "not_looked_at" if gains else "no_gain", kept_off)


def _obstacles(problem: Problem, at: NDArray[np.intp], project: int) -> dict[str, NDArray[np.bool_]]:
    """Cause → sites that it keeps a project off, while all others stay where they are."""
    placed, count = np.flatnonzero(at != NOWHERE), len(problem.sites)
    taken = np.bincount(at[placed], problem.area_m2[placed], count)
    with np.errstate(invalid="ignore"):
        room = taken + problem.area_m2[project] <= problem.site_area_m2 * (1 + _ROUNDED)
    found = {"area": ~room}
    for source in problem.capacities:
        if np.isnan(source.use[project]):
            continue
        drawn = np.nan_to_num(source.use)[placed][np.isin(at[placed], source.sites)].sum()
        if drawn + source.use[project] > source.limit * (1 + _ROUNDED):
            short = found.setdefault(source.service, np.zeros(count, dtype=bool))
            short[source.sites] = True
    near = np.zeros(count, dtype=bool)
    for keep in problem.separations:
        others = [*(keep.sensitives if project in keep.hazards else ())]
        others += keep.hazards if project in keep.sensitives else ()
        stand = sorted({int(at[one]) for one in others if one != project and at[one] != NOWHERE})
        if stand:
            near |= np.asarray(keep.near[stand].sum(axis=0)).ravel() > 0
    found["separation"] = near
    found["overlap"] = np.zeros(count, dtype=bool)
    used = np.zeros(count, dtype=bool)
    used[at[placed]] = True
    for group in problem.overlaps:
        for one in group:
            found["overlap"][one] |= bool(used[group].sum() - used[one])
    return found
