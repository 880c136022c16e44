"""What a service refused, or why it could not be asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from parkgeo.errors import ParkgeoError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ClientError"]

_LONGEST = 500


class ClientError(ParkgeoError):
    """The service refused a request, could not be reached, or said something else than it should.

    Parameters
    ----------
    detail
        What is wrong, in the service's words.
    status
        HTTP status; 0 where there was no answer.
    where
        Method and path, without what would give a key away.
    mend
        How to mend it.
    parameter
        The parameter that is wrong, where one is.
    error_id
        Under which id the service's log tells more; empty where it is the request that is wrong.
    faults
        Each fault of what was sent, where there may be several.

    Examples
    --------
    >>> error = ClientError("limit 'x' is not a whole number", status=400, parameter="limit")
    >>> error.status, error.parameter, str(error)
    (400, 'limit', "limit 'x' is not a whole number")
    """

    def __init__(
        self,
        detail: str,
        *,
        status: int = 0,
        where: str = "",
        mend: str = "",
        parameter: str = "",
        error_id: str = "",
        faults: Iterable[str] = (),
    ) -> None:
        super().__init__(detail, where=where, mend=mend)
        self.detail = detail
        self.status = status
        self.parameter = parameter
        self.error_id = error_id
        self.faults = tuple(faults)

    @classmethod
    def from_answer(cls, status: int, body: bytes, where: str) -> ClientError:
        """The error that an answer tells: a problem as RFC 9457 writes it, or whatever a proxy put in its place.

        Parameters
        ----------
        status
            HTTP status.
        body
            What came with it.
        where
            Method and path.

        Examples
        --------
        >>> ClientError.from_answer(502, b"<html>bad gateway</html>", "GET /collections").detail
        'the service answered 502'
        """
        told = _read_object(body)

        def text(name: str) -> str:
            value = told.get(name)
            return value[:_LONGEST] if isinstance(value, str) else ""

        return cls(
            text("detail") or text("title") or f"the service answered {status}",
            status=status,
            where=where,
            mend=text("mend"),
            parameter=text("parameter"),
            error_id=text("error_id"),
            faults=_texts(told.get("faults")),
        )


def _texts(told: Any) -> tuple[str, ...]:
    return tuple(one[:_LONGEST] for one in told if isinstance(one, str)) if isinstance(told, list) else ()


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
