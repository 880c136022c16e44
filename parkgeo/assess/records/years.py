"""Years that are missing in the series of companies' returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.errors import name_some
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from parkgeo.assess.gaps import Gap

__all__ = ["missing_years", "year_gaps"]

_MISSING = "No return for {year}, between years that were filed, of {count} companies: {companies}."
_LATEST = "No return for {year}, the latest full year, of {count} companies that filed before: {companies}."


def missing_years(performance: pd.DataFrame, latest: int) -> pd.DataFrame:
    """Years without a yearly return after a company's first.

    Parameters
    ----------
    performance
        ``enterprise_id``, ``year``, and ``month`` where there are monthly rows.
    latest
        The latest year for which any company filed.

    Returns
    -------
    pandas.DataFrame
        ``enterprise_id``, ``year``, and ``between``: whether the company filed for a later year too.

    Examples
    --------
    >>> rows = pd.DataFrame({"enterprise_id": ["e", "e", "f"], "year": [2023, 2025, 2024]})
    >>> missing_years(rows, 2025).to_numpy().tolist()
    [['e', 2024, True], ['f', 2025, False]]
    """
    yearly = performance[performance["month"].isna()] if "month" in performance else performance
    filed = yearly[["enterprise_id", "year"]].dropna().drop_duplicates()
    filed = filed[filed["year"] <= latest].astype({"year": int})
    span = filed.groupby("enterprise_id", sort=True)["year"].agg(["min", "max", "size"])
    holes = span[span["size"] < latest - span["min"] + 1]
    count = (latest - holes["min"] + 1).to_numpy(dtype=int)
    every = pd.DataFrame(
        {
            "enterprise_id": np.repeat(holes.index.to_numpy(dtype=object), count),
            "year": np.repeat(holes["min"].to_numpy(dtype=int), count)
            + np.arange(count.sum())
            - np.repeat(np.cumsum(count) - count, count),
            "between": np.repeat(holes["max"].to_numpy(dtype=int), count),
        }
    )
    filed_pairs = pd.MultiIndex.from_frame(filed[["enterprise_id", "year"]])
    lacking = ~pd.MultiIndex.from_frame(every[["enterprise_id", "year"]]).isin(filed_pairs)
    found: pd.DataFrame = every[lacking].assign(between=lambda rows: rows["year"] < rows["between"])
    return found.reset_index(drop=True)


def year_gaps(performance: pd.DataFrame | None, latest: int | None, as_of: dt.date) -> Iterator[Gap]:
    """A gap for each year that companies left out of their series."""
    if performance is None or latest is None or latest > as_of.year:
        return
    for (year, between), rows in missing_years(performance, latest).groupby(["year", "between"]):
        companies = rows["enterprise_id"].astype(str)
        ask = {
            lang: say(
                _MISSING if between else _LATEST, lang,
                year=str(year), count=len(companies), companies=name_some(sorted(companies)),
            )
            for lang in LANGUAGES
        }  # fmt: skip
        yield "performance", None, "year", ask
