"""What a park makes: land and output by industry, how far above the region's share, and how many industries lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.park.rows import compared, indicator, indicator_gap
from parkgeo.packs.industry import industry_title, two_digits

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
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
    parcels: pd.DataFrame, occupied: pd.DataFrame | None, companies: pd.Series[Any]
) -> pd.Series[Any]:
    """Two-digit industry of each parcel: of the company that occupies most of it, else as the cadastre says.

    Parameters
    ----------
    parcels
        ``parcel_id``, and ``industry_code`` where the cadastre has it.
    occupied
        Rows of the occupancy on the day.
    companies
        From `company_industries`.

    Returns
    -------
    pandas.Series
        On the parcels' index; None where neither says.
    """
    stated = (
        two_digits(parcels["industry_code"])
        if "industry_code" in parcels
        else pd.Series(None, index=parcels.index, dtype=object)
    )
    if occupied is None or not len(companies):
        return stated
    area = occupied.get("occupied_area_m2", np.nan)
    rows = occupied[["parcel_id", "enterprise_id"]].assign(area=area)
    rows["industry"] = rows["enterprise_id"].map(companies)
    rows = rows.dropna(subset=["industry"])
    # Most parcels have one company, and nothing to choose from.
    several = rows["parcel_id"].duplicated(keep=False)
    ordered = rows[several].sort_values(["area", "enterprise_id"], ascending=[False, True], kind="stable")
    chosen = pd.concat([rows[~several], ordered.drop_duplicates("parcel_id")])
    first = chosen.set_index("parcel_id")["industry"]
    found = parcels["parcel_id"].map(first)
    return found.where(found.notna(), stated).astype(object)


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
    land = parcels["site_area_m2"].groupby([parcels["park_id"].astype(str), industry]).sum()
    known = output.dropna(subset=["industry"])
    by = [known["park_id"].astype(str), known["industry"].astype(str)]
    made = known["output_wan"].groupby(by).sum(min_count=1)
    count = known["output_wan"].groupby(by).size()
    for one in (land, made, count):
        one.index.names = ["park_id", "industry_code"]
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
