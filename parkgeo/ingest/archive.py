"""Zip archives: looked at before anything is unpacked, unpacked under caps into a folder that goes away again.

Names in the archive decide what belongs together; they never become names on the disk.
"""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Dataset", "content_of", "datasets_in", "members_of", "unpacked"]

_MOST_ENTRIES = 20_000
_MOST_BYTES = 4 << 30
# A table of blanks shrinks to a hundredth; what shrinks further and is big besides is made to fill a disk.
_MOST_RATIO, _RATIO_FROM_BYTES = 200, 64 << 20
_NAMES_ARE_UTF8 = 0x800
_LOCKED = 0x1
_CHUNK = 1 << 20
_GEODATABASE = ".gdb"
_INSIDE = {ending: kind for kind in FORMATS if kind.name not in ("zip", "KMZ") for ending in kind.endings}
_GEODATABASE_FILE = re.compile(r"[A-Za-z0-9_]{1,40}(?:\.[A-Za-z0-9_]{1,40}){0,3}")
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Dataset:
    """What one reader reads: a file and the files that belong to it.

    Attributes
    ----------
    name
        Within the archive.
    ending
        Of its main file, in small letters.
    members
        Name on the disk, below the folder it is unpacked into → entry.
    """

    name: str
    ending: str
    members: dict[str, zipfile.ZipInfo]


def members_of(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files in an archive by their names, seen to be harmless.

    Raises
    ------
    InputError
        Too many, too big or packed too densely; a name that leads out of the folder; a link; a password.
    """
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise _refused(path, f"{len(entries)} files in it, more than {_MOST_ENTRIES}")
    total, packed = sum(one.file_size for one in entries), sum(one.compress_size for one in entries)
    if total > _MOST_BYTES or (total > _RATIO_FROM_BYTES and total > _MOST_RATIO * max(packed, 1)):
        raise _refused(path, f"{packed} bytes that unpack to {total}")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = _name(entry)
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
            raise _refused(path, f"a name that leads elsewhere: {name[:80]!r}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refused(path, f"a link: {name[:80]!r}")
        if entry.flag_bits & _LOCKED:
            raise InputError(
                "it is locked with a password", where=str(path), mend="unpack it and give the files inside"
            )
        if entry.is_dir() or name.endswith("/") or parts[0] == "__MACOSX" or parts[-1].startswith("._"):
            continue
        if name in found:
            raise _refused(path, f"two files of one name: {name[:80]!r}")
        found[name] = entry
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """An entry's name; Windows programs write it in the office's code page without saying so."""
    name = entry.orig_filename
    if not entry.flag_bits & _NAMES_ARE_UTF8:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.split("\0", maxsplit=1)[0].replace("\\", "/")


def _refused(path: Path, what: str) -> InputError:
    return InputError(what, where=str(path), mend="unpack it yourself, look at it, and give the files inside")


def datasets_in(path: Path) -> tuple[Dataset, ...]:
    """The datasets in an archive, by name.

    Raises
    ------
    InputError
        No zip archive, one that is refused, or with nothing in it that is read as a map.
    """
    with _opened(path) as archive:
        members = members_of(archive, path)
    found = _geodatabases(members)
    taken = {id(entry) for one in found for entry in one.members.values()}
    for name, entry in members.items():
        pure = PurePosixPath(name)
        kind = _INSIDE.get(pure.suffix.lower())
        if kind is None or id(entry) in taken:
            continue
        near = {
            PurePosixPath(other).suffix.lower(): it
            for other, it in members.items()
            if PurePosixPath(other).parent == pure.parent and PurePosixPath(other).stem == pure.stem
        }
        parts = {f"file{one}": near[one] for one in kind.beside if one in near}
        behind = {
            f"file{pure.suffix.lower()}{one}": members[name + one]
            for one in kind.behind
            if name + one in members
        }
        ending = pure.suffix.lower()
        found.append(Dataset(name, ending, {f"file{ending}": entry} | parts | behind))
    if not found:
        raise InputError(
            "no map file is in it",
            where=str(path),
            mend=f"it holds {name_some(members, shown=10) or 'nothing'}; pack a shapefile with all its parts, or a {name_some(_INSIDE, shown=30)}",
        )
    return tuple(sorted(found, key=lambda one: one.name))


def _geodatabases(members: dict[str, zipfile.ZipInfo]) -> list[Dataset]:
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for name, entry in members.items():
        pure = PurePosixPath(name)
        if pure.parent.suffix.lower() == _GEODATABASE and _GEODATABASE_FILE.fullmatch(pure.name):
            folders.setdefault(str(pure.parent), {})[f"file{_GEODATABASE}/{pure.name}"] = entry
    return [Dataset(name, _GEODATABASE, inside) for name, inside in folders.items()]


@contextmanager
def unpacked(path: Path, dataset: Dataset) -> Iterator[Path]:
    """A dataset's main file, unpacked into a fresh folder for as long as it is needed.

    Raises
    ------
    InputError
        It cannot be unpacked. Errors of what is done with it name the archive and the file in it, not the folder.
    """
    with tempfile.TemporaryDirectory(prefix="parkgeo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        main = folder / f"file{dataset.ending}"
        with _opened(path) as archive:
            for target, entry in dataset.members.items():
                _unpack(archive, entry, folder / target, path)
        try:
            yield main
        except InputError as error:
            where = error.where.replace(str(main), f"{path} › {dataset.name}")
            what = error.what.replace(str(folder), str(path))
            raise InputError(what, where=where, mend=error.mend) from error


def content_of(path: Path, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """The content of one file in an archive.

    Raises
    ------
    InputError
        It cannot be unpacked, or is bigger than that.
    """
    if entry.file_size > most_bytes:
        raise _refused(path, f"{_name(entry)[:80]!r} unpacks to {entry.file_size} bytes")
    with _opened(path) as archive:
        try:
            return archive.read(entry)
        except _DAMAGE as error:
            raise _damaged(path, error) from error


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, path: Path) -> None:
    left = entry.file_size
    try:
        target.parent.mkdir(exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as sink:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _refused(path, f"{_name(entry)[:80]!r} is bigger than the archive states")
                sink.write(chunk)
    except InputError:
        raise
    except _DAMAGE as error:
        raise _damaged(path, error) from error


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    with archive:
        yield archive


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"cannot be unpacked ({type(error).__name__}: {str(error)[:120]})",
        where=str(path),
        mend="it may be cut short or of a rare kind: copy it again, or unpack it and give the files inside",
    )
