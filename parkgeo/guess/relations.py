"""How tables lie to each other, in one plane in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.crs import choose_working_crs
from parkgeo.layers import FARTHEST_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from parkgeo.guess.look import Table
    from parkgeo.guess.system import SystemGuess
    from parkgeo.ingest.ground import Ground

__all__ = ["Laid", "Relation", "lay_out", "relate"]

_MOST_SHAPES = 50_000
_SAMPLE = 1000
_SAME_PLACE_M = 1.0


@dataclass(frozen=True)
class Laid:
    """A table's shapes in the common plane.

    Attributes
    ----------
    shapes
        As many as are looked at, each where the table has it; None where it lies nowhere.
    areas
        Of each, m².
    points
        A point within each of up to a thousand of them.
    """

    shapes: NDArray[np.object_]
    areas: NDArray[np.float64]
    points: NDArray[np.object_]

    @property
    def median_area(self) -> float:
        """Middle area of the polygons, m²; 0 without any."""
        drawn = self.areas[self.areas > 0]
        return float(np.median(drawn)) if len(drawn) else 0.0


@dataclass(frozen=True)
class Relation:
    """How one table lies to another.

    Attributes
    ----------
    within
        Share of its shapes that have their point within a polygon of the other.
    holds
        Share of the other's shapes that have their point within a polygon of this.
    distance_m
        From the nearest of its shapes to the box around the other.
    same
        Share of its shapes that the other has at the same place with the same extent.
    """

    within: float
    holds: float
    distance_m: float
    same: float


def lay_out(tables: Sequence[Table], systems: Sequence[SystemGuess | None]) -> list[Laid | None]:
    """Bring tables into one plane.

    Parameters
    ----------
    tables
        The tables.
    systems
        The coordinate system of each.

    Returns
    -------
    list
        Each table's shapes; None for a table without shapes, or of which the system is not known. The plane is that
        of the place in which most polygons lie.
    """
    grounds = [None if one is None else one.ground for one in systems]
    plane = _plane(tables, grounds)
    return [
        None if ground is None or plane is None else _laid(table, ground, plane)
        for table, ground in zip(tables, grounds, strict=True)
    ]


def _plane(tables: Sequence[Table], grounds: Sequence[Ground | None]) -> CRS | None:
    order = sorted(
        range(len(tables)), key=lambda at: (tables[at].family != "polygon", -len(tables[at].shapes), at)
    )
    for at in order:
        ground = grounds[at]
        if ground is None:
            continue
        try:
            return choose_working_crs(ground.crs, ground.shapes(tables[at].shapes[:_MOST_SHAPES]))
        except InputError:
            continue
    return None


def _laid(table: Table, ground: Ground, plane: CRS) -> Laid | None:
    shapes = ground.shapes(table.shapes[:_MOST_SHAPES], plane)
    somewhere = (np.abs(shapely.bounds(shapes)) <= FARTHEST_M).all(axis=1)
    shapes[~somewhere] = None
    if not somewhere.any():
        return None
    known = np.flatnonzero(somewhere)
    places = known[np.unique(np.linspace(0, len(known) - 1, min(_SAMPLE, len(known))).astype(np.intp))]
    areas = np.nan_to_num(shapely.area(shapes))
    return Laid(shapes, areas, shapely.point_on_surface(shapes[places]))


def relate(one: Laid, other: Laid) -> Relation:
    """How one table lies to another."""
    around = shapely.box(*shapely.total_bounds(other.shapes))
    return Relation(
        within=_share_within(one.points, other),
        holds=_share_within(other.points, one),
        distance_m=float(np.nanmin(shapely.distance(one.shapes, around))),
        same=_share_alike(one, other),
    )


def _share_within(points: NDArray[np.object_], polygons: Laid) -> float:
    drawn = polygons.areas > 0
    if not drawn.any() or not len(points):
        return 0.0
    hits = shapely.STRtree(polygons.shapes[drawn]).query(points, predicate="within")[0]
    return len(np.unique(hits)) / len(points)


def _share_alike(one: Laid, other: Laid) -> float:
    """Share of shapes whose box the other has as well, to a metre."""
    boxes = []
    for laid in (one, other):
        bounds = shapely.bounds(laid.shapes)
        known = bounds[np.isfinite(bounds).all(axis=1)]
        boxes.append({tuple(row) for row in np.round(known / _SAME_PLACE_M).astype(np.int64).tolist()})
    return len(boxes[0] & boxes[1]) / max(len(boxes[0]), 1)
