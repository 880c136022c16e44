"""Land put together: which parcels can be joined into one site, around which wish, against what, and at what cost."""

from __future__ import annotations

from parkgeo.planning.assembly.combinations import Combinations, Pool, Wish, combinations
from parkgeo.planning.assembly.cost import bringing_in_wan
from parkgeo.planning.assembly.joins import Joins, Streets, groups, joins, site_id, whole_ground

__all__ = [
    "Combinations", "Joins", "Pool", "Streets", "Wish", "bringing_in_wan", "combinations", "groups", "joins", "site_id", "whole_ground",
]  # fmt: skip
