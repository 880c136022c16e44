"""Rule packs: the one home of thresholds, benchmarks, weights and clauses, each figure with its source."""

from __future__ import annotations

from parkgeo.packs.book import COMMON, RuleBook, book_of, load_packs, shipped_packs
from parkgeo.packs.check import Checked, Remark, check_pack
from parkgeo.packs.figure import Figure
from parkgeo.packs.reading import Pack
from parkgeo.packs.starter import starter

__all__ = [
    "COMMON",
    "Checked",
    "Figure",
    "Pack",
    "Remark",
    "RuleBook",
    "book_of",
    "check_pack",
    "load_packs",
    "shipped_packs",
    "starter",
]
