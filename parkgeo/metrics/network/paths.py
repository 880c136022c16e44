"""Ways found by a search: what is summed along them, and what hangs on each node of their tree."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.arcs import Arcs

__all__ = ["Branches", "branches", "last_edges", "summed"]


def last_edges(arcs: Arcs, before: NDArray[np.int32]) -> NDArray[np.intp]:
    """Edge by which the quickest way comes to each node.

    Parameters
    ----------
    arcs
        The arcs that were searched.
    before
        Node before each node on its way, as `Trees` has it.

    Returns
    -------
    numpy.ndarray
        Edge; −1 where the way begins at the node, or where it is not reached.
    """
    nodes = len(before)
    edge = np.full(nodes, -1, dtype=np.intp)
    node = np.flatnonzero((before >= 0) & (before < nodes))
    at = arcs.minutes.indptr[before[node]].astype(np.intp)
    while len(node):  # one turn an arc of the node before: a handful
        hit = arcs.minutes.indices[at] == node
        edge[node[hit]] = arcs.edge[at[hit]]
        node, at = node[~hit], at[~hit] + 1
    return edge


def summed(before: NDArray[np.int32], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of a value of each node over the node and all nodes before it on its way.

    Parameters
    ----------
    before
        Node before each node on its way; a number that is no node ends it.
    value
        Of each node.

    Returns
    -------
    numpy.ndarray
        Of each node, the sum.

    Examples
    --------
    >>> import numpy as np
    >>> summed(np.array([-9999, 0, 1]), np.array([0.0, 2.0, 3.0])).tolist()
    [0.0, 2.0, 5.0]
    """
    # Each turn doubles the stretch that is summed, so a way of a thousand edges takes ten turns.
    nodes = len(before)
    total = value.copy()
    jump = np.where((before >= 0) & (before < nodes), before, nodes).astype(np.intp)
    moving = np.flatnonzero(jump < nodes)
    while len(moving):
        onto = jump[moving]
        total[moving], jump[moving] = total[moving] + total[onto], jump[onto]
        moving = moving[jump[moving] < nodes]
    return total


class Branches(NamedTuple):
    """The tree of quickest ways in an order in which all that hangs on a node follows it.

    Attributes
    ----------
    order
        Nodes that are reached; after each node come all whose way leads through it.
    place, size
        Of each node its place in ``order`` and how many nodes hang on it, itself among them; 0 where not reached. What hangs on
        node ``n`` is ``order[place[n]:place[n] + size[n]]``.
    """

    order: NDArray[np.intp]
    place: NDArray[np.intp]
    size: NDArray[np.intp]


def branches(before: NDArray[np.int32], reached: NDArray[np.bool_]) -> Branches:
    """What hangs on each node of a tree of quickest ways.

    Parameters
    ----------
    before
        Node before each node on its way.
    reached
        Whether there is a way to the node.

    Returns
    -------
    Branches
        The order, with place and size of each node.
    """
    nodes = len(before)
    inner = (before >= 0) & (before < nodes)
    parent = np.where(inner, before, nodes).astype(np.intp)
    depth = summed(before, inner.astype(np.float64)).astype(np.intp)
    there = np.flatnonzero(reached)
    # Siblings stand together within a level, so that each knows how much hangs on those before it.
    by_level = there[np.lexsort((there, parent[there], depth[there]))]
    edges = np.flatnonzero(np.diff(depth[by_level], prepend=-1, append=nodes + 1))
    levels = [by_level[a:b] for a, b in pairwise(edges)]
    size = np.append(reached.astype(np.intp), 0)
    for level in reversed(levels):
        np.add.at(size, parent[level], size[level])
    place = np.append(np.zeros(nodes, dtype=np.intp), -1)
    for level in levels:
        ahead = np.cumsum(size[level]) - size[level]
        first = np.diff(parent[level], prepend=-1) != 0
        ahead -= np.repeat(ahead[first], np.diff(np.append(np.flatnonzero(first), len(level))))
        place[level] = place[parent[level]] + 1 + ahead
    order = np.empty(len(there), dtype=np.intp)
    order[place[there]] = there
    return Branches(order, place[:-1], size[:-1])
