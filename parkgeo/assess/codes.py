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
        What is judged: ``parcels`` or ``parks``. A finding of a park has no parcel.
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
    Code("area_mismatch", "面积不符", "Area mismatch", "medium", "1", "boundary.area_tolerance"),
    Code("outside_park", "超出园区边界", "Outside the park", "medium", "1", "boundary.outside_tolerance"),
    Code("overlap", "宗地重叠", "Overlap", "medium", "m2", "boundary.overlap_m2"),
    Code("duplicate", "宗地重复", "Duplicate", "high", "1", "boundary.duplicate_share"),
    Code("sliver", "狭长碎面", "Sliver", "low", "m", "boundary.sliver_width_m"),
    Code("gap", "宗地缝隙", "Gap", "medium", "m", "boundary.gap_width_m"),
    Code("near_touching", "界线未接合", "Edges nearly touching", "low", "m", "boundary.near_touching_m"),
    Code("approved_area_mismatch", "边界面积与批准面积不符", "Boundary and approved area differ", "medium", "1", "boundary.approved_area_tolerance", table="parks"),
)  # fmt: skip
"""All findings, in the order of their columns."""
