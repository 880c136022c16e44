"""The pages in which people look at the park, and the data and files that these pages ask for."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.asked.ask import Ask
from api.asked.params import read_parameters
from api.asked.visit import Visit
from api.described.operations import LANG, in_path, number_in_path, operation
from api.errors import quote_short
from api.reply import HTML, JSON, answer, answer_headers, has_already
from api.tiles.described import MVT
from api.tiles.grid import DEEPEST, read_tile
from api.tiles.painter import Numbered
from api.view import data
from api.view.own_maps import OwnMaps
from api.view.rasters import picture_type
from api.view.seen import PARCELS, Seen
from parkgeo.errors import NotFoundError
from parkgeo.i18n import say

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_BYTES = "application/octet-stream"
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
# Public tile servers refuse requests that do not say from which site they come.
_REFERRER = {"Referrer-Policy": "strict-origin-when-cross-origin"}
_MOST_DIGITS = 9
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_Handler = Callable[..., Awaitable[Response]]


def _at(path: str) -> Callable[[_Handler], _Handler]:
    """An address of the live snapshot, and of each by its name."""

    def add(handler: _Handler) -> _Handler:
        for whole in (path, f"/snapshots/{{snapshot}}{path}"):
            ROUTER.add_api_route(whole, handler, methods=_READ, response_model=None)
        return handler

    return add


@_at("/map")
async def show_map(request: Request) -> Response:
    """The map of the park."""
    return await _show(request, dashboard=False)


@_at("/dashboard")
async def show_dashboard(request: Request) -> Response:
    """Map, lists and charts of the park in one page."""
    return await _show(request, dashboard=True)


async def _show(request: Request, *, dashboard: bool) -> Response:
    from maps.page import render_page

    ask = await Ask.of(request, {"lang"})
    root = "../../" if ask.named else ""
    hosts = ask.service.grounds.hosts
    page, policy = await asyncio.to_thread(
        partial(render_page, lang=ask.lang, root=root, dashboard=dashboard, pictures=hosts)
    )
    headers = {"Content-Security-Policy": policy, **_REFERRER}
    return answer(ask, page.encode, HTML, headers=headers, spoken=True, also=policy)


@_at("/map.html")
async def give_map(request: Request) -> Response:
    """The map as one file that needs neither this service nor a network."""
    ask = await Ask.of(request, {"lang"})
    own = await OwnMaps.of(ask)
    headers = {
        **answer_headers(ask, HTML, spoken=True, also=own.mark),
        "Content-Type": f"{HTML}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="map-{ask.edition.name}-{ask.lang}.html"',
        # The page states what it may do in a policy of its own; this one holds beside it.
        "Content-Security-Policy": "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    }
    if has_already(ask, headers["ETag"], dated=False):
        return Response(status_code=304, headers=headers)
    seen = await Seen.of(ask)
    made = partial(data.draw_map, specs=own.specs, lang=ask.lang)
    return await _gzipped(ask, await seen.made(("map", ask.lang, own.mark), made), headers)


async def _gzipped(ask: Ask, packed: bytes, headers: dict[str, str]) -> Response:
    """What is kept compressed, in the form that the client takes."""
    if "gzip" in ask.request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"})
    return Response(await asyncio.to_thread(gzip.decompress, packed), headers=headers)


@_at("/view")
async def tell_view(request: Request) -> Response:
    """What the pages start with, as `maps.pack` packs it."""
    ask = await Ask.of(request)
    own = await OwnMaps.of(ask)
    make = partial(data.pack_view, types=data.tiled_types(ask), own=own.specs)
    return await _tell(ask, ("view", own.mark), make, also=own.mark)


@_at("/view/columns/{name}")
async def tell_column(request: Request, name: str) -> Response:
    """One column of the parcels, in the order of their rows in `/view`."""
    ask = await Ask.of(request)
    if not any(field.name == name and not field.personal for field in ask.collection(PARCELS).fields):
        raise NotFoundError(f"no column {quote_short(name)}", mend="see /collections/parcels/schema")
    return await _tell(ask, ("column", name), partial(data.pack_column, name=name))


@_at("/view/colourings/{key}")
async def tell_colouring(request: Request, key: str) -> Response:
    """What the parcels can be coloured by: its classes, and of which class each parcel is."""
    ask = await Ask.of(request)
    own = await OwnMaps.of(ask)
    make = partial(data.pack_colouring, key=key, own=own.specs)
    return await _tell(
        ask, ("colouring", key, own.mark), make, also=own.mark, what=f"colouring {quote_short(key)}"
    )


@_at("/view/layers/{layer_id:path}")
async def tell_layer(request: Request, layer_id: str) -> Response:
    """A layer that is derived for the map: bands of isochrones, the network, ground within reach of mains, gates, links."""
    ask = await Ask.of(request)
    make = partial(data.pack_layer, layer_id=layer_id)
    return await _tell(ask, ("layer", layer_id), make, what=f"layer {quote_short(layer_id)}")


@_at("/view/places")
async def tell_places(request: Request) -> Response:
    """Box and middle of each parcel."""
    return await _tell(await Ask.of(request), ("places",), data.pack_places)


async def _tell(
    ask: Ask, name: tuple[object, ...], make: Callable[[Seen], bytes | None], *, also: str = "", what: str = ""
) -> Response:  # fmt: skip
    headers = {**answer_headers(ask, _BYTES, also=also), "Content-Type": _BYTES}
    if has_already(ask, headers["ETag"], dated=not also):
        return Response(status_code=304, headers=headers)
    made = await (await Seen.of(ask)).made(name, make)
    if made is None:
        raise NotFoundError(f"no {what}", mend="/view lists those that there are")
    return await _gzipped(ask, made, headers)


@_at("/view/rows/{table}/{row}")
async def tell_row(request: Request, table: str, row: str) -> Response:
    """What the pages tell of one row of a table that they draw, by its number on their tiles."""
    ask = await Ask.of(request)
    _check_table(ask, table)
    number = int(row) if row.isascii() and row.isdigit() and len(row) <= _MOST_DIGITS else -1
    place = await (await Seen.of(ask)).place_of(table, number) if number >= 0 else None
    if place is None:
        raise NotFoundError(f"no row {quote_short(row)} of {table}", mend="open the page again")
    headers = {**answer_headers(ask, _BYTES), "Content-Type": _BYTES}
    if has_already(ask, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return await _gzipped(ask, await data.pack_row(ask, table, place) or b"", headers)


@_at("/view/tiles/{table}/{z}/{row}/{col}")
async def paint(request: Request, table: str, z: str, row: str, col: str) -> Response:
    """A vector tile of row numbers and shapes: all that lies there, to the pixel."""
    from maps.served import NOT_DRAWN, class_numbers

    ask = await Ask.of(request)
    _check_table(ask, table)
    tile = read_tile(z, row, col)
    told = answer_headers(ask, MVT)
    if has_already(ask, told["ETag"]):
        return Response(status_code=304, headers=told)
    seen = await Seen.of(ask)
    numbers = await seen.numbers(table)
    classes = await seen.made(("classes", table), partial(class_numbers, table=table))
    layer = Numbered(table, ask.collection(table).rows, seen.selection, numbers, classes, NOT_DRAWN)
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    painted = await ask.service.painter.paint_numbered(ask.edition.name, layer, tile, packed=takes_gzip)
    if not painted.complete:
        told["Parkgeo-Complete"] = "false"
    if not painted.body:
        return Response(status_code=204, headers=told)
    if takes_gzip:
        told["Content-Encoding"] = "gzip"
    return Response(painted.body, headers={**told, "Content-Type": MVT})


def _check_table(ask: Ask, table: str) -> None:
    if table != PARCELS and table not in data.tiled_types(ask):
        raise NotFoundError(
            f"no layer {quote_short(table)} of tiles", mend="/view lists those that there are"
        )


@ROUTER.api_route("/basemaps", methods=_READ)
async def list_basemaps(request: Request) -> Response:
    """The basemaps that pages offer."""
    visit = Visit.come(request)
    told = visit.service.grounds.listed()
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key"}
    return JSONResponse({"basemaps": told}, headers=headers)


@ROUTER.api_route("/basemaps/{name}/{z}/{x}/{y}", methods=_READ)
async def give_picture(request: Request, name: str, z: str, x: str, y: str) -> Response:
    """A picture of a basemap that is a file of the office."""
    visit = Visit.come(request)
    if name not in visit.service.grounds.rasters:
        raise NotFoundError(
            f"no file of a basemap {quote_short(name)}", mend="/basemaps lists those that there are"
        )
    tile = read_tile(z, y, x)
    content = await asyncio.to_thread(visit.service.grounds.rasters.read, name, tile)
    headers = {"Cache-Control": "private, max-age=3600", "Vary": "Authorization, X-API-Key"}
    if content is None:
        return Response(status_code=204, headers=headers)
    return Response(content, headers={**headers, "Content-Type": picture_type(content) or _BYTES})


@ROUTER.api_route("/assets/{digest}/{name:path}", methods=_READ)
async def give_asset(request: Request, digest: str, name: str) -> Response:
    """A script or style sheet of the pages."""
    from maps.page import ASSETS, assets_digest

    read_parameters(request, ())
    if digest != assets_digest() or name not in ASSETS:
        raise NotFoundError("no such file", mend="open /map or /dashboard again: its files have changed")
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Type": _TYPES[name.rpartition(".")[2]],
        "Vary": "Accept-Encoding",
        **({"Content-Encoding": "gzip"} if takes_gzip else {}),
    }
    return Response(_asset(name, packed=takes_gzip), headers=headers)


@cache
def _asset(name: str, *, packed: bool) -> bytes:
    from maps.page import asset_text

    content = asset_text(name).encode()
    return gzip.compress(content, 9, mtime=0) if packed else content


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    from maps.page import assets_digest

    lang = ask.lang
    text = {"schema": {"type": "string"}}
    page, packed = {HTML: text}, {_BYTES: _BINARY}
    digest = in_path("digest", say("What the files together are", lang), example=assets_digest())
    file = in_path("file", say("Name of the file", lang), example="served.css")
    names = [field.name for field in ask.collection(PARCELS).fields if not field.personal]
    tables = [PARCELS, *data.tiled_types(ask)]
    table = in_path("table", say("What is drawn from tiles", lang), example=PARCELS, values=tables)
    column = in_path("column", say("A column of the parcels", lang), example=names[0], values=names)
    key = in_path("key", say("Key of a colouring; /view lists them", lang), example="idle")
    layer = in_path("layer", say("Id of a layer; /view lists them", lang), example="links")
    row = number_in_path("row", say("Number of the row, from 0", lang), 999_999_999, example=0)
    tile = [
        number_in_path("tileMatrix", say("Level, from 0, the world", lang), DEEPEST),
        number_in_path("tileRow", say("Row, from the north", lang), (1 << DEEPEST) - 1),
        number_in_path("tileCol", say("Column, from the west", lang), (1 << DEEPEST) - 1),
    ]
    ground = in_path("basemap", say("Id of a basemap; /basemaps lists them", lang), example="office")
    place = [
        number_in_path("z", say("Level, from 0, the world", lang), DEEPEST, example=0),
        number_in_path("x", say("Column, from the west", lang), (1 << DEEPEST) - 1, example=0),
        number_in_path("y", say("Row, from the north", lang), (1 << DEEPEST) - 1, example=0),
    ]
    told: dict[str, tuple[str, str, list[dict[str, Any]], dict[str, Any]]] = {
        "/map": ("map", say("The map of the park", lang), [LANG], page),
        "/dashboard": ("dashboard", say("Map, lists and charts of the park in one page", lang), [LANG], page),
        "/map.html": ("map.file", say("The map as one file that opens with no network", lang), [LANG], page),
        "/view": ("view", say("What the pages start with, packed", lang), [], packed),
        "/view/places": ("view.places", say("Box and middle of each parcel, packed", lang), [], packed),
        "/view/columns/{column}": ("view.column", say("One column of the parcels, packed", lang), [column], packed),
        "/view/colourings/{key}": ("view.colouring", say("Of which class each parcel is, packed", lang), [key], packed),
        "/view/layers/{layer}": ("view.layer", say("A layer that is derived for the map, packed", lang), [layer], packed),
        "/view/rows/{table}/{row}": ("view.row", say("What the pages tell of one row, packed", lang), [table, row], packed),
        "/view/tiles/{table}/{tileMatrix}/{tileRow}/{tileCol}": (
            "view.tile", say("A vector tile of row numbers and shapes, with all that lies there", lang), [table, *tile],
            {MVT: _BINARY},
        ),
        "/assets/{digest}/{file}": (
            "asset", say("A script or style sheet of the pages", lang), [digest, file], {"text/css": text, "text/javascript": text},
        ),
        "/basemaps": ("basemaps", say("The basemaps that pages offer", lang), [], {JSON: {"schema": {"type": "object"}, "example": {"basemaps": []}}}),
        "/basemaps/{basemap}/{z}/{x}/{y}": (
            "basemap.tile", say("A picture of a basemap that is a file of the office", lang), [ground, *place],
            {"image/png": _BINARY, "image/jpeg": _BINARY, "image/webp": _BINARY},
        ),
    }  # fmt: skip
    return {
        path: operation(name, "map", summary, given, content, others=(204,) if name.endswith(".tile") else ())
        for path, (name, summary, given, content) in told.items()
    }
