"""Quickest ways between places on the roads and facilities on nodes: the nearest, the k nearest, all within a time.

Facilities stand on nodes (`split` puts them there); places, parcels with their gates, stay on edges, and the part of the edge is
reckoned. One search from the facilities serves all places; where places are fewer, they are searched from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.network.arcs import from_each, from_nearest
from parkgeo.metrics.network.pairs import Pairs, matrix, pair_chunks, pairs_within
from parkgeo.metrics.network.paths import last_edges, summed
from parkgeo.metrics.network.reach import Question, Reach, question, way_to_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.arcs import Network, Trees
    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights

__all__ = ["Pairs", "k_nearest", "matrix", "nearest", "pair_chunks", "pairs_within"]


def nearest(
    graph: RoadGraph,
    weights: Weights,
    nodes: NDArray[np.intp],
    ends: Ends,
    *,
    entry_km_h: float,
    owners: int | None = None,
    inbound: bool = False,
    off_m: NDArray[np.float64] | None = None,
    km: bool = True,
    extra_km: NDArray[np.float64] | None = None,
    network: Network | None = None,
) -> Reach:
    """How each place reaches the nearest of the facilities in time.

    Parameters
    ----------
    graph, weights
        The roads and their minutes; an edge with infinite minutes is closed.
    nodes
        Node that each facility stands on.
    ends
        Where the places meet the roads, several rows where a place has several gates. Ends on edges of ``graph``: of the graph
        after the facilities were put on it.
    entry_km_h
        Speed between a road and a place off it; infinite where that is to cost nothing.
    owners
        Number of places; by default up to the highest in ``ends``.
    inbound
        Whether one comes from the facility to the place, as a fire engine does.
    off_m
        Distance of each facility from its node, metres; by default none.
    km
        Whether kilometres are wanted.
    extra_km
        Of each edge, kilometres to be summed along the way beside its length, those on motorways for one.
    network
        Graph and weights arranged for search, where more than one thing is asked of them.

    Returns
    -------
    Reach
        A row a place. Where there is no way: NaN, and −1 for ``which`` and ``gate``.

    Notes
    -----
    One Dijkstra search from all facilities over the roads turned round gives the minutes of every node; a place on an edge takes
    the better of the two nodes of its edge, by the share of the edge that lies between. Kilometres are those of the quickest
    way, not of the shortest.
    """
    asked = question(
        graph, weights, nodes, ends, owners, inbound=inbound, entry_km_h=entry_km_h, off_m=off_m, network=network
    )  # fmt: skip
    if not asked.facilities.places:
        return _nowhere((asked.owners,))
    trees = from_nearest(asked.network.arcs(reverse=not inbound), asked.facilities)
    return _reach(asked, trees, km=km, extra_km=extra_km)


def _nowhere(shape: tuple[int, ...]) -> Reach:
    return Reach(
        *(np.full(shape, np.nan) for _ in range(3)), *(np.full(shape, -1, dtype=np.intp) for _ in range(2))
    )


def _reach(
    asked: Question, trees: Trees, *, km: bool, extra_km: NDArray[np.float64] | None, place: int = 0
) -> Reach:
    """What one search gives for each place; ``place`` is the facility where one alone was searched from."""
    gates, ends, network = asked.gates, asked.ends, asked.network
    reach = _nowhere((asked.owners,))
    minutes, node, part = way_to_ends(gates, trees.minutes)
    least, row = gates.best(minutes)
    there = np.isfinite(least)
    owner, row = gates.owner[there], row[there]
    reach.minutes[owner] = least[there]
    reach.gate[owner] = row
    node, part, edge = node[row], part[row], ends.edge[row]
    reach.which[owner] = place if trees.nearest is None else trees.nearest[node]
    if km or extra_km is not None:
        way = last_edges(network.arcs(reverse=not asked.inbound), trees.before)
        if km:
            length = network.graph.length_m
            off = np.append(asked.off_m, 0.0)
            begins = np.where(trees.before >= network.graph.nodes, trees.before - network.graph.nodes, -1)
            total = summed(trees.before, np.where(way >= 0, length[way], off[begins]))
            reach.km[owner] = (total[node] + length[edge] * part + ends.off_m[row]) / 1000.0
        if extra_km is not None:
            total = summed(trees.before, np.where(way >= 0, extra_km[way], 0.0))
            reach.extra_km[owner] = total[node] + extra_km[edge] * part
    return reach


def k_nearest(
    graph: RoadGraph,
    weights: Weights,
    nodes: NDArray[np.intp],
    ends: Ends,
    k: int,
    *,
    entry_km_h: float,
    owners: int | None = None,
    inbound: bool = False,
    off_m: NDArray[np.float64] | None = None,
    km: bool = True,
    extra_km: NDArray[np.float64] | None = None,
    network: Network | None = None,
) -> Reach:
    """How each place reaches the k nearest of the facilities in time, nearest first.

    Parameters
    ----------
    graph, weights, nodes, ends, entry_km_h, owners, inbound, off_m, km, extra_km, network
        As of `nearest`.
    k
        How many.

    Returns
    -------
    Reach
        Places × k. Where fewer are reached: NaN, and −1 for ``which`` and ``gate``. Equally near ones stand in their order.

    Notes
    -----
    Each facility is searched from once; where there are many, first up to the minutes in which most places can be expected to
    find k of them, and farther only while a place lacks one.
    """
    asked = question(
        graph, weights, nodes, ends, owners, inbound=inbound, entry_km_h=entry_km_h, off_m=off_m, network=network
    )  # fmt: skip
    arcs = asked.network.arcs(reverse=not inbound)
    ways = km or extra_km is not None
    found = _nowhere((asked.owners, k))
    for limit in _limits(asked, k):
        found = _nowhere((asked.owners, k))
        for place, trees in from_each(arcs, asked.facilities, limit=limit, ways=ways):
            _put_in(found, _reach(asked, trees, km=km, extra_km=extra_km, place=place), limit)
        if not np.isnan(found.minutes[asked.gates.owner]).any():
            break
    return found


def _limits(asked: Question, k: int) -> tuple[float, ...]:
    """Minutes up to which is searched, one after the other while a place lacks a facility."""
    if k < 1 or not asked.facilities.places:
        return ()
    if asked.facilities.places < 32 * k:
        return (np.inf,)
    trees = from_nearest(asked.network.arcs(reverse=not asked.inbound), asked.facilities)
    minutes = _reach(asked, trees, km=False, extra_km=None).minutes
    if np.isnan(minutes).all():
        return ()
    usual = float(np.nanmax(minutes))
    return (usual * np.sqrt(k) * 1.5, usual * k * 3.0, np.inf)


def _put_in(best: Reach, found: Reach, limit: float) -> None:
    """Put what one facility gives into the k best of each place."""
    k = best.minutes.shape[1]
    last = best.minutes[:, -1]
    rows = np.flatnonzero((found.minutes <= limit) & ~(last <= found.minutes))
    if not len(rows):
        return
    now = found.minutes[rows]
    rank = (best.minutes[rows] <= now[:, None]).sum(axis=1)  # NaN: a free place, after all others
    source = np.arange(k)[None, :] - (np.arange(k)[None, :] > rank[:, None])
    new = np.arange(k)[None, :] == rank[:, None]
    for kept, one in (
        (best.minutes, found.minutes), (best.km, found.km), (best.extra_km, found.extra_km),
        (best.which, found.which), (best.gate, found.gate),
    ):  # fmt: skip
        moved = np.take_along_axis(kept[rows], source, axis=1)
        kept[rows] = np.where(new, one[rows, None], moved)
