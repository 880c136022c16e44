"""An analysis killed at any moment leaves a workspace that opens, with a whole snapshot live."""

from __future__ import annotations

import datetime as dt
import random
import time
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from parkgeo.store import Workspace
from parkgeo.store.workspace import _is_whole
from tests.builders import land, rect
from tests.writer import started

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 25
_PROJECT = """
[park]
name = "three parcels"
as_of = 2026-06-30
packs = ["national"]

[layers.parcels]
path = "parcels.gpkg"

[layers.supply]
path = "supply.csv"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    ids = ["a", "b", "c"]
    shapes = [rect(40_500_000 + 100 * at, 3_500_000, 90, 90) for at in range(3)]
    land(shapes, parcel_id=ids).to_file(tmp_path / "parcels.gpkg")
    ledger = pd.DataFrame(
        {"parcel_id": ids, "agreed_start": ["2023-01-01", "2024-06-01", ""], "actual_start": ["", "", ""]}
    )
    ledger.to_csv(tmp_path / "supply.csv", index=False)
    (tmp_path / "park.toml").write_text(_PROJECT, encoding="utf-8")
    return tmp_path / "park.toml"


def test_killed_at_any_moment(project, tmp_path):
    folder = tmp_path / "ws"
    moments = random.Random(20260630)  # noqa: S311 - moments, no secrets
    amid_writing = 0
    for kill in range(KILLS):
        amid = kill % 2 == 1
        # What is written does not hang on who read it; where reading may be killed, a child of its own reads.
        with started(project, folder, 37 * kill, trusted=amid) as (_, told):
            assert told.poll(120), "no analysis has ended"
            told.recv()  # one has ended well, whatever the last killed one left
            if amid:
                wait_for_writing(folder)
                time.sleep(moments.choice([0, 0, 0.005, 0.02]))
            else:
                time.sleep(moments.uniform(0, 0.3))
        amid_writing += bool(leftovers(folder))
        workspace = Workspace(folder)
        assert _is_whole(workspace.current().path)
        for name in workspace.names():
            assert _is_whole(folder / "snapshots" / name)
        assert len(workspace.current().read("parcels")) == 3
    assert amid_writing > 3  # else the moments were badly chosen
    run = run_project(read_project(project), folder)
    assert Workspace(folder).current_name == run.snapshot.name
    assert run.snapshot.as_of == dt.date(2026, 6, 30)
    assert leftovers(folder) == []


def leftovers(folder: Path) -> list[Path]:
    return [*folder.glob(".writing-*"), *(folder / "snapshots").glob(".writing-*")]


def wait_for_writing(folder: Path) -> None:
    """Until the writer has begun to write; half a minute is given up, on a machine where an analysis takes so long."""
    until = time.monotonic() + 30
    while not leftovers(folder) and time.monotonic() < until:
        time.sleep(0.001)
