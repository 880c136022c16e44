"""Columns and packs in, findings and indicators out."""

from __future__ import annotations

from parkgeo.assess.boundary import approved_area_findings, boundary_findings
from parkgeo.assess.codes import CODES, Code
from parkgeo.assess.findings import FINDING_COLUMNS
from parkgeo.assess.not_started import not_started

__all__ = [
    "CODES",
    "FINDING_COLUMNS",
    "Code",
    "approved_area_findings",
    "boundary_findings",
    "not_started",
]
