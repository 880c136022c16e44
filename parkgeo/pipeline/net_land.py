"""Stage: what of each parcel can be built on, and the largest rectangle on land that could take a project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.candidates import NO_CANDIDATE, candidate_kinds
from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.metrics.coverage import as_series
from parkgeo.metrics.net_land import Fronts, Taking, fronting_edges, setback_taking, zones_taking
from parkgeo.metrics.net_land import net_land as taken_off
from parkgeo.metrics.network.ends import edge_lines
from parkgeo.metrics.rectangle import Rectangles, largest_rectangles
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.network import road_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.metrics.net_land import NetLand
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk

__all__ = ["front_lines", "fronts_of", "net_land", "parcel_fronts", "rectangle_columns", "takings"]

_NO_LAYER = {
    "constraints": "There is no layer of constraints, so nothing is taken off for them: ask for red lines, farmland, flood and safety zones.",
    "buildings": "There is no layer of buildings, so nothing is taken off for buildings that stay: ask for it.",
    "roads": "There is no layer of roads, so the setback along roads is not taken off and the frontage is not known: ask for it.",
    "utilities": "There is no layer of utilities, so no corridors are taken off: ask for the power lines.",
}
_SETBACKS = "The setbacks taken off are parkgeo's own settings, not verified: ask for the plan's conditions and set net_land.setback_road_m and net_land.setback_side_m in your pack."
_NO_SETBACK = "The packs in force hold no setback (net_land.setback_road_m, net_land.setback_side_m), so none is taken off: ask for the plan's conditions."
_STEEP = "Steep ground is not taken off, for the terrain model gives a share of each parcel (ground_steep_share) and not where it lies: look at parcels with a large share."
_NO_TERRAIN = "There is no terrain model, so it is not known how much of the net land is steep: ask for it."
_NOTHING_LEFT = (
    "Nothing of the parcel is left to build on after what is taken off: look at what took it (net_removed)."
)
_RECTANGLE = ("rectangle_area_m2", "rectangle_long_m", "rectangle_short_m", "rectangle_angle_deg")


def net_land(desk: Desk) -> Part:
    """Kind of candidate, net area of all parcels, and rectangle, frontage and depth of the candidates."""
    parcels, rules = desk.parcels, desk.rules
    shapes = np.asarray(parcels.geometry.array, dtype=object)
    kind = candidate_kinds(parcels, rules)
    wanted = np.asarray(kind != NO_CANDIDATE, dtype=bool)
    fronts = desk.once(parcel_fronts)
    cleared = rules.get("net_land.cleared_candidates")
    clear = np.asarray(kind.isin(cleared.texts() if cleared else ()), dtype=bool)
    found = taken_off(shapes, takings(desk, shapes, fronts, cleared=clear))
    site = shapely.area(shapes)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(site > 0, found.net_area_m2 / site, np.nan)
    columns = pd.DataFrame(
        {
            "candidate": kind,
            "net_area_m2": as_series(found.net_area_m2, parcels.index, "net_area_m2"),
            "net_share": as_series(share, parcels.index, "net_share"),
        }
    )
    held = rectangle_columns(found.shape[wanted])
    for name, values in {**held, **_fronting(fronts, held, wanted)}.items():
        column = np.full(len(parcels), np.nan)
        column[wanted] = values
        columns[name] = column
    return Part(
        columns,
        gaps=_gaps(desk, found, wanted),
        tables={
            "net_land": partial(_land_table, parcels, found, wanted),
            "net_removed": partial(_removed_table, parcels["parcel_id"], found.removed),
        },
    )


def fronts_of(desk: Desk, shapes: NDArray[np.object_]) -> Fronts | None:
    """Edges of shapes along roads onto which they may open; None where no roads are known."""
    lines = desk.once(front_lines)
    return None if lines is None else fronting_edges(shapes, *lines)


def parcel_fronts(desk: Desk) -> Fronts | None:
    """Edges of all parcels along roads; for `parkgeo.pipeline.desk.Desk.once`."""
    return fronts_of(desk, np.asarray(desk.parcels.geometry.array, dtype=object))


def front_lines(desk: Desk) -> tuple[NDArray[np.object_], NDArray[np.float64]] | None:
    """Roads onto which land may open, and how far from each an edge on it may lie; None where no roads are known."""
    network, frontage = desk.once(road_network), desk.rules.get("access.frontage_m")
    if network is None or frontage is None:
        return None
    open_ = network.may_front
    reach: NDArray[np.float64] = network.half_width_m[open_] + frontage.number("m")
    return edge_lines(network.drawn)[open_], reach


def takings(
    desk: Desk, shapes: NDArray[np.object_], fronts: Fronts | None, *, cleared: NDArray[np.bool_]
) -> list[Taking]:
    """What is taken off shapes of land, in the packs' order.

    Parameters
    ----------
    desk
        Layers and packs.
    shapes
        Parcels or joined sites.
    fronts
        Their edges along roads, see `fronts_of`.
    cleared
        Those whose buildings are taken to be cleared.
    """
    rules = desk.rules
    side, road = (_metres(rules, f"net_land.setback_{name}_m") for name in ("side", "road"))
    back = setback_taking(shapes, fronts, side_m=side, road_m=road)
    made: dict[str, list[Taking]] = {
        "constraint": _barred(desk.layers.constraints, rules, shapes),
        "corridor": _corridors(desk.layers.utilities, rules, shapes),
        "building": _buildings(desk.layers.buildings, rules, shapes, cleared),
        "setback_road": [each for each in back if each.cause == "setback_road"],
        "setback_side": [each for each in back if each.cause == "setback_side"],
    }
    order = rules.get("net_land.order")
    named = order.texts() if order else ()
    # A cause that an office's order leaves out is taken off last, not left out unsaid.
    every = [*(name for name in named if name in made), *(name for name in made if name not in named)]
    return [taking for name in every for taking in made[name]]


def _metres(rules: RuleBook, key: str) -> float:
    figure = rules.get(key)
    return 0.0 if figure is None else figure.number("m")


def _barred(layer: gpd.GeoDataFrame | None, rules: RuleBook, shapes: NDArray[np.object_]) -> list[Taking]:
    kinds = rules.get("net_land.barred_constraints")
    if layer is None or kinds is None or "kind" not in layer:
        return []
    zones, own = np.asarray(layer.geometry.array, dtype=object), layer["kind"].to_numpy(dtype=object)
    return [zones_taking(shapes, zones[own == kind], "constraint", kind) for kind in kinds.texts()]


def _corridors(layer: gpd.GeoDataFrame | None, rules: RuleBook, shapes: NDArray[np.object_]) -> list[Taking]:
    widths = rules.get("net_land.corridor_half_width_m")
    if layer is None or widths is None or "kind" not in layer:
        return []
    lines, own = np.asarray(layer.geometry.array, dtype=object), layer["kind"].to_numpy(dtype=object)
    is_line = shapely.get_dimensions(lines) == 1
    return [
        zones_taking(shapes, lines[is_line & (own == kind)], "corridor", kind, grown_m=half)
        for kind, half in widths.table("m").items()
        if half > 0
    ]


def _buildings(
    layer: gpd.GeoDataFrame | None, rules: RuleBook, shapes: NDArray[np.object_], cleared: NDArray[np.bool_]
) -> list[Taking]:
    kinds = rules.get("net_land.kept_buildings")
    if layer is None or kinds is None:
        return []
    outlines: Any = np.asarray(layer.geometry.array, dtype=object)
    if "kind" in layer:
        own: pd.Series[Any] = layer["kind"].astype(object)
        outlines = outlines[own.where(own.notna(), "").isin(kinds.texts()).to_numpy(dtype=bool)]
    # A neighbour's building keeps its clearance on its own land: only what stands on the parcel is taken off.
    place, at = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    place, at = place[~cleared[place]], at[~cleared[place]]
    used, row = np.unique(at, return_inverse=True)
    clear = _metres(rules, "net_land.building_clear_m")
    grown = np.asarray(shapely.buffer(outlines[used], clear, join_style="mitre"), dtype=object)
    return [Taking("building", "", place, grown[row])]


def rectangle_columns(shapes: NDArray[np.object_]) -> dict[str, NDArray[np.float64]]:
    """The largest rectangle of each shape of net land; sides of 0 where it is known that nothing is left."""
    held: Rectangles = largest_rectangles(shapes)
    gone = shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    return {
        "rectangle_area_m2": np.where(gone, 0.0, held.area_m2),
        "rectangle_long_m": np.where(gone, 0.0, held.long_m),
        "rectangle_short_m": np.where(gone, 0.0, held.short_m),
        "rectangle_angle_deg": held.angle_deg,
    }


def _fronting(
    fronts: Fronts | None, held: dict[str, NDArray[np.float64]], wanted: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Length of road along each candidate, and how deep the rectangle reaches from it."""
    none = np.full(int(wanted.sum()), np.nan)
    if fronts is None:
        return {"net_frontage_m": none, "net_depth_m": none.copy()}
    length = shapely.length(fronts.edge)
    total = np.bincount(fronts.place, weights=length, minlength=len(wanted))
    ends = shapely.get_coordinates(fronts.edge).reshape(-1, 2, 2)
    run = ends[:, 1] - ends[:, 0]
    # Doubling the angle makes the two directions of a line one, so that they can be summed.
    double = 2 * np.arctan2(run[:, 1], run[:, 0])
    east, north = (
        np.bincount(fronts.place, weights=length * part, minlength=len(wanted))
        for part in (np.cos(double), np.sin(double))
    )
    along = np.degrees(np.arctan2(north, east) / 2)[wanted]
    apart = np.abs((held["rectangle_angle_deg"] - along + 90) % 180 - 90)
    depth = np.where(apart <= 45, held["rectangle_short_m"], held["rectangle_long_m"])  # noqa: PLR2004 - half a right angle
    known = (total[wanted] > 0) & ~np.isnan(held["rectangle_angle_deg"])
    return {"net_frontage_m": total[wanted], "net_depth_m": np.where(known, depth, np.nan)}


def _gaps(desk: Desk, found: NetLand, wanted: NDArray[np.bool_]) -> list[Gap | pd.DataFrame]:
    rules = desk.rules
    gaps: list[Gap | pd.DataFrame] = []
    for layer, sentence in _NO_LAYER.items():
        if getattr(desk.layers, layer) is None:
            gaps += field_gaps("net_area_m2", sentence)
    setbacks = [rules.get(f"net_land.setback_{name}_m") for name in ("road", "side")]
    if any(each is None for each in setbacks):
        gaps += field_gaps("net_area_m2", _NO_SETBACK)
    if any(each is not None and not each.verified for each in setbacks):
        gaps += field_gaps("net_area_m2", _SETBACKS)
    gaps += field_gaps("net_area_m2", _NO_TERRAIN if desk.terrain is None else _STEEP)
    gone = wanted & (found.net_area_m2 == 0)
    if gone.any():
        gaps.append(parcel_gaps(desk.parcels["parcel_id"], gone, "net_area_m2", _NOTHING_LEFT))
    return gaps


def _land_table(parcels: gpd.GeoDataFrame, found: NetLand, wanted: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """What is left of each candidate; one of which nothing is left has no row."""
    rows = np.flatnonzero(wanted & (found.net_area_m2 > 0))
    return gpd.GeoDataFrame(
        {
            "parcel_id": parcels["parcel_id"].to_numpy(dtype=object)[rows],
            "net_area_m2": found.net_area_m2[rows],
        },
        geometry=_multi(found.shape[rows]), crs=parcels.crs,
    )  # fmt: skip


def _multi(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons as multipolygons, so that a table has one type."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owner), dtype=object) if len(parts) else shapes


def _removed_table(ids: pd.Series[Any], removed: pd.DataFrame) -> pd.DataFrame:
    order = np.argsort(removed["place"].to_numpy(), kind="stable")
    own = removed.iloc[order]
    return pd.DataFrame(
        {
            "parcel_id": ids.to_numpy(dtype=object)[own["place"].to_numpy(dtype=np.intp)],
            "cause": own["cause"].to_numpy(dtype=object),
            "area_m2": own["area_m2"].to_numpy(dtype=np.float64),
            "what": own["what"].to_numpy(dtype=object),
        }
    )
