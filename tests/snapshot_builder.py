"""A made-up snapshot with every table, for tests of what stands on the store: maps, exports, the API.

Nothing here is analysed: the verdicts are written down, so that a test knows them without running the pipeline.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import LineString, MultiPolygon, Point, Polygon, box

from parkgeo.store import Snapshot, Workspace

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = dt.date(2026, 6, 30)
CRS_EPSG = 4549  # CGCS2000, 3° zone at 120° E
PARK_ID = "P1"
WEST, SOUTH = 497_000.0, 3_512_000.0
PITCH_M, STREET_M = 260.0, 40.0
PERSONAL = ("张三的秘密姓名", "13800000000")

HOSTILE = (
    "<script>window.__owned=1</script>",
    "<img src=x onerror=window.__owned=2>",
    "{{ 7*7 }}",
    "{% raise %}",
    "${alert(3)}",
    "`${window.__owned=4}`",
    "\"'><svg onload=window.__owned=5>",
    "</script><script>window.__owned=6</script>",
    "<!--<script>",
    "]]>&lt;&amp;&#x3c;",
    "\u202egnp.exe\u202c",
    "line one\nline two\r\nline three\ttab",
    "x\u2028window.__owned=7\u2029y",
    "javascript:window.__owned=8",
    '<script type="application/json" id="parkgeo-data">null</script>',
    "<!-- parkgeo: content policy -->",
    "\\u003cscript\\u003e\\",
    "=cmd|'/c calc'!A1",
    "工业园区" * 2500,
)
"""Users' text that other programs ran, broke on, or cut."""

TITLES = {
    "idle_not_started": (
        "未动工（闲置）",
        "Not started (idle)",
        "闲置土地处置办法 第二条第一款",
        "Order 53 art. 2 ¶1",
    ),
    "area_mismatch": ("面积不符", "Area mismatch", "地籍调查规程", "Cadastral survey code"),
    "outside_park": ("超出园区边界", "Outside the park", "四至范围", "Boundary of the park"),
    "overlap": ("宗地重叠", "Overlap", "地籍调查规程", "Cadastral survey code"),
}
METRICS = {
    "site_area_m2": ("用地面积", "Site area", "m2"),
    "area_difference_ratio": ("面积差异率", "Area difference", "1"),
    "footprint_m2": ("建筑基底面积", "Footprint", "m2"),
    "floor_area_m2": ("计容建筑面积", "Floor area", "m2"),
    "far": ("容积率", "Floor area ratio", "1"),
    "building_density": ("建筑密度", "Building density", "1"),
    "building_coefficient": ("建筑系数", "Building coefficient", "1"),
    "output_wan_per_mu": ("亩均产出", "Output per mu", "wan/mu"),
    "value_added_wan_per_mu": ("亩均增加值", "Value added per mu", "wan/mu"),
    "tax_wan_per_mu": ("亩均税收", "Tax per mu", "wan/mu"),
    "fixed_assets_wan_per_mu": ("亩均固定资产", "Fixed assets per mu", "wan/mu"),
    "idle_since": ("闲置起始日", "Idle since", ""),
    "idle_days": ("闲置天数", "Days idle", "day"),
    "idle_fee_wan": ("闲置费", "Idle fee", "wan"),
    "verdict_reason_zh": ("判定理由", "Reason (Chinese)", ""),
    "verdict_reason_en": ("判定理由（英文）", "Reason", ""),
}
VERDICTS = ("no", "no", "yes", "no", "undetermined", "no", None)
HOLDERS = ("长江精密机械有限公司", "新城纺织股份有限公司", "Northwind Packaging Ltd", "华东电子科技有限公司")


class _Texts:
    """Gives a column's text, or, when hostile, the next of the hostile strings in its place."""

    def __init__(self, *, hostile: bool) -> None:
        self.hostile = hostile
        self._turn = 0

    def __call__(self, plain: str) -> str:
        if not self.hostile:
            return plain
        self._turn += 1
        return HOSTILE[self._turn % len(HOSTILE)]

    def unique(self, plain: str, number: int) -> str:
        return f"{HOSTILE[number % len(HOSTILE)]}#{number}" if self.hostile else plain


def build_snapshot(folder: Path, *, parcels: int = 60, hostile: bool = False) -> Snapshot:
    """Publish a made-up analysis into a workspace and open it.

    Parameters
    ----------
    folder
        The workspace's folder.
    parcels
        How many parcels; they stand in a near-square grid of 220 m plots between streets of 40 m.
    hostile
        Put the strings of `HOSTILE` in turn into every text column that comes from users.
    """
    texts = _Texts(hostile=hostile)
    plots = _parcels(parcels, texts)
    columns = int(np.ceil(np.sqrt(parcels * 1.5)))
    width, height = columns * PITCH_M, int(np.ceil(parcels / columns)) * PITCH_M
    tables = {
        "parks": _parks(width, height, texts),
        "parcels": plots,
        "findings": _findings(plots, texts),
        "indicators": _indicators(),
        "gaps": _gaps(plots, texts),
        **_account(texts),
        "supply": _supply(plots, texts),
        "buildings": _buildings(plots, texts),
        **_companies(plots, texts),
        "roads": _roads(width, height, texts),
        "utilities": _utilities(width, height, texts),
        "facilities": _facilities(width, height, texts),
        "constraints": _constraints(width, height, texts),
        "plan": _plan(width, height, texts),
    }
    for table in tables.values():
        if "source_file" not in table:
            table["source_file"] = texts("sample.gpkg")
            table["source_row"] = np.arange(1, len(table) + 1)
    digest = hashlib.sha256(f"{parcels} {hostile}".encode()).hexdigest()
    manifest = {
        "version": "0.1.0",
        "park": texts("滨江工业园"),
        "crs": CRS.from_epsg(CRS_EPSG).to_wkt(),
        "packs": [{"name": "cn-national", "edition": "2012/2023", "hash": digest[:16]}],
        "inputs": [{"path": "parcels.shp", "sha256": digest}],
        "layers_missing": ["imagery", "dem"],
    }
    return Workspace(folder).publish(AS_OF, tables, _catalogue(), manifest)


def _catalogue() -> dict[str, Any]:
    read = tomllib.loads(
        resources.files("parkgeo").joinpath("layers/fields.toml").read_text(encoding="utf-8")
    )
    fields: dict[str, dict[str, Any]] = {
        table: {
            name: {"zh": entry["zh"], "en": entry["en"], "unit": entry.get("unit", ""), "type": entry["type"]}
            for name, entry in columns.items()
            if name != "layer"
        }
        for table, columns in read.items()
    }
    for name, (zh, en, unit) in METRICS.items():
        kind = "number" if unit else "text"
        fields["parcels"][name] = {
            "zh": zh,
            "en": en,
            "unit": unit,
            "type": kind,
            "formula": "",
            "source": "",
        }
    for name in ("idle", *TITLES):
        zh, en = TITLES[name][:2] if name in TITLES else ("闲置土地判定", "Idle land")
        fields["parcels"][name] = {"zh": zh, "en": en, "unit": "", "type": "code"}
    findings = {
        code: {
            "zh": zh,
            "en": en,
            "clause_zh": clause_zh,
            "clause_en": clause_en,
            "source": "S",
            "verified": code != "overlap",
        }
        for code, (zh, en, clause_zh, clause_en) in TITLES.items()
    }
    return {"fields": fields, "findings": findings}


def _frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS_EPSG)


def _plot(number: int, count: int) -> Polygon:
    columns = int(np.ceil(np.sqrt(count * 1.5)))
    row, column = divmod(number, columns)
    x, y = WEST + column * PITCH_M + STREET_M / 2, SOUTH + row * PITCH_M + STREET_M / 2
    side = PITCH_M - STREET_M
    # A cut corner, its size by the number, so that no two neighbours have quite the same area.
    cut = 10.0 + 9.0 * (number % 7)
    return Polygon(
        [(x, y), (x + side, y), (x + side, y + side - cut), (x + side - cut, y + side), (x, y + side)]
    )


def _parcels(count: int, texts: _Texts) -> gpd.GeoDataFrame:
    rows = []
    for number in range(count):
        shape = MultiPolygon([_plot(number, count)])
        verdict = VERDICTS[number % len(VERDICTS)]
        late = 400 + 37 * (number % 60)
        mismatch = number % 9 == 4
        built = None if verdict in ("yes", None) else 0.25 + 0.02 * (number % 20)
        rows.append(
            {
                "parcel_id": texts.unique(f"320000-GB{number + 1:05d}", number),
                "park_id": PARK_ID,
                "name": texts(f"地块{number + 1}"),
                "holder": texts(HOLDERS[number % len(HOLDERS)]) if number % 11 else None,
                "land_use_code": "100101",
                "land_use": texts("一类工业用地"),
                "registered_area_m2": None if number % 13 == 12 else shape.area * (1.06 if mismatch else 1.0),
                "industry_code": "34",
                "planned_far": 1.2,
                "site_area_m2": shape.area,
                "area_difference_ratio": None if number % 13 == 12 else (-0.0566 if mismatch else 0.0),
                "footprint_m2": built and built * shape.area,
                "floor_area_m2": built and 2 * built * shape.area,
                "far": built and 2 * built,
                "building_density": built,
                "building_coefficient": built,
                "output_wan_per_mu": built and 120.0 + 11.3 * (number % 17),
                "value_added_wan_per_mu": built and 40.0 + 3.1 * (number % 17),
                "tax_wan_per_mu": built and 6.0 + 1.7 * (number % 17),
                "fixed_assets_wan_per_mu": built and 210.0,
                "idle": verdict,
                "idle_not_started": verdict,
                "area_mismatch": "undetermined" if number % 13 == 12 else ("yes" if mismatch else "no"),
                "outside_park": "yes" if number == count - 1 else "no",
                "overlap": "no",
                "idle_since": pd.Timestamp(AS_OF) - pd.Timedelta(days=late) if verdict == "yes" else pd.NaT,
                "idle_days": late if verdict == "yes" else None,
                "idle_fee_wan": 88.5 if verdict == "yes" and late > 365 else None,
                "supply_status": "supplied" if verdict else "reserve",
                "supply_mode": "grant" if verdict else None,
                "price_wan": 442.5 if verdict else None,
                "agreed_start": pd.Timestamp("2024-03-01") if verdict in ("yes", "no") else pd.NaT,
                "actual_start": pd.Timestamp("2024-02-11") if verdict == "no" else pd.NaT,
                "handover_on": pd.Timestamp("2023-09-01") if verdict in ("yes", "no") else pd.NaT,
                "government_delay_days": 0.0 if verdict == "yes" else None,
                **_reasons(verdict, late, texts),
                "geometry": shape,
            }
        )
    return _frame(rows)


def _reasons(verdict: str | None, days: int, texts: _Texts) -> dict[str, str]:
    zh, en = {
        "yes": (
            f"疑似闲置：约定 2024-03-01 动工，至 {AS_OF} 未见动工（逾期 {days} 天；53 号令第二条第一款）。",
            f"Suspected idle: agreed start 2024-03-01, no start reported by {AS_OF} ({days} days; Order 53 art. 2 ¶1).",
        ),
        "no": ("未闲置：2024-02-11 已动工。", "Not idle: started 2024-02-11."),
        "undetermined": (
            "无法判定：缺少约定动工日期和实际交地日期。",
            "Undetermined: agreed start and handover of land are missing.",
        ),
        None: ("未判定：未供应土地。", "Not judged: the land was not supplied."),
    }[verdict]
    return {"verdict_reason_zh": texts(zh), "verdict_reason_en": texts(en)}


def _findings(plots: gpd.GeoDataFrame, texts: _Texts) -> gpd.GeoDataFrame:
    rows = []
    for code, (_, _, clause_zh, clause_en) in TITLES.items():
        for plot in plots[plots[code].isin(["yes", "undetermined"])].itertuples():
            verdict = getattr(plot, code)
            unsure = verdict == "undetermined"
            rows.append(
                {
                    "finding_id": f"{code}:{plot.Index}",
                    "parcel_id": plot.parcel_id,
                    "park_id": PARK_ID,
                    "code": code,
                    "verdict": verdict,
                    "severity": "medium" if unsure else "high",
                    "observed": None if unsure else 480.0,
                    "threshold": 365.0 if code == "idle_not_started" else None,
                    "unit": "day" if code == "idle_not_started" else "1",
                    "clause_zh": clause_zh,
                    "clause_en": clause_en,
                    "source": "S",
                    "verified": code == "idle_not_started",
                    "since": plot.idle_since if code == "idle_not_started" else pd.NaT,
                    "evidence": json.dumps({"agreed_start": "2024-03-01"}),
                    "missing": "agreed_start, handover_on" if unsure else "",
                    "reason_zh": texts(
                        "面积相差 6%。" if code == "area_mismatch" else plot.verdict_reason_zh
                    ),
                    "reason_en": texts(
                        "Areas differ by 6 %." if code == "area_mismatch" else plot.verdict_reason_en
                    ),
                    "geometry": plot.geometry,
                }
            )
    return _frame(rows)


def _parks(width: float, height: float, texts: _Texts) -> gpd.GeoDataFrame:
    # The east end of the last plot lies outside.
    shape = MultiPolygon([box(WEST - 60, SOUTH - 60, WEST + width + 60, SOUTH + height + 60)])
    return _frame([{
        "park_id": PARK_ID, "name": texts("滨江工业园"), "level": texts("省级"), "approved_area_m2": 4_000_000.0,
        "leading_industries": texts("装备制造、新材料"), "site_area_m2": shape.area, "geometry": shape,
    }])  # fmt: skip


def _indicators() -> pd.DataFrame:
    return pd.DataFrame([
        {
            "park_id": PARK_ID, "name": "idle_rate", "value": 14.3, "unit": "%", "numerator": 41.0, "denominator": 287.0,
            "benchmark": None, "benchmark_source": "", "verified": True, "zh": "土地闲置率", "en": "Idle rate", "formula": "G / D",
        },
        {
            "park_id": PARK_ID, "name": "output_wan_per_mu", "value": 203.1, "unit": "wan/mu", "numerator": 5.1e5,
            "denominator": 2511.0, "benchmark": 350.0, "benchmark_source": "Fuzhou", "verified": True,
            "zh": "亩均产出", "en": "Output per mu", "formula": "output / site area",
        },
    ])  # fmt: skip


def _gaps(plots: gpd.GeoDataFrame, texts: _Texts) -> pd.DataFrame:
    unsure = plots[plots["idle"] == "undetermined"]
    rows = [
        {
            "table": "supply", "parcel_id": parcel_id, "field": field, "ask_zh": texts(f"请向供地科索取：{zh}"),
            "ask_en": texts(f"Ask the land supply section for: {en}"),
        }
        for parcel_id in unsure["parcel_id"]
        for field, zh, en in (("agreed_start", "约定动工日期", "Agreed start"), ("handover_on", "交地确认书", "Proof of handover"))
    ]  # fmt: skip
    whole = {
        "table": "imagery",
        "parcel_id": None,
        "field": "",
        "ask_zh": "没有影像",
        "ask_en": "There is no imagery",
    }
    return pd.DataFrame([*rows, whole])


def _account(texts: _Texts) -> dict[str, pd.DataFrame]:
    return {
        "rejects": pd.DataFrame([{
            "layer": "parcels", "source_file": texts("parcels.shp"), "source_row": 61, "id": texts("320000-GB99999"),
            "reason": "no geometry",
        }]),
        "repairs": pd.DataFrame([{
            "layer": "buildings", "source_file": "buildings.gpkg", "source_row": 7, "id": "B7",
            "reason": "self-intersection", "area_before_m2": 812.0, "area_after_m2": 811.6,
        }]),
        "faults": pd.DataFrame([{
            "layer": "supply", "source_file": "ledger.xlsx", "source_row": 12, "field": "price_wan",
            "value": texts("面议"), "fault": "text in a number",
        }]),
        "sources": pd.DataFrame([{
            "layer": "parcels", "source_file": "parcels.shp", "rows": 61, "accepted": 60, "rejected": 1,
            "encoding": "GBK", "crs": f"EPSG:{CRS_EPSG}", "sha256": "0" * 64,
        }]),
    }  # fmt: skip


def _supply(plots: gpd.GeoDataFrame, texts: _Texts) -> pd.DataFrame:
    columns = [
        "parcel_id",
        "supply_status",
        "supply_mode",
        "price_wan",
        "agreed_start",
        "actual_start",
        "handover_on",
        "government_delay_days",
    ]
    supply = pd.DataFrame(plots[columns]).copy()
    supply.insert(1, "contract_id", [texts(f"HT-{number}") for number in range(len(supply))])
    return supply


def _buildings(plots: gpd.GeoDataFrame, texts: _Texts) -> gpd.GeoDataFrame:
    rows = []
    for plot in plots[plots["building_density"].notna()].itertuples():
        x, y = plot.geometry.bounds[:2]
        depth = plot.footprint_m2 / 160.0
        rows.append({
            "building_id": f"B{plot.Index}", "parcel_id": plot.parcel_id, "name": texts("厂房"), "kind": "building",
            "use": texts("生产"), "floors": 2.0, "height_m": 12.0, "geometry": MultiPolygon([box(x + 20, y + 20, x + 180, y + 20 + depth)]),
        })  # fmt: skip
    return _frame(rows)


def _companies(plots: gpd.GeoDataFrame, texts: _Texts) -> dict[str, pd.DataFrame]:
    built = plots[plots["building_density"].notna()]
    ids = [f"9132{number:014d}" for number in built.index]
    enterprises = pd.DataFrame({
        "enterprise_id": ids, "name": [texts(HOLDERS[number % len(HOLDERS)]) for number in built.index],
        "industry_code": "34", "contact": PERSONAL[0], "phone": PERSONAL[1],
    })  # fmt: skip
    occupancy = pd.DataFrame(
        {
            "enterprise_id": ids,
            "parcel_id": list(built["parcel_id"]),
            "occupied_area_m2": list(built["site_area_m2"]),
        }
    )
    performance = pd.DataFrame(
        {"enterprise_id": ids, "year": 2025, "month": None, "output_wan": 9000.0, "tax_wan": 410.0}
    )
    return {"enterprises": enterprises, "occupancy": occupancy, "performance": performance}


def _streets(width: float, height: float) -> list[tuple[str, LineString]]:
    along = [
        ("arterial" if y == SOUTH else "local", LineString([(WEST, y), (WEST + width, y)]))
        for y in np.arange(SOUTH, SOUTH + height + 1, PITCH_M)
    ]
    across = [
        ("secondary" if x == WEST else "internal", LineString([(x, SOUTH), (x, SOUTH + height)]))
        for x in np.arange(WEST, WEST + width + 1, PITCH_M)
    ]
    return along + across


def _roads(width: float, height: float, texts: _Texts) -> gpd.GeoDataFrame:
    return _frame(
        [
            {
                "road_id": f"R{number}",
                "name": texts(f"工业{number}路"),
                "road_class": road_class,
                "speed_km_h": 40.0,
                "geometry": line,
            }
            for number, (road_class, line) in enumerate(_streets(width, height))
        ]
    )


def _utilities(width: float, height: float, texts: _Texts) -> gpd.GeoDataFrame:
    kinds = ("water", "drainage", "gas", "heat", "power", "telecom")
    rows = [
        {"utility_id": f"U{number}", "kind": kind, "name": texts(kind), "capacity": 100.0, "used": None, "capacity_unit": "m³/d",
         "geometry": LineString([(WEST, SOUTH + 6 * number - 15), (WEST + width, SOUTH + 6 * number - 15)])}
        for number, kind in enumerate(kinds)
    ]  # fmt: skip
    station = {
        "utility_id": "U9",
        "kind": "power",
        "name": texts("变电站"),
        "capacity": 50.0,
        "used": 20.0,
        "capacity_unit": "MVA",
        "geometry": Point(WEST - 30, SOUTH + height / 2),
    }
    return _frame([*rows, station])


def _facilities(width: float, height: float, texts: _Texts) -> gpd.GeoDataFrame:
    kinds = ("fire_station", "hospital", "bus_stop", "motorway_ramp", texts("加油站"))
    return _frame([
        {"facility_id": f"F{number}", "kind": kind, "name": texts(f"设施{number}"), "weight": 1.0,
         "geometry": Point(WEST + width * (number + 0.5) / 5, SOUTH + height + 30)}
        for number, kind in enumerate(kinds)
    ])  # fmt: skip


def _constraints(width: float, height: float, texts: _Texts) -> gpd.GeoDataFrame:
    river = box(WEST, SOUTH + height - 60, WEST + width, SOUTH + height + 40)
    return _frame(
        [{"constraint_id": "C1", "kind": "flood", "name": texts("滞洪区"), "geometry": MultiPolygon([river])}]
    )


def _plan(width: float, height: float, texts: _Texts) -> gpd.GeoDataFrame:
    half = WEST + width / 2
    return _frame([
        {"plan_id": f"G{number}", "planned_use_code": code, "planned_use": texts(use), "planned_far": 1.2,
         "geometry": MultiPolygon([box(west, SOUTH, east, SOUTH + height)])}
        for number, (code, use, west, east) in enumerate((("100101", "工业用地", WEST, half), ("1101", "物流仓储用地", half, WEST + width)))
    ])  # fmt: skip
