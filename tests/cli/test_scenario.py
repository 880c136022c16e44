"""``parkgeo scenario`` on the sample park, with the example of the handbook as it stands there."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import openpyxl
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "accessibility.md"


@pytest.fixture
def example(tmp_path):
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "changes.geojson"
    path.write_text(block, encoding="utf-8", newline="\n")
    return path


def state(folder: Path) -> dict[str, str]:
    held = (folder / "snapshots", folder / "CURRENT")
    files = [
        file
        for one in held
        for file in ([one] if one.is_file() else sorted(one.rglob("*")))
        if file.is_file()
    ]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_example_of_the_handbook(run, demo, example):
    before = state(demo[0])
    done = run("scenario", example, "--workspace", demo[0], "--json")
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert [one["action"] for one in told["changes"]] == [
        "add_road",
        "close_road",
        "change_road",
        "add_main",
        "add_facility",
    ]
    rows = {(one["metric"], one["parcel_id"]): one for one in told["parcels"]}
    # The parcel that has no frontage gets it, and a way to the port.
    opened = rows["no_frontage", "330599001032GB00006"]
    assert (opened["before_text"], opened["after_text"], opened["effect"]) == ("yes", "no", "better")
    assert rows["travel_min_port", "330599001032GB00006"]["effect"] in ("reached", "better")
    parks = {one["metric"]: one for one in told["parks"]}
    assert parks["services_ready"]["parcels_better"] > 10
    assert parks["services_ready"]["parcels_worse"] == parks["no_frontage"]["parcels_worse"] == 4
    assert parks["walk_min_canteen"]["parcels_better"] > 0
    assert "no model of capacity" not in told["changes"][2]["what_en"]
    assert state(demo[0]) == before


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["closes 571 m of YTR0035", "Parcels that gain most by car"]),
        ("zh", ["封闭 YTR0035 共 571 米", "变好的宗地"]),
    ],
)
def test_what_a_person_reads(run, demo, example, lang, words):
    done = run("scenario", example, "--workspace", demo[0], "--lang", lang)
    shown = done.stdout.decode()
    assert done.returncode == 0
    for word in words:
        assert word in shown
    assert not re.search(r"\bnan\b|None", shown)


def test_files_are_written(run, demo, example, tmp_path):
    for ending in ("xlsx", "csv", "geojson"):
        done = run("scenario", example, "--workspace", demo[0], "-o", tmp_path / f"out.{ending}")
        assert done.returncode == 0, done.stderr.decode()
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["Scenario parks", "Scenario parcels", "Scenario changes"]
    features = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))["features"]
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len({row.split(",")[1] for row in rows[1:]}) == len(features)
    assert all(one["geometry"]["type"] == "MultiPolygon" for one in features)


def test_what_cannot_be_followed_is_said_and_nothing_is_written(run, demo, tmp_path):
    bad = tmp_path / "bad.geojson"
    told = {"type": "Feature", "geometry": None, "properties": {"action": "close_road", "road_id": "YTR9999"}}
    bad.write_text(json.dumps({"type": "FeatureCollection", "features": [told]}), encoding="utf-8")
    done = run("scenario", bad, "--workspace", demo[0], "-o", tmp_path / "out.csv")
    assert done.returncode == 2
    assert "there is no road YTR9999 — bad.geojson feature 1" in done.stderr.decode()
    assert not (tmp_path / "out.csv").exists()
    for arguments, words in (((tmp_path / "none.geojson",), "no such file"), ((), "holds no scenario")):
        done = run("scenario", *arguments, "--workspace", demo[0])
        assert done.returncode == 2
        assert words in done.stderr.decode()


def test_a_change_that_does_nothing_is_to_be_looked_at(run, demo, tmp_path):
    path = tmp_path / "same.geojson"
    told = {
        "type": "Feature",
        "geometry": None,
        "properties": {"action": "change_road", "road_id": "YTR0014", "speed_km_h": 60},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [told]}), encoding="utf-8")
    done = run("scenario", path, "--workspace", demo[0])
    assert done.returncode == 1
    assert "to be looked at: changes nothing" in done.stdout.decode()
    assert "Nothing differs for any parcel." in done.stdout.decode()


def test_scenarios_of_park_toml_are_in_the_snapshot(run, example, tmp_path):
    data = Path(__file__).parents[2] / "data"
    text = (data / "park.toml").read_text(encoding="utf-8")
    (block,) = [
        one
        for one in re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        if "scenarios" in one
    ]
    block = block.replace("changes.geojson", example.as_posix())
    moved = re.sub(r'path = "', f'path = "{data.as_posix()}/', text)
    (tmp_path / "park.toml").write_text(moved + "\n" + block, encoding="utf-8", newline="\n")
    done = run("analyze", tmp_path / "park.toml", "--workspace", tmp_path / "ws", "--trusted")
    assert done.returncode in (0, 1), done.stderr.decode()
    told = json.loads(run("scenario", "--workspace", tmp_path / "ws", "--json").stdout)
    assert {one["scenario"] for one in told["changes"]} == {"works", "north"}
    assert {one["scenario"] for one in told["parks"]} == {"works", "north"}
    alone = json.loads(run("scenario", example, "--workspace", tmp_path / "ws", "--json").stdout)
    stored = [one | {"scenario": "changes"} for one in told["parks"] if one["scenario"] == "north"]
    assert [one["metric"] for one in stored] == [one["metric"] for one in alone["parks"]]
    assert [round(one["after"] or 0, 6) for one in stored] == [
        round(one["after"] or 0, 6) for one in alone["parks"]
    ]
    name = (tmp_path / "ws" / "CURRENT").read_text(encoding="utf-8").strip()
    manifest = json.loads(
        (tmp_path / "ws" / "snapshots" / name / "manifest.json").read_text(encoding="utf-8")
    )
    assert any(one["path"].endswith("changes.geojson") for one in manifest["inputs"])
