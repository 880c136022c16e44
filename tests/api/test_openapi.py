import re

import pytest

from parkgeo import __version__

ANY = "application/vnd.oai.openapi+json;version=3.0"


@pytest.fixture(scope="module")
def document(client):
    return client.get("/api").json()


def test_the_media_type_is_the_one_that_the_conformance_suite_wants(client):
    assert client.get("/api").headers["content-type"] == ANY
    link = next(link for link in client.get("/").json()["links"] if link["rel"] == "service-desc")
    assert link["type"] == ANY


def test_the_document_is_valid_openapi_3_0(document):
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="openapi-spec-validator is not installed"
    )
    validator.OpenAPIV30SpecValidator(document).validate()


def test_it_is_of_this_service(document):
    assert document["openapi"] == "3.0.3"
    assert document["info"]["version"] == __version__
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]


def test_references_lead_somewhere_and_operations_have_names_of_their_own(document):
    for reference in re.findall(r"'\$ref': '([^']+)'", str(document)):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    names = [one["operationId"] for operations in document["paths"].values() for one in operations.values()]
    assert len(names) == len(set(names))


def _of_type(schema):
    if "format" in schema:
        return {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z"}.get(schema["format"])
    return {"number": 1.5, "integer": 1, "boolean": "true", "string": "x"}[schema["type"]]


def test_every_address_answers_and_takes_every_parameter_it_declares(client, document):
    values = {
        "f": "json",
        "lang": "en",
        "bbox": "119,31,121,32",
        "limit": "3",
        "datetime": "2026-01-01/..",
        "filter": "1 = 1",
    }
    for path, operations in document["paths"].items():
        operation = operations.get("get")
        # The rooms that describe their own addresses hold them in tests of their own.
        if operation is None or operation["tags"][0] not in {"service", "data", "health"}:
            continue
        collection = path.split("/")[2] if path.startswith("/collections/") else ""
        if "{featureId}" in path:
            first = client.get(f"/collections/{collection}/items?limit=1").json()["features"][0]["id"]
            path = path.replace("{featureId}", first)  # noqa: PLW2901
        for parameter in operation["parameters"]:
            if parameter["in"] == "path" or parameter["name"] == "token":
                continue
            value = values.get(
                parameter["name"], parameter["schema"].get("default", parameter.get("example"))
            )
            if parameter["name"] in {"sortby", "properties"}:
                value = next(iter(client.get(f"/collections/{collection}/sortables").json()["properties"]))
            if value is None:
                value = _of_type(parameter["schema"])
            answer = client.get(path, params={parameter["name"]: value})
            assert answer.status_code == 200, answer.text
            assert parameter["style"] == "form"
            assert parameter["explode"] is False
        media_type = client.get(path).headers["content-type"].partition("; charset")[0]
        assert media_type in operation["responses"]["200"]["content"]


def test_conformance_names_what_is_there(client):
    declared = client.get("/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30" in declared
    for part in (
        "features-1/1.0/conf/html",
        "features-2/1.0/conf/crs",
        "features-3/1.0/conf/features-filter",
    ):
        assert f"http://www.opengis.net/spec/ogcapi-{part}" in declared
