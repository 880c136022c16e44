"""Every command, as a person or a script runs it."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from parkgeo.store import Workspace
from tests.packed_map import page_data

ROOT = Path(__file__).parents[2]


def test_help_imports_nothing_heavy():
    code = "import sys, parkgeo.cli.app; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = set(json.loads(done.stdout.replace("'", '"')))
    assert not loaded & {
        "numpy",
        "pandas",
        "geopandas",
        "shapely",
        "rasterio",
        "folium",
        "fastapi",
        "rich",
        "babel",
    }
    assert "typer" in loaded  # what is looked for would be seen


def test_help_names_every_command(run):
    text = run("--help").stdout.decode()
    for command in ("demo", "check", "analyze", "explain", "map", "export", "serve", "packs"):
        assert f"\n  {command} " in text


def test_version(run):
    assert run("--version").stdout.decode().startswith("parkgeo 0.")


def test_demo_prints_what_a_newcomer_wants_to_know(demo):
    folder, text = demo
    parcels = Workspace(folder).current().read("parcels")
    hectares = parcels["site_area_m2"].sum() / 1e4
    assert f"{len(parcels)} parcels, {hectares:,.1f} ha" in text
    idle = parcels[parcels["idle"] == "yes"]
    for parcel_id in idle.nlargest(3, "site_area_m2")["parcel_id"]:
        assert parcel_id in text
    for paragraph, code in (("¶1", "idle_not_started"), ("¶2", "idle_suspended")):
        assert f"Order 53, art. 2 {paragraph} · {(idle[code] == 'yes').sum()}" in text
    assert "Tax per mu" in text
    assert "To settle it, ask for" in text
    assert text.rstrip().splitlines()[-1].startswith("Done: ")


def test_demo_writes_register_geopackage_and_maps(demo):
    folder, _ = demo
    idle = (Workspace(folder).current().read("parcels")["idle"] == "yes").sum()
    book = openpyxl.load_workbook(folder / "idle-register-zh.xlsx")
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert sum("第二条第一款" in cell for cell in cells) >= idle
    assert "parcels" in set(pyogrio.list_layers(folder / "park.gpkg")[:, 0])
    for lang in ("zh", "en"):
        assert (folder / f"map-{lang}.html").stat().st_size > 100_000


def test_demo_speaks_chinese(run, tmp_path):
    done = run("analyze", ROOT / "data/park.toml", "-w", tmp_path / "ws", "--lang", "zh")
    text = done.stdout.decode()
    assert done.returncode == 0
    assert "疑似闲置，待核实" in text
    assert "Suspected" not in text


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252"])
def test_output_survives_consoles_that_lack_characters(run, demo, encoding):
    done = run("explain", _idle_parcel(demo[0]), "-w", demo[0], encoding=encoding, PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "para 1" in done.stdout.decode(encoding) or "¶1" in done.stdout.decode(encoding)


def test_explain_traces_each_figure_to_file_and_row(run, demo):
    parcel = _idle_parcel(demo[0])
    told = json.loads(run("explain", parcel, "-w", demo[0], "--json").stdout)
    assert told["verdicts"]["idle_not_started"] == "yes"
    finding = next(one for one in told["findings"] if one["code"] == "idle_not_started")
    start = next(line for line in finding["evidence"] if line["what"] == "agreed_start")
    assert start["file"] == "ledger/supply.xlsx"
    sheet = openpyxl.load_workbook(demo[0] / "sample/ledger/supply.xlsx").worksheets[0]
    row = [cell.value for cell in sheet[start["row"]]]
    assert parcel in row  # the row named is the row in the workbook
    assert start["value"] in {value.date().isoformat() for value in row if hasattr(value, "date")}
    missing = told["fields"]["output_wan_per_mu"]
    assert missing["value"] is None
    assert missing["ask"]["zh"]


def test_explain_suggests_a_parcel_for_a_slip(run, demo):
    done = run("explain", _idle_parcel(demo[0])[:-1] + "X", "-w", demo[0])
    assert done.returncode == 2
    assert b"near it" in done.stderr


def test_analyze_json_is_for_scripts(run, tmp_path):
    done = run("analyze", ROOT / "data/park.toml", "-w", tmp_path / "ws", "--json", "--as-of", "2026-01-01")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert told["as_of"] == "2026-01-01"
    assert told["snapshot"] == Workspace(tmp_path / "ws").current_name
    assert told["rejected"] == 0


def test_check_accounts_for_every_row(run, tmp_path):
    done = run("check", ROOT / "data/park.toml", "--json", "--out", tmp_path / "account")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    for source in told["sources"]:
        assert source["rows_declared"] == source["rows_accepted"] + source["rows_rejected"]
    assert len(told["repairs"]) == 1
    book = openpyxl.load_workbook(tmp_path / "account/account.xlsx")
    assert len(book.sheetnames) == 4
    assert told["opened"]["isolated"]
    assert {name for name, held in told["opened"]["limits"].items() if held} >= {"drivers", "copies", "time"}


def test_check_tells_a_person_what_was_read_and_how(run, tmp_path):
    _two_rows(tmp_path, ids=("a", "b"))
    done = run("check", tmp_path / "park.toml")
    told = done.stdout.decode()
    (file,) = [one for one in tmp_path.iterdir() if one.suffix != ".toml"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() in told
    assert "in a process of their own" in told
    trusted = run("check", tmp_path / "park.toml", "--trusted")
    assert "without limits" in trusted.stdout.decode()
    account = [line for line in told.splitlines() if "process" not in line]
    assert account == [line for line in trusted.stdout.decode().splitlines() if "process" not in line]


def test_check_exits_1_with_rejects(run, tmp_path):
    _two_rows(tmp_path, ids=("a", "a"))
    done = run("check", tmp_path / "park.toml")
    assert done.returncode in {1, 2}
    assert b"the same id" in done.stdout + done.stderr


def test_analyze_exits_1_with_rejects_and_publishes_the_rest(run, tmp_path):
    _two_rows(tmp_path, ids=("a", None))
    done = run("analyze", tmp_path / "park.toml", "-w", tmp_path / "ws")
    assert done.returncode == 1, done.stderr
    snapshot = Workspace(tmp_path / "ws").current()
    assert list(snapshot.read("parcels")["parcel_id"]) == ["a"]
    assert len(snapshot.read("rejects")) == 1


def test_a_failed_analysis_leaves_the_old_result(run, tmp_path):
    _two_rows(tmp_path, ids=("a", "b"))
    assert run("analyze", tmp_path / "park.toml", "-w", tmp_path / "ws").returncode == 0
    before = Workspace(tmp_path / "ws").current_name
    (tmp_path / "parcels.geojson").write_text("not a map", encoding="utf-8")
    done = run("analyze", tmp_path / "park.toml", "-w", tmp_path / "ws")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert Workspace(tmp_path / "ws").current_name == before
    assert len(Workspace(tmp_path / "ws").current().read("parcels")) == 2


def test_errors_show_no_traceback_unless_asked(run, tmp_path):
    plain = run("analyze", tmp_path / "none.toml", "-w", tmp_path)
    assert plain.returncode == 2
    assert b"Traceback" not in plain.stderr
    assert b"none.toml" in plain.stderr
    asked = run("analyze", tmp_path / "none.toml", "-w", tmp_path, "--debug")
    assert b"Traceback" in asked.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze",),
        ("nonsense",),
        ("serve", "--port", "0"),
        ("explain", "a", "-w", "none"),
        ("packs", "show", "none"),
    ],
)
def test_what_cannot_run_exits_2(run, arguments):
    assert run(*arguments).returncode == 2


def test_an_impossible_day_is_said_so(run, tmp_path):
    done = run("analyze", ROOT / "data/park.toml", "-w", tmp_path, "--as-of", "2026-02-30")
    assert done.returncode == 2
    assert b"--as-of must be a day" in done.stderr


def test_export_filters(run, demo, tmp_path):
    done = run("export", "parcels", "-w", demo[0], "-o", tmp_path / "idle.geojson", "--where", "idle = 'yes'")
    assert done.returncode == 0, done.stderr
    exported = gpd.read_file(tmp_path / "idle.geojson")
    parcels = Workspace(demo[0]).current().read("parcels")
    assert set(exported["parcel_id"]) == set(parcels.loc[parcels["idle"] == "yes", "parcel_id"])


@pytest.mark.parametrize(
    ("layer", "name"), [("register", "r.xlsx"), ("all", "all.gpkg"), ("findings", "f.csv")]
)
def test_export_of_other_kinds(run, demo, tmp_path, layer, name):
    assert run("export", layer, "-w", demo[0], "-o", tmp_path / name).returncode == 0
    assert (tmp_path / name).stat().st_size > 0


def test_map_is_one_file(run, demo, tmp_path):
    assert run("map", "-w", demo[0], "-o", tmp_path / "m.html", "--lang", "zh").returncode == 0
    data = page_data((tmp_path / "m.html").read_text(encoding="utf-8"))
    assert data["lang"] == "zh"
    assert data["maps"][0]["title"][0] == "哪些地闲置？"
    assert run("map", "-w", demo[0], "-o", tmp_path / "m.png").returncode == 2


def test_packs_tell_what_is_verified_and_what_is_off(run, tmp_path):
    assert b"national" in run("packs", "list").stdout
    figures = {
        one["key"]: one for one in json.loads(run("packs", "show", "national", "--json").stdout)["figures"]
    }
    assert figures["idle.full_years"]["verified"]
    assert not figures["idle.default_start_after_handover_years"]["on"]
    office = tmp_path / "office.toml"
    office.write_text(
        '[pack]\nname = "o"\nedition = "1"\nswitch_on = ["idle.default_start_after_handover_years"]\n',
        encoding="utf-8",
    )
    figures = {
        one["key"]: one for one in json.loads(run("packs", "show", office, "--json").stdout)["figures"]
    }
    assert figures["idle.default_start_after_handover_years"]["on"]


def test_serve_refuses_an_address_that_others_reach(run, demo):
    done = run("serve", "-w", demo[0], "--host", "192.0.2.1", "--port", _free_port())
    assert done.returncode == 2
    assert b"--insecure" in done.stderr


def test_serve_answers_until_stopped(demo):
    port = _free_port()
    command = [sys.executable, "-m", "parkgeo", "serve", "-w", str(demo[0]), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            answer = _get(f"http://127.0.0.1:{port}/collections/parcels/items?limit=1")
            assert answer["numberMatched"] == len(Workspace(demo[0]).current().read("parcels"))
        finally:
            server.terminate()


def test_a_taken_port_is_said_before_the_work(run, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("demo", "--workspace", tmp_path / "d", "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert b"--port" in done.stderr
    assert not (tmp_path / "d").exists()


def test_without_a_ledger_nothing_is_said_to_be_not_idle(run, tmp_path):
    _two_rows(tmp_path, ids=("a", "b"))
    done = run("analyze", tmp_path / "park.toml", "-w", tmp_path / "ws")
    assert b"no parcel could be judged" in done.stdout
    indicators = Workspace(tmp_path / "ws").current().read("indicators").set_index("name")["value"]
    assert indicators[["idle_parcels", "idle_area_ha"]].isna().all()
    assert indicators["undetermined_parcels"] == 2


def test_explain_names_the_rows_behind_a_figure(run, demo):
    parcels = Workspace(demo[0]).current().read("parcels")
    busy = parcels.loc[parcels["output_wan_per_mu"].notna() & (parcels["idle"] == "no"), "parcel_id"].iloc[0]
    told = json.loads(run("explain", busy, "-w", demo[0], "--json").stdout)
    assert {record["table"] for record in told["records"]} == {"supply", "occupancy", "performance"}
    for record in told["records"]:
        sheet = openpyxl.load_workbook(demo[0] / "sample" / record["file"]).worksheets[0]
        cells = {str(cell.value) for cell in sheet[record["row"]]}
        assert {record["values"].get("parcel_id"), record["values"].get("enterprise_id")} & cells


def _idle_parcel(folder: Path) -> str:
    parcels = Workspace(folder).current().read("parcels")
    rows = parcels[(parcels["idle"] == "yes") & parcels["output_wan_per_mu"].isna()]
    return str(rows["parcel_id"].iloc[0])


def _two_rows(folder: Path, ids: tuple[str | None, str | None]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"parcel_id": parcel_id},
            "geometry": {"type": "Polygon", "coordinates": [_ring(120 + at * 0.01)]},
        }
        for at, parcel_id in enumerate(ids)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "parcels.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (folder / "park.toml").write_text('[layers.parcels]\npath = "parcels.geojson"\n', encoding="utf-8")


def _ring(west: float) -> list[list[float]]:
    return [[west, 30.0], [west + 0.005, 30.0], [west + 0.005, 30.005], [west, 30.005], [west, 30.0]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(address: str) -> dict[str, object]:
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
                return dict(json.load(answer))
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"no answer from {address}")
