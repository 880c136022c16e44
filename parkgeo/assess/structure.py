"""What each park is made of: companies, output and staff by industry, compared with a region or with the other parks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.metrics.agglomeration.concentration import herfindahl, largest_share
from parkgeo.metrics.agglomeration.quotient import location_quotient, shares_in
from parkgeo.packs.industry import industry_title

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["STRUCTURE_COLUMNS", "concentration_of_parks", "industry_structure"]

STRUCTURE_COLUMNS = {
    "park_id": "str", "industry": "str", "zh": "str", "en": "str", "companies": "int64", "output_wan": "float64",
    "output_share": "float64", "location_quotient": "float64", "reference": "str", "staff": "float64", "staff_share": "float64",
    "staff_quotient": "float64", "staff_reference": "str", "largest_company_share": "float64", "company_herfindahl": "float64",
}  # fmt: skip
"""Columns of the table ``industry_structure``."""

_SHARES = {"output_wan": "park.region_output_shares", "staff": "agglomeration.region_staff_shares"}


def industry_structure(companies: pd.DataFrame, rules: RuleBook, edition: str) -> pd.DataFrame:
    """A row for each park and industry.

    Parameters
    ----------
    companies
        A row a company: ``park_id``, ``industry`` (two digits, missing where not known), ``output_wan``, ``staff``.
    rules
        ``park.region_output_shares``, ``agglomeration.region_staff_shares``.
    edition
        Of GB/T 4754, of the codes.

    Returns
    -------
    pandas.DataFrame
        `STRUCTURE_COLUMNS`, a park's largest output first. Shares are of what is known of the park. A quotient is the share ÷
        the region's, as the packs give it; without that ÷ the share in all parks of the snapshot together, where there are several;
        NaN where there is neither. ``reference`` and ``staff_reference`` say which: ``region``, ``all_parks`` or ``none``.
    """
    told = companies.dropna(subset=["industry", "park_id"])
    if told.empty:
        return pd.DataFrame({name: [] for name in STRUCTURE_COLUMNS}).astype(STRUCTURE_COLUMNS)
    by = told.astype({"park_id": "str", "industry": "str"}).groupby(["park_id", "industry"], sort=True)
    sums = by[["output_wan", "staff"]].sum(min_count=1)
    table = sums.assign(
        companies=by.size(),
        largest_company_share=by["output_wan"].agg(lambda own: largest_share(own.to_numpy(dtype=float))),
        company_herfindahl=by["output_wan"].agg(lambda own: herfindahl(own.to_numpy(dtype=float))),
    ).reset_index()
    for measure, name, quotient, said in (
        ("output_wan", "output_share", "location_quotient", "reference"),
        ("staff", "staff_share", "staff_quotient", "staff_reference"),
    ):
        share, reference, basis = _beside(table, measure, rules)
        table[name], table[said] = share, basis
        table[quotient] = location_quotient(share, reference)
    for lang in ("zh", "en"):
        titles = {code: industry_title(code, edition, lang) for code in table["industry"].unique()}
        table[lang] = table["industry"].map(titles)
    order = table.sort_values(
        ["park_id", "output_wan", "industry"], ascending=[True, False, True], kind="stable"
    )
    return order[list(STRUCTURE_COLUMNS)].astype(STRUCTURE_COLUMNS).reset_index(drop=True)


def _beside(
    table: pd.DataFrame, measure: str, rules: RuleBook
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Shares of a measure in the parks, in what they are compared with, and what that is."""
    amounts = table[measure].to_numpy(dtype=np.float64)
    park, parks = pd.factorize(table["park_id"])
    share = shares_in(amounts, park, len(parks))
    region = rules.get(_SHARES[measure])
    if region is not None:
        given: Any = table["industry"].map(region.table("1")).astype("float64")
        return share, given.to_numpy(dtype=np.float64), "region"
    if len(parks) > 1 and np.isfinite(amounts).any():
        kind, kinds = pd.factorize(table["industry"])
        total = np.bincount(kind, weights=np.nan_to_num(amounts), minlength=len(kinds))
        return (
            share,
            (total / total.sum() if total.sum() > 0 else np.full(len(total), np.nan))[kind],
            "all_parks",
        )
    return share, np.full(len(table), np.nan), "none"


def concentration_of_parks(companies: pd.DataFrame, park_ids: pd.Series[Any]) -> pd.DataFrame:
    """How few companies and industries make up each park's output.

    Parameters
    ----------
    companies
        As for `industry_structure`; every company of the parks, also those whose output is not known.
    park_ids
        Of the parks.

    Returns
    -------
    pandas.DataFrame
        On the index of ``park_ids``: ``output_known_share`` (companies with known output ÷ companies; NaN without companies),
        ``dominant_company_share``, ``company_herfindahl``, ``industry_herfindahl`` (of the output whose industry is known).
    """
    rows = []
    groups = {str(name): own for name, own in companies.dropna(subset=["park_id"]).groupby("park_id")}
    for park_id in park_ids:
        own = groups.get(str(park_id), companies.iloc[:0])
        made = own["output_wan"].to_numpy(dtype=np.float64)
        kinds = own.dropna(subset=["industry"]).groupby("industry")["output_wan"].sum(min_count=1)
        rows.append(
            {
                "output_known_share": float(np.isfinite(made).mean()) if len(made) else np.nan,
                "dominant_company_share": largest_share(made),
                "company_herfindahl": herfindahl(made),
                "industry_herfindahl": herfindahl(kinds.to_numpy(dtype=np.float64)),
            }
        )
    return pd.DataFrame(rows, index=park_ids.index).astype("float64")
