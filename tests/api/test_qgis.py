"""QGIS reads the service: its own library, without windows."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from shapely import box

from api.guard.keys import KeyFile
from tests.api.conftest import started
from tests.snapshot_builder import build_snapshot

SYSTEM_PYTHON = "/usr/bin/python3"
READER = Path(__file__).with_name("qgis_reader.py")
DRAW = Path(__file__).parents[2] / "docs/qgis/draw.py"


def run_in_qgis(script, *arguments):
    # QGIS is linked against the system's GDAL; what the tests' own environment says of GDAL and Python is not for it.
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GDAL", "PROJ"))
    }
    return subprocess.run(
        [SYSTEM_PYTHON, str(script), *map(str, arguments)],
        capture_output=True,
        timeout=180,
        check=False,
        encoding="utf-8",
        env={**kept, "QT_QPA_PLATFORM": "offscreen"},
    )


@functools.cache
def qgis_is_there():
    if not shutil.which(SYSTEM_PYTHON):
        return False
    found = subprocess.run([SYSTEM_PYTHON, "-c", "import qgis.core"], capture_output=True, check=False)
    return found.returncode == 0


@pytest.fixture(autouse=True)
def _qgis():
    if not qgis_is_there():
        pytest.skip("QGIS is not installed for the system's Python (Debian: python3-qgis)")


def ask(*arguments):
    done = run_in_qgis(READER, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.parametrize(
    ("layer", "kind"), [("parcels", "MultiPolygon"), ("findings", "MultiPolygon"), ("roads", "LineString")]
)
def test_all_features_come(address, snapshot, layer, kind):
    told = ask("count", address, layer)
    table = snapshot.read(layer)
    assert told["stated"] == told["read"] == len(table) > 10
    assert told["type"] == kind
    assert told["crs"] in {"EPSG:4326", "OGC:CRS84"}
    assert told["extent"] == pytest.approx(table.to_crs(4326).total_bounds, abs=1e-6)
    assert set(table.columns) - {"geometry"} <= set(told["fields"])


def test_types_of_fields(address):
    fields = ask("count", address, "parcels")["fields"]
    assert fields["parcel_id"] == "String"
    assert fields["site_area_m2"] == "Real"
    assert fields["source_row"] == "Integer"


def test_a_layer_of_many_pages(tmp_path):
    build_snapshot(tmp_path, parcels=1_050)
    with started(tmp_path) as url:
        told = ask("count", url, "parcels")
    assert told["stated"] == told["read"] == 1_050


def test_a_filter_of_the_layer(address, snapshot):
    parcels = snapshot.read("parcels")
    idle = parcels[parcels["idle"] == "yes"]
    expected = sorted([row.parcel_id, row.holder] for row in idle.itertuples() if isinstance(row.holder, str))
    told = ask("choose", address, "parcels", '"idle" = \'yes\' AND "holder" IS NOT NULL')
    assert told == expected
    assert any("有限公司" in holder for _, holder in told)


def test_a_filter_by_chinese_text(address, snapshot):
    parcels = snapshot.read("parcels")
    expected = sorted(parcels.loc[parcels["holder"] == "新城纺织股份有限公司", "parcel_id"])
    told = ask("choose", address, "parcels", "\"holder\" = '新城纺织股份有限公司'")
    assert [name for name, _ in told] == expected != []


def test_a_filter_by_day_is_worked_out_by_qgis_when_a_function_stands_around_the_field(address, snapshot):
    # Without the function QGIS asks for `datetime`, which is about the time of a feature and not about this field.
    parcels = snapshot.read("parcels")
    late = parcels["agreed_start"] >= "2024-03-01"
    told = ask("choose", address, "parcels", "to_date(\"agreed_start\") >= to_date('2024-03-01')")
    assert [name for name, _ in told] == sorted(parcels.loc[late, "parcel_id"]) != []
    assert ask("choose", address, "parcels", "to_date(\"agreed_start\") > to_date('2024-03-01')") == []


def test_a_key_in_the_path(tmp_path):
    build_snapshot(tmp_path, parcels=150)
    _, secret = KeyFile(tmp_path / "keys.json").new("QGIS")
    with started(tmp_path) as url:
        told = ask("count", f"{url}/k/{secret}", "parcels")
        assert run_in_qgis(READER, "count", url, "parcels").returncode != 0
    # Over more than one page: the link to the next carries the key on.
    assert told["stated"] == told["read"] == 150


def test_a_rectangle_of_the_map(address, snapshot):
    parcels = snapshot.read("parcels").to_crs(4326)
    west, south, east, north = parcels.total_bounds
    bounds = (west, south, (west + east) / 2, (south + north) / 2)
    expected = sorted(parcels.loc[parcels.intersects(box(*bounds)), "parcel_id"])
    told = ask("within", address, "parcels", *bounds)
    assert told == expected
    assert 0 < len(told) < len(parcels)


def test_a_drawn_picture(address, snapshot, tmp_path):
    picture = tmp_path / "parcels.png"
    told = ask("draw", address, picture)
    assert told["errors"] == []
    # The share of the ground that is parcels, the picture being square and the park not.
    parcels = snapshot.read("parcels").to_crs(3857)
    west, south, east, north = parcels.total_bounds
    share = parcels.area.sum() / max(east - west, north - south) ** 2
    assert told["inked"] == pytest.approx(share, abs=0.015)
    assert picture.stat().st_size > 1_000


def test_tiles_show_what_features_show(address, tmp_path):
    features = ask("draw", address, tmp_path / "features.png")
    tiles = ask("tiles", address, tmp_path / "tiles.png")
    assert tiles["errors"] == []
    assert tiles["inked"] == pytest.approx(features["inked"], abs=0.02)


def test_the_script_of_the_walk_through(address, tmp_path):
    picture, style = tmp_path / "verdicts.png", tmp_path / "verdicts.qml"
    done = run_in_qgis(DRAW, address, "-o", picture, "--style", style, "--crs", "EPSG:4549", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1].startswith("60 parcels")
    assert picture.read_bytes().startswith(b"\x89PNG")
    told = style.read_text(encoding="utf-8")
    assert all(f'value="{verdict}"' in told for verdict in ("yes", "undetermined", "no"))


def test_the_styles_that_are_kept_are_those_the_script_writes():
    for lang, words in (("zh", "疑似闲置"), ("en", "Suspected idle")):
        style = DRAW.with_name(f"idle-{lang}.qml").read_text(encoding="utf-8")
        assert f'label="{words}"' in style


def test_an_address_where_nothing_is_is_said():
    done = run_in_qgis(READER, "count", "http://127.0.0.1:9", "parcels")
    assert done.returncode != 0
    assert "parcels" in done.stderr
