"""Scenarios asked of the service, worked out by the real process on the sample park."""

import json
import re
import shutil
from pathlib import Path

import pytest

from api.guard.keys import KeyFile
from api.jobs.receive import check_media_type
from tests.api.jobs_builder import ended, served
from tests.api.test_bad_input import expect

GEOJSON = {"Content-Type": "application/geo+json"}
PAGE = Path(__file__).parents[2] / "docs" / "accessibility.md"


@pytest.fixture(scope="module")
def workspace(sample_run, tmp_path_factory):
    copy = tmp_path_factory.mktemp("scenarios")
    shutil.copytree(sample_run.snapshot.path.parents[1], copy, dirs_exist_ok=True)
    return copy


@pytest.fixture(scope="module")
def client(workspace):
    with served(workspace) as opened:
        yield opened


def example():
    (block,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return block.encode()


def ask(client, content, query="", **headers):
    return client.request("POST", f"/scenarios{query}", content=content, headers={**GEOJSON, **headers})


def test_the_example_of_the_handbook_gives_what_the_command_line_gives(client, sample_run):
    taken = ask(client, example(), "?name=新路")
    assert taken.status_code == 202
    job = ended(client, taken.headers["location"])
    assert job["state"] == "done", job
    (address,) = [one["href"] for one in job["links"] if one["rel"] == "results"]
    told = client.get(address).json()
    assert told["snapshot"] == sample_run.snapshot.name
    assert [one["action"] for one in told["changes"]] == [
        "add_road", "close_road", "change_road", "add_main", "add_facility",
    ]  # fmt: skip
    rows = {(one["metric"], one["parcel_id"]): one for one in told["parcels"]}
    opened = rows["no_frontage", "330599001032GB00006"]
    assert (opened["before_text"], opened["after_text"], opened["effect"]) == ("yes", "no", "better")
    parks = {one["metric"]: one for one in told["parks"]}
    assert parks["no_frontage"]["parcels_worse"] == 4
    assert {one["scenario"] for one in told["parcels"]} == {"新路"}
    listed = client.get("/scenarios").json()["scenarios"]
    assert [(one["title"], one["state"]) for one in listed if one["id"] == job["id"]] == [("新路", "done")]
    named = client.get(f"/snapshots/{sample_run.snapshot.name}/scenarios/{job['id']}").json()
    assert named["parcels"] == told["parcels"]


def features(*told):
    """A drawing of features, each its properties and its geometry."""
    listed = [
        {"type": "Feature", "geometry": geometry, "properties": properties} for properties, geometry in told
    ]
    return json.dumps({"type": "FeatureCollection", "features": listed}).encode()


def test_what_is_not_there_is_said_feature_by_feature(client):
    roads = [({"action": "close_road", "road_id": name}, None) for name in ("nowhere", "neither")]
    job = ended(client, ask(client, features(*roads)).headers["location"])
    assert job["state"] == "failed"
    assert "nowhere" in job["problem"]["what"]
    assert "neither" in job["problem"]["what"]
    told = client.get(f"/scenarios/{job['id']}").json()
    assert told["state"] == "failed"
    assert "parcels" not in told


CLOSE = {"action": "close_road", "road_id": "YTR0035"}
DEEP = b'{"type":"FeatureCollection","features":%s}'
LINE = (
    b'{"type":"Feature","properties":{"action":"add_road"},"geometry":{"type":"LineString","coordinates":%s}}'
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "not a FeatureCollection"),
        (b"[]", "not a FeatureCollection"),
        (b'{"type": "Topology", "objects": {}}', "'Topology'"),
        (b'{"type": "FeatureCollection", "features": [', "not JSON"),
        (b"\xff\xfe\xfa" * 9, "scenario"),
        (b'{"type": "FeatureCollection", "features": []}', "no change"),
        (b'{"type": "FeatureCollection", "features": [3, {"a": 1}]}', "not a feature"),
        (b'{"type": "FeatureCollection", "crs": {"type": "link"}, "features": []}', "coordinate system"),
        (features((CLOSE, None), ({"action": "fly"}, None)), "feature 2: unknown action 'fly'"),
        (features(({"action": "fly"}, None), ({"action": "sail"}, None)), "'sail'"),
        (features((["action"], None)), "no property action"),
        (features((CLOSE, {"type": "Circle", "coordinates": [1, 2]})), "geometry is none"),
        (features((CLOSE, {"type": "LineString", "coordinates": [[[1, 2]]]})), "geometry is none"),
        (features((CLOSE, {"type": "GeometryCollection", "geometries": [{}]})), "geometry is none"),
        (features((CLOSE, "POINT(1 2)")), "geometry is none"),
        *((DEEP % (b"[" * depth), "") for depth in (20, 900, 100_000)),
        *((DEEP % (b"[" * depth + b"]" * depth), "") for depth in (20, 900, 985, 1_000, 100_000)),
        *(((LINE % (b"[" * depth + b"]" * depth)), "") for depth in (4, 900, 985, 1_000, 100_000)),
        (features(*[(CLOSE, None)] * 3, ({}, None))[:-20], "not JSON"),
    ],
)  # fmt: skip
def test_a_broken_scenario_is_refused_at_once_and_no_job_made_of_it(client, content, said):
    before = client.get("/jobs").json()["jobs"]
    told = expect(ask(client, content), 400)
    assert said in told["detail"]
    assert told["detail"].startswith("the scenario cannot be read: ")
    assert "recursion" not in told["detail"]
    assert "/" not in told["detail"], "no path of this machine"
    assert client.get("/jobs").json()["jobs"] == before


def test_a_scenario_with_many_faults_is_not_answered_at_length(client):
    told = ask(client, features(*[({"action": "fly"}, None)] * 100_000))
    assert told.status_code == 400
    assert "1000 to mend" in told.json()["detail"]
    assert len(told.content) < 3_000


@pytest.mark.parametrize(
    "path",
    [
        "/scenarios/nothing",
        "/scenarios/..%2f..%2fx",
        "/scenarios/%00",
        "/scenarios/" + "0" * 32,
        "/scenarios/",
    ],
)
def test_a_scenario_that_is_not_known_is_404(client, path):
    expect(client.get(path), 404)


@pytest.mark.parametrize("query", ["?name=" + "x" * 81, "?crs=" + "x" * 2001, "?path=/etc", "?f=html"])
def test_a_wrong_parameter_is_400(client, query):
    expect(ask(client, b"{}", query), 400)


def test_a_body_of_another_kind_or_without_content_is_refused(client):
    for media_type in ("application/json", "text/plain", "multipart/form-data", ""):
        expect(ask(client, b"{}", **{"Content-Type": media_type}), 415)
    expect(ask(client, b""), 400)
    assert check_media_type.__module__ == "api.jobs.receive"


def test_a_reader_sees_scenarios_and_asks_for_none(workspace, tmp_path):
    shutil.copytree(workspace, tmp_path / "ws", ignore=shutil.ignore_patterns("jobs"))
    reader = {"X-API-Key": KeyFile(tmp_path / "ws" / "keys.json").new("r")[1]}
    with served(tmp_path / "ws") as client:
        assert client.get("/scenarios", headers=reader).status_code == 200
        expect(ask(client, example(), **reader), 403)
