"""Users' text that other programs run, break on or cut: in every export it arrives as text, whole where the format can."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time

import openpyxl
import pyogrio
import pytest

from parkgeo.export import export_table, write_geopackage, write_register
from tests.snapshot_builder import build_snapshot

TEXT_COLUMNS = ("parcel_id", "name", "holder", "land_use", "verdict_reason_zh", "source_file")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("hostile"), hostile=True)


@pytest.fixture(scope="module")
def expected(snapshot):
    return snapshot.read("parcels").sort_values("parcel_id", kind="stable").reset_index(drop=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_cell_of_the_register_is_a_formula_or_a_link(snapshot, tmp_path, lang):
    path = tmp_path / "register.xlsx"
    write_register(snapshot, path, lang=lang)
    book = openpyxl.load_workbook(path)
    kinds = {
        cell.data_type
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert kinds == {"s", "n", "d"}
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
    texts = {
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"
    }
    assert any(text.startswith("=cmd|") for text in texts)
    assert "{{ 7*7 }}" in texts


def test_negative_numbers_stay_numbers(snapshot, tmp_path):
    export_table(snapshot, "parcels", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    negative = [
        cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float) and cell.value < 0
    ]
    assert negative
    assert {cell.data_type for cell in negative} == {"n"}
    export_table(snapshot, "parcels", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        ratios = [row["area_difference_ratio"] for row in csv.DictReader(file)]
    assert min(float(ratio) for ratio in ratios if ratio) < 0


def test_no_text_in_a_csv_is_live(snapshot, expected, tmp_path):
    export_table(snapshot, "parcels", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(expected)
    for name in TEXT_COLUMNS:
        for row, text in zip(rows, expected[name], strict=True):
            assert not row[name].startswith(("=", "+", "-", "@", "\t", "\r"))
            assert row[name].removeprefix("'") == (text if isinstance(text, str) else "").removeprefix("'")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
def test_text_arrives_unaltered(snapshot, expected, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    export_table(snapshot, "parcels", path)
    found = pyogrio.read_dataframe(path, use_arrow=True)
    for name in TEXT_COLUMNS:
        assert [text if isinstance(text, str) else None for text in found[name]] == [
            text if isinstance(text, str) else None for text in expected[name]
        ]


def test_geojson_is_json_whatever_the_text(snapshot, tmp_path):
    export_table(snapshot, "findings", tmp_path / "out.geojson")
    features = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))["features"]
    assert len(features) == len(snapshot.read("findings"))


def test_a_shapefile_cuts_long_text_at_a_whole_character(snapshot, tmp_path):
    export_table(snapshot, "parcels", tmp_path / "out.shp")
    found = pyogrio.read_dataframe(tmp_path / "out.shp")
    texts = [
        text for name in ("parcel_id", "name", "holder") for text in found[name] if isinstance(text, str)
    ]
    assert any(text.startswith("工业园区工业园区") for text in texts)
    assert all(len(text.encode("utf-8")) <= 254 and "\ufffd" not in text for text in texts)


def test_the_geopackage_opens_whatever_the_text(snapshot, tmp_path):
    write_geopackage(snapshot, tmp_path / "all.gpkg", lang="zh")
    for name in snapshot.tables:
        assert len(pyogrio.read_dataframe(tmp_path / "all.gpkg", layer=name)) == len(snapshot.read(name))


WRITER = """
import sys
from pathlib import Path
from parkgeo.export import write_geopackage, write_register
from parkgeo.store import Snapshot
snapshot = Snapshot(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    write_geopackage(snapshot, Path(sys.argv[2]) / "all.gpkg", lang="en")
    write_register(snapshot, Path(sys.argv[2]) / "register.xlsx", lang="en")
"""


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no SIGKILL; its TerminateProcess is tested by the store"
)
@pytest.mark.parametrize("delay", [0.05, 0.4, 0.9])
def test_a_killed_writer_leaves_whole_files(snapshot, tmp_path, delay):
    write_geopackage(snapshot, tmp_path / "all.gpkg", lang="en")
    write_register(snapshot, tmp_path / "register.xlsx", lang="en")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(snapshot.path), str(tmp_path)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
    # The same snapshot gives the same bytes: a whole new file is equal to the old one, half a file is not.
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
