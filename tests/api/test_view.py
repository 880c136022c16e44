"""What the pages of the service ask for: put together again it is what a page in one file carries, on both stores and for every key."""

import gzip
import re
import shutil

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

from api import Settings
from api.tiles.grid import tiles_over
from api.tiles.painter import MOST_FEATURES
from maps.payload import build_payload
from maps.served import TILED
from maps.specs import shipped_specs
from tests.api.conftest import open_client
from tests.api.guarded import new_key
from tests.packed_map import through_bytes, unpack, values
from tests.snapshot_builder import PERSONAL, build_snapshot

TAX = b'map = 1\nid = "tax"\ntitle = { en = "Tax of land" }\ncolour = "far"\n[classes]\nscheme = "breaks"\nbreaks = [1]\n'
HOSTILE = (
    "%2e%2e",
    "x%00",
    "idle%27",
    "a" * 4000,
    "%F0%9F%98%80",
    "idle@",
    "1e9",
    "-1",
    "0x1",
    "١",
    "1.0",
    "",
)


def read(client, path, headers=None):
    answer = client.get(path, headers=headers or {})
    assert answer.status_code == 200, (path, answer.text)
    assert answer.headers["content-type"] == "application/octet-stream"
    return unpack(answer.content)


def tile(client, table, z, row, col, headers=None):
    """Number → shape in units of the tile, and the class of each."""
    answer = client.get(f"/view/tiles/{table}/{z}/{row}/{col}", headers=headers or {})
    assert answer.status_code in {200, 204}, answer.text
    assert "parkgeo-complete" not in answer.headers
    if answer.status_code == 204:
        return []
    layers = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    assert list(layers) == [table]
    return [(one["id"], one["properties"], shape(one["geometry"])) for one in layers[table]["features"]]


@pytest.fixture(scope="module")
def portable(snapshot):
    return through_bytes(build_payload(snapshot, lang="zh"))


@pytest.fixture(scope="module")
def view(client):
    return read(client, "/view")


def test_the_view_is_a_page_in_one_file_without_what_is_asked_for_later(view, portable):
    for name in (
        "languages",
        "meta",
        "origin",
        "bounds",
        "text",
        "codes",
        "units",
        "sections",
        "modes",
        "maps",
        "left_out",
    ):
        assert view[name] == portable[name], name
    parcels = view["parcels"]
    assert parcels["ids"] == portable["parcels"]["ids"]
    assert np.allclose(parcels["areas"], portable["parcels"]["areas"])
    assert "shapes" not in parcels
    assert not any("of" in one for one in view["colourings"])
    assert [one["key"] for one in view["colourings"]] == [one["key"] for one in portable["colourings"]]
    assert view["findings"]["titles"] == portable["findings"]["titles"]
    assert view["findings"]["fields"] == portable["findings"]["fields"]


def test_every_column_comes_by_itself_in_the_order_of_the_view(client, snapshot, portable, view):
    for name, column in portable["parcels"]["columns"].items():
        assert values(read(client, f"/view/columns/{name}")) == pytest.approx(values(column), abs=0.1), name
        assert name not in view["parcels"]["columns"] or values(view["parcels"]["columns"][name]) == values(
            column
        )
    # Also what no page in one file carries.
    table = snapshot.read("parcels")
    further = set(table.columns) - set(portable["parcels"]["columns"]) - {"geometry", *PERSONAL}
    assert further
    for name in further:
        assert len(values(read(client, f"/view/columns/{name}"))) == len(table)


def test_every_colouring_is_that_of_a_page_in_one_file(client, portable):
    for one in portable["colourings"]:
        served = read(client, f"/view/colourings/{one['key']}")
        assert served["of"].tolist() == one["of"].tolist(), one["key"]
        assert served["classes"] == one["classes"]


def test_layers_are_those_of_a_page_in_one_file(client, view, portable):
    heads = {one["id"]: one for one in view["layers"]}
    assert list(heads) == [one["id"] for one in portable["layers"]]
    for one in portable["layers"]:
        head = heads[one["id"]]
        assert (head["title"], head["count"], head["shown"]) == (one["title"], one["count"], one["shown"])
        assert ("tiles" in head) == (one["group"] in TILED)
        if not head.keys() & {"tiles", "shapes", "picture"}:
            layer = read(client, f"/view/layers/{one['id']}")
            assert layer["shapes"]["steps"].tolist() == one["shapes"]["steps"].tolist()


def test_facts_of_a_parcel_are_those_of_a_page_in_one_file(client, portable):
    ids = portable["parcels"]["ids"]
    for row in (0, 7, len(ids) - 1):
        one = read(client, f"/view/rows/parcels/{row}")
        assert one["parcels"]["ids"] == [ids[row]]
        for name, column in one["parcels"]["columns"].items():
            assert values(column)[0] == pytest.approx(
                values(portable["parcels"]["columns"][name])[row], abs=0.1
            ), name
        mine = np.flatnonzero(portable["findings"]["rows"] == row)
        for name, column in portable["findings"]["columns"].items():
            expected = [values(column)[entry] for entry in mine]
            assert [
                values(one["findings"]["columns"][name])[entry]
                for entry in np.flatnonzero(one["findings"]["rows"] == 0)
            ] == expected
        assert len(one["gaps"].get("rows", [])) == (portable["gaps"]["rows"] == row).sum()


@pytest.mark.parametrize("z", [0, 9, 13, 15])
def test_all_parcels_are_on_the_tiles_under_their_numbers(client, view, snapshot, z):
    """A shape under a pixel stays as its box; each lies where the parcel of that number is."""
    extent = client.get("/collections/parcels").json()["extent"]["spatial"]["bbox"][0]
    first_row, last_row, first_col, last_col = tiles_over(extent, z)
    ids, met = view["parcels"]["ids"], set()
    parcels = snapshot.read("parcels").to_crs("OGC:CRS84").set_index("parcel_id").geometry
    for row in range(first_row, last_row + 1):
        for col in range(first_col, last_col + 1):
            for number, _, drawn in tile(client, "parcels", z, row, col):
                met.add(number)
                x, y = shapely.transform(
                    drawn, lambda xy, row=row, col=col: (xy / 4096 + [col, row]) / 2**z
                ).centroid.coords[0]
                place = (x * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))))
                pixel = 360 / 2**z / 256
                assert parcels[ids[number]].distance(shapely.Point(place)) <= 2 * pixel
    assert met == set(range(len(ids)))


def test_classes_of_a_table_are_its_layers(client, view):
    for table in {one["tiles"] for one in view["layers"] if "tiles" in one}:
        layers = {one["number"]: one["count"] for one in view["layers"] if one.get("tiles") == table}
        told = {number: properties.get("c", 0) for number, properties, _ in tile(client, table, 0, 0, 0)}
        counted = pd.Series(told).value_counts().to_dict()
        assert counted == layers, table


def test_places_are_boxes_and_middles(client, view, snapshot):
    places = read(client, "/view/places")
    parcels = snapshot.read("parcels").to_crs("EPSG:3857").geometry
    half = np.pi * 6_378_137
    units = 2**32 / (2 * half)
    boxes = (places["boxes"].reshape(-1, 4) + np.array(view["origin"] * 2)) / units
    expected = parcels.bounds.to_numpy()
    assert np.abs(boxes[:, [0, 2]] - half - expected[:, [0, 2]]).max() < 0.02
    assert np.abs(half - boxes[:, [3, 1]] - expected[:, [1, 3]]).max() < 0.02
    middles = (places["middles"].reshape(-1, 2) + np.array(view["origin"])) / units - half
    assert np.abs(middles[:, 0] - parcels.centroid.x).max() < 0.02


def test_rows_of_other_tables_tell_what_their_tile_shows(client, snapshot):
    roads = snapshot.read("roads")
    for number, _, _ in tile(client, "roads", 0, 0, 0):
        told = read(client, f"/view/rows/roads/{number}")
        assert told["columns"]["road_class"]["title"][1]
    known = sorted(
        values(read(client, f"/view/rows/roads/{row}")["columns"]["road_class"])[0]
        for row in range(len(roads))
    )
    assert known == sorted(roads["road_class"])
    finding = tile(client, "findings", 0, 0, 0)[0][0]
    assert all(values(column)[0] for column in read(client, f"/view/rows/findings/{finding}")["reasons"])


def test_personal_fields_are_in_nothing(client):
    for name in PERSONAL:
        assert client.get(f"/view/columns/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/view/columns/{}", "/view/colourings/{}", "/view/layers/{}", "/view/rows/parcels/{}", "/view/rows/{}/0",
                                  "/view/tiles/{}/0/0/0", "/view/tiles/parcels/{}/0/0", "/basemaps/{}/0/0/0", "/assets/{}/served.css"])  # fmt: skip
def test_what_there_is_not_is_not_found_and_nothing_breaks(client, path):
    for text in HOSTILE:
        answer = client.get(path.format(text))
        assert answer.status_code in {400, 404}, (path, text, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/view/rows/companies/0").status_code == 404
    assert client.get("/view/tiles/rejects/0/0/0").status_code == 404
    assert client.get("/view?x=1").status_code == 400


def test_what_has_not_changed_is_not_sent_again(client, snapshot):
    paths = ["/view", "/view/columns/far", "/view/colourings/idle", "/view/places", "/view/tiles/parcels/0/0/0", "/map", "/dashboard", "/map.html",
             "/view/rows/parcels/0"]  # fmt: skip
    for path in (*paths, *(f"/snapshots/{snapshot.name}{path}" for path in paths)):
        answer = client.get(path)
        assert answer.status_code == 200, path
        again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        head = client.request("HEAD", path)
        assert (head.status_code, head.headers["etag"], head.content) == (200, answer.headers["etag"], b"")


@pytest.mark.parametrize("page", ["map", "dashboard"])
@pytest.mark.parametrize("named", [False, True])
def test_a_page_loads_only_what_the_service_has(client, snapshot, page, named):
    path = f"/snapshots/{snapshot.name}/{page}" if named else f"/{page}"
    answer = client.get(f"{path}?lang=en")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert "unsafe" not in answer.headers["content-security-policy"]
    asked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    files = [one for one in asked if not one.startswith("data:")]
    assert len(files) > 20
    for file in files:
        assert file.startswith("../../assets/" if named else "assets/")
        found = client.get("/" + file.removeprefix("../../"))
        assert found.status_code == 200, file
        assert (
            found.headers["content-type"]
            == ("text/css" if file.endswith("css") else "text/javascript") + "; charset=utf-8"
        )
        assert "immutable" in found.headers["cache-control"]


def test_a_key_in_the_path_sees_the_page_and_all_it_asks_for(workspace, store, tmp_path):
    folder = tmp_path / "workspace"
    shutil.copytree(workspace, folder, ignore=shutil.ignore_patterns("jobs"))
    key = new_key(folder)
    with open_client(Settings(folder, **store, base_url="https://gis.example.cn/park")) as client:
        host = {"Host": "gis.example.cn"}
        page = client.get(f"/k/{key}/map", headers=host)
        assert page.status_code == 200
        assert "gis.example.cn" not in page.text  # what a page asks for is said from where it stands
        assert client.get(f"/k/{key}/view", headers=host).status_code == 200
        assert client.get("/view", headers=host).status_code == 401


def test_the_file_is_the_map_with_the_offices_own(tmp_path, caplog):
    build_snapshot(tmp_path)
    (tmp_path / "maps").mkdir()
    with open_client(Settings(tmp_path)) as client:
        before = client.get("/view").headers["etag"]
        (tmp_path / "maps" / "tax.toml").write_bytes(TAX)
        (tmp_path / "maps" / "wrong.toml").write_bytes(b"map = 7")
        answer = client.get("/view")
        assert answer.headers["etag"] != before
        view = unpack(answer.content)
        assert [one["id"] for one in view["maps"] if one["id"] == "tax"] == ["tax"]
        assert len(view["maps"]) + len(view["left_out"]) == len(shipped_specs()) + 1
        key = next(one["key"] for one in view["colourings"] if one["key"].endswith("@tax"))
        assert [one["band"] for one in read(client, f"/view/colourings/{key}")["classes"][:2]] in (
            [[1.0, None], [None, 1.0]],
            [[None, 1.0], [1.0, None]],
        )
        file = client.get("/map.html?lang=en")
        assert file.headers["content-disposition"].startswith("attachment; filename=")
        assert b"connect-src 'none'" in file.content
        client.get("/view")
    assert caplog.text.count("a map is left out") == 1
    assert "wrong.toml" in caplog.text


def test_more_shapes_than_other_programs_get_on_a_tile_are_all_there(tmp_path):
    snapshot = build_snapshot(tmp_path, parcels=MOST_FEATURES + 500)
    assert len(snapshot.read("parcels")) == MOST_FEATURES + 500
    with open_client(Settings(tmp_path)) as client:
        assert len({number for number, _, _ in tile(client, "parcels", 0, 0, 0)}) == MOST_FEATURES + 500


# Keys that are bound to parks


@pytest.fixture(scope="module")
def bound(tmp_path_factory, request, store):
    """The made-up park cut in two, and a key for its west."""
    from parkgeo.store import Workspace
    from tests.snapshot_builder import AS_OF

    folder = tmp_path_factory.mktemp("bound")
    snapshot = build_snapshot(folder, parcels=24)
    tables = {name: snapshot.read(name) for name in snapshot.tables}
    parcels = tables["parcels"]
    middle = (parcels.total_bounds[0] + parcels.total_bounds[2]) / 2
    parcels["park_id"] = np.where(parcels.geometry.centroid.x > middle, "P2", "P1").astype(object)
    own = set(parcels.loc[parcels["park_id"] == "P1", "parcel_id"])
    for name in ("findings", "buildings"):
        tables[name]["park_id"] = np.where(tables[name]["parcel_id"].isin(own), "P1", "P2").astype(object)
    told = {
        key: value
        for key, value in snapshot.manifest.items()
        if key in {"version", "park", "crs", "packs", "inputs", "layers_missing"}
    }
    Workspace(folder).publish(AS_OF, tables, snapshot.catalogue, told)
    settings = Settings(folder)
    if store:
        from api.postgis import publish

        address = request.getfixturevalue("postgis").create()
        publish(Workspace(folder).current(), address)
        settings = Settings(folder, store=address)
    west, whole = ({"X-API-Key": new_key(folder, parks=parks)} for parks in (["P1"], []))
    with open_client(settings) as client:
        yield client, own, west, whole, parcels


def test_a_bound_key_sees_its_own_parcels_under_numbers_of_their_own(bound):
    client, own, headers, _, parcels = bound
    view = read(client, "/view", headers)
    ids = view["parcels"]["ids"]
    assert set(ids) == own
    assert len(ids) < len(parcels)
    assert ids == [name for name in parcels["parcel_id"] if name in own]
    degrees = gpd.GeoSeries(parcels.geometry).to_crs("OGC:CRS84").set_axis(parcels["parcel_id"])
    first_row, last_row, first_col, last_col = tiles_over(tuple(degrees.total_bounds), 14)
    met = set()
    for row in range(first_row, last_row + 1):
        for col in range(first_col, last_col + 1):
            for number, _, drawn in tile(client, "parcels", 14, row, col, headers):
                met.add(number)
                x, y = shapely.transform(
                    drawn, lambda xy, row=row, col=col: (xy / 4096 + [col, row]) / 2**14
                ).centroid.coords[0]
                place = shapely.Point(x * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))))
                assert degrees[ids[number]].distance(place) < 1e-4
    assert met == set(range(len(ids)))
    for row, name in enumerate(ids):
        assert read(client, f"/view/rows/parcels/{row}", headers)["parcels"]["ids"] == [name]
    assert client.get(f"/view/rows/parcels/{len(ids)}", headers=headers).status_code == 404


def test_nothing_that_a_bound_key_asks_for_tells_of_other_parks(bound):
    client, own, headers, whole, parcels = bound
    others = {name.encode() for name in set(parcels["parcel_id"]) - own}
    view = read(client, "/view", headers)
    count = len(own)
    paths = ["/view", "/view/places", "/map.html", *(f"/view/rows/parcels/{row}" for row in range(count))]
    paths += [f"/view/colourings/{one['key']}" for one in view["colourings"][:12]]
    paths += [f"/view/columns/{name}" for name in ("far", "verdict_reason_zh", "site_area_m2")]
    for path in paths:
        content = client.get(path, headers=headers).content
        assert not any(name in content for name in others), path
    for one in view["colourings"]:
        assert sum(each["count"] for each in one["classes"]) == count
        assert len(read(client, f"/view/colourings/{one['key']}", headers)["of"]) == count
    for table in ("buildings", "findings"):
        shown = {number for number, _, _ in tile(client, table, 0, 0, 0, headers)}
        everything = {number for number, _, _ in tile(client, table, 0, 0, 0, whole)}
        assert 0 < len(shown) < len(everything)
    assert read(client, "/view/columns/far", headers)["values"].size == count


def test_answers_are_compressed_as_the_client_takes_them(client):
    packed, plain = (
        client.get("/view", headers={"Accept-Encoding": coding}) for coding in ("gzip", "identity")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content)
