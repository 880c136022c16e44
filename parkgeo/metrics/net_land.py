"""From gross to net: what is left of a parcel when constraints, corridors, setbacks and buildings that stay are taken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from parkgeo.metrics.voids import subdivided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Fronts", "NetLand", "Taking", "fronting_edges", "net_land", "setback_taking", "zones_taking"]

_LEAST_M2 = 1e-6
"""What the rounding of coordinates leaves of a cut is no land."""
_ALONG_EDGE = (0.1, 0.5, 0.9)
_MITRE = 5.0


@dataclass(frozen=True)
class Taking:
    """What one cause takes: pieces of ground, and which parcel each is taken from.

    Attributes
    ----------
    cause
        Code.
    what
        What of the cause it is, such as the kind of a constraint; text.
    place
        Position of the parcel.
    shape
        The ground; may reach beyond the parcel.
    """

    cause: str
    what: str
    place: NDArray[np.intp]
    shape: NDArray[np.object_]


class NetLand(NamedTuple):
    """What is left, and what took the rest.

    Attributes
    ----------
    net_area_m2
        Of each parcel, m².
    shape
        What is left of each parcel: polygon, multipolygon, or empty.
    removed
        ``place`` of the parcel, ``cause``, ``what``, ``area_m2``: a row for each cause that took something.
    """

    net_area_m2: NDArray[np.float64]
    shape: NDArray[np.object_]
    removed: pd.DataFrame


class Fronts(NamedTuple):
    """Edges of parcels that run along a road.

    Attributes
    ----------
    place
        Position of the parcel.
    edge
        The edge, a line.
    """

    place: NDArray[np.intp]
    edge: NDArray[np.object_]


def net_land(parcels: NDArray[np.object_], takings: Sequence[Taking]) -> NetLand:
    """Take off what each cause takes, one after the other.

    Parameters
    ----------
    parcels
        Polygons in metres; None has no net land (NaN).
    takings
        In the order in which they are taken off: ground that two causes claim counts for the first.

    Returns
    -------
    NetLand
        Always gross = net + Σ removed, to the rounding of coordinates.

    Examples
    --------
    >>> land = np.array([shapely.box(0, 0, 10, 10)])
    >>> zone = Taking("constraint", "flood", np.array([0]), np.array([shapely.box(0, 0, 4, 10)]))
    >>> hall = Taking("building", "", np.array([0]), np.array([shapely.box(2, 0, 6, 5)]))
    >>> found = net_land(land, [zone, hall])
    >>> found.net_area_m2.tolist(), found.removed["area_m2"].tolist()
    ([50.0], [40.0, 10.0])
    """
    left: NDArray[np.object_] = np.asarray(parcels, dtype=object).copy()
    area = shapely.area(left)
    rows = []
    for taking in takings:
        place, ground = _by_parcel(taking)
        hit = shapely.intersects(left[place], ground)
        place, ground = place[hit], ground[hit]
        rest = _areas_only(shapely.difference(left[place], ground))
        after = shapely.area(rest)
        taken = area[place] - after
        some = taken > _LEAST_M2
        place, rest, after, taken = place[some], rest[some], after[some], taken[some]
        left[place], area[place] = rest, after
        rows.append(
            pd.DataFrame({"place": place, "cause": taking.cause, "what": taking.what, "area_m2": taken})
        )
    empty = pd.DataFrame({"place": np.empty(0, np.intp), "cause": "", "what": "", "area_m2": np.empty(0)})
    removed = pd.concat(rows, ignore_index=True) if rows else empty
    known = ~shapely.is_missing(left)
    return NetLand(np.where(known, area, np.nan), left, removed)


def _by_parcel(taking: Taking) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """All ground that is taken from a parcel as one shape; parcels in their order."""
    order = np.argsort(taking.place, kind="stable")
    place, shape = taking.place[order], taking.shape[order]
    if not len(place):
        return place, shape
    first = np.flatnonzero(np.diff(place, prepend=-1))
    counts = np.diff(np.append(first, len(place)))
    ground: NDArray[np.object_] = shape[first].copy()
    several = np.flatnonzero(counts > 1)
    if len(several):
        own = np.isin(np.repeat(np.arange(len(first)), counts), several)
        group = np.searchsorted(several, np.repeat(np.arange(len(first)), counts)[own])
        bags = shapely.geometrycollections(shape[own], indices=group)
        ground[several] = shapely.union_all(bags[:, None], axis=1)
    return place[first], ground


def _areas_only(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes without the lines and points that a cut may leave, and without hairs that have no area."""
    kind = shapely.get_type_id(shapes)
    mixed = np.flatnonzero((kind != shapely.GeometryType.POLYGON) & ~shapely.is_empty(shapes))
    if not len(mixed):
        return shapes
    parts, owner = shapely.get_parts(shapes[mixed], return_index=True)
    good = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > _LEAST_M2)
    cleaned = shapes.copy()
    cleaned[mixed] = shapely.MultiPolygon()
    parts, owner = parts[good], owner[good]
    whole, start = np.unique(owner, return_index=True)
    cleaned[mixed[whole]] = [
        group[0] if len(group) == 1 else shapely.multipolygons(group)
        for group in (np.split(parts, start[1:]) if len(whole) else [])
    ]
    return cleaned


def zones_taking(
    parcels: NDArray[np.object_], zones: NDArray[np.object_], cause: str, what: str, *, grown_m: float = 0.0
) -> Taking:
    """What zones take from the parcels that they reach.

    Parameters
    ----------
    parcels
        Polygons in metres.
    zones
        Polygons, lines or points in the same coordinate system.
    cause, what
        See `Taking`.
    grown_m
        The zones are made larger by this, metres: a clearance around buildings, half the width of a corridor.

    Returns
    -------
    Taking

    Examples
    --------
    >>> land, line = np.array([shapely.box(0, 0, 10, 10)]), np.array([shapely.LineString([(5, -9), (5, 19)])])
    >>> net_land(land, [zones_taking(land, line, "corridor", "power", grown_m=1)]).net_area_m2.tolist()
    [80.0]
    """
    if not len(zones) or not len(parcels):
        return Taking(cause, what, np.empty(0, dtype=np.intp), np.empty(0, dtype=object))
    if grown_m:
        place, zone = shapely.STRtree(zones).query(parcels, predicate="dwithin", distance=grown_m)
        used, at = np.unique(zone, return_inverse=True)
        grown = shapely.buffer(zones[used], grown_m, join_style="mitre", mitre_limit=_MITRE, cap_style="flat")
        return Taking(cause, what, place, np.asarray(grown, dtype=object)[at])
    pieces = subdivided(zones)[0]
    place, piece = shapely.STRtree(pieces).query(parcels, predicate="intersects")
    return Taking(cause, what, place, pieces[piece])


def setback_taking(
    parcels: NDArray[np.object_], fronts: Fronts | None, *, side_m: float, road_m: float
) -> list[Taking]:
    """What setbacks take: a strip along all edges, and a wider one along edges on a road.

    Parameters
    ----------
    parcels
        Polygons in metres.
    fronts
        Edges on roads; None where roads are not known, and only the strip along all edges is taken.
    side_m, road_m
        Width of the strips, metres.

    Returns
    -------
    list of Taking
        ``setback_road`` first, then ``setback_side``.

    Examples
    --------
    >>> land = np.array([shapely.box(0, 0, 10, 10)])
    >>> net_land(land, setback_taking(land, None, side_m=1, road_m=5)).net_area_m2.tolist()
    [64.0]
    """
    every = np.arange(len(parcels))
    found = []
    if fronts is not None and road_m > 0 and len(fronts.place):
        # A square end reaches round the corner, so that two roads' strips meet there.
        strip = shapely.buffer(fronts.edge, road_m, cap_style="square")
        found.append(Taking("setback_road", f"{road_m:g} m", fronts.place, np.asarray(strip, dtype=object)))
    if side_m > 0 and len(parcels):
        within = shapely.buffer(parcels, -side_m, join_style="mitre", mitre_limit=_MITRE)
        ring = np.asarray(shapely.difference(parcels, within), dtype=object)
        known = ~shapely.is_missing(ring)
        found.append(Taking("setback_side", f"{side_m:g} m", every[known], ring[known]))
    return found


def fronting_edges(
    parcels: NDArray[np.object_], roads: NDArray[np.object_], reach_m: NDArray[np.float64]
) -> Fronts:
    """Edges of the parcels' outlines that run along a road.

    Parameters
    ----------
    parcels
        Polygons in metres.
    roads
        Lines onto which a parcel may open, in the same coordinate system.
    reach_m
        Of each road, how far from its line an edge may lie: half its width and the packs' distance of frontage.

    Returns
    -------
    Fronts

    Notes
    -----
    An edge runs along a road where points at a tenth, the middle and nine tenths of it all lie within the road's reach. So an
    edge that leads away from the road does not count, unless all of it lies within that reach.

    Examples
    --------
    >>> land, road = np.array([shapely.box(0, 0, 50, 50)]), np.array([shapely.LineString([(-99, -5), (99, -5)])])
    >>> shapely.length(fronting_edges(land, road, np.array([10.0])).edge).tolist()
    [50.0]
    """
    none = Fronts(np.empty(0, dtype=np.intp), np.empty(0, dtype=object))
    if not len(roads) or not len(parcels):
        return none
    near = np.unique(
        shapely.STRtree(parcels).query(roads, predicate="dwithin", distance=np.asarray(reach_m))[1]
    )
    if not len(near):
        return none
    parts, owner = shapely.get_parts(parcels[near], return_index=True)
    xy, part = shapely.get_coordinates(shapely.get_exterior_ring(parts), return_index=True)
    same = part[1:] == part[:-1]
    ends = np.stack([xy[:-1], xy[1:]], axis=1)[same]
    place = near[owner[part[1:][same]]]
    tree = shapely.STRtree(roads)
    along = np.ones(len(ends), dtype=bool)
    for share in _ALONG_EDGE:
        rows = np.flatnonzero(along)
        spot = shapely.points(ends[rows, 0] + share * (ends[rows, 1] - ends[rows, 0]))
        at, road = tree.query(spot, predicate="dwithin", distance=float(np.max(reach_m)))
        close = shapely.distance(spot[at], roads[road]) <= np.asarray(reach_m)[road]
        along[rows] = np.isin(np.arange(len(rows)), at[close])
    return Fronts(place[along], np.asarray(shapely.linestrings(ends[along]), dtype=object))
