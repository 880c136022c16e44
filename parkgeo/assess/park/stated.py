"""What the park itself reports: residents, and policy promised and paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.assess.park.rows import indicator_gap, over

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["stated_rows"]

_RESIDENTS = "The park's number of residents is not recorded, or it has no built land: ask for it."
_POLICY = "What was promised and what was paid to companies is not recorded: ask for both."


def stated_rows(
    park: Mapping[Hashable, Any], built_ha: float, rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Population density and policy fulfilment.

    Parameters
    ----------
    park
        The park's row; ``residents``, ``policy_promised_wan``, ``policy_paid_wan`` as far as they are there.
    built_ha
        A.
    rules
        The packs in force, for benchmarks.

    Returns
    -------
    tuple
        Rows; gaps.
    """
    people, promised, paid = (
        _number(park.get(name)) for name in ("residents", "policy_promised_wan", "policy_paid_wan")
    )
    rows = [
        over("population_density", people, built_ha, rules),
        over("policy_fulfilment", paid, promised, rules),
    ]
    asks = (_RESIDENTS, _POLICY)
    return rows, [
        indicator_gap(row["name"], ask) for row, ask in zip(rows, asks, strict=True) if np.isnan(row["value"])
    ]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float | np.number) else np.nan
