"""Producing below contract (投而未达): output or tax per mu against what the contract agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.contracts import numbers
from parkgeo.assess.states.telling import (
    answered,
    cases,
    cells,
    metrics,
    missing_names,
    number,
    sentences,
    still,
)
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, Answer, all_of, any_of, below, verdicts
from parkgeo.errors import PackError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states.standing import Standing
    from parkgeo.packs import RuleBook

__all__ = ["below_agreed", "below_contract", "not_in_ledger"]

_AGREED = {"output": "agreed_output_wan_per_mu", "tax": "agreed_tax_wan_per_mu"}
_YIELD = {"output": "output_wan_per_mu", "tax": "tax_wan_per_mu"}
_BELOW = {
    "yes": "Producing below contract: output of {year} is {output} wan yuan/mu against {agreed_output} agreed, tax {tax} against {agreed_tax}.",
    "several": "Undetermined: the ledger holds several contracts for the parcel.",
    "not_agreed": "Undetermined: what the contract agrees is not in the ledger.",
    "no_figure": "Undetermined: what the parcel yields is not known.",
    "no_date": "Undetermined: below what is agreed, but when the works were completed is not known.",
}


def below_agreed(standing: Standing, which: str, share: float) -> tuple[Answer, NDArray[np.float64]]:
    """Whether a figure is below a share of what the contract agrees, and its ratio to it.

    Parameters
    ----------
    standing
        What is known of the parcels.
    which
        ``output`` or ``tax``.
    share
        Of what is agreed.

    Returns
    -------
    tuple
        The answer, and actual ÷ agreed (NaN where either is missing, inf where 0 is agreed, which anything meets).
    """
    agreed = numbers(standing.contracts, _AGREED[which])
    actual = standing.yearly(_YIELD[which])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(agreed > 0, actual / agreed, np.where(agreed == 0, np.inf, np.nan))
    return below(ratio, share), ratio


def not_in_ledger(contracts: pd.DataFrame, rules: RuleBook) -> list[str]:
    """Fields of what contracts agree that the pack asks for and the ledger has no column of."""
    which = rules.get("state.contract_figures")
    asked = [] if which is None else [_AGREED[name] for name in which.texts() if name in _AGREED]
    return [name for name in asked if name not in contracts]


def below_contract(standing: Standing) -> Judged | None:
    """投而未达: output or tax per mu of the latest full year below what the contract agrees.

    Parameters
    ----------
    standing
        What is known of the parcels.

    Returns
    -------
    Judged or None
        None where no pack has the figure, or the ledger has no column of what is agreed. ``observed`` is the least ratio of actual
        to agreed. Judged is industrial and storage land that is built and has a row in the ledger. Where the ledger lacks the column
        of one figure, that the others are met clears no parcel, and those are not judged.

    Notes
    -----
    One figure below is enough; all that the contract agrees must be met for a "no". Nothing is due of a year in which the works
    were completed, nor of one before it. Figures are per mu of the parcel as drawn.
    """
    figure, which = (
        standing.rules.get(f"state.{name}") for name in ("below_contract_share", "contract_figures")
    )
    if figure is None or which is None:
        return None
    share = figure.number("1")
    if not set(which.texts()) <= set(_AGREED):
        raise PackError(f"{which.key} can hold {', '.join(_AGREED)}, not {which.value}", where=which.pack)
    absent = not_in_ledger(standing.contracts, standing.rules)
    asked = [name for name in which.texts() if _AGREED[name] not in absent]
    if not asked:
        return None
    found = {name: below_agreed(standing, name, share) for name in asked}
    parts = [answer for answer, _ in found.values()]
    ratio = np.fmin.reduce([ratio for _, ratio in found.values()])
    due = standing.due()
    answer = all_of(due, any_of(*parts))
    agreed = {name: numbers(standing.contracts, _AGREED[name]) for name in _AGREED}
    not_agreed = np.logical_or.reduce([np.isnan(agreed[name]) for name in found])
    no_figure = np.logical_or.reduce([np.isnan(standing.yearly(_YIELD[name])) for name in found])
    below_known = any_of(*parts) == YES
    case = cases(
        [
            (answer == YES, "yes"),
            (answer == NO, "no"),
            (standing.several, "several"),
            (below_known, "no_date"),
            (no_figure, "no_figure"),
            (not_agreed, "not_agreed"),
        ],
        "no_date",
    )
    judged = standing.works & (standing.built == YES) & (standing.supplied != NO)
    if absent:
        judged &= answer != NO
    verdict = verdicts(answer, judged & (standing.once | standing.several))
    missing = missing_names(
        {
            "contract_id": standing.several,
            **{_AGREED[name]: np.isnan(agreed[name]) & ~standing.several for name in found},
            **{f"{name}_wan": np.isnan(standing.yearly(_YIELD[name])) for name in found},
            "actual_completion": (due == UNKNOWN) & ~standing.several,
        },
        verdict,
    )
    values = {
        "output": number(standing.yearly("output_wan_per_mu")), "agreed_output": number(agreed["output"]),
        "tax": number(standing.yearly("tax_wan_per_mu")), "agreed_tax": number(agreed["tax"]),
        "year": still(str(standing.year or "—")),
    }  # fmt: skip
    return answered(
        "below_contract", figure, standing, verdict,
        case=case, observed=np.where(np.isinf(ratio), np.nan, ratio), threshold=share, missing=missing,
        reasons=sentences(_BELOW, case, missing, values),
        told=[
            cells(standing.contracts, *_AGREED.values(), "actual_completion"), metrics(standing.parcels, *_YIELD.values()),
            lambda _: [figure.as_evidence()],
        ],
    )  # fmt: skip
