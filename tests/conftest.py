"""What all tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from parkgeo.sample import write_sample

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.pipeline import Run

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


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample park, freshly made: its park.toml."""
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def sample_run(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample park, analysed once for all tests."""
    return run_project(read_project(sample), tmp_path_factory.mktemp("workspace"))
