"""A job: what was asked, how far it is, what came of it. Its record is a file, replaced whole at each step."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import orjson

from parkgeo.files import publish_file
from parkgeo.i18n import LANGUAGES
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ENDED", "RECORD", "Job", "State", "both", "failure", "new_id", "now", "read_job", "words_of"]

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted", "needs_attention"]
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled", "interrupted", "needs_attention"})
RECORD = "job.json"
_MOST_ENTRIES = 400
_SAID: dict[State, Sentence] = {
    "queued": sentence("The job waits for its turn."),
    "running": sentence("The job runs."),
    "done": sentence("The job is done."),
    "failed": sentence("The job failed."),
    "cancelled": sentence("The job was cancelled; nothing was published."),
    "interrupted": sentence("The service was stopped while the job ran. Send it again."),
    "needs_attention": sentence("Somebody must look at it."),
}


def now() -> str:
    """The time in UTC, to milliseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """An id that nobody guesses: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def both(said: Sentence) -> dict[str, str]:
    """A sentence in both languages."""
    return {lang: said.speak(lang) for lang in LANGUAGES}


def words_of(state: State) -> dict[str, str]:
    """What a state means, in both languages."""
    return both(_SAID[state])


def failure(what: str) -> dict[str, Any]:
    """The result of a job that failed for a reason of the service's own."""
    return {
        "message": both(sentence("The job failed: {what}", what=what)),
        "problem": {"what": what, "where": "", "mend": "look at the service's log, or upload less at once"},
    }


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Attributes
    ----------
    id
        Ours, random.
    kind
        ``upload`` or ``scenario``.
    asked
        What the client asked for: ``name``, and further options of the kind.
    by
        Id of the key that asked; empty for one without.
    made
        When it was asked for.
    state
        Where it is.
    history
        What happened, in order: entries with ``at`` and ``state``, and of a step ``step`` and ``title``.
    result
        What came of it; ``message`` in both languages.
    """

    id: str
    kind: str
    asked: dict[str, Any]
    by: str = ""
    made: str = field(default_factory=now)
    state: State = "queued"
    history: tuple[dict[str, Any], ...] = ()
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing will happen any more."""
        return self.state in ENDED

    @property
    def message(self) -> dict[str, str]:
        """What is to be said of it, in both languages."""
        told: dict[str, str] = self.result.get("message") or words_of(self.state)
        return told

    def at_step(self, name: str, title: dict[str, str]) -> Job:
        """The job at a further step; one step of many files is one, and beyond a number of them they are not written down."""
        if len(self.history) >= _MOST_ENTRIES or (self.history and self.history[-1].get("step") == name):
            return self
        return replace(
            self, history=(*self.history, {"at": now(), "state": self.state, "step": name, "title": title})
        )

    def in_state(self, state: State, result: dict[str, Any] | None = None) -> Job:
        """The job in another state."""
        moved = replace(self, state=state, result=self.result if result is None else result)
        entry = {"at": now(), "state": state, "message": moved.message}
        return replace(moved, history=(*self.history, entry))

    def write(self, folder: Path) -> None:
        """Write the record, whole or not at all."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        with publish_file(folder / RECORD) as beside:
            beside.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


def read_job(folder: Path) -> Job | None:
    """The job whose record is in a folder; None where there is none that can be read."""
    try:
        told = orjson.loads((folder / RECORD).read_bytes())
        job = Job(**{**told, "history": tuple(told["history"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return job if job.id == folder.name and job.state in _SAID else None
