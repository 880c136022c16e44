"""The files of a folder that may hold something."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parkgeo.errors import ProjectError
from parkgeo.files import LEFTOVER
from parkgeo.ingest.formats import FORMATS
from parkgeo.ingest.osm_elements import is_osm
from parkgeo.ingest.tables import TABLE_ENDINGS
from parkgeo.ingest.unknown import RASTER_ENDINGS
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.layers import Sentence

__all__ = ["Scan", "scan"]

_MAP_ENDINGS = frozenset(ending for one in FORMATS for ending in one.endings)
# Other programs' forms of what is read here: named, so that nobody wonders.
_UNREAD = {
    ".dwg": "save it as .dxf, or as a map file from a GIS program",
    ".mdb": "save its layers as GeoPackage",
    ".rar": "unpack it",
    ".7z": "unpack it",
    ".doc": "",
    ".docx": "",
    ".pdf": "",
    ".img": "save it as GeoTIFF",
    ".jp2": "save it as GeoTIFF",
}
_GEODATABASE = ".gdb"
_DEEPEST, _MOST_FILES, _MOST_SEEN = 6, 400, 50_000
_LOCK, _HIDDEN = "~$", "."
_OWN = ("account.xlsx", "account.gpkg", "rejects.xlsx", "rejects.gpkg")
_READ_BY_PEOPLE = ("readme", "license", "licence", "requirements")


@dataclass(frozen=True)
class Scan:
    """What a folder holds.

    Attributes
    ----------
    files
        Files that may be read, by their place in the folder.
    passed
        Files that are not read, with the reason.
    notes
        What the search left out as a whole.
    """

    files: tuple[Path, ...]
    passed: tuple[tuple[Path, Sentence], ...]
    notes: tuple[Sentence, ...]


def scan(folder: Path) -> Scan:
    """Find the files of a folder and of the folders in it.

    Parameters
    ----------
    folder
        Hidden files, lock files, workspaces, what is half written, and the parts beside a shapefile are not files of
        their own. At most six folders deep and four hundred files.

    Raises
    ------
    ProjectError
        It is no folder.
    """
    if not folder.is_dir():
        raise ProjectError("no such folder", where=str(folder), mend="name the folder that holds the files")
    files: list[Path] = []
    passed: list[tuple[Path, Sentence]] = []
    notes: list[Sentence] = []
    for seen, path in enumerate(_walk(folder, 0)):
        if seen >= _MOST_SEEN:
            notes.append(sentence("more than {count} files: the rest is not looked at", count=_MOST_SEEN))
            break
        ending = path.suffix.lower()
        if not _is_text(path):
            passed.append((path, sentence("its name is not valid text, so park.toml cannot name it")))
        elif path.name in _OWN:
            passed.append((path, sentence("parkgeo check wrote it")))
        elif _may_be_read(path):
            files.append(path)
        elif ending in _UNREAD:
            mend = _UNREAD[ending]
            reason = sentence("files ending in {ending} are not read", ending=ending)
            passed.append(
                (path, sentence("{reason}; {mend}", reason=reason, mend=sentence(mend)) if mend else reason)
            )
    if len(files) > _MOST_FILES:
        passed.extend(
            (path, sentence("beyond the first {count} files", count=_MOST_FILES))
            for path in files[_MOST_FILES:]
        )
    return Scan(tuple(files[:_MOST_FILES]), tuple(passed), tuple(notes))


def _may_be_read(path: Path) -> bool:
    known = path.suffix.lower() in (*_MAP_ENDINGS, *TABLE_ENDINGS, *RASTER_ENDINGS) or is_osm(path)
    return known and not path.stem.lower().startswith(_READ_BY_PEOPLE)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return  # a folder that may not be entered holds nothing for us
    # Files before folders, so that what lies at the top is read where the caps bite.
    for entry in sorted(entries, key=lambda entry: entry.is_dir(follow_symlinks=False)):
        if entry.name.startswith((_HIDDEN, _LOCK, LEFTOVER)) or entry.is_symlink():
            continue
        path = Path(entry.path)
        if not entry.is_dir() or path.suffix.lower() == _GEODATABASE:
            yield path
        elif depth < _DEEPEST and not _is_workspace(path) and not _is_environment(path):
            yield from _walk(path, depth + 1)


def _is_workspace(folder: Path) -> bool:
    """Whether a folder holds analyses: a workspace, or the snapshots of one that lies open around it."""
    around = folder.name == "snapshots" and (folder.parent / "CURRENT").is_file()
    return around or (folder / "CURRENT").is_file() or (folder / "snapshots").is_dir()


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").is_file() or folder.name in ("node_modules", "__pycache__")


def _is_text(path: Path) -> bool:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
