"""Photos of a parcel in its dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import InputError
from parkgeo.i18n import say
from parkgeo.report.document import Gallery, Paragraph, Section, Shot
from parkgeo.report.visible import visible
from parkgeo.store.photos import fit_photo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts
    from parkgeo.store.photos import Photo, Seen

__all__ = ["photo_caption", "photos_section"]

_MOST = 12
"""Most photos in a dossier; further ones are counted."""

_SIDE_PX = 1000
_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def photo_caption(seen: Seen, name: str, lang: str) -> str:
    """When and whither, as far as the photo says, and its file.

    Examples
    --------
    >>> from parkgeo.store.photos import Seen
    >>> photo_caption(Seen(direction=92.0), "a.jpg", "en")
    'looking east (92°) · a.jpg'
    """
    parts = []
    if seen.taken is not None:
        parts.append(seen.taken.strftime("%Y-%m-%d %H:%M"))
    if seen.direction is not None:
        wind = say(_WINDS[round(seen.direction / 45.0) % 8], lang)
        parts.append(say("looking {wind} ({degrees}°)", lang, wind=wind, degrees=f"{seen.direction:.0f}"))
    return " · ".join((*parts, visible(name, most=80)))


def photos_section(facts: Facts, photos: Sequence[Photo]) -> Section | None:
    """The photos, each with day and direction where it says them; None where there are none."""
    lang = facts.lang
    shots, damaged = [], []
    for count, photo in enumerate(photos[:_MOST], start=1):
        caption = photo_caption(photo.seen, photo.file.name, lang)
        try:
            shots.append(
                Shot(
                    fit_photo(photo.file, side=_SIDE_PX),
                    say("Photo {count} of the parcel", lang, count=count),
                    caption,
                )
            )
        except InputError:
            damaged.append(visible(photo.file.name, most=80))
    blocks: list[Block] = [Gallery(tuple(shots))] if shots else []
    if len(photos) > _MOST:
        blocks.append(
            Paragraph(say("The first {shown} of {count}.", lang, shown=_MOST, count=len(photos)), "note")
        )
    if damaged:
        names = say(", ", lang).join(damaged)
        blocks.append(Paragraph(say("Damaged, and not shown: {names}.", lang, names=names), "note"))
    return Section(say("Photos", lang), tuple(blocks)) if blocks else None
