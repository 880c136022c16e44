"""Measures of access by arithmetic, their laws, and the indicators of a park that rest on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.park.reach import KindReached, ParkStaff, road_density_row, road_groups, staff_rows
from parkgeo.errors import PackError
from parkgeo.i18n import messages
from parkgeo.metrics import access
from parkgeo.metrics.attribution import Named, Stays, named_alike, tenancies, year_of
from parkgeo.packs import load_packs

NAN, INF = np.nan, np.inf
NATIONAL = load_packs(["national"], Path())


def pairs(*rows):
    """Facility, owner, minutes."""
    facility, owner, minutes = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(facility, dtype=np.intp), np.array(owner, dtype=np.intp), np.array(minutes, dtype=float)


@st.composite
def places(draw, *, everyone=False):
    """Pairs of a few facilities and owners, supply and demand; of ``everyone`` each facility has people within 15 minutes."""
    facilities, owners = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    minutes = st.floats(0, 60)
    rows = [
        (facility, owner, draw(minutes))
        for facility in range(facilities)
        for owner in range(owners)
        if draw(st.booleans())
    ]
    if everyone:
        nearest = [(facility, draw(st.integers(0, owners - 1))) for facility in range(facilities)]
        rows = [row for row in rows if row[:2] not in nearest] + [
            (*each, draw(st.floats(0, 15))) for each in nearest
        ]
    amounts = st.floats(0.5, 1000)
    supply = np.array(draw(st.lists(amounts, min_size=facilities, max_size=facilities)))
    demand = np.array(draw(st.lists(amounts, min_size=owners, max_size=owners)))
    return pairs(*rows), supply, demand, np.ones(owners, dtype=bool)


class TestCounts:
    CONNECTED = np.array([True, True, False])
    PAIRS = pairs((0, 0, 30.0), (1, 0, 30.001), (2, 0, 5.0), (3, 1, INF), (4, 1, NAN))

    def test_within_counts_its_own_edge_and_nothing_beyond(self):
        found = access.opportunities(*self.PAIRS[1:], self.CONNECTED, within_min=30.0)
        np.testing.assert_array_equal(found, [2, 0, NAN])

    def test_weights_add_up(self):
        weight = np.array([10.0, 100.0, 1.0, 5.0, 5.0])
        found = access.weight_within(*self.PAIRS, weight, self.CONNECTED, within_min=30.0)
        np.testing.assert_array_equal(found, [11, 0, NAN])

    def test_an_unknown_weight_matters_only_where_it_is_reached(self):
        weight = np.array([10.0, NAN, 1.0, 5.0, 5.0])
        near, far = (
            access.weight_within(*self.PAIRS, weight, self.CONNECTED, within_min=each) for each in (30, 31)
        )
        np.testing.assert_array_equal(near, [11, 0, NAN])
        np.testing.assert_array_equal(far, [NAN, 0, NAN])

    def test_no_pairs_at_all_is_0_and_not_nan(self):
        nobody = pairs()
        np.testing.assert_array_equal(
            access.opportunities(*nobody[1:], self.CONNECTED, within_min=30), [0, 0, NAN]
        )
        found = access.gravity(*nobody, np.array([]), self.CONNECTED, half_min=15)
        np.testing.assert_array_equal(found, [0, 0, NAN])
        found = access.two_step(*nobody, np.array([]), np.zeros(3), self.CONNECTED, within_min=15).access
        np.testing.assert_array_equal(found, [0, 0, NAN])

    def test_served(self):
        minutes = np.array([15.0, 15.001, NAN, INF, NAN])
        found = access.served(minutes, np.array([True] * 4 + [False]), within_min=15.0)
        np.testing.assert_array_equal(found, [1, 0, 0, 0, NAN])


class TestGravity:
    def test_by_hand(self):
        found = access.gravity(
            *pairs((0, 0, 0.0), (1, 0, 15.0), (2, 0, 45.0), (0, 1, 30.0)), np.array([1.0, 2.0, 16.0]), np.ones(2, dtype=bool),
            half_min=15.0,
        )  # fmt: skip
        assert found.tolist() == [1 + 1 + 2, 0.25]

    def test_what_is_farther_than_the_limit_does_not_count(self):
        found = access.gravity(
            *pairs((0, 0, 30.0), (1, 0, 31.0)), np.ones(2), np.ones(1, dtype=bool), half_min=15, within_min=30
        )
        assert found.tolist() == [0.25]

    def test_no_way_is_nothing_and_no_weight_is_unknown(self):
        gates = np.ones(2, dtype=bool)
        found = access.gravity(
            *pairs((0, 0, INF), (1, 0, NAN), (1, 1, 15.0)), np.array([NAN, NAN]), gates, half_min=15
        )
        np.testing.assert_array_equal(found, [0, NAN])

    @pytest.mark.parametrize("half_min", [0.0, -1.0, NAN])
    def test_a_half_life_that_is_none(self, half_min):
        with pytest.raises(PackError, match="half-life"):
            access.decay(np.array([1.0]), half_min=half_min)

    @given(places(), st.floats(0.01, 30))
    def test_it_falls_with_minutes(self, place, more):
        (facility, owner, minutes), weight, _, connected = place
        near = access.gravity(facility, owner, minutes, weight, connected, half_min=15)
        far = access.gravity(facility, owner, minutes + more, weight, connected, half_min=15)
        reached = np.isin(np.arange(len(connected)), owner)
        assert (far[reached] < near[reached]).all()
        assert (far[~reached] == 0).all()

    @given(places())
    def test_one_half_life_more_halves_it(self, place):
        (facility, owner, minutes), weight, _, connected = place
        near, far = (
            access.gravity(facility, owner, minutes + more, weight, connected, half_min=15)
            for more in (0, 15)
        )
        np.testing.assert_allclose(far, near / 2, rtol=1e-12)


class TestCatchment:
    GATES = np.ones(2, dtype=bool)

    def test_enhanced_by_hand(self):
        """Two clinics of 10 and 6 beds; bands to 5, 10, 15 minutes weigh 1, 0.68, 0.22.

        People: 20 at 5 and 15 minutes of the first and the second, 50 at 10 of the first, 100 at 15.1 of the first and 12 of the second.
        First: 10 ÷ (20 + 0.68 · 50) = 10 ÷ 54. Second: 6 ÷ (0.22 · 20 + 0.22 · 100) = 6 ÷ 26.4.
        """
        found = access.enhanced_two_step(
            *pairs((0, 0, 5.0), (1, 0, 15.0), (0, 1, 10.0), (0, 2, 15.1), (1, 2, 12.0)), np.array([10.0, 6.0]),
            np.array([20.0, 50.0, 100.0]), np.ones(3, dtype=bool), steps_min=(5, 10, 15), weights=(1, 0.68, 0.22),
        )  # fmt: skip
        first, second = 10 / 54, 6 / 26.4
        np.testing.assert_allclose(found.ratio, [first, second], rtol=1e-14)
        np.testing.assert_allclose(
            found.access, [first + 0.22 * second, 0.68 * first, 0.22 * second], rtol=1e-14
        )

    def test_unknown_people_leave_it_open_with_an_upper_bound(self):
        found = access.two_step(
            *pairs((0, 0, 1.0), (0, 1, 1.0), (1, 1, 1.0)), np.array([6.0, 4.0]), np.array([NAN, 2.0]), self.GATES, within_min=15
        )  # fmt: skip
        np.testing.assert_array_equal(found.ratio, [NAN, 2])
        np.testing.assert_array_equal(found.access, [NAN, NAN])
        np.testing.assert_array_equal(found.at_most, [3, 5])

    def test_supply_with_nobody_in_reach_is_no_number_a_person(self):
        found = access.two_step(
            *pairs((0, 0, 1.0)), np.array([6.0]), np.array([0.0, 9.0]), self.GATES, within_min=15
        )
        np.testing.assert_array_equal(found.access, [NAN, 0])
        np.testing.assert_array_equal(found.at_most, [NAN, 0])

    def test_no_supply_is_none_for_anybody(self):
        found = access.two_step(
            *pairs((0, 0, 1.0)), np.array([0.0]), np.array([NAN, 9.0]), self.GATES, within_min=15
        )
        np.testing.assert_array_equal(found.access, [0, 0])

    def test_unknown_supply_and_no_gate(self):
        found = access.two_step(
            *pairs((0, 0, 1.0)), np.array([NAN]), np.array([3.0, 9.0]), np.array([True, False]), within_min=15
        )
        np.testing.assert_array_equal(found.access, [NAN, NAN])
        np.testing.assert_array_equal(found.at_most, [NAN, NAN])

    @given(places(everyone=True))
    def test_all_supply_is_shared_out(self, place):
        found_pairs, supply, demand, connected = place
        plain = access.two_step(*found_pairs, supply, demand, connected, within_min=15)
        banded = access.enhanced_two_step(
            *found_pairs, supply, demand, connected, steps_min=(5, 10, 15), weights=(1, 0.68, 0.22)
        )
        for found in (plain, banded):
            assert (found.access * demand).sum() == pytest.approx(supply.sum(), rel=1e-9)
            np.testing.assert_array_equal(found.access, found.at_most)

    @given(places(), st.data())
    def test_more_supply_never_lowers_access(self, place, data):
        found_pairs, supply, demand, connected = place
        more = supply.copy()
        more[data.draw(st.integers(0, len(supply) - 1))] += data.draw(st.floats(0, 100))
        before, after = (
            access.two_step(*found_pairs, each, demand, connected, within_min=15).access
            for each in (supply, more)
        )
        assert (after >= before).all()

    @given(places(), st.data())
    def test_more_people_never_raise_it(self, place, data):
        found_pairs, supply, demand, connected = place
        more = demand.copy()
        more[data.draw(st.integers(0, len(demand) - 1))] += data.draw(st.floats(0, 100))
        before, after = (
            access.two_step(*found_pairs, supply, each, connected, within_min=15).access
            for each in (demand, more)
        )
        assert (after <= before).all()

    @given(places(), st.randoms())
    def test_the_order_of_pairs_changes_nothing(self, place, random):
        found_pairs, supply, demand, connected = place
        order = list(range(len(found_pairs[0])))
        random.shuffle(order)
        turned = tuple(each[order] for each in found_pairs)
        one, other = (
            access.two_step(*each, supply, demand, connected, within_min=15).access
            for each in (found_pairs, turned)
        )
        np.testing.assert_allclose(one, other, rtol=1e-12)


class TestBands:
    @given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.floats(0, 100), st.floats(0, 100))
    def test_a_later_band_never_weighs_more(self, weights, one, other):
        ends = np.arange(1, len(weights) + 1) * 10.0
        near, far = access.band_weight(
            np.array(sorted([one, other])), steps_min=tuple(ends), weights=sorted(weights, reverse=True)
        )
        assert far <= near

    @pytest.mark.parametrize(
        ("steps", "weights", "told"),
        [
            ((), (), "0 bands"),
            ((5, 10), (1,), "1 weights"),
            ((10, 5), (1, 0.5), "10, 5 minutes"),
            ((5, 5), (1, 0.5), "5, 5 minutes"),
            ((5, 10), (0.5, 1), "weigh 0.5, 1"),
            ((5, 10), (1, -0.1), "weigh 1, -0.1"),
            ((5, NAN), (1, 0.1), "nan minutes"),
        ],
    )
    def test_bands_that_cannot_be_used(self, steps, weights, told):
        with pytest.raises(PackError, match=told):
            access.band_weight(np.array([1.0]), steps_min=steps, weights=weights)

    def test_the_shipped_bands_can_be_used(self):
        steps, weights = (
            [float(each) for each in NATIONAL[f"access.e2sfca_{name}"].texts()]
            for name in ("steps_min", "weights")
        )
        assert access.band_weight(np.array([5, 10, 15, 15.1]), steps_min=steps, weights=weights).tolist() == [
            1,
            0.68,
            0.22,
            0,
        ]


class TestCost:
    RATES = {"yuan_per_km": 3.0, "yuan_per_h": 60.0, "toll_yuan_per_km": 2.0, "load_t": 10.0}  # noqa: RUF012

    def test_by_hand(self):
        found = access.truck_yuan_per_t(
            np.array([10.0, 10.0]), np.array([30.0, 30.0]), np.array([0.0, 5.0]), **self.RATES
        )
        assert found.tolist() == [6.0, 7.0]

    def test_any_missing_part_leaves_it_missing(self):
        parts = np.array([[NAN, 1.0, 1.0], [1.0, NAN, 1.0], [1.0, 1.0, NAN]])
        assert np.isnan(access.truck_yuan_per_t(*parts, **self.RATES)).all()

    @pytest.mark.parametrize(
        "wrong", [{"load_t": 0.0}, {"load_t": NAN}, {"yuan_per_km": -1.0}, {"toll_yuan_per_km": NAN}]
    )
    def test_rates_that_cannot_be(self, wrong):
        with pytest.raises(PackError, match="truck rates"):
            access.truck_yuan_per_t(np.ones(1), np.ones(1), np.ones(1), **(self.RATES | wrong))


def stays_of(rows, parcels=("p", "q")):
    """Tenancies of a year; parcels that are not among these two lie elsewhere."""
    where = pd.DataFrame(rows, columns=["enterprise_id", "parcel_id", "occupied_area_m2"])
    at = np.array([parcels.index(name) if name in parcels else -1 for name in where["parcel_id"]])
    companies = named_alike(where["enterprise_id"])[0]
    return Stays.within(tenancies(where, companies, Named(pd.Index(parcels), at)), year_of(2025))


class TestStaff:
    def test_every_person_is_placed_or_told(self):
        """Company a: 1 : 3 by area; b: an area is not known; c: filed nothing; d: elsewhere."""
        stays = stays_of(
            [
                ("a", "p", 1.0),
                ("a", "q", 3.0),
                ("b", "p", NAN),
                ("b", "q", 5.0),
                ("c", "q", 2.0),
                ("d", "z", 1.0),
            ]
        )
        staff = np.array([40.0, 7.0, NAN, 3.0])
        found = access.placed_staff(stays, staff)
        assert found.on_parcel.tolist() == [10.0, 30.0]
        assert found.unplaced.tolist() == [0.0, 7.0, 0.0, 3.0]
        assert found.certain.tolist() == [False, False]
        assert found.on_parcel.sum() + found.unplaced.sum() == np.nansum(staff)

    @given(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("pqz"), st.floats(1, 1e5)),
            min_size=1,
            max_size=8,
        )
    )
    def test_nobody_is_lost_or_made(self, rows):
        stays = stays_of(rows)
        staff = np.arange(1.0, len(stays.of.companies) + 1) * 17
        found = access.placed_staff(stays, staff)
        assert found.on_parcel.sum() + found.unplaced.sum() == pytest.approx(staff.sum())
        assert (found.unplaced >= 0).all()

    def test_a_park(self):
        """100 people near, 60 far, 30 without any way, 10 on a parcel without a road, 5 on no parcel."""
        staff = ParkStaff(
            np.array([100.0, 60.0, 30.0, 10.0]), np.array([True, True, True, False]), unplaced=5.0, silent=2
        )
        rows, gaps = staff_rows(
            [KindReached("canteen", "walk", np.array([15.0, 16.0, NAN, NAN]))], staff, within_min=15.0
        )
        (row,) = rows
        assert (row["name"], row["unit"]) == ("staff_within_canteen", "%")
        assert (row["numerator"], row["denominator"]) == (100.0, 190.0)
        assert row["value"] == pytest.approx(100 * 100 / 190)
        assert (row["low"], row["high"]) == pytest.approx((100 * 100 / 205, 100 * 115 / 205))
        assert row["en"] == "Staff within 15 min on foot of the nearest canteen"
        assert row["zh"] == "15 分钟内步行可达最近食堂的职工占比"
        assert "Of 205 staff filed 190 are counted; 10 work" in row["value_en"]
        assert "申报职工 205 人，计入 190 人" in row["value_zh"]
        assert [gap[:3] for gap in gaps] == [("indicators", None, "staff_within_canteen")]

    def test_nothing_to_tell_where_all_are_known(self):
        staff = ParkStaff(np.array([1.0, 3.0]), np.array([True, True]))
        (row,), gaps = staff_rows(
            [KindReached("fire_station", "inbound", np.array([1.0, 99.0]))], staff, within_min=15.0
        )
        assert (row["value"], row["low"], row["high"], gaps) == (25.0, 25.0, 25.0, [])
        assert row["en"] == "Staff within 15 min by car from the nearest fire station"
        assert "value_en" in row
        assert row["value_en"] == ""

    @pytest.mark.parametrize(
        ("staff", "minutes", "told"),
        [
            (None, np.array([1.0]), "occupancy"),
            (ParkStaff(np.array([1.0]), np.array([True])), None, "clinic"),
            (ParkStaff(np.array([1.0]), np.array([False])), np.array([NAN]), "meets a road"),
            (
                ParkStaff(np.array([0.0]), np.array([True])),
                np.array([1.0]),
                "staff in the companies' returns",
            ),
        ],
    )
    def test_where_nobody_can_be_judged_a_gap_says_why(self, staff, minutes, told):
        (row,), (gap,) = staff_rows([KindReached("clinic", "car", minutes)], staff, within_min=15.0)
        assert np.isnan(row["value"])
        assert told in gap[3]["en"]
        assert gap[3]["zh"] != gap[3]["en"]

    def test_a_kind_that_the_layer_does_not_know_keeps_its_name(self):
        (row,), _ = staff_rows([KindReached("gym {x}", "car", None)], None, within_min=12.5)
        assert row["en"] == "Staff within 12.5 min by car of the nearest gym {x}"

    @given(
        st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 60) | st.just(NAN), st.booleans()), min_size=1),
        st.floats(0, 1e4),
    )
    def test_the_value_lies_within_its_bounds(self, parcels, unplaced):
        people, minutes, connected = (np.array(each) for each in zip(*parcels, strict=True))
        staff = ParkStaff(people, connected, unplaced)
        (row,), _ = staff_rows([KindReached("clinic", "car", minutes)], staff, within_min=15.0)
        if not np.isnan(row["value"]):
            assert -1e-9 <= row["low"] <= row["value"] + 1e-9
            assert row["value"] <= row["high"] + 1e-9 <= 100 + 2e-9


class TestDensity:
    LINES = np.array(
        [
            shapely.LineString([(-500, 500), (1500, 500)]),  # crosses the square from side to side
            shapely.LineString([(200, 0), (200, 400)]),
            shapely.MultiLineString([[(800, 900), (800, 1100)], [(900, 900), (950, 900)]]),
            shapely.LineString([(5000, 0), (5000, 100)]),
            None,
            shapely.LineString(),
        ],
        dtype=object,
    )
    SQUARE = np.array([shapely.box(0, 0, 1000, 1000)])

    def test_lines_count_as_far_as_they_lie_within(self):
        found = access.length_within_m(self.LINES, self.SQUARE, np.array([0, 1, 1, 0, 0, 1]), groups=2)
        np.testing.assert_allclose(found, [[1000, 550]], rtol=1e-12)

    def test_no_lines(self):
        found = access.length_within_m(
            np.array([], dtype=object), self.SQUARE, np.array([], dtype=np.intp), groups=3
        )
        assert found.tolist() == [[0.0, 0.0, 0.0]]

    # Whole metres: on which side of an edge a line a hair beside it lies is a matter of rounding.
    @given(st.lists(st.tuples(*[st.integers(-100, 1100)] * 4), max_size=6), st.integers(1, 999))
    def test_halves_add_up(self, ends, cut):
        lines = np.array([shapely.LineString([each[:2], each[2:]]) for each in ends], dtype=object)
        group = np.zeros(len(lines), dtype=np.intp)
        halves = np.array([shapely.box(0, 0, cut, 1000), shapely.box(cut, 0, 1000, 1000)])
        whole, parts = (
            access.length_within_m(lines, areas, group, groups=1) for areas in (self.SQUARE, halves)
        )
        # A line along the cut counts half in either half.
        assert parts.sum() == pytest.approx(whole.sum(), abs=1e-6)

    def test_a_road_on_the_edge_counts_half(self):
        edge = np.array([shapely.LineString([(0, -100), (0, 400)]), shapely.LineString([(0, 0), (600, 0)])])
        found = access.length_within_m(edge, self.SQUARE, np.zeros(2, dtype=np.intp), groups=1)
        assert found.tolist() == [[(400 + 600) / 2]]

    def test_groups(self):
        classes = pd.Series(["arterial", None, "", "motorway", "internal", "local"], dtype="str")
        assert road_groups(classes, NATIONAL["access.density_classes"].texts()).tolist() == [0, 1, 1, 2, 2, 0]

    def test_of_a_square_kilometre(self):
        row, gaps = road_density_row(4500.0, 0.0, 1e6, NATIONAL)
        assert (row["value"], row["low"], row["high"], row["unit"]) == (4.5, 4.5, 4.5, "km/km2")
        assert (row["numerator"], row["denominator"], gaps) == (4.5, 1.0, [])

    def test_the_standard_is_off_until_an_office_switches_it_on(self, tmp_path):
        assert "benchmark" not in road_density_row(4500.0, 0.0, 1e6, NATIONAL)[0]
        head = '[pack]\nname = "ours"\nedition = "1"\nswitch_on = ["benchmark.road_density_km_per_km2"]\n'
        (tmp_path / "ours.toml").write_text(head, encoding="utf-8")
        row, _ = road_density_row(4500.0, 0.0, 1e6, load_packs(["national", "ours.toml"], tmp_path))
        assert (row["benchmark"], row["verified"]) == (4.0, False)

    def test_roads_of_unknown_class_are_bounds(self):
        row, gaps = road_density_row(3000.0, 1500.0, 1e6, NATIONAL)
        assert np.isnan(row["value"])
        assert (row["low"], row["high"]) == (3.0, 4.5)
        assert "1.5 km" in gaps[0][3]["en"]
        few, told = road_density_row(3000.0, 10.0, 1e6, NATIONAL)
        assert (few["value"], few["high"], len(told)) == (3.0, 3.01, 1)

    @pytest.mark.parametrize("lengths", [(NAN, NAN, 1e6), (1.0, NAN, 1e6), (1.0, 1.0, 0.0), (1.0, 1.0, NAN)])
    def test_without_roads_or_boundary(self, lengths):
        row, gaps = road_density_row(*lengths, NATIONAL)
        assert np.isnan(row["value"])
        assert gaps

    def test_a_park_without_any_road_has_none(self):
        assert road_density_row(0.0, 0.0, 1e6, NATIONAL)[0]["value"] == 0.0


def test_every_sentence_is_translated():
    from parkgeo.assess.park import reach

    for name in ("_NO_STAFF", "_NO_FACILITY", "_NO_WAY", "_PARTLY", "_NO_ROADS", "_UNCOVERED", "_UNCLASSED"):
        assert getattr(reach, name) in messages("zh"), name
