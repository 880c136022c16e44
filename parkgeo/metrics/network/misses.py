"""Loose ends that all but meet another road, and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.network.edges import edge_lines, lengths, numbered
from parkgeo.metrics.network.splitting import split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph
    from parkgeo.metrics.network.splitting import EdgeMap

__all__ = ["Misses", "each_gap", "joined", "loose_ends", "near_misses"]

_WAY_ROUND = 4
"""A loose end that comes to the same place by a way no longer than this many near-miss distances misses nothing: the end of a
stub is near the road that it branches off."""

_AT_END_M = 1e-6
"""How near to the end of an edge a place is that end: what is left of rounding."""


@dataclass(frozen=True)
class Misses:
    """Loose ends and the nearest place of a road that each may have been meant to meet.

    Attributes
    ----------
    node
        The loose end.
    edge, fraction
        The place.
    gap_m
        Straight distance.
    row, other
        Rows of the roads layer that the end and the place are of.
    shapes
        Lines across the gaps; a point where there is no gap but levels that differ.
    """

    node: NDArray[np.intp]
    edge: NDArray[np.intp]
    fraction: NDArray[np.float64]
    gap_m: NDArray[np.float64]
    row: NDArray[np.intp]
    other: NDArray[np.intp]
    shapes: NDArray[np.object_]


def loose_ends(graph: RoadGraph) -> NDArray[np.intp]:
    """Nodes at which a single edge ends."""
    ends = np.bincount(np.concatenate([graph.start, graph.end]), minlength=graph.nodes)
    return np.flatnonzero(ends == 1)


def near_misses(graph: RoadGraph, level: NDArray[np.float64], *, snap_m: float, near_miss_m: float) -> Misses:
    """Loose ends near a road that they do not meet.

    Parameters
    ----------
    graph
        The road graph.
    level
        Of each edge.
    snap_m
        Ends that are no farther off than this and yet do not meet are on another level.
    near_miss_m
        How near is near.

    Returns
    -------
    Misses
        At most one a loose end, the nearest. Of other levels than the end's own, only other ends count, roads nearer the
        ground, and what is no farther off than the snapping distance.
    """
    nodes = loose_ends(graph)
    if not len(nodes):
        none = np.zeros(0, dtype=np.intp)
        return Misses(none, none, np.zeros(0), np.zeros(0), none, none, np.zeros(0, dtype=object))
    own, pieces, edge_map = _with_tips(graph, nodes, _WAY_ROUND * near_miss_m)
    shapes = edge_lines(pieces)
    spots = shapely.points(graph.node_xy[nodes])
    asked, piece = shapely.STRtree(shapes).query(spots, predicate="dwithin", distance=near_miss_m)
    at = shapely.line_locate_point(shapes[piece], spots[asked])
    gap = shapely.distance(shapes[piece], spots[asked])
    node, edge, mine = nodes[asked], edge_map.edge[piece], edge_map.edge[own[asked]]

    missed = _way_round(pieces, node, own[asked], piece, at) > _WAY_ROUND * near_miss_m
    fraction = edge_map.begin[piece] + at / pieces.length_m[piece] * (edge_map.end - edge_map.begin)[piece]
    fraction = np.clip(fraction, 0, 1)
    at_end = np.minimum(fraction, 1 - fraction) * graph.length_m[edge] <= snap_m
    below = np.abs(level[edge]) < np.abs(level[mine])
    order = np.flatnonzero(missed & ((level[edge] == level[mine]) | at_end | below | (gap <= snap_m)))
    order = order[np.lexsort((piece[order], gap[order], node[order]))]
    best = order[np.diff(node[order], prepend=-1) != 0]
    across = shapely.shortest_line(spots[asked[best]], shapes[piece[best]])
    edge = edge[best]
    return Misses(
        node[best], edge, fraction[best], gap[best], graph.road[mine[best]], graph.road[edge], across
    )


def _with_tips(
    graph: RoadGraph, nodes: NDArray[np.intp], tip_m: float
) -> tuple[NDArray[np.intp], RoadGraph, EdgeMap]:
    """The graph with long edges cut before their loose ends, so that an end can be held against the rest of its own edge.

    The edge that ends at each loose end comes first.
    """
    loose = np.zeros(graph.nodes, dtype=bool)
    loose[nodes] = True
    long = graph.length_m > 2 * tip_m
    ahead, back = np.flatnonzero(loose[graph.start] & long), np.flatnonzero(loose[graph.end] & long)
    fraction = np.concatenate([tip_m / graph.length_m[ahead], 1 - tip_m / graph.length_m[back]])
    pieces, _, edge_map = split(graph, np.concatenate([ahead, back]), fraction)
    own = np.zeros(pieces.nodes, dtype=np.intp)
    own[pieces.start] = own[pieces.end] = np.arange(pieces.edges)  # each loose end has but one
    return own[nodes], pieces, edge_map


def _way_round(
    graph: RoadGraph,
    node: NDArray[np.intp],
    mine: NDArray[np.intp],
    edge: NDArray[np.intp],
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Metres from a loose end to a place on an edge that its own leads to; 0 on its own, infinite on those farther on."""
    root = np.where(graph.start[mine] == node, graph.end[mine], graph.start[mine])
    around = np.minimum(
        np.where(graph.start[edge] == root, at, np.inf),
        np.where(graph.end[edge] == root, graph.length_m[edge] - at, np.inf),
    )
    return np.where(edge == mine, 0, graph.length_m[mine] + around)


def each_gap(graph: RoadGraph, misses: Misses) -> NDArray[np.intp]:
    """Rows of the misses, of two loose ends that face each other the first alone: they are one gap."""
    along = misses.fraction * graph.length_m[misses.edge]
    at_start, at_end = along <= _AT_END_M, graph.length_m[misses.edge] - along <= _AT_END_M
    other = np.where(at_start, graph.start[misses.edge], graph.end[misses.edge])
    # A place along a road is that of no other end: it gets a number of its own.
    other = np.where(at_start | at_end, other, -1 - np.arange(len(other)))
    sides = np.sort(np.stack([misses.node, other]), axis=0)
    first: NDArray[np.intp] = np.sort(np.unique(sides, axis=1, return_index=True)[1])
    return first


def joined(graph: RoadGraph, misses: Misses) -> RoadGraph:
    """The graph with the gaps of near misses closed.

    Parameters
    ----------
    graph
        The road graph.
    misses
        Its near misses.

    Returns
    -------
    RoadGraph
        With an edge across each gap, two-way and of the road whose end is loose; an end without a gap becomes the node that
        it lies on.
    """
    graph, target, _ = split(graph, misses.edge, misses.fraction)
    xy = np.stack([graph.node_xy[misses.node], graph.node_xy[target]], axis=1)
    low, high = np.minimum(misses.node, target), np.maximum(misses.node, target)
    _, once = np.unique(np.stack([low, high]), axis=1, return_index=True)  # two ends that face each other
    once = np.sort(once)
    gap = np.hypot(*(xy[once, 1] - xy[once, 0]).T)
    over, flat = once[gap > 0], once[gap == 0]
    new = np.arange(graph.nodes)
    new[misses.node[flat]] = target[flat]
    first = graph.first[-1] + 2 * np.arange(1, len(over) + 1)
    points = xy[over].reshape(-1, 2)
    made = replace(
        graph,
        start=new[np.concatenate([graph.start, misses.node[over]])],
        end=new[np.concatenate([graph.end, target[over]])],
        length_m=np.concatenate([graph.length_m, lengths(points, np.arange(0, len(points) + 1, 2))]),
        road=np.concatenate([graph.road, misses.row[over]]),
        oneway=np.concatenate([graph.oneway, np.zeros(len(over), dtype=np.int8)]),
        xy=np.concatenate([graph.xy, points]),
        first=np.concatenate([graph.first, first]).astype(np.intp),
    )
    return numbered(made)
