"""The addresses that are asked far more often than all others together, answered without the layers that they do not need.

FastAPI's own layers cost such a request a good part of its time. A request goes this way only where both ways answer
the same; all others, and all other methods, go on to the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request

from api.errors import answer_error
from parkgeo.errors import ParkgeoError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from fastapi import FastAPI
    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Express"]

_READS = frozenset({"GET", "HEAD"})
_PREFIXES = ("/collections/", "/tiles/", "/snapshots/")


class Express:
    """ASGI application before another.

    Parameters
    ----------
    app
        Answers everything else.
    state
        The application whose state the routes look into.
    routes
        Routes whose paths begin with ``/collections/``, ``/tiles/`` or ``/snapshots/`` and whose endpoints take a
        request, the first that fits being meant. No other route of `app` that comes before them fits their paths.
    gzip_bytes
        Answers smaller than this are not compressed.
    """

    def __init__(self, app: ASGIApp, *, state: FastAPI, routes: Sequence[Route], gzip_bytes: int) -> None:
        self._app = app
        self._state = state
        self._routes = [
            (route.path_regex, _endpoint(route), tuple(route.param_convertors.items())) for route in routes
        ]
        self._packed = GZipMiddleware(_answer, minimum_size=gzip_bytes, compresslevel=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "http" and scope["method"] in _READS and not scope.get("root_path"):
            path: str = scope["path"]
            if path.startswith(_PREFIXES):
                for pattern, endpoint, convertors in self._routes:
                    found = pattern.match(path)
                    if found is not None:
                        told = found.groupdict()
                        scope["path_params"] = {name: one.convert(told[name]) for name, one in convertors}
                        scope["app"], scope["endpoint"] = self._state, endpoint
                        answer = self._packed if _takes_gzip(scope) else _answer
                        await answer(scope, receive, send)
                        return
        await self._app(scope, receive, send)


class _Headers(Headers):
    """Headers of a request that the guard has read already: each is one look and not a walk through all."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(raw=scope["headers"])
        self._read: Mapping[str, str] = scope["parkgeo.headers"]

    def get(self, key: str, default: Any = None) -> Any:
        """A header's value; where it is repeated, all of them with commas between."""
        return self._read.get(key.lower(), default)


class _Asked(Request):
    """A request as the routes see it."""

    @property
    def headers(self) -> Headers:
        """Its headers."""
        if not hasattr(self, "_headers"):
            self._headers = (
                _Headers(self.scope) if "parkgeo.headers" in self.scope else Headers(scope=self.scope)
            )
        return self._headers


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Ask the endpoint; what goes wrong is answered as the application would."""
    request = _Asked(scope, receive, send)
    try:
        response: Response = await scope["endpoint"](request)
    except ParkgeoError as error:
        response = await answer_error(request, error)
    except Exception as error:
        # As Starlette does: the client gets the problem, and the server sees the error.
        await (await answer_error(request, error))(scope, receive, send)
        raise
    await response(scope, receive, send)


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


def _endpoint(route: Route) -> Callable[[Request], Awaitable[Response]]:
    endpoint: Callable[[Request], Awaitable[Response]] = route.endpoint
    return endpoint
