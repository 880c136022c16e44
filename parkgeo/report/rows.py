"""Rows of a snapshot's tables: one parcel's, and cells as JSON values."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.errors import NotFoundError, name_some

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = ["parcel_row", "plain_rows", "plain_value"]


def parcel_row(snapshot: Snapshot, parcel_id: str) -> pd.Series[Any]:
    """A parcel's row.

    Raises
    ------
    NotFoundError
        No parcel has that id.
    """
    parcels = snapshot.read("parcels")
    found = parcels[parcels["parcel_id"] == parcel_id]
    if found.empty:
        near = difflib.get_close_matches(parcel_id, parcels["parcel_id"], n=3, cutoff=0.4)
        raise NotFoundError(
            f"no parcel {parcel_id!r}",
            where=snapshot.name,
            mend=f"near it: {name_some(near)}"
            if near
            else "list them: parkgeo export parcels -w DIR -o parcels.csv",
        )
    return found.iloc[0]


def plain_value(value: Any) -> Any:
    """A cell as a JSON value.

    Examples
    --------
    >>> plain_value(float("nan")), plain_value(pd.Timestamp("2026-06-30"))
    (None, '2026-06-30')
    """
    if value is None or (not isinstance(value, str) and pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def plain_rows(rows: list[dict[Any, Any]]) -> list[dict[str, Any]]:
    """Rows of a table, each cell as a JSON value."""
    return [{str(key): plain_value(value) for key, value in row.items()} for row in rows]
