"""The records in the OpenAPI document: addresses, parameters, schemas, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.described.operations import LANG, in_path, operation, parameter
from api.records.parcel import DOCUMENTS
from api.records.park import TABLES
from api.records.search import MOST, SHOWN
from api.reply import HTML, JSON
from parkgeo.i18n import say

if TYPE_CHECKING:
    from api.asked.ask import Ask

__all__ = ["describe_records"]

_TAG = "records"
_ID = "id"
"""In the place of an id until the document has one that its reader may see; see `api.described.examples`."""

_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_MAYBE = {"type": "string", "nullable": True}
_AREA = {"type": "number", "nullable": True, "description": "m²"}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_PAGE = {"schema": _TEXT}


def describe_records(ask: Ask) -> dict[str, Any]:
    """Paths of the dossier, the park, the findings and the search, with ids that are there."""
    lang = ask.lang
    form = parameter("f", "json | html", {"type": "string", "enum": ["json", "html"]})
    forms = ["json", *DOCUMENTS]
    documents = {
        kind: {"schema": _TEXT if kind == HTML else {"type": "string", "format": "binary"}}
        for kind in DOCUMENTS.values()
    }
    paths = {
        "/findings": operation(
            "findings.summary", _TAG, say("Findings, counted by code, verdict and severity", lang),
            [
                parameter("park", say("Only findings on this park", lang), _TEXT, example=_ID),
                parameter("filter", say("Only rows for which this is true (CQL2)", lang), _TEXT, example="verdict = 'yes'"),
                form, LANG,
            ],
            {JSON: {"schema": _findings_schema()}, HTML: _PAGE},
        ),
        "/search": operation(
            "search", _TAG, say("Parcels, companies and parks by a part of their id or name", lang),
            [
                parameter("q", say("What to look for, whatever the case of letters", lang), {"type": "string", "minLength": 1, "maxLength": 100}, example=_ID, required=True),
                parameter("limit", say("Most results", lang), {"type": "integer", "minimum": 1, "maximum": MOST, "default": SHOWN}),
                form, LANG,
            ],
            {JSON: {"schema": _search_schema()}, HTML: _PAGE},
        ),
    }  # fmt: skip
    if "parcels" in ask.edition.collections:
        paths["/parcels/{parcelId}"] = operation(
            "parcel", _TAG, say("All that is known of a parcel: figures, verdicts, evidence, what is missing", lang),
            [
                in_path("parcelId", say("Id of the parcel", lang), example=_ID),
                parameter("f", " | ".join(forms), {"type": "string", "enum": forms}), LANG,
            ],
            {JSON: {"schema": _parcel_schema()}, **documents},
            problems=(400, 404, 429, 500, 503),
        )  # fmt: skip
    if "parks" in ask.edition.collections:
        paths["/parks/{parkId}"] = operation(
            "park", _TAG, say("A park's indicators with benchmark, source and whether it is verified", lang),
            [in_path("parkId", say("Id of the park", lang), example=_ID), form, LANG],
            {JSON: {"schema": _park_schema()}, HTML: _PAGE},
        )  # fmt: skip
    return paths


def _object(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _findings_schema() -> dict[str, Any]:
    counts = {"findings": _COUNT, "parcels": _COUNT, "area_m2": _AREA}
    group = _object(
        {
            "code": _TEXT, "verdict": _MAYBE, "severity": _MAYBE, **counts, "zh": _TEXT, "en": _TEXT, "clause_zh": _MAYBE, "clause_en": _MAYBE,
            "verified": {"type": "boolean"}, "links": _LINKS,
        },
        ("code", "verdict", "findings", "parcels", "area_m2"),
    )  # fmt: skip
    return _object({**counts, "groups": _list(group), "links": _LINKS}, ("findings", "groups"))


def _search_schema() -> dict[str, Any]:
    result = _object(
        {
            "kind": {"type": "string", "enum": ["parcels", "enterprises", "parks"]}, "id": _TEXT, "title": _TEXT, "field": _MAYBE,
            "text": _MAYBE, "parcels": _list(_TEXT), "links": _LINKS,
        },
        ("kind", "id", "title"),
    )  # fmt: skip
    return _object(
        {"q": _TEXT, "numberMatched": _COUNT, "numberReturned": _COUNT, "results": _list(result)},
        ("numberMatched", "results"),
    )


def _parcel_schema() -> dict[str, Any]:
    field = _object(
        {"value": {"nullable": True}, "zh": _TEXT, "en": _TEXT, "unit": _TEXT, "ask": {"type": "object"}}
    )
    return _object(
        {
            "parcel_id": _TEXT, "snapshot": _TEXT, "as_of": {"type": "string", "format": "date"}, "park": _TEXT,
            "verdicts": {"type": "object", "additionalProperties": _MAYBE}, "reason": {"type": "object"},
            "fields": {"type": "object", "additionalProperties": field},
            **{name: _list({"type": "object"}) for name in ("findings", "records", "evidence", "scores", "parcel_years", "gaps", "packs")},
            "access": {"type": "object"}, "source": {"type": "object"}, "links": _LINKS,
        },
        ("parcel_id", "snapshot", "as_of", "verdicts", "fields", "findings", "gaps"),
    )  # fmt: skip


def _park_schema() -> dict[str, Any]:
    number = {"type": "number", "nullable": True}
    indicator = _object(
        {
            "name": _TEXT, "zh": _TEXT, "en": _TEXT, "value": number, "unit": _TEXT, "benchmark": number, "benchmark_source": _MAYBE,
            "numerator": number, "denominator": number, "verified": {"type": "boolean"},
        }
    )  # fmt: skip
    return _object(
        {
            "park_id": _TEXT, "snapshot": _TEXT, "fields": {"type": "object"}, "verdicts": {"type": "object"},
            "indicators": _list(indicator), **{name: _list({"type": "object"}) for name in TABLES[1:]},
            "links": _LINKS,
        },
        ("park_id", "indicators"),
    )  # fmt: skip
