"""Stage: what land each parcel is, by the register, the plan and what restricts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.assess.states import land_kind, name_contradicts
from parkgeo.metrics.designation import covered_by, planned_code
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from parkgeo.pipeline.desk import Desk

__all__ = ["land"]

_NO_USE = "Nothing says what some of the parcels are used for, neither the register nor a plan, or by a code that no pack lists: ask for their land-use codes."
_APART = "The code of the use and its name say different things, and the code was followed: check both, and by which classification codes in digits are read (ledger.classification in the packs)."


def land(desk: Desk) -> Part:
    """Land not meant to be built on, too small, in reserve, for works, or other: the rules of later stages ask for it."""
    parcels, layers, rules = desk.parcels, desk.layers, desk.rules
    planned = pd.Series(None, index=parcels.index, dtype="str")
    mostly = rules.get("state.not_built_on_share")
    if layers.plan is not None and mostly is not None:
        own = parcels.get("land_use_code", planned).notna()
        if not own.all():
            planned.update(planned_code(parcels[~own], layers.plan, least_share=mostly.number("1")))
    columns = land_kind(parcels, planned, _restricted(desk), rules)
    unknown = (columns["land_kind"] == "unknown").any()
    apart = name_contradicts(parcels, rules)
    told = [parcel_gaps(parcels["parcel_id"], apart, "land_use_code", _APART)] if apart.any() else []
    return Part(columns, gaps=[*(field_gaps("land_use_code", _NO_USE) if unknown else []), *told])


def _restricted(desk: Desk) -> pd.Series[float]:
    """Share of each parcel within constraints that leave nothing to build on."""
    zones, kinds = desk.layers.constraints, desk.rules.get("state.not_built_on_constraints")
    if zones is None or kinds is None or "kind" not in zones:
        return pd.Series(0.0, index=desk.parcels.index)
    return covered_by(desk.parcels, zones[zones["kind"].isin(kinds.texts())])
