"""Hours of the day that a road is closed, as people write them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["closed_at", "parse_hours", "unreadable_hours"]

_DASHES = str.maketrans(dict.fromkeys("～~–—−―‐‑至到", "-"))
_APART = re.compile(r"[;,、\n]")
_SPAN = re.compile(r"(\d{1,2})(?:[:时点](\d{2})?分?)?-+(次日)?(\d{1,2})(?:[:时点](\d{2})?分?)?", re.ASCII)
_ALWAYS = frozenset({"全天", "24h", "24小时", "全日", "全天候"})


def parse_hours(text: str) -> list[tuple[float, float]] | None:
    """Spans of the day as (from, to) in hours, the end not included; None where the text cannot be read.

    A span over midnight becomes two. Every span must be readable, or none is used.

    Examples
    --------
    >>> parse_hours("7:00-9:00;17:00-19:30")
    [(7.0, 9.0), (17.0, 19.5)]
    >>> parse_hours("22：00～6：00")
    [(22.0, 24.0), (0.0, 6.0)]
    >>> parse_hours("rush hour") is None
    True
    """
    plain = re.sub(r"[ \t]", "", unicodedata.normalize("NFKC", text)).translate(_DASHES)
    if plain in _ALWAYS:
        return [(0.0, 24.0)]
    spans: list[tuple[float, float]] = []
    for one in _APART.split(plain):
        if not one:
            continue
        match = _SPAN.fullmatch(one)
        if match is None:
            return None
        hour, minute, next_day, to_hour, to_minute = match.groups()
        start, stop = int(hour) + int(minute or 0) / 60, int(to_hour) + int(to_minute or 0) / 60
        over = stop < start
        if max(int(minute or 0), int(to_minute or 0)) >= 60 or max(start, stop) > 24 or start == stop:  # noqa: PLR2004
            return None
        if next_day and not over:
            return None
        spans += [(start, 24.0), (0.0, stop)] if over else [(start, stop)]
    return [span for span in spans if span[0] < span[1]] or None


def closed_at(texts: pd.Series, hour: float) -> NDArray[np.bool_]:
    """Whether each text names the hour; a text that cannot be read names none."""
    codes, kinds = pd.factorize(texts.astype(object))
    names = [
        any(start <= hour % 24 < stop for start, stop in (parse_hours(str(text)) or [])) for text in kinds
    ]
    return np.asarray(np.array([*names, False], dtype=bool)[codes])


def unreadable_hours(texts: pd.Series) -> NDArray[np.bool_]:
    """Whether each text is there and cannot be read."""
    codes, kinds = pd.factorize(texts.astype(object))
    bad = [bool(str(text).strip()) and parse_hours(str(text)) is None for text in kinds]
    return np.asarray(np.array([*bad, False], dtype=bool)[codes])
