"""Occupancy and returns as arrays, put together once for all stages that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.metrics.attribution import Stays, month_of, spread, tenancies, year_of
from parkgeo.metrics.performance import attribution_of
from parkgeo.metrics.returns import MEASURES, filed, returns_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.layers import Layers
    from parkgeo.metrics.attribution import Period, Spread, Tenancies
    from parkgeo.metrics.performance import Attribution
    from parkgeo.metrics.returns import Filed, PeriodReturns

__all__ = ["Books", "Page", "open_books"]

_NAMED = ("name", "industry_code")
_NOBODY = pd.DataFrame({"enterprise_id": [], "parcel_id": []}, dtype=object)


@dataclass(frozen=True)
class Page:
    """One period: who was where, what they filed, how it came to parcels."""

    stays: Stays
    returns: PeriodReturns
    measures: tuple[str, ...]

    @cached_property
    def found(self) -> Spread:
        """How it came to parcels; not asked for of months."""
        return spread(self.stays, self.returns.figures)

    def attribution(self) -> Attribution:
        """The split in names."""
        return attribution_of(self.stays, self.returns, self.found, self.measures)


@dataclass(frozen=True)
class Books:
    """All periods of the companies.

    Attributes
    ----------
    tenancies
        Of the occupancy; none where the office has none.
    filed
        Of the returns.
    site_area_m2, parcel_ids
        Of the parcels, in their order.
    labels
        ``enterprise_id``, ``name`` and ``industry_code`` of the companies, in theirs.
    """

    tenancies: Tenancies
    filed: Filed
    site_area_m2: NDArray[np.float64]
    parcel_ids: pd.Series[str]
    labels: pd.DataFrame

    def year(self, year: int) -> Page:
        """A calendar year."""
        return self._page(year_of(year))

    def month(self, year: int, month: int) -> Page:
        """A calendar month."""
        return self._page(month_of(year, month))

    def _page(self, period: Period) -> Page:
        stays = Stays.within(self.tenancies, period, self.site_area_m2)
        return Page(stays, returns_for(self.filed, period), self.filed.measures)


def open_books(layers: Layers, parcel_ids: pd.Series[str], site_area_m2: NDArray[np.float64]) -> Books | None:
    """The books of a park; None where there are no returns."""
    if layers.performance is None:
        return None
    occupancy = _NOBODY if layers.occupancy is None else layers.occupancy
    named = [occupancy["enterprise_id"], layers.performance["enterprise_id"]]
    if layers.enterprises is not None:
        named.insert(0, layers.enterprises["enterprise_id"])
    companies = pd.Index(pd.concat(named).astype(object).unique(), dtype=object)
    places = pd.Index(parcel_ids, dtype=object)
    return Books(
        tenancies(occupancy, companies=companies, parcels=places),
        filed(layers.performance, companies=companies, measures=MEASURES),
        site_area_m2,
        parcel_ids.astype("str").reset_index(drop=True),
        _labels(companies, layers.enterprises),
    )


def _labels(companies: pd.Index[str], told: pd.DataFrame | None) -> pd.DataFrame:
    """What is said of each company; a company that is not in the list of companies has no name."""
    found = pd.DataFrame({"enterprise_id": pd.Series(companies, dtype="str")})
    listed = None if told is None else told.drop_duplicates("enterprise_id")
    at = np.full(len(companies), -1)
    if listed is not None:
        at = pd.Index(listed["enterprise_id"], dtype=object).get_indexer(companies)
    for name in _NAMED:
        if listed is None or name not in listed:
            found[name] = pd.Series(None, index=found.index, dtype="str")
        else:
            known = listed[name].astype("str").array
            found[name] = pd.Series(known.take(at, allow_fill=True), index=found.index)
    return found
