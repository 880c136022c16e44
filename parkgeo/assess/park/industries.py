"""What a park makes: land and output by industry, how far above the region's share, and how many industries lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.coded import coded
from parkgeo.assess.park.rows import compared, indicator, indicator_gap
from parkgeo.packs.industry import industry_title, two_digits

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.park.companies import Holdings
    from parkgeo.packs import RuleBook

__all__ = [
    "INDUSTRY_COLUMNS",
    "company_industries",
    "leading_industries",
    "leading_rows",
    "parcel_industries",
]

INDUSTRY_COLUMNS = {
    "park_id": "str", "industry_code": "str", "zh": "str", "en": "str", "companies": "float64", "land_m2": "float64",
    "land_share": "float64", "output_wan": "float64", "output_share": "float64", "location_quotient": "float64", "leading": "bool",
}  # fmt: skip

_NO_OUTPUT = "No company's output and industry code are both known: ask for the yearly returns and the list of companies."
_NO_LEAST = "No pack in force says from what share of output an industry leads (park.leading_output_share)."
_NO_REGION = "The region's output by industry is not in the packs (park.region_output_shares): fill it in to have location quotients."
_NO_STATED = "The park's leading industries are not recorded: ask for the field."
_BETWEEN = re.compile(r"[、，,;；/|]|\s+and\s+|和|及|与")


def edition(rules: RuleBook) -> str:
    """Edition of GB/T 4754 that the office's codes are of."""
    figure = rules.get("land.industry_code_edition")
    return figure.text() if figure else "2017"


def company_industries(enterprises: pd.DataFrame | None) -> pd.Series[Any]:
    """Two-digit industry of each company, index enterprise_id; empty without the companies' codes."""
    if enterprises is None or "industry_code" not in enterprises:
        return pd.Series(dtype=object, name="industry_code")
    once = enterprises[~enterprises["enterprise_id"].duplicated(keep=False)].set_index("enterprise_id")
    return two_digits(once["industry_code"])


def parcel_industries(
    parcels: pd.DataFrame, held: Holdings | None, companies: pd.Series[Any]
) -> pd.Series[Any]:
    """Two-digit industry of each parcel: of the company that holds most of it on the day, else as the cadastre says.

    Parameters
    ----------
    parcels
        ``industry_code`` where the cadastre has it.
    held
        Who holds which of them; None where the office has no such table.
    companies
        From `company_industries`.

    Returns
    -------
    pandas.Series
        Categories, on the parcels' index; missing where neither says.
    """
    told = two_digits(parcels["industry_code"]) if "industry_code" in parcels else [None] * len(parcels)
    stated = pd.Categorical(told)
    if held is None or not len(companies):
        return pd.Series(stated, index=parcels.index)
    kind = pd.Categorical(companies)
    at = companies.index.get_indexer(pd.Index(held.names))
    # The last stands for a company that is not listed, whose position is -1.
    of_row = np.append(kind.codes, -1)[at][held.company]
    found = np.full(len(parcels), -1)
    rows = np.flatnonzero(held.on_day & (held.parcel >= 0) & (held.company >= 0) & (of_row >= 0))
    found[held.parcel[rows]] = of_row[rows]
    # Most parcels have one company, and nothing to choose from. The last write wins, so the largest is written last.
    several = rows[np.bincount(held.parcel[rows], minlength=len(parcels))[held.parcel[rows]] > 1]
    order = pd.DataFrame(
        {
            "row": several,
            "area": held.area_m2[several],
            "company": held.names.iloc[held.company[several]].array,
        }
    ).sort_values(["area", "company"], ascending=[False, True], kind="stable")
    last = order["row"].to_numpy()[::-1]
    found[held.parcel[last]] = of_row[last]
    words = kind.categories.union(stated.categories)
    own, theirs = (np.append(words.get_indexer(one.categories), -1) for one in (stated, kind))
    return pd.Series(
        pd.Categorical.from_codes(np.where(found >= 0, theirs[found], own[stated.codes]), categories=words),
        index=parcels.index,
    )


def leading_industries(
    parcels: pd.DataFrame,
    industry: pd.Series[Any],
    output: pd.DataFrame,
    rules: RuleBook,
) -> pd.DataFrame:
    """Land and output of each park by two-digit industry.

    Parameters
    ----------
    parcels
        ``park_id``, ``site_area_m2``.
    industry
        From `parcel_industries`, on the same index.
    output
        A row a company: ``park_id``, ``industry``, ``output_wan`` (NaN where it did not file).
    rules
        ``park.region_output_shares``, ``park.leading_output_share``.

    Returns
    -------
    pandas.DataFrame
        `INDUSTRY_COLUMNS`; a park's largest output first. ``land_share`` is of the land whose industry is known, ``output_share``
        of the output whose industry is known; ``location_quotient`` is the output share ÷ the region's, NaN where the packs lack it.
        ``leading``: at least the pack's share of output and, where it is known, a location quotient above 1.
    """
    land = _land(parcels, industry)
    known = output.dropna(subset=["industry"])
    by = [known["park_id"].astype(str), known["industry"].astype(str)]
    made = known["output_wan"].groupby(by).sum(min_count=1)
    count = known["output_wan"].groupby(by).size()
    for one in (land, made, count):
        keys = [one.index.get_level_values(level).astype("str") for level in range(2)]
        one.index = pd.MultiIndex.from_arrays(keys, names=["park_id", "industry_code"])
    table = (
        pd.concat({"land_m2": land, "output_wan": made, "companies": count}, axis=1)
        .astype("float64")
        .reset_index()
    )
    whole = table.groupby("park_id")[["land_m2", "output_wan"]].transform("sum")
    table["land_share"] = (table["land_m2"] / whole["land_m2"]).where(whole["land_m2"] > 0)
    table["output_share"] = (table["output_wan"] / whole["output_wan"]).where(whole["output_wan"] > 0)
    region = rules.get("park.region_output_shares")
    shares = table["industry_code"].map(region.table("1") if region else {}).astype("float64")
    table["location_quotient"] = (table["output_share"] / shares).where(shares > 0)
    least = rules.get("park.leading_output_share")
    large = table["output_share"] >= (least.number("1") if least else np.inf)
    table["leading"] = large & ~(table["location_quotient"] <= 1)
    for lang in ("zh", "en"):
        titles = {
            code: industry_title(code, edition(rules), lang) for code in table["industry_code"].unique()
        }
        table[lang] = table["industry_code"].map(titles)
    order = table.sort_values(["park_id", "output_wan", "land_m2", "industry_code"], ascending=[True, False, False, True], kind="stable")  # fmt: skip
    return order[list(INDUSTRY_COLUMNS)].astype(INDUSTRY_COLUMNS).reset_index(drop=True)


def _land(parcels: pd.DataFrame, industry: pd.Series[Any]) -> pd.Series[float]:
    """Area of each park and industry; a number stands for a pair of them, and groups of numbers are summed at once."""
    of, kind = coded(parcels, "park_id"), pd.Categorical(industry)
    names = sorted({str(word) for word in of.words})
    park = np.array([names.index(str(word)) for word in of.words], dtype=np.intp)[of.codes]
    told = kind.codes >= 0
    area = parcels["site_area_m2"].to_numpy(dtype=float)[told]
    found = pd.Series(area).groupby(park[told] * len(kind.categories) + kind.codes[told]).sum()
    at = np.divmod(found.index.to_numpy(dtype=np.intp), max(len(kind.categories), 1))
    return found.set_axis(
        pd.MultiIndex.from_arrays([pd.Index(names, dtype=object)[at[0]], kind.categories[at[1]]])
    )


def stated_industries(text: object) -> tuple[str, ...]:
    """Industries named in a park's own list.

    Examples
    --------
    >>> stated_industries("装备制造、新材料，电子信息")
    ('装备制造', '新材料', '电子信息')
    """
    if not isinstance(text, str):
        return ()
    return tuple(dict.fromkeys(part.strip() for part in _BETWEEN.split(text) if part.strip()))


def leading_rows(
    own: pd.DataFrame, stated: object, rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """How many industries lead, as the park says and as its output says, beside the most that there should be."""
    most = compared(rules.get("park.leading_industries_max"), "1")
    named = stated_industries(stated)
    makes = bool(own["output_share"].notna().any())
    asked = rules.get("park.leading_output_share") is not None
    rows = [
        indicator("leading_industries_stated", float(len(named)) if named else np.nan) | most,
        indicator("leading_industries_counted", float(own["leading"].sum()) if makes and asked else np.nan)
        | most,
    ]
    gaps = [] if named else [indicator_gap("leading_industries_stated", _NO_STATED)]
    if not makes:
        gaps.append(indicator_gap("leading_industries_counted", _NO_OUTPUT))
    elif not asked:
        gaps.append(indicator_gap("leading_industries_counted", _NO_LEAST))
    if rules.get("park.region_output_shares") is None:
        gaps.append(indicator_gap("location_quotient", _NO_REGION))
    return rows, gaps
