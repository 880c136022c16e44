"""A parcel's dates on a line, from the approval to the day of judgement."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from parkgeo.report.palette import INK, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from parkgeo.report.studio import Ink, Studio

__all__ = ["Event", "timeline"]

Event = tuple[dt.date, str, str]
"""Day, what it was, and its kind: ``paper``, ``due``, ``done`` or ``today``."""

_COLOURS = {"paper": INK["accent"], "due": "#B2182B", "done": "#00553E", "today": INK["text"]}
_SIGNS = {"paper": "o", "due": "D", "done": "s", "today": "|"}
_WIDTH_CM, _LEVEL_CM, _BASE_CM = 17.5, 0.5, 2.4
_SHORTEST_DAYS = 60.0
_LABEL, _LATE = 0.27, 0.72
"""A label's width, and where labels begin to stand to the left of their day, as shares of the line."""


def timeline(
    studio: Studio, events: Sequence[Event], *, idle_from: dt.date | None, until: dt.date, idle: str
) -> Ink:
    """Dates on a line; the time since the year was full is drawn as the verdict is.

    Parameters
    ----------
    studio
        Draws.
    events
        Days that are known.
    idle_from
        The day from which the parcel is suspected idle; None where it is not.
    until
        The day of judgement; it is one of the events.
    idle
        What the drawn span says.
    """
    ordered = sorted(events, key=lambda event: (event[0], event[1]))

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        days = [_number(event[0]) for event in ordered]
        first, last = min(days), max(days)
        span = _span(days)
        axes.hlines(0, first, last, color=INK["quiet"], linewidth=1.2, zorder=1)
        if idle_from is not None:
            fill = VERDICTS["yes"]
            start = _number(idle_from)
            axes.broken_barh(
                [(start, _number(until) - start)],
                (-0.13, 0.26),
                facecolor=fill.colour,
                edgecolor=fill.edge,
                hatch=fill.hatch,
                linewidth=0.5,
            )
            axes.text(
                (start + _number(until)) / 2,
                -0.22,
                idle,
                ha="center",
                va="top",
                fontsize=7.5,
                color="#7A3600",
            )
        levels = _levels(days, span)
        for (when, what, kind), place, level in zip(ordered, days, levels, strict=True):
            up = 0.55 + 0.62 * level
            axes.vlines(place, 0, up, color=_COLOURS[kind], linewidth=0.7, zorder=1)
            axes.plot([place], [0], marker=_SIGNS[kind], color=_COLOURS[kind], markersize=5)
            side = "right" if _is_late(place, days, span) else "left"
            axes.annotate(
                f"{when.isoformat()}  {what}", (place, up), xytext=(-2 if side == "right" else 2, 0),
                textcoords="offset points", ha=side, va="center", fontsize=7.5, color=_COLOURS[kind],
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, zorder=4,
            )  # fmt: skip
        axes.set_xlim(first - 0.02 * span, last + 0.02 * span)
        axes.set_ylim(-0.75, 0.95 + 0.62 * max(levels))
        years = range(ordered[0][0].year, until.year + 2)
        ticks = [(_number(dt.date(year, 1, 1)), str(year)) for year in years]
        ticks = [tick for tick in ticks if first <= tick[0] <= last]
        axes.set_xticks([tick[0] for tick in ticks], [tick[1] for tick in ticks])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)

    numbers = [_number(event[0]) for event in ordered]
    height = _BASE_CM + _LEVEL_CM * max(_levels(numbers, _span(numbers)))
    return studio.draw(_WIDTH_CM, height, paint)


def _span(days: list[float]) -> float:
    return max(max(days) - min(days), _SHORTEST_DAYS)


def _number(day: dt.date) -> float:
    return float(day.toordinal())


def _is_late(place: float, days: list[float], span: float) -> bool:
    """Whether a day lies so far right that its label must stand to its left."""
    return place > min(days) + _LATE * span


def _levels(days: list[float], span: float) -> list[int]:
    """How high each label stands, so that no two lie on each other.

    Examples
    --------
    >>> _levels([0.0, 1.0, 50.0], 100.0)
    [0, 1, 0]
    """
    free: list[float] = []
    levels = []
    for day in days:
        start, end = (day - _LABEL * span, day) if _is_late(day, days, span) else (day, day + _LABEL * span)
        level = next((at for at, taken in enumerate(free) if taken <= start), len(free))
        free[level : level + 1] = [end]
        levels.append(level)
    return levels
