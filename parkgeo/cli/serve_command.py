"""``parkgeo serve``: the service, started with what the command line and the environment say."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parkgeo.cli.console import out
from parkgeo.cli.options import Lang  # noqa: TC001 - typer reads the annotations
from parkgeo.errors import ProjectError

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI
    from uvicorn import Config

    from api import Settings

__all__ = ["listen", "run_server", "serve", "server_config"]

WorkspaceDir = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="Folder of the analyses; else PARKGEO_WORKSPACE.")
]
_BACKLOG = 512
_KEEP_ALIVE_S = 20
_STOPPING_S = 15


def serve(
    *,
    workspace: WorkspaceDir = None,
    host: Annotated[str, typer.Option(help="Address to listen at; else PARKGEO_HOST, else 127.0.0.1.")] = "",
    port: Annotated[
        int | None, typer.Option(help="Port to serve at; else PARKGEO_PORT, else 8000.", min=1, max=65535)
    ] = None,
    base_url: Annotated[
        str, typer.Option(help="Address that clients use, where a proxy stands before.", metavar="URL")
    ] = "",
    allowed_host: Annotated[
        list[str] | None, typer.Option(help="A further name that requests may be addressed to.")
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(help="Address of a proxy whose X-Forwarded-* headers hold.")
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(help="An origin whose pages may read, such as https://maps.example.cn."),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Serve an address that others reach without keys: they may read."),
    ] = False,
    log: Annotated[str, typer.Option(help="text, json or off; on standard error.")] = "",
    lang: Lang = "",
) -> None:
    """Serve the live analysis: pages, map, OGC API.

    All further settings are variables of the environment; docs/deployment.md lists them. Another address than this machine's own is served only with keys (parkgeo keys new) or with --insecure.
    """
    from parkgeo.i18n import choose_language

    told = {
        "PARKGEO_WORKSPACE": str(workspace) if workspace else "",
        "PARKGEO_HOST": host,
        "PARKGEO_PORT": str(port) if port else "",
        "PARKGEO_BASE_URL": base_url,
        "PARKGEO_ALLOWED_HOSTS": ",".join(allowed_host or ()),
        "PARKGEO_TRUSTED_PROXIES": ",".join(trusted_proxy or ()),
        "PARKGEO_CORS_ORIGINS": ",".join(cors_origin or ()),
        "PARKGEO_INSECURE": "1" if insecure else "",
        "PARKGEO_LOG": log,
        "PARKGEO_LANG": choose_language(lang or None),
    }
    run_server({name: value for name, value in told.items() if value})


def listen(host: str, port: int) -> socket.socket:
    """Take the port before the work is done; who comes early waits for the answer.

    Raises
    ------
    ProjectError
        Another program has it, or the address is not this machine's.
    """
    import socket

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        door = socket.socket(family, kind, protocol)
        try:
            if os.name != "nt":  # on Windows this option would let two servers share a port
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
            door.listen(_BACKLOG)
        except OSError:
            door.close()
            raise
    except OSError as error:
        raise ProjectError(
            f"cannot serve at {host}:{port} ({error.strerror or error})",
            mend="choose another --port or --host",
        ) from error
    return door


def run_server(told: dict[str, str], door: socket.socket | None = None) -> None:
    """Serve until stopped.

    Parameters
    ----------
    told
        Variables that the command line states; they go before those of the environment.
    door
        A socket that listens already; None opens one.

    Raises
    ------
    ProjectError, StoreError
        The settings cannot be followed, or nothing was published yet.
    """
    import uvicorn

    import api
    from api.guard.logs import set_up_logs
    from parkgeo import __version__
    from parkgeo.i18n import say

    if getattr(api, "DISTRIBUTION", None) != "parkgeo" or api.__version__ != __version__:
        raise ProjectError(
            "the package 'api' that Python finds is not parkgeo's",
            where=str(getattr(api, "__file__", "")),
            mend="install parkgeo by itself: uv tool install, pipx, or a virtual environment of its own",
        )
    settings = api.Settings.from_environ({**os.environ, **told})
    app = api.create_app(settings)
    gc.freeze()  # what was imported stays: to look through it again and again costs a tenth of a load
    with door or listen(settings.host, settings.port) as at:
        set_up_logs(settings.logs.form)
        out().print(
            say("Serving at {address} — Ctrl+C stops.", settings.lang, address=settings.url), soft_wrap=True
        )
        board = f"{settings.url.rstrip('/')}/dashboard"
        out().print(say("Dashboard: {address}", settings.lang, address=board), soft_wrap=True)
        uvicorn.Server(server_config(app, settings)).run(sockets=[at])


def server_config(app: FastAPI, settings: Settings) -> Config:
    """How the server under the service is set: what the guard cannot bound because it comes before it, and nothing twice."""
    from uvicorn import Config

    from api.guard.wire import bounded_http

    return Config(
        app,
        http=bounded_http(settings.limits),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the guard reads them, from trusted proxies only
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_STOPPING_S,
    )
