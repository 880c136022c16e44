"""The routes around the data: landing page, conformance, the service's description, the map, health."""

import gzip
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import pages
from api.errors import RequestError, quote_short
from api.live import Edition
from api.openapi import describe_service
from api.params import read_language, read_parameters
from api.reply import GEOJSON, HTML, JSON, OPENAPI, Service, answer, link, service_of, wants_html
from parkgeo import __version__
from parkgeo.i18n import say

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
# The map page states what it may load in a policy of its own; this one holds beside it.
_MAP_HEADERS = {
    "Content-Security-Policy": "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    # Public tile servers refuse requests that do not say from which site they come.
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


@ROUTER.api_route("/", methods=_READ)
async def land(request: Request) -> Response:
    """What the service offers: a page for people, links for programs."""
    service, given = service_of(request), read_parameters(request, {"f", "lang"})
    lang = read_language(request, given, service.settings.lang)
    edition = await service.live.current()
    if wants_html(request, given):
        return pages.answer_page(request, edition, "landing.html", lang)
    return answer(request, edition, lambda: _landing(service, edition, lang), JSON, lang=lang)


@ROUTER.api_route("/conformance", methods=_READ)
async def conform(request: Request) -> Response:
    """Standards that the service follows."""
    service, given = service_of(request), read_parameters(request, {"f"})
    _only(given, "json")
    edition = await service.live.current()
    return answer(request, edition, lambda: {"conformsTo": list(_CONFORMS_TO)}, JSON)


@ROUTER.api_route("/api", methods=_READ)
async def describe(request: Request) -> Response:
    """The OpenAPI document."""
    service, given = service_of(request), read_parameters(request, {"f", "lang"})
    _only(given, "json")
    lang = read_language(request, given, service.settings.lang)
    edition = await service.live.current()
    return answer(request, edition, lambda: describe_service(service, edition, lang), OPENAPI, lang=lang)


@ROUTER.api_route("/docs", methods=_READ)
async def document(request: Request) -> Response:
    """The OpenAPI document, for people."""
    service, given = service_of(request), read_parameters(request, {"lang"})
    lang = read_language(request, given, service.settings.lang)
    edition = await service.live.current()
    return pages.answer_page(
        request, edition, "docs.html", lang, described=describe_service(service, edition, lang)
    )


@ROUTER.api_route("/map", methods=_READ)
async def show_map(request: Request) -> Response:
    """The map of the park."""
    service, given = service_of(request), read_parameters(request, {"lang"})
    lang = read_language(request, given, service.settings.lang)
    edition = await service.live.current()
    packed = await edition.page(f"map-{lang}", partial(_draw_map, edition, lang))
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    headers = {**_MAP_HEADERS, **({"Content-Encoding": "gzip"} if takes_gzip else {})}
    return answer(
        request,
        edition,
        lambda: packed if takes_gzip else gzip.decompress(packed),
        HTML,
        headers=headers,
        lang=lang,
    )


@ROUTER.api_route("/healthz", methods=_READ)
async def live(request: Request) -> dict[str, str]:
    """Whether the process lives."""
    read_parameters(request, ())
    return {"status": "ok"}


@ROUTER.api_route("/readyz", methods=_READ)
async def ready(request: Request) -> dict[str, str | int]:
    """Whether a snapshot is served, and which."""
    read_parameters(request, ())
    edition = await service_of(request).live.current()
    return {
        "status": "ready",
        "snapshot": edition.name,
        "as_of": edition.snapshot.as_of.isoformat(),
        "collections": len(edition.collections),
        "version": __version__,
    }


def _draw_map(edition: Edition, lang: str) -> bytes:
    """The map's page, packed: it is made once and goes out many times."""
    from maps import render_map

    return gzip.compress(render_map(edition.snapshot, lang=lang).encode(), 6, mtime=0)


def _only(given: dict[str, str], form: str) -> None:
    if given.get("f", form) != form:
        raise RequestError(
            f"no form {quote_short(given['f'])} here", where="f", mend=f"use {form}, or leave it out"
        )


def _landing(service: Service, edition: Edition, lang: str) -> dict[str, Any]:
    url = service.url
    named = [
        link(url("collections", name, "items"), "items", GEOJSON, collection.titles[lang])
        for name, collection in edition.collections.items()
    ]
    return {
        "title": edition.summary.park or "parkgeo",
        "description": say(
            "Land of the park as of {day}; snapshot {name}.",
            lang,
            day=edition.snapshot.as_of,
            name=edition.name,
        ),
        "as_of": edition.snapshot.as_of.isoformat(),
        "snapshot": edition.name,
        "links": [
            link(url(f="json"), "self", JSON),
            link(url(f="html"), "alternate", HTML),
            link(url("api"), "service-desc", OPENAPI, say("This service, described in OpenAPI 3.0", lang)),
            link(url("docs"), "service-doc", HTML, say("This service, described for people", lang)),
            link(url("conformance"), "conformance", JSON, say("Standards it follows", lang)),
            link(url("collections"), "data", JSON, say("All collections", lang)),
            link(url("map", lang=lang), "related", HTML, say("The map of the park", lang)),
            *named,
        ],
    }
