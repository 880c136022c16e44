"""Roads of a real extract of OpenStreetMap against a NetworkX graph of all their vertices, built without any of our noding.

The extract stands beside the checkout; without it these tests are skipped.
"""

from __future__ import annotations

import itertools
from functools import cache

import networkx as nx
import numpy as np
import pytest
import shapely

from parkgeo.metrics.network.graph import Profile
from parkgeo.metrics.network.noding import road_graph
from parkgeo.metrics.network.speeds import road_speeds, weights
from parkgeo.metrics.network.topology import parts, to_networkx
from tests.office import layer, read, shared_data

EXTRACT = shared_data() / "osm" / "north-bayreuth.osm.gz"
pytestmark = pytest.mark.skipif(not EXTRACT.is_file(), reason="the shared data is not beside the checkout")
CAR = Profile("car", {"arterial": 50, "secondary": 40, "local": 30}, 20, 1, 130)


@pytest.fixture(scope="module")
def roads(tmp_path_factory):
    kinds = [layer(name, str(EXTRACT)) for name in ("parcels", "roads")]
    return read(tmp_path_factory.mktemp("osm"), *kinds).layers.roads


@cache
def key(x: float, y: float) -> tuple[float, float]:
    return round(x, 3), round(y, 3)


def reference(roads) -> nx.DiGraph:
    """Every vertex of every road a node, every straight piece an edge with its minutes."""
    made = nx.DiGraph()
    speed, _, _ = road_speeds(roads, CAR)
    lines, row = shapely.get_parts(roads.geometry.to_numpy(), return_index=True)
    for line, at in zip(lines, row, strict=True):
        for one, two in itertools.pairwise(shapely.get_coordinates(line).tolist()):
            minutes = 0.06 * np.hypot(two[0] - one[0], two[1] - one[1]) / speed[at]
            made.add_edge(key(*one), key(*two), m=minutes)
            if roads["oneway"].iloc[at] is not True:
                made.add_edge(key(*two), key(*one), m=minutes)
    return made


@pytest.mark.parametrize("by_vertex", [True, False])
def test_minutes_between_junctions_are_those_over_all_vertices(roads, by_vertex):
    """Drawn or of OpenStreetMap: this extract has a vertex wherever roads of one level cross."""
    flags = np.full(len(roads), by_vertex)
    graph, _ = road_graph(roads, by_vertex=flags, snap_m=0.05, near_miss_m=5)
    minutes = weights(graph, roads, CAR)
    ours, theirs = to_networkx(graph, minutes), reference(roads)
    names = [key(*spot) for spot in graph.node_xy.tolist()]
    for at in np.random.default_rng(5).choice(graph.nodes, 12, replace=False).tolist():
        found = nx.single_source_dijkstra_path_length(ours, at, weight="minutes")
        expected = nx.single_source_dijkstra_path_length(theirs, names[at], weight="m")
        assert {names[node] for node in found} == expected.keys() & set(names)
        for node, value in found.items():
            assert value == pytest.approx(expected[names[node]], abs=1e-6)
    assert int((parts(graph, minutes).component_m > 0).sum()) == nx.number_weakly_connected_components(theirs)
    assert graph.nodes == 1182
