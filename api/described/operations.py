"""Parts of which the OpenAPI document is made: one way to write a parameter, an answer and an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["LANG", "NUMBERS", "choice", "in_path", "number_in_path", "operation", "parameter"]

NUMBERS: dict[str, Any] = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
"""A box: four numbers, or six with heights."""


def parameter(
    name: str, description: str, schema: Mapping[str, Any], *, example: Any = None, required: bool = False
) -> dict[str, Any]:
    """A parameter of the query, as GIS programs want it declared."""
    told = {
        "name": name, "in": "query", "required": required, "description": description, "schema": dict(schema),
        "style": "form", "explode": False,
    }  # fmt: skip
    return told if example is None else {**told, "example": example}


def choice(name: str, values: Iterable[str]) -> dict[str, Any]:
    """A parameter that is one of some words."""
    words = list(values)
    return parameter(name, " | ".join(words), {"type": "string", "enum": words}, example=words[0])


def in_path(name: str, description: str, *, example: str, values: Iterable[str] = ()) -> dict[str, Any]:
    """A part of the path."""
    known = list(values)
    schema = {"type": "string", **({"enum": known} if known else {"minLength": 1})}
    return {
        "name": name, "in": "path", "required": True, "description": description, "schema": schema, "example": example,
    }  # fmt: skip


def number_in_path(name: str, description: str, most: int, *, example: int | None = None) -> dict[str, Any]:
    """A part of the path that is a whole number from 0."""
    schema = {"type": "integer", "minimum": 0, "maximum": most}
    told = {"name": name, "in": "path", "required": True, "description": description, "schema": schema}
    return told if example is None else {**told, "example": example}


LANG = parameter("lang", "zh | en", {"type": "string", "enum": list(LANGUAGES)}, example="en")
"""Language of the answer."""


def operation(
    name: str,
    tag: str,
    summary: str,
    parameters: Iterable[Mapping[str, Any]],
    content: Mapping[str, Mapping[str, Any]],
    *,
    problems: Iterable[int] = (),
    others: Iterable[int] = (),
) -> dict[str, Any]:
    """A path that is read.

    Parameters
    ----------
    name
        Of the operation, unique in the document.
    tag
        Under which it stands.
    summary
        What it does, in the language of the request.
    parameters
        As `parameter` and `in_path` give them.
    content
        Media type → schema, with an example where that helps.
    problems
        Statuses that are answered with a problem, beside those that `api.described.answers` knows of every address.
    others
        Further statuses of `api.described.answers` that are no problems: 204, 206.
    """
    answered = {"description": summary, "content": {kind: dict(told) for kind, told in content.items()}}
    return {
        "get": {
            "operationId": name,
            "tags": [tag],
            "summary": summary,
            "parameters": [dict(one) for one in parameters],
            "responses": {
                "200": answered,
                **{str(status): {"$ref": f"#/components/responses/status{status}"} for status in others},
                **{str(status): {"$ref": f"#/components/responses/problem{status}"} for status in problems},
            },
        }
    }
