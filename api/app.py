"""The application: settings in, a FastAPI app out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route

from api.errors import add_error_handlers
from api.exports.exporter import Exporter
from api.exports.packing import Packing
from api.express import Express
from api.guard.gate import Guard, open_ring
from api.guard.limits import Turns
from api.guard.metrics import Metrics
from api.jobs.jobs import Jobs
from api.routes import (
    collections,
    exports,
    features,
    jobs,
    metrics,
    photos,
    records,
    service,
    siting,
    snapshots,
    tiles,
    view,
)
from api.served.live import Live
from api.served.shelf import FolderShelf
from api.service import Service
from api.siting.desks import Desks
from api.tiles.painter import Painter
from api.view.grounds import Grounds
from parkgeo import __version__
from parkgeo.errors import ProjectError, StoreError
from parkgeo.store import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from api.served.shelf import Shelf
    from api.settings import Settings

__all__ = ["create_app"]

_LOG = logging.getLogger("parkgeo.api")


class _Guarded(FastAPI):
    """An application that the guard stands around, outside of all middleware: it sees also what goes wrong in them."""

    guarded_by: Callable[[ASGIApp], ASGIApp]
    gzip_bytes: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As Starlette does: FastAPI would look in the environment, at each request, whether it is traced."""
        await Starlette.__call__(self, scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """All that answers, and the guard."""
        # Plain routes of Starlette only: their handlers take the request and read its parameters themselves.
        routes = [route for one in (features, tiles) for route in one.ROUTER.routes if type(route) is Route]
        inner = super().build_middleware_stack()
        return self.guarded_by(Express(inner, state=self, routes=routes, gzip_bytes=self.gzip_bytes))


def _open_shelf(settings: Settings) -> Shelf:
    """Where the snapshots are: the workspace, or a database."""
    if not settings.store:
        return FolderShelf(Workspace(settings.workspace))
    try:
        from api.postgis import Database, PostgisShelf
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ProjectError(
            "serving from a database needs psycopg", mend="install it: pip install 'parkgeo[postgis]'"
        ) from error
    database = Database(
        settings.store, connections=settings.store_connections, timeout_ms=settings.store_timeout_ms
    )
    return PostgisShelf(database)


def create_app(settings: Settings) -> FastAPI:
    """A service over a workspace.

    Parameters
    ----------
    settings
        Which workspace, at which address.

    Returns
    -------
    fastapi.FastAPI
        The live snapshot is loaded when the app starts, or at the first request. A workspace in which nothing was
        published yet is answered with 503 until something is.

    Examples
    --------
    >>> from pathlib import Path
    >>> from api import Settings, create_app
    >>> create_app(Settings(Path("ws"))).title
    'parkgeo'
    """
    shelf = _open_shelf(settings)
    live = Live(shelf, check_s=settings.check_s, keep=settings.keep)
    turns = Turns(settings.limits)
    shared = Service(
        settings,
        live,
        metrics=Metrics(live, turns),
        exporter=Exporter(settings.exports, settings.exports.folder or settings.workspace / "exports"),
        jobs=Jobs(
            settings.workspace, settings.jobs, listeners=settings.limits.slow_at_once, store=settings.store
        ),
        desks=Desks(settings.siting),
        painter=Painter(settings.tile_cache_bytes),
        grounds=Grounds.of(settings),
    )

    @contextlib.asynccontextmanager
    async def load_first(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await shared.live.current()
        except StoreError as error:
            _LOG.warning("%s", error)
        await asyncio.to_thread(shared.exporter.scratch.sweep)
        await asyncio.to_thread(shared.jobs.resume)
        watching = asyncio.create_task(shared.live.watch())
        yield
        watching.cancel()
        await asyncio.to_thread(shared.jobs.close)
        await asyncio.to_thread(shared.exporter.close)
        await asyncio.to_thread(shared.desks.close)
        await asyncio.to_thread(shelf.close)

    # FastAPI's own description is OpenAPI 3.1 and its pages load scripts from elsewhere; a redirect to an address with
    # or without a slash would be built from the Host header.
    app = _Guarded(
        title="parkgeo",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=load_first,
    )
    shared.metrics.watch("jobs", lambda: Counter(job.state for job in shared.jobs.listed()))
    app.state.parkgeo = shared
    app.gzip_bytes = settings.gzip_bytes
    # Made now and not at the first request: where others reach the service and there are no keys, it does not start.
    app.guarded_by = partial(
        Guard, settings=settings, turns=turns, metrics=shared.metrics, ring=open_ring(settings)
    )
    # In the order in which addresses are matched: those that are asked for most come first.
    # Photos and fits before records: a parcel's id takes all that follows in its address.
    for routes in (
        features,
        service,
        view,
        metrics,
        collections,
        snapshots,
        tiles,
        photos,
        siting,
        records,
        exports,
        jobs,
    ):
        app.include_router(routes.ROUTER)
    add_error_handlers(app)
    app.add_middleware(Packing, minimum_size=settings.gzip_bytes)
    return app
