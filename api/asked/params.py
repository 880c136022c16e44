"""Query parameters, read by hand: what is wrong with them is said in a sentence, and nothing is ignored in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from api.errors import RequestError, quote_short
from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.requests import Request

__all__ = ["LIMIT_DEFAULT", "LIMIT_LARGEST", "read_language", "read_limit", "read_parameters"]

LIMIT_DEFAULT = 10
LIMIT_LARGEST = 10_000

_LONGEST_NAME = 100


def read_parameters(request: Request, allowed: Collection[str] | None) -> dict[str, str]:
    """The query's parameters.

    Parameters
    ----------
    request
        The request.
    allowed
        Names that mean something here; None where the caller of this looks at them itself.

    Raises
    ------
    RequestError
        A parameter has another name, or is there twice.
    """
    given: dict[str, str] = {}
    for name, value in parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if allowed is not None and name not in allowed:
            raise RequestError(
                f"no parameter {quote_short(name)} here",
                where=name[:_LONGEST_NAME],
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
            mend=f"use 1 to {LIMIT_LARGEST}, more counts as {LIMIT_LARGEST}; without it a page has {LIMIT_DEFAULT}",
        )
    return LIMIT_LARGEST if len(digits) > len(str(LIMIT_LARGEST)) else min(int(digits), LIMIT_LARGEST)


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
    # A region or a script behind it, zh-CN or zh-Hans, is not told apart.
    primary_tag = asked.casefold().partition("-")[0]
    if primary_tag not in LANGUAGES:
        raise RequestError(
            f"language {quote_short(asked)} is not spoken here",
            where="lang",
            mend=f"use {name_some(LANGUAGES)}",
        )
    return primary_tag
