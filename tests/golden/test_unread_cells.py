"""A ledger's cell that cannot be read is not a blank one: from the file to the verdict.

A blank actual start means that no start was reported, and makes land idle. "2025年5月" in that cell means that one was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from tests.builders import land, rect

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("one_crew")

_PROJECT = """
[park]
name = "one parcel"
as_of = 2026-06-30
packs = ["national"]

[layers.parcels]
path = "parcels.gpkg"

[layers.supply]
path = "supply.csv"
"""
BLANK = {
    "agreed_start": "2023-01-01",
    "actual_start": "",
    "government_delay_days": "",
    "supply_status": "已供",
}


def judged(folder: Path, **cells: str) -> tuple[str, str, bool]:
    """Verdict, what is asked for, and whether the run was clean, of a ledger of one row."""
    land([rect(40_500_000, 3_500_000, 90, 90)], parcel_id=["a"]).to_file(folder / "parcels.gpkg")
    pd.DataFrame([{"parcel_id": "a", **BLANK, **cells}]).to_csv(folder / "supply.csv", index=False)
    (folder / "park.toml").write_text(_PROJECT, encoding="utf-8")
    run = run_project(read_project(folder / "park.toml"), folder / "ws")
    found = run.snapshot.read("findings")
    found = found[found["code"] == "idle_not_started"]
    verdict = run.snapshot.read("parcels")["idle_not_started"].iloc[0]
    return verdict, ", ".join(found["missing"]), run.clean


def test_blank_cells_make_it_idle(tmp_path):
    assert judged(tmp_path) == ("yes", "handover_on", True)


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"actual_start": "约2025年春"}, "actual_start"),
        ({"actual_start": "已动工"}, "actual_start"),
        ({"agreed_start": "2023-13-45"}, "agreed_start, handover_on, approved_on"),
        ({"government_delay_days": "约半年"}, "government_delay_days, government_delay_cause"),
        ({"government_delay_days": "-30"}, "government_delay_days, government_delay_cause"),
        ({"supply_status": "不详？"}, "supply_status"),
        ({"government_delay_days": "若干", "actual_start": "已动工"}, "actual_start"),
    ],
)
def test_cells_that_cannot_be_read_leave_it_open(tmp_path, cells, asked):
    assert judged(tmp_path, **cells) == ("undetermined", asked, False)


def test_a_cause_without_days_leaves_it_open(tmp_path):
    verdict, asked, _ = judged(tmp_path, government_delay_cause="拆迁未完成")
    assert (verdict, asked) == ("undetermined", "government_delay_days, government_delay_cause")
