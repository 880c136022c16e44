"""What the stages on potential and on the park both ask for; see `parkgeo.pipeline.desk.Desk.once`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.assess.coded import coded
from parkgeo.assess.park import comeback, land_use
from parkgeo.assess.park.companies import holdings, home_park, yearly_returns
from parkgeo.assess.park.industries import company_industries, parcel_industries
from parkgeo.metrics.attribution import Named
from parkgeo.metrics.designation import covered_by
from parkgeo.metrics.ids import parcel_places
from parkgeo.metrics.performance import latest_year
from parkgeo.pipeline.books import books_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.park.comeback import CostBasis
    from parkgeo.assess.park.companies import Holdings
    from parkgeo.pipeline.desk import Desk

__all__ = [
    "cost_basis",
    "filed_returns",
    "held",
    "home_parks",
    "industry_of_companies",
    "industry_of_parcels",
    "land_classes",
    "listed_companies",
    "pixel_places",
]


def held(desk: Desk) -> Holdings | None:
    """Who holds which parcel; None where the office has no such table."""
    rows, books = desk.attached("occupancy"), desk.once(books_of)
    if rows is None:
        return None
    known = None if books is None else Named(books.tenancies.companies, books.tenancies.company)
    return holdings(rows.rows, rows.place, len(desk.parcels), desk.as_of, companies=known)


def home_parks(desk: Desk) -> pd.Series[str]:
    """Park of each company that is or was on a parcel, by enterprise_id; empty without the table of that."""
    found, ids = desk.once(held), coded(desk.parcels, "park_id")
    if found is None:
        return pd.Series(dtype="str")
    parks = pd.Categorical.from_codes(ids.codes, pd.Index(ids.words, dtype=object))
    return home_park(found, pd.Series(parks.reorder_categories(sorted(ids.words))))


def filed_returns(desk: Desk) -> tuple[int | None, tuple[pd.DataFrame, pd.DataFrame] | None]:
    """The latest full year, and its returns and those of the year before, each with its company's park."""
    performance, home = desk.layers.performance, desk.once(home_parks)
    year = None if performance is None else latest_year(performance, desk.as_of)
    if performance is None or desk.layers.occupancy is None or year is None:
        return None, None
    latest, before = (
        own.assign(park_id=home.reindex(own.index))
        for own in (yearly_returns(performance, each) for each in (year, year - 1))
    )
    return year, (latest, before)


def listed_companies(desk: Desk) -> NDArray[np.intp] | None:
    """Row in the list of companies of each row of the occupancy, -1 where it has none; None where nobody has looked them up."""
    books = desk.once(books_of)
    if books is None or desk.layers.occupancy is None:
        return None
    return np.append(books.listed, -1)[books.tenancies.company]


def industry_of_companies(desk: Desk) -> pd.Series[Any]:
    """Two-digit industry by enterprise_id."""
    return company_industries(desk.layers.enterprises)


def industry_of_parcels(desk: Desk) -> pd.Series[Any]:
    """Two-digit industry of each parcel."""
    return parcel_industries(desk.parcels, desk.once(held), desk.once(industry_of_companies))


def pixel_places(desk: Desk) -> NDArray[np.intp]:
    """Position of the parcel that each row of the images' figures is about, -1 where it is none; no rows without images."""
    if desk.pixels is None:
        return np.empty(0, dtype=np.intp)
    return parcel_places(desk.pixels["parcel_id"], desk.parcels["parcel_id"])


def cost_basis(desk: Desk) -> CostBasis | None:
    """What the cost of idleness is measured by."""
    return comeback.cost_basis(desk.parcels, desk.rules)


def land_classes(desk: Desk) -> pd.DataFrame:
    """What each parcel counts as in the ledger."""
    return land_use.land_classes(desk.parcels, _barred_share(desk), desk.rules, desk.as_of)


def _barred_share(desk: Desk) -> NDArray[np.float64] | None:
    """Share of each parcel under the pack's kinds of constraints, ground under several counted once."""
    layer, kinds = desk.layers.constraints, desk.rules.get("ledger.unbuildable_constraints")
    if layer is None or "kind" not in layer or kinds is None:
        return None
    own = layer[layer["kind"].isin(kinds.texts())]
    if own.empty:
        return None
    parts = shapely.get_parts(shapely.union_all(np.asarray(own.geometry.array, dtype=object)))
    zones = gpd.GeoDataFrame(geometry=parts[shapely.area(parts) > 0], crs=own.crs)
    return np.asarray(covered_by(desk.parcels, zones), dtype=np.float64)
