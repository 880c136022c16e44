"""The road graph of a roads layer: lines cut where roads meet, and the cuts that are one point made one node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from parkgeo.metrics.network.edges import kept_edges, lengths, numbered
from parkgeo.metrics.network.graph import RoadGraph
from parkgeo.metrics.network.lines import Lines, seen, single_lines
from parkgeo.metrics.network.meetings import Cuts, meetings
from parkgeo.metrics.network.misses import each_gap, joined, near_misses
from parkgeo.metrics.network.overlaps import without_overlaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["road_graph"]

_SAME_M = 1e-6
"""Cuts of one line no farther apart than this are one, however they came about."""


def road_graph(
    roads: gpd.GeoDataFrame,
    *,
    by_vertex: NDArray[np.bool_],
    snap_m: float,
    near_miss_m: float,
    join: bool = False,
) -> tuple[RoadGraph, gpd.GeoDataFrame]:
    """The graph of a roads layer, and what was seen while it was made.

    Parameters
    ----------
    roads
        Lines in metres; fields ``level`` and ``oneway`` may be missing.
    by_vertex
        Of each row, whether it meets others of its kind only where they share a vertex, whatever their levels, as roads of
        OpenStreetMap do.
    snap_m
        Ends and vertices no farther apart than this are one point.
    near_miss_m
        A loose end no farther than this from another road is a near miss.
    join
        Whether near misses are joined, by an edge as long as the gap.

    Returns
    -------
    tuple
        The graph, and a frame of `SEEN` columns: ``zero_length``, ``duplicate_line``, ``near_miss`` and ``joined``, each
        with its rows of the layer and metres: of line that is drawn twice, or of the gap.

    Notes
    -----
    Roads of one level meet where they cross, at vertices that they share, and where an end or a vertex of one lies on the
    other. Roads of different levels meet where an end of one is an end of the other, and where an end of the one farther
    from the ground lies on the other: a bridge lands on a road, a road that ends below a bridge stays below. A missing
    level is the ground. Where roads of one level lie on each other, one is kept for each direction that is open.

    Examples
    --------
    Two roads that cross, drawn without a node there:

    >>> from shapely import LineString
    >>> roads = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (10, 0)]), LineString([(5, -5), (5, 5)])], crs=4528)
    >>> graph, _ = road_graph(roads, by_vertex=np.zeros(2, dtype=bool), snap_m=0.05, near_miss_m=5)
    >>> graph.nodes, graph.edges, graph.length_m.tolist()
    (5, 4, [5.0, 5.0, 5.0, 5.0])
    """
    lines, left_out = single_lines(roads, np.asarray(by_vertex, dtype=bool))
    found = [left_out]
    cuts, pairs = meetings(lines, snap_m)
    node, node_xy = _nodes(cuts, pairs, snap_m)
    graph, line = _edges(lines, cuts, node, node_xy, 2 * snap_m)
    found.append(_collapsed(lines, line))
    graph, line, doubles = without_overlaps(graph, line, lines, snap_m)
    found.append(doubles)
    graph = numbered(graph)
    misses = near_misses(graph, lines.level[line], snap_m=snap_m, near_miss_m=near_miss_m)
    said = each_gap(graph, misses)
    found.append(
        seen(
            "joined" if join else "near_miss",
            misses.row[said], misses.other[said], misses.gap_m[said], misses.shapes[said],
        )
    )  # fmt: skip
    if join:
        graph = joined(graph, misses)
    table = pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    return graph, gpd.GeoDataFrame(table, geometry="geometry", crs=roads.crs)


def _nodes(
    cuts: Cuts, pairs: NDArray[np.intp], snap_m: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Node of each cut, and where the nodes are: at the best of their cuts."""
    order = np.lexsort((cuts.along, cuts.line))
    gap = np.where(np.diff(cuts.line[order]) == 0, np.diff(cuts.along[order]), np.inf)
    near = (gap <= _SAME_M) | ((gap <= snap_m) & (cuts.hard[order[:-1]] | cuts.hard[order[1:]]))
    one = np.concatenate([pairs[0], order[:-1][near]])
    two = np.concatenate([pairs[1], order[1:][near]])
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, two)), shape=(len(order),) * 2)
    node = connected_components(links, directed=False)[1].astype(np.intp) if len(order) else order
    best = np.lexsort((cuts.xy[:, 1], cuts.xy[:, 0], cuts.rank, node))
    best = best[np.diff(node[best], prepend=-1) != 0]
    return node, cuts.xy[best]


def _edges(
    lines: Lines, cuts: Cuts, node: NDArray[np.intp], node_xy: NDArray[np.float64], least_m: float
) -> tuple[RoadGraph, NDArray[np.intp]]:
    """Stretches of line from cut to cut, and the line of each; those that lead from a node to itself at once are none."""
    plain = np.ones(len(lines.xy), dtype=bool)
    plain[cuts.vertex[cuts.vertex >= 0]] = False
    of_line = np.concatenate([cuts.line, lines.line[plain]])
    along = np.concatenate([cuts.along, lines.along[plain]])
    xy = np.concatenate([node_xy[node], lines.xy[plain]])
    at = np.concatenate([node, np.full(plain.sum(), -1)])
    order = np.lexsort((along, of_line))
    of_line, along, xy, at = of_line[order], along[order], xy[order], at[order]

    cut = np.flatnonzero(at >= 0)  # each line begins and ends with one
    follows = np.diff(of_line[cut]) == 0
    opens, closes = np.append(follows, False)[: len(cut)], np.insert(follows, 0, False)[: len(cut)]
    copies = np.ones(len(at), dtype=np.intp)
    copies[cut] = opens.astype(np.intp) + closes
    first = np.append((np.cumsum(copies) - 1)[cut[opens]], copies.sum())
    line = of_line[cut[opens]]
    xy = np.repeat(xy, copies, axis=0)
    drawn_m = along[cut[closes]] - along[cut[opens]]
    start, end, length_m = at[cut[opens]], at[cut[closes]], lengths(xy, first)
    length_m = np.where(length_m > 0, length_m, drawn_m)
    graph = RoadGraph(
        node_xy, start, end, length_m, lines.row[line], lines.oneway[line].astype(np.int8), xy, first
    )
    keep = (start != end) | (drawn_m > least_m)
    return kept_edges(graph, keep), line[keep]


def _collapsed(lines: Lines, line: NDArray[np.intp]) -> gpd.GeoDataFrame:
    """Lines so short that nothing of them is left once their ends are one point."""
    gone = np.flatnonzero(np.bincount(line, minlength=len(lines)) == 0)
    spots = shapely.points(lines.xy[lines.first[gone]])
    return seen(
        "zero_length", lines.row[gone], np.full(len(gone), -1), lines.along[lines.first[gone + 1] - 1], spots
    )
