"""Access over the roads against what others take for the same answers, in one run on one machine.

Run: ``python benchmarks/access.py [nodes] [parcels] [large]``, by default 200 000 nodes, 100 000 parcels, and 1 000 000 nodes for
the peak of memory. Needs networkx. Every answer is held against the other program's before a ratio is printed. Where the other
one would take hours, part of its searches are run and the time is scaled; the line says so.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import dijkstra

from parkgeo.metrics.network.arcs import Network, csr
from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights
from parkgeo.metrics.network.search import nearest, pair_chunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

KINDS = (5, 20, 60, 200)
"""Facilities of the four kinds."""

OPPORTUNITIES, WITHIN_MIN = 1000, 30.0
PART = 20
"""Searches of which the time is scaled where all would take too long."""

RUNS = 5
"""Runs of a search that takes a second or less; the median is printed."""

ENTRY_KM_H = 10.0


@dataclass(frozen=True)
class Town:
    """A grid of streets with irregular lengths and speeds, and parcels with a gate each at a node or on an edge."""

    graph: RoadGraph
    weights: Weights
    gates: Ends


def town(nodes: int, parcels: int, *, seed: int = 5) -> Town:
    """Make one; a tenth of the streets is missing, a tenth is one-way."""
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(nodes))
    at = np.arange(side * side).reshape(side, side)
    start = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    end = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    kept = rng.random(len(start)) > 0.1
    start, end = start[kept], end[kept]
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2) * 150.0
    xy += rng.uniform(-40, 40, xy.shape)
    edges = len(start)
    length = np.hypot(*(xy[start] - xy[end]).T) * rng.uniform(1.0, 1.4, edges)
    oneway = (rng.random(edges) < 0.1).astype(np.int8)
    graph = RoadGraph(
        node_xy=xy,
        start=start,
        end=end,
        length_m=length,
        road=np.arange(edges),
        oneway=oneway,
        xy=xy[np.stack([start, end], axis=1).ravel()],
        first=2 * np.arange(edges + 1),
    )
    minutes = length / 1000.0 / rng.uniform(15, 60, edges) * 60.0
    gates = Ends(
        np.arange(parcels),
        rng.integers(0, edges, parcels),
        rng.random(parcels),
        rng.uniform(5, 50, parcels),
        np.ones(parcels, dtype=bool),
    )
    return Town(graph, Weights(minutes, np.where(oneway == 1, np.inf, minutes)), gates)


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of wall clock, and the answer."""
    begin = time.perf_counter()
    answer = what()
    return time.perf_counter() - begin, answer


def parcels_of(made: Town, to_node: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minutes from each parcel, by those of the two nodes of its edge."""
    graph, gates = made.graph, made.gates
    ahead = made.weights.along[gates.edge] * (1 - gates.fraction) + to_node[graph.end[gates.edge]]
    back = made.weights.against[gates.edge] * gates.fraction + to_node[graph.start[gates.edge]]
    return np.minimum(ahead, back) + gates.off_m / (ENTRY_KM_H * 1000 / 60)


def same(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Largest difference; the program ends where they differ in more than rounding, or in what is reached."""
    ours = np.nan_to_num(ours, nan=np.inf)
    if not (np.isfinite(ours) == np.isfinite(theirs)).all():
        sys.exit("not the same parcels are reached")
    there = np.isfinite(ours)
    gap = float(np.abs(ours[there] - theirs[there]).max(initial=0.0))
    if gap > 1e-6:
        sys.exit(f"answers differ by {gap} minutes")
    return gap


def nearest_of_four_kinds(made: Town) -> None:
    """Nearest of four kinds from every parcel: NetworkX from all facilities at once, and from each on its own."""
    rng = np.random.default_rng(1)
    kinds = [rng.choice(made.graph.nodes, count, replace=False) for count in KINDS]
    ready, network = timed(lambda: Network(made.graph, made.weights))
    ready += timed(lambda: network.arriving)[0]

    def ours(*, km: bool) -> list[NDArray[np.float64]]:
        return [
            nearest(
                made.graph, made.weights, nodes, made.gates, entry_km_h=ENTRY_KM_H, km=km, network=network
            ).minutes
            for nodes in kinds
        ]

    runs = [timed(lambda: ours(km=False)) for _ in range(RUNS)]
    took, found = float(np.median([seconds for seconds, _ in runs])), runs[0][1]
    with_km = float(np.median([timed(lambda: ours(km=True))[0] for _ in range(RUNS)]))
    matrix = csr(made.graph, made.weights, reverse=True)
    built, roads = timed(
        lambda: nx.from_scipy_sparse_array(matrix, create_using=nx.DiGraph, edge_attribute="minutes")
    )
    at_once, gap = 0.0, 0.0
    for nodes, minutes in zip(kinds, found, strict=True):
        seconds, there = timed(
            lambda nodes=nodes: nx.multi_source_dijkstra_path_length(
                roads, set(nodes.tolist()), weight="minutes"
            )
        )
        at_once += seconds
        to_node = np.full(made.graph.nodes, np.inf)
        to_node[list(there)] = list(there.values())
        gap = max(gap, same(minutes, parcels_of(made, to_node)))
    few = np.concatenate(kinds)[:: max(1, sum(KINDS) // 5)]
    one, _ = timed(
        lambda: [nx.single_source_dijkstra_path_length(roads, int(node), weight="minutes") for node in few]
    )
    each = one / len(few) * sum(KINDS)
    print(
        f"nearest of four kinds ({sum(KINDS)} facilities), seconds; arranging the graph: parkgeo {ready:.2f}, networkx {built:.2f}"
    )
    print(f"  parkgeo {took:.3f} (with kilometres {with_km:.3f}); largest difference {gap:.1e} min")
    print(f"  networkx, multi-source {at_once:.2f}: {at_once / took:.0f} ×")
    print(f"  networkx, a search a facility {each:.0f}, scaled from {len(few)} searches: {each / took:.0f} ×")


def cumulative_opportunities(made: Town) -> None:
    """Facilities within 30 minutes of every parcel: scipy from each parcel."""
    rng = np.random.default_rng(2)
    nodes = rng.choice(made.graph.nodes, OPPORTUNITIES, replace=False)
    weight = rng.uniform(1, 100, OPPORTUNITIES)
    parcels = len(made.gates.owner)
    network = Network(made.graph, made.weights)

    def ours() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        count, sum_ = np.zeros(parcels, dtype=np.intp), np.zeros(parcels)
        for pairs in pair_chunks(
            made.graph, made.weights, nodes, made.gates, WITHIN_MIN, entry_km_h=ENTRY_KM_H, network=network
        ):
            count += np.bincount(pairs.owner, minlength=parcels)
            sum_ += np.bincount(pairs.owner, weight[pairs.facility], minlength=parcels)
        return count, sum_

    took, (count, sum_) = timed(ours)
    matrix, gates = csr(made.graph, made.weights), made.gates
    some = np.linspace(0, parcels - 1, PART).astype(int)
    node = made.graph.start[gates.edge[some]]
    part, _ = timed(lambda: [dijkstra(matrix, indices=one, limit=WITHIN_MIN) for one in node])
    each = part / PART * parcels
    for row in some:
        edge, fraction = gates.edge[row], gates.fraction[row]
        entry = gates.off_m[row] / (ENTRY_KM_H * 1000 / 60)
        back = (
            dijkstra(matrix, indices=made.graph.start[edge]) + made.weights.against[edge] * fraction + entry
        )
        ahead = (
            dijkstra(matrix, indices=made.graph.end[edge]) + made.weights.along[edge] * (1 - fraction) + entry
        )
        within = np.minimum(ahead, back)[nodes] <= WITHIN_MIN
        if count[row] != within.sum() or not np.isclose(sum_[row], weight[within].sum()):
            sys.exit(f"parcel {row} differs")
    print(
        f"{OPPORTUNITIES} opportunities within {WITHIN_MIN:.0f} minutes of every parcel, {count.mean():.0f} of them on average"
    )
    print(f"  parkgeo {took:.1f} s; the same for the {PART} parcels that were held against scipy")
    print(f"  scipy, one search a parcel {each:.0f} s, scaled from {PART} searches: {each / took:.0f} ×")


def large(nodes: int, parcels: int) -> None:
    """Nearest of four kinds with kilometres on a large graph, one road closed, and the peak of memory of it all."""
    made = town(nodes, parcels)
    rng = np.random.default_rng(3)
    kinds = [rng.choice(made.graph.nodes, count, replace=False) for count in KINDS]

    def all_kinds(weights: Weights) -> list[NDArray[np.float64]]:
        network = Network(made.graph, weights)
        return [
            nearest(made.graph, weights, nodes, made.gates, entry_km_h=ENTRY_KM_H, network=network).minutes
            for nodes in kinds
        ]

    took, before = timed(lambda: all_kinds(made.weights))
    shut = np.isin(np.arange(made.graph.edges), made.gates.edge[:1])
    closed = Weights(np.where(shut, np.inf, made.weights.along), np.where(shut, np.inf, made.weights.against))
    again, after = timed(lambda: all_kinds(closed))
    slower = sum(int((~(b <= a)).sum() - np.isnan(a).sum()) for a, b in zip(before, after, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**3 if sys.platform == "darwin" else 1024**2
    )
    print(
        f"{made.graph.nodes} nodes, {made.graph.edges} edges, {parcels} parcels, four kinds with kilometres: {took:.1f} s"
    )
    print(f"  with one road closed {again:.1f} s, {slower} ways longer; peak of the process {peak:.2f} GB")


def main() -> None:
    """Print the figures; the large graph in a process of its own, so that its peak is its own."""
    nodes, parcels, most = (
        int(text) for text in [*sys.argv[1:4], *("200000", "100000", "1000000")[len(sys.argv) - 1 :]]
    )
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        alone.submit(large, most, parcels).result()
    made = town(nodes, parcels)
    print(f"{made.graph.nodes} nodes, {made.graph.edges} edges, {parcels} parcels")
    nearest_of_four_kinds(made)
    cumulative_opportunities(made)


if __name__ == "__main__":
    main()
