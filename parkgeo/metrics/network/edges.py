"""Edges of a road graph as a whole: their lengths, their lines, and some of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph

__all__ = ["edge_lines", "kept_edges", "lengths", "numbered"]


def lengths(xy: NDArray[np.float64], first: NDArray[np.intp]) -> NDArray[np.float64]:
    """Length of each line in metres, of points one after the other and the position of each line's first."""
    if len(first) < 2:  # noqa: PLR2004
        return np.zeros(0)
    step = np.hypot(*np.diff(xy, axis=0, append=xy[-1:]).T)
    step[first[1:] - 1] = 0
    return np.asarray(np.add.reduceat(step, first[:-1]))


def edge_lines(graph: RoadGraph, edges: NDArray[np.intp] | None = None) -> NDArray[np.object_]:
    """Lines of the edges, or of some of them in their order, as drawn."""
    if edges is None:
        edges = np.arange(graph.edges)
    count = np.diff(graph.first)[edges]
    which = np.repeat(np.arange(len(edges)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    at = np.repeat(graph.first[:-1][edges], count) + within
    return np.asarray(shapely.linestrings(graph.xy[at], indices=which), dtype=object)


def kept_edges(graph: RoadGraph, keep: NDArray[np.bool_]) -> RoadGraph:
    """The graph with some of its edges; its nodes stay as they are."""
    if keep.all():
        return graph
    count = np.diff(graph.first)
    return replace(
        graph,
        start=graph.start[keep],
        end=graph.end[keep],
        length_m=graph.length_m[keep],
        road=graph.road[keep],
        oneway=graph.oneway[keep],
        xy=graph.xy[np.repeat(keep, count)],
        first=np.concatenate([[0], np.cumsum(count[keep])]).astype(np.intp),
    )


def numbered(graph: RoadGraph) -> RoadGraph:
    """The graph with the nodes that edges have, numbered from west to east."""
    used = np.zeros(graph.nodes, dtype=bool)
    used[graph.start] = used[graph.end] = True
    old = np.flatnonzero(used)
    old = old[np.lexsort((graph.node_xy[old, 1], graph.node_xy[old, 0]))]
    new = np.zeros(graph.nodes, dtype=np.intp)
    new[old] = np.arange(len(old))
    return replace(graph, node_xy=graph.node_xy[old], start=new[graph.start], end=new[graph.end])
