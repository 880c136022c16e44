"""What a request chose, as the first page of a list for paper says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from api.errors import quote_short
from parkgeo.i18n import figure, say
from parkgeo.report import Chosen

if TYPE_CHECKING:
    from api.asked.ask import Ask
    from api.asked.selection import Selection

__all__ = ["said_of"]

_RISING, _FALLING = "rising", "falling"


def said_of(ask: Ask, selection: Selection, limit: int | None, properties: tuple[str, ...] | None) -> Chosen:
    """What was asked for, in the caller's language.

    Parameters
    ----------
    ask
        The request.
    selection
        As `api.asked.reading.read_selection` read it.
    limit
        Most rows; None is all.
    properties
        Columns; None is the list's own choice.
    """
    given, lang, snapshot = ask.given, ask.lang, ask.edition.snapshot
    notes = []
    if "bbox" in given:
        notes.append(say("Only parcels that meet the box {box}.", lang, box=quote_short(given["bbox"])))
    if selection.moments is not None:
        notes.append(say("Only parcels of the time {time}.", lang, time=quote_short(given["datetime"])))
    if selection.order:
        order = say("; ", lang).join(
            f"{snapshot.field('parcels', name)[lang]} ({say(_FALLING if falling else _RISING, lang)})"
            for name, falling in selection.order
        )
        notes.append(say("In the order of {order}.", lang, order=order))
    if limit is not None:
        notes.append(say("At most the first {count} parcels.", lang, count=figure(limit, lang, digits=0)))
    return Chosen(
        condition=orjson.loads(selection.condition) if selection.condition else None,
        written=given.get("filter", ""),
        notes=tuple(notes),
        columns=properties,
    )
