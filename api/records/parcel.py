"""A parcel's dossier for programs and, as a page or for paper, for people: what ``parkgeo dossier`` writes."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import quote_short
from api.records.photos import find_photos
from api.records.view import parcel_view, whole_view
from parkgeo.errors import NotFoundError, StoreError

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from parkgeo.store import Snapshot
    from parkgeo.store.photos import Photo

__all__ = ["DOCUMENTS", "find_parcel", "tell_parcel", "write_parcel"]

DOCUMENTS = {
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Form → media type of the forms in which people read a dossier."""


async def find_parcel(ask: Ask, parcel_id: str) -> None:
    """Look whether the caller may know of such a parcel."""
    rows = ask.rows(ask.collection("parcels"))
    if await rows.item(parcel_id, ask.caller.parks) is None:
        raise NotFoundError(
            f"no parcel {quote_short(parcel_id)}",
            mend=f"look for it by a part of its id or of its holder's name: {ask.here('search')}?q=",
        )


async def tell_parcel(ask: Ask, parcel_id: str) -> dict[str, Any]:
    """All that a snapshot says of a parcel, as `parkgeo.report.dossier` tells it.

    Raises
    ------
    NotFoundError
        No parcel that the caller may know has that id.
    """
    from parkgeo.report import dossier

    await find_parcel(ask, parcel_id)
    view = await parcel_view(ask, parcel_id)
    return await asyncio.to_thread(dossier, view, parcel_id)


async def write_parcel(ask: Ask, parcel_id: str, form: str) -> bytes:
    """The dossier as a document of one of the forms in `DOCUMENTS`; made once and kept with the few before it.

    Raises
    ------
    NotFoundError
        No parcel that the caller may know has that id.
    StoreError
        The document cannot be made here.
    """
    await find_parcel(ask, parcel_id)
    seen = ("personal" in ask.caller.scopes, ask.caller.parks)
    name = f"dossier {form} {ask.lang} {seen!r} {parcel_id}"
    photos, mark = await find_photos(ask, parcel_id)
    return await ask.edition.page(
        name + mark, partial(_write, whole_view(ask), parcel_id, form, ask.lang, photos)
    )


def _write(view: Snapshot, parcel_id: str, form: str, lang: str, photos: tuple[Photo, ...]) -> bytes:
    from parkgeo.report import write_dossier

    with tempfile.TemporaryDirectory(prefix="parkgeo-") as folder:
        path = Path(folder) / f"dossier.{form}"
        try:
            write_dossier(view, parcel_id, path, lang=lang, photos=photos)
        except NotFoundError as error:
            # The parcel is there: what was not found is a font.
            raise StoreError(error.what, where=error.where, mend=error.mend) from error
        return path.read_bytes()
