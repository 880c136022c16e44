"""Growth over the years: against the year before, and compound since the first year known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["GROWING", "TRENDS", "growth"]

GROWING = ("output_wan", "value_added_wan", "tax_wan")
"""Measures whose growth is told."""

_ROUNDING = 1e-12

TRENDS = ("rising", "steady", "falling")


def growth(
    table: pd.DataFrame, key: str, *, steady: float, measures: Sequence[str] = GROWING
) -> pd.DataFrame:
    """Growth of each measure, row by row.

    Parameters
    ----------
    table
        A row a ``key`` and ``year``, at most one of each; the measures.
    key
        Whose years are held against each other.
    steady
        Compound growth a year, up or down, that counts as steady.
    measures
        Those that the table lacks are not in the result.

    Returns
    -------
    pandas.DataFrame
        On the table's index, for each measure: ``_growth`` (against the year before; NaN where that is missing or not above
        0), ``_compound_growth`` (a year, since the first year known; NaN where that is this one, is not above 0, or this one is below 0)
        and ``_trend`` (``rising``, ``steady``, ``falling``; None with one year known).

    Examples
    --------
    >>> years = pd.DataFrame({"e": "x", "year": [2023, 2024, 2025], "tax_wan": [100.0, 110.0, 121.0]})
    >>> growth(years, "e", steady=0.02)["tax_wan_compound_growth"].round(6).tolist()
    [nan, 0.1, 0.1]
    """
    owner = pd.factorize(table[key].astype(object).where(table[key].notna(), ""))[0]
    year = table["year"].to_numpy(dtype=float)
    order = np.lexsort((year, owner))
    columns: dict[str, NDArray[np.float64] | NDArray[np.object_]] = {}
    for name in measures:
        if name in table:
            told = _growth_of(table[name].to_numpy(dtype=float)[order], owner[order], year[order], steady)
            for suffix, values in told.items():
                back = np.empty_like(values)
                back[order] = values
                columns[f"{name}_{suffix}"] = back
    found = pd.DataFrame(columns, index=table.index)
    return found.astype({name: "str" for name in found if str(name).endswith("_trend")})


def _growth_of(
    value: NDArray[np.float64], owner: NDArray[np.intp], year: NDArray[np.float64], steady: float
) -> dict[str, NDArray[np.float64] | NDArray[np.object_]]:
    """Of rows in the order of owner and year."""
    before, next_year = np.roll(value, 1), np.roll(year, 1) == year - 1
    follows = next_year & (np.roll(owner, 1) == owner) & (np.arange(len(value)) > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        over_year = np.where(follows & (before > 0), value / before - 1, np.nan)
    groups = pd.DataFrame({"value": value, "year": np.where(np.isnan(value), np.nan, year)}).groupby(owner)
    first, since = (groups[name].transform("first").to_numpy(dtype=float) for name in ("value", "year"))
    spanned = year - since
    with np.errstate(divide="ignore", invalid="ignore"):
        compound = np.where(
            (spanned > 0) & (first > 0) & (value >= 0), (value / first) ** (1 / spanned) - 1, np.nan
        )
    # Where a loss or a zero stands at the start there is no rate, but there is a direction.
    change = np.where(np.isnan(compound) & (spanned > 0), value - first, compound)
    # 102 of 100 is two per cent, whatever the quotient of the two floats is.
    band = np.where(np.isnan(compound), 0.0, steady + _ROUNDING)
    trend = np.select(
        [change > band, change < -band, np.isfinite(change)], ["rising", "falling", "steady"], default=""
    )
    return {
        "growth": over_year,
        "compound_growth": compound,
        "trend": np.where(trend == "", np.array(None, dtype=object), trend.astype(object)),
    }
