"""Lines of evidence: each judged apart, then put side by side."""

from __future__ import annotations

from parkgeo.assess.evidence.activity import industries_of, industry_norm, meter_line, output_line
from parkgeo.assess.evidence.combine import CONFIDENCE, CONFLICT, TOGETHER, Combined, combined
from parkgeo.assess.evidence.conflict import conflict_judged, field_check_rank
from parkgeo.assess.evidence.lines import LINES, SAYS, Line, said, texts
from parkgeo.assess.evidence.paper import contract_line, permit_line, reported_start, works_open
from parkgeo.assess.evidence.site import buildings_line, imagery_line
from parkgeo.assess.evidence.table import evidence_table

__all__ = [
    "CONFIDENCE",
    "CONFLICT",
    "LINES",
    "SAYS",
    "TOGETHER",
    "Combined",
    "Line",
    "buildings_line",
    "combined",
    "conflict_judged",
    "contract_line",
    "evidence_table",
    "field_check_rank",
    "imagery_line",
    "industries_of",
    "industry_norm",
    "meter_line",
    "output_line",
    "permit_line",
    "reported_start",
    "said",
    "texts",
    "works_open",
]
