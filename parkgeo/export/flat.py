"""CSV: for Excel on a Chinese Windows and for scripts."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from parkgeo.export.cells import date_columns, plain_value, spreadsheet_text
from parkgeo.export.geojson import lonlat
from parkgeo.export.titles import column_title

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["write_csv"]

_EXACT = 2.0**53
"""Whole numbers below are exact in a float and are written without decimals."""


def write_csv(
    snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path, *, titled: str | None = None
) -> None:
    """Write a table as CSV: UTF-8 with a byte-order mark, dates ISO, geometry as ``WKT`` in longitude and latitude.

    Parameters
    ----------
    snapshot
        Of which the table is.
    table
        Its name.
    frame
        Its rows.
    path
        Where to.
    titled
        ``zh`` or ``en``: the columns' titles stand at the head; None is their names.

    Notes
    -----
    Excel runs a text that begins with ``= + - @``: an apostrophe goes before it. Numbers stay numbers, negative ones
    too. A missing value is an empty cell. A CSV cannot name a coordinate system, so the geometry is CRS84.
    """
    import geopandas as gpd
    import shapely

    days = date_columns(snapshot, table, frame)
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    names = [str(column) for column in frame.columns if column != geometry]
    columns = [[_cell(plain_value(value, day=name in days)) for value in frame[name]] for name in names]
    if isinstance(frame, gpd.GeoDataFrame):
        names = [*names, "WKT"]
        texts = shapely.to_wkt(lonlat(frame), rounding_precision=7, trim=True)
        columns.append(["" if text is None else text for text in texts])
    if titled is not None:
        names = [name if name == "WKT" else column_title(snapshot, table, name, titled) for name in names]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([spreadsheet_text(name) for name in names])
        writer.writerows(zip(*columns, strict=True))


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A NUL ends the file for some readers.
        return spreadsheet_text(value.replace("\x00", "\ufffd"))
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
