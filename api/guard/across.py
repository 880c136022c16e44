"""Pages of other sites: which of them may read answers, and that none of them writes with a visitor's rights."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.guard.refusal import Refused

if TYPE_CHECKING:
    from api.guard.come import Headers

__all__ = ["WRITES", "Across"]

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_EXPOSED = b"ETag, Link, Location, Content-Crs, Content-Disposition, Retry-After, X-Request-ID"
_METHODS = b"GET, HEAD, POST, DELETE"
_TAKEN = (
    b"Authorization, X-API-Key, Content-Type, If-None-Match, If-Modified-Since, X-Request-ID, Last-Event-ID"
)
_KEPT_S = b"600"


class Across:
    """What pages of other sites may.

    Parameters
    ----------
    origins
        Origins whose pages may read; ``*`` among them is any.
    """

    def __init__(self, origins: tuple[str, ...]) -> None:
        self.any = bool(origins)
        """Whether there are any."""
        self._all = "*" in origins
        self._origins = frozenset(origin.casefold() for origin in origins)

    def allows(self, origin: str) -> bool:
        """Whether pages of an origin may read answers."""
        return bool(origin) and (self._all or origin.casefold() in self._origins)

    def headers(self, origin: str) -> list[tuple[bytes, bytes]]:
        """What an answer says to the browser of a page of an origin. Never that cookies may come along: there are none."""
        told = [(b"vary", b"Origin")]
        if self.allows(origin):
            shown = b"*" if self._all else origin.encode("latin-1")
            told += [(b"access-control-allow-origin", shown), (b"access-control-expose-headers", _EXPOSED)]
        return told

    def is_preflight(self, method: str, headers: Headers) -> bool:
        """Whether a browser asks what a page may, before the page's own request. It shows no key."""
        return (
            method == "OPTIONS"
            and "access-control-request-method" in headers
            and self.allows(headers.get("origin", ""))
        )

    @staticmethod
    def preflight() -> list[tuple[bytes, bytes]]:
        """What such a question is answered with."""
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _TAKEN),
            (b"access-control-max-age", _KEPT_S),
            (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
        ]

    def check_write(self, headers: Headers, base: str) -> None:
        """Refuse a write that a page of another site makes a browser send. Programs send neither header.

        Parameters
        ----------
        headers
            Of the request.
        base
            Address of this service.

        Raises
        ------
        Refused
            The browser says that the page is another site's.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and self.allows(origin):
            return
        parts = urlsplit(base)
        own = {f"{parts.scheme}://{parts.netloc}".casefold(), f"http://{headers.get('host', '')}".casefold()}
        if (origin is not None and origin.casefold() not in own) or site not in {None, "same-origin", "none"}:
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "a page of another site may not write here",
                "have its origin added to PARKGEO_CORS_ORIGINS",
            )
