"""A job as its addresses tell it, and as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from api.jobs.work import ACCOUNT, ACCOUNT_BOOK, DRAFT
from api.reply import JSON, link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.asked.visit import Visit
    from api.jobs.job import Job
    from api.jobs.jobs import Jobs

__all__ = ["FILES", "follow", "job_as_told"]

FILES = {
    ACCOUNT: JSON,
    ACCOUNT_BOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    DRAFT: "application/toml",
}
"""What can be had of a job, and as what."""

_RETRY_MS = 3_000


def job_as_told(visit: Visit, job: Job, jobs: Jobs, *, short: bool = False) -> dict[str, Any]:
    """A job for a client.

    Parameters
    ----------
    visit
        Who asks; the rows of the account are only for those who may see what is personal.
    job
        The job.
    jobs
        Where it is from.
    short
        Leave out steps and account.
    """
    told: dict[str, Any] = {
        "id": job.id,
        "kind": job.kind,
        "name": job.asked["name"],
        "state": job.state,
        "message": job.message,
        "created": job.made,
        "asked": {name: value for name, value in job.asked.items() if name != "name" and value},
        "links": _links(visit, job, jobs),
    }
    times = {entry["state"]: entry["at"] for entry in job.history if "step" not in entry}
    told["started"], told["ended"] = times.get("running"), times.get(job.state) if job.ended else None
    if not short:
        told["steps"] = _steps(job)
        told |= {name: value for name, value in job.result.items() if name != "message"}
    elif "snapshot" in job.result:
        told["snapshot"] = job.result["snapshot"]
    return told


def _steps(job: Job) -> list[dict[str, Any]]:
    """The steps, each with its begin and its end: the begin of what came next."""
    following = (*job.history[1:], None)
    return [
        {
            "step": entry["step"],
            "title": entry["title"],
            "started": entry["at"],
            "ended": None if after is None else after["at"],
        }
        for entry, after in zip(job.history, following, strict=True)
        if "step" in entry
    ]


def _links(visit: Visit, job: Job, jobs: Jobs) -> list[dict[str, str]]:
    here = ("jobs", job.id)
    links = [
        link(visit.url(*here), "self", JSON),
        link(visit.url(*here, "events"), "monitor", "text/event-stream"),
    ]
    if job.kind == "scenario":
        links.append(link(visit.url("scenarios", job.id), "results", JSON))
    elif "snapshot" in job.result:
        links.append(link(visit.url("snapshots", job.result["snapshot"]), "results", JSON))
    for name, media_type in FILES.items():
        if (name == DRAFT or "personal" in visit.caller.scopes) and jobs.has(job, name):
            links.append(link(visit.url(*here, name), "related", media_type, name))
    return links


async def follow(jobs: Jobs, name: str, after: int) -> AsyncIterator[bytes]:
    """A job's history as server-sent events, until it ends.

    Parameters
    ----------
    jobs
        The jobs.
    name
        The job's id.
    after
        Number of the last event that the client has; 0 for none.

    Yields
    ------
    bytes
        An event, or a comment that keeps the connection alive.
    """
    with jobs.watchers.watch(name) as watcher:
        yield b"retry: %d\n\n" % _RETRY_MS
        while True:
            job = jobs.known(name)
            if job is None:
                return
            for number, entry in enumerate(job.history[after:], start=after + 1):
                kind = b"step" if "step" in entry else b"state"
                yield b"id: %d\nevent: %b\ndata: %b\n\n" % (number, kind, orjson.dumps(entry))
            after = max(after, len(job.history))
            if job.ended or jobs.closed:
                return
            if not await watcher.wait(jobs.limits.heartbeat_s):
                yield b": still at work\n\n"
