"""What there is: collections, the schema of their features, and by which fields they are chosen and sorted."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.reading import UNSORTABLE
from api.asked.selection import Selection
from api.asked.systems import CRS84, storage_system
from api.described import pages
from api.errors import RequestError, quote_short
from api.reply import GEOJSON, HTML, JSON, SCHEMA, answer, link, wants_html
from api.served.catalogue import Collection, FieldInfo
from api.tiles.described import TILESETS_REL
from parkgeo.i18n import say

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
# The standard's name for the link, and the one by which GDAL finds it.
_SCHEMA_RELS = (f"{_REL}schema", "describedby")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_READ = ["GET", "HEAD"]
_FORMATS = {"date": "date", "date-time": "date-time"}
_TIME_ROLES = {
    1: ("primary-instant",),
    2: ("primary-interval-start", "primary-interval-end"),
}


@ROUTER.api_route("/collections", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections", methods=_READ)
async def list_collections(request: Request) -> Response:
    """All collections of a snapshot."""
    ask = await Ask.of(request, {"f", "lang"})
    if wants_html(ask):
        return pages.answer_page(ask, "collections.html")
    told = [await _describe(ask, collection) for collection in ask.edition.collections.values()]

    def make() -> dict[str, Any]:
        return {
            "links": [
                link(ask.here("collections", f="json"), "self", JSON),
                link(ask.here("collections", f="html"), "alternate", HTML),
            ],
            "crs": list(ask.edition.systems),
            "collections": told,
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
    told = await _describe(ask, collection)
    return answer(ask, lambda: told, JSON, spoken=True)


@ROUTER.api_route("/collections/{collection_id}/schema", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections/{collection_id}/schema", methods=_READ)
async def show_schema(request: Request, collection_id: str) -> Response:
    """The schema of a collection's features: names, types, titles in both languages, units."""
    ask, collection = await _of_collection(request, collection_id)
    return answer(ask, lambda: _schema(ask, collection), SCHEMA, spoken=True)


@ROUTER.api_route("/collections/{collection_id}/queryables", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections/{collection_id}/queryables", methods=_READ)
async def show_queryables(request: Request, collection_id: str) -> Response:
    """The fields by which this caller may choose features of a collection."""
    ask, collection = await _of_collection(request, collection_id)

    def make() -> dict[str, Any]:
        return {**_some_fields(ask, collection, "queryables"), "additionalProperties": False}

    return answer(ask, make, SCHEMA, spoken=True)


@ROUTER.api_route("/collections/{collection_id}/sortables", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/collections/{collection_id}/sortables", methods=_READ)
async def show_sortables(request: Request, collection_id: str) -> Response:
    """The fields by which this caller may sort features of a collection."""
    ask, collection = await _of_collection(request, collection_id)

    def make() -> dict[str, Any]:
        told = _some_fields(ask, collection, "sortables")
        told["properties"].pop("geometry", None)
        return {**told, "additionalProperties": False}

    return answer(ask, make, SCHEMA, spoken=True)


async def _of_collection(request: Request, collection_id: str) -> tuple[Ask, Collection]:
    """The request and its collection, where the answer has one form only."""
    ask = await Ask.of(request, {"f", "lang"})
    if ask.given.get("f", "json") != "json":
        raise RequestError(
            f"no form {quote_short(ask.given['f'])} here", where="f", mend="use json, or leave it out"
        )
    return ask, ask.collection(collection_id)


async def _describe(ask: Ask, collection: Collection) -> dict[str, Any]:
    """A collection as ``/collections`` and its own address describe it, in the same words."""
    here = ("collections", collection.id)
    rows, systems = ask.rows(collection), ask.edition.systems
    bound = ask.caller.parks is not None
    count = await rows.matched(Selection(parks=ask.caller.parks)) if bound else len(rows)
    schema_title = say("Fields, types and units", ask.lang)
    told: dict[str, Any] = {
        "id": collection.id,
        "title": collection.titles[ask.lang],
        "itemType": "feature",
        "itemCount": count,
        "crs": list(systems),
        "storageCrs": storage_system(systems) if rows.extent is not None else CRS84,
        "links": [
            link(ask.here(*here, f="json"), "self", JSON),
            link(ask.here(*here, f="html"), "alternate", HTML),
            link(ask.here(*here, "items"), "items", GEOJSON, collection.titles[ask.lang]),
            link(ask.here(*here, "items", f="html"), "items", HTML, collection.titles[ask.lang]),
            *(link(ask.here(*here, "schema"), rel, SCHEMA, schema_title) for rel in _SCHEMA_RELS),
            *(link(ask.here(*here, name), _REL + name, SCHEMA) for name in ("queryables", "sortables")),
            *([link(ask.here(*here, "tiles"), TILESETS_REL, JSON)] if rows.extent is not None else []),
        ],
    }
    # A caller who may know of some parks only is not told how far the others reach.
    extent: dict[str, Any] = {}
    if rows.extent is not None and not bound:
        extent["spatial"] = {"bbox": [rows.extent], "crs": CRS84}
    if collection.period is not None and not bound:
        extent["temporal"] = {"interval": [collection.period], "trs": _GREGORIAN}
    return {**told, **({"extent": extent} if extent else {})}


def _schema(ask: Ask, collection: Collection) -> dict[str, Any]:
    told = _frame_of(ask, collection, "schema")
    for place, field in enumerate(collection.fields, start=1):
        told["properties"][field.name] = {**_property(field, ask.lang), "x-ogc-propertySeq": place}
    for name, role in zip(collection.time, _TIME_ROLES.get(len(collection.time), ()), strict=False):
        if collection.time[0] != "year":
            told["properties"][name].setdefault("x-ogc-role", role)
    return told


def _some_fields(ask: Ask, collection: Collection, resource: str) -> dict[str, Any]:
    """The fields that have an order, as far as this caller may ask for them."""
    told = _frame_of(ask, collection, resource)
    for field in ask.fields(collection):
        if field.kind not in UNSORTABLE:
            told["properties"][field.name] = _property(field, ask.lang)
    return told


def _frame_of(ask: Ask, collection: Collection, resource: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if collection.rows.extent is not None:
        form = (collection.geometry_type or "any").casefold()
        properties["geometry"] = {"x-ogc-role": "primary-geometry", "format": f"geometry-{form}"}
    return {
        "$schema": _DIALECT,
        "$id": ask.here("collections", collection.id, resource),
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
    if field.closed:
        told["enum"] = list(field.codes)
    if field.personal:
        told["x-parkgeo-personal"] = True
    if field.is_key:
        told["x-ogc-role"] = "id"
    return told
