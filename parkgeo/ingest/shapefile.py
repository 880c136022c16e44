"""The parts of a shapefile: which are there, what they state."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.errors import InputError
from parkgeo.ingest.dbf import find_encoding, read_dbf_header
from parkgeo.ingest.raw import Doubt
from parkgeo.ingest.text import read_bytes
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Shapefile", "companions", "look_at"]

_ENDINGS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHX_HEADER, _SHX_RECORD = 100, 8
_SHP_RECORD_HEADER = 8
_COPY_ALL = "copy all files of the shapefile again: .shp, .shx, .dbf, .prj"


@dataclass(frozen=True)
class Shapefile:
    """What a shapefile's parts state.

    Attributes
    ----------
    encoding
        Of its text.
    declared
        Rows it states to hold, without those marked as deleted.
    doubts
        What does not fit together.
    cut_off
        Features, counted from 1, that by the .shx end beyond the end of the .shp.
    """

    encoding: str
    declared: int
    doubts: tuple[Doubt, ...]
    cut_off: NDArray[np.int64]


def companions(path: Path) -> dict[str, Path]:
    """The files that belong to one file: those of a shapefile, of any other just itself.

    Parameters
    ----------
    path
        A file.

    Returns
    -------
    dict
        Ending in small letters → file; a shapefile's parts are found whatever the case of their endings.
    """
    if path.suffix.lower() != ".shp":
        return {path.suffix.lower(): path}
    beside = sorted(other for other in path.parent.iterdir() if other.stem == path.stem)
    found = {other.suffix.lower(): other for other in beside if other.suffix.lower() in _ENDINGS}
    return {ending: found[ending] for ending in _ENDINGS if ending in found} | {".shp": path}


def look_at(path: Path, encoding: str = "") -> Shapefile:
    """Look at a shapefile's parts before it is read.

    Parameters
    ----------
    path
        The .shp.
    encoding
        As park.toml states it; empty finds it.

    Raises
    ------
    InputError
        A part is missing or empty, or the encoding cannot be told.
    """
    parts = companions(path)
    for ending in (".shx", ".dbf"):
        if ending not in parts:
            raise InputError(f"its {ending} file is missing", where=str(path), mend=_COPY_ALL)
    table = read_dbf_header(parts[".dbf"])
    index = read_bytes(parts[".shx"])
    (words,) = struct.unpack_from(">i", index, 24) if len(index) >= _SHX_HEADER else (0,)
    shapes = max(words * 2 - _SHX_HEADER, 0) // _SHX_RECORD
    doubts = []
    used, wrong = (encoding, "") if encoding else find_encoding(table, parts[".dbf"], parts.get(".cpg"))
    if wrong:
        doubts.append(
            Doubt(
                sentence(
                    "it states {stated} as its encoding, but its text is {used}; read as {used}",
                    stated=wrong,
                    used=used,
                ),
                sentence("correct the .cpg file, or set encoding in park.toml"),
            )
        )
    if table.present < table.stated:
        doubts.append(
            Doubt(
                sentence(
                    "its .dbf states {stated} rows and holds {present}: it is cut short",
                    stated=table.stated, present=table.present,
                ),
                sentence("copy all files of the shapefile again: .shp, .shx, .dbf, .prj"),
            )
        )  # fmt: skip
    if shapes != table.stated:
        doubts.append(
            Doubt(
                sentence("{shapes} shapes, but {rows} rows in the .dbf", shapes=shapes, rows=table.stated),
                sentence("copy all files of the shapefile again: .shp, .shx, .dbf, .prj"),
            )
        )
    return Shapefile(used, max(shapes, table.stated) - table.deleted, tuple(doubts), _cut_off(path, index))


def _cut_off(path: Path, index: bytes) -> NDArray[np.int64]:
    """Features whose record, where the index has it, is not wholly in the .shp; both count in words of two bytes."""
    records = max(len(index) - _SHX_HEADER, 0) // _SHX_RECORD
    if not records:
        return np.empty(0, dtype=np.int64)
    told = np.frombuffer(index, dtype=">i4", count=2 * records, offset=_SHX_HEADER).astype(np.int64)
    ends = 2 * told[0::2] + _SHP_RECORD_HEADER + 2 * told[1::2]
    return np.flatnonzero(ends > path.stat().st_size) + 1
