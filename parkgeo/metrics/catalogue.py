"""Every metric: name, unit, titles, formula, source, and the layers it needs. Docs, maps, API and exports read it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["METRICS", "Metric"]


@dataclass(frozen=True)
class Metric:
    """One metric of parcels.

    Attributes
    ----------
    name
        Column.
    unit
        Unit of its values; empty for a ratio.
    zh, en
        Titles.
    formula_zh, formula_en
        How it is computed.
    source
        Where the formula stands.
    needs
        Layers without which it is missing.
    """

    name: str
    unit: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    source: str
    needs: tuple[str, ...]

    def entry(self) -> dict[str, object]:
        """What a snapshot's catalogue says of it."""
        return {
            "zh": self.zh, "en": self.en, "unit": self.unit, "type": "number",
            "formula_zh": self.formula_zh, "formula_en": self.formula_en, "source": self.source,
            "needs": list(self.needs),
        }  # fmt: skip


_INDICATORS = "工业项目建设用地控制指标 (国土资发〔2008〕24号; 自然资发〔2023〕72号)"
_PER_MU = "亩均效益综合评价: yearly figure of the occupants ÷ site area"
_OCCUPANTS = ("occupancy", "performance")

METRICS: tuple[Metric, ...] = (
    Metric("site_area_m2", "m2", "宗地面积（图形）", "Site area (drawn)", "宗地图形的投影面积", "area of the parcel's polygon in the working coordinate system", "plane area in the working coordinate system", ("parcels",)),
    Metric("area_difference_ratio", "", "面积差率", "Area difference", "（图形面积 − 登记面积）÷ 登记面积", "(drawn − registered) ÷ registered area", "parkgeo", ("parcels",)),
    Metric("footprint_m2", "m2", "建筑占地面积", "Footprint", "宗地内建筑物基底面积之和", "sum of the footprints of buildings on the parcel", _INDICATORS, ("buildings",)),
    Metric("floor_area_m2", "m2", "总建筑面积（计容）", "Floor area", "建筑面积之和，已知层高超过 8 米的加倍；跨宗地的按基底份额", "sum of floor areas, a storey known to be above 8 m counting double; across an edge by share of footprint", _INDICATORS, ("buildings",)),
    Metric("far", "", "容积率", "Floor area ratio", "计容建筑面积 ÷ 宗地面积", "floor area ÷ site area", _INDICATORS, ("buildings",)),
    Metric("building_density", "", "建筑密度", "Building density", "建筑占地面积 ÷ 宗地面积", "footprint ÷ site area", _INDICATORS, ("buildings",)),
    Metric("building_coefficient", "", "建筑系数", "Building coefficient", "（建筑物 + 构筑物 + 露天堆场）占地 ÷ 宗地面积", "(buildings + structures + open storage yards) ÷ site area", _INDICATORS, ("buildings",)),
    Metric("output_wan_per_mu", "wan/mu", "亩均产值", "Output per mu", "企业年总产值（按占地分摊）÷ 宗地面积", "occupants' yearly output, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("value_added_wan_per_mu", "wan/mu", "亩均增加值", "Value added per mu", "企业年增加值（按占地分摊）÷ 宗地面积", "occupants' yearly value added, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("tax_wan_per_mu", "wan/mu", "亩均税收", "Tax per mu", "企业年实缴税收（按占地分摊）÷ 宗地面积", "occupants' yearly tax, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
    Metric("fixed_assets_wan_per_mu", "wan/mu", "亩均固定资产", "Fixed assets per mu", "企业当年申报的固定资产（按占地分摊）÷ 宗地面积", "occupants' fixed assets as filed for the year, split over their parcels by occupied area, ÷ site area", _PER_MU, _OCCUPANTS),
)  # fmt: skip
"""All metrics of parcels, in the order in which they are shown."""
