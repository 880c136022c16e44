"""Stage: what land could come back, what could be added, and the way to get there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import among
from parkgeo.assess.gaps import field_gaps
from parkgeo.assess.park.comeback import idle_cost, releasable_area
from parkgeo.assess.states.trivalent import known
from parkgeo.assess.vertical import vertical_candidates, vertical_column, vertical_notes
from parkgeo.assess.ways import suggested_ways, way_grounds
from parkgeo.metrics.potential import floor_area_left, planned_far
from parkgeo.metrics.roofs import PvFactors, roofs
from parkgeo.packs.industry import convert_industry
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.shared import cost_basis, held, industry_of_parcels, land_classes

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.vertical import Vertical
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk

__all__ = ["potential"]

_NO_PLAN = "The planned floor area ratio is not known: ask for the field of the cadastre, or for the plan."
_NO_COST = "There is neither a benchmark in the packs nor a parcel with a known yield to measure the cost of idleness by."
_ROOFS = ("roof_area_m2", "pv_kwp_low", "pv_kwp_high")
_PV = ("roof_usable_share_low", "roof_usable_share_high", "pv_metal_kwp_per_m2_low", "pv_metal_kwp_per_m2_high", "pv_concrete_kwp_per_m2")  # fmt: skip
_KEYED_BY = "2017"  # edition of GB/T 4754 of potential.vertical_industries


def potential(desk: Desk) -> Part:
    """Releasable land and floor area, cost of idleness, headroom, roofs, and the suggested way of each parcel."""
    parcels, rules = desk.parcels, desk.rules
    gaps: list[Gap | pd.DataFrame] = []
    planned = planned_far(parcels, desk.layers.plan)
    if planned.isna().all():
        gaps += field_gaps("releasable_floor_area_m2", _NO_PLAN) + field_gaps(
            "vertical_headroom_m2", _NO_PLAN
        )
    left = floor_area_left(planned, parcels["site_area_m2"], parcels["floor_area_m2"])
    public = among(parcels, "land_state", ["not_built_on"])
    columns = pd.DataFrame(
        {
            "releasable_area_m2": releasable_area(parcels, rules),
            "releasable_floor_area_m2": left.where(~public),
            "idle_cost_wan_per_year": np.nan,
            "vertical_headroom_m2": left.where(_may_build_up(desk)),
        },
        index=parcels.index,
    )
    basis, holdings = desk.once(cost_basis), desk.once(held)
    if basis is None:
        gaps += field_gaps("idle_cost_wan_per_year", _NO_COST)
    else:
        occupied = None if holdings is None else holdings.occupied
        columns["idle_cost_wan_per_year"] = idle_cost(parcels, basis, occupied, rules)
    if desk.layers.buildings is None:
        columns[list(_ROOFS)] = np.nan
    else:
        columns[list(_ROOFS)] = roofs(parcels, desk.layers.buildings, _factors(rules), desk.as_of)
    way = suggested_ways(
        pd.DataFrame(parcels).assign(vertical_headroom_m2=columns["vertical_headroom_m2"]), rules
    )
    far = parcels["floor_area_m2"] / parcels["site_area_m2"]
    upward = _upward(desk, far, planned)
    return Part(
        columns.assign(way=way, vertical_candidate=vertical_column(upward, parcels.index)),
        words=[
            partial(way_grounds, way, rules),
            partial(vertical_notes, upward, far, planned, left),
        ],
        gaps=gaps,
    )


def _upward(desk: Desk, far: pd.Series[float], planned: pd.Series[float]) -> Vertical:
    """Candidates for factories of several storeys, among built industrial land."""
    classes, codes = desk.once(land_classes), desk.once(industry_of_parcels)
    asked = ((classes["built"] == 1) & (classes["use"] == "industrial")).to_numpy(dtype=bool)
    listed = desk.rules.get("potential.vertical_industries") is not None
    suits = known(_suits(desk).to_numpy(dtype=bool), codes.notna().to_numpy(dtype=bool) & listed)
    most = desk.rules.get("potential.vertical_far_share_max")
    return vertical_candidates(asked, suits, far, planned, most.number("1") if most else np.nan)


def _may_build_up(desk: Desk) -> pd.Series[bool]:
    """Built industrial land of an industry that suits several storeys."""
    classes = desk.once(land_classes)
    return (classes["built"] == 1) & (classes["use"] == "industrial") & _suits(desk)


def _suits(desk: Desk) -> pd.Series[bool]:
    """Whether the industry of a parcel suits several storeys; a code that may be several must suit in each."""
    figure, own = (
        desk.rules.get("potential.vertical_industries"),
        desk.rules.get("land.industry_code_edition"),
    )
    suits = figure.texts() if figure else ()
    codes = desk.once(industry_of_parcels)
    # A million parcels have a hundred codes: each is converted once.
    known = pd.Series(codes.cat.categories, dtype=object)
    now = convert_industry(known, own.text() if own else _KEYED_BY, _KEYED_BY)
    fitting = [code for code, one in zip(known, now, strict=True) if one and set(one) <= set(suits)]
    return codes.isin(fitting)


def _factors(rules: RuleBook) -> PvFactors | None:
    """The packs' figures of PV; None unless all are there."""
    found = [figure.number() for name in _PV if (figure := rules.get(f"potential.{name}"))]
    return PvFactors(*found) if len(found) == len(_PV) else None
