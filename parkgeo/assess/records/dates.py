"""Dates that contradict one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.assess.attached import attached
from parkgeo.assess.contracts import dates, days_between
from parkgeo.assess.records.slips import judged_slips, slips_frame, slips_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from parkgeo.assess.attached import Attached
    from parkgeo.assess.judged import Judged
    from parkgeo.packs import RuleBook

__all__ = ["ORDER", "Pair", "date_conflict"]


class Pair(NamedTuple):
    """Two dates of a row, of which the first cannot be after the second; the same day is allowed."""

    layer: str
    earlier: str
    later: str


ORDER = (
    Pair("supply", "approved_on", "contract_on"),  # land is contracted once it is approved
    Pair("supply", "approved_on", "handover_on"),  # and handed over
    Pair("supply", "contract_on", "handover_on"),  # land is handed over under a contract
    Pair("supply", "contract_on", "actual_start"),  # works start under a contract
    Pair("supply", "handover_on", "actual_start"),  # and on land that was handed over
    Pair("supply", "contract_on", "agreed_start"),  # what is agreed lies ahead of the agreement
    Pair("supply", "agreed_start", "agreed_completion"),
    Pair("supply", "actual_start", "actual_completion"),
    Pair("supply", "contract_on", "actual_completion"),
    Pair("supply", "permit_on", "actual_completion"),  # a permit is for works that are not yet completed
    Pair("supply", "actual_start", "suspended_since"),  # works that have not started do not stop
    Pair("supply", "suspended_since", "actual_completion"),  # nor do completed ones
    Pair("supply", "suspended_since", "resumed_on"),
    Pair("occupancy", "from_on", "to_on"),
    Pair("delays", "from_on", "to_on"),
)
"""The order of the dates. A start before its permit is not here: that happens, and is a matter of the law and not of the pen."""

_PATTERNS = {
    "date": "{other} ({second}) lies before {one} ({first}), by {times} days: row {row} of {file}.",
}


def date_conflict(
    parcels: pd.DataFrame, tables: Mapping[str, pd.DataFrame | Attached | None], rules: RuleBook
) -> Judged | None:
    """Rows of a parcel whose dates are in the wrong order.

    Parameters
    ----------
    parcels
        With ``parcel_id``.
    tables
        Layers by name, as far as they are there, with the parcels looked up or not; each row is checked, also where a parcel has
        several.
    rules
        The packs in force.

    Returns
    -------
    Judged or None
        ``observed`` is the largest number of days. A date that is missing contradicts nothing. A parcel without a row is not judged.
    """
    rule = rules.get("records.date_conflict")
    layers = dict.fromkeys(pair.layer for pair in ORDER)
    there = {name: attached(table, parcels) for name in layers if (table := tables.get(name)) is not None}
    if rule is None or not there:
        return None
    most = rule.number("day")
    found = []
    asked = np.zeros(len(parcels), dtype=bool)
    for layer, table in there.items():
        asked |= table.count(len(parcels)) > 0
        pairs = [
            pair for pair in ORDER if pair.layer == layer and {pair.earlier, pair.later} <= set(table.rows)
        ]
        days_of = {name: dates(table.rows, name) for pair in pairs for name in (pair.earlier, pair.later)}
        for pair in pairs:
            days = days_between(days_of[pair.later], days_of[pair.earlier])
            found.append(
                slips_of(
                    table, days > most, "date", layer, pair.earlier, pair.later, observed=days, threshold=most
                )
            )  # fmt: skip
    return judged_slips(_PATTERNS, "date_conflict", rule, parcels, slips_frame(found), asked)
