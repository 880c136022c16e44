"""State of each parcel: the classes of "五未", low efficiency, underbuilt and high performers, and one state out of them."""

from __future__ import annotations

from parkgeo.assess.states.contract import below_contract
from parkgeo.assess.states.efficiency import high_performer, low_efficiency
from parkgeo.assess.states.land import LAND_KINDS, WORKS, land_kind, name_contradicts
from parkgeo.assess.states.occupants import Occupants, occupants_of
from parkgeo.assess.states.standing import Standing, standing_of
from parkgeo.assess.states.state import LAND_STATES, land_state
from parkgeo.assess.states.supply import approved_not_supplied, supplied_not_started
from parkgeo.assess.states.underbuilt import underbuilt
from parkgeo.assess.states.use import built_not_producing, used_in_part

__all__ = [
    "LAND_KINDS",
    "LAND_STATES",
    "WORKS",
    "Occupants",
    "Standing",
    "approved_not_supplied",
    "below_contract",
    "built_not_producing",
    "high_performer",
    "land_kind",
    "land_state",
    "low_efficiency",
    "name_contradicts",
    "occupants_of",
    "standing_of",
    "supplied_not_started",
    "underbuilt",
    "used_in_part",
]
