"""Which park a parcel belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["park_of"]


def park_of(parcels: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> pd.Series[str]:
    """Park of each parcel.

    Parameters
    ----------
    parcels
        Geometry, and ``park_id`` where the register states it.
    parks
        ``park_id`` and geometry, in the same coordinate system.

    Returns
    -------
    pandas.Series
        ``park_id`` on the parcels' index: as stated where such a park is there, else the park that holds most of the
        parcel (of several equal ones the last by id), else the nearest.
    """
    ids = parks["park_id"].to_numpy(dtype=object)
    stated = (
        parcels["park_id"].to_numpy(dtype=object) if "park_id" in parcels else np.full(len(parcels), None)
    )
    known = np.isin(stated.astype(str), ids.astype(str))
    if len(ids) == 1:
        return pd.Series(np.where(known, stated, ids[0]), index=parcels.index, name="park_id", dtype="str")
    shapes: NDArray[np.object_] = np.asarray(parcels.geometry.array, dtype=object)
    grounds: NDArray[np.object_] = np.asarray(parks.geometry.array, dtype=object)
    tree = shapely.STRtree(grounds)
    best = np.asarray(tree.nearest(shapes), dtype=np.intp)
    parcel, park = tree.query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[parcel], grounds[park]))
    order = np.lexsort((ids[park].astype(str), shared))
    # The last write wins, so writing in order of shared area leaves the largest.
    best[parcel[order]] = park[order]
    return pd.Series(np.where(known, stated, ids[best]), index=parcels.index, name="park_id", dtype="str")
