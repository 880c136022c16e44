"""Figures per land and figures per each other: what a company or a parcel makes of mu, energy, emissions and people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from parkgeo.metrics.performance import quotient
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FLOWS", "RATIOS", "Ratio", "per_land", "ratios"]

FLOWS = (
    "output_wan", "value_added_wan", "revenue_wan", "tax_wan", "fixed_assets_wan", "rd_wan", "energy_tce", "electricity_kwh",
    "water_m3", "emission_t", "staff",
)  # fmt: skip
"""Measures that add up over companies and parcels, and so can be divided by land."""

_M2_PER = {"mu": M2_PER_MU, "ha": M2_PER_HA}


@dataclass(frozen=True)
class Ratio:
    """One measure divided by another.

    Attributes
    ----------
    name
        Column.
    over, under
        Measures.
    scale
        Units of ``under`` that one of the ratio's own counts.
    """

    name: str
    over: str
    under: str
    scale: float = 1.0


RATIOS = (
    Ratio("labour_productivity_wan_per_person", "value_added_wan", "staff"),
    Ratio("energy_productivity_wan_per_tce", "value_added_wan", "energy_tce"),
    Ratio("emission_productivity_wan_per_t", "value_added_wan", "emission_t"),
    Ratio("rd_share", "rd_wan", "revenue_wan"),
    Ratio("tax_wan_per_10k_kwh", "tax_wan", "electricity_kwh", 10_000.0),
)
"""What the per-mu evaluation asks for beside figures per mu, and tax per electricity for firms below scale."""


def per_land(
    totals: pd.DataFrame, area_m2: NDArray[np.float64], *, units: Sequence[str] = ("mu", "ha")
) -> pd.DataFrame:
    """Measures per mu and per hectare.

    Parameters
    ----------
    totals
        A column a measure; those it lacks are not in the result.
    area_m2
        Of each row.
    units
        ``mu``, ``ha`` or both.

    Returns
    -------
    pandas.DataFrame
        ``<measure>_per_mu``, then ``<measure>_per_ha``; NaN where either is missing or the area is 0.

    Examples
    --------
    >>> import numpy as np
    >>> per_land(pd.DataFrame({"tax_wan": [30.0]}), np.array([10_000.0])).to_dict("records")
    [{'tax_wan_per_mu': 2.0, 'tax_wan_per_ha': 30.0}]
    """
    return pd.DataFrame(
        {
            f"{name}_per_{unit}": quotient(totals[name].to_numpy(dtype=float), area_m2 / _M2_PER[unit])
            for unit in units
            for name in FLOWS
            if name in totals
        },
        index=totals.index,
        copy=False,
    )


def ratios(totals: pd.DataFrame) -> pd.DataFrame:
    """The ratios whose two measures are there.

    Examples
    --------
    >>> ratios(pd.DataFrame({"value_added_wan": [50.0], "staff": [4.0]})).to_dict("records")
    [{'labour_productivity_wan_per_person': 12.5}]
    """
    return pd.DataFrame(
        {
            ratio.name: quotient(
                totals[ratio.over].to_numpy(dtype=float),
                totals[ratio.under].to_numpy(dtype=float) / ratio.scale,
            )
            for ratio in RATIOS
            if ratio.over in totals and ratio.under in totals
        },
        index=totals.index,
        copy=False,
    )
