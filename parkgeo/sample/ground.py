# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""The ground: blocks between the streets, and the parcels they are cut into.

Blocks are what the streets and the canal leave of the park. A block is cut across its longer side again and again
until pieces have the size that its use asks for and every piece still fronts a street. Cuts are then noded on the
millimetre grid and polygonized, so that neighbours share their edges exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.ops

from parkgeo.sample.place import GRID_M, bend, stream, to_plan
from parkgeo.sample.streets import BOUNDARY_VERGE_M, CANAL_HALF_M, bank, boundary, canal, street_land

__all__ = ["Plot", "lay_ground"]

_GREEN_BELT_M = 28.0
_BANK_BELT_M = 62.0
_FRONT_M = 28.0
_MIN_BLOCK_M2 = 2500.0
_CORNER_M = 9.0


@dataclass(frozen=True)
class Plot:
    """One parcel as cut, before anything stands on it.

    Parameters
    ----------
    polygon
        In site metres.
    block
        Number of its block, from 1.
    zone
        Part of the park: port, logistics, industry, chemical, town, centre, north, east, bank, green.
    mark
        Special shape: ``ring`` (with a hole), ``inner`` (in that hole), ``back`` (fronts no street), ``cut_off``
        (fronts no street; an unlinked works road runs on it), else empty.
    """

    polygon: Any
    block: int
    zone: str
    mark: str = ""


def lay_ground(seed: int) -> list[Plot]:
    """Cut the park into parcels.

    Parameters
    ----------
    seed
        Of the sample.

    Returns
    -------
    list of Plot
        About 320; neighbours share their edges to the millimetre.
    """
    rng = stream(seed, "ground")
    streets = street_land().buffer(0.5)
    plots: list[Plot] = []
    for number, (block, zone) in enumerate(_blocks(), start=1):
        pieces = [block] if zone == "green" else _cut(block, _SIZES_M2[zone], streets, rng)
        if zone in _L_ZONES:
            pieces = _bend_one_to_l(pieces, streets, rng)
        plots.extend(Plot(piece, number, zone) for piece in pieces)
    return _node(_with_backs(_with_ring(plots), streets))


_SIZES_M2: dict[str, float] = {
    "port": 36_000.0,
    "logistics": 44_000.0,
    "industry": 33000.0,
    "chemical": 42_000.0,
    "town": 24_000.0,
    "centre": 13_000.0,
    "north": 34_000.0,
    "east": 33_000.0,
    "bank": 24_000.0,
}
_L_ZONES = frozenset({"industry", "logistics"})


def _blocks() -> list[tuple[Any, str]]:
    """Land between the streets with its zone, ordered from west to east and south to north."""
    inside = boundary().buffer(-BOUNDARY_VERGE_M, join_style="mitre")
    water = canal().buffer(CANAL_HALF_M, cap_style="flat")
    belt = canal().buffer(CANAL_HALF_M + _GREEN_BELT_M, cap_style="flat")
    shore = bend(bank()).buffer(_BANK_BELT_M, cap_style="square")
    quay = bend(shapely.box(-2400, -1600, -700, -1100))
    shore = shore.difference(quay)
    land = inside.difference(street_land())
    plain = [(part, "") for part in _parts(land.difference(belt).difference(shore))]
    green = [(part, "green") for part in _parts(land.intersection(belt.union(shore)).difference(water))]
    found = []
    for part, zone in plain + green:
        block = _chamfer(part) if not zone else part
        if not block.is_empty and block.area >= _MIN_BLOCK_M2:
            found.append((shapely.set_precision(block, GRID_M), zone))
    where = [to_plan([[*part.centroid.coords[0]]])[0] for part, _ in found]
    order = sorted(range(len(found)), key=lambda k: (round(where[k][1] / 300.0), round(where[k][0], 1)))
    return [(found[k][0], found[k][1] or _zone(*where[k])) for k in order]


def _zone(u: float, v: float) -> str:
    """Part of the park at a place in plan metres."""
    if v < -1120:
        return "port" if u < -690 else "bank"
    if v > 1060:
        return "north" if u < 700 else "town"
    rules = (
        (u < -1160 and v < 500, "logistics"),
        (u > 1010 and v > 500, "town"),
        (u > 1560 and v > -320, "east"),
        (u > 1290 and v < -610, "chemical"),
        (abs(u - 270) < 260 and -40 < v < 500, "centre"),
    )
    return next((zone for holds, zone in rules if holds), "industry")


def _parts(geometry: Any) -> list[Any]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]


def _chamfer(block: Any) -> Any:
    """The block with its corners cut at the crossings, as sight lines ask for; slivers vanish."""
    shrunk = block.buffer(-_CORNER_M, join_style="mitre", mitre_limit=3.0)
    grown = shrunk.buffer(_CORNER_M, join_style="bevel")
    return max(_parts(grown.intersection(block)), key=lambda part: part.area, default=shapely.Polygon())


def _cut(piece: Any, size_m2: float, streets: Any, rng: np.random.Generator) -> list[Any]:
    """Cut a piece until it has about the size wanted; a cut that would take the street from a half is not made."""
    wanted = size_m2 * float(np.exp(rng.normal(0.0, 0.45)))
    if piece.area < 1.55 * wanted or piece.area < 7000.0:
        return [piece]
    ratio = float(rng.uniform(0.38, 0.62))
    for across in (True, False):
        halves = _halves(piece, ratio, across=across)
        if len(halves) == 2 and all(_sound(half, streets) for half in halves):
            return [leaf for half in halves for leaf in _cut(half, size_m2, streets, rng)]
    return [piece]


def _sound(piece: Any, streets: Any) -> bool:
    """Whether a piece is a parcel one could build on: a street front, and not too narrow."""
    if piece.area < 3000.0 or piece.buffer(-14.0).is_empty:
        return False
    return _front_m(piece, streets) >= _FRONT_M


def _front_m(piece: Any, streets: Any) -> float:
    return float(piece.exterior.intersection(streets).length)


def _halves(piece: Any, ratio: float, *, across: bool) -> list[Any]:
    """Both sides of a line across (or along) the piece's longer axis."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(piece))
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    start = corners[0]
    if np.hypot(*first) < np.hypot(*second):
        first, second, start = second, -first, corners[1]
    if not across:
        first, second = second, first
    middle = start + ratio * first
    line = shapely.LineString([middle - 0.2 * second, middle + 1.2 * second])
    return sorted(_parts(shapely.ops.split(piece, line)), key=lambda half: half.centroid.coords[0])


def _bend_one_to_l(pieces: list[Any], streets: Any, rng: np.random.Generator) -> list[Any]:
    """Cut a front corner off a block's largest parcel now and then, which leaves an L."""
    if len(pieces) < 5 or rng.random() > 0.55:
        return pieces
    big = max(range(len(pieces)), key=lambda k: pieces[k].area)
    halves = _halves(pieces[big], 0.5, across=True)
    quarters = _halves(halves[0], 0.5, across=True) if len(halves) == 2 else []
    for corner in quarters:
        rest = shapely.difference(pieces[big], corner, grid_size=GRID_M)
        if rest.geom_type == "Polygon" and _sound(corner, streets) and _sound(rest, streets):
            return [*pieces[:big], rest, corner, *pieces[big + 1 :]]
    return pieces


def _node(plots: list[Plot]) -> list[Plot]:
    """The plots as one coverage: every corner of one is a vertex of its neighbour, nothing overlaps."""
    lines = shapely.union_all([plot.polygon.boundary for plot in plots], grid_size=GRID_M)
    faces = [
        shapely.normalize(face) for face in _parts(shapely.polygonize(shapely.get_parts(lines).tolist()))
    ]
    tree = shapely.STRtree([plot.polygon for plot in plots])
    spots = [face.representative_point() for face in faces]
    face_at, plot_at = tree.query(spots, predicate="covered_by")
    made = [
        Plot(faces[f], plots[k].block, plots[k].zone, plots[k].mark)
        for f, k in zip(face_at, plot_at, strict=True)
        if faces[f].area > 1000.0
    ]
    return sorted(
        made, key=lambda plot: (plot.block, round(-plot.polygon.centroid.y / 150.0), plot.polygon.centroid.x)
    )


def _recut(plots: list[Plot], at: int, pieces: list[tuple[Any, str]]) -> list[Plot]:
    """Put pieces with their marks in the place of one plot."""
    host = plots[at]
    return [
        *plots[:at],
        *(Plot(piece, host.block, host.zone, mark) for piece, mark in pieces),
        *plots[at + 1 :],
    ]


def _with_ring(plots: list[Plot]) -> list[Plot]:
    """Cut a transformer yard out of the middle of the largest convex works, which leaves a ring."""
    convex = [
        k
        for k, plot in enumerate(plots)
        if plot.zone == "industry" and plot.polygon.convex_hull.area < 1.03 * plot.polygon.area
    ]
    host = max(convex, key=lambda k: plots[k].polygon.area)
    yard = plots[host].polygon.centroid.buffer(29.0, cap_style="square")
    ring = plots[host].polygon.difference(yard)
    return _recut(plots, host, [(ring, "ring"), (yard, "inner")])


def _with_backs(plots: list[Plot], streets: Any) -> list[Plot]:
    """Cut the back off two works in different blocks: land that fronts no street."""
    for mark in ("back", "cut_off"):
        marked = {plot.block for plot in plots if plot.mark}
        hosts = [k for k, plot in enumerate(plots) if plot.zone == "industry" and plot.block not in marked]
        for host in sorted(hosts, key=lambda k: -plots[k].polygon.area):
            back, front = _back_and_front(plots[host].polygon, streets)
            if back is not None:
                plots = _recut(plots, host, [(back, mark), (front, "")])
                break
    return plots


def _back_and_front(piece: Any, streets: Any) -> tuple[Any, Any]:
    """The half of a piece that fronts no street, and the one that does; (None, None) where there is no such cut."""
    for across in (True, False):
        halves = _halves(piece, 0.48, across=across)
        if len(halves) != 2:
            continue
        back, front = sorted(halves, key=lambda half: _front_m(half, streets))
        clear = back.distance(streets) > 15.0 and back.area > 9000.0
        if clear and _sound(front, streets):
            return back, front
    return None, None
