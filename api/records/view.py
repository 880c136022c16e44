"""A snapshot as one caller may see it, with the interface of a snapshot, so that reports and exports are made as ever."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

import orjson

from api.asked.selection import Selection
from parkgeo.errors import NotFoundError, StoreError
from parkgeo.store import Snapshot

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    import pandas as pd

    from api.asked.ask import Ask
    from api.served.catalogue import Collection

__all__ = ["SnapshotView", "await_from_thread", "narrowed", "parcel_view", "whole_view"]

_WAIT_S = 120.0
_PARCEL, _COMPANY = "parcel_id", "enterprise_id"
_WITH_GENERAL_ROWS = ("gaps",)
"""Tables whose rows without a parcel are about every parcel."""


class SnapshotView(Snapshot):
    """A snapshot whose tables are those that are served, with the rows that a caller may know, personal fields masked.

    Its tables are read from whatever store the service has. It is used in a thread, while the event loop on which it was
    made runs on.

    Parameters
    ----------
    ask
        Whose view.
    conditions
        Table → filter as CQL2 JSON; only these rows are read.
    """

    def __init__(self, ask: Ask, conditions: Mapping[str, str] | None = None) -> None:
        base = ask.edition.snapshot
        self._ask = ask
        self._conditions = conditions or {}
        self._loop = asyncio.get_running_loop()
        served = {
            name: told for name, told in base.manifest["tables"].items() if name in ask.edition.collections
        }
        self.manifest = {**base.manifest, "tables": served}
        self.__dict__.update(catalogue=base.catalogue, crs=base.crs)

    @property
    def collections(self) -> Mapping[str, Collection]:
        """The snapshot's collections, as they are served."""
        return self._ask.edition.collections

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The caller's rows of a table; see `parkgeo.store.Snapshot.read`."""
        if table not in self.manifest["tables"]:
            raise NotFoundError(f"no table {table!r} in the snapshot", where=self.name)
        selection = Selection(condition=self._conditions.get(table, ""), parks=self._ask.caller.parks)
        rows = self._ask.rows(self._ask.collection(table))
        return await_from_thread(self._loop, rows.frame(selection, columns=columns))


def await_from_thread(
    loop: asyncio.AbstractEventLoop, reading: Coroutine[Any, Any, pd.DataFrame]
) -> pd.DataFrame:
    """Wait in a thread for rows that a store reads on the event loop.

    Raises
    ------
    StoreError
        It takes longer than anyone waits.
    """
    told = asyncio.run_coroutine_threadsafe(reading, loop)
    try:
        return told.result(_WAIT_S)
    except TimeoutError as error:
        told.cancel()
        raise StoreError("a table could not be read in time", mend="ask again later") from error


def narrowed(selection: Selection, tree: Any) -> Selection:
    """A selection of which a further condition must hold."""
    if selection.condition:
        tree = {"op": "and", "args": [orjson.loads(selection.condition), tree]}
    return dataclasses.replace(selection, condition=_dump(tree))


def whole_view(ask: Ask) -> SnapshotView:
    """All that the caller may know of a snapshot."""
    return SnapshotView(ask)


async def parcel_view(ask: Ask, parcel_id: str) -> SnapshotView:
    """What the caller may know of one parcel and of the companies on it, so that no more than that is read.

    Parameters
    ----------
    ask
        The request.
    parcel_id
        The parcel.
    """
    columns = {
        name: {field.name for field in collection.fields}
        for name, collection in ask.edition.collections.items()
    }
    own = _equal(_PARCEL, parcel_id)
    companies: list[str] = []
    if {_PARCEL, _COMPANY} <= columns.get("occupancy", set()):
        rows = ask.rows(ask.collection("occupancy"))
        frame = await rows.frame(Selection(condition=_dump(own), parks=ask.caller.parks))
        companies = [str(name) for name in frame[_COMPANY].dropna().unique()]
    conditions = {}
    for name, known in columns.items():
        if _PARCEL in known:
            general = {"op": "isNull", "args": [{"property": _PARCEL}]}
            both = {"op": "or", "args": [own, general]}
            conditions[name] = _dump(both if name in _WITH_GENERAL_ROWS else own)
        elif _COMPANY in known:
            # An empty list is no condition that every store reads; no company has an empty id.
            conditions[name] = _dump({"op": "in", "args": [{"property": _COMPANY}, companies or [""]]})
    return SnapshotView(ask, conditions)


def _equal(field: str, value: str) -> dict[str, Any]:
    return {"op": "=", "args": [{"property": field}, value]}


def _dump(tree: Any) -> str:
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS).decode()
