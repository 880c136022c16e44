"""Plain addresses and exports, read back by other programs; what is left behind when a client leaves or a disk is full."""

import concurrent.futures
import csv
import datetime as dt
import errno
import io
import json
import math
import re
import socket
import subprocess
import sys
import textwrap
import threading
import time
from urllib.parse import unquote

import geopandas as gpd
import httpx
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from api import Settings
from api.exports.limits import ExportLimits
from api.exports.scratch import Scratch
from parkgeo.export.cells import plain_value
from tests.api.conftest import open_client, started
from tests.snapshot_builder import PERSONAL, build_snapshot

FORMS = ("gpkg", "xlsx", "csv", "geojson", "parquet")
FILTER = "idle = 'no' AND site_area_m2 > 47000"


def chosen(snapshot):
    parcels = snapshot.read("parcels").sort_values("parcel_id")
    return parcels[(parcels["idle"] == "no") & (parcels["site_area_m2"] > 47000)].reset_index(drop=True)


def saved(client, tmp_path, path, **query):
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    file = tmp_path / path.rpartition("/")[2]
    file.write_bytes(answer.content)
    return file


def left(client):
    """Files of exports that are still there."""
    folder = client.app.state.parkgeo.settings.workspace / "exports"
    return list(folder.glob("*/*/*")) if folder.is_dir() else []


def settled(client, seconds=10):
    """Whether every export is over and nothing of it is left."""
    deadline = time.monotonic() + seconds
    exporter = client.app.state.parkgeo.exporter
    while time.monotonic() < deadline and (exporter.open or left(client)):
        time.sleep(0.02)
    return exporter.open == 0 and left(client) == []


def same_rows(found, expected, names):
    for name in names:
        for one, other in zip(found[name], expected[name], strict=True):
            a, b = plain_value(one, day=True), plain_value(other, day=True)
            if isinstance(b, dt.date) and isinstance(a, str):
                a = dt.date.fromisoformat(a)
            assert a == b or (isinstance(a, float | int) and math.isclose(a, b, rel_tol=1e-12)), (name, a, b)


# — plain addresses


def test_a_whole_collection_stands_at_a_plain_address(client, snapshot):
    answer = client.get("/parcels.geojson")
    told = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert "content-disposition" not in answer.headers
    assert told["numberMatched"] == told["numberReturned"] == len(told["features"]) == 60
    parcels = snapshot.read("parcels")
    assert {one["id"] for one in told["features"]} == set(parcels["parcel_id"])
    items = client.get("/collections/parcels/items?limit=100").json()["features"]
    assert told["features"] == items


def test_gdal_reads_a_plain_address_as_if_it_were_a_file(address, snapshot):
    # In a process of its own: GDAL holds this one's lock while it waits for the server in it.
    script = """
import sys, json, pyogrio
read = pyogrio.read_dataframe(sys.argv[1]).sort_values("parcel_id")
print(json.dumps([list(read["parcel_id"]), read.geometry.to_wkb(hex=True).tolist()]))
"""
    parcels = snapshot.read("parcels")
    own = parcels[parcels["idle"] == "yes"].sort_values("parcel_id")
    for place in ("/idle.geojson", "/parcels.geojson?idle=yes"):
        made = subprocess.run(
            [sys.executable, "-c", script, address + place],
            check=True,
            timeout=120,
            capture_output=True,
            text=True,
        )
        ids, shapes = json.loads(made.stdout)
        assert ids == list(own["parcel_id"])
        back = gpd.GeoSeries(shapely.from_wkb(shapes), crs="OGC:CRS84").to_crs(snapshot.crs).to_numpy()
        assert (shapely.hausdorff_distance(back, own.geometry.to_numpy()) < 1e-3).all()


@pytest.mark.parametrize(
    ("query", "verdicts"),
    [("", ["yes"]), ("?verdict=undetermined", ["undetermined"]), ("?verdict=yes,no", ["yes", "no"])],
)
def test_idle_land_has_an_address_of_its_own(client, snapshot, query, verdicts):
    told = client.get(f"/idle.geojson{query}").json()
    parcels = snapshot.read("parcels")
    assert {one["id"] for one in told["features"]} == set(
        parcels[parcels["idle"].isin(verdicts)]["parcel_id"]
    )


def test_plain_addresses_take_filters_order_limit_and_look(client, snapshot):
    told = client.get(
        "/idle.geojson",
        params={
            "filter": "site_area_m2 > 47000",
            "sortby": "-site_area_m2",
            "limit": 3,
            "properties": "parcel_id,site_area_m2",
        },
    ).json()
    parcels = snapshot.read("parcels")
    own = parcels[(parcels["idle"] == "yes") & (parcels["site_area_m2"] > 47000)].sort_values(
        "site_area_m2", ascending=False, kind="stable"
    )
    assert told["numberMatched"] == len(own)
    assert told["numberReturned"] == len(told["features"]) == 3
    assert [one["properties"]["site_area_m2"] for one in told["features"]] == list(own["site_area_m2"][:3])
    assert set(told["features"][0]["properties"]) == {"parcel_id", "site_area_m2"}
    zone = client.get("/parcels.geojson", params={"crs": "EPSG:3857", "limit": 1})
    assert zone.headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/3857>"
    assert zone.json()["features"][0]["geometry"]["coordinates"][0][0][0][0] > 1e6


def test_every_collection_has_a_plain_address_and_every_form(client, tmp_path):
    for collection in client.get("/collections").json()["collections"]:
        name, count = collection["id"], collection["itemCount"]
        assert len(client.get(f"/{name}.geojson").json()["features"]) == count
        for form in ("csv", "parquet"):
            file = saved(client, tmp_path, f"/exports/{name}.{form}")
            read = pd.read_parquet(file) if form == "parquet" else pd.read_csv(file, dtype=str)
            assert len(read) == count, (name, form)
    assert settled(client)


def test_an_empty_answer_is_a_document_too(client):
    told = client.get("/parcels.geojson", params={"filter": "parcel_id = 'nix'"}).json()
    assert (told["numberMatched"], told["numberReturned"], told["features"]) == (0, 0, [])


def test_a_stream_takes_more_than_one_page(client, monkeypatch):
    whole = client.get("/parcels.geojson").content
    # Measured under other pages, a document is another.
    monkeypatch.setattr(client.app.state.parkgeo.exporter.courses, "get", lambda _name: None)
    for rows, size in ((7, 1 << 20), (1000, 3_000), (1, 1)):
        monkeypatch.setattr("api.exports.stream._PAGE_ROWS", rows)
        monkeypatch.setattr("api.exports.stream._PAGE_BYTES", size)
        assert client.get("/parcels.geojson").json() == json.loads(whole)
        assert len(client.get("/parcels.geojson?limit=9").json()["features"]) == 9


# — exports, read back


def test_geopackage_parquet_and_geojson_hold_the_rows_chosen(client, snapshot, tmp_path):
    expected = chosen(snapshot)
    assert 3 < len(expected) < 60
    names = [name for name in expected.columns if name != "geometry"]
    for form in ("gpkg", "parquet"):
        file = saved(client, tmp_path, f"/exports/parcels.{form}", filter=FILTER)
        read = gpd.read_parquet(file) if form == "parquet" else pyogrio.read_dataframe(file)
        assert list(read["parcel_id"]) == list(
            expected["parcel_id"]
        )  # in the order of the key, as from the command line
        assert read.crs == snapshot.crs
        assert shapely.equals_exact(read.geometry.to_numpy(), expected.geometry.to_numpy()).all()
        same_rows(read, expected, names)
    file = saved(client, tmp_path, "/exports/parcels.geojson", filter=FILTER, sortby="parcel_id")
    told = json.loads(file.read_bytes())
    assert [one["id"] for one in told["features"]] == list(expected["parcel_id"])
    same_rows(
        pd.DataFrame([one["properties"] for one in told["features"]]),
        expected,
        ["far", "idle", "agreed_start"],
    )
    assert settled(client)


def test_csv_and_excel_hold_the_rows_chosen(client, snapshot, tmp_path):
    expected = chosen(snapshot)
    file = saved(client, tmp_path, "/exports/parcels.csv", filter=FILTER)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["parcel_id"] for row in rows] == list(expected["parcel_id"])
    assert [float(row["site_area_m2"]) for row in rows] == list(expected["site_area_m2"])
    assert all(row["WKT"].startswith("MULTIPOLYGON") for row in rows)
    for lang, title in (("zh", "用地面积（m²）"), ("en", "Sitearea(m²)")):
        file = saved(client, tmp_path, "/exports/parcels.xlsx", filter=FILTER, lang=lang)
        sheet = openpyxl.load_workbook(file).active
        table = [list(row) for row in sheet.iter_rows(values_only=True)]
        top = next(
            at
            for at, row in enumerate(table)
            if title in [str(cell).replace("\n", "").replace(" ", "") for cell in row]
        )
        place = [str(cell).replace("\n", "").replace(" ", "") for cell in table[top]].index(title)
        assert [row[place] for row in table[top + 1 :] if row[place] is not None] == list(
            expected["site_area_m2"]
        )


def test_an_export_takes_properties_limit_and_order(client, snapshot, tmp_path):
    file = saved(
        client,
        tmp_path,
        "/exports/parcels.parquet",
        properties="holder,parcel_id",
        limit=4,
        sortby="-parcel_id",
    )
    read = gpd.read_parquet(file)
    assert list(read.columns) == ["holder", "parcel_id", "geometry"]
    assert list(read["parcel_id"]) == sorted(snapshot.read("parcels")["parcel_id"], reverse=True)[:4]
    assert pq.read_schema(file).metadata[b"geo"]
    box = client.get("/collections/parcels/items?limit=1").json()["features"][0]
    west, south, east, north = shapely.from_geojson(json.dumps(box["geometry"])).bounds
    answer = client.get(
        "/exports/parcels.csv", params={"bbox": f"{west},{south},{east},{north}", "properties": "parcel_id"}
    )
    assert box["id"] in answer.text


def test_the_part_of_a_table_with_one_geometry_is_exported_by_its_table(client, tmp_path):
    file = saved(client, tmp_path, "/exports/utilities_lines.gpkg")
    assert [list(layer) for layer in pyogrio.list_layers(file)] == [["utilities", "LineString"]]


def test_the_whole_snapshot_is_one_geopackage_without_the_account_of_the_files(client, snapshot, tmp_path):
    file = saved(client, tmp_path, "/exports/snapshot.gpkg")
    layers = {name for name, _ in pyogrio.list_layers(file)}
    assert layers == set(snapshot.tables) - {"rejects", "repairs", "faults", "sources"}
    for name in ("parcels", "findings", "gaps"):
        assert len(pyogrio.read_dataframe(file, layer=name)) == len(snapshot.read(name))
    assert not any(secret.encode() in file.read_bytes() for secret in PERSONAL)


def test_the_tiles_of_a_snapshot_are_one_archive(client, tmp_path):
    reader = pytest.importorskip("pmtiles.reader", reason="pmtiles is not installed")
    file = saved(client, tmp_path, "/exports/snapshot.pmtiles")
    with file.open("rb") as opened:
        told = reader.Reader(reader.MmapSource(opened)).metadata()
    assert {layer["id"] for layer in told["vector_layers"]} >= {"parcels", "roads", "findings"}
    assert settled(client)


def test_the_register_is_the_office_s(client, tmp_path):
    file = saved(client, tmp_path, "/exports/register.xlsx", lang="en")
    book = openpyxl.load_workbook(file)
    assert "Suspected idle land" in book.sheetnames
    texts = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert "320000-GB00003" in texts
    assert not any(secret in text for secret in PERSONAL for text in texts)


def test_what_is_personal_leaves_in_no_form(client, tmp_path):
    for form in FORMS:
        content = client.get(f"/exports/enterprises.{form}").content
        if form == "xlsx":
            file = saved(client, tmp_path, "/exports/enterprises.xlsx")
            rows = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
            content = str(list(rows)).encode()
        assert not any(secret.encode() in content for secret in PERSONAL), form


def test_text_that_begins_like_a_formula_is_text(tmp_path):
    build_snapshot(tmp_path / "ws", parcels=20, hostile=True)
    with open_client(Settings(tmp_path / "ws")) as client:
        text = client.get("/exports/facilities.csv").content.decode("utf-8-sig")
        for row in csv.reader(io.StringIO(text)):
            assert not any(cell[:1] in "=@" for cell in row if cell)
        file = saved(client, tmp_path, "/exports/parcels.xlsx")
        for row in openpyxl.load_workbook(file).active.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
        for form in FORMS:
            assert client.get(f"/exports/parcels.{form}").status_code == 200


def test_an_export_is_named_after_what_is_in_it_and_its_day(client, snapshot):
    day, roads = snapshot.as_of, len(snapshot.read("roads"))
    answer = client.get("/exports/roads.csv?lang=en")
    assert answer.headers["content-disposition"] == f'attachment; filename="roads-all-{roads}-{day}.csv"'
    first = client.get("/exports/parcels.csv?limit=3&idle=no&lang=en").headers["content-disposition"]
    assert first == f'attachment; filename="parcels-first-3-{day}.csv"'
    count = len(chosen(snapshot))
    told = client.get("/exports/parcels.xlsx", params={"filter": FILTER, "lang": "zh"}).headers[
        "content-disposition"
    ]
    plain, _, spoken = told.partition("; filename*=UTF-8''")
    assert plain == f'attachment; filename="parcels-filtered-{count}-{day}.xlsx"'
    assert unquote(spoken).endswith(f"-筛选-{count}-{day}.xlsx")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    again = client.get("/exports/roads.csv?lang=en", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/exports/roads.csv?lang=zh", headers={"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(("lang", "word"), [("zh", "未闲置"), ("en", "Not idle")])
def test_a_file_for_people_has_words_and_round_figures(client, snapshot, tmp_path, lang, word):
    asked = {"filter": FILTER, "lang": lang, "values": "words", "first": "idle,site_area_m2,parcel_id"}
    expected = chosen(snapshot)
    areas = [round(area, 1) for area in expected["site_area_m2"]]
    ids = list(expected["parcel_id"])
    rows = list(
        openpyxl.load_workbook(saved(client, tmp_path, "/exports/parcels.xlsx", **asked)).active.values
    )
    told = [row for row in rows if row[0] == word]
    assert [row[1:3] for row in told] == list(zip(areas, ids, strict=True))
    width = len(snapshot.read("parcels").columns) - 1
    assert len(told[0]) == width  # all others stand behind
    lines = list(
        csv.reader(io.StringIO(client.get("/exports/parcels.csv", params=asked).content.decode("utf-8-sig")))
    )
    assert lines[0][0] == snapshot.field("parcels", "idle")[lang]
    assert [(line[0], float(line[1]), line[2]) for line in lines[1:]] == [
        (word, area, name) for area, name in zip(areas, ids, strict=True)
    ]
    codes = client.get("/exports/parcels.csv", params={"filter": FILTER, "lang": lang}).content.decode(
        "utf-8-sig"
    )
    assert codes.startswith("parcel_id,")
    assert ",no," in codes


@pytest.mark.parametrize(
    "query", ["parcels.gpkg?values=words", "parcels.csv?values=x", "parcels.csv?first=nix"]
)
def test_what_a_file_for_people_cannot_be_is_refused(client, query):
    answer = client.get(f"/exports/{query}")
    assert answer.status_code == 400
    assert answer.json()["mend"]


def test_the_list_of_exports_leads_to_them(client):
    told = client.get("/exports").json()
    for group in (*told["whole"], *told["collections"][:2]):
        for link in group["links"]:
            assert client.request("HEAD", link["href"]).status_code == 200, link


def test_earlier_snapshots_are_exported_by_name(client, snapshot):
    for path in ("/exports/parcels.csv", "/parcels.geojson", "/idle.geojson", "/exports"):
        assert client.get(f"/snapshots/{snapshot.name}{path}").status_code == 200
        assert client.get(f"/snapshots/2001-01-01-0123456789ab{path}").status_code == 404


# — bad input


@pytest.mark.parametrize(
    "name",
    ["nix.gpkg", "parcels.shp", "parcels", "parcels.", ".gpkg", "rejects.csv", "parcels.csv%00",
     "宗地.csv", "snapshot.zip", "parcels.CSV", "parcels.csv.gz", "=parcels.csv"],
)  # fmt: skip
def test_an_unknown_export_says_what_there_is(client, name):
    answer = client.get(f"/exports/{name}")
    assert answer.status_code == 404
    assert "parcels.gpkg" in answer.json()["mend"]


@pytest.mark.parametrize(
    "path", ["/nix.geojson", "/rejects.geojson", "/..%2fparcels.geojson", "/.geojson", "/宗地.geojson"]
)
def test_an_unknown_plain_address_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["x=1", "limit=0", "limit=-1", "limit=1.5", "limit=", "limit=NaN", "limit=１２", "properties=", "properties=nix", "properties=parcel_id,,idle",
     "filter=nix = 1", "filter=", "bbox=1,2", "bbox=10,10,5,x", "sortby=nix", "lang=fr", "filter=((((", "token=x", "limit=1&limit=2"],
)  # fmt: skip
def test_wrong_parameters_are_refused_by_exports_and_plain_addresses(client, query):
    for path in ("/exports/parcels.csv", "/exports/parcels.geojson", "/parcels.geojson", "/idle.geojson"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 400, (path, answer.text[:300])
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"/exports/snapshot.gpkg?{query}").status_code == 400
    assert settled(client)


@pytest.mark.parametrize("query", ["verdict=", "verdict=maybe", "verdict=yes,", "crs=EPSG:1", "f=html"])
def test_wrong_parameters_of_plain_addresses_are_refused(client, query):
    assert client.get(f"/idle.geojson?{query}").status_code == 400


@pytest.mark.parametrize("parcels", [60, 3000])
def test_a_document_is_read_in_parts_like_a_file(tmp_path, parcels):
    build_snapshot(tmp_path, parcels=parcels)
    plain = {"Accept-Encoding": "identity"}
    with open_client(Settings(tmp_path)) as client:
        for path in (
            "/parcels.geojson",
            "/parcels.geojson?limit=1700&properties=parcel_id",
            "/exports/parcels.geojson",
        ):
            whole = client.get(path, headers=plain).content
            head = client.request("HEAD", path, headers=plain)
            assert int(head.headers["content-length"]) == len(whole)
            again = client.get(path, headers=plain)  # measured now
            assert (again.content, again.headers["content-length"]) == (whole, str(len(whole)))
            size = len(whole)
            for first, last in (
                (0, 99),
                (100, 700_000),
                (0, size - 1),
                (size - 3, size - 1),
                (size // 2, size // 2),
                (700, 10**12),
            ):
                part = client.get(path, headers={**plain, "Range": f"bytes={first}-{last}"})
                last = min(last, size - 1)  # noqa: PLW2901
                assert part.status_code == 206
                assert part.content == whole[first : last + 1], (first, last)
                assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
                assert int(part.headers["content-length"]) == last + 1 - first
            for wrong in ("bytes=9-2", "bytes=x-y", "bytes=0-1,3-4", "rows=1-2", "bytes=-", f"bytes={size}-"):
                assert client.get(path, headers={**plain, "Range": wrong}).content == whole
            stale = {**plain, "Range": "bytes=0-9", "If-Range": '"another"'}
            assert client.get(path, headers=stale).content == whole
            assert (
                client.get(path, headers={"Range": "bytes=0-9", "Accept-Encoding": "gzip"}).content == whole
            )


def test_head_makes_no_file(client, monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("a file was written")

    monkeypatch.setattr("api.exports.exporter.Exporter.export", refuse)
    for path in (
        "/exports/parcels.gpkg",
        "/exports/snapshot.gpkg",
        "/exports/parcels.geojson",
        "/parcels.geojson",
    ):
        answer = client.request("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["etag"]


# — bounds


def test_too_large_an_export_says_how_to_ask_for_less(workspace):
    with open_client(Settings(workspace, exports=ExportLimits(values=200, sheet_values=100))) as client:
        answer = client.get("/exports/parcels.csv")
        assert answer.status_code == 413
        assert "properties=" in answer.json()["mend"]
        assert client.get("/exports/parcels.csv?properties=parcel_id").status_code == 200  # 60 × 2
        assert client.get("/exports/parcels.xlsx?properties=parcel_id").status_code == 413
        assert client.get("/exports/parcels.xlsx?properties=parcel_id&limit=9").status_code == 200
        assert client.get("/exports/snapshot.gpkg").status_code == 413
        assert client.get("/parcels.geojson").status_code == 200
        assert settled(client)


def test_more_exports_than_there_may_be_are_turned_away(workspace, monkeypatch):
    from api.exports import exporter

    began, go_on = threading.Event(), threading.Event()
    write = exporter.Exporter._write

    def slow(self, name, make):
        began.set()
        assert go_on.wait(30)
        return write(self, name, make)

    monkeypatch.setattr(exporter.Exporter, "_write", slow)
    limits = ExportLimits(at_once=1, open=2)
    with (
        open_client(Settings(workspace, exports=limits)) as client,
        concurrent.futures.ThreadPoolExecutor(2) as pool,
    ):
        client.get("/")
        waiting = [pool.submit(client.get, "/exports/roads.csv") for _ in range(2)]
        assert began.wait(30)
        deadline = time.monotonic() + 10
        while client.app.state.parkgeo.exporter.open < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        refused = client.get("/exports/roads.csv")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert client.get("/collections").status_code == 200  # everything else goes on
        go_on.set()
        assert [one.result().status_code for one in waiting] == [200, 200]
        assert client.get("/exports/roads.csv").status_code == 200
        assert settled(client)


def test_two_exports_of_one_name_at_once_are_both_whole(client):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wanted = [
            pool.submit(client.get, f"/exports/parcels.{form}") for form in ("csv", "gpkg", "csv", "parquet")
        ]
        answers = [one.result() for one in wanted]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert answers[0].content == answers[2].content
    assert answers[1].content.startswith(b"SQLite format 3\x00")
    assert settled(client)


# — what goes wrong


@pytest.mark.parametrize("form", FORMS[:3] + FORMS[4:])
def test_a_full_disk_is_said_and_leaves_nothing(client, form, monkeypatch):
    from parkgeo.export import table

    write = table._write

    def fill(_snapshot, _name, _frame, path, **_options):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(table, "_write", fill)
    answer = client.get(f"/exports/parcels.{form}")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "/" not in answer.json()["detail"]  # no path of this machine
    assert settled(client)
    monkeypatch.setattr(table, "_write", write)
    assert client.get(f"/exports/parcels.{form}").status_code == 200


def test_a_folder_that_cannot_be_written_is_said(workspace, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    with open_client(Settings(workspace, exports=ExportLimits(folder=blocked / "exports"))) as client:
        answer = client.get("/exports/roads.csv")
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text
        assert client.get("/roads.geojson").status_code == 200
        assert client.app.state.parkgeo.exporter.open == 0


@pytest.mark.parametrize(
    "path", ["/exports/parcels.gpkg", "/exports/parcels.csv", "/exports/parcels.geojson", "/parcels.geojson"]
)
def test_a_client_that_leaves_leaves_nothing(tmp_path, path):
    build_snapshot(tmp_path, parcels=4000)
    with started(tmp_path) as address:
        host, port = address.removeprefix("http://").split(":")
        for wait in (0.0, 0.3):
            with socket.create_connection((host, int(port))) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                if wait:
                    connection.settimeout(60)
                    assert connection.recv(1000).startswith(b"HTTP/1.1 200")
                time.sleep(wait)
        deadline = time.monotonic() + 60
        files = lambda: list((tmp_path / "exports").glob("*/*"))  # noqa: E731
        time.sleep(0.3)
        while files() and time.monotonic() < deadline:
            time.sleep(0.05)
        rooms = [file for file in files() if file.is_dir()]
        assert rooms == []
        assert len(httpx.get(f"{address}/parcels.geojson?limit=5").json()["features"]) == 5
    assert list((tmp_path / "exports").glob("*")) == []


def test_what_a_killed_process_left_is_swept_and_what_another_writes_is_not(tmp_path):
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from api.exports.scratch import Scratch
        room = Scratch(Path(sys.argv[1])).room()
        (room / "parcels.gpkg").write_bytes(b"half")
        os._exit(9)
        """
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "exports")], check=False, timeout=60)
    assert len(list((tmp_path / "exports").glob("*/*/parcels.gpkg"))) == 1
    other = Scratch(tmp_path / "exports")
    own = other.room()
    (own / "mine.csv").write_text("x", encoding="utf-8")
    Scratch(tmp_path / "exports").sweep()
    assert [file.name for file in (tmp_path / "exports").glob("*/*/*")] == ["mine.csv"]
    other.sweep()
    assert (own / "mine.csv").is_file()
    other.close()
    assert list((tmp_path / "exports").iterdir()) == []


def test_fifty_thousand_parcels_stream_in_bounded_memory(tmp_path):
    """A stream holds a few pages and not the collection: measured by the system on a process of its own."""
    script = textwrap.dedent(
        """
        import asyncio, json, resource, sys, tracemalloc
        from pathlib import Path
        import httpx
        from api import Settings, create_app

        app = create_app(Settings(Path(sys.argv[1])))

        class Counted(httpx.AsyncBaseTransport):
            pass

        async def stream(path):
            size, ends = 0, [b"", b""]
            scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET", "scheme": "http",
                     "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [(b"host", b"127.0.0.1:8000")],
                     "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "state": {}}
            asked = False

            async def receive():
                nonlocal asked
                if not asked:
                    asked = True
                    return {"type": "http.request", "body": b"", "more_body": False}
                await asyncio.sleep(3600)

            async def send(message):
                nonlocal size
                size += len(message.get("body", b""))

            await app(scope, receive, send)
            return size

        async def main():
            await stream("/collections")
            tracemalloc.start()
            told = {}
            for path in ("/roads.geojson", "/parcels.geojson"):
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                told[path] = (await stream(path), tracemalloc.get_traced_memory()[1] - before)
            print(json.dumps(told))

        asyncio.run(main())
        """
    )
    build_snapshot(tmp_path, parcels=50_000)
    made = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, timeout=300, capture_output=True, text=True
    )
    size, peak = json.loads(made.stdout)["/parcels.geojson"]
    assert size > 50_000_000
    assert peak < 8_000_000


def test_links_in_streams_lead_back(client):
    told = client.get("/idle.geojson?verdict=yes,no&limit=2").json()
    own = next(link["href"] for link in told["links"] if link["rel"] == "self")
    assert client.get(own).json() == told
    assert all(re.match(r"http://127\.0\.0\.1:8000/", link["href"]) for link in told["links"])


@pytest.mark.parametrize(
    ("path", "packed"),
    [
        ("/exports/parcels.xlsx", True),
        ("/exports/parcels.parquet", True),
        ("/exports/register.xlsx", True),
        ("/exports/snapshot.pmtiles", True),
        ("/parcels/320000-GB00003?f=docx", True),
        ("/exports/parcels.gpkg", False),
        ("/exports/parcels.csv", False),
        ("/exports/parcels.geojson", False),
        ("/exports", False),
    ],
)
def test_what_is_packed_already_is_not_packed_again(client, path, packed):
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == (None if packed else "gzip")
    if packed:  # its length is known: a browser shows how far it is
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.content[:2] != b"\x1f\x8b"
