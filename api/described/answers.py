"""What the operations of the OpenAPI document have in common: statuses, problems, who may ask."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from parkgeo.i18n import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.asked.ask import Ask

__all__ = ["add_common", "describe_answers", "describe_keys", "operations_of"]

_METHODS = ("get", "post", "delete")
_PROBLEM = "application/problem+json"
_OPEN = frozenset({"/healthz", "/readyz"})
_PROBLEMS = {
    400: "A parameter is wrong",
    401: "A key is needed, and there is none, or it opens nothing",
    403: "The key does not allow it",
    404: "Nothing has that name",
    408: "The body stopped coming",
    409: "It is too late for that",
    410: "The snapshot to which this belongs is no longer kept",
    413: "The body is too big, or what is asked for is",
    414: "The address is too long",
    415: "A body of a kind that is not taken",
    429: "Too much at once",
    431: "The headers are too large",
    500: "Something went wrong here",
    503: "Nothing was published yet, or too much is asked at once: come again later",
    504: "There was no answer in time: ask for less",
}
_OTHERS = {
    204: "Nothing is there",
    206: "The part of the file that the header Range asked for",
    304: "The client has it already",
}
# A body is measured on every address, also where none is read.
_EVERYWHERE = (400, 401, 403, 404, 413, 414, 429, 431, 500, 503, 504)
_OF_WRITES = (408, 415)


def describe_answers(lang: str) -> dict[str, Any]:
    """The answers that operations refer to."""
    return {
        **{f"problem{status}": _problem(status, say(text, lang)) for status, text in _PROBLEMS.items()},
        **{f"status{status}": {"description": say(text, lang)} for status, text in _OTHERS.items()},
    }


def _problem(status: int, description: str) -> dict[str, Any]:
    example = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": description,
    }  # fmt: skip
    if status == HTTPStatus.BAD_REQUEST:
        example.update(
            detail="limit 'x' is not a whole number from 1", mend="use 1 to 10000", parameter="limit"
        )
    content = {_PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}, "example": example}}
    told: dict[str, Any] = {"description": description, "content": content}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "example": 10}}
    return told


def describe_keys(ask: Ask) -> dict[str, Any]:
    """How a key is shown, where the service has keys: then nobody reads this document without one."""
    if not ask.caller.name:
        return {}
    return {
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": say("The key in the header Authorization; programs that send no headers put /k/KEY before the path", ask.lang),
        },
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": say("The key in a header of its own", ask.lang)},
    }  # fmt: skip


def operations_of(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what is said of it, for every operation."""
    for path, item in paths.items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def add_common(paths: Mapping[str, Any]) -> None:
    """Give every operation the answers that it has because all have them; problems are told by reference."""
    for path, method, told in operations_of(paths):
        responses = told["responses"]
        stated = {int(status) for status in responses}
        written = method == "post"
        statuses = stated.intersection(_PROBLEMS).union(_EVERYWHERE, _OF_WRITES if written else ())
        for status in sorted(statuses):
            responses[str(status)] = {"$ref": f"#/components/responses/problem{status}"}
        if method == "get" and told["tags"][0] not in {"health", "jobs"}:
            responses["304"] = {"$ref": "#/components/responses/status304"}
        told["responses"] = dict(sorted(responses.items()))
        if path in _OPEN:
            told["security"] = []
