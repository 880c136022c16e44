"""The jobs of a service: taken on, run one after the other, watched, cancelled, remembered, forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from typing import TYPE_CHECKING, Any

import orjson

from api.errors import BusyError, ConflictError, ForbiddenError
from api.jobs.child import Child
from api.jobs.folders import Folders
from api.jobs.job import failure, new_id
from api.jobs.titles import step_title
from api.jobs.watching import Watchers
from api.jobs.worker import PUBLISHING, RESULT
from parkgeo.errors import NotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from api.jobs.job import Job, State
    from api.jobs.limits import JobLimits

__all__ = ["Jobs"]

_LOG = logging.getLogger("parkgeo.api.jobs")
_STATES_OF_RESULTS = frozenset({"done", "failed", "needs_attention"})
_SETTLE_S = 20.0
_PUBLISH_S = 600.0
"""A job that has leave to publish is given so long to finish, whatever it used before."""


class _Run:
    """A job that runs: its process, and what was decided about it."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.publishing = False
        self.deadline: threading.Timer | None = None
        self.ending: tuple[State, dict[str, Any]] | None = None


class Jobs:
    """The jobs of a service. Threads may call it side by side.

    Parameters
    ----------
    workspace
        Folder of the snapshots; None where the service has none of its own, and so takes on no jobs.
    limits
        How much they may use.
    listeners
        Clients that may follow events at once.
    store
        Address of the database that the service shows, to which a job's snapshot is published too; empty where it
        shows the workspace.

    Attributes
    ----------
    watchers
        Who waits for what happens to jobs.
    """

    def __init__(
        self, workspace: Path | None, limits: JobLimits, *, listeners: int = 64, store: str = ""
    ) -> None:
        self.limits = limits
        self.watchers = Watchers(listeners)
        self._workspace = workspace
        self._store = store
        self._folders = None if workspace is None else Folders(workspace.absolute() / "jobs")
        self._lock = threading.RLock()
        self._settled = threading.Condition(self._lock)
        self._jobs: dict[str, Job] = {}
        self._line: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._runs: dict[str, _Run] = {}
        self._receiving = 0
        self._held: Any = None
        self._closed = False

    def open(self) -> Folders:
        """Take over the workspace's jobs; the first call does, later ones only give the folders.

        Raises
        ------
        ForbiddenError
            The service has no workspace.
        StoreError
            Another service runs the jobs of this workspace, or its disk cannot be written.
        """
        if self._folders is None or self._workspace is None:
            raise ForbiddenError(
                "this service reads from a database and takes nothing on",
                mend="run: parkgeo analyze, then parkgeo publish; or start the service with a workspace",
            )
        with self._lock:
            if self._closed:
                raise StoreError("the service is being stopped", mend="try again in a moment")
            if self._held is None:
                self._take_over(self._folders)
            return self._folders

    @property
    def _home(self) -> Folders:
        """The folders of a service that took its jobs over."""
        if self._folders is None:
            raise RuntimeError("no jobs without a workspace")
        return self._folders

    def resume(self) -> None:
        """Go on with what an earlier service left, if anything."""
        if self._folders is not None and self._folders.path.is_dir():
            try:
                self.open()
            except StoreError as error:
                _LOG.warning("%s", error)

    def _take_over(self, folders: Folders) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(folders.path / ".lock", timeout=0, thread_local=False)
        try:
            folders.path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            known = folders.load()
        except Timeout as error:
            raise StoreError(
                "another service runs the jobs of this workspace",
                where=str(folders.path),
                mend="ask that one, or start one service a workspace",
            ) from error
        except OSError as error:
            raise StoreError(
                f"the jobs' folder cannot be written ({error.strerror or error})", where=str(folders.path)
            ) from error
        self._held = lock
        self._jobs = {job.id: job for job in known}
        for job in known:
            if job.state == "running":
                self._enter(job.in_state("interrupted"))
                folders.tidy(job.id)
            elif not job.ended:
                self._line.put(job.id)
        for _ in range(self.limits.at_once):
            threading.Thread(target=self._work, name="parkgeo-jobs", daemon=True).start()

    def close(self) -> None:
        """End what runs, which is then interrupted, and let another service take over."""
        with self._lock:
            self._closed = True
            if self._held is None:
                return
            for run in self._runs.values():
                if not run.publishing:
                    run.ending = run.ending or ("interrupted", {})
                    run.child.kill()
            for _ in range(self.limits.at_once):
                self._line.put(None)
            self._settled.wait_for(lambda: not self._runs, timeout=_SETTLE_S)
            self.watchers.wake()
            self._held.release()
            self._held = None

    @contextlib.asynccontextmanager
    async def receive(self) -> AsyncIterator[Path]:
        """A folder into which an upload may be received; it is gone afterwards unless the upload became a job.

        Raises
        ------
        BusyError
            As many jobs wait, or uploads are received, as may.
        """
        folders = await asyncio.to_thread(self.open)
        with self._lock:
            waiting = sum(job.state == "queued" for job in self._jobs.values())
            if waiting >= self.limits.waiting or self._receiving >= self.limits.receiving:
                raise BusyError(f"{waiting} jobs wait already", mend="come again when some are done")
            self._receiving += 1
        try:
            folder = await asyncio.to_thread(folders.begin, new_id())
            try:
                yield folder
            finally:
                folders.drop(folder)
        finally:
            with self._lock:
                self._receiving -= 1

    def submit(self, received: Path, job: Job) -> Job:
        """Take on a job whose files were received."""
        folders = self.open()
        job = job.in_state("queued")
        with self._lock:
            folders.enter(received, job)
            self._jobs[job.id] = job
        self._line.put(job.id)
        return job

    def listed(self) -> list[Job]:
        """All jobs, the last asked for first."""
        self.open()
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: (job.made, job.id), reverse=True)

    def get(self, name: str) -> Job:
        """A job by its id.

        Raises
        ------
        NotFoundError
            There is none.
        """
        self.open()
        job = self.known(name)
        if job is None:
            raise NotFoundError(
                "no job of that id", mend="ended jobs are forgotten after a while; /jobs lists those known"
            )
        return job

    def known(self, name: str) -> Job | None:
        """A job by its id; None where it is not known, or not any more."""
        with self._lock:
            return self._jobs.get(name)

    @property
    def has_workspace(self) -> bool:
        """Whether the service has a workspace of its own, and so takes on jobs."""
        return self._workspace is not None

    @property
    def closed(self) -> bool:
        """Whether the service is being stopped."""
        return self._closed

    def has(self, job: Job, name: str) -> bool:
        """Whether a file came of a job."""
        return (self._home[job.id] / name).is_file()

    def file(self, job: Job, name: str) -> Path:
        """A file that came of a job, by a name of ours.

        Raises
        ------
        NotFoundError
            It is not there.
        """
        if not self.has(job, name):
            raise NotFoundError(f"the job has no {name}", mend="see the links of the job")
        return self._home[job.id] / name

    def cancel(self, name: str) -> Job:
        """Cancel a job that has not ended, or forget one that has; gives its last state.

        Raises
        ------
        ConflictError
            It is being published.
        """
        folders = self.open()
        with self._lock:
            job, run = self.get(name), self._runs.get(name)
            if run is not None and run.publishing:
                raise ConflictError(
                    "the job is being published and cannot be cancelled any more",
                    mend="wait a moment for its end",
                )
            if job.ended:
                del self._jobs[name]
                folders.drop(folders[name])
            elif run is None:
                self._end(job.in_state("cancelled"))
            else:
                run.ending = run.ending or ("cancelled", {})
                run.child.kill()
                self._settled.wait_for(lambda: name not in self._runs, timeout=_SETTLE_S)
            return self._jobs.get(name, job)

    def _work(self) -> None:
        while (name := self._line.get()) is not None:
            with self._lock:
                job = self._jobs.get(name)
                if self._closed:
                    return
                if job is None or job.state != "queued":
                    continue
                try:
                    run = self._start(job)
                except OSError as error:
                    _LOG.exception("job %s could not be started", name)
                    self._end(job.in_state("failed", failure(f"it could not be started ({error.strerror})")))
                    continue
            try:
                self._follow(name, run)
            except (OSError, RuntimeError, ValueError, LookupError):
                # Whatever went wrong with one job, the next ones are worked on.
                _LOG.exception("job %s went wrong", name)
                run.child.kill()
                with self._lock:
                    self._end(self._jobs[name].in_state("failed", failure("something went wrong here")))
            finally:
                with self._lock:
                    self._runs.pop(name, None)
                    self._settled.notify_all()

    def _start(self, job: Job) -> _Run:
        folder = self._home[job.id]
        order = {
            **job.asked,
            "kind": job.kind,
            "folder": str(folder),
            "workspace": str(self._home.path.parent),
            "store": self._store,
            "unpacked_bytes": self.limits.unpacked_bytes,
            "memory_bytes": self.limits.memory_bytes,
        }
        run = self._runs[job.id] = _Run(Child(order, folder))
        self._enter(job.in_state("running"))
        return run

    def _follow(self, name: str, run: _Run) -> None:
        """Listen to a job until it ends."""
        self._give(run, self.limits.job_s)
        try:
            for step in run.child.steps():
                with self._lock:
                    self._enter(self._jobs[name].at_step(step, step_title(step)))
                    if step == PUBLISHING and run.ending is None and not self._closed:
                        run.publishing = True
                        self._give(run, _PUBLISH_S)
                        run.child.go()
            code = run.child.wait()
        finally:
            self._give(run, None)
        state, result = self._outcome(name, run, code)
        with self._lock:
            self._end(self._jobs[name].in_state(state, result))

    def _give(self, run: _Run, seconds: float | None) -> None:
        """Let a job run so many seconds from now on; None lifts the limit."""

        def give_up() -> None:
            with self._lock:
                if run.deadline is timer:
                    what = f"it took longer than {seconds:.0f} s and was given up"
                    run.ending = run.ending or ("failed", failure(what))
                    run.child.kill()

        with self._lock:
            if run.deadline is not None:
                run.deadline.cancel()
            run.deadline = timer = None if seconds is None else threading.Timer(seconds, give_up)
            if timer is not None:
                timer.daemon = True
                timer.start()

    def _outcome(self, name: str, run: _Run, code: int) -> tuple[State, dict[str, Any]]:
        """How a job ended: as it says; where it says nothing, as was decided about it."""
        try:
            told: dict[str, Any] = orjson.loads((self._home[name] / RESULT).read_bytes())
        except (OSError, ValueError):
            told = {}
        state = told.pop("state", "")
        if state in _STATES_OF_RESULTS and (run.ending is None or told.get("snapshot")):
            return state, told
        if run.ending is not None:
            return run.ending
        _LOG.error("job %s ended without a result, exit code %d; see log.txt in its folder", name, code)
        what = f"its process ended by signal {-code}" if code < 0 else f"its process ended with code {code}"
        return "failed", failure(what)

    def _enter(self, job: Job) -> None:
        """Write down what happened and wake those who watch. Called under the lock."""
        self._jobs[job.id] = job
        try:
            job.write(self._home[job.id])
        except OSError:
            _LOG.exception("the record of job %s cannot be written", job.id)
        self.watchers.wake(job.id)

    def _end(self, job: Job) -> None:
        """Write down the end of a job, and forget the oldest."""
        folders = self._home
        self._enter(job)
        folders.tidy(job.id)
        ended = sorted(
            (one for one in self._jobs.values() if one.ended), key=lambda one: one.made, reverse=True
        )
        taken = 0
        for place, one in enumerate(ended):
            taken += folders.size(one.id)
            if one.id != job.id and (place >= self.limits.keep or taken > self.limits.kept_bytes):
                del self._jobs[one.id]
                folders.drop(folders[one.id])
