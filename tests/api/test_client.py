"""The client for Python: what it asks, what it makes of the answers, what it does when things go wrong."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parkgeo.client import Client, ClientError
from parkgeo.errors import InputError, ParkgeoError, StoreError

URL = "https://gis.example.cn/park"


class Service:
    """A service that gives the answers it is told, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request) if callable(answer) else answer

    def client(self, **options):
        return Client(URL, transport=httpx.MockTransport(self), **options)


def page(features, matched, following=None):
    links = [{"rel": "next", "href": following}] if following else []
    told = {"type": "FeatureCollection", "features": features, "numberMatched": matched, "links": links}
    return httpx.Response(200, json=told)


def problem(status, **headers):
    told = {
        "title": "Busy",
        "detail": "too many at once",
        "mend": "wait",
        "parameter": "limit",
        "error_id": "e1",
    }
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=told, headers=headers)


@pytest.fixture
def slept(monkeypatch):
    waits = []
    monkeypatch.setattr("parkgeo.client.wire.time.sleep", waits.append)
    return waits


# What was put off


@pytest.mark.parametrize("status", [429, 503])
def test_what_is_put_off_is_asked_again_when_the_service_said(slept, status):
    service = Service(problem(status, Retry_After="3"), problem(status, Retry_After="0"), page([], 0))
    assert [one.matched for one in service.client().items("parcels")] == [0]
    assert slept == [3.0, 0.0]


def test_it_is_not_asked_for_ever(slept):
    service = Service(problem(503, Retry_After="1"))
    with pytest.raises(ClientError) as caught:
        service.client(retries=2).schema("parcels")
    assert caught.value.status == 503
    assert len(service.asked) == 3
    assert slept == [1.0, 1.0]


@pytest.mark.parametrize("answer", [problem(503, Retry_After="600"), problem(429), problem(500, Retry_After="1"),
                                    problem(503, Retry_After="soon"), problem(503, Retry_After="-1")])  # fmt: skip
def test_what_a_wait_would_not_mend_is_said_at_once(slept, answer):
    service = Service(answer)
    with pytest.raises(ClientError):
        service.client().schema("parcels")
    assert len(service.asked) == 1
    assert slept == []


def test_what_is_sent_is_sent_whole_each_time(slept, tmp_path):
    archive = tmp_path / "office.zip"
    archive.write_bytes(b"PK" + bytes(3_000_000))
    sent = []

    def take(request):
        sent.append(request.read())
        return httpx.Response(202, json={"id": "j1", "state": "queued"})

    def put_off(request):
        sent.append(request.read())
        return problem(429, Retry_After="1")

    service = Service(put_off, take)
    assert service.client().upload(archive).state == "queued"
    assert sent == [archive.read_bytes()] * 2
    assert slept == [1.0]
    assert service.asked[1].headers["content-type"] == "application/zip"
    assert service.asked[1].headers["content-length"] == "3000002"
    assert "transfer-encoding" not in service.asked[1].headers


# What went wrong


def test_a_problem_is_told_whole():
    with pytest.raises(ClientError) as caught:
        Service(problem(400)).client().schema("parcels")
    error = caught.value
    assert (error.status, error.detail, error.mend) == (400, "too many at once", "wait")
    assert (error.parameter, error.error_id) == ("limit", "e1")
    assert isinstance(error, ParkgeoError)
    assert str(error) == "too many at once — GET /collections/parcels/schema — wait"


@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"", b"[1]", b'{"detail": 5}', b"\xff"])
def test_a_proxy_in_between_is_understood(body):
    with pytest.raises(ClientError) as caught:
        Service(httpx.Response(502, content=body)).client().schema("parcels")
    assert caught.value.detail == "the service answered 502"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff\xfe"])
def test_another_answer_than_json_is_an_error_of_ours(body):
    with pytest.raises(ClientError):
        Service(httpx.Response(200, content=body)).client().schema("parcels")


def test_nobody_there():
    with Client("http://127.0.0.1:9", timeout=5) as client, pytest.raises(ClientError) as caught:
        client.collections()
    assert caught.value.status == 0
    assert "cannot be reached" in str(caught.value)


@pytest.mark.parametrize("url", ["", "gis.example.cn", "file:///etc/passwd", "http://", "http://a/?x=1"])
def test_what_is_no_address(url):
    with pytest.raises(ClientError):
        Client(url)


def test_a_redirect_is_not_followed():
    service = Service(httpx.Response(302, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(ClientError):
        service.client(key="secret").collections()
    assert len(service.asked) == 1


# Keys


def test_the_key_goes_to_the_service_only_and_into_no_message():
    away = "https://elsewhere.example/collections/parcels/items?limit=1000&token=t1"
    feature = {"type": "Feature", "id": "A", "properties": {}, "geometry": None}
    service = Service(page([feature], 2, away), page([feature], 2), problem(403))
    client = service.client(key="secret-key")
    assert sum(len(one.features) for one in client.items("parcels")) == 2
    with pytest.raises(ClientError) as caught:
        client.collections()
    assert {request.url.host for request in service.asked} == {"gis.example.cn"}
    assert {request.headers["authorization"] for request in service.asked} == {"Bearer secret-key"}
    assert dict(service.asked[1].url.params) == {"limit": "1000", "token": "t1"}
    assert "secret-key" not in str(caught.value) + repr(client)


def test_a_key_in_the_path_is_in_no_message():
    service = Service(problem(403))
    client = Client("https://gis.example.cn/k/secret-key", transport=httpx.MockTransport(service))
    with pytest.raises(ClientError) as caught:
        client.collections()
    assert service.asked[0].url.path == "/k/secret-key/collections"
    assert "secret-key" not in str(caught.value)


# Pages


def test_a_part_is_never_taken_for_the_whole():
    feature = {"type": "Feature", "id": "A", "properties": {}, "geometry": None}
    with pytest.raises(ClientError, match="1 of 5 features"):
        list(Service(page([feature], 5)).client().items("parcels"))
    grown = Service(page([feature], 2, f"{URL}/x?token=t1"), page([feature], 3))
    with pytest.raises(ClientError, match="2 features at first, and are 3 now"):
        list(grown.client().items("parcels"))
    with pytest.raises(ClientError, match="leads to the same"):
        list(Service(page([feature], 9, f"{URL}/x?token=t1")).client().items("parcels"))
    with pytest.raises(ClientError, match="no page of features"):
        list(Service(httpx.Response(200, json={"features": "many"})).client().items("parcels"))


def test_a_snapshot_no_longer_kept_is_said():
    feature = {"type": "Feature", "id": "A", "properties": {}, "geometry": None}
    pages = Service(page([feature], 2, f"{URL}/x?token=t1"), problem(410)).client().items("parcels")
    assert len(next(pages).features) == 1
    with pytest.raises(ClientError) as caught:
        next(pages)
    assert caught.value.status == 410


def test_parameters_as_they_are_asked():
    service = Service(page([], 0))
    list(
        service.client().items(
            "parcels",
            bbox=(3_512_000, 497_000.5, 3_513_000, 498_000),
            bbox_crs=4549,
            crs="EPSG:4490",
            filter={"op": "=", "args": [{"property": "holder"}, "新城"]},
            datetime=(None, dt.date(2026, 6, 30)),
            sortby="-site_area_m2",
            properties=["parcel_id", "holder"],
            equal={"idle": "yes", "oneway": True},
            limit=7,
        )
    )
    assert dict(service.asked[0].url.params) == {
        "bbox": "3512000.0,497000.5,3513000.0,498000.0",
        "bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/4549",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/4490",
        "filter": '{"op": "=", "args": [{"property": "holder"}, "新城"]}',
        "filter-lang": "cql2-json",
        "datetime": "../2026-06-30",
        "sortby": "-site_area_m2",
        "properties": "parcel_id,holder",
        "idle": "yes",
        "oneway": "true",
        "limit": "7",
    }


ANY = Service(httpx.Response(200, json={}))
ANYTHING = ANY.client()


@given(st.text(st.characters(codec="utf-8"), min_size=1))
@example("..")
@example(".")
@example("../../keys?x=1#y")
@example("GB 1/2%2F\r\n")
@example("宗地🏭")
def test_an_id_is_one_segment_whatever_it_holds(name):
    ANYTHING.item("parcels", name)
    path = ANY.asked[-1].url.raw_path.decode("ascii")
    start = "/park/collections/parcels/items/"
    assert path.startswith(start)
    assert "/" not in path.removeprefix(start)
    assert "?" not in path
    assert unquote(path.removeprefix(start)) == name


# Files and jobs


def test_a_file_that_breaks_off_leaves_the_old_one(tmp_path):
    place = tmp_path / "parcels.csv"
    place.write_text("old", encoding="utf-8")

    class BreaksOff(httpx.SyncByteStream):
        def __iter__(self):
            yield b"new"
            raise httpx.RemoteProtocolError("peer closed the connection")

    service = Service(lambda _: httpx.Response(200, stream=BreaksOff()))
    with pytest.raises(ClientError, match="cannot be reached"):
        service.client().export("parcels", "csv", place)
    assert place.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["parcels.csv"]


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    service = Service(httpx.Response(200, content=b"new"))
    with pytest.raises(StoreError):
        service.client().export("parcels", "csv", tmp_path / "file" / "parcels.csv")


def test_an_archive_that_is_not_there(tmp_path):
    with pytest.raises(InputError):
        Service(page([], 0)).client().upload(tmp_path / "none.zip")


def test_a_job_is_waited_for(slept):
    states = [
        httpx.Response(200, json={"id": "j1", "state": state}) for state in ("queued", "running", "done")
    ]
    job = Service(states[0], *states).client().job("j1")
    assert not job.ended
    assert job.wait().state == "done"
    assert slept == sorted(slept)
    assert len(slept) == 2


def test_a_job_that_takes_too_long_is_said_and_goes_on():
    job = Service(httpx.Response(200, json={"id": "j1", "state": "running"})).client().job("j1")
    with pytest.raises(ClientError, match="still running"):
        job.wait(0)


def test_events_end_with_the_job():
    stream = (
        'retry: 3000\n\nid: 1\nevent: step\ndata: {"step": "read"}\n\n: still at work\n\n'
        'id: 2\nevent: state\ndata: {"state":\ndata: "done"}\n\n'
    )
    service = Service(
        httpx.Response(200, json={"id": "j1", "state": "running"}),
        httpx.Response(200, text=stream, headers={"Content-Type": "text/event-stream"}),
        httpx.Response(200, json={"id": "j1", "state": "done"}),
    )
    job = service.client().job("j1")
    events = list(job.events(after="0"))
    assert [(event.id, event.kind, event.told) for event in events] == [
        ("1", "step", {"step": "read"}),
        ("2", "state", {"state": "done"}),
    ]
    assert service.asked[1].headers["last-event-id"] == "0"
    assert job.state == "done"


def test_a_scenario_from_a_file_or_a_mapping(tmp_path):
    changes = {"type": "FeatureCollection", "features": []}
    file = tmp_path / "changes.geojson"
    file.write_text(json.dumps(changes), encoding="utf-8")
    service = Service(lambda _: httpx.Response(202, json={"id": "j1", "state": "queued"}))
    client = service.client()
    for told in (changes, file, str(file)):
        assert client.scenario(told).id == "j1"
    assert {request.read() for request in service.asked} == {json.dumps(changes).encode()}
    assert {request.headers["content-type"] for request in service.asked} == {"application/geo+json"}


# Sites


def test_a_brief_is_sent_as_it_is_or_out_of_a_file(tmp_path):
    brief = {"name": "齿轮厂", "needs": {"area": "30 亩"}}
    (tmp_path / "brief.toml").write_text('name = "齿轮厂"\n[needs]\narea = "30 亩"\n', encoding="utf-8")
    (tmp_path / "brief.json").write_text(json.dumps(brief), encoding="utf-8")
    service = Service(httpx.Response(200, json={"ranked": []}))
    for told in (brief, tmp_path / "brief.toml", str(tmp_path / "brief.json")):
        assert service.client(snapshot="2026-06-30-0123456789ab").search_sites(told) == {"ranked": []}
        request = service.asked[-1]
        assert (request.method, request.url.path) == (
            "POST",
            "/park/snapshots/2026-06-30-0123456789ab/sites/search",
        )
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == brief


def test_a_file_that_is_no_brief_is_said_before_anything_is_sent(tmp_path):
    service = Service(httpx.Response(200, json={}))
    (tmp_path / "brief.toml").write_text("name = ", encoding="utf-8")
    for told in (tmp_path / "brief.toml", tmp_path / "nowhere.toml", {"top": float("nan")}):
        with pytest.raises(InputError):
            service.client().allocate(told)
    assert service.asked == []


def test_faults_come_one_by_one():
    told = {"detail": "the brief has 2 to mend", "faults": ["area is 0", "top is 0", 5]}
    with pytest.raises(ClientError) as caught:
        Service(httpx.Response(400, json=told)).client().search_sites({})
    assert caught.value.faults == ("area is 0", "top is 0")


def test_fits_are_a_table_over_all_pages():
    def fits(number, following=None):
        rows = [
            {
                "site_id": f"P{number}",
                "industry": "food",
                "grade": "no",
                "score": None if number else 51,
                "failed": [],
            }
        ]
        links = [{"rel": "next", "href": following}] if following else []
        return httpx.Response(200, json={"fits": rows, "numberMatched": 2, "links": links})

    service = Service(fits(0, "https://elsewhere.example/fit?token=t&limit=1000"), fits(1))
    table = service.client().fit(industry=["food", "storage"], grade="no", parcel="P 0")
    assert table["site_id"].tolist() == ["P0", "P1"]
    assert table["score"].tolist()[0] == 51.0
    assert table["score"].isna().tolist() == [False, True]
    first, second = (dict(request.url.params) for request in service.asked)
    assert first == {"industry": "food,storage", "grade": "no", "parcel": "P 0", "limit": "1000"}
    assert second == {"token": "t", "limit": "1000"}
    assert service.asked[1].url.host == "gis.example.cn"
    empty = Service(httpx.Response(200, json={"fits": [], "numberMatched": 0, "links": []})).client().fit()
    assert list(empty.columns) == list(table.columns)


def test_an_allocation_may_join_parcels():
    service = Service(httpx.Response(200, json={"state": "optimal"}))
    service.client().allocate({"projects": []}, join=True)
    service.client().allocate({"projects": []})
    assert [str(one.url) for one in service.asked] == [f"{URL}/allocations?join=true", f"{URL}/allocations"]
