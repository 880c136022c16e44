"""How much of a whole the largest part has, and how few parts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["evenness", "herfindahl", "largest_share"]


def _shares(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of the parts above 0; none where there is no such part."""
    own = parts[parts > 0]
    shares: NDArray[np.float64] = own / own.sum()
    return shares


def largest_share(parts: NDArray[np.float64]) -> float:
    """Share of the largest part.

    Parameters
    ----------
    parts
        Such as companies' output; what is missing or not above 0 is left out.

    Returns
    -------
    float
        0 to 1; NaN where nothing is known.

    Examples
    --------
    >>> largest_share(np.array([6.0, 3.0, 1.0, np.nan]))
    0.6
    """
    return float(_shares(parts).max(initial=-1.0)) if (parts > 0).any() else np.nan


def herfindahl(parts: NDArray[np.float64]) -> float:
    """Concentration of the parts: Σ share².

    Parameters
    ----------
    parts
        Such as companies' output; what is missing or not above 0 is left out.

    Returns
    -------
    float
        1 ÷ parts where all are equal, 1 where there is one; NaN where nothing is known.

    References
    ----------
    Herfindahl, O. C. (1950), Concentration in the Steel Industry; Hirschman, A. O. (1964), American Economic Review 54.

    Examples
    --------
    >>> herfindahl(np.array([1.0, 1.0, 1.0, 1.0]))
    0.25
    """
    return float(np.square(_shares(parts)).sum()) if (parts > 0).any() else np.nan


def evenness(parts: NDArray[np.float64]) -> float:
    """How evenly a whole is spread over its parts: entropy ÷ the most that so many parts may have.

    Returns
    -------
    float
        0 (one part) to 1 (all equal); NaN where nothing is known.

    References
    ----------
    Shannon, C. E. (1948), A Mathematical Theory of Communication; Pielou, E. C. (1966), on its evenness.

    Examples
    --------
    >>> evenness(np.array([2.0, 2.0])), evenness(np.array([2.0]))
    (1.0, 0.0)
    """
    shares = _shares(parts)
    if not len(shares):
        return np.nan
    return float(-(shares * np.log(shares)).sum() / np.log(len(shares))) if len(shares) > 1 else 0.0
