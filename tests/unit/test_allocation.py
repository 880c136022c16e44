"""Allocation against enumeration: the best plan, the smallest clash, the next best plans, each on cases that can be tried one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from parkgeo.errors import InputError
from parkgeo.planning.allocation import (
    NOWHERE,
    Capacity,
    Demand,
    Leading,
    Near,
    Problem,
    Separation,
    Weights,
    broken,
    solve,
)
from parkgeo.planning.allocation.clash import clash
from parkgeo.planning.allocation.model import build
from parkgeo.planning.allocation.programme import Clock, relaxed

NAN = float("nan")
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def near_by(places, needed):
    at = np.asarray(places, dtype=float)
    return csr_array(np.abs(at[:, None] - at[None, :]) < needed)


def made(score, area, site_area, **more):
    score = np.asarray(score, dtype=float)
    projects, sites = score.shape
    return Problem(
        tuple(f"P{at}" for at in range(projects)),
        tuple(f"S{at}" for at in range(sites)),
        score,
        more.pop("fits", np.ones(score.shape, dtype=bool)),
        np.asarray(area, dtype=float),
        np.asarray(site_area, dtype=float),
        **more,
    )


def every_plan(problem):
    choices = [(NOWHERE, *np.flatnonzero(row).tolist()) for row in problem.fits]
    return [np.array(plan, dtype=np.intp) for plan in product(*choices)]


def sound_plans(problem):
    return [plan for plan in every_plan(problem) if sound(problem, plan)]


def sound(problem, plan):
    """All rules by themselves, without a line of the code under test but the names."""
    placed = {project: site for project, site in enumerate(plan.tolist()) if site != NOWHERE}
    rule = problem.leading
    return (
        all(project in placed for project in np.flatnonzero(problem.must).tolist())
        and all(problem.fits[pair] and not np.isnan(problem.score[pair]) for pair in placed.items())
        and all(
            sum(problem.area_m2[one] for one, at in placed.items() if at == site)
            <= problem.site_area_m2[site]
            for site in set(placed.values())
        )
        and all(
            sum(source.use[one] for one, at in placed.items() if at in source.sites.tolist()) <= source.limit
            for source in problem.capacities
        )
        and not any(
            one != other
            and one in placed
            and other in placed
            and keep.near.toarray()[placed[one], placed[other]]
            for keep in problem.separations
            for one, other in product(keep.hazards, keep.sensitives)
        )
        and all(len(set(group.tolist()) & set(placed.values())) < 2 for group in problem.overlaps)
        and (rule is None or rule.penalty is not None or leading(problem, plan) <= rule.most)
    )


def leading(problem, plan):
    land = {}
    for project, site in enumerate(plan):
        if site != NOWHERE:
            name = problem.industry[project]
            land[name] = land.get(name, 0) + problem.area_m2[project]
    whole = sum(land.values())
    return sum(
        bool(name) and 1000 * area > round(1000 * problem.leading.share) * whole
        for name, area in land.items()
    )


def worth(problem, plan):
    fit, output = problem.weights.fit, problem.weights.output
    fit, output = fit / (fit + output), output / (fit + output)
    points = 0.0
    for project, site in enumerate(plan):
        if site != NOWHERE:
            points += fit * problem.score[project, site] * problem.area_m2[project] / problem.area_m2.sum()
            if np.nansum(problem.output_wan) > 0 and not np.isnan(problem.output_wan[project]):
                points += 100 * output * problem.output_wan[project] / np.nansum(problem.output_wan)
    rule = problem.leading
    if rule is not None and rule.penalty is not None:
        points -= rule.penalty * max(0, leading(problem, plan) - rule.most)
    return points


@st.composite
def problems(draw, *, musts=False):
    """Up to four projects and four sites with every kind of rule, in whole numbers, so that no sum is doubtful."""
    projects, sites = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    whole = lambda low, high, count: draw(st.lists(st.integers(low, high), min_size=count, max_size=count))  # noqa: E731
    area = np.array(whole(1, 6, projects), dtype=float)
    capacities = []
    for service in ("power", "water"):
        if draw(st.booleans()):
            served = np.flatnonzero(whole(0, 1, sites)).astype(np.intp)
            use = np.array(whole(0, 5, projects), dtype=float)
            capacities.append(Capacity(service, "T1", served, float(draw(st.integers(0, 9))), use))
    separations = []
    if draw(st.booleans()):
        hazards, sensitives = (tuple(np.flatnonzero(whole(0, 1, projects)).tolist()) for _ in range(2))
        separations.append(Separation(hazards, sensitives, 3.0, near_by(whole(0, 8, sites), 3)))
    overlaps = []
    if sites > 1 and draw(st.booleans()):
        overlaps.append(np.array(sorted(draw(st.permutations(range(sites)))[:2]), dtype=np.intp))
    rule = draw(
        st.sampled_from([None, Leading(1, 0.0), Leading(1, 0.25), Leading(2, 0.1), Leading(1, 0.2, 7.0)])
    )
    return made(
        np.array(whole(1, 100, projects * sites)).reshape(projects, sites),
        area,
        whole(1, 9, sites),
        fits=np.array(whole(0, 3, projects * sites)).reshape(projects, sites) > 0,
        must=np.array(whole(0, 1, projects), dtype=bool) if musts else np.zeros(projects, dtype=bool),
        industry=tuple(draw(st.sampled_from(["13", "34", "39", ""])) for _ in range(projects)),
        output_wan=np.array(whole(1, 50, projects), dtype=float),
        weights=draw(st.sampled_from([Weights(1, 0), Weights(1, 1), Weights(0, 1)])),
        capacities=tuple(capacities),
        separations=tuple(separations),
        overlaps=tuple(overlaps),
        leading=rule,
    )


@FEW
@given(problems(musts=True))
def test_the_plan_is_the_best_of_all(problem):
    plans = sound_plans(problem)
    plan = solve(problem)
    if not plans:
        assert plan.state == "clash"
        assert (plan.at == NOWHERE).all()
        assert np.isnan(plan.points)
        return
    best = max(worth(problem, one) for one in plans)
    assert plan.state == "optimal"
    assert sound(problem, plan.at)
    assert broken(problem, plan.at) == []
    assert plan.points == pytest.approx(best, abs=1e-5)
    assert plan.points == pytest.approx(worth(problem, plan.at), abs=1e-9)
    assert plan.bound >= best - 1e-6


@FEW
@given(problems(musts=True))
def test_rules_worked_out_anew_say_the_same(problem):
    for plan in every_plan(problem):
        assert (broken(problem, plan) == []) == sound(problem, plan)


@FEW
@given(problems(musts=True))
def test_the_bound_holds_for_every_plan_and_every_pair(problem):
    model = build(problem)
    start = relaxed(model, Clock(10))
    for plan in sound_plans(problem):
        assert worth(problem, plan) <= start.bound + 1e-6
        inside = plan[model.project] == model.site
        assert worth(problem, plan) <= start.bound + np.minimum(start.gain[inside], 0).min(initial=0) + 1e-6


@FEW
@given(problems(), st.integers(1, 2))
def test_further_plans_are_the_next_best_ones(problem, differ):
    plan = solve(problem, near=Near(count=4, within=0.5, differ=differ))
    listed = [plan.at]
    rest = sound_plans(problem)
    for other in plan.others:
        rest = [one for one in rest if (one != listed[-1]).sum() >= differ]
        assert (other.at != plan.at).nonzero()[0].tolist() == list(other.moved)
        assert min((other.at != one).sum() for one in listed) >= differ
        assert other.points == pytest.approx(max(worth(problem, one) for one in rest), abs=1e-5)
        assert other.next_best
        listed.append(other.at)
    assert plan.others_complete
    if len(plan.others) < 4:
        rest = [one for one in rest if (one != listed[-1]).sum() >= differ]
        assert all(worth(problem, one) < plan.points - 0.5 * abs(plan.points) + 1e-5 for one in rest)


def without(problem, kept):
    """The problem with only some of its demands."""
    let_go = [("must", one) for one in np.flatnonzero(problem.must)]
    assert let_go or not problem.must.any()
    must = np.array([Demand("must", (at,)) in kept for at in range(len(problem.projects))], dtype=bool)
    capacities = tuple(one for at, one in enumerate(problem.capacities) if Demand("capacity", (at,)) in kept)
    separations = []
    for keep in problem.separations:
        for hazard, other in product(keep.hazards, keep.sensitives):
            if {Demand("separation", (hazard, other)), Demand("separation", (other, hazard))} & set(kept):
                separations.append(Separation((hazard,), (other,), keep.needed_m, keep.near))
    # What a project cannot draw at all makes a site unfit for it, whether or not the source is a demand.
    return replace(
        problem, fits=problem.eligible, must=must, capacities=capacities, separations=tuple(separations),
        leading=problem.leading if Demand("leading") in kept else None,
    )  # fmt: skip


@FEW
@given(problems(musts=True))
def test_the_clash_is_the_smallest(problem):
    found = clash(problem, Clock(30))
    assert found.smallest
    if sound_plans(problem):
        assert found.demands == ()
        return
    assert not sound_plans(without(problem, found.demands))
    demands = [Demand("must", (int(one),)) for one in np.flatnonzero(problem.must)]
    demands += [one for one in build(problem, pairwise=True).demands if one not in demands]
    for fewer in range(len(found.demands)):
        for kept in combinations(demands, fewer):
            assert sound_plans(without(problem, kept))


class TestByHand:
    def test_a_site_holds_several_while_there_is_room(self):
        plan = solve(made([[80, 10], [80, 10], [80, 10]], [4, 4, 4], [10, 10]))
        assert sorted(plan.at.tolist()) == [0, 0, 1]
        assert plan.points == pytest.approx((80 + 80 + 10) / 3)

    def test_power_of_a_substation_that_serves_two_sites(self):
        use = np.array([600.0, 600.0])
        source = Capacity("power", "T1", np.array([0, 1]), 1000.0, use)
        plan = solve(made([[90, 90, 20], [90, 90, 10]], [1, 1], [9, 9, 9], capacities=(source,)))
        assert sorted(plan.at.tolist())[1] == 2
        assert plan.points == pytest.approx((90 + 20) / 2)

    def test_a_hazard_keeps_off_and_one_that_is_both_does_not_disturb_itself(self):
        keep = Separation((0,), (0, 1), 100.0, near_by([0, 50, 500], 100))
        plan = solve(made([[90, 80, 10], [90, 80, 70]], [1, 1], [9, 9, 9], separations=(keep,)))
        assert plan.at.tolist() == [0, 2]

    def test_exactly_so_far_is_far_enough(self):
        assert near_by([0, 100], 100).toarray().tolist() == [[True, False], [False, True]]

    def test_a_fourth_leading_industry_stays_out(self):
        names = ("13", "26", "34", "39")
        plan = solve(made(np.full((4, 1), 50.0), [4, 3, 3, 2], [20], industry=names, leading=Leading(3, 0.1)))
        assert plan.at.tolist() == [0, 0, 0, NOWHERE]
        assert [(one.project, one.cause) for one in plan.reasons] == [(3, "leading")]

    def test_a_small_industry_does_not_lead(self):
        names = ("13", "26", "34", "39")
        plan = solve(
            made(np.full((4, 1), 50.0), [30, 30, 30, 9], [99], industry=names, leading=Leading(3, 0.1))
        )
        assert plan.at.tolist() == [0, 0, 0, 0]

    def test_a_soft_rule_costs_points(self):
        names = ("13", "26")
        soft = made([[50.0], [50.0]], [1, 1], [9], industry=names, leading=Leading(1, 0.1, 10.0))
        assert solve(soft).points == pytest.approx(50 - 10)
        dear = replace(soft, leading=Leading(1, 0.1, 30.0))
        assert solve(dear).points == pytest.approx(25)

    def test_what_is_not_known_is_not_taken(self):
        plan = solve(made([[NAN, 50.0], [60.0, 60.0]], [1, 1], [NAN, 1.0]))
        assert plan.at.tolist() == [NOWHERE, 1]
        assert [(one.cause, one.sites) for one in plan.reasons] == [("taken", {"area": 1})]

    def test_musts_that_clash_are_named(self):
        problem = made(
            [[90.0, 0], [80.0, 0], [70.0, 0]], [6, 6, 2], [10, 1], must=np.array([True, True, True])
        )
        plan = solve(problem)
        assert plan.state == "clash"
        assert plan.clash.demands == (Demand("must", (0,)), Demand("must", (1,)))
        assert plan.clash.smallest

    def test_a_must_that_fits_nowhere_clashes_alone(self):
        plan = solve(made([[90.0], [80.0]], [20, 1], [10], must=np.array([True, True])))
        assert plan.clash.demands == (Demand("must", (0,)),)

    def test_no_site_at_all(self):
        plan = solve(made(np.zeros((2, 0)), [1, 1], []))
        assert plan.at.tolist() == [NOWHERE, NOWHERE]
        assert [one.cause for one in plan.reasons] == ["no_site", "no_site"]

    def test_order_of_projects_and_sites_changes_no_points(self):
        rng = np.random.default_rng(3)
        problem = made(rng.integers(1, 100, (5, 7)), rng.integers(1, 6, 5), rng.integers(1, 9, 7))
        turned = made(problem.score[::-1, ::-1], problem.area_m2[::-1], problem.site_area_m2[::-1])
        assert solve(problem).points == pytest.approx(solve(turned).points)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"weights": Weights(0, 0)}, "one is above 0"),
        ({"must": np.array([True])}, "not as many"),
        ({"fits": np.ones((1, 1), dtype=bool)}, "do not go with"),
    ],
)
def test_arrays_that_do_not_go_together(more, words):
    with pytest.raises(InputError, match=words):
        made([[1.0], [1.0]], [1, 1], [1], **more)


def test_a_project_without_land_is_told():
    with pytest.raises(InputError, match="no land is asked for: P1"):
        made([[1.0], [1.0]], [1, NAN], [1])
