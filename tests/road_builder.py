"""Road graphs drawn by hand: edges by their points, nodes where edges begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Point = tuple[float, float]


def drawn(*edges: Sequence[Point], oneway: Sequence[int] = (), road: Sequence[int] = ()) -> RoadGraph:
    """A graph of edges; nodes are numbered as their points first come up as an end. ``oneway`` holds edges."""
    nodes: dict[Point, int] = {}
    for points in edges:
        for end in (points[0], points[-1]):
            nodes.setdefault(end, len(nodes))
    return RoadGraph(
        node_xy=np.array(list(nodes), dtype=float).reshape(-1, 2),
        start=np.array([nodes[points[0]] for points in edges], dtype=np.intp),
        end=np.array([nodes[points[-1]] for points in edges], dtype=np.intp),
        length_m=np.array([shapely.LineString(points).length for points in edges]),
        road=np.array(road or range(len(edges)), dtype=np.intp),
        oneway=np.isin(np.arange(len(edges)), oneway).astype(np.int8),
        xy=np.array([point for points in edges for point in points], dtype=float).reshape(-1, 2),
        first=np.cumsum([0, *(len(points) for points in edges)]).astype(np.intp),
    )


def timed(graph: RoadGraph, km_h: float | Sequence[float] = 60.0, *, closed: Sequence[int] = ()) -> Weights:
    """Minutes at a speed; one-way edges are closed against their direction. At 60 km/h a kilometre is a minute."""
    along = graph.length_m / 1000.0 / np.broadcast_to(km_h, graph.edges) * 60.0
    along = np.where(np.isin(np.arange(graph.edges), closed), np.inf, along)
    return Weights(along, np.where(graph.oneway == 1, np.inf, along))


def ends(*rows: tuple[int, int, float], off_m: float = 0.0) -> Ends:
    """Ends by owner, edge, fraction."""
    owner, edge, fraction = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return Ends(
        owner=np.asarray(owner, dtype=np.intp),
        edge=np.asarray(edge, dtype=np.intp),
        fraction=np.asarray(fraction, dtype=np.float64),
        off_m=np.full(len(rows), off_m),
        trucks=np.ones(len(rows), dtype=bool),
    )


def node(graph: RoadGraph, *points: Point) -> NDArray[np.intp]:
    """Nodes at points."""
    return np.array(
        [int(np.flatnonzero((graph.node_xy == point).all(axis=1))[0]) for point in points], dtype=np.intp
    )
