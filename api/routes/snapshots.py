"""The park's history: all snapshots that are kept, each served whole under its own name."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.described import pages
from api.errors import GoneError
from api.reply import HTML, JSON, answer, link, wants_html
from api.served.shelf import Shelf
from parkgeo.errors import NotFoundError, StoreError

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """One snapshot, as the list tells of it."""

    name: str
    as_of: dt.date
    park: str
    published: dt.datetime


@ROUTER.api_route("/snapshots", methods=_READ)
async def list_snapshots(request: Request) -> Response:
    """All snapshots that are kept, the last published first."""
    ask = await Ask.of(request, {"f", "lang"})
    html = wants_html(ask)
    kept = await asyncio.to_thread(_read, ask.service.live.shelf)
    # What is kept may change while the same snapshot stays live.
    also = repr(kept)
    if html:
        return pages.answer_page(ask, "snapshots.html", also=also, kept=kept)

    def make() -> dict[str, Any]:
        return {
            "links": [
                link(ask.url("snapshots", f="json"), "self", JSON),
                link(ask.url("snapshots", f="html"), "alternate", HTML),
            ],
            "snapshots": [
                {
                    "name": one.name,
                    "as_of": one.as_of.isoformat(),
                    "park": one.park,
                    "published": f"{one.published:%Y-%m-%dT%H:%M:%SZ}",
                    "live": one.name == ask.edition.name,
                    "links": [
                        link(ask.url("snapshots", one.name), "item", JSON),
                        link(ask.url("snapshots", one.name, "collections"), "data", JSON),
                    ],
                }
                for one in kept
            ],
        }

    return answer(ask, make, JSON, also=also)


def _read(shelf: Shelf) -> tuple[_Kept, ...]:
    found = []
    for name in reversed(shelf.names()):
        try:
            snapshot = shelf.snapshot(name)
        except (NotFoundError, GoneError, StoreError):
            # Removed, or damaged, since its name was read.
            continue
        published = dt.datetime.fromtimestamp(shelf.published(name), tz=dt.UTC)
        found.append(_Kept(name, snapshot.as_of, str(snapshot.manifest.get("park") or ""), published))
    return tuple(found)
