"""Intensive-use score and the regulation's kinds of potential: what ideal values would add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.composite import WHOLE, composite
from parkgeo.assess.park.rows import TITLES, indicator, indicator_gap, indicators_named
from parkgeo.errors import PackError, name_some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.assess.gaps import Gap
    from parkgeo.packs import RuleBook

__all__ = ["ideal_potential", "intensive_use_score"]

_NO_IDEALS = "Ideal values are the office's own (park.ideal_values in its pack): fill them in."
_NO_WEIGHTS = "Ideal values and weights are the office's own (park.ideal_values and park.weights in its pack): fill them in."
_LACKS = "The score needs indicators that are missing: {names}. See what to ask for each."
_LACKS_IDEAL = "The office's pack has no ideal value of {indicator}."

# potential, the indicator that is held against its ideal, whether of A and in points of the rate, or of A2 and in proportion
_KINDS = (
    ("structural_potential_ha", "industrial_land_rate"),
    ("intensity_potential_far_ha", "industrial_far"),
    ("intensity_potential_investment_ha", "industrial_fixed_assets_wan_per_ha"),
    ("intensity_potential_output_ha", "industrial_output_wan_per_ha"),
)


def intensive_use_score(values: Mapping[str, float], rules: RuleBook) -> tuple[dict[str, Any], list[Gap]]:
    """Weighted score of a park against ideal values.

    Parameters
    ----------
    values
        Indicator → value in its unit.
    rules
        ``park.ideal_values``, ``park.weights``, ``park.score_cap``.

    Returns
    -------
    tuple
        The row, 0 to 100; gaps. Missing where the packs have no weights, or where an indicator that has a weight is missing:
        a score of the rest would be another score.

    Raises
    ------
    PackError
        An indicator with a weight has no ideal value, or there is no such indicator.

    References
    ----------
    TD/T 1029: value ÷ ideal value, capped, weighted; the cap is general knowledge.
    """
    name = "intensive_use_score"
    weights, ideals, cap = (rules.get(f"park.{key}") for key in ("weights", "ideal_values", "score_cap"))
    if weights is None or ideals is None:
        return indicator(name, np.nan), [indicator_gap(name, _NO_WEIGHTS)]
    weight, ideal = weights.table(), ideals.table()
    unknown = [one for one in weight if one not in TITLES or not ideal.get(one, 0.0) > 0]
    if unknown:
        raise PackError(
            f"weights of indicators without an ideal value above 0: {name_some(unknown)}",
            where=weights.pack,
            mend=f"give each an ideal value in park.ideal_values; indicators are {name_some(TITLES, shown=12)}",
        )
    missing = [one for one in weight if np.isnan(values.get(one, np.nan))]
    if missing:
        return indicator(name, np.nan), [indicator_gap(name, _LACKS, names=indicators_named(missing))]
    most = cap.number("1") / WHOLE if cap else 1.0
    own = pd.DataFrame({one: [values[one]] for one in weight})
    found = composite(own, weight, ideal, dict.fromkeys(weight, 0.0), most=most, where=weights.pack)
    score, total = float(found.score.iloc[0]), sum(weight.values())
    reached = score * total if total > 0 else 0.0
    return indicator(name, score, numerator=reached, denominator=total), []


def ideal_potential(
    values: Mapping[str, float], built_ha: float, industrial_ha: float, rules: RuleBook
) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Structural and intensity potential against the ideal values.

    Parameters
    ----------
    values
        Indicator → value in its unit.
    built_ha, industrial_ha
        A and A2.
    rules
        ``park.ideal_values``.

    Returns
    -------
    tuple
        Rows in ha, 0 where the ideal is reached; gaps. All missing where the packs have no ideal values.
    """
    ideals = rules.get("park.ideal_values")
    table = ideals.table() if ideals else {}
    rows, gaps = [], []
    for name, measure in _KINDS:
        ideal, value = table.get(measure, np.nan), values.get(measure, np.nan)
        structural = TITLES[measure].unit == "%"
        short = (ideal - value) / 100.0 if structural else 1.0 - value / ideal
        whole = built_ha if structural else industrial_ha
        rows.append(indicator(name, whole * max(short, 0.0) if not np.isnan(short) else np.nan))
        if ideals is None:
            gaps.append(indicator_gap(name, _NO_IDEALS))
        elif np.isnan(ideal):
            gaps.append(indicator_gap(name, _LACKS_IDEAL, indicator=indicators_named([measure])))
        elif np.isnan(value):
            gaps.append(indicator_gap(name, _LACKS, names=indicators_named([measure])))
    return rows, gaps
