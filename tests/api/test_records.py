"""A parcel's dossier, a park, the findings counted, the search: against the snapshot, and with hostile ids and words."""

import contextlib
import json
import re
from urllib.parse import quote

import pandas as pd
import pytest

from api import Settings
from api.asked.visit import Caller
from parkgeo.report import dossier
from parkgeo.store import Workspace
from tests.api.conftest import open_client
from tests.api.walk import NOT_HERE
from tests.report_snapshot import build_report_snapshot
from tests.snapshot_builder import HOSTILE, PARK_ID, PERSONAL, build_snapshot

PARCEL = "320000-GB00003"  # suspected idle by construction


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """A snapshot with every table that a dossier shows."""
    folder = tmp_path_factory.mktemp("rich")
    build_report_snapshot(folder)
    with open_client(Settings(folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    snapshot = build_snapshot(folder, hostile=True)
    with open_client(Settings(folder)) as opened:
        yield opened, snapshot


@contextlib.contextmanager
def open_as(workspace, caller):
    """The service as one caller sees it, in the place of the guard, which says who asks."""

    def stand_in(app):
        async def call(scope, receive, send):
            await app({**scope, "parkgeo.caller": caller}, receive, send)

        return call

    with open_client(Settings(workspace)) as client:
        client.app.guarded_by = stand_in
        yield client


# — parcels


def test_the_dossier_is_the_one_of_the_command_line(client, snapshot):
    answer = client.get(f"/parcels/{PARCEL}")
    assert answer.status_code == 200
    told = answer.json()
    links = told.pop("links")
    assert told == json.loads(json.dumps(dossier(snapshot, PARCEL), default=str))
    assert {link["rel"] for link in links} == {"self", "alternate", "item", "related", "up"}
    assert told["verdicts"]["idle_not_started"] == "yes"
    assert told["fields"]["site_area_m2"]["unit"] == "m2"


def test_a_dossier_with_all_tables_says_the_same_as_the_whole_snapshot_does(rich):
    """The service reads only what is about the parcel; nothing of the dossier may be lost by that."""
    snapshot = rich.app.state.parkgeo.live.shelf.current()
    for parcel_id in snapshot.read("parcels")["parcel_id"][:6]:
        told = rich.get(f"/parcels/{parcel_id}").json()
        del told["links"]
        assert told == json.loads(json.dumps(dossier(snapshot, parcel_id), default=str))
        assert told["evidence"]


def test_golden_dossier(client):
    told = client.get(f"/parcels/{PARCEL}").json()
    assert told["reason"]["en"] == (
        "Suspected idle: agreed start 2024-03-01, no start reported by 2026-06-30 (474 days; Order 53 art. 2 ¶1)."
    )
    assert told["fields"]["idle_days"] == {
        "value": 474.0,
        "zh": "闲置天数",
        "en": "Days idle",
        "unit": "day",
        "source": "",
    }
    finding = told["findings"][0]
    assert (finding["code"], finding["verdict"], finding["severity"]) == ("idle_not_started", "yes", "high")
    assert (finding["observed"], finding["threshold"], finding["unit"], finding["verified"]) == (
        480.0,
        365.0,
        "day",
        True,
    )
    assert finding["clause_zh"] == "闲置土地处置办法 第二条第一款"
    supply = next(record for record in told["records"] if record["table"] == "supply")
    assert supply["values"]["agreed_start"] == "2024-03-01"
    assert (supply["file"], supply["row"]) == ("sample.gpkg", 3)
    assert told["gaps"] == []
    undetermined = client.get("/parcels/320000-GB00005").json()
    assert [gap["field"] for gap in undetermined["gaps"]] == ["agreed_start", "handover_on"]
    assert undetermined["gaps"][0]["zh"] == "请向供地科索取：约定动工日期"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_a_parcel_is_in_the_language_asked_for_and_runs_nothing(client, lang):
    page = client.get(f"/parcels/{PARCEL}", params={"f": "html", "lang": lang})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-language"] == lang
    assert ("闲置" if lang == "zh" else "Suspected idle") in page.text
    assert PARCEL in page.text
    assert "<script" not in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]


def test_browsers_get_the_page_and_programs_the_record(client):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert client.get(f"/parcels/{PARCEL}", headers=browser).headers["content-type"].startswith("text/html")
    assert client.get(f"/parcels/{PARCEL}").headers["content-type"] == "application/json"


def test_paper_is_a_real_file_made_once(client, monkeypatch):
    first = client.get(f"/parcels/{PARCEL}?f=pdf&lang=en")
    assert first.headers["content-type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")

    def refuse(*_args, **_options):
        raise AssertionError("made again")

    monkeypatch.setattr("parkgeo.report.write_dossier", refuse)
    assert client.get(f"/parcels/{PARCEL}?f=pdf&lang=en").content == first.content
    again = client.get(f"/parcels/{PARCEL}?f=pdf&lang=en", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_kept_are_bounded(client):
    edition = client.app.state.parkgeo.live

    async def fill():
        live = await edition.current()
        for number in range(200):
            await live.page(f"made up {number}", lambda: b"x")
        return len(live._pages)

    assert client._portal.call(fill) <= 64


def test_other_forms_are_in_the_link_header(client):
    header = client.get(f"/parcels/{PARCEL}?f=html").headers["link"]
    found = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', header)
    assert {kind for _, kind in found} >= {"application/json", "application/pdf"}
    assert all(client.get(url).status_code == 200 for url, kind in found if kind == "application/json")


@pytest.mark.parametrize(
    "wrong",
    [
        "nix",
        "..%2fparks",
        "../parcels",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "宗地",
        "🏭",
        "a/b/c",
        "x" * 4000,
        "%00",
        "'; DROP TABLE parcels--",
    ],
)
def test_an_unknown_parcel_or_park_is_not_found(client, wrong):
    for kind in ("parcels", "parks"):
        for form in ("json", "html"):
            answer = client.get(f"/{kind}/{wrong if '%' in wrong else quote(wrong, safe='')}?f={form}")
            assert answer.status_code == 404, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["f=xml", "f=", "lang=fr", "x=1", "f=json&f=html", "f=../../etc/passwd"])
def test_wrong_parameters_are_refused(client, query):
    for path in (f"/parcels/{PARCEL}", f"/parks/{PARK_ID}", "/findings", "/search?q=GB"):
        answer = client.get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert answer.status_code == 400, (path, answer.text)


def test_any_id_leads_to_its_parcel(hostile):
    client, snapshot = hostile
    for parcel_id in snapshot.read("parcels")["parcel_id"][: len(HOSTILE)]:
        if len(parcel_id) > 1000:
            continue  # a longer address than is read
        answer = client.get(f"/parcels/{quote(parcel_id, safe='')}")
        assert answer.status_code == 200, parcel_id
        assert answer.json()["parcel_id"] == parcel_id
        for link in answer.json()["links"]:
            if link["rel"] == "item":
                assert client.get(link["href"]).json()["id"] == parcel_id


def test_hostile_text_stays_text_in_pages(hostile):
    client, snapshot = hostile
    parcel_id = snapshot.read("parcels")["parcel_id"][0]
    pages = [f"/parcels/{quote(parcel_id, safe='')}", f"/parks/{PARK_ID}", "/findings", "/search?q=owned"]
    for path in pages:
        page = client.get(f"{path}{'&' if '?' in path else '?'}f=html&lang=en")
        assert page.status_code == 200, page.text
        assert "<script" not in page.text
        assert "<img src=x" not in page.text
        assert "<svg" not in page.text
        assert "{{ 7*7 }}" in page.text or "49" not in page.text


def test_head_has_no_body_and_the_same_headers(client):
    for path in (f"/parcels/{PARCEL}", "/findings", "/search?q=GB", f"/parks/{PARK_ID}"):
        head, get = client.request("HEAD", path), client.get(path)
        assert head.status_code == 200
        assert head.headers["etag"] == get.headers["etag"]
        assert head.headers["content-type"] == get.headers["content-type"]


def test_what_is_personal_is_nowhere_in_the_records(client, snapshot):
    company = snapshot.read("occupancy")["parcel_id"][0]
    for path in (
        f"/parcels/{company}",
        f"/parcels/{company}?f=html",
        "/search?q=Northwind",
        f"/parks/{PARK_ID}",
    ):
        text = client.get(path).text
        assert not any(secret in text for secret in PERSONAL)


# — parks


def test_a_park_tells_its_indicators_with_benchmark_and_source(client, snapshot):
    told = client.get(f"/parks/{PARK_ID}").json()
    by_name = {row["name"]: row for row in told["indicators"]}
    assert by_name["output_wan_per_mu"]["benchmark"] == 350.0
    assert by_name["output_wan_per_mu"]["benchmark_source"] == "Fuzhou"
    assert by_name["output_wan_per_mu"]["verified"] is True
    assert by_name["idle_rate"]["benchmark"] is None
    assert told["fields"]["approved_area_m2"]["value"] == 4_000_000.0
    parcels = snapshot.read("parcels")
    for verdict in ("yes", "no", "undetermined"):
        own = parcels[parcels["idle"] == verdict]
        assert told["verdicts"][verdict]["parcels"] == len(own)
        assert told["verdicts"][verdict]["area_m2"] == pytest.approx(own["site_area_m2"].sum())
    assert told["land_ledger"] == []
    page = client.get(f"/parks/{PARK_ID}?f=html&lang=en").text
    assert "Output per mu" in page
    assert "Fuzhou" in page


# — findings


def test_findings_are_counted_by_code_verdict_and_severity(client, snapshot):
    told = client.get("/findings").json()
    findings, parcels = snapshot.read("findings"), snapshot.read("parcels").set_index("parcel_id")
    expected = findings.groupby(["code", "verdict", "severity"])
    assert len(told["groups"]) == expected.ngroups
    for group in told["groups"]:
        rows = expected.get_group((group["code"], group["verdict"], group["severity"]))
        assert group["findings"] == len(rows)
        ids = rows["parcel_id"].unique()
        assert group["parcels"] == len(ids)
        assert group["area_m2"] == pytest.approx(parcels.loc[ids, "site_area_m2"].sum())
        items = client.get(group["links"][0]["href"]).json()
        assert items["numberMatched"] == len(rows)
        assert client.get(group["links"][1]["href"]).json()["numberReturned"] == len(rows)
    assert told["findings"] == len(findings)
    # A parcel with two findings is one parcel.
    assert told["parcels"] == findings["parcel_id"].nunique()
    assert told["area_m2"] == pytest.approx(parcels.loc[findings["parcel_id"].unique(), "site_area_m2"].sum())


def test_findings_take_the_filters_of_collections(client, snapshot):
    findings = snapshot.read("findings")
    for query, rows in (
        ("verdict=undetermined", findings[findings["verdict"] == "undetermined"]),
        (f"park={PARK_ID}&code=overlap", findings[findings["code"] == "overlap"]),
        (
            "filter=code LIKE 'idle%25' AND verdict = 'yes'",
            findings[(findings["code"] == "idle_not_started") & (findings["verdict"] == "yes")],
        ),
        ("park=nowhere", findings[:0]),
    ):
        told = client.get(f"/findings?{query}").json()
        assert told["findings"] == len(rows), query
        for group in told["groups"]:
            assert client.get(group["links"][0]["href"]).json()["numberMatched"] == group["findings"]
    assert client.get("/findings?park=nowhere").json()["area_m2"] is None
    assert client.get("/findings?filter=nix = 1").status_code == 400
    page = client.get("/findings?f=html&lang=en&verdict=undetermined")
    assert "Not started (idle)" in page.text


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("verdict=nope", "yes, undetermined, no"),
        ("verdict=", "yes, undetermined, no"),
        ("verdict=YES", "yes, undetermined, no"),
        ("verdict=yes,no", "yes, undetermined, no"),
        ("severity=grave", "high, medium, low"),
        ("code=nothing", "idle_not_started, area_mismatch, outside_park, overlap"),
        ("f=html&code=nothing", "idle_not_started, area_mismatch, outside_park, overlap"),
        ("verdict=yes&severity=9", "high, medium, low"),
    ],
)
def test_a_code_that_there_is_not_is_told_with_those_that_there_are(client, query, listed):
    answer = client.get(f"/findings?{query}")
    assert answer.status_code == 400
    assert answer.json()["mend"] == f"there are {listed}"
    assert answer.json()["parameter"] in query


def test_a_code_that_a_field_cannot_have_is_told_wherever_rows_are_chosen(sample_run):
    with open_client(Settings(sample_run.snapshot.path.parents[1])) as client:
        for path in ("/collections/parcels/items", "/parcels.geojson", "/exports/parcels.csv"):
            told = client.get(f"{path}?idle=nope")
            assert told.status_code == 400, path
            assert told.json()["mend"] == "there are yes, no, undetermined"
        assert client.get("/collections/parcels/items?idle=yes").json()["numberMatched"] > 0
        # Offices add kinds of their own to some lists: there any may be asked for.
        assert client.get("/collections/facilities/items?kind=nope").json()["numberMatched"] == 0


# — search


def found(client, word, **query):
    return client.get("/search", params={"q": word, **query}).json()


def test_search_finds_parcels_by_id_name_and_holder(client, snapshot):
    parcels = snapshot.read("parcels")
    told = found(client, "gb00012")
    assert [(one["kind"], one["id"], one["field"]) for one in told["results"]] == [
        ("parcels", "320000-GB00012", "parcel_id")
    ]
    told = found(client, "northwind", limit=100)
    own = parcels[parcels["holder"].fillna("").str.contains("Northwind")]["parcel_id"]
    assert {one["id"] for one in told["results"] if one["kind"] == "parcels"} == set(own)
    assert {one["field"] for one in told["results"] if one["kind"] == "parcels"} == {"holder"}
    assert (
        found(client, "地块7")["results"][0]["title"] == "地块7"
    )  # the whole name goes before 地块17 and 地块27
    assert found(client, "nowhere to be found") == {
        **found(client, "nowhere to be found"), "numberMatched": 0, "numberReturned": 0, "results": [],
    }  # fmt: skip


def test_search_finds_companies_and_their_parcels(client, snapshot):
    company = snapshot.read("enterprises").iloc[3]
    result = found(client, company["enterprise_id"])["results"][0]
    assert (result["kind"], result["id"]) == ("enterprises", company["enterprise_id"])
    occupancy = snapshot.read("occupancy")
    assert result["parcels"] == list(
        occupancy[occupancy["enterprise_id"] == company["enterprise_id"]]["parcel_id"]
    )
    for link in result["links"]:
        assert client.get(link["href"]).status_code == 200


def test_search_is_bounded_and_says_how_much_there_is(client):
    told = found(client, "320000-GB", limit=5)
    assert (told["numberMatched"], told["numberReturned"], len(told["results"])) == (60, 5, 5)
    assert found(client, "320000-GB")["numberReturned"] == 20
    assert found(client, "320000-GB", limit=100000)["numberReturned"] == 60


@pytest.mark.parametrize(
    "word", ["%", "_", "\\", "%%", "GB_0001", "100%", "'", "''", '"', "[a-z]", "(?:", "*", "\u202e"]
)
def test_wildcards_are_plain_characters(client, snapshot, word):
    parcels, companies = snapshot.read("parcels"), snapshot.read("enterprises")
    texts = pd.concat(
        [
            parcels["parcel_id"] + "\n" + parcels["name"] + "\n" + parcels["holder"].fillna(""),
            companies["name"],
        ]
    )
    expected = int(texts.str.contains(word, regex=False).sum())
    assert found(client, word)["numberMatched"] == expected


@pytest.mark.parametrize("word", ["", "   ", "x" * 101, "a\x00b"])
def test_a_word_that_cannot_be_searched_for_is_refused(client, word):
    answer = client.get("/search", params={"q": word})
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "q"
    assert client.get("/search").status_code == 400


def test_what_is_personal_is_not_searched(client):
    for secret in PERSONAL:
        assert found(client, secret)["numberMatched"] == 0


# — callers bound to parks, and earlier snapshots


def test_a_key_for_another_park_learns_nothing_of_this(workspace):
    with open_as(workspace, Caller(name="k", parks=("P2",))) as stranger:
        for path in (f"/parcels/{PARCEL}", f"/parcels/{PARCEL}?f=html", f"/parks/{PARK_ID}"):
            assert stranger.get(path).status_code == 404
        assert found(stranger, "320000")["numberMatched"] == 0
        assert stranger.get("/findings").json()["findings"] == 0
        assert stranger.get("/parcels.geojson").json()["features"] == []
        assert stranger.get("/exports/snapshot.gpkg").status_code == 403


def test_a_key_for_this_park_sees_it(workspace, snapshot):
    with open_as(workspace, Caller(name="k", parks=(PARK_ID,))) as own:
        told = own.get(f"/parcels/{PARCEL}").json()
        del told["links"]
        assert told == json.loads(json.dumps(dossier(snapshot, PARCEL), default=str))
        assert own.get(f"/parcels/{PARCEL}?f=html").status_code == 200
        assert own.get("/findings").json()["findings"] == len(snapshot.read("findings"))


def test_everything_is_there_for_a_snapshot_by_name_too(client, snapshot):
    for path in (f"/parcels/{PARCEL}", f"/parks/{PARK_ID}", "/findings", "/search?q=GB00001"):
        answer = client.get(f"/snapshots/{snapshot.name}{path}")
        assert answer.status_code == 200
        hrefs = re.findall(r'"href":"([^"]+)"', answer.text)
        assert hrefs
        assert all(f"/snapshots/{snapshot.name}/" in href for href in hrefs)
    assert client.get(f"/snapshots/2001-01-01-0123456789ab/parcels/{PARCEL}").status_code == 404


def test_a_snapshot_of_parcels_alone_has_records(tmp_path):
    import datetime as dt

    from tests.snapshot_builder import AS_OF

    source = build_snapshot(tmp_path / "source", parcels=4)
    assert isinstance(AS_OF, dt.date)
    parcels = source.read("parcels")[["parcel_id", "geometry"]]
    manifest = {name: source.manifest[name] for name in ("version", "park", "crs", "packs")}
    Workspace(tmp_path / "bare").publish(
        AS_OF, {"parcels": parcels}, {"fields": {}, "findings": {}}, manifest
    )
    with open_client(Settings(tmp_path / "bare")) as client:
        assert client.get("/parcels/320000-GB00001").json()["findings"] == []
        assert client.get("/search?q=GB00001").json()["numberMatched"] == 1
        assert client.get("/parks/P1").status_code == 404
        assert client.get("/findings").status_code == 404
        assert client.get("/idle.geojson").status_code == 404
        assert client.get("/parcels.geojson").json()["numberMatched"] == 4
        assert client.get("/api").status_code == 200


def test_every_address_described_answers_and_takes_what_it_declares(client):
    document = client.get("/api").json()
    ids = {"parcelId": PARCEL, "parkId": PARK_ID}
    seen = set()
    for path, operations in document["paths"].items():
        told = operations.get("get", {})
        if told.get("tags") not in (["records"], ["exports"]) or path.startswith("/exports/snapshot"):
            continue
        seen.add(path)
        parts = {
            one["name"]: ids.get(one["name"], one["example"])
            for one in told["parameters"]
            if one["in"] == "path"
        }
        address = path.format(**parts)
        needed = {
            one["name"]: one["example"]
            for one in told["parameters"]
            if one["required"] and one["in"] == "query"
        }
        answer = client.request("HEAD" if path.startswith("/exports") else "GET", address, params=needed)
        if told["operationId"] in NOT_HERE:
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["content-type"].partition("; charset")[0] in told["responses"]["200"]["content"]
        for parameter in told["parameters"]:
            if parameter["in"] == "query":
                assert (parameter["style"], parameter["explode"]) == ("form", False)
                value = parameter.get(
                    "example", parameter["schema"].get("enum", [parameter["schema"].get("default")])[0]
                )
                value = ",".join(map(str, value)) if isinstance(value, list) else value
                answer = client.request("HEAD", address, params={**needed, parameter["name"]: value})
                assert answer.status_code == 200, (path, parameter["name"], answer.text)
    assert {
        "/parcels/{parcelId}",
        "/parks/{parkId}",
        "/findings",
        "/search",
        "/idle.geojson",
        "/exports/register.xlsx",
    } <= seen
