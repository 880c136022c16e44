"""The command line as its user runs it, and one demo for all of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command import Commands
from tests.once import made_once

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run ``parkgeo`` with arguments; output as bytes, in the encoding the test names."""
    return Commands().run


@pytest.fixture(scope="session")
def demo(run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace made by ``parkgeo demo --no-serve``, and what it printed."""

    def make(folder: Path) -> None:
        done = run("demo", "--no-serve", "--workspace", folder / "workspace")
        assert done.returncode == 0, done.stderr.decode()
        (folder / "printed").write_bytes(done.stdout)

    folder = made_once(tmp_path_factory, "demo", make)
    return folder / "workspace", (folder / "printed").read_bytes().decode()
