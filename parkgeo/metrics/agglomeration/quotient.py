"""Location quotients: how much more of an industry a place has than the region that it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["location_quotient", "shares_in"]


def shares_in(amounts: NDArray[np.float64], group: NDArray[np.intp], groups: int) -> NDArray[np.float64]:
    """Share that each row has of its group's total.

    Parameters
    ----------
    amounts
        NaN where not known; such a row has no share and is in no total.
    group
        Of each row.
    groups
        How many there are.

    Returns
    -------
    numpy.ndarray
        NaN where the amount is not known or the total is not above 0.

    Examples
    --------
    >>> shares_in(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]), 2).tolist()
    [0.25, 0.75, 1.0]
    """
    whole = np.bincount(group, weights=np.nan_to_num(amounts), minlength=groups)[group]
    found: NDArray[np.float64] = np.divide(amounts, whole, out=np.full(len(amounts), np.nan), where=whole > 0)
    return found


def location_quotient(share: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of an industry in a place ÷ its share in the reference.

    Parameters
    ----------
    share, reference
        Between 0 and 1, of the same industries; NaN where not known.

    Returns
    -------
    numpy.ndarray
        1: as in the reference; NaN where either is not known or the reference has none of it.

    References
    ----------
    Florence, P. S. (1939), Report on the Location of Industry.

    Examples
    --------
    >>> location_quotient(np.array([0.3, 0.2]), np.array([0.1, np.nan])).round(6).tolist()
    [3.0, nan]
    """
    found: NDArray[np.float64] = np.divide(
        share, reference, out=np.full(len(share), np.nan), where=reference > 0
    )
    return found
