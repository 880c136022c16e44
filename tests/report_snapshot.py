"""A made-up snapshot with every table and column that reports show, for tests of what people take away.

It stands on `tests.snapshot_builder`; nothing is analysed, so a test knows each verdict and figure without the pipeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.store import Workspace
from tests.snapshot_builder import AS_OF, HOSTILE, PERSONAL, build_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from parkgeo.store import Snapshot

MARKUP = (
    '#import "other.typ": *',
    "$x^2$ #sys.inputs",
    "@ref <label> *bold* _low_ = head",
    "\\alpha \\n \\u{202e} C:\\temp\\",
    '#eval("1+1") #read("/etc/passwd")',
    "[link](http://example.invalid) `code`",
    "A" * 300,
)
"""Users' text that a typesetter reads as its own language."""

LINES = ("contract", "permit", "buildings", "imagery", "electricity", "water", "output")
STATES = (
    "in_use",
    "supplied_not_started",
    "under_construction",
    "below_contract",
    "undetermined",
    "suspended",
    "reserve",
)
YEARS = (2022, 2023, 2024, 2025)
WAYS = ("agreed_recovery", "fee_and_reward", "redevelopment")


def build_report_snapshot(folder: Path, *, parcels: int = 40, hostile: bool = False) -> Snapshot:
    """Publish a made-up analysis with all tables of a report and open it.

    Parameters
    ----------
    folder
        The workspace's folder.
    parcels
        How many.
    hostile
        Put users' text that other programs ran into every text that comes from users, markup of typesetters too.
    """
    plain = build_snapshot(folder, parcels=parcels, hostile=hostile)
    tables = {name: plain.read(name) for name in plain.tables}
    plots = tables["parcels"]
    _states(plots)
    _evidence_columns(plots)
    _yields(plots)
    _potential(plots)
    _images(plots)
    if hostile:
        texts = [*MARKUP, *HOSTILE]
        plots["holder"] = [texts[at % len(texts)] for at in range(len(plots))]
        plots["way_ground_zh"] = plots["way_ground_en"] = [
            texts[(at + 3) % len(texts)] for at in range(len(plots))
        ]
    plots["agent"], tables["supply"]["agent"] = PERSONAL
    tables["findings"] = _findings(tables["findings"], plots)
    tables |= {
        "evidence_lines": _evidence(plots),
        "scores": _scores(tables["occupancy"]),
        "parcel_years": _years(plots),
        "park_years": _park_years(),
        "land_ledger": _ledger(),
        "industries": _industries(),
    }
    manifest = {
        key: value
        for key, value in plain.manifest.items()
        if key not in ("name", "as_of", "tables", "catalogue_sha256")
    }
    manifest |= {
        "performance_year": 2025,
        "findings_judged": ["idle_not_started", "idle_suspended", "low_efficiency", "evidence_conflict"],
    }
    return Workspace(folder).publish(AS_OF, tables, _catalogue(plain.catalogue), manifest)


def _states(plots: gpd.GeoDataFrame) -> None:
    number = np.arange(len(plots))
    plots["land_state"] = [STATES[at % len(STATES)] for at in number]
    plots["idle_suspended"] = np.where(number % 7 == 5, "yes", "no")
    plots.loc[number % 7 == 5, "idle"] = "yes"
    plots["idle_kind"] = np.select(
        [number % 7 == 5, plots["idle"] == "yes"], ["suspended", "not_started"], ""
    )
    plots["idle_kind"] = plots["idle_kind"].where(plots["idle_kind"] != "", None)
    plots["idle_consequence"] = np.where(plots["idle"] == "yes", "fee", None)
    plots["idle_routes"] = np.where(
        plots["idle"] == "yes", "延长动工开发期限（不超过一年）；协议有偿收回", None
    )
    plots["low_efficiency"] = np.where(number % 7 == 3, "yes", "no")
    plots["evidence_conflict"] = np.where(number % 10 == 2, "yes", "no")
    plots["approved_on"] = pd.Timestamp("2022-11-20")
    plots["contract_on"] = pd.Timestamp("2023-03-15")


def _evidence_columns(plots: gpd.GeoDataFrame) -> None:
    number = np.arange(len(plots))
    idle = (plots["idle"] == "yes").to_numpy()
    for place, line in enumerate(LINES):
        says = np.where(idle, "idle", "in_use").astype(object)
        says[(number + place) % 5 == 0] = "cannot_say"
        if line == "electricity":
            says[number % 10 == 2] = "in_use"
        plots[f"evidence_{line}"] = says
    conflict = number % 10 == 2
    plots["evidence_says"] = np.where(conflict, "conflict", np.where(idle, "idle", "in_use"))
    plots["evidence_confidence"] = np.where(conflict, None, np.where(number % 3 == 0, "high", "medium"))
    ranks = np.full(len(plots), np.nan)
    ranks[conflict] = np.arange(1, conflict.sum() + 1)
    plots["field_check_rank"] = ranks


def _yields(plots: gpd.GeoDataFrame) -> None:
    number = np.arange(len(plots))
    plots["labour_productivity_wan_per_person"] = np.where(
        plots["output_wan_per_mu"].notna(), 18.0 + number % 9, np.nan
    )
    plots["rd_share"] = np.where(plots["output_wan_per_mu"].notna(), 0.031, np.nan)
    plots["grade"] = [
        None if pd.isna(tax) else "ABCD"[min(3, at % 5)]
        for at, tax in zip(number, plots["tax_wan_per_mu"], strict=True)
    ]
    plots["score"] = np.where(plots["grade"].notna(), 96.0 - 7.0 * (number % 5), np.nan)


def _potential(plots: gpd.GeoDataFrame) -> None:
    number = np.arange(len(plots))
    idle = (plots["idle"] == "yes").to_numpy()
    plots["releasable_area_m2"] = np.where(idle, plots["site_area_m2"], np.nan)
    plots["releasable_floor_area_m2"] = np.where(idle, 1.2 * plots["site_area_m2"], np.nan)
    plots["idle_cost_wan_per_year"] = np.where(idle, plots["site_area_m2"] * 15 / 10_000 * 350, np.nan)
    plots["way"] = [WAYS[at % 3] if yes else None for at, yes in zip(number, idle, strict=True)]
    plots["way_ground_zh"] = np.where(idle, "闲置土地处置办法 第十二条", None)
    plots["way_ground_en"] = np.where(idle, "Order 53 art. 12", None)
    plots["roof_area_m2"] = plots["footprint_m2"]
    plots["pv_kwp_low"] = 0.5 * 0.10 * plots["footprint_m2"]
    plots["pv_kwp_high"] = 0.7 * 0.18 * plots["footprint_m2"]


def _images(plots: gpd.GeoDataFrame) -> None:
    plots["imagery_on"] = pd.Timestamp("2026-05-04")
    plots["imagery_valid_share"] = 0.94
    plots["ndvi"] = np.where(plots["idle"] == "yes", 0.41, 0.12)
    plots["built_share"] = np.where(plots["idle"] == "yes", 0.02, 0.63)
    plots["vegetated_share"] = np.where(plots["idle"] == "yes", 0.81, 0.2)


def _findings(findings: gpd.GeoDataFrame, plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    lines = '[{"what": "agreed_start", "value": "2024-03-01", "file": "ledger/供地台账.xlsx", "row": 12}, {"what": "idle.full_years", "value": 1, "unit": "year", "kind": "rule", "pack": "national", "source": "Order 53", "edition": "2012", "verified": true}, {"what": "absent:permit_on"}]'
    findings = findings.copy()
    findings["evidence"] = lines
    more = findings.iloc[:1].copy()
    rows = []
    for plot in plots[plots["idle_suspended"] == "yes"].itertuples():
        row = more.copy()
        row["finding_id"], row["parcel_id"], row["code"], row["verdict"] = (
            f"s{plot.Index}",
            plot.parcel_id,
            "idle_suspended",
            "yes",
        )
        row["clause_zh"], row["clause_en"] = "闲置土地处置办法 第二条第二款", "Order 53 art. 2 ¶2"
        row["missing"], row["observed"], row["threshold"], row["unit"] = "", 0.21, 0.25, "1"
        row["reason_zh"], row["reason_en"] = (
            "可以认定为闲置：投资占比 21%，中止开发满一年。",
            "May be recognised as idle: 21 % invested, suspended for a year.",
        )
        rows.append(row)
    return pd.concat([findings, *rows], ignore_index=True)


def _evidence(plots: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = [
        {
            "parcel_id": row["parcel_id"], "line": line, "says": row[f"evidence_{line}"], "figure": 0.12 + place, "unit": "1",
            "note_zh": f"{row['holder']}：说明", "note_en": f"{row['holder']}: a note", "source_file": "ledger/供地台账.xlsx", "source_row": 12 + place,
        }
        for row in plots.to_dict(orient="records")
        for place, line in enumerate(LINES)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _scores(occupancy: pd.DataFrame) -> pd.DataFrame:
    measures = (
        ("tax_wan_per_mu", "亩均税收", "Tax per mu"),
        ("value_added_wan_per_mu", "亩均增加值", "Value added per mu"),
    )
    rows = [
        {
            "enterprise_id": company, "name": "江畔齿轮有限公司", "indicator": name, "zh": zh, "en": en, "unit": "wan/mu", "value": 12.0,
            "benchmark": 24.097, "benchmark_source": "Huangyan", "weight": 50.0, "points": 24.9,
            "lift_zh": "亩均税收提高到 21.4 万元/亩，即升为 B。", "lift_en": "Tax per mu of 21.4 would make it a B.",
        }
        for company in occupancy["enterprise_id"]
        for name, zh, en in measures
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _years(plots: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = [
        {
            "parcel_id": row.parcel_id,
            "year": year,
            "output_wan_per_mu": row.output_wan_per_mu * (0.8 + 0.05 * at),
            "tax_wan_per_mu": row.tax_wan_per_mu * (0.9 + 0.03 * at),
        }
        for row in plots[plots["output_wan_per_mu"].notna()].itertuples()
        for at, year in enumerate(YEARS)
    ]
    return pd.DataFrame(rows)


def _park_years() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "park_id": "P1",
            "year": YEARS,
            "output_wan_per_mu": [160.2, 171.0, 188.4, 203.1],
            "tax_wan_per_mu": [15.1, 16.0, 17.2, 18.1],
        }
    )


def _ledger() -> pd.DataFrame:
    rows = (
        ("A", "已建成城镇建设用地", "Built town land", 812_000.0, 24), ("A1", "住宅用地", "of it residential", 41_000.0, 2),
        ("A2", "工矿仓储用地", "of it industrial", 702_000.0, 20), ("B", "其他建设用地", "Other land", 321_000.0, 9), ("C", "不可建设土地", "Unbuildable", 55_000.0, 3),
        ("D", "已供应国有建设用地", "Supplied", 1_050_000.0, 33), ("E", "尚可供应土地", "Still suppliable", 83_000.0, 4), ("F", "不可供应土地", "Not suppliable", 12_000.0, 1),
        ("G", "闲置土地", "Idle", 214_000.0, 5),
    )  # fmt: skip
    return pd.DataFrame(
        [dict(zip(("item", "zh", "en", "area_m2", "parcels"), row, strict=True)) for row in rows]
    )


def _industries() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"industry_code": "34", "zh": "通用设备制造业", "en": "General machinery", "land_share": 0.31, "output_share": 0.37, "location_quotient": 1.8, "leading": True},
            {"industry_code": "17", "zh": "纺织业", "en": "Textiles", "land_share": 0.22, "output_share": 0.11, "location_quotient": 0.7, "leading": False},
        ]
    )  # fmt: skip


def _catalogue(plain: dict[str, Any]) -> dict[str, Any]:
    fields = plain["fields"]
    words = {
        "land_state": ("土地状态", "State of the land", ""), "idle_suspended": ("中止开发（可以认定闲置）", "Suspended (may be idle)", ""),
        "low_efficiency": ("低效用地", "Low efficiency", ""), "evidence_conflict": ("证据矛盾", "Contradicting evidence", ""), "grade": ("评价等级", "Grade", ""),
        "score": ("综合得分", "Score", ""), "idle_cost_wan_per_year": ("闲置年损失", "Yearly cost of idleness", "wan"),
        "releasable_area_m2": ("可释放用地", "Land that could be released", "m2"), "releasable_floor_area_m2": ("可释放建筑面积", "Floor area that could be released", "m2"),
        "rd_share": ("研发投入占比", "R&D share", "1"), "labour_productivity_wan_per_person": ("全员劳动生产率", "Labour productivity", "wan/person"),
        "way": ("盘活方式", "Way", ""), "roof_area_m2": ("可用屋顶面积", "Usable roof", "m2"), "pv_kwp_low": ("光伏装机低值", "PV, low", "kWp"), "pv_kwp_high": ("光伏装机高值", "PV, high", "kWp"),
        "imagery_on": ("影像日期", "Image of", ""), "imagery_valid_share": ("有效像元占比", "Valid share", "1"), "ndvi": ("植被指数", "NDVI", "1"),
        "built_share": ("建成占比", "Built share", "1"), "vegetated_share": ("植被占比", "Vegetated share", "1"), "idle_consequence": ("处置后果", "Consequence", ""),
    }  # fmt: skip
    codes = {
        "land_state": {"in_use": "正常使用", "supplied_not_started": "供而未用", "under_construction": "在建", "below_contract": "投而未达", "undetermined": "无法判定", "suspended": "停工", "reserve": "储备"},
        "way": {"agreed_recovery": "协商收回", "fee_and_reward": "费用奖惩", "redevelopment": "低效用地再开发"},
        "idle_consequence": {"fee": "征缴土地闲置费", "recovery": "无偿收回"},
    }  # fmt: skip
    for name, (zh, en, unit) in words.items():
        kind = "number" if unit else "date" if name == "imagery_on" else "code" if name in codes else "text"
        fields["parcels"][name] = {
            "zh": zh,
            "en": en,
            "unit": unit,
            "type": kind,
            "formula_zh": f"{zh}的算法",
            "formula_en": f"how {en} is worked out",
        }
        if name in codes:
            fields["parcels"][name]["codes"] = codes[name]
    for name, (zh, en) in {
        "industry_code": ("行业代码", "Code"), "zh": ("行业", "Industry"), "en": ("行业", "Industry"), "land_share": ("用地占比", "Share of land"), "output_share": ("产出占比", "Share of output"),
        "location_quotient": ("区位商", "Location quotient"), "leading": ("主导产业", "Leading"),
    }.items():  # fmt: skip
        fields.setdefault("industries", {})[name] = {
            "zh": zh,
            "en": en,
            "unit": "",
            "type": "text" if name in ("industry_code", "zh", "en") else "number",
        }
    for table in ("parcels", "supply"):
        fields[table]["agent"] = {"zh": "经办人", "en": "Agent", "unit": "", "type": "text", "personal": True}
    findings = plain["findings"] | {
        "idle_suspended": {"zh": "停工满一年（可以认定闲置）", "en": "Suspended for a year (may be idle)", "clause_zh": "闲置土地处置办法 第二条第二款", "clause_en": "Order 53 art. 2 ¶2", "source": "Order 53", "verified": True, "kind": "rule"},
        "low_efficiency": {"zh": "低效用地", "en": "Low efficiency", "clause_zh": "本包口径", "clause_en": "the pack's definition", "source": "parkgeo", "verified": False, "kind": "setting"},
        "evidence_conflict": {"zh": "证据矛盾", "en": "Contradicting evidence", "clause_zh": "本包口径", "clause_en": "the pack's definition", "source": "parkgeo", "verified": False, "kind": "setting"},
    }  # fmt: skip
    figures = {
        "benchmark.output_wan_per_mu": _figure(
            "亩均产出基准", "Benchmark output per mu", 350.0, "wan/mu", "benchmark", "Fuzhou"
        ),
        "benchmark.tax_wan_per_mu": _figure(
            "亩均税收基准", "Benchmark tax per mu", 24.097, "wan/mu", "benchmark", "Huangyan"
        ),
        "evidence.high_lines": _figure(
            "高置信度所需条数", "Lines for high confidence", 3.0, "1", "setting", "parkgeo's setting"
        ),
        "idle.full_years": _figure("满一年", "One full year", 1.0, "year", "rule", "Order 53"),
    }
    tables = plain.get("tables", {})
    return {"tables": tables, "fields": fields, "findings": findings, "figures": figures}


def _figure(zh: str, en: str, value: float, unit: str, kind: str, source: str) -> dict[str, Any]:
    return {
        "zh": zh, "en": en, "value": value, "unit": unit, "kind": kind, "source": source, "edition": "2023", "verified": kind != "setting", "on": True,
        "clause_zh": "", "clause_en": "", "pack": "national",
    }  # fmt: skip


__all__ = ["LINES", "MARKUP", "PERSONAL", "YEARS", "build_report_snapshot"]
