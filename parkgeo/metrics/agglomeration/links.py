"""How far apart companies that supply each other are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["company_points", "straight_m"]


def company_points(
    company: NDArray[np.intp],
    parcel: NDArray[np.intp],
    area_m2: NDArray[np.float64],
    centroids: NDArray[np.float64],
    companies: int,
) -> NDArray[np.float64]:
    """Where each company stands: the mean of the centroids of its parcels.

    Parameters
    ----------
    company, parcel
        Positions, a row a holding; -1 is none of them.
    area_m2
        Of each row. They weigh the parcels of a company that states them all; else its parcels weigh the same.
    centroids
        Of the parcels, x and y, metres; shape (parcels, 2).
    companies
        How many there are.

    Returns
    -------
    numpy.ndarray
        Shape (companies, 2), metres; NaN for a company without a parcel.

    Examples
    --------
    >>> at = np.array([[0.0, 0.0], [40.0, 0.0]])
    >>> company_points(np.array([0, 0]), np.array([0, 1]), np.array([1.0, 3.0]), at, 2).tolist()
    [[30.0, 0.0], [nan, nan]]
    """
    rows = np.flatnonzero((company >= 0) & (parcel >= 0))
    own, where, area = company[rows], parcel[rows], area_m2[rows]
    stated = np.bincount(own[area > 0], minlength=companies) == np.bincount(own, minlength=companies)
    weight = np.where(stated[own], area, 1.0)
    whole = np.bincount(own, weights=weight, minlength=companies)
    found = np.full((companies, 2), np.nan)
    for axis in (0, 1):
        summed = np.bincount(own, weights=weight * centroids[where, axis], minlength=companies)
        np.divide(summed, whole, out=found[:, axis], where=whole > 0)
    return found


def straight_m(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Straight distance between points, metres; NaN where either is not known.

    Examples
    --------
    >>> straight_m(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])).tolist()
    [5.0]
    """
    apart: NDArray[np.float64] = np.hypot(start[:, 0] - end[:, 0], start[:, 1] - end[:, 1])
    return apart
