"""Where a project could stand: a search by a brief, the matrix of fit, a plan for many projects."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.identifiers import ANY_TEXT
from api.asked.token import read_token
from api.errors import FaultsError, RequestError, quote_short
from api.records.parcel import find_parcel
from api.reply import GEOJSON, JSON, answer, answer_headers, has_already, link
from api.siting.asked import demand_bounds, demand_few, read_body, read_fits, refused
from api.siting.described import describe
from api.siting.told import fits_told, plan_told, sites_geojson, with_links
from parkgeo.errors import InputError, NotFoundError, name_some

if TYPE_CHECKING:
    from api.siting.asked import FitAsked
    from api.siting.desks import Desk
    from api.siting.limits import SitingLimits

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]


@ROUTER.api_route("/sites/search", methods=["POST"])
@ROUTER.api_route("/snapshots/{snapshot}/sites/search", methods=["POST"])
async def search_sites(request: Request) -> Response:
    """Sites for a project, best first; why the others do not fit, and of which that is not known."""
    ask = await Ask.of(request, {"f", "lang"})
    form = _form(ask, "json", "geojson")
    desks = ask.service.desks
    written = await read_body(request, desks.limits.body_bytes)
    desk = await desks.desk(ask)
    body = await desks.run(partial(_search, ask, desk, written, desks.limits, form), request)
    return _tell(ask, body, GEOJSON if form == "geojson" else JSON)


def _search(ask: Ask, desk: Desk, written: dict[str, Any], limits: SitingLimits, form: str) -> bytes:
    try:
        brief = desk.siting.brief(written)
    except InputError as error:
        raise refused(error) from error
    demand_bounds(brief, limits)
    try:
        found = desk.siting.search(brief).as_dict(ask.lang)
    except NotFoundError as error:
        raise FaultsError(error.what, [error.what], mend=error.mend) from error
    if form == "geojson":
        return sites_geojson(ask, desk.siting, found)
    return orjson.dumps(with_links(ask, found))


@ROUTER.api_route("/fit", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/fit", methods=_READ)
async def list_fits(request: Request) -> Response:
    """Which industries fit where, the best first, and what is wanting where they do not."""
    ask = await Ask.of(request, {"industry", "parcel", "grade", "limit", "token", "f", "lang"})
    _form(ask, "json")
    ask, desks = await _where_it_goes_on(ask), ask.service.desks
    if has_already(ask, answer_headers(ask, JSON, spoken=True)["ETag"]):
        return answer(ask, dict, JSON, spoken=True)
    desk = await desks.desk(ask)
    asked = read_fits(ask, desk.siting.industries, desks.limits.listed)
    if asked.parcel:
        await find_parcel(ask, asked.parcel)
    told = await desks.run(partial(_list, ask, desk, asked))
    return answer(ask, lambda: told, JSON, spoken=True)


async def _where_it_goes_on(ask: Ask) -> Ask:
    """The request about the snapshot that its token names."""
    token = read_token(ask.given.get("token"))
    if token is None or token.snapshot == ask.edition.name or ask.named:
        return ask  # that a token is of another snapshot than the path is seen when it is read
    return replace(ask, edition=await ask.service.live.at(token.snapshot))


def _list(ask: Ask, desk: Desk, asked: FitAsked) -> bytes:
    fits = desk.fits_of(asked.parcel, joined=True) if asked.parcel else desk.fits
    cells = fits.cells(industries=asked.industries, grades=asked.grades)
    until = asked.after + asked.limit
    told = fits_told(ask, fits.as_dicts(cells[asked.after : until], ask.lang), len(cells))
    told["links"] = [link(ask.here("fit", **ask.given), "self", JSON)]
    if until < len(cells):
        following = ask.here(
            "fit", **{**ask.given, "limit": str(asked.limit), "token": asked.token(ask, until)}
        )
        told["links"].append(link(following, "next", JSON))
    return orjson.dumps(told)


@ROUTER.api_route(f"/parcels/{{parcel_id:{ANY_TEXT}}}/fit", methods=_READ)
@ROUTER.api_route(f"/snapshots/{{snapshot}}/parcels/{{parcel_id:{ANY_TEXT}}}/fit", methods=_READ)
async def show_fit(request: Request, parcel_id: str) -> Response:
    """What could stand on a parcel: all industries of the packs, the best first."""
    ask = await Ask.of(request, {"f", "lang"})
    _form(ask, "json")
    await find_parcel(ask, parcel_id)
    if has_already(ask, answer_headers(ask, JSON, spoken=True)["ETag"]):
        return answer(ask, dict, JSON, spoken=True)
    desks = ask.service.desks
    desk = await desks.desk(ask)

    def work() -> bytes:
        fits = desk.fits_of(parcel_id, joined=False)
        rows = fits.as_dicts(fits.cells(), ask.lang)
        told = {"parcel_id": parcel_id, **fits_told(ask, rows, len(rows))}
        told["links"] = [
            link(ask.here("parcels", parcel_id, "fit"), "self", JSON),
            link(ask.here("parcels", parcel_id), "up", JSON),
            link(ask.here("fit", parcel=parcel_id), "related", JSON),
        ]
        return orjson.dumps(told)

    told = await desks.run(work)
    return answer(ask, lambda: told, JSON, spoken=True)


@ROUTER.api_route("/allocations", methods=["POST"])
@ROUTER.api_route("/snapshots/{snapshot}/allocations", methods=["POST"])
async def place_projects(request: Request) -> Response:
    """Many projects and the sites that they get, with how far from the best that can be, or which demands clash."""
    ask = await Ask.of(request, {"join", "f", "lang"})
    _form(ask, "json")
    joins = ask.given.get("join", "false")
    if joins not in {"true", "false"}:
        raise RequestError(
            f"{quote_short(joins)} is neither true nor false", where="join", mend="use true or false"
        )
    desks = ask.service.desks
    written = await read_body(request, desks.limits.body_bytes)
    demand_few(written, desks.limits)
    desk = await desks.desk(ask)
    work = partial(_place, ask, desk, written, desks.limits, joins=joins == "true")
    return _tell(ask, await desks.run(work, request), JSON)


def _place(ask: Ask, desk: Desk, written: dict[str, Any], limits: SitingLimits, *, joins: bool) -> bytes:
    from parkgeo.pipeline.placing import placed

    try:
        plan = placed(desk.siting, written, longest_s=limits.allocation_s, lang=ask.lang, joins=joins)
    except InputError as error:
        raise refused(error) from error
    return orjson.dumps(plan_told(ask, plan), option=orjson.OPT_SERIALIZE_NUMPY)


def _form(ask: Ask, *forms: str) -> str:
    asked = ask.given.get("f", forms[0])
    if asked not in forms:
        raise RequestError(f"no form {quote_short(asked)} here", where="f", mend=f"use {name_some(forms)}")
    return asked


def _tell(ask: Ask, body: bytes, media_type: str) -> Response:
    """The answer to a question that came as a body: no address leads to it again, so nobody keeps it."""
    headers = {"Cache-Control": "no-store", "Content-Language": ask.lang, "Content-Type": media_type}
    return Response(body, headers=headers)


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    return describe(ask)
