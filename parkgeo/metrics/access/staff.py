"""Where people work: companies' staff on their parcels, and those who cannot be placed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.attribution import Stays

__all__ = ["Placed", "placed_staff"]

_ROUNDING = 1e-9


class Placed(NamedTuple):
    """Staff on parcels.

    Attributes
    ----------
    on_parcel
        People on each parcel as far as they are known; 0 where none are known to be.
    certain
        Of each parcel, whether that is all: no company on it is without a figure or without a share of one.
    unplaced
        Of each company, people whom it filed and who stand on none of the parcels; 0 where it filed none.
    """

    on_parcel: NDArray[np.float64]
    certain: NDArray[np.bool_]
    unplaced: NDArray[np.float64]


def placed_staff(stays: Stays, staff: NDArray[np.float64]) -> Placed:
    """Put companies' staff on the parcels that they occupy, by occupied area × days.

    Parameters
    ----------
    stays
        Tenancies of the period of the figures.
    staff
        Of each company, people; NaN where it has no certain figure.

    Returns
    -------
    Placed
        ``on_parcel`` and ``unplaced`` add up to the sum of the staff.

    Notes
    -----
    The split is that of every other figure of a company: a company on one parcel has all its staff there, one on several has
    them by area × days, and where an area is not known they cannot be placed. Unlike a sum of money a parcel keeps
    the people that are known where another company's are not, for a share of people served may be over those who are known.

    Examples
    --------
    >>> import pandas as pd
    >>> from parkgeo.metrics.attribution import Stays, named_alike, tenancies, year_of
    >>> where = pd.DataFrame({"enterprise_id": ["a", "a", "b"], "parcel_id": ["p", "q", "q"], "occupied_area_m2": [1.0, 3.0, 5.0]})
    >>> companies, parcels = named_alike(where["enterprise_id"])[0], named_alike(where["parcel_id"])[0]
    >>> stays = Stays.within(tenancies(where, companies, parcels), year_of(2025))
    >>> found = placed_staff(stays, np.array([40.0, np.nan]))
    >>> found.on_parcel.tolist(), found.certain.tolist(), found.unplaced.tolist()
    ([10.0, 30.0], [True, False], [0.0, 0.0])
    """
    parcels, count = len(stays.of.parcels), len(staff)
    people = staff[stays.company] * stays.share
    known = ~np.isnan(people) & (stays.parcel < parcels)
    on_parcel = np.bincount(stays.parcel[known], weights=people[known], minlength=parcels).astype(np.float64)
    open_to = np.bincount(stays.parcel[np.isnan(people)], minlength=parcels + 1)[:-1] > 0
    filed = np.nan_to_num(staff)
    rest = filed - np.bincount(stays.company[known], weights=people[known], minlength=count)
    # What splitting and adding up again leaves is nobody.
    return Placed(on_parcel, ~open_to, np.where(rest <= _ROUNDING * np.maximum(filed, 1.0), 0.0, rest))
