"""Programs that read the service as they read any other: GDAL in two ages, a browser."""

import json
import shutil
import subprocess
import sys
from urllib.parse import parse_qs

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import pytest

from api.guard.keys import KeyFile
from tests.api import conftest
from tests.snapshot_builder import CRS_EPSG, build_snapshot

_READ = """
import sys, pyogrio
frame = pyogrio.read_dataframe("OAPIF:" + sys.argv[1], layer=sys.argv[2])
print(len(frame), *sorted({str(kind) for kind in frame.geom_type}))
print(*frame.columns)
"""


def read(address, layer):
    done = subprocess.run(
        [sys.executable, "-c", _READ, address, layer],
        capture_output=True,
        timeout=120,
        check=True,
        encoding="utf-8",
    )
    first, second = done.stdout.splitlines()
    return first.split(), second.split()


@pytest.mark.parametrize(
    ("layer", "types"),
    [("parcels", ["MultiPolygon"]), ("findings", ["MultiPolygon"]), ("roads", ["LineString"]), ("supply", ["None"]),
     ("utilities_points", ["Point"])],
)  # fmt: skip
def test_pyogrio_reads_all_rows(address, snapshot, layer, types):
    (count, *found), columns = read(address, layer)
    assert found == types
    if layer in snapshot.tables:
        table = snapshot.read(layer)
        assert int(count) == len(table)
        assert set(table.columns) - {"geometry"} <= set(columns)


def test_pyogrio_follows_next_over_many_pages(tmp_path):
    build_snapshot(tmp_path, parcels=2_500)
    with conftest.started(tmp_path) as url:
        assert read(url, "parcels")[0] == ["2500", "MultiPolygon"]


class Overheard:
    """An app that keeps the queries it was asked for pages of features."""

    def __init__(self, app):
        self.app = app
        self.queries = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"].endswith("/items"):
            told = parse_qs(scope["query_string"].decode())
            self.queries.append({name: values[-1] for name, values in told.items()})
        await self.app(scope, receive, send)


@pytest.fixture
def overheard(workspace, monkeypatch):
    """A started server of its own: its address, and what it was asked."""
    make, held = conftest.create_app, []

    def create(settings):
        held.append(Overheard(make(settings)))
        return held[0]

    monkeypatch.setattr(conftest, "create_app", create)
    with conftest.started(workspace) as url:
        yield url, held[0].queries


_CHOOSE = """
import json, sys, pyogrio
url, layer, place, options = sys.argv[1:]
options = {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(options).items()}
frame = pyogrio.read_dataframe("OAPIF:" + url, layer=layer, **options)
frame.to_parquet(place)
"""


def choose(url, folder, layer="parcels", **options):
    """Rows as GDAL gives them; it runs beside, for it asks the server that runs in this process."""
    place = folder / "read.parquet"
    command = [sys.executable, "-c", _CHOOSE, url, layer, str(place), json.dumps(options)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return gpd.read_parquet(place)


def test_pyogrio_has_the_coordinates_of_the_snapshot(address, snapshot, tmp_path):
    read = choose(address, tmp_path).set_index("parcel_id").sort_index()
    table = snapshot.read("parcels").set_index("parcel_id").sort_index()
    assert read.crs.to_epsg() == CRS_EPSG
    # A tenth of a millimetre, x east and y north as in the snapshot.
    assert read.geometry.hausdorff_distance(table.geometry, align=True).max() < 1.5e-4


def test_pyogrio_has_the_values_of_the_snapshot(address, snapshot, tmp_path):
    read = choose(address, tmp_path).set_index("parcel_id").sort_index()
    table = snapshot.read("parcels").set_index("parcel_id").sort_index()
    assert read["holder"].dropna().to_dict() == table["holder"].dropna().to_dict()
    np.testing.assert_array_equal(read["site_area_m2"], table["site_area_m2"])
    np.testing.assert_array_equal(read["far"].isna(), table["far"].isna())
    days = pd.to_datetime(read["agreed_start"]).dropna()
    assert days.to_dict() == pd.to_datetime(table["agreed_start"]).dropna().to_dict()


def test_pyogrio_lets_the_server_compare(overheard, snapshot, tmp_path):
    url, queries = overheard
    read = choose(url, tmp_path, where="idle = 'yes'")
    parcels = snapshot.read("parcels")
    assert sorted(read["parcel_id"]) == sorted(parcels.loc[parcels["idle"] == "yes", "parcel_id"])
    assert all(
        query.get("idle") == "yes" or "filter" in query for query in queries if query.get("limit") != "20"
    )


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("site_area_m2 > 47000 AND idle <> 'no'", lambda row: row["site_area_m2"] > 47_000 and row["idle"] in ("yes", "undetermined")),
        ("holder LIKE '%纺织%'", lambda row: "纺织" in (row["holder"] or "")),
        ("idle IN ('yes', 'undetermined')", lambda row: row["idle"] in ("yes", "undetermined")),
        ("holder IS NULL", lambda row: pd.isna(row["holder"])),
        ("far BETWEEN 0.6 AND 0.9", lambda row: 0.6 <= row["far"] <= 0.9),
        ("handover_on >= '2023-09-01'", lambda row: row["handover_on"] >= pd.Timestamp("2023-09-01")),
        ("idle_since < '2025/03/01'", lambda row: row["idle_since"] < pd.Timestamp("2025-03-01")),
        ("NOT (idle = 'no')", lambda row: row["idle"] in ("yes", "undetermined")),
    ],
)  # fmt: skip
def test_pyogrio_filters(overheard, snapshot, tmp_path, where, expected):
    url, queries = overheard
    read = choose(url, tmp_path, where=where)
    parcels = snapshot.read("parcels").astype({"holder": object})
    parcels["holder"] = parcels["holder"].where(parcels["holder"].notna(), None)
    assert sorted(read["parcel_id"]) == sorted(parcels.loc[parcels.apply(expected, axis=1), "parcel_id"])
    assert len(read) > 0
    assert queries


def test_pyogrio_sends_filters_in_the_language_that_it_knows(overheard, tmp_path):
    url, queries = overheard
    choose(url, tmp_path, where="site_area_m2 > 47000")
    sent = [query for query in queries if "filter" in query]
    assert sent
    assert {query["filter-lang"] for query in sent} <= {"cql-text", "cql2-text"}
    document = httpx.get(f"{url}/api").json()
    (language,) = [
        parameter
        for parameter in document["paths"]["/collections/parcels/items"]["get"]["parameters"]
        if parameter["name"] == "filter-lang"
    ]
    assert "cql-text" in language["schema"]["enum"]


def test_pyogrio_lets_the_server_find_the_place(overheard, snapshot, tmp_path):
    url, queries = overheard
    parcels = snapshot.read("parcels")
    west, south, east, north = parcels.total_bounds
    box = (west - 5, south - 5, (west + east) / 2, (south + north) / 2)
    read = choose(url, tmp_path, bbox=box)
    expected = sorted(parcels.cx[box[0] : box[2], box[1] : box[3]]["parcel_id"])
    assert sorted(read["parcel_id"]) == expected
    assert 0 < len(expected) < len(parcels)
    sent = [query for query in queries if "bbox" in query]
    assert sent
    if f"/{CRS_EPSG}" in sent[0].get("bbox-crs", ""):
        # The zone's axes: northing first.
        assert float(sent[0]["bbox"].split(",")[0]) == pytest.approx(box[1], abs=1)


def test_pyogrio_with_a_key_in_the_path(tmp_path):
    build_snapshot(tmp_path, parcels=25)
    _, secret = KeyFile(tmp_path / "keys.json").new("GDAL")
    with conftest.started(tmp_path) as url:
        assert read(f"{url}/k/{secret}", "parcels")[0] == ["25", "MultiPolygon"]
        assert httpx.get(f"{url}/collections").status_code == 401


def gdal(program, *arguments):
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


needs_gdal = pytest.mark.skipif(
    not shutil.which("ogrinfo"), reason="GDAL's programs are not installed (Debian: gdal-bin)"
)


@needs_gdal
@pytest.mark.parametrize(
    "where",
    [
        "idle = 'yes'",
        "idle = 'yes' AND site_area_m2 > 47000",
        "holder LIKE '%纺织%'",
        "idle_since < '2025-03-01'",
    ],
)
def test_ogr2ogr_takes_what_matches(address, snapshot, tmp_path, where):
    place = tmp_path / "chosen.gpkg"
    gdal("ogr2ogr", "-f", "GPKG", place, f"OAPIF:{address}", "parcels", "-where", where)
    from parkgeo.store.where import select

    parcels = snapshot.read("parcels")
    read = gpd.read_file(place)
    assert sorted(read["parcel_id"]) == sorted(parcels.loc[select(parcels, where), "parcel_id"])
    assert len(read) > 0


@needs_gdal
def test_ogr2ogr_takes_a_place_and_moves_it(address, snapshot, tmp_path):
    parcels = snapshot.read("parcels")
    west, south, east, north = parcels.to_crs(4326).total_bounds
    box = (west, south, (west + east) / 2, (south + north) / 2)
    place = tmp_path / "place.gpkg"
    gdal(
        "ogr2ogr",
        "-f",
        "GPKG",
        place,
        f"OAPIF:{address}",
        "parcels",
        "-spat",
        *box,
        "-t_srs",
        f"EPSG:{CRS_EPSG}",
    )
    read = gpd.read_file(place).set_index("parcel_id").sort_index()
    moved = parcels.to_crs(4326)
    assert sorted(read.index) == sorted(moved.cx[box[0] : box[2], box[1] : box[3]]["parcel_id"])
    own = parcels.set_index("parcel_id").sort_index().loc[read.index]
    assert read.geometry.hausdorff_distance(own.geometry, align=True).max() < 2e-3


@needs_gdal
def test_ogr2ogr_follows_pages_of_any_size(address, tmp_path):
    place = tmp_path / "all.gpkg"
    gdal("ogr2ogr", "-f", "GPKG", place, f"OAPIF:{address}", "parcels", "-oo", "PAGE_SIZE=7")
    assert len(gpd.read_file(place)) == 60


@needs_gdal
def test_ogrinfo_counts_and_filters(address):
    def ogrinfo(*arguments):
        return gdal("ogrinfo", "-ro", f"OAPIF:{address}", *arguments)

    listed = ogrinfo()
    assert "parcels (title: 宗地) (Multi Polygon)" in listed
    told = ogrinfo("-so", "parcels")
    assert "Feature Count: 60" in told
    assert "agreed_start: Date" in told
    assert "source_row: Integer" in told
    everything = ogrinfo("parcels", "-geom=SUMMARY")
    assert everything.count("OGRFeature(parcels)") == 60
    one = ogrinfo("parcels", "-where", "id='320000-GB00003'")
    assert one.count("OGRFeature(parcels)") == 1


def test_a_started_server_answers_over_the_wire(address):
    told = httpx.get(f"{address}/collections/parcels/items?limit=1")
    assert told.json()["links"][0]["href"].startswith(address)
    assert told.headers["content-crs"]
    assert httpx.head(f"{address}/collections").content == b""
    assert httpx.get(f"{address}/collections/findings/items/idle_not_started%3A2").status_code == 200
    assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
