"""Measures of access: what can be reached, how it counts, what it costs; pure functions on pairs of facility and parcel.

A *pair* is a facility, a parcel (*owner*, position of each in its list) and the minutes between them. A facility and an owner
make at most one pair; one with NaN or infinite minutes counts as not reached. ``connected`` says of each owner whether it
meets the road network at all: where it does not, every measure is NaN, and where it does and reaches nothing, the measure is 0.
"""

from __future__ import annotations

from parkgeo.metrics.access.catchment import Catchment, band_weight, enhanced_two_step, two_step
from parkgeo.metrics.access.cost import truck_yuan_per_t
from parkgeo.metrics.access.density import length_within_m
from parkgeo.metrics.access.gravity import decay, gravity
from parkgeo.metrics.access.opportunities import opportunities, served, weight_within
from parkgeo.metrics.access.staff import Placed, placed_staff

__all__ = [
    "Catchment",
    "Placed",
    "band_weight",
    "decay",
    "enhanced_two_step",
    "gravity",
    "length_within_m",
    "opportunities",
    "placed_staff",
    "served",
    "truck_yuan_per_t",
    "two_step",
    "weight_within",
]
