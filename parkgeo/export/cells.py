"""What may leave a snapshot, and what a cell may hold."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.layers import schemas
from parkgeo.store.where import select

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = [
    "KEYS",
    "MASK",
    "Notices",
    "date_columns",
    "fit_text",
    "in_key_order",
    "mask",
    "personal_names",
    "plain_value",
    "published",
    "spreadsheet_text",
]

KEYS = {
    "parks": ("park_id",),
    "parcels": ("parcel_id",),
    "findings": ("parcel_id", "finding_id"),
    "indicators": ("park_id", "name"),
    "supply": ("parcel_id",),
    "delays": ("parcel_id", "from_on"),
    "buildings": ("building_id",),
    "enterprises": ("enterprise_id",),
    "occupancy": ("parcel_id", "enterprise_id"),
    "performance": ("enterprise_id", "year", "month"),
    "supply_links": ("from_id", "to_id"),
    "roads": ("road_id",),
    "utilities": ("utility_id",),
    "facilities": ("facility_id",),
    "gates": ("gate_id",),
    "constraints": ("constraint_id",),
    "plan": ("plan_id",),
}
"""The columns by which a table's rows are ordered; other tables keep the snapshot's order."""

_RAW = frozenset({("rejects", "content")})
"""Rows as users' files gave them: under headers of their own, so nobody can tell what in them is personal."""

MASK = "***"
"""What stands in the place of a person's name, number or telephone."""

_CELL_UNITS = 32_767
"""Most UTF-16 units in an Excel cell (Microsoft, Excel specifications and limits)."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LIVE = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
)  # the wide ones: Excel in Chinese reads them alike


@dataclass
class Notices:
    """What had to be altered for a file's format: kind → how many values."""

    counts: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str) -> None:
        """Count one altered value."""
        self.counts[kind] = self.counts.get(kind, 0) + 1


def published(
    snapshot: Snapshot, table: str, *, where: str | None = None, personal: bool = False
) -> pd.DataFrame:
    """A table as it may leave: personal fields masked, only the rows asked for, in the order of its key.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    table
        One of its tables.
    where
        CQL2 text; it cannot name a personal field, whose values would be found out by asking.
    personal
        Leave personal fields in clear, and let the filter name them.

    Returns
    -------
    geopandas.GeoDataFrame or pandas.DataFrame
        With a fresh index.

    Raises
    ------
    NotFoundError
        The snapshot has no such table.
    FilterError
        The filter cannot be followed.
    """
    frame = snapshot.read(table)
    frame = frame.drop(columns=[column for column in frame.columns if (table, column) in _RAW])
    private = [
        column
        for column in frame.columns
        if not personal and (snapshot.field(table, str(column)).get("personal") or column in personal_names())
    ]
    shown = frame.assign(**{column: mask(frame[column]) for column in private}) if private else frame
    if where is not None:
        try:
            shown = shown[select(frame.drop(columns=private), where)]
        except FilterError as error:
            place = f"{table}: {error.where}" if error.where else table
            raise FilterError(error.what, where=place, mend=error.mend) from error
    return in_key_order(table, shown)


@cache
def personal_names() -> frozenset[str]:
    """Fields that tell of a person, in whichever table they turn up after a join."""
    return frozenset(
        field.name for layer in schemas().values() for field in layer.fields.values() if field.personal
    )


def mask(values: Iterable[Any]) -> list[Any]:
    """Values of a personal field, for those who may not see them: that there is one, and not what.

    Examples
    --------
    >>> mask(["13800000000", None])
    ['***', None]
    """
    return [None if plain_value(value) is None else MASK for value in values]


def in_key_order(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of their table's key, with a fresh index; as they stand where the table has none."""
    key = [column for column in KEYS.get(table, ()) if column in frame.columns]
    if key:
        frame = frame.sort_values(key, kind="stable", na_position="last")
    return frame.reset_index(drop=True)


def date_columns(snapshot: Snapshot, table: str, frame: pd.DataFrame) -> frozenset[str]:
    """Columns of days: dates by the catalogue, or points in time that are all midnight."""
    import pandas as pd

    found = set()
    for column in frame.columns:
        series = frame[column]
        if not pd.api.types.is_datetime64_any_dtype(series.dtype):
            continue
        known = series.dropna()
        by_catalogue = snapshot.field(table, str(column))["type"] == "date"
        if by_catalogue or bool((known == known.dt.normalize()).all()):
            found.add(str(column))
    return frozenset(found)


def plain_value(value: Any, *, day: bool = False) -> Any:
    """One value as None, a flag, a number, a text, a date or a point in time; lists become text.

    Parameters
    ----------
    value
        From a table's column; NaN, NaT and None are missing.
    day
        Whether a point in time is meant as a day.
    """
    import pandas as pd

    if hasattr(value, "tolist"):  # numpy's own kinds of number, and arrays
        value = value.tolist()
    if isinstance(value, list | tuple):
        return ", ".join(str(plain_value(item)) for item in value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, dt.datetime):
        moment = value.to_pydatetime(warn=False) if isinstance(value, pd.Timestamp) else value
        return moment.date() if day else moment
    return value if isinstance(value, str | bool | int | float | dt.date) else str(value)


def spreadsheet_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula when it opens a CSV: an apostrophe goes before what would run.

    Examples
    --------
    >>> spreadsheet_text("=1+1"), spreadsheet_text("Ningbo")
    ("'=1+1", 'Ningbo')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_LIVE) else text


def fit_text(text: str, notices: Notices) -> str:
    """A text that an Excel cell can hold: control characters are shown as �, what is too long is cut and ends in ….

    Parameters
    ----------
    text
        Any text.
    notices
        Where an alteration is counted, so that the file can say so.
    """
    clean = _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if "\ufffd" in clean and "\ufffd" not in text:
        notices.note("control characters")
    units = clean.encode("utf-16-le")
    if len(units) > 2 * _CELL_UNITS:
        notices.note("long text")
        return units[: 2 * (_CELL_UNITS - 1)].decode("utf-16-le", "ignore") + "…"
    return clean
