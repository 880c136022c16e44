"""Two-step floating catchment areas: supply for each person, shared with everyone else who reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Catchment", "band_weight", "enhanced_two_step", "two_step"]


class Catchment(NamedTuple):
    """What the two steps give.

    Attributes
    ----------
    access
        Of each parcel, supply for one person; NaN where it has no gate, or where the ratio of a facility in its reach is not
        known; 0 where it has a gate and reaches none.
    at_most
        The same with people counted only where their number is known: more people would make it less. Equal to ``access``
        where that is known; NaN where a facility in reach has no known supply, or nobody known to share it with.
    ratio
        Of each facility, its supply ÷ the people in its reach. NaN where its supply is not known, the number of people on a parcel
        in its reach is not, or nobody is in its reach; 0 where it supplies nothing.
    """

    access: NDArray[np.float64]
    at_most: NDArray[np.float64]
    ratio: NDArray[np.float64]


def two_step(
    facility: NDArray[np.intp],
    owner: NDArray[np.intp],
    minutes: NDArray[np.float64],
    supply: NDArray[np.float64],
    demand: NDArray[np.float64],
    connected: NDArray[np.bool_],
    *,
    within_min: float,
) -> Catchment:
    """Supply for each person by two-step floating catchment areas (2SFCA).

    Parameters
    ----------
    facility, owner, minutes
        Of each pair.
    supply
        Of each facility, 0 or more: beds, seats, vehicles.
    demand
        Of each parcel, 0 or more: staff; NaN where it is not known.
    connected
        Of each parcel, whether it has a gate on the road network.
    within_min
        Size of the catchment in minutes; exactly so many is within.

    Returns
    -------
    Catchment
        In units of supply a person.

    Notes
    -----
    Step 1, for each facility j: R_j = supply_j ÷ Σ demand of the parcels within reach of it. Step 2, for each parcel i:
    access_i = Σ R_j of the facilities within reach of it. So Σ access_i · demand_i over all parcels is the supply of all
    facilities that anybody reaches.

    References
    ----------
    Luo and Wang 2003, Measures of spatial accessibility to health care in a GIS environment, doi:10.1068/b29120.

    Examples
    --------
    A clinic with 6 beds within reach of two parcels with 10 and 20 people.

    >>> import numpy as np
    >>> pairs = np.array([0, 0]), np.array([0, 1]), np.array([5.0, 9.0])
    >>> people, gates = np.array([10.0, 20.0]), np.array([True, True])
    >>> two_step(*pairs, np.array([6.0]), people, gates, within_min=15.0).access.tolist()
    [0.2, 0.2]
    """
    return enhanced_two_step(
        facility, owner, minutes, supply, demand, connected, steps_min=(within_min,), weights=(1.0,)
    )


def enhanced_two_step(
    facility: NDArray[np.intp],
    owner: NDArray[np.intp],
    minutes: NDArray[np.float64],
    supply: NDArray[np.float64],
    demand: NDArray[np.float64],
    connected: NDArray[np.bool_],
    *,
    steps_min: Sequence[float],
    weights: Sequence[float],
) -> Catchment:
    """Supply for each person by enhanced two-step floating catchment areas (E2SFCA): nearer bands of time weigh more.

    Parameters
    ----------
    facility, owner, minutes
        Of each pair.
    supply
        Of each facility, 0 or more.
    demand
        Of each parcel, 0 or more; NaN where it is not known.
    connected
        Of each parcel, whether it has a gate on the road network.
    steps_min, weights
        Where each band ends, in minutes, and its weight; see `band_weight`.

    Returns
    -------
    Catchment
        In units of supply a person.

    Raises
    ------
    PackError
        The bands are none that can be used, see `band_weight`.

    Notes
    -----
    R_j = supply_j ÷ Σ w(t_ij) · demand_i, access_i = Σ w(t_ij) · R_j, with the weight w of the band that the minutes t_ij lie in.

    References
    ----------
    Luo and Qi 2009, An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial accessibility to primary
    care physicians.

    Examples
    --------
    A clinic with 6 beds: 10 people at 5 minutes weigh 1, 20 people at 9 minutes weigh one half, so 20 share it.

    >>> import numpy as np
    >>> pairs = np.array([0, 0]), np.array([0, 1]), np.array([5.0, 9.0])
    >>> people, gates, bands = np.array([10.0, 20.0]), np.array([True, True]), {"steps_min": (5, 15), "weights": (1, 0.5)}
    >>> enhanced_two_step(*pairs, np.array([6.0]), people, gates, **bands).access.tolist()
    [0.3, 0.15]
    """
    counted = band_weight(minutes, steps_min=steps_min, weights=weights)
    near = counted > 0
    facility, owner, counted = facility[near], owner[near], counted[near]
    ratio = _ratio(facility, counted * demand[owner], supply)
    at_most = _ratio(facility, counted * np.nan_to_num(demand)[owner], supply)
    access, most = (
        np.where(
            connected, np.bincount(owner, weights=counted * each[facility], minlength=len(connected)), np.nan
        )
        for each in (ratio, at_most)
    )
    return Catchment(access, most, ratio)


def _ratio(
    facility: NDArray[np.intp], people: NDArray[np.float64], supply: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Supply of each facility for one of the people in its reach."""
    sharing = np.bincount(facility, weights=people, minlength=len(supply))
    ratio = np.divide(supply, sharing, out=np.full(len(supply), np.nan), where=sharing > 0)
    # What supplies nothing supplies nobody, however many there are.
    return np.where(supply == 0, 0.0, ratio)


def band_weight(
    minutes: NDArray[np.float64], *, steps_min: Sequence[float], weights: Sequence[float]
) -> NDArray[np.float64]:
    """Weight of the band of time that each pair lies in.

    Parameters
    ----------
    minutes
        Of each pair; NaN or infinite where there is no way.
    steps_min
        Where each band ends, rising; exactly so many minutes is still within.
    weights
        Of each band, 0 or more, none higher than the one before: what is farther never counts more.

    Returns
    -------
    numpy.ndarray
        float64; 0 beyond the last band and where there is no way.

    Raises
    ------
    PackError
        There is no band, not one weight for each, steps that do not rise, or weights that rise or are negative.

    Examples
    --------
    >>> import numpy as np
    >>> band_weight(np.array([5.0, 5.1, 15.1, np.nan]), steps_min=(5, 15), weights=(1, 0.68)).tolist()
    [1.0, 0.68, 0.0, 0.0]
    """
    step, weight = np.asarray(steps_min, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if len(step) == 0 or len(step) != len(weight):
        raise PackError(
            f"{len(step)} bands of time and {len(weight)} weights", mend="give each band one weight"
        )
    if not (np.all(np.diff(step) > 0) and step[0] >= 0):
        raise PackError(
            f"bands that end at {_listed(step)} minutes", mend="let each end later than the one before"
        )
    if not (np.all(np.diff(weight) <= 0) and weight[-1] >= 0):
        raise PackError(
            f"bands of time that weigh {_listed(weight)}",
            mend="let none weigh more than the one before it, and none less than 0",
        )
    # NaN and infinity sort behind every step, as what is beyond the last one does.
    found: NDArray[np.float64] = np.append(weight, 0.0)[np.searchsorted(step, minutes, side="left")]
    return found


def _listed(values: NDArray[np.float64]) -> str:
    return ", ".join(f"{value:g}" for value in values)
