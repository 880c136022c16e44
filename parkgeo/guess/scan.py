"""The files of a folder that may hold something."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
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
_SHOWN = 5
# What may hold a map is looked at before what is only text, where not all can be.
_TEXTS = (".csv", ".tsv", ".txt", ".json")
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
    passed_over = _PassedOver()
    for seen, path in enumerate(_walk(folder, 0, passed_over)):
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
    notes.extend(_told(passed_over, folder))
    looked_at, beyond = _capped(files)
    passed.extend((path, sentence("beyond the first {count} files", count=_MOST_FILES)) for path in beyond)
    if beyond:
        notes.append(
            sentence(
                "beyond the first {most} files, not looked at: {count}, among them {named}",
                most=_MOST_FILES, count=len(beyond), named=_some(beyond, folder),
            )
        )  # fmt: skip
    return Scan(tuple(looked_at), tuple(passed), tuple(notes))


@dataclass
class _PassedOver:
    """Folders and links that the walk does not enter."""

    deep: list[Path] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)
    closed: list[Path] = field(default_factory=list)


def _told(passed_over: _PassedOver, folder: Path) -> Iterator[Sentence]:
    """What was not entered, by name."""
    if passed_over.deep:
        named = _some(passed_over.deep, folder)
        yield sentence("deeper than {count} folders, not looked at: {named}", count=_DEEPEST, named=named)
    if passed_over.links:
        yield sentence("links are not followed: {named}", named=_some(passed_over.links, folder))
    if passed_over.closed:
        yield sentence("folders that may not be entered: {named}", named=_some(passed_over.closed, folder))


def _some(paths: list[Path], folder: Path) -> str:
    named = ", ".join(
        path.relative_to(folder).as_posix().encode("utf-8", "replace").decode() for path in paths[:_SHOWN]
    )
    return named if len(paths) <= _SHOWN else f"{named} … ({len(paths)})"


def _capped(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """The files to look at, in their order, and those beyond the cap."""
    order = sorted(range(len(files)), key=lambda at: (files[at].suffix.lower() in _TEXTS, at))
    taken = set(order[:_MOST_FILES])
    return (
        [path for at, path in enumerate(files) if at in taken],
        [path for at, path in enumerate(files) if at not in taken],
    )


def _may_be_read(path: Path) -> bool:
    known = path.suffix.lower() in (*_MAP_ENDINGS, *TABLE_ENDINGS, *RASTER_ENDINGS) or is_osm(path)
    return known and not path.stem.lower().startswith(_READ_BY_PEOPLE)


def _walk(folder: Path, depth: int, passed_over: _PassedOver) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        passed_over.closed.append(folder)
        return
    # Files before folders, so that what lies at the top is read where the caps bite.
    for entry in sorted(entries, key=lambda entry: entry.is_dir(follow_symlinks=False)):
        if entry.name.startswith((_HIDDEN, _LOCK, LEFTOVER)):
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            if entry.is_dir() or _may_be_read(path):
                passed_over.links.append(path)
        elif not entry.is_dir() or path.suffix.lower() == _GEODATABASE:
            yield path
        elif _is_workspace(path) or _is_environment(path):
            continue
        elif depth < _DEEPEST:
            yield from _walk(path, depth + 1, passed_over)
        else:
            passed_over.deep.append(path)


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
