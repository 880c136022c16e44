"""What the papers say: the ledger's word on start, suspension and completion, and the permit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import among
from parkgeo.assess.contracts import dates, days_between, unreadable
from parkgeo.assess.evidence.lines import CANNOT_SAY, IDLE, IN_USE, Line, choose, months_ago, one_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["contract_line", "permit_line", "reported_start", "works_open"]


def reported_start(contracts: pd.DataFrame, day: np.datetime64) -> NDArray[np.datetime64]:
    """The day on which works had begun by the ledger, at the latest that of completion; NaT where it reports none."""
    started, completed = (_until(contracts, name, day) for name in ("actual_start", "actual_completion"))
    return np.where(np.isnat(started), completed, started)


def works_open(contracts: pd.DataFrame, day: np.datetime64) -> NDArray[np.bool_]:
    """Where works had begun by the ledger and were not completed."""
    started, completed = (_until(contracts, name, day) for name in ("actual_start", "actual_completion"))
    return ~np.isnat(started) & np.isnat(completed)


def contract_line(parcels: pd.DataFrame, contracts: pd.DataFrame, day: np.datetime64) -> Line:
    """The ledger's word, by the contract's clock.

    Parameters
    ----------
    parcels
        ``idle_not_started`` and ``idle_suspended`` as far as they are judged, ``idle_days``.
    contracts
        The ledger's row of each parcel.
    day
        Of judgement.

    Returns
    -------
    Line

    Notes
    -----
    Not started and the year over, or suspended for a year: idle. A start or completion reported on or before the day: in use. A
    parcel that is still within its time, or excused, is neither. A completion of a parcel that the ledger says was never
    started says nothing. What was suspended leaves behind what was built, and that may be used: it contradicts nothing.
    """
    count = len(parcels)
    once = (contracts["entries"] == 1).to_numpy(dtype=bool)
    started, completed, suspended, resumed = (
        _until(contracts, name, day)
        for name in ("actual_start", "actual_completion", "suspended_since", "resumed_on")
    )
    done, begun = ~np.isnat(completed), ~np.isnat(started)
    stopped = ~np.isnat(suspended) & ~(resumed >= suspended)
    late, halted = among(parcels, "idle_not_started", ["yes"]), among(parcels, "idle_suspended", ["yes"])
    case, says = choose(
        count,
        [
            (~once & (contracts["entries"] > 1).to_numpy(dtype=bool), "several", CANNOT_SAY),
            (~once, "no_row", CANNOT_SAY),
            (done & late, "completed_not_started", CANNOT_SAY),
            (done, "completed", IN_USE),
            (late, "not_started", IDLE),
            (halted, "suspended", IDLE),
            (stopped, "suspended_lately", CANNOT_SAY),
            (begun, "started", IN_USE),
            (among(parcels, "idle_not_started", ["no"]), "within_time", CANNOT_SAY),
        ],
        ("open", CANNOT_SAY),
    )
    since = _since(parcels)
    of_case = np.select([np.asarray(case == "completed"), np.asarray(case == "started"), says == IDLE, stopped], [completed, started, since, suspended], np.datetime64("NaT", "D"))  # fmt: skip
    of_case = np.where(np.asarray(case == "suspended") & np.isnat(of_case), suspended, of_case)
    return Line(
        "contract", says, case, days_between(of_case, day), "day", of_case,
        firm=np.asarray(case != "suspended"),
        days={"on": of_case},
        source_file=_file(contracts), source_row=_row(contracts),
    )  # fmt: skip


def permit_line(parcels: pd.DataFrame, contracts: pd.DataFrame, rules: RuleBook, day: np.datetime64) -> Line:
    """The construction permit.

    Parameters
    ----------
    parcels
        ``idle_not_started`` as far as it is judged.
    contracts
        The ledger's row of each parcel.
    rules
        The packs in force: ``evidence.permit_months``.
    day
        Of judgement.

    Returns
    -------
    Line

    Notes
    -----
    A permit allows works and does not prove them: alone it cannot say. With a completion reported on or after it: in use. A
    field of permits that is blank long after the agreed start, where no start is reported and the clock does not excuse the
    parcel: idle. The pack lets it contradict nothing by itself, for old permits are often not filed.
    """
    once = (contracts["entries"] == 1).to_numpy(dtype=bool)
    permit, completed = (_until(contracts, name, day) for name in ("permit_on", "actual_completion"))
    asked = once & ("permit_on" in contracts) & ~unreadable(contracts, "permit_on")
    held = asked & ~np.isnat(permit)
    months = int(rules["evidence.permit_months"].number("month"))
    agreed = dates(contracts, "agreed_start")
    due = agreed <= months_ago(day, months)
    begun = ~np.isnat(reported_start(contracts, day))
    open_clock = among(parcels, "idle_not_started", ["yes", "undetermined"])
    case, says = choose(
        len(parcels),
        [
            (~asked, "not_asked", CANNOT_SAY),
            (held & (completed >= permit), "completed", IN_USE),
            (held, "held", CANNOT_SAY),
            (begun, "start_without", CANNOT_SAY),
            (due & open_clock, "none", IDLE),
        ],
        ("not_due", CANNOT_SAY),
    )
    return Line(
        "permit", says, case, days_between(permit, day), "day", permit,
        firm=np.ones(len(parcels), dtype=bool),
        numbers={"months": (one_number(len(parcels), months), 0)},
        days={"on": permit, "completed": completed, "agreed": agreed},
        source_file=_file(contracts), source_row=_row(contracts),
    )  # fmt: skip


def _until(contracts: pd.DataFrame, name: str, day: np.datetime64) -> NDArray[np.datetime64]:
    """Dates on or before the day; what lies ahead has not happened."""
    found = dates(contracts, name)
    return np.where(found <= day, found, np.datetime64("NaT", "D"))


def _since(parcels: pd.DataFrame) -> NDArray[np.datetime64]:
    if "idle_since" not in parcels:
        return np.full(len(parcels), np.datetime64("NaT"), dtype="datetime64[D]")
    return parcels["idle_since"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]")


def _file(contracts: pd.DataFrame) -> pd.Categorical | None:
    return pd.Categorical(contracts["source_file"]) if "source_file" in contracts else None


def _row(contracts: pd.DataFrame) -> NDArray[np.float64] | None:
    return contracts["source_row"].to_numpy(dtype=float) if "source_row" in contracts else None
