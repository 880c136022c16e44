import re
from functools import partial
from html.parser import HTMLParser
from urllib.parse import quote

import jsonschema_rs
import openapi_spec_validator
import pytest

from api import Settings
from parkgeo import __version__
from tests.api.conftest import BASE, open_client
from tests.api.guarded import new_key
from tests.api.jobs_builder import archive, ended, served, upload
from tests.api.walk import NOT_HERE, check_answer, operations, read_document, resolved, written
from tests.snapshot_builder import build_snapshot

ANY = "application/vnd.oai.openapi+json;version=3.0"

# In the place of the real process of a job: all that can come of one.
FINISHED = """
import json, os, sys
order = json.loads(sys.stdin.readline())
for name in ("account.json", "account.xlsx", "park.toml", "scenario.json"):
    with open(os.path.join(order["folder"], name), "w", encoding="utf-8") as file:
        file.write("{}")
with open(os.path.join(order["folder"], "result.json"), "w", encoding="utf-8") as file:
    json.dump({"state": "done", "message": {"zh": "好", "en": "well"}}, file)
"""


@pytest.fixture(scope="module")
def document(client):
    return read_document(client)


def test_the_media_type_is_the_one_that_the_conformance_suite_wants(client):
    assert client.get("/api").headers["content-type"] == ANY
    link = next(link for link in client.get("/").json()["links"] if link["rel"] == "service-desc")
    assert link["type"] == ANY


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_document_is_valid_openapi_3_0(client, lang):
    document = client.get(f"/api?lang={lang}").json()
    openapi_spec_validator.OpenAPIV30SpecValidator(document).validate()
    summaries = {one.told["summary"] for one in operations(document)}
    assert ("地块" in str(summaries) or "宗地" in str(summaries)) is (lang == "zh")


def test_it_is_of_this_service(document):
    assert document["openapi"] == "3.0.3"
    assert document["info"]["version"] == __version__
    assert document["servers"] == [{"url": BASE}]


def test_references_lead_somewhere_and_operations_have_names_of_their_own(document):
    for reference in re.findall(r"'\$ref': '([^']+)'", str(document)):
        assert resolved(document, {"$ref": reference})
    names = [one.name for one in operations(document)]
    assert len(names) == len(set(names))
    assert {one.told["tags"][0] for one in operations(document)} == {one["name"] for one in document["tags"]}


def _routes(app):
    """Path → its methods, of everything that the app serves."""
    found = {}
    for included in app.routes:
        for route in included.original_router.routes:
            found.setdefault(route.path, []).append(route)
    return found


def _served_by(routes, path, method):
    for one, several in routes.items():
        for route in several:
            if route.path_regex.match(path) and method in route.methods:
                return one
    return None


def test_every_route_is_described_and_everything_described_is_a_route(client, document):
    """Matched in the app's own order, so that no description is of an address that another route takes."""
    routes = _routes(client.app)
    described, in_snapshots = set(), set()
    for one in operations(document):
        path = one.address().partition("?")[0]
        found = _served_by(routes, path, one.method.upper())
        assert found is not None, path
        described.add((found, one.method.upper()))
        if "x-parkgeo-in-snapshots" in document["paths"][one.path]:
            in_snapshots.add(f"/snapshots/{{snapshot}}{found}")
    served = {
        (path, method)
        for path, several in routes.items()
        for route in several
        for method in route.methods - {"HEAD"}
    }
    live = {pair for pair in served if not pair[0].startswith("/snapshots/{snapshot}/")}
    assert described == live
    named = {path for path in routes if path.startswith("/snapshots/{snapshot}/")}
    assert in_snapshots == named


def test_the_document_of_a_named_snapshot_describes_its_own_addresses(client, document):
    name = client.get("/").json()["snapshot"]
    told = client.get(f"/snapshots/{name}/api", headers={"Accept-Language": "en"}).json()
    openapi_spec_validator.OpenAPIV30SpecValidator(told).validate()
    assert told["servers"] == [{"url": f"{BASE}/snapshots/{name}"}]
    assert told["paths"].keys() == document["paths"].keys()
    for path, item in told["paths"].items():
        base = item.get("servers", told["servers"])[0]["url"].removeprefix(BASE)
        if path in {"/collections", "/healthz", "/tileMatrixSets", "/conformance", "/jobs"}:
            assert client.get(base + path).status_code == 200


def _asked(client, one, **given):
    # The files of a whole snapshot take seconds to write; what is said of them is in the headers.
    method = "HEAD" if one.name.startswith("export.") and "{" not in one.path else one.method.upper()
    told = one.told.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = {"json": told["example"]} if told else {}
    return client.request(method, one.address(**given), **body)


TAGS = ["service", "data", "map", "records", "siting", "exports", "health"]


@pytest.mark.parametrize("tag", TAGS)
def test_every_address_answers_and_takes_every_parameter_it_declares(client, document, tag):
    """Each with the document's own example, which fits the snapshot."""
    for one in operations(document):
        if one.told["tags"][0] != tag:
            continue
        plain = _asked(client, one)
        if one.name in NOT_HERE:
            assert plain.status_code == 404
            continue
        assert plain.status_code in {200, 204}, (one.address(), plain.text)
        check_answer(document, one, plain)
        for parameter in one.parameters:
            if parameter["name"] == "token" and "example" not in parameter:
                continue  # nothing leads to a second page where there is one
            assert "example" in parameter, (one.path, parameter["name"])
            assert parameter["description"]
            if parameter["in"] == "query":
                assert parameter["style"] == "form"
                assert parameter["explode"] is False
            values = {written(parameter["example"]), *map(written, parameter["schema"].get("enum", ())[:9])}
            if one.name == "parcel":
                values -= {"docx", "pdf"}  # seconds each, and the records' tests look at them
            for value in sorted(values):
                answer = _asked(client, one, **{parameter["name"]: quote(value, safe=",")})
                assert answer.status_code in {200, 204}, (one.path, parameter["name"], value, answer.text)
                check_answer(document, one, answer)


def _with_key(request, secret, method, url, *, headers=None, **options):
    return request(method, url, headers={"X-API-Key": secret, **(headers or {})}, **options)


def test_uploads_jobs_and_scenarios_answer_as_described(tmp_path, monkeypatch):
    monkeypatch.setattr("api.jobs.child._START", FINISHED)
    build_snapshot(tmp_path)
    secret = new_key(tmp_path, scopes=("read", "write", "personal"))
    with served(tmp_path) as client:
        monkeypatch.setattr(client, "request", partial(_with_key, client.request, secret))
        document = read_document(client)
        known = {one.name: one for one in operations(document) if one.told["tags"][0] == "jobs"}
        some = archive({"park.toml": "[park]"})
        query = known["upload"].address(**{
            one["name"]: quote(written(one["example"])) for one in known["upload"].parameters
        })  # fmt: skip
        taken = upload(client, some, query.removeprefix("/uploads"))
        check_answer(document, known["upload"], taken)
        job = taken.json()["id"]
        ended(client, f"/jobs/{job}")
        scenario = known["scenario.ask"]
        (media_type,) = scenario.told["requestBody"]["content"]
        body = scenario.told["requestBody"]["content"][media_type]["example"]
        asked = client.request("POST", scenario.address(crs="EPSG:4549"), json=body, headers={"Content-Type": media_type})  # fmt: skip
        check_answer(document, scenario, asked)
        changes = asked.json()["id"]
        ended(client, f"/jobs/{changes}")
        for one in known.values():
            if one.method != "get":
                continue
            given = {"jobId": job, "scenarioId": changes}
            for parameter in [*one.parameters, {"name": "", "schema": {}}]:
                values = parameter["schema"].get("enum", [given.get(parameter["name"])])
                for value in values:
                    more = {**given, **({parameter["name"]: value} if value else {})}
                    answer = client.get(one.address(**more))
                    assert answer.status_code == 200, (one.path, answer.text)
                    check_answer(document, one, answer)
        seen = client.get(f"/jobs/{job}/events", headers={"Last-Event-ID": "99"})
        assert seen.status_code == 204
        check_answer(document, known["job.events"], seen)
        check_answer(document, known["job.cancel"], client.request("DELETE", f"/jobs/{job}"))
        check_answer(document, known["job"], client.get(f"/jobs/{job}"))


def test_every_answer_in_json_has_an_example_that_is_as_its_schema_says(document):
    """And so has every problem."""
    looked_at = 0
    for one in operations(document):
        for status, response in one.told["responses"].items():
            for kind, form in resolved(document, response).get("content", {}).items():
                if "json" not in kind:
                    continue
                assert "example" in form, (one.name, status, kind)
                if one.path.startswith("/collections/") and "/items" not in one.path and status != "200":
                    continue
                _check_schema(document, form["schema"], form["example"])
                looked_at += 1
        for parameter in one.parameters:
            if "example" in parameter:
                _check_schema(document, parameter["schema"], parameter["example"])
    assert looked_at > 100


_VALIDATORS = {}


def _check_schema(document, schema, value):
    """Held against the schema as JSON Schema reads it; ``nullable`` is OpenAPI's own."""
    key = repr(schema)
    if key not in _VALIDATORS:
        _VALIDATORS[key] = jsonschema_rs.Draft4Validator(
            {**_plain(schema), "components": _components(document)}, validate_formats=True
        )
    _VALIDATORS[key].validate(value)


def _components(document):
    if "components" not in _VALIDATORS:
        _VALIDATORS["components"] = {"schemas": _plain(document["components"]["schemas"])}
    return _VALIDATORS["components"]


def _plain(schema):
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _plain(one) for name, one in schema.items() if name != "nullable"}
    if schema.get("nullable") is True and "type" in schema:
        told["type"] = [schema["type"], "null"]
    return told


def test_examples_say_nothing_personal(tmp_path):
    """Not even to those who may see it: a document is passed on."""
    build_snapshot(tmp_path)
    secret = new_key(tmp_path, scopes=("read", "personal"))
    with open_client(Settings(tmp_path)) as client:
        clear, masked = {"X-API-Key": secret}, {"X-API-Key": new_key(tmp_path)}
        other = 0
        document = client.get("/api", headers=clear).json()
        for path, item in document["paths"].items():
            if not path.endswith("/items"):
                continue
            told = item["get"]["responses"]["200"]["content"]["application/geo+json"]["example"]["features"]
            seen = client.get(f"{path}?limit=1", headers=masked).json()["features"]
            assert [one["properties"] for one in told] == [one["properties"] for one in seen]
            other += seen != client.get(f"{path}?limit=1", headers=clear).json()["features"]
        assert other


def test_a_service_with_keys_says_how_they_are_shown(tmp_path, document):
    assert "security" not in document
    build_snapshot(tmp_path)
    secret = new_key(tmp_path, scopes=("read",))
    with open_client(Settings(tmp_path)) as client:
        assert client.get("/api").status_code == 401
        told = client.get("/api", headers={"Authorization": f"Bearer {secret}"}).json()
    openapi_spec_validator.OpenAPIV30SpecValidator(told).validate()
    assert told["components"]["securitySchemes"]["key"]["name"] == "X-API-Key"
    assert told["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert {name for one in told["security"] for name in one} == {"bearer", "key"}
    assert told["paths"]["/healthz"]["get"]["security"] == []


class Links(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if (tag, name) == ("a", "href")]


@pytest.mark.parametrize("before", ["", "/snapshots/{}"])
def test_no_link_on_the_page_for_programmers_is_refused(client, before):
    before = before.format(client.get("/").json()["snapshot"])
    found = Links(client.get(f"{before}/docs?lang=en").text).found
    assert len(found) > 80
    for link in found:
        assert client.request("HEAD", link).status_code in {200, 204}, link


def test_conformance_names_what_is_there(client):
    declared = client.get("/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30" in declared
    for part in (
        "features-1/1.0/conf/html",
        "features-2/1.0/conf/crs",
        "features-3/1.0/conf/features-filter",
    ):
        assert f"http://www.opengis.net/spec/ogcapi-{part}" in declared
