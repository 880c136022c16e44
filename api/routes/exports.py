"""Files to take away, and whole collections at plain addresses that a person can paste into a GIS or a script."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.asked.ask import Ask
from api.asked.reading import LOOKING, read_look, read_selection
from api.described import pages
from api.errors import RequestError, quote_short
from api.exports.asked import disposition, kind_of, read_first, read_values
from api.exports.described import TITLES, describe_exports
from api.exports.files import (
    LIST_FILE,
    MEDIA_TYPES,
    ROW_FORMS,
    WHOLE_FILES,
    write_parcel_list,
    write_rows,
)
from api.exports.paper import said_of
from api.exports.stream import Document, read_range
from api.records.view import await_from_thread, narrowed, whole_view
from api.reply import GEOJSON, JSON, answer, answer_headers, has_already, link, wants_html
from parkgeo.errors import NotFoundError, name_some
from parkgeo.i18n import say
from parkgeo.report.list_report import LIST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Hashable, Iterator
    from pathlib import Path

    from api.asked.selection import Selection
    from api.served.catalogue import Collection
    from api.served.reshape import Look

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_PLAIN = LOOKING | {"limit", "f", "lang"}
_EXPORT = frozenset({"limit", "properties", "lang", "values", "first"})
_VERDICTS = ("yes", "no", "undetermined")
_MOST_DIGITS = 12


@ROUTER.api_route("/exports", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/exports", methods=_READ)
async def list_exports(request: Request) -> Response:
    """Every file that there is to take away."""
    ask = await Ask.of(request, {"f", "lang"})
    if wants_html(ask):
        return pages.answer_page(ask, "exports.html", told=_list(ask))
    return answer(ask, lambda: _list(ask), JSON, spoken=True)


@ROUTER.api_route("/exports/{name}", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/exports/{name}", methods=_READ)
async def export(request: Request, name: str) -> Response:
    """A file: rows of a collection, or the whole snapshot."""
    if name in WHOLE_FILES:
        return await _export_whole(request, name)
    ask = await Ask.of(request, more=True)
    stem, _, form = name.rpartition(".")
    if (form not in ROW_FORMS and name != LIST_FILE) or stem not in ask.edition.collections:
        raise NotFoundError(
            f"no export {quote_short(name)}",
            mend=f"there are {name_some(WHOLE_FILES, shown=9)} and, of every collection, for example "
            f"{name_some((f'parcels.{ending}' for ending in (*ROW_FORMS, 'pdf')), shown=9)}",
        )
    collection = ask.collection(stem)
    selection = read_selection(ask, collection, _EXPORT)
    limit, look = _limit(ask), read_look(ask, collection)
    words, first = read_values(ask, form), read_first(ask, collection, form)
    headers = _headers(ask, form, stem)
    if has_already(ask, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    rows, exporter = ask.rows(collection), ask.service.exporter
    matched = await rows.matched(selection)
    count = matched if limit is None else min(limit, matched)
    headers["Content-Disposition"] = disposition(
        ask, collection, form, kind=kind_of(ask, limit, matched), rows=count
    )
    if form == "geojson":
        return await _stream(ask, collection, selection, limit, look, headers)
    exporter.check(count, _width(collection, look, form), form=form)
    if request.method == "HEAD":
        return _without_body(headers)
    loop, lang, ordered = asyncio.get_running_loop(), ask.lang, bool(selection.order)
    put: Callable[..., None] = (
        partial(write_parcel_list, whole_view(ask), chosen=said_of(ask, selection, limit, look.properties))
        if form == "pdf"
        else partial(
            write_rows,
            ask.edition.snapshot,
            stem,
            properties=look.properties,
            first=first,
            words=words,
        )
    )

    def write(path: Path) -> None:
        # Read when its turn has come: what waits holds no rows.
        put(await_from_thread(loop, rows.frame(selection, limit)), path, lang=lang, ordered=ordered)

    return await exporter.export(f"{stem}.{form}", write, headers)


def _width(collection: Collection, look: Look, form: str) -> int:
    """Columns of a file, with one for geometry; a list for paper has a choice of its own where none is asked for."""
    if look.properties is not None:
        return len(look.properties) + 1
    return len(LIST_COLUMNS) if form == "pdf" else len(collection.fields) + 1


async def _export_whole(request: Request, name: str) -> Response:
    """A file about a whole snapshot: every table, the register, the report, the tiles."""
    ask = await Ask.of(request, {"lang"}, whole=True)
    stem, _, form = name.rpartition(".")
    headers = _headers(ask, form, stem)
    if has_already(ask, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    exporter = ask.service.exporter
    for collection in _counted(ask, name):
        exporter.check(
            len(collection.rows), len(collection.fields) + 1, form="xlsx" if form == "xlsx" else ""
        )
    if request.method == "HEAD":
        return _without_body(headers)
    write = partial(WHOLE_FILES[name], whole_view(ask), lang=ask.lang)
    return await exporter.export(name, write, headers)


def _counted(ask: Ask, name: str) -> Iterator[Collection]:
    """Collections whose rows go into a file, so far as its size depends on them."""
    wanted = (
        ("parcels", "findings", "gaps") if name.startswith("register.") else tuple(ask.edition.collections)
    )
    return (ask.edition.collections[one] for one in wanted if one in ask.edition.collections)


@ROUTER.api_route("/idle.geojson", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/idle.geojson", methods=_READ)
async def stream_idle(request: Request) -> Response:
    """The parcels that are suspected idle, or of another verdict."""
    ask = await Ask.of(request, more=True)
    collection = ask.collection("parcels")
    if "idle" not in {field.name for field in collection.fields}:
        raise NotFoundError(
            "no verdict on idle land in this snapshot", mend=f"the parcels: {ask.here('parcels.geojson')}"
        )
    selection = read_selection(ask, collection, _PLAIN | {"verdict"})
    verdicts = tuple(ask.given.get("verdict", "yes").split(","))
    unknown = next((verdict for verdict in verdicts if verdict not in _VERDICTS), None)
    if unknown is not None:
        raise RequestError(
            f"no verdict {quote_short(unknown)}", where="verdict", mend=f"there are {name_some(_VERDICTS)}"
        )
    wanted = {"op": "in", "args": [{"property": "idle"}, list(verdicts)]}
    return await _stream_plain(ask, collection, narrowed(selection, wanted))


@ROUTER.api_route("/{collection_id}.geojson", methods=_READ)
@ROUTER.api_route("/snapshots/{snapshot}/{collection_id}.geojson", methods=_READ)
async def stream_collection(request: Request, collection_id: str) -> Response:
    """A whole collection, or all that is chosen of it."""
    ask = await Ask.of(request, more=True)
    collection = ask.collection(collection_id)
    return await _stream_plain(ask, collection, read_selection(ask, collection, _PLAIN))


async def _stream_plain(ask: Ask, collection: Collection, selection: Selection) -> Response:
    if ask.given.get("f", "geojson") not in {"json", "geojson"}:
        raise RequestError(
            f"no form {quote_short(ask.given['f'])} here", where="f", mend="use geojson, or leave it out"
        )
    limit, look = _limit(ask), read_look(ask, collection)
    headers = {
        **answer_headers(ask, GEOJSON, spoken=True),
        "Content-Type": GEOJSON,
        "Content-Crs": f"<{look.system}>",
    }
    if has_already(ask, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return await _stream(ask, collection, selection, limit, look, headers)


async def _stream(
    ask: Ask,
    collection: Collection,
    selection: Selection,
    limit: int | None,
    look: Look,
    headers: dict[str, str],
) -> Response:
    here = ask.request.url.path.rpartition("/")[2]
    named = ("exports", here) if "/exports/" in ask.request.url.path else (here,)
    head = {
        "type": "FeatureCollection",
        "name": collection.id,
        "title": collection.titles[ask.lang],
        "timeStamp": f"{ask.edition.snapshot.as_of.isoformat()}T00:00:00Z",
        "snapshot": ask.edition.name,
        "links": [
            link(ask.here(*named, **ask.given), "self", GEOJSON),
            link(ask.here("collections", collection.id), "collection", JSON),
        ],
    }
    document = Document(ask.rows(collection), selection, limit=limit, look=look)
    await document.open(head)
    return await _send(ask, document, (collection.id, selection, limit, look), headers)


async def _send(ask: Ask, document: Document, asked: Hashable, headers: dict[str, str]) -> Response:
    """Send a document as a stream; to a client that reads it like a file, its length and the parts that it asks for."""
    request, courses = ask.request, ask.service.exporter.courses
    if "gzip" in request.headers.get("accept-encoding", ""):
        # Packed on its way: neither its length nor its parts are those of the document.
        return _without_body(headers) if request.method == "HEAD" else _streamed(document.pieces(), headers)
    name = (ask.edition.name, "personal" in ask.caller.scopes, asked)
    course, part = courses.get(name), request.headers.get("range")
    if course is None and (document.short or request.method == "HEAD" or part is not None):
        course = await document.measure()
        courses.keep(name, course)
    if course is None:
        return _streamed(document.pieces(), headers)
    length = document.length(course)
    headers = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(length)}
    if request.method == "HEAD":
        return Response(headers=headers)
    wanted = (
        read_range(part, length)
        if request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
        else None
    )
    if wanted is None:
        return _streamed(document.pieces(), headers)
    first, last = wanted
    headers.update(
        {"Content-Range": f"bytes {first}-{last}/{length}", "Content-Length": str(last + 1 - first)}
    )
    return _streamed(document.part(course, first, last), headers, 206)


def _streamed(pieces: AsyncGenerator[bytes], headers: dict[str, str], status: int = 200) -> Response:
    return StreamingResponse(pieces, status, headers=headers)


def _headers(ask: Ask, form: str, stem: str) -> dict[str, str]:
    """Of an answer that is saved as a file; its name is made of ours only."""
    return {
        **answer_headers(ask, MEDIA_TYPES[form], spoken=True),
        "Content-Type": MEDIA_TYPES[form],
        "Content-Disposition": f'attachment; filename="{stem}-{ask.edition.name}.{form}"',
    }


def _without_body(headers: dict[str, str]) -> Response:
    """The answer to HEAD: how long the body would be is not known before it is made."""
    response = Response(headers=headers)
    del response.headers["content-length"]
    return response


def _limit(ask: Ask) -> int | None:
    """Most rows; without it, all."""
    text = ask.given.get("limit")
    if text is None:
        return None
    digits = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and digits):
        raise RequestError(
            f"limit {quote_short(text)} is not a whole number from 1",
            where="limit",
            mend="leave it out for all rows",
        )
    return int(digits[:_MOST_DIGITS])


def _list(ask: Ask) -> dict[str, Any]:
    whole = [
        {"name": name, "title": say(title, ask.lang), "links": [_enclosure(ask, name)]}
        for name, title in TITLES.items()
        if ask.caller.parks is None
    ]
    rows = [
        {
            "name": collection.id,
            "title": collection.titles[ask.lang],
            "links": [_enclosure(ask, f"{collection.id}.{form}") for form in _forms(collection.id)],
        }
        for collection in ask.edition.collections.values()
    ]
    return {
        "snapshot": ask.edition.name,
        "whole": whole,
        "collections": rows,
        "links": [link(ask.here("exports"), "self", JSON)],
    }


def _forms(collection: str) -> tuple[str, ...]:
    return (*ROW_FORMS, "pdf") if f"{collection}.pdf" == LIST_FILE else ROW_FORMS


def _enclosure(ask: Ask, name: str) -> dict[str, str]:
    form = name.rpartition(".")[2]
    return link(ask.here("exports", name), "enclosure", MEDIA_TYPES[form].partition(";")[0], form)


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    return describe_exports(ask)
