"""Photos of a parcel: which there are, and one as it is sent."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, NotFoundError
from parkgeo.report.parcel_photos import photo_caption
from parkgeo.store.photos import fit_photo, photos_of

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from parkgeo.store.photos import Photo

__all__ = ["find_photos", "send_photo", "tell_photos"]


async def find_photos(ask: Ask, parcel_id: str) -> tuple[tuple[Photo, ...], str]:
    """The photos of a parcel that the caller may know, and a mark that changes when they do.

    Parameters
    ----------
    ask
        The request; whether the caller may know of the parcel was looked at before.
    parcel_id
        The parcel.
    """
    photos = await asyncio.to_thread(photos_of, ask.service.settings.workspace, parcel_id)
    return photos, await asyncio.to_thread(_mark, photos)


def _mark(photos: tuple[Photo, ...]) -> str:
    told = []
    for photo in photos:
        about = photo.file.stat()
        told.append((photo.file.name, about.st_size, about.st_mtime_ns))
    return hashlib.blake2s(repr(told).encode("utf-8", "replace"), digest_size=8).hexdigest() if told else ""


def tell_photos(ask: Ask, parcel_id: str, photos: tuple[Photo, ...]) -> list[dict[str, Any]]:
    """The photos as JSON: number, when, whither, and where each is to be had. Where it was taken is not told."""
    return [
        {
            "number": count,
            "taken": photo.seen.taken.isoformat() if photo.seen.taken is not None else None,
            "direction": photo.seen.direction,
            "title": photo_caption(photo.seen, photo.file.name, ask.lang),
            "href": ask.here("parcels", parcel_id, "photos", str(count)),
        }
        for count, photo in enumerate(photos, start=1)
    ]


async def send_photo(ask: Ask, parcel_id: str, photos: tuple[Photo, ...], number: int, mark: str) -> bytes:
    """A photo, upright, of bounded size, without its metadata; made once and kept with the few before it.

    Parameters
    ----------
    ask
        The request.
    parcel_id
        The parcel.
    photos, mark
        As `find_photos` gives them.
    number
        From 1.

    Raises
    ------
    NotFoundError
        There is none of that number, or its file is no photo any more.
    BusyError
        Too many pages are being made.
    """
    if not 1 <= number <= len(photos):
        raise NotFoundError(f"no photo {number} of the parcel", mend=f"there are {len(photos)}")
    try:
        return await ask.edition.page(
            f"photo {mark} {number} {parcel_id}", partial(fit_photo, photos[number - 1].file)
        )
    except InputError as error:
        raise NotFoundError(f"photo {number} {error.what}", mend=error.mend) from error
