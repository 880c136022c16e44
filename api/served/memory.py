"""A collection in memory: every feature encoded once, in one buffer, in the order of space.

A page is a slice of the buffer; a bounding box is a query of a tree; one feature is a look into a dictionary; what a
filter chose is remembered. Nothing changes after it is built, so any number of readers may use it at once.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
import shapely

from api.asked.selection import EVERYTHING, Selection
from api.errors import RequestError
from api.served.encode import values_as
from api.served.rows import Page, Patch
from api.served.shown import Shown
from parkgeo.store.where import Columns, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from api.served.times import Times

__all__ = ["Contents", "MemoryRows", "space_order"]

_REMEMBERED = 64
_HILBERT_LEVEL = 16
_RUN = 1_000
"""Features that are held one by one before they are joined to the buffer."""
_AT_ONCE = 20_000
"""Rows up to which a filter is worked out between two requests; more are given to a thread."""
_CUT_AT_ONCE = 2_000
"""The same for what is drawn on a tile."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All that `MemoryRows` holds, one a row, in the order of space; the parts are those of its parameters."""

    ids: list[str]
    bodies: list[bytes]
    geometry: NDArray[np.object_]
    frame: pd.DataFrame
    times: Times | None
    parks: Mapping[str, NDArray[np.bool_]]


class MemoryRows:
    """The rows of one collection.

    Parameters
    ----------
    ids
        Unique feature ids.
    bodies
        Each feature's GeoJSON, in the order of `ids`; taken one after another.
    geometry
        Each feature's geometry in CRS84; None where there is none.
    frame
        The rows as the snapshot's table has them, in the order of `ids`; what filters and exports see.
    kinds
        Field → kind of its values, as `api.served.encode.column_values` names it.
    times
        As `api.served.times.row_times` gives them; None where the collection has no time.
    parks
        Park → the rows that belong to it.
    """

    def __init__(
        self,
        ids: Sequence[str],
        bodies: Iterable[bytes],
        geometry: NDArray[np.object_],
        frame: pd.DataFrame,
        *,
        kinds: Mapping[str, str] | None = None,
        times: Times | None = None,
        parks: Mapping[str, NDArray[np.bool_]] | None = None,
    ) -> None:
        order = space_order(geometry)
        self._buffer, self._starts = _in_one(bodies, len(ids))
        if np.array_equal(order, np.arange(len(order))):
            self._ids, self._geometry, self._frame = list(ids), geometry, frame
        else:
            self._buffer, self._starts = _in_one((self._body(row) for row in order.tolist()), len(ids))
            self._ids = [ids[row] for row in order.tolist()]
            self._geometry, self._frame = geometry[order], frame.iloc[order].reset_index(drop=True)
        self._position = {name: place for place, name in enumerate(self._ids)}
        self._tree = shapely.STRtree(self._geometry)
        self._columns = Columns(self._frame, degrees=self._geometry, tree=self._tree)
        self._kinds = dict(kinds or {})
        self._shown = Shown(self._frame, self._kinds)
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

    def contents(self) -> Contents:
        """All rows in the order of space, for a store that keeps them elsewhere."""
        view, starts = memoryview(self._buffer), self._starts.tolist()
        bodies = [bytes(view[begin : end - 1]) for begin, end in itertools.pairwise(starts)]
        return Contents(self._ids, bodies, self._geometry, self._frame, self._times, self._parks)

    async def matched(self, selection: Selection) -> int:
        """How many rows match."""
        return len(self) if selection == EVERYTHING else len(await self._places(selection))

    async def page(
        self, selection: Selection, limit: int, *, after: list[Any] | None = None, most_bytes: int = 1 << 62
    ) -> Page:
        """A run of what matches; see `api.served.rows.Rows.page`."""
        start = 0 if after is None else _start(after)
        found = None if selection == EVERYTHING else await self._places(selection)
        matched = len(self) if found is None else len(found)
        if start > 0 and start >= matched:
            raise _misplaced()
        stop = min(start + limit, matched)
        if found is None and self._starts[stop] - self._starts[start] <= most_bytes:
            features = self._buffer[self._starts[start] : self._starts[stop] - 1] if stop > start else b""
            return Page(features, matched, stop - start, [stop] if stop < matched else None)
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
        return self._body(place)

    def _body(self, place: int) -> bytes:
        return self._buffer[self._starts[place] : self._starts[place + 1] - 1]

    async def frame(
        self, selection: Selection, limit: int | None = None, *, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The rows that match, in their order, as the snapshot's table has them; see `api.served.rows.Rows.frame`."""
        places = (await self._places(selection))[:limit]

        def cut() -> pd.DataFrame:
            frame = self._frame if columns is None else self._frame[list(columns)]
            return frame.iloc[places].reset_index(drop=True)

        # All columns are copied, which may take longer than others should wait.
        return await asyncio.to_thread(cut)

    async def at(self, places: Sequence[int], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows at some places in the order of space."""
        frame = self._frame if columns is None else self._frame[list(columns)]
        return frame.iloc[list(places)].reset_index(drop=True)

    async def places(self, selection: Selection) -> NDArray[np.int64]:
        """Where the rows that match stand in the order of space."""
        return await self._places(selection)

    async def patch(
        self,
        bounds: tuple[float, float, float, float],
        fields: tuple[str, ...],
        selection: Selection,
        most: int,
    ) -> Patch:
        """What matches and lies in a box; see `api.served.rows.Rows.patch`."""
        places = self._tree.query(shapely.box(*bounds))
        if selection != EVERYTHING:
            chosen = np.zeros(len(self), dtype=bool)
            chosen[await self._places(selection)] = True
            places = places[chosen[places]]
        cut = partial(self._cut_out, places, fields, most)
        at_once = len(places) <= _CUT_AT_ONCE and self._shown.is_ready(fields)
        return cut() if at_once else await asyncio.to_thread(cut)

    def _cut_out(self, places: NDArray[np.int64], fields: tuple[str, ...], most: int) -> Patch:
        if len(places) > most:
            places = places[np.argsort(-self._sides[places], kind="stable")[:most]]
        places = np.sort(places)
        columns = {name: self._shown.take(name, places) for name in fields}
        return Patch([self._ids[row] for row in places.tolist()], self._geometry[places], columns, places)

    @cached_property
    def _sides(self) -> NDArray[np.float64]:
        """The longer side of each row's box, degrees; 0 where it has no geometry."""
        box = shapely.bounds(self._geometry)
        sides: NDArray[np.float64] = np.nan_to_num(np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]))
        return sides

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
        chosen: NDArray[np.bool_] | None = None
        for mask in self._masks(selection):
            chosen = mask if chosen is None else chosen & mask
        if selection.shape is not None:
            places = np.sort(self._tree.query(shapely.from_wkb(selection.shape), predicate="intersects"))
            places = places if chosen is None else places[chosen[places]]
        else:
            places = np.arange(len(self)) if chosen is None else np.flatnonzero(chosen)
        return self._sorted(places, selection.order) if selection.order else places

    def _masks(self, selection: Selection) -> Iterator[NDArray[np.bool_]]:
        if selection.moments is not None and self._times is not None:
            yield _meets(self._times, selection.moments)
        if selection.parks is not None:
            own = [self._parks[park] for park in selection.parks if park in self._parks]
            yield np.logical_or.reduce(own) if own else np.zeros(len(self), dtype=bool)
        if selection.condition:
            yield evaluate(self._columns, orjson.loads(selection.condition))

    def _sorted(self, places: NDArray[np.int64], order: tuple[tuple[str, bool], ...]) -> NDArray[np.int64]:
        """Rows by their values as they stand on the wire; missing last, ties in the order of space."""
        by = self._frame.loc[places, [name for name, _ in order]]
        for name in by.columns:
            if by[name].dtype == object and self._kinds.get(name) == "string":
                by[name] = pd.Series(values_as(by[name], "string"), index=by.index, dtype=object)
        rising = [not falling for _, falling in order]
        ordered = by.sort_values(list(by.columns), ascending=rising, kind="stable", na_position="last")
        return ordered.index.to_numpy()

    def _join(self, places: NDArray[np.int64]) -> bytes:
        if not len(places):
            return b""
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        firsts = places[np.concatenate([[0], breaks])]
        lasts = places[np.concatenate([breaks - 1, [len(places) - 1]])]
        view = memoryview(self._buffer)
        runs = zip(self._starts[firsts].tolist(), self._starts[lasts + 1].tolist(), strict=True)
        return b",".join(view[begin : end - 1] for begin, end in runs)


def _in_one(bodies: Iterable[bytes], count: int) -> tuple[bytes, NDArray[np.int64]]:
    """Features in one buffer, and where each starts. A comma follows each, so a run of neighbours is one slice without its last byte."""
    ends = np.zeros(count + 1, dtype=np.int64)
    parts: list[bytes] = []
    rest, place = iter(bodies), 0
    while run := list(itertools.islice(rest, _RUN)):
        ends[place + 1 : place + 1 + len(run)] = [len(body) + 1 for body in run]
        place += len(run)
        parts.append(b",".join([*run, b""]))
    return b"".join(parts), np.cumsum(ends)


def _start(after: list[Any]) -> int:
    if len(after) != 1 or type(after[0]) is not int or after[0] < 1:
        raise _misplaced()
    start: int = after[0]
    return start


def _misplaced() -> RequestError:
    return RequestError(
        "the token belongs to another query", where="token", mend="follow the link called next as it stands"
    )


def _meets(times: Times, moments: tuple[str | None, str | None]) -> NDArray[np.bool_]:
    begin, end = times
    low, high = (None if moment is None else np.datetime64(moment, "us") for moment in moments)
    meets = np.ones(len(begin), dtype=bool)
    if low is not None:
        meets &= end >= low
    if high is not None:
        meets &= begin <= high
    found: NDArray[np.bool_] = meets | np.isnat(begin)
    return found


def _extent(geometry: NDArray[np.object_]) -> tuple[float, float, float, float] | None:
    there = geometry[~shapely.is_missing(geometry)]
    if not len(there):
        return None
    west, south, east, north = shapely.total_bounds(there).tolist()
    return west, south, east, north


def space_order(geometry: NDArray[np.object_]) -> NDArray[np.int64]:
    """Rows along a Hilbert curve, so that neighbours on the ground are neighbours in the buffer; without geometry last."""
    from geopandas import GeoSeries

    there = ~shapely.is_missing(geometry)
    if not there.any():
        return np.arange(len(geometry))
    distance = np.full(len(geometry), np.iinfo(np.int64).max)
    distance[there] = GeoSeries(geometry[there]).hilbert_distance(level=_HILBERT_LEVEL).to_numpy()
    return np.argsort(distance, kind="stable")
