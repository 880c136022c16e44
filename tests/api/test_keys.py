import datetime as dt
import io
import json
import logging
import os
import stat
import time
from http import HTTPStatus

import pytest

from api import Settings, create_app
from api.errors import problem
from api.guard.keys import Key, KeyFile, KeyRing, blank_keys
from api.guard.logs import JsonLines, TextLines
from api.guard.refusal import Refused
from api.settings import Access
from parkgeo.errors import NotFoundError, ProjectError, StoreError
from tests.api.conftest import open_client
from tests.api.guarded import new_key
from tests.snapshot_builder import build_snapshot

ITEMS = "/collections/parcels/items"
SOON_S = 0.15  # the file of the keys is looked at ten times a second


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    build_snapshot(folder, parcels=10)
    return folder


@pytest.fixture(scope="module")
def secret(folder):
    return new_key(folder, name="QGIS")


@pytest.fixture(scope="module")
def closed(folder, secret):
    with open_client(Settings(folder)) as client:
        assert secret
        yield client


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_only_the_fingerprint_of_a_key_is_kept_and_nobody_else_reads_it(tmp_path):
    made, secret = KeyFile(tmp_path / "keys.json").new("office", scopes=["write"], parks=["P1"])
    text = (tmp_path / "keys.json").read_text(encoding="utf-8")
    assert secret.rpartition("_")[2] not in text
    assert made.scopes == ("read", "write")
    assert made.opens(secret)
    assert not made.opens(secret[:-1] + ("A" if secret[-1] != "A" else "B"))
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    others = {KeyFile(tmp_path / "keys.json").new()[1] for _ in range(5)}
    assert len({secret, *others}) == 6
    assert len(KeyFile(tmp_path / "keys.json").read()) == 6


def test_without_keys_this_machine_reads_and_writes(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    with open_client(Settings(tmp_path)) as client:
        assert client.get(ITEMS).status_code == 200
        assert client.request("POST", "/uploads", content=b"x").status_code not in {401, 403}
        assert client.get(ITEMS, headers=bearer("pgk_nonsense")).status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_without_keys_what_came_through_a_proxy_does_not_write(tmp_path, header):
    build_snapshot(tmp_path, parcels=3)
    with open_client(Settings(tmp_path)) as client:
        assert client.get(ITEMS, headers={header: "203.0.113.9"}).status_code == 200
        refused = client.request("POST", "/uploads", content=b"x", headers={header: "203.0.113.9"})
        assert refused.status_code == 403
    with open_client(Settings(tmp_path, base_url="https://gis.example.cn")) as client:
        assert client.request("POST", "/uploads", content=b"x").status_code == 403


def test_another_address_is_served_only_with_keys_or_on_purpose(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    told = {"host": "192.0.2.1", "base_url": "http://192.0.2.1:8000"}
    with pytest.raises(ProjectError, match="no keys"):
        create_app(Settings(tmp_path, **told))
    with open_client(Settings(tmp_path, **told, access=Access(insecure=True))) as client:
        assert client.get(ITEMS).status_code == 200
        assert client.request("POST", "/uploads", content=b"x").status_code == 403
    new_key(tmp_path)
    with open_client(Settings(tmp_path, **told)) as client:
        assert client.get(ITEMS).status_code == 401


def test_with_keys_everything_needs_one_but_the_probes(closed, secret):
    for path in ("/", ITEMS, "/collections", "/api", "/map", "/metrics", "/docs", "/jobs", "/nothing"):
        refused = closed.get(path)
        assert refused.status_code == 401, path
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.headers["content-type"] == "application/problem+json"
    assert closed.get("/healthz").json() == {"status": "ok"}
    assert closed.get("/readyz").json() == {"status": "ready"}
    assert "snapshot" in closed.get("/readyz", headers=bearer(secret)).json()
    assert closed.request("POST", "/healthz").status_code in {401, 403, 405}


def test_a_key_is_taken_from_three_places(closed, secret):
    assert closed.get(ITEMS, headers=bearer(secret)).status_code == 200
    assert closed.get(ITEMS, headers={"Authorization": f"bearer  {secret} "}).status_code == 200
    assert closed.get(ITEMS, headers={"X-API-Key": secret}).status_code == 200
    assert closed.get(f"/k/{secret}{ITEMS}").status_code == 200
    assert closed.get(f"/k/{secret}{ITEMS}", headers=bearer(secret)).status_code == 200
    assert closed.get(f"/k/{secret}").status_code == closed.get(f"/k/{secret}/").status_code == 200


def test_every_link_carries_a_key_of_the_path_on(closed, secret):
    start = f"http://127.0.0.1:8000/k/{secret}"
    for path in ("/", "/collections", "/collections/parcels", f"{ITEMS}?limit=2"):
        links = closed.get(f"/k/{secret}{path}").json()["links"]
        assert links
        assert all(link["href"].startswith(start) for link in links), path
    page = closed.get(f"{start}{ITEMS}?limit=4")
    seen = []
    while True:
        seen += [feature["id"] for feature in page.json()["features"]]
        following = [link["href"] for link in page.json()["links"] if link["rel"] == "next"]
        if not following:
            break
        page = closed.get(following[0])
    assert len(set(seen)) == 10
    assert closed.get(f"/k/{secret}/api").json()["servers"][0]["url"] == start
    html = closed.get(f"/k/{secret}/?f=html").text
    assert f'href="{start}/collections' in html
    assert 'href="/' not in html
    assert secret not in closed.get("/", headers=bearer(secret)).text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer"}, 400), ({"Authorization": "Bearer "}, 400), ({"Authorization": "Bearer x"}, 401),
        ({"Authorization": "Basic eDp5"}, 401), ({"Authorization": "x" * 20_000}, 401), ({"X-API-Key": "ключ".encode()}, 401),
        ({"X-API-Key": "pgk_00000000_" + "A" * 43}, 401), ({"X-API-Key": "' or 1=1"}, 401), ({"X-API-Key": "a" * 33_000}, 431),
    ],
)  # fmt: skip
def test_what_is_no_key_opens_nothing(closed, headers, status):
    assert closed.get(ITEMS, headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/k//", "/k/", "/k/x/", "/k/%2e%2e/", "/k/é/collections", "/k/pgk_%00/"])
def test_what_is_no_key_in_a_path_opens_nothing(closed, path):
    assert closed.get(path).status_code == 401


def test_two_different_keys_are_refused(closed, secret):
    refused = closed.get(f"/k/{secret}/", headers={"X-API-Key": "pgk_00000000_" + "A" * 43})
    assert refused.status_code == 400


def test_changes_are_seen_without_a_restart(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    with open_client(Settings(tmp_path)) as client:
        assert client.get(ITEMS).status_code == 200
        made, secret = KeyFile(tmp_path / "keys.json").new()
        time.sleep(SOON_S)
        assert client.get(ITEMS).status_code == 401
        assert client.get(ITEMS, headers=bearer(secret)).status_code == 200
        KeyFile(tmp_path / "keys.json").revoke(made.id)
        time.sleep(SOON_S)
        refused = client.get(ITEMS, headers=bearer(secret))
        assert (refused.status_code, refused.json()["detail"]) == (401, "the key was revoked")
        assert client.get(ITEMS).status_code == 401


def test_a_file_of_keys_that_is_gone_or_damaged_lets_nobody_in(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    secret, file = new_key(tmp_path), tmp_path / "keys.json"
    whole = file.read_bytes()
    with open_client(Settings(tmp_path)) as client:
        assert client.get(ITEMS, headers=bearer(secret)).status_code == 200
        for damage in (b"", b"{}", b"[]", b'{"keys": [{"id": 1}]}', b"\xff", whole[:-40]):
            file.write_bytes(damage)
            time.sleep(SOON_S)
            assert client.get(ITEMS, headers=bearer(secret)).status_code == 503
            assert client.get(ITEMS).status_code == 401
        file.unlink()
        time.sleep(SOON_S)
        assert client.get(ITEMS, headers=bearer(secret)).status_code == 503
        assert client.get(ITEMS).status_code == 401
        file.write_bytes(whole)
        time.sleep(SOON_S)
        assert client.get(ITEMS, headers=bearer(secret)).status_code == 200


def test_an_ended_key_opens_nothing(tmp_path):
    file = KeyFile(tmp_path / "keys.json")
    now = dt.datetime.now(dt.UTC)
    made, secret = file.new(expires=now - dt.timedelta(seconds=2))
    assert made.state() == "expired"
    assert made.state(now - dt.timedelta(hours=1)) == "valid"
    build_snapshot(tmp_path, parcels=3)
    with open_client(Settings(tmp_path)) as client:
        refused = client.get(ITEMS, headers=bearer(secret))
        assert (refused.status_code, refused.json()["detail"]) == (401, "the key has ended")


def test_scopes_hold(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    read, write = new_key(tmp_path), new_key(tmp_path, scopes=["write"])
    with open_client(Settings(tmp_path)) as client:
        assert client.request("POST", "/uploads", content=b"x", headers=bearer(read)).status_code == 403
        assert client.request("POST", "/uploads", content=b"x", headers=bearer(write)).status_code not in {
            401,
            403,
        }
        assert client.get(ITEMS, headers=bearer(write)).status_code == 200


def test_wrong_keys_are_held_to_a_rate_and_right_ones_are_not(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    secret = new_key(tmp_path)
    with open_client(Settings(tmp_path)) as client:
        seen = [client.get(ITEMS, headers=bearer("pgk_wrong")).status_code for _ in range(25)]
        assert set(seen[:20]) == {401}
        refused = client.get(ITEMS, headers=bearer("pgk_wrong"))
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert client.get(ITEMS, headers=bearer(secret)).status_code == 200


def test_a_key_is_in_no_log(tmp_path, caplog):
    build_snapshot(tmp_path, parcels=3)
    secret = new_key(tmp_path, scopes=["write"])
    with caplog.at_level("DEBUG", "parkgeo"), open_client(Settings(tmp_path)) as client:
        for path in (
            f"/k/{secret}{ITEMS}",
            f"/k/{secret}/nothing",
            f"/k/{secret}{ITEMS}?limit=x",
            f"/k/{secret}x/",
        ):
            client.get(path)
        client.request("POST", f"/k/{secret}/uploads", content=b"x")
        client.get(ITEMS, headers={"X-Request-ID": "mine", **bearer(secret)})
        assert secret not in client.get(f"/k/{secret}/metrics").text
    assert secret not in caplog.text
    assert " mine" in caplog.text
    assert secret not in (tmp_path / "audit.log").read_text(encoding="utf-8")


def test_a_key_in_a_wrong_place_is_blanked_wherever_it_would_be_shown(tmp_path, caplog, monkeypatch):
    build_snapshot(tmp_path, parcels=3)
    secret, other = new_key(tmp_path, scopes=["write"]), new_key(tmp_path)
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    escaped = secret.replace("pgk_", "p%67k%5F")
    said = []
    with caplog.at_level("DEBUG", "parkgeo"), open_client(Settings(tmp_path)) as client:
        for form in (JsonLines(), TextLines()):
            handler = logging.StreamHandler(written)
            handler.setFormatter(form)
            monkeypatch.setattr(logging.getLogger("parkgeo"), "handlers", [handler])
            for path in (
                f"//k/{secret}{ITEMS}", f"/K/{secret}/", f"/collections/k/{secret}", f"/k//{secret}/x", f"/x/../k/{secret}/x",
                f"/k/{secret}/k/{other}/x", f"/?{secret}=1", f"/?{escaped}=1", f"/?{'x' * 30}{secret}=1", f"/%2525/{secret.replace('_', '%255F')}",
                f"{ITEMS}?f={secret}", f"{ITEMS}?bbox={secret}", f"/collections/{secret}/items", f"{ITEMS}?filter={secret}%20%3D%201",
                f"/{'x' * 460}{secret}",
            ):  # fmt: skip
                for headers in ({}, bearer(secret)):
                    answer = client.request("GET", f"http://127.0.0.1:8000{path}", headers=headers)
                    if answer.status_code >= 400:
                        said.append(answer.text)
            named = client.get("/healthz", headers={"X-Request-ID": secret})
            said.append(named.headers["x-request-id"])
            client.request(
                "POST", f"/{secret}", headers={**bearer(secret), "X-Request-ID": secret}, content=b"x"
            )
    assert len(said) > 30
    audit = (tmp_path / "audit.log").read_text(encoding="utf-8")
    for shown in (caplog.text, written.getvalue(), audit, *said):
        for one in (secret, other):
            assert one[13:25] not in shown, shown
    assert "pgk_***" in caplog.text
    assert "pgk_***" in written.getvalue()
    assert "pgk_***" in audit


@pytest.mark.parametrize(
    "text", ["", "pgk_", "the key pgk_0123abcd", "/collections/parcels", "xpgky_aaaaaaaaaaaaaaaaaa"]
)
def test_what_is_no_key_is_not_blanked(text):
    assert blank_keys(text) == text


def test_a_base_address_that_ends_with_a_slash_works(closed, secret):
    told = closed.request("GET", f"http://127.0.0.1:8000//k/{secret}{ITEMS}")
    assert told.status_code == 200
    assert all(f"8000/k/{secret}/" in link["href"] for link in told.json()["links"])


def test_a_ring_says_so_where_others_may_read_the_file(tmp_path, caplog):
    file = KeyFile(tmp_path / "keys.json")
    file.new()
    if os.name == "nt":
        pytest.skip("Windows has no mode")
    file.path.chmod(0o644)
    assert KeyRing(file).any
    assert "chmod 600" in caplog.text


def test_what_cannot_be_made_is_refused(tmp_path):
    file = KeyFile(tmp_path / "keys.json")
    with pytest.raises(ProjectError):
        file.new(scopes=["admin"])
    with pytest.raises(ProjectError):
        file.new("a\nb")
    with pytest.raises(NotFoundError):
        file.revoke("0")
    file.path.write_text("{", encoding="utf-8")
    with pytest.raises(StoreError):
        file.new()
    assert file.path.read_text(encoding="utf-8") == "{"


def test_a_callers_repr_holds_no_key(secret):
    from api.asked.visit import Caller

    assert secret not in repr(Caller("x", path=f"/k/{secret}"))


def test_the_command_line_makes_lists_and_revokes(tmp_path, capsys):
    from typer.testing import CliRunner

    from parkgeo.cli.app import app

    def run(*arguments):
        done = CliRunner().invoke(app, ["keys", *arguments, "-w", str(tmp_path)], catch_exceptions=True)
        return done, capsys

    build_snapshot(tmp_path, parcels=3)
    done, _ = run("new", "--name", "QGIS", "--park", "P1", "--expires", "90d", "--json")
    made = json.loads(done.stdout)
    assert made["key"].startswith(f"pgk_{made['id']}_")
    assert (made["parks"], made["scopes"]) == (["P1"], ["read"])
    ends = dt.datetime.fromisoformat(made["expires"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=89) < ends <= dt.timedelta(days=90)
    assert isinstance(run("new", "--park", "nowhere")[0].exception, ProjectError)
    assert isinstance(run("new", "--expires", "yesterday")[0].exception, ProjectError)
    assert isinstance(run("new", "--expires", "2020-01-01")[0].exception, ProjectError)
    assert run("revoke", made["id"])[0].exit_code == 0
    listed = run("list", "--json")[0]
    assert made["key"] not in listed.stdout
    assert [key["state"] for key in json.loads(listed.stdout)["keys"]] == ["revoked"]
    assert "QGIS" in run("list")[0].stdout
    lines = [json.loads(line) for line in (tmp_path / "audit.log").read_text(encoding="utf-8").splitlines()]
    assert [line["what"] for line in lines] == ["key made", "key revoked"]


def test_keys_are_read_as_they_were_written(tmp_path):
    file = KeyFile(tmp_path / "keys.json")
    made, _ = file.new("土地所", scopes=["personal"], parks=["P1", "P2"])
    assert file.read() == (made,)
    assert isinstance(made, Key)


def test_a_refusal_and_a_problem_are_written_alike_and_quote_no_key(tmp_path):
    secret = KeyFile(tmp_path / "keys.json").new("r")[1]
    quoted = f"no host {secret}.example is served here"
    refused = Refused(HTTPStatus.MISDIRECTED_REQUEST, quoted, f"not {secret}")
    told = problem(421, quoted, mend=f"not {secret}")
    assert bytes(told.body) == refused.written({}).partition(b"\r\n\r\n")[2]
    assert secret.encode() not in refused.written({})
    assert json.loads(bytes(told.body)) == {
        "type": "about:blank", "title": "Misdirected Request", "status": 421,
        "detail": "no host pgk_***.example is served here", "mend": "not pgk_***",
    }  # fmt: skip
    assert (
        problem(404, "nothing").body
        == b'{"type":"about:blank","title":"Not Found","status":404,"detail":"nothing"}'
    )
