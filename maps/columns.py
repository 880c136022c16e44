"""Columns as JSON: texts stored once, numbers rounded to what they can carry, missing values null."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parkgeo.store import Snapshot

__all__ = ["Strings", "days", "encode_column", "numbers", "texts"]

_DIGITS = {"area": 2, "percent": 5, "number": 4}


class Strings:
    """Texts, each once, in the order of their first use.

    Examples
    --------
    >>> strings = Strings()
    >>> strings.places(["a", None, "b", "a", ""])
    [0, None, 1, 0, None]
    >>> strings.texts
    ['a', 'b']
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, value: object) -> int | None:
        """Where the text stands in the list; None for a missing value or an empty text."""
        if (
            value is None
            or value is pd.NA
            or value is pd.NaT
            or (isinstance(value, float) and math.isnan(value))
        ):
            return None
        text = str(value)
        return self._places.setdefault(text, len(self._places)) if text else None

    def places(self, values: Iterable[object]) -> list[int | None]:
        """Places of many texts."""
        return [self.place(value) for value in values]

    @property
    def texts(self) -> list[str]:
        """All texts."""
        return list(self._places)


def texts(table: pd.DataFrame, column: str, strings: Strings) -> list[int | None]:
    """Places of a column's texts; all missing where the table has no such column."""
    return strings.places(table[column]) if column in table else [None] * len(table)


def numbers(values: pd.Series[Any], *, digits: int = 4) -> list[float | None]:
    """Numbers rounded to some decimals; None where missing or not finite.

    Examples
    --------
    >>> numbers(pd.Series([1.23456, float("nan")]), digits=2)
    [1.23, None]
    """
    return [round(value, digits) if math.isfinite(value) else None for value in values.astype("float64")]


def days(values: pd.Series[Any]) -> list[str | None]:
    """Dates as ISO texts; None where missing.

    Examples
    --------
    >>> days(pd.to_datetime(pd.Series(["2026-06-30", None])))
    ['2026-06-30', None]
    """
    return [None if pd.isna(value) else pd.Timestamp(value).date().isoformat() for value in values]


def encode_column(snapshot: Snapshot, table: str, values: pd.Series[Any], strings: Strings) -> dict[str, Any]:
    """A column with its titles, kind, unit and values.

    Parameters
    ----------
    snapshot
        Gives titles and unit.
    table
        The table the column belongs to.
    values
        The column; its name is looked up.
    strings
        Where texts are stored.

    Returns
    -------
    dict
        ``key``; ``title``, a place for each language; ``kind``, one of text, date, area (m²), percent (a share: 1 is 100 %), number;
        ``unit``, empty for areas and shares; ``values``.
    """
    column = str(values.name)
    entry = _entry(snapshot, table, column)
    kind = _kind(column, values)
    content: list[Any]
    if kind == "date":
        content = days(values)
    elif kind == "text":
        content = strings.places(values)
    else:
        content = numbers(values, digits=_DIGITS[kind])
    unit = str(entry["unit"] or "") if kind == "number" else ""
    return {
        "key": column,
        "title": [strings.place(entry[lang]) for lang in LANGUAGES],
        "kind": kind,
        "unit": "" if unit == "1" else unit,
        "values": content,
    }


def _entry(snapshot: Snapshot, table: str, column: str) -> dict[str, Any]:
    entry = snapshot.field(table, column)
    # Parcels carry the fields of their supply contract; the ledger knows their titles.
    return snapshot.field("supply", column) if table == "parcels" and entry["zh"] == column else entry


def _kind(column: str, values: pd.Series[Any]) -> str:
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if not pd.api.types.is_numeric_dtype(values):
        return "text"
    if column.endswith("_m2"):
        return "area"
    return (
        "percent" if column.endswith(("_ratio", "_density", "_coefficient", "_share", "_slope")) else "number"
    )
