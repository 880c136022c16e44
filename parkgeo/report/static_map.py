"""Maps for paper: one question each, with legend, counts and areas, scale bar, north and coordinate system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.report.charts import blend, legend_patch
from parkgeo.report.palette import INK, NO_DATA, QUANTITY, Fill
from parkgeo.report.visible import one_line
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from parkgeo.report.studio import Ink, Studio

__all__ = ["Kind", "kinds_of_quantity", "parcel_map", "park_map"]

_WIDTH_CM, _HEIGHT_CM = 17.5, 10.3
_MOST_VECTORS = 3000
"""Beyond as many outlines a map is drawn as pixels: vectors would weigh more than the rest of the document."""

_STEPS = (1, 2, 5)
_CLASSES = 5
_LINE = 30
_TAIL = 5


@dataclass(frozen=True)
class Kind:
    """A class of the legend: which parcels, called what, filled how."""

    name: str
    rows: NDArray[np.bool_]
    fill: Fill


def kinds_of_quantity(values: NDArray[np.float64], *, lang: str, digits: int = 0) -> list[Kind]:
    """Five classes of about as many parcels each, and those without a value.

    Parameters
    ----------
    values
        A value a parcel; NaN is missing.
    lang
        ``zh`` or ``en``.
    digits
        Decimals in the legend.
    """
    known = values[np.isfinite(values)]
    bounds = np.unique(np.quantile(known, np.linspace(0, 1, _CLASSES + 1))) if len(known) else np.array([])
    kinds = []
    count = max(len(bounds) - 1, 1 if len(bounds) else 0)
    for at in range(count):
        low = bounds[at]
        high = bounds[at + 1] if len(bounds) > 1 else low
        last = at == count - 1
        rows = np.isfinite(values) & (values >= low) & ((values <= high) if last else (values < high))
        name = f"{number(low, lang, digits=digits)} – {number(high, lang, digits=digits)}"
        kinds.append(
            Kind(name, rows, Fill(QUANTITY[round(at * (_CLASSES - 1) / max(count - 1, 1))], edge="#3A3A3A"))
        )
    return [*kinds, Kind(say("No data", lang), ~np.isfinite(values), NO_DATA)]


def park_map(studio: Studio, parcels: gpd.GeoDataFrame, kinds: Sequence[Kind], *, legend: str, lang: str, park: Any = None, roads: Any = None, crs: str = "") -> Ink:  # fmt: skip
    """The park's parcels by class.

    Parameters
    ----------
    studio
        Draws.
    parcels
        In metres.
    kinds
        Each parcel in one of them; a class without parcels is left out, save for those that say "no data".
    legend
        What the classes are of.
    lang
        ``zh`` or ``en``.
    park, roads
        Outline and lines beneath, where they are known.
    crs
        Name of the coordinate system.
    """

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        _ground(axes, park, roads)
        areas = parcels.geometry.area.to_numpy() / M2_PER_HA
        handles, labels = [], []
        for kind in kinds:
            if not kind.rows.any():
                continue
            _fill(axes, parcels.geometry[kind.rows], kind.fill)
            handles.append(legend_patch(kind.fill))
            told = say(
                "{count} parcels, {ha} ha",
                lang,
                count=number(int(kind.rows.sum()), lang, digits=0),
                ha=number(float(areas[kind.rows].sum()), lang, digits=1),
            )
            labels.append(f"{kind.name}\n{told}")
        _frame(axes, parcels.total_bounds, margin=0.03)
        canvas.legend(
            handles, labels, title=legend, loc="outside right upper", fontsize=7.5, title_fontsize=8.5, alignment="left",
            handlelength=2.0, handleheight=1.4, labelspacing=0.9,
        )  # fmt: skip
        _furniture(axes, lang, crs)

    return studio.draw(_WIDTH_CM, _HEIGHT_CM, paint)


def parcel_map(studio: Studio, parcels: gpd.GeoDataFrame, at: int, kinds: Sequence[Kind], *, lang: str, buildings: Any = None, roads: Any = None, crs: str = "") -> Ink:  # fmt: skip
    """A parcel among its neighbours.

    Parameters
    ----------
    studio
        Draws.
    parcels
        In metres.
    at
        Position of the parcel.
    kinds
        Classes of all parcels.
    lang
        ``zh`` or ``en``.
    buildings, roads
        Drawn above and beneath, where they are known.
    crs
        Name of the coordinate system.
    """
    own = parcels.geometry.iloc[at]
    west, south, east, north = own.bounds
    reach = 0.75 * max(east - west, north - south)
    window = (west - reach, south - reach, east + reach, north + reach)
    near = np.zeros(len(parcels), dtype=bool)
    near[parcels.sindex.intersection(window)] = True

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        _ground(axes, None, _within(roads, window))
        handles, labels = [], []
        for kind in kinds:
            rows = kind.rows & near
            if rows.any():
                _fill(axes, parcels.geometry[rows], kind.fill)
                handles.append(legend_patch(kind.fill))
                labels.append(kind.name)
        _buildings(axes, _within(buildings, window), handles, labels, lang)
        _outline(axes, own)
        _names(axes, parcels[near], window, str(parcels["parcel_id"].iloc[at]))
        axes.set_xlim(window[0], window[2])
        axes.set_ylim(window[1], window[3])
        axes.set_aspect("equal")
        canvas.legend(
            handles, labels, loc="outside right upper", fontsize=7.5, handlelength=2.0, handleheight=1.4
        )
        _furniture(axes, lang, crs)

    return studio.draw(13.5, 9.0, paint)


def _within(frame: Any, window: tuple[float, float, float, float]) -> Any:
    return None if frame is None or not len(frame) else frame.iloc[np.sort(frame.sindex.intersection(window))]


def _ground(axes: Axes, park: Any, roads: Any) -> None:
    if roads is not None and len(roads):
        _lines(axes, roads.geometry, "#B9C0C6", 0.8)
    if park is not None and len(park):
        _lines(axes, park.geometry.boundary, INK["text"], 1.1, dash=(6, 3))


def _fill(axes: Axes, shapes: Any, fill: Fill) -> None:
    from matplotlib.collections import PathCollection

    drawn = PathCollection(
        [_path(shape) for shape in shapes], facecolors=blend(fill), edgecolors=fill.edge, linewidths=0.35,
        hatch=fill.hatch or None, rasterized=len(shapes) > _MOST_VECTORS,
    )  # fmt: skip
    axes.add_collection(drawn)


def _path(shape: Any) -> Any:
    """A polygon of one or more parts, with its holes, as one path."""
    import shapely
    from matplotlib.path import Path

    rings = shapely.get_rings(shapely.get_parts(shape))
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))


def _lines(
    axes: Axes, shapes: Any, colour: str, width: float, *, dash: tuple[float, float] | None = None
) -> None:
    import shapely
    from matplotlib.collections import LineCollection

    parts = shapely.get_parts(shapes.to_numpy())
    axes.add_collection(
        LineCollection(
            [shapely.get_coordinates(part) for part in parts], colors=colour, linewidths=width,
            linestyles=[(0, dash)] if dash else "solid", rasterized=len(parts) > _MOST_VECTORS,
        )
    )  # fmt: skip


def _buildings(axes: Axes, frame: Any, handles: list[Any], labels: list[str], lang: str) -> None:
    if frame is None or not len(frame):
        return
    fill = Fill("#6E7B85", edge="#3C464D")
    _fill(axes, frame.geometry, fill)
    handles.append(legend_patch(fill))
    labels.append(say("Buildings", lang))


def _outline(axes: Axes, shape: Any) -> None:
    import shapely

    for ring in shapely.get_rings(shapely.get_parts(shape)):
        line = shapely.get_coordinates(ring)
        axes.plot(line[:, 0], line[:, 1], color="white", linewidth=3.6, solid_joinstyle="round")
        axes.plot(line[:, 0], line[:, 1], color="#111111", linewidth=2.2, solid_joinstyle="round")


def _names(axes: Axes, near: gpd.GeoDataFrame, window: tuple[float, float, float, float], own: str) -> None:
    import shapely
    from matplotlib.patheffects import withStroke

    frame = shapely.box(*window)
    for name, shape in zip(near["parcel_id"], near.geometry, strict=True):
        inside = shape.intersection(frame)
        # The last digits tell neighbours apart; the parcel itself has its whole id.
        if inside.area < 0.02 * frame.area and str(name) != own:
            continue
        place = inside.representative_point()
        told = str(name) if str(name) == own or len(str(name)) <= _TAIL else "…" + str(name)[-_TAIL:]
        axes.text(
            place.x, place.y, one_line(told, _LINE), ha="center", va="center", fontsize=7 if str(name) == own else 6,
            path_effects=[withStroke(linewidth=2.2, foreground="white")], clip_on=True,
        )  # fmt: skip


def _frame(axes: Axes, bounds: NDArray[np.float64], *, margin: float) -> None:
    west, south, east, north = bounds
    room = margin * max(east - west, north - south)
    axes.set_xlim(west - room, east + room)
    axes.set_ylim(south - room - 0.04 * (north - south), north + room)
    axes.set_aspect("equal")


def _furniture(axes: Axes, lang: str, crs: str) -> None:
    """Scale bar, north and coordinate system; no axes."""
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(True)
        side.set_color(INK["rule"])
    west, east = axes.get_xlim()
    length = _round_length((east - west) / 5)
    told = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"  # noqa: PLR2004 - a kilometre
    share = length / (east - west)
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5}
    for at in range(2):
        axes.plot(
            [0.03 + at * share / 2, 0.03 + (at + 1) * share / 2], [0.035, 0.035], transform=axes.transAxes, linewidth=3.2,
            color=INK["text"] if at == 0 else "white", solid_capstyle="butt", zorder=12,
        )  # fmt: skip
    axes.plot(
        [0.03, 0.03 + share],
        [0.035, 0.035],
        transform=axes.transAxes,
        linewidth=4.2,
        color=INK["text"],
        solid_capstyle="butt",
        zorder=11,
    )
    axes.text(
        0.03 + share + 0.01,
        0.035,
        told,
        transform=axes.transAxes,
        va="center",
        fontsize=7,
        bbox=box,
        zorder=12,
    )
    axes.annotate(
        say("N", lang), xy=(0.965, 0.98), xytext=(0.965, 0.885), xycoords="axes fraction", ha="center", va="bottom", fontsize=8,
        arrowprops={"arrowstyle": "-|>", "color": INK["text"], "linewidth": 1.2}, bbox=box, zorder=12,
    )  # fmt: skip
    axes.set_xlabel(one_line(crs, 90), fontsize=6.5, color=INK["quiet"], loc="left")


def _round_length(wanted: float) -> float:
    """The roundest length that is no longer than wanted.

    Examples
    --------
    >>> _round_length(730.0)
    500.0
    """
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(max(step * power for step in _STEPS if step * power <= wanted))
