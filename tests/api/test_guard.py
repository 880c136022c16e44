import asyncio
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api import Settings
from api.guard.audit import Audit
from api.guard.come import Door, Headers
from api.guard.limits import Buckets
from api.guard.logs import JsonLines
from api.settings import Access, Limits, Logs, variables
from parkgeo.errors import ProjectError
from tests.api.conftest import open_client
from tests.api.guarded import new_key
from tests.snapshot_builder import build_snapshot

ITEMS = "/collections/parcels/items"
ORIGIN = "https://maps.example.cn"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guard")
    build_snapshot(folder, parcels=5)
    return folder


@pytest.fixture
def opened(folder):
    with open_client(Settings(folder)) as client:
        yield client


def limited(folder, **limits):
    return open_client(Settings(folder, limits=Limits(**limits)))


def self_link(response):
    return next(link["href"] for link in response.json()["links"] if link["rel"] == "self")


def test_every_answer_bears_the_requests_name(opened):
    named = opened.get(ITEMS, headers={"X-Request-ID": "abc.DEF_1-2"})
    assert named.headers["x-request-id"] == "abc.DEF_1-2"
    others = [
        opened.get("/", headers={"X-Request-ID": name}).headers["x-request-id"]
        for name in ("a b", "x" * 65, "é".encode(), "<b>")
    ]
    assert all(len(name) == 16 for name in others)
    for path in ("/nothing", "/?x=" + "a" * 9000, f"{ITEMS}?limit=x"):
        assert opened.get(path).headers["x-request-id"]


def test_an_error_inside_is_counted_and_named_as_well(opened, monkeypatch, caplog):
    def burst(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("api.routes.service._landing", burst)
    with caplog.at_level(logging.INFO, "parkgeo.access"):
        told = opened.get("/")
    assert told.status_code == 500
    assert told.headers["x-request-id"] in caplog.text
    assert 'parkgeo_requests_total{method="GET",route="/",status="500"} 1.0' in opened.get("/metrics").text


def test_the_log_tells_what_a_query_asks_for_by_name_only(opened, caplog):
    with caplog.at_level(logging.INFO, "parkgeo.access"):
        opened.get(f"{ITEMS}?filter=holder%20%3D%20%27%E5%BC%A0%E4%B8%89%27&limit=3")
        opened.get("/no%0d%0athing/%1b%5b31m")
    told = [record.msg.told for record in caplog.records if record.name == "parkgeo.access"]
    assert told[0]["query"] == ["filter", "limit"]
    assert (told[0]["status"], told[0]["path"], told[0]["method"]) == (200, ITEMS, "GET")
    assert told[0]["snapshot"].startswith("2026-06-30-")
    assert told[0]["bytes"] > 0
    assert told[0]["ms"] > 0
    assert "张三" not in caplog.text
    assert "%E5%BC%A0" not in caplog.text
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "parkgeo.access"]
    assert all(
        "\n" not in line and "\x1b" not in line and json.loads(line)["logger"] == "parkgeo.access"
        for line in lines
    )
    assert "\r" not in caplog.text


@pytest.mark.parametrize("path", ["/", f"{ITEMS}?limit=100", "/?f=html", "/collections", "/map"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_an_answer_depends_on_is_said_once(opened, path, coding):
    told = opened.get(path, headers={"Accept-Encoding": coding})
    names = [name.strip().casefold() for name in told.headers["vary"].split(",")]
    assert len(names) == len(set(names))
    assert "accept-encoding" in names


def test_metrics_have_few_labels(opened):
    for number in range(30):
        opened.get(f"/collections/parcels/items/none-{number}")
        opened.get(f"/made/up/{number}")
        opened.request(f"METHOD{number}", "/")
    text = opened.get("/metrics").text
    assert "none-1" not in text
    assert "made" not in text
    assert "METHOD" not in text
    assert 'method="other"' in text
    assert 'parkgeo_features{collection="parcels"} 5.0' in text
    assert 'parkgeo_snapshot{name="2026-06-30-' in text
    assert "parkgeo_request_seconds_bucket" in text
    assert text.count("parkgeo_requests_total{") < 12


def test_states_of_jobs_can_be_shown(opened):
    metrics = opened.app.state.parkgeo.metrics
    metrics.watch("things", lambda: {"red": 2, "blue": 1})
    assert 'parkgeo_things{state="red"} 2.0' in opened.get("/metrics").text


def test_a_body_beyond_the_limit_is_refused_whatever_is_said_of_it(tmp_path):
    build_snapshot(tmp_path, parcels=3)

    async def parts():
        for _ in range(40):
            yield b"PK\x03\x04" + b"x" * 996

    with limited(tmp_path, body_bytes=10_000, upload_bytes=20_000) as client:
        stated = client.request("POST", "/scenarios", content=b"x" * 10_001)
        assert stated.status_code == 413
        assert client.request("GET", "/", headers={"Content-Length": "9" * 400}).status_code == 413
        for wrong in ("-1", "1e3", "+5", "0x10", "٣", ""):
            assert (
                client.request("GET", "/", headers={"Content-Length": wrong.encode()}).status_code == 400
            ), wrong
        told = client.request(
            "POST", "/uploads", content=parts(), headers={"Content-Type": "application/zip"}
        )
        assert told.status_code == 413, told.text
        assert client.get("/healthz").status_code == 200


def test_headers_are_bounded_in_number_and_size(opened):
    assert opened.get("/", headers={f"x-{number}": "1" for number in range(120)}).status_code == 431
    assert opened.get("/", headers={"x": "1" * 40_000}).status_code == 431
    assert opened.get("/").status_code == 200


@pytest.mark.parametrize("name", ["host", "authorization", "content-length", "x-forwarded-host", "origin"])
def test_what_is_said_once_is_not_said_twice(opened, name):
    headers = [(name, "127.0.0.1"), (name, "127.0.0.1")]
    told = opened.get("/", headers=headers if name == "host" else [("host", "127.0.0.1"), *headers])
    assert told.status_code == 400


def test_a_stream_of_requests_is_held_to_its_rate(folder):
    with limited(folder, rate_per_s=0.01, burst=5) as client:
        seen = [client.get("/conformance").status_code for _ in range(8)]
        assert seen == [200] * 5 + [429] * 3
        refused = client.get("/conformance")
        assert 1 <= int(refused.headers["retry-after"]) <= 100
        assert client.get("/healthz").status_code == 200
    with open_client(Settings(folder)) as client:
        assert {client.get("/conformance").status_code for _ in range(520)} == {200}


def test_a_bucket_fills_again(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("api.guard.limits.time.monotonic", lambda: now[0])
    bucket = Buckets(2.0, 3)
    assert [bucket.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.take("b") == 0.0
    now[0] += 0.5
    assert bucket.take("a") == 0.0
    now[0] += 1000
    assert [bucket.take("a") > 0 for _ in range(4)] == [False, False, False, True]
    for number in range(20_000):
        bucket.take(str(number))
    assert len(bucket._kept) <= 10_001


def slow_route(client, path, began, go):
    async def route(_scope, _receive, send):
        began.set()
        while not go.is_set():
            await asyncio.to_thread(go.wait, 0.05)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    from starlette.routing import Route

    client.app.router.routes.insert(0, Route(path, endpoint=_Plain(route)))


class _Plain:
    """An ASGI application as a class instance, which Starlette takes as it is."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        await self._app(scope, receive, send)


def test_an_answer_that_takes_too_long_is_given_up(folder):
    with limited(folder, time_s=0.2) as client:
        slow_route(client, "/slow", threading.Event(), threading.Event())
        began = time.monotonic()
        told = client.get("/slow")
        assert told.status_code == 504
        assert time.monotonic() - began < 10
        assert told.headers["content-type"] == "application/problem+json"
        assert client.get("/healthz").status_code == 200


def test_heavy_requests_wait_and_take_no_place_of_quick_ones(folder):
    with (
        limited(folder, heavy_at_once=1, heavy_waiting=1, wait_s=0.3) as client,
        ThreadPoolExecutor(4) as many,
    ):
        began, go = threading.Event(), threading.Event()
        slow_route(client, "/exports/slow", began, go)
        first = many.submit(client.get, "/exports/slow")
        assert began.wait(20)
        second, third = many.submit(client.get, "/exports/slow"), many.submit(client.get, "/exports/slow")
        assert client.get(ITEMS).status_code == 200
        assert 'parkgeo_requests_running{pace="heavy"} 1.0' in client.get("/metrics").text
        refused = [second.result(), third.result()]
        go.set()
        assert {answer.status_code for answer in refused} == {503}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
        assert first.result().status_code == 200
        assert client.get("/exports/slow").status_code == 200


def test_more_at_once_than_is_served_is_503_and_health_is_answered(folder):
    with limited(folder, at_once=1) as client, ThreadPoolExecutor(1) as other:
        began, go = threading.Event(), threading.Event()
        slow_route(client, "/slow", began, go)
        first = other.submit(client.get, "/slow")
        assert began.wait(20)
        refused = client.get(ITEMS)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert client.get("/healthz").status_code == 200
        go.set()
        assert first.result().status_code == 200
        assert client.get(ITEMS).status_code == 200


def test_pages_of_other_sites_read_nothing_unless_listed(folder, opened):
    told = opened.get(ITEMS, headers={"Origin": ORIGIN})
    assert told.status_code == 200
    assert "access-control-allow-origin" not in told.headers
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    assert opened.request("OPTIONS", ITEMS, headers=asked).status_code == 405
    with open_client(Settings(folder, access=Access(cors_origins=(ORIGIN,)))) as client:
        told = client.get(ITEMS, headers={"Origin": ORIGIN})
        assert told.headers["access-control-allow-origin"] == ORIGIN
        assert {"ETag", "Link", "Content-Crs"} <= set(
            told.headers["access-control-expose-headers"].split(", ")
        )
        assert "Origin" in told.headers["vary"]
        assert "access-control-allow-credentials" not in told.headers
        preflight = client.request("OPTIONS", ITEMS, headers=asked)
        assert preflight.status_code == 204
        assert "Authorization" in preflight.headers["access-control-allow-headers"]
        assert preflight.headers["access-control-allow-origin"] == ORIGIN
        for other in (
            "https://evil.example",
            f"{ORIGIN}.evil.example",
            "null",
            ORIGIN.replace("https", "http"),
        ):
            assert "access-control-allow-origin" not in client.get(ITEMS, headers={"Origin": other}).headers
        assert "access-control-allow-origin" in client.get("/nothing", headers={"Origin": ORIGIN}).headers
    with open_client(Settings(folder, access=Access(cors_origins=("*",)))) as client:
        assert client.get(ITEMS, headers={"Origin": ORIGIN}).headers["access-control-allow-origin"] == "*"


def test_a_preflight_shows_no_key_and_the_request_after_it_does(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    secret = new_key(tmp_path)
    with open_client(Settings(tmp_path, access=Access(cors_origins=(ORIGIN,)))) as client:
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        assert client.request("OPTIONS", ITEMS, headers=asked).status_code == 204
        refused = client.get(ITEMS, headers={"Origin": ORIGIN})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == ORIGIN
        assert client.get(ITEMS, headers={"Origin": ORIGIN, "X-API-Key": secret}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Origin": "https://evil.example"}, True), ({"Origin": "null"}, True), ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True), ({"Origin": "http://127.0.0.1:8001"}, True),
        ({"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}, False), ({}, False),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, False),
    ],
)  # fmt: skip
def test_pages_of_other_sites_write_nothing(opened, headers, refused):
    told = opened.request("POST", "/uploads", content=b"x", headers=headers)
    assert (told.status_code == 403) == refused
    assert opened.get("/", headers=headers).status_code == 200


TRUSTED = Access(trusted_proxies=("127.0.0.1", "10.0.0.0/8"))
FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "gis.example.cn",
    "X-Forwarded-Prefix": "/park",
}


def test_a_trusted_proxy_says_where_links_start(folder):
    with open_client(Settings(folder, access=TRUSTED, allowed_hosts=("gis.example.cn",))) as client:
        assert self_link(client.get("/", headers=FORWARDED)).startswith("https://gis.example.cn/park/")
        assert self_link(client.get("/")).startswith("http://127.0.0.1:8000/")
        assert client.get("/", headers=FORWARDED).headers["etag"] != client.get("/").headers["etag"]
        for wrong in (
            {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-Prefix": "//evil.example"},
            {"X-Forwarded-Prefix": "/../x"}, {"X-Forwarded-Prefix": '/"><script>'}, {"X-Forwarded-Host": "gis.example.cn/x"},
        ):  # fmt: skip
            assert client.get("/", headers=wrong).status_code == 400, wrong
        appended = {**FORWARDED, "X-Forwarded-Host": "evil.example, gis.example.cn"}
        assert self_link(client.get("/", headers=appended)).startswith("https://gis.example.cn/park/")
    stated = Settings(
        folder, access=TRUSTED, allowed_hosts=("gis.example.cn",), base_url="https://other.example"
    )
    with open_client(stated) as client:
        assert self_link(client.get("/", headers=FORWARDED)).startswith("https://other.example/")


def test_what_anyone_else_forwards_means_nothing(opened):
    for header, value in FORWARDED.items():
        assert self_link(opened.get("/", headers={header: value})).startswith("http://127.0.0.1:8000/")
    assert "evil" not in opened.get("/", headers={"X-Forwarded-Host": "evil.example"}).text


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"), ("1.2.3.4, 203.0.113.9", "203.0.113.9"), ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("spoofed, 203.0.113.9", "203.0.113.9"), ("", "127.0.0.1"), ("garbage", "127.0.0.1"), ("10.0.0.1, 10.0.0.2", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"), (", ".join(["1.1.1.1"] * 5000), "1.1.1.1"),
    ],
)  # fmt: skip
def test_the_client_is_the_last_that_is_no_proxy_of_ours(forwarded, client):
    headers = [(b"host", b"localhost"), (b"x-forwarded-for", forwarded.encode())]
    scope = {"headers": headers, "client": ("127.0.0.1", 1)}
    door = Door(Settings(Path("ws"), access=TRUSTED))
    assert door.arrive(scope, Headers(scope, 10, 1 << 20)).client == client
    other = Door(Settings(Path("ws")))
    assert other.arrive(scope, Headers(scope, 10, 1 << 20)).client == "127.0.0.1"


def test_each_write_is_in_the_audit_log_before_and_after(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    with open_client(Settings(tmp_path)) as client:
        client.get(ITEMS)
        assert not (tmp_path / "audit.log").exists()
        told = client.request("POST", "/uploads", content=b"not a zip", headers={"X-Request-ID": "w1"})
    before, after = (
        json.loads(line) for line in (tmp_path / "audit.log").read_text(encoding="utf-8").splitlines()
    )
    assert (before["what"], after["what"]) == ("asked", "ended")
    assert before["request"] == after["request"] == "w1"
    assert (after["status"], after["method"], after["path"]) == (told.status_code, "POST", "/uploads")
    assert "status" not in before


def test_what_cannot_be_written_down_is_not_done(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    (tmp_path / "audit.log").mkdir()
    with open_client(Settings(tmp_path)) as client:
        refused = client.request("POST", "/uploads", content=b"x")
        assert refused.status_code == 503
        assert str(tmp_path) not in refused.text
        assert client.get(ITEMS).status_code == 200


def test_a_grown_audit_log_is_set_aside_and_named_in_the_next(tmp_path):
    import hashlib

    audit = Audit(tmp_path, most_bytes=300)
    for number in range(12):
        audit.note(what="test", number=number, text="x\ny")
    aside = sorted(tmp_path.glob("audit-*.log"))
    assert aside
    told = {}
    numbers = []
    for file in [*aside, tmp_path / "audit.log"]:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        told.update((line["file"], line["sha256"]) for line in lines if line["what"] == "continues")
        numbers += [line["number"] for line in lines if line["what"] == "test"]
    assert sorted(numbers) == list(range(12))
    for file in aside:
        assert told[file.name] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_every_setting_is_read_and_documented():
    text = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text(encoding="utf-8")
    for one in variables():
        assert f"| `{one.name}` | {f'`{one.default}`' if one.default else ''} | {one.says} |" in text, (
            one.name
        )
    told = Settings.from_environ({
        "PARKGEO_RATE_PER_S": "2.5", "PARKGEO_INSECURE": "yes", "PARKGEO_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "PARKGEO_LOG": "json", "PARKGEO_KEYS": "/etc/parkgeo/keys.json", "PARKGEO_BODY_BYTES": "5",
    })  # fmt: skip
    assert told.limits.rate_per_s == 2.5
    assert told.access == Access(
        keys=Path("/etc/parkgeo/keys.json"), insecure=True, trusted_proxies=("10.0.0.0/8", "::1")
    )
    assert told.logs == Logs("json")
    assert told.limits.body_bytes == 5


@pytest.mark.parametrize(
    "told",
    [
        {"PARKGEO_RATE_PER_S": "-1"}, {"PARKGEO_RATE_PER_S": "nan"}, {"PARKGEO_BODY_BYTES": "0"}, {"PARKGEO_BODY_BYTES": "1.5"},
        {"PARKGEO_INSECURE": "maybe"}, {"PARKGEO_TRUSTED_PROXIES": "proxy.example"}, {"PARKGEO_CORS_ORIGINS": "maps.example.cn"},
        {"PARKGEO_CORS_ORIGINS": "https://maps.example.cn/x"}, {"PARKGEO_LOG": "xml"}, {"PARKGEO_TIME_S": "0"},
    ],
)  # fmt: skip
def test_settings_of_the_guard_that_cannot_be_followed_are_refused(told):
    with pytest.raises(ProjectError):
        Settings.from_environ(told)
