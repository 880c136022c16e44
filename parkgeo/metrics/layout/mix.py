"""What ground is used for: areas, shares and mix of groups of uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.coverage import covered_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["entropy", "group_areas", "shares"]


def group_areas(
    area_m2: NDArray[np.float64],
    group: NDArray[np.intp],
    owner: NDArray[np.intp],
    *,
    groups: int,
    owners: int,
) -> NDArray[np.float64]:
    """Area of each group of uses in each place.

    Parameters
    ----------
    area_m2
        Of each parcel.
    group
        Of each parcel, a number below ``groups``; -1 where its use is not known.
    owner
        Place of each parcel, a number below ``owners``; -1: none.
    groups, owners
        How many there are.

    Returns
    -------
    numpy.ndarray
        Owners × (groups + 1), m²; the last column is ground of unknown use.

    Examples
    --------
    >>> one = np.zeros(3, dtype=np.intp)
    >>> group_areas(np.array([10.0, 20.0, 5.0]), np.array([0, 1, -1]), one, groups=2, owners=1).tolist()
    [[10.0, 20.0, 5.0]]
    """
    kept = owner >= 0
    column = np.where(group[kept] < 0, groups, group[kept])
    place = owner[kept] * (groups + 1) + column
    found = np.bincount(place, weights=area_m2[kept], minlength=owners * (groups + 1))
    return found.astype(np.float64).reshape(owners, groups + 1)


def shares(areas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of each group in the ground of known use.

    Parameters
    ----------
    areas
        Of `group_areas`.

    Returns
    -------
    numpy.ndarray
        Owners × groups, 0 to 1; a row of NaN where nothing is known.

    Examples
    --------
    >>> shares(np.array([[30.0, 10.0, 99.0], [0.0, 0.0, 5.0]])).tolist()
    [[0.75, 0.25], [nan, nan]]
    """
    known = areas[:, :-1]
    return covered_share(known, known.sum(axis=1, keepdims=True))


def entropy(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mix of uses: Shannon's entropy of the shares over that of equal shares.

    Parameters
    ----------
    share
        Of `shares`, a row a place.

    Returns
    -------
    numpy.ndarray
        0 (one use) to 1 (all groups alike); NaN where the shares are missing.

    Notes
    -----
    −Σ p·ln p ÷ ln k over k groups, p·ln p being 0 for p = 0.

    References
    ----------
    Cervero, R. and Kockelman, K. (1997). Travel demand and the 3Ds. Transportation Research D 2(3), 199-219.

    Examples
    --------
    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0], [np.nan, np.nan]])).round(9).tolist()
    [1.0, 0.0, nan]
    """
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    mixed: NDArray[np.float64] = -(share * logs).sum(axis=1) / np.log(share.shape[1])
    return np.clip(mixed, 0.0, 1.0) + 0.0  # one use has 0, not -0
