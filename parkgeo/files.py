"""Files written whole or not at all, and known by their hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING

from parkgeo.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LEFTOVER", "file_sha256", "publish_file", "sync"]

LEFTOVER = ".writing-"
"""How the name of a file or folder begins that is still being written."""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Force a file or, where the system can, a folder to disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder to sync it; renames there are journalled
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def publish_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place and put it there only when it is whole.

    Parameters
    ----------
    path
        Where the file shall be.

    Yields
    ------
    pathlib.Path
        Where to write it; same folder, same ending.

    Raises
    ------
    StoreError
        The folder cannot be written, or the file is open in another program.
    """
    beside = path.with_name(f"{LEFTOVER}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        sync(beside)
        beside.replace(path)
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(
            f"cannot write the file ({error.strerror or error})",
            where=str(path),
            mend="close it in other programs, or choose another place",
        ) from error
    finally:
        # Where not even the folder could be made there is nothing to remove; the error above says it all.
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
