"""What stands before every route: known hosts, a bounded address, headers that forbid what no page needs."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from starlette.datastructures import Headers, MutableHeaders

from api.guard.headers import HEADERS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

_LONGEST_ADDRESS = 8_192


class Guard:
    """ASGI middleware: refuses requests to unknown hosts and endless addresses, adds the headers.

    Parameters
    ----------
    app
        What it guards.
    hosts
        Host names to which a request may be addressed, in lower case; ``*`` among them is any.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refusal(scope)
        if refused:
            await _refuse(*refused, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[HTTPStatus, str, str] | None:
        if len(scope.get("raw_path", b"")) + len(scope.get("query_string", b"")) > _LONGEST_ADDRESS:
            return (
                HTTPStatus.REQUEST_URI_TOO_LONG,
                "the address is too long",
                f"keep it under {_LONGEST_ADDRESS} bytes",
            )
        if "*" in self._hosts or _host_name(Headers(scope=scope).get("host", "")) in self._hosts:
            return None
        return (
            HTTPStatus.BAD_REQUEST,
            "this service does not answer to that host name",
            "use the address it was started with, or have the name added to PARKGEO_ALLOWED_HOSTS",
        )


def _host_name(header: str) -> str:
    """The name in a Host header, without port and brackets.

    Examples
    --------
    >>> _host_name("[::1]:8000"), _host_name("GIS.example.cn:80")
    ('::1', 'gis.example.cn')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0].casefold()
    return header.partition(":")[0].casefold()


async def _refuse(status: HTTPStatus, detail: str, mend: str, send: Send) -> None:
    body = orjson.dumps(
        {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, "mend": mend}
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
