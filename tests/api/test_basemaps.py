"""Basemaps: what a list may say, what the pages may then ask for, and that data never move under a displaced map."""

import json
import re
import shutil
import sqlite3
import subprocess
from importlib import resources

import numpy as np
import pytest

from api import Settings, create_app
from maps.basemaps import picture_hosts, read_basemaps
from parkgeo.errors import ParkgeoError, ProjectError
from parkgeo.ingest.shifted import gcj02
from tests.api.conftest import open_client

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
KEY = "0123456789abcdef0123456789abcdef"
HEAD = '[[basemap]]\nid = "office"\ntitle = { zh = "底图", en = "Office" }\nattribution = "© Office"\n'


def write(folder, text):
    path = folder / "basemaps.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mbtiles(folder, tiles, name="office.mbtiles"):
    with sqlite3.connect(folder / name) as database:
        database.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", tiles)
    database.close()
    return folder / name


def test_kinds_that_need_no_address(tmp_path):
    told = '[[basemap]]\nid = "osm"\nkind = "openstreetmap"\n[[basemap]]\nid = "t"\nkind = "tianditu"\nlayer = "imagery"\n[[basemap]]\nid = "g"\nkind = "gaode"\n'
    osm, tianditu, gaode = read_basemaps(write(tmp_path, told), tianditu_key=KEY)
    assert osm.attribution == "© OpenStreetMap contributors"
    assert [url.count(KEY) for url in tianditu.urls] == [1, 1]  # ground and labels
    assert (osm.shifted, tianditu.shifted, gaode.shifted) == (False, False, True)
    assert KEY not in repr((osm, tianditu, gaode))
    assert picture_hosts((osm, tianditu)) == (
        "https://tile.openstreetmap.org",
        *(f"https://t{n}.tianditu.gov.cn" for n in range(8)),
    )


def test_an_offices_own_addresses(tmp_path):
    told = (
        HEAD
        + 'kind = "xyz"\nurl = "https://{s}.example.cn:8443/t/{z}/{x}/{-y}.png"\nsubdomains = ["a", "b"]\nshifted = "GCJ-02"\n'
        '[[basemap]]\nid = "w"\nkind = "wmts"\ntitle = { en = "W" }\nattribution = "W"\nurl = "http://10.0.0.1/wmts?map=1"\nlayer = "a b&c={z}"\n'
    )
    xyz, wmts = read_basemaps(write(tmp_path, told))
    assert picture_hosts((xyz, wmts)) == (
        "https://a.example.cn:8443",
        "https://b.example.cn:8443",
        "http://10.0.0.1",
    )
    assert xyz.shifted
    assert wmts.urls[0].startswith("http://10.0.0.1/wmts?map=1&SERVICE=WMTS&")
    assert "LAYER=a+b%26c%3Dz&" in wmts.urls[0]  # a name is never a place for a number
    assert wmts.urls[0].count("{") == 3


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("basemap = 3", "not a list of basemaps"),
        ("nonsense", "not TOML"),
        ('[[basemap]]\nid = "x"\nkind = "bing"', "none of those there are"),
        ('[[basemap]]\nid = "t"\nkind = "tianditu"\nkey = "' + KEY + ' x"', "PARKGEO_TIANDITU_KEY"),
        (HEAD + 'kind = "xyz"\nurl = "https://e.cn/{z}/{x}.png"', "places are not"),
        (HEAD + 'kind = "xyz"\nurl = "https://e.cn/{z}/{x}/{y}/{key}"', "places are not"),
        (HEAD + 'kind = "xyz"\nurl = "javascript:alert({z}{x}{y})"', "no address of the web"),
        (HEAD + 'kind = "xyz"\nurl = "https://e.cn;script-src *\\t/{z}/{x}/{y}"', "cannot be one"),
        (HEAD + 'kind = "xyz"\nurl = "https://e.cn;script-src/{z}/{x}/{y}"', "no address of the web"),
        (HEAD + 'kind = "xyz"\nurl = "https://user:pw@e.cn/{z}/{x}/{y}"', "no address of the web"),
        (HEAD + 'kind = "mbtiles"\nfile = "gone.mbtiles"', "no such file"),
        (HEAD + 'kind = "xyz"\nurl = "https://e.cn/{z}/{x}/{y}"\nmin_zoom = 19', "beyond max_zoom"),
        (HEAD + 'kind = "xyz"\nurl = "https://e.cn/{z}/{x}/{y}"\ncolour = 1', "unknown key"),
        (HEAD + 'kind = "gaode"\n' + HEAD + 'kind = "gaode"', "another of that id"),
        ('[[basemap]]\nid = "../x"\nkind = "gaode"', "lower-case letters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_the_start_and_no_key_with_it(tmp_path, told, said):
    settings = Settings(tmp_path, basemaps=write(tmp_path, told))
    with pytest.raises(ProjectError) as refused:
        create_app(settings)
    assert said in str(refused.value)
    assert KEY not in str(refused.value)


def test_without_a_list_no_page_may_ask_anybody(client):
    assert client.get("/basemaps").json() == {"basemaps": []}
    for page in ("/map", "/dashboard"):
        assert "http" not in client.get(page).headers["content-security-policy"]
    # The page in one file never may.
    assert b"img-src data:;" in client.get("/map.html").content


def test_pages_may_ask_those_on_the_list_and_nobody_else(workspace, tmp_path, caplog):
    told = (
        '[[basemap]]\nid = "t"\nkind = "tianditu"\nlabels = false\n'
        + HEAD
        + 'kind = "xyz"\nurl = "https://e.cn/{z}/{x}/{y}"'
    )
    settings = Settings(workspace, basemaps=write(tmp_path, told), tianditu_key=KEY)
    assert KEY not in repr(settings)
    with open_client(settings) as client:
        policy = client.get("/map").headers["content-security-policy"]
        pictures = re.search(r"img-src ([^;]*);", policy)[1].split()
        assert pictures == [
            "'self'",
            "data:",
            "blob:",
            *(f"https://t{n}.tianditu.gov.cn" for n in range(8)),
            "https://e.cn",
        ]
        assert policy.replace(f"img-src {' '.join(pictures)};", "").count("http") == 0
        offered = client.get("/basemaps").json()["basemaps"]
        assert [one["id"] for one in offered] == ["t", "office"]
        assert offered[1]["attribution"] == "© Office"
        assert (
            "e.cn" not in client.get("/map").text
        )  # what an office writes is in no page, only in what the page asks for
        assert client.get("/basemaps/t/0/0/0").status_code == 404
    assert KEY not in caplog.text


def test_a_file_of_the_office_is_served_from_the_north(workspace, tmp_path):
    tiles = [(1, 0, 1, PNG), (1, 1, 1, b"<svg onload=alert(1)>"), (2, 0, 0, None)]
    before = mbtiles(tmp_path, tiles).read_bytes()
    settings = Settings(
        workspace, basemaps=write(tmp_path, HEAD + 'kind = "mbtiles"\nfile = "office.mbtiles"')
    )
    with open_client(settings) as client:
        assert client.get("/basemaps").json()["basemaps"][0]["urls"] == ["basemaps/office/{z}/{x}/{y}"]
        answer = client.get("/basemaps/office/1/0/0")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
        for empty in ("1/1/0", "1/0/1", "2/0/3", "9/1/1"):
            assert client.get(f"/basemaps/office/{empty}").status_code == 204, empty
        for wrong in ("1/0/2", "1/x/0", "-1/0/0", "1/0/0%00", "1/..%2f/0", "99999999999/0/0"):
            assert client.get(f"/basemaps/office/{wrong}").status_code in {400, 404}, wrong
    assert (tmp_path / "office.mbtiles").read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["basemaps.toml", "office.mbtiles"]


def test_a_pmtiles_file_is_served(workspace, tmp_path):
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import Writer

    head = {"tile_type": TileType.PNG, "tile_compression": Compression.NONE, "min_lon_e7": -1, "min_lat_e7": -1, "max_lon_e7": 1,
            "max_lat_e7": 1, "center_zoom": 0, "center_lon_e7": 0, "center_lat_e7": 0}  # fmt: skip
    with (tmp_path / "o.pmtiles").open("wb") as file:
        writer = Writer(file)
        writer.write_tile(zxy_to_tileid(2, 3, 1), PNG)
        writer.finalize(head, {})
    settings = Settings(workspace, basemaps=write(tmp_path, HEAD + 'kind = "pmtiles"\nfile = "o.pmtiles"'))
    with open_client(settings) as client:
        assert client.get("/basemaps/office/2/3/1").content == PNG
        assert client.get("/basemaps/office/2/1/3").status_code == 204
        assert client.get("/basemaps/office/12/1/3").status_code == 204


@pytest.mark.parametrize("kind", ["mbtiles", "pmtiles"])
def test_a_file_that_is_something_else_is_told_at_the_start(tmp_path, kind):
    (tmp_path / "o").write_bytes(b"something else, and long enough to be read" * 20)
    with pytest.raises(ParkgeoError, match="file"):
        create_app(Settings(tmp_path, basemaps=write(tmp_path, HEAD + f'kind = "{kind}"\nfile = "o"')))


# GCJ-02: the script of the page, held against the formula by which users' files are read

_RUN = """
const window = { parkgeo: {} };
const L = { GridLayer: { extend: () => null } };
%s
const told = JSON.parse(process.argv[1]);
process.stdout.write(JSON.stringify(told.map(([x, y, z]) => window.parkgeo.displacement(x, y, z))));
"""


def displacements(pixels, z):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    assets = resources.files("maps").joinpath("assets", "js")
    script = "\n".join(
        assets.joinpath(name).read_text("utf-8").replace("parkgeo.element", "null")
        for name in ("shapes.js", "basemaps.js")
    )
    told = json.dumps([[float(x), float(y), z] for x, y in pixels])
    ran = subprocess.run(
        [node, "-e", _RUN % script, told], capture_output=True, text=True, check=True, timeout=60
    )
    return np.array(json.loads(ran.stdout))


def as_pixels(degrees, z):
    side = 256 * 2**z
    south = 0.5 - np.arctanh(np.sin(np.radians(degrees[:, 1]))) / (2 * np.pi)
    return np.column_stack(((degrees[:, 0] + 180) / 360, south)) * side


def as_degrees(pixels, z):
    part = pixels / (256 * 2**z)
    return np.column_stack(
        (part[:, 0] * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * part[:, 1])))))
    )


@pytest.mark.parametrize("z", [5, 10, 14, 18])
def test_a_displaced_map_lies_under_the_data_to_the_pixel(z):
    """Each piece of 128 px is moved by what its middle is displaced; anywhere on it that is right to half a pixel."""
    random = np.random.default_rng(z)
    places = np.column_stack((random.uniform(73.5, 134.5, 600), random.uniform(18.2, 53.5, 600)))
    pixels = as_pixels(places, z)
    middles = (np.floor(pixels / 128) + 0.5) * 128
    moved = pixels + displacements(middles, z)
    true = as_pixels(gcj02(places), z)
    inside = (as_degrees(middles, z)[:, 0] < 137.8) & (as_degrees(middles, z)[:, 0] > 72.1)
    assert inside.sum() > 500
    assert np.hypot(*(moved - true)[inside].T).max() < 0.6
    # And it is not nothing: the displacement is some hundred metres.
    if z == 18:
        assert np.hypot(*(true - pixels).T).min() > 50


def test_nothing_is_moved_outside_of_china():
    outside = as_pixels(np.array([[2.35, 48.85], [139.7, 35.7], [100.0, 0.5]]), 12)
    assert np.abs(displacements(outside, 12)).max() < 1e-3
