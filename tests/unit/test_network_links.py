"""Links that matter, and isochrones: by arithmetic and by closing or walking each road in turn."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.metrics.network.ends import edge_lines
from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights
from parkgeo.metrics.network.isochrones import isochrone, reached, stretch_lines
from parkgeo.metrics.network.links import links
from parkgeo.metrics.network.search import nearest
from tests.road_builder import drawn, ends, node, timed

FREE = np.inf


def town(seed, *, size=5, closed=0.15):
    """A grid of streets of many speeds, some one-way, some closed in one direction or both, some doubled."""
    rng = np.random.default_rng(seed)
    at = np.arange(size * size).reshape(size, size)
    start = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel(), at[0]])
    end = np.concatenate([at[:, 1:].ravel(), at[1:].ravel(), rng.permutation(at[1])])
    xy = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).reshape(-1, 2) * 400.0
    xy += rng.uniform(-100, 100, xy.shape)
    edges = len(start)
    middle = (xy[start] + xy[end]) / 2 + rng.uniform(-50, 50, (edges, 2))
    points = np.stack([xy[start], middle, xy[end]], axis=1)
    graph = RoadGraph(
        node_xy=xy, start=start, end=end, length_m=np.hypot(*np.diff(points, axis=1).T).sum(axis=0),
        road=rng.integers(0, edges // 2, edges), oneway=np.zeros(edges, dtype=np.int8), xy=points.reshape(-1, 2),
        first=3 * np.arange(edges + 1),
    )  # fmt: skip
    along, against = (
        np.where(rng.random(edges) < closed, np.inf, graph.length_m / rng.uniform(200, 1000, edges))
        for _ in range(2)
    )
    return graph, Weights(along, against), rng


def gates(rng, graph, count=30, owners=12):
    return Ends(
        rng.integers(0, owners, count), rng.integers(0, graph.edges, count), rng.random(count), rng.uniform(0, 50, count),
        np.ones(count, dtype=bool),
    )  # fmt: skip


# Links.


def test_the_only_road_and_the_detour():
    # A house road of 1 km to a fork; from there 1 km straight or 2 km round to the gateway.
    graph = drawn(
        [(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(1000, 0), (1000, 500), (2000, 500), (2000, 0)],
        [(2000, 0), (3000, 0)],
    )  # fmt: skip
    places = ends((0, 0, 0.0), (1, 0, 0.5), (2, 1, 0.5), (3, 3, 1.0))
    found = links(graph, timed(graph), [node(graph, (2000, 0))], places, entry_km_h=FREE, tried=10)
    assert found.segment.tolist() == [0, 1, 3]
    assert found.slower.tolist() == [2, 3, 1]
    assert found.cut_off.tolist() == [2, 1, 1]
    assert found.minutes_lost.tolist() == pytest.approx([0.0, 2.0, 0.0])
    assert found.left_out == 0


def test_what_is_not_tried_is_counted():
    graph = drawn([(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(2000, 0), (3000, 0)])
    found = links(
        graph, timed(graph), [node(graph, (0, 0))], ends((0, 2, 0.5), (1, 0, 0.5)), entry_km_h=FREE, tried=1
    )
    assert found.segment.tolist() == [0]
    assert found.left_out == 2
    none = links(graph, timed(graph), [], ends((0, 2, 0.5)), entry_km_h=FREE, tried=1)
    assert (len(none.segment), none.left_out) == (0, 0)


@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_each_link_costs_what_closing_it_costs(seed, inbound, by_road):
    graph, weights, rng = town(seed)
    places = gates(rng, graph)
    targets = [rng.integers(0, graph.nodes, 2), rng.integers(0, graph.nodes, 1)]
    off_m = [rng.uniform(0, 300, len(nodes)) for nodes in targets]
    segment = graph.road if by_road else np.arange(graph.edges)
    found = links(
        graph,
        weights,
        targets,
        places,
        entry_km_h=10.0,
        tried=10**6,
        segment=segment,
        off_m=off_m,
        inbound=inbound,
    )

    def times(these):
        return np.stack([
            nearest(graph, these, nodes, places, entry_km_h=10.0, off_m=off, inbound=inbound, owners=12).minutes
            for nodes, off in zip(targets, off_m, strict=True)
        ])  # fmt: skip

    before = times(weights)
    listed = {int(one): row for row, one in enumerate(found.segment)}
    for one in np.unique(segment):
        shut = segment == one
        after = times(Weights(np.where(shut, np.inf, weights.along), np.where(shut, np.inf, weights.against)))
        cut = np.isfinite(before) & ~np.isfinite(after)
        slower = cut | (after > before * (1 + 1e-9) + 1e-9)
        lost = np.nansum((after - before)[slower & ~cut])
        if one not in listed:
            assert not slower.any()
            continue
        row = listed[int(one)]
        assert found.slower[row] == slower.any(axis=0).sum()
        assert found.cut_off[row] == cut.any(axis=0).sum()
        assert found.minutes_lost[row] == pytest.approx(lost, abs=1e-6)
    assert (np.diff(found.cut_off) <= 0).all()


# Isochrones.


def test_a_straight_road_is_reached_up_to_its_minute():
    graph = drawn([(0, 0), (2000, 0)])
    (shape,) = isochrone(graph, timed(graph), node(graph, (0, 0)), [0.5], reach_m=100, entry_km_h=FREE)
    assert shape.is_valid
    # 500 m of road, 100 m on both sides, cut off square; round behind the facility.
    assert shapely.bounds(shape) == pytest.approx([-100, -100, 500, 100])
    assert shape.area == pytest.approx(500 * 200 + np.pi * 100**2 / 2, rel=0.02)


def test_one_way_roads_are_reached_one_way():
    graph = drawn([(0, 0), (2000, 0)], [(2000, 0), (4000, 0)], oneway=[0, 1])
    middle = node(graph, (2000, 0))
    (to_it,) = isochrone(graph, timed(graph), middle, [1.0], reach_m=10, entry_km_h=FREE)
    (from_it,) = isochrone(graph, timed(graph), middle, [1.0], reach_m=10, entry_km_h=FREE, inbound=True)
    assert shapely.bounds(to_it)[[0, 2]] == pytest.approx([1000, 2010], abs=1.0)
    assert shapely.bounds(from_it)[[0, 2]] == pytest.approx([1990, 3000], abs=1.0)


def test_round_a_corner_only_the_time_left_counts():
    # 20 m are left at the corner: the ground beyond it, 70 m off on both sides, is not reached with them.
    graph = drawn([(0, 0), (500, 0)], [(500, 0), (500, 1000)])
    (shape,) = isochrone(graph, timed(graph), node(graph, (0, 0)), [0.52], reach_m=100, entry_km_h=FREE)
    assert not shapely.intersects_xy(shape, 565, 65)
    assert shapely.intersects_xy(shape, 565, 15)
    assert shapely.intersects_xy(shape, 512, -12)


def test_entry_takes_its_time():
    graph = drawn([(0, 0), (2000, 0)])
    (shape,) = isochrone(
        graph, timed(graph), node(graph, (0, 0)), [1.0], reach_m=10, entry_km_h=6.0, off_m=np.array([50.0])
    )
    assert shapely.bounds(shape)[2] == pytest.approx(500)


def test_the_middle_of_an_edge_may_be_out_of_reach():
    graph = drawn([(0, 0), (1000, 0)])
    found = reached(graph, timed(graph), np.array([0.0, 0.5]), 0.7)
    assert found.edge.tolist() == [0, 0]
    assert (found.begin.tolist(), found.end.tolist()) == (pytest.approx([0, 0.8]), pytest.approx([0.7, 1]))
    assert shapely.length(stretch_lines(graph, found)).tolist() == pytest.approx([700, 200])


def test_nothing_reached_is_no_shape():
    graph = drawn([(0, 0), (1000, 0)])
    none = np.empty(0, dtype=np.intp)
    assert isochrone(graph, timed(graph), none, [5.0], reach_m=10, entry_km_h=FREE).tolist() == [None]
    late = isochrone(
        graph,
        timed(graph),
        node(graph, (0, 0)),
        [5.0, 0.1],
        reach_m=10,
        entry_km_h=6.0,
        off_m=np.array([100.0]),
    )
    assert late[1] is None
    assert late[0].is_valid


@given(st.integers(0, 2**32), st.booleans())
def test_isochrones_are_nested_and_hold_just_what_is_reached(seed, inbound):
    graph, weights, rng = town(seed)
    nodes = rng.integers(0, graph.nodes, 2)
    reach_m = 30.0
    times = [2.0, 0.5, 1.0]
    shapes = isochrone(graph, weights, nodes, times, reach_m=reach_m, entry_km_h=FREE, inbound=inbound)
    assert all(shape.is_valid and shape.geom_type in {"Polygon", "MultiPolygon"} for shape in shapes)
    for small, large in ((1, 2), (2, 0)):
        # Outlines stand on a grid of a millimetre.
        assert shapely.difference(shapes[small], shapely.buffer(shapes[large], 0.01)).area < 1e-6
    count = 400
    edge, fraction = rng.integers(0, graph.edges, count), rng.random(count)
    places = Ends(np.arange(count), edge, fraction, np.zeros(count), np.ones(count, dtype=bool))
    took = nearest(graph, weights, nodes, places, entry_km_h=FREE, inbound=inbound).minutes
    points = shapely.line_interpolate_point(edge_lines(graph)[edge], fraction, normalized=True)
    for shape, time in zip(shapes, times, strict=True):
        near = took <= time - 1e-6
        assert shapely.covers(shape, points[near]).all()
        # What is not reached is outside, unless it lies beside a road that is.
        if near.any():
            far = shapely.distance(
                points[shapely.covers(shape, points)], roads_within(graph, weights, nodes, time, inbound)
            )
            assert (far <= reach_m + graph.length_m.max() / 20 + 1.5).all()


def roads_within(graph, weights, nodes, time, inbound):
    """The facilities, and the middles of the twentieths of the roads that are reached."""
    edge, part = (grid.ravel() for grid in np.meshgrid(np.arange(graph.edges), (np.arange(20) + 0.5) / 20))
    places = Ends(np.arange(len(edge)), edge, part, np.zeros(len(edge)), np.ones(len(edge), dtype=bool))
    took = nearest(graph, weights, nodes, places, entry_km_h=FREE, inbound=inbound).minutes
    points = shapely.line_interpolate_point(edge_lines(graph)[edge], part, normalized=True)[took <= time]
    return shapely.multipoints([*points, *shapely.points(graph.node_xy[nodes])])


def test_many_streets_are_joined_by_squares_without_a_change(monkeypatch):
    graph, weights, _ = town(3, size=12, closed=0.0)
    options = {"reach_m": 300.0, "entry_km_h": FREE}
    (quick,) = isochrone(graph, weights, np.array([70]), [4.0], **options)
    monkeypatch.setattr("parkgeo.metrics.network.isochrones.SQUARES_MOST", 0)
    (plain,) = isochrone(graph, weights, np.array([70]), [4.0], **options)
    assert shapely.symmetric_difference(quick, plain).area < 2e-3 * plain.area
