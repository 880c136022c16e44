"""Edges that lie on each other: one is kept for each direction that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from parkgeo.metrics.network.edges import edge_lines, kept_edges
from parkgeo.metrics.network.lines import Lines, doubled, seen

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph

__all__ = ["without_overlaps"]


def without_overlaps(
    graph: RoadGraph, line: NDArray[np.intp], lines: Lines, snap_m: float
) -> tuple[RoadGraph, NDArray[np.intp], gpd.GeoDataFrame]:
    """Keep one of the edges of one level that join the same nodes along the same way.

    Parameters
    ----------
    graph
        Edges in the order of the rows: the first is kept.
    line, lines
        Line of each edge.
    snap_m
        How far apart edges may be that lie on each other.

    Returns
    -------
    tuple
        The graph, the line of each of its edges, and ``duplicate_line``: of each road that lost edges to another one.
    """
    one, two = _alike(graph, lines.level[line], snap_m)
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, two)), shape=(graph.edges,) * 2)
    group = connected_components(links, directed=False)[1] if graph.edges else line
    backward = graph.start > graph.end
    loop = np.flatnonzero((graph.start == graph.end) & (np.bincount(group)[group] > 1))
    backward[loop] = ~shapely.is_ccw(edge_lines(graph, loop))
    oneway = graph.oneway == 1
    keep, instead = doubled(group.astype(np.intp), ~oneway | ~backward, ~oneway | backward)
    lost = np.flatnonzero(~keep)
    shapes = edge_lines(graph, lost)
    pairs = pd.DataFrame(
        {"row": graph.road[lost], "other": graph.road[instead[lost]], "value": graph.length_m[lost]}
    )
    code, kinds = pd.factorize(pd.MultiIndex.from_frame(pairs[["row", "other"]]))
    order = np.argsort(code, kind="stable")
    drawn = shapely.multilinestrings(shapes[order], indices=code[order]) if len(lost) else shapes
    found = seen(
        "duplicate_line",
        np.array([row for row, _ in kinds], dtype=np.intp),
        np.array([other for _, other in kinds], dtype=np.intp),
        np.bincount(code, pairs["value"], len(kinds)).astype(np.float64),
        np.asarray(drawn, dtype=object),
    )
    return kept_edges(graph, keep), line[keep], found


def _alike(
    graph: RoadGraph, level: NDArray[np.float64], snap_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of edges of one level that lie on each other from end to end."""
    low, high = np.minimum(graph.start, graph.end), np.maximum(graph.start, graph.end)
    order = np.lexsort((graph.length_m, level, high, low))
    key = np.stack([low, high, level])[:, order]
    group = np.cumsum((np.diff(key, axis=1, prepend=np.nan) != 0).any(axis=0))
    near = [np.zeros((2, 0), dtype=np.intp)]
    at = np.arange(len(order) - 1)
    step = 1
    while len(at):  # as often as there are edges between the same nodes: a handful
        at = at[at + step < len(order)]
        longer = graph.length_m[order[np.minimum(at + step, len(order) - 1)]] - graph.length_m[order[at]]
        at = at[(group[at + step] == group[at]) & (longer <= 4 * snap_m)]
        near.append(np.stack([order[at], order[at + step]]))
        step += 1
    one, two = np.concatenate(near, axis=1)
    same = shapely.hausdorff_distance(edge_lines(graph, one), edge_lines(graph, two)) <= 2 * snap_m
    return one[same], two[same]
