"""What is known of each parcel before a class is judged: supplied, started, completed, what stands there, what it yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import dates, unreadable
from parkgeo.assess.start import NOT_YET, start_of_works
from parkgeo.assess.states.land import WORKS
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, known
from parkgeo.errors import PackError

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.assess.start import Start
    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import RuleBook

__all__ = ["Standing", "completed_by", "standing_of"]

_SUPPLY_FACTS = ("contract_on", "handover_on", "actual_start", "actual_completion")


@dataclass(frozen=True)
class Standing:
    """Facts of all parcels as columns.

    Attributes
    ----------
    parcels
        With metrics and ``land_kind``.
    contracts
        The ledger's row of each, see `parkgeo.assess.contracts.contracts_of`.
    rules
        The packs in force.
    day
        Of judgement.
    year
        Of the companies' figures; None where there are none, or none that are new enough to say something of today.
    has_ledger
        Whether there is a supply ledger.
    kind
        Of land, see `parkgeo.assess.states.land.LAND_KINDS`.
    meant
        Land to be built on, large enough, and not in reserve.
    works
        Of it, land on which work is expected.
    once, several
        Whether the ledger has one row, or more, of the parcel.
    status
        Supply status; missing where blank or not there.
    supplied, completed
        By the ledger.
    start, started
        The start in the law's sense, see `parkgeo.assess.start.start_of_works`.
    begun
        Whether the ledger reports a start, in whatever sense.
    built
        Completed by the ledger; where the ledger says nothing, by what stands there.
    completed_on
        As the ledger has it; NaT where it has none.
    built_share
        Share under buildings; NaN without a layer of buildings.
    """

    parcels: pd.DataFrame
    contracts: pd.DataFrame
    rules: RuleBook
    day: np.datetime64
    year: int | None
    has_ledger: bool
    kind: pd.Categorical
    meant: NDArray[np.bool_]
    works: NDArray[np.bool_]
    once: NDArray[np.bool_]
    several: NDArray[np.bool_]
    status: pd.Categorical
    supplied: Answer
    start: Start
    started: Answer
    begun: NDArray[np.bool_]
    completed: Answer
    built: Answer
    completed_on: NDArray[np.datetime64]
    built_share: NDArray[np.float64]

    def metric(self, name: str) -> NDArray[np.float64]:
        """A column of the parcels; missing where no stage left it."""
        return _column(self.parcels, name)

    def yearly(self, name: str) -> NDArray[np.float64]:
        """A figure of the companies' returns; missing where the returns are too old."""
        return self.metric(name) if self.year is not None else np.full(len(self.parcels), np.nan)

    def due(self) -> Answer:
        """Whether the year of the companies' figures lies wholly after the completion: before that nothing is asked of works."""
        if self.year is None:
            return np.zeros(len(self.parcels), dtype=np.int8)
        return known(self.completed_on < np.datetime64(f"{self.year}-01-01", "D"), self.completed == YES)

    def industry(self) -> NDArray[np.bool_]:
        """Industrial land."""
        return np.asarray(self.kind == "industry")


def standing_of(
    parcels: pd.DataFrame,
    contracts: pd.DataFrame,
    rules: RuleBook,
    as_of: dt.date,
    *,
    has_ledger: bool,
    year: int | None,
) -> Standing:
    """Facts of all parcels on a day.

    Parameters
    ----------
    parcels
        ``land_kind`` and the metrics of the stages so far.
    contracts
        On the parcels' index.
    rules
        The packs in force.
    as_of
        The day of judgement.
    has_ledger
        Whether there is a supply ledger.
    year
        Of the companies' figures.

    Returns
    -------
    Standing

    Notes
    -----
    A completion after the day is none yet. A blank one says not completed where the packs read it so; a column that is not there,
    a cell that could not be read and a parcel with several contracts say nothing.
    """
    day = np.datetime64(as_of, "D")
    kind = pd.Categorical(parcels["land_kind"])
    meant = ~kind.isin(["not_built_on", "too_small", "reserve"])
    once = (contracts["entries"] == 1).to_numpy(dtype=bool)
    start = start_of_works(contracts, rules, day)
    share = _column(parcels, "building_density")
    least = rules["state.built_share"].number("1")
    seen = known(share >= least, ~np.isnan(share))
    completed = completed_by(contracts, rules, day)
    told = "supply_status" in contracts
    status = pd.Categorical(contracts["supply_status"] if told else np.full(len(parcels), np.nan))
    return Standing(
        parcels=parcels,
        contracts=contracts,
        rules=rules,
        day=day,
        year=_new_enough(year, rules, as_of),
        has_ledger=has_ledger,
        kind=kind,
        meant=meant,
        works=meant & kind.isin(WORKS),
        once=once,
        several=(contracts["entries"] > 1).to_numpy(dtype=bool),
        status=status,
        supplied=_supplied(contracts, status, once, day),
        start=start,
        started=_started(start, once),
        begun=dates(contracts, "actual_start") <= day,
        completed=completed,
        built=np.where(completed == UNKNOWN, seen, completed).astype(np.int8),
        completed_on=dates(contracts, "actual_completion"),
        built_share=share,
    )


def _column(parcels: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return parcels[name].to_numpy(dtype=float) if name in parcels else np.full(len(parcels), np.nan)


def _new_enough(year: int | None, rules: RuleBook, as_of: dt.date) -> int | None:
    oldest = rules["state.returns_oldest_years"].number("year")
    return year if year is not None and as_of.year - year <= oldest else None


def _started(start: Start, once: NDArray[np.bool_]) -> Answer:
    """In the law's sense; a start that is reported and doubtful is unknown."""
    started = np.where(start.among("none", *NOT_YET), NO, UNKNOWN)
    started = np.where(start.among("started", "completed"), YES, started)
    return np.where(once, started, UNKNOWN).astype(np.int8)


def completed_by(contracts: pd.DataFrame, rules: RuleBook, day: np.datetime64) -> Answer:
    """Whether the ledger reports a completion on or before a day; see `standing_of`."""
    blank = rules["state.blank_actual_completion"]
    if blank.value not in ("not_completed", "unknown"):
        raise PackError(
            f"{blank.key} must be not_completed or unknown, not {blank.value!r}", where=blank.pack
        )
    on = dates(contracts, "actual_completion")
    tells = blank.value == "not_completed" and "actual_completion" in contracts
    read = (~np.isnat(on) | tells) & ~unreadable(contracts, "actual_completion")
    return known(on <= day, (contracts["entries"] == 1).to_numpy(dtype=bool) & read)


def _supplied(
    contracts: pd.DataFrame, status: pd.Categorical, once: NDArray[np.bool_], day: np.datetime64
) -> Answer:
    """By the status; where it is blank by a contract, a handover, a start or a completion."""
    if "supply_status" not in contracts:
        return known(once, once)
    facts = np.zeros(len(contracts), dtype=bool)
    for name in _SUPPLY_FACTS:
        facts |= dates(contracts, name) <= day
    blank = np.asarray(status.isna())
    told = known(np.asarray(status == "supplied"), once & ~blank)
    return np.where(once & blank & facts, YES, told)
