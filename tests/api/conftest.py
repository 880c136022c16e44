"""The service over a made-up snapshot: called in the process, or really started on a port."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio.from_thread
import httpx
import pytest
import uvicorn

from api import Settings, create_app
from tests.api.postgis_server import missing, started_server
from tests.snapshot_builder import build_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

BASE = "http://127.0.0.1:8000"


class Client:
    """Calls an app in the process, all requests on one event loop."""

    def __init__(self, app: FastAPI, portal: anyio.from_thread.BlockingPortal) -> None:
        self.app = app
        self._portal = portal

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._portal.call(self._request, method, url, options)

    async def _request(self, method: str, url: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, url, **options)

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)


@contextlib.contextmanager
def open_client(settings: Settings) -> Iterator[Client]:
    with anyio.from_thread.start_blocking_portal() as portal:
        app = create_app(settings)
        try:
            yield Client(app, portal)
        finally:
            app.state.parkgeo.jobs.close()
            app.state.parkgeo.live.shelf.close()


@contextlib.contextmanager
def started(workspace: Path, **told: Any) -> Iterator[str]:
    """A really started server; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(Settings(workspace, port=port, **told))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    build_snapshot(folder)
    return folder


@pytest.fixture(scope="session")
def snapshot(workspace):
    from parkgeo.store import Workspace

    return Workspace(workspace).current()


@pytest.fixture(scope="session")
def postgis():
    """A database server of the tests' own."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with started_server() as server:
        yield server


@pytest.fixture(scope="session")
def published(postgis, snapshot):
    """Address of a database that holds the made-up snapshot."""
    from api.postgis import publish

    address = postgis.create()
    publish(snapshot, address)
    return address


# What is described, drawn as a page or read by other programs does not depend on where the rows are kept.
ONE_STORE = ("test_openapi", "test_pages", "test_qgis", "test_clients")


def pytest_collection_modifyitems(config, items):
    def twice(item):
        asked = getattr(item, "callspec", None)
        return item.path.stem in ONE_STORE and asked is not None and asked.params.get("store") == "postgis"

    config.hook.pytest_deselected(items=[item for item in items if twice(item)])
    items[:] = [item for item in items if not twice(item)]


@pytest.fixture(scope="session", params=["folder", "postgis"])
def store(request):
    """Settings by which the snapshot is served: from its folder, and the same from a database."""
    if request.param == "folder":
        return {}
    return {"store": request.getfixturevalue("published"), "store_connections": 3}


@pytest.fixture(scope="session")
def client(workspace, store):
    with open_client(Settings(workspace, **store)) as opened:
        yield opened


@pytest.fixture(scope="session")
def address(workspace, store, tmp_path_factory):
    """A server's address. It has a workspace of its own: one service runs the jobs of one workspace."""
    own = tmp_path_factory.mktemp("started") / "workspace"
    shutil.copytree(workspace, own, ignore=shutil.ignore_patterns("jobs"))
    with started(own, **store) as url:
        yield url
