"""What all tests share."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from parkgeo.ingest.openers import Opener, opener_for
from parkgeo.ingest.worker.crew import Crew
from parkgeo.pipeline import Run, run_project
from parkgeo.project import read_project
from parkgeo.sample import write_sample
from parkgeo.store import Workspace
from tests.once import made_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# No deadline: two cores shared with other programs make single examples slow now and then. The database would leave
# files in the checkout. Fixtures here are read-only, so one for all examples of a test is right.
settings.register_profile(
    "parkgeo",
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
settings.load_profile("parkgeo")


def pytest_collection() -> None:
    """While twelve thousand tests are gathered nothing becomes garbage."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What stands until the end is looked through no more: a service that loads a snapshot collects all garbage each time."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample park, freshly made: its park.toml."""
    return made_once(tmp_path_factory, "sample", write_sample) / "park.toml"


@pytest.fixture(scope="session")
def sample_run(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample park, analysed once for all tests."""

    def analyse(folder: Path) -> None:
        run = run_project(read_project(sample), folder)
        (folder / "clean").write_text(str(run.clean), encoding="utf-8")

    workspace = made_once(tmp_path_factory, "workspace", analyse)
    clean = workspace / "clean"
    was_clean = clean.read_text(encoding="utf-8") == "True"
    clean.unlink()
    return Run(Workspace(workspace).current(), was_clean)


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    """Children that open files for many tests; one that breaks down is replaced, as in one analysis."""
    with Crew(rasters=True) as one:
        yield one


OPENING = ("parkgeo.ingest.read", "parkgeo.pipeline.run", "parkgeo.guess.folder")
"""Modules that ask for an opener of files."""


@pytest.fixture
def one_crew(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> Crew:
    """Have one crew open the files of all that this test runs, for starting a child takes longer than most that it reads.

    That each run starts and ends children of its own is what `tests.unit.test_worker` and all tests of commands see to.
    """

    def lent(*, trusted: bool, rasters: bool) -> AbstractContextManager[Opener]:
        return opener_for(trusted=True, rasters=rasters) if trusted else nullcontext(crew)

    for module in OPENING:
        monkeypatch.setattr(f"{module}.opener_for", lent)
    return crew
