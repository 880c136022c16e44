"""Rows of the table of indicators: what each is called, how it is computed, and what it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.i18n import LANGUAGES, say
from parkgeo.layers import schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import Figure, RuleBook

__all__ = [
    "TITLES",
    "Title",
    "compared",
    "fields_named",
    "indicator",
    "indicator_frame",
    "indicator_gap",
    "indicators_named",
    "not_judged_gap",
    "over",
]

_COLUMNS = {
    "park_id": "str", "name": "str", "value": "float64", "unit": "str", "low": "float64", "high": "float64", "value_zh": "str",
    "value_en": "str", "numerator": "float64", "denominator": "float64", "benchmark": "float64", "benchmark_zh": "str",
    "benchmark_en": "str", "benchmark_source": "str", "verified": "bool", "zh": "str", "en": "str", "formula_zh": "str",
    "formula_en": "str",
}  # fmt: skip


_NO_RULE = "Idleness is not judged: no pack in force holds a rule for it. Name such a pack in park.toml."
_NOT_ASKED = "No parcel could be judged on idleness. The findings name what to ask for; land that is not to be built on is not judged."


class Title(NamedTuple):
    """Unit, names and formulas of an indicator."""

    unit: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str


TITLES: dict[str, Title] = {
    "development_rate": Title("%", "土地开发率", "Development rate", "（A + B21）÷（A + B）", "(A + B21) ÷ (A + B)"),
    "supply_rate": Title("%", "土地供应率", "Supply rate", "D ÷（A + B21）", "D ÷ (A + B21)"),
    "completion_rate": Title("%", "土地建成率", "Completion rate", "A ÷ D", "A ÷ D"),
    "industrial_land_rate": Title("%", "工业用地率", "Industrial land rate", "A2 ÷ A；不在宗地内的道路不计入 A", "A2 ÷ A; roads in no parcel are not in A"),
    "residential_land_rate": Title("%", "住宅用地率", "Residential land rate", "A1 ÷ A；不在宗地内的道路不计入 A", "A1 ÷ A; roads in no parcel are not in A"),
    "idle_rate": Title("%", "土地闲置率", "Idle rate", "G ÷ D；上限含无法判定的宗地", "G ÷ D; up to the higher figure with undetermined parcels"),
    "zone_type": Title("", "开发区评价类型", "Zone type", "按 A2 ÷ A 与 A1 ÷ A 的界限划分", "by the bounds of A2 ÷ A and A1 ÷ A"),
    "overall_far": Title("", "综合容积率（已建成土地）", "Overall floor area ratio (built land)", "已建成宗地的建筑面积 ÷ A", "floor area on built parcels ÷ A"),
    "overall_building_density": Title("%", "建筑密度（已建成土地）", "Building density (built land)", "已建成宗地的建筑占地 ÷ A", "footprint on built parcels ÷ A"),
    "industrial_far": Title("", "工业用地综合容积率", "Industrial floor area ratio", "工矿仓储用地上的建筑面积 ÷ A2", "floor area on industrial land ÷ A2"),
    "industrial_building_coefficient": Title("%", "工业用地建筑系数", "Industrial building coefficient", "工矿仓储用地上（建筑物 + 构筑物 + 堆场）占地 ÷ A2", "(buildings + structures + yards) on industrial land ÷ A2"),
    "industrial_fixed_assets_wan_per_ha": Title("wan/ha", "工业用地固定资产投入强度", "Industrial fixed-asset intensity", "企业申报的固定资产 ÷ A2 中有数据的宗地", "fixed assets as filed ÷ land of A2 that has returns"),
    "industrial_output_wan_per_ha": Title("wan/ha", "工业用地产出强度", "Industrial output per land", "企业年产值 ÷ A2 中有数据的宗地", "yearly output ÷ land of A2 that has returns"),
    "industrial_tax_wan_per_ha": Title("wan/ha", "工业用地地均税收", "Industrial tax per land", "企业年税收 ÷ A2 中有数据的宗地", "yearly tax ÷ land of A2 that has returns"),
    "overall_tax_wan_per_ha": Title("wan/ha", "综合地均税收", "Overall tax per land", "企业年税收 ÷ A；应有企业申报的土地数据不全时，只给出下限：已知税收 ÷ A", "yearly tax ÷ A; where not all land that should have returns has them only the least it may be: known tax ÷ A"),
    "population_density": Title("person/ha", "人口密度", "Population density", "常住人口 ÷ A", "residents ÷ A"),
    "occupancy_rate": Title("%", "企业入驻率", "Occupancy rate", "评价时点有企业在用的已建成工矿仓储用地 ÷ A2", "A2 on which a company is recorded on the day ÷ A2"),
    "value_added_growth": Title("%", "产业增加值增速", "Growth of value added", "（最近年 − 上年）÷ 上年，取两年均有申报的企业", "(latest year − year before) ÷ year before, of the companies that filed for both"),
    "capacity_use": Title("%", "产能利用率", "Capacity use", "按产值加权的企业产能利用率，最近年", "companies' capacity use weighted by output, latest year"),
    "rd_share": Title("%", "研发投入占比", "R&D share", "研发经费 ÷ 营业收入，取两项均有申报的企业，最近年", "R&D ÷ revenue of the companies that filed both, latest year"),
    "policy_fulfilment": Title("%", "政策兑现率", "Policy fulfilment", "已兑现金额 ÷ 应兑现金额", "paid ÷ promised"),
    "leading_industries_stated": Title("", "主导产业数（园区申报）", "Leading industries (stated)", "园区所列主导产业个数", "industries that the park names"),
    "leading_industries_counted": Title("", "主导产业数（按产值）", "Leading industries (by output)", "产值占比达到规则包界限的行业大类个数；有地区占比时还须区位商大于 1", "two-digit industries with at least the pack's share of output and, where the region's shares are known, a location quotient above 1"),
    "intensive_use_score": Title("", "土地集约利用得分", "Intensive-use score", "Σ 权重 × min（100，100 × 指标值 ÷ 理想值）÷ Σ 权重", "Σ weight × min(100, 100 × value ÷ ideal) ÷ Σ weight"),
    "suppliable_ha": Title("ha", "尚可供应土地（扩展潜力）", "Still suppliable (extension potential)", "E", "E"),
    "suppliable_industrial_ha": Title("ha", "其中：工矿仓储用地", "of it industrial", "E 中用途为工矿仓储的宗地", "parcels of E with an industrial use"),
    "yearly_supply_ha": Title("ha/year", "年均供地面积", "Mean yearly supply", "最近几年签订合同（无则批准）的已供应宗地面积 ÷ 年数", "supplied parcels by the date of contract (else of approval) in the last years ÷ years"),
    "years_of_supply": Title("year", "尚可供应年数", "Years of supply left", "E ÷ 年均供地面积", "E ÷ mean yearly supply"),
    "structural_potential_ha": Title("ha", "结构潜力", "Structural potential", "A ×（工业用地率理想值 − 工业用地率）", "A × (ideal − actual industrial land rate)"),
    "intensity_potential_far_ha": Title("ha", "强度潜力：容积率", "Intensity potential: floor area ratio", "A2 ×（1 − 实际 ÷ 理想值）", "A2 × (1 − actual ÷ ideal)"),
    "intensity_potential_investment_ha": Title("ha", "强度潜力：投入", "Intensity potential: investment", "A2 ×（1 − 实际 ÷ 理想值）", "A2 × (1 − actual ÷ ideal)"),
    "intensity_potential_output_ha": Title("ha", "强度潜力：产出", "Intensity potential: output", "A2 ×（1 − 实际 ÷ 理想值）", "A2 × (1 − actual ÷ ideal)"),
    "management_potential_ha": Title("ha", "管理潜力", "Management potential", "达到收回条件的疑似闲置土地", "suspected idle land that is due for recovery"),
    "releasable_ha": Title("ha", "可盘活土地", "Releasable land", "疑似闲置土地，加规则包所列状态的土地（用而未尽的只计未用部分）；已知部分之和", "suspected idle land and land in the pack's states (of land used in part the unused part); sum of what is known"),
    "releasable_floor_area_m2": Title("m2", "可增建筑面积", "Floor area up to the plan", "max（0，规划容积率 × 宗地面积 − 建筑面积）；已知宗地之和", "max(0, planned floor area ratio × area − floor area); sum over the parcels where it is known"),
    "idle_cost_wan_per_year": Title("wan/year", "闲置与低效的年成本", "Cost of idle and low-yield land", "面积 ×（基准 − 实际），疑似闲置或低效的宗地；已知部分之和", "area × (benchmark − actual) of idle or low-yield parcels; sum of what is known"),
    "vertical_headroom_m2": Title("m2", "工业上楼可增建筑面积", "Vertical-factory headroom", "适合上楼行业的已建成工业宗地：规划容积率 × 面积 − 建筑面积", "built industrial parcels of industries that suit it: planned floor area ratio × area − floor area"),
    "roof_area_m2": Title("m2", "屋顶面积", "Roof area", "已竣工建筑物的占地；已知宗地之和", "footprint of completed buildings; sum over the parcels where it is known"),
    "pv_kwp_low": Title("kWp", "屋顶光伏装机（低值，系数未核实）", "Rooftop PV, low (unverified factors)", "屋顶面积 × 可用比例低值 × 每平方米装机低值；系数为通用知识，未核实", "roof area × low usable share × low kWp per m²; factors from general knowledge, unverified"),
    "pv_kwp_high": Title("kWp", "屋顶光伏装机（高值，系数未核实）", "Rooftop PV, high (unverified factors)", "屋顶面积 × 可用比例高值 × 每平方米装机高值；系数为通用知识，未核实", "roof area × high usable share × high kWp per m²; factors from general knowledge, unverified"),
}  # fmt: skip
"""All indicators beyond the plain counts, in the order in which they are shown."""


def indicator(
    name: str,
    value: float,
    *,
    numerator: float = np.nan,
    denominator: float = np.nan,
    bounds: tuple[float, float] | None = None,
    text: str = "",
    benchmark: Figure | None = None,
    about: Title | None = None,
) -> dict[str, Any]:
    """A row of one of `TITLES`, or of what is titled otherwise.

    Parameters
    ----------
    name
        Of the indicator.
    value
        In its unit; NaN where it is not known.
    numerator, denominator
        What was divided.
    bounds
        Least and most that it may be, in its unit; the value twice where none are given.
    text
        English sentence of `parkgeo.i18n.say` for what is not a number.
    benchmark
        What to compare with.
    about
        Titles of an indicator that is not one of `TITLES`, such as one for each kind that a pack names.
    """
    about = about or TITLES[name]
    low, high = bounds or (value, value)
    return {
        "name": name, "value": value, "unit": about.unit, "low": low, "high": high, "value_zh": say(text, "zh") if text else "",
        "value_en": text, "numerator": numerator, "denominator": denominator, "zh": about.zh, "en": about.en,
        "formula_zh": about.formula_zh, "formula_en": about.formula_en, **compared(benchmark, about.unit),
    }  # fmt: skip


def compared(figure: Figure | None, unit: str) -> dict[str, Any]:
    """The columns of a benchmark; none where there is none."""
    if figure is None:
        return {}
    return {
        "benchmark": figure.number(unit or "1"),
        "benchmark_zh": figure.zh,
        "benchmark_en": figure.en,
        "benchmark_source": figure.cite(),
        "verified": figure.verified,
    }


def over(
    name: str,
    numerator: float,
    denominator: float,
    rules: RuleBook,
    *,
    benchmark: str | None = None,
    bounds: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """A row of a quotient; a share in % is a hundred times it. NaN where the denominator is 0 or missing."""
    factor = 100.0 if TITLES[name].unit == "%" else 1.0
    value = factor * numerator / denominator if denominator > 0 else np.nan
    ends = None if bounds is None else (factor * bounds[0], factor * bounds[1])
    return indicator(
        name, value, numerator=numerator, denominator=denominator, bounds=ends, benchmark=rules.benchmark(benchmark or name)
    )  # fmt: skip


def indicator_frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the table; what a row does not say is NaN or no text."""
    frame = pd.DataFrame(list(rows), columns=list(_COLUMNS))
    for bound in ("low", "high"):
        frame[bound] = frame[bound].astype("float64").fillna(frame["value"].astype("float64"))
    text = [name for name, kind in _COLUMNS.items() if kind == "str"]
    frame[text] = frame[text].astype(object).fillna("")
    frame["verified"] = frame["verified"].astype("boolean").fillna(value=True)
    return frame.astype(_COLUMNS)


def indicator_gap(name: str, pattern: str, **values: object) -> Gap:
    """Why an indicator is missing, and what to ask for; a value by language is said in each."""
    told = {
        lang: {key: value[lang] if isinstance(value, dict) else value for key, value in values.items()}
        for lang in LANGUAGES
    }
    return "indicators", None, name, {lang: say(pattern, lang, **told[lang]) for lang in LANGUAGES}


def indicators_named(names: Iterable[str]) -> dict[str, str]:
    """Titles of indicators in each language, in one text."""
    every = [TITLES[name] for name in names]
    return {"zh": "、".join(one.zh for one in every), "en": ", ".join(one.en for one in every)}


def fields_named(names: Iterable[str], layer: str) -> dict[str, str]:
    """Titles of a layer's fields in each language, in one text."""
    every = [schema(layer).fields[name] for name in names]
    return {"zh": "、".join(one.zh for one in every), "en": ", ".join(one.en for one in every)}


def not_judged_gap(name: str, rules: RuleBook) -> Gap:
    """Why a figure of idle land is missing: no rule, or no parcel that could be judged by it."""
    has_rule = all(rules.get(f"idle.{key}") for key in ("full_years", "suspended_years"))
    return indicator_gap(name, _NOT_ASKED if has_rule else _NO_RULE)
