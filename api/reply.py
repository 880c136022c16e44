"""How an answer goes out: in which form, with which tag, or not at all because the client has it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson
from starlette.responses import Response

from api.errors import RequestError, quote_short
from parkgeo import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from api.live import Edition, Live
    from api.settings import Settings

__all__ = [
    "GEOJSON",
    "HTML",
    "JSON",
    "OPENAPI",
    "SCHEMA",
    "Service",
    "answer",
    "link",
    "service_of",
    "wants_html",
]

GEOJSON = "application/geo+json"
HTML = "text/html"
JSON = "application/json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

_WILD = {"*/*": 0, "text/*": 1, "application/*": 1}


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes share.

    Attributes
    ----------
    settings
        What the service was told.
    live
        Which snapshot is served.
    """

    settings: Settings
    live: Live

    def url(self, *parts: str, **query: str | int | None) -> str:
        """An address of this service: path segments, encoded, and the parameters that are not None."""
        path = "".join(f"/{quote(part, safe='')}" for part in parts) or "/"
        told = {name: value for name, value in query.items() if value is not None}
        return f"{self.settings.url}{path}" + (f"?{urlencode(told, safe=',')}" if told else "")


def service_of(request: Request) -> Service:
    """The service that the request's app was made for."""
    service: Service = request.app.state.parkgeo
    return service


def link(href: str, rel: str, media_type: str, title: str = "") -> dict[str, str]:
    """A link as OGC APIs write it."""
    return {"href": href, "rel": rel, "type": media_type, **({"title": title} if title else {})}


def wants_html(request: Request, given: Mapping[str, str]) -> bool:
    """Whether the client is answered with a page: parameter ``f``, else its Accept header. JSON where it is all the same.

    Raises
    ------
    RequestError
        ``f`` is neither ``json`` nor ``html``.
    """
    asked = given.get("f")
    if asked is None:
        accept = request.headers.get("accept", "")
        return _quality(accept, HTML) > max(_quality(accept, JSON), _quality(accept, GEOJSON))
    if asked not in {"json", "html"}:
        raise RequestError(f"no form {quote_short(asked)} here", where="f", mend="use json or html")
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
    request: Request,
    edition: Edition,
    make: Callable[[], bytes | dict[str, Any]],
    media_type: str,
    *,
    headers: Mapping[str, str] | None = None,
    lang: str = "",
) -> Response:
    """A response with its tag, or 304 where the client has what it would say.

    Parameters
    ----------
    request
        The request.
    edition
        The snapshot the answer is about.
    make
        Makes the body; bytes, or what becomes JSON. Not called when the client has it.
    media_type
        Media type of the body.
    headers
        Further headers.
    lang
        Language of the body, where it has one.
    """
    tag = _entity_tag(request, edition, media_type, lang)
    told = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept, Accept-Language, Accept-Encoding"}
    told.update({"Content-Language": lang} if lang else {}, **(headers or {}))
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=told)
    body = make()
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(content, headers={**told, "Content-Type": _content_type(media_type)})


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type == HTML else media_type


def _entity_tag(request: Request, edition: Edition, media_type: str, lang: str) -> str:
    """A strong tag: snapshot, program, address and form decide every byte; so does whether it is compressed."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    told = (
        edition.name, __version__, service_of(request).settings.url, request.url.path, request.url.query, media_type,
        lang, packed,
    )  # fmt: skip
    return f'"{hashlib.blake2s(repr(told).encode(), digest_size=12).hexdigest()}"'


def _has(header: str, tag: str) -> bool:
    return header.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in header.split(",")}
