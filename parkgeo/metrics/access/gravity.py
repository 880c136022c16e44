"""Access as the sum of all that can be reached, the less the farther it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.errors import PackError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decay", "gravity"]


def decay(minutes: NDArray[np.float64], *, half_min: float) -> NDArray[np.float64]:
    """What of a facility's weight counts at a distance in time: 2^(−minutes ÷ half-life).

    Parameters
    ----------
    minutes
        0 or more; infinite where there is no way.
    half_min
        Half-life in minutes: each so many more halve the weight.

    Returns
    -------
    numpy.ndarray
        float64, 1 at 0 minutes, 0 at infinity, falling all the way; NaN where the minutes are.

    Raises
    ------
    PackError
        The half-life is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> decay(np.array([0.0, 15.0, 30.0, np.inf]), half_min=15.0).tolist()
    [1.0, 0.5, 0.25, 0.0]
    """
    if not half_min > 0:
        raise PackError(f"a half-life of {half_min:g} minutes", mend="give one above 0")
    found: NDArray[np.float64] = np.exp2(-minutes / half_min)
    return found


def gravity(
    facility: NDArray[np.intp],
    owner: NDArray[np.intp],
    minutes: NDArray[np.float64],
    weight: NDArray[np.float64],
    connected: NDArray[np.bool_],
    *,
    half_min: float,
    within_min: float = np.inf,
) -> NDArray[np.float64]:
    """Sum of the weights of facilities, each halved with every half-life of minutes to it.

    Parameters
    ----------
    facility, owner, minutes
        Of each pair.
    weight
        Of each facility, 0 or more, in its own unit; 1 for each where they are only counted.
    connected
        Of each parcel, whether it has a gate on the road network.
    half_min
        Half-life in minutes.
    within_min
        What is farther does not count. Of a facility at ``n`` half-lives a share of ``2^−n`` is left out by it.

    Returns
    -------
    numpy.ndarray
        float64, in the weights' unit; 0 where a parcel has a gate and reaches none. NaN where it has no gate, and where a
        facility that it reaches has no weight.

    Raises
    ------
    PackError
        The half-life is not above 0.

    Notes
    -----
    Σ weight · 2^(−minutes ÷ half-life). An exponential decay with the rate ln 2 ÷ half-life; a half-life can be told to
    anybody, a rate cannot.

    References
    ----------
    Hansen 1959, How accessibility shapes land use; the exponential form after Wilson 1971.

    Examples
    --------
    A port of weight 8 at 30 minutes and one of weight 4 at 15, with a half-life of 15: 8 ÷ 4 + 4 ÷ 2.

    >>> import numpy as np
    >>> pairs = np.array([0, 1]), np.array([0, 0]), np.array([30.0, 15.0])
    >>> gravity(*pairs, np.array([8.0, 4.0]), np.array([True]), half_min=15.0).tolist()
    [4.0]
    """
    near = np.isfinite(minutes) & (minutes <= within_min)
    counted = weight[facility[near]] * decay(minutes[near], half_min=half_min)
    total = np.bincount(owner[near], weights=counted, minlength=len(connected))
    return np.where(connected, total, np.nan)
