"""Query parameters, read by hand: what is wrong with them is said in a sentence, and nothing is ignored in silence."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.errors import RequestError, quote_short
from api.index import Bounds
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.requests import Request

__all__ = [
    "CRS84",
    "LIMIT_DEFAULT",
    "LIMIT_LARGEST",
    "Token",
    "check_crs",
    "read_bounds",
    "read_language",
    "read_limit",
    "read_parameters",
    "read_token",
]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LIMIT_DEFAULT = 10
LIMIT_LARGEST = 10_000

_NUMBER = re.compile(r"[+-]?(\d{1,17}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_TOKEN = re.compile(r"(\d{4}-\d{2}-\d{2}-[0-9a-f]{12}):(\d{1,12}):([0-9a-f]{8})", re.ASCII)
_LONGEST_TOKEN = 100
_FLAT, _SOLID = 4, 6
_POLE = 90.0
_ANTIMERIDIAN = 180.0


def read_parameters(request: Request, allowed: Collection[str]) -> dict[str, str]:
    """The query's parameters.

    Parameters
    ----------
    request
        The request.
    allowed
        Names that mean something here.

    Raises
    ------
    RequestError
        A parameter has another name, or is there twice.
    """
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            raise RequestError(
                f"no parameter {quote_short(name)} here",
                where=name[:_LONGEST_TOKEN],
                mend=f"there are {name_some(sorted(allowed), shown=30)}"
                if allowed
                else "this address takes none",
            )
        if name in given:
            raise RequestError(f"{name} is given twice", where=name, mend="give it once")
        given[name] = value
    return given


def read_limit(text: str | None) -> int:
    """Most features on a page.

    Raises
    ------
    RequestError
        Not a whole number from 1.

    Examples
    --------
    >>> read_limit(None), read_limit("5"), read_limit("99999999")
    (10, 5, 10000)
    """
    if text is None:
        return LIMIT_DEFAULT
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and digits):
        raise RequestError(
            f"limit {quote_short(text)} is not a whole number from 1",
            where="limit",
            mend=f"use 1 to {LIMIT_LARGEST}; without it a page has {LIMIT_DEFAULT}",
        )
    return LIMIT_LARGEST if len(digits) > len(str(LIMIT_LARGEST)) else min(int(digits), LIMIT_LARGEST)


def read_bounds(text: str | None) -> Bounds | None:
    """The bounding box, four or six numbers in CRS84; heights do not choose, the features being flat.

    Raises
    ------
    RequestError
        Not four or six numbers, south above north, beyond the poles, or a longitude beyond 180°.

    Examples
    --------
    >>> read_bounds("119.9,31,120.1,32")
    Bounds(west=119.9, south=31.0, east=120.1, north=32.0)
    """
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) not in (_FLAT, _SOLID) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise _wrong_bounds(f"bbox {quote_short(text)} is not four or six numbers")
    numbers = [float(part) for part in parts]
    half = len(numbers) // 2
    low, high = numbers[:half], numbers[half:]
    if low[1] > high[1]:
        raise _wrong_bounds("the south of bbox is above its north")
    if low[1] < -_POLE or high[1] > _POLE:
        raise _wrong_bounds("bbox goes beyond a pole")
    if max(abs(low[0]), abs(high[0])) > _ANTIMERIDIAN:
        raise _wrong_bounds("a longitude of bbox is not in -180 to 180")
    if len(numbers) == _SOLID and low[2] > high[2]:
        raise _wrong_bounds("the lowest height of bbox is above its highest")
    # Adding zero makes -0.0 the same box as 0.0.
    return Bounds(low[0] + 0.0, low[1] + 0.0, high[0] + 0.0, high[1] + 0.0)


def check_crs(given: Mapping[str, str]) -> None:
    """Check that ``crs`` and ``bbox-crs`` name a coordinate system that is served.

    Raises
    ------
    RequestError
        They name another one than CRS84.
    """
    for name in ("crs", "bbox-crs"):
        if given.get(name, CRS84) != CRS84:
            raise RequestError(
                f"coordinates are not served in {quote_short(given[name])}", where=name, mend=f"use {CRS84}"
            )


def _wrong_bounds(what: str) -> RequestError:
    return RequestError(
        what,
        where="bbox",
        mend="write west,south,east,north in degrees (CRS84), for example 119.9,31.7,120.1,31.8",
    )


def read_language(request: Request, given: Mapping[str, str], default: str) -> str:
    """The language to answer in: parameter ``lang``, else the client's Accept-Language, else the default.

    Raises
    ------
    RequestError
        The parameter names a language that is not spoken here.
    """
    asked = given.get("lang")
    if asked is None:
        accepted = request.headers.get("accept-language", "").casefold().split(",")
        primary = (entry.strip().partition(";")[0].partition("-")[0] for entry in accepted)
        return next((lang for lang in primary if lang in LANGUAGES), default)
    if asked not in LANGUAGES:
        raise RequestError(
            f"language {quote_short(asked)} is not spoken here",
            where="lang",
            mend=f"use {name_some(LANGUAGES)}",
        )
    return asked


@dataclass(frozen=True, slots=True)
class Token:
    """Where a page goes on: in which snapshot, after how many features, of which query.

    Attributes
    ----------
    snapshot
        The snapshot's name; the next page comes from the same.
    start
        How many features the pages before held.
    query
        Fingerprint of collection and filter, so that a token is not carried to another query.
    """

    snapshot: str
    start: int
    query: str

    @classmethod
    def of(cls, snapshot: str, start: int, collection: str, bounds: Bounds | None) -> Token:
        """The token that goes on with a query at a place."""
        query = hashlib.blake2s(f"{collection} {bounds}".encode(), digest_size=4).hexdigest()
        return cls(snapshot, start, query)

    def __str__(self) -> str:
        text = f"{self.snapshot}:{self.start}:{self.query}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(text: str | None) -> Token | None:
    """A token as it came back.

    Raises
    ------
    RequestError
        It is none of ours.
    """
    if text is None:
        return None
    try:
        plain = (
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            if (len(text) <= _LONGEST_TOKEN)
            else b""
        )
        found = _TOKEN.fullmatch(plain.decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise RequestError(
            f"{quote_short(text)} is no token of this service",
            where="token",
            mend="follow the link called next",
        )
    return Token(found[1], int(found[2]), found[3])
