"""Isochrones: the ground along the roads from which facilities are reached within a time."""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from parkgeo.metrics.network.arcs import Network, Origins, from_nearest
from parkgeo.metrics.network.reach import entry_minutes

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph, Weights

__all__ = ["Stretches", "isochrone", "reached", "stretch_lines"]

SIMPLIFIED_M = 1.0
"""Outlines are drawn no farther than this from where they are."""

GRID_M = 0.001
"""Outlines that nearly run together are joined on a grid of this: in full precision pieces can get lost."""

CELL = 8.0
"""Side of the cells in which outlines are joined first, in widths of an isochrone's road: near shapes melt into few points."""

ARC = 4
"""Chords in a quarter of a circle."""


SQUARES = 4
"""As many squares make up the reach."""

SQUARES_MOST = 20_000_000
"""Where squares of an isochrone would be more, they are done without."""

AREA = 2
"""Dimensions of an area, as shapely counts them."""


class Stretches(NamedTuple):
    """Parts of edges that are reached: the edge, and from where to where along it as drawn, 0 to 1. An edge may have two."""

    edge: NDArray[np.intp]
    begin: NDArray[np.float64]
    end: NDArray[np.float64]


def reached(
    graph: RoadGraph, weights: Weights, to_node: NDArray[np.float64], minutes: float, *, inbound: bool = False
) -> Stretches:
    """Parts of the roads from which, or to which, one gets within a time.

    Parameters
    ----------
    graph, weights
        The roads and their minutes.
    to_node
        Minutes from each node to what is asked about, or to the node from it if inbound.
    minutes
        The time.
    inbound
        Whether one comes from there.

    Returns
    -------
    Stretches
        By edge, whole edges as one; both ends of an edge of which the middle is not reached as two.
    """
    from_start, from_end = (weights.along, weights.against) if inbound else (weights.against, weights.along)
    near = np.clip(_driven(minutes - to_node[graph.start], from_start), 0.0, 1.0)
    far = 1.0 - np.clip(_driven(minutes - to_node[graph.end], from_end), 0.0, 1.0)
    whole = np.flatnonzero(near >= far)
    apart = near < far
    low, high = np.flatnonzero(apart & (near > 0.0)), np.flatnonzero(apart & (far < 1.0))
    edge = np.concatenate([whole, low, high])
    begin = np.concatenate([np.zeros(len(whole)), np.zeros(len(low)), far[high]])
    end = np.concatenate([np.ones(len(whole)), near[low], np.ones(len(high))])
    order = np.lexsort((begin, edge))
    return Stretches(edge[order], begin[order], end[order])


def _driven(left: NDArray[np.float64], minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of an edge that is driven in the time left; none where it is closed or its node is not reached."""
    open_ = np.isfinite(minutes) & np.isfinite(left)
    share = np.full(len(left), -1.0)
    np.divide(left, minutes, out=share, where=open_)
    return share


def stretch_lines(graph: RoadGraph, stretches: Stretches) -> NDArray[np.object_]:
    """Stretches as lines, along the points of their edges."""
    if not len(stretches.edge):
        return np.empty(0, dtype=object)
    step = np.hypot(*np.diff(graph.xy, axis=0, prepend=graph.xy[:1]).T)
    step[graph.first[:-1]] = 0.0
    run = np.cumsum(step)
    first, last = graph.first[stretches.edge], graph.first[stretches.edge + 1] - 1
    whole = run[last] - run[first]
    aim = np.stack([run[first] + part * whole for part in (stretches.begin, stretches.end)])
    # The points strictly between the two ends of the stretch stay as they are.
    inner = np.clip(np.searchsorted(run, aim[0], side="right"), first + 1, last)
    after = np.clip(np.searchsorted(run, aim[1], side="left"), first + 1, last)
    spots = _between(graph.xy, run, aim, np.stack([inner, after]))
    count = np.maximum(after - inner, 0)
    line = np.repeat(np.arange(len(first)), count)
    kept = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count) + inner[line]
    xy = np.concatenate([spots[0], graph.xy[kept], spots[1]])
    of = np.concatenate([np.arange(len(first)), line, np.arange(len(first))])
    order = np.argsort(of, kind="stable")
    return np.asarray(shapely.linestrings(xy[order], indices=of[order]))


def _between(
    xy: NDArray[np.float64], run: NDArray[np.float64], aim: NDArray[np.float64], after: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Points at a running length, each in the step that ends at the point ``after``."""
    step = run[after] - run[after - 1]
    part = np.clip((aim - run[after - 1]) / np.where(step > 0, step, 1.0), 0.0, 1.0)
    return xy[after - 1] + part[..., None] * (xy[after] - xy[after - 1])


def isochrone(
    graph: RoadGraph,
    weights: Weights,
    nodes: NDArray[np.intp],
    minutes: Sequence[float],
    *,
    reach_m: float,
    entry_km_h: float,
    off_m: NDArray[np.float64] | None = None,
    inbound: bool = False,
    network: Network | None = None,
    joined: MutableMapping[bytes, shapely.Geometry] | None = None,
) -> NDArray[np.object_]:
    """Ground along the roads from which the nearest of the facilities is reached within each time.

    Parameters
    ----------
    graph, weights
        The roads and their minutes.
    nodes
        Node of each facility.
    minutes
        Times, in any order.
    reach_m
        The ground on both sides of a road that is reached, up to this far, is held to be reached with it.
    entry_km_h, off_m
        Speed between road and facility, and its distance from its node; by default none.
    inbound
        Whether the facility's vehicles come to the place, as a fire engine does.
    network
        Graph and weights arranged for search, where more than one thing is asked of them.
    joined
        Shapes that were joined already, by what they were made of; what is joined here is added. Where the same roads are
        reached within several times, or from several kinds of facilities, they are joined once.

    Returns
    -------
    numpy.ndarray
        A polygon or multipolygon of each time, in the order of ``minutes``; that of a longer time contains that of a shorter one.
        None where no road is reached.

    Notes
    -----
    Whole edges and parts of edges are widened by ``reach_m``, cut off square where the time is up; about each node a circle is
    added as wide as the slowest road there is driven in the time left, ``reach_m`` at most, so that a road that is not reached
    does not come in round the corner. Outlines are simplified by 1 m at most.
    """
    off_m = np.zeros(len(nodes)) if off_m is None else off_m
    shapes = np.full(len(minutes), None, dtype=object)
    if not len(nodes) or not len(minutes):
        return shapes
    network = network or Network(graph, weights)
    joined = {} if joined is None else joined
    facilities = Origins(np.arange(len(nodes)), nodes, entry_minutes(off_m, entry_km_h), len(nodes))
    to_node = from_nearest(network.arcs(reverse=not inbound), facilities).minutes
    pace = _slowest(graph, weights)
    smaller = None
    for at in np.argsort(np.asarray(minutes, dtype=float), kind="stable"):
        lines = stretch_lines(graph, reached(graph, weights, to_node, minutes[at], inbound=inbound))
        left = minutes[at] - to_node
        there = np.flatnonzero(left >= 0)
        round_ = np.minimum(left[there] * pace[there], reach_m)
        shape = _widened(lines, shapely.points(graph.node_xy[there]), round_, reach_m, joined)
        smaller = shape if smaller is None else _around(smaller, shape)
        shapes[at] = smaller
    return shapes


def _slowest(graph: RoadGraph, weights: Weights) -> NDArray[np.float64]:
    """Metres a minute on the slowest open road at each node; 0 where none is open."""
    pace = np.full(graph.nodes, np.inf)
    for minutes in (weights.along, weights.against):
        open_ = np.flatnonzero(np.isfinite(minutes))
        for node in (graph.start, graph.end):
            np.minimum.at(pace, node[open_], graph.length_m[open_] / minutes[open_])
    return np.where(np.isfinite(pace), pace, 0.0)


def _widened(
    lines: NDArray[np.object_],
    points: NDArray[np.object_],
    round_m: NDArray[np.float64],
    reach_m: float,
    joined: MutableMapping[bytes, shapely.Geometry],
) -> shapely.Geometry | None:
    """All within reach of the lines, and the circles about the points, as one shape."""
    lines, points, round_m = lines[shapely.length(lines) > 0], points[round_m > 0], round_m[round_m > 0]
    squares = _squares(shapely.get_coordinates(points[round_m >= reach_m]), reach_m)
    lone = ~squares.hold(shapely.bounds(lines), reach_m)
    far = ~squares.hold(shapely.bounds(points), round_m)
    shapes = np.concatenate([
        shapely.buffer(lines[lone], reach_m, quad_segs=ARC, cap_style="flat"),
        shapely.buffer(points[far], round_m[far], quad_segs=ARC),
        squares.boxes(),
    ])  # fmt: skip
    shapes = shapes[~shapely.is_empty(shapes)]
    if not len(shapes):
        return None
    cell = np.floor(shapely.get_coordinates(shapely.centroid(shapes)) / (CELL * reach_m)).astype(np.int64)
    _, group = np.unique(cell, axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    parts = np.split(shapes[order], np.cumsum(np.bincount(group))[:-1])
    whole = _union(np.array([_union(part, joined) for part in parts]), joined)
    return shapely.set_precision(shapely.simplify(whole, SIMPLIFIED_M), GRID_M)


def _union(shapes: NDArray[np.object_], joined: MutableMapping[bytes, shapely.Geometry]) -> shapely.Geometry:
    """The shapes as one; looked up where the very same were joined before, for joining takes most of the time."""
    key = sha256(b"".join(shapely.to_wkb(shapes))).digest()
    if key not in joined:
        joined[key] = shapely.union_all(shapes, grid_size=GRID_M)
    return joined[key]


class _Squares(NamedTuple):
    """Squares that are wholly within reach of one node: most of a dense network, and cheap to join.

    Attributes
    ----------
    side
        Of a square, metres.
    corner
        Number of the first column and row.
    full
        Rows × columns, whether the square is within reach; with an empty rim.
    """

    side: float
    corner: NDArray[np.int64]
    full: NDArray[np.bool_]

    def hold(self, bounds: NDArray[np.float64], more_m: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether boxes, made wider by so much on all sides, lie in full squares only."""
        if not self.full.size:
            return np.zeros(len(bounds), dtype=bool)
        more = np.broadcast_to(more_m, len(bounds))[:, None]
        rows, columns = self.full.shape
        low = np.floor((bounds[:, :2] - more) / self.side).astype(np.int64) - self.corner
        high = np.floor((bounds[:, 2:] + more) / self.side).astype(np.int64) - self.corner + 1
        (x0, y0), (x1, y1) = np.maximum(low, 0).T, np.minimum(high, [columns, rows]).T
        total = np.pad(np.cumsum(np.cumsum(self.full, axis=0), axis=1), ((1, 0), (1, 0)))
        inside = (low >= 0).all(axis=1) & (high <= [columns, rows]).all(axis=1)
        held = np.zeros(len(bounds), dtype=bool)
        x0, y0, x1, y1 = x0[inside], y0[inside], x1[inside], y1[inside]
        sums = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
        held[inside] = sums == (x1 - x0) * (y1 - y0)
        return held

    def boxes(self) -> NDArray[np.object_]:
        """The full squares, those side by side in a row as one."""
        if not self.full.size:
            return np.empty(0, dtype=object)
        edge = np.diff(self.full.astype(np.int8), axis=1)  # the rim is empty: each run begins and ends
        (row, begin), (_, end) = np.nonzero(edge == 1), np.nonzero(edge == -1)
        x, y = self.corner
        side = self.side
        return np.asarray(
            shapely.box((x + begin + 1) * side, (y + row) * side, (x + end + 1) * side, (y + row + 1) * side)
        )


def _squares(xy: NDArray[np.float64], reach_m: float) -> _Squares:
    """Squares of which every corner is within reach of one of the points."""
    side = reach_m / SQUARES
    none = _Squares(side, np.zeros(2, dtype=np.int64), np.zeros((0, 0), dtype=bool))
    if not len(xy):
        return none
    cell = np.floor(xy / side).astype(np.int64)
    corner = cell.min(axis=0) - SQUARES - 1
    columns, rows = (cell.max(axis=0) - corner + SQUARES + 2).tolist()
    if columns * rows > SQUARES_MOST:
        return none
    full = np.zeros((rows, columns), dtype=bool)
    part, (column, row) = xy / side - cell, (cell - corner).T
    near = range(-SQUARES, SQUARES + 1)
    farthest = {d: np.maximum(np.abs(d - part), np.abs(d + 1 - part)) ** 2 for d in near}
    for dx, dy in product(near, near):
        held = farthest[dx][:, 0] + farthest[dy][:, 1] <= SQUARES**2
        full[row[held] + dy, column[held] + dx] = True
    return _Squares(side, corner, full)


def _around(smaller: shapely.Geometry, shape: shapely.Geometry | None) -> shapely.Geometry:
    """The shape with the one of a shorter time, which simplifying may have let stand out by a little."""
    if shape is None:
        return smaller
    parts = shapely.get_parts(shapely.union(shape, smaller, grid_size=GRID_M))
    parts = parts[
        shapely.get_dimensions(parts) == AREA
    ]  # where outlines run together, lines may be left over
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
