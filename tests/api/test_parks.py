"""A key that is bound to a park sees that park's rows and nothing of others."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from api import Settings
from api.served.parks import Parks
from parkgeo.store import Workspace
from tests.api.conftest import open_client
from tests.api.guarded import new_key
from tests.snapshot_builder import AS_OF, CRS_EPSG, SOUTH, WEST, build_snapshot

EAST = "P2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The made-up park, cut into two: what lies east of its middle belongs to another."""
    folder = tmp_path_factory.mktemp("parks")
    snapshot = build_snapshot(folder, parcels=24)
    tables = {name: snapshot.read(name) for name in snapshot.tables}
    parcels = tables["parcels"]
    west, south, east, north = tables["parks"].total_bounds
    middle = (west + east) / 2
    parcels["park_id"] = np.where(parcels.geometry.centroid.x > middle, EAST, "P1").astype(object)
    parcels.loc[5, "park_id"] = None
    park = parcels.set_index("parcel_id")["park_id"]
    parks = pd.concat([tables["parks"], tables["parks"]], ignore_index=True)
    parks["park_id"] = ["P1", EAST]
    parks["geometry"] = [box(west, south, middle, north), box(middle, south, east, north)]
    tables["parks"] = gpd.GeoDataFrame(parks, crs=CRS_EPSG)
    tables["findings"]["park_id"] = tables["findings"]["parcel_id"].map(park)
    tables["buildings"] = tables["buildings"].drop(columns="parcel_id")
    roads = tables["roads"].iloc[[0, 0, 0]].reset_index(drop=True)
    roads["road_id"] = ["through", "west", "far"]
    roads["geometry"] = [
        LineString([(west + 5, south + 5), (east - 5, south + 5)]),
        LineString([(west + 5, south + 5), (west + 9, south + 9)]),
        LineString([(west - 900, south), (west - 800, south)]),
    ]
    tables["roads"] = roads
    told = {
        key: value
        for key, value in snapshot.manifest.items()
        if key in {"version", "park", "crs", "packs", "inputs", "layers_missing"}
    }
    Workspace(folder).publish(AS_OF, tables, snapshot.catalogue, told)
    assert (east, north) > (WEST, SOUTH)
    return folder


@pytest.fixture(scope="module")
def keys(folder):
    told = {"west": ["P1"], "east": [EAST], "both": ["P1", EAST], "nowhere": ["P9"], "whole": []}
    return {name: {"X-API-Key": new_key(folder, parks=parks)} for name, parks in told.items()}


@pytest.fixture(scope="module")
def client(folder, keys):
    with open_client(Settings(folder)) as opened:
        assert keys
        yield opened


def ids(client, headers, table, query="limit=1000"):
    told = client.get(f"/collections/{table}/items?{query}", headers=headers).json()
    found = {feature["id"] for feature in told["features"]}
    assert told["numberMatched"] >= len(found)
    return found


def test_rows_belong_to_the_park_that_they_name(client, keys, folder):
    parcels = Workspace(folder).current().read("parcels")
    for name, park in (("west", "P1"), ("east", EAST)):
        assert ids(client, keys[name], "parcels") == set(parcels.loc[parcels["park_id"] == park, "parcel_id"])
    both = ids(client, keys["both"], "parcels")
    assert both == ids(client, keys["west"], "parcels") | ids(client, keys["east"], "parcels")
    assert ids(client, keys["whole"], "parcels") - both == {parcels.loc[5, "parcel_id"]}
    assert ids(client, keys["nowhere"], "parcels") == set()


@pytest.mark.parametrize("table", ["supply", "occupancy", "enterprises", "performance", "findings", "gaps"])
def test_other_rows_belong_to_their_parcels_parks(client, keys, folder, table):
    snapshot = Workspace(folder).current()
    parcels = snapshot.read("parcels").set_index("parcel_id")["park_id"]
    frame = snapshot.read(table)
    if "parcel_id" in frame:
        parks = frame["parcel_id"].map(parcels)
    else:
        occupied = snapshot.read("occupancy").set_index("enterprise_id")["parcel_id"].map(parcels)
        parks = frame["enterprise_id"].map(occupied)
    counts = {
        name: client.get(f"/collections/{table}/items", headers=keys[name]).json()["numberMatched"]
        for name in keys
    }
    assert counts["west"] == int((parks == "P1").sum())
    assert counts["east"] == int((parks == EAST).sum())
    assert counts["both"] == counts["west"] + counts["east"] <= counts["whole"] == len(frame)
    assert counts["nowhere"] == 0


def test_what_names_no_park_belongs_to_each_that_it_meets(client, keys):
    assert ids(client, keys["west"], "roads") == {"through", "west"}
    assert ids(client, keys["east"], "roads") == {"through"}
    assert ids(client, keys["whole"], "roads") == {"through", "west", "far"}
    west, east = ids(client, keys["west"], "buildings"), ids(client, keys["east"], "buildings")
    assert west
    assert east
    assert west | east == ids(client, keys["whole"], "buildings")


def test_one_row_of_another_park_is_not_there(client, keys):
    other = min(ids(client, keys["east"], "parcels"))
    for path in (
        f"/collections/parcels/items/{other}",
        f"/collections/parcels/items/{other}?f=html",
        f"/parcels/{other}",
    ):
        assert client.get(path, headers=keys["west"]).status_code == 404, path
        assert client.get(path, headers=keys["east"]).status_code == 200, path
    assert client.get(f"/search?q={other}", headers=keys["west"]).json()["numberMatched"] == 0
    assert client.get(f"/search?q={other}", headers=keys["east"]).json()["numberMatched"] > 0


def test_counts_and_extents_tell_of_no_other_park(client, keys):
    for table in ("parcels", "roads", "findings"):
        here = client.get(f"/collections/{table}", headers=keys["east"]).json()
        assert here["itemCount"] == len(ids(client, keys["east"], table))
        told = {
            one["id"]: one for one in client.get("/collections", headers=keys["east"]).json()["collections"]
        }
        assert told[table]["itemCount"] == here["itemCount"]
        west = client.get(f"/collections/{table}", headers=keys["whole"]).json()["extent"]["spatial"]["bbox"][
            0
        ][0]
        assert str(west) not in client.get(f"/collections/{table}", headers=keys["east"]).text
        assert (
            str(round(west, 5)) not in client.get(f"/collections/{table}?f=html", headers=keys["east"]).text
        )


def test_filters_and_sorting_stay_within_the_park(client, keys):
    query = "limit=1000&filter=idle%20IS%20NOT%20NULL&sortby=-site_area_m2"
    assert ids(client, keys["west"], "parcels", query) <= ids(client, keys["west"], "parcels")
    everywhere = "limit=1000&filter=1%3D1%20OR%20park_id%3D%27P2%27"
    answer = client.get(f"/collections/parcels/items?{everywhere}", headers=keys["west"])
    if answer.status_code == 200:
        assert {feature["id"] for feature in answer.json()["features"]} <= ids(
            client, keys["west"], "parcels"
        )


def test_what_shows_all_parks_is_not_for_a_bound_key(client, keys):
    for path in ("/metrics", "/exports/snapshot.gpkg", "/jobs"):
        assert client.get(path, headers=keys["west"]).status_code == 403, path
    assert client.get("/exports/snapshot.gpkg", headers=keys["whole"]).status_code == 200


def test_files_hold_the_parks_own_rows(client, keys):
    own = ids(client, keys["west"], "parcels")
    others = ids(client, keys["whole"], "parcels") - own
    for path in ("/parcels.geojson", "/exports/parcels.geojson", "/exports/parcels.csv", "/idle.geojson"):
        text = client.get(path, headers=keys["west"]).text
        assert not any(name in text for name in others), path


def test_the_first_page_counts_no_other_park(client, keys):
    whole = client.get("/?f=html&lang=en", headers=keys["whole"]).text
    bound = client.get("/?f=html&lang=en", headers=keys["west"]).text
    assert "Suspected idle" in whole
    assert "Suspected idle" not in bound


def test_ids_that_are_numbers_are_the_same_as_text(tmp_path):
    snapshot = build_snapshot(tmp_path, parcels=4)
    frame = pd.DataFrame({"park_id": pd.Series([1, 2], dtype="Int64"), "value": [1.0, 2.0]})
    parks = Parks(snapshot)
    assert parks.shares(frame)["P1"].tolist() == [False, False]
    assert parks.shares(pd.DataFrame({"enterprise_id": ["none"], "parcel_id": [None]}))["P1"].tolist() == [
        False
    ]


@pytest.mark.parametrize("name", ["west", "nowhere"])
def test_no_example_names_what_a_bound_key_does_not_see(client, keys, name):
    document = client.get("/api?f=json", headers=keys[name]).json()
    told = {
        operation: document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"][
            "example"
        ]
        for operation, path in (
            ("parcel", "/parcels/{parcelId}"),
            ("park", "/parks/{parkId}"),
            ("search", "/search"),
        )
    }
    items = {
        table: client.get(f"/collections/{table}/items?limit=10000", headers=keys[name]).json()["features"]
        for table in ("parcels", "parks")
    }
    seen = {table: {one["id"] for one in features} or {"id"} for table, features in items.items()}
    assert told["parcel"]["parcel_id"] in seen["parcels"]
    assert told["park"]["park_id"] in seen["parks"]
    assert {one["id"] for one in told["search"]["results"]} <= seen["parks"]
    assert "330599001001GB00001" not in str(document)
