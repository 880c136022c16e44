"""The parts of a shapefile: which are there, what they state."""

from __future__ import annotations

import mmap
import shutil
import struct
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.errors import InputError
from parkgeo.ingest.dbf import Encoding, find_encoding, read_dbf_header
from parkgeo.ingest.formats import companions
from parkgeo.ingest.raw import Doubt
from parkgeo.ingest.text import read_bytes
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.layers import Sentence

__all__ = ["Shapefile", "companions", "look_at", "sound_names"]

_SHX_HEADER, _SHX_RECORD = 100, 8
_SHP_RECORD_HEADER = 8
_DBF_FIELD, _DBF_NAME, _END_OF_FIELDS = 32, 11, 0x0D
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
    notes, doubts
        What a person should know, and what does not fit together.
    cut_off
        Features, counted from 1, that by the .shx end beyond the end of the .shp.
    """

    encoding: str
    declared: int
    notes: tuple[Sentence, ...]
    doubts: tuple[Doubt, ...]
    cut_off: NDArray[np.int64]


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
    found = Encoding(encoding) if encoding else find_encoding(table, parts[".dbf"], parts.get(".cpg"))
    if found.wrong:
        doubts.append(
            Doubt(
                sentence(
                    "it states {stated} as its encoding, but its text is {used}; read as {used}",
                    stated=found.wrong,
                    used=found.name,
                ),
                sentence("correct the .cpg file, or set encoding in park.toml"),
            )
        )
    if found.rival:
        what = sentence(
            "its text could be {used} or {rival}, and nothing states which; read as {used}",
            used=found.name, rival=found.rival,
        )  # fmt: skip
        doubts.append(Doubt(what, sentence("see that the names are right, and set encoding in park.toml")))
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
    if out_of_order := _out_of_order(path, index):
        what = sentence(
            "the numbers in the .shp are not in the order of the .shx: shapes may stand at other rows"
        )
        mend = sentence("copy all files of the shapefile again: .shp, .shx, .dbf, .prj")
        doubts.append(Doubt(what, mend, out_of_order))
    notes: tuple[Sentence, ...] = ()
    if table.deleted:
        notes = (
            sentence("{count} rows of the .dbf are marked as deleted and left out", count=table.deleted),
        )
    declared = max(shapes, table.stated) - table.deleted
    return Shapefile(found.name, declared, notes, tuple(doubts), _cut_off(path, index))


@contextmanager
def sound_names(path: Path, encoding: str) -> Iterator[Path]:
    """The shapefile, or a copy of it where a column's name is cut in mid-character, for which GDAL has no patience.

    Parameters
    ----------
    path
        The .shp.
    encoding
        Of its text; only UTF-8 needs this.
    """
    parts = companions(path)
    content = bytearray(parts[".dbf"].read_bytes()[: 1 << 16]) if encoding.upper() == "UTF-8" else bytearray()
    cut = []
    for at in range(_DBF_FIELD, len(content) - _DBF_FIELD, _DBF_FIELD):
        if content[at] == _END_OF_FIELDS:
            break
        name = bytes(content[at : at + _DBF_NAME]).split(b"\0")[0]
        sound = name.decode("utf-8", errors="ignore").encode()
        if sound != name:
            cut.append((at, sound.ljust(_DBF_NAME, b"\0")))
    if not cut:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "file.shp"
        for ending, part in parts.items():
            shutil.copyfile(part, copy.with_suffix(ending))
        with copy.with_suffix(".dbf").open("r+b") as file:
            for at, name in cut:
                file.seek(at)
                file.write(name)
        yield copy


def _records(index: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each record begins and how long its content is, by the .shx, in bytes; both count in words of two."""
    listed = index[_SHX_HEADER:]  # nothing where it is cut off within its head
    told = np.frombuffer(listed, dtype=">i4", count=2 * (len(listed) // _SHX_RECORD)).astype(np.int64)
    return 2 * told[0::2], 2 * told[1::2]


def _cut_off(path: Path, index: bytes) -> NDArray[np.int64]:
    """Features whose record, where the index has it, is not wholly in the .shp."""
    begins, lengths = _records(index)
    return np.flatnonzero(begins + _SHP_RECORD_HEADER + lengths > path.stat().st_size) + 1


def _out_of_order(path: Path, index: bytes) -> tuple[int, ...]:
    """Features, counted from 1, whose own number is not above that of the feature before; some writers number none."""
    begins, _ = _records(index)
    size = path.stat().st_size
    begins = begins[(begins >= _SHX_HEADER) & (begins + _SHP_RECORD_HEADER <= size)]
    if not len(begins):
        return ()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        content = np.frombuffer(mapped, dtype=np.uint8)
        numbers = content[begins[:, None] + np.arange(4)].view(">i4").ravel()
        del content  # the file cannot be let go of while it is looked into
    if len(np.unique(numbers)) <= 1:
        return ()
    return tuple((np.flatnonzero(np.diff(numbers) <= 0) + 2).tolist())
