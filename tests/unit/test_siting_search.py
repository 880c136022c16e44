"""The search for a site: order, reasons, rank stability, and the laws that a ranking must keep."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.planning.siting import read_brief, search, site_table
from parkgeo.planning.siting.frames import found_rows
from parkgeo.planning.siting.stability import score_bounds, stability, weighted


def table(**columns: list[object]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return site_table(pd.DataFrame({"parcel_id": [f"S{at}" for at in range(count)], **columns}))


def test_a_search_by_hand():
    sites = table(
        net_area_m2=[1000.0, 3000.0, 2000.0, 958.0, 900.0, None, None], site_area_m2=[1100.0, 3100.0, 2100.0, 1000.0, 1000.0, 1500.0, 700.0],
        power_kva=[500.0, 500.0, 500.0, 500.0, 300.0, 500.0, None], access_score=[80.0, 90.0, 10.0, 99.0, 99.0, 99.0, 99.0],
    )  # fmt: skip
    brief = read_brief(
        {
            "name": "A",
            "needs": {"area": "1000 m2", "power": "500 kVA"},
            "weights": {"access_score": 1},
            "top": 2,
        }
    )
    found = search(sites, brief)
    assert (found.asked, found.fits, found.fails, found.unknown) == (7, 3, 3, 1)
    assert [(site.site_id, site.score, site.stability) for site in found.ranked] == [
        ("S1", 90.0, 1.0),
        ("S0", 80.0, 1.0),
    ]
    assert [site.site_id for site in found.why_not] == [
        "S3",
        "S6",
        "S4",
    ]  # one gate by 4 %, one by 30 %, two gates
    assert found.why_not[0].counterfactual("en") == "It would fit with 42 m² more net area."
    assert (
        found.why_not[1].counterfactual("en")
        == "It would fit with 300 m² more net area, if what is not known is confirmed: free power."
    )
    assert (
        found.why_not[2].counterfactual("zh")
        == "满足以下条件即可适配：净用地面积增加 100 m²；可用供电容量增加 200 kVA。"
    )
    assert [site.site_id for site in found.undetermined] == ["S5"]
    told = found.as_dict("en")
    assert "net area" in told["undetermined"][0]["ask"]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert found_rows(found, "en")["answer"].tolist() == ["fits"] * 2 + ["why_not"] * 3 + ["undetermined"]


def test_what_is_not_known_widens_the_range_and_not_the_score():
    sites = table(access_score=[80.0, None], services_ready=[None, None])
    brief = read_brief({"needs": {}, "weights": {"access_score": 3, "services_ready": 1}})
    one, other = search(sites, brief).ranked
    assert (one.score, one.low, one.high, one.known, one.grade) == (80.0, 60.0, 85.0, 0.75, "high")
    assert one.breakdown["access_score"] == (80.0, 0.75)
    assert math.isnan(other.score)
    assert (other.low, other.high, other.grade) == (0.0, 100.0, "undetermined")
    assert other.as_dict("zh")["score"] is None


def test_only_what_could_come_free_is_asked_unless_all_are():
    sites = table(
        net_area_m2=[9.0] * 4, candidate=["idle", "none", None, "reserve"], park_id=["P", "P", "P", "Q"]
    )
    asked = lambda **own: search(sites, read_brief({"needs": {"area": "1 m2"}, "sites": own})).asked  # noqa: E731 - four calls in a row
    assert asked() == 2
    assert asked(all_parcels=True) == 4
    assert asked(park="P") == 1
    assert asked(kinds="joined") == 0


def test_holders_are_a_limit_of_the_brief():
    parcels = pd.DataFrame({"parcel_id": ["A", "B"], "net_area_m2": [5.0, 5.0]})
    sites = site_table(
        parcels,
        pd.DataFrame({"site_id": ["S"], "parcel_ids": ["A;B"], "net_area_m2": [10.0], "holders": [2]}),
    )
    found = search(sites, read_brief({"needs": {"area": "8 m2"}, "sites": {"holders_most": 1}}))
    assert found.why_not[0].site_id == "A"
    assert (
        next(site for site in found.why_not if site.site_id == "S").counterfactual("en")
        == "It would fit with 1 less: holders."
    )
    assert search(sites, read_brief({"needs": {"area": "8 m2"}})).ranked[0].parcel_ids == "A;B"


figures = st.one_of(st.none(), st.integers(0, 20).map(lambda value: 5.0 * value))
plots = st.fixed_dictionaries(
    {
        "net_area_m2": figures,
        "access_score": figures,
        "services_ready": st.one_of(st.none(), st.integers(0, 7)),
        "power_kva": figures,
    }
)


def of(told: list[dict[str, object]], names: list[str]) -> pd.DataFrame:
    return site_table(pd.DataFrame(told).astype("float64").assign(parcel_id=names))


def places(found) -> list[list[tuple[str, str, str]]]:
    """What is ranked, as text, so that what is missing equals itself."""
    return [
        [(site.site_id, f"{site.score:.9f}", f"{site.stability:.9f}") for site in each]
        for each in (found.ranked, found.why_not, found.undetermined)
    ]


@settings(max_examples=30)
@given(st.lists(plots, min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(told, chance):
    names = [f"S{at}" for at in range(len(told))]
    pairs = list(zip(told, names, strict=True))
    chance.shuffle(pairs)
    brief = read_brief(
        {
            "needs": {"area": "50 m2", "power": "20 kVA"},
            "weights": {"access_score": 1, "services_ready": 2},
            "top": 2,
            "stability": {"draws": 20},
        }
    )
    assert places(search(of(told, names), brief)) == places(
        search(of(*map(list, zip(*pairs, strict=True))), brief)
    )


@settings(max_examples=40)
@given(st.lists(plots, min_size=1, max_size=6), st.integers(0, 60), st.integers(0, 60))
def test_a_looser_gate_never_removes_a_site(told, area, less):
    sites = of(told, [f"S{at}" for at in range(len(told))])
    fits = [
        {
            site.site_id
            for site in search(
                sites, read_brief({"needs": {"area_m2": most, "power": "10 kVA"}, "top": 9})
            ).ranked
        }
        for most in (area + 1, max(area - less, 0) + 1)
    ]
    assert fits[0] <= fits[1]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 7)), min_size=2, max_size=5), st.integers(1, 5), st.integers(1, 5), st.integers(1, 9),
)  # fmt: skip
def test_a_larger_weight_on_what_a_site_is_best_at_never_lowers_it_below_one_it_beats_everywhere(
    told, one, other, more
):
    access, services = zip(*told, strict=True)
    sites = table(
        access_score=[float(value) for value in access], services_ready=[float(value) for value in services]
    )
    best = max(range(len(told)), key=lambda at: (access[at], services[at]))
    beaten = [
        f"S{at}" for at in range(len(told)) if access[at] < access[best] and services[at] < services[best]
    ]
    for weight in (one, one + more):
        found = search(
            sites,
            read_brief(
                {
                    "needs": {},
                    "weights": {"access_score": weight, "services_ready": other},
                    "top": 9,
                    "stability": {"draws": 1},
                }
            ),
        )
        order = [site.site_id for site in found.ranked]
        assert all(order.index(f"S{best}") < order.index(lower) for lower in beaten)


def plain_stability(points, weights, top, draws, spread, seed):
    """Every draw ranked whole, site by site."""
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (draws, len(weights)))
    stays = np.zeros(len(points))
    for factor in factors:
        scores = [
            sum(w * p for w, p in zip(weights * factor, row, strict=True) if not math.isnan(p))
            / sum(w for w, p in zip(weights * factor, row, strict=True) if not math.isnan(p))
            for row in points
        ]
        least = sorted(scores, reverse=True)[min(top, len(scores)) - 1]
        stays += [score >= least - 1e-9 for score in scores]
    return stays / draws


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.one_of(st.just(math.nan), st.integers(0, 100).map(float)), min_size=3, max_size=3), min_size=1, max_size=8), st.integers(1, 4),
    st.sampled_from([0.0, 0.2, 0.9]), st.lists(st.integers(1, 5).map(float), min_size=3, max_size=3),
)  # fmt: skip
def test_rank_stability_is_what_every_draw_ranked_whole_gives(told, top, spread, weights):
    points, weights = (
        np.array([row if not all(map(math.isnan, row)) else [0.0] * 3 for row in told]),
        np.array(weights),
    )
    found = stability(points, weights, top=top, draws=15, spread=spread, seed=3)
    assert found == pytest.approx(plain_stability(points, weights, top, 15, spread, 3))
    low, high = score_bounds(points, weights, spread)
    base = weighted(points, weights)
    assert (low <= base + 1e-9).all()
    assert (high >= base - 1e-9).all()


def test_score_bounds_are_those_of_the_corners():
    points, weights = np.array([[10.0, 50.0, 90.0], [np.nan, 20.0, 0.0]]), np.array([1.0, 2.0, 3.0])
    corners = [
        weighted(points, weights * factors)
        for factors in np.array(np.meshgrid(*[[0.8, 1.2]] * 3)).reshape(3, -1).T
    ]
    low, high = score_bounds(points, weights, 0.2)
    assert low == pytest.approx(np.min(corners, axis=0))
    assert high == pytest.approx(np.max(corners, axis=0))


def test_sites_without_a_score_are_not_ranked_and_few_sites_all_stay():
    points = np.array([[np.nan], [1.0]])
    assert stability(points, np.ones(1), top=1, draws=3, spread=0.2, seed=0)[1] == 1.0
    assert np.isnan(stability(points, np.ones(1), top=1, draws=3, spread=0.2, seed=0)[0])
    assert stability(np.empty((0, 1)), np.ones(1), top=1, draws=3, spread=0.2, seed=0).shape == (0,)


def test_users_text_is_shown_as_it_is():
    name = "{x} <b>%s\u202e"
    found = search(table(use_code=["{needed}"]), read_brief({"name": name, "needs": {"uses": ["{gate}"]}}))
    assert found.as_dict("en")["brief"] == name
    assert found.why_not[0].counterfactual("en") == "It would fit with a plan that allows land use {gate}."
