"""A request that is about no snapshot: who asks, in which language, with which parameters. A service has jobs before it has data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from api.asked.ask import Caller
from api.asked.params import read_language, read_parameters
from api.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Collection as Names

    from starlette.requests import Request

    from api.service import Service

__all__ = ["Visit"]


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

    @classmethod
    def of(cls, request: Request, allowed: Names[str] = (), *, scope: str = "read") -> Visit:
        """Look at a request whose answer is about all parks.

        Parameters
        ----------
        request
            The request.
        allowed
            Query parameters that mean something here.
        scope
            What the caller must be allowed.

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
        if caller.parks is not None:
            raise ForbiddenError(
                "this key is bound to some parks, and this concerns all of them",
                mend="ask whoever runs the service for a key that is not",
            )
        given = read_parameters(request, allowed)
        return cls(request, service, caller, given, read_language(request, given, service.settings.lang))

    def url(self, *parts: str, **query: str | float | None) -> str:
        """An address of this service for this caller: path segments, encoded, and the parameters that are not None."""
        base = self.request.scope.get("parkgeo.base") or self.service.settings.url
        path = "".join(f"/{quote(part, safe='')}" for part in parts) or "/"
        told = {name: value for name, value in query.items() if value is not None}
        return f"{base}{self.caller.path}{path}" + (f"?{urlencode(told, safe=',')}" if told else "")
