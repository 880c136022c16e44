"""Which rows of a table belong to which park: what a key that is bound to parks may see.

A row belongs to the park that it names itself; else to its parcel's; where it names several parcels, to theirs if all lie in
one, and else to none, for it would tell of the other; else to those of its company's parcels; else, where
it names none of these, to every park whose boundary its geometry meets: a road may lead through several. What belongs to
none is shown to no bound key.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.store import Snapshot

__all__ = ["Parks", "Shares"]

_PARK, _PARCEL, _COMPANY = "park_id", "parcel_id", "enterprise_id"
_PARCELS, _BETWEEN = "parcel_ids", ";"

Shares = dict[str, "NDArray[np.bool_]"]
"""Park → which rows of a table belong to it."""


class Parks:
    """The parks of a snapshot, and what leads to them. Each part is read when a table needs it.

    Parameters
    ----------
    snapshot
        A finished analysis.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Ids of all parks, as their boundaries and the parcels name them."""
        named = {*_distinct(self._parcels.get(_PARK)), *_distinct(self._boundaries.get(_PARK))}
        return tuple(sorted(named))

    def shares(self, frame: pd.DataFrame) -> Shares:
        """Which rows belong to which park.

        Parameters
        ----------
        frame
            Rows of one table; geometry in the working coordinate system.

        Returns
        -------
        dict
            An entry for each of `names`, in the order of the rows.
        """
        shares = {park: np.zeros(len(frame), dtype=bool) for park in self.names}
        if not shares:
            return shares
        if _PARK in frame:
            self._mark(shares, pd.Index(self.names).get_indexer(_texts(frame[_PARK])))
            return shares
        if _PARCELS in frame:
            self._mark(shares, self._of_all(_texts(frame[_PARCELS])))
            return shares
        undecided = np.ones(len(frame), dtype=bool)
        if _PARCEL in frame:
            parcels = _texts(frame[_PARCEL])
            index, park_of = self._of_parcel
            self._mark(shares, park_of[index.get_indexer(parcels)])
            undecided &= parcels.isna()
        if _COMPANY in frame:
            companies = _texts(frame[_COMPANY])
            index, parks_of = self._of_company
            here = parks_of[index.get_indexer(companies)] & undecided[:, np.newaxis]
            for park, rows in zip(self.names, here.T, strict=True):
                shares[park] |= rows
            undecided &= companies.isna()
        if undecided.any() and hasattr(frame, "geometry"):
            for park, rows in self._meeting(frame.geometry.to_numpy(), undecided):
                shares[park][rows] = True
        return shares

    def _mark(self, shares: Shares, parks: NDArray[np.int64]) -> None:
        """Each row to the park of that number."""
        for number, park in enumerate(self.names):
            shares[park] |= parks == number

    def _of_all(self, written: pd.Index[Any]) -> NDArray[np.int64]:
        """The number of the park in which all parcels of each row lie; −1 where they lie in several, or one in none."""
        index, park_of = self._of_parcel
        members = pd.Series(written).astype(str).str.split(_BETWEEN).explode()
        parks = pd.Series(park_of[index.get_indexer(_texts(members))], index=members.index).groupby(level=0)
        first = parks.min().to_numpy(dtype=np.int64)
        return np.where(first == parks.max().to_numpy(), first, -1)

    @cached_property
    def _of_parcel(self) -> tuple[pd.Index[Any], NDArray[np.int64]]:
        """The parcels' ids, and of each the number of its park: −1 for none, and so is the last, which all others find."""
        if _PARK not in self._parcels or _PARCEL not in self._parcels:
            return pd.Index([], dtype=object), np.array([-1])
        ids = _texts(self._parcels[_PARCEL])
        parks = pd.Index(self.names).get_indexer(_texts(self._parcels[_PARK]))
        first = ~ids.duplicated() & ids.notna()
        return ids[first], np.append(parks[first], -1)

    @cached_property
    def _of_company(self) -> tuple[pd.Index[Any], NDArray[np.bool_]]:
        """The companies' ids, and of each in which parks it occupies parcels; the last, which all others find, in none."""
        occupancy = self._columns("occupancy")
        if _COMPANY not in occupancy or _PARCEL not in occupancy:
            return pd.Index([], dtype=object), np.zeros((1, len(self.names)), dtype=bool)
        index, park_of = self._of_parcel
        parks = park_of[index.get_indexer(_texts(occupancy[_PARCEL]))]
        numbers, ids = pd.factorize(_texts(occupancy[_COMPANY]))
        there = (parks >= 0) & (numbers >= 0)
        found = np.zeros((len(ids) + 1, len(self.names)), dtype=bool)
        found[numbers[there], parks[there]] = True
        return pd.Index(ids, dtype=object), found

    @cached_property
    def _parcels(self) -> pd.DataFrame:
        return self._columns("parcels")

    def _columns(self, table: str) -> pd.DataFrame:
        """The ids of a table's rows. They alone are read: a table of parcels is large, and is read as a whole besides."""
        if table not in self._snapshot.tables:
            return pd.DataFrame()
        path = self._snapshot.path / f"{table}.parquet"
        known = pq.read_schema(path).names
        return pd.read_parquet(path, columns=[name for name in (_PARK, _PARCEL, _COMPANY) if name in known])

    @cached_property
    def _boundaries(self) -> pd.DataFrame:
        return self._snapshot.read("parks") if "parks" in self._snapshot.tables else pd.DataFrame()

    def _meeting(
        self, geometry: NDArray[np.object_], asked: NDArray[np.bool_]
    ) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Each park and the rows, of those asked for, that meet its boundary."""
        parks = self._boundaries
        if _PARK not in parks or not hasattr(parks, "geometry"):
            return
        rows = np.flatnonzero(asked)
        tree = shapely.STRtree(geometry[rows])
        for park, boundary in zip(_texts(parks[_PARK]), parks.geometry, strict=True):
            if park is not None and boundary is not None:
                shapely.prepare(boundary)
                yield park, rows[tree.query(boundary, predicate="intersects")]


def _texts(column: pd.Series[Any]) -> pd.Index[Any]:
    """Ids as text; missing as None."""
    values = column.to_numpy(dtype=object, copy=True)
    values[column.isna().to_numpy()] = None
    if not pd.api.types.is_string_dtype(column.dtype):
        values[:] = [None if value is None else str(value) for value in values.tolist()]
    ids: pd.Index[Any] = pd.Index(values, dtype=object)
    return ids


def _distinct(column: pd.Series[Any] | None) -> list[str]:
    return [] if column is None else [name for name in _texts(column).unique() if name is not None]
