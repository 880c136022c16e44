"""Amounts and areas that cannot be: negative, zero, beyond what holds them, or in another unit than their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import numbers
from parkgeo.assess.membership import present
from parkgeo.assess.records.slips import judged_slips, slips_frame, slips_of
from parkgeo.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook

__all__ = ["CHECKS", "amount_conflict"]

CHECKS = (
    "invested", "price", "term", "developed", "floor", "supplied_zero", "supplied_unit", "registered_zero", "unit",
    "output", "revenue", "value_added", "tax", "output_revenue", "peers",
)  # fmt: skip
"""Names that the pack's list may hold."""

_PATTERNS = {
    "beyond": "{one} ({first}) is {times} times {other} ({second}): row {row} of {file}.",
    "zero": "{one} is 0: row {row} of {file}.",
    "negative": "{one} is negative ({first}): row {row} of {file}.",
    "unit": "{one} ({first}) is {times} times what such rows hold ({second}), or as small a part: perhaps another unit; row {row} of {file}.",
    "apart": "{one} ({first}) and {other} ({second}) of one return differ {times} times: row {row} of {file}.",
    "peers": "{one} ({first}) is {times} times the median of the companies' returns of that year ({second}): perhaps another unit; row {row} of {file}.",
    "drawn": "{one} ({first} m²) and the parcel as drawn ({second} m²) differ {times} times: perhaps another unit; row {row} of {file}.",
}
_MONEY = ("price_wan", "agreed_investment_wan", "invested_wan")
_RETURNS = ("output_wan", "revenue_wan", "tax_wan", "fixed_assets_wan")
_AGAINST_PEERS = ("output_wan", "value_added_wan", "tax_wan")


def amount_conflict(
    parcels: pd.DataFrame,
    supply: pd.DataFrame | None,
    occupancy: pd.DataFrame | None,
    performance: pd.DataFrame | None,
    rules: RuleBook,
) -> Judged | None:
    """Amounts and areas of a parcel, its contracts and its companies that cannot be.

    Parameters
    ----------
    parcels
        ``parcel_id``, ``site_area_m2``; ``registered_area_m2`` where there is one.
    supply, occupancy, performance
        Layers, as far as they are there. A company's return is told of the parcels that it occupies or has occupied.
    rules
        The packs in force; ``records.amount_conflict`` lists the checks.

    Returns
    -------
    Judged or None
        ``observed`` is by how many times the largest exceeds what it is held against. Missing figures contradict nothing.
    """
    rule = rules.get("records.amount_conflict")
    if rule is None:
        return None
    checks = set(rule.texts())
    if not checks <= set(CHECKS):
        raise PackError(
            f"{rule.key} holds {sorted(checks - set(CHECKS))}",
            where=rule.pack,
            mend=f"use {', '.join(CHECKS)}",
        )
    found = [*_of_parcels(parcels, checks)]
    ids = parcels["parcel_id"]
    asked = ~np.isnan(numbers(parcels, "registered_area_m2"))
    for rows in (supply, occupancy if performance is not None else None):
        if rows is not None:
            asked |= present(ids, rows["parcel_id"])
    if supply is not None:
        found += _of_contracts(parcels, supply, rules, checks)
    if performance is not None and occupancy is not None:
        slips = slips_frame(_of_returns(performance, rules, checks))
        where = occupancy[["enterprise_id", "parcel_id"]].drop_duplicates()
        found.append(slips.rename(columns={"parcel_id": "enterprise_id"}).merge(where, on="enterprise_id"))
    return judged_slips(_PATTERNS, "amount_conflict", rule, parcels, slips_frame(found), asked)


def _of_parcels(parcels: pd.DataFrame, checks: set[str]) -> Iterator[pd.DataFrame]:
    if "registered_zero" in checks and "registered_area_m2" in parcels:
        yield _zero(parcels, "parcels", "registered_area_m2", numbers(parcels, "registered_area_m2") == 0)


def _of_contracts(
    parcels: pd.DataFrame, supply: pd.DataFrame, rules: RuleBook, checks: set[str]
) -> Iterator[pd.DataFrame]:
    tolerance = rules["records.developed_tolerance"].number("1")
    supplied = numbers(supply, "supplied_area_m2")
    if "invested" in checks:
        yield _beyond(supply, "invested_wan", "agreed_investment_wan", rules["records.invested_times_agreed"].number("1"))  # fmt: skip
    if "developed" in checks:
        # Land outside the area to be developed is not developed under the contract; without one the area supplied holds it.
        planned = numbers(supply, "construction_area_m2") > 0
        yield _beyond(supply, "developed_area_m2", "construction_area_m2", 1 + tolerance)
        yield _beyond(supply, "developed_area_m2", "supplied_area_m2", 1 + tolerance, where=~planned)
    if "floor" in checks:
        yield _beyond(supply, "developed_floor_area_m2", "agreed_floor_area_m2", 1 + tolerance)
    if "price" in checks and "supply_mode" in supply:
        granted = (supply["supply_mode"] == "grant").to_numpy(dtype=bool)
        yield _zero(supply, "supply", "price_wan", granted & (numbers(supply, "price_wan") == 0))
    if "term" in checks:
        yield _zero(supply, "supply", "term_years", numbers(supply, "term_years") == 0)
    if "supplied_zero" in checks:
        yield _zero(supply, "supply", "supplied_area_m2", supplied == 0)
    if "supplied_unit" in checks and "supplied_area_m2" in supply:
        yield _against_drawn(parcels, supply, rules["records.area_times_drawn"].number("1"))
    if "unit" in checks:
        area = _area_of_money(parcels, supply, rules["records.area_times_drawn"].number("1"))
        every = pd.Series(0, index=supply.index)
        for name in _MONEY:
            yield _other_unit(supply, "supply", name, numbers(supply, name) / area, every, rules, scale=area)


def _of_returns(performance: pd.DataFrame, rules: RuleBook, checks: set[str]) -> Iterator[pd.DataFrame]:
    """Slips under the company's id, where that of a parcel will stand."""
    yearly = (
        performance["month"].isna()
        if "month" in performance
        else pd.Series(data=True, index=performance.index)
    )
    rows = performance[yearly].assign(parcel_id=performance.loc[yearly, "enterprise_id"])
    for name in ("output", "revenue"):
        if name in checks and f"{name}_wan" in rows:
            negative = numbers(rows, f"{name}_wan") < 0
            yield slips_of(
                rows, negative, "negative", "performance", f"{name}_wan", "",
                observed=np.abs(numbers(rows, f"{name}_wan")), threshold=0.0,
            )  # fmt: skip
    for name, whole in (("value_added", "output_wan"), ("tax", "revenue_wan")):
        if name in checks:
            yield _beyond(rows, f"{name}_wan", whole, 1.0, layer="performance")
    if "output_revenue" in checks:
        yield _apart_in_a_row(rows, "output_wan", "revenue_wan", rules["records.output_times_revenue"].number("1"))  # fmt: skip
    if "peers" in checks:
        for name in _AGAINST_PEERS:
            yield _beyond_peers(rows, name, rules)
    if "unit" in checks:
        for name in _RETURNS:
            yield _other_unit(
                rows, "performance", name, numbers(rows, name), rows["enterprise_id"], rules, scale=np.ones(len(rows))
            )  # fmt: skip


def _zero(rows: pd.DataFrame, layer: str, name: str, at: NDArray[np.bool_]) -> pd.DataFrame:
    if name not in rows:
        return slips_frame([])
    return slips_of(rows, at, "zero", layer, name, "", observed=np.zeros(len(rows)), threshold=0.0)


def _beyond(
    rows: pd.DataFrame,
    name: str,
    whole: str,
    most: float,
    *,
    where: NDArray[np.bool_] | None = None,
    layer: str = "supply",
) -> pd.DataFrame:
    """Where a figure is more than so many times another."""
    if name not in rows or whole not in rows:
        return slips_frame([])
    part, held = numbers(rows, name), numbers(rows, whole)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        times = np.where(held > 0, part / held, np.nan)
    at = times > most
    return slips_of(
        rows,
        at if where is None else at & where,
        "beyond",
        layer,
        name,
        whole,
        observed=times,
        threshold=most,
    )


def _against_drawn(parcels: pd.DataFrame, supply: pd.DataFrame, most: float) -> pd.DataFrame:
    """Where the area supplied is far from that of the parcel: 公顷 written as m², mu as hectares."""
    drawn = _drawn_area(parcels, supply)
    stated = numbers(supply, "supplied_area_m2")
    times = _apart(stated, drawn)
    return slips_of(
        supply,
        times > most,
        "drawn",
        "supply",
        "supplied_area_m2",
        "",
        observed=times,
        threshold=most,
        second=drawn,
    )


def _drawn_area(parcels: pd.DataFrame, supply: pd.DataFrame) -> NDArray[np.float64]:
    site = parcels.drop_duplicates("parcel_id").set_index("parcel_id")["site_area_m2"]
    return supply["parcel_id"].map(site).to_numpy(dtype=float)


def _area_of_money(parcels: pd.DataFrame, supply: pd.DataFrame, most: float) -> NDArray[np.float64]:
    """The area that a contract's money is for: as supplied, and as drawn where what is supplied is in another unit.

    An area in hectares must not make its row's money look ten thousand times too much.
    """
    supplied, drawn = numbers(supply, "supplied_area_m2"), _drawn_area(parcels, supply)
    area = np.where(_apart(supplied, drawn) > most, drawn, supplied)
    return np.where(area > 0, area, np.nan)


def _apart_in_a_row(rows: pd.DataFrame, one: str, other: str, most: float) -> pd.DataFrame:
    """Where two figures of a return that go together, both above 0, are too far from each other."""
    if one not in rows or other not in rows:
        return slips_frame([])
    times = _apart(numbers(rows, one), numbers(rows, other))
    return slips_of(rows, times > most, "apart", "performance", one, other, observed=times, threshold=most)


def _beyond_peers(rows: pd.DataFrame, name: str, rules: RuleBook) -> pd.DataFrame:
    """Where a figure is too many times the median of all companies' of its year.

    A company much smaller than the others is no error, so only what is too large is.
    """
    if name not in rows:
        return slips_frame([])
    most, least = (
        rules[f"records.{key}"].number("1") for key in ("return_times_peers", "return_peers_least")
    )
    value = numbers(rows, name)
    years = pd.Series(np.where(value > 0, value, np.nan), index=rows.index).groupby(rows["year"])
    middle = years.transform("median").where(years.transform("count") >= least).to_numpy(dtype=float)
    times = value / middle
    return slips_of(
        rows, times > most, "peers", "performance", name, "", observed=times, threshold=most, second=middle
    )


def _other_unit(
    rows: pd.DataFrame,
    layer: str,
    name: str,
    value: NDArray[np.float64],
    group: pd.Series[int] | pd.Series[str],
    rules: RuleBook,
    *,
    scale: NDArray[np.float64],
) -> pd.DataFrame:
    """Where a figure is so far from the middle of its group that only another unit explains it."""
    if name not in rows:
        return slips_frame([])
    most, least = (rules[f"records.{key}"].number("1") for key in ("unit_times_median", "unit_median_least"))
    positive = pd.Series(np.where(value > 0, value, np.nan), index=rows.index)
    groups = positive.groupby(group)
    middle = groups.transform("median").where(groups.transform("count") >= least).to_numpy(dtype=float)
    times = _apart(positive.to_numpy(dtype=float), middle)
    return slips_of(
        rows, times > most, "unit", layer, name, "", observed=times, threshold=most, second=middle * scale
    )


def _apart(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """How many times the larger of two positive figures is the smaller; NaN where one is missing or not positive."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where((one > 0) & (other > 0), one / other, np.nan)
        return np.fmax(ratio, 1 / ratio)
