"""How an answer goes out: in which form, with which tag, or not at all because the client has it."""

from __future__ import annotations

import datetime as dt
import hashlib
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from api.errors import RequestError, quote_short
from parkgeo import __version__
from parkgeo.errors import name_some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api.asked.ask import Ask

__all__ = [
    "GEOJSON",
    "HTML",
    "JSON",
    "OPENAPI",
    "SCHEMA",
    "answer",
    "answer_headers",
    "has_already",
    "link",
    "wants_html",
]

GEOJSON = "application/geo+json"
HTML = "text/html"
JSON = "application/json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

_WILD = {"*/*": 0, "text/*": 1, "application/*": 1}


def link(href: str, rel: str, media_type: str, title: str = "") -> dict[str, str]:
    """A link as OGC APIs write it."""
    return {"href": href, "rel": rel, "type": media_type, **({"title": title} if title else {})}


def wants_html(ask: Ask, *names: str) -> bool:
    """Whether the client is answered with a page: parameter ``f``, else its Accept header. JSON where it is all the same.

    Parameters
    ----------
    ask
        The request.
    *names
        What else ``f`` may be, for JSON.

    Raises
    ------
    RequestError
        ``f`` is none of these.
    """
    asked = ask.given.get("f")
    if asked is None:
        accept = ask.request.headers.get("accept", "")
        # Programs that name no text need not be weighed.
        return "text/" in accept.casefold() and _quality(accept, HTML) > max(
            _quality(accept, JSON), _quality(accept, GEOJSON), _quality(accept, OPENAPI.partition(";")[0])
        )
    if asked not in ("json", "html", *names):
        raise RequestError(
            f"no form {quote_short(asked)} here", where="f", mend=f"use {name_some(('json', 'html', *names))}"
        )
    return asked == "html"


def _quality(accept: str, media_type: str) -> float:
    """How much an Accept header wants a media type, 0 to 1; the most precise entry that covers it decides."""
    best = (-1, 0.0)
    for entry in accept.casefold().split(","):
        name, _, rest = entry.partition(";")
        name = name.strip()
        rank = _WILD.get(name, 2)
        if name in {"*/*", f"{media_type.partition('/')[0]}/*", media_type}:
            best = max(best, (rank, _weight(rest)))
    return best[1]


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            return float(value) if value.replace(".", "", 1).isdecimal() and value.isascii() else 0.0
    return 1.0


def answer(
    ask: Ask,
    make: Callable[[], bytes | dict[str, Any]],
    media_type: str,
    *,
    headers: Mapping[str, str] | None = None,
    spoken: bool = False,
    also: str = "",
) -> Response:
    """A response with its tag, or 304 where the client has what it would say.

    Parameters
    ----------
    ask
        The request.
    make
        Makes the body; bytes, or what becomes JSON. Not called when the client has it.
    media_type
        Media type of the body.
    headers
        Further headers.
    spoken
        Whether the body is in the language of the request.
    also
        What else decides the body, beside the snapshot, the address and the caller. Such an answer has no day since
        which it is as it is.
    """
    told = answer_headers(ask, media_type, spoken=spoken, also=also)
    told.update(headers or {})
    if has_already(ask, told["ETag"], dated=not also):
        return Response(status_code=304, headers=told)
    body = make()
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(content, headers={**told, "Content-Type": _content_type(media_type)})


def answer_headers(ask: Ask, media_type: str, *, spoken: bool = False, also: str = "") -> dict[str, str]:
    """Tag, day and caching of an answer about a snapshot."""
    told = {
        "ETag": _entity_tag(ask, media_type, also, spoken=spoken),
        "Cache-Control": "private, no-cache" if ask.caller.name else "no-cache",
        "Vary": "Accept, Accept-Language, Accept-Encoding, Authorization, X-API-Key",
    }
    if spoken:
        told["Content-Language"] = ask.lang
    if not also:
        told["Last-Modified"] = _http_date(ask.edition.modified)
    return told


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type == HTML else media_type


def _entity_tag(ask: Ask, media_type: str, also: str, *, spoken: bool) -> str:
    """A strong tag: snapshot, program, address, form and caller decide every byte; so does whether it is compressed."""
    request, caller = ask.request, ask.caller
    packed = "gzip" in request.headers.get("accept-encoding", "")
    told = (
        ask.edition.name, __version__, ask.base, caller.path, request.scope["path"], request.scope["query_string"], media_type,
        ask.lang if spoken else "", also, packed, caller.parks, "personal" in caller.scopes,
    )  # fmt: skip
    return f'"{hashlib.blake2s(repr(told).encode(), digest_size=12).hexdigest()}"'


def has_already(ask: Ask, tag: str, *, dated: bool = True) -> bool:
    """Whether the client says that it has what bears this tag; where it names none, whether it has what is no older."""
    headers = ask.request.headers
    header = headers.get("if-none-match")
    if header is not None:
        return header.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in header.split(",")}
    since = headers.get("if-modified-since")
    return dated and since is not None and _is_since(since, ask.edition.modified)


@lru_cache(maxsize=16)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _is_since(text: str, modified: int) -> bool:
    """Whether a date of HTTP is not before a moment; a date that cannot be read is as good as none."""
    try:
        told = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return False
    return told.tzinfo is not None and told >= dt.datetime.fromtimestamp(modified, tz=dt.UTC)
