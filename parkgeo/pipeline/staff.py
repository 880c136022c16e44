"""Where people work, for what is shared among them; see `parkgeo.pipeline.desk.Desk.once`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.access import placed_staff
from parkgeo.metrics.performance import latest_year
from parkgeo.pipeline.books import books_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.metrics.access import Placed
    from parkgeo.pipeline.desk import Desk

__all__ = ["Working", "demand", "working"]

_STAFF = "staff"


@dataclass(frozen=True)
class Working:
    """Staff of the latest full year.

    Attributes
    ----------
    placed
        On parcels.
    companies
        Names of the companies.
    silent
        Of each company, whether it was on a parcel in that year and filed no certain number.
    """

    placed: Placed
    companies: pd.Index[str]
    silent: NDArray[np.bool_]


def working(desk: Desk) -> Working | None:
    """Where people work; None where occupancy, returns or their staff are missing."""
    layers = desk.layers
    books = None if layers.occupancy is None else desk.once(books_of)
    if books is None or layers.performance is None:
        return None
    year = latest_year(layers.performance, desk.as_of)
    if year is None or _STAFF not in books.filed.measures:
        return None
    page = books.year(year)
    staff = page.returns.figures[:, page.measures.index(_STAFF)]
    there = np.zeros(len(staff), dtype=bool)
    there[page.stays.company] = True
    return Working(placed_staff(page.stays, staff), books.filed.companies, there & np.isnan(staff))


def demand(desk: Desk) -> NDArray[np.float64] | None:
    """People on each parcel; NaN where not all who work there are known. None where it is known of none."""
    found = desk.once(working)
    return None if found is None else np.where(found.placed.certain, found.placed.on_parcel, np.nan)
