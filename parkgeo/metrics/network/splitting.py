"""Nodes put on edges of a graph, where facilities or new ends lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.network.graph import RoadGraph, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EdgeMap", "carried", "split"]

_SAME = 1e-9
"""Fractions no farther apart than this are one point."""


@dataclass(frozen=True)
class EdgeMap:
    """Of each edge of a graph that was split: the edge it is part of, and from where to where.

    Attributes
    ----------
    edge
        Edge of the graph before.
    begin, end
        Fractions of that edge's length, 0 to 1, as drawn.
    """

    edge: NDArray[np.intp]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]


def carried(weights: Weights, edge_map: EdgeMap) -> Weights:
    """Weights of the edges after a split: minutes go by length."""
    share = edge_map.end - edge_map.begin
    return Weights(along=weights.along[edge_map.edge] * share, against=weights.against[edge_map.edge] * share)


def split(
    graph: RoadGraph, edge: NDArray[np.intp], fraction: NDArray[np.float64]
) -> tuple[RoadGraph, NDArray[np.intp], EdgeMap]:
    """Put nodes on edges.

    Parameters
    ----------
    graph
        The road graph; it is not changed.
    edge, fraction
        Where each node is to be: the edge, and how far along it as drawn by length, 0 to 1. Several may be on one edge, or
        at one place; at 0 and 1, within 1e-9, it is the node that the edge has there.

    Returns
    -------
    tuple
        The graph with its old nodes first, the node of each place, and the map from its edges to the old ones, of which
        the pieces stand one after the other in the place of the edge.
    """
    edge, fraction = np.asarray(edge, dtype=np.intp), np.asarray(fraction, dtype=np.float64)
    inside = np.flatnonzero((fraction > _SAME) & (fraction < 1 - _SAME))
    inside = inside[np.lexsort((fraction[inside], edge[inside]))]
    at_edge, at = edge[inside], fraction[inside]
    fresh = np.ones(len(inside), dtype=bool)
    fresh[1:] = (np.diff(at_edge) != 0) | (np.diff(at) > _SAME)
    nodes = np.where(fraction <= 0.5, graph.start[edge], graph.end[edge])  # noqa: PLR2004
    nodes[inside] = graph.nodes + np.cumsum(fresh) - 1
    at_edge, at = at_edge[fresh], at[fresh]

    count = np.bincount(at_edge, minlength=graph.edges)
    old = np.repeat(np.arange(graph.edges), count + 1)
    opens = np.concatenate([[0], np.cumsum(count + 1)])[:-1].astype(np.intp)
    cut = np.delete(np.arange(len(old)), opens)
    begin, end = np.zeros(len(old)), np.ones(len(old))
    begin[cut], end[cut - 1] = at, at
    new = graph.nodes + np.arange(len(at))
    start, stop = graph.start[old], graph.end[old]
    start[cut], stop[cut - 1] = new, new

    xy, first, spots = _points(graph, at_edge, at, count)
    made = replace(
        graph,
        node_xy=np.concatenate([graph.node_xy, spots]),
        start=start,
        end=stop,
        length_m=graph.length_m[old] * (end - begin),
        road=graph.road[old],
        oneway=graph.oneway[old],
        xy=xy,
        first=first,
    )
    return made, nodes, EdgeMap(old, begin, end)


def _points(
    graph: RoadGraph, edge: NDArray[np.intp], fraction: NDArray[np.float64], count: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Points of the edges with the cuts in them, each cut twice, and where the cuts are."""
    if not len(edge):
        return graph.xy, graph.first, np.zeros((0, 2))
    step = np.hypot(*np.diff(graph.xy, axis=0, prepend=graph.xy[:1]).T)
    step[graph.first[:-1]] = 0
    run = np.cumsum(step)
    begin = run[graph.first[edge]]
    aim = begin + fraction * (run[graph.first[edge + 1] - 1] - begin)
    after = np.clip(np.searchsorted(run, aim, side="left"), graph.first[edge] + 1, graph.first[edge + 1] - 1)
    part = (aim - run[after - 1]) / np.where(step[after] > 0, step[after], 1)
    spots = graph.xy[after - 1] + part[:, None] * (graph.xy[after] - graph.xy[after - 1])
    xy = np.insert(graph.xy, np.repeat(after, 2), np.repeat(spots, 2, axis=0), axis=0)
    begins = after + 2 * np.arange(len(after)) + 1
    shifted = graph.first + 2 * np.concatenate([[0], np.cumsum(count)])
    return xy, np.sort(np.concatenate([shifted, begins])).astype(np.intp), spots
