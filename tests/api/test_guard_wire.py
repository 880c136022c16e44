"""Requests as bytes to a service that is really started: what two programs may read differently is not answered twice."""

import contextlib
import json
import socket

import pytest

from api.settings import Access, Limits
from tests.api.guarded import new_key, running
from tests.snapshot_builder import build_snapshot

ITEMS = b"/collections/parcels/items"
PARSERS = ["", "h11", "httptools"]
"""The one that is served with, and those that uvicorn takes by itself elsewhere."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wire")
    build_snapshot(folder, parcels=5)
    return folder


@pytest.fixture(scope="module", params=PARSERS)
def service(request, folder):
    with running(folder, http=request.param, limits=Limits(body_bytes=1_000, upload_bytes=2_000)) as started:
        yield started


@pytest.fixture(scope="module")
def served(folder):
    """As it is served, with the limits that it has by itself."""
    with running(folder) as started:
        yield started


def get(path, *headers, method=b"GET", body=b""):
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (get(b"/healthz"), {200}),
        (get(b"/", b"Host: evil.example"), {400}),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", {400}),
        (b"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", {400}),
        (get(b"http://evil.example/collections"), {200, 400, 404}),
        (get(b"/", b"Content-Length: 5", b"Content-Length: 6", body=b"12345"), {400}),
        (get(b"/", b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), {400}),
        (get(b"/", b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), {400, 501}),
        (get(b"/", b"Content-Length: -5"), {400}),
        (get(b"/", b"Content-Length: 99999999999999999999999999"), {400, 413}),
        (get(b"/", b"X y: 1"), {400}),
        (get(b"/", b"X: a\x00b"), {400}),
        (get(b"/%0d%0aX-Evil:%20yes"), {404}),
        (get(b"/\r\nX-Evil: yes"), {200, 400}),
        (get(b"/", method=b"GE T"), {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {400}),
        (get(b"/", b"X: " + b"a" * 1_000_000), {400, 431}),
        (get(b"/" + b"a" * 20_000), {400, 414}),
        (get(b"/uploads", b"Content-Length: 3000", method=b"POST", body=b"x" * 3000), {413}),
        (get(b"/uploads", b"Content-Type: application/zip", b"Transfer-Encoding: chunked", method=b"POST", body=b"bb8\r\n" + b"x" * 3000 + b"\r\n0\r\n\r\n"), {413}),
        (get(b"/k/%s/" % (b"A" * 60)), {401}),
    ],
)  # fmt: skip
def test_games_with_the_wire(service, request_, statuses):
    got = service.raw(request_)
    status = int(got.split(b" ", 2)[1])
    assert status in statuses, got[:300]
    assert b"\r\nX-Evil" not in got
    assert b"\nx-evil" not in got.lower()
    assert service.status(get(b"/healthz")) == 200


def test_an_absolute_target_does_not_choose_the_links(service):
    got = service.raw(get(b"http://evil.example/collections"))
    assert b"evil.example/collections" not in got.split(b"\r\n\r\n", 1)[-1]


def test_a_smuggled_second_request_is_not_answered(service):
    inner = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: smuggled\r\n\r\n"
    for headers in (
        [b"Content-Length: %d" % len(inner), b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: xchunked", b"Content-Length: 0"],
        [b"Transfer-Encoding : chunked"],
    ):
        got = service.raw(get(b"/healthz", *headers, method=b"POST", body=b"0\r\n\r\n" + inner), wait_s=3)
        assert b"smuggled" not in got


def test_no_answer_says_which_server_it_is(folder):
    with running(folder) as service:
        head = service.raw(get(b"/healthz")).split(b"\r\n\r\n")[0].lower()
        assert b"\r\nserver:" not in head
        for name in (b"x-content-type-options", b"content-security-policy", b"x-request-id"):
            assert name in head


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X-a: " + b"b" * 1_000 + b"\r\n"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: ", b"b" * 1_000),
        (b"GET /", b"a" * 1_000),
        (b"POST /uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X-a: " + b"b" * 1_000 + b"\r\n"),
        (b"POST /uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"b" * 1_000),
    ],
    ids=["headers", "a header", "an address", "headers behind a body", "a remark on a part"],
)  # fmt: skip
def test_what_never_ends_is_cut_off(folder, first, then):
    with (
        running(folder) as service,
        socket.create_connection(("127.0.0.1", service.port), timeout=20) as line,
    ):
        sent = 0
        line.sendall(first)
        with contextlib.suppress(OSError):
            while sent < 5_000_000:
                sent += line.send(then)
        assert sent < 5_000_000
        assert service.status(get(b"/healthz")) == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get(ITEMS + b"?filter=" + b"a" * 1_000_000), 414),
        (get(ITEMS + b"?filter=" + b"a" * 10_000), 414),
        (get(b"/", b"X: " + b"a" * 1_000_000), 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 1_000_000, 431),
        (get(b"/", b"X: " + b"a" * 40_000), 431),
        (get(b"/", *(b"X%d: " % number + b"a" * 1_000 for number in range(1_000))), 431),
        (get(b"/", b"Content-Length: -5"), 400),
        (get(b"/", b"Content-Length: abc"), 400),
        (get(b"/", b"X y: 1"), 400),
        (get(b"/\xff"), 400),
        (get(b"http://"), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"\0" * 1_000_000, 400),
        (get(b"/healthz", b"Transfer-Encoding: chunked", method=b"POST", body=b"x\r\n"), 400),
    ],
    ids=lambda told: told[:40].decode("latin-1") if isinstance(told, bytes) else None,
)
def test_what_cannot_be_read_is_a_problem_as_all_others(served, request_, status):
    head, _, body = served.raw(request_).partition(b"\r\n\r\n")
    first, *lines = head.lower().split(b"\r\n")
    told = dict(line.split(b": ", 1) for line in lines)
    assert int(first.split()[1]) == status
    assert told[b"content-type"] == b"application/problem+json"
    assert (told[b"connection"], told[b"x-content-type-options"]) == (b"close", b"nosniff")
    assert told[b"x-request-id"]
    assert int(told[b"content-length"]) == len(body)
    problem = json.loads(body)
    assert (problem["status"], bool(problem["detail"]), bool(problem["mend"])) == (status, True, True)
    assert served.status(get(b"/healthz")) == 200


def test_nothing_comes_behind_the_answer_to_what_cannot_be_read(served):
    got = served.raw(
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + b"GET / HTTP/1.1\r\nX y: 1\r\n\r\n"
    )
    assert got.count(b"HTTP/1.1 ") == 1
    garbage = served.raw(b"GE\0\r\n\r\n" + get(b"/healthz"))
    assert garbage.count(b"HTTP/1.1 ") == 1


def test_requests_behind_one_another_are_answered_in_order_and_no_end_of_them_is_not(folder):
    one = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: r%d\r\n\r\n"
    with running(folder) as service:
        got = service.raw(b"".join(one % number for number in range(20)) + get(b"/readyz"), wait_s=5)
        places = [got.index(b"x-request-id: r%d\r\n" % number) for number in range(20)]
        assert places == sorted(places)
        assert got.count(b"HTTP/1.1 200") == 21
        got = service.raw(b"".join(one % number for number in range(5_000)), wait_s=5)
        assert got.count(b"HTTP/1.1 200") < 5_000
        assert service.status(get(b"/healthz")) == 200


def test_forwarded_headers_of_anyone_mean_nothing_and_of_a_proxy_do(folder):
    forwarded = (
        b"X-Forwarded-Host: gis.example.cn",
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-For: 203.0.113.9",
    )
    with running(folder, allowed_hosts=("gis.example.cn",)) as service:
        body = json.loads(service.raw(get(b"/?f=json", *forwarded)).split(b"\r\n\r\n", 1)[1])
        assert body["links"][0]["href"].startswith("http://127.0.0.1:")
        assert (
            service.status(get(b"/uploads", *forwarded, b"Content-Length: 1", method=b"POST", body=b"x"))
            == 403
        )
    proxy = Access(trusted_proxies=("127.0.0.1",))
    with running(folder, allowed_hosts=("gis.example.cn",), access=proxy) as service:
        body = json.loads(service.raw(get(b"/?f=json", *forwarded)).split(b"\r\n\r\n", 1)[1])
        assert body["links"][0]["href"].startswith("https://gis.example.cn/")


def test_a_key_in_the_path_works_over_the_wire(tmp_path):
    build_snapshot(tmp_path, parcels=3)
    secret = new_key(tmp_path).encode()
    with running(tmp_path) as service:
        assert service.status(get(ITEMS)) == 401
        assert service.status(get(b"/k/" + secret + ITEMS)) == 200
        assert service.status(get(b"/k/" + secret + b"x" + ITEMS)) == 401
        assert service.status(get(ITEMS, b"Authorization: Bearer " + secret)) == 200
        assert (
            service.status(get(ITEMS, b"Authorization: Bearer " + secret, b"Authorization: Bearer x")) == 400
        )
