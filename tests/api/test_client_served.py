"""The client for Python against a really started service: what comes is what the snapshot holds."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import itertools
import json
import pkgutil
import shutil
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal

import parkgeo.client
from api.guard.keys import KeyFile
from parkgeo.client import Client, ClientError
from tests.api.conftest import started
from tests.api.sample_service import HANDBOOK_CHANGES, pack_office, serve_copy
from tests.snapshot_builder import CRS_EPSG, build_snapshot


@pytest.fixture(scope="module")
def remote(address):
    with Client(address, lang="en") as client:
        yield client


@pytest.fixture(scope="module")
def served_sample(sample_run, tmp_path_factory):
    with serve_copy(sample_run.snapshot, tmp_path_factory.mktemp("served")) as url:
        yield url


def test_collections_are_those_of_the_snapshot(remote, snapshot):
    told = remote.collections()
    for table in ("parcels", "findings", "roads", "supply"):
        assert told[table]["itemCount"] == len(snapshot.read(table))
    assert told["parcels"]["title"] == "Parcels"
    assert "rejects" not in told


def test_sites_are_asked_about(remote, snapshot):
    count = len(snapshot.read("parcels"))
    brief = {"needs": {"area": "3 ha"}, "sites": {"all_parcels": True}, "shown": 1}
    found = remote.search_sites(brief)
    assert found["counts"]["asked"] == count
    fits = remote.fit(industry="machinery")
    assert 0 < len(fits) <= count
    assert set(fits["industry"]) == {"machinery"}
    parcel = fits["site_id"].iloc[0]
    assert len(remote.fit(parcel=parcel, industry="machinery")) == 1
    told = remote.allocate(
        {"projects": [{"name": "A", **brief} | {"shown": 5}], "rules": {"time_limit_s": 5}}
    )
    assert [one["project"] for one in told["projects"]] == ["A"]
    with pytest.raises(ClientError) as caught:
        remote.search_sites({"industri": "food"})
    assert caught.value.status == 400
    assert len(caught.value.faults) == 2


def test_a_frame_is_the_table(remote, snapshot):
    table = snapshot.read("parcels").set_index("parcel_id", drop=False).sort_index()
    frame = remote.frame("parcels", crs=CRS_EPSG, page_size=7).sort_index()
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs.to_epsg() == CRS_EPSG
    assert list(frame.index) == list(table.index)
    assert set(table.columns) == set(frame.columns)
    # Coordinates travel with four decimals of a metre.
    assert frame.geometry.hausdorff_distance(table.geometry, align=True).max() < 2e-4
    for name in table.columns.drop("geometry"):
        ours, theirs = frame[name], table[name]
        assert (ours.isna() == theirs.isna()).all(), name
        there = theirs.notna()
        if pd.api.types.is_numeric_dtype(theirs):
            np.testing.assert_allclose(
                ours[there].astype(float), theirs[there].astype(float), rtol=1e-12, err_msg=name
            )
        elif pd.api.types.is_datetime64_any_dtype(ours):
            assert (ours[there] == pd.to_datetime(theirs[there])).all(), name
        else:
            assert ours[there].tolist() == theirs[there].tolist(), name


def test_systems_agree_whatever_their_order_of_axes(remote):
    degrees = remote.frame("parcels")
    for code in (4326, 4490, 3857, CRS_EPSG):
        frame = remote.frame("parcels", crs=code)
        assert frame.crs.to_epsg() == code
        assert_geodataframe_equal(
            frame.to_crs(degrees.crs)[["geometry"]],
            degrees[["geometry"]],
            check_less_precise=True,
            check_crs=False,
        )
        assert frame.to_crs(CRS_EPSG).geometry.hausdorff_distance(degrees.to_crs(CRS_EPSG)).max() < 2e-3


def test_a_table_without_geometry_is_a_plain_one(remote, snapshot):
    frame = remote.frame("supply")
    assert not isinstance(frame, gpd.GeoDataFrame)
    assert len(frame) == len(snapshot.read("supply"))
    assert "geometry" not in frame


@pytest.mark.parametrize(
    "choice",
    [
        {"filter": "idle = 'yes'"},
        {"filter": {"op": "=", "args": [{"property": "idle"}, "yes"]}},
        {"equal": {"idle": "yes"}},
        {"filter": "idle IN ('yes') AND holder LIKE '%'  OR idle = 'yes'"},
    ],
)
def test_ways_to_say_the_same(remote, snapshot, choice):
    parcels = snapshot.read("parcels")
    assert sorted(remote.frame("parcels", **choice).index) == sorted(
        parcels.loc[parcels["idle"] == "yes", "parcel_id"]
    )


def test_a_filter_in_chinese(remote, snapshot):
    parcels = snapshot.read("parcels")
    frame = remote.frame("parcels", filter="holder LIKE '%纺织%'")
    assert sorted(frame.index) == sorted(
        parcels.loc[parcels["holder"].str.contains("纺织", na=False), "parcel_id"]
    )


def test_order_columns_and_how_many(remote, snapshot):
    frame = remote.frame("parcels", sortby=["-site_area_m2"], properties=["holder", "site_area_m2"], limit=5)
    assert list(frame.columns) == ["holder", "site_area_m2", "geometry"]
    largest = snapshot.read("parcels")["site_area_m2"].sort_values(ascending=False).head(5)
    assert frame["site_area_m2"].tolist() == largest.tolist()


def test_a_box_in_degrees_and_in_metres(remote, snapshot):
    parcels = snapshot.read("parcels")
    west, south, east, north = parcels.total_bounds
    half = (west - 10, south - 10, (west + east) / 2 + 1, north + 10)
    expected = sorted(parcels.cx[half[0] : half[2], half[1] : half[3]]["parcel_id"])
    metres = remote.frame("parcels", bbox=(half[1], half[0], half[3], half[2]), bbox_crs=CRS_EPSG)
    assert sorted(metres.index) == expected
    assert 0 < len(expected) < len(parcels)


def test_nothing_that_matches_is_an_empty_table_with_its_columns(remote):
    frame = remote.frame("parcels", filter="idle = 'never'")
    assert len(frame) == 0
    assert isinstance(frame, gpd.GeoDataFrame)
    assert "holder" in frame
    assert frame["site_area_m2"].dtype == float


def test_pages_end_where_they_are_told_to(remote):
    pages = list(remote.items("parcels", limit=25, page_size=10))
    assert [len(page.features) for page in pages] == [10, 10, 5]
    assert {page.matched for page in pages} == {60}


def test_one_item(remote, snapshot):
    row = snapshot.read("parcels").iloc[3]
    item = remote.item("parcels", row["parcel_id"])
    assert item["properties"]["holder"] == row["holder"]
    with pytest.raises(ClientError) as caught:
        remote.item("parcels", "宗地/.. 🏭")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    "choice", [{"filter": "idle ="}, {"filter": "no_such = 1"}, {"sortby": "no_such"}, {"equal": {"no_such": "1"}},
               {"crs": 27700}, {"bbox": (1, 2, 3)}, {"bbox": (5, 9, 6, 8)}, {"properties": ["no_such"]}, {"limit": 0}]
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_parameter(remote, choice):
    with pytest.raises(ClientError) as caught:
        remote.frame("parcels", **choice)
    assert caught.value.status == 400
    assert caught.value.detail


def test_a_page_never_mixes_snapshots(tmp_path):
    build_snapshot(tmp_path, parcels=40)
    with started(tmp_path) as url, Client(url) as client:
        pages = client.items("parcels", page_size=10)
        first = next(pages)
        build_snapshot(tmp_path, parcels=90)
        rest = list(pages)
        assert {page.matched for page in (first, *rest)} == {40}
        assert sum(len(page.features) for page in (first, *rest)) == 40


def test_snapshots_by_name(tmp_path):
    old = build_snapshot(tmp_path, parcels=40)
    new = build_snapshot(tmp_path, parcels=90)
    with started(tmp_path) as url, Client(url) as client:
        assert {one["name"] for one in client.snapshots()} == {old.name, new.name}
        assert [one["name"] for one in client.snapshots() if one["live"]] == [new.name]
        assert len(client.frame("parcels")) == 90
        with Client(url, snapshot=old.name) as earlier:
            assert len(earlier.frame("parcels", page_size=15)) == 40


def test_keys_by_header_and_in_the_path(tmp_path):
    build_snapshot(tmp_path, parcels=25)
    key, secret = KeyFile(tmp_path / "keys.json").new("a script")
    with started(tmp_path) as url:
        with Client(url) as client, pytest.raises(ClientError) as caught:
            client.collections()
        assert caught.value.status == 401
        for client in (Client(url, key=secret), Client(f"{url}/k/{secret}")):
            with client:
                assert len(client.frame("parcels", page_size=10)) == 25
                with pytest.raises(ClientError) as caught:
                    client.scenario({"type": "FeatureCollection", "features": []})
                assert caught.value.status == 403
                assert secret not in str(caught.value)
        KeyFile(tmp_path / "keys.json").revoke(key.id)


# Records and files


def test_records(remote, snapshot):
    name = snapshot.read("parcels")["parcel_id"].iloc[2]
    assert name in json.dumps(remote.parcel(name), ensure_ascii=False)
    assert "idle_rate" in json.dumps(remote.park("P1"))
    assert "idle_not_started" in json.dumps(remote.findings(filter="verdict = 'yes'"))
    assert name in json.dumps(remote.search(name))


@pytest.mark.parametrize("form", ["gpkg", "geojson", "parquet", "csv", "xlsx"])
def test_exports_hold_what_was_chosen(remote, snapshot, tmp_path, form):
    file = remote.export("parcels", form, tmp_path / f"idle.{form}", equal={"idle": "yes"})
    parcels = snapshot.read("parcels")
    expected = sorted(parcels.loc[parcels["idle"] == "yes", "parcel_id"])
    read = {"gpkg": pyogrio.read_dataframe, "geojson": pyogrio.read_dataframe, "parquet": gpd.read_parquet,
            "csv": pd.read_csv, "xlsx": partial(pd.read_excel, engine="openpyxl", header=2)}[form]  # fmt: skip
    table = read(file)
    assert len(table) == len(expected)
    assert any(sorted(map(str, table[column])) == expected for column in table.columns)
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_an_export_that_is_refused_writes_nothing(remote, tmp_path):
    with pytest.raises(ClientError) as caught:
        remote.export("parcels", "doc", tmp_path / "parcels.doc")
    assert caught.value.status == 404
    assert list(tmp_path.iterdir()) == []


# Work


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return pack_office(tmp_path_factory.mktemp("sent"))


def test_a_project_is_sent_checked_and_published(archive, tmp_path):
    before = build_snapshot(tmp_path, parcels=9)
    with started(tmp_path) as url, Client(url) as client:
        checked = client.upload(archive, check=True)
        assert checked.wait(300).state == "done", checked.told
        assert checked.snapshot == ""
        assert [one["name"] for one in client.snapshots()] == [before.name]
        job = client.upload(archive)
        events = list(job.events())
        assert job.state == "done", job.told
        assert "step" in {event.kind for event in events}
        assert [event.told["state"] for event in events if event.kind == "state"][-1] == "done"
        assert job.id in {one.id for one in client.jobs()}
        with Client(url, snapshot=job.snapshot) as later:
            frame = later.frame("parcels")
        assert sorted(frame.index) == ["P1", "P2", "P3"]
        assert frame.loc["P1", "holder"] == "长江精密机械有限公司"
        assert pd.isna(frame.loc["P2", "holder"])


def test_what_an_upload_does_wrong_is_said(archive, tmp_path):
    build_snapshot(tmp_path, parcels=9)
    no_zip = tmp_path / "no.zip"
    no_zip.write_bytes(b"no zip at all")
    with started(tmp_path) as url, Client(url) as client:
        with pytest.raises(ClientError) as caught:
            client.upload(no_zip)
        assert caught.value.status in {400, 415, 422}
        with pytest.raises(ClientError) as caught:
            client.upload(archive, as_of="soon")
        assert (caught.value.status, caught.value.parameter) == (400, "as_of")
        with pytest.raises(ClientError) as caught:
            client.job("no-such-job")
        assert caught.value.status == 404


def test_a_job_is_cancelled(archive, tmp_path):
    build_snapshot(tmp_path, parcels=9)
    with started(tmp_path) as url, Client(url) as client:
        job = client.upload(archive)
        assert job.cancel().wait(60).state == "cancelled"
        assert len(client.snapshots()) == 1


# Examples


@pytest.mark.parametrize(
    "name",
    sorted(module.name for module in pkgutil.walk_packages(parkgeo.client.__path__, "parkgeo.client.")),
)
def test_examples_that_need_a_service_run(name, served_sample, archive, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(archive, "office.zip")
    Path("changes.geojson").write_text(HANDBOOK_CHANGES, encoding="utf-8")
    module = importlib.import_module(name)
    flag = doctest.OPTIONFLAGS_BY_NAME["SKIP"]
    with Client(served_sample) as client:
        globs = {**vars(module), "client": client, "Client": lambda _: contextlib.nullcontext(client)}
        tests = [
            test
            for test in doctest.DocTestFinder(exclude_empty=True).find(module, globs=globs)
            if test.examples
        ]
        for example in itertools.chain.from_iterable(test.examples for test in tests):
            example.options.pop(flag, None)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        for test in tests:
            runner.run(test)
    assert runner.failures == 0
