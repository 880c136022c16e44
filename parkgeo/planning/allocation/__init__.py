"""Many projects to many sites at once: the best plan, how sure that is, what clashes, and what comes next."""

from __future__ import annotations

from parkgeo.planning.allocation.alternatives import Near, Other
from parkgeo.planning.allocation.clash import Clash
from parkgeo.planning.allocation.model import Demand
from parkgeo.planning.allocation.problem import (
    NOWHERE,
    Capacity,
    Leading,
    Problem,
    Separation,
    Weights,
)
from parkgeo.planning.allocation.reasons import Reason, broken
from parkgeo.planning.allocation.solution import Plan, solve

__all__ = [
    "NOWHERE",
    "Capacity",
    "Clash",
    "Demand",
    "Leading",
    "Near",
    "Other",
    "Plan",
    "Problem",
    "Reason",
    "Separation",
    "Weights",
    "broken",
    "solve",
]
