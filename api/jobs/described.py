"""What the OpenAPI document says of uploads, jobs and scenarios."""

from __future__ import annotations

from typing import Any

from api.jobs.told import FILES
from api.reply import GEOJSON, JSON
from parkgeo.i18n import say

__all__ = ["describe"]

_TEXT: dict[str, Any] = {"type": "string"}
_TWO = {"type": "object", "required": ["zh", "en"], "properties": {"zh": _TEXT, "en": _TEXT}}
_TIME = {"type": "string", "format": "date-time", "nullable": True}
_COUNT = {"type": "integer", "minimum": 0}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_STATES = ["queued", "running", "done", "failed", "cancelled", "interrupted", "needs_attention"]
_OBJECTS = {"type": "array", "items": {"type": "object"}}
_ID = {"name": "jobId", "in": "path", "required": True, "schema": _TEXT}
_PROBLEMS = {
    "400": "A parameter is wrong",
    "403": "The key does not allow it",
    "404": "Nothing has that name",
    "409": "It is too late for that",
    "413": "The body is too big",
    "415": "A body of a kind that is not taken",
    "429": "Too much at once",
}
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
    named = {"name": "scenarioId", "in": "path", "required": True, "schema": _TEXT}
    form, spoken = (
        _query("f", "json", {"type": "string", "enum": ["json"]}),
        _query("lang", "zh | en", {"type": "string", "enum": ["zh", "en"]}),
    )
    described: dict[str, Any] = {
        "/uploads": {"post": _upload(lang, spoken)},
        "/jobs": {"get": _operation("jobs", say("Jobs that are known", lang), lang, {JSON: jobs}, [form, spoken])},
        "/jobs/{jobId}": {
            "get": _operation("job", say("How far a job is, and what came of it", lang), lang, {JSON: _JOB}, [_ID, form, spoken]),
            "delete": _operation("job.cancel", say("Cancel a job; one that has ended is forgotten", lang), lang, {JSON: _JOB}, [_ID, form, spoken]),
        },
        "/jobs/{jobId}/events": {
            "get": _operation("job.events", say("What happens to a job, as server-sent events", lang), lang, {"text/event-stream": _TEXT}, [_ID, spoken])
        },
        "/scenarios": {
            "get": _operation("scenarios", say("Scenarios that are known", lang), lang, {JSON: scenarios}, [form, spoken]),
            "post": _scenario(lang, spoken),
        },
        "/scenarios/{scenarioId}": {
            "get": _operation("scenario", say("What differs in a scenario, by parcel and by park", lang), lang, {JSON: _SCENARIO}, [named, form, spoken])
        },
    }  # fmt: skip
    for file, media_type in FILES.items():
        title = say("A file that came of a job: {file}", lang, file=file)
        schema = {"type": "object"} if media_type == JSON else {"type": "string", "format": "binary"}
        described[f"/jobs/{{jobId}}/{file}"] = {
            "get": _operation(f"job.{file}", title, lang, {media_type: schema}, [_ID])
        }
    return described


def _upload(lang: str, spoken: dict[str, Any]) -> dict[str, Any]:
    told = _operation("upload", say("Upload a zip of a project: it is checked, analysed and published by a job", lang), lang, {JSON: _JOB}, [
        _query("name", say("What to call it", lang), {"type": "string", "maxLength": 80}),
        _query("check", say("Only check the files; nothing is published", lang), {"type": "boolean", "default": False}),
        _query("accept", say("Analyse even where a guess at what the files are is not sure", lang), {"type": "string", "enum": ["guess"]}),
        _query("as_of", say("The day for which the land is judged", lang), {"type": "string", "format": "date"}),
        spoken,
    ], status="202")  # fmt: skip
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        **told,
        "requestBody": {
            "required": True,
            "content": {"application/zip": binary, "application/octet-stream": binary},
        },
    }


def _scenario(lang: str, spoken: dict[str, Any]) -> dict[str, Any]:
    told = _operation("scenario.ask", say("Work out what changes of roads, facilities or mains would change", lang), lang, {JSON: _JOB}, [
        _query("name", say("What to call it", lang), {"type": "string", "maxLength": 80}),
        _query("crs", say("Coordinate system of the file, where it does not say", lang), _TEXT),
        spoken,
    ], status="202")  # fmt: skip
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
    return {**told, "requestBody": {"required": True, "content": content}}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, "style": "form", "explode": False}  # fmt: skip


def _operation(
    operation: str,
    summary: str,
    lang: str,
    forms: dict[str, Any],
    parameters: list[dict[str, Any]],
    *,
    status: str = "200",
) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    problems = {
        code: {"description": say(text, lang), "content": problem} for code, text in _PROBLEMS.items()
    }
    answered: dict[str, Any] = {
        "description": summary,
        "content": {media_type: {"schema": schema} for media_type, schema in forms.items()},
    }
    if status == "202":
        answered["headers"] = {"Location": {"schema": {"type": "string", "format": "uri"}}}
    return {
        "operationId": operation,
        "tags": ["jobs"],
        "summary": summary,
        "parameters": parameters,
        "responses": {status: answered, **problems},
    }
