"""Rule packs: the one home of thresholds, benchmarks, weights and clauses, each figure with its source."""

from __future__ import annotations

from parkgeo.packs.pack import Figure, Pack, RuleBook, load_packs, shipped_packs

__all__ = ["Figure", "Pack", "RuleBook", "load_packs", "shipped_packs"]
