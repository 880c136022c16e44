"""What type of zone a park is: industry-led, integrated, or other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.assess.park.rows import indicator, indicator_gap

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.assess.park.rates import Bounds
    from parkgeo.packs import RuleBook

__all__ = ["ZONE_TYPES", "zone_row", "zone_type"]

ZONE_TYPES = {
    "industry_led": "Industry-led",
    "integrated": "Integrated",
    "other": "Neither industry-led nor integrated",
}
"""Type → what it is called."""

_OPEN = "The zone type is not certain: industrial land is {low}–{high} % of the built land and residential land {low_r}–{high_r} %. Ask for what these shares lack."
_RULES = ("zone.industrial_land_share", "zone.residential_land_share")
_DIGITS = 9  # of a share: what lies beyond is the rounding of sums


def zone_type(industrial: Bounds, residential: Bounds, rules: RuleBook) -> str | None:
    """Type by the least and most that industrial and residential land may be of the built land.

    Parameters
    ----------
    industrial, residential
        Least and most share, 0 to 1.
    rules
        The packs in force.

    Returns
    -------
    str or None
        Of `ZONE_TYPES`; None where the packs have no thresholds, or where what is not known could change the type.

    References
    ----------
    TD/T 1029: A2 ÷ A above 30 % and A1 ÷ A below 25 %, industry-led; at most 30 % and at least 25 %, integrated; else other.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> zone_type((0.6, 0.6), (0.1, 0.1), load_packs(["national"], Path()))
    'industry_led'
    """
    bounds = [rules.get(key) for key in _RULES]
    if bounds[0] is None or bounds[1] is None:
        return None
    of_industry, of_housing = bounds[0].number("1"), bounds[1].number("1")
    types = {
        _type(
            much_industry=round(share, _DIGITS) > of_industry,
            little_housing=round(living, _DIGITS) < of_housing,
        )
        for share in industrial
        for living in residential
    }
    unknown = any(end != end for end in (*industrial, *residential))  # noqa: PLR0124 - NaN is not itself
    return None if unknown or len(types) > 1 else types.pop()


def _type(*, much_industry: bool, little_housing: bool) -> str:
    if much_industry != little_housing:
        return "other"
    return "industry_led" if much_industry else "integrated"


def zone_row(
    industrial: Bounds, residential: Bounds, rules: RuleBook
) -> tuple[str | None, list[dict[str, Any]], list[Gap]]:
    """The type, its row and why it is missing; no row where the packs do not divide zones."""
    if any(rules.get(key) is None for key in _RULES):
        return None, [], []
    found = zone_type(industrial, residential, rules)
    row = indicator("zone_type", float("nan"), text=ZONE_TYPES[found] if found else "")
    ends = [round(100 * end, 1) for end in (*industrial, *residential)]
    gap = indicator_gap("zone_type", _OPEN, low=ends[0], high=ends[1], low_r=ends[2], high_r=ends[3])
    return found, [row], [] if found else [gap]
