"""The not-started clock: Order 53, art. 2 ¶1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.calendar import anniversary
from parkgeo.errors import PackError

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["CASES", "contracts_of", "not_started"]

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
    "late_handover": "undetermined",
}
"""Every way in which a parcel is judged → its verdict; None is not judged."""

_DAY = "datetime64[D]"
_DATES = ("agreed_start", "actual_start", "handover_on", "approved_on")


@dataclass(frozen=True)
class _Clock:
    """Where each parcel's clock starts, on what basis, with what delay."""

    start: NDArray[np.datetime64]
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
        ``actual_start``, ``handover_on``, ``approved_on``, ``government_delay_days``, ``price_wan``. None: no ledger.
    rules
        The packs in force.
    as_of
        The day of judgement.

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``verdict`` (``yes``, ``no``, ``undetermined``, None where the rule is not about the
        parcel), ``case`` (one of `CASES`), ``start_basis`` (``agreed``, ``handover``, ``approval``),
        ``clock_start`` (agreed or default start plus proven government delay), ``idle_from`` (the day the year is full),
        ``days`` (from clock start to the day of judgement), ``year_days`` (365 or 366), ``delay_days``, ``verified``
        (False where a figure that is not verified decided), ``missing`` (fields to ask for), ``fee_wan`` and
        ``consequence`` (``fee``, ``recovery``) where the verdict is yes.

    Notes
    -----
    In this order: land not meant to be built on, in reserve or not supplied is not judged. A start on or before the day
    of judgement is "no". Not started: the clock start is the agreed start, else (where the pack switches these figures on)
    one year after handover, else one year after approval; proven days of government delay are added; "yes" from the
    anniversary on. Without a clock start: undetermined. Where a blank actual start is set to unknown: "no" while the
    year still runs, else undetermined. Land handed over after the agreed start is not idle by the agreed date alone: until
    a full year from handover has passed too the verdict is undetermined, for late delivery is a government cause (art. 8).

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
    contract = contracts_of(parcels, supply)
    day = np.datetime64(as_of, "D")
    clock = _clock(contract, rules)
    years = int(rules["idle.full_years"].number())
    idle_from = anniversary(clock.start, years)
    case = _cases(parcels, contract, clock, idle_from, rules, day, has_ledger=supply is not None)
    verdict = case.map(CASES).astype(object)
    yes = (verdict == "yes").to_numpy()
    recovered = yes & (anniversary(clock.start, int(rules["idle.recovery_years"].number())) <= day)
    fee = rules["idle.fee_share"].number() * _column(contract, "price_wan")
    return pd.DataFrame(
        {
            "verdict": verdict.where(verdict.notna(), None),
            "case": case,
            "start_basis": clock.basis,
            "clock_start": clock.start.astype("datetime64[s]"),
            "idle_from": idle_from.astype("datetime64[s]"),
            "days": _days(clock.start, day),
            "year_days": _days(clock.start, idle_from),
            "delay_days": clock.delay,
            "verified": clock.verified,
            "missing": _missing(case, contract, clock),
            "fee_wan": np.where(yes, fee, np.nan),
            "consequence": pd.Series(np.where(recovered, "recovery", "fee"), index=parcels.index).where(
                yes, None
            ),
        },
        index=parcels.index,
    )


def contracts_of(parcels: pd.DataFrame, supply: pd.DataFrame | None) -> pd.DataFrame:
    """The ledger's row for each parcel, on the parcels' index, with ``entries``: how many rows it has.

    A column that the ledger lacks is not there; a parcel with several rows has none of their values.
    """
    if supply is None:
        return pd.DataFrame({"entries": np.zeros(len(parcels), dtype=int)}, index=parcels.index)
    entries = supply["parcel_id"].value_counts()
    once = supply[~supply["parcel_id"].duplicated(keep=False)].set_index("parcel_id")
    found = once.reindex(parcels["parcel_id"]).set_axis(parcels.index)
    return found.assign(entries=parcels["parcel_id"].map(entries).fillna(0).astype(int).to_numpy())


def _column(contract: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in contract:
        return np.full(len(contract), np.nan)
    return contract[name].to_numpy(dtype=float)


def _date(contract: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    if name not in contract:
        return np.full(len(contract), np.datetime64("NaT"), dtype=_DAY)
    return contract[name].to_numpy(dtype="datetime64[s]").astype(_DAY)


def _clock(contract: pd.DataFrame, rules: RuleBook) -> _Clock:
    """Where each clock starts, on what basis, with what delay."""
    agreed, handover, approved = (
        _date(contract, name) for name in ("agreed_start", "handover_on", "approved_on")
    )
    after_handover = rules["idle.default_start_after_handover_years"]
    after_approval = rules["idle.default_start_after_approval_years"]
    start = agreed.copy()
    basis = np.where(np.isnat(agreed), "", "agreed").astype(object)
    verified = np.ones(len(contract), dtype=bool)
    if after_handover.on:
        use = np.isnat(start) & ~np.isnat(handover)
        start[use] = anniversary(handover[use], int(after_handover.number()))
        basis[use] = "handover"
        verified[use] = after_handover.verified
    if after_approval.on:
        use = np.isnat(start) & np.isnat(handover) & ~np.isnat(approved)
        start[use] = anniversary(approved[use], int(after_approval.number()))
        basis[use] = "approval"
        verified[use] = after_approval.verified
    delay = np.nan_to_num(_column(contract, "government_delay_days"), nan=0.0)
    # A part of a day of proven delay is a day: the doubt is the holder's benefit.
    start = start + np.ceil(delay).astype("timedelta64[D]")
    return _Clock(start, basis, delay, verified)


def _cases(
    parcels: pd.DataFrame,
    contract: pd.DataFrame,
    clock: _Clock,
    idle_from: NDArray[np.datetime64],
    rules: RuleBook,
    day: np.datetime64,
    *,
    has_ledger: bool,
) -> pd.Series[str]:
    blank_is = rules["idle.blank_actual_start"].value
    if blank_is not in ("not_started", "unknown"):
        raise PackError(f"idle.blank_actual_start must be not_started or unknown, not {blank_is!r}")
    actual = _date(contract, "actual_start")
    start_unknown = np.isnat(actual) & ((blank_is == "unknown") | ("actual_start" not in contract))
    status = (
        contract["supply_status"]
        if "supply_status" in contract
        else pd.Series("supplied", index=parcels.index)
    )
    in_ledger = (contract["entries"] > 0).to_numpy()
    handover = _date(contract, "handover_on")
    late = (handover > clock.start) & (anniversary(handover, int(rules["idle.full_years"].number())) > day)
    # The first that holds decides.
    decided = [
        ("not_built_on", _coded(parcels, rules["land.not_built_on"].value)),
        ("reserve", _coded(parcels, rules["land.reserve"].value)),
        ("no_ledger", np.full(len(parcels), not has_ledger)),
        ("not_in_ledger", ~in_ledger),
        ("several_contracts", (contract["entries"] > 1).to_numpy()),
        ("not_supplied", (status.notna() & (status != "supplied")).to_numpy()),
        ("started", actual <= day),
        ("agreed_start_unknown", np.isnat(clock.start)),
        ("within_the_year", day < idle_from),
        ("start_unknown", start_unknown),
        ("status_unknown", status.isna().to_numpy()),
        ("late_handover", late),
    ]
    return pd.Series(
        np.select([mask for _, mask in decided], [name for name, _ in decided], default="idle"),
        index=parcels.index,
    ).astype(str)


def _coded(parcels: pd.DataFrame, prefixes: list[str]) -> NDArray[np.bool_]:
    if "land_use_code" not in parcels:
        return np.zeros(len(parcels), dtype=bool)
    codes = parcels["land_use_code"].fillna("").astype(str)
    return codes.str.startswith(tuple(prefixes)).to_numpy(dtype=bool)


def _days(start: NDArray[np.datetime64], end: NDArray[np.datetime64] | np.datetime64) -> NDArray[np.float64]:
    span: NDArray[np.timedelta64] = np.subtract(end, start)
    days = span.astype("timedelta64[D]").astype(np.float64)
    return np.where(np.isnat(start), np.nan, days)


def _missing(case: pd.Series[str], contract: pd.DataFrame, clock: _Clock) -> list[str]:
    """Fields to ask for: what would settle an undetermined verdict, what a "yes" still lacks for a hearing."""
    blank = {name: np.isnat(_date(contract, name)) for name in _DATES}
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
        elif name == "late_handover":
            wanted = ["government_delay_days", "government_delay_cause"]
        elif name == "idle":
            wanted = [] if by_handover[at] or not blank["handover_on"][at] else ["handover_on"]
        else:
            wanted = []
        found.append(", ".join(wanted))
    return found
