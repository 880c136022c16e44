"""The supply ledger's row of each parcel, and its cells as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.metrics.ids import parcel_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Cells", "codes", "contracts_of", "dates", "days_between", "has_code", "numbers", "unreadable"]


def contracts_of(parcels: pd.DataFrame, supply: pd.DataFrame | None) -> pd.DataFrame:
    """The ledger's row for each parcel, on the parcels' index, with ``entries``: how many rows it has.

    A column that the ledger lacks is not there; a parcel with several rows has none of their values.
    """
    if supply is None:
        return pd.DataFrame({"entries": np.zeros(len(parcels), dtype=int)}, index=parcels.index)
    place = parcel_places(supply["parcel_id"], parcels["parcel_id"])
    known = np.flatnonzero(place >= 0)
    entries = np.bincount(place[known], minlength=len(parcels))
    row = np.full(len(parcels), -1)
    row[place[known]] = known
    row[entries > 1] = -1
    found = _rows(supply.drop(columns="parcel_id"), row).set_axis(parcels.index)
    if "unreadable" in found:
        # A million cells and few different texts: which field is among them is asked of each text once.
        found["unreadable"] = found["unreadable"].astype("category")
    return found.assign(entries=entries)


def _rows(frame: pd.DataFrame, row: NDArray[np.intp]) -> pd.DataFrame:
    """Rows by position, missing where it is -1; the frame itself where they are all of its rows in their order."""
    if len(row) == len(frame) and np.array_equal(row, np.arange(len(row))):
        return frame
    return frame.set_axis(pd.RangeIndex(len(frame))).reindex(row)


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
    texts = pd.Categorical(contract["unreadable"])
    # The last stands for a row without a text, which pandas numbers -1.
    told = [*(name in str(text).split(", ") for text in texts.categories), False]
    held: NDArray[np.bool_] = np.array(told, dtype=bool)[texts.codes]
    return held


def codes(contract: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """A column of codes or texts; "" where it is blank or not there."""
    if name not in contract:
        return np.full(len(contract), "", dtype=object)
    held = contract[name].astype(object)
    return held.where(held.notna(), "").to_numpy(dtype=object)


def has_code(parcels: pd.DataFrame, prefixes: Sequence[str]) -> NDArray[np.bool_]:
    """Where a parcel's land-use code begins with one of the prefixes."""
    if "land_use_code" not in parcels:
        return np.zeros(len(parcels), dtype=bool)
    place, names = pd.factorize(parcels["land_use_code"])
    # The last stands for a parcel without a code, which pandas numbers -1.
    held = np.array([*(str(name).startswith(tuple(prefixes)) for name in names), False], dtype=bool)
    return held[place]


def days_between(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64] | np.datetime64
) -> NDArray[np.float64]:
    """Days from one day to another; NaN where the first is missing."""
    span: NDArray[np.timedelta64] = np.subtract(end, start)
    days = span.astype("timedelta64[D]").astype(np.float64)
    return np.where(np.isnat(start), np.nan, days)


class Cells:
    """Rows of a file as lines of evidence: each cell with the place where it stands.

    Parameters
    ----------
    rows
        With ``source_file`` and ``source_row``, and ``unreadable`` where there is one.
    names
        Fields; those that the file lacks are left out.
    """

    def __init__(self, rows: pd.DataFrame, names: Iterable[str]) -> None:
        self._columns = {name: _values(rows[name]) for name in names if name in rows}
        self._file = _values(rows["source_file"])
        self._row = _values(rows["source_row"])
        self._blurred = codes(rows, "unreadable")

    def lines(self, at: int) -> list[dict[str, Any]]:
        """The cells of the row at a place."""
        file, row, blurred = _plain(self._file[at]), _plain(self._row[at]), self._blurred[at]
        lines = [
            {"what": name, "value": _plain(values[at]), "file": file, "row": row}
            for name, values in self._columns.items()
        ]
        for line in lines if blurred else ():
            if line["what"] in blurred.split(", "):
                line["unreadable"] = True
        return lines


def _values(column: pd.Series[Any]) -> NDArray[Any]:
    """A column as an array of days, of numbers or of objects; of most rows no cell is ever asked for."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
    if pd.api.types.is_float_dtype(column.dtype):
        return column.to_numpy(dtype=float)
    return column.to_numpy(dtype=object)


def _plain(value: Any) -> object:
    """A cell as a JSON value: a day as text, a whole number without a point, missing as null."""
    if pd.isna(value):
        return None
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, np.floating):
        return int(value) if value.is_integer() else float(value)
    return value
