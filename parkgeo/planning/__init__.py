"""What would be: layers as they would be after changes, and what differs then."""

from __future__ import annotations

from parkgeo.planning.difference import Difference, differences, park_differences
from parkgeo.planning.scenario import Changed, Effect, applied

__all__ = ["Changed", "Difference", "Effect", "applied", "differences", "park_differences"]
