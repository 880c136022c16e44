"""Unreachable: a parcel on a road, but on one that does not hang together with the rest of the network."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from parkgeo.assess.access.approach import decided, road_line
from parkgeo.assess.states.telling import number, still
from parkgeo.assess.wording import figure_texts
from parkgeo.metrics.network.edges import edge_lines
from parkgeo.metrics.network.topology import edge_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.access.approach import Approach, Met
    from parkgeo.assess.judged import Judged

__all__ = ["unreachable"]

_HAIR = 1e-6
_UNREACHABLE = {
    "island": "Unreachable: the roads that it lies on ({road}), {length} m in all, do not hang together with the network; the nearest road of that, {other}, is {gap} m away.",
    "trap": "Unreachable: cars come in and not out again; no road that it lies on ({road}) leads back to the network in a direction that is open.",
    "no_entry": "Unreachable: cars come out and not in; no road that it lies on ({road}) is reached from the network in a direction that is open.",
    "no_way": "Unreachable: the roads that it lies on ({road}) touch the network, but one-way roads lead neither in nor out.",
    "split": "Undetermined: the roads that it lies on ({road}), {length} m in all, form a network of their own, longer than {limit} m; the nearest road of the main one, {other}, is {gap} m away. The road between may not be drawn.",
    "near_miss": "Undetermined: the roads that it lies on ({road}), {length} m in all, end just short of the network: {other} is {gap} m away. A slip of the drawing, or a gap on the ground?",
    "no_main": "Undetermined: the roads hold no part within which one gets from everywhere to everywhere.",
    "no_layer": "Undetermined: no roads are given.",
    "no": "",
}


class _Cut(NamedTuple):
    """The road of the main part that is nearest to another part, -1 where there is none, and how far off it is."""

    road: int
    gap_m: float


class _Cuts(NamedTuple):
    """The same of each part of the network."""

    road: NDArray[np.intp]
    gap_m: NDArray[np.float64]

    def at(self, part: np.intp) -> _Cut:
        """Of one part."""
        return _Cut(int(self.road[part]), float(self.gap_m[part]))


def unreachable(approach: Approach) -> Judged | None:
    """Parcels that cars cannot get to from the main network, or not away from.

    Parameters
    ----------
    approach
        The parcels and the roads; ``network.island_m``.

    Returns
    -------
    Judged or None
        None where no pack has the figure. Judged are parcels that meet a road. ``observed`` is the length of the part of the network that
        they lie on, metres, where it is apart from the main one. Undetermined without roads; where the part is longer than the
        pack's island, for then a missing road is the likelier cause; and where a near miss is all that cuts it off.
    """
    figure = approach.rules.get("network.island_m")
    if figure is None:
        return None
    met, count, limit = approach.met, len(approach.parcels), figure.number("m")
    if met is None:
        none = np.ones(count, dtype=bool)
        return decided(
            approach, "unreachable", figure, _UNREACHABLE, [(none, "no_layer")],
            about=approach.about, doubtful=("no_layer",), observed=np.full(count, np.nan), threshold=limit, values={},
            told=lambda _at: [figure.as_evidence()],
        )  # fmt: skip
    ways, parts = approach.passage("car"), met.parts["car"]
    apart = ways.part > 0
    length = np.where(apart, np.append(parts.component_m, np.nan)[ways.part], np.nan)
    near = np.append(_near_missed(met), np.False_)[ways.part]
    none = np.full(count, not parts.main.any())
    found = [
        (ways.enters & ways.leaves, "no"), (none, "no_main"), (apart & near, "near_miss"), (apart & (length > limit), "split"),
        (apart, "island"), (ways.enters, "trap"), (ways.leaves, "no_entry"), (~none, "no_way"),
    ]  # fmt: skip
    cuts, fronts, names = _cuts(met, ways.part), _fronts(met), np.append(met.names, "—")

    def told(at: int) -> list[dict[str, Any]]:
        lines = [road_line(met.roads, row) for row in fronts(at)]
        cut = cuts().at(ways.part[at])
        if cut.road >= 0:
            lines += [
                {"what": "road_part_m", "value": round(float(length[at]), 1)},
                {**road_line(met.roads, cut.road), "what": "nearest_road"},
                {"what": "road_gap_m", "value": round(cut.gap_m, 2)},
            ]
        return [*lines, figure.as_evidence()]

    return decided(
        approach, "unreachable", figure, _UNREACHABLE, found,
        about=approach.about & ways.gate, doubtful=("no_main", "near_miss", "split"), observed=length, threshold=limit,
        values={
            "road": lambda at, _lang: [str(met.names[fronts(int(one))[0]]) for one in at],
            "other": lambda at, _lang: names[cuts().road[ways.part[at]]].tolist(),
            "gap": lambda at, lang: figure_texts(cuts().gap_m[ways.part[at]], lang),
            "length": number(length, 0), "limit": still(limit),
        },
        told=told,
    )  # fmt: skip


def _fronts(met: Met) -> Callable[[int], list[int]]:
    """Rows of the roads that a parcel's gates are on, each once."""
    order = np.argsort(met.gates.owner, kind="stable")
    owner, road = met.gates.owner[order], met.graph.road[met.gates.edge[order]]

    def rows(at: int) -> list[int]:
        first, last = np.searchsorted(owner, (at, at + 1))
        return list(dict.fromkeys(road[first:last].tolist()))

    return rows


def _cuts(met: Met, part: NDArray[np.intp]) -> Callable[[], _Cuts]:
    """Where the parts that parcels lie on are cut from the main part; looked up when a finding asks."""

    @cache
    def every() -> _Cuts:
        found = met.parts["car"]
        cuts = _Cuts(
            np.full(len(found.component_m), -1, dtype=np.intp), np.full(len(found.component_m), np.nan)
        )
        component = found.component[met.graph.start]
        main = np.flatnonzero(edge_parts(met.graph, met.weights["car"], found) == "main")
        edges = np.flatnonzero((component > 0) & np.isin(component, np.unique(part)))
        if not len(main) or not len(edges):
            return cuts
        lines, tree = edge_lines(met.graph, edges), shapely.STRtree(edge_lines(met.graph, main))
        (one, other), gap = tree.query_nearest(lines, return_distance=True, all_matches=False)
        order = np.lexsort((-other, -gap))  # the last write wins: the nearest, of equals the first
        own = component[edges[one[order]]]
        cuts.road[own], cuts.gap_m[own] = met.graph.road[main[other[order]]], gap[order]
        return cuts

    return every


def _near_missed(met: Met) -> NDArray[np.bool_]:
    """Of each part of the network, whether only near misses cut it from the main part."""
    component = met.parts["car"].component
    count = len(met.parts["car"].component_m)
    shapes = np.asarray(met.seen.geometry.array, dtype=object)[
        (met.seen["kind"] == "near_miss").to_numpy(dtype=bool)
    ]
    if not len(shapes):
        return np.zeros(count, dtype=bool)
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    # Each gap's two sides; whatever runs within a hair of one of them is joined to whatever runs at the other.
    side, edge = shapely.STRtree(edge_lines(met.graph)).query(
        shapely.points(xy), predicate="dwithin", distance=_HAIR
    )
    a, b = component[met.graph.start[edge]], count + of[side]
    links = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count + len(shapes),) * 2)
    label = connected_components(links, directed=False)[1]
    joined: NDArray[np.bool_] = label[:count] == label[0]
    return joined
