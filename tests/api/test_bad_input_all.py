"""Every parameter of every address, as the OpenAPI document lists them, with values that are wrong in every way."""

import json
from urllib.parse import quote

import pytest

from tests.api.walk import NOT_HERE, ask_raw, operations, read_document

ALLOWED = {200, 204, 206, 304, 400, 404, 405, 410, 413, 414, 415, 422, 429}
DEEP = 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def _nested(levels):
    told = {"op": "=", "args": [{"property": "idle"}, "yes"]}
    text = json.dumps(told)
    return '{"op":"not","args":[' * levels + text + "]}" * levels


# As they stand in an address; what is not ASCII is percent-encoded, and what no text can hold as its bytes.
ANYWHERE = {
    "empty": "",
    "wrong type": "x",
    "number": "-1",
    "zero": "000",
    "fraction": "1.5e3",
    "huge": "9" * 400,
    "huge exponent": "1e999",
    "not a number": "NaN",
    "infinite": "-Infinity",
    "commas": ",,,,",
    "list": "a,b,c,a",
    "null byte": "a%00b",
    "traversal": "..%2F..%2F..%2Fetc%2Fpasswd",
    "traversal, twice encoded": "%252e%252e%252fetc",
    "backslashes": quote("..\\..\\windows\\win.ini"),
    "Chinese": quote("宗地"),
    "emoji": quote("🏭👩‍👩‍👧"),
    "right to left": quote("\u202eidle\u2066"),
    "surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "cut UTF-8": "%E5%AE",
    "percent": "%25",
    "new lines": "a%0D%0ASet-Cookie:%20a=1",
    "quotes": quote("'; DROP TABLE parcels; --"),
    "markup": quote("<script>alert(1)</script>"),
    "formula": quote('=HYPERLINK("x")'),
    "template": quote("{{7*7}}${7*7}%s%n{0.__class__}"),
    "json": quote('{"a":[1,2'),
    "long": "a" * 7_000,
}
BOXES = {
    "reversed": "121,32,119,31",
    "across the antimeridian": "177,-10,-177,10",
    "nowhere": "500,0,501,1",
    "three": "1,2,3",
    "seven": "1,2,3,4,5,6,7",
    "point": "120,31,120,31",
    "words": "a,b,c,d",
    "with NaN": "NaN,0,1,1",
    "world": "-180,-90,180,90",
    "heights reversed": "119,31,9,121,32,1",
}
SYSTEMS = {
    "unknown": "http://www.opengis.net/def/crs/EPSG/0/999999",
    "elsewhere": quote("https://evil.example/crs", safe=":/"),
    "file": "file:///etc/passwd",
    "short": "EPSG:4326",
    "not offered": "http://www.opengis.net/def/crs/EPSG/0/27700",
}
MOMENTS = {
    "backwards": "2026-06-30/2020-01-01",
    "no day": "2026-02-30",
    "far": "99999-01-01",
    "open": "../..",
    "three": "2020-01-01/2021-01-01/2022-01-01",
    "time": "2026-06-30T25:61:61Z",
}
# Deep ones are cut to the length of an address where they stand in one.
FILTERS = {
    "unknown property": quote("nowhere = 1"),
    "unknown function": quote("evil(idle) = 1"),
    "unfinished": quote("idle = 'yes' AND ("),
    "wrong kinds": quote("site_area_m2 = 'x' OR idle > 5"),
    "division": quote("1 / 0 = 1"),
    "bad shape": quote("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))"),
    "shape of NaN": quote("S_INTERSECTS(geometry, POINT(NaN NaN))"),
    "brackets": "(" * 4_000 + "1=1" + ")" * 4_000,
    "negations": "NOT+" * 2_000 + "1=1",
    "sums": "1" + "%2B1" * 2_000 + "=1",
    "percents": quote("idle LIKE '" + "%" * 800 + "a'"),
    "words": quote(" AND ".join(["1=1"] * 500)),
}
OWN = {
    "bbox": BOXES, "crs": SYSTEMS, "bbox-crs": SYSTEMS, "filter-crs": SYSTEMS, "datetime": MOMENTS, "as_of": MOMENTS,
    "filter": FILTERS,
}  # fmt: skip
TAGS = ["service", "data", "map", "records", "siting", "exports", "jobs", "health"]

# The same code answers for all collections; one of these has geometry and fields of every kind, the other none.
COLLECTIONS = ("parcels", "gaps")


@pytest.fixture(scope="module")
def document(client):
    return read_document(client)


def looked_at(document, tag):
    for one in operations(document):
        of = one.path.split("/")[2] if one.path.startswith("/collections/") else ""
        if one.told["tags"] == [tag] and (not of or of.startswith("{") or of in COLLECTIONS):
            yield one


def values_of(parameter):
    yield from ANYWHERE.items()
    yield from OWN.get(parameter["name"], {}).items()


def check(response, more=frozenset()):
    where = f"{response.asked}: {response.text[:300]}"
    assert response.status_code in ALLOWED | more, where
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json", where
        told = response.json()
        assert told["status"] == response.status_code
        assert told["detail"]
        assert len(response.content) < 4_000, where
        assert "Traceback" not in response.text
    for value in response.headers.values():
        assert "\n" not in value
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    ("store", "tag"),
    [*(("folder", tag) for tag in TAGS), ("postgis", "data")],
    indirect=["store"],
    scope="session",
)
def test_a_hostile_value_is_refused_or_means_something(client, document, tag):
    """Of a database only what goes into it: the rest is the same code."""
    asked = 0
    for one in looked_at(document, tag):
        # A HEAD goes the same way up to the body; what is written for seconds is not written here.
        method = "HEAD" if tag == "exports" and one.name.startswith("export.") else one.method.upper()
        for parameter in one.parameters:
            for value in dict(values_of(parameter)).values():
                # The account of a job is for those who may see what is personal; that is looked at first.
                more = {403} if one.name.startswith("job.account") else set()
                check(ask_raw(client, method, one.address(**{parameter["name"]: value})), more)
                asked += 1
        unknown = ask_raw(
            client, method, one.address() + ("&" if "?" in one.address() else "?") + "no%00where=1"
        )
        assert unknown.status_code == 400, one.path
        check(unknown)
        plain = ask_raw(client, method, one.address())
        well = {404} if one.name in NOT_HERE else {200, 204} if tag != "jobs" else {200, 403, 404, 415}
        well |= {415} if one.method == "post" else set()  # it wants a body
        assert plain.status_code in well, one.path
        asked += 2
    assert asked > (5 if tag == "health" else 100)


@pytest.mark.parametrize("form", ["cql2-text", "cql2-json"])
def test_filters_of_ten_thousand_levels_are_refused(client, document, form):
    """As long as they are, the address is too long; as deep as fits into one, they are refused as filters."""
    whole = _nested(DEEP) if form == "cql2-json" else "(" * DEEP + "1=1" + ")" * DEEP
    for one in operations(document):
        names = {parameter["name"] for parameter in one.parameters}
        if "filter" not in names or (one.path.startswith("/collections/") and "/parcels/" not in one.path):
            continue
        given = {"filter-lang": form} if "filter-lang" in names else {}
        response = ask_raw(client, "GET", one.address(filter=quote(whole), **given))
        assert response.status_code == 414
        check(response)
    items = "/collections/parcels/items"
    for levels in (300, 60):
        deep = _nested(levels) if form == "cql2-json" else "(" * levels * 10 + "1=1" + ")" * levels * 10
        response = ask_raw(
            client, "GET", f"{items}?filter-lang={form}&filter={quote(deep, safe='(){}[]:,=')}"
        )
        check(response)
        assert response.status_code in {400, 414}
    assert ask_raw(client, "GET", f"{items}?filter=idle='yes'").status_code == 200


def test_an_address_of_a_megabyte_is_refused_everywhere(client, document):
    for tag in TAGS:
        for one in looked_at(document, tag):
            address = one.address()
            response = ask_raw(
                client, one.method.upper(), f"{address}{'&' if '?' in address else '?'}x={'a' * 1_000_000}"
            )
            assert response.status_code == 414
            check(response)
        assert ask_raw(client, "GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "a" * 20_000}, {"Accept": "text/html;q=NaN, */*;q=-1"}, {"Accept": ",;=," * 500}, {"Accept-Language": "zh-" * 5_000},
        {"Accept-Encoding": "gzip;q=0"}, {"If-None-Match": '"' * 5_000}, {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"},
        {"Range": "bytes=99999999999999999999-"}, {"Range": "bytes=-0,-1,5-2"}, {"Range": "lines=1-2"}, {"If-Range": "x", "Range": "bytes=0-1"},
        {"Authorization": "Bearer"}, {"X-API-Key": "宗地".encode()}, {"X-API-Key": "a", "Authorization": "Bearer b"}, {"Host": "a b"}, {"Host": "x" * 300},
        {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Prefix": "/\r\nA: b".replace("\r\n", " ")}, {"Forwarded": "host=evil.example"},
        {"Content-Length": "-5"}, {"Content-Length": "9" * 30}, {"Content-Encoding": "br"}, {"Last-Event-ID": "9" * 5_000},
        {"Transfer-Encoding": "a"}, {"X-Request-ID": "a\tb" * 300}, {"Cookie": "a=b; " * 1_000}, {"Origin": "null"}, {"Expect": "100-continue"},
        {f"X-{number}": "a" for number in range(150)}, {"X-Big": "a" * 40_000},
    ],
    ids=lambda headers: next(iter(headers)),
)  # fmt: skip
def test_headers_that_play_games(client, store, headers):
    paths = [
        "/",
        "/collections/parcels/items?limit=2",
        "/parcels.geojson",
        "/tiles/WebMercatorQuad/14/6654/13650",
        "/nothing",
    ]
    for path in [*paths, *([] if store else ["/jobs"])]:
        response = ask_raw(client, "GET", path, headers)
        assert response.status_code in ALLOWED | {401, 403, 431}, (
            path,
            response.status_code,
            response.text[:300],
        )
        assert "evil.example" not in response.text
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json"
    assert ask_raw(client, "GET", "/collections/parcels/items?limit=2").json()["numberReturned"] == 2


def test_a_snapshot_that_is_not_there_is_not_found_at_any_address(client, document):
    for name in (
        "2020-01-01-0123456789ab",
        "..",
        "%2e%2e%2f",
        "current",
        quote("宗地"),
        "%00",
        "CURRENT",
        "a" * 300,
    ):
        for path, item in document["paths"].items():
            if "x-parkgeo-in-snapshots" not in item or "{" in path or "post" in item:
                continue
            response = ask_raw(client, "GET", f"/snapshots/{name}{path}")
            check(response)
            assert response.status_code in {400, 404}, (name, path)
