"""The command line as its user runs it, and one demo for all of these tests."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run ``parkgeo`` with arguments; output as bytes, in the encoding the test names."""

    def parkgeo(
        *arguments: object, encoding: str = "utf-8", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        told = {
            **os.environ,
            "PYTHONIOENCODING": encoding,
            "PARKGEO_LANG": "en",
            "COLUMNS": "160",
            **environment,
        }
        told = {name: value for name, value in told.items() if value}
        return subprocess.run(
            [sys.executable, "-m", "parkgeo", *(str(argument) for argument in arguments)],
            capture_output=True,
            check=False,
            timeout=300,
            env=told,
        )

    return parkgeo


@pytest.fixture(scope="session")
def demo(run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace made by ``parkgeo demo --no-serve``, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--no-serve", "--workspace", folder)
    assert done.returncode == 0, done.stderr.decode()
    return folder, done.stdout.decode()
