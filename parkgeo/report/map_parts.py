"""Parts of a map for paper: shapes, lines, names, scale bar, north and coordinate system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import say
from parkgeo.report.charts import blend, legend_patch
from parkgeo.report.palette import INK, Fill
from parkgeo.report.visible import one_line

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = [
    "draw_buildings",
    "draw_furniture",
    "draw_ground",
    "draw_names",
    "draw_numbers",
    "draw_outline",
    "draw_shapes",
    "set_frame",
    "within",
]

Window = tuple[float, float, float, float]
"""West, south, east, north in metres."""

_MOST_VECTORS = 3000
"""Beyond as many outlines a map is drawn as pixels: vectors would weigh more than the rest of the document."""

_STEPS = (1, 2, 5)
_LINE = 30
_TAIL = 5


def within(frame: Any, window: Window) -> Any:
    """Rows whose boxes meet a window; None where there are none to choose from."""
    return None if frame is None or not len(frame) else frame.iloc[np.sort(frame.sindex.intersection(window))]


def draw_ground(axes: Axes, park: Any, roads: Any) -> None:
    """Roads, and the outline of the park, where they are known."""
    if roads is not None and len(roads):
        _lines(axes, roads.geometry, "#B9C0C6", 0.8)
    if park is not None and len(park):
        _lines(axes, park.geometry.boundary, INK["text"], 1.1, dash=(6, 3))


def draw_shapes(axes: Axes, shapes: Any, fill: Fill) -> None:
    """Polygons under one fill."""
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


def draw_buildings(axes: Axes, frame: Any, handles: list[Any], labels: list[str], lang: str) -> None:
    """Buildings, and their line of the legend."""
    if frame is None or not len(frame):
        return
    fill = Fill("#6E7B85", edge="#3C464D")
    draw_shapes(axes, frame.geometry, fill)
    handles.append(legend_patch(fill))
    labels.append(say("Buildings", lang))


def draw_outline(axes: Axes, shape: Any, *, colour: str = "#111111", width: float = 2.2) -> None:
    """A shape's outline, thick, on a white halo."""
    import shapely

    for ring in shapely.get_rings(shapely.get_parts(shape)):
        line = shapely.get_coordinates(ring)
        axes.plot(line[:, 0], line[:, 1], color="white", linewidth=width + 1.4, solid_joinstyle="round")
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=width, solid_joinstyle="round")


def draw_names(axes: Axes, near: gpd.GeoDataFrame, window: Window, own: str) -> None:
    """Ids of parcels at their places: the whole id of one, the tails of its neighbours."""
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


def set_frame(axes: Axes, bounds: NDArray[np.float64], *, margin: float) -> None:
    """The part of the plane that is shown."""
    west, south, east, north = bounds
    room = margin * max(east - west, north - south)
    axes.set_xlim(west - room, east + room)
    axes.set_ylim(south - room - 0.04 * (north - south), north + room)
    axes.set_aspect("equal")


def draw_furniture(axes: Axes, lang: str, crs: str) -> None:
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
            [0.03 + at * share / 2, 0.03 + (at + 1) * share / 2], [0.035, 0.035], transform=axes.transAxes, linewidth=2.4,
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


def draw_numbers(axes: Axes, shapes: Any, numbers: Any) -> None:
    """A number on each shape, as in the table beside the map."""
    from matplotlib.patheffects import withStroke

    for shape, number in zip(shapes, numbers, strict=True):
        place = shape.representative_point()
        axes.text(
            place.x, place.y, str(number), ha="center", va="center", fontsize=6, zorder=9,
            path_effects=[withStroke(linewidth=1.8, foreground="white")], clip_on=True,
        )  # fmt: skip
