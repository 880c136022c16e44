"""Layout in figures: shapes that the reader can work out in the head, and laws."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from parkgeo.metrics.layout import (
    block_of,
    blocks_between,
    compactness,
    effective_mesh,
    entropy,
    group_areas,
    junction_counts,
    least_rectangles,
    orientation_spread,
    patches,
    rectangularity,
    shares,
)
from parkgeo.metrics.network.noding import road_graph
from tests.builders import l_shape, land, rect, with_hole

SQUARE = rect(0, 0, 100, 100)


def line(*points):
    return shapely.LineString(points)


def array(*shapes):
    return np.array(shapes, dtype=object)


class TestShape:
    def test_known_shapes(self):
        found = land([rect(0, 0, 10, 10), rect(0, 0, 100, 10), l_shape(0, 0, 10), with_hole(0, 0, 10, 5)])
        expected = [np.pi / 4, 4 * np.pi * 1000 / 220**2, 4 * np.pi * 75 / 40**2, 4 * np.pi * 75 / 60**2]
        assert compactness(found.geometry).tolist() == pytest.approx(expected)
        assert rectangularity(found.geometry).tolist() == pytest.approx([1.0, 1.0, 0.75, 0.75])

    def test_no_shape_is_missing(self):
        nothing = land([None, shapely.Polygon()])
        assert compactness(nothing.geometry).isna().all()
        assert rectangularity(nothing.geometry).isna().all()

    @given(st.floats(0, 179), st.floats(1.0, 50.0), st.floats(-1e5, 1e5))
    def test_turning_moving_and_scaling_change_nothing_but_the_direction(self, angle, factor, away):
        drawn = affinity.rotate(l_shape(0, 0, 40), -angle, origin=(0, 0))  # clockwise
        moved = land([affinity.translate(affinity.scale(drawn, factor, factor, origin=(0, 0)), away, away)])
        assert compactness(moved.geometry)[0] == pytest.approx(4 * np.pi * 0.75 / 16, rel=1e-6)
        assert rectangularity(moved.geometry)[0] == pytest.approx(0.75, rel=1e-6)

    @given(st.floats(0.0, 179.5))
    def test_direction_of_the_long_side_is_clockwise_from_north(self, angle):
        hall = affinity.rotate(rect(-5, -50, 10, 100), -angle, origin=(0, 0))
        found = least_rectangles(array(hall))
        assert (found.long_m[0], found.short_m[0]) == pytest.approx((100, 10))
        apart = abs(found.azimuth[0] - angle) % 180
        assert min(apart, 180 - apart) == pytest.approx(0, abs=1e-6)

    def test_spread_of_directions(self):
        one, weight = np.zeros(2, dtype=np.intp), np.ones(2)
        assert orientation_spread(np.array([30.0, 120.0]), weight, one, 1)[0] == pytest.approx(0, abs=1e-12)
        assert orientation_spread(np.array([0.0, 45.0]), weight, one, 1)[0] == pytest.approx(1)
        # Two directions 22.5° apart stand at a right angle once stretched fourfold.
        assert orientation_spread(np.array([0.0, 22.5]), weight, one, 1)[0] == pytest.approx(1 - np.sqrt(0.5))
        assert np.isnan(orientation_spread(np.array([np.nan, 1.0]), weight, np.array([0, -1]), 1)[0])


class TestMix:
    def test_shares_leave_out_what_is_not_known(self):
        areas = group_areas(
            np.array([30.0, 10.0, 60.0, 5.0]),
            np.array([0, 1, -1, 0]),
            np.array([0, 0, 0, -1]),
            groups=2,
            owners=2,
        )
        assert areas.tolist() == [[30, 10, 60], [0, 0, 0]]
        assert shares(areas)[0].tolist() == [0.75, 0.25]
        assert np.isnan(shares(areas)[1]).all()

    @given(st.lists(st.floats(0.0, 1e6), min_size=5, max_size=5).filter(lambda each: sum(each) > 1))
    def test_mix_is_between_one_use_and_all_alike(self, areas):
        share = shares(np.array([[*areas, 0.0]]))
        assert 0 <= entropy(share)[0] <= 1
        assert entropy(share[:, ::-1]) == pytest.approx(entropy(share))

    def test_mix_by_hand(self):
        assert entropy(np.array([[0.5, 0.5, 0, 0, 0]]))[0] == pytest.approx(np.log(2) / np.log(5))


class TestHoldings:
    ROW = array(*(rect(10 * at, 0, 10, 10) for at in range(4)))
    AREA = np.full(4, 100.0)

    def mesh(self, holder):
        patch = patches(self.ROW, np.array(holder), touching_m=0.5)
        return effective_mesh(self.AREA, patch, np.zeros(4, dtype=np.intp), owners=1)[0]

    def test_each_parcel_its_own(self):
        assert self.mesh([0, 1, 2, 3]) == 100
        assert self.mesh([-1, -1, -1, -1]) == 100

    def test_adjoining_parcels_of_one_hand_are_one_patch(self):
        assert self.mesh([0, 0, 0, 0]) == 400
        assert self.mesh([0, 0, 1, 1]) == 200
        # The third of them stands between: they do not lie together.
        assert self.mesh([0, 1, 0, 1]) == 100

    def test_a_patch_across_two_parks_is_cut(self):
        patch = patches(self.ROW, np.zeros(4, dtype=np.intp), touching_m=0.5)
        found = effective_mesh(self.AREA, patch, np.array([0, 0, 0, 1]), owners=3)
        assert found[:2].tolist() == [300, 100]
        assert np.isnan(found[2])


class TestBlocks:
    CROSS = array(line((50, -10), (50, 110)), line((-10, 25), (110, 25)))

    def test_two_streets_make_four_blocks_from_north_to_south(self):
        found = blocks_between(self.CROSS, array(SQUARE))
        assert shapely.area(found.shapes).tolist() == [3750, 3750, 1250, 1250]
        assert shapely.bounds(found.shapes)[:, 0].tolist() == [0, 50, 0, 50]

    def test_a_dead_end_divides_nothing(self):
        found = blocks_between(array(line((50, -10), (50, 60))), array(SQUARE))
        assert shapely.area(found.shapes).tolist() == [10_000]

    def test_two_parks_share_no_ground(self):
        found = blocks_between(self.CROSS, array(SQUARE, rect(100, 0, 100, 100)))
        assert np.bincount(found.park).tolist() == [4, 1]
        assert np.bincount(found.park, shapely.area(found.shapes)).tolist() == [10_000, 10_000]

    @settings(max_examples=25)
    @given(st.lists(st.tuples(*[st.floats(-20, 120)] * 4), max_size=8))
    def test_blocks_are_the_park_once(self, ends):
        lines = array(*(line(each[:2], each[2:]) for each in ends if each[:2] != each[2:]))
        park = with_hole(0, 0, 100, 20)
        found = blocks_between(lines, array(park))
        assert shapely.area(found.shapes).sum() == pytest.approx(park.area, rel=1e-9)
        again = blocks_between(lines[::-1], array(park))
        assert shapely.area(again.shapes) == pytest.approx(shapely.area(found.shapes), rel=1e-9)

    def test_a_parcel_belongs_where_most_of_it_lies(self):
        blocks = blocks_between(self.CROSS, array(SQUARE)).shapes
        sites = array(rect(40, 30, 15, 10), rect(48, 30, 15, 10), rect(200, 0, 1, 1), rect(45, 20, 10, 10))
        assert block_of(sites, blocks).tolist() == [0, 1, -1, 0]

    def test_junctions_are_nodes_of_three_stretches(self):
        roads = land(
            [*self.CROSS, line((50, 60), (90, 60)), line((20, 80), (30, 80))],
            road_id=list("abcd"), road_class=["local", "local", "internal", "local"],
        )  # fmt: skip
        graph, _ = road_graph(
            roads, by_vertex=np.zeros(4, dtype=bool), snap_m=0.5, near_miss_m=0.0, join=False
        )
        every = np.ones(graph.edges, dtype=bool)
        assert junction_counts(graph, every, array(SQUARE)).tolist() == [2]
        assert junction_counts(graph, graph.road != 2, array(SQUARE, rect(0, 50, 100, 50))).tolist() == [1, 0]
