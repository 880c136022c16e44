"""What the OpenAPI document says of uploads, jobs and scenarios."""

from __future__ import annotations

from typing import Any

from api.described.examples import EXAMPLE_ID
from api.described.operations import LANG, choice, in_path, operation, parameter
from api.jobs.told import FILES
from api.reply import GEOJSON, HTML, JSON
from parkgeo.i18n import say

__all__ = ["describe"]

_TEXT: dict[str, Any] = {"type": "string"}
_TWO = {"type": "object", "required": ["zh", "en"], "properties": {"zh": _TEXT, "en": _TEXT}}
_TIME = {"type": "string", "format": "date-time", "nullable": True}
_COUNT = {"type": "integer", "minimum": 0}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_STATES = ["queued", "running", "done", "failed", "cancelled", "interrupted", "needs_attention"]
_OBJECTS = {"type": "array", "items": {"type": "object"}}
_IDS = {"jobId": "Id of a job", "scenarioId": "Id of a scenario"}
_JOB = {
    "type": "object",
    "required": ["id", "kind", "name", "state", "message", "created", "links"],
    "properties": {
        "id": _TEXT,
        "kind": {"type": "string", "enum": ["upload", "scenario"]},
        "name": _TEXT,
        "state": {"type": "string", "enum": _STATES},
        "message": _TWO,
        "created": _TIME,
        "started": _TIME,
        "ended": _TIME,
        "asked": {"type": "object"},
        "clean": {"type": "boolean"},
        "snapshot": _TEXT,
        "database": {
            "type": "object",
            "properties": {"published": {"type": "boolean"}, "what": _TEXT, "mend": _TEXT},
        },
        "problem": {"type": "object", "properties": {"what": _TEXT, "where": _TEXT, "mend": _TEXT}},
        "guess": {"type": "object"},
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"step": _TEXT, "title": _TWO, "started": _TIME, "ended": _TIME},
            },
        },
        "account": {
            "type": "object",
            "properties": {
                "layers": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "layer": _TEXT,
                            "rows_declared": _COUNT,
                            "rows_accepted": _COUNT,
                            "rows_rejected": _COUNT,
                            "rows_repaired": _COUNT,
                        },
                    },
                },
                "faults": _COUNT,
                "notes": _COUNT,
                "layers_missing": {"type": "array", "items": _TEXT},
            },
        },
        "links": _LINKS,
    },
}  # fmt: skip
_SCENARIO = {
    "type": "object",
    "required": ["id", "title", "state", "snapshot", "links"],
    "properties": {
        "id": _TEXT,
        "title": _TEXT,
        "state": {"type": "string", "enum": _STATES},
        "snapshot": _TEXT,
        "links": _LINKS,
        "changes": _OBJECTS,
        "parks": _OBJECTS,
        "parcels": _OBJECTS,
    },
}


def describe(lang: str) -> dict[str, Any]:
    """The paths, in a language."""
    jobs = {"type": "object", "properties": {"jobs": {"type": "array", "items": _JOB}, "links": _LINKS}}
    scenarios = {
        "type": "object",
        "properties": {"scenarios": {"type": "array", "items": _SCENARIO}, "links": _LINKS},
    }
    form = choice("f", ("json",))
    one, named = (in_path(name, say(text, lang), example=EXAMPLE_ID) for name, text in _IDS.items())
    described: dict[str, Any] = {
        "/uploads": {"post": _upload(lang)},
        "/jobs": {"get": _operation("jobs", say("Jobs that are known", lang), {JSON: jobs}, [form, LANG])},
        "/jobs/{jobId}": {
            "get": _operation("job", say("How far a job is, and what came of it", lang), {JSON: _JOB}, [one, form, LANG]),
            "delete": _operation("job.cancel", say("Cancel a job; one that has ended is forgotten", lang), {JSON: _JOB}, [one, form, LANG], problems=(409,)),
        },
        "/jobs/{jobId}/events": {
            "get": _operation("job.events", say("What happens to a job, as server-sent events", lang), {"text/event-stream": _TEXT}, [one, LANG], others=(204,))
        },
        "/scenarios": {
            "get": _operation("scenarios", say("Scenarios that are known", lang), {JSON: scenarios, HTML: _TEXT}, [choice("f", ("json", "html")), LANG]),
            "post": _scenario(lang),
        },
        "/scenarios/{scenarioId}": {
            "get": _operation("scenario", say("What differs in a scenario, by parcel and by park", lang), {JSON: _SCENARIO}, [named, form, LANG])
        },
    }  # fmt: skip
    for file, media_type in FILES.items():
        title = say("A file that came of a job: {file}", lang, file=file)
        schema = {"type": "object"} if media_type == JSON else {"type": "string", "format": "binary"}
        described[f"/jobs/{{jobId}}/{file}"] = {
            "get": _operation(f"job.{file}", title, {media_type: schema}, [one])
        }
    return described


def _upload(lang: str) -> dict[str, Any]:
    told = _operation("upload", say("Upload a zip of a project: it is checked, analysed and published by a job", lang), {JSON: _JOB}, [
        parameter("name", say("What to call it", lang), {"type": "string", "maxLength": 80}),
        parameter("check", say("Only check the files; nothing is published", lang), {"type": "boolean", "default": False}),
        parameter("accept", say("Analyse even where a guess at what the files are is not sure", lang), {"type": "string", "enum": ["guess"]}),
        parameter("as_of", say("The day for which the land is judged", lang), {"type": "string", "format": "date"}),
        LANG,
    ])  # fmt: skip
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        **_accepted(told),
        "requestBody": {
            "required": True,
            "content": {"application/zip": binary, "application/octet-stream": binary},
        },
    }


def _scenario(lang: str) -> dict[str, Any]:
    told = _operation("scenario.ask", say("Work out what changes of roads, facilities or mains would change", lang), {JSON: _JOB}, [
        parameter("name", say("What to call it", lang), {"type": "string", "maxLength": 80}),
        parameter("crs", say("Coordinate system of the file, where it does not say", lang), _TEXT, example="EPSG:4549"),
        LANG,
    ])  # fmt: skip
    content = {
        GEOJSON: {
            "schema": {"type": "object"},
            "example": {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": None,
                        "properties": {"action": "close_road", "road_id": "R1"},
                    }
                ],
            },
        }
    }
    return {**_accepted(told), "requestBody": {"required": True, "content": content}}


def _operation(
    name: str,
    summary: str,
    forms: dict[str, Any],
    parameters: list[dict[str, Any]],
    *,
    problems: tuple[int, ...] = (),
    others: tuple[int, ...] = (),
) -> dict[str, Any]:
    content = {media_type: {"schema": schema} for media_type, schema in forms.items()}
    told = operation(name, "jobs", summary, parameters, content, problems=problems, others=others)
    described: dict[str, Any] = told["get"]
    return described


def _accepted(told: dict[str, Any]) -> dict[str, Any]:
    """The same where what is asked for is done later."""
    responses = dict(told["responses"])
    headers = {
        "Location": {"schema": {"type": "string", "format": "uri"}},
        "Retry-After": {"schema": {"type": "integer"}},
    }
    return {**told, "responses": {**responses, "202": {**responses.pop("200"), "headers": headers}}}
