"""Jobs on the disk.

::

    workspace/jobs/
      .lock                     held by the service that runs the jobs
      .receiving-<id>/          an upload that is not whole yet
      <id>/job.json             what is known of the job
      <id>/upload.zip, files/, tmp/     while it waits and runs
      <id>/account.json, account.xlsx, park.toml, scenario.json     what came of it
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from api.jobs.job import Job, read_job

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Folders"]

_RECEIVING = ".receiving-"
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_FOR_A_WHILE = ("upload.zip", "scenario.geojson", "files", "tmp", "result.json")


class Folders:
    """The folders of jobs.

    Parameters
    ----------
    path
        ``jobs`` in the workspace.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __getitem__(self, name: str) -> Path:
        """The folder of the job of that id, which is one of ours."""
        if not _ID.fullmatch(name):
            raise KeyError(name)
        return self.path / name

    def begin(self, name: str) -> Path:
        """A folder to receive an upload in."""
        folder = self.path / f"{_RECEIVING}{name}"
        folder.mkdir()
        return folder

    def enter(self, received: Path, job: Job) -> None:
        """What was received becomes the job's folder, with its record: all at once."""
        job.write(received)
        received.rename(self[job.id])

    def drop(self, folder: Path) -> None:
        """Remove a folder; what another program holds open stays until the next start."""
        shutil.rmtree(folder, ignore_errors=True)

    def tidy(self, name: str) -> None:
        """Remove what a job needs only while it waits and runs."""
        for part in _FOR_A_WHILE:
            path = self[name] / part
            if path.is_dir():
                self.drop(path)
            else:
                path.unlink(missing_ok=True)

    def load(self) -> list[Job]:
        """The jobs that have a record, oldest first; what has none is swept away."""
        self.path.mkdir(parents=True, exist_ok=True)
        found = []
        for folder in self.path.iterdir():
            if not folder.is_dir():
                continue
            job = read_job(folder) if _ID.fullmatch(folder.name) else None
            if job is not None:
                found.append(job)
            elif folder.name.startswith(_RECEIVING) or _ID.fullmatch(folder.name):
                self.drop(folder)
        return sorted(found, key=lambda job: (job.made, job.id))

    def size(self, name: str) -> int:
        """Bytes of a job's files."""
        return sum(file.stat().st_size for file in self[name].rglob("*") if file.is_file())
