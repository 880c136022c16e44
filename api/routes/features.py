"""The routes of OGC API Features: collections, their schema, their features."""

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.params import read_limit
from api.asked.reading import read_selection
from api.asked.systems import CRS84, read_system
from api.asked.token import Token, read_token
from api.described import pages
from api.errors import RequestError, quote_short
from api.reply import GEOJSON, HTML, JSON, SCHEMA, answer, link, wants_html
from api.served.catalogue import Collection, FieldInfo
from parkgeo.errors import NotFoundError
from parkgeo.i18n import say

__all__ = ["ROUTER"]

ROUTER = APIRouter()
# The standard's name for the link, and the one by which GDAL finds it.
_SCHEMA_RELS = ("http://www.opengis.net/def/rel/ogc/1.0/schema", "describedby")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_READ = ["GET", "HEAD"]
_FORMATS = {"date": "date", "date-time": "date-time"}
_PAGING = frozenset({"limit", "token", "crs", "f"})


class _FeatureId(Convertor[str]):
    """All that follows in the path: ids are users' text, with slashes and, in the worst case, line breaks."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("feature", _FeatureId())


@ROUTER.api_route("/collections", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections", methods=_READ)
async def list_collections(request: Request) -> Response:
    """All collections of a snapshot."""
    ask = await Ask.of(request, {"f", "lang"})
    if wants_html(ask):
        return pages.answer_page(ask, "collections.html")

    def make() -> dict[str, Any]:
        return {
            "links": [
                link(ask.here("collections", f="json"), "self", JSON),
                link(ask.here("collections", f="html"), "alternate", HTML),
            ],
            "crs": list(ask.edition.systems),
            "collections": [_describe(ask, collection) for collection in ask.edition.collections.values()],
        }

    return answer(ask, make, JSON, spoken=True)


@ROUTER.api_route("/collections/{collection_id}", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections/{collection_id}", methods=_READ)
async def show_collection(request: Request, collection_id: str) -> Response:
    """One collection."""
    ask = await Ask.of(request, {"f", "lang"})
    collection = ask.collection(collection_id)
    if wants_html(ask):
        return pages.answer_page(ask, "collection.html", collection=collection)
    return answer(ask, lambda: _describe(ask, collection), JSON, spoken=True)


@ROUTER.api_route("/collections/{collection_id}/schema", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections/{collection_id}/schema", methods=_READ)
async def show_schema(request: Request, collection_id: str) -> Response:
    """The schema of a collection's features: names, types, titles in both languages, units."""
    ask = await Ask.of(request, {"f", "lang"})
    _only_json(ask)
    collection = ask.collection(collection_id)
    return answer(ask, lambda: _schema(ask, collection), SCHEMA, spoken=True)


@ROUTER.api_route("/collections/{collection_id}/items", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections/{collection_id}/items", methods=_READ)
async def list_items(request: Request, collection_id: str) -> Response:
    """A page of a collection's features."""
    ask = await Ask.of(request, more=True)
    collection = ask.collection(collection_id)
    selection = read_selection(ask, collection, _PAGING)
    _only_json(ask)
    _only_crs84(ask)
    limit, token = read_limit(ask.given.get("limit")), read_token(ask.given.get("token"))
    mark = selection.mark(collection_id)
    if token is not None:
        if token.mark != mark or (ask.named and token.snapshot != ask.edition.name):
            raise RequestError(
                "the token belongs to another query",
                where="token",
                mend="follow the link called next as it stands",
            )
        collection = (await ask.service.live.at(token.snapshot)).collection(collection_id)
    page = await ask.rows(collection).page(
        selection,
        limit,
        after=None if token is None else token.after,
        most_bytes=ask.service.settings.page_bytes,
    )
    edition = ask.edition.name if token is None else token.snapshot

    def make() -> bytes:
        here = ("collections", collection_id)
        links = [
            link(ask.here(*here, "items", **ask.given), "self", GEOJSON),
            link(ask.here(*here), "collection", JSON),
        ]
        if page.following is not None:
            query = {**ask.given, "limit": str(limit), "token": str(Token(edition, mark, page.following))}
            links.append(link(ask.here(*here, "items", **query), "next", GEOJSON))
        head = {
            "type": "FeatureCollection",
            "timeStamp": f"{ask.edition.snapshot.as_of.isoformat()}T00:00:00Z",
            "numberMatched": page.matched,
            "numberReturned": page.returned,
            "links": links,
        }
        return orjson.dumps(head)[:-1] + b',"features":[' + page.features + b"]}"

    return answer(ask, make, GEOJSON, headers={"Content-Crs": f"<{CRS84}>"})


@ROUTER.api_route("/collections/{collection_id}/items/{feature_id:feature}", methods=_READ)
@ROUTER.api_route(
    "/snapshots/{snapshot}/collections/{collection_id}/items/{feature_id:feature}", methods=_READ
)
async def show_item(request: Request, collection_id: str, feature_id: str) -> Response:
    """One feature."""
    ask = await Ask.of(request, {"crs", "f"})
    _only_json(ask)
    _only_crs84(ask)
    collection = ask.collection(collection_id)
    body = await ask.rows(collection).item(feature_id, ask.caller.parks)
    if body is None:
        raise NotFoundError(
            f"no feature {quote_short(feature_id)} in {collection_id}",
            mend="the ids are those of its items; letters beyond ASCII and slashes are percent-encoded",
        )
    links = [
        link(ask.here("collections", collection_id, "items", feature_id), "self", GEOJSON),
        link(ask.here("collections", collection_id), "collection", JSON),
    ]
    return answer(
        ask,
        lambda: body[:-1] + b',"links":' + orjson.dumps(links) + b"}",
        GEOJSON,
        headers={"Content-Crs": f"<{CRS84}>"},
    )


def _describe(ask: Ask, collection: Collection) -> dict[str, Any]:
    """A collection as ``/collections`` and its own address describe it, in the same words."""
    here = ("collections", collection.id)
    extent = collection.rows.extent
    schema_title = say("Fields, types and units", ask.lang)
    told: dict[str, Any] = {
        "id": collection.id,
        "title": collection.titles[ask.lang],
        "itemType": "feature",
        "itemCount": len(collection.rows),
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            link(ask.here(*here, f="json"), "self", JSON),
            link(ask.here(*here, f="html"), "alternate", HTML),
            link(ask.here(*here, "items"), "items", GEOJSON, collection.titles[ask.lang]),
            *(link(ask.here(*here, "schema"), rel, SCHEMA, schema_title) for rel in _SCHEMA_RELS),
        ],
    }
    if extent is not None:
        told["extent"] = {"spatial": {"bbox": [extent], "crs": CRS84}}
    return told


def _only_json(ask: Ask) -> None:
    if ask.given.get("f", "json") not in {"json", "geojson"}:
        raise RequestError(
            f"no form {quote_short(ask.given['f'])} here", where="f", mend="use json, or leave it out"
        )


def _only_crs84(ask: Ask) -> None:
    if read_system(ask.given.get("crs"), ask.edition.systems, "crs") != CRS84:
        raise RequestError("coordinates are served in CRS84 only", where="crs", mend=f"use {CRS84}")


def _schema(ask: Ask, collection: Collection) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if collection.rows.extent is not None:
        form = (collection.geometry_type or "any").casefold()
        properties["geometry"] = {"x-ogc-role": "primary-geometry", "format": f"geometry-{form}"}
    for place, field in enumerate(collection.fields, start=1):
        properties[field.name] = {**_property(field, ask.lang), "x-ogc-propertySeq": place}
    return {
        "$schema": _DIALECT,
        "$id": ask.here("collections", collection.id, "schema"),
        "type": "object",
        "title": collection.titles[ask.lang],
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
