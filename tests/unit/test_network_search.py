"""Minutes and kilometres over the roads: by arithmetic, by law, and as NetworkX has them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.metrics.network import arcs, search
from parkgeo.metrics.network.arcs import Network, csr
from parkgeo.metrics.network.ends import carried_ends
from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights
from parkgeo.metrics.network.paths import branches, summed
from parkgeo.metrics.network.search import k_nearest, matrix, nearest, pair_chunks, pairs_within
from parkgeo.metrics.network.splitting import carried, split
from tests.road_builder import drawn, ends, node, timed

FREE = np.inf
"""A speed of entry at which the way between road and place costs nothing."""


def minutes(graph, weights, nodes, places, **more):
    return nearest(graph, weights, nodes, places, entry_km_h=FREE, **more).minutes.tolist()


# By arithmetic: a kilometre is a minute.


def test_parts_of_edges_count():
    graph = drawn([(0, 0), (1000, 0)], [(1000, 0), (1000, 2000)])
    assert minutes(graph, timed(graph), node(graph, (1000, 2000)), ends((0, 0, 0.25), (1, 1, 0.5))) == [
        2.75,
        1.0,
    ]


def test_one_way_roads_lead_one_way():
    # A square, driven round anticlockwise only; the place is just past the facility.
    square = drawn(
        [(0, 0), (1000, 0)], [(1000, 0), (1000, 1000)], [(1000, 1000), (0, 1000)], [(0, 1000), (0, 0)],
        oneway=[0, 1, 2, 3],
    )  # fmt: skip
    corner = node(square, (0, 0))
    assert minutes(square, timed(square), corner, ends((0, 0, 0.25))) == [3.75]
    assert minutes(square, timed(square), corner, ends((0, 0, 0.25)), inbound=True) == [0.25]


def test_speed_decides_not_length():
    graph = drawn([(0, 0), (1000, 0)], [(0, 0), (500, 2000), (1000, 0)])
    found = nearest(graph, timed(graph, [6, 120]), node(graph, (1000, 0)), ends((0, 0, 0.0)), entry_km_h=FREE)
    assert found.km[0] == pytest.approx(graph.length_m[1] / 1000)
    assert found.minutes[0] == pytest.approx(found.km[0] / 2)


def test_a_bridge_is_not_a_crossing():
    # The bridge passes over the road in the middle of both; the way down is at its far end.
    graph = drawn(
        [(-1000, 0), (1000, 0)], [(0, -1000), (0, 1000)], [(0, 1000), (1000, 1000)], [(1000, 1000), (1000, 0)]
    )
    assert minutes(graph, timed(graph), node(graph, (-1000, 0)), ends((0, 1, 0.5))) == [5.0]


def test_the_better_of_two_gates_is_named():
    graph = drawn([(0, 0), (1000, 0)], [(1000, 0), (2000, 0)])
    places = ends((0, 0, 0.1), (0, 1, 0.8), (1, 0, 0.5))
    found = nearest(graph, timed(graph), node(graph, (2000, 0), (0, 0)), places, entry_km_h=FREE)
    assert found.minutes.tolist() == pytest.approx([0.1, 0.5])
    assert found.gate.tolist() == [0, 2]
    assert found.which.tolist() == [1, 1]
    found = nearest(graph, timed(graph), node(graph, (2000, 0)), places, entry_km_h=FREE)
    assert found.minutes.tolist() == pytest.approx([0.2, 1.5])
    assert found.gate.tolist() == [1, 2]


def test_entry_is_driven_at_both_ends():
    graph = drawn([(0, 0), (1000, 0)])
    found = nearest(
        graph, timed(graph), node(graph, (1000, 0)), ends((0, 0, 0.5), off_m=50.0), entry_km_h=10.0,
        off_m=np.array([100.0]), extra_km=np.array([1.0]),
    )  # fmt: skip
    assert found.minutes[0] == pytest.approx(0.3 + 0.5 + 0.6)
    assert found.km[0] == pytest.approx(0.05 + 0.5 + 0.1)
    assert found.extra_km[0] == pytest.approx(0.5)


def test_a_facility_off_the_road_may_be_farther_than_one_beyond_it():
    graph = drawn([(0, 0), (1000, 0)], [(1000, 0), (2000, 0)])
    found = nearest(
        graph, timed(graph), node(graph, (1000, 0), (1000, 0), (2000, 0)), ends((0, 0, 0.0)), entry_km_h=6.0,
        off_m=np.array([300.0, 110.0, 0.0]),
    )  # fmt: skip
    assert found.minutes[0] == pytest.approx(2.0)
    assert found.which[0] == 2


@pytest.mark.parametrize(
    ("gate", "facility", "oneway", "out", "back"),
    [
        (0.2, 0.7, [], 0.5, 0.5),
        (0.7, 0.2, [], 0.5, 0.5),
        (0.2, 0.7, [0], 0.5, 2.5),  # back is round the block: 0.3 + 2 + 0.2
        (0.7, 0.2, [0], 2.5, 0.5),
        (0.5, 0.5, [0], 0.0, 0.0),
        (1.0, 1.0, [0], 0.0, 0.0),
        (0.0, 1.0, [0], 1.0, 2.0),
    ],
)
def test_gate_and_facility_on_one_edge(gate, facility, oneway, out, back):
    whole = drawn([(0, 0), (1000, 0)], [(1000, 0), (1000, 500), (0, 500), (0, 0)], oneway=oneway)
    graph, nodes, pieces = split(whole, np.array([0]), np.array([facility]))
    weights, places = carried(timed(whole), pieces), carried_ends(ends((0, 0, gate)), pieces)
    assert minutes(graph, weights, nodes, places) == pytest.approx([out])
    assert minutes(graph, weights, nodes, places, inbound=True) == pytest.approx([back])


def test_a_loop_is_driven_the_shorter_way_round():
    whole = drawn([(0, 0), (1000, 0)], [(1000, 0), (2000, 0), (2000, 1000), (1000, 1000), (1000, 0)])
    assert minutes(
        whole, timed(whole), node(whole, (0, 0)), ends((0, 1, 0.25), (1, 1, 0.9))
    ) == pytest.approx([2.0, 1.4])
    graph, nodes, pieces = split(whole, np.array([1]), np.array([0.5]))
    places = carried_ends(ends((0, 0, 0.0), (1, 1, 0.25), (2, 1, 0.9)), pieces)
    assert minutes(graph, carried(timed(whole), pieces), nodes, places) == pytest.approx([3.0, 1.0, 1.6])


def test_of_parallel_edges_the_quickest_is_driven_and_measured():
    graph = drawn(
        [(0, 0), (1000, 0)], [(0, 0), (500, 10), (1000, 0)], [(1000, 0), (0, 0)], [(1000, 0), (2000, 0)]
    )  # fmt: skip
    weights = timed(graph, [10, 60, 20, 60])
    assert csr(graph, weights).toarray()[0, 1] == weights.along[1]
    found = nearest(graph, weights, node(graph, (2000, 0)), ends((0, 0, 0.0), (1, 0, 0.99)), entry_km_h=FREE)
    assert found.km.tolist() == pytest.approx([1 + graph.length_m[1] / 1000, 1.01])


def test_at_a_node_a_closed_road_does_not_hold_back():
    graph = drawn([(0, 0), (1000, 0)], [(1000, 0), (2000, 0)])
    places = ends((0, 0, 1.0), (1, 0, 0.5))
    assert minutes(graph, timed(graph, closed=[0]), node(graph, (2000, 0)), places)[0] == 1.0
    assert np.isnan(minutes(graph, timed(graph, closed=[0]), node(graph, (2000, 0)), places)[1])


def test_no_way_is_missing_everywhere():
    graph = drawn([(0, 0), (1000, 0)], [(0, 500), (1000, 500)])
    weights, there = timed(graph), node(graph, (0, 0))
    places = ends((1, 1, 0.5), (2, 0, 0.5))  # the first place has no gate
    found = nearest(graph, weights, there, places, owners=4, entry_km_h=FREE, extra_km=np.ones(2))
    for column in (found.minutes, found.km, found.extra_km):
        np.testing.assert_array_equal(np.isnan(column), [True, True, False, True])
    assert found.which.tolist() == [-1, -1, 0, -1]
    assert found.gate.tolist() == [-1, -1, 1, -1]
    several = k_nearest(graph, weights, there, places, 2, owners=4, entry_km_h=FREE)
    np.testing.assert_array_equal(several.minutes, [[np.nan] * 2, [np.nan] * 2, [0.5, np.nan], [np.nan] * 2])
    np.testing.assert_array_equal(
        matrix(graph, weights, there, places, owners=4, entry_km_h=FREE),
        [[np.nan], [np.nan], [0.5], [np.nan]],
    )
    assert pairs_within(graph, weights, there, places, 60, owners=4, entry_km_h=FREE).owner.tolist() == [2]


@pytest.mark.parametrize("places", [ends(), ends((0, 0, 0.5))])
@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_search_is_no_error(places, count):
    graph = drawn([(0, 0), (1000, 0)])
    weights, nodes = timed(graph), np.zeros(count, dtype=np.intp)
    expected = [[0.5]] if count and len(places.owner) else []
    assert matrix(graph, weights, nodes, places, entry_km_h=FREE).tolist() == (
        expected or [[]] * len(places.owner)
    )
    assert k_nearest(graph, weights, nodes, places, 2, entry_km_h=FREE).minutes.shape == (
        len(places.owner),
        2,
    )
    assert np.isfinite(nearest(graph, weights, nodes, places, entry_km_h=FREE).minutes).sum() == len(expected)
    assert len(pairs_within(graph, weights, nodes, places, 9.0, entry_km_h=FREE).minutes) == len(expected)


def test_the_limit_is_within():
    graph = drawn([(0, 0), (1000, 0)])
    places = ends((0, 0, 0.25), (1, 0, 0.5), (2, 0, 0.75))
    found = pairs_within(graph, timed(graph), node(graph, (0, 0)), places, 0.5, entry_km_h=FREE)
    assert found.owner.tolist() == [0, 1]


# As NetworkX has it, on random graphs with parallel edges, loops, one-way and closed ones.


def some_graph(rng, nodes, edges):
    """Edges between random nodes; how long they are has nothing to do with where they are drawn."""
    xy = rng.uniform(0, 1000, (nodes, 2))
    start, end = rng.integers(0, nodes, edges), rng.integers(0, nodes, edges)
    graph = RoadGraph(
        node_xy=xy, start=start, end=end, length_m=rng.uniform(50, 2000, edges), road=np.arange(edges),
        oneway=(rng.random(edges) < 0.3).astype(np.int8), xy=xy[np.stack([start, end], axis=1).ravel()],
        first=2 * np.arange(edges + 1),
    )  # fmt: skip
    along, against = (graph.length_m / 1000 / rng.uniform(5, 100, edges) * 60 for _ in range(2))
    return graph, Weights(
        np.where(rng.random(edges) < 0.1, np.inf, along),
        np.where((graph.oneway == 1) | (rng.random(edges) < 0.1), np.inf, against),
    )


def some_ends(rng, graph, count, owners):
    """Gates, some just on nodes; some owners have none."""
    fraction = np.where(rng.random(count) < 0.2, rng.integers(0, 2, count), rng.random(count))
    return Ends(
        rng.integers(0, owners, count), rng.integers(0, graph.edges, count), fraction, rng.uniform(0, 100, count),
        np.ones(count, dtype=bool),
    )  # fmt: skip


@st.composite
def questions(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    graph, weights = some_graph(rng, draw(st.integers(2, 12)), draw(st.integers(1, 30)))
    owners = draw(st.integers(1, 8))
    places = some_ends(rng, graph, draw(st.integers(0, 12)), owners)
    nodes = rng.integers(0, graph.nodes, draw(st.integers(1, 6)))
    return graph, weights, nodes, places, {
        "owners": owners, "off_m": rng.uniform(0, 500, len(nodes)), "inbound": draw(st.booleans()), "entry_km_h": 12.0,
    }  # fmt: skip


def by_networkx(graph, weights, nodes, places, owners, off_m, inbound, entry_km_h):
    """Minutes and metres of each owner and facility: every gate is made a node on its edge, and driven to or from."""
    roads = nx.MultiDiGraph()
    roads.add_nodes_from(range(graph.nodes))
    for edge in range(graph.edges):
        rows = np.flatnonzero(places.edge == edge)
        rows = rows[np.argsort(places.fraction[rows])]
        stops = [
            (0.0, graph.start[edge]),
            *((places.fraction[row], f"gate {row}") for row in rows),
            (1.0, graph.end[edge]),
        ]
        for (a, one), (b, other) in pairwise(stops):
            for tail, head, whole in ((one, other, weights.along[edge]), (other, one, weights.against[edge])):
                if a == b or np.isfinite(whole):
                    cost = 0.0 if a == b else whole * (b - a)
                    roads.add_edge(tail, head, minutes=cost, metres=graph.length_m[edge] * (b - a))
    entry = entry_km_h * 1000 / 60
    pairs = [
        (f"owner {places.owner[row]}", f"gate {row}", places.off_m[row]) for row in range(len(places.owner))
    ]
    pairs += [(node, f"facility {at}", off_m[at]) for at, node in enumerate(nodes)]
    for a, b, metres in pairs:
        roads.add_edge(*((b, a) if inbound else (a, b)), minutes=metres / entry, metres=metres)
    found = np.full((2, owners, len(nodes)), np.nan)
    for owner in range(owners):
        if f"owner {owner}" not in roads:
            continue
        way = roads.reverse() if inbound else roads
        took, paths = nx.single_source_dijkstra(way, f"owner {owner}", weight="minutes")
        for at in range(len(nodes)):
            if (name := f"facility {at}") in took:
                best = [
                    min(way[a][b].values(), key=lambda edge: edge["minutes"])
                    for a, b in pairwise(paths[name])
                ]
                found[:, owner, at] = took[name], sum(edge["metres"] for edge in best)
    return found


@given(questions())
def test_all_answers_are_those_of_networkx(question):
    graph, weights, nodes, places, options = question
    expected, metres = by_networkx(graph, weights, nodes, places, **options)
    np.testing.assert_allclose(
        matrix(graph, weights, nodes, places, **options), expected, rtol=1e-9, atol=1e-9
    )

    order = np.argsort(expected, axis=1, kind="stable")[:, :3]  # NaN last
    found = k_nearest(graph, weights, nodes, places, 3, **options)
    k = order.shape[1]
    np.testing.assert_allclose(
        found.minutes[:, :k], np.take_along_axis(expected, order, 1), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(
        found.km[:, :k] * 1000, np.take_along_axis(metres, order, 1), rtol=1e-9, atol=1e-6
    )
    assert np.isnan(found.minutes[:, k:]).all()

    one = nearest(graph, weights, nodes, places, network=Network(graph, weights), **options)
    np.testing.assert_array_equal(one.minutes, found.minutes[:, 0])
    np.testing.assert_allclose(one.km, found.km[:, 0], rtol=1e-12)
    for reach in (one.which, one.gate):
        np.testing.assert_array_equal(reach >= 0, ~np.isnan(one.minutes))
    there = np.flatnonzero(one.gate >= 0)
    np.testing.assert_array_equal(places.owner[one.gate[there]], there)

    limit = float(np.nanmedian(expected)) if np.isfinite(expected).any() else 1.0
    pairs = pairs_within(graph, weights, nodes, places, limit, **options)
    near = np.argwhere(limit * (1 + 1e-9) >= expected.T)
    assert abs(len(near) - len(pairs.minutes)) <= 1  # the median itself may round to either side
    if len(near) == len(pairs.minutes):
        np.testing.assert_array_equal(near, np.stack([pairs.facility, pairs.owner], axis=1))


@given(questions())
def test_many_facilities_are_searched_for_within_growing_limits(question):
    """As many as make `k_nearest` begin near: the same as the matrix sorted."""
    graph, weights, nodes, places, options = question
    many = np.resize(nodes, 100)
    options["off_m"] = np.random.default_rng(1).uniform(0, 5000, 100)
    found = k_nearest(graph, weights, many, places, 3, km=False, **options)
    np.testing.assert_allclose(
        found.minutes,
        np.sort(matrix(graph, weights, many, places, **options), axis=1)[:, :3],
        rtol=1e-9,
        atol=1e-9,
    )


@given(questions())
def test_both_sides_find_the_same(question):
    """With a facility many times over, places are searched from; the chunks together hold each pair once."""
    graph, weights, nodes, places, options = question
    many = np.tile(nodes, 10)
    options["off_m"] = np.tile(options["off_m"], 10)
    few = matrix(graph, weights, nodes, places, **(options | {"off_m": options["off_m"][: len(nodes)]}))
    np.testing.assert_allclose(
        matrix(graph, weights, many, places, **options), np.tile(few, 10), rtol=1e-9, atol=1e-9
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("parkgeo.metrics.network.pairs.PAIRS_AT_ONCE", 3)
        chunks = list(pair_chunks(graph, weights, many, places, **options))
    filled = np.full((options["owners"], len(many)), np.nan)
    for chunk in chunks:
        filled[chunk.owner, chunk.facility] = chunk.minutes
    assert sum(len(chunk.owner) for chunk in chunks) == np.isfinite(filled).sum()
    np.testing.assert_allclose(filled, np.tile(few, 10), rtol=1e-9, atol=1e-9)


@given(questions())
def test_chunks_of_searches_change_nothing(question):
    graph, weights, nodes, places, options = question
    whole = matrix(graph, weights, nodes, places, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arcs, "CELLS_AT_ONCE", 2)
        np.testing.assert_array_equal(matrix(graph, weights, nodes, places, **options), whole)


# Laws.


def no_slower(after, before):
    """Nowhere more minutes, nothing that was reached lost."""
    return (np.nan_to_num(after, nan=np.inf) <= np.nan_to_num(before, nan=np.inf) + 1e-9).all()


@given(questions(), st.integers(0, 2**32))
def test_a_new_road_slows_nobody(question, seed):
    graph, weights, nodes, places, options = question
    rng = np.random.default_rng(seed)
    start, end = rng.integers(0, graph.nodes, 2)
    more = replace(
        graph,
        start=np.append(graph.start, start),
        end=np.append(graph.end, end),
        length_m=np.append(graph.length_m, 1.0),
        road=np.append(graph.road, graph.edges),
        oneway=np.append(graph.oneway, 1).astype(np.int8),
        xy=np.concatenate([graph.xy, graph.node_xy[[start, end]]]),
        first=np.append(graph.first, graph.first[-1] + 2),
    )
    wider = Weights(np.append(weights.along, rng.uniform(0.01, 5)), np.append(weights.against, np.inf))
    assert no_slower(
        matrix(more, wider, nodes, places, **options), matrix(graph, weights, nodes, places, **options)
    )


@given(questions(), st.data())
def test_a_closed_road_speeds_nobody_up(question, data):
    graph, weights, nodes, places, options = question
    shut = data.draw(st.integers(0, graph.edges - 1))
    closed = Weights(weights.along.copy(), weights.against.copy())
    closed.along[shut] = closed.against[shut] = np.inf
    before, after = (matrix(graph, these, nodes, places, **options) for these in (weights, closed))
    assert no_slower(before, after)
    assert search.nearest(graph, closed, nodes, places, **options).minutes.shape == (options["owners"],)


@given(questions(), st.data())
def test_a_cut_edge_is_the_same_road(question, data):
    graph, weights, nodes, places, options = question
    count = data.draw(st.integers(1, 5))
    rng = np.random.default_rng(count)
    cut, _, pieces = split(graph, rng.integers(0, graph.edges, count), rng.random(count))
    np.testing.assert_allclose(
        matrix(cut, carried(weights, pieces), nodes, carried_ends(places, pieces), **options),
        matrix(graph, weights, nodes, places, **options),
        rtol=1e-9,
        atol=1e-9,
    )


# Trees.


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=40))
def test_sums_and_branches_of_a_tree(draws):
    before = np.array([-9999, *(int(draw * at) for at, draw in enumerate(draws, start=1))], dtype=np.int32)
    value = np.arange(len(before), dtype=float)
    ways = [[at] for at in range(len(before))]
    for at in range(1, len(before)):
        ways[at] = [*ways[before[at]], at]
    assert summed(before, value).tolist() == [sum(way) for way in ways]
    tree = branches(before, np.ones(len(before), dtype=bool))
    for at in range(len(before)):
        hang = tree.order[tree.place[at] : tree.place[at] + tree.size[at]]
        assert set(hang.tolist()) == {other for other, way in enumerate(ways) if at in way}
