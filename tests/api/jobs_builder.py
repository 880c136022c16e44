"""Projects as clients upload them, and a service that takes them."""

from __future__ import annotations

import contextlib
import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

from api import Settings
from api.jobs.limits import JobLimits
from tests.api.conftest import Client, open_client
from tests.office import layer, parcels, project, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

ZIP = {"Content-Type": "application/zip"}

# In the place of the real process: starts at once and does as the job's name says.
PRETENDED = """
import json, os, sys, time
order = json.loads(sys.stdin.readline())
def step(name):
    print(json.dumps({"step": name}), flush=True)
print("not a step", flush=True)
step("unpack")
if order["name"] == "slow":
    time.sleep(600)
if order["name"] == "dies":
    os._exit(7)
if order["name"] == "publishes":
    step("snapshot")
    assert sys.stdin.readline() == "go\\n"
    while not os.path.exists(os.path.join(order["folder"], "enough")):
        time.sleep(0.02)
result = {"state": "done", "message": {"zh": "好", "en": "well"}, "environ": sorted(os.environ)}
with open(os.path.join(order["folder"], "result.json"), "w", encoding="utf-8") as file:
    json.dump(result, file)
"""


def zipped(folder: Path) -> bytes:
    """A folder's files as an archive."""
    return archive(
        {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
    )


def archive(files: dict[str, bytes | str]) -> bytes:
    """Files by name as an archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def small_project(folder: Path, *, park: str = "", count: int = 3) -> bytes:
    """Parcels in a row, one of them there twice under one id, and a park.toml."""
    folder.mkdir(exist_ok=True)
    frame = parcels(count, holder=[f"张三{at}" for at in range(count)])
    frame.loc[count - 1, "parcel_id"] = "P1"
    write(frame, folder / "parcels.geojson")
    project(folder, layer("parcels", "parcels.geojson", crs="EPSG:4528"), park=park)
    return zipped(folder)


@contextlib.contextmanager
def served(workspace: Path, **limits: Any) -> Iterator[Client]:
    """A service whose jobs end with it."""
    with open_client(Settings(workspace, check_s=0.0, jobs=JobLimits(**limits))) as client:
        try:
            yield client
        finally:
            client.app.state.parkgeo.jobs.close()


def upload(client: Client, content: Any, query: str = "", **headers: str) -> httpx.Response:
    """Upload an archive."""
    return client.request("POST", f"/uploads{query}", content=content, headers={**ZIP, **headers})


def ended(client: Client, address: str, **headers: str) -> dict[str, Any]:
    """The job when it has ended."""
    return until(client, address, lambda job: job["state"] not in {"queued", "running"}, **headers)


def until(client: Client, address: str, condition: Any, **headers: str) -> dict[str, Any]:
    """The job as soon as something holds of it."""
    deadline = time.monotonic() + 180
    while True:
        job = client.get(address, headers=headers).json()
        if condition(job):
            return job
        assert time.monotonic() < deadline, json.dumps(job)[:2000]
        time.sleep(0.05)
