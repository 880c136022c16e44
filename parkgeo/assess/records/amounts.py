"""Amounts and areas that cannot be: negative, zero, beyond what holds them, or in another unit than their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.attached import Attached, attached
from parkgeo.assess.contracts import numbers
from parkgeo.assess.records.slips import judged_slips, slips_frame, slips_of
from parkgeo.errors import PackError
from parkgeo.metrics.ids import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook

__all__ = ["CHECKS", "amount_conflict", "price_in_doubt"]

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
    supply: pd.DataFrame | Attached | None,
    occupancy: pd.DataFrame | Attached | None,
    performance: pd.DataFrame | None,
    rules: RuleBook,
) -> Judged | None:
    """Amounts and areas of a parcel, its contracts and its companies that cannot be.

    Parameters
    ----------
    parcels
        ``parcel_id``, ``site_area_m2``; ``registered_area_m2`` where there is one.
    supply, occupancy, performance
        Layers, as far as they are there, the first two with the parcels looked up or not. A company's return is told of the parcels that it occupies or has occupied.
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
    asked = ~np.isnan(numbers(parcels, "registered_area_m2"))
    if supply is not None:
        contracts = attached(supply, parcels)
        asked |= contracts.count(len(parcels)) > 0
        found += _of_contracts(parcels, contracts, rules, checks)
    if performance is not None and occupancy is not None:
        stays = attached(occupancy, parcels)
        asked |= stays.count(len(parcels)) > 0
        returns, companies = _yearly(performance)
        slips = slips_frame(_of_returns(returns, rules, checks))
        found.append(_on_parcels(slips, companies, stays))
    return judged_slips(_PATTERNS, "amount_conflict", rule, parcels, slips_frame(found), asked)


def price_in_doubt(
    parcels: pd.DataFrame, supply: pd.DataFrame | Attached | None, rules: RuleBook
) -> NDArray[np.bool_]:
    """Parcels whose land price `amount_conflict` finds absurd: nothing is to be worked out of it before it is settled.

    Parameters
    ----------
    parcels
        ``parcel_id``, ``site_area_m2``.
    supply
        The ledger; None: there is none.
    rules
        The packs in force.
    """
    rule = rules.get("records.amount_conflict")
    doubted = np.zeros(len(parcels), dtype=bool)
    if rule is None or supply is None:
        return doubted
    contracts = attached(supply, parcels)
    if "price_wan" not in contracts.rows:
        return doubted
    checks = set(rule.texts()) & {"price", "unit"}
    slips = slips_frame(_of_contracts(parcels, contracts, rules, checks, money=("price_wan",)))
    at = slips["place"].to_numpy(dtype=np.intp)
    doubted[at[at >= 0]] = True
    return doubted


def _of_parcels(parcels: pd.DataFrame, checks: set[str]) -> Iterator[pd.DataFrame]:
    if "registered_zero" in checks and "registered_area_m2" in parcels:
        own = Attached(parcels, np.arange(len(parcels)))
        yield _zero(own, "parcels", "registered_area_m2", numbers(parcels, "registered_area_m2") == 0)


def _of_contracts(
    parcels: pd.DataFrame,
    supply: Attached,
    rules: RuleBook,
    checks: set[str],
    *,
    money: Sequence[str] = _MONEY,
) -> Iterator[pd.DataFrame]:
    tolerance = rules["records.developed_tolerance"].number("1")
    rows = supply.rows
    supplied = numbers(rows, "supplied_area_m2")
    if "invested" in checks:
        yield _beyond(supply, "invested_wan", "agreed_investment_wan", rules["records.invested_times_agreed"].number("1"))  # fmt: skip
    if "developed" in checks:
        # Land outside the area to be developed is not developed under the contract; without one the area supplied holds it.
        planned = numbers(rows, "construction_area_m2") > 0
        yield _beyond(supply, "developed_area_m2", "construction_area_m2", 1 + tolerance)
        yield _beyond(supply, "developed_area_m2", "supplied_area_m2", 1 + tolerance, where=~planned)
    if "floor" in checks:
        yield _beyond(supply, "developed_floor_area_m2", "agreed_floor_area_m2", 1 + tolerance)
    if "price" in checks and "supply_mode" in rows:
        granted = (rows["supply_mode"] == "grant").to_numpy(dtype=bool)
        yield _zero(supply, "supply", "price_wan", granted & (numbers(rows, "price_wan") == 0))
    if "term" in checks:
        yield _zero(supply, "supply", "term_years", numbers(rows, "term_years") == 0)
    if "supplied_zero" in checks:
        yield _zero(supply, "supply", "supplied_area_m2", supplied == 0)
    drawn = _drawn_area(parcels, supply)
    most = rules["records.area_times_drawn"].number("1")
    if "supplied_unit" in checks and "supplied_area_m2" in rows:
        yield _against_drawn(supply, supplied, drawn, most)
    if "unit" in checks:
        area = _area_of_money(supplied, drawn, most)
        every = np.zeros(len(rows), dtype=np.intp)
        for name in money:
            yield _other_unit(supply, "supply", name, numbers(rows, name) / area, every, rules, scale=area)


def _yearly(performance: pd.DataFrame) -> tuple[Attached, pd.Index]:
    """Returns of whole years, each with the number of its company, and the companies."""
    rows = performance[performance["month"].isna()] if "month" in performance else performance
    company, names = pd.factorize(rows["enterprise_id"])
    return Attached(rows, company), pd.Index(names)


def _on_parcels(slips: pd.DataFrame, companies: pd.Index, stays: Attached) -> pd.DataFrame:
    """Slips of companies by number, told of each of the parcels that they occupy or have occupied."""
    if slips.empty:
        return slips
    wrong = np.unique(slips["place"].to_numpy(dtype=np.intp))
    company = places(stays.rows["enterprise_id"], pd.Series(companies[wrong]))
    there = pd.DataFrame({"company": np.append(wrong, -1)[company], "place": stays.place})
    there = there[company >= 0].drop_duplicates()
    own = slips.rename(columns={"place": "company"}).astype({"company": np.intp})
    return own.merge(there, on="company")


def _of_returns(returns: Attached, rules: RuleBook, checks: set[str]) -> Iterator[pd.DataFrame]:
    """Slips with the company's number where a parcel's position will stand."""
    rows = returns.rows
    for name in ("output", "revenue"):
        if name in checks and f"{name}_wan" in rows:
            negative = numbers(rows, f"{name}_wan") < 0
            yield slips_of(
                returns, negative, "negative", "performance", f"{name}_wan", "",
                observed=np.abs(numbers(rows, f"{name}_wan")), threshold=0.0,
            )  # fmt: skip
    for name, whole in (("value_added", "output_wan"), ("tax", "revenue_wan")):
        if name in checks:
            yield _beyond(returns, f"{name}_wan", whole, 1.0, layer="performance")
    if "output_revenue" in checks:
        yield _apart_in_a_row(returns, "output_wan", "revenue_wan", rules["records.output_times_revenue"].number("1"))  # fmt: skip
    if "peers" in checks:
        year = pd.factorize(rows["year"])[0]
        for name in _AGAINST_PEERS:
            yield _beyond_peers(returns, name, year, rules)
    if "unit" in checks:
        alike = np.ones(len(rows))
        for name in _RETURNS:
            yield _other_unit(
                returns, "performance", name, numbers(rows, name), returns.place, rules, scale=alike
            )


def _zero(rows: Attached, layer: str, name: str, at: NDArray[np.bool_]) -> pd.DataFrame:
    if name not in rows.rows:
        return slips_frame([])
    return slips_of(rows, at, "zero", layer, name, "", observed=np.zeros(len(at)), threshold=0.0)


def _beyond(
    rows: Attached,
    name: str,
    whole: str,
    most: float,
    *,
    where: NDArray[np.bool_] | None = None,
    layer: str = "supply",
) -> pd.DataFrame:
    """Where a figure is more than so many times another."""
    if name not in rows.rows or whole not in rows.rows:
        return slips_frame([])
    part, held = numbers(rows.rows, name), numbers(rows.rows, whole)
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


def _against_drawn(
    supply: Attached, supplied: NDArray[np.float64], drawn: NDArray[np.float64], most: float
) -> pd.DataFrame:
    """Where the area supplied is far from that of the parcel: 公顷 written as m², mu as hectares."""
    times = _apart(supplied, drawn)
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


def _drawn_area(parcels: pd.DataFrame, supply: Attached) -> NDArray[np.float64]:
    """Area of the parcel that each row is about; missing where it is none of them."""
    return np.append(numbers(parcels, "site_area_m2"), np.nan)[supply.place]


def _area_of_money(
    supplied: NDArray[np.float64], drawn: NDArray[np.float64], most: float
) -> NDArray[np.float64]:
    """The area that a contract's money is for: as supplied, and as drawn where what is supplied is in another unit.

    An area in hectares must not make its row's money look ten thousand times too much.
    """
    area = np.where(_apart(supplied, drawn) > most, drawn, supplied)
    return np.where(area > 0, area, np.nan)


def _apart_in_a_row(rows: Attached, one: str, other: str, most: float) -> pd.DataFrame:
    """Where two figures of a return that go together, both above 0, are too far from each other."""
    if one not in rows.rows or other not in rows.rows:
        return slips_frame([])
    times = _apart(numbers(rows.rows, one), numbers(rows.rows, other))
    return slips_of(rows, times > most, "apart", "performance", one, other, observed=times, threshold=most)


def _beyond_peers(rows: Attached, name: str, year: NDArray[np.intp], rules: RuleBook) -> pd.DataFrame:
    """Where a figure is too many times the median of all companies' of its year.

    A company much smaller than the others is no error, so only what is too large is.
    """
    if name not in rows.rows:
        return slips_frame([])
    most, least = (
        rules[f"records.{key}"].number("1") for key in ("return_times_peers", "return_peers_least")
    )
    value = numbers(rows.rows, name)
    middle = _middle(value, year, least)
    times = value / middle
    return slips_of(
        rows, times > most, "peers", "performance", name, "", observed=times, threshold=most, second=middle
    )


def _other_unit(
    rows: Attached,
    layer: str,
    name: str,
    value: NDArray[np.float64],
    group: NDArray[np.intp],
    rules: RuleBook,
    *,
    scale: NDArray[np.float64],
) -> pd.DataFrame:
    """Where a figure is so far from the middle of its group that only another unit explains it."""
    if name not in rows.rows:
        return slips_frame([])
    most, least = (rules[f"records.{key}"].number("1") for key in ("unit_times_median", "unit_median_least"))
    middle = _middle(value, group, least)
    times = _apart(value, middle)
    return slips_of(
        rows, times > most, "unit", layer, name, "", observed=times, threshold=most, second=middle * scale
    )


def _middle(value: NDArray[np.float64], group: NDArray[np.intp], least: float) -> NDArray[np.float64]:
    """Median of what is above 0 in each row's group; missing where that is fewer than so many, and for a row of no group (-1)."""
    if not group.any():  # all in one group, 0
        held = value[value > 0]
        return np.full(len(value), np.median(held) if len(held) >= max(least, 1) else np.nan)
    positive = pd.Series(np.where((value > 0) & (group >= 0), value, np.nan))
    groups = positive.groupby(group)
    middle = groups.median().where(groups.count() >= least)
    return np.asarray(middle, dtype=np.float64)[groups.ngroup().to_numpy()]


def _apart(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """How many times the larger of two positive figures is the smaller; NaN where one is missing or not positive."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where((one > 0) & (other > 0), one / other, np.nan)
        return np.fmax(ratio, 1 / ratio)
