"""What would be: layers as they would be after changes, and what differs then."""

from __future__ import annotations

from parkgeo.planning.difference import Difference, differences, park_differences
from parkgeo.planning.scenario import Changed, Effect, applied, faults_of

__all__ = ["Changed", "Difference", "Effect", "applied", "differences", "faults_of", "park_differences"]
