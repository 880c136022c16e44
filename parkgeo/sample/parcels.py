# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""Parcels: numbers, uses, what stands on them; and the few whose outline is wrong on purpose."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from parkgeo.sample.ground import lay_ground
from parkgeo.sample.names import COUNTY_CODE, TRADES, USES
from parkgeo.sample.place import GRID_M, bend, stream, to_plan
from parkgeo.sample.streets import inner_streets

__all__ = ["PUBLIC_CODES", "number_parcels"]

PUBLIC_CODES = frozenset({"1207", "1301", "1302", "1303", "1304", "1305", "1306", "1310", "1401", "1402"})
"""Uses that the sample's ledger does not hold."""

_OVERLAP_M = 5.0
_UTILITY_CODES = ("1304", "1306", "1310", "1301", "1207", "1305")
_MIX = {
    "industry": (("34", "35", "38", "36", "33", "29", "39", "17", "13", "27"), "100102"),
    "chemical": (("26",), "100103"),
}
_LIGHT = frozenset({"35", "38", "39", "13", "27"})


def number_parcels(seed: int) -> gpd.GeoDataFrame:
    """The park's parcels with number, use and state.

    Parameters
    ----------
    seed
        Of the sample.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons in site metres with ``parcel_id, name, block, zone, mark, u, v, use_code, trade, state``. State is
        one of public, reserve, approved, building, built; :mod:`parkgeo.sample.cases` changes some. ``core`` is the
        ground that buildings keep to: the outline before it was made to overlap or to leave the park.
    """
    plots = lay_ground(seed)
    rng = stream(seed, "uses")
    frame = gpd.GeoDataFrame(
        {
            "block": [plot.block for plot in plots],
            "zone": [plot.zone for plot in plots],
            "mark": [plot.mark for plot in plots],
        },
        geometry=[plot.polygon for plot in plots],
    )
    where = to_plan(np.array([plot.polygon.centroid.coords[0] for plot in plots]))
    frame["u"], frame["v"] = where[:, 0], where[:, 1]
    _give_uses(frame, rng)
    frame = _add_outsider(frame)
    frame["core"] = frame.geometry.to_numpy()
    _straddle(frame)
    _overlap(frame)
    _give_numbers(frame)
    return frame


def _give_uses(frame: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    """Write use_code, trade and state of every parcel, zone by zone."""
    draws = rng.random((len(frame), 2))
    codes, trades, states = [], [], []
    cluster = _clusters(frame)
    for k, row in enumerate(frame.itertuples()):
        code, trade, state = _use(row, float(draws[k, 0]), float(draws[k, 1]), cluster[k])
        codes.append(code)
        trades.append(trade)
        states.append(state)
    frame["use_code"], frame["trade"], frame["state"] = codes, trades, states
    area = frame.geometry.area
    small = frame.index[(frame["zone"] == "industry") & (frame["mark"] == "")]
    small = sorted(small, key=lambda k: area[k])[: len(_UTILITY_CODES)]
    for k, code in zip(small, _UTILITY_CODES, strict=True):
        frame.loc[k, ["use_code", "trade", "state"]] = [code, "", "public"]


def _clusters(frame: gpd.GeoDataFrame) -> list[int]:
    """A number that neighbouring industry blocks share, so that trades sit together."""
    return [int(u // 700.0) * 3 + int(v // 520.0) for u, v in zip(frame["u"], frame["v"], strict=True)]


def _use(row: Any, mood: float, luck: float, cluster: int) -> tuple[str, str, str]:
    """Use code, trade and state of one parcel."""
    if row.mark == "inner":
        return "1303", "", "public"
    if row.zone in {"bank", "port"} and row.u > -450.0:
        return ("1302", "", "public") if row.u > 2000.0 else ("1401", "", "public")
    if row.zone in {"port", "logistics"}:
        return "1101", "59", "built" if luck < 0.94 else "building"
    if row.zone in {"green", "town", "centre"}:
        return _open_or_town_use(row, mood, luck)
    return _industry_use(row, mood, luck, cluster)


def _open_or_town_use(row: Any, mood: float, luck: float) -> tuple[str, str, str]:
    if row.zone == "green":
        return "1402", "", "public"
    if row.zone == "town":
        return _town_use(row, mood, luck)
    code = "1401" if mood < 0.18 else "0901" if mood < 0.8 else "0701"
    return code, "", "public" if code == "1401" else "built" if luck < 0.9 else "building"


def _town_use(row: Any, mood: float, luck: float) -> tuple[str, str, str]:
    if mood < 0.1:
        return "1401", "", "public"
    if mood < 0.2 or luck > 0.9:
        return "16", "", "reserve"
    code = "0701" if mood < 0.75 and row.v > 560.0 else "0901"
    return code, "", "built" if luck < 0.78 else "building"


def _industry_use(row: Any, mood: float, luck: float, cluster: int) -> tuple[str, str, str]:
    trades, code = _MIX.get(row.zone, _MIX["industry"])
    trade = trades[(cluster + (0 if mood < 0.7 else int(mood * 100))) % len(trades)]
    if trade in _LIGHT and code == "100102":
        code = "100101"
    if row.zone in {"north", "east"}:
        if luck < 0.40:
            return "16", "", "reserve"
        if luck < 0.70:
            return code, trade, "approved"
        return code, trade, "building" if luck > 0.93 else "built"
    return code, trade, "building" if luck > 0.955 and not row.mark else "built"


def _add_outsider(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A works beyond the west gate: sold by the park's office, yet outside the park's boundary."""
    polygon = bend(shapely.box(-2545.0, -20.0, -2385.0, 110.0))
    u, v = to_plan([polygon.centroid.coords[0]])[0]
    values = {
        "block": [int(frame["block"].max()) + 1],
        "zone": ["industry"],
        "mark": ["outside"],
        "u": [u],
        "v": [v],
        "use_code": ["100102"],
        "trade": ["33"],
        "state": ["built"],
    }
    outsider = gpd.GeoDataFrame(values, geometry=[polygon])
    return gpd.GeoDataFrame(
        {name: [*frame[name], *outsider[name]] for name in frame.columns if name != "geometry"},
        geometry=[*frame.geometry, polygon],
    )


def _straddle(frame: gpd.GeoDataFrame) -> None:
    """Push one outline beyond the boundary's notch in the north-east."""
    near = frame.index[(frame["zone"] == "town") & (frame["v"] < 700.0)]
    k = max(near, key=lambda n: frame.loc[n, "u"])
    grown = shapely.transform(
        frame.loc[k, "core"].buffer(-12.0, join_style="mitre"), lambda xy: xy + np.array([-11.0, 72.0])
    )
    frame.loc[k, "geometry"] = shapely.union(frame.loc[k, "core"], grown, grid_size=GRID_M)
    frame.loc[k, ["mark", "use_code", "trade", "state"]] = ["straddling", "0901", "", "built"]


def _overlap(frame: gpd.GeoDataFrame) -> None:
    """Draw two works over a strip of their neighbour's ground."""
    pool = frame.index[(frame["zone"] == "industry") & (frame["mark"] == "") & (frame["state"] == "built")]
    found = 0
    for k in pool:
        for other in pool:
            if other <= k or frame.loc[k, "block"] != frame.loc[other, "block"]:
                continue
            edge = shapely.line_merge(
                shapely.intersection(frame.loc[k, "core"].boundary, frame.loc[other, "core"].boundary)
            )
            if edge.geom_type != "LineString" or edge.length < 90.0 or len(edge.coords) > 2:
                continue
            strip = shapely.ops.substring(edge, 12.0, edge.length - 12.0).buffer(_OVERLAP_M, cap_style="flat")
            frame.loc[k, "geometry"] = shapely.union(frame.loc[k, "core"], strip, grid_size=GRID_M)
            found += 1
            frame.loc[[k, other], "mark"] = [f"overlap {found}", f"overlapped {found}"]
            pool = pool[frame.loc[pool, "block"] > frame.loc[k, "block"] + 9]
            break
        if found == 2 or not len(pool):
            return


def _give_numbers(frame: gpd.GeoDataFrame) -> None:
    """Cadastral numbers and short names, block by block; the street that each parcel lies at."""
    order = frame.groupby("block").cumcount() + 1
    frame["parcel_id"] = [
        f"{COUNTY_CODE}001{b:03d}GB{n:05d}" for b, n in zip(frame["block"], order, strict=True)
    ]
    frame["name"] = [f"{b:02d}-{n:02d}" for b, n in zip(frame["block"], order, strict=True)]
    streets = inner_streets()
    lines = shapely.STRtree([line for _, line in streets])
    nearest = lines.nearest(frame.geometry.to_numpy())
    frame["street"] = [streets[k][0].name for k in nearest]
    frame["use"] = frame["use_code"].map(USES)
    frame["min_far"] = [TRADES[trade].min_far if trade else np.nan for trade in frame["trade"]]
