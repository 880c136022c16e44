"""The description of the service as a valid OpenAPI 3.0 document, which GIS programs read before anything else.

FastAPI writes 3.1, and does not know the collections of the live snapshot; this one is written from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.asked.params import LIMIT_DEFAULT, LIMIT_LARGEST
from api.asked.reading import CHOOSING, FILTER_LANGS, LOOKING, UNSORTABLE
from api.asked.systems import CRS84
from api.described import schemas
from api.described.answers import add_common, describe_answers, describe_keys
from api.described.examples import add_examples
from api.described.operations import LANG, NUMBERS, choice, in_path, operation, parameter
from api.reply import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from parkgeo import __version__
from parkgeo.i18n import say

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.described.examples import Samples
    from api.served.catalogue import Collection, FieldInfo
    from api.served.live import Edition

__all__ = ["choosing", "describe_service", "looking"]

_TAGS = {
    "service": "What there is",
    "data": "Features of every collection",
    "map": "Vector tiles and the map",
    "records": "Parcels, parks, findings and the search",
    "siting": "Where a project could stand",
    "exports": "Files to take away",
    "jobs": "Uploads, jobs and scenarios",
    "health": "Whether all is well",
}
_RESOURCES = {"queryables": "Fields to choose by", "sortables": "Fields to sort by"}
_TAKEN = CHOOSING | LOOKING | {"limit", "token", "f", "lang"}
_OF_SERVICE = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/snapshots",
    "/tileMatrixSets",
    "/uploads",
    "/jobs",
    "/basemaps",
    "/assets",
)
"""Beginnings of addresses that are of no snapshot; all others stand also under each snapshot's name."""

_OBJECT = {"schema": {"type": "object"}}
_PAGE = {"schema": {"type": "string"}}


def describe_service(ask: Ask, samples: Samples) -> dict[str, Any]:
    """The OpenAPI document of a service over a snapshot, in the language of a request.

    Parameters
    ----------
    ask
        The request.
    samples
        The first row of each collection, for examples.
    """
    edition, lang = ask.edition, ask.lang
    paths = {**_service_paths(ask), **_data_paths(ask), **_further_paths(ask)}
    add_common(paths)
    add_examples(ask, paths, samples)
    for path, item in paths.items():
        if not path.startswith(_OF_SERVICE):
            item["x-parkgeo-in-snapshots"] = True
        elif ask.named:
            item["servers"] = [{"url": ask.url().rstrip("/")}]
    keys = describe_keys(ask)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": edition.summary.park or "parkgeo",
            "version": __version__,
            "description": _description(ask),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": ask.here().rstrip("/")}],
        "tags": [{"name": name, "description": say(text, lang)} for name, text in _TAGS.items()],
        **({"security": [{name: []} for name in keys]} if keys else {}),
        "paths": paths,
        "components": {
            "schemas": {
                "problem": schemas.PROBLEM,
                "link": schemas.LINK,
                "collection": schemas.COLLECTION,
                **{
                    schemas.feature_name(one): schemas.describe_feature(one, lang)
                    for one in edition.collections.values()
                },
            },
            "responses": describe_answers(lang),
            **({"securitySchemes": keys} if keys else {}),
        },
    }


def _description(ask: Ask) -> str:
    lang = ask.lang
    return " ".join(
        (
            say(
                "Land of the park as of {day}; snapshot {name}.",
                lang,
                day=ask.edition.snapshot.as_of,
                name=ask.edition.name,
            ),
            say("What is read with GET takes HEAD as well.", lang),
            say(
                "Addresses with x-parkgeo-in-snapshots stand also under /snapshots/ and the name of a snapshot, each described by the document there.",
                lang,
            ),
        )
    )


def _service_paths(ask: Ask) -> dict[str, Any]:
    lang = ask.lang
    form = choice("f", ("json", "html"))
    snapshot = in_path("snapshot", say("Name of a snapshot", lang), example=ask.edition.name)
    landing = {JSON: {"schema": schemas.LANDING}, HTML: _PAGE}
    return {
        "/": operation("landing", "service", say("What this service offers", lang), [form, LANG], landing),
        "/conformance": operation("conformance", "service", say("Standards it follows", lang), [form, LANG], {JSON: {"schema": schemas.CONFORMANCE}, HTML: _PAGE}),
        "/api": operation("api", "service", say("This document", lang), [form, LANG], {OPENAPI: _OBJECT, HTML: _PAGE}),
        "/docs": operation("docs", "service", say("This document, for people", lang), [LANG], {HTML: _PAGE}),
        "/collections": operation("collections", "service", say("All collections", lang), [form, LANG], {JSON: {"schema": schemas.COLLECTIONS}, HTML: _PAGE}),
        "/snapshots": operation("snapshots", "service", say("Snapshots", lang), [form, LANG], {JSON: {"schema": schemas.SNAPSHOTS}, HTML: _PAGE}),
        "/snapshots/{snapshot}": operation("snapshot", "service", say("What this service offers of one snapshot", lang), [snapshot, form, LANG], landing),
        "/healthz": operation("healthz", "health", say("Whether the process lives", lang), [], {JSON: _OBJECT}),
        "/readyz": operation("readyz", "health", say("Whether a snapshot is served, and which", lang), [], {JSON: {"schema": schemas.READY}}),
    }  # fmt: skip


def _data_paths(ask: Ask) -> dict[str, Any]:
    edition, lang = ask.edition, ask.lang
    paths: dict[str, Any] = {}
    form, only_json = choice("f", ("json", "html")), choice("f", ("json",))
    item_form = choice("f", ("json", "geojson", "html"))
    chosen, seen, paged = choosing(edition, lang), looking(edition, lang), _paging(lang)
    feature_id = in_path("featureId", say("Id of a feature", lang), example="1")
    for name, collection in edition.collections.items():
        title, here, tag = collection.titles[lang], f"/collections/{name}", "data"
        reference = {"$ref": "#/components/schemas/collection"}
        paths[here] = operation(
            f"{name}.collection", tag, title, [form, LANG], {JSON: {"schema": reference}, HTML: _PAGE}
        )
        told = f"{title} · {say('Fields, types and units', lang)}"
        paths[f"{here}/schema"] = operation(f"{name}.schema", tag, told, [only_json, LANG], {SCHEMA: _OBJECT})
        for resource, sentence in _RESOURCES.items():
            told = f"{title} · {say(sentence, lang)}"
            paths[f"{here}/{resource}"] = operation(
                f"{name}.{resource}", tag, told, [only_json, LANG], {SCHEMA: _OBJECT}
            )
        paths[f"{here}/items"] = operation(
            f"{name}.items",
            tag,
            f"{title} · {say('a page of features', lang)}",
            [*chosen, *paged, *seen, *_equalities(ask, collection), item_form, LANG],
            {GEOJSON: {"schema": schemas.describe_page(collection)}, HTML: _PAGE},
            problems=(410,),
        )
        paths[f"{here}/items/{{featureId}}"] = operation(
            f"{name}.item",
            tag,
            f"{title} · {say('one feature', lang)}",
            [feature_id, *seen, item_form, LANG],
            {
                GEOJSON: {"schema": {"$ref": f"#/components/schemas/{schemas.feature_name(collection)}"}},
                HTML: _PAGE,
            },
        )
    return paths  # fmt: skip


def _further_paths(ask: Ask) -> dict[str, Any]:
    """The addresses that describe themselves."""
    from api.routes import exports, jobs, metrics, photos, records, siting, tiles, view

    told: dict[str, Any] = {}
    for routes in (tiles, view, records, siting, photos, exports, jobs, metrics):
        told.update(routes.describe_paths(ask))
    return told


def choosing(edition: Edition, lang: str) -> list[dict[str, Any]]:
    """Parameters that choose features."""
    text = {"type": "string"}
    languages = {**text, "enum": list(FILTER_LANGS), "default": FILTER_LANGS[0]}
    names = {"type": "array", "minItems": 1, "items": text}
    return [
        parameter("bbox", say("West, south, east, north in degrees (CRS84)", lang), NUMBERS),
        parameter("bbox-crs", say("Coordinate system of bbox", lang), _system(edition)),
        parameter("datetime", say("A moment, a day, or a stretch of time: 2026-01-01/..", lang), text),
        parameter("filter", say("A condition in CQL2: idle = 'yes' AND site_area_m2 > 10000", lang), text),
        parameter("filter-lang", say("Language of the filter", lang), languages),
        parameter("filter-crs", say("Coordinate system of geometry in the filter", lang), _system(edition)),
        parameter("sortby", say("Fields to sort by; a minus before those that fall: -site_area_m2", lang), names),
    ]  # fmt: skip


def _paging(lang: str) -> list[dict[str, Any]]:
    """Parameters that cut what was chosen into pages."""
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_LARGEST, "default": LIMIT_DEFAULT}
    told = say("Where the page goes on; comes with the link called next", lang)
    return [
        parameter("limit", say("Most features on a page", lang), limit),
        parameter("token", told, {"type": "string"}),
    ]


def looking(edition: Edition, lang: str) -> list[dict[str, Any]]:
    """Parameters that say how features look."""
    names = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    return [
        parameter("crs", say("Coordinate system of the answer", lang), _system(edition)),
        parameter("properties", say("Properties that are wanted; all without it", lang), names),
        parameter("skipGeometry", say("Whether geometry is left out", lang), {"type": "boolean", "default": False}),
    ]  # fmt: skip


def _equalities(ask: Ask, collection: Collection) -> list[dict[str, Any]]:
    """The fields whose value may be asked for under their own names."""
    return [
        parameter(field.name, field.title(ask.lang), _asked_value(field))
        for field in ask.fields(collection)
        if field.kind not in UNSORTABLE and field.name not in _TAKEN
    ]


def _asked_value(field: FieldInfo) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "string" if field.kind in schemas.FORMATS else field.kind}
    return {**told, "format": schemas.FORMATS[field.kind]} if field.kind in schemas.FORMATS else told


def _system(edition: Edition) -> dict[str, Any]:
    return {"type": "string", "format": "uri", "enum": list(edition.systems), "default": CRS84}
