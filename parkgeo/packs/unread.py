"""Figures that the shipped packs hold and no rule reads yet: they are there to be looked up, and change no verdict."""

from __future__ import annotations

__all__ = ["UNREAD"]

UNREAD = frozenset(
    {
        "benchmark.completion_rate_2019",
        "benchmark.development_rate_2019",
        "benchmark.far_2019",
        "benchmark.industrial_fixed_assets_wan_per_ha_2009",
        "benchmark.industrial_land_rate_2019",
        "benchmark.supply_rate_2019",
        "control.binding",
        "control.binding_2008",
        "control.core_floor_share_min",
        "control.far_max",
        "control.far_min",
        "control.far_min_standard_factory",
        "control.green_ratio_max",
        "control.investment_min_by_industry_2008",
        "control.investment_min_by_industry_2023",
        "control.investment_wan_per_mu_min",
        "control.office_floor_share_max",
        "control.office_land_share_max",
        "control.output_wan_per_mu_min",
        "control.recommended",
        "control.tax_wan_per_mu_min",
        "efficiency.min_area_mu",
        "efficiency.priority_below_industry_mean_share",
        "park.area_min_m2",
        "park.factory_area_share_max",
        "park.factory_area_share_min",
        "park.net_to_gross_max",
        "park.net_to_gross_min",
    }
)
"""Keys of those figures; a test holds them against the keys that the code reads."""
