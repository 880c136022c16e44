"""Both paragraphs of art. 2 together, and the ways of disposal that art. 12 opens where the delay is the government's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.all_parcels import decide, words_of
from parkgeo.assess.causes import OWN, ledger_causes
from parkgeo.assess.clock import delay_unknown
from parkgeo.assess.contracts import numbers
from parkgeo.assess.wording import compose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.assess.delays import Stops
    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook

__all__ = ["add_routes", "combined", "disposal_routes"]

_ROUTES = {
    "extend_start": "extend the agreed start, one year at most",
    "change_use": "change the use or the conditions",
    "temporary_use": "temporary use, two years at most",
    "agreed_recovery": "agreed recovery with compensation",
    "land_swap": "swap of land",
    "other": "other ways",
}
_ADDED = {
    "verified": "{sentence} Where the cause is the government's: {routes} ({clause}).",
    "unverified": "{sentence} Where the cause is the government's: {routes} ({clause}; unverified rule).",
}
_VERDICTS = ("yes", "undetermined", "no")
_BY_DELAY = ("delay_unknown", "delay_unproven", "late_handover")


def combined(first: pd.Series[str], second: pd.Series[str]) -> pd.Categorical:
    """One verdict of two paragraphs: yes if any is, else undetermined if any is, else no if any was judged.

    Examples
    --------
    >>> import pandas as pd
    >>> combined(pd.Series(["no", "no", None]), pd.Series(["yes", None, None])).tolist()
    ['yes', 'no', nan]
    """
    holds = {name: ((first == name) | (second == name)).to_numpy(dtype=bool) for name in _VERDICTS}
    return words_of(decide(_VERDICTS, holds, -1, len(first)), _VERDICTS)


def disposal_routes(
    judged: tuple[Judged, ...], contract: pd.DataFrame, stops: Stops, rules: RuleBook, day: np.datetime64
) -> NDArray[np.object_]:
    """Codes of the ways that art. 12 opens, joined by ", ".

    Parameters
    ----------
    judged
        Of both paragraphs.
    contract
        The ledger's row of each parcel.
    stops
        Dated delays.
    rules
        The packs in force; without ``idle.routes``, which is off as shipped, there are no ways.
    day
        The day of judgement.

    Returns
    -------
    numpy.ndarray
        None where no government cause is told, where the year is not over, or where no pack names ways.
    """
    found = np.full(len(contract), None, dtype=object)
    routes = rules.get("idle.routes")
    if routes is None:
        return found
    told = (numbers(contract, "government_delay_days") > 0) | delay_unknown(contract, day)
    cause = stops.dated | (told & (ledger_causes(contract, rules) != OWN))
    for each in judged:
        verdict = (each.table["verdict"] == "yes").to_numpy(dtype=bool)
        late = each.table["late"].to_numpy() if "late" in each.table else False
        waits = each.table["case"].isin(_BY_DELAY).to_numpy()
        found[(verdict & (cause | late)) | waits] = ", ".join(routes.texts())
    return found


def add_routes(
    sentences: NDArray[np.object_], routes: NDArray[np.object_], rules: RuleBook, lang: str
) -> NDArray[np.object_]:
    """Sentences with the ways behind them, marked where the article was not seen."""
    where = np.flatnonzero(pd.notna(routes))
    if not len(where):
        return sentences
    figure = rules["idle.routes"]
    names = [name if name in _ROUTES else "other" for name in figure.texts()]
    told = ("、" if lang == "zh" else ", ").join(compose(_ROUTES, names, lang))
    kind = "verified" if figure.verified else "unverified"
    found = sentences.copy()
    found[where] = compose(
        _ADDED, [kind] * len(where), lang, sentence=sentences[where], routes=[told] * len(where),
        clause=[figure.clause(lang)] * len(where),
    )  # fmt: skip
    return found
