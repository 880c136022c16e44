"""What companies filed: one certain figure for a company, a period and a measure, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.metrics.attribution import Named, Period

__all__ = ["MEASURES", "METERS", "WHY", "Filed", "PeriodReturns", "filed", "one_return", "returns_for"]

MEASURES = (
    "output_wan", "value_added_wan", "revenue_wan", "tax_wan", "fixed_assets_wan", "rd_wan", "energy_tce", "electricity_kwh",
    "water_m3", "emission_t", "staff", "capacity_use",
)  # fmt: skip
"""Fields of the returns that are figures."""

METERS = ("electricity_kwh", "water_m3")
"""Measures whose months add up to a year. Money is often filed month by month as the sum since January, so its months do not."""

WHY = ("known", "no_return", "blank", "several_returns", "monthly_only")
"""Why a figure is missing; the first where it is not."""
_KNOWN, _NO_RETURN, _BLANK, _SEVERAL, _MONTHLY = range(5)
_MONTHS = 12
_LAST_YEAR = 9999


@dataclass(frozen=True)
class Filed:
    """The returns as arrays.

    Attributes
    ----------
    companies
        Names; ``company`` holds their positions.
    measures
        Columns of ``cells``.
    row
        Position of each among the returns as they were read.
    company, year, month
        Of each row; ``month`` is 0 for a whole year.
    cells
        Rows × measures.
    monthly
        Whether the returns have a column of months.
    """

    companies: pd.Index[str]
    measures: tuple[str, ...]
    row: NDArray[np.intp]
    company: NDArray[np.intp]
    year: NDArray[np.int64]
    month: NDArray[np.int64]
    cells: NDArray[np.float64]
    monthly: bool

    def years(self) -> list[int]:
        """Years with yearly returns, in order."""
        return [int(year) for year in np.unique(self.year[self.month == 0])]

    def months(self) -> list[tuple[int, int]]:
        """Year and month of the monthly rows, in order."""
        code = np.unique((self.year * (_MONTHS + 1) + self.month)[self.month > 0])
        return [(int(each) // (_MONTHS + 1), int(each) % (_MONTHS + 1)) for each in code]


@dataclass(frozen=True)
class PeriodReturns:
    """One period's figures, companies × measures.

    Attributes
    ----------
    figures
        NaN where a company has no certain one.
    why
        Position in `WHY`.
    total
        Sum of each measure over all that was filed, certain or not.
    rows
        Number of returns of each company.
    """

    figures: NDArray[np.float64]
    why: NDArray[np.int8]
    total: NDArray[np.float64]
    rows: NDArray[np.int64]


def filed(performance: pd.DataFrame, companies: Named, *, measures: Sequence[str] = MEASURES) -> Filed:
    """The returns as arrays; a measure that no return holds is not there."""
    present = tuple(name for name in measures if name in performance)
    year = performance["year"].to_numpy(dtype=float)
    month = (
        performance["month"].to_numpy(dtype=float)
        if "month" in performance
        else np.full(len(performance), np.nan)
    )
    # A month 13 and a year 20250 stay in their layer as faults; they are no period.
    dated = (year >= 1) & (year <= _LAST_YEAR) & (np.isnan(month) | ((month >= 1) & (month <= _MONTHS)))
    row = np.flatnonzero(dated)
    return Filed(
        companies.names,
        present,
        row,
        companies.place[row],
        year[row].astype(np.int64),
        np.nan_to_num(month[row]).astype(np.int64),
        performance[list(present)].to_numpy(dtype=float)[row],
        "month" in performance,
    )


def returns_for(of: Filed, period: Period) -> PeriodReturns:
    """The certain figures of a year or a month.

    Parameters
    ----------
    of
        All returns.
    period
        A year takes yearly returns, a month monthly ones.

    Returns
    -------
    PeriodReturns

    Notes
    -----
    Two files may each hold some of a company's measures, so each measure is looked at alone: exactly one row that has it gives
    the figure; several leave it uncertain, even where they agree, for two branches' returns may. Electricity and water that no
    yearly return holds are the sum of twelve months, each read once.
    """
    at = np.flatnonzero((of.year == period.year) & (of.month == period.month))
    company, values, count = of.company[at], of.cells[at], len(of.companies)
    rows = np.bincount(company, minlength=count)
    figures = np.empty((count, len(of.measures)), order="F")
    why = np.empty(figures.shape, dtype=np.int8, order="F")
    total = np.zeros(len(of.measures))
    monthly = np.zeros(count, dtype=bool)
    if not period.month:
        monthly[of.company[(of.year == period.year) & (of.month > 0)]] = True
    for column, name in enumerate(of.measures):
        value = values[:, column]
        given = ~np.isnan(value)
        times = np.bincount(company[given], minlength=count)
        summed = np.bincount(company[given], weights=value[given], minlength=count)
        total[column] = summed.sum()
        if name in METERS and not period.month:
            read, certain = _twelve_months(of, period, column)
            certain &= times == 0
            summed, times = np.where(certain, read, summed), np.where(certain, 1, times)
            total[column] += read[certain].sum()
        figures[:, column] = np.where(times == 1, summed, np.nan)
        why[:, column] = np.select(
            [times == 1, times > 1, rows > 0, monthly],
            [_KNOWN, _SEVERAL, _BLANK, _MONTHLY],
            default=_NO_RETURN,
        )
    return PeriodReturns(figures, why, total, rows)


def one_return(of: Filed, year: int) -> NDArray[np.intp]:
    """Where the yearly return of each company stands: position among the returns as they were read; -1 without one, or with several."""
    at = np.flatnonzero((of.year == year) & (of.month == 0))
    row = np.full(len(of.companies), -1)
    row[of.company[at]] = of.row[at]
    return np.where(np.bincount(of.company[at], minlength=len(row)) == 1, row, -1)


def _twelve_months(of: Filed, period: Period, column: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Each company's sum over the months of a year, and whether each month was read exactly once."""
    count = len(of.companies)
    at = (of.year == period.year) & (of.month > 0) & ~np.isnan(of.cells[:, column])
    slot = of.company[at] * _MONTHS + of.month[at] - 1
    times = np.bincount(slot, minlength=count * _MONTHS).reshape(count, _MONTHS)
    read: NDArray[np.float64] = np.bincount(
        of.company[at], weights=of.cells[at, column], minlength=count
    ).astype(np.float64)
    certain: NDArray[np.bool_] = (times == 1).all(axis=1)
    return read, certain
