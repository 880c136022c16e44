"""How parcels account for the ground within a boundary: what lies beyond it, and what two parcels claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from parkgeo.metrics.voids import sharing_pairs

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["ground_account"]

_LEAST_M2 = 1e-3
"""An outline along the boundary may reach beyond it by the rounding of its coordinates."""


def ground_account(parcels: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> pd.DataFrame:
    """What of the parcels' area is not simply ground of their park.

    Parameters
    ----------
    parcels
        ``park_id`` and polygons in metres.
    parks
        ``park_id`` and polygons, in the same coordinate system.

    Returns
    -------
    pandas.DataFrame
        Index park_id, a row a park: ``boundary_m2``; ``parcels_m2``, the sum of the parcels' areas; ``outside_m2``, their area
        beyond the boundary, of ``outside_parcels``; ``repeated_m2``, the area within it that is counted again because
        ``repeated_parcels`` share it; ``bare_m2``, the ground within it that no parcel has. Always
        ``boundary_m2 = parcels_m2 - outside_m2 - repeated_m2 + bare_m2``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> park = gpd.GeoDataFrame({"park_id": ["p"]}, geometry=[shapely.box(0, 0, 10, 10)], crs=4528)
    >>> shapes = [shapely.box(0, 0, 4, 10), shapely.box(3, 0, 5, 10), shapely.box(8, 0, 12, 10)]
    >>> land = gpd.GeoDataFrame({"park_id": ["p"] * 3}, geometry=shapes, crs=4528)
    >>> ground_account(land, park).loc["p", ["parcels_m2", "outside_m2", "repeated_m2", "bare_m2"]].tolist()
    [100.0, 20.0, 10.0, 30.0]
    """
    ids = pd.Index(parks["park_id"].astype(str), name="park_id")
    park = ids.get_indexer(parcels["park_id"].astype(str))
    shapes: NDArray[np.object_] = np.asarray(parcels.geometry.array, dtype=object)
    grounds: NDArray[np.object_] = np.array(parks.geometry.array, dtype=object)
    inside = _inside(shapes, grounds, park)
    outside = shapely.area(shapes) - shapely.area(inside)
    repeated, sharing = _repeated(inside, park, len(ids))

    def summed(values: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(park, weights=values, minlength=len(ids)).astype(np.float64)

    account = pd.DataFrame(
        {
            "boundary_m2": shapely.area(grounds),
            "parcels_m2": summed(shapely.area(shapes)),
            "outside_m2": summed(outside),
            "outside_parcels": summed(outside > _LEAST_M2),
            "repeated_m2": repeated,
            "repeated_parcels": summed(sharing),
        },
        index=ids,
    )
    bare = account["boundary_m2"] - account["parcels_m2"] + account["outside_m2"] + account["repeated_m2"]
    # What is left of a ground that parcels fill wholly is the rounding of sums.
    return account.assign(
        bare_m2=bare.where(bare.abs() > account["boundary_m2"] * 1e-12, 0.0).clip(lower=0.0)
    )


def _inside(
    shapes: NDArray[np.object_], grounds: NDArray[np.object_], park: NDArray[np.intp]
) -> NDArray[np.object_]:
    """Each shape's part within its park; most lie well inside and are left as they are."""
    inside = shapes.copy()
    for at, ground in enumerate(grounds):
        own = np.flatnonzero(park == at)
        shapely.prepare(ground)
        crossing = own[~shapely.covers(ground, shapes[own])]
        inside[crossing] = shapely.intersection(shapes[crossing], ground)
    return inside


def _repeated(
    inside: NDArray[np.object_], park: NDArray[np.intp], count: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Area that is counted more than once in each park, and which shapes share some of it."""
    left, right, _ = sharing_pairs(inside)
    same = park[left] == park[right]
    sharing = np.zeros(len(inside), dtype=bool)
    sharing[left[same]] = sharing[right[same]] = True
    repeated = np.zeros(count)
    for at in np.unique(park[sharing]):
        own = inside[sharing & (park == at)]
        # A union rather than the sum of pairs: ground in three parcels is counted twice too often, not three times.
        repeated[at] = max(float(shapely.area(own).sum() - shapely.union_all(own).area), 0.0)
    return repeated, sharing
