"""Jobs of a service that shows a database: what they publish is shown, or it is said that it is not."""

import contextlib
import time

import psycopg
import pytest

from api import Settings
from api.jobs.limits import JobLimits
from api.postgis import publish
from tests.api.conftest import open_client
from tests.api.jobs_builder import ended, small_project, upload
from tests.snapshot_builder import build_snapshot


@pytest.fixture
def shown(postgis, tmp_path):
    """A workspace, and the address of a database that holds its snapshot."""
    snapshot = build_snapshot(tmp_path / "ws", parcels=10)
    address = postgis.create()
    publish(snapshot, address, reader="jobs_reader")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER ROLE jobs_reader LOGIN")
    return tmp_path / "ws", address, snapshot.name


@contextlib.contextmanager
def served_from(workspace, address):
    with open_client(Settings(workspace, store=address, check_s=0.0, jobs=JobLimits())) as client:
        yield client


def live(client):
    return client.get("/readyz").json()["snapshot"]


def test_a_snapshot_of_a_job_is_shown_where_the_service_may_write(shown, tmp_path):
    workspace, address, before = shown
    with served_from(workspace, address) as client:
        assert live(client) == before
        taken = upload(client, small_project(tmp_path / "office"))
        job = ended(client, taken.headers["location"])
        assert (job["state"], job["database"]) == ("done", {"published": True}), job
        assert job["snapshot"] != before
        deadline = time.monotonic() + 30
        while live(client) != job["snapshot"]:  # looked for now and then, and loaded beside
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert client.get("/collections/parcels/items").json()["numberMatched"] == 1
        assert [step["title"]["en"] for step in job["steps"]][-1] == "Publishing to the database"


def test_a_job_says_plainly_that_the_service_goes_on_showing_the_earlier_one(shown, tmp_path, caplog):
    workspace, address, before = shown
    reading = address.replace("postgres@", "jobs_reader@")
    with served_from(workspace, reading) as client:
        taken = upload(client, small_project(tmp_path / "office"))
        job = ended(client, taken.headers["location"])
        assert job["state"] == "done", job
        assert (workspace / "CURRENT").read_text(encoding="utf-8").strip() == job["snapshot"]
        assert live(client) == before
    assert job["database"]["published"] is False
    assert "may not do this" in job["database"]["what"]
    assert "Run parkgeo publish" in job["message"]["en"]
    assert job["snapshot"] in job["message"]["en"]
    assert "parkgeo publish" in job["message"]["zh"]
    assert "jobs_reader" not in str(job) + caplog.text
    assert "127.0.0.1" not in str(job["message"]) + str(job["database"])
