"""Work that the service does for a while: an upload that is analysed, a scenario."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.client.problems import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parkgeo.client.wire import Wire

__all__ = ["Event", "Job", "read_events"]

_UNDER_WAY = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a job said.

    Attributes
    ----------
    id
        Its number, by which listening goes on after it.
    kind
        What it is about.
    told
        What it says.
    """

    id: str
    kind: str
    told: dict[str, Any]


class Job:
    """A job of the service.

    Parameters
    ----------
    wire
        The service.
    told
        The job as the service told it.
    """

    def __init__(self, wire: Wire, told: dict[str, Any]) -> None:
        self._wire = wire
        self.told = told
        self.id = str(told["id"])

    def __repr__(self) -> str:
        return f"Job({self.id!r}, {self.state!r})"

    @property
    def state(self) -> str:
        """``queued`` or ``running``, and at its end ``done``, ``failed``, ``cancelled``, ``interrupted`` or ``needs_attention``."""
        return str(self.told.get("state", ""))

    @property
    def snapshot(self) -> str:
        """Name of the snapshot that it published; empty where it published none."""
        return str(self.told.get("snapshot") or "")

    @property
    def ended(self) -> bool:
        """Whether it came to its end, good or bad."""
        return self.state not in _UNDER_WAY

    def look(self) -> Job:
        """Ask how it stands; `told` and `state` are then as of now."""
        self.told = self._wire.read("jobs", self.id)
        return self

    def wait(self, timeout: float = 3_600.0, *, every: float = 0.5) -> Job:
        """Wait for its end.

        Parameters
        ----------
        timeout
            Most seconds to wait; the job goes on when they are over.
        every
            Seconds between two looks at first; they grow to ten times that.

        Raises
        ------
        ClientError
            It has not ended in time.
        """
        until, pause = time.monotonic() + timeout, every
        while not (self.ended or self.look().ended):
            if time.monotonic() + pause > until:
                raise ClientError(
                    f"the job {self.id} is still {self.state} after {timeout:g} s",
                    mend="wait longer: it goes on, and `Client.job` finds it again",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, every * 10)
        return self

    def events(self, after: str = "") -> Iterator[Event]:
        """What the job says while it says it; ends with the job.

        Parameters
        ----------
        after
            `Event.id` of the last that was heard.
        """
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
        with self._wire.open("jobs", self.id, "events", headers=headers, endless=True) as response:
            yield from read_events(response.iter_lines())
        self.look()

    def cancel(self) -> Job:
        """End it, and throw away what it has done so far; one that has ended is forgotten by the service."""
        self.told = self._wire.read("jobs", self.id, method="DELETE")
        return self


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """Server-sent events.

    Examples
    --------
    >>> list(read_events(["id: 1", "event: step", 'data: {"name": "read"}', "", ": heartbeat", ""]))
    [Event(id='1', kind='step', told={'name': 'read'})]
    """
    name, kind = "", "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield Event(name, kind, _object("\n".join(data)))
            kind, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            name = value
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)


def _object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ClientError("an event of the job is no JSON") from error
    return told if isinstance(told, dict) else {"value": told}
