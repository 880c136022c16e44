"""Links that matter: how many places lose how many minutes where a stretch of road is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from parkgeo.metrics.network.arcs import Arcs, Network, Origins, from_nearest
from parkgeo.metrics.network.paths import Branches, branches, last_edges
from parkgeo.metrics.network.reach import AT_NODE, Gates, entry_minutes, gates_of, way_to_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights

__all__ = ["Links", "links"]

SAME = 1e-9
"""Minutes that differ by no more, of each minute and in all, are the same summed in another order."""


@dataclass(frozen=True)
class Links:
    """What closing a stretch of road in both directions does. A row a stretch that was tried, the worst first.

    Attributes
    ----------
    segment
        The stretch.
    slower
        Places that take longer to one of the targets at least, or do not reach it any more.
    cut_off
        Of them, those that do not reach one any more.
    minutes_lost
        Sum over places and targets that are still reached.
    left_out
        Stretches that some place depends on and that were not tried.
    """

    segment: NDArray[np.intp]
    slower: NDArray[np.intp]
    cut_off: NDArray[np.intp]
    minutes_lost: NDArray[np.float64]
    left_out: int


def links(
    graph: RoadGraph,
    weights: Weights,
    targets: Sequence[NDArray[np.intp]],
    ends: Ends,
    *,
    entry_km_h: float,
    tried: int,
    segment: NDArray[np.intp] | None = None,
    off_m: Sequence[NDArray[np.float64]] | None = None,
    inbound: bool = False,
    network: Network | None = None,
) -> Links:
    """How many places lose how many minutes to the nearest facilities where each stretch of road is closed.

    Parameters
    ----------
    graph, weights
        The roads and their minutes.
    targets
        Nodes of the facilities of each kind; of each the nearest counts.
    ends
        Where the places meet the roads.
    entry_km_h, off_m, inbound, network
        As of `nearest`; ``off_m`` a kind of facility.
    tried
        Most stretches that are closed, one at a time: those first that most ways lead along.
    segment
        Of each edge the number of its stretch; by default each edge is its own. Edges of one number are closed together.

    Returns
    -------
    Links
        Sorted by places cut off, minutes lost, and stretch. Exact for each stretch: what `nearest` gives where its minutes are
        infinite. A stretch that is on nobody's quickest way costs nobody anything and is not listed.

    Notes
    -----
    Where a stretch is closed only the nodes whose quickest way leads along it have another one: those that hang on it in the
    tree of quickest ways. They alone are searched anew, from the nodes around them, whose minutes stay.
    """
    segment = np.arange(graph.edges) if segment is None else segment
    network = network or Network(graph, weights)
    gates = gates_of(graph, weights, ends, inbound=inbound, entry_km_h=entry_km_h)
    rounds = [
        _Target.of(
            network,
            gates,
            Origins(np.arange(len(nodes)), nodes, entry_minutes(off, entry_km_h), len(nodes)),
            reverse=not inbound,
        )
        for nodes, off in zip(targets, off_m or [np.zeros(len(nodes)) for nodes in targets], strict=True)
        if len(nodes)
    ]
    used = np.zeros(int(segment.max(initial=-1)) + 1, dtype=np.intp)
    for target in rounds:
        target.tally(used, segment, ends.edge, gates)
    ranked = np.lexsort((np.arange(len(used)), -used))[: int((used > 0).sum())]
    edges_of = np.argsort(segment, kind="stable")
    first = np.searchsorted(segment[edges_of], np.arange(len(used) + 1))
    into = _Incoming.of(graph, weights, reverse=not inbound)
    rows = [
        _closed(graph, rounds, into, gates, ends.edge, edges_of[first[one] : first[one + 1]])
        for one in ranked[:tried]
    ]
    slower, cut_off, lost = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    found = ranked[:tried]
    order = np.lexsort((found, -np.asarray(lost), -np.asarray(cut_off)))
    return Links(
        found[order],
        np.asarray(slower, dtype=np.intp)[order],
        np.asarray(cut_off, dtype=np.intp)[order],
        np.asarray(lost, dtype=np.float64)[order],
        max(len(ranked) - tried, 0),
    )


class _Incoming(NamedTuple):
    """All arcs by the node that they lead to in the search, parallel ones too."""

    first: NDArray[np.intp]
    tail: NDArray[np.intp]
    minutes: NDArray[np.float64]
    edge: NDArray[np.intp]

    @classmethod
    def of(cls, graph: RoadGraph, weights: Weights, *, reverse: bool) -> _Incoming:
        tail = np.concatenate([graph.start, graph.end])
        head = np.concatenate([graph.end, graph.start])
        tail, head = (head, tail) if reverse else (tail, head)
        minutes = np.concatenate([weights.along, weights.against])
        order = np.argsort(head, kind="stable")
        order = order[np.isfinite(minutes[order])]
        first = np.searchsorted(head[order], np.arange(graph.nodes + 1))
        return cls(first, tail[order], minutes[order], order % max(graph.edges, 1))


class _Target(NamedTuple):
    """One kind of facility as things stand: minutes of nodes, ends and owners, and the tree of the ways."""

    minutes: NDArray[np.float64]
    before: NDArray[np.int32]
    way: NDArray[np.intp]
    tree: Branches
    seed: NDArray[np.float64]
    to_ends: NDArray[np.float64]
    best: NDArray[np.float64]

    @classmethod
    def of(cls, network: Network, gates: Gates, facilities: Origins, *, reverse: bool) -> _Target:
        arcs: Arcs = network.arcs(reverse=reverse)
        trees = from_nearest(arcs, facilities)
        seed = np.full(network.graph.nodes, np.inf)
        np.minimum.at(seed, facilities.node, facilities.minutes)
        to_ends, _, _ = way_to_ends(gates, trees.minutes)
        return cls(
            minutes=trees.minutes,
            before=trees.before,
            way=last_edges(arcs, trees.before),
            tree=branches(trees.before, np.isfinite(trees.minutes)),
            seed=seed,
            to_ends=to_ends,
            best=gates.best(to_ends)[0],
        )

    def tally(
        self, used: NDArray[np.intp], segment: NDArray[np.intp], edge: NDArray[np.intp], gates: Gates
    ) -> None:
        """Add to each segment how many places' quickest way leads along it."""
        best, row = gates.best(self.to_ends)
        row = row[np.isfinite(best)]
        _, node, part = way_to_ends(gates, self.minutes)
        np.add.at(used, segment[edge[row[part[row] > 0]]], 1)
        mine = np.bincount(node[row], minlength=len(self.minutes))
        total = np.concatenate([[0], np.cumsum(mine[self.tree.order])])
        below = np.flatnonzero(self.way >= 0)
        place = self.tree.place[below]
        np.add.at(used, segment[self.way[below]], total[place + self.tree.size[below]] - total[place])

    def hanging(self, shut: NDArray[np.intp], at_ends: NDArray[np.intp]) -> NDArray[np.intp]:
        """Nodes whose quickest way leads along one of the edges that are shut; ``at_ends`` are those that they join."""
        tops = at_ends[np.isin(self.way[at_ends], shut)]
        if not len(tops):
            return tops
        pieces = [
            self.tree.order[self.tree.place[top] : self.tree.place[top] + self.tree.size[top]] for top in tops
        ]
        return np.unique(np.concatenate(pieces))

    def anew(self, into: _Incoming, nodes: NDArray[np.intp], shut: NDArray[np.intp]) -> NDArray[np.float64]:
        """Minutes of all nodes where those given have lost their way."""
        counts = into.first[nodes + 1] - into.first[nodes]
        arc = np.arange(counts.sum()) + np.repeat(into.first[nodes] - (np.cumsum(counts) - counts), counts)
        head = np.repeat(np.arange(len(nodes)), counts)
        kept = ~np.isin(into.edge[arc], shut)
        arc, head = arc[kept], head[kept]
        at = np.full(len(self.minutes), -1, dtype=np.intp)
        at[nodes] = np.arange(len(nodes))
        tail = at[into.tail[arc]]
        within = tail >= 0
        begin = self.seed[nodes].copy()  # a facility may stand here that had been farther than another one
        np.minimum.at(
            begin, head[~within], self.minutes[into.tail[arc[~within]]] + into.minutes[arc[~within]]
        )
        inner = Arcs(
            _least(tail[within], head[within], into.minutes[arc[within]], len(nodes)),
            np.empty(0, dtype=np.intp),
        )
        fresh = self.minutes.copy()
        places = np.arange(len(nodes))
        fresh[nodes] = from_nearest(inner, Origins(np.zeros_like(places), places, begin, 1)).minutes
        return fresh


def _least(
    tail: NDArray[np.intp], head: NDArray[np.intp], minutes: NDArray[np.float64], nodes: int
) -> csr_array:
    """Arcs as compressed rows; of parallel ones the quickest."""
    key = tail * nodes + head
    order = np.lexsort((minutes, key))
    order = order[np.diff(key[order], prepend=-1) != 0]
    first = np.searchsorted(tail[order], np.arange(nodes + 1))
    return csr_array(
        (minutes[order], head[order].astype(np.int32), first.astype(np.int32)), shape=(nodes, nodes)
    )


def _closed(
    graph: RoadGraph, targets: Sequence[_Target], into: _Incoming, gates: Gates, edge: NDArray[np.intp],
    shut: NDArray[np.intp],
) -> tuple[int, int, float]:  # fmt: skip
    """Places that are slower and cut off, and minutes lost, where the edges are closed in both directions."""
    on = np.isin(edge, shut)
    worse, gone = (np.zeros(len(gates.owner), dtype=bool) for _ in range(2))
    lost = 0.0
    without = gates._replace(
        to_start=np.where(on & (gates.part_start > AT_NODE), np.inf, gates.to_start),
        to_end=np.where(on & (gates.part_end > AT_NODE), np.inf, gates.to_end),
    )
    at_ends = np.unique(np.concatenate([graph.start[shut], graph.end[shut]]))
    for target in targets:
        nodes = target.hanging(shut, at_ends)
        minutes = target.anew(into, nodes, shut) if len(nodes) else target.minutes
        best = gates.best(way_to_ends(without, minutes)[0])[0]
        was = np.isfinite(target.best)
        more = was & (best > target.best * (1 + SAME) + SAME)
        cut = more & ~np.isfinite(best)
        worse |= more
        gone |= cut
        still = more & ~cut
        lost += float((best[still] - target.best[still]).sum())
    return int(worse.sum()), int(gone.sum()), lost
