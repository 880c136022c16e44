import timeit
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from api import Settings
from api.asked.selection import EVERYTHING
from api.asked.token import Token, read_token
from parkgeo.errors import ProjectError
from tests.api.conftest import open_client
from tests.snapshot_builder import HOSTILE, build_snapshot

ITEMS = "/collections/parcels/items"


def expect(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert told["detail"]
    return told


@pytest.mark.parametrize(
    "query",
    [
        *(f"limit={value}" for value in ("0", "-1", "x", "", "1.5", "1e3", "%20", "０", "NaN", "+5", "1,2", "00")),
        "limit=1&limit=2",
        *(f"bbox={value}" for value in (
            "", "1", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "200,0,1,1", "0,0,180.1,1", "-181,0,1,1", "0,0,-999,1", "0,0,0,200,1,1", "NaN,0,1,1", "0,0,inf,1", "0,0,1e999,1",
            "0,5,1,-5", "0,-91,1,1", "0,0,1,91", "0,0,9,1,1,5", "0,0,1,1,", " 0,0,1,1", "0;0;1;1", "1_0,0,20,1", "١,2,3,4",
        )),
        *(f"token={value}" for value in ("", "x", "AAAA", "%00", "Li4vLi4vZXRjL3Bhc3N3ZA", "a" * 5000, "é")),
        "f=xml", "f=", "crs=EPSG:4328", "bbox-crs=http://evil.example/", "lang=fr", "datetime=", "filter=1", "Limit=5",
        "%00=1", "a" * 3000 + "=1", "=",
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_in_a_sentence(client, query):
    told = expect(client.get(f"{ITEMS}?{query}"), 400)
    assert told["mend"]
    assert len(told["detail"]) < 200
    assert client.get(ITEMS).status_code == 200


def test_a_longitude_that_is_nowhere_is_named(client):
    told = expect(client.get(f"{ITEMS}?bbox=200,0,1,1"), 400)
    assert "-180 to 180" in told["detail"]


@pytest.mark.parametrize(
    "bbox", ["177,-90,-177,90", "-180,-90,180,90", "180,0,-180,1", "-180,-90,0,180,90,0"]
)
def test_a_box_up_to_the_antimeridian_or_across_it_is_taken(client, bbox):
    assert client.get(f"{ITEMS}?bbox={bbox}").status_code == 200


def test_a_refusal_is_quick(client):
    query = "bbox=" + "9" * 8000
    taken = timeit.repeat(lambda: client.get(f"{ITEMS}?{query}"), number=1, repeat=5)
    assert min(taken) < 0.05


def test_a_limit_above_the_largest_is_cut_and_the_default_is_ten(client):
    assert client.get(ITEMS).json()["numberReturned"] == 10
    for limit in ("10000", "10001", "9" * 400, "0060"):
        assert client.get(f"{ITEMS}?limit={limit}").json()["numberReturned"] == 60
    assert client.get(f"{ITEMS}?limit=1").json()["numberReturned"] == 1


def test_no_page_takes_unknown_parameters(client):
    paths = ("/", "/conformance", "/collections", "/collections/parcels", "/collections/parcels/schema", "/api",
             "/docs", "/map", "/healthz", "/readyz", f"{ITEMS}/320000-GB00001")  # fmt: skip
    for path in paths:
        assert client.get(path).status_code == 200
        expect(client.get(path, params={"nonsense": "1"}), 400)


def test_a_token_is_bound_to_its_query(client, snapshot):
    mark = EVERYTHING.mark("parcels")
    token = Token(snapshot.name, mark, [10])
    assert read_token(str(token)) == token
    assert client.get(f"{ITEMS}?token={token}").status_code == 200
    expect(client.get(f"{ITEMS}?token={token}&bbox=0,0,1,1"), 400)
    expect(client.get(f"/collections/findings/items?token={token}"), 400)
    expect(client.get(f"{ITEMS}?token={Token(snapshot.name, mark, [60])}"), 400)
    gone = expect(client.get(f"{ITEMS}?token={Token('2020-01-01-0123456789ab', mark, [1])}"), 410)
    assert "first page" in gone["mend"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/collections/", "/collections/nothing", "/collections/rejects", "/collections/sources/items",
        "/collections/parcels/items/", "/collections/parcels/items/nobody", "/collections/../../etc/passwd",
        "/collections/%2e%2e%2fparcels", "/collections/parcels/items/..%2f..%2f..%2fetc%2fpasswd",
        "/collections/parcels/items/%00", "/collections/parcels/items/%ff%fe", "/collections/parcels/items/" + "x" * 2000,
        "/collections/parcels/items/%F0%9F%98%80", "/openapi.json", "/redoc", "/static/x",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(client, path):
    expect(client.get(path), 404)


def test_an_endless_address_is_414(client):
    expect(client.get("/?x=" + "a" * 9000), 414)
    expect(client.get(f"{ITEMS}/" + "a" * 9000), 414)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_service_is_only_read(client, method):
    for path in ("/", ITEMS, f"{ITEMS}/320000-GB00001", "/map"):
        response = client.request(method, path)
        expect(response, 405)
        assert "GET" in response.headers["allow"]


def test_head_gives_the_headers_of_get(client):
    for path in ("/", ITEMS, "/api", "/healthz"):
        told = client.request("HEAD", path)
        assert told.status_code == 200
        assert told.headers["content-type"] == client.get(path).headers["content-type"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]", "localhost@evil.example"]
)
def test_an_unknown_host_is_refused(client, host):
    expect(client.get("/", headers={"Host": host}), 400)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:9", "[::1]:8000"])
def test_loopback_hosts_are_known(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_every_answer_carries_the_guards_headers(client):
    for path in ("/", "/?f=html", "/map", ITEMS, f"{ITEMS}?limit=x", "/nothing", "/?x=" + "a" * 9000):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_an_unknown_error_gives_an_id_and_its_text_goes_to_the_log_only(client, monkeypatch, caplog):
    def burst(*_):
        raise ZeroDivisionError("/secret/path")

    monkeypatch.setattr("api.routes.service._landing", burst)
    response = client.get("/")
    told = expect(response, 500)
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert told["error_id"] in caplog.text
    assert "/secret/path" in caplog.text


def test_hostile_ids_are_found_at_their_own_links(tmp_path):
    build_snapshot(tmp_path, hostile=True)
    with open_client(Settings(tmp_path)) as client:
        for feature in client.get(f"{ITEMS}?limit=60").json()["features"]:
            path = f"{ITEMS}/{quote(feature['id'], safe='')}"
            if len(path) > 8000:
                continue  # an id of 30 000 bytes has no address that programs take
            single = client.get(path)
            assert single.json()["properties"] == feature["properties"]
            self_link = next(link["href"] for link in single.json()["links"] if link["rel"] == "self")
            assert client.get(self_link).status_code == 200


class Tags(HTMLParser):
    """The elements and attributes that a browser would see."""

    def __init__(self, page):
        super().__init__()
        self.names, self.attributes = set(), set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("park", HOSTILE)
def test_hostile_text_is_text_on_every_page(client, monkeypatch, park):
    paths = ("/?f=html", "/collections?f=html", "/collections/parcels?f=html", "/docs")
    plain = [Tags(client.get(path).text) for path in paths]
    edition = client.app.state.parkgeo.live._current
    monkeypatch.setitem(edition.snapshot.manifest, "park", park)
    monkeypatch.setitem(edition.snapshot.manifest, "packs", [{"name": park, "edition": park}])
    monkeypatch.setitem(edition.__dict__, "summary", replace(edition.summary, park=park))
    for path, before in zip(paths, plain, strict=True):
        page = client.get(path).text
        assert escape(park).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
        assert (Tags(page).names, Tags(page).attributes) == (before.names, before.attributes)
        assert "script" not in before.names


@pytest.mark.parametrize(
    "told",
    [
        {"PARKGEO_PORT": "x"}, {"PARKGEO_PORT": "0"}, {"PARKGEO_PORT": "70000"}, {"PARKGEO_LANG": "fr"},
        {"PARKGEO_BASE_URL": "javascript:1"}, {"PARKGEO_BASE_URL": "//x"}, {"PARKGEO_BASE_URL": "http://x/?a=1"},
        {"PARKGEO_HOST": "0.0.0.0"},  # noqa: S104
    ],
)  # fmt: skip
def test_settings_that_cannot_be_followed_are_refused(told):
    with pytest.raises(ProjectError):
        Settings.from_environ(told)


def test_settings_come_from_the_environment():
    told = Settings.from_environ({
        "PARKGEO_WORKSPACE": "ws", "PARKGEO_HOST": "0.0.0.0", "PARKGEO_BASE_URL": "https://Gis.example.cn/park/",  # noqa: S104
        "PARKGEO_ALLOWED_HOSTS": "a.example, b.example",
    })  # fmt: skip
    assert told.url == "https://Gis.example.cn/park"
    assert told.hosts == {"localhost", "127.0.0.1", "::1", "gis.example.cn", "a.example", "b.example"}
    assert Settings.from_environ({"PARKGEO_HOST": "::1"}).url == "http://[::1]:8000"
