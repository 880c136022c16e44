"""HTTP as bytes: uvicorn's fast parser, with the bounds that it lacks.

httptools reads in C what h11 reads in Python, but keeps whatever it is sent of a head that never ends, and as many requests
as come behind one another. Nothing that the guard could refuse is there yet, so it is bounded here, and what cannot be
read is answered here as the guard would.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.guard.headers import HEADERS
from api.guard.refusal import Refused

if TYPE_CHECKING:
    from uvicorn import Config

    from api.settings import Limits

__all__ = ["bounded_http"]

_LOG = logging.getLogger("parkgeo.guard")
_AHEAD = 64
"""Requests that may wait behind one that is being answered."""
_LINGER_BYTES = 1_500_000
_LINGER_S = 2.0


class _TooManyError(Exception):
    """More requests came at once than are taken; the parser ends the connection."""


class _Bounded(HttpToolsProtocol):
    """One connection."""

    limits: Limits
    most: int

    def __init__(self, config: Config, *told: Any, **named: Any) -> None:
        super().__init__(config, *told, **named)
        self._pending = 0
        self._in_head = False
        self._refused = False

    def data_received(self, data: bytes) -> None:
        self._pending += len(data)
        if self._refused:
            if self._pending > _LINGER_BYTES:
                self.transport.abort()
            return
        super().data_received(data)
        if self._pending > self.most and not self.transport.is_closing() and not self._refused:
            self._refuse(endless=True)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  said in our own words
        """Answer what the parser cannot read."""
        self._refuse(endless=False)

    def _refuse(self, *, endless: bool) -> None:
        """Answer what cannot be read or does not end, and end the connection."""
        refused, name = self._refusal(endless=endless), secrets.token_hex(8)
        self._refused, self._pending = True, 0
        client = self.client[0] if self.client else "-"
        _LOG.info("refused before it was read: %d %s %s", refused.status, client, name)
        cycle = self.cycle
        busy = cycle is not None and not cycle.response_complete
        begun = busy and (cycle.response_started or bool(self.pipeline))
        if busy:
            # Nothing comes behind this answer.
            cycle.disconnected = True
            cycle.message_event.set()
            self.pipeline.clear()
        if not begun:
            self.transport.write(refused.written({**HEADERS, "X-Request-ID": name}))
        if busy or not self.transport.can_write_eof():
            self.transport.close()
        else:
            # To close while the client is still sending would reset the connection and take the answer from it.
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(_LINGER_S, self.transport.abort)

    def _refusal(self, *, endless: bool) -> Refused:
        if self._in_head and len(self.url) > self.limits.address_bytes:
            return Refused(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                "the address is too long",
                f"keep it under {self.limits.address_bytes} bytes",
            )
        if self._in_head and endless:
            return Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "the headers are too large",
                f"keep to {self.limits.headers} headers of {self.limits.header_bytes} bytes in all",
            )
        return Refused(HTTPStatus.BAD_REQUEST, "this is no request that HTTP knows", "send HTTP/1.1")

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= _AHEAD:
            raise _TooManyError
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._pending = 0
        super().on_headers_complete()
        self._in_head = False

    def on_body(self, body: bytes) -> None:
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._pending = 0
        super().on_message_complete()


def bounded_http(limits: Limits) -> type[HttpToolsProtocol]:
    """A protocol of uvicorn that gives up a connection which sends and sends and never comes to the point.

    Parameters
    ----------
    limits
        How long an address and how large headers may be. The guard refuses what is beyond, as far as it comes whole;
        here about twice as much ends the connection, and one read more at most is held.
    """
    most = 2 * limits.header_bytes + limits.address_bytes
    return type("Bounded", (_Bounded,), {"limits": limits, "most": most})
