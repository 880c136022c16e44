"""A folder of snapshots and the name of the live one.

::

    workspace/
      snapshots/<as-of>-<hash>/   *.parquet, catalogue.json, manifest.json
      CURRENT                     the name of the live snapshot, replaced atomically

A snapshot is written beside under a name that starts with a dot, synced to disk, renamed, and only then named in
CURRENT. A reader sees the old or the new, never half; a writer killed at any moment leaves the old one live.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parkgeo.errors import NotFoundError, StoreError, name_some
from parkgeo.store.snapshot import CATALOGUE, MANIFEST, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

__all__ = ["Workspace", "file_sha256", "publish_file"]

_LEFTOVER = ".writing-"
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
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
    beside = path.with_name(f"{_LEFTOVER}{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        _sync(beside)
        beside.replace(path)
    except OSError as error:
        raise StoreError(
            f"cannot write the file ({error.strerror or error})",
            where=str(path),
            mend="close it in other programs, or choose another place",
        ) from error
    finally:
        beside.unlink(missing_ok=True)


class Workspace:
    """A folder of snapshots.

    Parameters
    ----------
    path
        The folder. It need not exist until a snapshot is published.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def _snapshots(self) -> Path:
        return self.path / "snapshots"

    @property
    def current_name(self) -> str:
        """Name of the live snapshot.

        Raises
        ------
        StoreError
            Nothing was published here yet, or CURRENT is damaged.
        """
        try:
            name = (self.path / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise StoreError(
                "no finished analysis here",
                where=str(self.path),
                mend="run: parkgeo analyze park.toml --workspace DIR",
            ) from error
        except OSError as error:
            raise StoreError(f"cannot read the workspace ({error.strerror})", where=str(self.path)) from error
        if not _NAME.fullmatch(name):
            raise StoreError("CURRENT names no snapshot", where=str(self.path / "CURRENT"), mend="analyse again")
        return name

    def current(self) -> Snapshot:
        """The live snapshot."""
        return self.snapshot(self.current_name)

    def names(self) -> tuple[str, ...]:
        """Names of all snapshots, by as-of date."""
        if not self._snapshots.is_dir():
            return ()
        return tuple(sorted(entry.name for entry in self._snapshots.iterdir() if _NAME.fullmatch(entry.name)))

    def snapshot(self, name: str) -> Snapshot:
        """A snapshot by its name.

        Raises
        ------
        NotFoundError
            No snapshot has that name.
        """
        if not _NAME.fullmatch(name) or not (self._snapshots / name).is_dir():
            raise NotFoundError(
                f"no snapshot {name!r}", where=str(self.path), mend=f"there are: {name_some(self.names()) or 'none'}"
            )
        return Snapshot(self._snapshots / name)

    def publish(
        self, name: str, tables: Mapping[str, pd.DataFrame], catalogue: Mapping[str, Any], manifest: Mapping[str, Any]
    ) -> Snapshot:
        """Write a snapshot and make it the live one.

        Parameters
        ----------
        name
            As-of date and the first twelve hexadecimal digits of a hash of all inputs.
        tables
            Name → table. A GeoDataFrame is written as GeoParquet.
        catalogue
            Titles, units and sources; JSON values.
        manifest
            Inputs, packs, versions; JSON values. The tables' rows and hashes are added here.

        Returns
        -------
        Snapshot

        Raises
        ------
        StoreError
            Another program writes here, or the disk is full or protected. The live snapshot stays as it was.
        """
        if not _NAME.fullmatch(name):
            raise StoreError(f"{name!r} is not a snapshot's name", mend="as-of date, a dash, 12 hexadecimal digits")
        try:
            self._snapshots.mkdir(parents=True, exist_ok=True)
            with self._lock():
                self._sweep()
                final = self._snapshots / name
                beside = self._snapshots / f"{_LEFTOVER}{name}"
                _write_tables(beside, name, tables, catalogue, manifest)
                self._place(beside, final)
                self._make_current(name)
        except OSError as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(
                f"cannot write the snapshot ({error.strerror or error}); the earlier one stays live",
                where=str(self.path),
                mend="free space, or choose a folder that can be written",
            ) from error
        return Snapshot(final)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Hold the workspace's writer lock; the system releases it when the process ends, however it ends."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.path / ".lock", timeout=60):
                yield
        except Timeout as error:
            raise StoreError(
                "another analysis is writing here", where=str(self.path), mend="wait for it, or use another workspace"
            ) from error

    def _sweep(self) -> None:
        """Remove what a killed writer left. Called under the lock, so no live writer's work is touched."""
        for leftover in (*self._snapshots.glob(f"{_LEFTOVER}*"), *self.path.glob(f"{_LEFTOVER}*")):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()

    @staticmethod
    def _place(beside: Path, final: Path) -> None:
        """Rename the written folder; the same input gave the same name, so a whole one already there is kept."""
        if final.is_dir() and _is_whole(final):
            shutil.rmtree(beside)
            return
        if final.is_dir():
            final.rename(final.with_name(f"{_LEFTOVER}damaged-{final.name}"))
        beside.rename(final)
        _sync(final.parent)

    def _make_current(self, name: str) -> None:
        with publish_file(self.path / "CURRENT") as beside:
            beside.write_text(name + "\n", encoding="utf-8", newline="\n")
        _sync(self.path)


def _write_tables(
    folder: Path,
    name: str,
    tables: Mapping[str, pd.DataFrame],
    catalogue: Mapping[str, Any],
    manifest: Mapping[str, Any],
) -> None:
    import geopandas as gpd

    folder.mkdir()
    entries: dict[str, dict[str, Any]] = {}
    for table, frame in tables.items():
        path = folder / f"{table}.parquet"
        spatial = isinstance(frame, gpd.GeoDataFrame)
        if spatial:
            frame.to_parquet(path, index=False, write_covering_bbox=True)
        else:
            frame.to_parquet(path, index=False)
        _sync(path)
        entries[table] = {"rows": len(frame), "geometry": spatial, "sha256": file_sha256(path)}
    for file, content in ((CATALOGUE, catalogue), (MANIFEST, {"name": name, **manifest, "tables": entries})):
        path = folder / file
        path.write_text(
            json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8", newline="\n"
        )
        _sync(path)
    _sync(folder)


def _is_whole(folder: Path) -> bool:
    """Whether every table is there with the hash that its manifest states."""
    try:
        tables = Snapshot(folder).manifest["tables"]
        return all(file_sha256(folder / f"{table}.parquet") == entry["sha256"] for table, entry in tables.items())
    except (OSError, KeyError):
        return False
