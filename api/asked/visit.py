"""One request, looked at once: who asks, in which language, with which parameters. A service has jobs before it has data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from api.asked.params import read_language, read_parameters
from api.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Mapping

    from starlette.requests import Request

    from api.service import Service

__all__ = ["Caller", "Visit", "query_text"]

_SHORT = 64


def _segment(part: str) -> str:
    return _short_segment(part) if len(part) <= _SHORT else f"/{quote(part, safe='')}"


@lru_cache(maxsize=2_048)
def _short_segment(part: str) -> str:
    """The same few words stand in all links, so they are not encoded anew."""
    return f"/{quote(part, safe='')}"


_PLAIN = re.compile(r"[A-Za-z0-9_.~,-]*")


def query_text(told: Mapping[str, object]) -> str:
    """Parameters of an address, encoded; without those that are None.

    Examples
    --------
    >>> query_text({"bbox": "119.9,31", "name": "a b&c", "token": None})
    'bbox=119.9,31&name=a+b%26c'
    """
    pairs = ((name, str(value)) for name, value in told.items() if value is not None)
    return "&".join(f"{_plus(name)}={_plus(value)}" for name, value in pairs)


def _plus(text: str) -> str:
    # Most of them need no encoding, and to see that is far cheaper than to encode.
    return text if _PLAIN.fullmatch(text) else quote_plus(text, safe=",")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what that one may do.

    Attributes
    ----------
    name
        The key's id; empty for one who shows none.
    scopes
        ``read``, ``write``, ``personal``.
    parks
        Parks to which the key is bound; None for all.
    path
        What stands before every path of this caller: ``/k/<key>`` where the key came in the path, else empty. Links
        carry it on, because programs that cannot send headers follow links.
    """

    name: str = ""
    scopes: frozenset[str] = frozenset({"read"})
    parks: tuple[str, ...] | None = None
    path: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request and what was found out about it.

    Attributes
    ----------
    request, service
        The request, and what the routes share.
    caller
        Who asks.
    given
        Query parameters, each known here and there once.
    lang
        Language of the answer.
    """

    request: Request
    service: Service
    caller: Caller
    given: dict[str, str]
    lang: str

    @staticmethod
    def come(
        request: Request,
        allowed: Names[str] | None = (),
        *,
        scope: str = "read",
        whole: bool = False,
    ) -> Visit:
        """Look at a request.

        Parameters
        ----------
        request
            The request.
        allowed
            Query parameters that mean something here; None where the route looks at them itself.
        scope
            What the caller must be allowed.
        whole
            The answer is about all parks, so a key bound to some does not open it.

        Raises
        ------
        RequestError, ForbiddenError
            A parameter is unknown or there twice; the caller may not.
        """
        service: Service = request.app.state.parkgeo
        caller: Caller = request.scope.get("parkgeo.caller") or Caller()
        if scope not in caller.scopes:
            raise ForbiddenError(
                f"this needs a key with the scope {scope}", mend="ask whoever runs the service for one"
            )
        if whole and caller.parks is not None:
            raise ForbiddenError(
                "this key is bound to some parks, and this is about all of them",
                mend="use the collections and the parcels, which show the key's own",
            )
        given = read_parameters(request, allowed)
        return Visit(request, service, caller, given, read_language(request, given, service.settings.lang))

    @property
    def base(self) -> str:
        """The address with which every link starts: the service's own, or what a trusted proxy says it is."""
        return self.request.scope.get("parkgeo.base") or self.service.settings.url

    def url(self, *parts: str, **query: str | float | None) -> str:
        """An address of this service for this caller: path segments, encoded, and the parameters that are not None."""
        path = "".join(map(_segment, parts)) or "/"
        told = query_text(query)
        return f"{self.base}{self.caller.path}{path}{'?' if told else ''}{told}"
