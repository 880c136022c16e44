"""A collection in memory: every feature encoded once, in one buffer, in the order of space.

A page is a slice of the buffer; a bounding box is a query of a tree; one feature is a look into a dictionary; what a
filter chose is remembered. Nothing changes after it is built, so any number of readers may use it at once.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from api.asked.selection import EVERYTHING, Selection
from api.errors import RequestError
from api.served.rows import Page, Patch
from parkgeo.store.where import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["MemoryRows"]

_REMEMBERED = 64
_HILBERT_LEVEL = 16
_AT_ONCE = 20_000
"""Rows up to which a filter is worked out between two requests; more are given to a thread."""


class MemoryRows:
    """The rows of one collection.

    Parameters
    ----------
    ids
        Unique feature ids.
    bodies
        Each feature's GeoJSON, in the order of `ids`.
    geometry
        Each feature's geometry in CRS84; None where there is none.
    frame
        The rows as the snapshot's table has them, in the order of `ids`; what filters and exports see.
    values
        Field → values as they stand in the bodies.
    times
        Begin and end of each row's time, ``datetime64[us]``, NaT where it has none; None where the collection has no time.
    parks
        Park → the rows that belong to it.
    """

    def __init__(
        self,
        ids: Sequence[str],
        bodies: Sequence[bytes],
        geometry: NDArray[np.object_],
        frame: pd.DataFrame,
        *,
        values: Mapping[str, list[Any]] | None = None,
        times: tuple[NDArray[np.datetime64], NDArray[np.datetime64]] | None = None,
        parks: Mapping[str, NDArray[np.bool_]] | None = None,
    ) -> None:
        order = _space_order(geometry)
        self._ids = [ids[row] for row in order.tolist()]
        self._position = {name: place for place, name in enumerate(self._ids)}
        lengths = np.fromiter((len(bodies[row]) + 1 for row in order), dtype=np.int64, count=len(order))
        # A comma follows each feature, so a run of neighbours is one slice without its last byte.
        self._starts = np.concatenate([[0], np.cumsum(lengths)])
        self._buffer = b"".join(bodies[row] + b"," for row in order)
        self._geometry = geometry[order]
        self._tree = shapely.STRtree(self._geometry)
        self._frame = frame.iloc[order].reset_index(drop=True)
        self._values = {name: [column[row] for row in order] for name, column in (values or {}).items()}
        self._times = None if times is None else (times[0][order], times[1][order])
        self._parks = {name: mask[order] for name, mask in (parks or {}).items()}
        self._extent = _extent(geometry)
        self._known = lru_cache(maxsize=_REMEMBERED)(self._find)
        self._found: set[Selection] = set()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None where no feature has geometry."""
        return self._extent

    async def matched(self, selection: Selection) -> int:
        """How many rows match."""
        return len(self) if selection == EVERYTHING else len(await self._places(selection))

    async def page(
        self, selection: Selection, limit: int, *, after: list[Any] | None = None, most_bytes: int = 1 << 62
    ) -> Page:
        """A run of what matches; see `api.served.rows.Rows.page`."""
        start = 0 if after is None else _start(after)
        everything = selection == EVERYTHING
        found = None if everything else await self._places(selection)
        matched = len(self) if found is None else len(found)
        if start > 0 and start >= matched:
            raise _misplaced()
        stop = min(start + limit, matched)
        places = np.arange(start, stop) if found is None else found[start:stop]
        sizes = np.cumsum(self._starts[places + 1] - self._starts[places])
        returned = max(int(np.searchsorted(sizes, most_bytes, side="right")), min(len(places), 1))
        end = start + returned
        return Page(self._join(places[:returned]), matched, returned, [end] if end < matched else None)

    async def item(self, name: str, parks: tuple[str, ...] | None = None) -> bytes | None:
        """One feature's GeoJSON by its id; None where no row that the caller may know has it."""
        place = self._position.get(name)
        if place is None or (
            parks is not None and not any(self._parks[park][place] for park in parks if park in self._parks)
        ):
            return None
        return self._buffer[self._starts[place] : self._starts[place + 1] - 1]

    async def frame(self, selection: Selection, limit: int | None = None) -> pd.DataFrame:
        """The rows that match, in their order, as the snapshot's table has them."""
        return self._frame.iloc[(await self._places(selection))[:limit]].reset_index(drop=True)

    async def patch(
        self,
        bounds: tuple[float, float, float, float],
        fields: tuple[str, ...],
        selection: Selection,
        most: int,
    ) -> Patch:
        """What matches and lies in a box; see `api.served.rows.Rows.patch`."""
        places = np.sort(self._tree.query(shapely.box(*bounds)))
        if selection != EVERYTHING:
            places = np.intersect1d(places, await self._places(selection), assume_unique=True)
        if len(places) > most:
            sizes = shapely.area(self._geometry[places]) + shapely.length(self._geometry[places])
            places = places[np.sort(np.argsort(-sizes, kind="stable")[:most])]
        rows = places.tolist()
        columns = {name: [self._values[name][row] for row in rows] for name in fields}
        return Patch([self._ids[row] for row in rows], self._geometry[places], columns)

    async def _places(self, selection: Selection) -> NDArray[np.int64]:
        """Where the rows that match stand, in the order asked for."""
        quick = selection in self._found or len(self) <= _AT_ONCE
        if quick or not (selection.condition or selection.order):
            return self._known(selection)
        found = await asyncio.to_thread(self._known, selection)
        self._found.add(selection)
        if len(self._found) > _REMEMBERED:
            self._found = {selection}
        return found

    def _find(self, selection: Selection) -> NDArray[np.int64]:
        chosen = np.ones(len(self), dtype=bool)
        if selection.shape is not None:
            chosen[:] = False
            chosen[self._tree.query(shapely.from_wkb(selection.shape), predicate="intersects")] = True
        if selection.moments is not None and self._times is not None:
            chosen &= _meets(self._times, selection.moments)
        if selection.parks is not None:
            own = [self._parks[park] for park in selection.parks if park in self._parks]
            chosen &= np.logical_or.reduce(own) if own else False
        if selection.condition:
            chosen &= evaluate(self._frame, orjson.loads(selection.condition))
        places = np.flatnonzero(chosen)
        if selection.order:
            names, falling = zip(*selection.order, strict=True)
            by = self._frame.loc[places, list(names)]
            rising = [not down for down in falling]
            places = by.sort_values(
                list(names), ascending=rising, kind="stable", na_position="last"
            ).index.to_numpy()
        return places

    def _join(self, places: NDArray[np.int64]) -> bytes:
        if not len(places):
            return b""
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        firsts = places[np.concatenate([[0], breaks])]
        lasts = places[np.concatenate([breaks - 1, [len(places) - 1]])]
        view = memoryview(self._buffer)
        runs = zip(self._starts[firsts].tolist(), self._starts[lasts + 1].tolist(), strict=True)
        return b",".join(view[begin : end - 1] for begin, end in runs)


def _start(after: list[Any]) -> int:
    if len(after) != 1 or type(after[0]) is not int or after[0] < 1:
        raise _misplaced()
    start: int = after[0]
    return start


def _misplaced() -> RequestError:
    return RequestError(
        "the token belongs to another query", where="token", mend="follow the link called next as it stands"
    )


def _meets(
    times: tuple[NDArray[np.datetime64], NDArray[np.datetime64]], moments: tuple[str | None, str | None]
) -> NDArray[np.bool_]:
    begin, end = times
    low, high = (None if moment is None else np.datetime64(moment, "us") for moment in moments)
    meets = np.isnat(begin) & np.isnat(end)
    there = ~meets
    if low is not None:
        there &= end >= low
    if high is not None:
        there &= begin <= high
    found: NDArray[np.bool_] = meets | there
    return found


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
