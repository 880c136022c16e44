"""Why a parcel is judged so by the not-started clock: first the verdict, then the reason, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import codes, dates, numbers, unreadable
from parkgeo.assess.wording import among, ask, compose, date_texts, days_of, figure_texts, figures_of, taken
from parkgeo.i18n import LANGUAGES
from parkgeo.layers import schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.delays import Stops
    from parkgeo.packs import RuleBook

__all__ = ["OWN_CAUSE", "SENTENCES", "code_titles", "not_started_words"]

SENTENCES = {
    "not_built_on": "Not judged: land of this use is not meant to be built on.",
    "reserve": "Not judged: land held in reserve.",
    "too_small": "Not judged: the parcel is smaller than the smallest area that the pack has judged.",
    "not_supplied": "Not judged: the land is not supplied ({status}).",
    "started": "Not idle: construction started on {actual_start}.",
    "completed": "Not idle: construction was completed on {completed}.",
    "delay_running": "Not idle: {basis}; the clock stands still since {since} for a government delay that has not ended ({cause}).",
    "within_the_year": "Not idle: {basis}; one full year ends on {idle_from}.",
    "idle": "Suspected idle: {basis}, no start reported by {as_of}: {days} days from then, idle since {idle_from} ({clause}).",
    "idle_despite": "Suspected idle: {basis}, no start in the law's sense by {as_of}: {days} days from then, idle since {idle_from} ({clause}).",
    "no_ledger": "Undetermined: there is no supply ledger.",
    "not_in_ledger": "Undetermined: the parcel is not in the supply ledger.",
    "several_contracts": "Undetermined: the ledger holds {entries} contracts for the parcel.",
    "status_unknown": "Undetermined: {basis} and the year is over, but the supply status is blank.",
    "start_unknown": "Undetermined: {basis} and the year is over, but whether construction started is not known.",
    "permit_unknown": "Undetermined: {basis} and the year is over; a start on {actual_start} is reported, but no construction permit, without which no start counts.",
    "foundation_unknown": "Undetermined: {basis} and the year is over; a start on {actual_start} is reported, but whether the foundation is so far that it counts is not known.",
    "dates_conflict": "Undetermined: {basis} and the year is over; the ledger reports works completed or suspended, but no start before that.",
    "agreed_start_unknown": "Undetermined: no start by {as_of}, and no agreed start to count from.",
    "delay_unknown": "Undetermined: {basis} and the year is over, but how many days of government delay the ledger means is not known.",
    "delay_unproven": "Undetermined: {basis} and the year is over, but with the government delay that is claimed and not proven it would not be.",
    "clock_conflict": "Undetermined: {basis} and the year is over, but the agreed start contradicts the contract of {contract_on} or the agreed completion on {agreed_completion}.",
    "handover_conflict": "Undetermined: {basis} and the year is over, but the handover lies before the contract of {contract_on}: nothing is counted from a date that contradicts another.",
    "use_unknown": "Undetermined: {basis} and the year is over, but no list in the packs says whether land with the use code {use_code} is to be built on.",
    "late_handover": "Undetermined: {basis}, but the land was handed over on {handover_on}; a late delivery stops the clock (art. 8).",
}
_BASIS = {
    "agreed": "agreed start {date}",
    "handover": "default start {date} (counted from the handover on {handover_on})",
    "approval": "default start {date} (counted from the approval on {approved_on})",
}
_UNVERIFIED = {"": "{basis} (unverified rule)"}
_DELAY = {"": "{basis} with {days} days of government delay"}
_LATE = {"": "{basis}, counted from the handover on {handover_on}"}
_DEFAULT_IS_OFF = {
    "": "{sentence} A default start counted from {date} is an unverified rule and off; the office's pack may switch it on."
}
_NO_START_YET = {
    "ahead": "{sentence} The start that is reported ({actual_start}) lies after the day of judgement.",
    "permit_ahead": "{sentence} The start reported on {actual_start} does not count yet: the permit is of {permit_on}.",
    "foundation_short": "{sentence} The start reported on {actual_start} does not count yet: {share} % of the foundation is done.",
}
_COMPLETED_BEFORE = {
    "": "{sentence} The dates contradict one another: the start is reported for {actual_start}, after the completion."
}
_CLAIMED = {
    "": "{sentence} The ledger states {stated} days of government delay without a cause of art. 8: they are claimed, not proven, and not counted."
}
OWN_CAUSE = {
    "": "{sentence} By the ledger's words the cause of delay is the holder's own ({cause}): it stops no clock, and no days are counted for it."
}
_DIFFERS = {
    "": "{sentence} The ledger states {stated} days of government delay, the dated delays {proven}; the dated ones are counted."
}
_THEN = {
    "fee": "{sentence} Next: check on site and hear the holder; if recognised, an idle fee of {fee} wan yuan ({clause}).",
    "fee_unknown": "{sentence} Next: check on site and hear the holder; if recognised, an idle fee by the price, which is not known ({clause}).",
    "fee_doubted": "{sentence} Next: check on site and hear the holder; if recognised, an idle fee by the price, which cannot be as it is written and is to be settled first ({clause}).",
    "recovery": "{sentence} Next: check on site and hear the holder; if recognised, recovery without compensation ({clause}).",
}
_ROW = (
    "case", "observed", "since", "missing", "start_basis", "start_on", "start_verified", "start_state", "delay_days", "late",
    "delays_differ", "delay_claimed", "delay_own", "fee_wan", "consequence", "use_code",
)  # fmt: skip
_PAPERS = (
    "entries", "supply_status", "agreed_start", "actual_start", "actual_completion", "permit_on", "handover_on", "approved_on",
    "foundation_share", "government_delay_days", "government_delay_cause", "unreadable", "contract_on", "agreed_completion",
    "price_wan",
)  # fmt: skip
_WITH_BASIS = tuple(case for case, pattern in SENTENCES.items() if "{basis}" in pattern)


def code_titles(layer: str, field: str, values: NDArray[np.object_], lang: str) -> list[str]:
    """What codes of a field are called in a language; a text that is no code stays as it is."""
    known = schema(layer).fields[field].codes
    named = {
        value: known[value][0] if lang == "zh" and value in known else value.replace("_", " ")
        for value in set(values.tolist())
    }
    return [named[value] for value in values.tolist()]


def not_started_words(
    table: pd.DataFrame,
    contract: pd.DataFrame,
    stops: Stops,
    rules: RuleBook,
    day: np.datetime64,
    at: NDArray[np.intp],
) -> pd.DataFrame:
    """Why parcels are judged so by the not-started clock.

    Parameters
    ----------
    table
        Of `parkgeo.assess.not_started`.
    contract
        The ledger's row of each parcel.
    stops
        Dated delays.
    rules
        The packs in force.
    day
        The day of judgement.
    at
        Positions of the parcels.

    Returns
    -------
    pandas.DataFrame
        ``zh`` and ``en``, in the order of the positions.
    """
    rows, papers = taken(table, at, _ROW), taken(contract, at, _PAPERS)
    fee = np.array(figure_texts(rows["fee_wan"].to_numpy(), "en"), dtype=object)
    told = {lang: _words(rows, papers, stops, rules, day, at, fee, lang) for lang in LANGUAGES}
    return pd.DataFrame(told, dtype=object)


def _words(
    rows: pd.DataFrame,
    papers: pd.DataFrame,
    stops: Stops,
    rules: RuleBook,
    day: np.datetime64,
    at: NDArray[np.intp],
    fee: NDArray[np.object_],
    lang: str,
) -> NDArray[np.object_]:
    case = rows["case"].to_numpy(dtype=object)
    told = compose(
        SENTENCES,
        case,
        lang,
        basis=_bases(rows, papers, lang),
        status=lambda own: code_titles(
            "supply", "supply_status", codes(papers.iloc[own], "supply_status"), lang
        ),
        actual_start=days_of(dates(papers, "actual_start")),
        completed=days_of(dates(papers, "actual_completion")),
        handover_on=days_of(dates(papers, "handover_on")),
        since=days_of(stops.running_since[at]),
        cause=lambda own: code_titles("delays", "cause", stops.running_cause[at][own], lang),
        contract_on=days_of(dates(papers, "contract_on")),
        agreed_completion=days_of(dates(papers, "agreed_completion")),
        use_code=rows["use_code"].to_numpy(dtype=object),
        idle_from=days_of(rows["since"].to_numpy()),
        days=figures_of(rows["observed"].to_numpy(), lang),
        entries=papers["entries"].to_numpy(),
        as_of=lambda own: [str(day)] * len(own),
        clause=lambda own: [rules["idle.full_years"].clause(lang)] * len(own),
    )
    found = np.array(told, dtype=object)
    _add_doubts(found, rows, papers, stops.proven_days[at], rules, lang)
    _add_next(found, rows, papers, fee, rules, lang)
    return ask(found, rows["missing"].to_numpy(dtype=object), ("supply", "delays", "parcels"), lang)


def _bases(rows: pd.DataFrame, papers: pd.DataFrame, lang: str) -> NDArray[np.object_]:
    """What the clock counts from, in words, where the sentence of the case says it; else ""."""
    found = np.full(len(rows), "", dtype=object)
    kind = rows["start_basis"].to_numpy(dtype=object)
    case = rows["case"].to_numpy(dtype=object)
    said = among(case, _WITH_BASIS) & (kind != "")
    own, papers, kind, case = rows[said], papers[said], kind[said], case[said]
    handover = date_texts(dates(papers, "handover_on"))
    approved = date_texts(dates(papers, "approved_on"))
    words = compose(
        _BASIS, kind, lang, date=date_texts(own["start_on"].to_numpy()), handover_on=handover, approved_on=approved,
    )  # fmt: skip
    basis = np.array(words, dtype=object)
    doubtful = ~own["start_verified"].to_numpy()
    basis[doubtful] = compose(_UNVERIFIED, [""] * doubtful.sum(), lang, basis=basis[doubtful])
    days = own["delay_days"].to_numpy()
    delayed = days > 0
    basis[delayed] = compose(
        _DELAY, [""] * delayed.sum(), lang, basis=basis[delayed], days=figure_texts(days[delayed], lang)
    )
    late = own["late"].to_numpy() & among(case, ("idle", "idle_despite"))
    handed = np.array(handover, dtype=object)[late]
    basis[late] = compose(_LATE, [""] * late.sum(), lang, basis=basis[late], handover_on=handed)
    found[said] = basis
    return found


def _add_doubts(
    found: NDArray[np.object_],
    rows: pd.DataFrame,
    papers: pd.DataFrame,
    proven: NDArray[np.int64],
    rules: RuleBook,
    lang: str,
) -> None:
    """Put behind each sentence why a reported start does not count, which default is off, where two delays differ."""
    case, state = rows["case"].to_numpy(dtype=object), rows["start_state"].to_numpy(dtype=object)
    clocked = among(case, (*_WITH_BASIS, "agreed_start_unknown"))
    early = np.flatnonzero(clocked & among(state, _NO_START_YET))
    found[early] = compose(
        _NO_START_YET,
        state[early],
        lang,
        sentence=found[early],
        actual_start=date_texts(dates(papers, "actual_start")[early]),
        permit_on=date_texts(dates(papers, "permit_on")[early]),
        share=figure_texts(100 * numbers(papers, "foundation_share")[early], lang),
    )
    handover, approved = dates(papers, "handover_on"), dates(papers, "approved_on")
    by_handover = ~np.isnat(handover) | unreadable(papers, "handover_on")
    known = np.where(by_handover, handover, approved)
    is_off = {
        name: rules.get(f"idle.default_start_after_{name}_years") is None for name in ("handover", "approval")
    }
    off = (case == "agreed_start_unknown") & ~np.isnat(known) & ("agreed_start" in papers)
    off &= ~unreadable(papers, "agreed_start") & np.where(by_handover, is_off["handover"], is_off["approval"])
    found[off] = compose(
        _DEFAULT_IS_OFF, [""] * off.sum(), lang, sentence=found[off], date=date_texts(known[off])
    )
    started, ended = (dates(papers, name) for name in ("actual_start", "actual_completion"))
    backward = (case == "completed") & (ended < started)
    found[backward] = compose(
        _COMPLETED_BEFORE, [""] * backward.sum(), lang, sentence=found[backward], actual_start=date_texts(started[backward])
    )  # fmt: skip
    claimed = clocked & rows["delay_claimed"].to_numpy()
    stated = figure_texts(numbers(papers, "government_delay_days")[claimed], lang)
    found[claimed] = compose(_CLAIMED, [""] * claimed.sum(), lang, sentence=found[claimed], stated=stated)
    own = clocked & rows["delay_own"].to_numpy()
    causes = codes(papers, "government_delay_cause")[own]
    found[own] = compose(OWN_CAUSE, [""] * own.sum(), lang, sentence=found[own], cause=causes)
    differ = clocked & rows["delays_differ"].to_numpy()
    found[differ] = compose(
        _DIFFERS,
        [""] * differ.sum(),
        lang,
        sentence=found[differ],
        stated=figure_texts(numbers(papers, "government_delay_days")[differ], lang),
        proven=figure_texts(proven[differ].astype(float), lang),
    )


def _add_next(
    found: NDArray[np.object_],
    rows: pd.DataFrame,
    papers: pd.DataFrame,
    fee: NDArray[np.object_],
    rules: RuleBook,
    lang: str,
) -> None:
    """Put behind each yes what the office does next, and what the clause says would follow."""
    then = rows["consequence"].to_numpy(dtype=object)
    due = np.flatnonzero(rows["consequence"].notna().to_numpy())
    no_fee = np.where(numbers(papers, "price_wan")[due] > 0, "fee_doubted", "fee_unknown")
    kind = np.where((then[due] == "fee") & rows["fee_wan"].isna().to_numpy()[due], no_fee, then[due]).astype(
        object
    )
    clauses = {
        name: rules[key].clause(lang)
        for name, key in (
            ("fee", "idle.fee_share"), ("fee_unknown", "idle.fee_share"), ("fee_doubted", "idle.fee_share"), ("recovery", "idle.recovery_years"),
        )
        if rules.get(key)
    }  # fmt: skip
    found[due] = compose(
        _THEN, kind, lang, sentence=found[due], fee=fee[due], clause=[clauses[name] for name in kind],
    )  # fmt: skip
