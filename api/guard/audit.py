"""The audit log: who wrote what, when, and how it ended. What cannot be written down is not done."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from parkgeo.errors import StoreError
from parkgeo.files import sync

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AUDIT", "Audit"]

AUDIT = "audit.log"
"""Its name in a workspace."""

_LOCK_S = 5.0


class Audit:
    """Lines of JSON that are only ever appended.

    Parameters
    ----------
    folder
        The workspace.
    most_bytes
        When the file has grown beyond this it is set aside under the moment and the hash of its last line; the next
        file begins with that name and the whole file's hash, so that a file that was taken away is missed.
    """

    def __init__(self, folder: Path, most_bytes: int = 1 << 24) -> None:
        self._path = folder / AUDIT
        self._most = most_bytes

    def note(self, **told: Any) -> None:
        """Append a line and see it onto the disk.

        Parameters
        ----------
        **told
            What it says, beside the moment.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        line = json.dumps({"time": _now().isoformat(timespec="milliseconds"), **told}, ensure_ascii=True)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Several processes write here: the service, its workers, the command line.
            with FileLock(self._path.with_name(f".{AUDIT}.lock"), timeout=_LOCK_S):
                self._turn_over()
                self._append(line)
        except (OSError, Timeout) as error:
            raise StoreError(
                "the audit log cannot be written, so nothing is written at all",
                where=str(self._path),
                mend="free space, or see to the rights of the workspace",
            ) from error

    def _append(self, line: str) -> None:
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
            file.write(f"{line}\n".encode("ascii"))
        sync(self._path)

    def _turn_over(self) -> None:
        """Set a grown file aside."""
        if not self._path.exists() or self._path.stat().st_size < self._most:
            return
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        aside = self._path.with_name(f"audit-{_now():%Y%m%dT%H%M%S}-{digest[:8]}.log")
        self._path.rename(aside)
        self._append(
            json.dumps(
                {
                    "time": _now().isoformat(timespec="milliseconds"),
                    "what": "continues",
                    "file": aside.name,
                    "sha256": digest,
                }
            )
        )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
