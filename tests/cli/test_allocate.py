"""``parkgeo allocate`` on the sample park."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "briefs" / "portfolio.toml"


def test_the_example_of_the_handbook(run, demo, tmp_path):
    done = run("allocate", EXAMPLE, "-w", demo[0], "--json", "-o", tmp_path / "plan.geojson")
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["state"] == "optimal"
    assert all(one["site_id"] for one in told["projects"])
    assert sum(one["points"] for one in told["projects"]) == pytest.approx(told["points"] + told["taken_off"])
    features = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))["features"]
    assert [one["properties"]["project"] for one in features] == [one["project"] for one in told["projects"]]
    assert all(one["geometry"] for one in features)


def test_what_a_person_reads_and_files(run, demo, tmp_path):
    done = run("allocate", EXAMPLE, "-w", demo[0], "--lang", "zh", "--join", "-o", tmp_path / "plan.xlsx")
    shown = done.stdout.decode()
    assert "已证明为最优方案" in shown
    assert "备选方案" in shown
    assert " nan" not in shown
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert len(book.sheetnames) == 4


def test_what_cannot_be_followed_is_said(run, demo, tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('[[projects]]\nname = "A"\nindustry = "machinary"\n[rules]\ngap = 3\n', encoding="utf-8")
    done = run("allocate", bad, "-w", demo[0])
    assert done.returncode == 2
    message = done.stderr.decode()
    assert "did you mean 'machinery'" in message
    assert "rules.gap" in message
    impossible = tmp_path / "much.toml"
    impossible.write_text(
        '[[projects]]\nname = "A"\nindustry = "machinery"\nneeds = { area = "900 ha" }\nmust = true\n',
        encoding="utf-8",
    )
    done = run("allocate", impossible, "-w", demo[0])
    assert done.returncode == 1
    assert "A is to be placed in any case" in done.stdout.decode()
