"""Many projects placed on many sites, against the same programme given to HiGHS whole, in one run on one machine.

Run: ``python benchmarks/allocation.py [projects] [sites] [seconds]``, by default 50 projects, 500 sites, 60 s. Three parks are made up, each with
eight substations, three waterworks, hazards, sensitive projects and at most three leading industries; a plan to a gap of 1 % is asked for.
The peer is ``scipy.optimize.milp`` with all pairs, all rows, and nothing else. Both plans are held against the rules, worked
out anew, before anything is printed.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from parkgeo.planning.allocation import (
    Capacity,
    Leading,
    Problem,
    Separation,
    Weights,
    broken,
    solve,
)
from parkgeo.planning.allocation.model import build
from parkgeo.planning.allocation.programme import Clock, solved

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAP = 0.01
SEEDS = (1, 2, 3)
SIDE_M, APART_M = 6000.0, 300.0
STATIONS, WORKS = 8, 3
INDUSTRIES = ("13", "26", "34", "35", "38", "39", "40")


def park(seed: int, projects: int, sites: int) -> Problem:
    """A park in which half of the pairs fit and mains are short."""
    rng = np.random.default_rng(seed)
    at = rng.random((sites, 2)) * SIDE_M
    station = cdist(at, rng.random((STATIONS, 2)) * SIDE_M).argmin(axis=1)
    power, water = rng.lognormal(np.log(2500), 0.8, projects), rng.lognormal(np.log(300), 0.8, projects)
    capacities = [
        Capacity(
            "power",
            f"T{one}",
            np.flatnonzero(station == one),
            power.sum() / STATIONS * rng.uniform(0.4, 1.2),
            power,
        )
        for one in range(STATIONS)
    ]
    capacities += [
        Capacity(
            "water",
            f"W{one}",
            np.flatnonzero(station % WORKS == one),
            water.sum() / WORKS * rng.uniform(0.5, 1.2),
            water,
        )
        for one in range(WORKS)
    ]
    near = csr_array(cdist(at, at) < APART_M)
    keep = Separation(tuple(range(0, projects, 6)), tuple(range(1, projects, 7)), APART_M, near)
    return Problem(
        tuple(f"P{one}" for one in range(projects)), tuple(f"S{one}" for one in range(sites)),
        rng.uniform(20, 95, (projects, sites)), rng.random((projects, sites)) < 0.5, rng.lognormal(np.log(25_000), 0.6, projects),
        rng.lognormal(np.log(26_000), 0.7, sites), industry=tuple(rng.choice(INDUSTRIES, projects)),
        output_wan=rng.lognormal(9, 1, projects), weights=Weights(0.6, 0.4), capacities=tuple(capacities), separations=(keep,),
        leading=Leading(3, 0.1),
    )  # fmt: skip


def held(problem: Problem, at: NDArray[np.intp]) -> None:
    """Stop where a plan breaks a rule."""
    found = broken(problem, at)
    if found:
        raise SystemExit(f"the plan breaks: {found[:5]}")


def main(projects: int = 50, sites: int = 500, seconds: int = 60) -> None:
    """Print points, gap and seconds of both for each park."""
    for seed in SEEDS:
        problem = park(seed, projects, sites)
        start = time.perf_counter()
        plan = solve(problem, time_limit_s=seconds, gap=GAP)
        own_s = time.perf_counter() - start
        start = time.perf_counter()
        model = build(problem)
        every = np.arange(model.pairs, dtype=np.intp)
        told = solved(model, every, Clock(seconds), gap=GAP)
        peer_s = time.perf_counter() - start
        held(problem, plan.at)
        print(
            f"seed {seed}, {model.pairs} pairs: parkgeo {plan.points:.3f} points, gap {100 * plan.gap:.2f} %, {own_s:.1f} s ({plan.state})"
        )
        if told.found is None:
            print(f"  plain HiGHS: no plan in {peer_s:.1f} s")
            continue
        at = model.plan(told.found, every, projects)
        held(problem, at)
        gap = (told.bound - problem.points(at)) / problem.points(at)
        print(f"  plain HiGHS {problem.points(at):.3f} points, gap {100 * gap:.2f} %, {peer_s:.1f} s")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:4]))
