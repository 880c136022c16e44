"""How far parcels are from mains, and which is the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Nearest", "nearest_mains", "pieces_of", "spare_of"]

_LINE, _RING = 1, 2


@dataclass(frozen=True)
class Nearest:
    """The nearest of some mains to each parcel.

    Attributes
    ----------
    distance_m
        From the parcel's edge to the main, 0 where it runs on the parcel; NaN where there is no main, or the parcel lies nowhere.
    which
        Place of the main among those given; -1 where the distance is NaN.
    """

    distance_m: NDArray[np.float64]
    which: NDArray[np.intp]


def nearest_mains(parcels: NDArray[np.object_], mains: NDArray[np.object_]) -> Nearest:
    """The nearest main or point to each parcel.

    Parameters
    ----------
    parcels
        Polygons in metres; None and empty ones lie nowhere.
    mains
        Lines, points or polygons, single or of several parts, in the same system; None and empty ones are no mains.

    Returns
    -------
    Nearest
        Of several at one distance, the first of those given.

    Notes
    -----
    The distance is that of plane geometry between the parcel's polygon and the drawn main: nobody says which way a pipe would be
    laid. Lines are taken apart into their straight pieces, which finds the same and is three times as fast.

    Examples
    --------
    >>> plot = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    >>> found = nearest_mains(plot, np.array([shapely.Point(40, 5), shapely.LineString([(0, 30), (50, 30)])], dtype=object))
    >>> found.distance_m.tolist(), found.which.tolist()
    ([20.0], [1])
    """
    distance, which = np.full(len(parcels), np.nan), np.full(len(parcels), -1, dtype=np.intp)
    pieces, owner = pieces_of(mains)
    placed = np.flatnonzero(~(shapely.is_missing(parcels) | shapely.is_empty(parcels)))
    if not len(pieces) or not len(placed):
        return Nearest(distance, which)
    (at, piece), metres = shapely.STRtree(pieces).query_nearest(
        parcels[placed], return_distance=True, all_matches=True
    )
    order = np.lexsort((-owner[piece], at))
    # The last write wins: of several at one distance the first main.
    which[placed[at[order]]] = owner[piece[order]]
    distance[placed[at]] = metres
    return Nearest(distance, which)


def pieces_of(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Shapes taken apart: lines into straight pieces of two points, collections into their parts.

    Parameters
    ----------
    shapes
        Of any kind; None and empty ones have no pieces.

    Returns
    -------
    tuple
        The pieces, and the place of the shape that each belongs to.

    Examples
    --------
    >>> bend = shapely.LineString([(0, 0), (1, 0), (1, 1)])
    >>> pieces, owner = pieces_of(np.array([bend, None, shapely.Point(5, 5)], dtype=object))
    >>> [piece.wkt for piece in pieces], owner.tolist()
    (['LINESTRING (0 0, 1 0)', 'LINESTRING (1 0, 1 1)', 'POINT (5 5)'], [0, 0, 2])
    """
    parts, owner = np.asarray(shapes, dtype=object), np.arange(len(shapes))
    # A part of a collection can be one itself.
    while (shapely.get_type_id(parts) > _DEEPEST_SINGLE).any():
        parts, place = shapely.get_parts(parts, return_index=True)
        owner = owner[place]
    there = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
    parts, owner = parts[there], owner[there]
    lines = np.isin(shapely.get_type_id(parts), (_LINE, _RING))
    xy, line = shapely.get_coordinates(parts[lines], return_index=True)
    starts = np.flatnonzero(line[:-1] == line[1:])
    segments = shapely.linestrings(np.stack([xy[starts], xy[starts + 1]], axis=1)) if len(starts) else []
    pieces = np.concatenate([np.asarray(segments, dtype=object), parts[~lines]])
    places = np.concatenate([owner[lines][line[starts]], owner[~lines]])
    order = np.argsort(places, kind="stable")
    return pieces[order], places[order].astype(np.intp)


_DEEPEST_SINGLE = 3
"""Type ids up to this are points, lines, rings and polygons; above it stand those of several parts."""


def spare_of(
    capacity: NDArray[np.float64], used: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What mains have to spare.

    Parameters
    ----------
    capacity, used
        Of each main, in a unit of its own.

    Returns
    -------
    tuple of numpy.ndarray
        Capacity less use, in that unit, below 0 where more is used than there is; and its share of the capacity. NaN where either is not
        known or is no such figure: a capacity of 0 or less, a use below 0.

    Examples
    --------
    >>> [part.tolist() for part in spare_of(np.array([100.0, 100.0, 0.0]), np.array([80.0, np.nan, 0.0]))]
    [[20.0, nan, nan], [0.2, nan, nan]]
    """
    told = (capacity > 0) & (used >= 0) & np.isfinite(capacity) & np.isfinite(used)
    spare = np.where(told, capacity - used, np.nan)
    share = np.divide(spare, capacity, out=np.full(len(spare), np.nan), where=told)
    return spare, share
