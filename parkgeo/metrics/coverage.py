"""How much of each parcel each building covers: the one overlay that everything built rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from parkgeo.metrics.clip import shared_area

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Coverage", "coverage"]

_POLYGON = (3, 6)
_LEAST_PAIRS_PREPARED = 2


@dataclass(frozen=True)
class Coverage:
    """Pairs of parcel and building that share area.

    Attributes
    ----------
    parcel, building
        Positions in the two frames, sorted by parcel.
    area_m2
        Shared area of each pair, above 0.
    """

    parcel: NDArray[np.intp]
    building: NDArray[np.intp]
    area_m2: NDArray[np.float64]

    def per_parcel(
        self, parcels: pd.DataFrame, weight: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Sum over each parcel's pairs.

        Parameters
        ----------
        parcels
            The frame the positions refer to.
        weight
            A value for each building, multiplied with the shared area; NaN makes the parcels it stands on NaN.

        Returns
        -------
        numpy.ndarray
            float64, one a parcel; 0 where no building stands.
        """
        values = self.area_m2 if weight is None else self.area_m2 * weight[self.building]
        return np.bincount(self.parcel, weights=values, minlength=len(parcels)).astype(np.float64)


def coverage(parcels: gpd.GeoSeries, buildings: gpd.GeoSeries) -> Coverage:
    """Area that each building covers of each parcel.

    Parameters
    ----------
    parcels, buildings
        Polygons or multipolygons, valid, in the same projected coordinate system in metres. Null and empty shapes, and
        shapes that are not polygons, cover nothing.

    Returns
    -------
    Coverage
        Exact areas. Where buildings overlap each counts for itself.

    Raises
    ------
    ValueError
        The two are not in one projected coordinate system.

    Notes
    -----
    An index gives the pairs whose boxes meet; a prepared parcel tells in one pass which buildings it covers wholly (their
    area is known), and only those that cross its edge are cut. Pairs whose parcel is a box-aligned neighbour and share
    no area drop out.

    Examples
    --------
    >>> import geopandas as gpd
    >>> site = gpd.GeoSeries([shapely.box(0, 0, 10, 10)], crs=4528)
    >>> hall = gpd.GeoSeries([shapely.box(5, 5, 15, 9)], crs=4528)
    >>> coverage(site, hall).area_m2.tolist()
    [20.0]
    """
    if parcels.crs != buildings.crs or parcels.crs is None or not parcels.crs.is_projected:
        raise ValueError("coverage needs parcels and buildings in one projected coordinate system")
    sites: NDArray[np.object_] = np.asarray(parcels.array, dtype=object)
    shapes: NDArray[np.object_] = np.asarray(buildings.array, dtype=object)
    polygons = np.flatnonzero(np.isin(shapely.get_type_id(shapes), _POLYGON))
    tree = shapely.STRtree(shapes[polygons])
    parcel, found = tree.query(sites)
    building = polygons[found]
    area = _shared_area(sites, shapes, parcel, building)
    kept = area > 0
    return Coverage(parcel[kept], building[kept], area[kept])


def _shared_area(
    sites: NDArray[np.object_],
    shapes: NDArray[np.object_],
    parcel: NDArray[np.intp],
    building: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Shared area of pairs, sorted by parcel."""
    several = np.bincount(parcel, minlength=len(sites)) >= _LEAST_PAIRS_PREPARED
    # Preparing changes no shape, only its speed; what the caller prepared stays prepared, the rest is released.
    ours = sites[several & ~shapely.is_prepared(sites)]
    shapely.prepare(ours)
    try:
        left, right = sites[parcel], shapes[building]
        covered = shapely.covers(left, right)
        area = np.where(covered, shapely.area(shapes)[building], 0.0)
        crossing = np.flatnonzero(~covered)
        crossing = crossing[shapely.intersects(left[crossing], right[crossing])]
        area[crossing] = shared_area(left[crossing], right[crossing])
    finally:
        shapely.destroy_prepared(ours)
    return area


def covered_share(parts_m2: NDArray[np.float64], whole_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Part over whole; NaN where the whole is 0 or missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = parts_m2 / whole_m2
    return np.where(np.isfinite(share), share, np.nan)


def as_series(values: NDArray[np.float64], index: pd.Index, name: str) -> pd.Series[float]:
    """Values as the named column of a frame."""
    return pd.Series(values, index=index, name=name, dtype="float64")
