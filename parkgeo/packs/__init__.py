"""Rule packs: the one home of thresholds, benchmarks, weights and clauses, each figure with its source."""

from __future__ import annotations

from parkgeo.packs.book import COMMON, RuleBook, load_packs, shipped_packs
from parkgeo.packs.figure import Figure
from parkgeo.packs.reading import Pack

__all__ = ["COMMON", "Figure", "Pack", "RuleBook", "load_packs", "shipped_packs"]
