"""The rows that a page shows to one caller, and their numbers.

Parcels are numbered in the order of the snapshot's table, as in a page that is one file; rows of other tables in the order of
space. A caller who may know of some parks only has numbers of its own, without gaps, so they tell nothing of the others.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from api.asked.selection import Selection
from api.records.view import SnapshotView, await_from_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from api.asked.ask import Ask

__all__ = ["PARCELS", "Seen"]

PARCELS = "parcels"
_ID = "parcel_id"


class Seen(SnapshotView):
    """A snapshot as a page shows it: personal fields masked whoever asks, rows in the page's order.

    Parameters
    ----------
    ask
        The request.
    order
        Of the caller's parcels, as `Seen.of` gives it.
    """

    def __init__(self, ask: Ask, order: NDArray[np.int64]) -> None:
        super().__init__(ask)
        self._order = order

    @classmethod
    async def of(cls, ask: Ask) -> Seen:
        """What the caller of a request sees."""
        key = (ask.edition.name, ask.caller.parks, "order")
        bare = cls(ask, np.zeros(0, dtype=np.int64))
        return cls(ask, await ask.service.views.get(key, bare._find_order))

    @property
    def selection(self) -> Selection:
        """All rows that the caller may know."""
        return Selection(parks=self._ask.caller.parks)

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The caller's rows of a table; of columns that are asked for those that there are."""
        collection = self._ask.collection(table)
        if columns is not None:
            known = {field.name for field in collection.fields} | {"geometry"}
            columns = [name for name in columns if name in known]
        reading = collection.rows.frame(self.selection, columns=columns)
        frame = await_from_thread(self._loop, reading)
        return frame.iloc[self._order].reset_index(drop=True) if table == PARCELS else frame

    async def made(self, name: tuple[object, ...], make: Any) -> Any:
        """Something about this snapshot for callers who see as much of it; see `Kept.get`."""
        key = (self._ask.edition.name, self._ask.caller.parks, *name)
        return await self._ask.service.views.get(key, partial(make, self))

    async def place_of(self, table: str, row: int) -> int | None:
        """Where a row of the page stands in the order of space; None where there is no such row."""
        places = await self._ask.collection(table).rows.places(self.selection)
        if table == PARCELS:
            places = places[self._order]
        return int(places[row]) if row < len(places) else None

    async def numbers(self, table: str) -> NDArray[np.int32]:
        """The number of each row of a table by its place in the order of space; −1 for those that the caller may not know."""
        rows = self._ask.collection(table).rows
        places = await rows.places(self.selection)
        numbers: NDArray[np.int32] = await self.made(
            ("numbers", table), lambda seen: seen.count(table, places, len(rows))
        )
        return numbers

    def count(self, table: str, places: NDArray[np.int64], size: int) -> NDArray[np.int32]:
        """See `numbers`."""
        numbers = np.full(size, -1, dtype=np.int32)
        numbers[places[self._order] if table == PARCELS else places] = np.arange(len(places), dtype=np.int32)
        return numbers

    def _find_order(self) -> NDArray[np.int64]:
        """Where, among the caller's parcels in the order of space, the first of the table stands, the second, and so on."""
        rows = self._ask.collection(PARCELS).rows
        here = await_from_thread(self._loop, rows.frame(self.selection, columns=[_ID]))[_ID]
        whole = self._ask.edition.snapshot.read(PARCELS, [_ID])[_ID]
        index = pd.Index(whole.astype(str))
        if not index.is_unique:
            return np.arange(len(here))
        found: NDArray[np.int64] = np.argsort(index.get_indexer(pd.Index(here.astype(str))), kind="stable")
        return found
