"""A service that is really started, as ``parkgeo serve`` starts it, and requests as bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import uvicorn

from api import Settings, create_app
from api.guard.keys import KeyFile
from parkgeo.cli.serve_command import listen, server_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Running:
    """A running service."""

    def __init__(self, app: Any, port: int) -> None:
        self.app = app
        self.port = port

    def raw(self, request: bytes, *, wait_s: float = 10.0) -> bytes:
        """All that comes back for some bytes, until the other side or the wait ends."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait_s) as line:
            with contextlib.suppress(OSError):  # it may refuse before all is sent
                line.sendall(request)
            with contextlib.suppress(OSError):
                while part := line.recv(65_536):
                    got += part
        return got

    def status(self, request: bytes, **options: Any) -> int:
        """The status of the first answer; 0 where there is none."""
        first = self.raw(request, **options).split(b"\r\n", 1)[0].split()
        return int(first[1]) if len(first) > 1 else 0


@contextlib.contextmanager
def running(workspace: Path, *, http: str = "", **told: Any) -> Iterator[Running]:
    door = listen("127.0.0.1", 0)
    port = door.getsockname()[1]
    settings = Settings(workspace, port=port, **told)
    app = create_app(settings)
    config = server_config(app, settings)
    if http:
        config = uvicorn.Config(
            app, http=http, ws="none", log_config=None, access_log=False, proxy_headers=False
        )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield Running(app, port)
    finally:
        server.should_exit = True
        thread.join()
        door.close()


def new_key(workspace: Path, **told: Any) -> str:
    """A key for a workspace, as its bearer has it."""
    return KeyFile(workspace / "keys.json").new(**told)[1]


def narrowed(settings: Settings, **limits: Any) -> Settings:
    """Settings with other limits."""
    return replace(settings, limits=replace(settings.limits, **limits))
