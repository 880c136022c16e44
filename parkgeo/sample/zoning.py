"""The plan, and what must not be built on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from parkgeo.sample.names import USES
from parkgeo.sample.place import GRID_M, bend
from parkgeo.sample.streets import bank

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HEIGHT_LIMIT_M", "draw_constraints", "draw_plan", "planned_otherwise"]

HEIGHT_LIMIT_M = 33.0

_RULES = {
    # use: (floor area ratio, density, height in m, green ratio)
    "0701": (1.8, 0.28, 54.0, 0.30),
    "0901": (2.2, 0.40, 60.0, 0.20),
    "1101": (0.8, 0.40, 30.0, 0.12),
    "1401": (0.05, 0.03, 9.0, 0.75),
    "1402": (0.0, 0.0, 0.0, 0.90),
}


def planned_otherwise(parcels: gpd.GeoDataFrame) -> dict[str, str]:
    """Parcels whose planned use is not what is there.

    Returns
    -------
    dict
        parcel_id → planned use code: the first ordinary works of three zones, and the housing among chemical works.
    """
    plain = parcels[(parcels["state"] == "built") & (parcels["case"] == "") & (parcels["mark"] == "")]
    found = {}
    for zone, code, street in (
        ("industry", "1401", "桐荫路"),
        ("industry", "0901", "北环路"),
        ("logistics", "0701", "港西路"),
    ):
        works = plain[(plain["zone"] == zone) & (plain["street"] == street)]
        found[str(works["parcel_id"].iloc[0])] = code
    housing = parcels.loc[parcels["mark"] == "housing_by_chemicals", "parcel_id"]
    return {**found, **dict.fromkeys(housing, "100103")}


def draw_plan(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The detailed plan: the parcels of a block with one planned use are one plan plot.

    Parameters
    ----------
    parcels
        With use, block, case and mark.

    Returns
    -------
    geopandas.GeoDataFrame
        Multipolygons in site metres with ``plan_id, planned_use_code, planned_use, planned_far, planned_density,
        height_max_m, green_ratio``.
    """
    inside = parcels[parcels["mark"] != "outside"]
    other = planned_otherwise(parcels)
    codes = [other.get(pid, code) for pid, code in zip(inside["parcel_id"], inside["use_code"], strict=True)]
    rows: list[dict[str, object]] = []
    shapes = []
    for (block, code), group in inside.assign(planned=codes).groupby(["block", "planned"], sort=True):
        far = float(group["min_far"].max()) if group["min_far"].notna().any() else 0.7
        rule = _RULES.get(
            str(code), (far, 0.40, 36.0, 0.15) if str(code).startswith("1001") else (0.5, 0.3, 24.0, 0.3)
        )
        rows.append(
            {
                "plan_id": f"YTGH-{block:02d}-{len(rows) + 1:03d}",
                "planned_use_code": code,
                "planned_use": USES[str(code)],
                "planned_far": rule[0],
                "planned_density": rule[1],
                "height_max_m": rule[2],
                "green_ratio": rule[3],
            }
        )
        shapes.append(shapely.union_all(group["core"].to_numpy(), grid_size=GRID_M))
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes)


def draw_constraints(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Red line, farmland, hazard distances, a power corridor and a height limit.

    Parameters
    ----------
    parcels
        For the chemical works.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons in site metres with ``constraint_id, kind, name, height_limit_m``.
    """
    rows = [
        {"constraint_id": f"YTX{n:03d}", "kind": kind, "name": name, "height_limit_m": limit, "shape": shape}
        for n, (kind, name, limit, shape) in enumerate(_constraints(parcels), start=1)
    ]
    shapes = [shapely.set_precision(row["shape"], GRID_M) for row in rows]
    return gpd.GeoDataFrame(pd.DataFrame(rows).drop(columns="shape"), geometry=shapes)


def _constraints(parcels: gpd.GeoDataFrame) -> Iterator[tuple[str, str, float | None, Any]]:
    shore = bank().intersection(shapely.box(-860.0, -1600.0, 2300.0, -1000.0))
    strip = bend(shore, every_m=60.0).buffer(48.0, cap_style="flat")
    yield "生态保护红线", "汀江岸线生态保护红线", None, strip
    yield "永久基本农田", "望汀永久基本农田", None, bend(shapely.box(2130.0, 330.0, 2600.0, 760.0))
    chemical = parcels[parcels["use_code"] == "100103"]
    beside = chemical[chemical["mark"] == "chemicals_by_housing"].geometry.iloc[0]
    yield "安全防护距离", "罐区防护距离（邻宿舍）", None, beside.centroid.buffer(150.0, quad_segs=16)
    far = max(chemical[chemical["mark"] == ""].geometry, key=lambda shape: (shape.area, shape.centroid.x))
    yield "安全防护距离", "储罐防护距离", None, far.centroid.buffer(75.0, quad_segs=16)
    line = shapely.LineString([(-2320, -610), (1010, -610), (1560, -320), (2240, -320)])
    yield "高压走廊", "220kV港望线走廊", None, bend(line).buffer(15.0, cap_style="flat", join_style="mitre")
    yield "净空限制", "汀州湾机场净空控制区", HEIGHT_LIMIT_M, bend(shapely.box(1000.0, 780.0, 2400.0, 2000.0))
