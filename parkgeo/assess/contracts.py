"""The supply ledger's row of each parcel, and its cells as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["contracts_of", "dates", "days_between", "has_code", "numbers", "unreadable"]


def contracts_of(parcels: pd.DataFrame, supply: pd.DataFrame | None) -> pd.DataFrame:
    """The ledger's row for each parcel, on the parcels' index, with ``entries``: how many rows it has.

    A column that the ledger lacks is not there; a parcel with several rows has none of their values.
    """
    if supply is None:
        return pd.DataFrame({"entries": np.zeros(len(parcels), dtype=int)}, index=parcels.index)
    entries = supply["parcel_id"].value_counts()
    once = supply[~supply["parcel_id"].duplicated(keep=False)].set_index("parcel_id")
    found = once.reindex(parcels["parcel_id"]).set_axis(parcels.index)
    return found.assign(entries=parcels["parcel_id"].map(entries).fillna(0).astype(int).to_numpy())


def numbers(contract: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column of numbers; NaN where it is blank or not there."""
    if name not in contract:
        return np.full(len(contract), np.nan)
    return contract[name].to_numpy(dtype=float)


def dates(contract: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    """A column of dates as datetime64[D]; NaT where it is blank or not there."""
    if name not in contract:
        return np.full(len(contract), np.datetime64("NaT"), dtype="datetime64[D]")
    return contract[name].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")


def unreadable(contract: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Where the ledger holds something in a field that could not be read: it was not left blank."""
    if "unreadable" not in contract:
        return np.zeros(len(contract), dtype=bool)
    named = contract["unreadable"].fillna("").astype(str).to_numpy(dtype=object)
    found = np.array(named != "", dtype=bool)
    found[found] = [name in text.split(", ") for text in named[found]]
    return found


def has_code(parcels: pd.DataFrame, prefixes: Sequence[str]) -> NDArray[np.bool_]:
    """Where a parcel's land-use code begins with one of the prefixes."""
    if "land_use_code" not in parcels:
        return np.zeros(len(parcels), dtype=bool)
    codes = parcels["land_use_code"].fillna("").astype(str)
    return codes.str.startswith(tuple(prefixes)).to_numpy(dtype=bool)


def days_between(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64] | np.datetime64
) -> NDArray[np.float64]:
    """Days from one day to another; NaN where the first is missing."""
    span: NDArray[np.timedelta64] = np.subtract(end, start)
    days = span.astype("timedelta64[D]").astype(np.float64)
    return np.where(np.isnat(start), np.nan, days)
