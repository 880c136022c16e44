"""A made-up snapshot with the columns and tables on layout and sites, for tests of what shows them. Nothing is analysed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
from shapely import LineString, MultiPolygon, box, unary_union

from parkgeo.catalogue import catalogue
from parkgeo.packs import load_packs
from parkgeo.store import Workspace
from tests.snapshot_builder import AS_OF, HOSTILE, build_snapshot

if TYPE_CHECKING:
    from typing import Any

    from parkgeo.store import Snapshot

PARCELS = 12
CANDIDATES = ("none", "none", "idle", "vacant", "reserve", "low_efficiency", "used_in_part", "none", "none", "none", "none", None)  # fmt: skip
NET_M2 = (20_000.0, 30_000.0)
SITE_M2 = 90_000.0

_FIELDS: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "parcels": {
        "candidate": ("候选类别", "Candidate", "", "code"),
        "output_cluster": ("亩均产值聚类", "Cluster of output per mu", "", "code"),
        "net_area_m2": ("净可用面积", "Net area", "m2", "number"),
        "access_score": ("交通可达性得分", "Access score", "point", "number"),
        "services_ready": ("已具备的配套", "Services ready, of seven", "1", "number"),
        "incompatible_neighbour": ("不相容相邻", "Incompatible neighbour", "", "verdict"),
    },
    "net_land": {
        "parcel_id": ("宗地代码", "Parcel ID", "", "id"),
        "net_area_m2": ("净可用面积", "Net area", "m2", "number"),
    },
    "sites": {
        "site_id": ("地块编号", "Site", "", "id"),
        "parcel_ids": ("所含宗地", "Parcels", "", "text"),
        "holders": ("权利人数", "Holders", "1", "number"),
        "net_area_m2": ("净可用面积", "Net area", "m2", "number"),
        "cost_wan": ("取得成本", "Cost", "wan", "number"),
        "obstacles": ("障碍", "Obstacles", "", "text"),
    },
    "blocks": {
        "block_id": ("街区编号", "Block", "", "id"),
        "oversized": ("街区过大", "Oversized", "", "verdict"),
    },
    "neighbour_conflicts": {
        "parcel_id": ("宗地代码", "Parcel ID", "", "id"),
        "other_id": ("相邻宗地", "Neighbouring parcel", "", "id"),
        "kind": ("类别", "Kind", "", "code"),
        "other_kind": ("相邻类别", "Neighbour's kind", "", "code"),
        "distance_m": ("距离", "Distance", "m", "number"),
        "needed_m": ("所需距离", "Distance needed", "m", "number"),
        "downwind": ("下风向", "Downwind", "", "verdict"),
    },
}


def build_siting_snapshot(folder: Path, *, hostile: bool = False) -> Snapshot:
    """Publish it into a workspace and open it; ``hostile``: with texts that other programs ran."""
    plain = build_snapshot(folder, parcels=PARCELS, hostile=hostile)
    tables = {name: plain.read(name) for name in plain.tables}
    plots = tables["parcels"]
    plots["candidate"] = list(CANDIDATES)
    plots["access_score"], plots["services_ready"] = 90.0, 7.0
    plots["output_cluster"] = ["high_high", "low_low", *["not_significant"] * (PARCELS - 2)]
    plots["incompatible_neighbour"] = ["yes", "yes", *["no"] * (PARCELS - 3), None]
    plots["net_area_m2"] = [0.8 * area for area in plots["site_area_m2"]]
    tables |= _tables(plots)
    fields = {name: dict(known) for name, known in plain.catalogue["fields"].items()}
    for table, columns in _FIELDS.items():
        fields.setdefault(table, {})
        for name, (zh, en, unit, kind) in columns.items():
            fields[table][name] = {
                "zh": zh,
                "en": en,
                "unit": unit,
                "type": kind,
                "formula": "",
                "source": "",
            }
    kept = ("name", "as_of", "tables", "catalogue_sha256")
    manifest = {key: value for key, value in plain.manifest.items() if key not in kept}
    real = catalogue(load_packs(["national"], Path()))
    titled = {name: real["tables"][name] for name in ("net_land", "sites", "blocks", "neighbour_conflicts")}
    known = plain.catalogue | {
        "fields": fields, "figures": real["figures"], "tables": plain.catalogue.get("tables", {}) | titled,
    }  # fmt: skip
    return Workspace(folder).publish(AS_OF, tables, known, manifest)


def _tables(plots: gpd.GeoDataFrame) -> dict[str, Any]:
    ids, shapes = plots["parcel_id"].to_list(), plots.geometry.to_list()
    west, south, _, north = plots.total_bounds
    middle = (shapes[2].bounds[2] + shapes[3].bounds[0]) / 2
    over = [(shapes[0].bounds[2], south + 50), (shapes[1].bounds[0], south + 50)]
    # The second pair touches: its shortest line has no length, and runs from the other parcel to this one.
    touch = (shapes[1].bounds[2], south + 60)
    # The third is with a facility, 30 m off the parcel: no parcel has its id.
    off = [(shapes[4].bounds[2], south + 70), (shapes[4].bounds[2] + 30, south + 70)]
    rows: dict[str, list[dict[str, Any]]] = {
        "net_land": [
            {"parcel_id": ids[at], "net_area_m2": area, "geometry": shapes[at].buffer(-20)}
            for at, area in zip((2, 3), NET_M2, strict=True)
        ],
        "sites": [
            {
                "site_id": "S1", "parcel_ids": f"{ids[2]};{ids[3]}", "parcels": 2, "holders": 2, "area_m2": SITE_M2, "net_area_m2": 50_000.0,
                "rectangle_area_m2": 40_000.0, "rectangle_long_m": 400.0, "rectangle_short_m": 100.0, "cost_wan": None,
                "obstacles": "several_holders;minor_road", "geometry": unary_union([shapes[2], shapes[3]]),
            },
        ],
        "blocks": [
            {"block_id": "B1", "area_m2": 200_000.0, "oversized": "yes", "geometry": box(west - 20, south - 20, middle, north + 20)},
            {"block_id": "B2", "area_m2": 80_000.0, "oversized": None, "geometry": box(middle, south - 20, middle + 300, south + 240)},
        ],
        "neighbour_conflicts": [
            {"parcel_id": ids[0], "other_id": ids[1], "kind": "class_3_industry", "other_kind": "housing", "distance_m": 40.0, "needed_m": 100.0, "downwind": "yes", "geometry": LineString(over[::-1])},
            {"parcel_id": ids[1], "other_id": ids[2], "kind": "hazard_source", "other_kind": HOSTILE[0], "distance_m": 0.0, "needed_m": 50.0, "downwind": None, "geometry": LineString([touch, touch])},
            {"parcel_id": ids[4], "other_id": "F9", "kind": "class_3_storage", "other_kind": "school", "distance_m": 30.0, "needed_m": 100.0, "downwind": "no", "geometry": LineString(off)},
        ],
    }  # fmt: skip
    frames = {name: gpd.GeoDataFrame(each, geometry="geometry", crs=plots.crs) for name, each in rows.items()}
    for name in ("sites", "blocks", "net_land"):
        frames[name].geometry = [
            shape if shape.geom_type == "MultiPolygon" else MultiPolygon([shape])
            for shape in frames[name].geometry
        ]
    return frames
