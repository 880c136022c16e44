"""MapInfo: TAB tables and MIF/MID exchange files, in the code page they state."""

from __future__ import annotations

import codecs
import csv
import io
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.errors import InputError
from parkgeo.ingest.dbf import read_dbf_header
from parkgeo.ingest.formats import TableInfo, companions
from parkgeo.ingest.gdal import Opening, choose, layers_of, read_layer
from parkgeo.ingest.raw import Doubt, Lost, RawTable
from parkgeo.ingest.tables import distinct
from parkgeo.ingest.text import read_bytes
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["mapinfo_tables", "read_mif", "read_tab"]

_DRIVER = "MapInfo File"
_CHARSETS = {
    "WINDOWSSIMPCHINESE": "gbk", "WINDOWSTRADCHINESE": "big5", "WINDOWSLATIN1": "cp1252", "WINDOWSLATIN2": "cp1250",
    "WINDOWSCYRILLIC": "cp1251", "WINDOWSJAPANESE": "cp932", "WINDOWSKOREAN": "cp949", "WINDOWSTHAI": "cp874",
    "WINDOWSGREEK": "cp1253", "WINDOWSTURKISH": "cp1254", "WINDOWSBALTICRIM": "cp1257", "UTF-8": "utf-8",
}  # fmt: skip
_NAME_OF = {"gbk": "WindowsSimpChinese", "big5": "WindowsTradChinese", "cp1252": "WindowsLatin1"}
_OBJECT = re.compile(
    rb"^[ \t]*(?:None|Point|MultiPoint|Line|Pline|Region|Arc|Text|Rect|RoundRect|Ellipse|Collection)\b",
    re.IGNORECASE | re.MULTILINE,
)
_OUTSIDE = re.compile(
    rb"IsSeamless|RasterStyle|Type\s+(?:LINKED|RASTER|WMS|WFS|ODBC|ACCESS|XLS|ASCII)", re.IGNORECASE
)
_TAB_CHARSET = re.compile(rb"(!charset\s+|Charset\s+\")([\w-]+)", re.IGNORECASE)
_MOST_COLUMNS = 1_000


def mapinfo_tables(path: Path, encoding: str = "") -> tuple[TableInfo, ...]:
    """The one layer of a MapInfo file."""
    read = read_mif if path.suffix.lower() == ".mif" else read_tab
    raw = read(path, encoding=encoding)
    return (TableInfo("", "mixed", raw.declared),)


def read_tab(path: Path, *, encoding: str = "") -> RawTable:
    """Read a MapInfo table.

    Parameters
    ----------
    path
        The ``.tab``; its ``.dat``, ``.map`` and ``.id`` stand beside it.
    encoding
        Of its text; empty takes the table's charset, and where that is ``Neutral`` finds UTF-8 or GBK.

    Raises
    ------
    InputError
        A part is missing, it is made of other tables, or it cannot be read.
    """
    content = read_bytes(path)
    if not content.lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(b"!table"):
        raise InputError(
            "the content is not a MapInfo table", where=str(path), mend="give the file its true ending"
        )
    if _OUTSIDE.search(content):
        raise InputError(
            "a table made of other tables or files", where=str(path), mend="save it as a table of its own"
        )
    parts = companions(path)
    data = parts.get(".dat") or parts.get(".dbf")
    if data is None:
        raise InputError(
            "its .dat file is missing",
            where=str(path),
            mend="copy all files of the table: .tab, .dat, .map, .id",
        )
    stated = _charset(next((match.group(2).decode("ascii") for match in _TAB_CHARSET.finditer(content)), ""))
    used = encoding or stated or _found(content + read_bytes(data))
    with _under_charset(parts, content, used, rewrite=used != stated) as plain:
        opening = Opening(plain, _DRIVER)
        try:
            raw = read_layer(opening, choose(plain, layers_of(opening), "").name, first=1)
        except InputError as error:
            raise InputError(error.what, where=str(path), mend=error.mend) from error
    table = read_dbf_header(data)
    raw = replace(raw, path=path, table="", encoding=_shown(used), declared=table.stated - table.deleted)
    return _without_zeros(raw) if data.suffix.lower() == ".dat" else raw


def _without_zeros(raw: RawTable) -> RawTable:
    """A native table has no way to leave a number blank and writes 0: which of the two was meant is not ours to guess."""
    frame = raw.frame.copy()
    doubts = list(raw.doubts)
    for name in frame.columns[[pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
        zero = (frame[name] == 0).to_numpy(dtype=bool, na_value=False)
        if pd.api.types.is_bool_dtype(frame[name]) or not zero.any():
            continue
        frame[name] = frame[name].astype(object).mask(zero, None)
        what = sentence(
            "{column}: a MapInfo table cannot tell a blank number from 0; taken as missing", column=str(name)
        )
        mend = sentence("where 0 is meant, save the table as MIF, GeoPackage or shapefile")
        doubts.append(Doubt(what, mend, tuple(raw.rows[zero].tolist())))
    return replace(raw, frame=frame, doubts=tuple(doubts))


@contextmanager
def _under_charset(parts: dict[str, Path], content: bytes, used: str, *, rewrite: bool) -> Iterator[Path]:
    """The table under a charset that tells its encoding: itself, or a copy where it states another or none."""
    if not rewrite:
        yield parts[".tab"]
        return
    name = _NAME_OF.get(_canonical(used), "")
    with tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "file.tab"
        for ending, part in parts.items():
            shutil.copyfile(part, copy.with_suffix(ending))
        copy.write_bytes(_TAB_CHARSET.sub(rb"\g<1>" + (name or "UTF-8").encode(), content))
        yield copy


@dataclass(frozen=True)
class _Exchange:
    """The head of a MIF.

    Attributes
    ----------
    body
        Its objects, as they are written.
    system
        Its CoordSys lines.
    columns
        Their names.
    delimiter, encoding
        Of the .mid.
    """

    body: bytes
    system: list[str]
    columns: list[str]
    delimiter: str
    encoding: str


def read_mif(path: Path, *, encoding: str = "") -> RawTable:
    """Read a MIF with its MID.

    Parameters
    ----------
    path
        The ``.mif``.
    encoding
        Of its text; empty takes its charset, and where that is ``Neutral`` finds UTF-8 or GBK.

    Returns
    -------
    RawTable
        Shapes as GDAL draws the MIF's objects; cells as the MID has them, so that a blank number stays blank, where GDAL
        would read 0.

    Raises
    ------
    InputError
        The MID is missing, the head cannot be understood, or GDAL cannot read the objects.
    """
    side = companions(path).get(".mid")
    content, table = read_bytes(path), side.read_bytes() if side is not None else b""
    head = _head(content, table, path, encoding)
    if side is None and head.columns:
        raise InputError("its .mid file is missing", where=str(path), mend="copy the .mif and the .mid")
    drawn = _draw(head, path)
    cells = _cells(table, head)
    objects = len(_OBJECT.findall(head.body))
    declared = max(objects, len(cells), len(drawn.frame))
    rows = len(drawn.frame)
    blank: list[str | None] = [None] * len(head.columns)
    wide = [(cells[at] if at < len(cells) else blank) for at in range(rows)]
    names = distinct(head.columns)
    frame = pd.DataFrame(
        {name: [row[place] if place < len(row) else None for row in wide] for place, name in enumerate(names)},
        index=range(rows), dtype=object,
    )  # fmt: skip
    return replace(
        drawn, path=path, table="", frame=frame, encoding=_shown(head.encoding), declared=declared,
        doubts=_mismatch(objects, cells, head), lost=tuple(_beyond(cells, rows, objects)),
    )  # fmt: skip


def _beyond(cells: list[list[str | None]], rows: int, objects: int) -> Iterator[Lost]:
    """Rows of the .mid without an object."""
    for at in range(max(rows, objects), len(cells)):
        text = ",".join(cell or "" for cell in cells[at])[:2_000]
        yield Lost(at + 1, sentence("no geometry"), sentence("draw it, or delete the row"), text)


def _mismatch(objects: int, cells: list[list[str | None]], head: _Exchange) -> tuple[Doubt, ...]:
    if not head.columns:
        return ()
    mend = sentence("save it again from a GIS program")
    doubts = []
    if objects != len(cells):
        what = sentence(
            "{objects} objects in the .mif, but {rows} rows in the .mid", objects=objects, rows=len(cells)
        )
        doubts.append(Doubt(what, mend))
    odd = tuple(at for at, row in enumerate(cells, 1) if len(row) != len(head.columns))
    if odd:
        doubts.append(Doubt(sentence("rows of the .mid with more or fewer cells than columns"), mend, odd))
    return tuple(doubts)


def _head(content: bytes, table: bytes, path: Path, encoding: str) -> _Exchange:
    start = re.search(rb"^[ \t]*Data[ \t]*\r?$", content, re.IGNORECASE | re.MULTILINE)
    if not content.lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(b"version") or start is None:
        raise InputError(
            "the content is not MIF", where=str(path), mend="give the file its true ending, or save it again"
        )
    charset = re.search(
        rb"^[ \t]*Charset[ \t]+\"([^\"]*)\"", content[: start.start()], re.IGNORECASE | re.MULTILINE
    )
    stated = _charset(charset.group(1).decode("latin-1")) if charset else ""
    used = encoding or stated or _found(content[: start.start()] + table)
    try:
        lines = content[: start.start()].decode(used, errors="replace").splitlines()
    except LookupError as error:
        raise InputError(
            f"encoding {used!r} is not known", where=str(path), mend="use GBK or UTF-8"
        ) from error
    delimiter = "\t"
    system: list[str] = []
    columns: list[str] = []
    at = 0
    while at < len(lines):
        words = lines[at].split()
        key = words[0].lower() if words else ""
        if key == "delimiter" and '"' in lines[at]:
            delimiter = lines[at].split('"')[1] or "\t"
        elif key == "coordsys" or (system and key == "bounds"):
            system.append(lines[at])
        elif key == "columns" and len(words) > 1 and words[1].isdecimal():
            count = min(int(words[1]), _MOST_COLUMNS)
            columns += [line.strip().partition(" ")[0].strip('"') for line in lines[at + 1 : at + 1 + count]]
            at += count
        at += 1
    return _Exchange(content[start.end() :], system, columns, delimiter[:1], used)


def _draw(head: _Exchange, path: Path) -> RawTable:
    """The objects, as GDAL reads them from a copy whose only column is their number."""
    count = len(_OBJECT.findall(head.body))
    lines = ["Version 450", 'Charset "Neutral"', 'Delimiter ","']
    lines += [line.encode("ascii", errors="replace").decode() for line in head.system]
    top = "\n".join([*lines, "Columns 1", "  n Integer", "Data", ""])
    with tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "file.mif"
        copy.write_bytes(top.encode() + head.body)
        copy.with_suffix(".mid").write_bytes("".join(f"{at}\n" for at in range(1, count + 1)).encode())
        opening = Opening(copy, _DRIVER)
        try:
            return read_layer(opening, choose(copy, layers_of(opening), "").name, first=1)
        except InputError as error:
            raise InputError(error.what.replace(folder, ""), where=str(path), mend=error.mend) from error


def _cells(table: bytes, head: _Exchange) -> list[list[str | None]]:
    """Rows of a .mid; a blank cell is missing, and dates of eight digits stay as they are written."""
    text = table.decode(head.encoding, errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=head.delimiter)
    return [[cell if cell.strip() else None for cell in row] for row in reader if row]


def _charset(name: str) -> str:
    return _CHARSETS.get(name.upper(), "")


def _found(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gbk"
    return "utf-8"


def _canonical(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return ""
    return {"gb18030": "gbk", "gb2312": "gbk"}.get(known, known)


def _shown(name: str) -> str:
    return {"utf-8": "UTF-8", "gbk": "GBK", "big5": "BIG5"}.get(name, name)
