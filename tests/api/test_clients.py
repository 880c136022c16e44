"""Programs that read the service as they read any other: GDAL in two ages, a browser."""

import shutil
import subprocess
import sys

import httpx
import pytest

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
    from tests.api.conftest import started
    from tests.snapshot_builder import build_snapshot

    build_snapshot(tmp_path, parcels=2_500)
    with started(tmp_path) as url:
        assert read(url, "parcels")[0] == ["2500", "MultiPolygon"]


@pytest.mark.skipif(not shutil.which("ogrinfo"), reason="ogrinfo is not installed (Debian: gdal-bin)")
def test_ogrinfo_counts_and_filters(address):
    def ogrinfo(*arguments):
        command = ["ogrinfo", "-ro", f"OAPIF:{address}", *arguments]
        return subprocess.run(command, capture_output=True, timeout=120, check=True, encoding="utf-8").stdout

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
