"""Elements of OpenStreetMap → shapes: points, lines, and areas out of closed ways and multipolygon relations."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from parkgeo.ingest.osm_elements import Element, Extract

__all__ = ["Shaped", "shape_of"]

Shaped = tuple["BaseGeometry | None", "Sentence | None", bool]
"""The shape; why there is none; whether it is a line of which a part lies beyond the extract."""

_LEAST_OF_RING = 3
_LEAST_OF_LINE = 2


def shape_of(element: Element, extract: Extract) -> Shaped:
    """The shape of an element.

    Parameters
    ----------
    element
        What a layer takes.
    extract
        Where its nodes and members are.

    Returns
    -------
    tuple
        See `Shaped`; degrees, longitude first.

    Notes
    -----
    A line of which nodes are not in the extract is kept as the parts that are, never joined across what is missing. An
    area with a node or a member missing is not made: its extent would be invented.
    """
    shape = element.take.shape
    if shape == "line":
        return _line(element.nodes, extract)
    if element.kind == "node":
        return *_point(element, extract), False
    if element.kind == "way":
        return *_closed(element.nodes, extract), False
    return *_enclosed(element.members, extract), False


def _point(element: Element, extract: Extract) -> tuple[BaseGeometry | None, Sentence | None]:
    if element.take.shape == "area":
        return None, sentence("mapped as a point: there is no outline")
    place = extract.places.get(element.number)
    return (shapely.Point(place), None) if place else (None, sentence("its position is not on earth"))


def _line(nodes: Sequence[int], extract: Extract) -> Shaped:
    """The runs of nodes that are there, each of two at least."""
    runs = [
        [extract.places[node] for node in run]
        for there, run in itertools.groupby(nodes, key=extract.places.__contains__)
        if there
    ]
    lines = [run for run in runs if len(run) >= _LEAST_OF_LINE]
    missing = len(nodes) - sum(len(run) for run in runs)
    if not lines:
        return (
            None,
            _missing(missing, len(nodes)) if missing else sentence("a line of fewer than two points"),
            False,
        )
    made = shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)
    return made, None, missing > 0


def _lacking(nodes: set[int], extract: Extract) -> Sentence | None:
    """How many of the nodes are missing; None where all are there."""
    missing = sum(node not in extract.places for node in nodes)
    return _missing(missing, len(nodes)) if missing else None


def _missing(missing: int, every: int) -> Sentence:
    return sentence("{missing} of its {all} nodes are not in the file", missing=missing, all=every)


def _closed(nodes: Sequence[int], extract: Extract) -> tuple[BaseGeometry | None, Sentence | None]:
    """A closed way as it is drawn; what crosses itself is mended further on, where repairs are entered."""
    lacking = _lacking(set(nodes), extract)
    if lacking is not None:
        return None, lacking
    places = [extract.places[node] for node in nodes]
    if len(set(places)) < _LEAST_OF_RING:
        return None, sentence("an outline of fewer than three points")
    if places[0] != places[-1]:
        return None, sentence("its outline does not close: {count} open ends", count=2)
    return shapely.Polygon(places), None


def _enclosed(members: Sequence[int], extract: Extract) -> tuple[BaseGeometry | None, Sentence | None]:
    """The area that a relation's ways enclose together."""
    if not members:
        return None, sentence("it is made of no ways")
    ways = [extract.ways.get(member, ()) for member in dict.fromkeys(members)]
    absent = sum(not way for way in ways)
    lacking = (
        sentence("{absent} of the {all} ways it is made of are not in the file", absent=absent, all=len(ways))
        if absent
        else _lacking({node for way in ways for node in way}, extract)
    )
    if lacking is not None:
        return None, lacking
    links, open_ends = _links(ways)
    if open_ends:
        return None, sentence("its outline does not close: {count} open ends", count=open_ends)
    rings = [shapely.Polygon([extract.places[node] for node in ring]) for ring in _rings(links)]
    if not rings:
        return None, sentence("an outline of fewer than three points")
    if len(rings) > 1 and not shapely.is_valid(np.array(rings, dtype=object)).all():
        return None, sentence("its outline crosses itself")
    return _nested(rings), None


def _links(ways: Iterable[Sequence[int]]) -> tuple[dict[int, list[int]], int]:
    """Node → the nodes it is joined with, and how many ends are loose.

    What two ways draw between the same two nodes is no border but an inner line: it falls away.
    """
    drawn: dict[tuple[int, int], None] = {}
    for way in ways:
        for first, second in itertools.pairwise(way):
            if first != second:
                link = (min(first, second), max(first, second))
                if link in drawn:
                    del drawn[link]
                else:
                    drawn[link] = None
    links: dict[int, list[int]] = {}
    for first, second in drawn:
        links.setdefault(first, []).append(second)
        links.setdefault(second, []).append(first)
    return links, sum(len(others) % 2 for others in links.values())


def _rings(links: dict[int, list[int]]) -> list[list[int]]:
    """Rings that pass no node twice.

    Every node has an even number of links, so a walk ends where it began; where it comes to a node for the second time
    it cuts off a ring.
    """
    rings = []
    for start in links:
        path, at = [start], {start: 0}
        while links[path[-1]]:
            here = path[-1]
            there = links[here].pop()
            links[there].remove(here)
            if there in at:
                ring = path[at[there] :]
                rings.append(ring)
                for node in ring[1:]:
                    del at[node]
                del path[at[there] + 1 :]
            else:
                at[there] = len(path)
                path.append(there)
    return rings


def _nested(rings: list[shapely.Polygon]) -> BaseGeometry:
    """Rings as polygons with holes: within an odd number of others a ring is a hole, whatever its role is said to be."""
    areas = shapely.area(np.array(rings, dtype=object))
    inner = [ring.point_on_surface() for ring in rings]
    tree = shapely.STRtree(rings)
    around: list[list[int]] = [[] for _ in rings]
    for at, other in zip(*tree.query(inner, predicate="within"), strict=True):
        if areas[other] > areas[at]:
            around[at].append(int(other))
    holes: dict[int, list[shapely.Polygon]] = {at: [] for at in range(len(rings)) if len(around[at]) % 2 == 0}
    for at, outside in enumerate(around):
        if len(outside) % 2:
            nearest = min(outside, key=lambda other: areas[other])
            holes[nearest].append(rings[at])
    made = [
        shapely.Polygon(rings[at].exterior, [hole.exterior for hole in inside])
        for at, inside in holes.items()
    ]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)
