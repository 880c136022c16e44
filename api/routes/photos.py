"""Photos of a parcel."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.asked.ask import Ask
from api.asked.identifiers import ANY_TEXT
from api.described.operations import LANG, choice, in_path, operation
from api.records.parcel import find_parcel
from api.records.photos import find_photos, send_photo, tell_photos
from api.reply import JSON, answer, answer_headers, has_already, link
from parkgeo.i18n import say

__all__ = ["ROUTER", "describe_paths"]

ROUTER = APIRouter()
_READ = ["GET", "HEAD"]
_JPEG = "image/jpeg"
_OF = f"/parcels/{{parcel_id:{ANY_TEXT}}}/photos"


@ROUTER.api_route(_OF, methods=_READ)
@ROUTER.api_route(f"/snapshots/{{snapshot}}{_OF}", methods=_READ)
async def list_photos(request: Request, parcel_id: str) -> Response:
    """Which photos there are of a parcel."""
    ask = await Ask.of(request, {"f", "lang"})
    await find_parcel(ask, parcel_id)
    photos, mark = await find_photos(ask, parcel_id)
    told = {
        "parcel_id": parcel_id,
        "photos": tell_photos(ask, parcel_id, photos),
        "links": [
            link(ask.here("parcels", parcel_id, "photos"), "self", JSON),
            link(ask.here("parcels", parcel_id), "up", JSON),
        ],
    }
    return answer(ask, lambda: told, JSON, spoken=True, also=f"photos {mark}")


@ROUTER.api_route(f"{_OF}/{{number:int}}", methods=_READ)
@ROUTER.api_route(f"/snapshots/{{snapshot}}{_OF}/{{number:int}}", methods=_READ)
async def show_photo(request: Request, parcel_id: str, number: int) -> Response:
    """A photo of a parcel, upright, of bounded size, without its metadata."""
    ask = await Ask.of(request)
    await find_parcel(ask, parcel_id)
    photos, mark = await find_photos(ask, parcel_id)
    also = f"photo {mark}"
    if photos and has_already(ask, answer_headers(ask, _JPEG, also=also)["ETag"], dated=False):
        return Response(status_code=304, headers=answer_headers(ask, _JPEG, also=also))
    content = await send_photo(ask, parcel_id, photos, number, mark)
    return answer(ask, lambda: content, _JPEG, also=also)


def describe_paths(ask: Ask) -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    lang = ask.lang
    if "parcels" not in ask.edition.collections:
        return {}
    parcel = in_path("parcelId", say("Id of the parcel", lang), example="id")
    number = {
        "name": "number", "in": "path", "required": True, "description": say("Number of a photo, from 1", lang),
        "schema": {"type": "integer", "minimum": 1}, "example": 1,
    }  # fmt: skip
    return {
        "/parcels/{parcelId}/photos": operation(
            "parcel.photos", "records", say("Which photos there are of a parcel", lang), [parcel, choice("f", ("json",)), LANG],
            {JSON: {"schema": {"type": "object"}}},
        ),
        "/parcels/{parcelId}/photos/{number}": operation(
            "parcel.photo", "records", say("A photo of a parcel, upright, of bounded size, without its metadata", lang), [parcel, number],
            {_JPEG: {"schema": {"type": "string", "format": "binary"}}},
        ),
    }  # fmt: skip
