"""The routes of OGC API Features: collections, their schema, their features."""

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response

from api import pages
from api.catalogue import Collection, FieldInfo
from api.errors import RequestError, quote_short
from api.params import (
    CRS84,
    Token,
    check_crs,
    read_bounds,
    read_language,
    read_limit,
    read_parameters,
    read_token,
)
from api.reply import GEOJSON, HTML, JSON, SCHEMA, Service, answer, link, service_of, wants_html
from parkgeo.errors import NotFoundError
from parkgeo.i18n import say

__all__ = ["ROUTER"]

ROUTER = APIRouter()
# The standard's name for the link, and the one by which GDAL finds it.
_SCHEMA_RELS = ("http://www.opengis.net/def/rel/ogc/1.0/schema", "describedby")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_READ = ["GET", "HEAD"]
_CONTENT_CRS = {"Content-Crs": f"<{CRS84}>"}
_FORMATS = {"date": "date", "date-time": "date-time"}


class _FeatureId(Convertor[str]):
    """All that follows in the path: ids are users' text, with slashes and, in the worst case, line breaks."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("feature", _FeatureId())


@ROUTER.api_route("/collections", methods=_READ)
async def list_collections(request: Request) -> Response:
    """All collections of the live snapshot."""
    service, given = service_of(request), read_parameters(request, {"f", "lang"})
    lang = read_language(request, given, service.settings.lang)
    edition = await service.live.current()
    if wants_html(request, given):
        return pages.answer_page(request, edition, "collections.html", lang)

    def make() -> dict[str, Any]:
        every = edition.collections.values()
        return {
            "links": [
                link(service.url("collections", f="json"), "self", JSON),
                link(service.url("collections", f="html"), "alternate", HTML),
            ],
            "crs": [CRS84],
            "collections": [_describe(service, collection, lang) for collection in every],
        }

    return answer(request, edition, make, JSON, lang=lang)


@ROUTER.api_route("/collections/{collection_id}", methods=_READ)
async def show_collection(request: Request, collection_id: str) -> Response:
    """One collection."""
    service, given = service_of(request), read_parameters(request, {"f", "lang"})
    lang = read_language(request, given, service.settings.lang)
    edition = await service.live.current()
    collection = edition.collection(collection_id)
    if wants_html(request, given):
        return pages.answer_page(request, edition, "collection.html", lang, collection=collection)
    return answer(request, edition, lambda: _describe(service, collection, lang), JSON, lang=lang)


@ROUTER.api_route("/collections/{collection_id}/schema", methods=_READ)
async def show_schema(request: Request, collection_id: str) -> Response:
    """JSON schema of a collection's features: names, types, titles in both languages, units."""
    service, given = service_of(request), read_parameters(request, {"f", "lang"})
    lang = read_language(request, given, service.settings.lang)
    _only_json(given)
    edition = await service.live.current()
    collection = edition.collection(collection_id)
    return answer(request, edition, lambda: _schema(service, collection, lang), SCHEMA, lang=lang)


@ROUTER.api_route("/collections/{collection_id}/items", methods=_READ)
async def list_items(request: Request, collection_id: str) -> Response:
    """A page of a collection's features."""
    service, given = (
        service_of(request),
        read_parameters(request, {"bbox", "bbox-crs", "crs", "limit", "token", "f"}),
    )
    _only_json(given)
    check_crs(given)
    limit, bounds, token = (
        read_limit(given.get("limit")),
        read_bounds(given.get("bbox")),
        read_token(given.get("token")),
    )
    edition = await service.live.current() if token is None else await service.live.at(token.snapshot)
    collection = edition.collection(collection_id)
    start = 0 if token is None else token.start
    matched = collection.index.matched(bounds)
    if token is not None and (
        token != Token.of(edition.name, start, collection_id, bounds) or start >= matched
    ):
        raise RequestError(
            "the token belongs to another query",
            where="token",
            mend="follow the link called next as it stands",
        )

    def make() -> bytes:
        page = collection.index.page(start, limit, bounds=bounds, most_bytes=service.settings.page_bytes)
        links = [
            link(service.url("collections", collection_id, "items", **given), "self", GEOJSON),
            link(service.url("collections", collection_id), "collection", JSON),
        ]
        if page.following is not None:
            following = str(Token.of(edition.name, page.following, collection_id, bounds))
            query = {"bbox": given.get("bbox"), "limit": limit, "token": following}
            links.append(link(service.url("collections", collection_id, "items", **query), "next", GEOJSON))
        head = {
            "type": "FeatureCollection",
            "timeStamp": f"{edition.snapshot.as_of.isoformat()}T00:00:00Z",
            "numberMatched": page.matched,
            "numberReturned": page.returned,
            "links": links,
        }
        return orjson.dumps(head)[:-1] + b',"features":[' + page.features + b"]}"

    return answer(request, edition, make, GEOJSON, headers=_CONTENT_CRS)


@ROUTER.api_route("/collections/{collection_id}/items/{feature_id:feature}", methods=_READ)
async def show_item(request: Request, collection_id: str, feature_id: str) -> Response:
    """One feature."""
    service, given = service_of(request), read_parameters(request, {"crs", "f"})
    _only_json(given)
    check_crs(given)
    edition = await service.live.current()
    body = edition.collection(collection_id).index.item(feature_id)
    if body is None:
        raise NotFoundError(
            f"no feature {quote_short(feature_id)} in {collection_id}",
            mend="the ids are those of its items; letters beyond ASCII and slashes are percent-encoded",
        )
    links = [
        link(service.url("collections", collection_id, "items", feature_id), "self", GEOJSON),
        link(service.url("collections", collection_id), "collection", JSON),
    ]
    return answer(
        request,
        edition,
        lambda: body[:-1] + b',"links":' + orjson.dumps(links) + b"}",
        GEOJSON,
        headers=_CONTENT_CRS,
    )


def _describe(service: Service, collection: Collection, lang: str) -> dict[str, Any]:
    """A collection as ``/collections`` and its own address describe it, in the same words."""
    here = ("collections", collection.id)
    extent = collection.index.extent
    schema_title = say("Fields, types and units", lang)
    told: dict[str, Any] = {
        "id": collection.id,
        "title": collection.titles[lang],
        "itemType": "feature",
        "itemCount": len(collection.index),
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            link(service.url(*here, f="json"), "self", JSON),
            link(service.url(*here, f="html"), "alternate", HTML),
            link(service.url(*here, "items"), "items", GEOJSON, collection.titles[lang]),
            *(link(service.url(*here, "schema"), rel, SCHEMA, schema_title) for rel in _SCHEMA_RELS),
        ],
    }
    if extent is not None:
        told["extent"] = {"spatial": {"bbox": [extent], "crs": CRS84}}
    return told


def _only_json(given: dict[str, str]) -> None:
    if given.get("f", "json") not in {"json", "geojson"}:
        raise RequestError(
            f"no form {quote_short(given['f'])} here", where="f", mend="use json, or leave it out"
        )


def _schema(service: Service, collection: Collection, lang: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if collection.index.extent is not None:
        form = (collection.geometry_type or "any").casefold()
        properties["geometry"] = {"x-ogc-role": "primary-geometry", "format": f"geometry-{form}"}
    for place, field in enumerate(collection.fields, start=1):
        properties[field.name] = {**_property(field, lang), "x-ogc-propertySeq": place}
    return {
        "$schema": _DIALECT,
        "$id": service.url("collections", collection.id, "schema"),
        "type": "object",
        "title": collection.titles[lang],
        "x-parkgeo-title": collection.titles,
        "properties": properties,
    }


def _property(field: FieldInfo, lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "string" if field.kind in _FORMATS else field.kind,
        "title": field.title(lang),
        "x-parkgeo-title": {"zh": field.zh, "en": field.en},
    }
    if field.kind in _FORMATS:
        told["format"] = _FORMATS[field.kind]
    if field.unit:
        told["x-ogc-unit"] = field.unit
    if field.formulas[lang] or field.source:
        told["description"] = " — ".join(part for part in (field.formulas[lang], field.source) if part)
    if field.codes:
        told["x-parkgeo-codes"] = field.codes
    if field.is_key:
        told["x-ogc-role"] = "id"
    return told
