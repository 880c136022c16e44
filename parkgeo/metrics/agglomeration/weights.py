"""Which parcels are neighbours: those that touch, and those across a road."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Weights", "neighbours"]


@dataclass(frozen=True)
class Weights:
    """Who is whose neighbour, both ways; each neighbour of one weighs the same and together they weigh 1.

    Attributes
    ----------
    at, other
        Positions of each pair, sorted; a pair stands in both directions and nobody is its own neighbour.
    count
        Of those that may have neighbours.
    """

    at: NDArray[np.intp]
    other: NDArray[np.intp]
    count: int

    @cached_property
    def degree(self) -> NDArray[np.intp]:
        """Number of neighbours of each."""
        return np.bincount(self.at, minlength=self.count)

    @cached_property
    def islands(self) -> NDArray[np.bool_]:
        """Those without a neighbour."""
        found: NDArray[np.bool_] = self.degree == 0
        return found

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the neighbours of each; 0 for an island."""
        return np.bincount(self.at, weights=values[self.other], minlength=self.count).astype(np.float64)

    def lag(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the neighbours of each; NaN for an island.

        Examples
        --------
        >>> row = Weights(np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]), 4)
        >>> row.lag(np.array([1.0, 2.0, 5.0, 9.0])).tolist()
        [2.0, 3.0, 2.0, nan]
        """
        mean: NDArray[np.float64] = np.divide(
            self.total(values), self.degree, out=np.full(self.count, np.nan), where=self.degree > 0
        )
        return mean

    def among(self, kept: NDArray[np.bool_]) -> Weights:
        """The same for some of them, as though the others were not there; positions are those among the kept."""
        place = np.cumsum(kept) - 1
        both = kept[self.at] & kept[self.other]
        return Weights(place[self.at[both]], place[self.other[both]], int(kept.sum()))


def neighbours(shapes: NDArray[Any], *, gap_m: float = 0.0) -> Weights:
    """Neighbours by contiguity, and across a gap.

    Parameters
    ----------
    shapes
        Polygons in a projected coordinate system, metres.
    gap_m
        How far apart, edge to edge, two may be and still be neighbours: parcels are parted by roads. 0: they share at least a
        point of their boundary or overlap, as the queen of a chessboard moves.

    Returns
    -------
    Weights

    Notes
    -----
    Missing and empty shapes are islands.

    References
    ----------
    Cliff, A. D., Ord, J. K. (1973), Spatial Autocorrelation, on contiguity and row-standardised weights.

    Examples
    --------
    >>> plots = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(35, 0, 45, 10)])
    >>> neighbours(plots).degree.tolist()
    [1, 1, 0]
    >>> neighbours(plots, gap_m=15).degree.tolist()
    [1, 2, 1]
    """
    tree = shapely.STRtree(shapes)
    if gap_m > 0:
        at, other = tree.query(shapes, predicate="dwithin", distance=gap_m)
    else:
        at, other = tree.query(shapes, predicate="intersects")
    apart = at != other
    at, other = at[apart], other[apart]
    order = np.lexsort((other, at))
    return Weights(at[order], other[order], len(shapes))
