"""A tile asked for again comes from memory, by the short way; all that stands before a route stands before it too."""

import json
import logging
import time

import pytest

import api.app
from api import Settings
from api.express import Express
from api.guard.keys import KeyFile
from api.guard.logs import JsonLines
from api.tiles import painter
from api.tiles.grid import tiles_over
from tests.api.conftest import open_client
from tests.api.guarded import narrowed, new_key
from tests.snapshot_builder import build_snapshot

SET = "WebMercatorQuad"
SOON_S = 0.3
"""After which a change of the keys is seen."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiles")
    build_snapshot(folder, parcels=20)
    return folder


@pytest.fixture(scope="module")
def place(folder):
    with open_client(Settings(folder)) as client:
        bounds = client.get(f"/collections/parcels/tiles/{SET}/tilejson.json").json()["bounds"]
    row, _, col, _ = tiles_over(bounds, 14)
    return f"14/{row}/{col}"


@pytest.fixture(scope="module")
def tile(place):
    return f"/collections/parcels/tiles/{SET}/{place}"


@pytest.fixture
def keyed(folder):
    """A workspace with keys, for one test."""
    file = folder / "keys.json"
    yield {
        name: {"X-API-Key": new_key(folder, **told)}
        for name, told in {
            "all": {},
            "elsewhere": {"parks": ["P9"]},
            "personal": {"scopes": ["personal"]},
        }.items()
    }
    file.unlink()


def said(response):
    """All that an answer says but its own name."""
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, headers, response.content


def test_the_short_way_answers_as_the_long_one(folder, place, monkeypatch):
    one, several = f"/collections/parcels/tiles/{SET}", f"/tiles/{SET}"
    with open_client(Settings(folder)) as client:
        name = client.get("/readyz").json()["snapshot"]
        bare = client.get(f"{one}/{place}").headers["etag"]
    paths = [
        f"{one}/{place}", f"{several}/{place}", f"/snapshots/{name}{one}/{place}", f"/snapshots/{name}{several}/{place}",
        f"{one}/{place}.mvt", f"{one}/{place}?properties=idle", f"{one}/{place}?idle=yes", f"{one}/14/0/0",
        f"{one}/14/0/x", f"{one}/99/0/0", f"{one}/{place}?limit=3", f"/snapshots/none{one}/{place}",
        f"/collections/none/tiles/{SET}/{place}", f"/collections/supply/tiles/{SET}/{place}", f"{several}/{place}/",
    ]  # fmt: skip
    headers = [{"Accept-Encoding": coding} for coding in ("identity", "gzip", "br, gzip;q=0.5")]
    headers += [{"If-None-Match": f'W/{bare}, "other"', "Accept-Encoding": "gzip, deflate"}]
    asked = [(method, path, sent) for method in ("GET", "HEAD", "POST") for path in paths for sent in headers]

    def all_said():
        with open_client(Settings(folder)) as client:
            return [said(client.request(method, path, headers=sent)) for method, path, sent in asked * 2]

    short = all_said()
    monkeypatch.setattr(api.app, "Express", lambda app, **_: app)
    assert short == all_said()
    assert {status for status, _, _ in short} == {200, 204, 304, 400, 404, 405}


def test_a_tile_goes_the_short_way(folder, tile, monkeypatch):
    async def refuse(scope, *_):
        raise AssertionError(scope["path"])

    monkeypatch.setattr(api.app, "Express", lambda _, **told: Express(refuse, **told))
    with open_client(Settings(folder)) as client:
        assert client.get(tile).status_code == 200
        assert client.get(tile.replace("/collections/parcels", "")).status_code == 200


def test_a_kept_tile_needs_its_key_each_time(folder, tile, keyed):
    with open_client(Settings(folder)) as client:
        first = client.get(tile, headers=keyed["all"])
        assert first.status_code == 200
        assert first.headers["cache-control"] == "private, no-cache"
        again = client.get(tile)
        assert (again.status_code, again.headers["content-type"]) == (401, "application/problem+json")
        assert client.get(tile, headers={"X-API-Key": "pgk_none"}).status_code == 401
        # Knowing the tag of what others see opens nothing, nor does it fit another caller's.
        assert client.get(tile, headers={"If-None-Match": first.headers["etag"]}).status_code == 401
        known = {"If-None-Match": first.headers["etag"]}
        elsewhere = client.get(tile, headers={**keyed["elsewhere"], **known})
        assert (elsewhere.status_code, elsewhere.content) == (204, b"")
        # Who sees personal fields in clear sees another tile.
        assert client.get(tile, headers={**keyed["personal"], **known}).status_code == 200
        assert client.get(tile, headers={**keyed["all"], **known}).status_code == 304
        KeyFile(folder / "keys.json").revoke(keyed["all"]["X-API-Key"].split("_")[1])
        time.sleep(SOON_S)
        assert client.get(tile, headers=keyed["all"]).status_code == 401


def test_a_kept_tile_is_counted_held_to_the_rate_and_written_down(folder, tile, caplog):
    settings = narrowed(Settings(folder), rate_per_s=0.001, burst=4)
    with caplog.at_level(logging.INFO, "parkgeo.access"), open_client(settings) as client:
        named = client.get(tile, headers={"X-Request-ID": "mine"})
        told = [client.get(tile) for _ in range(4)]
    assert named.headers["x-request-id"] == "mine"
    assert [one.status_code for one in told] == [200, 200, 200, 429]
    assert int(told[-1].headers["retry-after"]) > 0
    assert len({one.headers["x-request-id"] for one in told}) == 4
    assert all(one.headers["x-content-type-options"] == "nosniff" for one in told)
    lines = [json.loads(JsonLines().format(one)) for one in caplog.records if one.name == "parkgeo.access"]
    assert [(one["path"], one["status"]) for one in lines] == [(tile, 200)] * 4 + [(tile, 429)]
    assert lines[0]["request"] == "mine"
    assert lines[0]["bytes"] == int(named.headers["content-length"])
    assert lines[0]["snapshot"].startswith("2026-06-30-")


def test_figures_tell_of_kept_tiles_by_their_route(folder, tile):
    with open_client(Settings(folder)) as client:
        sizes = [int(client.get(tile).headers["content-length"]) for _ in range(3)]
        text = client.get("/metrics").text
    assert 'parkgeo_requests_total{method="GET",route="paint_one",status="200"} 3.0' in text
    assert f'parkgeo_answer_bytes_total{{route="paint_one"}} {float(sum(sizes))}' in text


def test_each_form_of_a_tile_is_made_once_and_without_drawing_anew(folder, tile, monkeypatch):
    drawn, turned = [], []
    encode, turn = painter._encode, painter._in_other_form
    monkeypatch.setattr(painter, "_encode", lambda *told, **form: drawn.append(form) or encode(*told, **form))
    monkeypatch.setattr(
        painter, "_in_other_form", lambda told, **form: turned.append(form) or turn(told, **form)
    )
    with open_client(Settings(folder)) as client:
        for coding in ("identity", "gzip", "identity", "gzip"):
            client.get(tile, headers={"Accept-Encoding": coding})
    assert drawn == [{"packed": False}]
    assert turned == [{"packed": True}]
    with open_client(Settings(folder)) as client:
        for coding in ("gzip", "identity", "gzip", "identity"):
            client.get(tile, headers={"Accept-Encoding": coding})
    assert drawn == [{"packed": False}, {"packed": True}]
    assert turned == [{"packed": True}, {"packed": True}, {"packed": False}]


def test_kept_tiles_stay_within_their_bytes_in_both_forms(folder, tile):
    room = 9_000
    with open_client(Settings(folder, tile_cache_bytes=room)) as client:
        for fields in ("idle", "parcel_id", "idle,parcel_id", "land_state"):
            for coding in ("identity", "gzip"):
                client.get(f"{tile}?properties={fields}", headers={"Accept-Encoding": coding})
        kept = client.app.state.parkgeo.painter
        held = sum(len(one.body) + painter._ENTRY_BYTES for one in kept._kept.values())
        assert 0 < held == kept._bytes <= room
