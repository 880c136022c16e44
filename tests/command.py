"""``parkgeo`` as its user runs it: always in a process of its own, which need not load the libraries anew each time."""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.context import BaseContext

WITHIN_S = 300

LIBRARIES = [
    "parkgeo.cli.app", "parkgeo.cli.access", "parkgeo.cli.summary", "parkgeo.pipeline.access_files", "parkgeo.pipeline", "parkgeo.guess",
    "parkgeo.export", "parkgeo.export.register", "parkgeo.report", "maps", "babel.dates", "babel.numbers", "filelock", "folium",
    "geopandas.io.arrow", "jinja2", "mapclassify", "matplotlib.figure", "pyarrow.dataset", "pyarrow.parquet", "pydantic", "pyogrio", "rich.console",
    "rich.table", "scipy.stats", "typer.main", "xlsxwriter",
]  # fmt: skip
"""What most commands load."""

_BEFORE_IT_STARTS = frozenset({"PYTHONUTF8", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "LC_ALL", "LANG"})
"""Variables that Python reads when it starts, and never again."""


def context() -> BaseContext:
    """How processes are started: on Linux from one that has loaded the libraries already.

    Each is a process of its own all the same: it ends, or is killed, as one.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(LIBRARIES)
    return found


class Commands:
    """Runs ``parkgeo``; what each command imports by itself shows the first time, when its process starts from nothing."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def run(
        self, *arguments: object, encoding: str = "utf-8", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the command line with arguments.

        Parameters
        ----------
        arguments
            Words of the command line; the first is the command.
        encoding
            Of what it prints.
        environment
            Variables beside those of this process; an empty one is not there.

        Returns
        -------
        subprocess.CompletedProcess
            Its exit code, and all that it printed, as bytes.
        """
        words = [str(argument) for argument in arguments]
        told = {
            **os.environ,
            "PYTHONIOENCODING": encoding,
            "PARKGEO_LANG": "en",
            "COLUMNS": "160",
            **environment,
        }
        told = {name: value for name, value in told.items() if value}
        command = next(iter(words), "")
        forked = (
            sys.platform == "linux" and command in self._seen and not _BEFORE_IT_STARTS & set(environment)
        )
        self._seen.add(command)
        return _forked(words, told, encoding) if forked else _started(words, told)


def _started(words: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "parkgeo", *words],
        capture_output=True,
        check=False,
        timeout=WITHIN_S,
        env=environment,
    )


def _forked(
    words: list[str], environment: dict[str, str], encoding: str
) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        printed = [Path(folder) / name for name in ("out", "err")]
        arguments = (words, environment, encoding, str(Path.cwd()), [str(file) for file in printed])
        process = context().Process(target=_run, args=arguments)
        process.start()
        process.join(WITHIN_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(words, WITHIN_S)
        code = process.exitcode
        process.close()
        return subprocess.CompletedProcess(words, code, *(file.read_bytes() for file in printed))


def _run(words: list[str], environment: dict[str, str], encoding: str, at: str, printed: list[str]) -> None:
    """What ``python -m parkgeo`` does, in this process."""
    os.chdir(at)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(printed, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    # As Python opens them for a pipe.
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding, write_through=False)
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False), encoding, "backslashreplace", line_buffering=True
    )
    sys.argv = ["parkgeo", *words]
    try:
        runpy.run_module("parkgeo", run_name="__main__", alter_sys=True)
    except Exception:  # noqa: BLE001 - what nobody caught, as Python shows it at its end
        sys.excepthook(*sys.exc_info())
        sys.exit(1)
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
