"""parkgeo init: from a folder of files to an analysis without a hand-made setting."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from parkgeo.guess import guess_folder, write_document
from parkgeo.ingest import read_layers
from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from tests.builders import land, rect
from tests.office import parcels, shared_data, write, write_xlsx

if TYPE_CHECKING:
    import datetime as dt

    from parkgeo.store import Snapshot

SAMPLE = Path(__file__).parents[2] / "data"
BUBENEC = shared_data() / "bubenec"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample park's files without its park.toml, with the one that init writes."""
    folder = tmp_path_factory.mktemp("copied") / "park"
    shutil.copytree(SAMPLE, folder)
    (folder / "park.toml").unlink()
    draft = guess_folder(folder, trusted=True)
    write_document(draft, folder / "park.toml")
    assert draft.sure
    return folder


def entries(path: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Layer, file and table → its entry."""
    layers = tomllib.loads(path.read_text(encoding="utf-8"))["layers"]
    return {
        (layer, one["path"], one.get("layer", "")): one
        for layer, found in layers.items()
        for one in (found if isinstance(found, list) else [found])
    }


def test_every_mapped_line_of_the_sample_park_is_found(copied):
    ours, shipped = entries(copied / "park.toml"), entries(SAMPLE / "park.toml")
    assert set(ours) == set(shipped)
    for key, entry in shipped.items():
        mapped = entry.get("fields", {})
        assert {field: ours[key].get("fields", {}).get(field) for field in mapped} == mapped
        assert {name: ours[key].get(name) for name in ("date", "bands")} == {
            name: entry.get(name) for name in ("date", "bands")
        }


def test_it_says_how_sure_it_is_in_both_languages(copied):
    text = (copied / "park.toml").read_text(encoding="utf-8")
    assert text.startswith("# 由 parkgeo init 生成")
    assert 'registered_area_m2 = { column = "登记面积", unit = "亩" }  # 登记面积 确定 / sure: ' in text
    assert "EPSG:4528" in text
    assert "\n# as_of = " in text
    assert tomllib.loads(text)["park"]["name"] == "云汀县临港工业园"
    assert "truth.json" in text


def analyse(project: Path, workspace: Path, as_of: dt.date) -> Snapshot:
    return run_project(read_project(project).with_options(as_of=as_of), workspace, trusted=True).snapshot


def test_the_findings_are_those_of_the_shipped_project(copied, tmp_path):
    as_of = read_project(SAMPLE / "park.toml").as_of
    ours = analyse(copied / "park.toml", tmp_path / "ours", as_of)
    shipped = analyse(SAMPLE / "park.toml", tmp_path / "shipped", as_of)
    for table in ("findings", "indicators", "parcels", "supply"):
        pd.testing.assert_frame_equal(ours.read(table), shipped.read(table))
    assert len(shipped.read("findings")) > 20


@pytest.mark.skipif(not BUBENEC.is_dir(), reason="needs momepy's bubenec in shared/data beside the checkout")
def test_real_plots_without_a_word_of_chinese(tmp_path):
    for file in BUBENEC.glob("*.gpkg"):
        shutil.copy(file, tmp_path / file.name)
    draft = guess_folder(tmp_path, trusted=True)
    write_document(draft, tmp_path / "park.toml")
    assert [(one.layer, one.table) for one in draft.live] == [
        ("parcels", "plots"), ("buildings", "buildings"), ("roads", "streets"),
    ]  # fmt: skip
    intake = read_layers(read_project(tmp_path / "park.toml"), trusted=True)
    assert {name: len(table) for name, table in intake.layers.tables().items()} == {
        "parks": 1, "parcels": 407, "buildings": 144, "roads": 35,
    }  # fmt: skip


# The command


def office(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write(parcels(3), folder / "宗地.gpkg")
    write_xlsx([["宗地代码", "供应状态"], ["P1", "已供"], ["P2", "已供"]], folder / "供地.xlsx")
    return folder


def told(done: Any) -> str:
    return done.stdout.decode() + done.stderr.decode()


def test_init_check_analyze(run, tmp_path):
    folder = office(tmp_path / "园区")
    done = run("init", folder)
    assert done.returncode == 0, told(done)
    assert "宗地.gpkg" in told(done)
    assert "missing: Buildings, needed for floor area ratio" in told(done)
    assert run("check", folder).returncode == 0
    done = run("analyze", folder, "--workspace", tmp_path / "ws", "--as-of", "2026-06-30")
    assert done.returncode == 0, told(done)


def test_it_speaks_chinese(run, tmp_path):
    done = run("init", office(tmp_path), "--lang", "zh")
    assert "供地台账" in told(done)
    assert "确定" in told(done)
    assert "缺少：建筑物，用于容积率" in told(done)


def test_an_existing_file_is_not_replaced_unless_told_so(run, tmp_path):
    (office(tmp_path) / "park.toml").write_text("mine", encoding="utf-8")
    done = run("init", tmp_path)
    assert done.returncode == 2
    assert "--force" in told(done)
    assert (tmp_path / "park.toml").read_text(encoding="utf-8") == "mine"
    assert run("init", tmp_path, "--force").returncode == 0
    assert read_project(tmp_path / "park.toml").sources


def test_elsewhere_the_paths_lead_back(run, tmp_path):
    office(tmp_path / "files" / "数据")
    done = run("init", tmp_path / "files", "-o", tmp_path / "projects" / "a.toml")
    assert done.returncode == 0, told(done)
    assert not (tmp_path / "files" / "park.toml").exists()
    project = read_project(tmp_path / "projects" / "a.toml")
    (file,) = project.sources["parcels"][0].files
    assert file.resolve() == (tmp_path / "files" / "数据" / "宗地.gpkg").resolve()
    assert '"../files/数据/宗地.gpkg"' in (tmp_path / "projects" / "a.toml").read_text(encoding="utf-8")


def test_json_for_a_script(run, tmp_path):
    office(tmp_path)
    (tmp_path / "roads.shp").write_bytes(b"no shapefile")
    done = run("init", tmp_path, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["sure"] is False
    assert [(one["layer"], one["path"], one["confidence"]) for one in found["layers"]] == [
        ("parcels", "宗地.gpkg", "sure"), ("supply", "供地.xlsx", "sure"),
    ]  # fmt: skip
    (field, *_) = found["layers"][0]["fields"]
    assert (field["field"], field["column"], field["confidence"]) == ("parcel_id", "parcel_id", "sure")
    (unread,) = found["not_used"]
    assert (unread["path"], unread["unreadable"]) == ("roads.shp", True)
    assert "buildings" in {one["layer"] for one in found["missing"]}


def test_exit_codes(run, tmp_path):
    write(parcels(3).rename(columns={"parcel_id": "ID"}), tmp_path / "a.gpkg")
    assert run("init", tmp_path).returncode == 1  # the id is a guess
    (tmp_path / "empty").mkdir()
    done = run("init", tmp_path / "empty")
    assert done.returncode == 2
    assert "No table looks like the parcels" in told(done)
    assert run("init", tmp_path / "nowhere").returncode == 2


def test_hostile_names_go_through_to_the_analysis(run, tmp_path):
    folder = tmp_path / "a [*] '$(x)' {{ b }}"
    folder.mkdir()
    header = 'ID"\n[park]\nname = "evil"\u202e#'
    write(parcels(3).rename(columns={"parcel_id": header}), folder / "宗地 #1 'x'.gpkg")
    done = run("init", folder)
    assert done.returncode == 1, told(done)
    project = read_project(folder / "park.toml")
    assert project.name == folder.name
    assert project.sources["parcels"][0].columns["parcel_id"].name == header
    assert run("check", folder).returncode == 0


def test_parcels_in_the_neighbouring_zone_are_refused_not_hidden(run, tmp_path):
    """The boundary is right, the parcels' eastings begin with another zone: check tells, so init must not leave it out."""
    lots = parcels(3)
    write(
        lots.set_geometry(lots.translate(xoff=-1_000_000).set_crs(4527, allow_override=True)),
        tmp_path / "宗地.gpkg",
    )
    west, south, east, north = lots.total_bounds
    write(
        land([rect(west - 50, south - 50, east - west + 100, north - south + 100)], 园区名称=["东园"]),
        tmp_path / "园区边界.gpkg",
    )
    done = run("init", tmp_path)
    assert done.returncode == 1, told(done)
    assert "another zone?" in told(done)
    done = run("check", tmp_path)
    assert done.returncode == 2
    assert "neighbouring zone" in told(done)


def test_parcels_that_cannot_be_read_are_not_replaced_by_the_boundary(run, tmp_path):
    write(land([rect(40_500_000, 3_400_000, 700, 200)], 园区名称=["东园"]), tmp_path / "园区边界.gpkg")
    write(parcels(3), tmp_path / "宗地.shp")
    (tmp_path / "宗地.dbf").unlink()
    done = run("init", tmp_path)
    assert done.returncode == 2
    assert "its .dbf file is missing" in told(done)
    text = (tmp_path / "park.toml").read_text(encoding="utf-8")
    assert '# path = "宗地.shp"' in text
    assert "parcels" not in tomllib.loads(text)["layers"]


def test_metres_in_a_geojson_without_a_system_go_through_check(run, tmp_path):
    lots = parcels(3)
    write(lots.set_crs(None, allow_override=True), tmp_path / "宗地.geojson")
    west, south, east, north = lots.total_bounds
    write(
        land([rect(west - 50, south - 50, east - west + 100, north - south + 100)], 园区名称=["东园"]),
        tmp_path / "园区边界.gpkg",
    )
    assert run("init", tmp_path).returncode == 1
    done = run("check", tmp_path)
    assert done.returncode == 0, told(done)
