"""A folder for files that live as long as one answer, and the removal of what killed processes left.

Every process has a subfolder of its own and holds a lock beside it that the system releases with the process. What bears a
lock that nobody holds belongs to a process that is gone.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from parkgeo.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Scratch"]

_LOG = logging.getLogger("parkgeo.api")
_PREFIX, _LOCK = "export-", ".lock"


class Scratch:
    """A folder of short-lived files.

    Parameters
    ----------
    folder
        Shared by the processes of a service; made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._lock: FileLock | None = None
        self._guard = threading.Lock()

    def room(self) -> Path:
        """A new, empty folder; whoever asked for it removes it with `clear`.

        Raises
        ------
        StoreError
            It cannot be made: the disk is full, or not ours to write.
        """
        try:
            with self._guard:
                if self._own is None:
                    self._own = self._open()
            room = self._own / secrets.token_hex(8)
            room.mkdir()
        except OSError as error:
            raise StoreError(
                f"nothing can be written for an export ({error.strerror or error})", where=str(self._folder)
            ) from error
        return room

    def _open(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        own = self._folder / f"{_PREFIX}{secrets.token_hex(8)}"
        self._lock = FileLock(own.with_name(own.name + _LOCK))
        self._lock.acquire(timeout=0)
        own.mkdir()
        return own

    @staticmethod
    def clear(room: Path) -> None:
        """Remove a folder that `room` gave; that it cannot be removed is said to the log, and the next sweep tries again."""
        try:
            shutil.rmtree(room)
        except FileNotFoundError:
            return
        except OSError as error:
            _LOG.warning("an export's folder cannot be removed: %s", error)

    def sweep(self) -> None:
        """Remove what processes that are gone left here."""
        if not self._folder.is_dir():
            return
        for lock in sorted(self._folder.glob(f"{_PREFIX}*{_LOCK}")):
            if self._lock is not None and lock == type(lock)(self._lock.lock_file):
                continue
            try:
                with FileLock(lock, timeout=0):
                    shutil.rmtree(lock.with_name(lock.name.removesuffix(_LOCK)), ignore_errors=True)
                lock.unlink(missing_ok=True)
            except (Timeout, OSError):
                _LOG.debug("%s is in use", lock.name)

    def close(self) -> None:
        """Remove this process's own folder."""
        with self._guard:
            if self._own is not None and self._lock is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                self._lock.release()
                self._own.with_name(self._own.name + _LOCK).unlink(missing_ok=True)
                self._own = self._lock = None
