"""Occupancy and returns as arrays, put together once for all stages that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.metrics.attribution import (
    Named,
    Stays,
    between,
    month_of,
    named_alike,
    spread,
    tenancies,
    year_of,
)
from parkgeo.metrics.ids import parcel_places
from parkgeo.metrics.performance import Attribution
from parkgeo.metrics.returns import MEASURES, filed, returns_for

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.layers import Layers
    from parkgeo.metrics.attribution import Period, Spread, Tenancies
    from parkgeo.metrics.returns import Filed, PeriodReturns
    from parkgeo.pipeline.desk import Desk

__all__ = ["Books", "Page", "books_of", "open_books"]

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
        return Attribution(self.stays, self.returns, self.found, self.measures)


@dataclass(frozen=True)
class Books:
    """All periods of the companies.

    Attributes
    ----------
    tenancies
        Of the occupancy; none where the office has none.
    filed
        Of the returns.
    site_area_m2, ids
        Of the parcels, in their order.
    told
        The list of companies; None where there is none.
    listed
        Row of each company in that list, the first of several; -1 where it has none.
    """

    tenancies: Tenancies
    filed: Filed
    site_area_m2: NDArray[np.float64]
    ids: pd.Series[Any]
    told: pd.DataFrame | None
    listed: NDArray[np.intp]

    @cached_property
    def parcel_ids(self) -> pd.Series[str]:
        """Of the parcels, as texts."""
        return self.ids.astype("str").reset_index(drop=True)

    @cached_property
    def labels(self) -> pd.DataFrame:
        """``enterprise_id``, ``name`` and ``industry_code`` of the companies, in their order."""
        own = {"enterprise_id": pd.Series(self.filed.companies, dtype="str")}
        return pd.DataFrame(own | {name: self.said(name) for name in _NAMED}, copy=False)

    def said(self, name: str) -> pd.Series[str]:
        """A column of the list of companies, for all of them; None for one that is not in it."""
        if self.told is None or name not in self.told:
            return pd.Series(None, index=range(len(self.listed)), dtype="str")
        return pd.Series(self.told[name].astype("str").array.take(self.listed, allow_fill=True))

    def year(self, year: int) -> Page:
        """A calendar year."""
        return self._page(year_of(year))

    def month(self, year: int, month: int) -> Page:
        """A calendar month."""
        return self._page(month_of(year, month))

    def there(self, first: dt.date, last: dt.date) -> Stays:
        """Who was where in whole months; not whose land it was."""
        return Stays.within(self.tenancies, between(first, last))

    def _page(self, period: Period) -> Page:
        stays = Stays.within(self.tenancies, period, self.site_area_m2)
        return Page(stays, returns_for(self.filed, period), self.filed.measures)


def books_of(desk: Desk) -> Books | None:
    """The books of the park on a desk: for `parkgeo.pipeline.desk.Desk.once`."""
    occupancy = desk.attached("occupancy")
    return open_books(
        desk.layers,
        desk.parcels["parcel_id"],
        desk.parcels["site_area_m2"].to_numpy(dtype=float),
        place=None if occupancy is None else occupancy.place,
    )


def open_books(
    layers: Layers,
    parcel_ids: pd.Series[str],
    site_area_m2: NDArray[np.float64],
    *,
    place: NDArray[np.intp] | None = None,
) -> Books | None:
    """The books of a park; None where there are no returns.

    Parameters
    ----------
    layers
        Companies, occupancy, returns, as far as they are there.
    parcel_ids, site_area_m2
        Of the parcels.
    place
        Position of the parcel of each row of the occupancy, -1 where it is none of them; None: it is looked up.
    """
    if layers.performance is None:
        return None
    occupancy = _NOBODY if layers.occupancy is None else layers.occupancy
    if place is None:
        place = parcel_places(occupancy["parcel_id"], parcel_ids)
    told = layers.enterprises
    named = [
        frame["enterprise_id"] for frame in (_NOBODY if told is None else told, occupancy, layers.performance)
    ]
    in_list, there, filing = named_alike(*named)
    listed = np.full(len(in_list.names), -1)
    # The last write wins, so writing backwards leaves the first of several rows.
    listed[in_list.place[::-1]] = np.arange(len(in_list.place))[::-1]
    return Books(
        tenancies(occupancy, there, Named(pd.Index(parcel_ids, dtype=object), place)),
        filed(layers.performance, filing, measures=MEASURES),
        site_area_m2,
        parcel_ids,
        told,
        listed,
    )
