"""What hangs together on a road graph, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph, Weights

__all__ = ["Parts", "edge_parts", "main_part", "parts", "to_networkx"]


@dataclass(frozen=True)
class Parts:
    """What hangs together, of each node.

    Attributes
    ----------
    component
        Number of the part that the node is of, whatever the directions; 0 is that of the main part, then by length.
    component_m
        Length of each part in metres, of edges that are open in some direction.
    main
        Whether the node is of the main part: the greatest length within which every node reaches every other. No node is
        where there is no such length, as on a single one-way road.
    entered, left
        Whether the node can be reached from the main part, and whether the main part can be reached from it.
    """

    component: NDArray[np.intp]
    component_m: NDArray[np.float64]
    main: NDArray[np.bool_]
    entered: NDArray[np.bool_]
    left: NDArray[np.bool_]


def parts(graph: RoadGraph, weights: Weights) -> Parts:
    """What hangs together for who travels."""
    along, against = np.isfinite(weights.along), np.isfinite(weights.against)
    tail = np.concatenate([graph.start[along], graph.end[against]])
    head = np.concatenate([graph.end[along], graph.start[against]])
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(graph.nodes,) * 2).tocsr()
    open_m = np.where(along | against, graph.length_m, 0)
    strong = connected_components(links, connection="strong")[1]
    strong_m = _within(graph, strong, open_m)
    longest = int(np.argmax(strong_m)) if len(strong_m) else 0
    main = (strong == longest) & (strong_m[strong] > 0)
    weak = connected_components(links, connection="weak")[1]
    weak_m = _within(graph, weak, open_m)
    order = np.lexsort((-weak_m, ~np.isin(np.arange(len(weak_m)), weak[main])))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    entered, left = main.copy(), main.copy()
    if main.any():
        seed = int(np.flatnonzero(main)[0])
        entered[breadth_first_order(links, seed, return_predecessors=False)] = True
        left[breadth_first_order(links.T.tocsr(), seed, return_predecessors=False)] = True
    return Parts(rank[weak], weak_m[order], main, entered, left)


def _within(graph: RoadGraph, label: NDArray[np.int32], length_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of the edges that have both ends of one label, of each label."""
    inside = label[graph.start] == label[graph.end]
    count = label.max(initial=-1) + 1
    return np.bincount(label[graph.start][inside], length_m[inside], count).astype(np.float64)


def main_part(graph: RoadGraph, weights: Weights) -> NDArray[np.bool_]:
    """Nodes of the main part: the greatest length within which every node reaches every other."""
    return parts(graph, weights).main


def edge_parts(graph: RoadGraph, weights: Weights, found: Parts) -> NDArray[np.object_]:
    """What part each edge is of.

    Returns
    -------
    numpy.ndarray
        ``main``; ``island``, apart from the main part whatever the direction; ``trap``, with an end from which the main part
        is not reached, or which is not reached from it; ``closed`` in both directions to who travels.
    """
    inside = found.main[graph.start] & found.main[graph.end]
    apart = found.component[graph.start] != 0
    shut = ~np.isfinite(weights.along) & ~np.isfinite(weights.against)
    return np.select([shut, inside, apart], ["closed", "main", "island"], "trap").astype(object)


def to_networkx(graph: RoadGraph, weights: Weights) -> nx.MultiDiGraph:
    """The graph as NetworkX has it: an edge for each direction that is open.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes 0, 1, … with ``x`` and ``y`` in metres; edges with ``minutes``, ``length_m``, ``edge`` and ``road``.
    """
    import networkx as nx

    made = nx.MultiDiGraph()
    made.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(graph.node_xy.tolist()))
    for tails, heads, minutes in (
        (graph.start, graph.end, weights.along),
        (graph.end, graph.start, weights.against),
    ):
        rows = zip(
            tails.tolist(),
            heads.tolist(),
            minutes.tolist(),
            graph.length_m.tolist(),
            graph.road.tolist(),
            strict=True,
        )
        made.add_edges_from(
            (tail, head, {"minutes": time, "length_m": metres, "edge": edge, "road": road})
            for edge, (tail, head, time, metres, road) in enumerate(rows)
            if np.isfinite(time)
        )
    return made
