"""Where each parcel's not-started clock begins, what moves it, and when its year is full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.calendar import anniversary
from parkgeo.assess.causes import GIVEN, OWN, ledger_causes
from parkgeo.assess.contracts import dates, days_between, numbers, unreadable
from parkgeo.assess.delays import ENDLESS, RUNNING, stopped_days
from parkgeo.errors import PackError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.delays import Spans, Stops
    from parkgeo.packs import RuleBook

__all__ = [
    "Clock",
    "check_readings",
    "delay_unknown",
    "full_years",
    "ledger_delay",
    "run_clock",
]

_AGES_AGO = np.datetime64(-ENDLESS, "D")


@dataclass(frozen=True)
class Clock:
    """Where each parcel's clock starts, on what basis, with what delay.

    Attributes
    ----------
    on, basis
        The agreed or default start, and which: ``agreed``, ``handover``, ``approval``, "".
    verified
        False where the start is by a default that is not verified.
    delay
        Proven days of government delay added; more than `RUNNING` where one still runs.
    start
        ``on`` with the delay added.
    counted
        The day from which the year is counted: ``start``, or the handover where that is later.
    late
        Whether it is the handover.
    full
        The day on which the year from ``counted`` is full; NaT while the clock stands still.
    full_at_first
        The same from ``start``.
    full_at_most, twice_at_most
        The days on which the year, and the years of recovery, would be full with every delay that is claimed.
    differs
        Where the ledger's days of delay are not those of the dated delays.
    claimed
        Where the ledger states days of delay and no cause that the packs list: they are not proven.
    own
        Where the ledger's own words say that the cause is the holder's: whatever days it states stop no clock.
    contract_matters
        Where a delay may have been before the agreed start, but the date of the contract is not known.
    """

    on: NDArray[np.datetime64]
    basis: NDArray[np.object_]
    verified: NDArray[np.bool_]
    delay: NDArray[np.float64]
    start: NDArray[np.datetime64]
    counted: NDArray[np.datetime64]
    late: NDArray[np.bool_]
    full: NDArray[np.datetime64]
    full_at_first: NDArray[np.datetime64]
    full_at_most: NDArray[np.datetime64]
    twice_at_most: NDArray[np.datetime64]
    differs: NDArray[np.bool_]
    claimed: NDArray[np.bool_]
    own: NDArray[np.bool_]
    contract_matters: NDArray[np.bool_]


def check_readings(rules: RuleBook) -> None:
    """Refuse a pack that reads the order as this clock cannot: it would seem to be followed.

    Raises
    ------
    PackError
        A reading has a value that is not known.
    """
    for key, known in (
        ("idle.blank_actual_start", ("not_started", "unknown")),
        ("idle.delay_counts_from", ("contract", "agreed_start")),
        ("idle.developed_area_basis", ("land", "floor")),
    ):
        figure = rules.figures.get(key)
        if figure is not None and figure.value not in known:
            raise PackError(f"{key} must be {' or '.join(known)}, not {figure.value!r}", where=figure.pack)
    for key in ("idle.full_year_ends_on_anniversary", "idle.government_delay_extends_start"):
        figure = rules.figures.get(key)
        if figure is not None and figure.value is not True:
            raise PackError(
                f"{key} can only be true: no other reading is known", where=figure.pack, mend="take it out"
            )


def full_years(rules: RuleBook, key: str) -> int:
    """A figure that counts full years.

    Raises
    ------
    PackError
        It is not a whole number from 1 up.
    """
    years = rules[key].number("year")
    if years < 1 or not years.is_integer():
        raise PackError(f"{key} must be full years, 1 or more, not {years:g}", where=rules[key].pack)
    return int(years)


def run_clock(contract: pd.DataFrame, stops: Stops, rules: RuleBook, day: np.datetime64) -> Clock:
    """The not-started clock of each parcel.

    Parameters
    ----------
    contract
        The ledger's row of each parcel.
    stops
        Dated delays; where a parcel has any, the ledger's number of days does not count.
    rules
        The packs in force.
    day
        The day of judgement.

    Returns
    -------
    Clock

    Notes
    -----
    A delay counts from the contract's date on, or from the agreed start where the pack says so: days before the contract
    cost the holder nothing. From the handover of late land only what delays it after that day counts.
    """
    on, basis, verified = _agreed_or_default(contract, rules)
    causes = ledger_causes(contract, rules)
    own = causes == OWN
    stated = np.where(own, 0.0, ledger_delay(contract, day))
    # A part of a day of proven delay is a day: the doubt is the holder's benefit.
    days = np.where(stops.dated, 0.0, np.ceil(np.nan_to_num(stated, nan=0.0)))
    unproven = (days > 0) & (causes != GIVEN)
    undated = np.where(unproven, 0.0, days)
    differs = stops.dated & (np.ceil(numbers(contract, "government_delay_days")) != stops.proven_days)
    differs &= ~np.isnan(numbers(contract, "government_delay_days"))
    more = np.ceil(np.fmin(numbers(contract, "government_delay_days"), ENDLESS))
    claimed = np.where(differs & ~own & (more > stops.proven_days), more, days)
    signed = dates(contract, "contract_on")
    from_contract = _counts_from_contract(rules)
    least = np.fmin(signed, on) if from_contract else on
    most = np.where(np.isnat(signed), _AGES_AGO, least) if from_contract else on
    handover = dates(contract, "handover_on")
    years = full_years(rules, "idle.full_years")
    start, counted = _run(stops.certain, on, undated, handover, least, years)
    full = anniversary(counted, years)
    full_at_first = anniversary(start, years)
    _, at_most = _run(stops.possible, on, claimed, handover, most, years)
    twice = np.full(len(contract), np.datetime64("NaT"), dtype="datetime64[D]")
    if rules.get("idle.recovery_years"):
        more_years = full_years(rules, "idle.recovery_years")
        _, twice_counted = _run(stops.possible, on, claimed, handover, most, more_years)
        twice = anniversary(twice_counted, more_years)
    moved = days_between(on, start)
    # Where no delay was dated the ledger's number stands as it is written: half a day is told as half a day.
    delay = np.where(np.isnan(moved), undated, moved)
    delay = np.where(stops.dated, delay, np.where(unproven, 0.0, np.nan_to_num(stated, nan=0.0)))
    return Clock(
        on=on, basis=basis, verified=verified, delay=delay, start=start, counted=counted, late=counted > start,
        full=np.where(days_between(on, counted) > RUNNING, np.datetime64("NaT", "D"), full),
        full_at_first=full_at_first, full_at_most=anniversary(at_most, years), twice_at_most=twice, differs=differs,
        claimed=unproven, own=own,
        contract_matters=stops.dated & np.isnat(signed) & from_contract & _any_before(stops.possible, on),
    )  # fmt: skip


def _counts_from_contract(rules: RuleBook) -> bool:
    figure = rules.get("idle.delay_counts_from")
    return figure is None or figure.value == "contract"


def _any_before(spans: Spans, on: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Where a delay begins before a day."""
    found = np.zeros(len(on), dtype=bool)
    before = ~np.isnat(on[spans.parcel]) & (spans.begins < on[spans.parcel].astype(np.int64))
    found[spans.parcel[before]] = True
    return found


def _run(
    spans: Spans,
    on: NDArray[np.datetime64],
    undated: NDArray[np.float64],
    handover: NDArray[np.datetime64],
    earliest: NDArray[np.datetime64],
    years: int,
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """The start with its delay, and the day from which years count: from the handover with its own delay where later."""
    begin = on + undated.astype("timedelta64[D]")
    start = begin + stopped_days(spans, begin, np.fmin(earliest, begin), years).astype("timedelta64[D]")
    handed = handover + stopped_days(spans, handover, handover, years).astype("timedelta64[D]")
    return start, np.where(handed > start, handed, start)


def _agreed_or_default(
    contract: pd.DataFrame, rules: RuleBook
) -> tuple[NDArray[np.datetime64], NDArray[np.object_], NDArray[np.bool_]]:
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
        figure = rules.get(f"idle.default_start_after_{name}_years")
        if figure is not None:
            on[where] = anniversary(since[where], full_years(rules, figure.key))
            basis[where] = name
            verified[where] = figure.verified
    return on, basis, verified


def ledger_delay(contract: pd.DataFrame, day: np.datetime64) -> NDArray[np.float64]:
    """The ledger's days of government delay; NaN where blank, or more than have passed since its earliest date."""
    days = numbers(contract, "government_delay_days")
    return np.where(_beyond(contract, day), np.nan, days)


def delay_unknown(contract: pd.DataFrame, day: np.datetime64) -> NDArray[np.bool_]:
    """Where the ledger names a delay, or writes something for its days, but how many days is not known."""
    told = unreadable(contract, "government_delay_days") | _beyond(contract, day)
    if "government_delay_cause" in contract:
        told |= contract["government_delay_cause"].notna().to_numpy()
    return told & np.isnan(ledger_delay(contract, day))


def _beyond(contract: pd.DataFrame, day: np.datetime64) -> NDArray[np.bool_]:
    """Where more days of delay are stated than have passed since the ledger's earliest date: they cannot be proven."""
    earliest = dates(contract, "approved_on")
    for name in ("contract_on", "handover_on", "agreed_start"):
        earliest = np.fmin(earliest, dates(contract, name))
    beyond: NDArray[np.bool_] = numbers(contract, "government_delay_days") > np.maximum(
        days_between(earliest, day), 0.0
    )
    return beyond
