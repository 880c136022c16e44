"""Vector tiles over HTTP: what is on them, what is said of them, what is refused; and all of them in one file."""

import gzip
import subprocess
import sys

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import shape

from api import Settings
from api.asked.visit import Caller
from api.served.catalogue import build_collections
from api.tiles.archive import write_pmtiles
from api.tiles.grid import BUFFER, EXTENT, Tile, tiles_over
from api.tiles.painter import Painter
from parkgeo.errors import ParkgeoError
from tests.api.conftest import open_client
from tests.snapshot_builder import PERSONAL, build_snapshot

MVT = "application/vnd.mapbox-vector-tile"
SET = "WebMercatorQuad"


def tiles_of(extent, z):
    first_row, last_row, first_col, last_col = tiles_over(extent, z)
    return [
        Tile(z, row, col) for row in range(first_row, last_row + 1) for col in range(first_col, last_col + 1)
    ]


def address(collection, tile, query=""):
    head = f"/collections/{collection}" if collection else ""
    return f"{head}/tiles/{SET}/{tile.z}/{tile.row}/{tile.col}{query}"


def read(response):
    assert response.status_code in {200, 204}, response.text
    if response.status_code == 204:
        assert response.content == b""
        return {}
    assert response.headers["content-type"] == MVT
    layers = mapbox_vector_tile.decode(response.content, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in layers.items()}


@pytest.fixture(scope="module")
def extent(client):
    return client.get(f"/collections/parcels/tiles/{SET}/tilejson.json").json()["bounds"]


@pytest.fixture(scope="module")
def middle(extent):
    west, south, east, north = extent
    return tiles_of(((west + east) / 2, (south + north) / 2) * 2, 14)[0]


@pytest.mark.parametrize("z", [0, 5, 11, 13, 15, 17])
def test_every_feature_is_on_the_tiles_that_it_meets_and_on_no_other(client, snapshot, extent, z):
    parcels = snapshot.read("parcels").to_crs("OGC:CRS84").set_index("parcel_id").geometry
    met = set()
    for tile in tiles_of(extent, z)[:12]:
        inside = shapely.box(*tile.bounds())
        told = {
            feature["properties"]["id"]
            for feature in read(client.get(address("parcels", tile))).get("parcels", [])
        }
        assert set(parcels.index[parcels.intersects(inside.buffer(-1e-9))]) <= told
        assert told <= set(parcels.index[parcels.intersects(shapely.box(*tile.bounds(BUFFER + 20)))])
        met |= told
    assert met


def test_geometry_is_where_the_features_are(client, snapshot, middle):
    way = Transformer.from_crs(snapshot.crs, "EPSG:3857", always_xy=True)
    side = 2 * 20_037_508.342789244 / 2**middle.z
    west, north = middle.col * side - 20_037_508.342789244, 20_037_508.342789244 - middle.row * side
    parcels = snapshot.read("parcels").set_index("parcel_id").geometry
    features = read(client.get(address("parcels", middle)))["parcels"]
    for feature in features:
        metres = shapely.transform(
            parcels[feature["properties"]["id"]],
            lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])),
        )
        units = shapely.transform(metres, lambda xy: (xy - [west, north]) * [1, -1] / side * EXTENT)
        expected = units.intersection(shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))
        assert shape(feature["geometry"]).hausdorff_distance(expected) < 1.0
    assert len(features) > 10


def test_attributes_are_those_of_the_items(client, middle):
    items = client.get("/collections/parcels/items?limit=10000").json()["features"]
    by_id = {item["id"]: item["properties"] for item in items}
    for feature in read(client.get(address("parcels", middle)))["parcels"]:
        told = dict(feature["properties"])
        told.pop("id")
        item = by_id[feature["properties"]["id"]]
        assert told == {
            name: value
            for name, value in item.items()
            if value is not None and not isinstance(value, list | dict)
        }


def test_from_afar_a_feature_has_the_few_attributes_by_which_maps_are_coloured(client, extent):
    (tile,) = tiles_of(extent, 0)
    names = set().union(
        *(feature["properties"] for feature in read(client.get(address("parcels", tile)))["parcels"])
    )
    assert {"id", "idle", "site_area_m2"} <= names
    assert len(names) <= 10
    assert not names & {"holder", "location", "verdict_reason_zh"}


def test_properties_are_chosen(client, middle):
    for feature in read(client.get(address("parcels", middle, "?properties=idle,far")))["parcels"]:
        assert set(feature["properties"]) <= {"id", "idle", "far"}
    for feature in read(client.get(address("parcels", middle, "?properties=")))["parcels"]:
        assert set(feature["properties"]) == {"id"}


@pytest.mark.parametrize("query", ["idle=yes", "filter=idle%3D%27yes%27", "filter=site_area_m2%3E48000"])
def test_filters_choose_what_is_drawn_as_they_choose_items(client, extent, query):
    (tile,) = tiles_of(extent, 0)
    drawn = {
        feature["properties"]["id"]
        for feature in read(client.get(address("parcels", tile, f"?{query}"))).get("parcels", [])
    }
    items = client.get(f"/collections/parcels/items?limit=10000&{query}").json()["features"]
    assert drawn == {item["id"] for item in items} != set()


def test_a_tile_of_several_collections_has_a_layer_for_each(client, middle):
    told = read(client.get(address("", middle, "?collections=buildings,parcels")))
    assert list(told) == ["buildings", "parcels"]
    everything = read(client.get(address("", middle)))
    assert {"parcels", "buildings", "parks"} <= set(everything)
    assert not {"utilities_points", "utilities_lines"} & set(everything)  # they are in utilities


def test_where_nothing_is_the_answer_is_204(client):
    response = client.get(f"/collections/parcels/tiles/{SET}/10/0/0")
    assert response.status_code == 204
    assert response.content == b""


@pytest.mark.parametrize("ending", ["", ".mvt", ".pbf"])
def test_tiles_bear_the_endings_that_programs_add(client, middle, ending):
    assert client.get(address("parcels", middle, ending)).status_code == 200


def test_overzoom_reaches_level_24(client, snapshot):
    corner = snapshot.read("parcels").to_crs("OGC:CRS84").geometry.iloc[0].representative_point()
    tile = tiles_of((corner.x, corner.y, corner.x, corner.y), 24)[0]
    (feature,) = read(client.get(address("parcels", tile)))["parcels"]
    # Less than three metres of ground, all of it inside the parcel.
    assert shape(feature["geometry"]).equals(shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("25/0/0", 404), ("3/8/0", 404), ("3/0/8", 404), ("99999999999999999999/0/0", 404),
        ("x/0/0", 400), ("3/-1/0", 400), ("3/0/1.5", 400), ("3/0/٣", 400), ("3/0/1.png", 400), ("3/0/", 404),
        ("3/0/0?limit=3", 400), ("3/0/0?properties=nonsense", 400), ("3/0/0?sortby=idle", 400), ("3/0/0?f=png", 400),
        ("3/0/0?collections=parks", 400), ("3/0/0?idle=yes&idle=no", 400), ("3/0/0?bbox=1,2,3", 400),
        ("3/0/0?filter=(((", 400), ("3/0/0/0", 404),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(client, path, status):
    response = client.get(f"/collections/parcels/tiles/{SET}/{path}")
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/nothing/tiles", 404), ("/collections/supply/tiles", 404),
        (f"/collections/supply/tiles/{SET}/0/0/0", 404), ("/collections/parcels/tiles/WorldCRS84Quad", 404),
        ("/collections/parcels/tiles/WorldCRS84Quad/0/0/0", 404), ("/tileMatrixSets/WorldCRS84Quad", 404),
        (f"/tiles/{SET}/0/0/0?collections=nothing", 400), (f"/tiles/{SET}/0/0/0?collections=supply", 400),
        (f"/tiles/{SET}/0/0/0?collections=parks,parks", 400), (f"/tiles/{SET}?collections=", 400),
        (f"/tiles/{SET}/0/0/0?idle=yes", 400), (f"/collections/parcels/tiles/{SET}/tilejson.json?x=1", 400),
        (f"/snapshots/nothing/tiles/{SET}/0/0/0", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(client, path, status):
    response = client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_a_tile_that_the_client_has_is_not_sent_again(client, middle):
    first = client.get(address("parcels", middle))
    again = client.get(address("parcels", middle), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(address("parcels", middle, "?idle=yes"))
    assert other.headers["etag"] != first.headers["etag"]


def test_tiles_go_out_packed_only_to_who_unpacks_them(client, middle):
    packed = client.get(address("parcels", middle), headers={"Accept-Encoding": "gzip"})
    plain = client.get(address("parcels", middle), headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content  # the client unpacks
    assert packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content)


def test_a_snapshot_by_its_name_draws_the_same_and_links_to_itself(client, snapshot, middle):
    named = f"/snapshots/{snapshot.name}"
    assert (
        client.get(named + address("parcels", middle)).content
        == client.get(address("parcels", middle)).content
    )
    told = client.get(f"{named}/tiles/{SET}/tilejson.json").json()
    assert told["tiles"][0].startswith(f"http://127.0.0.1:8000{named}/tiles/{SET}/")


def test_tilejson_says_what_the_tiles_hold(client, middle):
    told = client.get(f"/collections/parcels/tiles/{SET}/tilejson.json?idle=yes&lang=en").json()
    assert told["tilejson"] == "3.0.0"
    url = told["tiles"][0].format(z=middle.z, x=middle.col, y=middle.row)
    assert url == f"http://127.0.0.1:8000{address('parcels', middle, '?idle=yes')}"
    (layer,) = told["vector_layers"]
    assert layer["id"] == "parcels"
    features = read(client.get(url))["parcels"]
    kinds = {str: "String", float: "Number", int: "Number", bool: "Boolean"}
    for feature in features:
        for name, value in feature["properties"].items():
            assert layer["fields"][name] == kinds[type(value)]
    west, south, east, north = told["bounds"]
    assert west < east
    assert south < north
    assert west <= told["center"][0] <= east


def test_a_tile_set_is_described_as_ogc_wants_it(client, extent):
    listed = client.get("/collections/parcels/tiles").json()["tilesets"]
    (one,) = listed
    own = next(link["href"] for link in one["links"] if link["rel"] == "self")
    told = client.get(own).json()
    assert told["dataType"] == one["dataType"] == "vector"
    assert told["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    item = next(link for link in told["links"] if link["rel"] == "item")
    assert item["templated"] is True
    assert item["type"] == MVT
    limits = next(limit for limit in told["tileMatrixSetLimits"] if limit["tileMatrix"] == "14")
    url = item["href"].format(tileMatrix=14, tileRow=limits["minTileRow"], tileCol=limits["minTileCol"])
    assert client.get(url).status_code in {200, 204}
    scheme = next(link["href"] for link in told["links"] if link["rel"].endswith("/tiling-scheme"))
    matrices = client.get(scheme).json()["tileMatrices"]
    assert [matrix["matrixWidth"] for matrix in matrices] == [2**z for z in range(25)]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.0287178)
    assert matrices[14]["cellSize"] == pytest.approx(9.554628535647032)
    assert told["layers"][0]["propertiesSchema"]["properties"]["site_area_m2"]["type"] == "number"
    assert told["boundingBox"]["lowerLeft"] == pytest.approx(extent[:2])


def test_what_tells_of_persons_is_on_no_tile(client, middle):
    body = client.get(address("", middle)).content
    for secret in PERSONAL:
        assert secret.encode() not in body


def test_hostile_texts_come_through_as_they_are(tmp_path):
    build_snapshot(tmp_path, hostile=True)
    with open_client(Settings(tmp_path)) as client:
        extent = client.get(f"/tiles/{SET}/tilejson.json").json()["bounds"]
        tile = tiles_of(extent, 13)[0]
        items = client.get("/collections/parcels/items?limit=10000").json()["features"]
        by_id = {
            item["id"]: item["properties"]["location"] for item in items if "location" in item["properties"]
        }
        for feature in read(client.get(address("parcels", tile)))["parcels"]:
            assert feature["properties"]["id"] in {item["id"] for item in items}
            if feature["properties"]["id"] in by_id:
                assert feature["properties"].get("location") == by_id[feature["properties"]["id"]]


def test_a_tile_is_drawn_once_and_forgotten_when_there_is_no_room(workspace, middle, monkeypatch):
    from api.tiles import painter

    drawn = []
    encode = painter._encode
    monkeypatch.setattr(painter, "_encode", lambda *told, **form: drawn.append(told) or encode(*told, **form))
    with open_client(Settings(workspace)) as own:
        for _ in range(3):
            own.get(address("parcels", middle))
        assert len(drawn) == 1
        own.get(address("parcels", middle, "?properties=idle"))
        assert len(drawn) == 2
    with open_client(Settings(workspace, tile_cache_bytes=1)) as own:
        for _ in range(2):
            assert own.get(address("parcels", middle)).status_code == 200
        assert len(drawn) == 4
        assert own.app.state.parkgeo.painter._bytes == 0


def test_a_crowded_tile_shows_the_largest_and_says_so(client, workspace, extent, monkeypatch):
    from api.tiles import painter

    monkeypatch.setattr(painter, "MOST_FEATURES", 10)
    (tile,) = tiles_of(extent, 0)
    with open_client(Settings(workspace)) as own:
        response = own.get(address("parcels", tile))
    told = {feature["properties"]["id"] for feature in read(response)["parcels"]}
    assert len(told) == 10
    assert response.headers["parkgeo-complete"] == "false"
    assert "parkgeo-complete" not in client.get(address("parcels", tile)).headers


def test_a_tile_of_too_many_bytes_shows_the_largest(workspace, extent, monkeypatch):
    from api.tiles import painter

    monkeypatch.setattr(painter, "MOST_BYTES", 2000)
    tile = tiles_of(extent, 11)[0]
    with open_client(Settings(workspace)) as own:
        response = own.get(address("parcels", tile))
        assert len(response.content) <= 2000
        assert response.headers["parkgeo-complete"] == "false"
        assert read(response)["parcels"]


def test_concurrent_requests_for_one_tile_draw_it_once(snapshot, extent):
    import asyncio

    from api.asked.selection import EVERYTHING
    from api.tiles import painter

    rows = build_collections(snapshot)["parcels"].rows
    layers = (painter.Layer("parcels", rows, ("idle",), EVERYTHING),)
    tile = tiles_of(extent, 14)[0]

    async def ask():
        one = Painter()
        told = await asyncio.gather(*(one.paint("a", layers, tile, clear=False) for _ in range(20)))
        assert all(part is told[0] for part in told)
        assert (await one.paint("a", layers, tile, clear=True)) is not told[0]
        assert (await one.paint("b", layers, tile, clear=False)) is not told[0]
        return one

    assert not asyncio.run(ask())._at_work


def test_the_openapi_document_tells_of_tiles(client):
    paths = client.get("/api").json()["paths"]
    tile = paths["/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"][
        "get"
    ]
    assert MVT in tile["responses"]["200"]["content"]
    assert "204" in tile["responses"]
    assert {"parcels", "buildings"} <= set(tile["parameters"][0]["schema"]["enum"])
    operations = [told["get"]["operationId"] for told in paths.values() if "get" in told]
    assert len(operations) == len(set(operations))


def test_gdal_reads_a_tile(client, snapshot, middle, tmp_path):
    """GDAL's own reader of Mapbox Vector Tiles, told where the tile lies."""
    file = tmp_path / f"{middle.row}.pbf"
    file.write_bytes(client.get(address("parcels", middle)).content)
    frame = pyogrio.read_dataframe(file, layer="parcels", X=middle.col, Y=middle.row, Z=middle.z)
    own = snapshot.read("parcels").set_index("parcel_id")
    whole = own.to_crs(3857).geometry
    inside = whole[whole.within(shapely.box(*frame.total_bounds).buffer(-1))]
    assert len(inside) > 10
    read_back = frame.set_index("id").geometry
    for name, geometry in inside.items():
        assert read_back[name].hausdorff_distance(geometry) < 1.2  # a unit is 0.6 m at this level
    assert frame.crs.to_epsg() == 3857


@pytest.fixture(scope="module")
def archive(snapshot, tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "park.pmtiles"
    write_pmtiles(snapshot, path, None, 14, lang="en")
    return path


def test_an_archive_holds_every_table_that_has_places_for_gdal(archive, snapshot):
    layers = {name for name, _ in pyogrio.list_layers(archive)}
    collections = build_collections(snapshot)
    assert layers == {
        name for name, one in collections.items() if one.rows.extent and not name.startswith("utilities_")
    }
    parcels = pyogrio.read_dataframe(archive, layer="parcels")
    assert set(parcels["id"]) == set(snapshot.read("parcels")["parcel_id"])


def test_the_tiles_of_an_archive_are_those_of_the_service(archive, client, middle):
    from pmtiles.reader import MmapSource, Reader

    with archive.open("rb") as file:
        reader = Reader(MmapSource(file))
        told = reader.get(middle.z, middle.col, middle.row)
        metadata, header = reader.metadata(), reader.header()
        assert reader.get(middle.z, 0, 0) is None
    layers = mapbox_vector_tile.decode(gzip.decompress(told), default_options={"y_coord_down": True})
    served = read(client.get(address("", middle)))
    assert {name: layer["features"] for name, layer in layers.items()} == served
    assert {layer["id"] for layer in metadata["vector_layers"]} >= set(served)
    assert (header["min_zoom"], header["max_zoom"]) == (0, 14)
    assert header["clustered"]


def test_an_archive_is_the_same_bytes_again(archive, snapshot, tmp_path):
    write_pmtiles(snapshot, tmp_path / "again.pmtiles", None, 14, lang="en")
    assert (tmp_path / "again.pmtiles").read_bytes() == archive.read_bytes()


def test_an_archive_is_there_whole_or_not_at_all(snapshot, tmp_path, monkeypatch):
    from api.tiles import archive

    path = tmp_path / "park.pmtiles"
    for told in (
        {"collections": ["nothing"]},
        {"collections": ["supply"]},
        {"max_zoom": 19},
        {"max_zoom": -1},
    ):
        with pytest.raises(ParkgeoError):
            write_pmtiles(snapshot, path, **told)

    def fail(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr(archive, "encode_patches", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        write_pmtiles(snapshot, path, max_zoom=3)
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_writes_an_archive(workspace, tmp_path):
    path = tmp_path / "some.pmtiles"
    command = [sys.executable, "-m", "parkgeo", "tiles", "--workspace", str(workspace), "--collections", "parcels,parks", "--max-zoom", "10", "--lang", "en", "-o"]  # fmt: skip
    told = subprocess.run(
        [*command, str(path)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert told.returncode == 0, told.stderr
    assert "tiles" in told.stdout
    assert {name for name, _ in pyogrio.list_layers(path)} == {"parcels", "parks"}
    wrong = subprocess.run(
        [*command, str(tmp_path / "some.zip")], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert wrong.returncode == 2
    assert ".pmtiles" in wrong.stderr


def test_a_key_of_one_park_sees_neither_the_others_nor_how_far_they_reach(snapshot, extent):
    class Keyed:
        """Stands where the guard stands, and names the caller."""

        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            await self.app(
                {**scope, "parkgeo.caller": Caller("k", frozenset({"read"}), ("none",))}, receive, send
            )

    (tile,) = tiles_of(extent, 0)
    with open_client(Settings(snapshot.path.parent.parent)) as own:
        assert own.get(address("parcels", tile)).status_code == 200
    with open_client(Settings(snapshot.path.parent.parent)) as own:
        own.app.guarded_by = Keyed
        told = own.get(f"/collections/parcels/tiles/{SET}/tilejson.json")
        assert extent[0] not in told.json()["bounds"]
        assert str(extent[0]) not in own.get(f"/tiles/{SET}").text
        assert own.get(address("parcels", tile)).status_code == 204
