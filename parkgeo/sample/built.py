# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""Buildings, structures and yards: rows of halls behind an office, slabs of housing, quays and stacking yards.

A parcel's ground inside the setback is laid out in cells along its longer side; a cell holds the largest upright
rectangle that the ground leaves there. Floors are then raised until an ordinary works has the floor area ratio that
the plan asks for (a storey above 8 m counts twice).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.sample.place import stream

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["build", "draw_self_touching"]

_GAP_M = 11.0
_YARD_GAP_M = 5.0
_SMALLEST_M = 9.0
_TALL_STOREY_M = 8.0
_COEFFICIENT = 0.44


@dataclass
class _House:
    """One building while it is being planned."""

    shape: Any
    kind: str
    use: str
    floors: int
    storey_m: float
    completed: bool = True

    def counted_m2(self) -> float:
        """Floor area that counts for the floor area ratio."""
        if self.kind != "建筑":
            return 0.0
        return float(self.shape.area) * self.floors * (2.0 if self.storey_m > _TALL_STOREY_M else 1.0)


@dataclass(frozen=True)
class _Style:
    """How a use builds: cell width and depth, setback and gap in metres, and the use."""

    width: float
    depth: float
    setback: float
    use: str
    gap: float = _GAP_M


_STYLES = {
    "works": _Style(56.0, 108.0, 7.0, "厂房"),
    "logistics": _Style(72.0, 125.0, 8.0, "仓库"),
    "0701": _Style(62.0, 15.0, 12.0, "住宅", 24.0),
    "0901": _Style(62.0, 48.0, 10.0, "商业", 16.0),
    "utility": _Style(30.0, 26.0, 6.0, "公用设施"),
}


def build(parcels: gpd.GeoDataFrame, ledger: pd.DataFrame, seed: int) -> gpd.GeoDataFrame:
    """Everything that stands on the parcels.

    Parameters
    ----------
    parcels
        With state, use, trade and ``core``.
    ledger
        For the true date of completion (``finished``).
    seed
        Of the sample.

    Returns
    -------
    geopandas.GeoDataFrame
        About a thousand polygons in site metres with ``building_id, parcel_id, kind, use, floors, height_m,
        storey_height_m, completed, completed_on``.
    """
    finished = dict(zip(ledger["parcel_id"], ledger["finished"], strict=True))
    rows: list[dict[str, Any]] = []
    for parcel in parcels.itertuples():
        rng = stream(seed, f"buildings {parcel.parcel_id}")
        for house in _houses(parcel, rng):
            rows.append(_row(house, parcel.parcel_id, finished.get(parcel.parcel_id), len(rows) + 1))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=[row.pop("shape") for row in rows])
    return frame[[name for name in frame.columns if name != "shape"]]


def draw_self_touching(buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    """Draw one hall with its courtyard in the same ring, which touches itself at a corner: invalid, yet mendable.

    Parameters
    ----------
    buildings
        Valid polygons.

    Returns
    -------
    tuple
        The buildings with that one ring, and what the truth file says about it. ``make_valid(method="structure")``
        gives a polygon with a hole and the same area.
    """
    halls = buildings[(buildings["use"] == "厂房") & (buildings["completed"] == "是")]
    large = halls[
        halls.geometry.area.between(5000.0, 6500.0) & (shapely.get_num_coordinates(halls.geometry) == 5)
    ]
    at = large.index[len(large) // 2]
    corners = shapely.get_coordinates(shapely.orient_polygons(buildings.loc[at, "geometry"]))
    origin, side, depth = corners[0], corners[1] - corners[0], corners[3] - corners[0]
    yard = [
        origin + 0.08 * side + 0.3 * depth,
        origin + 0.35 * side + 0.35 * depth,
        origin + 0.3 * side + 0.08 * depth,
    ]
    ring = np.round(np.vstack([corners, *[point[np.newaxis] for point in yard], origin[np.newaxis]]), 3)
    frame = buildings.copy()
    frame.loc[at, "geometry"] = shapely.Polygon(ring)
    return frame, {
        "layer": "buildings",
        "id": frame.loc[at, "building_id"],
        "parcel_id": frame.loc[at, "parcel_id"],
        "why": "the ring touches itself at a corner; mended without change of area",
        "area_m2": round(float(frame.loc[at, "geometry"].area), 2),
    }


def _row(house: _House, parcel_id: str, finished: dt.date | None, number: int) -> dict[str, Any]:
    building = house.kind == "建筑"
    return {
        "building_id": f"YTJ{number:05d}",
        "parcel_id": parcel_id,
        "kind": house.kind,
        "use": house.use,
        "floors": house.floors if building else None,
        "height_m": round(house.floors * house.storey_m + 1.2, 1) if building else None,
        "storey_height_m": house.storey_m if building else None,
        "completed": "是" if house.completed else "否",
        "completed_on": finished if house.completed else None,
        "shape": shapely.set_precision(house.shape, 0.001),
    }


def _houses(parcel: Any, rng: np.random.Generator) -> list[_House]:
    """Buildings of one parcel, by what state it is in."""
    if parcel.state in {"vacant", "reserve", "approved", "conflict_bare"}:
        return []
    if parcel.state == "public":
        return _public(parcel, rng)
    style = _STYLES.get(parcel.use_code) or _STYLES["logistics" if parcel.use_code == "1101" else "works"]
    cells = _cells(parcel.core, style, rng)
    if parcel.state in {"suspended", "building"}:
        return _shells(parcel, cells, style)
    if parcel.use_code in {"0701", "0901"}:
        return _town_houses(parcel, cells, style, rng)
    if parcel.state in {"part", "sparse"}:
        return _thin(parcel, cells, style, rng)
    return _works(parcel, cells, style, rng)


def _shells(parcel: Any, cells: list[Any], style: _Style) -> list[_House]:
    """What stands of a works that is being built (half of it) or was given up (one hall)."""
    count = 1 if parcel.state == "suspended" else max(1, len(cells) // 2)
    floors, storey_m = (1, 9.2) if parcel.trade else (6, 3.2)
    return [_House(cell, "建筑", style.use, floors, storey_m, completed=False) for cell in cells[:count]]


def _town_houses(parcel: Any, cells: list[Any], style: _Style, rng: np.random.Generator) -> list[_House]:
    """Slabs of one height, or shops and offices of several."""
    if parcel.use_code == "0701":
        floors = int(rng.integers(6, 12))
        return [_House(cell, "建筑", style.use, floors, 3.0) for cell in cells]
    return [_House(cell, "建筑", style.use, int(rng.integers(3, 9)), 4.2) for cell in cells]


def _public(parcel: Any, rng: np.random.Generator) -> list[_House]:
    """Sheds of the utilities; nothing in the green and on road land."""
    if parcel.use_code in {"1207", "1401", "1402"}:
        return []
    cells = _cells(parcel.core, _STYLES["utility"], rng)[:3]
    kinds = ("建筑", "构筑物", "构筑物")
    return [_House(cell, kind, "公用设施", 1, 5.4) for cell, kind in zip(cells, kinds, strict=False)]


def _thin(parcel: Any, cells: list[Any], style: _Style, rng: np.random.Generator) -> list[_House]:
    """Low sheds on about a quarter of the ground; on a parcel used in part they stand close together."""
    wanted = (0.23 if parcel.state == "part" else 0.24) * parcel.core.area
    order = range(len(cells)) if parcel.state == "part" else [int(k) for k in rng.permutation(len(cells))]
    houses: list[_House] = []
    for k in order:
        left = wanted - sum(house.shape.area for house in houses)
        if left < 150.0:
            break
        cell = cells[k] if cells[k].area <= left else _shorten(cells[k], left / cells[k].area)
        houses.append(_House(cell, "建筑", style.use, 1, 6.8))
    return houses


def _shorten(cell: Any, share: float) -> Any:
    """The first part of a rectangle along its longer side."""
    corners = shapely.get_coordinates(cell)
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    if np.hypot(*first) < np.hypot(*second):
        return shapely.Polygon(
            [corners[0], corners[1], corners[1] + share * second, corners[0] + share * second]
        )
    return shapely.Polygon([corners[1], corners[2], corners[2] - share * first, corners[1] - share * first])


def _works(parcel: Any, cells: list[Any], style: _Style, rng: np.random.Generator) -> list[_House]:
    """Halls with an office, yards where the ground allows, enough of both for the building coefficient."""
    logistics = style is _STYLES["logistics"]
    houses: list[_House] = []
    for n, cell in enumerate(cells):
        mood = float(rng.random())
        if logistics and mood < 0.3 and n:
            houses.append(_House(cell, "堆场", "堆场", 0, 0.0))
        elif mood < 0.55 or logistics:
            houses.append(_House(cell, "建筑", style.use, 1, round(float(rng.uniform(8.4, 12.5)), 1)))
        elif mood < 0.85:
            houses.append(
                _House(
                    cell, "建筑", style.use, int(rng.integers(2, 4)), round(float(rng.uniform(4.8, 6.2)), 1)
                )
            )
        else:
            # exactly eight metres: not higher than eight, so it counts once
            houses.append(_House(cell, "建筑", style.use, 1, 8.0))
    if len(cells) > 1:
        smallest = min(houses, key=lambda house: house.shape.area)
        smallest.kind, smallest.use, smallest.floors, smallest.storey_m = (
            "建筑",
            "办公",
            int(rng.integers(3, 6)),
            3.6,
        )
    if sum(house.shape.area for house in houses) < _COEFFICIENT * parcel.core.area:
        houses.extend(_yards(parcel.core, houses))
    _raise_floors(parcel, houses)
    return houses


def _yards(core: Any, houses: list[_House]) -> list[_House]:
    """Paved stacking ground between the halls and the fence, as much as the coefficient wants."""
    wanted = (_COEFFICIENT + 0.02) * core.area - sum(house.shape.area for house in houses)
    taken = shapely.union_all([house.shape for house in houses]).buffer(_YARD_GAP_M, join_style="mitre")
    free = core.buffer(-3.0, join_style="mitre").difference(taken)
    free = free.buffer(-3.0, join_style="mitre").buffer(3.0, join_style="mitre", mitre_limit=2.0)
    parts = sorted(
        (part for part in shapely.get_parts(free) if part.geom_type == "Polygon" and part.area > 150.0),
        key=lambda part: -part.area,
    )
    yards = []
    for part in parts:
        if wanted <= 0.0:
            break
        yards.append(_House(part, "堆场", "堆场", 0, 0.0))
        wanted -= part.area
    return yards


def _raise_floors(parcel: Any, houses: list[_House]) -> None:
    """Add floors until the floor area ratio is safely above what the plan asks for."""
    wanted = 1.12 * parcel.min_far * max(parcel.geometry.area, parcel.core.area)
    halls = [house for house in houses if house.kind == "建筑"]
    for house in halls:
        if sum(each.counted_m2() for each in halls) >= wanted:
            return
        if house.use == "厂房" and house.floors == 1 and house.storey_m <= _TALL_STOREY_M:
            house.storey_m = 9.4
    turn = 0
    while halls and sum(each.counted_m2() for each in halls) < wanted:
        house = halls[turn % len(halls)]
        if house.floors == 1 and house.storey_m > _TALL_STOREY_M:
            house.floors, house.storey_m = 3, 5.4
        else:
            house.floors += 1
        turn += 1


def _cells(core: Any, style: _Style, rng: np.random.Generator) -> list[Any]:
    """Rectangles for buildings inside the setback, from the parcel's first corner along its longer side."""
    ground = core.buffer(-style.setback, join_style="mitre")
    ground = max(shapely.get_parts(ground), key=lambda part: part.area)
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    along = max(corners[1] - corners[0], corners[2] - corners[1], key=lambda side: float(np.hypot(*side)))
    along = along / np.hypot(*along)
    if along[0] < 0.0:
        along = -along
    turn = np.array([[along[0], along[1]], [-along[1], along[0]]])
    flat = shapely.transform(ground, lambda xy: xy @ turn.T)
    shapely.prepare(flat)
    x0, y0, x1, y1 = flat.bounds
    columns = _divide(x0, x1, style.width * float(rng.uniform(0.85, 1.25)), style.gap)
    rows = _divide(y0, y1, style.depth * float(rng.uniform(0.85, 1.2)), style.gap)
    found = []
    for left, right in columns:
        for bottom, top in rows:
            rectangle = _upright(flat, left, right, bottom, top)
            if rectangle is not None:
                found.append(shapely.transform(rectangle, lambda xy: xy @ turn))
    return found or [ground.buffer(-2.0, join_style="mitre")]


def _divide(start: float, end: float, size: float, gap: float) -> list[tuple[float, float]]:
    """Equal intervals of about a size with a gap between them."""
    count = max(1, round((end - start + gap) / (size + gap)))
    width = (end - start + gap) / count - gap
    return [(start + n * (width + gap), start + n * (width + gap) + width) for n in range(count)]


def _upright(flat: Any, left: float, right: float, bottom: float, top: float) -> Any:
    """The largest rectangle over the whole width of a cell (or its better half) that lies on the ground."""
    whole = shapely.box(left, bottom, right, top)
    if shapely.covers(flat, whole):
        return whole
    middle = (left + right) / 2.0
    spans = [
        (a, b)
        for a, b in ((left, right), (left, middle - 4.0), (middle + 4.0, right))
        if b - a >= _SMALLEST_M
    ]
    xs = np.concatenate([np.linspace(a, b, 5) for a, b in spans])
    lines = shapely.linestrings(
        np.stack([np.column_stack([xs, np.full(len(xs), y)]) for y in (bottom, top)], axis=1)
    )
    runs = _longest_runs(shapely.intersection(flat, lines))
    roomy = flat.buffer(0.1)
    best = None
    for n, (a, b) in enumerate(spans):
        low, high = runs[5 * n : 5 * n + 5, 0].max() + 0.05, runs[5 * n : 5 * n + 5, 1].min() - 0.05
        rectangle = shapely.box(a, low, b, high) if high - low > _SMALLEST_M else None
        if (
            rectangle is not None
            and shapely.covers(roomy, rectangle)
            and (best is None or rectangle.area > best.area)
        ):
            best = rectangle
    return best


def _longest_runs(lines: np.ndarray) -> np.ndarray:
    """Lowest and highest y of the longest piece of each upright line; (0, 0) where nothing is left."""
    parts, of = shapely.get_parts(lines, return_index=True)
    runs = np.zeros((len(lines), 2))
    bounds = shapely.bounds(parts)
    for at in np.argsort(shapely.length(parts), kind="stable"):
        runs[of[at]] = bounds[at, 1], bounds[at, 3]
    return runs
