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
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from parkgeo.errors import NotFoundError, StoreError, name_some
from parkgeo.files import LEFTOVER, file_sha256, publish_file, sync
from parkgeo.store.snapshot import CATALOGUE, MANIFEST, Snapshot

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    import pandas as pd

__all__ = ["Workspace"]

# Unpacks fastest of those that every reader of Parquet knows.
_COMPRESSION: Literal["lz4"] = "lz4"
_NAME_DIGITS = 12
_LOCK_S = 60.0
_NAME = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}-[0-9a-f]{{{_NAME_DIGITS}}}")
_LONGEST_SHOWN = 60


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
            raise StoreError(
                "CURRENT names no snapshot", where=str(self.path / "CURRENT"), mend="analyse again"
            )
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
                f"no snapshot {name if len(name) <= _LONGEST_SHOWN else f'{name[:_LONGEST_SHOWN]}…'!r}",
                where=str(self.path),
                mend=f"there are: {name_some(self.names()) or 'none'}",
            )
        return Snapshot(self._snapshots / name)

    def publish(
        self,
        as_of: dt.date,
        tables: Mapping[str, pd.DataFrame],
        catalogue: Mapping[str, Any],
        manifest: Mapping[str, Any],
    ) -> Snapshot:
        """Write a snapshot and make it the live one.

        Parameters
        ----------
        as_of
            The day for which the land was judged.
        tables
            Name → table. A GeoDataFrame is written as GeoParquet.
        catalogue
            Titles, units and sources; JSON values.
        manifest
            Inputs, packs, versions; JSON values. Name, day, and the tables' rows and hashes are added here.

        Returns
        -------
        Snapshot
            Named by the day and a hash of all that it holds: the same content has the same name.

        Raises
        ------
        StoreError
            Another program writes here, or the disk is full or protected. The live snapshot stays as it was.
        """
        try:
            self._snapshots.mkdir(parents=True, exist_ok=True)
            with self._lock():
                self._sweep()
                try:
                    beside = self._snapshots / f"{LEFTOVER}{as_of.isoformat()}"
                    name = _write_tables(beside, as_of, tables, catalogue, manifest)
                    final = self._snapshots / name
                    self._place(beside, final)
                    self._make_current(name)
                finally:
                    # What a full disk cut short must not go on filling it; a damaged snapshot that was replaced goes too.
                    self._sweep()
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
            with FileLock(self.path / ".lock", timeout=_LOCK_S):
                yield
        except Timeout as error:
            raise StoreError(
                "another analysis is writing here",
                where=str(self.path),
                mend="wait for it, or use another workspace",
            ) from error

    def _sweep(self) -> None:
        """Remove what a killed writer left. Called under the lock, so no live writer's work is touched."""
        # Beside the snapshots others may be writing, a map or a register: only CURRENT is written under the lock.
        for leftover in (*self._snapshots.glob(f"{LEFTOVER}*"), *self.path.glob(f"{LEFTOVER}*-CURRENT")):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()

    @staticmethod
    def _place(beside: Path, final: Path) -> None:
        """Rename the written folder; the same name is the same content, so a whole one already there is kept."""
        if final.is_dir() and _is_whole(final):
            shutil.rmtree(beside)
            return
        if final.is_dir():
            final.rename(final.with_name(f"{LEFTOVER}damaged-{final.name}"))
        beside.rename(final)
        sync(final.parent)

    def _make_current(self, name: str) -> None:
        with publish_file(self.path / "CURRENT") as beside:
            beside.write_text(name + "\n", encoding="utf-8", newline="\n")
        sync(self.path)


def _write_tables(
    folder: Path,
    as_of: dt.date,
    tables: Mapping[str, pd.DataFrame],
    catalogue: Mapping[str, Any],
    manifest: Mapping[str, Any],
) -> str:
    """Write all files of a snapshot; gives its name."""
    folder.mkdir()
    # A table may be made only when it is asked for: the one before is let go of first.
    entries = {table: _write_table(folder / f"{table}.parquet", tables[table]) for table in tables}
    _write_json(folder / CATALOGUE, catalogue)
    content = {
        **manifest,
        "as_of": as_of.isoformat(),
        "catalogue_sha256": file_sha256(folder / CATALOGUE),
        "tables": entries,
    }
    name = _name(content)
    _write_json(folder / MANIFEST, {"name": name, **content})
    sync(folder)
    return name


def _write_table(path: Path, frame: pd.DataFrame) -> dict[str, Any]:
    """Write one table; gives its entry of the manifest."""
    import geopandas as gpd

    spatial = isinstance(frame, gpd.GeoDataFrame)
    if spatial:
        frame.to_parquet(path, index=False, compression=_COMPRESSION, write_covering_bbox=True)
    else:
        frame.to_parquet(path, index=False, compression=_COMPRESSION)
    sync(path)
    return {"rows": len(frame), "geometry": spatial, "sha256": file_sha256(path)}


def _name(content: Mapping[str, Any]) -> str:
    """As-of date and the first digits of a hash of the manifest, which holds the hash of every other file."""
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"{content['as_of']}-{digest[:_NAME_DIGITS]}"


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    sync(path)


def _is_whole(folder: Path) -> bool:
    """Whether every file is there with the hash that its manifest states, and the name is the manifest's own."""
    try:
        manifest = Snapshot(folder).manifest
        content = {key: value for key, value in manifest.items() if key != "name"}
        stated = {f"{table}.parquet": entry["sha256"] for table, entry in manifest["tables"].items()}
        stated[CATALOGUE] = manifest["catalogue_sha256"]
        whole = all(file_sha256(folder / file) == digest for file, digest in stated.items())
        return whole and folder.name == _name(content)
    except (OSError, KeyError):
        return False
