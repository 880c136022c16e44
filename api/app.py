"""The application: settings in, a FastAPI app out."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.errors import add_error_handlers
from api.guard.gate import Guard
from api.routes import exports, features, jobs, records, service, tiles
from api.served.live import Live
from api.served.shelf import FolderShelf
from api.service import Service
from parkgeo import __version__
from parkgeo.errors import StoreError
from parkgeo.store import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.settings import Settings

__all__ = ["create_app"]

_LOG = logging.getLogger("parkgeo.api")


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
    shelf = FolderShelf(Workspace(settings.workspace))
    shared = Service(settings, Live(shelf, check_s=settings.check_s, keep=settings.keep))

    @contextlib.asynccontextmanager
    async def load_first(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await shared.live.current()
        except StoreError as error:
            _LOG.warning("%s", error)
        yield

    # FastAPI's own description is OpenAPI 3.1 and its pages load scripts from elsewhere; a redirect to an address with
    # or without a slash would be built from the Host header.
    app = FastAPI(
        title="parkgeo",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=load_first,
    )
    app.state.parkgeo = shared
    # In the order in which addresses are matched: an item's id may hold slashes, so items come last.
    for routes in (service, tiles, records, exports, jobs, features):
        app.include_router(routes.ROUTER)
    add_error_handlers(app)
    # The last added is the outermost: refusals and every other answer carry the guard's headers.
    app.add_middleware(GZipMiddleware, minimum_size=settings.gzip_bytes, compresslevel=1)
    app.add_middleware(Guard, hosts=settings.hosts)
    return app
