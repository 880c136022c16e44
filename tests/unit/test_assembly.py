"""Joined sites: what can be joined, every minimal combination, what it costs, what stands in the way."""

from __future__ import annotations

from itertools import combinations as subsets

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from parkgeo.assess.gaps import gaps_frame
from parkgeo.metrics.rectangle import rectangle_fits
from parkgeo.pipeline.assembly import assembly, combined
from parkgeo.pipeline.net_land import net_land
from parkgeo.planning.assembly import (
    Pool,
    Streets,
    Wish,
    bringing_in_wan,
    combinations,
    groups,
    joins,
    site_id,
    whole_ground,
)
from tests.builders import land, rect
from tests.unit.test_net_land import desk, overlaid, street, zones

M2_PER_MU = 10000 / 15


def shapes(*parts):
    return np.array(parts, dtype=object)


def lane(x, width=9.0, *, minor=True):
    return Streets(shapes(LineString([(x, -99), (x, 199)])), np.array([width]), np.array([minor]))


class TestJoins:
    """Outlines that meet, a minor road between, and nothing else."""

    def test_touching_overlapping_near_and_far(self):
        row = shapes(
            rect(0, 0, 10, 10),
            rect(10, 0, 10, 10),
            rect(21.9, 0, 10, 10),
            rect(34, 0, 9, 9),
            rect(40, 5, 9, 9),
        )
        found = joins(row, Streets.none(), touching_m=2)
        assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(0, 1), (1, 2), (3, 4)]
        assert found.gap_m.tolist() == pytest.approx([0, 1.9, 0])
        assert groups(5, found).tolist() == [0, 0, 0, 1, 1]

    @pytest.mark.parametrize(
        ("gap", "street", "joined"),
        [(9, lane(15), True), (10.9, lane(15), True), (11.1, lane(15), False), (9, lane(500), False), (9, lane(15, minor=False), False)],
    )  # fmt: skip
    def test_across_a_minor_road_no_wider_than_it(self, gap, street, joined):
        pair = shapes(rect(0, 0, 10, 10), rect(10 + gap, 0, 10, 10))
        found = joins(pair, street, touching_m=2)
        assert found.across.tolist() == ([True] if joined else [])

    def test_a_main_road_parts_even_what_nearly_touches(self):
        pair = shapes(rect(0, 0, 10, 10), rect(11, 0, 10, 10))
        assert not len(joins(pair, lane(10.5, minor=False), touching_m=2).left)

    def test_no_parcels(self):
        assert not len(joins(shapes(), lane(5), touching_m=2).left)

    def test_whole_ground_closes_slots_and_not_streets(self):
        ground = whole_ground(shapes(rect(0, 0, 10, 10), rect(11, 0, 9, 10), rect(29, 0, 10, 10)), 2)
        assert ground.area == pytest.approx(300)
        assert len(ground.geoms) == 2


def exhaustive(pool: Pool, wish: Wish, fits=lambda _: True) -> set[tuple[int, ...]]:
    """Every subset tried: those that are connected and meet the wish, less those of which one member can be left out."""
    count = len(pool.area_m2)
    beside = np.eye(count, dtype=bool)
    for one, other in pool.pairs:
        beside[one, other] = beside[other, one] = True

    def meets(members: tuple[int, ...]) -> bool:
        own = beside[np.ix_(members, members)]
        return (
            bool(members)
            and bool(np.linalg.matrix_power(own.astype(int), len(members)).all())
            and pool.area_m2[list(members)].sum() >= wish.area_m2
            and (wish.holders_most is None or len(set(pool.holder[list(members)])) <= wish.holders_most)
            and fits(members)
        )

    every = [each for size in range(1, count + 1) for each in subsets(range(count), size)]
    good = {each for each in every if meets(each)}
    return {each for each in good if not any(tuple(at for at in each if at != gone) in good for gone in each)}


class TestCombinations:
    """Against exhaustive search, and in the right order."""

    @settings(max_examples=80, deadline=None)
    @given(
        seed=st.integers(0, 10**6), count=st.integers(1, 9), edges=st.integers(0, 16),
        area=st.integers(1, 30), most=st.one_of(st.none(), st.integers(1, 4)), block=st.booleans(),
    )  # fmt: skip
    def test_as_exhaustive_search(self, seed, count, edges, area, most, block):
        rng = np.random.default_rng(seed)
        pool = Pool(
            rng.integers(1, 10, count).astype(float), rng.integers(0, 4, count), rng.uniform(1, 9, count), rng.integers(0, count, (edges, 2))
        )  # fmt: skip
        # A rectangle goes on fitting where land is added: here, wherever one of some sets is held.
        held = [set(rng.integers(0, count, 2).tolist()) for _ in range(3)]

        def fits(members):
            return any(each <= set(members) for each in held)

        wish = Wish(float(area), most, (9, 9) if block else None)
        found = combinations(pool, wish, most=10**6, fits=fits)
        assert found.complete
        assert len(found.members) == len(set(found.members))
        assert set(found.members) == exhaustive(pool, wish, fits if block else lambda _: True)

    def test_best_first_by_cost_then_holders_then_area(self):
        nan = np.nan
        pool = Pool(np.array([5.0, 6, 7, 8, 9, 5]), np.array([0, 1, 2, 2, 3, 4]), np.array([1.0, 2, 2, 1, nan, nan]), np.array([[0, 1], [0, 2], [1, 3], [2, 3], [4, 5]]))  # fmt: skip
        found = combinations(pool, Wish(10.0), most=999)
        # All that is known costs the same: one holder comes before two, then the lesser area; an unknown cost comes last.
        assert found.members == [(2, 3), (0, 1), (0, 2), (1, 3), (4, 5)]
        assert found.cost_wan[:4] == [3, 3, 3, 3]
        assert found.holders[:2] == [1, 2]
        assert np.isnan(found.cost_wan[4])

    def test_a_single_parcel_that_is_enough(self):
        pool = Pool(np.array([5.0, 20]), np.array([0, 1]), np.zeros(2), np.array([[0, 1]]))
        assert combinations(pool, Wish(10.0), most=99).members == [(1,)]

    def test_a_bound_that_is_reached_is_said(self):
        count = 40
        pairs = np.stack([np.arange(count - 1), np.arange(1, count)], axis=1)
        pool = Pool(np.ones(count), np.arange(count), np.ones(count), pairs)
        found = combinations(pool, Wish(10.0), most=50)
        assert not found.complete
        assert found.looked_at == 50
        whole = combinations(pool, Wish(10.0), most=10**6)
        assert whole.complete
        assert len(whole.members) == 31

    def test_nothing_where_all_land_is_not_enough(self):
        pool = Pool(np.ones(4), np.arange(4), np.ones(4), np.array([[0, 1], [2, 3]]))
        found = combinations(pool, Wish(3.0), most=99)
        assert (found.members, found.looked_at, found.complete) == ([], 0, True)

    def test_no_pool(self):
        none = Pool(np.empty(0), np.empty(0, int), np.empty(0), np.empty((0, 2), int))
        assert combinations(none, Wish(1.0), most=9).members == []

    def test_a_rectangle_that_nothing_measures_is_refused(self):
        pool = Pool(np.ones(1), np.zeros(1, int), np.ones(1), np.empty((0, 2), int))
        with pytest.raises(ValueError, match="rectangle"):
            combinations(pool, Wish(1.0, rectangle_m=(3, 2)), most=9)


def test_cost_is_compensation_less_the_fee_and_never_below_nothing():
    cost = bringing_in_wan(
        ["idle", "idle", "idle", "vacant"], np.full(4, 15 * M2_PER_MU), {"idle": 10.0},
        fee_wan=np.array([np.nan, 30, 900, np.nan]), recovered=np.zeros(4, dtype=bool),
    )  # fmt: skip
    assert cost.tolist() == pytest.approx([150, 120, 0, np.nan], nan_ok=True)


def test_a_rectangle_fits_though_the_largest_is_another():
    strip_and_block = shapely.union_all([rect(0, 0, 20, 20), rect(20, 0, 50, 5)])
    assert rectangle_fits(strip_and_block, 70, 5)
    assert rectangle_fits(shapely.affinity.rotate(strip_and_block, 37), 69.9, 4.99)
    assert not rectangle_fits(strip_and_block, 71, 5)
    assert not rectangle_fits(strip_and_block, 70, 5.1)
    assert not rectangle_fits(shapely.Polygon(), 1, 1)


NO_SETBACKS = {"net_land__setback_side_m": 0, "net_land__setback_road_m": 0}


def worked(*parts, rules=None, **given):
    """A desk after the stage of net land."""
    before = desk(*parts, rules=rules or overlaid(**NO_SETBACKS), **given)
    return before.take(net_land(before))


class TestStage:
    """Sites of a park."""

    ROW = (rect(0, 0, 100, 100), rect(101, 0, 99, 100), rect(210, 0, 100, 100), rect(400, 0, 100, 100))

    def test_sites_of_two_and_more(self):
        own = worked(
            *self.ROW, holder=["A", "A", "B", "C"], layers={"roads": street([(205, -300), (205, 400)])}
        )
        sites = assembly(own).tables["sites"]
        row = sites.iloc[0]
        assert len(sites) == 1
        assert (row["parcel_ids"], row["parcels"], row["holders"]) == ("P1;P2;P3", 3, 2)
        assert row["area_m2"] == pytest.approx(29900)
        # The slot of 1 m between the first two is closed, the road is not.
        assert row["net_area_m2"] == pytest.approx(30000)
        assert (row["rectangle_long_m"], row["rectangle_short_m"]) == pytest.approx((200, 100), rel=1e-4)
        assert row["obstacles"] == "minor_road;several_holders"
        assert row["site_id"] == site_id(["P3", "P2", "P1"])
        assert np.isnan(row["cost_wan"])
        assert row.geometry.geom_type == "MultiPolygon"

    def test_no_setback_runs_where_two_of_its_parcels_meet(self):
        pair = worked(
            rect(0, 0, 100, 100), rect(100, 0, 100, 100), rules=overlaid(net_land__setback_side_m=5)
        )
        assert pair.parcels["net_area_m2"].sum() == pytest.approx(2 * 90 * 90)
        assert assembly(pair).tables["sites"]["net_area_m2"].tolist() == [pytest.approx(190 * 90)]

    def test_what_is_too_small_or_no_candidate_is_left_out(self):
        small = worked(rect(0, 0, 70, 70), rect(70, 0, 70, 70))
        assert len(assembly(small).tables["sites"]) == 0
        used = worked(*self.ROW, land_state=["in_use"] * 4)
        empty = assembly(used).tables["sites"]
        full = assembly(worked(*self.ROW)).tables["sites"]
        assert len(empty) == 0
        assert list(empty.columns) == list(full.columns)
        assert [str(kind) for kind in empty.dtypes.drop("geometry")] == [
            str(kind) for kind in full.dtypes.drop("geometry")
        ]

    def test_obstacles(self):
        layers = {
            "buildings": land([rect(10, 10, 20, 20)], building_id=["B"]),
            "constraints": zones("flood", rect(150, 0, 10, 10)),
            "utilities": land([LineString([(50, -9), (50, 200)])], kind=["gas"], utility_id=["U"]),
        }
        sites = assembly(worked(*self.ROW[:2], layers=layers, holder=["A", "A"])).tables["sites"]
        assert sites["obstacles"].tolist() == ["building_kept;constraint;main_across"]

    def test_an_offices_rates(self):
        rules = overlaid(**NO_SETBACKS, assembly__compensation_wan_per_mu={"vacant": 10})
        own = worked(*self.ROW[:2], rules=rules)
        assert assembly(own).tables["sites"]["cost_wan"].tolist() == [pytest.approx(19900 / M2_PER_MU * 10)]
        mixed = worked(*self.ROW[:2], rules=rules, land_state=["supplied_not_started", "reserve"])
        part = assembly(mixed)
        assert part.tables["sites"]["cost_wan"].isna().all()
        told = gaps_frame(part.gaps).query("field == 'cost_wan'")
        assert told["ask_en"].str.contains("reserve").tolist() == [True]

    def test_what_is_not_known_is_asked_for(self):
        told = gaps_frame(assembly(worked(*self.ROW)).gaps).set_index("field")["ask_en"]
        assert "compensation" in told["cost_wan"]
        assert "roads" in told["parcel_ids"]
        assert "holders" in told["holders"]

    def test_the_order_of_rows_changes_nothing(self):
        one = assembly(worked(*self.ROW)).tables["sites"]
        other = assembly(worked(*self.ROW[::-1], parcel_id=["P4", "P3", "P2", "P1"])).tables["sites"]
        assert one["site_id"].tolist() == other["site_id"].tolist()
        assert one["net_area_m2"].tolist() == pytest.approx(other["net_area_m2"].tolist())

    def test_combinations_around_a_wish(self):
        own = worked(
            *self.ROW[:2], rect(0, 100, 100, 100), rect(101, 100, 99, 50), holder=["A", "B", "C", "B"]
        )
        found, parcels = combined(own, Wish(19000.0, rectangle_m=(190, 95)))
        assert parcels == [("P1", "P2"), ("P1", "P3")]
        assert found.complete
