"""Rows that a person mended take the place of those that were rejected.

A check writes rejected rows to ``rejects.xlsx`` and ``rejects.gpkg``. Whoever mends them names those files under
``mended`` in park.toml; the columns ``_layer``, ``_file`` and ``_row`` say which row each one replaces.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.crs import parse_crs, to_crs
from parkgeo.layers import sentence
from parkgeo.project import Column, Source

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.ingest.build import ReadFile
    from parkgeo.ingest.openers import Opener
    from parkgeo.ingest.raw import Lost, RawTable

__all__ = ["put_in_place", "read_mended"]

_LAYER, _FILE, _ROW = "_layer", "_file", "_row"
_MAP = ".gpkg"


def read_mended(path: Path, opener: Opener) -> tuple[list[RawTable], dict[Path, str]]:
    """All sheets or layers of a file of mended rows, and the SHA-256 of what was read.

    Raises
    ------
    InputError
        A sheet or layer does not say which rows it replaces.
    """
    tables = []
    digests: dict[Path, str] = {}
    # By these names the header row of a sheet is found, whatever else stands in it.
    columns = {name: Column(name) for name in (_LAYER, _FILE, _ROW)}
    layer = "parcels" if path.suffix.lower() == _MAP else "supply"
    for info in opener.tables(path):
        raw, digests = opener.read(path, Source(layer, (), table=info.name, columns=columns))
        absent = [name for name in columns if name not in raw.frame]
        if absent:
            raise InputError(
                f"no column {name_some(absent)}", where=f"{path} {info.name}".strip(),
                mend="name files under mended that parkgeo check --out wrote, with these columns as they were",
            )  # fmt: skip
        tables.append(raw)
    return tables, digests


def put_in_place(read: dict[str, list[ReadFile]], mended: list[RawTable]) -> dict[str, list[ReadFile]]:
    """Rows of files with mended ones in the place of those that they name.

    Parameters
    ----------
    read
        Layer → its files as they were read.
    mended
        As `read_mended` gives them.

    Returns
    -------
    dict
        As ``read``; a file of which rows were replaced says so in its notes.

    Raises
    ------
    InputError
        A mended row names a file or a row that is not there.
    """
    found = {(layer, one.shown): one for layer, files in read.items() for one in files}
    for table in mended:
        named = list(zip(table.frame[_LAYER].astype(str), table.frame[_FILE].astype(str), strict=True))
        for layer, file in sorted(set(named)):
            at = np.array([row for row, one in enumerate(named) if one == (layer, file)], dtype=np.intp)
            target = found.get((layer, file))
            if target is None:
                raise InputError(
                    f"rows of {file!r} ({layer}), which is not among the files", where=f"{table.path} {table.table}".strip(),
                    mend="delete these rows, or leave the file as it is named in park.toml",
                )  # fmt: skip
            raw = _replaced(target.raw, _only(table, at))
            found[layer, file] = replace(target, raw=raw)
    return {layer: [found[layer, one.shown] for one in files] for layer, files in read.items()}


def _only(table: RawTable, at: NDArray[np.intp]) -> RawTable:
    return replace(
        table,
        frame=table.frame.iloc[at].reset_index(drop=True),
        rows=table.rows[at],
        geometry=None if table.geometry is None else table.geometry[at],
    )


def _replaced(raw: RawTable, mended: RawTable) -> RawTable:
    raw = _with_lost(raw, mended)
    numbers = _row_numbers(mended)
    position = {int(number): at for at, number in enumerate(raw.rows)}
    unknown = [number for number in numbers if number not in position]
    if unknown:
        raise InputError(
            f"mended rows {name_some(unknown)} are not in {raw.path.name}", where=f"{mended.path} {mended.table}".strip(),
            mend="delete them; of rows without a number, mend the file itself",
        )  # fmt: skip
    places = np.array([position[number] for number in numbers], dtype=np.intp)
    frame = raw.frame.copy()
    for name in frame.columns:
        if name in mended.frame:
            cells = frame[name].astype(object)
            cells.iloc[places] = mended.frame[name].astype(object).to_numpy()
            frame[name] = cells
    note = sentence("{count} rows as mended in {file}", count=len(places), file=mended.path.name)
    changed = set(places.tolist())
    drawn = raw.geometry is not None and mended.geometry is not None
    return replace(
        raw,
        frame=frame,
        geometry=_redrawn(raw, mended, places) if drawn else raw.geometry,
        notes=(*raw.notes, note),
        spoiled={at: why for at, why in raw.spoiled.items() if not (drawn and at in changed)},
        cut_off=raw.cut_off - changed if drawn else raw.cut_off,
    )


def _row_numbers(mended: RawTable) -> list[int]:
    """The rows that are replaced, each once."""
    try:
        numbers = [int(cell) for cell in mended.frame[_ROW]]
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{_ROW} is not a row's number ({error})", where=f"{mended.path} {mended.table}".strip(), mend="leave it as it was",
        ) from error  # fmt: skip
    twice = pd.Series(numbers)[pd.Series(numbers).duplicated()].tolist()
    if twice:
        raise InputError(
            f"several mended rows for row {name_some(twice)}", where=f"{mended.path} {mended.table}".strip(),
            mend="leave one of them",
        )  # fmt: skip
    return numbers


def _with_lost(raw: RawTable, mended: RawTable) -> RawTable:
    """The file with room for mended rows that its reader could not make rows of."""
    wanted = set(_row_numbers(mended))
    regained: list[Lost] = [one for one in raw.lost if one.row in wanted]
    if not regained:
        return raw
    names = dict.fromkeys(
        [*raw.frame.columns, *(name for name in mended.frame if not str(name).startswith("_"))]
    )
    frame = raw.frame.reindex(columns=list(names)).astype(object)
    room = pd.DataFrame(None, index=range(len(regained)), columns=frame.columns, dtype=object)
    blank = np.full(len(regained), None, dtype=object)
    return replace(
        raw,
        frame=pd.concat([frame, room], ignore_index=True),
        rows=np.concatenate([raw.rows, np.array([one.row for one in regained], dtype=np.int64)]),
        geometry=None if raw.geometry is None else np.concatenate([raw.geometry, blank]),
        lost=tuple(one for one in raw.lost if one not in regained),
    )


def _redrawn(raw: RawTable, mended: RawTable, places: NDArray[np.intp]) -> NDArray[np.object_]:
    """Shapes with the mended ones in their places, in the file's own coordinates."""
    drawn: Any = mended.geometry
    if raw.crs and mended.crs:
        drawn = to_crs(drawn, parse_crs(mended.crs, str(mended.path)), parse_crs(raw.crs, str(raw.path)))
    shapes = np.array(raw.geometry, dtype=object)
    shapes[places] = drawn
    return shapes
