"""A parcel, a park, what was found, what is searched for: plain addresses for people and scripts."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.identifiers import ANY_TEXT
from api.asked.params import read_limit
from api.asked.reading import demand_code, read_selection
from api.described import pages
from api.errors import RequestError, quote_short
from api.records.described import describe_records
from api.records.parcel import DOCUMENTS, tell_parcel, write_parcel
from api.records.park import show_indicator, tell_park
from api.records.search import MOST, SHOWN, read_word, search
from api.records.tally import BY, codes_of, tell_findings
from api.records.view import narrowed
from api.reply import GEOJSON, HTML, JSON, answer, answer_headers, has_already, link, wants_html
from parkgeo.errors import name_some
from parkgeo.export.titles import code_word, column_title

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_TALLIED = frozenset({"f", "lang", "park"})
# The dossier states in itself what it may load; these hold beside it.
_DOCUMENT_HEADERS = {
    "Content-Security-Policy": "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; script-src 'none'",
}


@ROUTER.api_route(f"/parcels/{{parcel_id:{ANY_TEXT}}}", methods=_READ)
@ROUTER.api_route(f"/snapshots/{{snapshot}}/parcels/{{parcel_id:{ANY_TEXT}}}", methods=_READ)
async def show_parcel(request: Request, parcel_id: str) -> Response:
    """The dossier of a parcel."""
    ask = await Ask.of(request, {"f", "lang"})
    form = _form(ask)
    spoken = form != "json"
    media_type = DOCUMENTS.get(form, JSON)
    headers = {**(_DOCUMENT_HEADERS if form == "html" else {}), "Link": _alternates(ask, parcel_id, form)}
    told = answer_headers(ask, media_type, spoken=spoken)
    if has_already(ask, told["ETag"]):
        return Response(status_code=304, headers={**told, **headers})
    if spoken:
        document = await write_parcel(ask, parcel_id, form)
        return answer(ask, lambda: document, media_type, headers=headers, spoken=True)
    record = await tell_parcel(ask, parcel_id)
    record["links"] = [
        link(ask.here("parcels", parcel_id, f="json"), "self", JSON),
        *(
            link(ask.here("parcels", parcel_id, f=name), "alternate", kind)
            for name, kind in DOCUMENTS.items()
        ),
        link(ask.here("collections", "parcels", "items", parcel_id), "item", GEOJSON),
        link(ask.here("parcels", parcel_id, "photos"), "related", JSON, "photos"),
        link(ask.here("parcels", parcel_id, "fit"), "related", JSON, "fit"),
        *_up(ask, record),
    ]
    return answer(ask, lambda: orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY), JSON, headers=headers)


def _form(ask: Ask) -> str:
    """The form asked for: parameter ``f``, else a page for browsers and JSON for programs."""
    asked = ask.given.get("f")
    if asked is None:
        return "html" if wants_html(ask) else "json"
    if asked not in DOCUMENTS and asked != "json":
        raise RequestError(
            f"no form {quote_short(asked)} here", where="f", mend=f"use {name_some(('json', *DOCUMENTS))}"
        )
    return asked


def _alternates(ask: Ask, parcel_id: str, form: str) -> str:
    """The other forms, as a header: a page or a PDF has no place for links."""
    others = {"json": JSON, **DOCUMENTS}
    return ", ".join(
        f'<{ask.here("parcels", parcel_id, f=name)}>; rel="alternate"; type="{kind}"'
        for name, kind in others.items()
        if name != form
    )


def _up(ask: Ask, record: dict[str, Any]) -> list[dict[str, str]]:
    park = record["fields"].get("park_id", {}).get("value")
    return [] if park is None else [link(ask.here("parks", str(park)), "up", JSON)]


@ROUTER.api_route(f"/parks/{{park_id:{ANY_TEXT}}}", methods=_READ)
@ROUTER.api_route(f"/snapshots/{{snapshot}}/parks/{{park_id:{ANY_TEXT}}}", methods=_READ)
async def show_park(request: Request, park_id: str) -> Response:
    """A park's indicators, each with what it is held against and where that comes from."""
    ask = await Ask.of(request, {"f", "lang"})
    html = wants_html(ask)
    record = await tell_park(ask, park_id)
    if html:
        name = record["fields"].get("name", {}).get("value") or park_id
        return pages.answer_page(
            ask, "park.html", park=record, name=name, shown=lambda row: show_indicator(row, ask.lang)
        )
    record["links"] = [
        link(ask.here("parks", park_id, f="json"), "self", JSON),
        link(ask.here("parks", park_id, f="html"), "alternate", HTML),
        link(ask.here("collections", "parks", "items", park_id), "item", GEOJSON),
        link(ask.here("findings", park=park_id), "related", JSON),
        link(ask.here("parcels.geojson", park_id=park_id), "related", GEOJSON),
    ]
    return answer(ask, lambda: record, JSON)


@ROUTER.api_route("/findings", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/findings", methods=_READ)
async def count_findings(request: Request) -> Response:
    """What was found, counted; each count leads to its findings."""
    ask = await Ask.of(request, more=True)
    html = wants_html(ask)
    findings = ask.collection("findings")
    selection = read_selection(ask, findings, _TALLIED)
    for name, codes in codes_of(ask.edition.snapshot).items():
        if name in ask.given:
            demand_code(name, ask.given[name], codes)
    filters = {name: value for name, value in ask.given.items() if name not in _TALLIED}
    park = ask.given.get("park")
    if park is not None:
        selection = narrowed(selection, {"op": "=", "args": [{"property": "park_id"}, park]})
        filters["park_id"] = park
    told = await tell_findings(ask, selection)
    for group in told["groups"]:
        own = {name: group[name] for name in BY if group[name] is not None}
        items = ask.here("collections", "findings", "items", **{**filters, **own})
        group["links"] = [
            link(items, "items", GEOJSON),
            link(ask.here("findings.geojson", **{**filters, **own}), "enclosure", GEOJSON),
        ]
    if html:
        words = partial(code_word, ask.edition.snapshot, "findings", lang=ask.lang)
        return pages.answer_page(
            ask,
            "findings.html",
            told=told,
            filters={name: value for name, value in ask.given.items() if name not in {"f", "lang"}},
            word=lambda column, code: "—" if code is None else words(column, code),
        )
    told["snapshot"], told["as_of"] = ask.edition.name, ask.edition.snapshot.as_of.isoformat()
    told["links"] = [
        link(ask.here("findings", **{**ask.given, "f": "json"}), "self", JSON),
        link(ask.here("findings", **{**ask.given, "f": "html"}), "alternate", HTML),
        link(ask.here("collections", "findings"), "collection", JSON),
    ]
    return answer(ask, lambda: told, JSON)


@ROUTER.api_route("/search", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/search", methods=_READ)
async def find(request: Request) -> Response:
    """Parcels, companies and parks by a part of their id or name."""
    ask = await Ask.of(request, {"q", "limit", "f", "lang"})
    html = wants_html(ask)
    if html and not ask.given.get("q", "").strip():
        return pages.answer_page(ask, "search.html", form=True, told=None)
    word = read_word(ask.given.get("q"))
    limit = min(read_limit(ask.given["limit"]), MOST) if "limit" in ask.given else SHOWN
    told = await search(ask, word, limit)
    for result in told["results"]:
        result["links"] = _lead(ask, result)
    if html:
        titled = partial(column_title, ask.edition.snapshot, lang=ask.lang, unit=False)
        return pages.answer_page(ask, "search.html", form=True, told=told, field_title=titled)
    told["links"] = [link(ask.here("search", **ask.given), "self", JSON)]
    return answer(ask, lambda: told, JSON)


def _lead(ask: Ask, result: dict[str, Any]) -> list[dict[str, str]]:
    """From a result to what it names."""
    kind, name = result["kind"], result["id"]
    record = [] if kind == "enterprises" else [link(ask.here(kind, name), "about", JSON)]
    on = [link(ask.here("parcels", parcel), "related", JSON) for parcel in result.get("parcels", ())]
    return [*record, link(ask.here("collections", kind, "items", name), "item", GEOJSON), *on]


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    return describe_records(ask)
