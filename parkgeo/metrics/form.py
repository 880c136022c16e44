"""Areas and built form of parcels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.metrics.coverage import as_series, covered_share

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.metrics.coverage import Coverage

__all__ = [
    "area_difference_ratio",
    "building_coefficient",
    "building_density",
    "building_floor_area",
    "completed",
    "far",
    "footprint",
    "parcel_floor_area",
    "site_area",
]


def site_area(parcels: gpd.GeoSeries) -> pd.Series[float]:
    """Area of each parcel as drawn.

    Parameters
    ----------
    parcels
        Polygons in a projected coordinate system in metres.

    Returns
    -------
    pandas.Series
        ``site_area_m2``, float64, m², on the parcels' index; NaN where there is no geometry.

    Raises
    ------
    ValueError
        The coordinate system is missing or geographic: its areas would be square degrees.

    Notes
    -----
    Area in the plane of the projection, holes left out, parts added, as a cadastre computes it.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> site_area(gpd.GeoSeries([shapely.box(0, 0, 20, 10)], crs=4528)).tolist()
    [200.0]
    """
    if parcels.crs is None or not parcels.crs.is_projected:
        raise ValueError("areas need a projected coordinate system in metres")
    return as_series(shapely.area(np.asarray(parcels.array, dtype=object)), parcels.index, "site_area_m2")


def area_difference_ratio(
    site_area_m2: pd.Series[float], registered_area_m2: pd.Series[float]
) -> pd.Series[float]:
    """Difference of drawn and registered area, as a share of the registered.

    Parameters
    ----------
    site_area_m2, registered_area_m2
        m², on one index.

    Returns
    -------
    pandas.Series
        ``area_difference_ratio``, (drawn - registered) / registered; NaN where either is missing or the registered is 0.

    Examples
    --------
    >>> import pandas as pd
    >>> area_difference_ratio(pd.Series([1050.0]), pd.Series([1000.0])).tolist()
    [0.05]
    """
    drawn, registered = (
        np.asarray(site_area_m2, dtype=np.float64),
        np.asarray(registered_area_m2, dtype=np.float64),
    )
    return as_series(
        covered_share(drawn - registered, registered), site_area_m2.index, "area_difference_ratio"
    )


def building_floor_area(
    buildings: pd.DataFrame, footprint_m2: NDArray[np.float64], *, double_above_m: float
) -> pd.Series[float]:
    """Floor area of each building as it counts for the floor area ratio.

    Parameters
    ----------
    buildings
        With ``floors``, ``height_m``, ``storey_height_m``, ``floor_area_m2``, ``kind`` as far as they are there.
    footprint_m2
        Area of each building's outline.
    double_above_m
        Storey height, in metres, above which a storey counts double.

    Returns
    -------
    pandas.Series
        m²; 0 for structures and yards, NaN where floors and floor area are both missing.

    Notes
    -----
    The stated floor area, else footprint × floors; doubled where the storey is higher than ``double_above_m``. The storey
    height is the stated one, else height ÷ floors; where neither is known the floor area counts once.

    References
    ----------
    Control indicators for industrial project land, 2008 edition (国土资发〔2008〕24号): a storey above 8 m counts double.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> halls = pd.DataFrame({"floors": [1.0, 2.0], "height_m": [9.0, 9.0]})
    >>> building_floor_area(halls, np.array([100.0, 100.0]), double_above_m=8).tolist()
    [200.0, 200.0]
    """

    def column(name: str) -> NDArray[np.float64]:
        if name not in buildings:
            return np.full(len(buildings), np.nan)
        return np.asarray(buildings[name], dtype=np.float64)

    floors = column("floors")
    stated = column("floor_area_m2")
    area = np.where(np.isnan(stated), footprint_m2 * floors, stated)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_height = np.where(floors > 0, column("height_m") / floors, np.nan)
    storey = column("storey_height_m")
    storey = np.where(np.isnan(storey), by_height, storey)
    area = np.where(storey > double_above_m, 2 * area, area)
    if "kind" in buildings:
        area = np.where(buildings["kind"].isin(["structure", "yard"]), 0.0, area)
    return as_series(area, buildings.index, "floor_area_m2")


def completed(buildings: pd.DataFrame, as_of: dt.date) -> NDArray[np.bool_]:
    """Buildings that are known to be completed on a day.

    Parameters
    ----------
    buildings
        ``completed`` and ``completed_on`` as far as they are there.
    as_of
        The day.

    Returns
    -------
    numpy.ndarray
        True where the day of completion is not after it, or, where no day is given, the flag says so. A flag that says
        otherwise prevails. Blank is not known to be completed.
    """
    count = len(buildings)
    flag = buildings["completed"].to_numpy(dtype=object) if "completed" in buildings else np.full(count, None)
    on = np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")
    if "completed_on" in buildings:
        on = buildings["completed_on"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")
    # A missing flag is None or pandas.NA, neither of which equals True or False.
    yes = np.array([each is True or each is np.True_ for each in flag], dtype=bool)
    no = np.array([each is False or each is np.False_ for each in flag], dtype=bool)
    return np.where(np.isnat(on), yes, (on <= np.datetime64(as_of, "D")) & ~no)


def footprint(
    parcels: pd.DataFrame, cover: Coverage, counted: NDArray[np.bool_], name: str
) -> pd.Series[float]:
    """Area of each parcel under the buildings that count.

    Parameters
    ----------
    parcels
        The parcels.
    cover
        From `coverage` of parcels and all buildings.
    counted
        Which buildings count.
    name
        Of the column.

    Returns
    -------
    pandas.Series
        m²; 0 where none stands.
    """
    return as_series(cover.per_parcel(parcels, counted.astype(float)), parcels.index, name)


def parcel_floor_area(
    parcels: pd.DataFrame,
    cover: Coverage,
    floor_area_m2: NDArray[np.float64],
    footprint_m2: NDArray[np.float64],
) -> pd.Series[float]:
    """Floor area on each parcel.

    Parameters
    ----------
    parcels
        The parcels.
    cover
        From `coverage` of parcels and all buildings.
    floor_area_m2, footprint_m2
        Of each building.

    Returns
    -------
    pandas.Series
        ``floor_area_m2``; a building across an edge counts by the share of its footprint; NaN where the floor area of any
        building on the parcel is missing; 0 where none stands.
    """
    share = covered_share(floor_area_m2, footprint_m2)
    return as_series(cover.per_parcel(parcels, share), parcels.index, "floor_area_m2")


def far(floor_area_m2: pd.Series[float], site_area_m2: pd.Series[float]) -> pd.Series[float]:
    """Floor area ratio (容积率): floor area ÷ site area.

    Parameters
    ----------
    floor_area_m2, site_area_m2
        m², on one index.

    Returns
    -------
    pandas.Series
        ``far``; NaN where either is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> far(pd.Series([1200.0]), pd.Series([1000.0])).tolist()
    [1.2]
    """
    return _ratio(floor_area_m2, site_area_m2, "far")


def building_density(footprint_m2: pd.Series[float], site_area_m2: pd.Series[float]) -> pd.Series[float]:
    """Building density (建筑密度): footprint of buildings ÷ site area.

    Parameters
    ----------
    footprint_m2, site_area_m2
        m², on one index.

    Returns
    -------
    pandas.Series
        ``building_density``, 0 to 1 where buildings do not overlap; NaN where either is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> building_density(pd.Series([400.0]), pd.Series([1000.0])).tolist()
    [0.4]
    """
    return _ratio(footprint_m2, site_area_m2, "building_density")


def building_coefficient(occupied_m2: pd.Series[float], site_area_m2: pd.Series[float]) -> pd.Series[float]:
    """Building coefficient (建筑系数): buildings, structures and open storage yards ÷ site area.

    Parameters
    ----------
    occupied_m2
        Footprint of buildings, structures and yards, m².
    site_area_m2
        m², on the same index.

    Returns
    -------
    pandas.Series
        ``building_coefficient``; NaN where either is missing.

    References
    ----------
    Control indicators for industrial project land, 2008 and 2023 editions.

    Examples
    --------
    >>> import pandas as pd
    >>> building_coefficient(pd.Series([550.0]), pd.Series([1000.0])).tolist()
    [0.55]
    """
    return _ratio(occupied_m2, site_area_m2, "building_coefficient")


def _ratio(part: pd.Series[float], whole: pd.Series[float], name: str) -> pd.Series[float]:
    return as_series(
        covered_share(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)),
        part.index,
        name,
    )
