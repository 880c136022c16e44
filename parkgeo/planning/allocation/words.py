"""What a plan says to people, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    from parkgeo.planning.allocation.model import Demand
    from parkgeo.planning.allocation.problem import Problem
    from parkgeo.planning.allocation.reasons import Reason
    from parkgeo.planning.allocation.solution import Plan

__all__ = ["UNITS", "demand_words", "kept_off_words", "reason_words", "service_name", "state_words"]

UNITS = {"power": "kVA", "water": "m³/d", "gas": "m³/h"}
"""What services are measured in."""

_SERVICES = {"power": "power supply", "water": "water supply", "gas": "gas supply"}
_STATES = {
    "optimal": "{points} of 100 points; it is proven that no plan has more.",
    "within_gap": "{points} of 100 points; no plan has more than {bound} (gap {gap} %), which is as near as was asked for.",
    "time": "{points} of 100 points; time was out, and no plan has more than {bound} (gap {gap} %).",
    "clash": "There is no plan: these demands cannot be met together.",
    "unknown": "Time was out before a plan was found; whether there is one is not known.",
}
_REASONS = {
    "no_site": "No site fits.",
    "taken": "The sites that fit it are taken up by projects that bring more",
    "leading": "It would make one leading industry too many.",
    "no_gain": "It would bring no points.",
    "not_looked_at": "There is room for it: the search ended before.",
}
_CAUSES = {
    "area": "area: {count}",
    "separation": "distance to another project: {count}",
    "overlap": "land is part of another site in use: {count}",
    "power": "power supply: {count}",
    "water": "water supply: {count}",
    "gas": "gas supply: {count}",
}
_COUNTED = "{reason} (of {count} sites that fit: {causes})."


def service_name(service: str, lang: str) -> str:
    """What a service is called.

    Examples
    --------
    >>> service_name("power", "zh")
    '电力'
    """
    return say(_SERVICES[service], lang)


def state_words(plan: Plan, lang: str) -> str:
    """How good the plan is, and how sure that is."""
    return say(
        _STATES[plan.state], lang, points=figure(plan.points, lang, digits=2), bound=figure(plan.bound, lang, digits=2),
        gap=figure(100 * plan.gap, lang, digits=2),
    )  # fmt: skip


def reason_words(reason: Reason, lang: str) -> str:
    """Why a project has no place.

    Examples
    --------
    >>> from parkgeo.planning.allocation.reasons import Reason
    >>> reason_words(Reason(0, "taken", {"area": 3, "power": 1}), "en")
    'The sites that fit it are taken up by projects that bring more (of 4 sites that fit: area: 3, power supply: 1).'
    """
    if reason.cause != "taken":
        return say(_REASONS[reason.cause], lang)
    first = say(_REASONS["taken"], lang)
    return say(
        _COUNTED, lang, reason=first, count=sum(reason.sites.values()), causes=kept_off_words(reason, lang)
    )


def kept_off_words(reason: Reason, lang: str) -> str:
    """What keeps a project off how many of the sites that fit it."""
    return say(", ", lang).join(
        say(_CAUSES[cause], lang, count=count) for cause, count in reason.sites.items()
    )


def demand_words(demand: Demand, problem: Problem, lang: str) -> str:
    """A demand of those that clash.

    Examples
    --------
    >>> import numpy as np
    >>> from parkgeo.planning.allocation.model import Demand
    >>> from parkgeo.planning.allocation.problem import Problem
    >>> one = Problem(("mill",), ("S1",), np.ones((1, 1)), np.ones((1, 1), bool), np.ones(1), np.ones(1))
    >>> demand_words(Demand("must", (0,)), one, "en")
    'mill is to be placed in any case'
    """
    if demand.kind == "must":
        return say("{project} is to be placed in any case", lang, project=problem.projects[demand.which[0]])
    if demand.kind == "capacity":
        source = problem.capacities[demand.which[0]]
        return say(
            "{service} from {source} is not more than {limit} {unit}", lang, service=service_name(source.service, lang),
            source=source.source, limit=figure(source.limit, lang), unit=UNITS[source.service],
        )  # fmt: skip
    if demand.kind == "separation":
        first, second = demand.which
        needed = max(
            keep.needed_m
            for keep in problem.separations
            if {first, second} <= {*keep.hazards, *keep.sensitives}
        )
        return say(
            "{first} and {second} are at least {distance} m apart", lang, first=problem.projects[first],
            second=problem.projects[second], distance=figure(needed, lang),
        )  # fmt: skip
    most = problem.leading.most if problem.leading else 0
    return say("not more than {most} industries lead", lang, most=most)
