"""Where places meet the roads: parcels along their frontage, given gates, facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from parkgeo.metrics.network.graph import Ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import RoadGraph
    from parkgeo.metrics.network.splitting import EdgeMap

__all__ = ["carried_ends", "edge_lines", "facility_ends", "gates", "given_gates", "joined_ends"]

AREA = 2
"""Dimensions of an area, as shapely counts them."""


def edge_lines(graph: RoadGraph) -> NDArray[np.object_]:
    """Edges as lines, as drawn."""
    return np.asarray(
        shapely.linestrings(graph.xy, indices=np.repeat(np.arange(graph.edges), np.diff(graph.first)))
    ).reshape(graph.edges)


def gates(
    parcels: NDArray[np.object_],
    graph: RoadGraph,
    half_width_m: NDArray[np.float64],
    may_front: NDArray[np.bool_],
    *,
    frontage_m: float,
    spacing_m: float,
    most: int,
) -> tuple[Ends, NDArray[np.float64]]:
    """Gates that parcels can be taken to have, spaced along their frontage, and how far each parcel is from a road.

    Parameters
    ----------
    parcels
        Areas; coordinates in metres as those of the graph.
    graph
        The roads.
    half_width_m
        Of each edge, from its line to the edge of the road.
    may_front
        Of each edge, whether a parcel may open onto it; not onto motorways, bridges and tunnels.
    frontage_m
        A parcel has frontage on a road whose edge is no farther than this.
    spacing_m
        Least distance between gates on one road.
    most
        Most gates of one parcel.

    Returns
    -------
    tuple
        Ends, by parcel; and of each parcel the distance to the edge of the nearest road, 0 where it touches or crosses one, NaN
        where there is no road at all onto which it might open.

    Notes
    -----
    Where the edge of the graph runs along the parcel, gates stand in the middle of equal stretches no shorter than
    ``spacing_m``; one in the middle where it runs along less. Of all these the one on the longest stretch comes first, then one
    on each other road, then those that are farthest from the ones chosen.
    """
    distance = np.full(len(parcels), np.nan)
    lines, edges = edge_lines(graph)[may_front], np.flatnonzero(may_front)
    if not len(edges) or not len(parcels):
        return _no_ends(), distance
    half = half_width_m[edges]
    place, at, to_edge = _around(parcels, lines, half, frontage_m)
    first = np.flatnonzero(np.diff(place, prepend=-1))
    distance[place[first]] = np.minimum.reduceat(to_edge, first) if len(first) else 0.0
    fronting = to_edge <= frontage_m
    place, at = place[fronting], at[fronting]
    if not len(place):
        return _no_ends(), distance
    low, high = _stretch(parcels, lines, place, at, half + frontage_m, spacing_m)
    length = shapely.length(lines)
    spots = _candidates(parcels, lines, (place, at), (low, high), half + frontage_m, spacing_m)
    kept = _spread(spots, graph.road[edges[spots.at]], spacing_m, most)
    owner, at = spots.place[kept], spots.at[kept]
    fraction = np.clip(spots.along_m[kept] / length[at], 0.0, 1.0)
    return Ends(owner, edges[at], fraction, spots.off_m[kept], np.ones(len(kept), dtype=bool)), distance


def _no_ends() -> Ends:
    none = np.empty(0, dtype=np.intp)
    return Ends(none, none, np.empty(0), np.empty(0), np.empty(0, dtype=bool))


def _around(
    parcels: NDArray[np.object_], lines: NDArray[np.object_], half: NDArray[np.float64], frontage_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Parcel, line, and distance to the edge of that road: all with frontage, and at least the nearest of each parcel."""
    tree = shapely.STRtree(lines)
    (place, at), distance = tree.query_nearest(parcels, return_distance=True, all_matches=False)
    # The nearest line need not be the nearest edge: a wider road's may be nearer by as much as it is wider.
    reach = np.zeros(len(parcels))
    reach[place] = np.maximum(distance - half[at], frontage_m) + half.max() + 1e-6
    place, at = tree.query(parcels, predicate="dwithin", distance=reach)
    order = np.lexsort((at, place))
    place, at = place[order], at[order]
    return place, at, np.maximum(shapely.distance(parcels[place], lines[at]) - half[at], 0.0)


def _stretch(
    parcels: NDArray[np.object_], lines: NDArray[np.object_], place: NDArray[np.intp], at: NDArray[np.intp],
    within_m: NDArray[np.float64], spacing_m: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """From where to where along each line its parcel lies beside it, metres."""
    spot, _ = _meeting(parcels[place], lines[at])
    low = shapely.line_locate_point(lines[at], spot)
    high = low.copy()
    used, row = np.unique(place, return_inverse=True)
    outline = shapely.segmentize(shapely.boundary(parcels[used]), spacing_m / 2)
    xy, of = shapely.get_coordinates(outline, return_index=True)
    points, counts = shapely.points(xy), np.bincount(of, minlength=len(used))
    begins = np.cumsum(counts) - counts
    pair = np.repeat(np.arange(len(place)), counts[row])
    ahead = np.cumsum(counts[row]) - counts[row]
    point = points[np.arange(len(pair)) - np.repeat(ahead - begins[row], counts[row])]
    beside = np.flatnonzero(shapely.dwithin(point, lines[at[pair]], within_m[at[pair]]))
    along = shapely.line_locate_point(lines[at[pair[beside]]], point[beside])
    np.minimum.at(low, pair[beside], along)
    np.maximum.at(high, pair[beside], along)
    return low, high


class _Spots(NamedTuple):
    """Where gates could be: parcel, line, metres along it, distance off it, how long the parcel lies beside that line."""

    place: NDArray[np.intp]
    at: NDArray[np.intp]
    along_m: NDArray[np.float64]
    off_m: NDArray[np.float64]
    beside_m: NDArray[np.float64]
    xy: NDArray[np.float64]


def _candidates(
    parcels: NDArray[np.object_], lines: NDArray[np.object_], pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
    stretch: tuple[NDArray[np.float64], NDArray[np.float64]], within_m: NDArray[np.float64], spacing_m: float,
) -> _Spots:  # fmt: skip
    """Middles of equal stretches beside each parcel; where the parcel draws back from the road there, its nearest point."""
    place, at = pairs
    low, high = stretch
    count = np.maximum(((high - low) // spacing_m).astype(np.intp), 1)
    pair = np.repeat(np.arange(len(place)), count)
    number = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    along = low[pair] + (high - low)[pair] * (number + 0.5) / count[pair]
    spot = shapely.line_interpolate_point(lines[at[pair]], along)
    off = shapely.distance(spot, parcels[place[pair]])
    good = off <= within_m[at[pair]] + 1e-6
    lone = np.setdiff1d(np.arange(len(place)), pair[good])
    nearest, _ = _meeting(parcels[place[lone]], lines[at[lone]])
    pair = np.concatenate([pair[good], lone])
    return _Spots(
        place=place[pair],
        at=at[pair],
        along_m=np.concatenate([along[good], shapely.line_locate_point(lines[at[lone]], nearest)]),
        off_m=np.concatenate([off[good], shapely.distance(nearest, parcels[place[lone]])]),
        beside_m=(high - low)[pair],
        xy=shapely.get_coordinates(np.concatenate([spot[good], nearest])),
    )


def _spread(spots: _Spots, road: NDArray[np.intp], spacing_m: float, most: int) -> NDArray[np.intp]:
    """Rows that are chosen, by parcel: one on each road first, then the farthest from those chosen."""
    apart = (
        spots.beside_m.copy()
    )  # the first is chosen by the length beside the parcel, the others by how far they are apart
    fresh = np.ones(len(road), dtype=bool)
    left = np.arange(len(road))
    chosen: list[NDArray[np.intp]] = []
    for turn in range(most):
        order = left[np.lexsort((spots.off_m[left], -apart[left], ~fresh[left], spots.place[left]))]
        pick = order[np.diff(spots.place[order], prepend=-1) != 0]
        chosen.append(pick)
        if turn == 0:
            apart[:] = np.inf
        mine = pick[np.searchsorted(spots.place[pick], spots.place[left])]
        gap = np.hypot(*(spots.xy[left] - spots.xy[mine]).T)
        apart[left] = np.minimum(apart[left], gap)
        fresh[left] &= road[left] != road[mine]
        left = left[fresh[left] | (apart[left] >= spacing_m)]
        if not len(left):
            break
    rows = np.concatenate(chosen)
    return rows[np.argsort(spots.place[rows], kind="stable")]


def given_gates(
    points: NDArray[np.object_],
    owner: NDArray[np.intp],
    trucks: NDArray[np.bool_],
    graph: RoadGraph,
    *,
    limit_m: float,
    usable: NDArray[np.bool_] | None = None,
) -> Ends:
    """Gates that are given, each on the road nearest to it.

    Parameters
    ----------
    points
        The gates; coordinates in metres as those of the graph.
    owner
        Position of the parcel that each belongs to.
    trucks
        Whether trucks may use it.
    graph
        The roads.
    limit_m
        A gate farther than this from every road meets none.
    usable
        Of each edge, whether a gate may open onto it; by default all.

    Returns
    -------
    Ends
        A row each gate that meets a road, in the order given; ``off_m`` is measured to the line of the road.
    """
    usable = np.ones(graph.edges, dtype=bool) if usable is None else usable
    return joined_ends([_nearest(points, owner, trucks, graph, usable, limit_m)])


def facility_ends(
    geometry: NDArray[np.object_], graph: RoadGraph, usable: NDArray[np.bool_], *, limit_m: float
) -> Ends:
    """Facilities, each on the road nearest to it.

    Parameters
    ----------
    geometry
        Points, or areas of which the nearest point counts; coordinates in metres as those of the graph.
    graph
        The roads.
    usable
        Of each edge, whether the facility can be reached from it.
    limit_m
        A facility farther than this from every road is not on the network: it has no row.

    Returns
    -------
    Ends
        A row each facility on the network; ``owner`` is its position. Where roads lie in the area itself, the one nearest to its
        centre.
    """
    owner = np.arange(len(geometry))
    return joined_ends(
        [_nearest(geometry, owner, np.ones(len(geometry), dtype=bool), graph, usable, limit_m)]
    )


def _nearest(
    geometry: NDArray[np.object_], owner: NDArray[np.intp], trucks: NDArray[np.bool_], graph: RoadGraph,
    usable: NDArray[np.bool_], limit_m: float,
) -> Ends:  # fmt: skip
    lines, edges = edge_lines(graph)[usable], np.flatnonzero(usable)
    (place, at), off_m = shapely.STRtree(lines).query_nearest(
        geometry, max_distance=limit_m, return_distance=True, all_matches=True
    )
    spot, from_centre = _meeting(geometry[place], lines[at])
    order = np.lexsort((at, from_centre, off_m, place))
    order = order[np.diff(place[order], prepend=-1) != 0]
    place, at = place[order], at[order]
    fraction = shapely.line_locate_point(lines[at], spot[order], normalized=True)
    return Ends(owner[place], edges[at], fraction, off_m[order], trucks[place])


def _meeting(
    geometry: NDArray[np.object_], lines: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Point of each line where a place meets it, and its distance from the place's centre where the line crosses the place."""
    spot = shapely.get_point(shapely.shortest_line(lines, geometry), 0)
    from_centre = np.zeros(len(lines))
    across = np.flatnonzero((shapely.get_dimensions(geometry) == AREA) & shapely.intersects(geometry, lines))
    inside = shapely.intersection(lines[across], geometry[across])
    across, inside = across[~shapely.is_empty(inside)], inside[~shapely.is_empty(inside)]
    centre = shapely.centroid(geometry[across])
    spot[across] = shapely.get_point(shapely.shortest_line(inside, centre), 0)
    from_centre[across] = shapely.distance(spot[across], centre)
    return spot, from_centre


def joined_ends(parts: list[Ends]) -> Ends:
    """Ends of several sources, given gates and assumed ones, as one, by owner."""
    order = np.argsort(np.concatenate([part.owner for part in parts]), kind="stable")
    return Ends(
        owner=np.concatenate([part.owner for part in parts])[order],
        edge=np.concatenate([part.edge for part in parts])[order],
        fraction=np.concatenate([part.fraction for part in parts])[order],
        off_m=np.concatenate([part.off_m for part in parts])[order],
        trucks=np.concatenate([part.trucks for part in parts])[order],
    )


def carried_ends(ends: Ends, edge_map: EdgeMap) -> Ends:
    """The ends on the edges of a graph that was split since.

    Parameters
    ----------
    ends
        On the edges before.
    edge_map
        What `split` gave.

    Returns
    -------
    Ends
        The same places on the new edges. One that lies just where an edge was cut is on the piece before the cut.
    """
    # The pieces of an edge follow one another, so edge + fraction grows along them.
    piece = np.searchsorted(edge_map.edge + edge_map.end, ends.edge + ends.fraction)
    first = np.searchsorted(edge_map.edge, ends.edge)
    last = np.searchsorted(edge_map.edge, ends.edge, side="right") - 1
    piece = np.clip(piece, first, last)
    begin, end = edge_map.begin[piece], edge_map.end[piece]
    fraction = np.clip((ends.fraction - begin) / (end - begin), 0.0, 1.0)
    return Ends(ends.owner, piece, fraction, ends.off_m, ends.trucks)
