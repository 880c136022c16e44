"""Answers are compressed on their way, but for files that are packed already: their length is then known, and shows progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

from api.exports.files import PACKED

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Packing"]

_AS_IT_IS = (b"content-encoding", b"identity")


class Packing:
    """Middleware of Starlette's own compression, kept from what it would only make slower.

    Parameters
    ----------
    app
        What answers.
    minimum_size
        Bytes; answers smaller than this are not compressed.
    level
        Of compression, 1 to 9.
    """

    def __init__(self, app: ASGIApp, *, minimum_size: int, level: int = 1) -> None:
        self._app = app
        self._gzip = GZipMiddleware(self._marked, minimum_size=minimum_size, compresslevel=level)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, compressed where that helps."""

        async def without_mark(message: Message) -> None:
            if message["type"] == "http.response.start" and _AS_IT_IS in message["headers"]:
                message["headers"] = [one for one in message["headers"] if one != _AS_IT_IS]
            await send(message)

        await self._gzip(scope, receive, without_mark)

    async def _marked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer with a mark of ours on what is packed: what has an encoding is not encoded again."""

        async def with_mark(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_packed(message):
                message["headers"] = [*message["headers"], _AS_IT_IS]
            await send(message)

        await self._app(scope, receive, with_mark)


def _is_packed(message: Message) -> bool:
    kinds = (value for name, value in message["headers"] if name == b"content-type")
    return any(value.decode("latin-1").partition(";")[0].strip() in PACKED for value in kinds)
