"""Vector tiles of every collection, as OGC API – Tiles and TileJSON want them."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.reading import read_selection
from api.described.openapi import choosing
from api.described.operations import LANG, choice, in_path, number_in_path, operation, parameter
from api.errors import RequestError, quote_short
from api.reply import JSON, answer, answer_headers, has_already, link
from api.served.catalogue import Collection
from api.tiles.choice import check_drawable, choose_layers, drawable, fields_at, read_properties
from api.tiles.described import MVT, describe_tileset, list_tilesets, tilejson
from api.tiles.grid import DEEPEST, MATRIX_SET, MATRIX_SET_URI, describe_matrix_set, read_tile
from api.tiles.painter import Layer
from parkgeo.errors import NotFoundError
from parkgeo.i18n import say

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_OWN = frozenset({"collections", "f", "lang", "properties"})
_OF_ONE = _OWN - {"collections"}
_SETS = "/{set_id}"
_TILE = "/{set_id}/{z}/{row}/{col}"
_OBJECT = {JSON: {"schema": {"type": "object"}}}
_DRAWN = {MVT: {"schema": {"type": "string", "format": "binary"}}}
_Handler = Callable[..., Awaitable[Response]]


def _hot(path: str) -> Callable[[_Handler], _Handler]:
    """The same for what is asked for most, without FastAPI's reading of parameters; first, to be found first."""

    def add(handler: _Handler) -> _Handler:
        for whole in (path, f"/snapshots/{{snapshot}}{path}"):
            ROUTER.add_route(whole, handler, methods=_READ)
        return handler

    return add


def _at(path: str) -> Callable[[_Handler], _Handler]:
    """An address of the live snapshot, and of each by its name."""

    def add(handler: _Handler) -> _Handler:
        for whole in (path, f"/snapshots/{{snapshot}}{path}"):
            ROUTER.add_api_route(whole, handler, methods=_READ, response_model=None)
        return handler

    return add


@_hot(f"/collections/{{collection_id}}/tiles{_TILE}")
async def paint_one(request: Request) -> Response:
    """One tile of a collection."""
    ask = await Ask.of(request, more=True)
    return await _paint(ask, [_drawn(ask, request.path_params["collection_id"])], _OF_ONE)


@_hot(f"/tiles{_TILE}")
async def paint_all(request: Request) -> Response:
    """One tile of several collections."""
    ask = await Ask.of(request, more=True)
    return await _paint(ask, choose_layers(ask.edition.collections, ask.given.get("collections")), _OWN)


@ROUTER.api_route("/tileMatrixSets", methods=_READ)
async def list_matrix_sets(request: Request) -> Response:
    """How the world is cut into tiles: the one way that is served."""
    ask = await Ask.of(request, {"f", "lang"})
    _only(ask, "json")

    def make() -> dict[str, Any]:
        links = [link(ask.url("tileMatrixSets", MATRIX_SET), "self", JSON)]
        title = describe_matrix_set()["title"]
        return {
            "tileMatrixSets": [{"id": MATRIX_SET, "title": title, "uri": MATRIX_SET_URI, "links": links}],
            "links": [link(ask.url("tileMatrixSets"), "self", JSON)],
        }

    return answer(ask, make, JSON)


@ROUTER.api_route("/tileMatrixSets/{set_id}", methods=_READ)
async def show_matrix_set(request: Request, set_id: str) -> Response:
    """The definition of WebMercatorQuad."""
    ask = await Ask.of(request, {"f", "lang"})
    _only(ask, "json")
    _check_set(set_id)
    return answer(ask, describe_matrix_set, JSON)


@_at("/tiles")
async def list_all(request: Request) -> Response:
    """Tile sets of the whole snapshot."""
    ask = await Ask.of(request, {"f", "lang"})
    _only(ask, "json")
    return answer(ask, lambda: list_tilesets(ask, _title(ask), ("tiles",)), JSON, spoken=True)


@_at("/tiles/{set_id}")
async def show_all(request: Request, set_id: str) -> Response:
    """The tile set of the whole snapshot, or of some collections together."""
    return await _describe_all(request, set_id, describe_tileset)


@_at("/tiles/{set_id}/tilejson.json")
async def tell_all(request: Request, set_id: str) -> Response:
    """The tile set of the whole snapshot as TileJSON."""
    return await _describe_all(request, set_id, tilejson)


@_at("/collections/{collection_id}/tiles")
async def list_of_one(request: Request, collection_id: str) -> Response:
    """Tile sets of a collection."""
    ask = await Ask.of(request, {"f", "lang"})
    _only(ask, "json")
    collection = _drawn(ask, collection_id)
    here = ("collections", collection_id, "tiles")
    return answer(ask, lambda: list_tilesets(ask, collection.titles[ask.lang], here), JSON, spoken=True)


@_at("/collections/{collection_id}/tiles/{set_id}")
async def show_one(request: Request, collection_id: str, set_id: str) -> Response:
    """The tile set of a collection."""
    return await _describe_one(request, collection_id, set_id, describe_tileset)


@_at("/collections/{collection_id}/tiles/{set_id}/tilejson.json")
async def tell_one(request: Request, collection_id: str, set_id: str) -> Response:
    """The tile set of a collection as TileJSON."""
    return await _describe_one(request, collection_id, set_id, tilejson)


_Describe = Callable[[Ask, str, tuple[str, ...], list[Collection], tuple[str, ...] | None], dict[str, Any]]


async def _describe_all(request: Request, set_id: str, describe: _Describe) -> Response:
    ask = await Ask.of(request, more=True)
    _check_set(set_id)
    _only(ask, "json")
    layers = choose_layers(ask.edition.collections, ask.given.get("collections"))
    if not layers:
        raise NotFoundError("nothing of this snapshot has a place", mend="see /collections")
    return _describe(ask, layers, _OWN, _title(ask), ("tiles",), describe)


async def _describe_one(request: Request, collection_id: str, set_id: str, describe: _Describe) -> Response:
    ask = await Ask.of(request, more=True)
    _check_set(set_id)
    _only(ask, "json")
    collection = _drawn(ask, collection_id)
    here = ("collections", collection_id, "tiles")
    return _describe(ask, [collection], _OF_ONE, collection.titles[ask.lang], here, describe)


def _describe(
    ask: Ask,
    layers: list[Collection],
    own: frozenset[str],
    title: str,
    here: tuple[str, ...],
    describe: _Describe,
) -> Response:
    _check_unsorted(ask)
    for layer in layers:
        # What the tiles would refuse is refused here, where a person looks.
        read_selection(ask, layer, own)
    chosen = read_properties(ask.given.get("properties"), layers)
    return answer(ask, lambda: describe(ask, title, here, layers, chosen), JSON, spoken=True)


async def _paint(ask: Ask, collections: list[Collection], own: frozenset[str]) -> Response:
    place = ask.request.path_params
    _check_set(place["set_id"])
    _only(ask, "mvt")
    _check_unsorted(ask)
    tile = read_tile(place["z"], place["row"], place["col"].removesuffix(".mvt").removesuffix(".pbf"))
    chosen = read_properties(ask.given.get("properties"), collections)
    layers = tuple(
        Layer(one.id, ask.rows(one), fields_at(one, tile.z, chosen), read_selection(ask, one, own))
        for one in collections
    )
    told = answer_headers(ask, MVT)
    if has_already(ask, told["ETag"]):
        return Response(status_code=304, headers=told)
    clear = any(layer.rows is not one.rows for layer, one in zip(layers, collections, strict=True))
    takes_gzip = "gzip" in ask.request.headers.get("accept-encoding", "")
    painted = await ask.service.painter.paint(ask.edition.name, layers, tile, clear=clear, packed=takes_gzip)
    if not painted.complete:
        told["Parkgeo-Complete"] = "false"
    if not painted.body:
        return Response(status_code=204, headers=told)
    if takes_gzip:
        told["Content-Encoding"] = "gzip"
    return Response(painted.body, headers={**told, "Content-Type": MVT})


def _drawn(ask: Ask, name: str) -> Collection:
    collection = ask.collection(name)
    check_drawable(collection)
    return collection


def _title(ask: Ask) -> str:
    return ask.edition.summary.park or "parkgeo"


def _check_set(name: str) -> None:
    if name != MATRIX_SET:
        raise NotFoundError(f"the world is not cut into {quote_short(name)} here", mend=f"use {MATRIX_SET}")


def _check_unsorted(ask: Ask) -> None:
    if "sortby" in ask.given:
        raise RequestError("features on a tile have no order", where="sortby", mend="leave it out")


def _only(ask: Ask, form: str) -> None:
    if ask.given.get("f", form) != form:
        raise RequestError(
            f"no form {quote_short(ask.given['f'])} here", where="f", mend=f"use {form}, or leave it out"
        )


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    lang = ask.lang
    drawn = list(drawable(ask.edition.collections))
    one = in_path(
        "collectionId", say("Id of a collection", lang), example=drawn[0] if drawn else "", values=drawn
    )
    of_set = in_path("tileMatrixSetId", "WebMercatorQuad", example=MATRIX_SET, values=[MATRIX_SET])
    place = [
        number_in_path("tileMatrix", say("Level, from 0, the world", lang), DEEPEST),
        number_in_path("tileRow", say("Row, from the north", lang), (1 << DEEPEST) - 1),
        number_in_path("tileCol", say("Column, from the west", lang), (1 << DEEPEST) - 1),
    ]
    names = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    form = [choice("f", ("json",)), LANG]
    chosen = [
        parameter("properties", say("Attributes, with commas between", lang), names),
        *(one for one in choosing(ask.edition, lang) if one["name"] != "sortby"),
        LANG,
    ]
    several = [parameter("collections", say("Collections, with commas between", lang), names), *chosen]
    sets, tile = say("Tile sets", lang), say("One vector tile", lang)
    described = say("A tile set: where its tiles are and what is on them", lang)
    schemes = say("How the world is cut into tiles", lang)
    paths = {
        "/tileMatrixSets": operation("tileMatrixSets", "map", schemes, form, _OBJECT),
        "/tileMatrixSets/{tileMatrixSetId}": operation(
            "tileMatrixSet", "map", schemes, [of_set, *form], _OBJECT
        ),
    }
    for head, prefix, given, query in (
        ("", "", [], several),
        ("/collections/{collectionId}", "collection.", [one], chosen),
    ):
        base = f"{head}/tiles"
        paths[base] = operation(f"{prefix}tilesets", "map", sets, [*given, *form], _OBJECT)
        base += "/{tileMatrixSetId}"
        parts = [*given, of_set]
        asked = [*parts, *query, form[0]]
        paths[base] = operation(f"{prefix}tileset", "map", described, asked, _OBJECT)
        paths[f"{base}/tilejson.json"] = operation(
            f"{prefix}tilejson", "map", f"{described} · TileJSON", asked, _OBJECT
        )
        asked = [*parts, *place, *query, choice("f", ("mvt",))]
        paths[f"{base}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = operation(
            f"{prefix}tile", "map", tile, asked, _DRAWN, others=(204,)
        )
    return paths
