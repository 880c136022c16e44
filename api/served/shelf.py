"""Where snapshots are kept: a folder, or a database; both are asked the same."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from api.served.catalogue import build_collections
from api.served.summary import summarize
from parkgeo.errors import ParkgeoError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from api.served.catalogue import Collection
    from api.served.summary import Summary
    from parkgeo.store import Snapshot, Workspace

__all__ = ["FolderShelf", "Shelf"]

_LOG = logging.getLogger("parkgeo.api")


class Shelf(Protocol):
    """Where snapshots are kept. Its methods may block; they are called from threads or take no time."""

    def mark(self) -> Hashable:
        """Something that changes when another snapshot becomes the live one; None where there is none."""

    def check(self) -> None:
        """See that what was loaded can still be asked.

        Raises
        ------
        StoreError
            It cannot, for now.
        """

    def current(self) -> Snapshot:
        """The live snapshot.

        Raises
        ------
        StoreError
            Nothing was published yet.
        """

    def snapshot(self, name: str) -> Snapshot:
        """A snapshot by its name.

        Raises
        ------
        NotFoundError
            There is none of that name.
        """

    def names(self) -> tuple[str, ...]:
        """Names of all snapshots, the one published first at the front."""

    def published(self, name: str) -> float:
        """When a snapshot was published, in seconds since 1970; 0 where that is not known."""

    def collections(self, snapshot: Snapshot) -> dict[str, Collection]:
        """A snapshot's collections, ready to be asked."""

    def summary(self, snapshot: Snapshot) -> Summary:
        """The figures of the first page."""

    def close(self) -> None:
        """Let go of what is held open; nothing is asked afterwards."""


class FolderShelf:
    """The snapshots of a workspace, served from memory.

    Parameters
    ----------
    workspace
        The folder.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._counted: tuple[str, Summary] | None = None

    def mark(self) -> tuple[int, int, int] | None:
        """Time, place and size of the file that names the live snapshot."""
        try:
            told = (self._workspace.path / "CURRENT").stat()
        except OSError:
            return None
        return told.st_mtime_ns, told.st_ino, told.st_size

    def check(self) -> None:
        """Nothing: what was loaded is in memory, whatever becomes of the folder."""

    def current(self) -> Snapshot:
        """The live snapshot."""
        return self._workspace.current()

    def snapshot(self, name: str) -> Snapshot:
        """A snapshot by its name."""
        return self._workspace.snapshot(name)

    def names(self) -> tuple[str, ...]:
        """Names of all snapshots that can be read, the one published first at the front."""
        written: dict[str, int] = {}
        for name in self._workspace.names():
            try:
                written[name] = self._workspace.snapshot(name).path.stat().st_mtime_ns
            except (OSError, ParkgeoError):
                _LOG.info("snapshot %s was removed or is damaged", name)
        return tuple(sorted(written, key=lambda name: written[name]))

    def published(self, name: str) -> float:
        """When the snapshot's folder was written, or, of the live one, when it was last named as such."""
        try:
            written = self._workspace.snapshot(name).path.stat().st_mtime
            if name == self._workspace.current_name:
                written = max(written, (self._workspace.path / "CURRENT").stat().st_mtime)
        except (OSError, ParkgeoError):
            return 0.0
        return written

    def collections(self, snapshot: Snapshot) -> dict[str, Collection]:
        """Every table read and encoded. The parcels are counted by the way, so that they are read once."""
        parcels = snapshot.read("parcels")
        self._counted = snapshot.name, summarize(snapshot, parcels)
        return build_collections(snapshot, {"parcels": parcels})

    def summary(self, snapshot: Snapshot) -> Summary:
        """The figures of the first page."""
        name, summary = self._counted or ("", None)
        return summary if summary is not None and name == snapshot.name else summarize(snapshot)

    def close(self) -> None:
        """Nothing is held open."""
