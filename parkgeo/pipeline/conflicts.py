"""Stage: conflicts of parcels with their neighbours, the plan and constraints."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.conflicts import (
    against_constraints,
    against_plan,
    buildable,
    constraint_findings,
    incompatible_pairs,
    neighbour_findings,
    neighbour_table,
    open_parcels,
    parcel_kinds,
    places_of,
    plan_findings,
)
from parkgeo.assess.conflicts.constraints import constraint_rules
from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.assess.judged import not_judged, text_column
from parkgeo.assess.rows import Ground
from parkgeo.i18n import LANGUAGES, say
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.pipeline.desk import Desk

__all__ = ["conflicts"]

_NEIGHBOUR, _PLAN, _CONSTRAINT = "incompatible_neighbour", "plan_conflict", "constraint_conflict"
_NO_USES = "No parcel's use is known by a code, so it is not known who may not stand beside whom: ask for the land-use codes."
_NO_HAZARDS = "No hazard source is recorded among the facilities, so distances to them are not judged: ask where they are, or whether there is none."
_NO_CODES = "Neither register nor plan has codes of the use to hold against each other: ask for both."
_NOT_PLANNED = "The plan does not cover the parcel: ask for the plan of its ground."
_NO_RULE = "Constraints of the kind {kind} are in no rule, so nothing is held against them: add the kind to layout.constraint_conflicts in your pack."


def conflicts(desk: Desk) -> Part:
    """Who stands too near whom, whose use is not the plan's, and what lies where a constraint does not allow it."""
    kinds = parcel_kinds(desk.parcels, desk.rules)
    ground = Ground.of(desk.parcels)
    parts = _neighbours(desk, kinds, ground), _plan(desk, ground), _constraints(desk, kinds, ground)
    columns = pd.concat([part.columns for part in parts if part.columns is not None], axis=1)
    return Part(
        columns,
        findings=[each for part in parts for each in part.findings],
        gaps=[each for part in parts for each in part.gaps],
        tables={name: table for part in parts for name, table in part.tables.items()},
    )


def _column(code: str, verdict: Any, desk: Desk) -> pd.DataFrame:
    words = pd.Categorical(verdict, categories=["no", "undetermined", "yes"])
    return text_column(words, desk.parcels.index).rename(code).to_frame()


def _none(code: str, desk: Desk, gaps: list[Gap | pd.DataFrame]) -> Part:
    return Part(not_judged(desk.parcels).rename(code).to_frame(), gaps=gaps)


def _neighbours(desk: Desk, kinds: dict[str, Answer], ground: Ground) -> Part:
    parcels, rules = desk.parcels, desk.rules
    if rules.get("layout.neighbour_distance_m") is None:
        return _none(_NEIGHBOUR, desk, [])
    if not parcels["use_code"].notna().any():
        return _none(_NEIGHBOUR, desk, [*field_gaps(_NEIGHBOUR, _NO_USES)])
    places = places_of(parcels, kinds, desk.layers.facilities, rules)
    table = neighbour_table(incompatible_pairs(places, rules), places, parcels.crs)
    sure = parcels["parcel_id"].astype(str).isin(table["parcel_id"]).to_numpy(dtype=bool)
    open_ = open_parcels(places, rules) & ~sure
    gaps: list[Gap | pd.DataFrame] = []
    listed = rules.get("layout.neighbour_facilities")
    names = listed.lists().get("hazard_source", ()) if listed else ()
    layer = desk.layers.facilities
    if names and (layer is None or "kind" not in layer or not layer["kind"].isin(names).any()):
        gaps += field_gaps(_NEIGHBOUR, _NO_HAZARDS)
    tell: Callable[[], pd.DataFrame] = partial(neighbour_findings, table, open_, ground, rules)
    verdict = np.where(sure, "yes", np.where(open_, "undetermined", "no"))
    tables = {"neighbour_conflicts": table} if len(table) else {}
    return Part(_column(_NEIGHBOUR, verdict, desk), findings=[tell], gaps=gaps, tables={**tables})


def _plan(desk: Desk, ground: Ground) -> Part:
    parcels, plan, rules = desk.parcels, desk.layers.plan, desk.rules
    if plan is None or rules.get("layout.plan_conflict_m2") is None:
        return _none(_PLAN, desk, [])
    if not all(
        name in frame and frame[name].notna().any()
        for frame, name in ((parcels, "land_use_code"), (plan, "planned_use_code"))
    ):
        return _none(_PLAN, desk, [*field_gaps(_PLAN, _NO_CODES)])
    found = against_plan(parcels, plan, rules)
    bare = pd.isna(found.verdict)
    gaps = [parcel_gaps(parcels["parcel_id"], bare, _PLAN, _NOT_PLANNED)] if bare.any() else []
    tell = partial(plan_findings, found, parcels[["land_use_code"]], plan, ground, rules)
    return Part(_column(_PLAN, found.verdict, desk), findings=[tell], gaps=gaps)


def _constraints(desk: Desk, kinds: dict[str, Answer], ground: Ground) -> Part:
    parcels, zones, rules = desk.parcels, desk.layers.constraints, desk.rules
    if zones is None or rules.get("layout.constraint_conflicts") is None:
        return _none(_CONSTRAINT, desk, [])
    found = against_constraints(
        parcels, zones, desk.layers.buildings, kinds, buildable(parcels, rules), rules
    )
    ruled = constraint_rules(rules, kinds)
    strange = sorted({str(kind) for kind in zones.get("kind", pd.Series(dtype="str")).dropna()} - set(ruled))
    gaps: list[Gap | pd.DataFrame] = [
        ("parcels", None, _CONSTRAINT, {lang: say(_NO_RULE, lang, kind=kind) for lang in LANGUAGES})
        for kind in strange
    ]
    tell = partial(constraint_findings, found, zones, ground, rules)
    return Part(_column(_CONSTRAINT, found.verdict, desk), findings=[tell], gaps=gaps)
