"""A process that analyses again and again until it is killed: what the tests of killing kill."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.command import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

FIRST = dt.date(2024, 1, 1)
DAYS = 900
"""After so many days of analyses they begin again."""


@contextmanager
def started(
    project: Path, workspace: Path, turn: int, *, trusted: bool
) -> Iterator[tuple[BaseProcess, Connection]]:
    """A writer and the pipe by which it tells the turns it has ended; killed and gone at the end."""
    made = context()
    told, telling = made.Pipe(duplex=False)
    process = made.Process(target=write, args=(telling, str(project), str(workspace), turn, trusted))
    process.start()
    telling.close()  # so that a writer that breaks down ends the pipe
    try:
        yield process, told
    finally:
        process.kill()
        process.join()
        process.close()
        told.close()


def write(telling: Connection, project: str, workspace: str, turn: int, trusted: bool) -> None:  # noqa: FBT001 - a process's arguments
    """The command itself, again and again for another day, so that every turn writes another snapshot.

    The first turn opens the files in this process, the others too if ``trusted``.
    """
    from parkgeo.cli.app import app

    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    for now in itertools.count(turn):
        day = FIRST + dt.timedelta(days=now % DAYS)
        words = ["analyze", project, "--workspace", workspace, "--as-of", day.isoformat(), "--json"]
        app([*words, *["--trusted"] * (trusted or now == turn)], standalone_mode=False)
        telling.send(now)
