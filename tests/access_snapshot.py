"""A made-up snapshot with the columns and tables on accessibility and services, for tests of what shows them.

Nothing is analysed: minutes grow by 3 from parcel to parcel, so that a test knows each class and count without the pipeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

from parkgeo.store import Workspace
from tests.snapshot_builder import AS_OF, HOSTILE, PITCH_M, SOUTH, WEST, build_snapshot

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from parkgeo.store import Snapshot

PARCELS = 12
CUT_OFF, NO_ROAD = 3, 7
"""Positions of parcels without minutes: one on an island, one that meets no road."""

ASKS = {
    CUT_OFF: ("与主路网不连通。", "Cut off from the main network."),
    NO_ROAD: ("宗地不临路。", "The parcel meets no road."),
}
LIMIT_M = 100.0
SERVICES = ("road", "water", "power", "drainage", "telecom", "gas", "heat")
TITLES = {
    "travel_min_motorway_ramp": (
        "至最近高速出入口车行时间",
        "Minutes by car to the nearest motorway ramp",
        "min",
    ),
    "truck_min_motorway_ramp": (
        "至最近高速出入口货车时间",
        "Minutes by truck to the nearest motorway ramp",
        "min",
    ),
    "walk_min_bus_stop": ("至最近公交站步行时间", "Minutes on foot to the nearest bus stop", "min"),
    "truck_min_port": ("至最近港口货车时间", "Minutes by truck to the nearest port", "min"),
    "access_score": ("交通可达性得分", "Access score", "point"),
    "services_ready": ("已具备的配套", "Services ready, of seven", "1"),
    "services_missing": ("未具备的配套", "Services that are missing", ""),
    "gates": ("出入口数", "Gates", "1"),
    "frontage_m": ("距道路", "Distance to a road", "m"),
}


def build_access_snapshot(folder: Path, *, hostile: bool = False) -> Snapshot:
    """Publish it into a workspace and open it.

    Parameters
    ----------
    folder
        The workspace's folder.
    hostile
        Put texts that other programs ran into what comes from users.
    """
    plain = build_snapshot(folder, parcels=PARCELS, hostile=hostile)
    tables = {name: plain.read(name) for name in plain.tables}
    plots = tables["parcels"]
    ids = plots["parcel_id"].to_list()
    _columns(plots)
    road = HOSTILE[0] if hostile else "R0"
    tables |= {
        **_network(tables["roads"], ids, road),
        **_ways(plots),
        "services": _services(plots),
        "gaps": pd.concat([tables["gaps"], _gaps(ids)], ignore_index=True),
    }
    kept = ("name", "as_of", "tables", "catalogue_sha256")
    manifest = {key: value for key, value in plain.manifest.items() if key not in kept}
    return Workspace(folder).publish(AS_OF, tables, _catalogue(plain.catalogue), manifest)


def _columns(plots: gpd.GeoDataFrame) -> None:
    number = np.arange(PARCELS, dtype=float)
    known = ~np.isin(number, [CUT_OFF, NO_ROAD])
    plots["gates"] = np.where(number == NO_ROAD, 0.0, 1.0)
    plots["frontage_m"] = np.where(number == NO_ROAD, 120.0, 0.0)
    plots["travel_min_motorway_ramp"] = np.where(known, 2.0 + 3.0 * number, np.nan)
    plots["truck_min_motorway_ramp"] = 1.5 * plots["travel_min_motorway_ramp"]
    plots["walk_min_bus_stop"] = np.where(known, 4.0, np.nan)
    plots["truck_min_port"] = np.nan
    plots["access_score"] = np.where(known, 100.0 - 9.0 * number, np.nan)
    plots["services_ready"] = np.where(number == NO_ROAD, 0.0, 7.0 - number % 3)
    plots["services_missing"] = [
        None if at % 3 == 0 else "gas, heat"[: 3 + 6 * (at % 3 - 1)] for at in range(PARCELS)
    ]
    plots["one_service_away"] = np.where(number % 3 == 1, "gas", None)


def _network(roads: gpd.GeoDataFrame, ids: list[str], road: str) -> dict[str, gpd.GeoDataFrame]:
    edges = [
        {"edge": at, "road_id": road if at == 0 else row.road_id, "road_class": row.road_class, "part": "island" if at == 1 else "main", "geometry": row.geometry}
        for at, row in enumerate(roads.itertuples())
    ]  # fmt: skip
    first = roads.geometry.iloc[0]
    gates = [
        {"parcel_id": ids[at], "edge": 0, "off_m": 20.0, "given": at == 0, "trucks": at != 1, "geometry": Point(WEST + PITCH_M * at, SOUTH)}
        for at in range(4)
    ]  # fmt: skip
    rings = [
        {"kind": "motorway_ramp", "mode": "car", "minutes": minutes, "inbound": False, "geometry": box(WEST - reach, SOUTH - reach, WEST + reach, SOUTH + reach)}
        for minutes, reach in ((10.0, 400.0), (5.0, 200.0))
    ]  # fmt: skip
    report = [
        {"kind": "dangling_end", "road_id": road, "other_road_id": None, "value": 12.5, "unit": "m", "geometry": Point(WEST, SOUTH)},
        {"kind": "near_miss", "road_id": "R1", "other_road_id": "R2", "value": 1.5, "unit": "m", "geometry": Point(WEST + 50, SOUTH)},
    ]  # fmt: skip
    links = [{"edge": 0, "road_id": road, "parcels_slower": 5, "parcels_cut_off": 2, "minutes_lost": 7.25, "geometry": first}]  # fmt: skip
    return {
        name: gpd.GeoDataFrame(rows, geometry="geometry", crs=roads.crs)
        for name, rows in (
            ("network_edges", edges), ("gate_points", gates), ("isochrones", rings), ("network_report", report), ("links", links),
        )
    }  # fmt: skip


def _ways(plots: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    known = plots[plots["travel_min_motorway_ramp"].notna()]
    ways = pd.DataFrame({
        "parcel_id": known["parcel_id"], "kind": "motorway_ramp", "mode": "car", "rank": 1, "facility_id": "F3",
        "minutes": known["travel_min_motorway_ramp"], "km": known["travel_min_motorway_ramp"] / 2, "inbound": False,
    })  # fmt: skip
    far = ways.assign(rank=2, facility_id="F9", minutes=ways["minutes"] + 30)
    scores = pd.DataFrame({
        "parcel_id": plots["parcel_id"], "metric": "travel_min_motorway_ramp", "value": plots["travel_min_motorway_ramp"],
        "ideal": 5.0, "worst": 30.0, "weight": 1.0, "points": plots["access_score"],
    })  # fmt: skip
    return {"access": pd.concat([ways, far], ignore_index=True), "access_scores": scores}


def _services(plots: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = []
    for at, parcel in enumerate(plots["parcel_id"]):
        lost = SERVICES if at == NO_ROAD else ("gas", "heat")[: at % 3]
        rows += [
            {"parcel_id": parcel, "kind": kind, "distance_m": 150.0 if kind in lost else 20.0, "limit_m": LIMIT_M, "utility_id": None if kind == "road" else "U0", "ready": "no" if kind in lost else "yes", "note_zh": "超出范围" if kind in lost else None, "note_en": "beyond the limit" if kind in lost else None}
            for kind in SERVICES
        ]  # fmt: skip
    return pd.DataFrame(rows)


def _gaps(ids: list[str]) -> pd.DataFrame:
    fields = ("travel_min_motorway_ramp", "truck_min_motorway_ramp", "walk_min_bus_stop")
    rows: list[dict[str, Any]] = [
        {"table": "parcels", "parcel_id": ids[at], "field": field, "ask_zh": zh, "ask_en": en}
        for at, (zh, en) in ASKS.items()
        for field in fields
    ]
    whole = {"table": "parcels", "parcel_id": None, "field": "truck_min_port", "ask_zh": "没有港口。", "ask_en": "There is no port."}  # fmt: skip
    return pd.DataFrame([*rows, whole])


def _catalogue(plain: dict[str, Any]) -> dict[str, Any]:
    parcels = {
        name: {
            "zh": zh,
            "en": en,
            "unit": unit,
            "type": "number" if unit else "text",
            "formula": "",
            "source": "",
        }
        for name, (zh, en, unit) in TITLES.items()
    }
    fields = plain["fields"] | {"parcels": plain["fields"]["parcels"] | parcels}
    limits = dict.fromkeys(("water", "gas", "heat"), LIMIT_M)
    figures = {
        "services.limit_m": {"value": limits, "unit": "m", "on": True},
        "access.gateway_kinds": {"value": ["motorway_ramp", "port"], "unit": "", "on": True},
        "access.links_kinds": {"value": ["motorway_ramp"], "unit": "", "on": True},
    }
    return plain | {"fields": fields, "figures": plain.get("figures", {}) | figures}
