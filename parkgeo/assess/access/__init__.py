"""Whether cars and trucks get to a parcel: frontage, connection, limits of trucks; and why a travel time is missing."""

from __future__ import annotations

from parkgeo.assess.access.approach import Approach
from parkgeo.assess.access.frontage import no_frontage
from parkgeo.assess.access.reached import unreachable
from parkgeo.assess.access.trucks import LIMITS, truck_unreachable

__all__ = ["LIMITS", "Approach", "no_frontage", "truck_unreachable", "unreachable"]
