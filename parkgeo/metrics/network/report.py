"""What is wrong with a road network: a row a place, with what it is about and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from parkgeo.metrics.network.edges import edge_lines
from parkgeo.metrics.network.hours import unreadable_hours
from parkgeo.metrics.network.misses import loose_ends
from parkgeo.metrics.network.speeds import road_speeds
from parkgeo.metrics.network.topology import edge_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import Profile, RoadGraph, Weights
    from parkgeo.metrics.network.topology import Parts

__all__ = ["KINDS", "topology_report"]

KINDS = (
    "split_network", "island", "one_way_trap", "one_way_no_entry", "near_miss", "joined", "dangling_end",
    "duplicate_line", "zero_length", "absurd_speed", "no_speed", "hours_unreadable",
)  # fmt: skip
"""Kinds of rows in their order."""

_COLUMNS = ["kind", "row", "other", "value", "unit", "geometry"]


def topology_report(
    graph: RoadGraph,
    roads: gpd.GeoDataFrame,
    weights: Weights,
    found: Parts,
    *,
    seen: gpd.GeoDataFrame,
    profile: Profile,
    island_m: float,
) -> gpd.GeoDataFrame:
    """List what is wrong with the roads, or looks so.

    Parameters
    ----------
    graph, seen
        As `road_graph` made them.
    roads
        The layer that they were made of.
    weights, found
        Minutes of who travels, and the `parts` they give.
    profile
        Who travels.
    island_m
        Roads apart from the main part are islands up to this length, and a split network beyond it.

    Returns
    -------
    geopandas.GeoDataFrame
        ``kind``, one of `KINDS`; ``road_id``, of an island or trap that of its longest road; ``other_road_id``, the road
        that is nearly met, or is kept for a duplicate; ``value`` in ``unit``: metres of gap, of line drawn twice, of the road
        that ends loose, of an island or trap; km/h stated, or taken where none is; ``geometry``.
    """
    tables = [
        seen,
        _apart(graph, weights, found, island_m),
        _traps(graph, weights, found),
        _loose(graph),
        *_attributes(roads, profile),
    ]
    full = [one[_COLUMNS] for one in tables if len(one)]
    table = pd.concat(full, ignore_index=True) if full else tables[0][_COLUMNS]
    order = np.lexsort((table["row"], table["kind"].map(KINDS.index).to_numpy(dtype=int)))
    table = table.iloc[order].reset_index(drop=True)
    names = np.full(len(roads) + 1, None, dtype=object)
    if "road_id" in roads.columns:
        names[:-1] = roads["road_id"].astype(object).where(roads["road_id"].notna(), None)
    data = {
        "kind": table["kind"].astype(object),
        "road_id": pd.Series(names[table["row"].to_numpy(dtype=int)], dtype=object),
        "other_road_id": pd.Series(names[table["other"].to_numpy(dtype=int)], dtype=object),
        "value": table["value"].astype(float),
        "unit": table["unit"].astype(object),
    }
    return gpd.GeoDataFrame(data, geometry=np.asarray(table["geometry"], dtype=object), crs=roads.crs)


def _rows(
    kind: NDArray[np.object_] | str,
    row: NDArray[np.intp],
    value: NDArray[np.float64],
    unit: str,
    geometry: NDArray[np.object_],
) -> pd.DataFrame:
    return pd.DataFrame(
        {"kind": kind, "row": row, "other": -1, "value": value, "unit": unit, "geometry": geometry},
        columns=_COLUMNS,
    )


def _together(
    graph: RoadGraph, edges: NDArray[np.intp], label: NDArray[np.intp], kind: NDArray[np.object_]
) -> pd.DataFrame:
    """A row a label: the longest road of its edges, their length, and their lines; the kind is that of its first edge."""
    code, labels = pd.factorize(label)
    order = np.lexsort((-graph.length_m[edges], code))
    first = order[np.diff(code[order], prepend=-1) != 0]
    shapes = edge_lines(graph, edges[order])
    drawn = shapely.multilinestrings(shapes, indices=code[order]) if len(edges) else shapes
    value = np.bincount(code, graph.length_m[edges], len(labels)).astype(np.float64)
    return _rows(kind[first], graph.road[edges[first]], value, "m", np.asarray(drawn, dtype=object))


def _apart(graph: RoadGraph, weights: Weights, found: Parts, island_m: float) -> pd.DataFrame:
    """Roads that do not hang together with the main part."""
    edges = np.flatnonzero(edge_parts(graph, weights, found) == "island")
    label = found.component[graph.start[edges]]
    kind = np.where(found.component_m[label] <= island_m, "island", "split_network").astype(object)
    return _together(graph, edges, label, kind)


def _traps(graph: RoadGraph, weights: Weights, found: Parts) -> pd.DataFrame:
    """Roads that hang together with the main part in one direction only: each stretch of them."""
    edges = np.flatnonzero(edge_parts(graph, weights, found) == "trap")
    out = np.where(found.main[graph.start[edges]], graph.end[edges], graph.start[edges])
    state = np.where(~found.left, 1, np.where(~found.entered, 2, 0))
    alike = state[graph.start[edges]] == state[graph.end[edges]]
    links = coo_array(
        (np.ones(alike.sum(), dtype=np.int8), (graph.start[edges[alike]], graph.end[edges[alike]])),
        shape=(graph.nodes,) * 2,
    )
    label = connected_components(links, directed=False)[1].astype(np.intp)[out] if len(edges) else out
    kind = np.where(state[out] == 1, "one_way_trap", "one_way_no_entry").astype(object)
    return _together(graph, edges, label, kind)


def _loose(graph: RoadGraph) -> pd.DataFrame:
    """Ends that meet nothing, with the length of the road up to the last junction."""
    nodes = loose_ends(graph)
    own = np.zeros(graph.nodes, dtype=np.intp)
    own[graph.start] = own[graph.end] = np.arange(graph.edges)
    edge = own[nodes]
    return _rows(
        "dangling_end", graph.road[edge], graph.length_m[edge], "m", shapely.points(graph.node_xy[nodes])
    )


def _attributes(roads: gpd.GeoDataFrame, profile: Profile) -> list[pd.DataFrame]:
    """Roads whose speed or hours are not what they should be."""
    speed, unknown, absurd = road_speeds(roads, profile)
    shapes = np.asarray(roads.geometry.array, dtype=object)
    wild, none = np.flatnonzero(~np.isnan(absurd)), np.flatnonzero(unknown)
    tables = [
        _rows("absurd_speed", wild, absurd[wild], "km/h", shapes[wild]),
        _rows("no_speed", none, speed[none], "km/h", shapes[none]),
    ]
    if "truck_closed_hours" in roads.columns:
        bad = np.flatnonzero(unreadable_hours(roads["truck_closed_hours"]))
        tables.append(_rows("hours_unreadable", bad, np.full(len(bad), np.nan), "", shapes[bad]))
    return tables
