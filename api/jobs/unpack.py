"""An uploaded archive → a folder of its files, under their own names, which are hostile until they were looked at.

What archives of maps are refused for is refused here as well (`parkgeo.ingest.archive`). Besides, because names become
names on the disk: what a system would take for a device, a stream or another file; names that differ only in ways that
some disks do not see; a file where a folder must be. Archives in the archive stay as they are.
"""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.ingest.archive import members_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["unpack"]

_CHUNK = 1 << 20
_LONGEST_PART, _LONGEST_NAME, _DEEPEST = 200, 400, 16
_NEVER_IN_NAMES = frozenset('<>:"|?*')
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{name}{number}" for name in ("com", "lpt") for number in "0123456789¹²³"
}
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_MEND = "pack the project's files again, under plain names"
# Unix file types that an entry may state: none, file, folder.
_PLAIN = frozenset({0, stat.S_IFREG, stat.S_IFDIR})


def unpack(path: Path, folder: Path, most_bytes: int) -> Path:
    """Unpack an archive into a fresh folder.

    Parameters
    ----------
    path
        The archive.
    folder
        Where its files go; made here.
    most_bytes
        The most that it may unpack to.

    Returns
    -------
    pathlib.Path
        The folder of the project: where park.toml is; without one the only folder at the top, else `folder`.

    Raises
    ------
    InputError
        It is no archive, is damaged, or is one that is refused. What was unpacked until then stays behind.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if any(not entry.filename.strip("./\\ ") for entry in archive.infolist()):
                raise _refused("an entry without a name")
            members = members_of(archive, path)
            _check_entries(members, most_bytes)
            left = most_bytes
            for name, entry in members.items():
                left -= _write(archive, entry, folder.joinpath(*PurePosixPath(name).parts), left)
    except InputError as error:
        raise InputError(error.what, mend=_MEND) from error
    except _DAMAGE as error:
        raise InputError(
            f"the archive cannot be unpacked ({type(error).__name__}: {str(error)[:120]})",
            mend="it may be cut short or of a rare kind: pack it again as a plain zip",
        ) from error
    return _project_folder(folder, members)


def _check_entries(members: dict[str, zipfile.ZipInfo], most_bytes: int) -> None:
    if not members:
        raise _refused("no file in it")
    if sum(entry.file_size for entry in members.values()) > most_bytes:
        raise _refused(f"more than {most_bytes} bytes when it is unpacked")
    for name, entry in members.items():
        if stat.S_IFMT(entry.external_attr >> 16) not in _PLAIN:
            raise _refused(f"neither a file nor a folder: {name[:80]!r}")
        _check_name(name)
    _check_apart(members)


def _check_name(name: str) -> None:
    parts = PurePosixPath(name).parts
    if len(parts) > _DEEPEST or len(name) > _LONGEST_NAME:
        raise _refused(f"a name that is too long or too deep: {name[:80]!r}")
    for part in parts:
        if (
            len(part.encode("utf-8", "replace")) > _LONGEST_PART
            or part.endswith((" ", "."))
            or part.partition(".")[0].strip().casefold() in _DEVICES
            or not _NEVER_IN_NAMES.isdisjoint(part)
            or any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in part)
        ):
            raise _refused(f"a name that not every system takes: {name[:80]!r}")


def _check_apart(names: Iterable[str]) -> None:
    """No two files of one name, nor a file where a folder must be, on a disk that does not tell capitals or accents apart."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        pure = PurePosixPath(name)
        known = _folded(pure.as_posix())
        if known in files:
            raise _refused(f"two files whose names some disks do not tell apart: {name[:80]!r}")
        files[known] = name
        folders.update((_folded(parent.as_posix()), name) for parent in pure.parents)
    both = files.keys() & folders.keys()
    if both:
        raise _refused(f"a file that is a folder too: {files[min(both)][:80]!r}")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most_bytes: int) -> int:
    """Unpack one file; gives its true size, whatever the archive states."""
    written = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("xb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > min(entry.file_size, most_bytes):
                raise _refused("a file that is bigger than the archive states")
            sink.write(chunk)
    if written != entry.file_size:
        raise _refused("a file that is smaller than the archive states")
    return written


def _project_folder(folder: Path, names: Iterable[str]) -> Path:
    """Where park.toml is: at the top, or in the only folder that has one."""
    parts = [PurePosixPath(name).parts for name in names]
    projects = sorted((one for one in parts if one[-1] == "park.toml"), key=len)
    if len(projects) > 1 and len(projects[0]) == len(projects[1]):
        raise InputError("several park.toml are in it", mend="upload one project at a time")
    if projects:
        return folder.joinpath(*projects[0][:-1])
    tops = {one[0] for one in parts}
    return folder / tops.pop() if len(tops) == 1 and all(len(one) > 1 for one in parts) else folder


def _refused(what: str) -> InputError:
    return InputError(f"the archive holds {what}", mend=_MEND)
