"""How much jobs may use."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from parkgeo.errors import ProjectError

__all__ = ["JobLimits"]


def _told(default: Any, variable: str, says: str) -> Any:
    """A setting that the environment may state; `api.settings` reads it."""
    return field(default=default, metadata={"variable": variable, "says": says})


@dataclass(frozen=True, slots=True)
class JobLimits:
    """Settings of jobs.

    Attributes
    ----------
    unpacked_bytes
        Most bytes that an uploaded archive may unpack to.
    at_once, waiting
        Jobs that run at once, and that wait for them.
    receiving
        Uploads that are received at once.
    idle_s
        Seconds that an upload may go without a byte.
    job_s
        Seconds that a job may run.
    memory_bytes
        Address space that a job's process may have, where the system can limit it.
    keep, kept_bytes
        Ended jobs that are kept, and the most bytes that they may take on the disk; the oldest go first.
    heartbeat_s
        Seconds between two signs of life to those who follow events.

    Raises
    ------
    ProjectError
        One of them is not above zero.

    Examples
    --------
    >>> JobLimits(keep=5).at_once
    1
    """

    unpacked_bytes: int = _told(4 << 30, "PARKGEO_UNPACKED_BYTES", "Most bytes that an upload may unpack to")
    at_once: int = _told(1, "PARKGEO_JOBS_AT_ONCE", "Jobs that run at the same time")
    waiting: int = _told(8, "PARKGEO_JOBS_WAITING", "Jobs that may wait for their turn; 429 beyond")
    receiving: int = _told(2, "PARKGEO_RECEIVING", "Uploads received at the same time; 429 beyond")
    idle_s: float = _told(
        60.0, "PARKGEO_UPLOAD_IDLE_S", "Seconds that an upload may go without a byte; 408 beyond"
    )
    job_s: float = _told(3_600.0, "PARKGEO_JOB_S", "Seconds that a job may run")
    memory_bytes: int = _told(
        24 << 30,
        "PARKGEO_JOB_MEMORY_BYTES",
        "Address space that a job's process may have, where the system can limit it",
    )
    keep: int = _told(50, "PARKGEO_JOBS_KEEP", "Ended jobs that are kept")
    kept_bytes: int = _told(
        4 << 30, "PARKGEO_JOBS_KEPT_BYTES", "Most bytes on the disk that ended jobs are kept with"
    )
    heartbeat_s: float = _told(
        15.0, "PARKGEO_HEARTBEAT_S", "Seconds between two signs of life to those who follow a job's events"
    )

    def __post_init__(self) -> None:
        for one in fields(self):
            if not getattr(self, one.name) > 0:
                raise ProjectError(
                    f"{one.name} of jobs must be above zero", where=str(one.metadata["variable"])
                )
