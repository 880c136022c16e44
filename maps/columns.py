"""Columns as arrays: codes and texts as places in a list, numbers rounded to what they can carry, missing values as the kind says.

A missing value is 0 among codes, 0xFFFFFFFF among texts, NaN among numbers and the least of all days among dates; never an empty text
and never a figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maps.pack import Texts
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.store import Snapshot

__all__ = [
    "NO_DAY",
    "NO_TEXT",
    "code_column",
    "days",
    "encode_column",
    "number_kind",
    "numbers",
    "text_column",
    "titles",
]

NO_DAY = -(2**31)
"""The day of a date that is missing."""

NO_TEXT = 2**32 - 1
"""The place of a text that is missing."""

_DIGITS = {"area": 2, "percent": 5, "number": 4}
_MOST_CODES = 65_535


def _places(values: pd.Series[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Each value's place in the list of texts, -1 where it is missing or empty, and the list, each text once."""
    known = values.notna().to_numpy(dtype=bool)
    words = values[known].astype(str)
    places = np.full(len(values), -1, dtype=np.int64)
    # An empty text is no text; among the words it would be one.
    said = words.ne("").to_numpy(dtype=bool)
    found, texts = pd.factorize(words[said].to_numpy(dtype=object))
    places[np.flatnonzero(known)[said]] = found
    return places, [str(text) for text in texts]


def text_column(values: pd.Series[Any]) -> dict[str, Any]:
    """Texts, each once, and where each row's stands among them.

    Examples
    --------
    >>> column = text_column(pd.Series(["a", None, "b", "a", ""]))
    >>> column["values"].tolist() == [0, NO_TEXT, 1, 0, NO_TEXT]
    True
    """
    places, texts = _places(values)
    return {
        "kind": "text",
        "values": np.where(places < 0, NO_TEXT, places).astype(np.uint32),
        "texts": Texts(texts),
    }


def code_column(values: pd.Series[Any]) -> dict[str, Any]:
    """Codes: 0 is missing, n the n-th of the list; texts, where there are too many for codes.

    Examples
    --------
    >>> column = code_column(pd.Series(["gas", None, "heat", "gas"]))
    >>> column["values"].tolist(), column["codes"]
    ([1, 0, 2, 1], ['gas', 'heat'])
    """
    places, codes = _places(values)
    if len(codes) > _MOST_CODES:
        return text_column(values)
    size = np.uint8 if len(codes) <= np.iinfo(np.uint8).max else np.uint16
    return {"kind": "code", "values": (places + 1).astype(size), "codes": codes}


def numbers(values: pd.Series[Any], *, digits: int = 4) -> NDArray[np.float64]:
    """Numbers rounded to some decimals; NaN where missing or not finite.

    Examples
    --------
    >>> numbers(pd.Series([1.23456, float("inf")]), digits=2)
    array([1.23,  nan])
    """
    plain = values.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    known: NDArray[np.float64] = np.where(np.isfinite(plain), plain, np.nan)
    return np.round(known, digits)


def days(values: pd.Series[Any]) -> NDArray[np.int32]:
    """Dates as days since 1970-01-01, `NO_DAY` where missing.

    Examples
    --------
    >>> days(pd.to_datetime(pd.Series(["1970-01-03", None]))).tolist() == [2, NO_DAY]
    True
    """
    dates = pd.to_datetime(values)
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    counted = dates.to_numpy(dtype="datetime64[D]").astype(np.int64)
    return np.where(dates.isna(), NO_DAY, counted).astype(np.int32)


def titles(snapshot: Snapshot, table: str, column: str) -> list[str]:
    """A column's title in each language; parcels carry the fields of their supply contract, and the ledger knows those."""
    entry = _entry(snapshot, table, column)
    return [str(entry[lang]) for lang in LANGUAGES]


def encode_column(snapshot: Snapshot, table: str, values: pd.Series[Any]) -> dict[str, Any]:
    """A column with its titles, kind, unit and values.

    Parameters
    ----------
    snapshot
        Gives titles and unit.
    table
        The table the column belongs to.
    values
        The column; its name is looked up.

    Returns
    -------
    dict
        ``title``, in each language; ``kind``, one of code, text, date, area (m²), percent (a share: 1 is 100 %), number; ``unit``,
        empty for areas and shares; ``values``, and ``codes`` or ``texts`` that they point to.
    """
    column = str(values.name)
    entry = _entry(snapshot, table, column)
    head: dict[str, Any] = {"title": [str(entry[lang]) for lang in LANGUAGES], "unit": ""}
    if pd.api.types.is_datetime64_any_dtype(values):
        return {**head, "kind": "date", "values": days(values)}
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return {
            **head,
            **(code_column(values) if entry.get("type") in ("code", "verdict") else text_column(values)),
        }
    kind = number_kind(column)
    unit = str(entry["unit"] or "") if kind == "number" else ""
    return {
        **head,
        "kind": kind,
        "unit": "" if unit == "1" else unit,
        "values": numbers(values, digits=_DIGITS[kind]),
    }


def _entry(snapshot: Snapshot, table: str, column: str) -> dict[str, Any]:
    entry = snapshot.field(table, column)
    return snapshot.field("supply", column) if table == "parcels" and entry["zh"] == column else entry


def number_kind(column: str) -> str:
    """How a column of numbers is told: as an area, a share, or a number with its unit.

    Examples
    --------
    >>> number_kind("site_area_m2"), number_kind("building_density"), number_kind("far")
    ('area', 'percent', 'number')
    """
    if column.endswith("_m2"):
        return "area"
    return (
        "percent" if column.endswith(("_ratio", "_density", "_coefficient", "_share", "_slope")) else "number"
    )
