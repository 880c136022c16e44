"""Maps for paper: one question each, with legend, counts and areas, scale bar, north and coordinate system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.report.charts import legend_patch
from parkgeo.report.map_parts import (
    draw_buildings,
    draw_furniture,
    draw_ground,
    draw_names,
    draw_numbers,
    draw_outline,
    draw_shapes,
    set_frame,
    within,
)
from parkgeo.report.palette import NO_DATA, QUANTITY, Fill
from parkgeo.units import M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from parkgeo.report.studio import Ink, Studio

__all__ = ["Kind", "kinds_of_quantity", "parcel_map", "park_map", "place_map"]

_WIDTH_CM, _HEIGHT_CM = 17.5, 10.3
_CLASSES = 5
_PLACE_CM = (6.6, 5.2)
_PLACE_RED = "#C00000"
_NEIGHBOUR = Fill("#F1EFE6", edge="#8C8C8C")


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


def park_map(studio: Studio, parcels: gpd.GeoDataFrame, kinds: Sequence[Kind], *, legend: str, lang: str, park: Any = None, roads: Any = None, crs: str = "", numbers: NDArray[np.int64] | None = None) -> Ink:  # fmt: skip
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
    numbers
        A number a parcel, drawn on it; 0 draws none.
    """

    def paint(canvas: Figure) -> None:
        axes = canvas.add_subplot()
        draw_ground(axes, park, roads)
        areas = parcels.geometry.area.to_numpy() / M2_PER_HA
        handles, labels = [], []
        for kind in kinds:
            if not kind.rows.any():
                continue
            draw_shapes(axes, parcels.geometry[kind.rows], kind.fill)
            handles.append(legend_patch(kind.fill))
            told = say(
                "{count} parcels, {ha} ha",
                lang,
                count=number(int(kind.rows.sum()), lang, digits=0),
                ha=number(float(areas[kind.rows].sum()), lang, digits=1),
            )
            labels.append(f"{kind.name}\n{told}")
        if numbers is not None:
            draw_numbers(axes, parcels.geometry[numbers > 0], numbers[numbers > 0])
        set_frame(axes, parcels.total_bounds, margin=0.03)
        canvas.legend(
            handles, labels, title=legend, loc="outside right upper", fontsize=7.5, title_fontsize=8.5, alignment="left",
            handlelength=2.0, handleheight=1.4, labelspacing=0.9,
        )  # fmt: skip
        draw_furniture(axes, lang, crs)

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
        draw_ground(axes, None, within(roads, window))
        handles, labels = [], []
        for kind in kinds:
            rows = kind.rows & near
            if rows.any():
                draw_shapes(axes, parcels.geometry[rows], kind.fill)
                handles.append(legend_patch(kind.fill))
                labels.append(kind.name)
        draw_buildings(axes, within(buildings, window), handles, labels, lang)
        draw_outline(axes, own)
        draw_names(axes, parcels[near], window, str(parcels["parcel_id"].iloc[at]))
        axes.set_xlim(window[0], window[2])
        axes.set_ylim(window[1], window[3])
        axes.set_aspect("equal")
        canvas.legend(
            handles, labels, loc="outside right upper", fontsize=7.5, handlelength=2.0, handleheight=1.4
        )
        draw_furniture(axes, lang, crs)

    return studio.draw(13.5, 9.0, paint)


def place_map(studio: Studio, parcels: gpd.GeoDataFrame, at: int, *, lang: str, buildings: Any = None, roads: Any = None) -> Ink:  # fmt: skip
    """A small map of where a parcel lies: its outline in red among neighbours, buildings and roads.

    Parameters
    ----------
    studio
        Draws.
    parcels
        In metres.
    at
        Position of the parcel.
    lang
        ``zh`` or ``en``.
    buildings, roads
        Drawn above and beneath, where they are known.
    """
    own = parcels.geometry.iloc[at]
    west, south, east, north = own.bounds
    middle, reach = ((west + east) / 2, (south + north) / 2), max(east - west, north - south)
    half = (reach, reach * _PLACE_CM[1] / _PLACE_CM[0])
    window = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])

    def paint(canvas: Figure) -> None:
        axes = canvas.add_axes((0.005, 0.005, 0.99, 0.99))
        near = within(parcels, window)
        draw_ground(axes, None, within(roads, window))
        draw_shapes(axes, near.geometry, _NEIGHBOUR)
        draw_buildings(axes, within(buildings, window), [], [], lang)
        draw_outline(axes, own, colour=_PLACE_RED, width=1.8)
        draw_names(axes, near[near["parcel_id"] != parcels["parcel_id"].iloc[at]], window, "")
        axes.set_xlim(window[0], window[2])
        axes.set_ylim(window[1], window[3])
        axes.set_aspect("equal")
        draw_furniture(axes, lang, "")

    # The axes fill the figure, so no layout has to be looked for: a register has hundreds of these.
    return studio.draw(*_PLACE_CM, paint, placed=True)
