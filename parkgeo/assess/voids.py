"""Ground between parcels that no parcel has: gaps, and edges that nearly touch.

**What counts.** Of all ground that no parcel covers, two kinds concern a surveyor:

* what is *narrow*: nowhere as wide as ``boundary.gap_width_m`` between the parcels around it, or between them and the park's
  boundary, whether it is closed all round or open to a street at its mouth;
* what is *small and closed all round*: less than ``boundary.gap_area_m2``, of any width.

Streets, canals and squares between blocks are wide and run together, so they are neither. Ground counts as *between* where at
least two parcels border it, or one parcel and the boundary, or where it is a hole in one parcel; a notch in the outline of one
parcel alone is that parcel's shape.

Of these voids, one that is nowhere as wide as ``boundary.near_touching_m`` and does not reach the park's boundary is a pair of
edges that *nearly touch*: they should be one edge. Every other is a *gap*. A void is never both. What is on average narrower
than ``boundary.touching_m`` is no void: coordinates are written with so many decimals and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.rows import finding_id, one_multipolygon, reasons
from parkgeo.errors import name_some
from parkgeo.metrics.voids import (
    is_narrower,
    mean_width,
    narrow_voids,
    polygon_parts,
    strips_between,
    subdivided,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.rows import Ground
    from parkgeo.packs import RuleBook

__all__ = ["Tolerances", "void_findings"]

_BETWEEN = {
    (
        True,
        False,
    ): "No parcel covers the ground between this parcel and {others}: {area} m², {width} m wide on average.",
    (
        True,
        True,
    ): "No parcel covers the ground between this parcel, {others} and the park's boundary: {area} m², {width} m wide on average.",
    (
        False,
        True,
    ): "No parcel covers the ground between this parcel and the park's boundary: {area} m², {width} m wide on average.",
    (
        False,
        False,
    ): "No parcel covers the ground in a hole of this parcel: {area} m², {width} m wide on average.",
}


@dataclass(frozen=True)
class Tolerances:
    """The pack's settings of voids, in metres and square metres."""

    gap_width: float
    gap_area: float
    near: float
    touching: float

    @classmethod
    def of(cls, rules: RuleBook) -> Tolerances:
        """As the packs in force say."""
        return cls(
            gap_width=rules["boundary.gap_width_m"].number("m"),
            gap_area=rules["boundary.gap_area_m2"].number("m2"),
            near=rules["boundary.near_touching_m"].number("m"),
            touching=rules["boundary.touching_m"].number("m"),
        )


def void_findings(
    ground: Ground, boundary: shapely.Geometry | None, rules: RuleBook
) -> tuple[dict[str, NDArray[np.object_]], list[dict[str, Any]]]:
    """Judge gaps and edges that nearly touch.

    Parameters
    ----------
    ground
        The parcels.
    boundary
        Of the park; None where the office gave none, and only ground between parcels is judged.
    rules
        The packs in force.

    Returns
    -------
    tuple
        ``gap`` and ``near_touching`` → verdict of each parcel; rows of findings. A gap has a row for each parcel that borders it,
        a pair of near edges one for either side. The geometry is the void; of a gap larger than ``boundary.gap_area_m2``, which
        may run along a whole row of parcels, as much as lies within ``boundary.gap_width_m`` of the row's parcel.
    """
    size = Tolerances.of(rules)
    voids = _voids(ground.shapes, boundary, size)
    borders = _borders(voids, ground.shapes, size.touching)
    at_boundary = _at_boundary(voids, boundary, size.touching)
    parcels_around = np.bincount(borders["void"], minlength=len(voids))
    length = np.bincount(borders["void"], weights=borders["length"], minlength=len(voids))
    closed = length >= shapely.length(voids) - size.touching
    between = (parcels_around >= 2) | ((parcels_around == 1) & (at_boundary | closed))  # noqa: PLR2004 - a pair
    near = between & (parcels_around >= 2) & ~at_boundary & is_narrower(voids, size.near)  # noqa: PLR2004
    gaps = borders[(between & ~near)[borders["void"]]].reset_index(drop=True)
    pairs = _near_pairs(ground.shapes, borders[near[borders["void"]]], size)
    verdicts = {code: np.full(len(ground.ids), "no", dtype=object) for code in ("gap", "near_touching")}
    verdicts["gap"][gaps["parcel"]] = "yes"
    verdicts["near_touching"][pairs["left"]] = verdicts["near_touching"][pairs["right"]] = "yes"
    return verdicts, [*_gap_rows(ground, voids, gaps, at_boundary, rules), *_near_rows(ground, pairs, rules)]


def _voids(
    shapes: NDArray[np.object_], boundary: shapely.Geometry | None, size: Tolerances
) -> NDArray[np.object_]:
    """All ground that may be a gap or a strip between near edges, as polygons that do not meet."""
    covered = shapely.disjoint_subset_union_all(shapes)
    width = max(size.gap_width, size.near)
    found = [narrow_voids(covered, width)]
    if boundary is None:
        rings = shapely.get_rings(shapely.get_parts(covered))
        open_ground = shapely.difference(shapely.disjoint_subset_union_all(shapely.polygons(rings)), covered)
    else:
        found.append(_along(boundary, shapes, width))
        open_ground = shapely.difference(boundary, covered)
    closed = polygon_parts(np.array([open_ground], dtype=object))[0]
    found.append(closed[shapely.area(closed) < size.gap_area])
    voids = polygon_parts(np.array([shapely.disjoint_subset_union_all(np.concatenate(found))], dtype=object))[
        0
    ]
    return voids[mean_width(voids) > size.touching]


def _along(boundary: shapely.Geometry, shapes: NDArray[np.object_], width: float) -> NDArray[np.object_]:
    """Open ground along the inside of the park's boundary that is narrower than a width."""
    tree = shapely.STRtree(shapes)
    line = shapely.boundary(boundary)
    beside = tree.query(line, predicate="dwithin", distance=2 * width)
    if not len(beside):
        return np.array([], dtype=object)
    beyond = shapely.difference(shapely.buffer(line, 2 * width), boundary)
    strips = narrow_voids(shapely.union_all([beyond, *shapes[beside]]), width)
    strips = polygon_parts(shapely.intersection(strips, boundary))[0]
    # A parcel that is itself narrow may reach into a strip without being near the boundary's line.
    _, within = tree.query(strips, predicate="intersects")
    taken = shapely.union_all(shapes[np.unique(within)])
    return polygon_parts(np.array([shapely.difference(shapely.union_all(strips), taken)], dtype=object))[0]


def _borders(voids: NDArray[np.object_], shapes: NDArray[np.object_], touching: float) -> pd.DataFrame:
    """Which parcels border which void: ``void``, ``parcel``, ``length`` in m; a corner's touch is no border."""
    reach = touching / 4
    edges, owner = _edges(voids)
    edge, parcel = shapely.STRtree(shapes).query(edges, predicate="dwithin", distance=reach)
    known = np.unique(parcel)
    grown = shapely.buffer(shapes[known], reach)
    shared = shapely.length(shapely.intersection(edges[edge], grown[np.searchsorted(known, parcel)]))
    table = pd.DataFrame({"void": owner[edge], "parcel": parcel, "length": shared})
    summed = table.groupby(["void", "parcel"], sort=True)["length"].sum()
    return summed[summed > touching].reset_index()


def _at_boundary(
    voids: NDArray[np.object_], boundary: shapely.Geometry | None, touching: float
) -> NDArray[np.bool_]:
    """Whether a void runs along the park's boundary."""
    if boundary is None or not len(voids):
        return np.zeros(len(voids), dtype=bool)
    edges, owner = _edges(voids)
    lines = _edges(shapely.get_parts(boundary))[0]
    edge, line = shapely.STRtree(lines).query(edges, predicate="dwithin", distance=touching / 4)
    shared = shapely.length(shapely.intersection(edges[edge], shapely.buffer(lines[line], touching / 4)))
    return np.asarray(np.bincount(owner[edge], weights=shared, minlength=len(voids)) > touching, dtype=bool)


def _edges(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Every straight edge of polygons' rings, and the polygon that it belongs to."""
    rings, owner = shapely.get_rings(shapes, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[same]), owner[ring[1:][same]]


def _near_pairs(shapes: NDArray[np.object_], borders: pd.DataFrame, size: Tolerances) -> dict[str, Any]:
    """Pairs of parcels with near edges: ``left``, ``right``, ``strip``."""
    known = np.unique(borders["parcel"])
    one, other = shapely.STRtree(shapes[known]).query(shapes[known], predicate="dwithin", distance=size.near)
    left, right = known[one[one < other]], known[other[one < other]]
    together = borders.merge(borders, on="void").query("parcel_x < parcel_y")
    around = pd.MultiIndex.from_frame(together[["parcel_x", "parcel_y"]])
    facing = pd.MultiIndex.from_arrays([left, right]).isin(around)
    left, right = left[facing], right[facing]
    strips = strips_between(shapes[left], shapes[right], size.near)
    # A third parcel may lie in what two others leave open.
    strip, third = shapely.STRtree(shapes).query(strips, predicate="intersects")
    apart = (third != left[strip]) & (third != right[strip])
    for at, group in pd.Series(third[apart]).groupby(strip[apart]):
        strips[at] = shapely.difference(strips[at], shapely.union_all(shapes[group.to_numpy()]))
    parts, owner = polygon_parts(strips)
    wide = mean_width(parts) > size.touching
    kept, owner = parts[wide], owner[wide]
    pair, start = np.unique(owner, return_index=True)
    whole = [shapely.multipolygons(group) for group in np.split(kept, start[1:])] if len(pair) else []
    return {"left": left[pair], "right": right[pair], "strip": np.array(whole, dtype=object)}


def _gap_rows(
    ground: Ground,
    voids: NDArray[np.object_],
    borders: pd.DataFrame,
    at_boundary: NDArray[np.bool_],
    rules: RuleBook,
) -> list[dict[str, Any]]:
    around = {
        void: sorted(str(ground.ids[at]) for at in group) for void, group in borders.groupby("void")["parcel"]
    }
    shown = _beside(ground.shapes, voids, borders, Tolerances.of(rules))
    narrow = is_narrower(voids, rules["boundary.gap_width_m"].number("m"))
    area, width = shapely.area(shown), mean_width(shown)
    # One parcel's gaps are numbered from the largest on, whatever the order of rows.
    order = pd.DataFrame(
        {
            "parcel": borders["parcel"],
            "area": -area.round(3),
            "around": borders["void"].map(around).map(tuple),
        }
    )
    number = order.sort_values(["area", "around"], kind="stable").groupby("parcel").cumcount() + 1
    rows = []
    for row, (void, at) in enumerate(zip(borders["void"], borders["parcel"], strict=True)):
        parcel = str(ground.ids[at])
        others = [name for name in around[void] if name != parcel]
        rule = rules["boundary.gap_width_m" if narrow[void] else "boundary.gap_area_m2"]
        told = [
            *({"what": "neighbour", "value": name} for name in others),
            {"what": "at_park_boundary", "value": bool(at_boundary[void])},
            {"what": "void_area_m2", "value": round(float(area[row]), 3)},
            {"what": "mean_width_m", "value": round(float(width[row]), 3)},
        ]
        words = reasons(
            _BETWEEN[bool(others), bool(at_boundary[void])],
            others=name_some(others), area=(area[row], 2), width=(width[row], 2),
        )  # fmt: skip
        rows.append(
            ground.finding(
                at, "gap", rule, told=told, unit="m" if narrow[void] else "m2", geometry=one_multipolygon(shown[row]),
                observed=float(width[row] if narrow[void] else area[row]),
                finding_id=finding_id("gap", parcel, str(number[row])), **words,
            )
        )  # fmt: skip
    return rows


def _beside(
    shapes: NDArray[np.object_], voids: NDArray[np.object_], borders: pd.DataFrame, size: Tolerances
) -> NDArray[np.object_]:
    """What each row of ``borders`` shows of its void: all of it, or of a large one what lies beside the parcel."""
    void, parcel = borders["void"].to_numpy(), borders["parcel"].to_numpy()
    shown: NDArray[np.object_] = voids[void]
    long = np.flatnonzero(shapely.area(shown) > size.gap_area)
    pieces, owner = subdivided(voids)
    reach = shapely.buffer(shapes[parcel[long]], size.gap_width)
    row, piece = shapely.STRtree(pieces).query(reach, predicate="intersects")
    own = owner[piece] == void[long[row]]
    row, piece = row[own], piece[own]
    parts = shapely.intersection(pieces[piece], reach[row])
    for at, group in pd.Series(parts).groupby(row):
        shown[long[at]] = one_multipolygon(shapely.union_all(group.to_numpy()))
    return shown


def _near_rows(ground: Ground, pairs: dict[str, Any], rules: RuleBook) -> list[dict[str, Any]]:
    rule = rules["boundary.near_touching_m"]
    area, width = shapely.area(pairs["strip"]), mean_width(pairs["strip"])
    rows = []
    for pair, (left, right) in enumerate(zip(pairs["left"], pairs["right"], strict=True)):
        for at, beside in ((left, right), (right, left)):
            other = str(ground.ids[beside])
            told = [
                {"what": "neighbour", "value": other},
                {"what": "void_area_m2", "value": round(float(area[pair]), 3)},
                {"what": "mean_width_m", "value": round(float(width[pair]), 3)},
            ]
            words = reasons(
                "The edge lies {width} m from that of parcel {other} without touching it: a strip of {area} m² is between them.",
                other=other, area=(area[pair], 2), width=(width[pair], 3),
            )  # fmt: skip
            rows.append(
                ground.finding(
                    at, "near_touching", rule, observed=float(width[pair]), told=told, geometry=pairs["strip"][pair],
                    finding_id=finding_id("near_touching", str(ground.ids[at]), other), **words,
                )
            )  # fmt: skip
    return rows
