"""Where parcels, gates and facilities meet the roads: by arithmetic and by law."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.metrics.network.ends import (
    carried_ends,
    edge_lines,
    facility_ends,
    gates,
    given_gates,
    joined_ends,
)
from parkgeo.metrics.network.splitting import split
from tests.builders import rect
from tests.road_builder import drawn, ends


def fronting(graph, *parcels, half=8.0, may=None, most=4, spacing=100.0, frontage=15.0):
    return gates(
        np.array(parcels, dtype=object),
        graph,
        np.broadcast_to(np.asarray(half, dtype=float), graph.edges),
        np.ones(graph.edges, dtype=bool) if may is None else np.array(may),
        frontage_m=frontage,
        spacing_m=spacing,
        most=most,
    )


def spots(graph, found):
    return shapely.line_interpolate_point(edge_lines(graph)[found.edge], found.fraction, normalized=True)


ROAD = drawn([(0, 0), (1000, 0)])


def test_distance_is_to_the_edge_of_the_road():
    found, distance = fronting(
        ROAD, rect(100, 10, 50, 50), rect(300, 5, 50, 50), rect(500, 23, 50, 50), rect(700, 24, 50, 50)
    )
    assert distance.tolist() == [2, 0, 15, 16]
    assert found.owner.tolist() == [0, 1, 2]
    assert found.off_m.tolist() == [10, 5, 23]
    assert found.trucks.all()


def test_a_short_frontage_has_its_gate_in_the_middle_and_a_long_one_several():
    found, _ = fronting(ROAD, rect(100, 10, 50, 50), rect(200, 10, 350, 50), rect(600, 10, 390, 50), most=2)
    at = (found.fraction * 1000).round(6)
    assert at[found.owner == 0].tolist() == [125]
    assert np.diff(at[found.owner == 2]).item() in {
        -260,
        260,
    }  # of three, the first and the one farthest from it
    found, _ = fronting(ROAD, rect(200, 10, 350, 50))
    assert sorted((found.fraction * 1000).tolist()) == pytest.approx([200 + 350 / 6, 375, 550 - 350 / 6])


def test_a_corner_parcel_opens_onto_both_roads():
    graph = drawn([(0, 0), (1000, 0)], [(0, 0), (0, 1000)])
    found, distance = fronting(graph, rect(10, 10, 60, 60))
    assert sorted(found.edge.tolist()) == [0, 1]
    assert distance.tolist() == [2]


def test_pieces_of_one_road_keep_the_spacing_and_the_number():
    pieces = drawn(*([(at, 0), (at + 40, 0)] for at in range(0, 1000, 40)), road=[0] * 25)
    found, _ = fronting(pieces, rect(0, 10, 1000, 50), most=6)
    x = np.sort(shapely.get_x(spots(pieces, found)))
    assert len(x) == 6
    assert np.diff(x).min() >= 100


def test_no_gate_where_none_may_be():
    graph = drawn([(0, 0), (1000, 0)], [(0, 100), (1000, 100)])
    found, distance = fronting(graph, rect(100, 10, 50, 50), may=[False, True])
    assert len(found.owner) == 0
    assert distance.tolist() == [32]
    found, distance = fronting(graph, rect(100, 10, 50, 50), may=[False, False])
    assert len(found.owner) == 0
    assert np.isnan(distance).all()


def test_a_wider_road_farther_off_may_be_nearer():
    graph = drawn([(0, 0), (1000, 0)], [(0, 100), (1000, 100)])
    found, distance = fronting(graph, rect(100, 20, 50, 50), half=[2.0, 25.0])
    assert distance.tolist() == [5]
    assert found.edge.tolist() == [1]
    _, distance = fronting(graph, rect(100, 20, 50, 50), half=[2.0, 25.0], frontage=0.0)
    assert distance.tolist() == [5]


def test_a_parcel_across_a_road_has_its_gate_in_the_parcel():
    found, distance = fronting(ROAD, rect(400, -100, 80, 300))
    assert distance.tolist() == [0]
    assert found.off_m.tolist() == [0]
    assert (found.fraction * 1000).tolist() == [440]


def test_a_parcel_at_the_end_of_a_road():
    found, distance = fronting(ROAD, rect(1010, -50, 80, 100))
    assert distance.tolist() == [2]
    assert found.fraction.tolist() == [1]


def test_a_parcel_that_draws_back_has_its_gate_where_it_comes_near():
    # A yoke: two legs reach the road, 150 m apart; in the middle between them the parcel is far.
    yoke = shapely.union_all([rect(100, 10, 5, 90), rect(190, 10, 5, 90), rect(100, 100, 95, 20)])
    found, distance = fronting(ROAD, yoke)
    assert distance.tolist() == [2]
    x = 1000 * found.fraction
    assert (((x >= 85) & (x <= 120)) | ((x >= 175) & (x <= 210))).all()


@given(st.integers(0, 2**32))
def test_gates_are_near_spaced_and_as_many_as_allowed(seed):
    rng = np.random.default_rng(seed)
    lines = rng.uniform(0, 600, (6, 3, 2)).round(1)
    graph = drawn(*([tuple(point) for point in line] for line in lines), road=[0, 0, 1, 1, 2, 3])
    half, may = rng.uniform(2, 20, 6), rng.random(6) < 0.8
    parcels = [
        shapely.convex_hull(shapely.MultiPoint(rng.uniform(0, 600, 2) + rng.uniform(0, 200, (6, 2))))
        for _ in range(8)
    ]
    found, distance = fronting(graph, *parcels, half=half, may=may, most=3, spacing=50.0)
    edges = edge_lines(graph)
    expected = np.array([
        min((max(parcel.distance(edges[e]) - half[e], 0.0) for e in np.flatnonzero(may)), default=np.nan)
        for parcel in parcels
    ])  # fmt: skip
    np.testing.assert_allclose(distance, expected, atol=1e-9)
    assert set(found.owner.tolist()) == set(np.flatnonzero(expected <= 15.0).tolist())
    assert may[found.edge].all()
    assert (found.off_m <= half[found.edge] + 15.0 + 1e-6).all()
    assert (np.bincount(found.owner, minlength=8) <= 3).all()
    assert (np.diff(found.owner) >= 0).all()
    places = spots(graph, found)
    np.testing.assert_allclose(
        shapely.distance(places, np.array(parcels)[found.owner]), found.off_m, atol=1e-6
    )
    for one in np.unique(found.owner):
        for road in np.unique(graph.road):
            mine = places[(found.owner == one) & (graph.road[found.edge] == road)]
            apart = shapely.distance(mine[:, None], mine[None, :])[np.triu_indices(len(mine), 1)]
            assert (apart >= 50.0 - 1e-6).all()


def test_given_gates_meet_the_nearest_road_or_none():
    graph = drawn([(0, 0), (1000, 0)], [(0, 100), (1000, 100)])
    points = shapely.points([[250, 10], [500, 95], [500, 300]])
    owner, trucks = np.array([4, 2, 3]), np.array([True, False, True])
    found = given_gates(points, owner, trucks, graph, limit_m=60.0)
    assert found.owner.tolist() == [2, 4]
    assert found.edge.tolist() == [1, 0]
    assert found.fraction.tolist() == [0.5, 0.25]
    assert found.off_m.tolist() == [5, 10]
    assert found.trucks.tolist() == [False, True]
    found = given_gates(points, owner, trucks, graph, limit_m=60.0, usable=np.array([True, False]))
    assert found.owner.tolist() == [4]


def test_a_facility_in_a_lake_is_not_on_the_network():
    found = facility_ends(
        shapely.points([[500, 299], [500, 301], [-30, 40]]), ROAD, np.ones(1, dtype=bool), limit_m=300.0
    )
    assert found.owner.tolist() == [0, 2]
    assert found.fraction.tolist() == [0.5, 0.0]
    assert found.off_m.tolist() == [299, 50]


def test_of_an_area_the_nearest_point_counts_and_of_roads_in_it_the_middle_one():
    graph = drawn([(0, 0), (1000, 0)], [(0, 40), (1000, 40)], [(0, 90), (1000, 90)])
    areas = np.array([rect(100, -60, 100, 50), rect(400, -20, 200, 120)], dtype=object)
    found = facility_ends(areas, graph, np.ones(3, dtype=bool), limit_m=300.0)
    assert found.edge.tolist() == [0, 1]
    assert found.off_m.tolist() == [10, 0]
    assert 0.1 <= found.fraction[0] <= 0.2
    assert found.fraction[1] == 0.5


def test_without_roads_nothing_meets_anything():
    none = drawn()
    assert (
        len(facility_ends(shapely.points([[0, 0]]), none, np.empty(0, dtype=bool), limit_m=300.0).owner) == 0
    )
    found, distance = fronting(none, rect(0, 0, 10, 10))
    assert len(found.owner) == 0
    assert np.isnan(distance).all()
    found, distance = fronting(ROAD)
    assert (len(found.owner), len(distance)) == (0, 0)


def test_ends_of_two_sources_stand_by_owner():
    both = joined_ends([ends((1, 0, 0.5), (3, 0, 0.2)), ends((0, 0, 0.1), (1, 0, 0.9))])
    assert both.owner.tolist() == [0, 1, 1, 3]
    assert both.fraction.tolist() == [0.1, 0.5, 0.9, 0.2]


@given(st.integers(0, 2**32))
def test_ends_stay_where_they_are_when_edges_are_cut(seed):
    rng = np.random.default_rng(seed)
    lines = rng.uniform(0, 1000, (4, 3, 2))
    graph = drawn(*([tuple(point) for point in line] for line in lines))
    cuts = np.append(rng.random(6), 0.5)
    cut, _, pieces = split(graph, rng.integers(0, 4, 7), cuts)
    places = ends(
        *(
            (at, int(rng.integers(0, 4)), float(part))
            for at, part in enumerate([0.0, 1.0, 0.5, *rng.random(5)])
        )
    )
    moved = carried_ends(places, pieces)
    np.testing.assert_allclose(
        shapely.get_coordinates(spots(cut, moved)), shapely.get_coordinates(spots(graph, places)), atol=1e-6
    )
    np.testing.assert_array_equal(pieces.edge[moved.edge], places.edge)
