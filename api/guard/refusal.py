"""A problem as every refusal is answered with, and a request that is refused before any route sees it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from api.guard.keys import blank_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Send

__all__ = ["PROBLEM", "Refused", "problem_body"]

PROBLEM = "application/problem+json"
"""Media type of a problem."""


def problem_body(status: int, detail: str, mend: str = "", more: Mapping[str, Any] | None = None) -> bytes:
    """A problem as RFC 9457 writes it, without a key that it may quote from what the client sent.

    Parameters
    ----------
    status
        HTTP status.
    detail
        What is wrong.
    mend
        How to mend it.
    more
        Further members.

    Examples
    --------
    >>> problem_body(404, "no parcel", "look for it")
    b'{"type":"about:blank","title":"Not Found","status":404,"detail":"no parcel","mend":"look for it"}'
    """
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **({"mend": mend} if mend else {}),
        **(more or {}),
    }
    return blank_keys(orjson.dumps(told).decode()).encode()


class Refused(Exception):  # noqa: N818  it is an answer, not a fault
    """The guard answers by itself.

    Parameters
    ----------
    status
        HTTP status.
    detail
        What is wrong.
    mend
        How to mend it.
    headers
        Further headers.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, mend: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self._body = problem_body(status, detail, mend)
        told = {
            "content-type": PROBLEM,
            "content-length": str(len(self._body)),
            "cache-control": "no-store",
            **(headers or {}),
        }
        self._headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in told.items()]

    def written(self, headers: Mapping[str, str]) -> bytes:
        """The whole answer as HTTP/1.1, for a connection that ends with it."""
        told = [
            *self._headers,
            *((name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()),
        ]
        lines = [f"HTTP/1.1 {int(self.status)} {self.status.phrase}".encode("ascii")]
        lines += [name + b": " + value for name, value in told]
        return b"\r\n".join([*lines, b"connection: close", b"", self._body])

    async def answer(self, send: Send) -> None:
        """Send the problem."""
        await send({"type": "http.response.start", "status": int(self.status), "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})
