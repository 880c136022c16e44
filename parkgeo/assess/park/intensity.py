"""How densely built land is used: floor area, coverage and companies' figures over A and A2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.contracts import has_code, numbers
from parkgeo.assess.land_codes import use_prefixes
from parkgeo.assess.park.land_use import use_codes
from parkgeo.assess.park.rows import indicator_gap, over
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["INTENSITIES", "land_intensity"]

_NO_LAND = "The park has no built land of that use."
_NO_USE = "Of none of the built land it is known that it is of that use. Ask for the parcels' land-use codes, or for a pack that says what the codes mean."
_WAITING = "Of {ha} ha of built land that is neither housing nor public the tax is not known, so only the least is: known tax over all built land. Ask for who occupies which parcel, and for the yearly returns."
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
    ("industrial_fixed_assets_wan_per_ha", "fixed_assets_wan_per_mu"),
    ("industrial_output_wan_per_ha", "output_wan_per_mu"),
    ("industrial_tax_wan_per_ha", "tax_wan_per_mu"),
)
INTENSITIES = (*(column for _, column, *_ in _SHARES), *(column for _, column in _YIELDS))
"""Columns of the parcels that are summed."""


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
        Rows; gaps. Built form is missing while any parcel's is. Companies' figures of A2 are over the land whose returns
        are known, and the denominator says how much that is; overall tax is over all of A, or only its least is known.
    """
    area = parcels["site_area_m2"].to_numpy(dtype=np.float64)
    built = classes["built"].to_numpy(dtype=np.float64) == 1
    use = classes["use"]
    industrial = built & (use == "industrial").to_numpy(dtype=bool)
    rows, gaps = [], []
    for name, column, only_industrial, benchmark in _SHARES:
        own = industrial if only_industrial else built
        part = numbers(parcels, column)[own] * (area[own] if column == "building_coefficient" else 1.0)
        unknown = int(np.isnan(part).sum())
        rows.append(over(name, float(part.sum()), float(area[own].sum()), rules, benchmark=benchmark))
        if not own.any():
            gaps.append(indicator_gap(name, _no_land(built, use) if only_industrial else _NO_LAND))
        elif unknown:
            gaps.append(indicator_gap(name, _FORM, count=unknown))
    for name, column in _YIELDS:
        per_mu = np.where(industrial, numbers(parcels, column), np.nan)
        known = ~np.isnan(per_mu)
        total = float((per_mu[known] * area[known]).sum()) / M2_PER_MU
        rows.append(over(name, total if known.any() else np.nan, float(area[known].sum()) / M2_PER_HA, rules))
        if not known.any():
            gaps.append(indicator_gap(name, _RETURNS if industrial.any() else _no_land(built, use)))
    row, gap = _overall_tax(parcels, classes, area, rules)
    return [*rows, row], [*gaps, *gap]


def _no_land(own: NDArray[np.bool_], use: pd.Series[Any]) -> str:
    """Why there is no industrial land: none is built, or of what use it is is not known."""
    return _NO_USE if bool(use[own].isna().any()) else _NO_LAND


def _overall_tax(
    parcels: pd.DataFrame, classes: pd.DataFrame, area: NDArray[np.float64], rules: RuleBook
) -> tuple[dict[str, Any], list[Gap]]:
    """Tax of all companies over all built land; where not all returns are known, only the least that it may be.

    Housing and land that is not to be built on pay no company's tax, and leave nothing open.
    """
    name = "overall_tax_wan_per_ha"
    built = classes["built"].to_numpy(dtype=np.float64) == 1
    per_mu = np.where(built, numbers(parcels, "tax_wan_per_mu"), np.nan)
    known = ~np.isnan(per_mu)
    public = has_code(use_codes(parcels), use_prefixes(rules, "land.not_built_on"))
    waiting = built & ~known & ~public & (classes["use"] != "residential").to_numpy(dtype=bool)
    total = float((per_mu[known] * area[known]).sum()) / M2_PER_MU if known.any() else np.nan
    row = over(name, total, float(area[built].sum()) / M2_PER_HA, rules)
    if not known.any():
        return row, [indicator_gap(name, _RETURNS if built.any() else _NO_LAND)]
    if not waiting.any():
        return row, []
    least, ha = row["value"], round(float(area[waiting].sum()) / M2_PER_HA, 2)
    return row | {"value": np.nan, "low": least, "high": np.nan}, [indicator_gap(name, _WAITING, ha=ha)]
