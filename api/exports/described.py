"""Exports and plain addresses in the OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.described.openapi import choosing, looking
from api.described.operations import LANG, choice, in_path, operation, parameter
from api.exports.asked import VALUES
from api.exports.files import LIST_FILE, MEDIA_TYPES, ROW_FORMS
from api.reply import GEOJSON, HTML, JSON
from parkgeo.i18n import say

if TYPE_CHECKING:
    from api.asked.ask import Ask

__all__ = ["TITLES", "describe_exports"]

TITLES = {
    "snapshot.gpkg": "All layers and results in one GeoPackage",
    "snapshot.pmtiles": "Vector tiles of all layers in one file (PMTiles)",
    "register.xlsx": "Register of suspected idle land",
    "register.pdf": "Register of suspected idle land with a map of each parcel, as PDF",
    "register.docx": "Register of suspected idle land with a map of each parcel, for Word",
    "report.docx": "Report on the park, for Word",
    "report.pdf": "Report on the park, as PDF",
}
"""Files about a whole snapshot → what they are."""

_TAG = "exports"
_BINARY = {"type": "string", "format": "binary"}


def describe_exports(ask: Ask) -> dict[str, Any]:
    """Paths of exports and plain addresses."""
    lang = ask.lang
    paths = {
        "/exports": operation(
            "exports", _TAG, say("Every file to take away", lang), [choice("f", ("json", "html")), LANG], {JSON: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
        ),
        **{
            f"/exports/{name}": operation(
                f"export.{name}", _TAG, say(title, lang), [LANG],
                {_media_type(name.rpartition(".")[2]): {"schema": _BINARY}},
            )
            for name, title in TITLES.items()
        },
    }  # fmt: skip
    limit = parameter(
        "limit", say("Most rows; all without it", lang), {"type": "integer", "minimum": 1}, example=3
    )
    looks = looking(ask.edition, lang)
    names = next(one for one in looks if one["name"] == "properties")
    plain = [*choosing(ask.edition, lang), *looks, limit, choice("f", ("geojson", "json")), LANG]
    ids = list(ask.edition.collections)
    if ids:
        first = "parcels" if "parcels" in ids else ids[0]
        collection = in_path("collectionId", say("Id of a collection", lang), example=first, values=ids)
        form = in_path("form", say("Form of the file", lang), example="csv", values=ROW_FORMS)
        paths["/exports/{collectionId}.{form}"] = operation(
            "export.rows", _TAG, say("Rows of a collection as a file: all, or those that are chosen", lang),
            [collection, form, *choosing(ask.edition, lang), names, *_for_people(lang, ask.edition.collections[first].fields[0].name), limit, LANG],
            {_media_type(one): {"schema": {"type": "object"} if one == "geojson" else _BINARY} for one in ROW_FORMS}, others=(206,),
        )  # fmt: skip
        if "parcels" in ids:
            paths[f"/exports/{LIST_FILE}"] = operation(
                "export.list", _TAG, say("List of the parcels that are chosen, with a map of them, as PDF", lang),
                [*choosing(ask.edition, lang), names, limit, LANG], {_media_type("pdf"): {"schema": _BINARY}},
            )  # fmt: skip
        paths["/{collectionId}.geojson"] = operation(
            "plain", _TAG, say("A whole collection as GeoJSON, or what is chosen of it", lang),
            [collection, *plain], {GEOJSON: {"schema": {"type": "object"}}}, others=(206,),
        )  # fmt: skip
    if any(field.name == "idle" for field in _fields(ask, "parcels")):
        verdict = parameter(
            "verdict", say("Of which verdict, with commas between", lang),
            {"type": "array", "items": {"type": "string", "enum": ["yes", "no", "undetermined"]}, "default": ["yes"]},
            example=["yes", "undetermined"],
        )  # fmt: skip
        paths["/idle.geojson"] = operation(
            "plain.idle", _TAG, say("Parcels suspected idle, or of another verdict", lang),
            [verdict, *plain], {GEOJSON: {"schema": {"type": "object"}}}, others=(206,),
        )  # fmt: skip
    return paths


def _for_people(lang: str, field: str) -> list[dict[str, Any]]:
    """Parameters of a table that a person opens."""
    values = parameter(
        "values", say("Codes for programs, or words and rounded figures for people (xlsx and csv)", lang),
        {"type": "string", "enum": list(VALUES), "default": VALUES[0]}, example=VALUES[0],
    )  # fmt: skip
    first = parameter(
        "first", say("Columns before all others, with commas between", lang),
        {"type": "array", "minItems": 1, "items": {"type": "string"}}, example=[field],
    )  # fmt: skip
    return [values, first]


def _fields(ask: Ask, collection: str) -> tuple[Any, ...]:
    found = ask.edition.collections.get(collection)
    return () if found is None else found.fields


def _media_type(form: str) -> str:
    return MEDIA_TYPES[form].partition(";")[0]
