"""The description of the service as a valid OpenAPI 3.0 document, which GIS programs read before anything else.

FastAPI writes 3.1, and does not know the collections of the live snapshot; this one is written from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.asked.params import LIMIT_DEFAULT, LIMIT_LARGEST
from api.asked.reading import CHOOSING, FILTER_LANGS, LOOKING, UNSORTABLE
from api.asked.systems import CRS84
from api.reply import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from parkgeo import __version__
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.served.catalogue import Collection, FieldInfo
    from api.served.live import Edition

__all__ = ["describe_service"]

_PROBLEMS = {
    "400": "A parameter is wrong",
    "404": "Nothing has that name",
    "500": "Something went wrong here",
}
_FORMATS = {"date": "date", "date-time": "date-time"}
_LANG = {
    "name": "lang", "in": "query", "description": "zh | en",
    "schema": {"type": "string", "enum": list(LANGUAGES)}, "style": "form", "explode": False,
}  # fmt: skip
_RESOURCES = {"queryables": "Fields to choose by", "sortables": "Fields to sort by"}
_TAKEN = CHOOSING | LOOKING | {"limit", "token", "f", "lang"}
_NUMBERS = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}


def describe_service(ask: Ask) -> dict[str, Any]:
    """The OpenAPI document of a service over a snapshot, in the language of a request."""
    edition, lang = ask.edition, ask.lang
    title = edition.summary.park or "parkgeo"
    return {
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": __version__,
            "description": say("Land of the park as of {day}; snapshot {name}.", lang, day=edition.snapshot.as_of, name=edition.name),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": ask.here().rstrip("/")}],
        "tags": [{"name": name} for name in ("service", "data", "map", "health")],
        "paths": {**_service_paths(lang), **_data_paths(ask), **_other_paths(lang), **_further_paths(ask)},
        "components": {
            "schemas": {
                "problem": _problem_schema(),
                "link": _link_schema(),
                **{_schema_name(one): _feature_schema(one, lang) for one in edition.collections.values()},
            },
            "responses": {f"problem{status}": _problem(say(text, lang)) for status, text in _PROBLEMS.items()},
        },
    }  # fmt: skip


def _service_paths(lang: str) -> dict[str, Any]:
    form = _enum("f", ("json", "html"))
    page_or_json = (JSON, HTML)
    return {
        "/": _get("landing", "service", say("What this service offers", lang), page_or_json, [form, _LANG]),
        "/conformance": _get("conformance", "service", say("Standards it follows", lang), (JSON,), [_enum("f", ("json",))]),
        "/api": _get("api", "service", say("This document", lang), (OPENAPI,), [_enum("f", ("json",)), _LANG]),
        "/docs": _get("docs", "service", say("This document, for people", lang), (HTML,), [_LANG]),
        "/collections": _get("collections", "service", say("All collections", lang), page_or_json, [form, _LANG]),
        "/snapshots": _get("snapshots", "service", say("Snapshots", lang), page_or_json, [form, _LANG]),
    }  # fmt: skip


def _data_paths(ask: Ask) -> dict[str, Any]:
    edition, lang = ask.edition, ask.lang
    paths: dict[str, Any] = {}
    form, only_json = _enum("f", ("json", "html")), _enum("f", ("json",))
    item_form = _enum("f", ("json", "geojson", "html"))
    choosing, looking = _choosing(edition, lang), _looking(edition, lang)
    for name, collection in edition.collections.items():
        title, here, tag = collection.titles[lang], f"/collections/{name}", "data"
        paths[here] = _get(f"{name}.collection", tag, title, (JSON, HTML), [form, _LANG])
        paths[f"{here}/schema"] = _get(
            f"{name}.schema",
            tag,
            f"{title} · {say('Fields, types and units', lang)}",
            (SCHEMA,),
            [only_json, _LANG],
        )
        for resource, sentence in _RESOURCES.items():
            paths[f"{here}/{resource}"] = _get(
                f"{name}.{resource}", tag, f"{title} · {say(sentence, lang)}", (SCHEMA,), [only_json, _LANG]
            )
        paths[f"{here}/items"] = _get(
            f"{name}.items",
            tag,
            f"{title} · {say('a page of features', lang)}",
            (GEOJSON, HTML),
            [*choosing, *looking, *_equalities(ask, collection), item_form, _LANG],
            schema=_page_schema(collection),
        )
        paths[f"{here}/items/{{featureId}}"] = _get(
            f"{name}.item",
            tag,
            f"{title} · {say('one feature', lang)}",
            (GEOJSON, HTML),
            [
                {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}},
                *looking,
                item_form,
                _LANG,
            ],
            schema={"$ref": f"#/components/schemas/{_schema_name(collection)}"},
        )
    return paths


def _other_paths(lang: str) -> dict[str, Any]:
    return {
        "/map": _get("map", "map", say("The map of the park", lang), (HTML,), [_LANG]),
        "/healthz": _get("healthz", "health", say("Whether the process lives", lang), (JSON,), []),
        "/readyz": _get(
            "readyz", "health", say("Whether a snapshot is served, and which", lang), (JSON,), []
        ),
    }


def _further_paths(ask: Ask) -> dict[str, Any]:
    """The addresses that describe themselves."""
    from api.routes import exports, jobs, records, tiles

    told: dict[str, Any] = {}
    for routes in (tiles, records, exports, jobs):
        told.update(routes.describe_paths(ask))
    return told


def _choosing(edition: Edition, lang: str) -> list[dict[str, Any]]:
    """Parameters that choose features and cut them into pages."""
    text = {"type": "string"}
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_LARGEST, "default": LIMIT_DEFAULT}
    languages = {**text, "enum": list(FILTER_LANGS), "default": FILTER_LANGS[0]}
    names = {"type": "array", "minItems": 1, "items": text}
    return [
        _parameter("bbox", say("West, south, east, north in degrees (CRS84)", lang), _NUMBERS),
        _parameter("bbox-crs", say("Coordinate system of bbox", lang), _system(edition)),
        _parameter("datetime", say("A moment, a day, or a stretch of time: 2026-01-01/..", lang), text),
        _parameter("filter", say("A condition in CQL2: idle = 'yes' AND site_area_m2 > 10000", lang), text),
        _parameter("filter-lang", say("Language of the filter", lang), languages),
        _parameter("filter-crs", say("Coordinate system of geometry in the filter", lang), _system(edition)),
        _parameter("sortby", say("Fields to sort by; a minus before those that fall: -site_area_m2", lang), names),
        _parameter("limit", say("Most features on a page", lang), limit),
        _parameter("token", say("Where the page goes on; comes with the link called next", lang), text),
    ]  # fmt: skip


def _looking(edition: Edition, lang: str) -> list[dict[str, Any]]:
    """Parameters that say how features look."""
    names = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    return [
        _parameter("crs", say("Coordinate system of the answer", lang), _system(edition)),
        _parameter("properties", say("Properties that are wanted; all without it", lang), names),
        _parameter("skipGeometry", say("Whether geometry is left out", lang), {"type": "boolean", "default": False}),
    ]  # fmt: skip


def _equalities(ask: Ask, collection: Collection) -> list[dict[str, Any]]:
    """The fields whose value may be asked for under their own names."""
    return [
        _parameter(field.name, field.title(ask.lang), _asked_value(field))
        for field in ask.fields(collection)
        if field.kind not in UNSORTABLE and field.name not in _TAKEN
    ]


def _asked_value(field: FieldInfo) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "string" if field.kind in _FORMATS else field.kind}
    return {**told, "format": _FORMATS[field.kind]} if field.kind in _FORMATS else told


def _system(edition: Edition) -> dict[str, Any]:
    return {"type": "string", "format": "uri", "enum": list(edition.systems), "default": CRS84}


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, "style": "form", "explode": False}  # fmt: skip


def _enum(name: str, values: tuple[str, ...]) -> dict[str, Any]:
    return _parameter(name, " | ".join(values), {"type": "string", "enum": list(values)})


def _get(
    operation: str,
    tag: str,
    summary: str,
    media_types: tuple[str, ...],
    parameters: list[dict[str, Any]],
    *,
    schema: dict[str, Any] | None = None,
) -> dict[str, Any]:
    forms = {
        kind: {"schema": {"type": "string"} if kind == HTML else (schema or {"type": "object"})}
        for kind in media_types
    }
    problems = {status: {"$ref": f"#/components/responses/problem{status}"} for status in _PROBLEMS}
    told = {
        "operationId": operation,
        "tags": [tag],
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": {"description": summary, "content": forms}, **problems},
    }
    return {"get": told}


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {"description": description, "content": content}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "mend": text,
            "parameter": text, "error_id": text,
        },
    }  # fmt: skip


def _link_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {"href": {"type": "string", "format": "uri"}, "rel": text, "type": text, "title": text},
    }


def _schema_name(collection: Collection) -> str:
    return f"{collection.id}_feature"


def _feature_schema(collection: Collection, lang: str) -> dict[str, Any]:
    geometry: dict[str, Any] = {"type": "object", "nullable": True}
    if collection.geometry_type is not None:
        geometry["properties"] = {"type": {"type": "string", "enum": [collection.geometry_type]}}
    return {
        "type": "object",
        "title": collection.titles[lang],
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": geometry,
            "properties": {
                "type": "object",
                "properties": {field.name: _property(field, lang) for field in collection.fields},
            },
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
        },
    }


def _property(field: FieldInfo, lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "string" if field.kind in _FORMATS else field.kind, "nullable": True}
    if field.kind in _FORMATS:
        told["format"] = _FORMATS[field.kind]
    if field.kind == "array":
        told["items"] = {}
    if field.personal:
        told["x-parkgeo-personal"] = True
    unit = f" ({field.unit})" if field.unit and field.unit != "1" else ""
    return {**told, "title": field.title(lang) + unit}


def _page_schema(collection: Collection) -> dict[str, Any]:
    count = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": count,
            "numberReturned": count,
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
            "features": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{_schema_name(collection)}"},
            },
        },
    }
