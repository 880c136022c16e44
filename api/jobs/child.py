"""The service's side of a job's process: started in a group of its own, listened to, ended with all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from api.jobs.worker import GO

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Child"]

# Isolated Python forgets where packages are; this process's own places are told to it, and nothing else.
_START = "import json,sys; sys.path[:]=json.loads(sys.argv[1]); from api.jobs.worker import main; main()"
# What this service was told is no business of a process that handles users' files. The one address that it may need, of the
# database that the service shows, comes with its order; files are opened in a process below it, which gets neither.
_OWN = ("PARKGEO_", "PG", "PYTHON")
_LONGEST_LINE = 10_000
_LOG = "log.txt"


class Child:
    """A job's process.

    Parameters
    ----------
    order
        What it shall do; see `api.jobs.work`.
    folder
        The job's; the process keeps what it needs for a while in ``tmp`` there, so that nothing is left when it is ended.
    """

    def __init__(self, order: dict[str, Any], folder: Path) -> None:
        self._lock = threading.Lock()
        for_a_while = folder / "tmp"
        for_a_while.mkdir()
        places = [place for place in sys.path if place] + [str(Path(__file__).parents[2])]
        with (folder / _LOG).open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and orders of our own
                [sys.executable, "-I", "-X", "utf8", "-c", _START, json.dumps(places)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=for_a_while, env=_environment(for_a_while), start_new_session=os.name != "nt",
                creationflags=_quietly(),
            )  # fmt: skip
        self._write(orjson.dumps(order) + b"\n")

    def steps(self) -> Iterator[str]:
        """The steps as it begins them, until it ends."""
        out = self._process.stdout
        while out is not None and (line := out.readline(_LONGEST_LINE)):
            with contextlib.suppress(ValueError, TypeError, KeyError):  # not one of ours: a library printed
                yield str(orjson.loads(line)["step"])

    def go(self) -> None:
        """Give it leave to publish."""
        self._write(GO)

    def wait(self) -> int:
        """Wait for its end; gives its exit code, below zero for the signal that ended it."""
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return code

    def kill(self) -> None:
        """End it and all that it started."""
        with self._lock:
            if self._process.poll() is not None:
                return
            if os.name == "nt":
                # A process of Windows has no group that could be ended; this follows the tree.
                subprocess.run(  # noqa: S603 - a number of our own
                    ["taskkill", "/F", "/T", "/PID", str(self._process.pid)],  # noqa: S607
                    check=False,
                    capture_output=True,
                )
            else:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _write(self, line: bytes) -> None:
        """Tell it something; where it is gone its exit code says so."""
        pipe = self._process.stdin
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.write(line)
                pipe.flush()


def _environment(for_a_while: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OWN)}
    return kept | {name: str(for_a_while) for name in ("TMPDIR", "TMP", "TEMP")}


def _quietly() -> int:
    """On Windows: no window, and others go first."""
    return getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
