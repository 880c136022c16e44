"""The suspension clock: Order 53, art. 2 ¶2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.all_parcels import decide, spread, texts_of, verdicts_of, words_of
from parkgeo.assess.calendar import anniversary
from parkgeo.assess.causes import OWN, ledger_causes
from parkgeo.assess.clock import check_readings, delay_unknown, full_years, ledger_delay
from parkgeo.assess.contracts import contracts_of, dates, days_between, unreadable
from parkgeo.assess.delays import RUNNING, Stops, no_stops, stopped_days
from parkgeo.assess.idle_evidence import suspended_lines
from parkgeo.assess.judged import Judged
from parkgeo.assess.not_started import use_unknown
from parkgeo.assess.progress import Progress, progress_of
from parkgeo.assess.suspended_words import suspended_words
from parkgeo.assess.wording import listed

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["CASES", "suspended"]

CASES = {
    "no_works": None,
    "completed": "no",
    "not_asked": None,
    "started_lately": "no",
    "suspension_unknown": "undetermined",
    "not_suspended": "no",
    "resumed": "no",
    "delay_running": "no",
    "within_the_year": "no",
    "far_on": "no",
    "dates_conflict": "undetermined",
    "resumption_unknown": "undetermined",
    "start_unknown": "undetermined",
    "status_unknown": "undetermined",
    "delay_unknown": "undetermined",
    "delay_unproven": "undetermined",
    "progress_unknown": "undetermined",
    "use_unknown": "undetermined",
    "idle": "yes",
}
"""Every way in which a parcel is judged → its verdict; None is not judged. The first that holds decides."""

_NAMES = tuple(CASES)
_FIRST_BY_CLOCK = "delay_running"
_LAND = ("registered_area_m2", "use_code", "land_kind")
# What a column holds of parcels on which no works are there to be suspended, where that is not "missing".
_ELSEWHERE = {"verified": True, "delay_days": 0.0, "missing": ""}
_NAT = np.datetime64("NaT", "D")
_NO_PAPERS = (
    "not_built_on",
    "reserve",
    "too_small",
    "no_ledger",
    "not_in_ledger",
    "several_contracts",
    "not_supplied",
)
# State of the start that leaves open whether works began → what to ask for.
_DOUBTFUL = {
    "unknown": "actual_start", "conflict": "actual_start", "permit_unknown": "permit_on",
    "foundation_unknown": "foundation_share",
}  # fmt: skip


@dataclass(frozen=True)
class _Halt:
    """When works were suspended, and when the year of suspension is full by what is proven and by what is claimed.

    ``own`` is where the ledger's words say that the cause of its delay is the holder's: its days are no claim.
    """

    since: NDArray[np.datetime64]
    resumed: NDArray[np.datetime64]
    delay: NDArray[np.int64]
    full: NDArray[np.datetime64]
    full_at_most: NDArray[np.datetime64]
    own: NDArray[np.bool_]


@dataclass(frozen=True)
class _Desk:
    """What the rule reads of the parcels that the clock decides.

    Attributes
    ----------
    contract
        The ledger's rows.
    begun
        Rows of the not-started clock's table.
    unexplained
        Where no list of the packs says whether land of this use is to be built on.
    """

    contract: pd.DataFrame
    begun: pd.DataFrame
    stops: Stops
    day: np.datetime64
    years: int
    halt: _Halt
    progress: Progress
    unexplained: NDArray[np.bool_]


def suspended(
    parcels: pd.DataFrame,
    supply: pd.DataFrame | None,
    begun: Judged,
    rules: RuleBook,
    as_of: dt.date,
    *,
    stops: Stops | None = None,
    contracts: pd.DataFrame | None = None,
) -> Judged:
    """Judge each parcel on which works were started by the suspension clock.

    Parameters
    ----------
    parcels
        ``parcel_id``, and ``registered_area_m2`` where known.
    supply
        The ledger: ``parcel_id`` and, as far as the office has them, ``suspended_since``, ``resumed_on``,
        ``actual_start``, ``actual_completion``, ``supply_status``, the areas and investments of
        `parkgeo.assess.progress`, and ``unreadable``. None: no ledger.
    begun
        The not-started clock's answer, see `parkgeo.assess.not_started.not_started`.
    rules
        The packs in force; they hold ``idle.suspended_years``.
    as_of
        The day of judgement.
    stops
        Dated government delays, see `parkgeo.assess.delays.read_delays`; None: there are none.
    contracts
        The ledger's row of each parcel where it was looked up already.

    Returns
    -------
    Judged
        ``observed``: days from the suspension, with its delay, to the day of judgement; ``threshold``: 365 or 366;
        ``since``: the day the year is full. ``case`` is one of `CASES`. Further columns: ``suspended_on``,
        ``delay_days`` (NaN while a delay runs), ``developed_share``, ``invested_share``.

    Notes
    -----
    Judged are parcels whose works have started; the others are the first paragraph's. Completed works, works that were
    resumed by the day of judgement, and works that started less than a year ago are not idle. A blank ``suspended_since``
    in a column that is there says that works go on. In a ledger without the column, works known not to be completed are
    undetermined, and works of which the ledger holds no completion either are not judged. The year is full on the
    anniversary; dated government delays after the suspension stop it. The ledger's number of days of delay has no dates,
    so it is a claim here. Of the two criteria one that is met suffices; an unmet one needs the other to be known.

    References
    ----------
    闲置土地处置办法, Order 53 of the Ministry of Land and Resources, 2012, art. 2 ¶2: such land *may* be recognised as idle.
    """
    check_readings(rules)
    contract = contracts_of(parcels, supply) if contracts is None else contracts
    stops = no_stops(len(parcels)) if stops is None else stops
    day = np.datetime64(as_of, "D")
    case = _settled(contract, begun.table, day)
    # Most works of a park are completed: nothing is there to be suspended.
    at = np.flatnonzero(case < 0)
    desk = _desk(parcels, contract, begun.table, stops, rules, day, at)
    case[at] = _cases(desk)
    table = _table(progress_of(parcels, contract, rules), case, at, desk, parcels.index)
    return Judged(
        "idle_suspended",
        rules["idle.suspended_years"],
        table,
        lambda at: suspended_words(table, contract, stops, rules, at),
        suspended_lines(table, contract, stops, rules),
    )


def _settled(contract: pd.DataFrame, begun: pd.DataFrame, day: np.datetime64) -> NDArray[np.int8]:
    """The case of each parcel on which no works are there to be suspended, as a place in `CASES`; -1 of the others."""
    doubtful = (dates(contract, "suspended_since") <= day) & begun["start_state"].isin(
        [*_DOUBTFUL]
    ).to_numpy()
    doubtful &= ~begun["case"].isin(_NO_PAPERS).to_numpy()
    begins = begun["case"].isin(("started", "completed")).to_numpy()
    completed = (begun["case"] == "completed").to_numpy()
    return decide(_NAMES, {"no_works": ~begins & ~doubtful, "completed": completed}, -1, len(contract))


def _desk(
    parcels: pd.DataFrame,
    contract: pd.DataFrame,
    begun: pd.DataFrame,
    stops: Stops,
    rules: RuleBook,
    day: np.datetime64,
    at: NDArray[np.intp],
) -> _Desk:
    papers, dated = contract.iloc[at], stops.of(at)
    land = pd.DataFrame(
        {name: parcels[name].iloc[at] for name in _LAND if name in parcels}, index=papers.index
    )
    years = full_years(rules, "idle.suspended_years")
    halt, progress = _halt(papers, dated, rules, years, day), progress_of(land, papers, rules)
    return _Desk(papers, begun.iloc[at], dated, day, years, halt, progress, use_unknown(land, rules))


def _halt(contract: pd.DataFrame, stops: Stops, rules: RuleBook, years: int, day: np.datetime64) -> _Halt:
    since, own = dates(contract, "suspended_since"), ledger_causes(contract, rules) == OWN
    delay = stopped_days(stops.certain, since, since, years)
    claimed = np.where(stops.dated | own, 0.0, np.ceil(np.nan_to_num(ledger_delay(contract, day), nan=0.0)))
    begin = since + claimed.astype("timedelta64[D]")
    most = begin + stopped_days(stops.possible, begin, since, years).astype("timedelta64[D]")
    full = anniversary(since + delay.astype("timedelta64[D]"), years)
    return _Halt(since, dates(contract, "resumed_on"), delay, full, anniversary(most, years), own)


def _cases(desk: _Desk) -> NDArray[np.int8]:
    contract, halt, stops, progress, day = desk.contract, desk.halt, desk.stops, desk.progress, desk.day
    everywhere = np.ones(len(contract), dtype=bool)
    works_on = desk.begun["works_on"].to_numpy().astype("datetime64[D]")
    blank, stopped, ended = np.isnat(halt.since), halt.since <= day, halt.resumed <= day
    silent = everywhere & ("suspended_since" not in contract)
    not_told = silent | unreadable(contract, "suspended_since")
    within = day < halt.full
    status = contract["supply_status"].isna().to_numpy() if "supply_status" in contract else ~everywhere
    holds = {
        "not_asked": silent & ("actual_completion" not in contract),
        "started_lately": not_told & (day < anniversary(works_on, desk.years)),
        "suspension_unknown": not_told & blank,
        "not_suspended": ~stopped,
        "resumed": ended & (halt.resumed >= halt.since),
        "delay_running": within & (halt.delay > RUNNING),
        "within_the_year": within,
        "far_on": progress.unmet,
        "dates_conflict": ended | (halt.since < dates(contract, "actual_start")),
        "resumption_unknown": unreadable(contract, "resumed_on"),
        "start_unknown": desk.begun["start_state"].isin([*_DOUBTFUL]).to_numpy(),
        "status_unknown": status,
        "delay_unknown": ~stops.dated & ~halt.own & delay_unknown(contract, day),
        "delay_unproven": day < halt.full_at_most,
        "progress_unknown": ~progress.met,
        "use_unknown": desk.unexplained,
    }
    return decide(_NAMES, holds, _NAMES.index("idle"), len(contract))


def _table(
    progress: Progress, case: NDArray[np.int8], at: NDArray[np.intp], desk: _Desk, index: pd.Index
) -> pd.DataFrame:
    """All parcels, with figures of the clock at the positions of those that it decides."""
    halt, day, own = desk.halt, desk.day, case[at]
    running = halt.delay > RUNNING
    moved = halt.since + halt.delay.astype("timedelta64[D]")
    # The anniversary is a reading that decides on that day alone, delay one that decides wherever there is one.
    by_clock = ((halt.delay > 0) | (halt.full == day)) & (own >= _NAMES.index(_FIRST_BY_CLOCK))
    by_definition = desk.progress.by_reading & (own == _NAMES.index("idle"))
    counted = {
        "observed": np.where(running, np.nan, days_between(moved, day)),
        "threshold": np.where(running, np.nan, days_between(moved, anniversary(moved, desk.years))),
        "since": np.where(running, _NAT, halt.full).astype("datetime64[s]"),
        "verified": ~(by_clock | by_definition),
        "missing": _missing(desk, own),
        "suspended_on": halt.since.astype("datetime64[s]"),
        "delay_days": np.where(running, np.nan, halt.delay),
        "delay_own": halt.own,
    }
    columns: dict[str, Any] = {
        name: spread(values, at, len(case), _ELSEWHERE.get(name)) for name, values in counted.items()
    }
    columns |= {
        "verdict": verdicts_of(CASES, case),
        "case": words_of(case, _NAMES),
        "missing": texts_of(columns["missing"], index),
        "developed_share": progress.developed,
        "invested_share": progress.invested,
        "developed_met": progress.developed_met,
        "invested_met": progress.invested_met,
    }
    return pd.DataFrame(columns, index=index, copy=False)


def _missing(desk: _Desk, case: NDArray[np.int8]) -> NDArray[np.object_]:
    """Fields to ask for where the verdict waits for them."""
    halt, stops, progress = desk.halt, desk.stops, desk.progress
    everywhere = np.ones(len(case), dtype=bool)
    ended = halt.resumed <= desk.day
    before_start = halt.since < dates(desk.contract, "actual_start")
    state = desk.begun["start_state"]
    found = np.full(len(case), "", dtype=object)
    for name, fields in {
        "suspension_unknown": {"suspended_since": everywhere},
        "dates_conflict": {"actual_start": before_start, "suspended_since": everywhere, "resumed_on": ended},
        "resumption_unknown": {"resumed_on": everywhere},
        "start_unknown": {
            field: state.isin([name for name, wanted in _DOUBTFUL.items() if wanted == field]).to_numpy()
            for field in dict.fromkeys(_DOUBTFUL.values())
        },
        "status_unknown": {"supply_status": everywhere},
        "delay_unknown": {"government_delay_days": everywhere, "government_delay_cause": everywhere},
        "delay_unproven": {**stops.asked(), "from_on": ~stops.dated, "to_on": ~stops.dated},
        "progress_unknown": progress.wanted,
        "use_unknown": {"land_use_code": everywhere},
    }.items():
        where = case == _NAMES.index(name)
        found[where] = listed({field: mask[where] for field, mask in fields.items()})
    return found
