"""Stage: what companies yield on the land they occupy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import field_gaps
from parkgeo.assess.occupant_gaps import alike_gaps, occupant_gaps
from parkgeo.metrics import SPLIT_METHOD
from parkgeo.metrics.company import parcel_figures
from parkgeo.metrics.performance import latest_year
from parkgeo.metrics.productivity import RATIOS
from parkgeo.pipeline.books import books_of
from parkgeo.pipeline.company_tables import investment_intensity, yearly_tables
from parkgeo.pipeline.desk import Part
from parkgeo.pipeline.grading import grades

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.metrics.performance import Attribution
    from parkgeo.pipeline.books import Books, Page
    from parkgeo.pipeline.desk import Desk

__all__ = ["performance"]

_PER_MU = (
    "output_wan", "value_added_wan", "revenue_wan", "tax_wan", "fixed_assets_wan", "rd_wan", "energy_tce",
)  # fmt: skip
_NEEDS: dict[str, tuple[str, ...]] = {
    **{f"{measure}_per_mu": (measure,) for measure in _PER_MU},
    **{ratio.name: (ratio.over, ratio.under) for ratio in RATIOS if ratio.name != "tax_wan_per_10k_kwh"},
    "capacity_use": ("capacity_use",),
    "investment_intensity_wan_per_ha": ("fixed_assets_wan",),
}
"""Column of parcels → measures of the returns that it is made of."""

_NO_YEAR = "There is no company return for a full year before the day of judgement."
_NO_MEASURE = "The companies' returns do not hold this figure."
_VACANT = "No company is recorded on the parcel in that year."
_NO_PRICE = "The land price that the investment must hold is not in the supply ledger."
_NOTHING_TO_DIVIDE_BY = "What it is divided by is 0 on this parcel, so there is no ratio."


def performance(desk: Desk) -> Part:
    """Companies' figures of the latest full year on parcels, and grades; and what makes their tables by year and month."""
    parcels, layers = desk.parcels, desk.layers
    nothing: dict[str, Any] = {"performance_year": None, "performance_split": {}}
    books = desk.once(books_of)
    if books is None or layers.performance is None:
        return Part(_columns(parcels.index, {}), facts=nothing)
    price = _price(desk)
    tables = yearly_tables(desk, books, price)
    year = latest_year(layers.performance, desk.as_of)
    if year is None:
        names = [*_NEEDS, "score", "grade"]
        unsaid = [gap for name in names for gap in field_gaps(name, _NO_YEAR)]
        return Part(_columns(parcels.index, {}), gaps=unsaid, facts=nothing, tables=tables)
    page, site = books.year(year), books.site_area_m2
    figures = parcel_figures(page.stays, page.found, page.returns, page.measures, site)
    intensity = investment_intensity(figures.get("fixed_assets_wan"), price, site, desk.rules)
    graded = grades(desk, books, page, tables["company_years"])
    found = dict(figures) | dict(graded.columns if graded.columns is not None else {})
    columns = _columns(parcels.index, found | {"investment_intensity_wan_per_ha": intensity})
    gaps = [] if layers.occupancy is None else _gaps(parcels["parcel_id"], columns, books, year)
    return Part(
        columns,
        gaps=[*gaps, *graded.gaps],
        facts={"performance_year": year, "performance_split": _split(page.attribution())} | graded.facts,
        tables={**tables, **graded.tables},
    )


def _columns(index: pd.Index[Any], found: Mapping[str, Any]) -> pd.DataFrame:
    """The stage's columns of parcels; one that was not found is missing everywhere."""
    figures = {
        name: np.asarray(found[name]) if name in found else np.full(len(index), np.nan)
        for name in (*_NEEDS, "score")
    }
    grade = found.get("grade", pd.Series(None, index=index, dtype="str"))
    return pd.DataFrame(figures | {"grade": grade}, index=index, copy=False)


def _price(desk: Desk) -> NDArray[np.float64]:
    """Land price by the ledger, NaN where it is not known."""
    if "price_wan" not in desk.contracts:
        return np.full(len(desk.parcels), np.nan)
    return desk.contracts["price_wan"].to_numpy(dtype=float)


def _split(found: Attribution) -> dict[str, Any]:
    # What lies beside a missing figure came to a parcel too; each sum holds what the others do not.
    sums = {
        "attributed_wan": found.attributed - found.incomplete, "incomplete_wan": found.incomplete, "unattributed_wan": found.unattributed,
    }  # fmt: skip
    return {"method": SPLIT_METHOD} | {
        name: {
            measure: round(float(value), 6)
            for measure, value in total.items()
            if str(measure).endswith("_wan")
        }
        for name, total in sums.items()
    }


def _gaps(
    ids: pd.Series[Any], columns: pd.DataFrame, books: Books, year: int
) -> list[Gap | Callable[[], pd.DataFrame]]:
    """For every figure that is missing, why."""
    held = {name: needs for name, needs in _NEEDS.items() if set(needs) <= set(books.filed.measures)}
    unfiled = sorted(set(_NEEDS) - set(held))
    return [
        *(gap for name in unfiled for gap in field_gaps(name, _NO_MEASURE)),
        partial(_parcel_gaps, ids, columns, held, books, year),
    ]


def _parcel_gaps(
    ids: pd.Series[Any], columns: pd.DataFrame, held: Mapping[str, tuple[str, ...]], books: Books, year: int
) -> pd.DataFrame:
    """Figures that are missing on some parcels: nobody there, somebody whose figure is not known, nothing to divide by."""
    names, page = ids.to_numpy(dtype=object), books.year(year)
    occupied = page.stays.occupied
    gaps = [alike_gaps(names[~occupied], list(held), _VACANT)]
    gaps += occupant_gaps(page.attribution().reasons, held, year)
    for name, needs in held.items():
        undefined = occupied & ~_unknown(page, needs) & columns[name].isna().to_numpy(dtype=bool)
        sentence = _NO_PRICE if name == "investment_intensity_wan_per_ha" else _NOTHING_TO_DIVIDE_BY
        gaps.append(alike_gaps(names[undefined], [name], sentence))
    return pd.concat(gaps)


def _unknown(page: Page, measures: tuple[str, ...]) -> NDArray[np.bool_]:
    """Parcels on which a company's figure, or its share of it, is not known."""
    at = [page.measures.index(measure) for measure in measures]
    return np.asarray(np.isnan(page.found.parcels[:, at]).any(axis=1), dtype=np.bool_)
