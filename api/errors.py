"""The one table that maps the errors of parkgeo to HTTP, and problems as RFC 9457 writes them.

::

    ParkgeoError
    ├── RequestError (ValueError)   a parameter, a header: 400
    │   └── FaultsError             a body with several faults, each told: 400
    ├── ForbiddenError (PermissionError)   the caller may not: 403
    ├── TooMuchError                what is asked for, or sent, is larger than a limit: 413
    ├── BusyError                   more at once than is served: 429
    ├── ConflictError               it is too late for what is asked: 409
    ├── MediaTypeError (ValueError) a body of a kind that is not taken: 415
    └── GoneError (LookupError)     a page of a snapshot that is no longer kept: 410

What a client did wrong is said to the client. What went wrong here is said to the log; the client gets its id. Places
in errors of the store are paths of this machine and never leave it.
"""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.guard.keys import blank_keys
from api.guard.refusal import PROBLEM, problem_body
from parkgeo.errors import FilterError, NotFoundError, ParkgeoError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

__all__ = [
    "BusyError",
    "ConflictError",
    "FaultsError",
    "ForbiddenError",
    "GoneError",
    "MediaTypeError",
    "RequestError",
    "TooMuchError",
    "add_error_handlers",
    "answer_error",
    "problem",
    "quote_short",
]

_LOG = logging.getLogger("parkgeo.api")
_QUOTED = 60


class RequestError(ParkgeoError, ValueError):
    """The request asks for something that cannot be understood."""


class FaultsError(RequestError):
    """A body says things that cannot be followed.

    Parameters
    ----------
    what
        What is wrong, in one sentence.
    faults
        Each fault by itself.
    mend
        How to mend them.
    """

    def __init__(self, what: str, faults: Sequence[str], *, mend: str = "") -> None:
        super().__init__(what, mend=mend)
        self.faults = tuple(faults)


class GoneError(ParkgeoError, LookupError):
    """What the request continues is no longer kept."""


class ForbiddenError(ParkgeoError, PermissionError):
    """The caller may not have or do this."""


class TooMuchError(ParkgeoError):
    """What is asked for, or sent, is larger than the service allows."""


class BusyError(ParkgeoError):
    """More of this is asked for at once than the service does."""


class ConflictError(ParkgeoError):
    """It is too late for what is asked."""


class MediaTypeError(ParkgeoError, ValueError):
    """A body of a kind that is not taken here."""


_STATUS: tuple[tuple[type[ParkgeoError], HTTPStatus], ...] = (
    (RequestError, HTTPStatus.BAD_REQUEST),
    (FilterError, HTTPStatus.BAD_REQUEST),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (TooMuchError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (BusyError, HTTPStatus.TOO_MANY_REQUESTS),
    (ConflictError, HTTPStatus.CONFLICT),
    (MediaTypeError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (GoneError, HTTPStatus.GONE),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def quote_short(text: str) -> str:
    """A client's text in quotation marks, cut where it is long.

    Examples
    --------
    >>> quote_short("abc")
    "'abc'"
    """
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")


def problem(
    status: int,
    detail: str,
    *,
    mend: str = "",
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem as RFC 9457 writes it.

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
    more
        Further members.
    """
    return Response(
        problem_body(status, detail, mend, more),
        status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=PROBLEM,
    )


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    app.add_exception_handler(ParkgeoError, answer_error)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unknown)


async def answer_error(request: Request, error: Exception) -> Response:
    """What an error of ours is answered with; any other is told to the log, and the client gets its id."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), None)
    if status is None or not isinstance(error, ParkgeoError):
        return await _answer_unknown(request, error)
    if isinstance(error, StoreError):
        _LOG.warning("%s", blank_keys(str(error)))
        return problem(status, error.what, mend=error.mend, headers={"Retry-After": "10"})
    more: dict[str, Any] = {}
    if isinstance(error, RequestError) and error.where:
        more["parameter"] = error.where
    if isinstance(error, FaultsError):
        more["faults"] = list(error.faults)
    return problem(
        status,
        error.what,
        mend=error.mend,
        headers={"Retry-After": "10"} if isinstance(error, BusyError) else {},
        more=more,
    )


async def _answer_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    said = {
        HTTPStatus.NOT_FOUND: ("nothing is served at this address", "start at /, which links to everything"),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            "this address does not take that method",
            f"use {(error.headers or {}).get('Allow', 'GET or HEAD')}",
        ),
    }
    detail, mend = said.get(HTTPStatus(error.status_code), (str(error.detail), ""))
    return problem(error.status_code, detail, mend=mend, headers=error.headers)


async def _answer_unknown(request: Request, error: Exception) -> Response:
    name = secrets.token_hex(8)
    _LOG.error(
        "error %s at %s %s", name, request.method, quote_short(blank_keys(request.url.path)), exc_info=error
    )
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "something went wrong here; the log tells what",
        mend="give the error's id to whoever runs this service",
        more={"error_id": name},
    )
