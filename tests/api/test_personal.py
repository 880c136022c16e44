import pytest

from api import Settings
from parkgeo.export import export_table
from parkgeo.layers import schemas
from parkgeo.store import Workspace
from tests.api.conftest import open_client
from tests.api.guarded import new_key
from tests.snapshot_builder import PERSONAL, build_snapshot

ITEMS = "/collections/enterprises/items"
FIELDS = {"contact", "phone"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("personal")
    build_snapshot(folder, parcels=20)
    return folder


@pytest.fixture(scope="module")
def keys(folder):
    return {
        "read": {"X-API-Key": new_key(folder, scopes=["read", "write"])},
        "personal": {"X-API-Key": new_key(folder, scopes=["personal"])},
    }


@pytest.fixture(scope="module")
def client(folder, keys):
    with open_client(Settings(folder)) as opened:
        assert keys
        yield opened


def everywhere(client, headers):
    """What every address that a reader may ask for says."""
    ids = [one["id"] for one in client.get("/collections", headers=headers).json()["collections"]]
    paths = [
        "/",
        "/?f=html",
        "/collections",
        "/collections?f=html",
        "/api",
        "/docs",
        "/map.html",
        "/exports",
        "/findings",
    ]
    company = client.get(ITEMS, headers=headers).json()["features"][0]["id"]
    paths += [f"{ITEMS}/{company}", f"{ITEMS}/{company}?f=html", "/search?q=138", "/search?q=%E5%BC%A0"]
    paths += ["/parcels/320000-GB00001", "/parks/P1"]
    for name in ids:
        paths += [
            f"/collections/{name}/{part}"
            for part in ("items?limit=1000", "items?f=html&limit=1000", "schema", "queryables")
        ]
        paths += [
            f"/collections/{name}",
            f"/{name}.geojson",
            *(f"/exports/{name}.{form}" for form in ("csv", "geojson")),
        ]
    return {path: client.get(path, headers=headers) for path in paths}


def test_there_are_personal_fields(client, keys):
    assert {
        field.name for layer in schemas().values() for field in layer.fields.values() if field.personal
    } >= FIELDS
    rows = client.get(ITEMS, headers=keys["personal"]).json()["features"]
    assert (rows[0]["properties"]["contact"], rows[0]["properties"]["phone"]) == PERSONAL


def test_without_the_scope_no_address_tells_of_a_person(client, keys):
    for path, answer in everywhere(client, keys["read"]).items():
        assert not any(text in answer.text for text in PERSONAL), path


def test_a_mask_says_that_there_is_something_and_not_what(client, keys):
    rows = client.get(f"{ITEMS}?limit=100", headers=keys["read"]).json()["features"]
    assert {row["properties"]["phone"] for row in rows} == {"***"}


def test_what_is_missing_is_not_masked(tmp_path):
    import pandas as pd

    from parkgeo.store import Snapshot

    snapshot = build_snapshot(tmp_path, parcels=6)
    frame = snapshot.read("enterprises")
    frame.loc[0, "phone"] = None
    tables = {name: snapshot.read(name) for name in snapshot.tables} | {"enterprises": frame}
    told = {
        key: value
        for key, value in snapshot.manifest.items()
        if key in {"version", "park", "crs", "packs", "inputs", "layers_missing"}
    }
    newer: Snapshot = Workspace(tmp_path).publish(snapshot.as_of, tables, snapshot.catalogue, told)
    assert pd.isna(newer.read("enterprises").loc[0, "phone"])
    with open_client(Settings(tmp_path)) as client:
        values = [row["properties"]["phone"] for row in client.get(ITEMS).json()["features"]]
    assert sorted(values, key=str) == ["***"] * (len(values) - 1) + [None]


@pytest.mark.parametrize(
    "query",
    [
        "phone=13800000000",
        "filter=phone%3D%2713800000000%27",
        "filter=contact%20IS%20NOT%20NULL",
        "sortby=phone",
        "filter=phone%20LIKE%20%27138%25%27",
    ],
)
def test_nobody_finds_out_by_asking(client, keys, query):
    for path in (ITEMS, "/exports/enterprises.csv", "/enterprises.geojson"):
        assert client.get(f"{path}?{query}", headers=keys["read"]).status_code == 400, path
    assert client.get(f"{ITEMS}?{query}", headers=keys["personal"]).status_code == 200


def test_with_the_scope_they_are_asked_by_and_exported(client, keys):
    told = client.get(f"{ITEMS}?phone=13800000000", headers=keys["personal"]).json()
    assert told["numberMatched"] == client.get(ITEMS, headers=keys["personal"]).json()["numberMatched"]
    assert client.get(f"{ITEMS}?phone=1", headers=keys["personal"]).json()["numberMatched"] == 0


def test_the_tag_of_what_is_masked_is_another(client, keys):
    tags = {name: client.get(ITEMS, headers=headers).headers["etag"] for name, headers in keys.items()}
    assert len(set(tags.values())) == 2
    stale = client.get(ITEMS, headers={**keys["read"], "If-None-Match": tags["personal"]})
    assert stale.status_code == 200
    assert "private" in stale.headers["cache-control"]


def test_the_schema_says_which_they_are(client, keys):
    told = client.get("/collections/enterprises/schema", headers=keys["read"]).json()["properties"]
    assert {name for name, one in told.items() if one.get("x-parkgeo-personal")} == FIELDS
    described = client.get("/api", headers=keys["read"]).json()["components"]["schemas"][
        "enterprises_feature"
    ]
    properties = described["properties"]["properties"]["properties"]
    assert {name for name, one in properties.items() if one.get("x-parkgeo-personal")} == FIELDS


def test_the_frame_of_those_who_may_not_see_holds_nothing_in_clear(client):
    collection = client.app.state.parkgeo.live.loaded.collection("enterprises")
    assert set(collection.rows._frame["phone"]) == {"***"}
    assert set(collection.private._frame["phone"]) == {PERSONAL[1]}
    assert client.app.state.parkgeo.live.loaded.collection("parcels").private is None


def test_accounts_of_reading_are_not_served(client, keys):
    for table in ("rejects", "repairs", "faults", "sources"):
        assert client.get(f"/collections/{table}/items", headers=keys["personal"]).status_code == 404


def test_an_export_of_the_command_line_is_masked_unless_it_says_so(folder, tmp_path):
    snapshot = Workspace(folder).current()
    export_table(snapshot, "enterprises", tmp_path / "masked.csv")
    export_table(
        snapshot, "enterprises", tmp_path / "clear.csv", personal=True, where="phone = '13800000000'"
    )
    masked, clear = (
        (tmp_path / name).read_text(encoding="utf-8-sig") for name in ("masked.csv", "clear.csv")
    )
    assert not any(text in masked for text in PERSONAL)
    assert "***" in masked
    assert all(text in clear for text in PERSONAL)
    assert len(masked.splitlines()) == len(clear.splitlines())
