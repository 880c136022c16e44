"""Bad files through the command line: one clear message, the right exit code, no traceback, nothing half written."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import shapely

from parkgeo.cli.app import main
from parkgeo.errors import InputError
from parkgeo.ingest.read import read_with
from parkgeo.project import read_project
from parkgeo.store import Workspace
from tests.builders import land, rect
from tests.office import (
    EAST,
    NORTH,
    check_balance,
    layer,
    parcels,
    project,
    shared_data,
    write,
    write_xlsx,
)

DONE, FAULTS, CANNOT = 0, 1, 2
DAMAGES = int(os.environ.get("PARKGEO_DAMAGES", "40"))
"""Damaged files tried for each format; more by the environment variable."""


def run(monkeypatch, capsys, *words):
    """Exit code, and all that was printed."""
    monkeypatch.setattr(sys, "argv", ["parkgeo", *map(str, words)])
    monkeypatch.setenv("PARKGEO_LANG", "en")
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert "a fault of parkgeo" not in said.err
    return left.value.code, said.out + said.err


def missing(_):
    return layer("parcels", "nothing.shp")


def a_folder(folder):
    (folder / "p.shp").mkdir()
    return layer("parcels", "p.shp")


def empty_file(folder):
    (folder / "p.shp").write_bytes(b"")
    return layer("parcels", "p.shp")


def no_crs(folder):
    write(parcels(), folder / "p.shp")
    (folder / "p.prj").unlink()
    return layer("parcels", "p.shp")


def foreign_crs(folder):
    write(parcels(), folder / "p.shp")
    return layer("parcels", "p.shp", crs="EPSG:32633")


def unknown_field(folder):
    write(parcels(), folder / "p.gpkg")
    return layer("parcels", "p.gpkg") + "fields = { holders = 'x' }\n"


def no_parcels(folder):
    write(parcels().iloc[:0], folder / "p.gpkg")
    return layer("parcels", "p.gpkg")


def only_null_geometry(folder):
    write(land([None, None], parcel_id=["A", "B"]), folder / "p.gpkg", geometry_type="Polygon")
    return layer("parcels", "p.gpkg")


def no_workbook(folder):
    write(parcels(), folder / "p.gpkg")
    (folder / "l.xlsx").write_bytes(b"PK\x03\x04nonsense")
    return layer("parcels", "p.gpkg") + layer("supply", "l.xlsx")


def other_zone(folder):
    write(parcels(), folder / "p.gpkg")
    write(parcels(), folder / "b.gpkg")
    return layer("parcels", "p.gpkg") + layer("buildings", "b.gpkg", crs="EPSG:4529")


def vrt_in_disguise(folder):
    write(parcels(), folder / "secret.gpkg")
    (folder / "p.shp").write_text(
        "<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>secret.gpkg</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    return layer("parcels", "p.shp")


UNUSABLE = {
    missing: "no such file",
    a_folder: "is a folder",
    empty_file: "empty (0 bytes)",
    no_crs: "no coordinate system",
    foreign_crs: "do not lie where EPSG:32633 WGS 84 / UTM zone 33N is meant for",
    unknown_field: "unknown field 'holders'",
    no_parcels: "holds no parcels",
    only_null_geometry: "no usable coordinates",
    no_workbook: "cannot be read as a workbook",
    other_zone: "eastings begin with zone 40, the system is zone 41",
    vrt_in_disguise: "the content is not ESRI Shapefile",
}


@pytest.mark.parametrize("make", UNUSABLE, ids=lambda make: make.__name__)
@pytest.mark.parametrize("command", ["check", "analyze"])
@pytest.mark.usefixtures("one_crew")
def test_what_cannot_run_says_why_and_writes_nothing(tmp_path, monkeypatch, capsys, make, command):
    path = project(tmp_path, make(tmp_path))
    workspace = tmp_path / "workspace"
    words = ("--workspace", workspace) if command == "analyze" else ()
    code, said = run(monkeypatch, capsys, command, path, *words)
    assert code == CANNOT
    assert UNUSABLE[make] in said
    assert not list(workspace.glob("snapshots/*"))
    assert not (workspace / "CURRENT").exists()


def test_bad_rows_are_rejected_the_rest_is_analysed_and_the_code_is_one(tmp_path, monkeypatch, capsys):
    shapes = [
        rect(EAST, NORTH, 100, 100),
        None,
        rect(EAST + 100, NORTH, 100, 100),
        shapely.Polygon(),
        rect(EAST + 200, NORTH, 9, 9),
        rect(EAST + 300, NORTH, 9, 9),
    ]
    frame = land(
        shapes, parcel_id=["P1", "P2", "P3", "P4", "D", "D"], 登记面积=["15亩", None, "-5", None, "1", "1"]
    )
    write(frame, tmp_path / "p.gpkg", geometry_type="Polygon")
    write_xlsx(
        [
            ["宗地代码", "供应状态", "约定动工日期", "土地价款(万元)"],
            ["P1", "已供", "2024-02-30", "面议"],
            [None, "已供", "2024-02-28", 5],
        ],
        tmp_path / "l.xlsx",
    )
    path = project(tmp_path, layer("parcels", "p.gpkg") + layer("supply", "l.xlsx"))
    code, said = run(monkeypatch, capsys, "check", path, "--out", tmp_path / "out")
    assert code == FAULTS
    for part in (
        "no geometry",
        "the same id in several rows that differ",
        "'15亩'",
        "is below 0: -5",
        "'2024-02-30'",
        "'面议'",
        "no value in Parcel ID",
    ):
        assert part in said
    assert (tmp_path / "out" / "account.xlsx").is_file()
    code, said = run(monkeypatch, capsys, "analyze", path, "--workspace", tmp_path / "w")
    assert code == FAULTS
    snapshot = Workspace(tmp_path / "w").current()
    table = snapshot.read("parcels").set_index("parcel_id")
    assert sorted(table.index) == ["P1", "P3"]
    # The date that does not exist is missing, so the verdict that needs it is not made up.
    assert table.loc["P1", "idle_not_started"] == "undetermined"
    assert len(snapshot.read("rejects")) == 5


def test_a_failed_run_leaves_the_old_snapshot(tmp_path, monkeypatch, capsys):
    write(parcels(), tmp_path / "p.gpkg")
    path = project(tmp_path, layer("parcels", "p.gpkg"))
    words = ("analyze", path, "--workspace", tmp_path / "w")
    assert run(monkeypatch, capsys, *words)[0] == DONE
    before = Workspace(tmp_path / "w").current().name
    (tmp_path / "p.gpkg").write_bytes(b"")
    assert run(monkeypatch, capsys, *words)[0] == CANNOT
    assert Workspace(tmp_path / "w").current().name == before


def test_the_real_command_has_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "parkgeo", "check", str(project(tmp_path, missing(tmp_path)))],
        capture_output=True,
        check=False,
    )
    assert done.returncode == CANNOT
    assert b"Traceback" not in done.stderr
    assert b"no such file" in done.stderr


def read_or_refuse(path, crew):
    """The error in words, or None when the project was read and every row is accounted for."""
    try:
        intake = read_with(crew, read_project(path))
    except InputError as error:
        return error
    check_balance(intake)
    return None


def breakers():
    folder = shared_data() / "breakers"
    return sorted(
        path
        for path in folder.glob("*")
        if path.suffix in {".shp", ".gpkg", ".geojson", ".gml", ".csv", ".zip"}
    ) or [None]


@pytest.mark.parametrize("path", breakers(), ids=lambda path: path.name if path else "none")
def test_each_breaker_is_read_or_refused_in_words(tmp_path, path, crew):
    """Files that broke other readers: curves, surfaces, TINs, Z and M, time zones, code pages."""
    if path is None:
        pytest.skip("no shared data beside the checkout")
    write(parcels(1), tmp_path / "p.gpkg")
    park, other = layer("parcels", "p.gpkg"), path.as_posix()
    for entries in (
        park + layer("utilities", other),
        layer("parcels", other) + "fields = { parcel_id = 'NAME' }\n",
    ):
        refused = read_or_refuse(project(tmp_path, entries), crew)
        assert refused is None or (refused.mend and path.name in str(refused))
