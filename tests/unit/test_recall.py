"""A snapshot answers further questions by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parkgeo.packs import book_of, load_packs
from parkgeo.pipeline.recall import recalled
from parkgeo.pipeline.run import run_project
from parkgeo.project import read_project

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

SAMPLE = Path(__file__).parents[2] / "data" / "park.toml"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return run_project(read_project(SAMPLE), tmp_path_factory.mktemp("recall"), trusted=True).snapshot


def test_figures_are_those_that_were_in_force(snapshot: Snapshot) -> None:
    asked = load_packs(["national"], Path())
    desk = recalled(snapshot)
    assert desk.rules.figures == asked.figures
    assert book_of(snapshot.catalogue["figures"]).get("control.building_coefficient_min_2023") == asked.get(
        "control.building_coefficient_min_2023"
    )


def test_layers_and_results_are_those_of_the_snapshot(snapshot: Snapshot) -> None:
    desk = recalled(snapshot)
    assert desk.layers.roads is not None
    assert len(desk.layers.roads) == snapshot.manifest["tables"]["roads"]["rows"]
    assert desk.parcels.crs == snapshot.crs
    assert desk.as_of.isoformat() == snapshot.manifest["as_of"]
    assert (desk.parcels["idle"] == "yes").sum() == (snapshot.read("parcels")["idle"] == "yes").sum() > 0
    assert desk.layers.imagery == ()
