"""The queue of jobs, with a process that only pretends to work."""

import asyncio
import json
import os
import threading
import time

import httpx
import pytest
import uvicorn
from openapi_spec_validator import validate

from api import Settings, create_app
from api.guard.keys import KeyFile
from api.jobs.job import Job, read_job
from api.jobs.jobs import Jobs
from api.jobs.limits import JobLimits
from api.routes.jobs import describe_paths
from parkgeo.errors import ProjectError
from tests.api.conftest import BASE
from tests.api.jobs_builder import PRETENDED, ZIP, archive, ended, served, until, upload
from tests.api.test_bad_input import expect
from tests.snapshot_builder import build_snapshot

SOME = archive({"park.toml": "[park]"})


@pytest.fixture(autouse=True)
def pretended(monkeypatch):
    monkeypatch.setattr("api.jobs.child._START", PRETENDED)


def running(client, name="slow"):
    address = upload(client, SOME, f"?name={name}").headers["location"]
    until(client, address, lambda job: job["steps"])
    return address


def test_jobs_run_one_after_the_other_in_the_order_they_came(tmp_path):
    with served(tmp_path) as client:
        first = running(client)
        others = [upload(client, SOME, f"?name=n{number}").headers["location"] for number in range(3)]
        assert [client.get(one).json()["state"] for one in others] == ["queued"] * 3
        assert client.get(others[0]).json()["message"] == {
            "zh": "任务正在排队。",
            "en": "The job waits for its turn.",
        }
        assert client.request("DELETE", others[1]).json()["state"] == "cancelled"
        assert client.request("DELETE", first).json()["state"] == "cancelled"
        told = [ended(client, one) for one in others]
        assert [job["state"] for job in told] == ["done", "cancelled", "done"]
        assert told[0]["started"] < told[2]["started"]
        assert told[0]["message"] == {"zh": "好", "en": "well"}
        listed = client.get("/jobs").json()["jobs"]
        assert [job["name"] for job in listed] == ["n2", "n1", "n0", "slow"]


def test_more_than_may_wait_are_told_to_come_again(tmp_path):
    with served(tmp_path, waiting=2) as client:
        running(client)
        for _ in range(2):
            assert upload(client, SOME).status_code == 202
        expect(upload(client, SOME), 429)
        assert len([path for path in (tmp_path / "jobs").iterdir() if path.is_dir()]) == 3


def test_several_uploads_at_once_are_each_whole(tmp_path):
    with served(tmp_path, receiving=8, waiting=20, at_once=3) as client:
        answers = []
        threads = [
            threading.Thread(
                target=lambda number=number: answers.append(upload(client, SOME, f"?name=u{number}"))
            )
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [one.status_code for one in answers] == [202] * 8
        assert {ended(client, one.headers["location"])["state"] for one in answers} == {"done"}


def test_as_many_uploads_as_may_are_received_at_once(tmp_path):
    with served(tmp_path, receiving=1) as client:
        go = threading.Event()

        async def slow():
            yield SOME
            await asyncio.to_thread(go.wait, 60)

        thread = threading.Thread(target=upload, args=(client, slow()))
        thread.start()
        while not list((tmp_path / "jobs").glob(".receiving-*/upload.zip")):
            time.sleep(0.01)
        expect(upload(client, SOME), 429)
        go.set()
        thread.join()
        assert upload(client, SOME).status_code == 202
    assert not list((tmp_path / "jobs").glob(".receiving-*"))


def test_an_upload_that_stops_coming_is_given_up(tmp_path):
    async def stuck():
        yield SOME
        await asyncio.sleep(60)

    with served(tmp_path, idle_s=0.2) as client:
        expect(upload(client, stuck()), 408)
        assert client.get("/jobs").json()["jobs"] == []
    assert not list((tmp_path / "jobs").glob(".receiving-*"))


def test_a_process_that_dies_fails_its_job_and_the_next_one_runs(tmp_path):
    with served(tmp_path) as client:
        job = ended(client, upload(client, SOME, "?name=dies").headers["location"])
        assert job["state"] == "failed"
        assert job["problem"]["what"] == "its process ended with code 7"
        assert ended(client, upload(client, SOME).headers["location"])["state"] == "done"


def test_a_job_that_takes_too_long_is_given_up(tmp_path):
    with served(tmp_path, job_s=1.0) as client:
        job = ended(client, upload(client, SOME, "?name=slow").headers["location"])
        assert job["state"] == "failed"
        assert "longer than 1 s" in job["problem"]["what"]


def test_what_is_being_published_cannot_be_cancelled(tmp_path):
    with served(tmp_path) as client:
        address = upload(client, SOME, "?name=publishes").headers["location"]
        until(client, address, lambda job: job["steps"] and job["steps"][-1]["step"] == "snapshot")
        expect(client.request("DELETE", address), 409)
        (tmp_path / "jobs" / address.rpartition("/")[2] / "enough").touch()
        assert ended(client, address)["state"] == "done"


def test_a_service_that_is_stopped_interrupts_what_runs_and_the_next_goes_on(tmp_path):
    with served(tmp_path) as client:
        first = running(client)
        second = upload(client, SOME).headers["location"]
    with served(tmp_path) as client:
        assert client.get(first).json()["state"] == "interrupted"
        assert ended(client, second)["state"] == "done"


def test_one_service_runs_the_jobs_of_a_workspace(tmp_path):
    with served(tmp_path) as client:
        assert client.get("/jobs").status_code == 200
        with served(tmp_path) as other:
            expect(other.get("/jobs"), 503)
            expect(upload(other, SOME), 503)


def test_old_jobs_are_forgotten(tmp_path):
    with served(tmp_path, keep=2, waiting=20) as client:
        addresses = [upload(client, SOME).headers["location"] for _ in range(5)]
        told = [ended(client, one) for one in addresses[-1:]]
        assert told[0]["state"] == "done"
        assert len(client.get("/jobs").json()["jobs"]) == 2
        expect(client.get(addresses[0]), 404)
        assert len([path for path in (tmp_path / "jobs").iterdir() if path.is_dir()]) == 2
    with served(tmp_path / "few", kept_bytes=1) as client:
        for _ in range(3):
            ended(client, upload(client, SOME).headers["location"])
        assert len(client.get("/jobs").json()["jobs"]) == 1


def test_what_the_service_was_told_is_not_told_to_a_job(tmp_path, monkeypatch):
    monkeypatch.setenv("PARKGEO_STORE", "postgresql://secret")
    monkeypatch.setenv("PGPASSWORD", "secret")
    with served(tmp_path) as client:
        environ = ended(client, upload(client, SOME).headers["location"])["environ"]
    assert not [name for name in environ if name.startswith(("PARKGEO", "PG", "PYTHON"))]
    assert "PATH" in environ


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/x",
        "/jobs/" + "0" * 32,
        "/jobs/..%2f..%2fetc",
        "/jobs/%00",
        "/jobs/" + "0" * 32 + "/events",
        "/jobs/x/park.toml",
        "/jobs/x/y",
        "/jobs/./job.json",
    ],
)
def test_a_job_that_is_not_known_is_404(tmp_path, path):
    with served(tmp_path) as client:
        expect(client.get(path), 404)
        if path.count("/") == 2:
            expect(client.request("DELETE", path), 404)


def test_methods_and_parameters(tmp_path):
    with served(tmp_path) as client:
        address = upload(client, SOME).headers["location"]
        ended(client, address)
        for path, methods in (
            ("/uploads", "POST"),
            ("/jobs", "GET"),
            (address, "DELETE"),
            (f"{address}/events", "GET"),
        ):
            refused = client.request("PATCH", path)
            expect(refused, 405)
            assert methods in refused.headers["allow"]
            assert methods in refused.json()["mend"]
            if methods != "POST":
                expect(client.get(f"{path}?nonsense=1"), 400)
                told = client.request("HEAD", path)
                assert told.status_code == 200
                assert told.headers["content-type"] == client.get(path).headers["content-type"]
        for path in ("/jobs?f=html", f"{address}?f=xml"):
            expect(client.get(path), 400)


def test_jobs_are_for_those_who_may_write_and_concern_all_parks(tmp_path):
    keys = KeyFile(tmp_path / "keys.json")
    reader, bound, writer = (
        {"X-API-Key": keys.new("x", scopes=scopes, parks=parks)[1]}
        for scopes, parks in ((("read",), ()), (("write",), ("P1",)), (("write",), ()))
    )
    with served(tmp_path) as client:
        taken = upload(client, SOME, **writer)
        address = taken.headers["location"]
        ended(client, address, **writer)
        for key in (reader, bound):
            expect(upload(client, SOME, **key), 403)
            for path in ("/jobs", address, f"{address}/events", f"{address}/park.toml"):
                expect(client.get(path, headers=key), 403)
            expect(client.request("DELETE", address, headers=key), 403)
        secret = writer["X-API-Key"]
        told = client.get(f"/k/{secret}/jobs").json()["jobs"][0]
        assert told["links"][0]["href"].startswith(f"{BASE}/k/{secret}/jobs/")


def test_without_a_workspace_nothing_is_taken_on(tmp_path):
    build_snapshot(tmp_path)
    with served(tmp_path) as client:
        service = client.app.state.parkgeo
        object.__setattr__(service, "jobs", Jobs(None, JobLimits()))
        expect(upload(client, SOME), 403)
        expect(client.get("/jobs"), 403)
        assert client.get("/scenarios").json()["scenarios"] == []


def test_a_damaged_record_is_swept_away(tmp_path):
    folder = tmp_path / "jobs" / ("a" * 32)
    folder.mkdir(parents=True)
    for text in (
        "",
        "{",
        "[]",
        '{"id": 3}',
        json.dumps({"id": "a" * 32, "kind": "upload", "asked": {}, "history": [], "state": "odd"}),
    ):
        (folder / "job.json").write_text(text, encoding="utf-8")
        assert read_job(folder) is None
    with served(tmp_path) as client:
        assert client.get("/jobs").json()["jobs"] == []
    assert not folder.exists()


def test_a_record_is_read_as_it_was_written(tmp_path):
    job = (
        Job("b" * 32, "upload", {"name": "名"})
        .in_state("queued")
        .in_state("running")
        .at_step("unpack", {"zh": "解", "en": "u"})
    )
    folder = tmp_path / job.id
    folder.mkdir()
    job.write(folder)
    assert read_job(folder) == job
    assert job.at_step("unpack", {}) == job
    for number in range(500):
        job = job.at_step(str(number), {})
    assert len(job.history) == 400


def test_limits_of_jobs_are_settings():
    told = Settings.from_environ({"PARKGEO_JOBS_KEEP": "7", "PARKGEO_JOB_S": "60"})
    assert (told.jobs.keep, told.jobs.job_s) == (7, 60.0)
    with pytest.raises(ProjectError, match="above zero"):
        Settings.from_environ({"PARKGEO_JOBS_WAITING": "0"})


def test_the_description_is_valid_and_names_the_addresses(tmp_path):
    build_snapshot(tmp_path)
    with served(tmp_path) as client:
        described = client.get("/api").json()
    validate(described)
    assert {
        "/uploads",
        "/jobs",
        "/jobs/{jobId}",
        "/jobs/{jobId}/events",
        "/scenarios",
        "/scenarios/{scenarioId}",
    } <= set(described["paths"])
    assert describe_paths.__module__ == "api.routes.jobs"
    operations = [
        one["operationId"]
        for path in described["paths"].values()
        for one in path.values()
        if isinstance(one, dict)
    ]
    assert len(operations) == len(set(operations))


class Events:
    """Server-sent events as a client reads them."""

    def __init__(self, text):
        blocks = [block for block in text.split("\n\n") if block]
        fields = [dict(line.partition(": ")[::2] for line in block.splitlines()) for block in blocks]
        self.comments = sum(block.startswith(":") for block in blocks)
        self.told = [
            (int(one["id"]), one["event"], json.loads(one["data"])) for one in fields if "data" in one
        ]


def test_events_of_an_ended_job_are_told_again_from_where_the_client_was(tmp_path):
    with served(tmp_path) as client:
        address = upload(client, SOME).headers["location"]
        ended(client, address)
        events = client.get(f"{address}/events")
        assert events.headers["content-type"].startswith("text/event-stream")
        told = Events(events.text).told
        assert [number for number, _, _ in told] == [1, 2, 3, 4]
        assert [(kind, entry.get("step") or entry["state"]) for _, kind, entry in told] == [
            ("state", "queued"), ("state", "running"), ("step", "unpack"), ("state", "done"),
        ]  # fmt: skip
        assert told[2][2]["title"] == {"zh": "解压缩", "en": "Unpacking the archive"}
        later = client.get(f"{address}/events", headers={"Last-Event-ID": "2"})
        assert [number for number, _, _ in Events(later.text).told] == [3, 4]
        assert client.get(f"{address}/events", headers={"Last-Event-ID": "4"}).status_code == 204
        for odd in ("x", "-1", "1" * 400, b"\xb2", ""):
            assert len(Events(client.get(f"{address}/events", headers={"Last-Event-ID": odd}).text).told) == 4


@pytest.fixture
def started(tmp_path):
    """A really started service, its jobs, and its address."""
    settings = Settings(tmp_path, jobs=JobLimits(heartbeat_s=0.1))
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield app.state.parkgeo.jobs, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_events_come_as_they_happen_and_who_leaves_is_forgotten(started):
    jobs, address = started
    with httpx.Client(base_url=address) as client:
        taken = client.post("/uploads?name=slow", content=SOME, headers=ZIP)
        path = httpx.URL(taken.headers["location"]).path
        with client.stream("GET", f"{path}/events") as stream:
            text = ""
            for piece in stream.iter_text():
                text += piece
                so_far = Events(text.rpartition("\n\n")[0])
                if so_far.comments >= 2 and len(so_far.told) == 3:
                    assert len(jobs.watchers) == 1
                    break
            assert [kind for _, kind, _ in Events(text.rpartition("\n\n")[0]).told] == [
                "state",
                "state",
                "step",
            ]
        deadline = time.monotonic() + 30
        while len(jobs.watchers):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with client.stream("GET", f"{path}/events", headers={"Last-Event-ID": "3"}) as stream:
            assert httpx.delete(f"{address}{path}").json()["state"] == "cancelled"
            text = "".join(stream.iter_text())
        assert [(number, entry["state"]) for number, _, entry in Events(text).told] == [(4, "cancelled")]


def test_as_many_follow_events_as_may(started, monkeypatch):
    jobs, address = started
    monkeypatch.setattr(jobs.watchers, "most", 1)
    with httpx.Client(base_url=address) as client:
        taken = client.post("/uploads?name=slow", content=SOME, headers=ZIP)
        path = httpx.URL(taken.headers["location"]).path
        with client.stream("GET", f"{path}/events") as stream:
            pieces = stream.iter_text()  # closes the connection when it is let go
            next(pieces)
            assert httpx.get(f"{address}{path}/events", timeout=20).status_code == 429
        client.delete(path)


def test_a_client_that_breaks_off_leaves_nothing(started, tmp_path):
    jobs, address = started

    def broken():
        yield SOME
        raise ConnectionError

    with httpx.Client(base_url=address) as client:
        with pytest.raises(ConnectionError):
            client.post("/uploads", content=broken(), headers=ZIP)
        # The service may begin to receive only after the client has gone: nothing is left once that is so for a while.
        deadline, quiet = time.monotonic() + 30, 0
        while quiet < 10:
            assert time.monotonic() < deadline
            folder = tmp_path / "jobs"
            left = jobs._receiving or not folder.exists() or os.listdir(folder) != [".lock"]  # noqa: PTH208 - names only
            quiet = 0 if left else quiet + 1
            time.sleep(0.05)
        assert client.get("/jobs").json()["jobs"] == []
