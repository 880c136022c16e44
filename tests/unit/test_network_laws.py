"""Laws of the road graph on any roads at all, and the same answers as shapely's noding and NetworkX's search."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

from parkgeo.metrics.network.edges import lengths
from parkgeo.metrics.network.graph import Weights
from parkgeo.metrics.network.noding import road_graph
from parkgeo.metrics.network.splitting import carried, split
from parkgeo.metrics.network.topology import parts, to_networkx
from tests.builders import land

if TYPE_CHECKING:
    import geopandas as gpd

    from parkgeo.metrics.network.graph import RoadGraph

EAST, NORTH, STEP = 40_500_000.0, 3_400_000.0, 10.0
POINTS = st.tuples(st.integers(0, 6), st.integers(0, 6))
LINES = st.lists(st.lists(POINTS, min_size=2, max_size=5), min_size=1, max_size=7)
SNAP = 1e-4
"""Far below the distances between points that lines between whole numbers can have."""


def layer_of(drawn: list[list[tuple[int, int]]], **columns: Any) -> gpd.GeoDataFrame:
    """Roads between points of a grid: they cross, touch, overlap and turn back at will."""
    shapes = [LineString([(EAST + STEP * x, NORTH + STEP * y) for x, y in points]) for points in drawn]
    return land(shapes, **columns)


def graph_of(layer: gpd.GeoDataFrame, *, osm: bool = False) -> RoadGraph:
    by_vertex = np.full(len(layer), osm)
    return road_graph(layer, by_vertex=by_vertex, snap_m=SNAP, near_miss_m=1)[0]


def picture(graph: RoadGraph) -> list[tuple[Any, ...]]:
    """The edges by where they begin and end, whatever their order and direction."""
    spots = np.round(graph.node_xy - (EAST, NORTH), 3) + 0.0
    ends = (
        tuple(sorted(map(tuple, pair))) for pair in spots[np.stack([graph.start, graph.end], axis=1)].tolist()
    )
    return sorted(zip(ends, graph.length_m.round(3).tolist(), strict=True))


def metres_between(graph: RoadGraph) -> np.ndarray:
    """Metres from node to node, by scipy on a dense matrix of the shortest edges."""
    table = np.full((graph.nodes, graph.nodes), np.inf)
    np.minimum.at(table, (graph.start, graph.end), graph.length_m)
    np.minimum.at(table, (graph.end, graph.start), graph.length_m)
    return dijkstra(np.where(np.isinf(table), 0, table)) if graph.nodes else table


@settings(max_examples=40)
@given(LINES)
def test_edges_are_as_long_together_as_the_roads_that_they_cover(drawn):
    layer = layer_of(drawn)
    graph = graph_of(layer)
    covered = shapely.union_all(shapely.node(shapely.union_all(layer.geometry.to_numpy())))
    assert graph.length_m.sum() == pytest.approx(shapely.length(covered), abs=1e-3)


@settings(max_examples=40)
@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_direction_of_drawing_change_nothing(drawn, chance):
    levels = [chance.choice([0, 0, 1, -1]) for _ in drawn]
    shuffled = list(zip(drawn, levels, strict=True))
    chance.shuffle(shuffled)
    turned = [(points[::-1] if chance.random() < 0.5 else points) for points, _ in shuffled]
    one = graph_of(layer_of(drawn, level=levels))
    two = graph_of(layer_of(turned, level=[level for _, level in shuffled]))
    assert picture(one) == picture(two)


@settings(max_examples=40)
@given(LINES, st.lists(POINTS, min_size=2, max_size=4), st.data())
def test_another_road_never_takes_roads_apart(drawn, more, data):
    levels = data.draw(
        st.lists(st.sampled_from([0, 1, -1, 2]), min_size=len(drawn) + 1, max_size=len(drawn) + 1)
    )
    before = graph_of(layer_of(drawn, level=levels[:-1]))
    after = graph_of(layer_of([*drawn, more], level=levels))
    label = [
        dict(zip(graph.road.tolist(), parts(graph, Weights(graph.length_m, graph.length_m)).component[graph.start].tolist(), strict=True))
        for graph in (before, after)
    ]  # fmt: skip
    for one in label[0]:
        for two in label[0]:
            assert label[0][one] != label[0][two] or label[1][one] == label[1][two]


@settings(max_examples=40)
@given(LINES, st.lists(POINTS, min_size=2, max_size=4))
def test_another_road_never_makes_a_way_longer(drawn, more):
    before, after = graph_of(layer_of(drawn)), graph_of(layer_of([*drawn, more]))
    where = {tuple(spot): at for at, spot in enumerate(after.node_xy.round(3).tolist())}
    same = [where[tuple(spot)] for spot in before.node_xy.round(3).tolist()]
    assert (metres_between(after)[np.ix_(same, same)] <= metres_between(before) + 1e-3).all()


@settings(max_examples=40)
@given(LINES)
def test_ways_are_as_short_as_in_a_graph_that_shapely_and_networkx_make(drawn):
    layer = layer_of(drawn)
    graph = graph_of(layer)
    reference = nx.Graph()
    for piece in shapely.get_parts(shapely.node(shapely.union_all(layer.geometry.to_numpy()))):
        spots = [tuple(spot) for spot in shapely.get_coordinates(piece).round(3).tolist()]
        reference.add_edges_from((one, two, {"m": np.hypot(two[0] - one[0], two[1] - one[1])}) for one, two in itertools.pairwise(spots))  # fmt: skip
    found = metres_between(graph)
    names = [tuple(spot) for spot in graph.node_xy.round(3).tolist()]
    for at, name in enumerate(names):
        metres = nx.single_source_dijkstra_path_length(reference, name, weight="m")
        expected = [metres.get(other, np.inf) for other in names]
        np.testing.assert_allclose(found[at], expected, atol=0.02)


@settings(max_examples=40)
@given(LINES, st.data())
def test_networkx_finds_the_same_ways_on_our_graph(drawn, data):
    oneway = data.draw(st.lists(st.booleans(), min_size=len(drawn), max_size=len(drawn)))
    graph = graph_of(layer_of(drawn, oneway=oneway))
    minutes = Weights(graph.length_m, np.where(graph.oneway == 1, np.inf, graph.length_m))
    table = np.full((graph.nodes, graph.nodes), np.inf)
    np.minimum.at(table, (graph.start, graph.end), minutes.along)
    np.minimum.at(table, (graph.end, graph.start), minutes.against)
    found = dijkstra(np.where(np.isinf(table), 0, table)) if graph.nodes else table
    ways = to_networkx(graph, minutes)
    assert ways.number_of_nodes() == graph.nodes
    for at, reached in nx.all_pairs_dijkstra_path_length(ways, weight="minutes"):
        np.testing.assert_allclose(
            found[at], [reached.get(other, np.inf) for other in range(graph.nodes)], atol=1e-9
        )
    main = max(nx.strongly_connected_components(ways), default=set(), key=lambda some: ways.subgraph(some).size("length_m"))  # fmt: skip
    parted = parts(graph, minutes)
    if parted.main.any():
        seed = next(iter(np.flatnonzero(parted.main).tolist()))
        assert set(np.flatnonzero(parted.entered)) == nx.descendants(ways, seed) | {seed}
        assert set(np.flatnonzero(parted.left)) == nx.ancestors(ways, seed) | {seed}
        assert set(np.flatnonzero(parted.main)) in list(nx.strongly_connected_components(ways))
    else:
        assert ways.subgraph(main).size("length_m") == 0


@settings(max_examples=40)
@given(LINES, st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), max_size=8))
def test_nodes_on_edges_change_no_way_and_lie_where_they_should(drawn, places):
    graph = graph_of(layer_of(drawn))
    if not graph.edges:
        return
    edge = np.array([at % graph.edges for at, _ in places], dtype=np.intp)
    fraction = np.array([part for _, part in places])
    made, nodes, edge_map = split(graph, edge, fraction)
    np.testing.assert_allclose(lengths(made.xy, made.first), made.length_m, atol=1e-6)
    for at, (one, part) in enumerate(zip(edge, fraction, strict=True)):
        line = LineString(graph.xy[graph.first[one] : graph.first[one + 1]])
        spot = line.interpolate(part, normalized=True)
        assert np.hypot(*(made.node_xy[nodes[at]] - (spot.x, spot.y))) < 1e-6
    old = metres_between(graph)
    np.testing.assert_allclose(metres_between(made)[: graph.nodes, : graph.nodes], old, atol=1e-6)
    minutes = carried(Weights(graph.length_m, graph.length_m * 2), edge_map)
    np.testing.assert_allclose(minutes.along, made.length_m, atol=1e-6)


@settings(max_examples=40)
@given(LINES)
def test_osm_roads_that_share_every_crossing_as_a_vertex_are_the_same_graph(drawn):
    """Roads noded by shapely first: by vertex or by crossing, they meet at the same places."""
    pieces = shapely.get_parts(
        shapely.node(shapely.union_all([LineString(points) for points in drawn]) if drawn else LineString())
    )
    layer = land([LineString(np.round(shapely.get_coordinates(one) * STEP, 6)) for one in pieces])
    if len(layer):
        assert picture(graph_of(layer)) == picture(graph_of(layer, osm=True))
