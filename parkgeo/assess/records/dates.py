"""Dates that contradict one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from parkgeo.assess.contracts import dates, days_between
from parkgeo.assess.membership import present
from parkgeo.assess.records.slips import judged_slips, slips_frame, slips_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

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
    parcels: pd.DataFrame, tables: Mapping[str, pd.DataFrame | None], rules: RuleBook
) -> Judged | None:
    """Rows of a parcel whose dates are in the wrong order.

    Parameters
    ----------
    parcels
        With ``parcel_id``.
    tables
        Layers by name, as far as they are there; each row is checked, also where a parcel has several.
    rules
        The packs in force.

    Returns
    -------
    Judged or None
        ``observed`` is the largest number of days. A date that is missing contradicts nothing. A parcel without a row is not judged.
    """
    rule = rules.get("records.date_conflict")
    if rule is None or all(tables.get(pair.layer) is None for pair in ORDER):
        return None
    most = rule.number("day")
    found = []
    asked = np.zeros(len(parcels), dtype=bool)
    for layer in dict.fromkeys(pair.layer for pair in ORDER):
        table = tables.get(layer)
        if table is not None:
            asked |= present(parcels["parcel_id"], table["parcel_id"])
    for pair in ORDER:
        table = tables.get(pair.layer)
        if table is None or pair.earlier not in table or pair.later not in table:
            continue
        days = days_between(dates(table, pair.later), dates(table, pair.earlier))
        found.append(
            slips_of(
                table, days > most, "date", pair.layer, pair.earlier, pair.later, observed=days, threshold=most
            )
        )  # fmt: skip
    return judged_slips(_PATTERNS, "date_conflict", rule, parcels, slips_frame(found), asked)
