"""Companies, parcels and the park in one period: land, totals, figures per land and per each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.metrics.attribution import LAND_BASES, land_mean
from parkgeo.metrics.productivity import FLOWS, per_land, ratios
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.metrics.attribution import Spread, Stays
    from parkgeo.metrics.returns import PeriodReturns

__all__ = ["company_rows", "parcel_figures", "parcel_rows", "told_of"]

_CONTROLLED = ("output_wan", "tax_wan")
CAPACITY = "capacity_use"
"""The one measure that is a share: it has a mean, no sum."""


def company_rows(
    stays: Stays, returns: PeriodReturns, measures: Sequence[str], labels: pd.DataFrame
) -> pd.DataFrame:
    """A row for each company that filed for the period or, of a year, had land in it.

    Parameters
    ----------
    stays, returns
        Of one period.
    measures
        Columns of the returns.
    labels
        ``enterprise_id`` and what else is said of each company, in the order of ``stays.of.companies``.

    Returns
    -------
    pandas.DataFrame
        The labels, ``year``, ``month`` where it is one, ``returns`` and ``parcels`` (counts), ``land_m2`` and ``land_mu``
        (day-weighted; NaN where there is none or a part is not known), ``land_basis``, each measure (NaN where it is not
        certain), then per mu, per ha, and the ratios. In the order of ``stays.of.companies``.
    """
    month = stays.period.month
    at = told_of(stays, returns)
    land = np.where(stays.land_m2[at] > 0, stays.land_m2[at], np.nan)
    totals = _columns(measures, returns.figures[at])
    when = {"year": stays.period.year} | ({"month": month} if month else {})
    head = {
        **labels.take(at).reset_index(drop=True),
        **{name: np.full(len(at), value) for name, value in when.items()},
        "returns": returns.rows[at],
        "parcels": stays.parcels_of[at],
        "land_m2": land,
        "land_mu": land / M2_PER_MU,
        "land_basis": pd.array([*LAND_BASES, None], dtype="str").take(stays.basis[at].astype(np.intp) % 4),
    }
    units = ("mu",) if month else ("mu", "ha")
    return pd.DataFrame(
        head | dict(totals) | dict(per_land(totals, land, units=units)) | dict(ratios(totals)), copy=False
    )


def told_of(stays: Stays, returns: PeriodReturns) -> NDArray[np.intp]:
    """Positions of the companies that filed for the period or, of a year, had land in it."""
    filed_or_there = (returns.rows > 0) | (not stays.period.month and stays.parcels_of > 0)
    return np.flatnonzero(filed_or_there)


def _columns(names: Sequence[str], values: NDArray[np.float64]) -> pd.DataFrame:
    """A table of figures whose columns stay apart: nothing is copied to put them together."""
    wide = np.asfortranarray(values)
    return pd.DataFrame(
        {name: wide[:, at] for at, name in enumerate(names)}, index=range(len(wide)), copy=False
    )


def parcel_figures(
    stays: Stays,
    found: Spread,
    returns: PeriodReturns,
    measures: Sequence[str],
    site_area_m2: NDArray[np.float64],
) -> pd.DataFrame:
    """Every parcel's figures of the period: totals, per mu, ratios, capacity use.

    Parameters
    ----------
    stays, found, returns
        Of one period.
    measures
        Columns of the returns.
    site_area_m2
        Of each parcel.

    Returns
    -------
    pandas.DataFrame
        In the order of ``stays.of.parcels``; NaN where no company is, or one has no certain figure.
    """
    flows = {name: found.parcels[:, at] for at, name in enumerate(measures) if name in FLOWS}
    totals = pd.DataFrame(flows, index=range(len(found.parcels)), copy=False)
    if CAPACITY in measures:
        totals[CAPACITY] = land_mean(stays, returns.figures[:, list(measures).index(CAPACITY)])
    figures = dict(totals) | dict(per_land(totals, site_area_m2, units=("mu",))) | dict(ratios(totals))
    return pd.DataFrame(figures, index=totals.index, copy=False)


def parcel_rows(
    stays: Stays, figures: pd.DataFrame, ids: pd.Series[str]
) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """A row for each parcel that a company was on.

    Parameters
    ----------
    stays
        Of the period.
    figures
        See `parcel_figures`.
    ids
        Of the parcels.

    Returns
    -------
    tuple of pandas.DataFrame and numpy.ndarray
        ``parcel_id``, ``year``, ``companies`` (number of them), the figures, and output and tax per ha as the control indicators
        have them; and the rows' positions among the parcels.
    """
    at = np.flatnonzero(stays.occupied)
    head = {
        "parcel_id": ids.take(at).reset_index(drop=True),
        "year": np.full(len(at), stays.period.year),
        "companies": stays.companies_on()[at],
    }
    own = {str(name): column.to_numpy()[at] for name, column in figures.items()}
    mu_per_ha = M2_PER_HA / M2_PER_MU
    hectares = {
        f"{name}_per_ha": own[f"{name}_per_mu"] * mu_per_ha for name in _CONTROLLED if f"{name}_per_mu" in own
    }
    return pd.DataFrame(head | own | hectares, copy=False), at
