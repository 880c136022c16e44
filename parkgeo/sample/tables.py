"""The sample's tables under the headers that offices write, ready for :mod:`parkgeo.sample.files`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.sample.cases import CASES
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["HEADERS", "parcel_table", "renamed"]

HEADERS: dict[str, dict[str, str]] = {
    "buildings": {
        "building_id": "建筑编号", "kind": "类别", "use": "用途", "floors": "层数", "height_m": "建筑高度",
        "storey_height_m": "层高", "completed": "是否竣工", "completed_on": "竣工日期",
    },
    "roads": {
        "road_id": "道路编号", "name": "道路名称", "road_class": "道路等级", "speed_km_h": "设计车速", "oneway": "单行",
        "lanes": "车道数", "width_m": "红线宽度", "level": "层级",
    },
    "utilities": {
        "utility_id": "管线编号", "kind": "管线类别", "name": "名称", "capacity": "设计容量", "used": "已用容量",
        "capacity_unit": "容量单位", "diameter_mm": "管径",
    },
    "facilities": {"facility_id": "设施编号", "kind": "设施类别", "name": "设施名称", "weight": "权重"},
    "plan": {
        "plan_id": "规划地块编号", "planned_use_code": "规划用途代码", "planned_use": "规划用途", "planned_far": "规划容积率",
        "planned_density": "规划建筑密度", "height_max_m": "建筑限高", "green_ratio": "绿地率",
    },
    "constraints": {"constraint_id": "编号", "kind": "限制类别", "name": "名称", "height_limit_m": "限高"},
    "supply": {
        "parcel_id": "宗地代码", "contract_id": "电子监管号", "holder": "受让人", "supply_status": "供应状态",
        "supply_mode": "供应方式", "term_years": "出让年限(年)", "supplied_area_ha": "供应面积(公顷)",
        "price_wan": "土地价款(万元)", "approved_on": "批准日期", "contract_on": "合同签订日期", "handover_on": "实际交地日期",
        "agreed_start": "约定动工日期", "permit_on": "施工许可日期", "actual_start": "实际动工日期",
        "agreed_completion": "约定竣工日期", "actual_completion": "实际竣工日期", "suspended_since": "停工起始日期",
        "government_delay_days": "政府原因延误天数", "government_delay_cause": "政府原因说明",
        "developed_area_m2": "已动工开发面积(平方米)", "agreed_investment_wan": "约定投资总额(万元)",
        "invested_wan": "已投资额(万元)", "agreed_output_wan_per_mu": "约定亩均产出(万元/亩)",
        "agreed_tax_wan_per_mu": "约定亩均税收(万元/亩)",
    },
    "enterprises": {
        "enterprise_id": "企业代码", "name": "企业名称", "industry_code": "行业代码", "industry": "行业名称", "scale": "规模",
    },
    "occupancy": {
        "enterprise_id": "企业代码", "parcel_id": "宗地代码", "occupied_area_m2": "占用面积(平方米)", "from_on": "起始日期",
        "to_on": "截止日期", "tenure": "占用方式",
    },
    "returns": {
        "enterprise_id": "企业代码", "year": "年份", "output_wan": "工业总产值(万元)", "value_added_wan": "工业增加值(万元)",
        "revenue_wan": "营业收入(万元)", "tax_wan": "实缴税收(万元)", "fixed_assets_wan": "固定资产投资(万元)",
        "rd_wan": "研发经费(万元)", "energy_tce": "综合能耗(吨标准煤)", "staff": "从业人员(人)",
    },
    "meters": {
        "enterprise_id": "企业代码", "year": "年份", "month": "月份", "electricity_kwh": "用电量(千瓦时)", "water_m3": "用水量(立方米)",
    },
}  # fmt: skip
"""Column inside → header in the file, in the order of the file."""


def renamed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The columns of a table that are written, under the office's headers; geometry stays."""
    headers = HEADERS[table]
    columns = [*headers, "geometry"] if "geometry" in frame.columns else list(headers)
    return frame[columns].rename(columns=headers)


def parcel_table(parcels: gpd.GeoDataFrame, seed_noise: np.ndarray) -> gpd.GeoDataFrame:
    """The cadastral layer: registered area in mu, within 0.1 % of the outline unless a case says otherwise.

    Parameters
    ----------
    parcels
        With case and holder.
    seed_noise
        A number between −1 and 1 for each parcel.

    Returns
    -------
    geopandas.GeoDataFrame
        Ten columns with headers of at most ten GBK bytes.
    """
    shares = {
        case.key: case.ledger["registered_share"] for case in CASES if "registered_share" in case.ledger
    }
    registered = []
    for case, area, noise in zip(parcels["case"], parcels.geometry.area, seed_noise, strict=True):
        share = shares.get(case, 0.0004 * noise)
        registered.append(np.nan if share is None else round((1.0 + float(str(share))) * area / M2_PER_MU, 4))
    table = parcels[["geometry"]].copy()
    table.insert(0, "宗地代码", parcels["parcel_id"])
    table.insert(1, "宗地名称", parcels["name"])
    table.insert(2, "权利人", parcels["holder"])
    table.insert(3, "用途代码", parcels["use_code"])
    table.insert(4, "土地用途", parcels["use"])
    table.insert(5, "登记面积", registered)
    table.insert(6, "行业代码", parcels["trade"].where(parcels["trade"] != "", None))
    table.insert(7, "规划容积率", parcels["min_far"])
    table.insert(
        8,
        "权利性质",
        [
            "划拨" if state == "public" else "出让" if state not in {"reserve", "approved"} else "国有未供"
            for state in parcels["state"]
        ],
    )
    table.insert(9, "坐落", [f"云汀县临港工业园{street}" for street in parcels["street"]])
    return table
