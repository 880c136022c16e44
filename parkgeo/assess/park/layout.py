"""Rows on how a park is laid out: shares of uses against the packs' guidance, mix, junctions, blocks, holdings, buildings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.layout import GROUPS, guidance
from parkgeo.assess.park.reach import uncovered_gap
from parkgeo.assess.park.rows import Title, indicator, indicator_gap
from parkgeo.i18n import LANGUAGES, figure, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["LAYOUT", "ParkLayout", "layout_rows"]

_NAMED = {
    "production": ("生产用地", "Production"), "living": ("生活用地", "Living"), "service": ("服务用地", "Service"),
    "green": ("绿地与开敞空间", "Green and open space"), "other": ("其他用地", "Other uses"),
}  # fmt: skip
LAYOUT: dict[str, Title] = {
    **{
        f"{group}_share": Title("%", f"{zh}占比", f"{en}, share of land", "该类用地的宗地面积 ÷ 用途已知的宗地面积", "parcels of such uses ÷ parcels of known use, by area")
        for group, (zh, en) in _NAMED.items()
    },
    "use_mix_entropy": Title("1", "用地混合度", "Mix of uses", "−Σ p·ln p ÷ ln 5，p 为生产、生活、服务、绿地、其他用地占比；0 单一，1 均等", "−Σ p·ln p ÷ ln 5 over the shares of production, living, service, green and other; 0 one use, 1 all alike"),
    "intersections_per_km2": Title("1/km2", "交叉口密度", "Junctions per km²", "边界内三条以上路段相交的节点数（不含园区内部路）÷ 边界面积", "nodes within the boundary at which three or more stretches of road meet, internal roads left out, ÷ area of the boundary"),
    "blocks": Title("1", "街区数", "Blocks", "道路中心线与园区边界围合的地块（不含园区内部路）", "pieces of ground between the centre lines of roads and the park's boundary, internal roads left out"),
    "block_area_median_ha": Title("ha", "街区面积中位数", "Median block", "街区面积（至道路中心线）的中位数", "median of the blocks' areas, measured to the roads' centre lines"),
    "effective_mesh_ha": Title("ha", "有效网格大小（权属破碎度）", "Effective mesh size of holdings", "Σ A² ÷ Σ A，A 为同一权利人连片宗地（权利人不明的按单宗）的面积", "Σ A² ÷ Σ A over the patches of adjoining parcels of one holder; a parcel without holder is a patch of its own"),
    "frontage_share": Title("1", "临路宗地占比", "Land with frontage, share", "有沿可临道路边的宗地面积 ÷ 宗地总面积", "parcels with an edge along a road that they may open onto ÷ all parcels, by area"),
    "frontage_mean_m": Title("m", "临路宗地平均临路边长", "Mean frontage", "沿可临道路各边长度之和 ÷ 临路宗地数", "length of the parcels' edges along roads that they may open onto ÷ parcels with such an edge"),
    "building_orientation_spread": Title("1", "建筑朝向离散度", "Spread of the buildings' directions", "1 − |Σ w·exp(4iθ)| ÷ Σ w，θ 为建筑最小外接矩形长边方位角，w 为占地面积；0 一致，1 杂乱", "1 − |Σ w·exp(4iθ)| ÷ Σ w, θ the azimuth of the long side of a building's least rectangle, w its footprint; 0 one grain, 1 none"),
}  # fmt: skip
"""Names, units and formulas, in the order in which they are shown."""
_OVERSIZED = Title("1", "超大街区数", "Oversized blocks", "生产用地为主、最小外接矩形长边超过规则包街区边长上限的街区个数", "blocks mainly of production land whose least rectangle is longer than the packs' longest side")  # fmt: skip

_NO_USES = "The use of too little of the land is known ({known} %): ask for the parcels' land-use codes."
_PLANNED = "Of {share} % of the land the use is the plan's, since the register has no code; the bounds leave open what it is today. Ask for the parcels' land-use codes."
_NO_ROADS = "There is no layer of roads, so blocks and junctions are not known: ask for it."
_NO_FRONTAGE = "There is no layer of roads, so it is not known which parcels lie along one: ask for it."
_NO_BUILDINGS = "There are no buildings, so their direction is not known: ask for the layer of buildings."
_GUIDED = {
    (True, True): "Guidance: {low} % to {high} %",
    (True, False): "Guidance: at least {low} %",
    (False, True): "Guidance: at most {high} %",
}
_PERCENT = 100.0


@dataclass(frozen=True)
class ParkLayout:
    """One park.

    Attributes
    ----------
    values
        Columns of the park, and ``blocks``; NaN where missing.
    areas
        m² of each of `GROUPS`, then of unknown use.
    oversized
        Verdict of each block.
    uncovered
        Id of the park where there are roads but none near it; empty for others.
    planned
        m² of each of `GROUPS` that are of it by the plan alone, since the register has no code; they are among ``areas``.
    """

    values: Mapping[str, float]
    areas: NDArray[np.float64]
    oversized: NDArray[np.object_]
    uncovered: str = ""
    planned: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(GROUPS)))


def layout_rows(park: ParkLayout, rules: RuleBook) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Rows of a park for `parkgeo.assess.park.rows.indicator_frame`, and why values are missing."""
    rows = [_share_row(at, park, rules) for at in range(len(GROUPS))]
    rows += [
        indicator(name, park.values[name], about=LAYOUT[name], benchmark=rules.benchmark(name))
        for name in LAYOUT
        if name.removesuffix("_share") not in GROUPS
    ]
    if rules.get("layout.block_side_max_m") is not None and park.values["blocks"] > 0:
        rows.append(_oversized_row(park.oversized))
    return rows, _gaps(park, rules)


def _share_row(at: int, park: ParkLayout, rules: RuleBook) -> dict[str, Any]:
    group, whole, known = GROUPS[at], park.areas.sum(), park.areas[:-1].sum()
    name, own = f"{group}_share", float(park.areas[at])
    # What the plan alone says may be of this use today or of another.
    sure, planned = own - float(park.planned[at]), park.planned.sum()
    ends_m2 = (sure, sure + planned + park.areas[-1])
    bounds = tuple(_PERCENT * each / whole if whole > 0 else np.nan for each in ends_m2)
    low, high = guidance(group, rules)
    end = rules.get("layout.share_least" if low >= 0 else "layout.share_most")
    held = (
        None if end is None or np.isnan([low, high]).all() else replace(end, value=low if low >= 0 else high)
    )
    row = indicator(
        name, np.nan if np.isnan(park.values[name]) else _PERCENT * own / known, numerator=own, denominator=float(known), bounds=(bounds[0], bounds[1]),
        benchmark=held, about=LAYOUT[name],
    )  # fmt: skip
    if held is not None:
        told = _GUIDED[bool(low >= 0), bool(high >= 0)]
        for lang in LANGUAGES:
            ends = {"low": figure(_PERCENT * low, lang), "high": figure(_PERCENT * high, lang)}
            # What the office filled in; the setting's own title says how to.
            row[f"benchmark_{lang}"] = say(told, lang, **ends)
    return row


def _oversized_row(verdicts: NDArray[np.object_]) -> dict[str, Any]:
    sure, open_ = (float((verdicts == each).sum()) for each in ("yes", "undetermined"))
    return indicator("oversized_blocks", sure, bounds=(sure, sure + open_), about=_OVERSIZED)


def _gaps(park: ParkLayout, rules: RuleBook) -> list[Gap]:
    missing = {name for name in LAYOUT if np.isnan(park.values[name])}
    whole = park.areas.sum()
    known = _PERCENT * park.areas[:-1].sum() / whole if whole > 0 else 0.0
    told = {"known": {lang: figure(known, lang) for lang in LANGUAGES}}
    uses = [*(f"{group}_share" for group in GROUPS), "use_mix_entropy"]
    gaps = [indicator_gap(name, _NO_USES, **told) for name in uses if name in missing]
    planned = _PERCENT * park.planned.sum() / whole if whole > 0 else 0.0
    if planned > 0:
        share = {lang: figure(planned, lang) for lang in LANGUAGES}
        gaps += [indicator_gap(name, _PLANNED, share=share) for name in uses if name not in missing]
    roads = ("intersections_per_km2", "blocks", "block_area_median_ha")
    if park.uncovered:
        fronts = ("frontage_share", "frontage_mean_m")
        gaps += [uncovered_gap(name, park.uncovered, rules) for name in (*roads, *fronts) if name in missing]
    else:
        gaps += [indicator_gap(name, _NO_ROADS) for name in roads if name in missing]
    if "frontage_share" in missing and not park.uncovered:
        gaps += [indicator_gap(name, _NO_FRONTAGE) for name in ("frontage_share", "frontage_mean_m")]
    if "building_orientation_spread" in missing:
        gaps.append(indicator_gap("building_orientation_spread", _NO_BUILDINGS))
    return gaps
