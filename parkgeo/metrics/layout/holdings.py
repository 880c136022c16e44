"""How far ground is cut up among those who hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.coverage import covered_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["effective_mesh", "patches"]


def patches(shapes: NDArray[np.object_], holder: NDArray[np.intp], *, touching_m: float) -> NDArray[np.intp]:
    """Parcels that lie together in one hand.

    Parameters
    ----------
    shapes
        Parcels in metres.
    holder
        Of each, a number; -1 where it is not known, and the parcel is a patch of its own.
    touching_m
        Parcels of one holder no farther apart than this lie together.

    Returns
    -------
    numpy.ndarray
        Number of the patch of each parcel, from 0.

    Examples
    --------
    >>> row = np.array([shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20, 50)])
    >>> patches(row, np.array([7, 7, -1, 7]), touching_m=0.5).tolist()
    [0, 0, 1, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    several = np.bincount(holder[holder >= 0], minlength=1) > 1
    # Only those who hold several parcels can hold two that touch.
    rows = np.flatnonzero((holder >= 0) & several[np.maximum(holder, 0)])
    tree = shapely.STRtree(shapes[rows])
    left, right = tree.query(shapes[rows], predicate="dwithin", distance=touching_m)
    same = (left < right) & (holder[rows[left]] == holder[rows[right]])
    pairs = rows[left[same]], rows[right[same]]
    graph = coo_array((np.ones(len(pairs[0]), dtype=bool), pairs), shape=(len(shapes), len(shapes)))
    found: NDArray[np.intp] = connected_components(graph, directed=False)[1].astype(np.intp)
    return found


def effective_mesh(
    area_m2: NDArray[np.float64], patch: NDArray[np.intp], owner: NDArray[np.intp], *, owners: int
) -> NDArray[np.float64]:
    """Effective mesh size of the ground of each place.

    Parameters
    ----------
    area_m2
        Of each parcel.
    patch
        Of each, the patch that it belongs to, as `patches` numbers them.
    owner, owners
        Place of each parcel, a number below ``owners``; -1: none. A patch across two places is cut.

    Returns
    -------
    numpy.ndarray
        m²; NaN where nothing lies.

    Notes
    -----
    Σ A_i² ÷ Σ A_i over patches: the mean size of the patch in which a point taken at random lies. Ground outside all parcels,
    such as streets, is no patch and is left out of both sums.

    References
    ----------
    Jaeger, J. A. G. (2000). Landscape division, splitting index, and effective mesh size: new measures of landscape fragmentation.
    Landscape Ecology 15(2), 115-130.

    Examples
    --------
    >>> two = np.zeros(3, dtype=np.intp)
    >>> effective_mesh(np.array([10.0, 10.0, 20.0]), np.array([0, 1, 2]), two, owners=1).tolist()
    [15.0]
    """
    kept = owner >= 0
    count = int(patch.max(initial=-1)) + 1
    key, place = np.unique(owner[kept] * max(count, 1) + patch[kept], return_inverse=True)
    whole = np.bincount(place, weights=area_m2[kept], minlength=len(key))
    own = key // max(count, 1)
    squares, sums = (
        np.bincount(own, weights=each, minlength=owners).astype(np.float64) for each in (whole**2, whole)
    )
    return covered_share(squares, sums)
