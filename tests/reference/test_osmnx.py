"""Travel times on real roads of OpenStreetMap, as osmnx and NetworkX have them.

osmnx builds its own graph from the file, every point of a way a node; ways, speeds and the map projection are ours, what meets
what and what is one-way is osmnx's. Both put places on the nearest road, osmnx by `nearest_edges`.
"""

from __future__ import annotations

import gzip
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from parkgeo.ingest.osm import read_osm
from parkgeo.metrics.network.ends import facility_ends
from parkgeo.metrics.network.graph import Weights
from parkgeo.metrics.network.noding import road_graph
from parkgeo.metrics.network.search import matrix
from tests.office import shared_data

if TYPE_CHECKING:
    from pathlib import Path

osmnx = pytest.importorskip("osmnx")

BAYREUTH = shared_data() / "osm" / "north-bayreuth.osm.gz"
pytestmark = pytest.mark.skipif(not BAYREUTH.is_file(), reason="the shared data is not beside the checkout")

SYSTEM = "EPSG:32632"
KM_H = {"motorway": 100, "expressway": 70, "arterial": 50, "secondary": 40, "local": 30, "internal": 15}


@cache
def roads() -> gpd.GeoDataFrame:
    raw = read_osm(BAYREUTH, "roads")
    frame = gpd.GeoDataFrame(raw.frame.reset_index(drop=True), geometry=list(raw.geometry), crs="EPSG:4326")
    frame["oneway"] = frame["oneway"].fillna(False).astype(bool)
    frame["level"] = frame["level"].astype(float)
    stated = pd.to_numeric(frame["speed_km_h"]).to_numpy(dtype=float)
    frame["km_h"] = np.where(
        np.isnan(stated), frame["road_class"].map(KM_H).fillna(20).to_numpy(dtype=float), stated
    )
    return frame.to_crs(SYSTEM)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory) -> nx.MultiDiGraph:
    """osmnx's graph of the ways that are roads to us, in metres, with minutes."""
    path: Path = tmp_path_factory.mktemp("osm") / "bayreuth.osm"
    path.write_bytes(gzip.decompress(BAYREUTH.read_bytes()))
    found = osmnx.graph_from_xml(path, simplify=False, retain_all=True)
    speed = dict(zip(roads()["osm_id"].str.removeprefix("way/").astype(int), roads()["km_h"], strict=True))
    others = [(u, v, key) for u, v, key, way in found.edges(keys=True, data="osmid") if way not in speed]
    found.remove_edges_from(others)
    found.remove_nodes_from(list(nx.isolates(found)))
    found = osmnx.project_graph(found, to_crs=SYSTEM)
    for u, v, data in found.edges(data=True):
        a, b = found.nodes[u], found.nodes[v]
        data["minutes"] = float(np.hypot(a["x"] - b["x"], a["y"] - b["y"])) / 1000 / speed[data["osmid"]] * 60
    return found


def minutes_there(graph: nx.MultiDiGraph, edge: Any, point: shapely.Point, left: dict[int, float]) -> float:
    """Minutes from a point on a segment, driven on to its one node or the other, as far as it is open that way."""
    best = np.inf
    for a, b in (edge[:2], edge[1::-1]):
        ends = [shapely.Point(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in (a, b)]
        part = shapely.LineString(ends).project(point, normalized=True)
        if part > 1 - 1e-9:
            best = min(best, left.get(b, np.inf))
        for data in (graph.get_edge_data(a, b) or {}).values():
            best = min(best, data["minutes"] * (1 - part) + left.get(b, np.inf))
    return best


def test_travel_times_are_those_of_osmnx_and_networkx(theirs):
    layer = roads()
    graph, _ = road_graph(layer, by_vertex=np.ones(len(layer), dtype=bool), snap_m=0.001, near_miss_m=5.0)
    along = graph.length_m / 1000 / layer["km_h"].to_numpy()[graph.road] * 60
    weights = Weights(along, np.where(graph.oneway == 1, np.inf, along))

    rng = np.random.default_rng(7)
    there = np.array([(data["x"], data["y"]) for _, data in theirs.nodes(data=True)])
    names = list(theirs.nodes)
    distance, near = shapely.STRtree(shapely.points(there)).query_nearest(
        shapely.points(graph.node_xy), return_distance=True, all_matches=False
    )[::-1]
    common = np.flatnonzero(distance < 1e-6)
    assert len(common) > 0.9 * graph.nodes
    nodes = rng.choice(common, 6, replace=False)
    targets = [names[at] for at in near[1][nodes]]

    places = shapely.points(rng.uniform(there.min(axis=0), there.max(axis=0), (300, 2)))
    ends = facility_ends(places, graph, np.ones(graph.edges, dtype=bool), limit_m=1e6)
    found = matrix(graph, weights, nodes, ends, entry_km_h=np.inf)
    segments, off = osmnx.distance.nearest_edges(
        theirs, shapely.get_x(places), shapely.get_y(places), return_dist=True
    )
    np.testing.assert_allclose(ends.off_m, off, atol=1e-6)

    turned = theirs.reverse()
    lefts = [nx.single_source_dijkstra_path_length(turned, target, weight="minutes") for target in targets]
    expected = np.array([
        [minutes_there(theirs, segment, place, left) for left in lefts]
        for segment, place in zip(segments, places, strict=True)
    ])  # fmt: skip
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(expected))
    assert np.isfinite(found).mean() > 0.5
    reached = np.isfinite(found)
    assert found[reached] == pytest.approx(expected[reached], abs=1e-6)
