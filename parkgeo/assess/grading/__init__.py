"""Per-mu evaluation: score, rank, grade, veto, and what would lift a company by one grade."""

from __future__ import annotations

from parkgeo.assess.grading.evaluate import Evaluation, evaluate
from parkgeo.assess.grading.scheme import Scheme, scheme_of

__all__ = ["Evaluation", "Scheme", "evaluate", "scheme_of"]
