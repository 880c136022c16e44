"""Parcels joined around what a brief asks for: which combinations, what takes their place, what was left out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations as subsets
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from parkgeo.metrics.net_land import net_land as taken_off
from parkgeo.pipeline.assembly import assembly, candidates_of
from parkgeo.pipeline.drawings import Drawings
from parkgeo.pipeline.fits import within
from parkgeo.pipeline.grounds import Grounds
from parkgeo.pipeline.joined_land import JoinedLand
from parkgeo.pipeline.net_land import net_land, takings
from parkgeo.pipeline.siting import SitingDesk
from parkgeo.pipeline.siting_rows import with_outlines
from parkgeo.planning.assembly import site_id, whole_ground
from parkgeo.planning.siting import site_table
from parkgeo.planning.siting.surroundings import outline_sides
from tests.builders import land, rect
from tests.unit.test_assembly import NO_SETBACKS
from tests.unit.test_net_land import desk, overlaid, street, zones

LEAST = {"assembly__site_area_min_m2": 0}


def siting(*shapes, rules=None, layers=None, **columns):
    """A desk for searches, made of a small park after the stages on net land and on joined sites."""
    book = rules or overlaid(**NO_SETBACKS, **LEAST)
    before = desk(*shapes, rules=book, layers=layers, **columns)
    part = net_land(before)
    after = before.take(part)
    sites, net = assembly(after).tables["sites"], part.tables["net_land"]()
    parcels = after.parcels
    long, short = outline_sides(np.asarray(parcels.geometry.array, dtype=object))
    table = site_table(pd.DataFrame(parcels).assign(outline_long_m=long, outline_short_m=short), with_outlines(sites))  # fmt: skip
    own = dict(zip(parcels["parcel_id"], parcels.geometry, strict=True)) | dict(zip(sites["site_id"], sites.geometry, strict=True))  # fmt: skip
    outlines = np.array([own[name] for name in table["site_id"]], dtype=object)
    left = dict(zip(net["parcel_id"], net.geometry, strict=True))
    return SitingDesk(SimpleNamespace(name="x"), table, outlines, book, Drawings(left.get), JoinedLand(lambda: after))  # fmt: skip


def found_by(own, needs, **sites):
    return own.search(own.brief({"needs": needs, "sites": sites, "top": 100, "shown": 100, "weights": {"economy": 1}}))  # fmt: skip


def members(found):
    return {site.parcel_ids for site in found.ranked if site.kind == "joined"}


ROW = (rect(0, 0, 100, 100), rect(100, 0, 100, 100), rect(200, 0, 100, 100), rect(300, 0, 100, 50))


def test_minimal_combinations_take_the_place_of_all_that_hangs_together():
    own = siting(*ROW, holder=["A", "A", "B", "C"])
    assert (own.sites["kind"] == "joined").sum() == 1
    found = found_by(own, {"area": "15000 m2"})
    assert members(found) == {"P1;P2", "P2;P3", "P3;P4"}
    assert found.joining.as_dict("en") == {"found": 3, "listed": 3, "complete": True, "words": ""}
    one = next(site for site in found.ranked if site.parcel_ids == "P3;P4")
    assert one.site_id == site_id(["P3", "P4"])
    assert one.obstacles == ("several_holders",)
    area = next(limit for limit in one.limits if limit.gate == "area")
    assert (area.has, area.margin) == (pytest.approx(15000), pytest.approx(0))
    assert own.shape([one.site_id])[0].area == pytest.approx(15000)
    assert own.shape(["P1", "nothing"])[1] is None
    told = one.as_dict("zh")
    assert told["cost_wan"] is None
    assert "assembly.compensation_wan_per_mu" in told["cost_words"]
    assert told["obstacles"] == [{"code": "several_holders", "title": "多个权利人"}]
    assert members(found_by(own, {"area": "15000 m2"}, holders_most=1)) == {"P1;P2"}


def test_what_one_parcel_can_do_alone_needs_no_other():
    own = siting(*ROW)
    found = found_by(own, {"area": "9000 m2"})
    assert {site.parcel_ids for site in found.ranked} == {"P1", "P2", "P3"}
    assert found.fits == 3


def test_all_that_hangs_together_stays_where_nothing_smaller_is_found_and_says_why_not():
    own = siting(*ROW)
    found = found_by(own, {"area": "40000 m2"})
    assert found.fits == 0
    whole = found.why_not[0]
    assert (whole.kind, whole.parcel_ids) == ("joined", "P1;P2;P3;P4")
    assert whole.counterfactual("en") == "It would fit with 5,000 m² more net area."


def test_the_rectangle_is_measured_on_the_joined_ground():
    own = siting(*ROW)
    found = found_by(own, {"rectangle": ["200 m", "80 m"]})
    assert members(found) == {"P1;P2", "P2;P3"}
    # P3 and P4 together are 200 m long, but only 50 m deep along P4; the largest on them is another.
    found = found_by(own, {"rectangle": ["200 m", "45 m"]})
    assert members(found) == {"P1;P2", "P2;P3", "P3;P4"}
    one = next(site for site in found.ranked if site.parcel_ids == "P3;P4")
    assert one.limits[-1].gate == "rectangle"
    assert one.limits[-1].verdict == 1
    assert [site.verdict for site in found.ranked] == [1] * found.fits
    assert own.shape([one.site_id])[0].geom_type == "MultiPolygon"


def test_parcels_that_bar_a_site_are_in_none_and_one_good_main_is_enough():
    own = siting(*ROW, use_code=["100101", "100101", "0701", "100101"], power_kva=[0.0, 500.0, 500.0, 500.0], power_kva_most=[0.0, 500.0, 500.0, 500.0])  # fmt: skip
    found = found_by(own, {"area": "15000 m2", "uses": ["1001"], "power": "400 kVA"})
    assert members(found) == {"P1;P2"}
    # P1 alone is large enough, but only a neighbour has the power.
    small = found_by(own, {"area": "9000 m2", "uses": ["1001"], "power": "400 kVA"})
    assert {site.parcel_ids for site in small.ranked} == {"P2"}


def test_a_neighbours_main_mends_what_a_parcel_lacks():
    own = siting(rect(0, 0, 100, 100), rect(100, 0, 50, 50), power_kva=[0.0, 500.0], power_kva_most=[0.0, 500.0])  # fmt: skip
    found = found_by(own, {"area": "9000 m2", "power": "400 kVA"})
    assert [site.parcel_ids for site in found.ranked] == ["P1;P2"]


def test_only_parcels_that_the_caller_may_know_of_are_joined():
    own = siting(*ROW, park_id=["K", "K", "L", "L"])
    assert members(found_by(within(own, ["K"]), {"area": "15000 m2"})) == {"P1;P2"}
    assert members(found_by(own, {"area": "15000 m2"}, park="L")) == {"P3;P4"}
    assert members(found_by(own, {"area": "15000 m2"}, kinds=["parcel"])) == set()


def test_bounds_that_are_reached_are_said():
    rules = overlaid(
        **NO_SETBACKS, **LEAST, siting__joined_most=1, assembly__compensation_wan_per_mu={"vacant": 9}
    )
    own = siting(*ROW, rules=rules)
    found = found_by(own, {"area": "15000 m2"})
    assert members(found) == {"P3;P4"}  # the least land costs least
    assert found.joining.found == 3
    assert found.joining.as_dict("en")["words"].startswith("2 more joined sites")
    assert found.ranked[0].as_dict("en")["cost_words"] == "Cost of bringing in: 202 x 10,000 yuan."
    few = siting(*ROW, rules=overlaid(**NO_SETBACKS, **LEAST, siting__joined_measured_most=1))
    told = found_by(few, {"area": "15000 m2"}).joining
    assert not told.complete
    assert told.as_dict("zh")["words"].startswith("未查看全部宗地组合")


def test_grounds_near_by_give_what_the_whole_desk_gives():
    layers = {
        "buildings": land([rect(10, 10, 20, 20), rect(5000, 0, 9, 9)], building_id=["B", "C"]),
        "constraints": zones("permanent_farmland", rect(150, 0, 10, 10), rect(9000, 0, 10, 10)),
        "utilities": land([LineString([(50, -9), (50, 200)]), LineString([(310, -9), (310, 900)])], kind=["power", "power"], utility_id=["U", "V"]),
        "roads": street([(-99, -8), (500, -8)], [(-99, 900), (500, 900)]),
    }  # fmt: skip
    before = desk(*ROW, layers=layers, rules=overlaid())
    after = before.take(net_land(before))
    pool = candidates_of(after)
    grounds = Grounds(after, pool.shape)
    for own in ((0,), (0, 1), (1, 2, 3)):
        ground = grounds.of(own)
        alone = np.array([ground.whole], dtype=object)
        from parkgeo.pipeline.net_land import fronts_of

        taken = takings(after, alone, fronts_of(after, alone), cleared=np.zeros(1, dtype=bool))
        left = taken_off(alone, taken)
        assert ground.net_area_m2 == pytest.approx(left.net_area_m2[0])
        assert ground.net.equals(left.shape[0])
        assert sorted(ground.removed["cause"]) == sorted(left.removed["cause"])
        assert ground.net_area_m2 < ground.whole.area


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), area=st.integers(2, 60), most=st.one_of(st.none(), st.integers(1, 3)))
def test_no_parcel_that_fits_is_lost_and_every_minimal_combination_is_there(seed, area, most):
    rng = np.random.default_rng(seed)
    count, wide = 6, 3
    sides = rng.integers(4, 10, count)
    shapes = [rect(10 * (at % wide), 10 * (at // wide), 10, 10) if rng.random() < 0.5 else rect(10 * (at % wide), 10 * (at // wide), int(side), 10) for at, side in enumerate(sides)]  # fmt: skip
    holders = [f"H{one}" for one in rng.integers(0, 3, count)]
    own = siting(*shapes, holder=holders)
    needs, limits = {"area": f"{area * 10} m2"}, {} if most is None else {"holders_most": most}
    alone = {site.site_id for site in found_by(own, needs, kinds=["parcel"], **limits).ranked}
    found = found_by(own, needs, **limits)
    assert {site.site_id for site in found.ranked if site.kind == "parcel"} == alone
    assert members(found) == _by_hand(shapes, holders, area * 10, most)


def _by_hand(shapes, holders, area, most):
    """Every set of two or more that hangs together and is enough, without one within it that is."""
    good = []
    for size in range(1, len(shapes) + 1):
        for each in subsets(range(len(shapes)), size):
            own = [shapes[at] for at in each]
            if any(set(one) < set(each) for one in good) or not _hang_together(own):
                continue
            few = most is None or len({holders[at] for at in each}) <= most
            if few and whole_ground(np.array(own, dtype=object), 2.0).area >= area * (1 - 1e-9):
                good.append(each)
    return {";".join(f"P{at + 1}" for at in each) for each in good if len(each) > 1}


def _hang_together(own):
    reached, before = {0}, set()
    while reached != before:
        before = reached
        reached = {at for at, one in enumerate(own) if any(one.distance(own[each]) <= 2 for each in before)}
    return len(reached) == len(own)


def test_a_desk_without_candidates_keeps_its_joined_sites():
    own = siting(*ROW)
    bare = replace(
        own, joined=JoinedLand(lambda: SimpleNamespace(parcels=pd.DataFrame({"parcel_id": ["P1"]})))
    )
    found = found_by(bare, {"area": "15000 m2"})
    assert found.joining is None
    assert members(found) == {"P1;P2;P3;P4"}
