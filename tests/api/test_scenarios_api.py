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


def test_what_cannot_be_followed_is_said_feature_by_feature(client):
    content = json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": None, "properties": {"action": "close_road", "road_id": "nowhere"}},
        {"type": "Feature", "geometry": None, "properties": {"action": "fly"}},
    ]}).encode()  # fmt: skip
    job = ended(client, ask(client, content).headers["location"])
    assert job["state"] == "failed"
    assert "fly" in job["problem"]["what"]
    told = client.get(f"/scenarios/{job['id']}").json()
    assert told["state"] == "failed"
    assert "parcels" not in told


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
