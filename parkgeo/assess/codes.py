"""Every finding code: titles, severity, which column it judges."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CODES", "Code"]


@dataclass(frozen=True)
class Code:
    """One kind of finding.

    Attributes
    ----------
    code
        Column of the table it judges and code of findings.
    zh, en
        Titles.
    severity
        ``high``, ``medium`` or ``low`` where the verdict is yes.
    unit
        Of observed and threshold.
    figure
        Key of the pack's figure that decides.
    statutory
        Whether a yes is suspected idle land in the sense of the law.
    table
        What is judged: ``parcels``, ``parks`` or ``enterprises``. A finding of a park or a company has no parcel.
    """

    code: str
    zh: str
    en: str
    severity: str
    unit: str
    figure: str
    statutory: bool = False
    table: str = "parcels"


CODES: tuple[Code, ...] = (
    Code("idle_not_started", "疑似闲置：满一年未动工", "Suspected idle: not started within a year", "high", "day", "idle.full_years", statutory=True),
    Code("idle_suspended", "疑似闲置：中止开发建设满一年", "Suspected idle: works suspended for a year", "high", "day", "idle.suspended_years", statutory=True),
    Code("approved_not_supplied", "批而未供", "Approved, not supplied", "medium", "day", "state.approved_not_supplied"),
    Code("supplied_not_started", "供而未用", "Supplied, not started", "medium", "day", "state.supplied_not_started"),
    Code("used_in_part", "用而未尽", "Used in part", "medium", "1", "state.used_in_part_below"),
    Code("built_not_producing", "建而未投", "Built, not producing", "high", "month", "state.not_producing_months"),
    Code("below_contract", "投而未达", "Producing below contract", "medium", "1", "state.below_contract_share"),
    Code("low_efficiency", "低效用地", "Low efficiency", "medium", "wan/mu", "efficiency.tax_below_wan_per_mu"),
    Code("underbuilt", "建设强度不足", "Underbuilt", "medium", "1", "state.underbuilt"),
    Code("high_performer", "高效用地", "High performer", "low", "1", "efficiency.high_performer_ratio"),
    Code("evidence_conflict", "证据矛盾", "Contradicting evidence", "high", "1", "evidence.conflict"),
    Code("date_conflict", "日期矛盾", "Contradicting dates", "medium", "day", "records.date_conflict"),
    Code("amount_conflict", "金额或面积异常", "Absurd amount or area", "medium", "1", "records.amount_conflict"),
    Code("several_contracts", "一地多合同", "Several contracts for one parcel", "medium", "1", "records.contracts_per_parcel"),
    Code("no_company", "有建筑无企业", "Built, but no company recorded", "low", "1", "records.no_company"),
    Code("building_across_parcels", "建筑跨宗地", "Building across parcels", "low", "1", "records.building_across_share"),
    Code("occupied_beyond_parcel", "占用面积超过宗地", "Occupied beyond the parcel", "medium", "1", "records.occupied_tolerance"),
    Code("company_without_land", "企业无对应宗地", "Company without land", "low", "1", "records.company_without_land", table="enterprises"),
    Code("area_mismatch", "面积不符", "Area mismatch", "medium", "1", "boundary.area_tolerance"),
    Code("outside_park", "超出园区边界", "Outside the park", "medium", "1", "boundary.outside_tolerance"),
    Code("overlap", "宗地重叠", "Overlap", "medium", "m2", "boundary.overlap_m2"),
    Code("duplicate", "宗地重复", "Duplicate", "high", "1", "boundary.duplicate_share"),
    Code("sliver", "狭长碎面", "Sliver", "low", "m", "boundary.sliver_width_m"),
    Code("gap", "宗地间缝隙", "Gap between parcels", "medium", "m", "boundary.gap_width_m"),
    Code("near_touching", "界线未接合", "Edges nearly touching", "low", "m", "boundary.near_touching_m"),
    Code("no_frontage", "宗地不临路", "No frontage on a road", "medium", "m", "access.frontage_m"),
    Code("unreachable", "车辆不可达", "Unreachable", "high", "m", "network.island_m"),
    Code("truck_unreachable", "货车不可达", "Unreachable for trucks", "medium", "m", "network.truck_height_m"),
    Code("service_missing", "配套管线未通", "Service missing", "medium", "m", "services.limit_m"),
    Code("incompatible_neighbour", "不相容相邻", "Incompatible neighbour", "high", "m", "layout.neighbour_distance_m"),
    Code("plan_conflict", "与规划用途不符", "In conflict with the plan", "medium", "m2", "layout.plan_conflict_m2"),
    Code("constraint_conflict", "与限制要素冲突", "In conflict with a constraint", "high", "m2", "layout.constraint_conflicts"),
    Code("approved_area_mismatch", "边界面积与批准面积不符", "Boundary and approved area differ", "medium", "1", "boundary.approved_area_tolerance", table="parks"),
)  # fmt: skip
"""All findings, in the order of their columns."""
