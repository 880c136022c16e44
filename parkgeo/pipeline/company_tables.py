"""Tables of companies, parcels and parks by year and month."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.metrics.company import company_rows, parcel_figures, parcel_rows
from parkgeo.metrics.performance import quotient, unattributed
from parkgeo.metrics.productivity import FLOWS, RATIOS, per_land, ratios
from parkgeo.metrics.trend import growth
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.books import Books, Page
    from parkgeo.pipeline.desk import Desk

__all__ = ["BENCHMARKED", "investment_intensity", "yearly_tables"]

_LAND = ("land_m2", "land_mu")

BENCHMARKED = ("output_wan_per_mu", "value_added_wan_per_mu", "tax_wan_per_mu", "fixed_assets_wan_per_mu")
"""Figures that are held against the packs' benchmark of the same name."""


def yearly_tables(
    desk: Desk, books: Books, price_wan: NDArray[np.float64]
) -> dict[str, Callable[[], pd.DataFrame]]:
    """What makes ``company_years``, ``company_months``, ``parcel_years`` and ``park_years``, of every year and month that was filed.

    A table that would have no row is not there.
    """
    rules, years = desk.rules, books.filed.years()
    tables: dict[str, Callable[[], pd.DataFrame]] = {}
    if years:
        tables["company_years"] = partial(_company_years, books, rules)
    if books.filed.months():
        tables["company_months"] = partial(_company_months, books)
    if any(books.year(year).stays.occupied.any() for year in reversed(years)):
        tables["parcel_years"] = partial(_parcel_years, books, price_wan, rules)
    if years:
        tables["park_years"] = partial(_park_years, books, desk.parcels["park_id"], rules)
    return tables


def _company_years(books: Books, rules: RuleBook) -> pd.DataFrame:
    pages = map(books.year, books.filed.years())
    table = _stacked([company_rows(page.stays, page.returns, page.measures, books.labels) for page in pages])
    return _held_against(_grown(table, "enterprise_id", rules), rules)


def _company_months(books: Books) -> pd.DataFrame:
    pages = (books.month(year, month) for year, month in books.filed.months())
    return _stacked([company_rows(page.stays, page.returns, page.measures, books.labels) for page in pages])


def _parcel_years(books: Books, price_wan: NDArray[np.float64], rules: RuleBook) -> pd.DataFrame:
    site, years = books.site_area_m2, []
    for page in map(books.year, books.filed.years()):
        figures = parcel_figures(page.stays, page.found, page.returns, page.measures, site)
        rows, at = parcel_rows(page.stays, figures, books.parcel_ids)
        rows["investment_intensity_wan_per_ha"] = investment_intensity(
            rows.get("fixed_assets_wan"), price_wan[at], site[at], rules
        )
        years.append(rows)
    return _held_against(_stacked(years), rules)


def _park_years(books: Books, park_id: pd.Series[Any], rules: RuleBook) -> pd.DataFrame:
    pages = map(books.year, books.filed.years())
    table = _stacked([park_rows(park_id, page, books.site_area_m2) for page in pages])
    return _held_against(_grown(table, "park_id", rules), rules)


def _grown(table: pd.DataFrame, key: str, rules: RuleBook) -> pd.DataFrame:
    """A table with the growth of each key over its years."""
    steady = rules.get("evaluation.steady_growth")
    owned = table[table[key].notna()]
    return table.join(growth(owned, key, steady=steady.number() if steady else 0.0))


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames with the same columns below each other, each column copied once; a figure that none of them has is left out."""
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame()
    columns: dict[str, Any] = {}
    for name in frames[0]:
        parts = [frame[name] for frame in frames]
        if (
            name not in _LAND
            and any(part.dtype == "float64" for part in parts)
            and all(part.isna().all() for part in parts)
        ):
            continue
        whole = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
        columns[str(name)] = whole.reset_index(drop=True)
    return pd.DataFrame(columns, copy=False)


def investment_intensity(
    fixed_assets_wan: pd.Series[float] | None,
    price_wan: NDArray[np.float64],
    site_area_m2: NDArray[np.float64],
    rules: RuleBook,
) -> NDArray[np.float64]:
    """Fixed-asset investment with the land price, 万元/ha: as filed, or with the ledger's price added where the packs say so."""
    if fixed_assets_wan is None:
        return np.full(len(site_area_m2), np.nan)
    included = rules.get("evaluation.fixed_assets_include_land_price")
    invested = np.asarray(fixed_assets_wan, dtype=np.float64)
    if included is not None and not included.flag():
        invested = invested + price_wan
    return quotient(invested, site_area_m2 / M2_PER_HA)


def park_rows(park_id: pd.Series[Any], page: Page, site_area_m2: NDArray[np.float64]) -> pd.DataFrame:
    """Each park's totals of a year, and in a row without a park what came to none: together all that was filed.

    Parameters
    ----------
    park_id
        Of each parcel.
    page
        The year.
    site_area_m2
        Of each parcel.

    Returns
    -------
    pandas.DataFrame
        ``park_id``, ``year``, ``parcels`` (those with any figure), ``land_mu`` (of these), the measures summed over the parcels where
        they are known, per land and per each other. The part of a parcel whose figure is not whole lies in the row without a park.
    """
    codes, names = pd.factorize(park_id.astype(object).where(park_id.notna(), None), sort=True)
    inside, year = codes >= 0, np.int64(page.stays.period.year)
    park = np.where(inside, codes, len(names))
    values = {name: page.found.parcels[:, at] for at, name in enumerate(page.measures) if name in FLOWS}

    def summed(what: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
        total = np.bincount(park, weights=np.where(known, what, 0.0), minlength=len(names) + 1)
        # Where nothing is known the sum is not 0.
        some = np.bincount(park, weights=known, minlength=len(names) + 1) > 0
        return np.where(some, total, np.nan)[: len(names)]

    known = {name: inside & ~np.isnan(value) for name, value in values.items()}
    some = np.logical_or.reduce([*known.values(), np.zeros(len(codes), dtype=bool)])
    own: dict[str, Any] = {
        "park_id": np.asarray(names, dtype=object),
        "year": year,
        "parcels": np.bincount(park[some], minlength=len(names)).astype(np.int64),
        "land_mu": summed(site_area_m2, some) / M2_PER_MU,
    }
    own |= {name: summed(value, known[name]) for name, value in values.items()}
    # Each figure over the land, or the energy, of those parcels for which it is known.
    for name in values:
        land = pd.DataFrame({name: own[name]})
        own |= {
            str(each): column for each, column in per_land(land, summed(site_area_m2, known[name])).items()
        }
    for ratio in RATIOS:
        if ratio.over in values and ratio.under in values:
            both = known[ratio.over] & known[ratio.under]
            parts = {each: summed(values[each], both) for each in (ratio.over, ratio.under)}
            own[ratio.name] = ratios(pd.DataFrame(parts))[ratio.name]
    rest = unattributed(page.returns, page.found) + page.found.incomplete
    filed = (page.returns.why == 0).any(axis=0) | (page.returns.total != 0)
    beside = {"park_id": None, "year": year, "parcels": 0} | {
        name: rest[at] + np.nansum(values[name][~inside]) if filed[at] else np.nan
        for at, name in enumerate(page.measures)
        if name in values
    }
    return pd.concat([pd.DataFrame(own), pd.DataFrame([beside])], ignore_index=True)


def _held_against(table: pd.DataFrame, rules: RuleBook) -> pd.DataFrame:
    """A table with its figures ÷ the packs' benchmark of the same name; none where no pack has one."""
    for name in BENCHMARKED:
        benchmark = rules.benchmark(name)
        if name in table and benchmark is not None:
            table[f"{name}_to_benchmark"] = table[name] / benchmark.number("wan/mu")
    return table
