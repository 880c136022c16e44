"""Uploads, the jobs they start, and scenarios."""

import asyncio
import contextlib
import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response, StreamingResponse

from api.asked.ask import Ask
from api.asked.selection import EVERYTHING, Selection
from api.asked.visit import Visit
from api.described import pages
from api.errors import ForbiddenError, RequestError, quote_short
from api.jobs.described import describe
from api.jobs.job import Job, new_id, words_of
from api.jobs.receive import check_drawing, check_media_type, receive_file
from api.jobs.told import FILES, follow, job_as_told
from api.jobs.work import DRAFT, DRAWING, SCENARIO, records
from api.reply import GEOJSON, JSON, answer, link, wants_html
from parkgeo.errors import NotFoundError

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_ZIP = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
_BEGINS = b"PK\x03\x04"
_EVENTS = "text/event-stream"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1980, 2100
_LONGEST_NAME, _LONGEST_CRS = 80, 2_000
_YES = {"true": True, "false": False}
_TABLES = ("changes", "parks", "parcels")


@ROUTER.api_route("/uploads", methods=["POST"])
async def take_upload(request: Request) -> Response:
    """Take a zip of a project's files; a job checks, analyses and publishes it."""
    visit = Visit.come(request, {"name", "check", "accept", "as_of", "lang"}, scope="write", whole=True)
    asked = {
        "name": _name(visit.given),
        "check": _choice(visit.given, "check", _YES, default=False),
        "accept": _choice(visit.given, "accept", {"guess": True}, default=False),
        "as_of": _day(visit.given),
    }
    check_media_type(request, _ZIP)
    jobs, limits = visit.service.jobs, visit.service.settings.limits
    async with jobs.receive() as folder:
        await receive_file(
            request, folder / "upload.zip", limits.upload_bytes, begins=_BEGINS, idle_s=jobs.limits.idle_s
        )
        job = await _submit(visit, folder, Job(new_id(), "upload", asked, visit.caller.name))
    return _accepted(visit, job)


@ROUTER.api_route("/jobs", methods=["GET", "HEAD"])
async def list_jobs(request: Request) -> Response:
    """The jobs that are known, the last asked for first."""
    visit = Visit.come(request, {"f", "lang"}, scope="write", whole=True)
    _only_json(visit.given)
    jobs = visit.service.jobs

    def make() -> dict[str, Any]:
        told = [job_as_told(visit, job, jobs, short=True) for job in jobs.listed()]
        return {"jobs": told, "links": [link(visit.url("jobs"), "self", JSON)]}

    return _tell(await asyncio.to_thread(make))


@ROUTER.api_route("/jobs/{job_id}", methods=["GET", "HEAD", "DELETE"])
async def show_job(request: Request, job_id: str) -> Response:
    """A job; with DELETE it is cancelled, or forgotten where it has ended, and its last state told."""
    visit = Visit.come(request, {"f", "lang"}, scope="write", whole=True)
    _only_json(visit.given)
    jobs = visit.service.jobs
    ask_for = jobs.cancel if request.method == "DELETE" else jobs.get
    return _tell(await asyncio.to_thread(lambda: job_as_told(visit, ask_for(job_id), jobs)))


@ROUTER.api_route("/jobs/{job_id}/events", methods=["GET", "HEAD"])
async def show_events(request: Request, job_id: str) -> Response:
    """What happens to a job, as it happens."""
    visit = Visit.come(request, {"lang"}, scope="write", whole=True)
    jobs = visit.service.jobs
    job = await asyncio.to_thread(jobs.get, job_id)
    after = _last_event(request)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Type": _EVENTS}
    if job.ended and after >= len(job.history):
        # What tells a browser's EventSource not to come again.
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    if request.method == "HEAD":
        return Response(headers=headers)
    events = follow(jobs, job_id, after)
    first = await anext(events)  # refuses before the answer has begun

    async def all_events() -> AsyncIterator[bytes]:
        yield first
        async for event in events:
            yield event

    return StreamingResponse(all_events(), headers=headers)


@ROUTER.api_route("/jobs/{job_id}/{file}", methods=["GET", "HEAD"])
async def give_file(request: Request, job_id: str, file: str) -> Response:
    """The account of a job row by row, or the park.toml that was drafted."""
    visit = Visit.come(request, (), scope="write", whole=True)
    if file not in FILES:
        raise NotFoundError("a job has no such file", mend="see the links of the job")
    if file != DRAFT and "personal" not in visit.caller.scopes:
        raise ForbiddenError(
            "the account quotes users' rows, so this needs a key with the scope personal",
            mend="the numbers are in the job itself",
        )
    jobs = visit.service.jobs
    path = await asyncio.to_thread(lambda: jobs.file(jobs.get(job_id), file))
    return FileResponse(path, media_type=FILES[file], filename=file, headers={"Cache-Control": "no-store"})


@ROUTER.api_route("/scenarios", methods=["GET", "HEAD", "POST"])
@ROUTER.api_route("/snapshots/{snapshot}/scenarios", methods=["GET", "HEAD", "POST"])
async def list_scenarios(request: Request) -> Response:
    """The scenarios of the snapshot and those asked for here; with POST one more is worked out."""
    if request.method == "POST":
        return await _take_scenario(request)
    ask = await Ask.of(request, {"f", "lang"}, whole=True)
    html = wants_html(ask)
    told = await _of_snapshot(ask)
    told += [_scenario_as_told(ask, job) for job in await _scenario_jobs(ask)]
    if html:
        states = {one["state"]: words_of(one["state"])[ask.lang] for one in told}
        # Not only the snapshot decides what there is: others ask for scenarios meanwhile.
        return pages.answer_page(ask, "scenarios.html", also=repr(told), listed=told, states=states)
    return _tell({"scenarios": told, "links": [link(ask.here("scenarios"), "self", JSON)]})


@ROUTER.api_route("/scenarios/{scenario_id:path}", methods=["GET", "HEAD"])
@ROUTER.api_route("/snapshots/{snapshot}/scenarios/{scenario_id:path}", methods=["GET", "HEAD"])
async def show_scenario(request: Request, scenario_id: str) -> Response:
    """What differs in a scenario, parcel by parcel and park by park."""
    ask = await Ask.of(request, {"f", "lang"}, whole=True)
    _only_json(ask.given)
    job = next((one for one in await _scenario_jobs(ask) if one.id == scenario_id), None)
    if job is not None:
        return _tell({**_scenario_as_told(ask, job), **await asyncio.to_thread(_found_by, ask, job)})
    known = {one["id"]: one for one in await _of_snapshot(ask)}
    if scenario_id not in known:
        raise NotFoundError(f"no scenario {quote_short(scenario_id)}", mend="/scenarios lists those known")
    condition = orjson.dumps(
        {"op": "=", "args": [{"property": "scenario"}, scenario_id]}, option=orjson.OPT_SORT_KEYS
    ).decode()
    tables = {name: await _rows(ask, f"scenario_{name}", Selection(condition=condition)) for name in _TABLES}
    return answer(ask, lambda: _json({**known[scenario_id], **tables}), JSON)


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    return describe(ask.lang)


async def _take_scenario(request: Request) -> Response:
    ask = await Ask.of(request, {"name", "crs", "lang"}, scope="write", whole=True)
    visit = Visit.come(request, {"name", "crs", "lang"}, scope="write", whole=True)
    crs = ask.given.get("crs", "")
    if len(crs) > _LONGEST_CRS:
        raise RequestError("crs is too long", where="crs", mend='such as "EPSG:4528"')
    check_media_type(request, (GEOJSON,))
    jobs, limits = visit.service.jobs, visit.service.settings.limits
    asked = {"name": _name(ask.given), "crs": crs, "snapshot": ask.edition.name}
    async with jobs.receive() as folder:
        await receive_file(request, folder / DRAWING, limits.body_bytes, idle_s=jobs.limits.idle_s)
        await asyncio.to_thread(check_drawing, folder / DRAWING, crs)
        job = await _submit(visit, folder, Job(new_id(), "scenario", asked, visit.caller.name))
    return _accepted(visit, job)


async def _submit(visit: Visit, folder: Path, job: Job) -> Job:
    return await asyncio.to_thread(visit.service.jobs.submit, folder, job)


async def _scenario_jobs(ask: Ask) -> list[Job]:
    """Scenarios asked for here of this snapshot, or of any where none is named."""
    jobs = ask.service.jobs
    if not jobs.has_workspace:
        return []
    return [
        job
        for job in await asyncio.to_thread(jobs.listed)
        if job.kind == "scenario" and (not ask.named or job.asked["snapshot"] == ask.edition.name)
    ]


def _scenario_as_told(ask: Ask, job: Job) -> dict[str, Any]:
    """A scenario that a job works out; what was wrong with it is said by the job, to those who may ask for one."""
    links = [link(ask.here("scenarios", job.id), "self", JSON)]
    if "write" in ask.caller.scopes:
        links.append(link(ask.url("jobs", job.id), "monitor", JSON))
    return {
        "id": job.id,
        "title": job.asked["name"],
        "state": job.state,
        "snapshot": job.asked["snapshot"],
        "links": links,
    }


def _found_by(ask: Ask, job: Job) -> dict[str, Any]:
    jobs = ask.service.jobs
    if not jobs.has(job, SCENARIO):
        return {}
    found: dict[str, Any] = orjson.loads(jobs.file(job, SCENARIO).read_bytes())
    return found


async def _of_snapshot(ask: Ask) -> list[dict[str, Any]]:
    """The scenarios that the analysis looked at."""
    titles = {one["scenario"]: one["title"] for one in await _rows(ask, "scenario_changes", EVERYTHING)}
    return [
        {
            "id": name,
            "title": title,
            "state": "done",
            "snapshot": ask.edition.name,
            "links": [link(ask.here("scenarios", name), "self", JSON)],
        }
        for name, title in titles.items()
    ]


async def _rows(ask: Ask, table: str, selection: Selection) -> list[dict[Any, Any]]:
    """The rows of a table, without shapes; none where the snapshot has no such table."""
    if table not in ask.edition.collections:
        return []
    frame = await ask.rows(ask.collection(table)).frame(selection)
    return await asyncio.to_thread(lambda: records(frame.drop(columns=["geometry"], errors="ignore")))


def _accepted(visit: Visit, job: Job) -> Response:
    headers = {"Location": visit.url("jobs", job.id), "Retry-After": "2"}
    return _tell(job_as_told(visit, job, visit.service.jobs), 202, headers)


def _tell(told: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(_json(told), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


def _json(told: dict[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY, default=str)


def _name(given: dict[str, str]) -> str:
    """What the client calls it: words for people, never a path."""
    name = given.get("name", "").strip()
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise RequestError(
            "name is too long, or holds letters that do not show",
            where="name",
            mend=f"use up to {_LONGEST_NAME} letters",
        )
    return name


def _choice(given: dict[str, str], name: str, choices: dict[str, bool], *, default: bool) -> bool:
    if name in given and given[name] not in choices:
        raise RequestError(
            f"{name} cannot be {quote_short(given[name])}", where=name, mend=f"use {' or '.join(choices)}"
        )
    return choices[given[name]] if name in given else default


def _day(given: dict[str, str]) -> str:
    text = given.get("as_of")
    if text is None:
        return ""
    # Python reads weeks and dates without hyphens as well; one form is enough.
    with contextlib.suppress(ValueError):
        if _DAY.fullmatch(text) and _FIRST_YEAR <= dt.date.fromisoformat(text).year <= _LAST_YEAR:
            return text
    raise RequestError(f"{quote_short(text)} is no day", where="as_of", mend="such as 2026-06-30")


def _only_json(given: dict[str, str]) -> None:
    if given.get("f", "json") != "json":
        raise RequestError(
            f"no form {quote_short(given['f'])} here", where="f", mend="use json, or leave it out"
        )


def _last_event(request: Request) -> int:
    """Number of the last event that a client had, when it comes again."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0  # noqa: PLR2004
