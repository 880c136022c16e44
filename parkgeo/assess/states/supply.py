"""Land that is approved and not supplied (批而未供), and land that is supplied and not started (供而未用)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.contracts import dates, days_between
from parkgeo.assess.start import STATES
from parkgeo.assess.states.telling import (
    answered,
    cases,
    cells,
    day,
    metrics,
    missing_names,
    number,
    sentences,
)
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, all_of, at_least, known, verdicts
from parkgeo.assess.wording import compose, date_texts, figure_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states.standing import Standing
    from parkgeo.assess.states.telling import Text

__all__ = ["approved_not_supplied", "supplied_not_started"]

_APPROVED = {
    "yes": "Approved, not supplied: approved on {approved_on}, {days} days ago, and the ledger holds no supply.",
    "yes_undated": "Approved, not supplied, by the ledger's status; the day of the approval is not known.",
    "no_day": "Undetermined: the ledger's status is approved and not supplied, but since when is not known.",
    "several": "Undetermined: the ledger holds several contracts for the parcel, so its status is not certain.",
    "status": "Undetermined: the ledger does not say whether the land is supplied.",
}
_SUPPLIED = {
    "yes": "Supplied, not started: {since}; {start}, and {ground}.",
    "several": "Undetermined: the ledger holds several contracts for the parcel; {ground}.",
    "status": "Undetermined: {start} and {ground}, but whether the land is supplied is not known.",
    "start": "Undetermined: the land is supplied and {ground}, but {start}.",
    "no_day": "Undetermined: supplied and not started, but since when is not known.",
    "ground": "Undetermined: {start}, but what stands there is not known, for {ground}.",
}
_SINCE = {
    "handover": "handed over on {day}",
    "contract": "contracted on {day}, with no handover on record",
    "none": "the days of contract and handover are not known",
}
_START = {
    "none": "no start is reported",
    "ahead": "the start is reported for a day to come",
    "permit_ahead": "the start is reported, and the construction permit is of a day to come",
    "foundation_short": "the start is reported, and the foundation is not so far that it counts",
    "unknown": "whether construction started is not known",
    "permit_unknown": "the start is reported without a construction permit",
    "foundation_unknown": "how far the foundation is, is not known",
    "conflict": "the dates of its start contradict one another",
    "started": "construction has started",
    "completed": "the works are completed",
}
_GROUND = {
    "seen": "buildings cover {share} % of the parcel",
    "unseen": "there is no layer of buildings to compare with",
}
_ASK_FOR = {
    "actual_start": ("unknown", "conflict"),
    "permit_on": ("permit_unknown",),
    "foundation_kind": ("foundation_unknown",),
    "foundation_share": ("foundation_unknown",),
}


def approved_not_supplied(standing: Standing) -> Judged | None:
    """批而未供: approved for construction and not lawfully supplied.

    Parameters
    ----------
    standing
        What is known of the parcels.

    Returns
    -------
    Judged or None
        None without a supply ledger. ``observed`` is the days since the approval, ``since`` the approval. Judged is land meant
        to be built on of which the ledger has a row.

    Notes
    -----
    The ledger's status decides. Where it is blank the land is supplied if a contract, a handover or a start is on record; else
    the verdict is undetermined, as it is where the ledger holds several rows.
    """
    figure = standing.rules.get("state.approved_not_supplied")
    if figure is None or not standing.has_ledger:
        return None
    least = figure.number("day")
    contracts = standing.contracts
    approved_on = dates(contracts, "approved_on")
    days = days_between(approved_on, standing.day)
    waited = at_least(days, least)
    if least == 0:
        waited = np.where(np.isnan(days), YES, waited).astype(np.int8)
    says = np.asarray(standing.status == "approved_not_supplied", dtype=bool)
    open_status = standing.supplied == UNKNOWN
    answer = np.where(says, waited, np.where(open_status, UNKNOWN, NO)).astype(np.int8)
    case = cases(
        [
            (standing.several, "several"),
            (open_status, "status"),
            (answer == NO, "no"),
            (answer == UNKNOWN, "no_day"),
            (np.isnan(days), "yes_undated"),
        ],
        "yes",
    )
    verdict = verdicts(answer, standing.meant & (standing.once | standing.several))
    missing = missing_names(
        {
            "contract_id": standing.several,
            "supply_status": open_status & ~standing.several,
            "approved_on": says & np.isnan(days),
        },
        verdict,
    )
    values = {"approved_on": day(approved_on), "days": number(days, 0)}
    return answered(
        "approved_not_supplied", figure, standing, verdict,
        case=case, observed=days, threshold=least, missing=missing, since=approved_on,
        reasons=sentences(_APPROVED, case, missing, values),
        told=[cells(contracts, "supply_status", "approved_on", "contract_id", asked=("supply_status",)), lambda _: [figure.as_evidence()]],
    )  # fmt: skip


def supplied_not_started(standing: Standing) -> Judged | None:
    """供而未用: supplied, not started in the law's sense, and nothing built.

    Parameters
    ----------
    standing
        What is known of the parcels.

    Returns
    -------
    Judged or None
        None without a supply ledger. ``observed`` is the days since the handover, else since the contract, and ``since`` that day.

    Notes
    -----
    It says nothing of any term: land handed over last week is supplied and not started, and not idle. Where buildings stand
    although no start is reported the answer is no: ledger and ground contradict each other, which is a finding of its own. Without
    a layer of buildings what stands there is unknown, and so is the answer.
    """
    figure = standing.rules.get("state.supplied_not_started")
    if figure is None or not standing.has_ledger:
        return None
    built, least = standing.rules["state.supplied_built_share"], figure.number("day")
    contracts = standing.contracts
    handover, contract = dates(contracts, "handover_on"), dates(contracts, "contract_on")
    since = np.where(np.isnat(handover), contract, handover)
    days = days_between(since, standing.day)
    waited = known(~(days < least), ~np.isnan(days) | (least == 0))
    unseen = np.isnan(standing.built_share)
    empty = known(~(standing.built_share >= built.number("1")), ~unseen)
    answer = all_of(standing.supplied, -standing.started, empty, waited)
    open_status = standing.supplied == UNKNOWN
    case = cases(
        [
            (answer == NO, "no"),
            (answer == YES, "yes"),
            (standing.several, "several"),
            (open_status, "status"),
            (standing.started == UNKNOWN, "start"),
            (unseen, "ground"),
        ],
        "no_day",
    )
    judged = standing.meant & (standing.once | standing.several) & (standing.supplied != NO)
    verdict = verdicts(answer, judged)
    once = ~standing.several
    missing = missing_names(
        {
            "contract_id": standing.several,
            "supply_status": open_status & once,
            **{name: standing.start.among(*states) & once for name, states in _ASK_FOR.items()},
            "handover_on": (waited == UNKNOWN) & once,
            "buildings": unseen & once,
        },
        verdict,
    )
    names = ("supply_status", "contract_id", "contract_on", "handover_on", "actual_start", "permit_on")
    return answered(
        "supplied_not_started", figure, standing, verdict,
        case=case, observed=days, threshold=least, missing=missing, since=since,
        reasons=sentences(_SUPPLIED, case, missing, _parts(standing, handover, since)),
        told=[
            cells(contracts, *names, asked=("supply_status", "actual_start")),
            metrics(standing.parcels, "building_density", "footprint_m2"),
            lambda _: [figure.as_evidence(), built.as_evidence()],
        ],
    )  # fmt: skip


def _parts(
    standing: Standing, handover: NDArray[np.datetime64], since: NDArray[np.datetime64]
) -> dict[str, Text]:
    """Parts of the sentence: since when, what of the start, what stands there."""

    def since_when(at: NDArray[np.intp], lang: str) -> list[str]:
        basis = np.select(
            [~np.isnat(handover[at]), ~np.isnat(since[at])], ["handover", "contract"], default="none"
        )
        return compose(_SINCE, basis.tolist(), lang, day=date_texts(since[at]))

    def start(at: NDArray[np.intp], lang: str) -> list[str]:
        return compose(_START, [STATES[state] for state in standing.start.state[at]], lang)

    def ground(at: NDArray[np.intp], lang: str) -> list[str]:
        share = standing.built_share[at]
        seen = np.where(np.isnan(share), "unseen", "seen")
        return compose(_GROUND, seen.tolist(), lang, share=figure_texts(100 * share, lang))

    return {"since": since_when, "start": start, "ground": ground}
