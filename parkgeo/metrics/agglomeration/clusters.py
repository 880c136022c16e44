"""Where like stands beside like: local Moran, Getis-Ord G*, and Moran's I of the whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.metrics.agglomeration.permutation import adjusted_p, chance_of_lag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.metrics.agglomeration.weights import Weights

__all__ = ["CLUSTERS", "GlobalMoran", "LocalMoran", "getis_ord_star", "global_moran", "local_moran"]

CLUSTERS = ("high_high", "low_low", "high_low", "low_high", "not_significant")
"""What a place is beside its neighbours: itself first, then they."""

_LEAST = 4  # values below which nothing is said: the variance under chance needs them


class GlobalMoran(NamedTuple):
    """Moran's I of all, what chance gives, and how far that is, in standard deviations and as a probability."""

    statistic: float
    expected: float
    z: float
    p: float


class LocalMoran(NamedTuple):
    """For each place: local I, pseudo p, p adjusted for the number of places, and position in `CLUSTERS` (-1: none)."""

    statistic: NDArray[np.float64]
    p: NDArray[np.float64]
    adjusted_p: NDArray[np.float64]
    cluster: NDArray[np.int8]


def global_moran(values: NDArray[np.float64], weights: Weights) -> GlobalMoran:
    """Moran's I with row-standardised weights.

    Parameters
    ----------
    values
        Without NaN.
    weights
        On the same positions.

    Returns
    -------
    GlobalMoran
        I = n ÷ S0 × Σ z × mean z of the neighbours ÷ Σ z²; z and two-sided p by the moments under random layout. All NaN for fewer
        than four values, where all are equal, or where all are islands.

    References
    ----------
    Moran, P. A. P. (1950), Notes on Continuous Stochastic Phenomena, Biometrika 37. Cliff, A. D., Ord, J. K. (1981), Spatial
    Processes, on the variance under randomisation.

    Examples
    --------
    >>> import shapely
    >>> from parkgeo.metrics.agglomeration.weights import neighbours
    >>> row = neighbours(shapely.box(np.arange(4.0), 0, np.arange(1.0, 5.0), 1))
    >>> round(global_moran(np.array([0.0, 0.0, 1.0, 1.0]), row).statistic, 6)
    0.5
    """
    nothing = GlobalMoran(np.nan, np.nan, np.nan, np.nan)
    n = len(values)
    if n < _LEAST or weights.islands.all() or not np.ptp(values) > 0:
        return nothing
    z = values - values.mean()
    square = float(np.square(z).sum())
    rows = (~weights.islands).astype(np.float64)
    s0 = float(rows.sum())
    statistic = n / s0 * float(z @ np.nan_to_num(weights.lag(z))) / square
    expected = -1.0 / (n - 1)
    each = 1.0 / weights.degree[weights.at]
    s1 = 0.5 * float(np.square(each + 1.0 / weights.degree[weights.other]).sum())
    columns = np.bincount(weights.other, weights=each, minlength=n)
    s2 = float(np.square(rows + columns).sum())
    kurtosis = n * float((z**4).sum()) / square**2
    a = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    if not variance > 0:
        return GlobalMoran(statistic, expected, np.nan, np.nan)
    score = (statistic - expected) / math.sqrt(variance)
    return GlobalMoran(statistic, expected, score, math.erfc(abs(score) / math.sqrt(2.0)))


def local_moran(
    values: NDArray[np.float64], weights: Weights, *, alpha: float, permutations: int, seed: int
) -> LocalMoran:
    """Local Moran's I with conditional permutation, and which places stand out once the number of tests is allowed for.

    Parameters
    ----------
    values
        Without NaN.
    weights
        On the same positions, row-standardised.
    alpha
        Share of false ones among the places called significant that is put up with (false discovery rate).
    permutations, seed
        As in `parkgeo.metrics.agglomeration.permutation.chance_of_lag`.

    Returns
    -------
    LocalMoran
        I = (n - 1) × z × mean z of the neighbours ÷ Σ z², z the difference from the mean. Islands, fewer than four values and values
        that are all equal give NaN and no cluster.

    References
    ----------
    Anselin, L. (1995), Local Indicators of Spatial Association, Geographical Analysis 27. Benjamini, Y., Hochberg, Y. (1995), as in
    `parkgeo.metrics.agglomeration.permutation.adjusted_p`; Caldas de Castro, M., Singer, B. H. (2006), Geographical Analysis 38,
    on its use for local statistics.

    Examples
    --------
    >>> import shapely
    >>> from parkgeo.metrics.agglomeration.weights import neighbours
    >>> y, x = np.divmod(np.arange(64.0), 8)
    >>> board = neighbours(shapely.box(x, y, x + 1, y + 1))
    >>> corner = np.where((x < 3) & (y < 3), 9.0, 1.0)
    >>> found = local_moran(corner, board, alpha=0.05, permutations=9999, seed=1)
    >>> CLUSTERS[found.cluster[9]], CLUSTERS[found.cluster[60]]
    ('high_high', 'not_significant')
    """
    n = len(values)
    cluster = np.full(n, -1, dtype=np.int8)
    blank = np.full(n, np.nan)
    if n < _LEAST or not np.ptp(values) > 0:
        return LocalMoran(blank, blank, blank, cluster)
    z = values - values.mean()
    lag = weights.lag(z)
    statistic = (n - 1) * z * lag / np.square(z).sum()
    p = chance_of_lag(values, weights, permutations=permutations, seed=seed)
    adjusted = adjusted_p(p)
    high, near = z > 0, lag > 0
    kind = np.select([high & near, ~high & ~near, high & ~near], [0, 1, 2], default=3)
    tested = ~np.isnan(adjusted)
    cluster[tested] = np.where(adjusted[tested] <= alpha, kind[tested], 4)
    return LocalMoran(statistic, p, adjusted, cluster)


def getis_ord_star(values: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Getis and Ord's G* of each place, itself among its neighbours, in standard deviations.

    Parameters
    ----------
    values
        Without NaN.
    weights
        On the same positions; every neighbour and the place itself weigh the same.

    Returns
    -------
    numpy.ndarray
        z = (Σ x − k × mean) ÷ (s × √((n × k − k²) ÷ (n − 1))), the sum over the k places of the neighbourhood; above 0 among high
        values, below 0 among low ones. NaN for islands, fewer than four values, where all are equal, and where all are near.

    References
    ----------
    Ord, J. K., Getis, A. (1995), Local Spatial Autocorrelation Statistics, Geographical Analysis 27.

    Examples
    --------
    >>> import shapely
    >>> from parkgeo.metrics.agglomeration.weights import neighbours
    >>> row = neighbours(shapely.box(np.arange(5.0), 0, np.arange(1.0, 6.0), 1))
    >>> getis_ord_star(np.array([9.0, 9.0, 1.0, 1.0, 1.0]), row).round(3).tolist()
    [2.0, 1.333, -0.333, -2.0, -1.333]
    """
    n = len(values)
    if n < _LEAST or not np.ptp(values) > 0:
        return np.full(n, np.nan)
    near = weights.degree + 1.0
    spread = values.std() * np.sqrt((n * near - near**2) / (n - 1))
    known = (weights.degree > 0) & (near < n)
    above = weights.total(values) + values - near * values.mean()
    found: NDArray[np.float64] = np.divide(above, spread, out=np.full(n, np.nan), where=known)
    return found
