import json
import re
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pytest
import shapely

from api import Settings
from parkgeo.i18n import figure
from parkgeo.layers import schemas
from tests.api.conftest import open_client
from tests.snapshot_builder import PERSONAL, build_snapshot

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
WITHHELD = {"rejects", "repairs", "faults", "sources"}


def follow(client, url):
    """All pages from an address on."""
    while url:
        page = client.get(url)
        assert page.status_code == 200, page.text
        yield page.json()
        url = next((link["href"] for link in page.json()["links"] if link["rel"] == "next"), None)


def test_every_table_but_the_account_of_the_files_is_a_collection(client, snapshot):
    served = {one["id"] for one in client.get("/collections").json()["collections"]}
    assert served - {"utilities_points", "utilities_lines"} == set(snapshot.tables) - WITHHELD


@pytest.mark.parametrize("limit", [1, 7, 60, 10_000])
def test_next_leads_through_every_feature_once(client, snapshot, limit):
    for table in ("parcels", "findings", "gaps", "utilities"):
        pages = list(follow(client, f"/collections/{table}/items?limit={limit}"))
        ids = [feature["id"] for page in pages for feature in page["features"]]
        assert len(ids) == len(set(ids)) == len(snapshot.read(table))
        assert {page["numberMatched"] for page in pages} == {len(ids)}
        assert sum(page["numberReturned"] for page in pages) == len(ids)


def test_values_are_those_of_the_table(client, snapshot):
    rows = snapshot.read("parcels").set_index("parcel_id", drop=False)
    for feature in client.get("/collections/parcels/items?limit=10000").json()["features"]:
        row = rows.loc[feature["id"]]
        for name, value in feature["properties"].items():
            told = row[name]
            if value is None:
                assert told is None or told != told  # NaN and NaT differ from themselves  # noqa: PLR0124
            elif hasattr(told, "strftime"):
                assert value == f"{told:%Y-%m-%d}"
            else:
                assert value == told


def test_geometry_is_the_tables_in_crs84(client, snapshot):
    frame = snapshot.read("parcels").to_crs("OGC:CRS84").set_index("parcel_id")
    features = client.get("/collections/parcels/items?limit=10000").json()["features"]
    served = gpd.GeoDataFrame.from_features(features).set_index("parcel_id").geometry
    assert set(served.geom_type) == {"MultiPolygon"}
    assert shapely.hausdorff_distance(served, frame.geometry.loc[served.index]).max() < 1e-8


def test_a_box_finds_what_shapely_finds(client, snapshot):
    frame = snapshot.read("parcels").to_crs("OGC:CRS84")
    west, south, east, north = frame.total_bounds
    for share in (0.1, 0.35, 0.8):
        box = (west, south, west + (east - west) * share, south + (north - south) * share)
        for text in (box, (*box[:2], -5, *box[2:], 9000)):
            bbox = ",".join(map(str, text))
            pages = list(follow(client, f"/collections/parcels/items?limit=4&bbox={bbox}"))
            ids = {feature["id"] for page in pages for feature in page["features"]}
            assert ids == set(frame.parcel_id[shapely.intersects(frame.geometry, shapely.box(*box))])
            assert pages[0]["numberMatched"] == len(ids)


def test_a_box_from_east_to_west_goes_round_the_world(client):
    round_the_world = client.get("/collections/parcels/items?bbox=170,0,130,60").json()
    assert round_the_world["numberMatched"] == 60
    assert client.get("/collections/parcels/items?bbox=177,-90,-177,90").json()["numberMatched"] == 0


def test_each_collection_says_the_same_in_the_list_and_at_its_own_address(client):
    for told in client.get("/collections").json()["collections"]:
        assert client.get(f"/collections/{told['id']}").json() == told
        assert told["crs"][0] == CRS84
        assert told["storageCrs"] in told["crs"]


def test_one_type_of_geometry_a_collection_and_parts_where_a_table_mixes(client):
    for told in client.get("/collections").json()["collections"]:
        features = client.get(f"/collections/{told['id']}/items?limit=1000").json()["features"]
        types = {feature["geometry"]["type"] for feature in features if feature["geometry"]}
        assert len(types) <= (2 if told["id"] == "utilities" else 1)
    assert client.get("/collections/utilities_points/items").json()["numberMatched"] == 1
    assert client.get("/collections/utilities_lines/items").json()["numberMatched"] == 6


def test_a_table_without_geometry_has_null_geometry(client):
    features = client.get("/collections/indicators/items").json()["features"]
    assert [feature["geometry"] for feature in features] == [None, None]
    assert "extent" not in client.get("/collections/indicators").json()


def test_one_feature_is_the_one_in_the_list_with_links(client):
    listed = client.get("/collections/findings/items?limit=1").json()["features"][0]
    url = f"/collections/findings/items/{quote(listed['id'], safe='')}"
    single = client.get(url)
    links = {link["rel"]: link["href"] for link in single.json().pop("links")}
    assert {key: value for key, value in single.json().items() if key != "links"} == listed
    assert links["self"].endswith(url)
    assert single.headers["content-type"] == "application/geo+json"


def test_rows_without_a_key_are_numbered_from_one(client):
    ids = {feature["id"] for feature in client.get("/collections/supply/items?limit=100").json()["features"]}
    assert ids == {str(number) for number in range(1, 61)}


def test_items_name_their_coordinate_system(client):
    for path in ("/collections/parcels/items", "/collections/parcels/items/320000-GB00001"):
        assert client.get(path).headers["content-crs"] == f"<{CRS84}>"
        assert client.get(path, params={"crs": CRS84}).status_code == 200


def test_links_are_absolute_and_come_from_the_base_url(client):
    for path in ("/", "/collections", "/collections/parcels", "/collections/parcels/items?limit=1"):
        told = client.get(path, headers={"X-Forwarded-Host": "evil.example"}).json()
        for link in told["links"]:
            assert link["href"].startswith("http://127.0.0.1:8000/")


def test_all_links_of_the_landing_page_lead_somewhere(client):
    for link in client.get("/").json()["links"]:
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition("; charset")[0] == link["type"]


def test_schema_gives_type_titles_and_unit_of_each_property(client):
    schema = client.get("/collections/parcels/schema?lang=en")
    assert schema.headers["content-type"] == "application/schema+json"
    told = schema.json()["properties"]
    feature = client.get("/collections/parcels/items?limit=1").json()["features"][0]
    assert set(told) == {"geometry", *feature["properties"]}
    assert told["site_area_m2"]["x-ogc-unit"] == "m2"
    assert told["parcel_id"]["x-ogc-role"] == "id"
    assert told["agreed_start"] | {"type": "string", "format": "date"} == told["agreed_start"]
    assert told["holder"]["x-parkgeo-title"] == {"zh": "权利人", "en": "Holder"}
    assert told["geometry"]["format"] == "geometry-multipolygon"


def test_values_have_the_type_that_the_schema_states(client):
    python = {"string": str, "number": float, "integer": int, "boolean": bool}
    for one in client.get("/collections").json()["collections"]:
        told = client.get(f"/collections/{one['id']}/schema").json()["properties"]
        for feature in client.get(f"/collections/{one['id']}/items?limit=1000").json()["features"]:
            for name, value in feature["properties"].items():
                assert value is None or type(value) is python[told[name]["type"]], (one["id"], name)


def test_personal_fields_never_leave(client):
    personal = {
        field.name for layer in schemas().values() for field in layer.fields.values() if field.personal
    }
    assert personal >= {"contact", "phone"}
    for one in client.get("/collections").json()["collections"]:
        text = client.get(f"/collections/{one['id']}/items?limit=10000").text
        assert not any(secret in text for secret in PERSONAL)
        told = client.get(f"/collections/{one['id']}/schema").json()["properties"]
        assert all(told[name]["x-parkgeo-personal"] for name in personal & set(told))


def test_numbers_are_finite_or_null(client):
    text = client.get("/collections/parcels/items?limit=10000").text
    assert "NaN" not in text
    assert "Infinity" not in text
    values = [
        one["properties"]["far"]
        for one in client.get("/collections/parcels/items?limit=99").json()["features"]
    ]
    assert None in values
    assert np.isfinite([value for value in values if value is not None]).all()


def test_what_the_client_has_is_not_sent_again(client):
    for path in ("/", "/?f=html", "/collections/parcels/items", "/api", "/map", "/map.html"):
        first = client.get(path)
        tag = first.headers["etag"]
        again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    plain = client.get("/collections/parcels/items", headers={"Accept-Encoding": "identity"}).headers["etag"]
    assert (
        plain != client.get("/collections/parcels/items", headers={"Accept-Encoding": "gzip"}).headers["etag"]
    )


def test_large_answers_are_compressed_and_small_ones_are_not(client):
    gzip = {"Accept-Encoding": "gzip"}
    assert (
        client.get("/collections/parcels/items?limit=50", headers=gzip).headers["content-encoding"] == "gzip"
    )
    assert "content-encoding" not in client.get("/healthz", headers=gzip).headers
    identity = client.get("/map.html", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in identity.headers
    assert identity.text == client.get("/map.html", headers=gzip).text


def test_a_results_formula_is_told_in_the_readers_language(tmp_path):
    snapshot = build_snapshot(tmp_path)
    told = snapshot.catalogue
    told["fields"]["parcels"]["far"] |= {
        "formula_zh": "面积之比",
        "formula_en": "floor ÷ site",
        "source": "Order <1>",
    }
    (snapshot.path / "catalogue.json").write_text(json.dumps(told), encoding="utf-8")
    with open_client(Settings(tmp_path)) as client:
        schema = client.get("/collections/parcels/schema?lang=zh").json()
        assert schema["properties"]["far"]["description"] == "面积之比 — Order <1>"
        page = client.get("/collections/parcels?f=html&lang=en").text
        assert "floor ÷ site" in page
        assert "Order &lt;1&gt;" in page


@pytest.fixture(scope="module")
def park(sample_run):
    """The sample park: its catalogue names all fields."""
    with open_client(Settings(sample_run.snapshot.path.parents[1])) as opened:
        yield opened


def test_verdicts_and_codes_are_told_in_both_languages(park):
    told = park.get("/collections/parcels/schema?lang=en").json()["properties"]
    assert told["idle"]["x-parkgeo-codes"] == {
        "yes": {"zh": "是", "en": "yes"},
        "no": {"zh": "否", "en": "no"},
        "undetermined": {"zh": "无法判定", "en": "undetermined"},
    }
    assert told["idle"]["enum"] == ["yes", "no", "undetermined"]
    findings = park.get("/collections/findings/schema").json()["properties"]
    assert findings["severity"]["x-parkgeo-codes"]["high"] == {"zh": "高", "en": "high"}
    asked = park.get("/collections/parcels/queryables").json()["properties"]
    assert asked["idle"]["enum"] == told["idle"]["enum"]


def test_a_list_of_codes_to_which_offices_may_add_is_not_closed(park):
    """And no value that is there is outside a list that is said to be closed."""
    opened = {
        (layer.name, field.name)
        for layer in schemas().values()
        for field in layer.fields.values()
        if field.codes and field.open_codes
    }
    closed = 0
    for one in park.get("/collections").json()["collections"]:
        told = park.get(f"/collections/{one['id']}/schema").json()["properties"]
        page = park.get(f"/collections/{one['id']}/items?limit=1000&skipGeometry=true").json()
        for name, field in told.items():
            if "enum" not in field:
                continue
            closed += 1
            assert (one["id"], name) not in opened
            values = {feature["properties"][name] for feature in page["features"]}
            assert values <= {None, *field["enum"]}, (one["id"], name)
            assert field["x-parkgeo-codes"].keys() == set(field["enum"])
    assert closed > 10


def test_a_page_shows_codes_in_the_readers_words_and_numbers_as_figures(park, sample_run):
    parcels = sample_run.snapshot.read("parcels")
    row = parcels[parcels["idle"] == "undetermined"].iloc[0]
    address = f"/collections/parcels/items/{row.parcel_id}"
    zh, en = (park.get(address, params={"f": "html", "lang": lang}).text for lang in ("zh", "en"))
    assert '<bdi>undetermined</bdi> <span class="soft"><bdi>无法判定</bdi></span>' in zh
    assert "<bdi>undetermined</bdi></div>" in en
    assert f"<bdi>{figure(row.site_area_m2, 'en', digits=2)}</bdi>" in en
    assert not re.search(r"<bdi>-?[1-9][\d,]*\.\d{3,}</bdi>", en)
