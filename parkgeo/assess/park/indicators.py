"""Counts, areas and plain figures over all parcels of a park, each with numerator, denominator and benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.park.rows import compared, not_judged_gap
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["idle_gaps", "park_indicators"]

# name, zh, en, verdict counted in the idle column, formula in both languages
_COUNTS = (
    ("parcels", "宗地数", "Parcels", None, "宗地个数", "number of parcels"),
    ("idle_parcels", "疑似闲置宗地数", "Suspected idle parcels", "yes", "判定为疑似闲置的宗地个数", "parcels with the verdict yes"),
    ("undetermined_parcels", "无法判定宗地数", "Undetermined parcels", "undetermined", "资料不足、无法判定的宗地个数", "parcels whose verdict waits for data"),
)  # fmt: skip
_AREAS = (
    ("site_area_ha", "宗地总面积", "Parcel area", None, "宗地图形面积之和", "sum of drawn areas"),
    ("idle_area_ha", "疑似闲置面积", "Suspected idle area", "yes", "疑似闲置宗地图形面积之和", "sum of drawn areas, verdict yes"),
    ("undetermined_area_ha", "无法判定面积", "Undetermined area", "undetermined", "无法判定宗地图形面积之和", "sum of drawn areas, verdict undetermined"),
)  # fmt: skip
# name, numerator column, zh, en, formula in both languages
_RATIOS = (
    ("far", "floor_area_m2", "容积率", "Floor area ratio", "建筑面积 ÷ 宗地面积；有宗地建筑面积不明时不算", "floor area ÷ site area; missing while any parcel's floor area is"),
    ("building_density", "footprint_m2", "建筑密度", "Building density", "建筑占地 ÷ 宗地面积", "footprint ÷ site area"),
)  # fmt: skip
_PER_MU = (
    ("output_wan_per_mu", "亩均产值", "Output per mu", "产值", "output"),
    ("value_added_wan_per_mu", "亩均增加值", "Value added per mu", "增加值", "value added"),
    ("tax_wan_per_mu", "亩均税收", "Tax per mu", "税收", "tax"),
    ("fixed_assets_wan_per_mu", "亩均固定资产", "Fixed assets per mu", "固定资产投资", "fixed assets"),
)


def park_indicators(parcels: pd.DataFrame, rules: RuleBook) -> list[dict[str, Any]]:
    """Each park's counts, areas and plain figures, over all its parcels.

    Parameters
    ----------
    parcels
        ``park_id``, ``site_area_m2``, ``idle`` and the metrics.
    rules
        The packs in force, for benchmarks.

    Returns
    -------
    list of dict
        Rows for `parkgeo.assess.park.rows.indicator_frame`, one a park and indicator: ``value`` = ``numerator`` ÷
        ``denominator`` (both NaN for plain counts and areas; areas in ha); NaN where nothing is known. A figure per mu is over
        the parcels whose companies' returns are known, and its denominator says how much land that is. Floor area ratio and
        density are over all land or missing: the parcels where they are known without returns are the empty ones, and would
        stand for the whole.
    """
    read = ["site_area_m2", "idle", *(column for _, column, *_ in _RATIOS), *(name for name, *_ in _PER_MU)]
    return [
        {"park_id": park_id, **row}
        for park_id, own in pd.DataFrame(parcels)[read].groupby(parcels["park_id"], sort=True)
        for row in _park(own, rules)
    ]


def idle_gaps(rows: list[dict[str, Any]], rules: RuleBook) -> list[Gap]:
    """Why counts and areas of idle land are missing, each once."""
    names = [name for name, *_ in (*_COUNTS, *_AREAS)]
    missing = {row["name"] for row in rows if row["name"] in names and np.isnan(row["value"])}
    return [not_judged_gap(name, rules) for name in names if name in missing]


def _park(own: pd.DataFrame, rules: RuleBook) -> list[dict[str, Any]]:
    area = own["site_area_m2"].to_numpy(dtype=float)
    idle = coded(own, "idle")
    # Where no parcel could be judged, 0 idle ones would say that none is; where none was asked, nor is 0 undetermined a figure.
    unjudged = not idle.among(["yes", "no"]).any()
    unasked = unjudged and not idle.among(["undetermined"]).any()
    blank = {None: False, "yes": unjudged, "undetermined": unasked}
    rows: list[dict[str, Any]] = []
    for table, unit, each, one in ((_COUNTS, "", np.ones(len(own)), 1.0), (_AREAS, "ha", area, M2_PER_HA)):
        for name, zh, en, verdict, formula_zh, formula_en in table:
            counted = np.ones(len(own), dtype=bool) if verdict is None else idle.among([verdict])
            value = np.nan if blank[verdict] else float(each[counted].sum()) / one
            rows.append(_row(name, zh, en, formula_zh, formula_en, unit, value))
    for name, column, zh, en, formula_zh, formula_en in _RATIOS:
        part = own[column].to_numpy(dtype=float)
        row = _row(name, zh, en, formula_zh, formula_en, "", np.nan)
        whole = {} if np.isnan(part).any() else _share(part, area, 1.0)
        rows.append(row | whole | compared(rules.benchmark(name), "1"))
    for name, zh, en, what_zh, what_en in _PER_MU:
        total = own[name].to_numpy(dtype=float) * area / M2_PER_MU
        row = _row(
            name, zh, en, f"企业年{what_zh} ÷ 有数据宗地面积", f"occupants' yearly {what_en} ÷ area of the parcels that have it", "wan/mu", np.nan
        )  # fmt: skip
        rows.append(row | _share(total, area, M2_PER_MU) | compared(rules.benchmark(name), "wan/mu"))
    return rows


def _row(
    name: str, zh: str, en: str, formula_zh: str, formula_en: str, unit: str, value: float
) -> dict[str, Any]:
    return {
        "name": name,
        "zh": zh,
        "en": en,
        "formula_zh": formula_zh,
        "formula_en": formula_en,
        "unit": unit,
        "value": value,
    }


def _share(
    part: np.ndarray[Any, np.dtype[np.float64]], area: np.ndarray[Any, np.dtype[np.float64]], unit_m2: float
) -> dict[str, float]:
    known = ~np.isnan(part)
    numerator, denominator = float(part[known].sum()), float(area[known].sum()) / unit_m2
    if denominator <= 0:
        return {"value": np.nan, "numerator": np.nan, "denominator": np.nan}
    return {"value": numerator / denominator, "numerator": numerator, "denominator": denominator}
