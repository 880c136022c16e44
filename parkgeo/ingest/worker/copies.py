"""Read-only copies of a user's files, hashed while they are made."""

from __future__ import annotations

import hashlib
import stat
from typing import TYPE_CHECKING

from parkgeo.errors import InputError, unreadable
from parkgeo.ingest.shapefile import companions

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["combined", "copy_in", "digests_of"]

_CHUNK = 1 << 20


def copy_in(path: Path, folder: Path) -> tuple[Path, dict[Path, str]]:
    """Copy a file and what belongs to it into a folder.

    Parameters
    ----------
    path
        The file, or the folder that a file geodatabase is.
    folder
        Empty. The copies keep their endings and lose their names, so that no name can mean anything to a reader.

    Returns
    -------
    tuple
        The file's copy, and the SHA-256 of each file that was copied, by its own path.

    Raises
    ------
    InputError
        A part is not a plain file, cannot be read, or the disk is full.
    """
    inside = path.is_dir()
    target = folder / f"file{_endings(path)}"
    if inside:
        target.mkdir()
    digests = {}
    for part in companions(path).values():
        beside = target / part.name if inside else target.with_name(f"file{_ending_beside(part, path)}")
        digests[part] = _copy(part, beside)
    return target, digests


def digests_of(path: Path) -> dict[Path, str]:
    """SHA-256 of a file and of what belongs to it, without a copy."""
    return {part: _digest(part) for part in companions(path).values()}


def combined(digests: dict[Path, str]) -> str:
    """One digest for a file of several parts: its own where it has but one, else over the names' endings and theirs."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{part.name.lower()} {digest}\n" for part, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def _endings(path: Path) -> str:
    """A file's ending, two of them where the first tells what is packed in the second (.osm.gz, .gdb.zip)."""
    known = [ending for ending in path.suffixes[-2:] if ending.isascii() and len(ending) <= len(".geojsonl")]
    packed = known[-1:] and known[-1].lower() in {".gz", ".zip", ".bz2", ".pbf"}
    return "".join(known if packed else known[-1:]).lower()


def _ending_beside(part: Path, path: Path) -> str:
    return _endings(path) if part == path else part.suffix.lower()


def _copy(part: Path, target: Path) -> str:
    digest = hashlib.sha256()
    try:
        if not stat.S_ISREG(part.stat().st_mode):
            raise InputError("not a plain file", where=str(part), mend="give the file itself")
        with part.open("rb") as source, target.open("xb") as sink:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                sink.write(chunk)
        target.chmod(stat.S_IREAD)
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})",
            where=str(part),
            mend="see that it is a file you may read, and that the disk has room for a copy of it",
        ) from error
    return digest.hexdigest()


def _digest(part: Path) -> str:
    try:
        with part.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(part, error) from error
