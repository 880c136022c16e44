"""Stage: parcels against the register, each other and the park's boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.assess import approved_area_findings, boundary_findings
from parkgeo.assess.gaps import field_gaps
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["boundary"]

_NO_APPROVED_AREA = (
    "The park's boundary comes without its approved area, so the two cannot be compared: ask for it."
)


def boundary(desk: Desk) -> Part:
    """Areas, outlines and the approved area."""
    given = desk.boundary_given
    verdicts, rows = boundary_findings(desk.parcels, desk.parks, desk.rules, boundary_given=given)
    approved, park_rows = approved_area_findings(desk.parks, desk.rules, boundary_given=given)
    gaps: list[Gap] = []
    if given and "approved_area_m2" not in desk.parks:
        gaps += field_gaps("approved_area_mismatch", _NO_APPROVED_AREA, table="parks")
    texts = verdicts.astype("str").where(verdicts.notna(), None)
    return Part(texts, parks=approved, findings=[*rows, *park_rows], gaps=gaps)
