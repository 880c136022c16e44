"""``parkgeo sites`` and ``parkgeo fit`` on the sample park, with the briefs of the documents."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd

BRIEF = Path(__file__).parents[2] / "docs" / "briefs" / "machinery.toml"


def test_the_brief_of_the_documents(run, demo, tmp_path):
    done = run(
        "sites", BRIEF, "--workspace", demo[0], "--json", "--lang", "en", "-o", tmp_path / "sites.geojson"
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    counts = told["counts"]
    assert counts["asked"] == counts["fit"] + counts["do_not_fit"] + counts["undetermined"]
    assert len(told["ranked"]) == min(counts["fit"], 5)
    scores = [site["score"] for site in told["ranked"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= site["stability"] <= 1 for site in told["ranked"])
    for site in told["why_not"]:
        assert "no" in {limit["verdict"] for limit in site["limits"]}
        assert site["counterfactual"].startswith("It would fit with ")
    assert all(site["ask"].startswith("Ask for ") for site in told["undetermined"])
    shapes = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))["features"]
    assert len(shapes) == counts["asked"]
    assert all(feature["geometry"] for feature in shapes)


def test_it_is_printed_in_both_languages_and_written_as_a_workbook(run, demo, tmp_path):
    done = run("sites", BRIEF, "--workspace", demo[0], "--lang", "zh", "-o", tmp_path / "sites.xlsx")
    assert done.returncode == 0, done.stderr.decode()
    assert "适配的地块" in done.stdout.decode()
    assert "满足以下条件即可适配" in done.stdout.decode()
    assert openpyxl.load_workbook(tmp_path / "sites.xlsx").sheetnames


def test_a_brief_with_faults_tells_them_all(run, demo, tmp_path):
    brief = tmp_path / "brief.json"
    brief.write_text('{"industry": "machinry", "needs": {"area": 30}}', encoding="utf-8")
    done = run("sites", brief, "--workspace", demo[0])
    assert done.returncode == 2
    said = done.stderr.decode()
    assert "did you mean 'machinery'" in said
    assert "area has no unit" in said
    brief.write_bytes(b"\xff\xfe{")
    assert "UTF-8" in run("sites", brief, "--workspace", demo[0]).stderr.decode()
    assert "cannot be read" in run("sites", tmp_path / "none.toml", "--workspace", demo[0]).stderr.decode()


def test_the_fit_of_industries(run, demo, tmp_path):
    done = run(
        "fit",
        "--workspace",
        demo[0],
        "--industry",
        "34",
        "--industry",
        "electronics",
        "--json",
        "-o",
        tmp_path / "fit.csv",
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert [one["key"] for one in told["industries"]] == ["machinery", "electronics"]
    assert {cell["grade"] for cell in told["cells"]} <= {"high", "medium", "low", "no", "undetermined"}
    written = pd.read_csv(tmp_path / "fit.csv")
    assert len(written) == len(told["cells"])
    one = run("fit", "--workspace", demo[0], "--parcel", told["cells"][0]["site_id"], "--lang", "en")
    assert "General machinery (34)" in one.stdout.decode()
    assert (
        "did you mean 'machinery'"
        in run("fit", "--workspace", demo[0], "--industry", "machinry").stderr.decode()
    )
