"""Which parcels can be joined: their outlines nearly touch, or no more than a minor road lies between."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["Joins", "Streets", "groups", "joins", "site_id", "whole_ground"]

_MITRE = 5.0


class Streets(NamedTuple):
    """Roads as they part parcels.

    Attributes
    ----------
    line
        Middle of each road.
    width_m
        Its width.
    minor
        Whether parcels can be joined across it.
    """

    line: NDArray[np.object_]
    width_m: NDArray[np.float64]
    minor: NDArray[np.bool_]

    @classmethod
    def none(cls) -> Streets:
        """No roads."""
        return cls(np.empty(0, dtype=object), np.empty(0), np.empty(0, dtype=bool))


class Joins(NamedTuple):
    """Pairs of parcels that can be joined, each once.

    Attributes
    ----------
    left, right
        Positions of the parcels, the smaller first.
    gap_m
        Distance between their outlines.
    across
        Whether a minor road lies between.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    gap_m: NDArray[np.float64]
    across: NDArray[np.bool_]


def joins(parcels: NDArray[np.object_], streets: Streets, *, touching_m: float) -> Joins:
    """Pairs of parcels that can be joined.

    Parameters
    ----------
    parcels
        Polygons in metres.
    streets
        Roads in the same coordinate system.
    touching_m
        Outlines no farther apart than this meet, metres.

    Returns
    -------
    Joins

    Notes
    -----
    The shortest line between two outlines decides. A pair is joined where that line is no longer than ``touching_m``, or where it
    crosses a minor road and is no longer than that road is wide and ``touching_m`` more. Where it crosses any other road the
    pair is not joined.

    Examples
    --------
    >>> land = np.array([shapely.box(0, 0, 10, 10), shapely.box(11, 0, 20, 10), shapely.box(29, 0, 40, 10)])
    >>> lane = Streets(np.array([shapely.LineString([(24, -50), (24, 50)])]), np.array([9.0]), np.array([True]))
    >>> found = joins(land, lane, touching_m=2)
    >>> found.left.tolist(), found.right.tolist(), found.across.tolist()
    ([0, 1], [1, 2], [False, True])
    """
    wide = float(streets.width_m[streets.minor].max(initial=0.0))
    tree = shapely.STRtree(parcels)
    left, right = tree.query(parcels, predicate="dwithin", distance=touching_m + wide)
    once = left < right
    left, right = left[once], right[once]
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    gap = shapely.distance(parcels[left], parcels[right])
    least, barred = _crossed(shapely.shortest_line(parcels[left], parcels[right]), streets)
    touching = gap <= touching_m
    across = ~touching & (gap <= least + touching_m) & (least > 0)
    kept = (touching | across) & ~barred
    return Joins(left[kept], right[kept], gap[kept], across[kept])


def _crossed(lines: NDArray[np.object_], streets: Streets) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Width of the minor roads that each line crosses, the widest, 0 for none; and whether it crosses another road."""
    width, barred = np.zeros(len(lines)), np.zeros(len(lines), dtype=bool)
    if len(streets.line) and len(lines):
        line, street = shapely.STRtree(streets.line).query(lines, predicate="intersects")
        minor = streets.minor[street]
        np.maximum.at(width, line[minor], streets.width_m[street[minor]])
        barred[line[~minor]] = True
    return width, barred


def groups(count: int, pairs: Joins) -> NDArray[np.intp]:
    """Number of the group of each parcel: parcels that hang together by joins.

    Examples
    --------
    >>> chain = Joins(np.array([0]), np.array([2]), np.zeros(1), np.zeros(1, bool))
    >>> groups(3, chain).tolist()
    [0, 1, 0]
    """
    graph = coo_array((np.ones(len(pairs.left)), (pairs.left, pairs.right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def whole_ground(parcels: NDArray[np.object_], touching_m: float) -> shapely.Geometry:
    """Parcels as one ground, slots between them no wider than ``touching_m`` closed.

    Parameters
    ----------
    parcels
        Polygons in metres.
    touching_m
        Metres.

    Returns
    -------
    shapely.Geometry
        A polygon; a multipolygon where more than a slot parts them, such as a road.

    Examples
    --------
    >>> whole_ground(np.array([shapely.box(0, 0, 10, 10), shapely.box(11, 0, 20, 10)]), 2).area
    200.0
    """
    half = touching_m / 2
    grown = shapely.buffer(parcels, half, join_style="mitre", mitre_limit=_MITRE)
    closed = shapely.buffer(shapely.union_all(grown), -half, join_style="mitre", mitre_limit=_MITRE)
    # Growing and shrinking may round a sharp corner off; what is a parcel's stays.
    return shapely.union_all([closed, *parcels])


def site_id(parcel_ids: Iterable[str]) -> str:
    """Name of a joined site: of the same parcels always the same.

    Examples
    --------
    >>> site_id(["b", "a"]) == site_id(["a", "b"])
    True
    """
    told = "\n".join(sorted(parcel_ids)).encode()
    return "S" + hashlib.sha256(told).hexdigest()[:10]
