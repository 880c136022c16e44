"""Entrances stay where they are when roads change: what a scenario takes away or adds are roads, not the gates of what stands.

Were gates and facilities put on the changed roads anew, a new road could draw a factory's gate or a fire station away from the
road that it has, and make slower what was fast. So what meets a road before meets it after, at the same point. Who had his only
entrance on a stretch that is closed has none. New roads bring new gates to the parcels along them, beside those that they have.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from parkgeo.metrics.network.arcs import Network
from parkgeo.metrics.network.ends import edge_lines
from parkgeo.metrics.network.graph import Ends
from parkgeo.metrics.network.splitting import carried, split
from parkgeo.pipeline.travel import Places
from parkgeo.planning.follow import Stretch, cut

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from parkgeo.metrics.network.graph import RoadGraph
    from parkgeo.pipeline.travel import RoadNetwork

__all__ = ["Lost", "lost_entrances", "with_entrances_of", "without_doubles"]


_STEP_M = 0.1
"""How far ahead and behind one looks to see where a road heads."""


class _Spots(NamedTuple):
    """Points on edges of a graph as drawn: whose, which edge, how far along it."""

    owner: NDArray[np.intp]
    edge: NDArray[np.intp]
    fraction: NDArray[np.float64]


def without_doubles(
    before: RoadNetwork, after: RoadNetwork, origin: NDArray[np.intp]
) -> tuple[gpd.GeoDataFrame, NDArray[np.intp], NDArray[np.intp]]:
    """The changed roads, but for those that come to light because another one lay on them.

    Of roads that are drawn on each other the network keeps one. Were that one closed, the next would be open in its place, though it is
    the same road drawn twice.

    Parameters
    ----------
    before, after, origin
        As of `with_entrances_of`.

    Returns
    -------
    tuple
        The roads of ``after`` that are left, in whole or in part; the origin of each; and the rows of ``before`` that lost something.
    """
    seen = before.seen
    doubled = np.flatnonzero(np.isin(origin, seen.loc[seen["kind"] == "duplicate_line", "row"].to_numpy()))
    shapes = np.array(after.roads.geometry.array, dtype=object)
    whole = shapely.length(shapes)
    for row in doubled:
        kept = _lines(before.drawn, np.flatnonzero(before.drawn.road == origin[row]))
        shapes[row] = _beside(shapes[row], shapely.union_all(kept).buffer(_within(before), cap_style="flat"))
    lost = doubled[shapely.length(shapes[doubled]) < whole[doubled] - _STEP_M]
    left = np.flatnonzero(~shapely.is_empty(shapes))
    roads = after.roads.iloc[left].reset_index(drop=True)
    return (
        roads.set_geometry(gpd.GeoSeries(shapes[left], crs=roads.crs)),
        origin[left],
        np.unique(origin[lost]),
    )


def _beside(road: BaseGeometry, area: BaseGeometry) -> BaseGeometry:
    """The stretches of a road within an area, each as it is drawn."""
    stretches = []
    for part, own in enumerate(shapely.get_parts(road)):
        for piece in shapely.get_parts(own.intersection(area)):
            middle, half = own.project(piece.interpolate(0.5, normalized=True)), piece.length / 2
            if half > _STEP_M:
                stretches.append(Stretch(0, part, max(middle - half, 0.0), min(middle + half, own.length)))
    inside, _ = cut(road, sorted(stretches, key=lambda one: (one.part, one.begin_m)))
    return shapely.MultiLineString() if inside is None else inside


def with_entrances_of(before: RoadNetwork, after: RoadNetwork, origin: NDArray[np.intp]) -> RoadNetwork:
    """The changed roads with the entrances of the roads before.

    Parameters
    ----------
    before
        The roads as they are. Parcels are the same; facilities of ``after`` begin with those of ``before``.
    after
        The changed roads, with entrances of their own.
    origin
        Of each road of ``after`` the row of ``before`` that it is of; -1 where it is new.

    Returns
    -------
    RoadNetwork
        As ``after``, but for gates and places.
    """
    gates, given = _gates(before, after, origin)
    spots, off_m = {}, {}
    for mode in after.places:
        spots[mode], off_m[mode] = _facilities(before, after, origin, mode)
    graph, nodes, edge_map = split(
        after.drawn,
        np.concatenate([one.edge for one in spots.values()]),
        np.concatenate([one.fraction for one in spots.values()]),
    )
    ends = np.cumsum([len(one.owner) for one in spots.values()])[:-1]
    places = {}
    for (mode, one), own in zip(spots.items(), np.split(nodes, ends), strict=True):
        node = np.full(len(after.kind), -1, dtype=np.intp)
        node[one.owner] = own
        places[mode] = Places(node, np.where(node >= 0, off_m[mode], np.nan))
    networks = {mode: Network(graph, carried(own, edge_map)) for mode, own in after.weights.items()}
    return replace(
        after, graph=graph, edge_map=edge_map, gates=gates, given=given, places=places, networks=networks, _kept={}
    )  # fmt: skip


class Lost(NamedTuple):
    """Who met the roads before and meets none after: rows, and a point each where he met them.

    Attributes
    ----------
    parcels, facilities
        Rows of the parcels, of the facilities.
    gates, places
        Where each of them had an entrance.
    """

    parcels: NDArray[np.intp]
    gates: NDArray[np.object_]
    facilities: NDArray[np.intp]
    places: NDArray[np.object_]


def lost_entrances(before: RoadNetwork, after: RoadNetwork) -> Lost:
    """Whose entrances all lay on roads that are no more, by car."""
    old = before.gates
    rows = _first(np.where(np.isin(old.owner, after.gates.owner), -1, old.owner))
    rows = rows[~np.isin(old.owner[rows], after.gates.owner)]
    node = before.places["car"].node
    gone = np.flatnonzero((node >= 0) & (after.places["car"].node[: len(node)] < 0))
    return Lost(
        old.owner[rows], _points(before.drawn, _Spots(old.owner[rows], old.edge[rows], old.fraction[rows])),
        gone, np.asarray(shapely.points(before.graph.node_xy[node[gone]])),
    )  # fmt: skip


def _gates(
    before: RoadNetwork, after: RoadNetwork, origin: NDArray[np.intp]
) -> tuple[Ends, NDArray[np.bool_]]:
    """Gates that are still on a road, and those that new roads bring."""
    old, new = before.gates, after.gates
    kept = _again(before, after, origin, _Spots(np.arange(len(old.owner)), old.edge, old.fraction))
    named = np.zeros(after.parcels, dtype=bool)
    named[old.owner[before.given]] = True
    bare = ~np.isin(np.arange(after.parcels), old.owner)
    on_new = origin[after.drawn.road[new.edge]] < 0
    fresh = np.flatnonzero((on_new | bare[new.owner]) & ~named[new.owner])
    rows = kept.owner
    owner = np.concatenate([old.owner[rows], new.owner[fresh]])
    order = np.argsort(owner, kind="stable")
    ends = Ends(
        owner=owner[order],
        edge=np.concatenate([kept.edge, new.edge[fresh]])[order],
        fraction=np.concatenate([kept.fraction, new.fraction[fresh]])[order],
        off_m=np.concatenate([old.off_m[rows], new.off_m[fresh]])[order],
        trucks=np.concatenate([old.trucks[rows], new.trucks[fresh]])[order],
    )
    return ends, np.concatenate([before.given[rows], after.given[fresh]])[order]


def _facilities(
    before: RoadNetwork, after: RoadNetwork, origin: NDArray[np.intp], mode: str
) -> tuple[_Spots, NDArray[np.float64]]:
    """Where facilities stand for a mode: at their old place; at a new one where they had none; nowhere where it is closed."""
    old, new = before.places[mode], after.places[mode]
    stood = np.zeros(len(after.kind), dtype=bool)
    stood[: len(old.node)] = old.node >= 0
    kept = _again(before, after, origin, _spots(before, old.node))
    fresh = _spots(after, np.where(stood, -1, new.node))
    fresh = _rows(fresh, _first(fresh.owner))
    off_m = new.off_m.copy()
    off_m[: len(old.node)] = np.where(old.node >= 0, old.off_m, off_m[: len(old.node)])
    return _Spots(*(np.concatenate(pair) for pair in zip(kept, fresh, strict=True))), off_m


def _spots(network: RoadNetwork, node: NDArray[np.intp]) -> _Spots:
    """For each place that has a node, all edges as drawn that end or pass there."""
    graph, edge_map = network.graph, network.edge_map
    at = np.concatenate([graph.start, graph.end])
    edge = np.concatenate([edge_map.edge, edge_map.edge])
    fraction = np.concatenate([edge_map.begin, edge_map.end])
    places = np.flatnonzero(node >= 0)
    order = np.argsort(at, kind="stable")
    low, high = (np.searchsorted(at[order], node[places], side=side) for side in ("left", "right"))
    owner = np.repeat(places, high - low)
    begins = np.cumsum(high - low) - (high - low)
    rows = order[np.arange(len(owner)) + np.repeat(low - begins, high - low)]
    return _Spots(owner, edge[rows], fraction[rows])


def _again(before: RoadNetwork, after: RoadNetwork, origin: NDArray[np.intp], spots: _Spots) -> _Spots:
    """Points of the roads before on the same roads after, one for each owner; who is not named lost his road there."""
    points = _points(before.drawn, spots)
    lines = edge_lines(after.drawn)
    spot, edge = shapely.STRtree(lines).query(points, predicate="dwithin", distance=_within(before))
    same = origin[after.drawn.road[edge]] == before.drawn.road[spots.edge[spot]]
    spot, edge = spot[same], edge[same]
    # A one-way road that is drawn out and back lies there twice, and each is the way of one direction alone.
    old = _headings(_lines(before.drawn, spots.edge[spot]), points[spot])
    with_it = (old * _headings(lines[edge], points[spot])).sum(axis=1) > 0
    kept = with_it | (before.drawn.oneway[spots.edge[spot]] == 0)
    spot, edge = spot[kept], edge[kept]
    order = np.lexsort((edge, shapely.distance(points[spot], lines[edge]), spots.owner[spot]))
    order = order[_first(spots.owner[spot[order]])]
    spot, edge = spot[order], edge[order]
    return _Spots(
        spots.owner[spot], edge, shapely.line_locate_point(lines[edge], points[spot], normalized=True)
    )


def _within(network: RoadNetwork) -> float:
    """How far the making of a network may move a point of a road."""
    return 2 * network.rules["network.snap_m"].number("m")


def _headings(lines: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.float64]:
    """Where each line heads at a point on it, as it is drawn."""
    at = shapely.line_locate_point(lines, points)
    behind, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(at + step, 0.0)))
        for step in (-_STEP_M, _STEP_M)
    )
    heading: NDArray[np.float64] = ahead - behind
    return heading


def _points(graph: RoadGraph, spots: _Spots) -> NDArray[np.object_]:
    found: NDArray[np.object_] = shapely.line_interpolate_point(
        _lines(graph, spots.edge), spots.fraction, normalized=True
    )
    return found


def _lines(graph: RoadGraph, edges: NDArray[np.intp]) -> NDArray[np.object_]:
    """Some edges as lines, as drawn."""
    used, at = np.unique(edges, return_inverse=True)
    if not len(used):
        return np.empty(0, dtype=object)
    lines = [shapely.LineString(graph.xy[graph.first[edge] : graph.first[edge + 1]]) for edge in used]
    found: NDArray[np.object_] = np.array(lines, dtype=object)[at]
    return found


def _first(owner: NDArray[np.intp]) -> NDArray[np.intp]:
    """Positions where a new owner begins, in rows that are ordered by owner."""
    return np.flatnonzero(np.diff(owner, prepend=-1))


def _rows(spots: _Spots, rows: NDArray[np.intp]) -> _Spots:
    return _Spots(spots.owner[rows], spots.edge[rows], spots.fraction[rows])
