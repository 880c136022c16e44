"""Conflicts: neighbours that do not go together, use against plan, ground and buildings against constraints."""

from __future__ import annotations

from parkgeo.assess.conflicts.constraints import AgainstConstraints, against_constraints
from parkgeo.assess.conflicts.kinds import NAMES, buildable, kind_name, parcel_kinds
from parkgeo.assess.conflicts.neighbours import Pairs, Places, incompatible_pairs, open_parcels, places_of
from parkgeo.assess.conflicts.plan import AgainstPlan, against_plan
from parkgeo.assess.conflicts.telling import (
    constraint_findings,
    neighbour_findings,
    neighbour_table,
    plan_findings,
)

__all__ = [
    "NAMES",
    "AgainstConstraints",
    "AgainstPlan",
    "Pairs",
    "Places",
    "against_constraints",
    "against_plan",
    "buildable",
    "constraint_findings",
    "incompatible_pairs",
    "kind_name",
    "neighbour_findings",
    "neighbour_table",
    "open_parcels",
    "parcel_kinds",
    "places_of",
    "plan_findings",
]
