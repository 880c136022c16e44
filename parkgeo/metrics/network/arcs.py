"""The road graph arranged for search: from each node, what the next ones are and how many minutes away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph, Weights

__all__ = ["Arcs", "Network", "Origins", "Trees", "csr", "from_each", "from_nearest"]


CELLS_AT_ONCE = 8_000_000
"""Minutes held at once where many places are searched from, 8 bytes each."""


@dataclass(frozen=True)
class Arcs:
    """Nodes × nodes: of the edges from one node to the next, the quickest.

    Attributes
    ----------
    minutes
        Compressed rows: a row the nodes that can be reached next, and in how many minutes.
    edge
        Of each stored minute, the edge that is driven.
    """

    minutes: csr_array
    edge: NDArray[np.intp]


@dataclass(frozen=True)
class Network:
    """A graph and its minutes, arranged for search once and used for all that is asked of it.

    Attributes
    ----------
    graph, weights
        What it is made of. A scenario makes a new one; these arrays are not to be changed under it.
    """

    graph: RoadGraph
    weights: Weights

    @cached_property
    def leaving(self) -> Arcs:
        """Arcs in the direction of travel."""
        return _arcs(self.graph, self.weights, reverse=False)

    @cached_property
    def arriving(self) -> Arcs:
        """Arcs turned round: from where each node is reached."""
        return _arcs(self.graph, self.weights, reverse=True)

    def arcs(self, *, reverse: bool) -> Arcs:
        """The arcs turned round, or as travelled."""
        return self.arriving if reverse else self.leaving


def csr(graph: RoadGraph, weights: Weights, *, reverse: bool = False) -> csr_array:
    """Minutes from node to node by single edges, the least where edges are parallel.

    Parameters
    ----------
    graph, weights
        The roads and their minutes; an edge whose minutes are infinite is closed.
    reverse
        Whether a row holds the nodes from which its node is reached, and not those that it leads to.

    Returns
    -------
    scipy.sparse.csr_array
        Nodes × nodes, minutes.
    """
    return _arcs(graph, weights, reverse=reverse).minutes


def _arcs(graph: RoadGraph, weights: Weights, *, reverse: bool) -> Arcs:
    tail = np.concatenate([graph.start, graph.end])
    head = np.concatenate([graph.end, graph.start])
    minutes = np.concatenate([weights.along, weights.against])
    open_ = np.flatnonzero(np.isfinite(minutes) & (tail != head))  # a loop leads nowhere
    row, column = (head[open_], tail[open_]) if reverse else (tail[open_], head[open_])
    key = row * graph.nodes + column
    order = np.argsort(key, kind="stable")
    same = np.diff(key[order]) == 0
    parallel = np.flatnonzero(
        np.append(same, False) | np.append(False, same)
    )  # few: sorted once more, on their own
    some = order[parallel]
    order[parallel] = some[
        np.lexsort((graph.length_m[open_[some] % graph.edges], minutes[open_[some]], key[some]))
    ]
    order = order[np.diff(key[order], prepend=-1) != 0]
    first = np.concatenate([[0], np.cumsum(np.bincount(row[order], minlength=graph.nodes))])
    matrix = csr_array(
        (minutes[open_[order]], column[order].astype(np.int32), first.astype(np.int32)),
        shape=(graph.nodes, graph.nodes),
    )
    return Arcs(matrix, open_[order] % graph.edges)


class Origins(NamedTuple):
    """Places off the graph where searches begin, and their arcs onto it.

    Attributes
    ----------
    origin, node, minutes
        Of each arc: which place, the node that it leads to, and how long it takes; infinite: no arc.
    places
        How many there are.
    """

    origin: NDArray[np.intp]
    node: NDArray[np.intp]
    minutes: NDArray[np.float64]
    places: int


class Trees(NamedTuple):
    """Quickest ways from a place, or from the nearest of all places, to every node.

    Attributes
    ----------
    minutes
        To each node; infinite where it is not reached.
    before
        The node before it on the way; ``nodes + place`` where that is the place itself, negative where it is not reached.
        Empty where ways were not asked for.
    nearest
        The place that the way comes from, −1 where not reached; None where one place was searched from.
    """

    minutes: NDArray[np.float64]
    before: NDArray[np.int32]
    nearest: NDArray[np.intp] | None


def _with_places(arcs: Arcs, origins: Origins) -> csr_array:
    """The arcs with the places as further rows after the nodes; nothing leads to a place."""
    nodes = arcs.minutes.shape[0]
    kept = np.flatnonzero(np.isfinite(origins.minutes))
    kept = kept[np.argsort(origins.origin[kept], kind="stable")]
    counts = np.bincount(origins.origin[kept], minlength=origins.places)
    first = arcs.minutes.indptr
    size = nodes + origins.places
    return csr_array(
        (
            np.concatenate([arcs.minutes.data, origins.minutes[kept]]),
            np.concatenate([arcs.minutes.indices, origins.node[kept].astype(np.int32)]),
            np.concatenate([first, (first[-1] + np.cumsum(counts)).astype(np.int32)]),
        ),
        shape=(size, size),
    )


def from_nearest(arcs: Arcs, origins: Origins) -> Trees:
    """One search from all places at once: to each node from the place nearest to it."""
    nodes = arcs.minutes.shape[0]
    minutes, before, source = dijkstra(
        _with_places(arcs, origins),
        indices=np.arange(nodes, nodes + origins.places),
        return_predecessors=True,
        min_only=True,
    )
    nearest = np.where(np.isfinite(minutes[:nodes]), source[:nodes] - nodes, -1)
    return Trees(minutes[:nodes], before[:nodes], nearest)


def from_each(
    arcs: Arcs, origins: Origins, *, limit: float = np.inf, ways: bool = False
) -> Iterator[tuple[int, Trees]]:
    """A search from each place on its own, in chunks that fit in memory.

    Parameters
    ----------
    arcs, origins
        The graph and the places.
    limit
        Minutes beyond which nodes need not be reached.
    ways
        Whether the ways are wanted, or only the minutes.

    Yields
    ------
    tuple
        Number of the place, and the minutes from it.
    """
    nodes = arcs.minutes.shape[0]
    matrix = _with_places(arcs, origins)
    chunk = max(1, CELLS_AT_ONCE // matrix.shape[0])
    for first in range(0, origins.places, chunk):
        places = np.arange(first, min(first + chunk, origins.places))
        if ways:
            minutes, before = dijkstra(matrix, indices=nodes + places, limit=limit, return_predecessors=True)
            yield from (
                (int(place), Trees(minutes[row, :nodes], before[row, :nodes], None))
                for row, place in enumerate(places)
            )
        else:
            none = np.empty(0, dtype=np.int32)
            minutes = dijkstra(matrix, indices=nodes + places, limit=limit)
            yield from (
                (int(place), Trees(minutes[row, :nodes], none, None)) for row, place in enumerate(places)
            )
