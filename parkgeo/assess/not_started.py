"""The not-started clock: Order 53, art. 2 ¶1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.calendar import anniversary
from parkgeo.assess.contracts import contracts_of, dates, days_between, has_code, numbers, unreadable
from parkgeo.errors import PackError

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["CASES", "not_started"]

CASES = {
    "not_built_on": None,
    "reserve": None,
    "not_supplied": None,
    "started": "no",
    "within_the_year": "no",
    "idle": "yes",
    "no_ledger": "undetermined",
    "not_in_ledger": "undetermined",
    "several_contracts": "undetermined",
    "status_unknown": "undetermined",
    "start_unknown": "undetermined",
    "agreed_start_unknown": "undetermined",
    "delay_unknown": "undetermined",
    "late_handover": "undetermined",
}
"""Every way in which a parcel is judged → its verdict; None is not judged."""

_DAY = "datetime64[D]"
_DATES = ("agreed_start", "actual_start", "handover_on", "approved_on")
_BY_CLOCK = ("within_the_year", "idle", "start_unknown", "status_unknown", "delay_unknown", "late_handover")


@dataclass(frozen=True)
class _Clock:
    """Where each parcel's clock starts, on what basis, with what delay.

    ``on`` is the agreed or default start, ``start`` has the delay added, ``counted`` is the handover where that is later.
    """

    on: NDArray[np.datetime64]
    start: NDArray[np.datetime64]
    counted: NDArray[np.datetime64]
    late: NDArray[np.bool_]
    basis: NDArray[np.object_]
    delay: NDArray[np.float64]
    verified: NDArray[np.bool_]


def not_started(
    parcels: pd.DataFrame, supply: pd.DataFrame | None, rules: RuleBook, as_of: dt.date
) -> pd.DataFrame:
    """Judge each parcel by the not-started clock.

    Parameters
    ----------
    parcels
        ``parcel_id``, and ``land_use_code`` where known.
    supply
        The ledger: ``parcel_id`` and, as far as the office has them, ``supply_status``, ``agreed_start``,
        ``actual_start``, ``handover_on``, ``approved_on``, ``government_delay_days``, ``government_delay_cause``,
        ``price_wan``, and ``unreadable``: names of the row's fields whose cell holds something that could not be read,
        joined by ", ". None: no ledger.
    rules
        The packs in force.
    as_of
        The day of judgement.

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``verdict`` (``yes``, ``no``, ``undetermined``, None where the rule is not about the
        parcel), ``case`` (one of `CASES`), ``start_basis`` (``agreed``, ``handover``, ``approval``), ``start_on`` (the
        agreed or default start), ``clock_start`` (that day plus proven government delay, or the handover where that is
        later), ``late`` (whether the handover was later), ``idle_from`` (the day the year is full), ``days`` (from clock
        start to the day of judgement), ``year_days`` (365 or 366), ``delay_days``, ``verified`` (False where a figure
        that is not verified, or a reading of parkgeo's own, decided), ``start_verified`` (False where the start is by a
        default that is not verified), ``missing`` (fields to ask for), ``fee_wan`` and ``consequence`` (``fee``,
        ``recovery``) where the verdict is yes.

    Raises
    ------
    PackError
        A pack holds a figure of the clock in a form that cannot be followed.

    Notes
    -----
    In this order: land not meant to be built on, in reserve or not supplied is not judged. A start on or before the day
    of judgement is "no". Not started: the clock start is the agreed start, else (where the pack switches these figures on)
    one year after handover, else one year after approval; proven days of government delay are added; "yes" from the
    anniversary on. Without a clock start: undetermined. Where a blank actual start is set to unknown, where the ledger
    has no such column, or where the cell could not be read: "no" while the year still runs, else undetermined. So it is
    where a cause of government delay is named without its days, or with more days than have passed since the ledger's
    earliest date. Land handed over after the agreed start is not idle by
    the agreed date alone, for late delivery is a government cause (art. 8): until a full year from the handover has
    passed too the verdict is undetermined, and from then on the year, the days and the consequence count from the
    handover. A default start needs a blank agreed start; a ledger without the column, or a cell that could not be read,
    does not say that none was agreed.

    References
    ----------
    闲置土地处置办法, Order 53 of the Ministry of Land and Resources, 2012, art. 2, 8, 14.

    Examples
    --------
    >>> import datetime as dt
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> land = pd.DataFrame({"parcel_id": ["a"]})
    >>> ledger = pd.DataFrame({"parcel_id": ["a"], "agreed_start": pd.to_datetime(["2025-06-30"]), "actual_start": [pd.NaT]})
    >>> not_started(land, ledger, load_packs(["national"], Path()), dt.date(2026, 6, 30))["verdict"].tolist()
    ['yes']
    """
    _check_readings(rules)
    contract = contracts_of(parcels, supply)
    day = np.datetime64(as_of, "D")
    clock = _clock(contract, rules, day)
    case = _cases(parcels, contract, clock, rules, day, has_ledger=supply is not None)
    verdict = case.map(CASES).astype(object)
    yes = (verdict == "yes").to_numpy()
    idle_from = anniversary(clock.counted, _full_years(rules, "idle.full_years"))
    recovered = yes & (anniversary(clock.counted, _full_years(rules, "idle.recovery_years")) <= day)
    fee = rules["idle.fee_share"].number("1") * numbers(contract, "price_wan")
    return pd.DataFrame(
        {
            "verdict": verdict.where(verdict.notna(), None),
            "case": case,
            "start_basis": clock.basis,
            "start_on": clock.on.astype("datetime64[s]"),
            "clock_start": clock.counted.astype("datetime64[s]"),
            "late": clock.late,
            "idle_from": idle_from.astype("datetime64[s]"),
            "days": days_between(clock.counted, day),
            "year_days": days_between(clock.counted, idle_from),
            "delay_days": clock.delay,
            "verified": _verified(case, contract, clock, rules, day),
            "start_verified": clock.verified,
            "missing": _missing(case, contract, clock),
            "fee_wan": np.where(yes, fee, np.nan),
            "consequence": pd.Series(np.where(recovered, "recovery", "fee"), index=parcels.index).where(
                yes, None
            ),
        },
        index=parcels.index,
    )


def _check_readings(rules: RuleBook) -> None:
    """Refuse a pack that reads the order as this clock cannot: it would seem to be followed."""
    blank = rules["idle.blank_actual_start"]
    if blank.value not in ("not_started", "unknown"):
        raise PackError(f"{blank.key} must be not_started or unknown, not {blank.value!r}", where=blank.pack)
    for key in ("idle.full_year_ends_on_anniversary", "idle.government_delay_extends_start"):
        if rules[key].value is not True:
            raise PackError(
                f"{key} can only be true: no other reading is known",
                where=rules[key].pack,
                mend="take it out",
            )


def _full_years(rules: RuleBook, key: str) -> int:
    years = rules[key].number("year")
    if years < 1 or not years.is_integer():
        raise PackError(f"{key} must be full years, 1 or more, not {years:g}", where=rules[key].pack)
    return int(years)


def _clock(contract: pd.DataFrame, rules: RuleBook, day: np.datetime64) -> _Clock:
    agreed, handover, approved = (
        dates(contract, name) for name in ("agreed_start", "handover_on", "approved_on")
    )
    none_agreed = np.isnat(agreed) & ("agreed_start" in contract) & ~unreadable(contract, "agreed_start")
    unclear = np.isnat(handover) & ~unreadable(contract, "handover_on")
    on = agreed.copy()
    basis = np.where(np.isnat(agreed), "", "agreed").astype(object)
    verified = np.ones(len(contract), dtype=bool)
    for name, since, where in (
        ("handover", handover, none_agreed & ~np.isnat(handover)),
        ("approval", approved, none_agreed & unclear & ~np.isnat(approved)),
    ):
        figure = rules[f"idle.default_start_after_{name}_years"]
        if figure.on:
            on[where] = anniversary(since[where], _full_years(rules, figure.key))
            basis[where] = name
            verified[where] = figure.verified
    delay = np.where(
        _delay_beyond(contract, day), 0.0, np.nan_to_num(numbers(contract, "government_delay_days"), nan=0.0)
    )
    # A part of a day of proven delay is a day: the doubt is the holder's benefit.
    start = on + np.ceil(delay).astype("timedelta64[D]")
    late = handover > start
    return _Clock(on, start, np.where(late, handover, start), late, basis, delay, verified)


def _cases(
    parcels: pd.DataFrame,
    contract: pd.DataFrame,
    clock: _Clock,
    rules: RuleBook,
    day: np.datetime64,
    *,
    has_ledger: bool,
) -> pd.Series[str]:
    years = _full_years(rules, "idle.full_years")
    actual = dates(contract, "actual_start")
    blank_tells = rules["idle.blank_actual_start"].value == "not_started" and "actual_start" in contract
    start_unknown = np.isnat(actual) & (unreadable(contract, "actual_start") | (not blank_tells))
    status = (
        contract["supply_status"]
        if "supply_status" in contract
        else pd.Series("supplied", index=parcels.index)
    )
    # The first that holds decides.
    decided = [
        ("not_built_on", has_code(parcels, rules["land.not_built_on"].value)),
        ("reserve", has_code(parcels, rules["land.reserve"].value)),
        ("no_ledger", np.full(len(parcels), not has_ledger)),
        ("not_in_ledger", ~(contract["entries"] > 0).to_numpy()),
        ("several_contracts", (contract["entries"] > 1).to_numpy()),
        ("not_supplied", (status.notna() & (status != "supplied")).to_numpy()),
        ("started", actual <= day),
        ("agreed_start_unknown", np.isnat(clock.on)),
        ("within_the_year", day < anniversary(clock.start, years)),
        ("start_unknown", start_unknown),
        ("status_unknown", status.isna().to_numpy()),
        ("delay_unknown", _delay_unknown(contract) | _delay_beyond(contract, day)),
        ("late_handover", clock.late & (day < anniversary(clock.counted, years))),
    ]
    return pd.Series(
        np.select([mask for _, mask in decided], [name for name, _ in decided], default="idle"),
        index=parcels.index,
    ).astype(str)


def _delay_unknown(contract: pd.DataFrame) -> NDArray[np.bool_]:
    """Where a cause of government delay is named, or something is written for its days, but how many is not known."""
    told = unreadable(contract, "government_delay_days")
    if "government_delay_cause" in contract:
        told |= contract["government_delay_cause"].notna().to_numpy()
    return told & np.isnan(numbers(contract, "government_delay_days"))


def _delay_beyond(contract: pd.DataFrame, day: np.datetime64) -> NDArray[np.bool_]:
    """Where the ledger states more days of delay than have passed since its earliest date: they cannot be proven."""
    stated = np.stack(
        [dates(contract, name) for name in ("approved_on", "contract_on", "handover_on", "agreed_start")]
    )
    earliest = np.fmin.reduce(stated, axis=0)
    beyond: NDArray[np.bool_] = numbers(contract, "government_delay_days") > np.maximum(
        days_between(earliest, day), 0.0
    )
    return beyond


def _verified(
    case: pd.Series[str], contract: pd.DataFrame, clock: _Clock, rules: RuleBook, day: np.datetime64
) -> NDArray[np.bool_]:
    """Whether all figures that decided were seen in their source, and no reading of parkgeo's own was needed.

    The reading of the anniversary decides on that day alone; that of delay and late handover wherever there is one.
    """
    by_reading = (clock.delay > 0) | clock.late
    by_reading |= anniversary(clock.counted, _full_years(rules, "idle.full_years")) == day
    by_blank = (case == "idle").to_numpy() & np.isnat(dates(contract, "actual_start"))
    decided: NDArray[np.bool_] = (
        clock.verified & ~by_reading & (~by_blank | rules["idle.blank_actual_start"].verified)
    )
    return decided | ~case.isin(_BY_CLOCK).to_numpy()


def _missing(case: pd.Series[str], contract: pd.DataFrame, clock: _Clock) -> list[str]:
    """Fields to ask for: what would settle an undetermined verdict, what a "yes" still lacks for a hearing."""
    blank = {name: np.isnat(dates(contract, name)) for name in _DATES}
    by_handover = clock.basis == "handover"
    found = []
    for at, name in enumerate(case):
        if name in ("no_ledger", "not_in_ledger"):
            wanted = ["supply_status", "contract_id", "agreed_start", "actual_start"]
        elif name == "several_contracts":
            wanted = ["contract_id"]
        elif name == "status_unknown":
            wanted = ["supply_status"]
        elif name == "start_unknown":
            wanted = ["actual_start"]
        elif name == "agreed_start_unknown":
            wanted = [
                "agreed_start",
                *(field for field in ("handover_on", "approved_on") if blank[field][at]),
            ]
        elif name in ("delay_unknown", "late_handover"):
            wanted = ["government_delay_days", "government_delay_cause"]
        elif name == "idle":
            wanted = [] if by_handover[at] or not blank["handover_on"][at] else ["handover_on"]
        else:
            wanted = []
        found.append(", ".join(wanted))
    return found
