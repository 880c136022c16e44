"""Charts: distribution against a benchmark, small multiples over years, a scatter with named quadrants, ranked bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import figure as number
from parkgeo.report.palette import DIFFERENCE, INK, Fill
from parkgeo.report.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from parkgeo.report.studio import Ink, Studio

__all__ = ["Bar", "Trend", "bars", "distribution", "quadrants", "trends"]

_WIDTH_CM = 17.5
_ROW_CM = 0.55
_LABEL = 32
"""Most characters of a name beside a bar."""

_BINS = 24
_PLATE = {
    "facecolor": "white",
    "edgecolor": "none",
    "alpha": 0.8,
    "pad": 1.0,
}  # under a text, that lines stay out of it
_NAME_WIDE, _NAME_HIGH = 0.14, 0.045
"""Room of a name in a scatter, as shares of the axes."""


@dataclass(frozen=True)
class Bar:
    """A bar: its name, its length, and how it is filled."""

    name: str
    value: float
    fill: Fill


@dataclass(frozen=True)
class Trend:
    """One measure over years."""

    title: str
    years: tuple[int, ...]
    values: tuple[float, ...]
    benchmark: float | None = None


def bars(studio: Studio, rows: Sequence[Bar], *, axis: str, lang: str, benchmark: float | None = None, width_cm: float = _WIDTH_CM) -> Ink:  # fmt: skip
    """Bars with names and figures, the first on top.

    Parameters
    ----------
    studio
        Draws.
    rows
        What is compared.
    axis
        What the length says, with its unit.
    lang
        ``zh`` or ``en``.
    benchmark
        A line across all bars.
    width_cm
        Of the whole.
    """

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        places = np.arange(len(rows))[::-1]
        for place, row in zip(places, rows, strict=True):
            _bar(axes, float(place), row)
            axes.annotate(
                number(row.value, lang, digits=1), (max(row.value, 0.0), place), xytext=(3, 0), textcoords="offset points",
                va="center", fontsize=7, color=INK["quiet"], zorder=6, bbox=_PLATE,
            )  # fmt: skip
        axes.set_yticks(places, [one_line(row.name, _LABEL) for row in rows], color=INK["text"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(axis)
        axes.grid(axis="x")
        axes.margins(x=0.12, y=0.02)
        if benchmark is not None:
            axes.axvline(benchmark, color=INK["benchmark"], linewidth=1.1, linestyle=(0, (5, 2)), zorder=2.5)

    return studio.draw(width_cm, 1.4 + _ROW_CM * max(len(rows), 2), paint)


def _bar(axes: Axes, place: float, row: Bar) -> None:
    axes.barh(
        place, row.value, height=0.72, color=row.fill.colour, alpha=None, hatch=row.fill.hatch or None,
        edgecolor=row.fill.edge, linewidth=0.5,
    )  # fmt: skip


def distribution(studio: Studio, values: NDArray[np.float64], *, axis: str, count: str, benchmark: tuple[float, str] | None, own: tuple[float, str] | None = None, height_cm: float = 5.2) -> Ink:  # fmt: skip
    """How many parcels yield how much, with the benchmark's line and, where one is meant, the parcel's own tick.

    Parameters
    ----------
    studio
        Draws.
    values
        A value a parcel; missing ones are left out.
    axis, count
        Titles of the axes.
    benchmark, own
        Value and name.
    height_cm
        Of the whole.
    """
    from matplotlib.ticker import MaxNLocator

    known = values[np.isfinite(values)]

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        # The farthest tail would press all others into one bar: what lies beyond stands in the last.
        top = float(np.percentile(known, 99)) if len(known) else 1.0
        marks = [mark[0] for mark in (benchmark, own) if mark is not None]
        top = max([top, *(mark * 1.05 for mark in marks)]) or 1.0
        low = min(0.0, float(known.min())) if len(known) else 0.0
        axes.hist(
            np.clip(known, low, top), bins=min(_BINS, max(6, len(known))), range=(low, top),
            color="#7FA7C4", edgecolor="white", linewidth=0.5,
        )  # fmt: skip
        axes.set_xlabel(axis)
        axes.set_ylabel(count)
        axes.grid(axis="y")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        lift = axes.get_ylim()[1]
        axes.set_ylim(0, lift * 1.25)
        for mark, colour, level in ((benchmark, INK["benchmark"], 1.22), (own, INK["text"], 1.1)):
            if mark is not None:
                axes.axvline(mark[0], color=colour, linewidth=1.2, linestyle=(0, (5, 2)))
                right = mark[0] > low + 0.6 * (top - low)
                axes.annotate(
                    mark[1], (mark[0], lift * level), xytext=(-4 if right else 4, 0), textcoords="offset points",
                    ha="right" if right else "left", va="top", fontsize=7.5, color=colour,
                )  # fmt: skip

    return studio.draw(_WIDTH_CM, height_cm, paint)


def trends(studio: Studio, measures: Sequence[Trend], *, lang: str, across: int = 3) -> Ink:
    """Small multiples: each measure over the years in a frame of its own, all from zero.

    Parameters
    ----------
    studio
        Draws.
    measures
        A frame each.
    lang
        ``zh`` or ``en``.
    across
        Frames in a row.
    """
    down = -(-len(measures) // across)

    def paint(canvas: Figure) -> None:
        for place, measure in enumerate(measures, start=1):
            axes = canvas.add_subplot(down, across, place)
            axes.plot(
                measure.years, measure.values, color=INK["accent"], linewidth=1.4, marker="o", markersize=3
            )
            if measure.benchmark is not None:
                axes.axhline(measure.benchmark, color=INK["benchmark"], linewidth=0.9, linestyle=(0, (5, 2)))
            axes.set_title(measure.title)
            axes.set_ylim(min(0.0, np.nanmin(measure.values)), None)
            axes.margins(x=0.12, y=0.2)
            axes.set_xticks(measure.years, [str(year) for year in measure.years])
            axes.grid(axis="y")
            for at in {0, len(measure.values) - 1}:
                axes.annotate(
                    number(measure.values[at], lang, digits=1), (measure.years[at], measure.values[at]), xytext=(0, 4),
                    textcoords="offset points", ha="center", fontsize=7,
                )  # fmt: skip

    return studio.draw(_WIDTH_CM, 0.6 + 3.9 * down, paint)


def quadrants(studio: Studio, x: NDArray[np.float64], y: NDArray[np.float64], *, axes_titles: tuple[str, str], cut: tuple[float, float], names: tuple[str, str, str, str], named: Sequence[tuple[float, float, str]] = ()) -> Ink:  # fmt: skip
    """A scatter, cut into four named quarters.

    Parameters
    ----------
    studio
        Draws.
    x, y
        A point a parcel; a point with a missing side is left out.
    axes_titles
        With units.
    cut
        Where the quarters meet.
    names
        Of the quarters: low-low, high-low, low-high, high-high (x first).
    named
        Points with a name beside them.
    """
    known = np.isfinite(x) & np.isfinite(y)

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        good = y[known] >= cut[1]
        for chosen, colour, sign in ((good, DIFFERENCE[1], "o"), (~good, DIFFERENCE[0], "v")):
            axes.scatter(
                x[known][chosen], y[known][chosen], s=14, c=colour, marker=sign, alpha=0.75, linewidths=0,
                rasterized=known.sum() > 5000,  # noqa: PLR2004 - beyond, vectors are larger than pixels
            )  # fmt: skip
        right = max(np.percentile(x[known], 99) * 1.08, cut[0] * 1.4)
        top = max(np.percentile(y[known], 99) * 1.12, cut[1] * 1.4)
        axes.set_xlim(0, right)
        axes.set_ylim(min(0.0, float(y[known].min())), top)
        axes.axvline(cut[0], color=INK["quiet"], linewidth=0.9, linestyle=(0, (5, 2)))
        axes.axhline(cut[1], color=INK["benchmark"], linewidth=0.9, linestyle=(0, (5, 2)))
        corners = (
            (0.01, 0.02, "left", "bottom"),
            (0.99, 0.02, "right", "bottom"),
            (0.01, 0.98, "left", "top"),
            (0.99, 0.98, "right", "top"),
        )
        for name, (across, up, side, level) in zip(names, corners, strict=True):
            axes.text(
                across, up, name, transform=axes.transAxes, ha=side, va=level, fontsize=8, color=INK["quiet"],
                bbox=_PLATE, zorder=6,
            )  # fmt: skip
        for across, up, name in _apart(named, right, top, cut):
            axes.annotate(
                one_line(name, 14), (across, up), xytext=(4, 3), textcoords="offset points", fontsize=6.5
            )
        axes.set_xlabel(axes_titles[0])
        axes.set_ylabel(axes_titles[1])
        axes.grid()

    return studio.draw(_WIDTH_CM, 8.2, paint)


def _apart(
    named: Sequence[tuple[float, float, str]], right: float, top: float, cut: tuple[float, float]
) -> list[tuple[float, float, str]]:
    """Points whose names lie neither on each other nor on a line or a quarter's own name, the first first."""
    wide, high = _NAME_WIDE * right, _NAME_HIGH * top
    kept: list[tuple[float, float, str]] = []
    for across, up, name in named:
        if across > 0.88 * right or up > top:
            continue  # the name would run out of the frame
        if across < cut[0] < across + wide or cut[1] - high < up < cut[1] + high / 2:
            continue  # a line would run through it
        if up < 2 * high or up > top - 2 * high:
            continue  # the quarters' names stand along these edges
        if all(abs(across - x) > wide or abs(up - y) > high for x, y, _ in kept):
            kept.append((across, up, name))
    return kept


def legend_patch(fill: Fill) -> Any:
    """A sample of a fill for a legend."""
    from matplotlib.patches import Patch

    return Patch(
        facecolor=blend(fill),
        edgecolor=fill.edge,
        hatch=fill.hatch * 2 if fill.hatch else None,
        linewidth=0.6,
    )


def blend(fill: Fill) -> str:
    """The colour of a fill on white paper, its opacity taken in."""
    parts = (int(fill.colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * fill.opacity):02X}" for part in parts)
