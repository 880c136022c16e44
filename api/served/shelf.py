"""Where snapshots are kept: a folder, or a database; both are asked the same."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from api.served.catalogue import build_collections
from parkgeo.errors import ParkgeoError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from api.served.catalogue import Collection
    from parkgeo.store import Snapshot, Workspace

__all__ = ["FolderShelf", "Shelf"]

_LOG = logging.getLogger("parkgeo.api")


class Shelf(Protocol):
    """Where snapshots are kept. Its methods may block; they are called from threads or take no time."""

    def mark(self) -> Hashable:
        """Something that changes when another snapshot becomes the live one; None where there is none."""

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

    def collections(self, snapshot: Snapshot) -> dict[str, Collection]:
        """A snapshot's collections, ready to be asked."""


class FolderShelf:
    """The snapshots of a workspace, served from memory.

    Parameters
    ----------
    workspace
        The folder.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def mark(self) -> tuple[int, int, int] | None:
        """Time, place and size of the file that names the live snapshot."""
        try:
            told = (self._workspace.path / "CURRENT").stat()
        except OSError:
            return None
        return told.st_mtime_ns, told.st_ino, told.st_size

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

    def collections(self, snapshot: Snapshot) -> dict[str, Collection]:
        """Every table read and encoded."""
        return build_collections(snapshot)
