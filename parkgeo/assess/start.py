"""The start of construction in the law's sense (动工开发): permit held, and the foundation so far as its kind asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.contracts import codes, dates, numbers, unreadable

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["NOT_YET", "STATES", "Start", "start_of_works"]

STATES = (
    "none", "unknown", "started", "completed", "ahead", "permit_ahead", "permit_unknown", "foundation_short",
    "foundation_unknown", "conflict",
)  # fmt: skip
"""What the ledger says of a start, in the law's sense."""

NOT_YET = ("ahead", "permit_ahead", "foundation_short")
"""States in which a start is reported that is none yet."""

_KINDS = ("deep_pit", "piled", "other")


@dataclass(frozen=True)
class Start:
    """What the ledger says of each parcel's start.

    Attributes
    ----------
    state
        One of `STATES` by its place there.
    on
        The start in the law's sense: the later of the reported start and the permit; NaT where there is none.
    share_needed
        Share of the foundation that its kind asks for; NaN where the kind is not known.
    """

    state: NDArray[np.int8]
    on: NDArray[np.datetime64]
    share_needed: NDArray[np.float64]

    def of(self, at: NDArray[np.intp]) -> Start:
        """Of some of the parcels, given by their positions."""
        return Start(self.state[at], self.on[at], self.share_needed[at])

    def among(self, *names: str) -> NDArray[np.bool_]:
        """Where the state is one of these."""
        held = np.array([name in names for name in STATES])
        return held[self.state]


def start_of_works(contract: pd.DataFrame, rules: RuleBook, day: np.datetime64) -> Start:
    """What the ledger says of the start of construction.

    Parameters
    ----------
    contract
        The ledger's row of each parcel: ``actual_start``, ``permit_on``, ``foundation_kind``, ``foundation_share``,
        ``actual_completion``, ``suspended_since`` as far as there are.
    rules
        The packs in force.
    day
        The day of judgement.

    Returns
    -------
    Start

    Notes
    -----
    Completed works were started. A start reported for a later day, one whose permit is of a later day, and one whose
    foundation falls short are none yet. A blank permit in a column that is there leaves the start open to question; a ledger
    without the column did not ask, and the reported start stands. So it is with the foundation's share. Works reported as
    completed or suspended of which the start is blank or lies ahead contradict themselves, save that completion alone
    shows a start. Where the completion or the suspension is written and cannot be read, land without a start that counts
    is unknown.

    References
    ----------
    闲置土地处置办法, Order 53 of the Ministry of Land and Resources, 2012: the meaning of 动工开发.
    """
    actual, permit = dates(contract, "actual_start"), dates(contract, "permit_on")
    reported = actual <= day
    completed = (dates(contract, "actual_completion") <= day) & ~unreadable(contract, "actual_start")
    stopped = dates(contract, "suspended_since") <= day
    blank = rules.get("idle.blank_actual_start")
    tells = blank is not None and blank.value == "not_started" and "actual_start" in contract
    unknown = np.isnat(actual) & (unreadable(contract, "actual_start") | (not tells))
    # What cannot be read was not left blank: works may be completed, or have begun and been suspended.
    blurred = unreadable(contract, "actual_completion")
    unknown |= ~reported & (blurred | unreadable(contract, "suspended_since"))
    short, doubtful, needed = _foundation(contract, rules)
    decided = (
        ("conflict", completed & (actual > day)),
        ("completed", completed),
        ("unknown", unknown),
        ("conflict", stopped & ~reported),
        ("unknown", blurred & (short | (permit > day))),
        ("ahead", actual > day),
        ("none", np.isnat(actual)),
        ("foundation_short", short),
        ("permit_ahead", permit > day),
        ("permit_unknown", np.isnat(permit) & ("permit_on" in contract)),
        ("foundation_unknown", doubtful),
    )
    state = np.full(len(contract), STATES.index("started"), dtype=np.int8)
    for name, mask in reversed(decided):
        state[mask] = STATES.index(name)
    begun = np.isin(state, [STATES.index(name) for name in ("started", "completed")])
    on = np.where(begun & reported, np.fmax(actual, permit), np.datetime64("NaT", "D"))
    return Start(state, on, needed)


def _foundation(
    contract: pd.DataFrame, rules: RuleBook
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:
    """Where the foundation falls short of the definition, where that is not known, and what its kind asks for."""
    nowhere = np.zeros(len(contract), dtype=bool)
    needs = rules.get("idle.foundation_share_at_start")
    kind, share = codes(contract, "foundation_kind"), numbers(contract, "foundation_share")
    needed = np.full(len(contract), np.nan)
    if needs is None or "foundation_share" not in contract:
        return nowhere, nowhere, needed
    table = needs.table("1")
    for name in _KINDS:
        needed[kind == name] = table[name]
    rounding = rules.get("idle.foundation_rounding")
    slack = rounding.number("1") if rounding else 0.0
    least = np.where(np.isnan(needed), min(table.values()), needed) - slack
    most = np.where(np.isnan(needed), max(table.values()), needed) - slack
    return share < least, ~(share < least) & ~(share >= most), needed
