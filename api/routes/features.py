"""Features: pages of them, and one alone, as GeoJSON and as pages for people.

These two addresses are asked far more often than all others together, so they are plain handlers of Starlette: nothing
is looked up, parsed or built that the answer does not need.
"""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.identifiers import ANY_TEXT
from api.asked.params import read_limit
from api.asked.reading import LOOKING, read_look, read_selection
from api.asked.token import Token, read_token
from api.asked.visit import query_text
from api.described import pages
from api.errors import RequestError, quote_short
from api.reply import GEOJSON, HTML, JSON, answer, link, wants_html
from api.served.reshape import AS_STORED, reshaped
from parkgeo.errors import NotFoundError

__all__ = ["PAGING", "ROUTER", "ROWS_ON_A_PAGE"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
PAGING = LOOKING | {"limit", "token", "f", "lang"}
"""Parameters of a page of features, beside those that choose them."""

ROWS_ON_A_PAGE = 100
"""Most features on a page for people; the link to the next page leads on."""

_ONE = LOOKING | {"f", "lang"}
_AT_ONCE = 20
"""Features that are brought into another form between two requests; more are given to a thread."""


async def list_items(request: Request) -> Response:
    """A page of a collection's features."""
    ask = await Ask.of(request, more=True)
    token = read_token(ask.given.get("token"))
    if token is not None and token.snapshot != ask.edition.name:
        if ask.named:
            raise _other_query()
        ask = replace(ask, edition=await ask.service.live.at(token.snapshot))
    collection = ask.collection(request.path_params["collection_id"])
    selection = read_selection(ask, collection, PAGING)
    look = read_look(ask, collection)
    html = wants_html(ask, "geojson")
    limit, mark = read_limit(ask.given.get("limit")), selection.mark(collection.id)
    if token is not None and token.mark != mark:
        raise _other_query()
    page = await ask.rows(collection).page(
        selection,
        min(limit, ROWS_ON_A_PAGE) if html else limit,
        after=None if token is None else token.after,
        most_bytes=ask.service.settings.page_bytes,
    )
    following = None
    if page.following is not None:
        following = {
            **ask.given,
            "limit": str(limit),
            "token": str(Token(ask.edition.name, mark, page.following)),
        }
    features = page.features
    if look != AS_STORED:
        slow = page.returned > _AT_ONCE
        features = await asyncio.to_thread(reshaped, features, look) if slow else reshaped(features, look)
    here = ("collections", collection.id, "items")
    if html:
        return await asyncio.to_thread(
            pages.answer_page,
            ask,
            "items.html",
            collection=collection,
            features=orjson.loads(b"[" + features + b"]"),
            matched=page.matched,
            first=ask.here(*here, **{**ask.given, "token": None, "f": "html"}) if token else None,
            following=None if following is None else ask.here(*here, **{**following, "f": "html"}),
            as_json=ask.here(*here, **{**ask.given, "f": "json"}),
            switch=_other_language(ask, *here),
        )

    def make() -> bytes:
        links = _links(ask, *here)
        if following is not None:
            links.append(link(ask.here(*here, **following), "next", GEOJSON))
        head = {
            "type": "FeatureCollection",
            "timeStamp": f"{ask.edition.snapshot.as_of.isoformat()}T00:00:00Z",
            "numberMatched": page.matched,
            "numberReturned": page.returned,
            "links": links,
        }
        return b"".join((orjson.dumps(head)[:-1], b',"features":[', features, b"]}"))

    return answer(ask, make, GEOJSON, headers={"Content-Crs": f"<{look.system}>"})


async def show_item(request: Request) -> Response:
    """One feature."""
    ask = await Ask.of(request, _ONE)
    collection = ask.collection(request.path_params["collection_id"])
    feature_id = request.path_params["feature_id"]
    look = read_look(ask, collection)
    html = wants_html(ask, "geojson")
    body = await ask.rows(collection).item(feature_id, ask.caller.parks)
    if body is None:
        raise NotFoundError(
            f"no feature {quote_short(feature_id)} in {collection.id}",
            mend="the ids are those of its items; letters beyond ASCII and slashes are percent-encoded",
        )
    feature = reshaped(body, look)
    here = ("collections", collection.id, "items", feature_id)
    if html:
        return pages.answer_page(
            ask,
            "item.html",
            collection=collection,
            feature=orjson.loads(feature),
            as_json=ask.here(*here, **{**ask.given, "f": "json"}),
            switch=_other_language(ask, *here),
        )

    def make() -> bytes:
        return b"".join((feature[:-1], b',"links":', orjson.dumps(_links(ask, *here)), b"}"))

    return answer(ask, make, GEOJSON, headers={"Content-Crs": f"<{look.system}>"})


def _links(ask: Ask, *here: str) -> list[dict[str, str]]:
    """What leads from an answer to itself, to its page for people, and to its collection."""
    address = ask.here(*here)
    others = query_text({**ask.given, "f": None})
    query = f"?{others}" if others else ""
    form = f"f={quote(ask.given['f'])}" if "f" in ask.given else ""
    joint = "&" if query else "?"
    return [
        link(f"{address}{query}{joint}{form}" if form else f"{address}{query}", "self", GEOJSON),
        link(f"{address}{query}{joint}f=html", "alternate", HTML),
        link(ask.here(*here[:2]), "collection", JSON),
    ]


def _other_language(ask: Ask, *here: str) -> str:
    given: dict[str, Any] = {**ask.given, "f": "html", "lang": "en" if ask.lang == "zh" else "zh"}
    return ask.here(*here, **given)


def _other_query() -> RequestError:
    return RequestError(
        "the token belongs to another query", where="token", mend="follow the link called next as it stands"
    )


for _before in ("", "/snapshots/{snapshot}"):
    _items = f"{_before}/collections/{{collection_id}}/items"
    ROUTER.add_route(_items, list_items, methods=_READ, include_in_schema=False)
    ROUTER.add_route(f"{_items}/{{feature_id:{ANY_TEXT}}}", show_item, methods=_READ, include_in_schema=False)
