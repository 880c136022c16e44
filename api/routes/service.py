"""The routes around the data: landing page, conformance, the service's description, the map, health."""

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.params import read_parameters
from api.described import pages
from api.described.examples import read_samples
from api.described.openapi import describe_service
from api.reply import GEOJSON, HTML, JSON, OPENAPI, answer, answer_headers, has_already, link, wants_html
from api.tiles.described import TILES_CONFORM_TO, TILESETS_REL, TILING_SCHEMES_REL
from parkgeo import __version__
from parkgeo.i18n import say
from parkgeo.store.cql2_words import CONFORMANCE

if TYPE_CHECKING:
    from api.asked.visit import Caller

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    *(f"http://www.opengis.net/spec/cql2/1.0/conf/{name}" for name in CONFORMANCE),
    *TILES_CONFORM_TO,
)


@ROUTER.api_route("/", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/", methods=_READ)
async def land(request: Request) -> Response:
    """What the service offers: a page for people, links for programs."""
    ask = await Ask.of(request, {"f", "lang"})
    if wants_html(ask):
        return pages.answer_page(ask, "landing.html")
    return answer(ask, lambda: _landing(ask), JSON, spoken=True)


@ROUTER.api_route("/conformance", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/conformance", methods=_READ)
async def conform(request: Request) -> Response:
    """Standards that the service follows."""
    ask = await Ask.of(request, {"f", "lang"})
    if wants_html(ask):
        return pages.answer_page(ask, "conformance.html", classes=_CONFORMS_TO)
    return answer(ask, lambda: {"conformsTo": list(_CONFORMS_TO)}, JSON)


@ROUTER.api_route("/api", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/api", methods=_READ)
async def describe(request: Request) -> Response:
    """The OpenAPI document."""
    ask = await Ask.of(request, {"f", "lang"})
    if wants_html(ask):
        return await _describe_for_people(ask)
    headers = answer_headers(ask, OPENAPI, spoken=True)
    if has_already(ask, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    samples = await read_samples(ask)
    # Hundreds of kilobytes: in a thread, so that others are answered meanwhile.
    told = await asyncio.to_thread(lambda: orjson.dumps(describe_service(ask, samples)))
    return answer(ask, lambda: told, OPENAPI, spoken=True)


@ROUTER.api_route("/docs", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/docs", methods=_READ)
async def document(request: Request) -> Response:
    """The OpenAPI document, for people."""
    return await _describe_for_people(await Ask.of(request, {"lang"}))


async def _describe_for_people(ask: Ask) -> Response:
    samples = await read_samples(ask)
    return await asyncio.to_thread(
        lambda: pages.answer_page(ask, "docs.html", described=describe_service(ask, samples))
    )


@ROUTER.api_route("/healthz", methods=_READ)
async def live(request: Request) -> dict[str, str]:
    """Whether the process lives."""
    read_parameters(request, ())
    return {"status": "ok"}


@ROUTER.api_route("/readyz", methods=_READ)
async def ready(request: Request) -> dict[str, str | int]:
    """Whether a snapshot is served, and which; where keys are needed, without one only whether."""
    read_parameters(request, ())
    edition = await request.app.state.parkgeo.live.ready()
    caller: Caller | None = request.scope.get("parkgeo.caller")
    if caller is not None and "read" not in caller.scopes:
        return {"status": "ready"}
    return {
        "status": "ready",
        "snapshot": edition.name,
        "as_of": edition.snapshot.as_of.isoformat(),
        "collections": len(edition.collections),
        "version": __version__,
    }


def _landing(ask: Ask) -> dict[str, Any]:
    edition, lang = ask.edition, ask.lang
    named = [
        link(ask.here("collections", name, "items"), "items", GEOJSON, collection.titles[lang])
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
            link(ask.here(f="json"), "self", JSON),
            link(ask.here(f="html"), "alternate", HTML),
            link(
                ask.here("api"), "service-desc", OPENAPI, say("This service, described in OpenAPI 3.0", lang)
            ),
            link(ask.here("docs"), "service-doc", HTML, say("This service, described for people", lang)),
            link(ask.url("snapshots"), "related", JSON, say("Snapshots", lang)),
            link(ask.here("conformance"), "conformance", JSON, say("Standards it follows", lang)),
            link(ask.here("collections"), "data", JSON, say("All collections", lang)),
            link(ask.here("map", lang=lang), "related", HTML, say("The map of the park", lang)),
            link(
                ask.here("dashboard", lang=lang),
                "related",
                HTML,
                say("Map, lists and charts of the park in one page", lang),
            ),
            link(ask.here("tiles"), TILESETS_REL, JSON, say("Vector tiles", lang)),
            link(
                ask.url("tileMatrixSets"),
                TILING_SCHEMES_REL,
                JSON,
                say("How the world is cut into tiles", lang),
            ),
            *named,
        ],
    }
