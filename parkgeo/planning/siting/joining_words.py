"""What is said of joined parcels: what stands in the way, what they cost, what was left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    from parkgeo.planning.siting.found import Joining, Site

__all__ = ["cost_words", "joining_words", "obstacle_name"]

_OBSTACLES = {
    "building_kept": "building kept",
    "constraint": "constraint",
    "main_across": "main across",
    "minor_road": "minor road between",
    "several_holders": "several holders",
}
_COST_OPEN = (
    "The cost of bringing the land in is not known: set assembly.compensation_wan_per_mu in your pack."
)
_CUT = "Not all combinations of parcels were looked at, so there may be more joined sites, and better ones: see siting.joined_measured_most and assembly.combinations_most."
_LEFT_OUT = "{count} more joined sites, which cost more, have more holders or take more land, are left out: see siting.joined_most."


def obstacle_name(code: str, lang: str) -> str:
    """What stands in the way of joining.

    Examples
    --------
    >>> obstacle_name("minor_road", "en")
    'minor road between'
    """
    return say(_OBSTACLES.get(code, code), lang)


def cost_words(site: Site, lang: str) -> str:
    """What it costs to bring joined land in, or what to load so that it is known; empty of a parcel by itself."""
    if site.kind != "joined":
        return ""
    if math.isnan(site.cost_wan):
        return say(_COST_OPEN, lang)
    return say("Cost of bringing in: {cost} x 10,000 yuan.", lang, cost=figure(site.cost_wan, lang, digits=0))


def joining_words(joining: Joining, lang: str) -> str:
    """What was left out when parcels were joined; empty where nothing was."""
    told = [] if joining.complete else [say(_CUT, lang)]
    if joining.listed < joining.found:
        told.append(say(_LEFT_OUT, lang, count=joining.found - joining.listed))
    return ("" if lang == "zh" else " ").join(told)
