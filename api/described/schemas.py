"""Schemas of the OpenAPI document: what answers look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.served.catalogue import Collection, FieldInfo

__all__ = [
    "COLLECTION", "COLLECTIONS", "CONFORMANCE", "FORMATS", "LANDING", "LINK", "PROBLEM", "READY", "SNAPSHOTS",
    "describe_feature", "describe_page", "feature_name",
]  # fmt: skip

FORMATS = {"date": "date", "date-time": "date-time"}
"""Kinds of fields that are text of a certain form."""

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNT = {"type": "integer", "minimum": 0}
_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


PROBLEM = _object(
    {
        "type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "mend": _TEXT, "parameter": _TEXT,
        "error_id": _TEXT, "faults": _TEXTS,
    },
    "mend", "parameter", "error_id", "faults",
)  # fmt: skip
LINK = _object(
    # Not of the form uri: links to tiles are templates.
    {"href": _TEXT, "rel": _TEXT, "type": _TEXT, "title": _TEXT, "templated": {"type": "boolean"}},
    "type", "title", "templated",
)  # fmt: skip
LANDING = _object({"title": _TEXT, "description": _TEXT, "as_of": _DAY, "snapshot": _TEXT, "links": _LINKS})
CONFORMANCE = _object({"conformsTo": _TEXTS})
COLLECTION = _object(
    {
        "id": _TEXT, "title": _TEXT, "itemType": {"type": "string", "enum": ["feature"]}, "itemCount": _COUNT,
        "crs": _TEXTS, "storageCrs": _TEXT, "links": _LINKS,
        "extent": {"type": "object", "properties": {"spatial": {"type": "object"}, "temporal": {"type": "object"}}},
    },
    "extent",
)  # fmt: skip
COLLECTIONS = _object(
    {
        "links": _LINKS,
        "crs": _TEXTS,
        "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
    }
)
SNAPSHOTS = _object(
    {
        "links": _LINKS,
        "snapshots": {
            "type": "array",
            "items": _object(
                {
                    "name": _TEXT, "as_of": _DAY, "park": _TEXT, "published": _MOMENT, "live": {"type": "boolean"},
                    "links": _LINKS,
                }
            ),
        },
    }
)  # fmt: skip
READY = _object(
    {"status": _TEXT, "snapshot": _TEXT, "as_of": _DAY, "collections": _COUNT, "version": _TEXT},
    "snapshot", "as_of", "collections", "version",
)  # fmt: skip


def feature_name(collection: Collection) -> str:
    """The name under which a collection's schema stands."""
    return f"{collection.id}_feature"


def describe_feature(collection: Collection, lang: str) -> dict[str, Any]:
    """A feature of a collection."""
    geometry: dict[str, Any] = {"type": "object", "nullable": True}
    if collection.geometry_type is not None:
        geometry["properties"] = {"type": {"type": "string", "enum": [collection.geometry_type]}}
    fields = {field.name: _property(field, lang) for field in collection.fields}
    told = _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": _TEXT,
            "geometry": geometry,
            "properties": {"type": "object", "properties": fields},
            "links": _LINKS,
        },
        "links",
    )
    return {"title": collection.titles[lang], **told}


def _property(field: FieldInfo, lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "string" if field.kind in FORMATS else field.kind, "nullable": True}
    if field.kind in FORMATS:
        told["format"] = FORMATS[field.kind]
    if field.kind == "array":
        told["items"] = {}
    if field.personal:
        told["x-parkgeo-personal"] = True
    unit = f" ({field.unit})" if field.unit and field.unit != "1" else ""
    return {**told, "title": field.title(lang) + unit}


def describe_page(collection: Collection) -> dict[str, Any]:
    """A page of a collection's features."""
    features = {"type": "array", "items": {"$ref": f"#/components/schemas/{feature_name(collection)}"}}
    return _object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]}, "timeStamp": _MOMENT, "numberMatched": _COUNT,
            "numberReturned": _COUNT, "links": _LINKS, "features": features,
        },
        "timeStamp", "numberMatched", "numberReturned", "links",
    )  # fmt: skip
