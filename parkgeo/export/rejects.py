"""Rejected rows as they were, to be mended by a person and fed back; what was repaired, to be looked at on a map."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.export.cells import plain_value
from parkgeo.export.vector import fixed_date, geometry_type, write_layer
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["PLACE_COLUMNS", "write_account_map", "write_rejects"]

PLACE_COLUMNS = ("_layer", "_file", "_row", "_reason_zh", "_reason_en", "_mend_zh", "_mend_en")
"""Columns before the row's own: by the first three parkgeo knows which row a mended one replaces."""

_SHEET_NAME, _LAYER_NAME = 31, 60
_SHEET_ROWS, _SHEET_COLUMNS, _CELL_LETTERS = 1_048_576, 16_384, 32_767
_NOT_IN_NAMES = re.compile(r"[^\w\-.]+")
# What no file says of a day: the same rejects give the same bytes.
_NO_DAY = dt.date(2000, 1, 1)


def write_rejects(rejects: pd.DataFrame, systems: Mapping[tuple[str, str], str], folder: Path) -> list[Path]:
    """Write rejected rows so that they can be mended: ``rejects.xlsx`` for tables, ``rejects.gpkg`` for maps.

    Parameters
    ----------
    rejects
        The account's table.
    systems
        Layer and file → coordinate system (WKT) of its rejected shapes.
    folder
        Where to write; made where it is not there.

    Returns
    -------
    list of pathlib.Path
        The files written: both, either or none.

    Notes
    -----
    A sheet or layer for each layer and file, with the columns of that file behind `PLACE_COLUMNS`. Whoever mends a row
    leaves those as they are; rows that cannot be mended may be deleted.
    """
    tables: dict[str, pd.DataFrame] = {}
    maps: dict[str, pd.DataFrame] = {}
    for (layer, file), part in rejects.groupby(["layer", "file"], sort=True):
        frame = _as_they_were(part)
        if "geometry" in frame:
            wkt = systems.get((str(layer), str(file))) or None
            maps[_name(layer, file, maps, _LAYER_NAME)] = _shaped(frame, wkt)
        elif _fits_a_sheet(frame):
            tables[_name(layer, file, tables, _SHEET_NAME)] = frame
        else:
            maps[_name(layer, file, maps, _LAYER_NAME)] = frame
    written = []
    if tables:
        _write_sheets(tables, folder / "rejects.xlsx")
        written.append(folder / "rejects.xlsx")
    if maps:
        _write_maps(maps, folder / "rejects.gpkg")
        written.append(folder / "rejects.gpkg")
    return written


def write_account_map(
    account: Mapping[str, pd.DataFrame], layers: Mapping[str, pd.DataFrame], path: Path
) -> None:
    """Write the account as one GeoPackage, the repaired rows with their shapes as accepted.

    Parameters
    ----------
    account
        Tables ``sources``, ``rejects``, ``repairs``, ``faults``.
    layers
        The validated layers, with ``source_file`` and ``source_row``.
    path
        Ends in ``.gpkg``.
    """
    maps: dict[str, pd.DataFrame] = {name: table for name, table in account.items() if name != "repairs"}
    maps["repairs"] = _repairs_on_the_ground(account["repairs"], layers)
    _write_maps(maps, path)


def _as_they_were(part: pd.DataFrame) -> pd.DataFrame:
    """Rows of one file as columns of their own; shapes, where it has any, in ``geometry``."""
    held = [_content(text) for text in part["content"]]
    names = list(dict.fromkeys(name for row in held for name in row))
    place = {
        f"_{name}": part[name].to_numpy(dtype=object) for name in (column[1:] for column in PLACE_COLUMNS)
    }
    own = {name: [row.get(name) for row in held] for name in names}
    return pd.DataFrame(place | own, dtype=object)


def _content(text: str) -> dict[str, Any]:
    """A row's cells; the text itself where it was no row."""
    try:
        held = json.loads(text) if text else {}
    except ValueError:
        held = None
    return held if isinstance(held, dict) else {"content": text}


def _shaped(frame: pd.DataFrame, wkt: str | None) -> gpd.GeoDataFrame:
    shapes = shapely.from_wkt(frame["geometry"].to_numpy(dtype=object), on_invalid="ignore")
    return gpd.GeoDataFrame(
        frame.drop(columns="geometry"), geometry=np.asarray(shapes, dtype=object), crs=wkt
    )


def _repairs_on_the_ground(repairs: pd.DataFrame, layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for layer, found in repairs.groupby("layer", sort=True):
        frame = layers.get(str(layer))
        if isinstance(frame, gpd.GeoDataFrame):
            place = {"source_file": "file", "source_row": "row"}
            shapes = frame[[*place, frame.geometry.name]].rename(columns=place)
            parts.append(gpd.GeoDataFrame(found.merge(shapes, on=["file", "row"], how="left"), crs=frame.crs))
    return pd.concat(parts, ignore_index=True) if parts else repairs


def _name(layer: object, file: object, taken: Mapping[str, object], longest: int) -> str:
    """A name for a sheet or layer that programs take, and that no other has."""
    plain = _NOT_IN_NAMES.sub("_", f"{layer}_{file}")
    number, name = 1, plain[:longest]
    while name.casefold() in {other.casefold() for other in taken}:
        number += 1
        tail = f"_{number}"
        name = plain[: longest - len(tail)] + tail
    return name


def _fits_a_sheet(frame: pd.DataFrame) -> bool:
    """Whether Excel can hold it as it is."""
    longest = max((len(cell) for cell in frame.to_numpy().ravel() if isinstance(cell, str)), default=0)
    return len(frame) < _SHEET_ROWS and frame.shape[1] <= _SHEET_COLUMNS and longest <= _CELL_LETTERS


def _write_sheets(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Each table as a sheet with its header in the first row, all text as text."""
    import xlsxwriter

    as_it_is = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with publish_file(path) as beside, xlsxwriter.Workbook(beside, as_it_is) as book:
        book.set_properties({"created": dt.datetime.combine(_NO_DAY, dt.time(), dt.UTC)})
        bold = book.add_format({"bold": True, "bg_color": "#EEF2F6"})
        for name, frame in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, len(PLACE_COLUMNS))
            for at, column in enumerate(frame.columns):
                sheet.write_string(0, at, str(column), bold)
                for row, cell in enumerate(frame[column], 1):
                    value = plain_value(cell)
                    if value is not None:
                        sheet.write(row, at, value)


def _write_maps(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    with publish_file(path) as beside, fixed_date(_NO_DAY):
        for name, frame in frames.items():
            is_map = isinstance(frame, gpd.GeoDataFrame)
            write_layer(
                _arrow(frame), beside, driver="GPKG", layer=name, kind=geometry_type(frame),
                crs=frame.crs.to_wkt() if is_map and frame.crs is not None else None,
                options={"FID": next(_free_names(frame))},
            )  # fmt: skip


def _free_names(frame: pd.DataFrame) -> Iterator[str]:
    taken = {str(name).casefold() for name in frame.columns}
    number = 0
    while True:
        name = f"fid_{number}" if number else "fid"
        if name not in taken:
            yield name
        number += 1


def _arrow(frame: pd.DataFrame) -> Any:
    """Columns of one type each: numbers or truth values where all cells are, else text."""
    import pyarrow as pa

    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    arrays: dict[str, Any] = {}
    for name in frame.columns:
        if name == geometry:
            continue
        cells = [plain_value(cell, day=False) for cell in frame[name].astype(object)]
        kinds = {type(cell) for cell in cells if cell is not None}
        one_kind = len(kinds) == 1 and kinds <= {int, float, bool}
        plain = cells if one_kind else [None if cell is None else str(cell) for cell in cells]
        arrays[str(name)] = pa.array(plain) if one_kind else pa.array(plain, type=pa.string())
    if geometry is not None:
        arrays["geom"] = pa.array(frame.geometry.to_wkb(), type=pa.binary())
    return pa.table(arrays)
