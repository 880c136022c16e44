"""How ground is laid out: shape of parcels, blocks between roads, mix of uses, holdings, direction of buildings. Pure functions."""

from __future__ import annotations

from parkgeo.metrics.layout.blocks import Blocks, block_of, blocks_between, dividing_lines, junction_counts
from parkgeo.metrics.layout.holdings import effective_mesh, patches
from parkgeo.metrics.layout.mix import entropy, group_areas, shares
from parkgeo.metrics.layout.shape import (
    Rectangles,
    compactness,
    least_rectangles,
    orientation_spread,
    rectangularity,
)

__all__ = [
    "Blocks",
    "Rectangles",
    "block_of",
    "blocks_between",
    "compactness",
    "dividing_lines",
    "effective_mesh",
    "entropy",
    "group_areas",
    "junction_counts",
    "least_rectangles",
    "orientation_spread",
    "patches",
    "rectangularity",
    "shares",
]
