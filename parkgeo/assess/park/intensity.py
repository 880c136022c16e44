"""How densely built land is used: floor area, coverage and companies' figures over A and A2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.contracts import numbers
from parkgeo.assess.park.rows import indicator_gap, over
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["land_intensity"]

_NO_LAND = "The park has no built land of that use."
_FORM = "Of {count} built parcels this is not known. Ask for a layer of buildings with kind and floors."
_RETURNS = "No company's return is known on built land of that use. Ask for who occupies which parcel, and for the yearly returns."

# indicator, column, whether over industrial land only, benchmark
_SHARES = (
    ("overall_far", "floor_area_m2", False, "far"),
    ("overall_building_density", "footprint_m2", False, "building_density"),
    ("industrial_far", "floor_area_m2", True, "industrial_far"),
    ("industrial_building_coefficient", "building_coefficient", True, "industrial_building_coefficient"),
)
_YIELDS = (
    ("industrial_fixed_assets_wan_per_ha", "fixed_assets_wan_per_mu", True),
    ("industrial_output_wan_per_ha", "output_wan_per_mu", True),
    ("industrial_tax_wan_per_ha", "tax_wan_per_mu", True),
    ("overall_tax_wan_per_ha", "tax_wan_per_mu", False),
)


def land_intensity(
    parcels: pd.DataFrame, classes: pd.DataFrame, rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Rows over the built land of one park.

    Parameters
    ----------
    parcels
        ``site_area_m2`` and the metrics, of one park.
    classes
        From `parkgeo.assess.park.land_use.land_classes`, on the same index.
    rules
        The packs in force, for benchmarks.

    Returns
    -------
    tuple
        Rows; gaps. Built form is missing while any parcel's is. Companies' figures are over the land whose returns are known,
        and the denominator says how much that is.
    """
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64)
    built = classes["built"].to_numpy(dtype=np.float64) == 1
    industrial = built & (classes["use"].to_numpy(dtype=object) == "industrial")
    rows, gaps = [], []
    for name, column, only_industrial, benchmark in _SHARES:
        own = industrial if only_industrial else built
        part = numbers(parcels, column)[own] * (area[own] if column == "building_coefficient" else 1.0)
        unknown = int(np.isnan(part).sum())
        rows.append(over(name, float(part.sum()), float(area[own].sum()), rules, benchmark=benchmark))
        if not own.any():
            gaps.append(indicator_gap(name, _NO_LAND))
        elif unknown:
            gaps.append(indicator_gap(name, _FORM, count=unknown))
    for name, column, only_industrial in _YIELDS:
        own = industrial if only_industrial else built
        per_mu = np.where(own, numbers(parcels, column), np.nan)
        known = ~np.isnan(per_mu)
        total = float((per_mu[known] * area[known]).sum()) / M2_PER_MU
        rows.append(over(name, total if known.any() else np.nan, float(area[known].sum()) / M2_PER_HA, rules))
        if not known.any():
            gaps.append(indicator_gap(name, _RETURNS if own.any() else _NO_LAND))
    return rows, gaps
