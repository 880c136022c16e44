"""Uploads, worked on by the real process."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

from api.guard.keys import KeyFile
from api.jobs.worker import work
from parkgeo.store import Workspace
from tests.api.jobs_builder import archive, ended, served, small_project, until, upload, zipped
from tests.office import parcels, write

ITEMS = "/collections/parcels/items"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_project(tmp_path_factory.mktemp("office") / "park")


def leftovers(workspace):
    """What lies in the jobs' folders but records and what came of the jobs."""
    kept = {"job.json", "log.txt", "account.json", "account.xlsx", "park.toml", "scenario.json"}
    return sorted(
        path.relative_to(workspace).as_posix()
        for path in (workspace / "jobs").rglob("*")
        if path.name not in kept and path.parent != workspace / "jobs"
    )


def test_an_upload_becomes_the_live_snapshot_of_a_service_that_had_none(tmp_path, small):
    with served(tmp_path) as client:
        assert client.get(ITEMS).status_code == 503
        taken = upload(client, small, "?name=三块地&as_of=2026-05-31")
        assert taken.status_code == 202
        job = ended(client, taken.headers["location"])
        assert job["state"] == "done", job
        assert job["name"] == "三块地"
        assert job["snapshot"] == Workspace(tmp_path).current_name
        assert job["snapshot"].startswith("2026-05-31-")
        page = client.get(ITEMS).json()
        # P1 is there twice and differs: both rows are left out, and said.
        assert [one["id"] for one in page["features"]] == ["P2"]
        (told,) = [one for one in job["account"]["layers"] if one["layer"] == "parcels"]
        assert told == {
            "layer": "parcels",
            "rows_declared": 3,
            "rows_accepted": 1,
            "rows_rejected": 2,
            "rows_repaired": 0,
        }
        assert not job["clean"]
        steps = [one["step"] for one in job["steps"]]
        assert steps[:2] == ["unpack", "parcels"]
        assert steps[-2:] == ["analysis", "snapshot"]
        assert all(one["started"] <= one["ended"] for one in job["steps"])
        assert "张三" not in json.dumps(job, ensure_ascii=False)
        assert {one["rel"] for one in job["links"]} == {"self", "monitor", "results"}
        (results,) = [one["href"] for one in job["links"] if one["rel"] == "results"]
        assert client.get(results).status_code == 200
        assert str(tmp_path) not in json.dumps(job)
    assert leftovers(tmp_path) == []


def test_a_check_publishes_nothing_and_its_account_is_for_those_who_may_see_people(tmp_path, small):
    keys = KeyFile(tmp_path / "keys.json")
    writer, officer = (
        {"X-API-Key": keys.new(name, scopes=scopes)[1]}
        for name, scopes in (("w", ("read", "write")), ("o", ("read", "write", "personal")))
    )
    with served(tmp_path) as client:
        taken = upload(client, small, "?check=true", **writer)
        job = ended(client, taken.headers["location"], **writer)
        assert job["state"] == "done", job
        assert job["message"]["zh"].startswith("已检查")
        assert "snapshot" not in job
        assert Workspace(tmp_path).names() == ()
        address = f"{taken.headers['location']}/account.json"
        assert client.get(address, headers=writer).status_code == 403
        assert not any("account" in one["href"] for one in job["links"])
        told = client.get(taken.headers["location"], headers=officer).json()
        assert any(one["href"] == address for one in told["links"])
        account = client.get(address, headers=officer).json()
        assert [one["id"] for one in account["rejects"]] == ["P1", "P1"]
        assert "张三" in account["rejects"][0]["content"]
        book = client.get(address.replace(".json", ".xlsx"), headers=officer)
        assert (
            "rejects" in str(openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames)
            or len(book.content) > 5000
        )
        assert client.request("HEAD", address, headers=officer).status_code == 200
        assert client.get(f"{taken.headers['location']}/job.json", headers=officer).status_code == 404


def test_without_a_park_toml_unsure_guesses_wait_for_a_person(tmp_path):
    folder = tmp_path / "office"
    folder.mkdir()
    frame = parcels(3).rename(columns={"parcel_id": "xyz_1"}).assign(q7=[1.5, 2.5, 3.5])
    write(frame, folder / "layer0.geojson")
    with served(tmp_path / "ws") as client:
        job = ended(client, upload(client, zipped(folder)).headers["location"])
        assert job["state"] == "needs_attention", job
        assert not job["guess"]["sure"]
        assert Workspace(tmp_path / "ws").names() == ()
        (draft,) = [one["href"] for one in job["links"] if one["href"].endswith("/park.toml")]
        assert "[park]" in client.get(draft).text
        text = client.get(draft).text
        # The drafted file, sent with the data again, is taken as it stands.
        again = archive(
            {"park.toml": small_toml(text), "layer0.geojson": (folder / "layer0.geojson").read_bytes()}
        )
        job = ended(client, upload(client, again, "?check=true").headers["location"])
        assert job["state"] == "done", job


def small_toml(draft):
    if "[layers.parcels]" in [line.strip() for line in draft.splitlines()]:
        return draft
    return '[park]\nname = "x"\n[layers.parcels]\npath = "layer0.geojson"\ncrs = "EPSG:4528"\nfields = { parcel_id = "xyz_1" }\n'


def test_a_guess_is_analysed_where_the_client_accepts_it(tmp_path):
    folder = tmp_path / "office"
    small_project(folder)
    (folder / "park.toml").unlink()
    with served(tmp_path / "ws") as client:
        job = ended(
            client, upload(client, zipped(folder), "?accept=guess&check=true&name=试").headers["location"]
        )
        assert job["state"] == "done", job
        assert [one["layer"] for one in job["guess"]["layers"]] == ["parcels"]
        assert job["account"]["layers"][0]["rows_declared"] == 3
        draft = client.get(f"{job['links'][0]['href']}/park.toml").text
        assert 'name = "试"' in draft


def order(workspace, content, **asked):
    """A job's folder and what its process is told."""
    folder = workspace / "jobs" / ("0" * 32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "upload.zip").write_bytes(content)
    told = {"kind": "upload", "name": "", "check": False, "accept": False, "as_of": "", **asked}
    return {**told, "workspace": str(workspace), "unpacked_bytes": 1 << 30}, folder


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"park.toml": "[park"}, "not TOML"),
        ({"park.toml": '[layers.parcels]\npath = "gone.shp"\n'}, "no such file: gone.shp"),
        ({"park.toml": '[layers.parcels]\npath = "../../../../etc/passwd"\n'}, "leads out of the upload"),
        ({"park.toml": '[layers.parcels]\npath = "a.geojson"\n', "a.geojson": ""}, "0 bytes"),
        ({"park.toml": "x" * 3_000_000}, "bigger than"),
    ],
)
def test_what_cannot_be_read_fails_in_a_sentence_without_a_path_of_this_machine(tmp_path, files, said):
    told = work(*order(tmp_path, archive(files)), lambda _: None)
    assert told["state"] == "failed"
    assert said in json.dumps(told["problem"])
    assert said in told["message"]["en"] or said == "0 bytes"
    assert str(tmp_path) not in json.dumps(told)
    assert "/jobs/" not in json.dumps(told)
    assert Workspace(tmp_path).names() == ()


def test_a_truncated_archive_fails(tmp_path):
    content = archive({"park.toml": "x" * 5000, "a.geojson": os.urandom(5000)})[:4000]
    with served(tmp_path) as client:
        job = ended(client, upload(client, content).headers["location"])
    assert job["state"] == "failed"
    assert "cannot be unpacked" in job["problem"]["what"]
    assert str(tmp_path) not in json.dumps(job)
    assert leftovers(tmp_path) == []


def test_a_job_cancelled_midway_leaves_nothing(tmp_path, small):
    with served(tmp_path) as client:
        address = upload(client, small).headers["location"]
        until(client, address, lambda job: job["steps"])
        told = client.request("DELETE", address).json()
        assert told["state"] == "cancelled", told
        assert told["ended"]
        assert Workspace(tmp_path).names() == ()
        assert leftovers(tmp_path) == []
        # The next one is worked on.
        job = ended(client, upload(client, small, "?check=true").headers["location"])
        assert job["state"] == "done"
        assert client.request("DELETE", address).json()["state"] == "cancelled"
        assert client.get(address).status_code == 404


def test_an_analysis_from_elsewhere_is_waited_for(tmp_path, small):
    other = FileLock(tmp_path / ".lock", thread_local=False)
    with served(tmp_path) as client, other:
        address = upload(client, small).headers["location"]
        job = until(client, address, lambda job: "snapshot" in [one["step"] for one in job["steps"]])
        assert job["state"] == "running"
        other.release(force=True)
        assert ended(client, address)["state"] == "done"


def test_a_workspace_that_stays_busy_is_said(tmp_path, small, monkeypatch):
    monkeypatch.setattr("parkgeo.store.workspace._LOCK_S", 0.1)
    with FileLock(tmp_path / ".lock"):
        told = work(*order(tmp_path, small), lambda _: None)
    assert told["state"] == "failed"
    assert told["problem"]["what"] == "another analysis is writing here"
    assert str(tmp_path) not in json.dumps(told)


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are found by /proc")
def test_a_killed_service_takes_its_job_along_and_the_next_one_says_so(tmp_path, small):
    code = (
        "import sys, time; from tests.api.jobs_builder import served, upload\n"
        "from pathlib import Path\n"
        "with served(Path(sys.argv[1])) as client:\n"
        "    upload(client, Path(sys.argv[2]).read_bytes(), '?name=first')\n"
        "    upload(client, Path(sys.argv[2]).read_bytes(), '?name=second&check=true')\n"
        "    print('taken', flush=True)\n"
        "    time.sleep(600)\n"
    )
    (tmp_path / "small.zip").write_bytes(small)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "ws", tmp_path / "small.zip"],
        cwd=root,
        stdout=subprocess.PIPE,
    ) as service:
        assert service.stdout.readline().strip() == b"taken"
        records = list((tmp_path / "ws" / "jobs").glob("*/tmp"))
        deadline = time.monotonic() + 60
        while not records and time.monotonic() < deadline:
            records = list((tmp_path / "ws" / "jobs").glob("*/tmp"))
        (working,) = records
        assert len(processes_in(working)) >= 1
        service.send_signal(signal.SIGKILL)
    while processes_in(working):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (tmp_path / "ws" / "jobs" / ".receiving-x").mkdir()
    with served(tmp_path / "ws") as client:
        told = {job["name"]: job for job in client.get("/jobs").json()["jobs"]}
        assert told["first"]["state"] == "interrupted"
        assert "请重新提交" in told["first"]["message"]["zh"]
        address = told["second"]["links"][0]["href"]
        assert ended(client, address)["state"] == "done"
    assert leftovers(tmp_path / "ws") == []
    assert not (tmp_path / "ws" / "jobs" / ".receiving-x").exists()


def processes_in(folder):
    """Processes that work in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if place.readlink() == folder:
                found.append(place.parent.name)
        except OSError:
            continue
    return found
