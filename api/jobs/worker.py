"""A job's own process: reads its order from standard input, tells its steps on standard output, leaves its result in a file.

The process ends with the service: when standard input closes, it ends itself and all that it started. But once it was
given leave to publish it finishes, for a snapshot is either published or not.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from api.jobs.job import both
from parkgeo.errors import InputError, ParkgeoError
from parkgeo.files import publish_file
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import RawIOBase

__all__ = ["GO", "PUBLISHING", "RESULT", "main", "work"]

RESULT = "result.json"
PUBLISHING = "snapshot"
"""The step at which a snapshot is written: it is begun only with leave."""
GO = b"go\n"
_GENTLY = 10
_SPOKEN = 2_000


def main() -> None:
    """Do one job."""
    steps = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not be taken for a step
    # Unbuffered: a thread that waits in a buffer would keep Python from ending.
    lines = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    order = orjson.loads(lines.readline())
    _hold(order)
    leave = threading.Event()
    threading.Thread(target=_listen, args=(lines, leave), daemon=True).start()

    def tell(step: str) -> None:
        steps.write(orjson.dumps({"step": step}) + b"\n")
        if step == PUBLISHING:
            leave.wait()

    folder = Path(order["folder"])
    result = work(order, folder, tell)
    with publish_file(folder / RESULT) as beside:
        beside.write_bytes(orjson.dumps(result))


def work(order: dict[str, Any], folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Do the job; what is wrong with it becomes its result."""
    from api.jobs.work import work_on_scenario, work_on_upload

    try:
        if order["kind"] == "scenario":
            return work_on_scenario(order, folder, tell)
        return work_on_upload(order, folder, tell)
    except MemoryError:
        return _failed(
            InputError("it needs more memory than a job may have", mend="upload less at once"), folder
        )
    except ParkgeoError as error:
        return _failed(error, folder)


def _failed(error: ParkgeoError, folder: Path) -> dict[str, Any]:
    """What went wrong, without a path of this machine."""
    said = {"what": error.what, "where": error.where, "mend": error.mend}
    told = {name: _hidden(text, folder) for name, text in said.items()}
    return {
        "state": "failed",
        "message": both(sentence("The job failed: {what}", what=told["what"])),
        "problem": told,
    }


def _hidden(text: str, folder: Path) -> str:
    """Text with files as the client knows them."""
    for place in (folder / "files", folder, folder.parent.parent):
        for known in (str(place), str(place.resolve()), place.as_posix()):
            text = text.replace(known + os.sep, "").replace(known + "/", "").replace(known, "")
    return text[:_SPOKEN]


def _listen(lines: RawIOBase, leave: threading.Event) -> None:
    """Take leave to publish; end with the service if it goes before."""
    for line in iter(lines.readline, b""):
        if line == GO:
            leave.set()
    if not leave.is_set():
        if os.name != "nt":
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def _hold(order: dict[str, Any]) -> None:
    """Limit what this process and those that it starts may use, and let others go first."""
    if os.name == "nt":
        return  # its priority was given to it when it was started
    import resource

    os.nice(_GENTLY)
    limits = ((resource.RLIMIT_AS, order["memory_bytes"]), (resource.RLIMIT_CORE, 0))
    for what, most in limits:
        with contextlib.suppress(OSError, ValueError):  # macOS refuses some
            resource.setrlimit(what, (most, most))
