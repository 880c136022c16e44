"""Schemathesis makes requests out of the OpenAPI document, and holds every answer against it.

1 000 cases; ``PARKGEO_SCHEMATHESIS=10000`` makes more. They are the same in every run. Uploads and scenarios are among
them, with a process in the place of the real one that only pretends to work: what an analysis does with hostile files
has tests of its own.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import TYPE_CHECKING

import hypothesis
import pytest
import requests
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from tests.api.jobs_builder import archive, ended, served, upload
from tests.api.walk import read_document
from tests.snapshot_builder import build_snapshot

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

if TYPE_CHECKING:
    from typing import Any

_LOG = logging.getLogger(__name__)
CASES = int(os.environ.get("PARKGEO_SCHEMATHESIS", "1000"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SHARES = {
    "service": 6,
    "data": 36,
    "map": 17,
    "records": 14,
    "siting": 6,
    "exports": 10,
    "jobs": 11,
    "health": 0,
}
"""Tag → how many of a hundred cases are of its operations."""

# Writing these takes seconds each, and their only parameter is the language; `test_exports.py` looks at them.
HEAVY = {
    "/exports/snapshot.gpkg",
    "/exports/snapshot.pmtiles",
    *(f"/exports/{name}.{form}" for name in ("report", "register") for form in ("docx", "pdf")),
    "/exports/parcels.pdf",
}

FINISHED = """
import json, os, sys
order = json.loads(sys.stdin.readline())
with open(os.path.join(order["folder"], "result.json"), "w", encoding="utf-8") as file:
    json.dump({"state": "done", "message": {"zh": "好", "en": "well"}}, file)
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service of these tests' own: they upload."""
    folder = tmp_path_factory.mktemp("schemathesis")
    build_snapshot(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.jobs.child._START", FINISHED)
        with served(folder, waiting=1, keep=5) as client:
            yield client


@pytest.fixture(scope="module")
def schema(service):
    return schemathesis.openapi.from_dict(read_document(service))


def _operations(schema: Any, tag: str) -> list[Any]:
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.definition.raw["tags"] == [tag] and one.path not in HEAVY]


@pytest.mark.parametrize("tag", SHARES)
def test_no_case_is_answered_with_an_error_or_otherwise_than_described(service, schema, tag):
    operations = _operations(schema, tag)
    assert operations
    known = _known(service)
    wanted, statuses = CASES * SHARES[tag] // 100, Counter()

    @hypothesis.settings(
        max_examples=max(wanted, len(operations)),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.data())
    def ask(data: Any) -> None:
        operation = data.draw(st.sampled_from(operations))
        mode = data.draw(st.sampled_from(schemathesis.GenerationMode))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        # A name that is made up leads nowhere; half of them are of what is there, so that the rest is looked at too.
        for name in set(case.path_parameters or {}) & set(known):
            if data.draw(st.booleans()):
                case.path_parameters[name] = known[name]
        response = _send(service, case)
        statuses[int(response.status_code)] += 1
        case.validate_response(response, checks=CHECKS)

    ask()
    _LOG.info("%s: %s", tag, sorted(statuses.items()))
    # What has no parameters is soon asked in every way.
    assert tag == "health" or statuses.total() >= wanted
    assert statuses[200]
    assert service.get("/readyz").json()["status"] == "ready"


def _job(service: Any) -> str:
    """A job that has ended; of those that there are, some are deleted by the cases."""
    for one in service.get("/jobs").json()["jobs"]:
        if one["state"] == "done":
            return one["id"]
    job = upload(service, archive({"park.toml": "[park]"})).headers["location"]
    return ended(service, job)["id"]


def _known(service: Any) -> dict[str, str]:
    """Parts of paths → what is there."""
    (park,) = service.get("/collections/parks/items").json()["features"]
    parcel = service.get("/collections/parcels/items?limit=1").json()["features"][0]
    return {
        "parcelId": parcel["id"],
        "parkId": park["id"],
        "featureId": "1",
        "jobId": _job(service),
        "snapshot": service.get("/").json()["snapshot"],
        "tileMatrixSetId": "WebMercatorQuad",
        "tileMatrix": "14",
        "tileRow": "6654",
        "tileCol": "13650",
    }


def _send(service: Any, case: Any) -> Any:
    """A case as it goes over the wire, but within the process and on the one event loop of its app."""
    told = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
    told.pop("timeout", None)
    prepared = requests.Request(**{name: told[name] for name in told if name in _TOLD}).prepare()
    headers = {name: value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value for name, value in prepared.headers.items()}  # fmt: skip
    return service.request(prepared.method, prepared.url, content=prepared.body, headers=headers)


_TOLD = {"method", "url", "headers", "files", "data", "params", "auth", "cookies", "json"}
