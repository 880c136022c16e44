"""Why a parcel is judged so by the suspension clock: first the verdict, then the reason, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import codes, dates
from parkgeo.assess.not_started_words import OWN_CAUSE, code_titles
from parkgeo.assess.wording import among, ask, compose, days_of, figure_texts, figures_of, taken
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.delays import Stops
    from parkgeo.packs import RuleBook

__all__ = ["SENTENCES", "suspended_words"]

SENTENCES = {
    "no_works": "Not judged: no works have begun that could be suspended.",
    "completed": "Not idle: construction was completed on {completed}.",
    "not_asked": "Not judged: the ledger says neither whether works were suspended nor whether they were completed.",
    "started_lately": "Not idle: construction started on {actual_start}, less than a full year ago.",
    "suspension_unknown": "Undetermined: construction started on {actual_start} and is not reported as completed; whether works were suspended is not known.",
    "not_suspended": "Not idle: construction started on {actual_start}; no suspension is reported.",
    "resumed": "Not idle: works were suspended on {since} and resumed on {resumed}.",
    "delay_running": "Not idle: works are suspended since {since}; the clock stands still since {running} for a government delay that has not ended ({cause}).",
    "within_the_year": "Not idle: works are suspended since {since}{delay}; one full year ends on {full}.",
    "far_on": "Not idle: works are suspended since {since}, but {developed} of the area is developed and {invested} of the investment made; both limits are reached.",
    "dates_conflict": "Undetermined: works are said to be suspended since {since}, which contradicts the start on {actual_start} or the resumption on {resumed}.",
    "resumption_unknown": "Undetermined: works are suspended since {since} and the year is over, but the date of their resumption cannot be read.",
    "start_unknown": "Undetermined: works are suspended since {since} and the year is over, but whether they were started in the law's sense is not known.",
    "status_unknown": "Undetermined: works are suspended since {since} and the year is over, but the supply status is blank.",
    "delay_unknown": "Undetermined: works are suspended since {since} and the year is over, but how many days of government delay the ledger means is not known.",
    "delay_unproven": "Undetermined: works are suspended since {since} and the year is over, but with the government delay that is claimed and not proven by dates and documents it might not be.",
    "progress_unknown": "Undetermined: works are suspended since {since} and the year is over, but how far they are is not known (developed {developed}, invested {invested}).",
    "use_unknown": "Undetermined: works are suspended since {since} and the year is over, but no list in the packs says whether land with this use code is to be built on.",
    "idle": "Suspected idle, and may be recognised as idle: works are suspended since {since}{delay} ({days} days), {criteria} ({clause}). Next: check on site and hear the holder; recognition is at the office's discretion. What art. 14 would have follow was not verified for this paragraph: no fee is worked out.",
}
_PAPERS = ("actual_completion", "actual_start", "resumed_on", "entries", "government_delay_cause")
# Cases in which a government delay would have mattered.
_BY_DELAY = ("status_unknown", "delay_unproven", "progress_unknown", "use_unknown", "idle")
_LIMITS = {"developed": "idle.developed_area_below", "invested": "idle.invested_below"}
_DELAY = {"": " with {days} days of government delay"}
_CRITERIA = {
    "both": "{developed} of the area developed (below {developed_below}) and {invested} invested (below {invested_below})",
    "developed": "{developed} of the area developed (below {developed_below})",
    "invested": "{invested} of the investment made (below {invested_below})",
}


def suspended_words(
    table: pd.DataFrame, contract: pd.DataFrame, stops: Stops, rules: RuleBook, at: NDArray[np.intp]
) -> pd.DataFrame:
    """Why parcels are judged so by the suspension clock.

    Parameters
    ----------
    table
        Of `parkgeo.assess.suspended`.
    contract
        The ledger's row of each parcel.
    stops
        Dated delays.
    rules
        The packs in force.
    at
        Positions of the parcels.

    Returns
    -------
    pandas.DataFrame
        ``zh`` and ``en``, in the order of the positions.
    """
    rows, papers = taken(table, at, table.columns), taken(contract, at, _PAPERS)
    told = {lang: _words(rows, papers, stops, rules, at, lang) for lang in LANGUAGES}
    return pd.DataFrame(told, dtype=object)


def _words(
    rows: pd.DataFrame, papers: pd.DataFrame, stops: Stops, rules: RuleBook, at: NDArray[np.intp], lang: str
) -> NDArray[np.object_]:
    days = rows["delay_days"].to_numpy()
    delay = np.full(len(at), "", dtype=object)
    delayed = days > 0
    delay[delayed] = compose(_DELAY, [""] * delayed.sum(), lang, days=figure_texts(days[delayed], lang))
    cause = stops.running_cause[at]
    told = compose(
        SENTENCES,
        rows["case"].to_numpy(dtype=object),
        lang,
        completed=days_of(dates(papers, "actual_completion")),
        actual_start=days_of(dates(papers, "actual_start")),
        since=days_of(rows["suspended_on"].to_numpy()),
        resumed=days_of(dates(papers, "resumed_on")),
        running=days_of(stops.running_since[at]),
        cause=lambda own: code_titles("delays", "cause", cause[own], lang),
        delay=delay,
        full=days_of(rows["since"].to_numpy()),
        days=figures_of(rows["observed"].to_numpy(), lang),
        developed=_shares(rows, "developed", rules, lang)[0],
        invested=_shares(rows, "invested", rules, lang)[0],
        criteria=_criteria(rows, rules, lang),
        clause=lambda own: [rules["idle.suspended_years"].clause(lang)] * len(own),
    )
    found = np.array(told, dtype=object)
    own = rows["delay_own"].to_numpy(dtype=bool) & among(rows["case"].to_numpy(dtype=object), _BY_DELAY)
    causes = codes(papers, "government_delay_cause")[own]
    found[own] = compose(OWN_CAUSE, [""] * own.sum(), lang, sentence=found[own], cause=causes)
    missing = rows["missing"].to_numpy(dtype=object)
    return ask(found, missing, ("supply", "delays", "parcels"), lang)


def _criteria(rows: pd.DataFrame, rules: RuleBook, lang: str) -> NDArray[np.object_]:
    """Which criteria are met, in words, where the verdict is yes; else ""."""
    found = np.full(len(rows), "", dtype=object)
    yes = (rows["verdict"] == "yes").to_numpy(dtype=bool)
    own = rows[yes]
    area, money = own["developed_met"].to_numpy(), own["invested_met"].to_numpy()
    (developed, developed_below), (invested, invested_below) = (
        _shares(own, name, rules, lang) for name in _LIMITS
    )
    found[yes] = compose(
        _CRITERIA,
        np.where(area & money, "both", np.where(area, "developed", "invested")),
        lang,
        developed=developed,
        invested=invested,
        developed_below=developed_below,
        invested_below=invested_below,
    )
    return found


def _shares(rows: pd.DataFrame, name: str, rules: RuleBook, lang: str) -> tuple[list[str], list[str]]:
    """A share of each row and its limit, with as many digits as tell them apart: 33.33 % is below one third, 33.3 % is not."""
    figure = rules.get(_LIMITS[name])
    limit = 100 * figure.number("1") if figure else np.nan
    shares, place = np.unique(100 * rows[f"{name}_share"].to_numpy(dtype=float), return_inverse=True)
    pairs = [_apart(share, limit, lang) for share in shares.tolist()]
    return [pairs[at][0] for at in place], [pairs[at][1] for at in place]


def _apart(share: float, limit: float, lang: str) -> tuple[str, str]:
    """A share and a limit in per cent as texts."""
    if np.isnan(share):
        return say("not known", lang), _percent(limit, 1, lang)
    digits = next(
        (many for many in range(1, 6) if (round(share, many) < round(limit, many)) == (share < limit)), 6
    )
    return _percent(share, digits, lang), _percent(limit, digits, lang)


def _percent(value: float, digits: int, lang: str) -> str:
    return say("{value} %", lang, value=figure_texts(np.array([value]), lang, digits=digits)[0])
