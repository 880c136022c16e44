"""What the OpenAPI document says of searches for sites, fits and allocations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.asked.params import LIMIT_DEFAULT
from api.described.operations import LANG, choice, in_path, operation, parameter
from api.reply import GEOJSON, JSON
from api.siting.asked import GRADES, FitAsked
from parkgeo.i18n import say

if TYPE_CHECKING:
    from api.asked.ask import Ask

__all__ = ["BRIEF", "PORTFOLIO", "describe"]

BRIEF: dict[str, Any] = {
    "name": "Gearbox works",
    "industry": "machinery",
    "needs": {"area": "30 亩", "rectangle": ["120 m", "60 m"], "power": "1.2 MVA"},
    "sites": {"all_parcels": True},
    "top": 5,
    "shown": 5,
}
"""A brief as it may be sent."""

PORTFOLIO: dict[str, Any] = {
    "name": "This year",
    "projects": [
        {"name": "Gearbox works", "industry": "machinery", "needs": {"area": "30 亩"}, "must": True},
        {"name": "Instruments", "industry": "instruments"},
    ],
    "sites": {"all_parcels": True},
    "rules": {"undetermined": True, "time_limit_s": 5, "alternatives": 1},
}
"""A portfolio as it may be sent."""

_TAG = "siting"
_ID = "id"
"""In the place of an id until the document has one that its reader may see; see `api.described.examples`."""

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE = {"type": "string", "nullable": True}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number", "nullable": True}
_SHARE = {"type": "number", "nullable": True, "minimum": 0, "maximum": 1}
_POINTS = {"type": "number", "nullable": True, "minimum": 0, "maximum": 100}
_DAY = {"type": "string", "format": "date"}
_VERDICT = {"type": "string", "enum": ["yes", "no", "undetermined"]}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


# What is needed and what is there are numbers, sides of a rectangle, or codes.
_LIMIT = _object(
    {
        "gate": _TEXT, "title": _TEXT, "verdict": _VERDICT, "needed": {"nullable": True}, "has": {"nullable": True}, "margin": _NUMBER,
        "unit": _TEXT, "drawn": {"type": "boolean"}, "basis": _MAYBE, "registered": _MAYBE, "words": _TEXT,
    },
    "needed", "has", "drawn", "basis", "registered",
)  # fmt: skip
_PART = _object({"criterion": _TEXT, "title": _TEXT, "points": _POINTS, "weight": _SHARE})
_PLACE = {"site_id": _TEXT, "kind": {"type": "string", "enum": ["parcel", "joined"]}, "parcel_ids": _TEXTS}
_GRADE = {"type": "string", "enum": list(GRADES)}
_SITE = _object(
    {
        "rank": {"type": "integer", "minimum": 1}, **_PLACE, "grade": _GRADE, "score": _POINTS, "score_low": _NUMBER, "score_high": _NUMBER,
        "known_weight": _SHARE, "stability": _SHARE, "breakdown": _list(_PART), "limits": _list(_LIMIT), "counterfactual": _TEXT, "ask": _TEXT,
        "cost_wan": _NUMBER, "cost_words": _MAYBE, "obstacles": _list(_object({"code": _TEXT, "title": _TEXT})), "links": _LINKS,
    },
    "rank", "cost_words",
)  # fmt: skip
_COUNTS = _object(dict.fromkeys(("asked", "fit", "do_not_fit", "undetermined"), _COUNT))
_FOUND = _object(
    {
        "snapshot": _TEXT, "as_of": _DAY, "brief": _TEXT, "needs": _TEXT, "source": _TEXT, "source_verified": {"type": "boolean"},
        "not_asked": _TEXTS, "counts": _COUNTS, "joining": {"type": "object", "nullable": True},
        "ranked": _list(_SITE), "why_not": _list(_SITE), "undetermined": _list(_SITE),
    },
)  # fmt: skip
_SHAPES = _object(
    {
        "type": {"type": "string", "enum": ["FeatureCollection"]}, "numberMatched": _COUNT, "numberReturned": _COUNT, "counts": _COUNTS,
        "features": _list({"type": "object"}), "links": _LINKS,
    },
)  # fmt: skip
_NO_SHAPES = {
    "type": "FeatureCollection", "numberMatched": 0, "numberReturned": 0,
    "counts": {"asked": 1, "fit": 0, "do_not_fit": 1, "undetermined": 0}, "features": [], "links": [],
}  # fmt: skip
_FIT = _object(
    {
        **_PLACE, "industry": _TEXT, "title": _TEXT, "grade": _GRADE, "score": _POINTS, "known_weight": _SHARE, "failed": _list(_LIMIT),
        "counterfactual": _TEXT, "ask": _TEXT, "links": _LINKS,
    },
)  # fmt: skip
_FITS = _object(
    {
        "snapshot": _TEXT, "as_of": _DAY, "parcel_id": _TEXT, "numberMatched": _COUNT, "numberReturned": _COUNT, "fits": _list(_FIT),
        "links": _LINKS,
    },
    "parcel_id",
)  # fmt: skip


_PROJECT = _object(
    {
        "project": _TEXT, "site_id": _MAYBE, "parcel_ids": _TEXTS, "fits": _MAYBE, "score": _POINTS, "points": _POINTS, "site_net_area_m2": _NUMBER,
        "area_m2": _NUMBER, "industry": _MAYBE, "output_wan": _NUMBER, "must": {"type": "boolean"}, "reason": _MAYBE, "links": _LINKS,
    },
)  # fmt: skip
_ROWS = _list({"type": "object"})
_PLAN = _object(
    {
        "snapshot": _TEXT, "as_of": _DAY, "portfolio": _TEXT,
        "state": {"type": "string", "enum": ["optimal", "within_gap", "time", "clash", "unknown"]},
        "proven": {"type": "boolean"}, "points": _NUMBER, "bound": _NUMBER, "gap": _NUMBER, "summary": _TEXT, "projects": _list(_PROJECT),
        "sites": _ROWS, "services": _ROWS, "leading_industries": _TEXTS, "others": _ROWS, "others_complete": {"type": "boolean"},
        "clash": _TEXTS, "clash_smallest": {"type": "boolean"}, "notes": _TEXTS,
    },
)  # fmt: skip


def describe(ask: Ask) -> dict[str, Any]:
    """The paths, in the language of a request."""
    lang, limits = ask.lang, ask.service.desks.limits
    second = FitAsked((), "", (), LIMIT_DEFAULT, 0).token(ask, LIMIT_DEFAULT)
    paths: dict[str, Any] = {
        "/sites/search": {"post": _asked_with_body(
            operation(
                "sites.search", _TAG, say("Sites for a project, best first; why the others do not fit, and what is not known", lang),
                [choice("f", ("json", "geojson")), LANG], {JSON: {"schema": _FOUND}, GEOJSON: {"schema": _SHAPES, "example": _NO_SHAPES}},
            ),
            BRIEF,
        )},
        "/fit": operation(
            "fit", _TAG, say("Which industries fit where, best first, and what is wanting where they do not", lang),
            [
                parameter("industry", say("Only these industries of the packs, with commas between", lang), {"type": "array", "minItems": 1, "items": _TEXT}, example=["machinery"]),
                parameter("parcel", say("Only this parcel, whatever its state, and the joined sites that it is part of", lang), _TEXT, example=_ID),
                parameter("grade", say("Only these grades, with commas between", lang), {"type": "array", "minItems": 1, "items": _GRADE}, example=["high"]),
                parameter("limit", say("Most rows on a page", lang), {"type": "integer", "minimum": 1, "maximum": limits.listed, "default": LIMIT_DEFAULT}),
                parameter("token", say("Where the page goes on; comes with the link called next", lang), _TEXT, example=second),
                choice("f", ("json",)), LANG,
            ],
            {JSON: {"schema": _FITS}},
            problems=(410,),
        ),
    }  # fmt: skip
    paths["/allocations"] = {"post": _asked_with_body(
        operation(
            "allocations", _TAG, say("Sites for many projects at once: the plan, how far from the best it can be, or which demands clash", lang),
            [parameter("join", say("Also on joined sites", lang), {"type": "boolean", "default": False}), choice("f", ("json",)), LANG],
            {JSON: {"schema": _PLAN}},
        ),
        PORTFOLIO,
    )}  # fmt: skip
    if "parcels" in ask.edition.collections:
        paths["/parcels/{parcelId}/fit"] = operation(
            "parcel.fit", _TAG, say("What could stand on a parcel: all industries of the packs", lang),
            [in_path("parcelId", say("Id of the parcel", lang), example=_ID), choice("f", ("json",)), LANG],
            {JSON: {"schema": _FITS}},
        )  # fmt: skip
    return paths


def _asked_with_body(told: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    content = {JSON: {"schema": {"type": "object"}, "example": example}}
    return {**told["get"], "requestBody": {"required": True, "content": content}}
