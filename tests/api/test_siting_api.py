"""Sites for a brief, fits and plans over HTTP: the answers, who sees which sites, what is refused."""

import asyncio
import dataclasses
import json
import threading
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import jsonschema_rs
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from api import Settings
from api.errors import BusyError, RequestError
from api.siting.desks import Desks
from api.siting.limits import SitingLimits
from parkgeo.packs import load_packs
from parkgeo.store import Workspace
from tests.api.conftest import BASE, open_client
from tests.api.guarded import new_key
from tests.snapshot_builder import AS_OF, CRS_EPSG, HOLDERS, build_snapshot

SEARCH = "/sites/search"
COUNT = 12
ROOM_M2 = [30_000.0, 19_000.0, 21_000.0, np.nan, 12_000.0, 25_000.0, 40_000.0, 19_900.0, 22_000.0, np.nan, 35_000.0, 9_000.0]  # fmt: skip
SCORES = [10.0, 95.0, 20.0, 90.0, 80.0, 30.0, 40.0, 70.0, 50.0, 60.0, 99.0, 5.0]
BRIEF = {"name": "Gear works", "needs": {"area": "20000 m2"}, "weights": {"access_score": 1}, "stability": {"draws": 20}}  # fmt: skip


def _published(folder):
    """The made-up park cut into two, with figures that a search reads: parcels 1 to 6 lie in P1, 7 to 12 in P2."""
    snapshot = build_snapshot(folder, parcels=COUNT)
    tables = {name: snapshot.read(name) for name in snapshot.tables}
    parcels = tables["parcels"].sort_values("parcel_id", ignore_index=True)
    parcels["park_id"] = np.repeat(["P1", "P2"], COUNT // 2).astype(object)
    parcels = parcels.assign(
        net_area_m2=ROOM_M2, site_area_m2=48_000.0, access_score=SCORES, candidate="idle"
    )
    parcels.loc[5, "candidate"] = "none"
    tables["parcels"] = parcels
    parks = pd.concat([tables["parks"], tables["parks"]], ignore_index=True)
    parks["park_id"] = ["P1", "P2"]
    tables["parks"] = gpd.GeoDataFrame(parks, crs=CRS_EPSG)
    ids, shapes = parcels["parcel_id"], parcels.geometry
    pairs = {"S1": (0, 1), "S2": (6, 7), "S3": (5, 6)}
    tables["sites"] = gpd.GeoDataFrame(
        {
            "site_id": list(pairs),
            "parcel_ids": [f"{ids[one]};{ids[other]}" for one, other in pairs.values()],
            "parcels": 2,
            "holders": 2,
            "area_m2": 96_000.0,
            "net_area_m2": [49_000.0, 59_900.0, 65_000.0],
        },
        geometry=[shapely.MultiPolygon([box(*shapes[at].bounds) for at in pair]) for pair in pairs.values()],
        crs=CRS_EPSG,
    )
    kept = ("version", "park", "crs", "packs", "inputs", "layers_missing")
    told = {key: value for key, value in snapshot.manifest.items() if key in kept}
    named_sites = {"tables": {"sites": {"zh": "可合并地块", "en": "Joined sites", "key": "site_id"}}}
    return Workspace(folder).publish(AS_OF, tables, {**snapshot.catalogue, **named_sites}, told)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("siting")
    _published(folder)
    return folder


@pytest.fixture(scope="module")
def keys(folder):
    told = {"west": ["P1"], "east": ["P2"], "both": ["P1", "P2"], "whole": [], "nowhere": ["P9"]}
    made = {name: {"X-API-Key": new_key(folder, parks=parks)} for name, parks in told.items()}
    made["clear"] = {"X-API-Key": new_key(folder, scopes=["read", "personal"])}
    return made


@pytest.fixture(scope="module", params=["folder", "postgis"])
def client(request, folder, keys):
    told = {}
    if request.param == "postgis":
        from api.postgis import publish

        address = request.getfixturevalue("postgis").create()
        publish(Workspace(folder).current(), address)
        told = {"store": address, "store_connections": 2}
    with open_client(Settings(folder, **told)) as opened:
        assert keys
        yield opened


@pytest.fixture
def search(client, keys):
    def ask(brief=BRIEF, query="", key="whole", **options):
        return client.request("POST", f"{SEARCH}{query}", json=brief, headers=keys[key], **options)

    return ask


def named(number):
    return f"320000-GB{number:05d}"


def of(sites):
    return [site["site_id"] for site in sites]


# A search


def test_sites_are_ranked_and_the_others_told_why_not(search):
    found = search(query="?lang=en").json()
    assert found["counts"] == {"asked": 14, "fit": 8, "do_not_fit": 4, "undetermined": 2}
    # By the access score alone: what is joined has the best of its members.
    assert of(found["ranked"]) == [
        named(11), "S1", "S2", named(9), named(7), "S3", named(3), named(1)
    ]  # fmt: skip
    first = found["ranked"][0]
    assert (first["rank"], first["score"], first["stability"]) == (1, 99.0, 1.0)
    assert first["breakdown"] == [
        {"criterion": "access_score", "title": "access score", "points": 99.0, "weight": 1.0}
    ]
    # 100 m², 1 000 m², 8 000 m² and 11 000 m² are wanting.
    assert of(found["why_not"]) == [named(8), named(2), named(5), named(12)]
    assert [site["limits"][0]["margin"] for site in found["why_not"]] == [
        -100.0,
        -1_000.0,
        -8_000.0,
        -11_000.0,
    ]
    assert found["why_not"][0]["counterfactual"] == "It would fit with 100 m² more net area."
    assert sorted(of(found["undetermined"])) == [named(4), named(10)]
    assert all("net area" in site["ask"] for site in found["undetermined"])


def test_a_brief_says_which_sites_are_asked(search):
    def ids(**sites):
        return set(of(search({**BRIEF, "sites": sites}).json()["ranked"]))

    assert ids(kinds=["parcel"]) == {named(number) for number in (1, 3, 7, 9, 11)}
    assert ids(kinds=["parcel"], all_parcels=True) - ids(kinds=["parcel"]) == {named(6)}
    assert ids(park="P2", kinds=["parcel"]) == {named(number) for number in (7, 9, 11)}
    assert search({**BRIEF, "top": 1, "shown": 1}).json()["why_not"][0]["site_id"] == named(8)


def test_links_lead_to_parcels_and_joined_sites(client, search, keys):
    found = search().json()
    for site in (*found["ranked"][:3], found["why_not"][0]):
        assert len(site["links"]) == (site["kind"] == "parcel") + len(site["parcel_ids"])
        for link in site["links"]:
            told = client.get(link["href"].removeprefix(BASE), headers=keys["whole"])
            assert told.status_code == 200, link
            name = told.json().get("id") or told.json().get("parcel_id")
            assert name in {site["site_id"], *site["parcel_ids"]}


def test_the_ranked_sites_as_geojson_lie_where_they_do(client, search, keys):
    response = search(query="?f=geojson")
    assert response.headers["content-type"] == "application/geo+json"
    told = response.json()
    assert told["numberMatched"] == told["numberReturned"] == 8
    for feature in told["features"][:2]:
        table = "sites" if feature["properties"]["kind"] == "joined" else "parcels"
        item = client.get(f"/collections/{table}/items/{feature['id']}", headers=keys["whole"]).json()
        assert feature["geometry"] == item["geometry"]
    assert [feature["properties"]["rank"] for feature in told["features"]] == list(range(1, 9))


def test_words_come_in_the_language_that_is_asked_for(search):
    zh = search(query="?lang=zh").json()["why_not"][0]
    assert "净用地面积" in zh["counterfactual"]
    assert search(query="?lang=zh").headers["content-language"] == "zh"


def test_an_earlier_snapshot_is_asked_under_its_name(client, search, keys):
    names = [one["name"] for one in client.get("/snapshots", headers=keys["whole"]).json()["snapshots"]]
    assert len(names) >= 1
    live = search().json()
    told = client.request("POST", f"/snapshots/{live['snapshot']}{SEARCH}", json=BRIEF, headers=keys["whole"])
    assert of(told.json()["ranked"]) == of(live["ranked"])
    assert f"/snapshots/{live['snapshot']}/" in told.json()["ranked"][0]["links"][0]["href"]
    gone = client.request("POST", f"/snapshots/2020-01-01-0123456789ab{SEARCH}", json=BRIEF, headers=keys["whole"])  # fmt: skip
    assert gone.status_code == 404


def test_answers_are_as_the_document_says(client, search, place, keys):
    document = client.get("/api", headers=keys["whole"]).json()
    fits = client.get("/fit?limit=1000", headers=keys["whole"])
    told = {
        ("/sites/search", "post", "application/json"): [search(), search(query="?lang=zh"), search(key="nowhere")],
        ("/sites/search", "post", "application/geo+json"): [search(query="?f=geojson")],
        ("/fit", "get", "application/json"): [fits],
        ("/parcels/{parcelId}/fit", "get", "application/json"): [client.get(f"/parcels/{named(4)}/fit", headers=keys["whole"])],
        ("/allocations", "post", "application/json"): [
            place(PORTFOLIO), place({**PORTFOLIO, "projects": [{**one, "must": True} for one in PORTFOLIO["projects"]]})
        ],
    }  # fmt: skip
    for (path, method, media_type), answers in told.items():
        content = document["paths"][path][method]["responses"]["200"]["content"]
        schema = {**_nullable(content[media_type]["schema"]), "components": _nullable(document["components"])}
        for one in answers:
            assert one.headers["content-type"] == media_type
            jsonschema_rs.Draft4Validator(schema).validate(one.json())


def _nullable(schema):
    """``nullable`` is OpenAPI's own; JSON Schema has a type for it."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _nullable(one) for name, one in schema.items() if name != "nullable"}
    return (
        {**told, "type": [schema["type"], "null"]}
        if schema.get("nullable") is True and "type" in schema
        else told
    )


# What is refused


def test_every_fault_of_a_brief_is_told(search):
    response = search({"industri": "machinery", "needs": {"area": "-3 m2", "power": "12 apples"}, "top": 0})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert len(told["faults"]) == 4
    for word in ("industri", "area", "power", "top"):
        assert any(word in fault for fault in told["faults"])
        assert word in told["detail"]


@pytest.mark.parametrize(
    ("brief", "word"),
    [
        ({**BRIEF, "stability": {"draws": 90_000}}, "draws"),
        ({**BRIEF, "shown": 9_999}, "shown"),
        ({**BRIEF, "sites": {"park": "P7"}}, "P7"),
        ({**BRIEF, "sites": {"park": "P7\x00'; DROP TABLE parcels; --"}}, "park"),
        ({}, "needs"),
        ({"needs": {"a" * 9_000: 1}}, "unknown key"),
    ],
)
def test_what_is_not_answered_here_is_refused(search, brief, word):
    told = search(brief)
    assert told.status_code == 400
    assert len(told.content) < 4_000
    assert any(word in fault for fault in told.json()["faults"])


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"top": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400),
        (b'{"name": "' + b"a" * 70_000 + b'"}', "application/json", 413),
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
    ],
    ids=["cut", "list", "empty", "NaN", "no UTF-8", "deep", "large", "text", "form"],
)
def test_a_body_that_is_no_brief_is_refused(client, keys, body, media_type, status):
    headers = {**keys["whole"], "Content-Type": media_type}
    told = client.request("POST", SEARCH, content=body, headers=headers)
    assert told.status_code == status
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["detail"]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/fit?industry=nowhere", "industry"), ("/fit?industry=", "industry"), ("/fit?grade=top", "grade"), ("/fit?limit=0", "limit"),
        ("/fit?token=x", "token"), ("/fit?f=csv", "f"), ("/fit?industri=food", "industri"), ("/parcels/320000-GB00001/fit?grade=high", "grade"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client, keys, path, where):
    told = client.get(path, headers=keys["whole"])
    assert told.status_code == 400
    assert told.json()["parameter"] == where


# Many projects


PORTFOLIO = {
    "name": "This year",
    "projects": [
        {"name": "large", "needs": {"area": "30000 m2"}, "weights": {"access_score": 1}, "must": True},
        {"name": "small", "needs": {"area": "20000 m2"}, "weights": {"access_score": 1}},
        {"name": "vast", "needs": {"area": "90000 m2"}, "weights": {"access_score": 1}},
    ],
    "rules": {"time_limit_s": 5, "alternatives": 1, "alternatives_within": 0.2, "leading": "off"},
}


@pytest.fixture
def place(client, keys):
    def ask(portfolio, query="?lang=en", key="whole"):
        return client.request("POST", f"/allocations{query}", json=portfolio, headers=keys[key])

    return ask


def test_projects_are_placed_where_they_bring_most(client, place, keys):
    """The large one fits 1, 7 and 11, the small one 3 and 9 too; both want 11, with 35 000 m², which has no room for both."""
    told = place(PORTFOLIO).json()
    assert (told["state"], told["proven"], told["gap"]) == ("optimal", True, 0.0)
    at = {one["project"]: one["site_id"] for one in told["projects"]}
    # By area: 99 × 3 + 50 × 2 beats 40 × 3 + 99 × 2, of 14 hectares in all.
    assert at == {"large": named(11), "small": named(9), "vast": None}
    assert told["points"] == pytest.approx((99 * 3 + 50 * 2) / 14)
    assert [(one["project"], one["to_site"]) for one in told["others"]] == [("small", named(7))]
    assert told["others"][0]["points"] == pytest.approx((99 * 3 + 40 * 2) / 14)
    vast = told["projects"][2]
    assert vast["reason"]
    assert vast["links"] == []
    for link in told["projects"][0]["links"]:
        assert client.get(link["href"].removeprefix(BASE), headers=keys["whole"]).status_code == 200


def test_demands_that_clash_are_named(place):
    musts = [{**one, "must": True} for one in PORTFOLIO["projects"]]
    told = place({**PORTFOLIO, "projects": musts}).json()
    assert (told["state"], told["proven"], told["points"]) == ("clash", False, None)
    assert told["clash_smallest"]
    assert any("vast" in demand for demand in told["clash"])
    assert not any("small" in demand for demand in told["clash"])


def test_joined_sites_are_used_where_that_is_asked_for(place):
    wide = {**PORTFOLIO, "projects": [{"name": "wide", "needs": {"area": "45000 m2"}}], "rules": {"leading": "off"}}  # fmt: skip
    assert place(wide).json()["projects"][0]["site_id"] is None
    told = place(wide, "?join=true").json()["projects"][0]
    assert told["site_id"] in {"S1", "S2", "S3"}
    assert len(told["parcel_ids"]) == 2


def test_a_bound_key_places_on_its_own_sites(place):
    told = place(PORTFOLIO, key="west")
    at = {one["project"]: one["site_id"] for one in told.json()["projects"]}
    assert at == {"large": named(1), "small": named(3), "vast": None}
    for number in range(7, 13):
        assert named(number) not in told.text


def test_every_fault_of_a_portfolio_is_told(place):
    told = place(
        {"projects": [{"needs": {"area": "x"}}, {"name": "B", "must": 1}], "rules": {"gap": -1, "lead": 1}}
    )
    assert told.status_code == 400
    for word in ("area", "must", "gap", "lead"):
        assert any(word in fault for fault in told.json()["faults"]), word
    assert place(PORTFOLIO, "?join=maybe").json()["parameter"] == "join"
    many = {"projects": [{"name": f"p{at}", "needs": {"area": "1 m2"}} for at in range(61)]}
    assert place(many).status_code == 413


def test_no_portfolio_takes_longer_than_is_allowed(monkeypatch):
    from parkgeo.pipeline import placing

    asked = []

    def allocate(_, portfolio, *, joins):
        asked.append((portfolio.rules.time_limit_s, joins))
        raise LookupError

    monkeypatch.setattr(placing, "allocate", allocate)
    desk = SimpleNamespace(rules=load_packs(["national"], Path()))
    for own, told in (({}, 30.0), ({"time_limit_s": 500}, 30.0), ({"time_limit_s": 2}, 2.0)):
        with pytest.raises(LookupError):
            placing.placed(desk, {**PORTFOLIO, "rules": own}, longest_s=30.0, lang="en")
        assert asked[-1] == (told, False)


# Who sees what


@pytest.mark.parametrize(("key", "own", "others"), [("west", (1, 6), (7, 12)), ("east", (7, 12), (1, 6))])
def test_a_bound_key_sees_the_sites_of_its_parks_only(client, search, keys, key, own, others):
    """Nothing in an answer comes from the other park: no site, no rank, no count, no joined site that reaches over."""
    whole, bound = search(query="?lang=en").json(), search(query="?lang=en", key=key)
    mine = {named(number) for number in range(own[0], own[1] + 1)}
    told = bound.json()
    for number in range(others[0], others[1] + 1):
        assert named(number) not in bound.text
    assert "S3" not in bound.text
    assert set(of(told["ranked"])) == {
        site["site_id"] for site in whole["ranked"] if set(site["parcel_ids"]) <= mine
    }
    assert [site["rank"] for site in told["ranked"]] == list(range(1, len(told["ranked"]) + 1))
    assert told["counts"]["asked"] == len(mine) - (key == "west") + 1
    # What is said of a site is what everybody is told.
    known = {site["site_id"]: site["limits"] for site in whole["ranked"]}
    assert all(known[site["site_id"]] == site["limits"] for site in told["ranked"])
    fits = client.get("/fit?limit=1000", headers=keys[key])
    assert {one["site_id"] for one in fits.json()["fits"] if one["kind"] == "parcel"} <= mine
    assert named(others[0]) not in fits.text
    for path in (f"/parcels/{named(others[0])}/fit", f"/fit?parcel={named(others[0])}"):
        assert client.get(path, headers=keys[key]).status_code == 404
    other = "P2" if key == "west" else "P1"
    refused = search({**BRIEF, "sites": {"park": other}}, key=key)
    assert refused.status_code == 400
    assert f"are {other}" not in refused.text


def test_what_reaches_over_is_shown_to_no_bound_key_here_or_in_the_collection(client, search, keys):
    whole = [site for site in of(search().json()["ranked"]) if site != "S3"]
    assert of(search(key="both").json()["ranked"]) == whole
    for key, own in (
        ("west", {"S1"}),
        ("east", {"S2"}),
        ("both", {"S1", "S2"}),
        ("whole", {"S1", "S2", "S3"}),
    ):
        told = client.get("/collections/sites/items", headers=keys[key]).json()
        assert {feature["id"] for feature in told["features"]} == own
    assert search(key="nowhere").json()["counts"]["asked"] == 0


def test_nobody_is_told_who_holds_a_site(client, search, keys):
    texts = [search(key="clear").text, client.get("/fit?limit=1000", headers=keys["clear"]).text]
    assert not [name for name in HOLDERS for text in texts if name in text]


def test_a_question_is_no_write(client, search, folder, keys):
    """The audit log tells of what changes something."""
    assert search().headers["cache-control"] == "no-store"
    refused = client.request("POST", "/uploads", content=b"x", headers=keys["whole"])
    assert refused.status_code == 403
    log = (folder / "audit.log").read_text(encoding="utf-8")
    assert "/uploads" in log
    assert "/sites/search" not in log


def test_a_page_of_another_site_asks_nothing(client, keys):
    headers = {**keys["whole"], "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert client.request("POST", SEARCH, json=BRIEF, headers=headers).status_code == 403


# Fits


def walked(client, headers, path):
    rows = []
    while path:
        told = client.get(path, headers=headers).json()
        rows += told["fits"]
        path = next((one["href"].removeprefix(BASE) for one in told["links"] if one["rel"] == "next"), None)
        assert told["numberReturned"] == len(told["fits"])
    assert len(rows) == told["numberMatched"]
    return rows


def test_pages_of_fits_hold_every_cell_once_best_first(client, keys):
    order = ["high", "medium", "low", "undetermined", "no"]
    rows = walked(client, keys["whole"], "/fit?limit=50&lang=en")
    cells = [(row["site_id"], row["industry"]) for row in rows]
    assert len(set(cells)) == len(cells) == 14 * len({row["industry"] for row in rows})
    ranks = [(order.index(row["grade"]), -(row["score"] or -1.0)) for row in rows]
    assert ranks == sorted(ranks)
    for row in rows:
        assert (row["grade"] == "no") == any(limit["verdict"] == "no" for limit in row["failed"])
    few = walked(client, keys["whole"], "/fit?limit=50&lang=en&industry=machinery,food&grade=no")
    assert few == [row for row in rows if row["industry"] in {"machinery", "food"} and row["grade"] == "no"]
    assert few


def test_a_token_leads_on_only_in_its_own_question(client, keys):
    told = client.get("/fit?limit=2", headers=keys["whole"]).json()
    following = next(one["href"] for one in told["links"] if one["rel"] == "next").removeprefix(BASE)
    assert client.get(following, headers=keys["whole"]).status_code == 200
    for path, key in ((f"{following}&grade=no", "whole"), (following, "west")):
        refused = client.get(path, headers=keys[key])
        assert (refused.status_code, refused.json()["parameter"]) == (400, "token")


def test_a_parcel_is_told_what_could_stand_on_it_whatever_its_state(client, keys):
    told = client.get(f"/parcels/{named(6)}/fit?lang=en", headers=keys["whole"]).json()
    assert {one["site_id"] for one in told["fits"]} == {named(6)}
    assert len({one["industry"] for one in told["fits"]}) == told["numberMatched"] > 5
    around = walked(client, keys["whole"], f"/fit?parcel={named(6)}&limit=1000&lang=en")
    assert {one["site_id"] for one in around} == {named(6), "S3"}
    assert [one for one in around if one["site_id"] == named(6)] == told["fits"]
    assert client.get("/parcels/nobody/fit", headers=keys["whole"]).status_code == 404


def test_what_a_client_has_is_not_sent_again(client, keys):
    first = client.get("/fit?limit=3", headers=keys["whole"])
    again = {**keys["whole"], "If-None-Match": first.headers["etag"]}
    assert client.get("/fit?limit=3", headers=again).status_code == 304
    assert client.request("HEAD", "/fit?limit=3", headers=keys["whole"]).content == b""


def test_ids_of_parcels_that_hold_anything_lead_somewhere(tmp_path):
    build_snapshot(tmp_path, parcels=20, hostile=True)
    with open_client(Settings(tmp_path)) as client:
        rows = client.get("/fit?industry=machinery&limit=1000").json()["fits"]
        found = client.request("POST", SEARCH, json={**BRIEF, "sites": {"all_parcels": True}}).json()
        assert len(rows) > 1
        for site in (*rows, *found["undetermined"]):
            assert site["parcel_ids"] == [site["site_id"]]
            for link in site["links"]:
                if len(link["href"]) < 4_000:  # else the address is too long to be asked
                    assert client.get(link["href"].removeprefix(BASE)).status_code == 200, link


# How much at once


class Gone:
    """A request whose client has left."""

    async def receive(self):
        return {"type": "http.disconnect"}


def test_more_than_is_answered_at_once_is_put_off_and_what_nobody_waits_for_never_begins():
    desks, go, begun = Desks(SitingLimits(at_once=1, open=2)), threading.Event(), []

    async def ask():
        first = asyncio.create_task(desks.run(go.wait))
        await asyncio.sleep(0)
        with pytest.raises(RequestError):
            await desks.run(lambda: begun.append(1), Gone())
        second = asyncio.create_task(desks.run(lambda: "second"))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await desks.run(lambda: begun.append(2))
        go.set()
        assert await second == "second"
        await first

    try:
        asyncio.run(ask())
        assert begun == []
    finally:
        go.set()
        desks.close()
    assert desks.open == 0


def test_a_desk_that_could_not_be_opened_is_opened_anew(client, keys, monkeypatch):
    from api.siting import desks as module

    shared, fresh = client.app.state.parkgeo, Desks(SitingLimits())
    client.app.state.parkgeo = dataclasses.replace(shared, desks=fresh)
    try:
        with monkeypatch.context() as broken:
            broken.setattr(module, "_open_desk", lambda _: json.loads("{"))
            assert client.get("/fit", headers=keys["whole"]).status_code == 500
        assert client.get("/fit", headers=keys["whole"]).status_code == 200
    finally:
        client.app.state.parkgeo = shared
        fresh.close()
