"""How many facilities, and how much of what they offer, a parcel reaches within a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["opportunities", "served", "weight_within"]


def opportunities(
    owner: NDArray[np.intp],
    minutes: NDArray[np.float64],
    connected: NDArray[np.bool_],
    *,
    within_min: float,
) -> NDArray[np.float64]:
    """Number of facilities that each parcel reaches within a time (cumulative opportunities).

    Parameters
    ----------
    owner, minutes
        Of each pair: position of the parcel, and minutes.
    connected
        Of each parcel, whether it has a gate on the road network.
    within_min
        Minutes; a facility at exactly so many counts.

    Returns
    -------
    numpy.ndarray
        float64, a number a parcel, 0 or more; 0 where it has a gate and reaches none, NaN where it has no gate.

    References
    ----------
    Ingram 1971, The concept of accessibility; Hansen 1959.

    Examples
    --------
    Two parcels with a gate and one without; the first has facilities at 10 and at 40 minutes.

    >>> import numpy as np
    >>> connected = np.array([True, True, False])
    >>> opportunities(np.array([0, 0]), np.array([10.0, 40.0]), connected, within_min=30.0).tolist()
    [1.0, 0.0, nan]
    """
    near = minutes <= within_min
    count = np.bincount(owner[near], minlength=len(connected)).astype(np.float64)
    return np.where(connected, count, np.nan)


def weight_within(
    facility: NDArray[np.intp],
    owner: NDArray[np.intp],
    minutes: NDArray[np.float64],
    weight: NDArray[np.float64],
    connected: NDArray[np.bool_],
    *,
    within_min: float,
) -> NDArray[np.float64]:
    """Sum of the weights of the facilities that each parcel reaches within a time.

    Parameters
    ----------
    facility, owner, minutes
        Of each pair.
    weight
        Of each facility, in its own unit: beds, berths, jobs.
    connected
        Of each parcel, whether it has a gate on the road network.
    within_min
        Minutes; a facility at exactly so many counts.

    Returns
    -------
    numpy.ndarray
        float64, in the weights' unit; 0 where a parcel has a gate and reaches none. NaN where it has no gate, and where a
        facility that it reaches has no weight: a sum of the others would be another figure.

    Examples
    --------
    >>> import numpy as np
    >>> pairs = np.array([0, 1]), np.array([0, 0]), np.array([10.0, 20.0])
    >>> weight_within(*pairs, np.array([3.0, 4.0]), np.array([True]), within_min=30.0).tolist()
    [7.0]
    """
    near = minutes <= within_min
    total = np.bincount(owner[near], weights=weight[facility[near]], minlength=len(connected))
    return np.where(connected, total, np.nan)


def served(
    minutes: NDArray[np.float64], connected: NDArray[np.bool_], *, within_min: float
) -> NDArray[np.float64]:
    """Whether each parcel's nearest facility lies within a time.

    Parameters
    ----------
    minutes
        To the nearest facility of a kind, of each parcel; NaN where none is reached.
    connected
        Of each parcel, whether it has a gate on the road network.
    within_min
        Minutes; exactly so many is within.

    Returns
    -------
    numpy.ndarray
        float64: 1 within, 0 beyond or not reached, NaN where the parcel has no gate.

    Examples
    --------
    >>> import numpy as np
    >>> minutes = np.array([15.0, 15.1, np.nan, np.nan])
    >>> served(minutes, np.array([True, True, True, False]), within_min=15.0).tolist()
    [1.0, 0.0, 0.0, nan]
    """
    return np.where(connected, (minutes <= within_min).astype(np.float64), np.nan)
