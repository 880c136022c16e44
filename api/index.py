"""A collection in memory: every feature encoded once, in one buffer, in the order of space.

A page is a slice of the buffer; a bounding box is a query of a tree; one feature is a look into a dictionary. The index
never changes after it is built, so any number of readers may use it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Bounds", "FeatureIndex", "Page"]

_HALF_TURN = 180.0
_REMEMBERED = 64
_HILBERT_LEVEL = 16


@dataclass(frozen=True, slots=True)
class Bounds:
    """A bounding box in CRS84, degrees.

    `west` above `east` means that the box crosses the antimeridian.

    Examples
    --------
    >>> Bounds(177.0, -10.0, -177.0, 10.0).halves()
    ((177.0, -10.0, 180.0, 10.0), (-180.0, -10.0, -177.0, 10.0))
    """

    west: float
    south: float
    east: float
    north: float

    def halves(self) -> tuple[tuple[float, float, float, float], ...]:
        """The box as one or, across the antimeridian, two boxes whose west is not above their east."""
        if self.west <= self.east:
            return ((self.west, self.south, self.east, self.north),)
        return (
            (self.west, self.south, max(self.west, _HALF_TURN), self.north),
            (min(self.east, -_HALF_TURN), self.south, self.east, self.north),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Some features of a collection.

    Attributes
    ----------
    features
        GeoJSON features with commas between them, without brackets.
    matched, returned
        Features that match in all, and on this page.
    following
        Where the next page starts, counted over what matches; None on the last page.
    """

    features: bytes
    matched: int
    returned: int
    following: int | None


class FeatureIndex:
    """The features of one collection.

    Parameters
    ----------
    ids
        Unique feature ids.
    bodies
        Each feature's GeoJSON, in the order of `ids`.
    geometry
        Each feature's geometry in CRS84; None where there is none.
    """

    def __init__(self, ids: Sequence[str], bodies: Sequence[bytes], geometry: NDArray[np.object_]) -> None:
        order = _space_order(geometry)
        self._position = {ids[row]: place for place, row in enumerate(order.tolist())}
        lengths = np.fromiter((len(bodies[row]) + 1 for row in order), dtype=np.int64, count=len(order))
        # A comma follows each feature, so a run of neighbours is one slice without its last byte.
        self._starts = np.concatenate([[0], np.cumsum(lengths)])
        self._buffer = b"".join(bodies[row] + b"," for row in order)
        self._tree = shapely.STRtree(geometry[order])
        self._extent = _extent(geometry)
        self._matching = lru_cache(maxsize=_REMEMBERED)(self._find)

    def __len__(self) -> int:
        return len(self._position)

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None where no feature has geometry."""
        return self._extent

    def item(self, name: str) -> bytes | None:
        """One feature's GeoJSON by its id; None where no feature has it."""
        place = self._position.get(name)
        return None if place is None else self._buffer[self._starts[place] : self._starts[place + 1] - 1]

    def matched(self, bounds: Bounds | None) -> int:
        """How many features match."""
        return len(self) if bounds is None else len(self._matching(bounds))

    def page(
        self, start: int, limit: int, *, bounds: Bounds | None = None, most_bytes: int = 1 << 62
    ) -> Page:
        """A run of the features that match.

        Parameters
        ----------
        start
            How many of what matches to leave out.
        limit
            Most features.
        bounds
            Only features whose geometry meets the box. A feature without geometry meets none.
        most_bytes
            The page ends before it grows beyond this; it holds at least one feature.
        """
        matched = self.matched(bounds)
        stop = min(start + limit, matched)
        places = np.arange(start, stop) if bounds is None else self._matching(bounds)[start:stop]
        sizes = np.cumsum(self._starts[places + 1] - self._starts[places])
        returned = max(int(np.searchsorted(sizes, most_bytes, side="right")), min(len(places), 1))
        end = start + returned
        return Page(self._join(places[:returned]), matched, returned, end if end < matched else None)

    def _join(self, places: NDArray[np.int64]) -> bytes:
        if not len(places):
            return b""
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        firsts = places[np.concatenate([[0], breaks])]
        lasts = places[np.concatenate([breaks - 1, [len(places) - 1]])]
        view = memoryview(self._buffer)
        runs = zip(self._starts[firsts].tolist(), self._starts[lasts + 1].tolist(), strict=True)
        return b",".join(view[begin : end - 1] for begin, end in runs)

    def _find(self, bounds: Bounds) -> NDArray[np.int64]:
        boxes = shapely.box(*np.array(bounds.halves()).T)
        return np.unique(self._tree.query(boxes, predicate="intersects")[1])


def _extent(geometry: NDArray[np.object_]) -> tuple[float, float, float, float] | None:
    there = geometry[~shapely.is_missing(geometry)]
    if not len(there):
        return None
    west, south, east, north = shapely.total_bounds(there).tolist()
    return west, south, east, north


def _space_order(geometry: NDArray[np.object_]) -> NDArray[np.int64]:
    """Rows along a Hilbert curve, so that neighbours on the ground are neighbours in the buffer; without geometry last."""
    from geopandas import GeoSeries

    there = ~shapely.is_missing(geometry)
    if not there.any():
        return np.arange(len(geometry))
    distance = np.full(len(geometry), np.iinfo(np.int64).max)
    distance[there] = GeoSeries(geometry[there]).hilbert_distance(level=_HILBERT_LEVEL).to_numpy()
    return np.argsort(distance, kind="stable")
