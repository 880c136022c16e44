"""Pure functions: geometry and columns in, named columns out, missing stays missing."""

from __future__ import annotations

from parkgeo.metrics.catalogue import METRICS, Metric
from parkgeo.metrics.coverage import Coverage, coverage
from parkgeo.metrics.form import (
    area_difference_ratio,
    building_coefficient,
    building_density,
    building_floor_area,
    far,
    site_area,
)
from parkgeo.metrics.performance import SPLIT_METHOD, attribute_performance, per_mu

__all__ = [
    "METRICS",
    "SPLIT_METHOD",
    "Coverage",
    "Metric",
    "area_difference_ratio",
    "attribute_performance",
    "building_coefficient",
    "building_density",
    "building_floor_area",
    "coverage",
    "far",
    "per_mu",
    "site_area",
]
