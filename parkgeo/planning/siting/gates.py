"""The gates that a site must pass, each with three answers, for many sites and many needs at once.

What a site has is known between two bounds: `least` suffices for a *yes*, `most` for a *no*; what lies between is undetermined. A figure
that is known is both of its bounds, and of one that is missing neither is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from parkgeo.planning.siting.codes import (
    hazard_answers,
    plan_answers,
    restricted_answers,
    use_answers,
    with_plan,
)
from parkgeo.planning.siting.offer import Offer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.planning.siting.needs import Needs
    from parkgeo.planning.siting.terms import Terms

__all__ = [
    "GATES",
    "Demand",
    "Gate",
    "Judged",
    "Offer",
    "asked",
    "bounds",
    "drawn_answers",
    "gates_of",
    "judge",
    "margins",
    "misses",
]

_EXACT = 1e-9
"""A share by which a figure may fall short and still do: what rounding takes from 30 亩."""
_NEARLY = 0.99
"""The search for the largest rectangle finds at least this share of it."""
_TRAVEL = "travel_min_"


class Judged(NamedTuple):
    """What a gate says of sites (rows) and needs (columns).

    Attributes
    ----------
    no
        The site does not pass.
    open
        It is not known whether it does.
    """

    no: NDArray[np.bool_]
    open: NDArray[np.bool_]


@dataclass(frozen=True)
class Gate:
    """A gate.

    Attributes
    ----------
    name
        ``area``, ``power``, ``travel:port`` …
    unit
        Of what is needed; empty where it is no amount.
    kind
        ``least``: the site must have so much. ``most``: no more than that. The others are judged by a rule of their own.
    has, most
        Columns of the sites: what is known to be there, and what is there at most.
    """

    name: str
    unit: str
    kind: Literal["least", "most", "rectangle", "use", "hazard", "restricted"] = "least"
    has: str = ""
    most: str = ""


GATES = (
    Gate("area", "m2", has="net_area_m2", most="area_m2"),
    Gate("rectangle", "m", "rectangle"),
    Gate("use", "", "use"),
    Gate("hazard_class", "", "hazard"),
    Gate("restricted", "", "restricted"),
    Gate("separation", "m", has="sensitive_m", most="sensitive_most_m"),
    Gate("floor_load", "t/m2", has="floor_load_t_m2"),
    Gate("height", "m", has="height_m", most="height_most_m"),
    Gate("power", "kVA", has="power_kva", most="power_kva_most"),
    Gate("water", "m3/day", has="water_m3_per_day", most="water_m3_per_day_most"),
    Gate("gas", "m3/h", has="gas_m3_per_h", most="gas_m3_per_h_most"),
    Gate("holders", "", "most", has="holders"),
)
"""The gates in the order in which they are shown; those of minutes to gateways come after."""

_NEEDED = {
    "area": "area_m2",
    "separation": "separation_m",
    "floor_load": "floor_load_t_m2",
    "height": "height_m",
    "power": "power_kva",
    "water": "water_m3_per_day",
    "gas": "gas_m3_per_h",
}


@dataclass(frozen=True)
class Demand:
    """Needs as arrays.

    Attributes
    ----------
    needs
        As they were asked for.
    numbers
        Gate → amount needed; NaN where it is not asked for.
    terms
        Of the packs.
    """

    needs: tuple[Needs, ...]
    numbers: Mapping[str, NDArray[np.float64]]
    terms: Terms
    kinds: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, needs: Sequence[Needs], terms: Terms, *, holders_most: float = math.nan) -> Demand:
        """Needs of several industries or projects."""
        numbers = {
            gate: np.array([getattr(one, attribute) for one in needs], dtype=np.float64)
            for gate, attribute in _NEEDED.items()
        }
        sides = [one.rectangle_m or (np.nan, np.nan) for one in needs]
        for at, name in enumerate(("long", "short")):
            numbers[f"rectangle_{name}"] = np.array([side[at] for side in sides], dtype=np.float64)
        numbers["hazard_class"] = np.array(
            [np.nan if one.hazard_class is None else one.hazard_class for one in needs], dtype=np.float64
        )
        numbers["holders"] = np.full(len(needs), holders_most, dtype=np.float64)
        kinds = tuple(sorted({kind for one in needs for kind in one.travel_max_min}))
        for kind in kinds:
            numbers[f"travel:{kind}"] = np.array([one.travel_max_min.get(kind, np.nan) for one in needs])
        return cls(tuple(needs), numbers, terms, kinds)


def gates_of(demand: Demand) -> tuple[Gate, ...]:
    """The gates that some of the needs ask for."""
    travel = (Gate(f"travel:{kind}", "min", "most", has=_TRAVEL + kind) for kind in demand.kinds)
    return tuple(gate for gate in (*GATES, *travel) if asked(gate, demand).any())


def asked(gate: Gate, demand: Demand) -> NDArray[np.bool_]:
    """Which of the needs ask for a gate."""
    if gate.kind == "use":
        return np.array([bool(one.uses) for one in demand.needs], dtype=bool)
    if gate.kind == "restricted":
        any_list = bool(demand.terms.restricted)
        return np.array([any_list and bool(one.industry) for one in demand.needs], dtype=bool)
    name = "rectangle_long" if gate.kind == "rectangle" else gate.name
    found: NDArray[np.bool_] = ~np.isnan(demand.numbers[name])
    return found


def judge(gate: Gate, offer: Offer, demand: Demand) -> Judged:
    """What a gate says of each site and each need; a need that does not ask for it is passed."""
    if gate.kind == "rectangle":
        return _rectangle(offer, demand)
    if gate.kind == "restricted":
        answers = restricted_answers(offer.park.known, demand.needs, demand.terms)[offer.park.places]
        return Judged(answers == 0, answers < 0)
    if gate.kind in ("use", "hazard"):
        answers = _by_use(use_answers if gate.kind == "use" else hazard_answers, offer, demand)
        wanted = asked(gate, demand)[None, :]
        return Judged((answers == 0) & wanted, (answers < 0) & wanted)
    needed = demand.numbers[gate.name]
    if gate.kind == "most":
        has = offer.number(gate.has)[:, None]
        no = has > (needed * (1 + _EXACT))[None, :]
        return Judged(no, ~no & ~(has <= needed * (1 + _EXACT)) & asked(gate, demand)[None, :])
    least, most = bounds(gate, offer)
    low = (needed * (1 - _EXACT))[None, :]
    no = most[:, None] < low
    return Judged(no, ~(least[:, None] >= low) & ~no & asked(gate, demand)[None, :])


def _by_use(told: Any, offer: Offer, demand: Demand) -> NDArray[np.int8]:
    """Answers of a gate that goes by the land's use: by plan and register."""
    register = told(offer.use.known, demand.needs, demand.terms)[offer.use.places]
    plan = plan_answers(offer.planned.known, demand.needs, demand.terms, told)[offer.planned.places]
    return with_plan(register, plan, offer.number("plan_agrees"), offer.bases())


def bounds(gate: Gate, offer: Offer) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a site has at least, and at most; NaN where it is not known, infinite at most where nothing bounds it."""
    least = offer.number(gate.has)
    if not gate.most:
        return least, least
    most = offer.number(gate.most)
    # Of the area the whole is no more than a bound: where the net is known, it is what counts.
    wanting = ~np.isnan(least) if gate.name == "area" else np.isnan(most)
    return least, np.where(wanting, least, most)


def margins(gate: Gate, offer: Offer, demand: Demand) -> NDArray[np.float64]:
    """Room (positive) or lack (negative) of each site for each need, in the gate's unit; NaN where it is not known or is no amount.

    Of a rectangle it is the side that lacks more, else the one with less room; of one that finds room beside the largest it is not known.
    """
    if gate.kind == "rectangle":
        long, short = (offer.number(f"rectangle_{side}_m")[:, None] - demand.numbers[f"rectangle_{side}"] for side in ("long", "short"))  # fmt: skip
        room = np.minimum(long, short)
        return np.where((drawn_answers(offer, demand) == 1) & (room < 0), np.nan, room)
    if gate.kind in ("use", "hazard", "restricted"):
        return np.full((offer.count, len(demand.needs)), np.nan)
    needed = demand.numbers[gate.name][None, :]
    if gate.kind == "most":
        found: NDArray[np.float64] = needed - offer.number(gate.has)[:, None]
        return found
    least, most = (values[:, None] for values in bounds(gate, offer))
    return np.where(
        (most < needed) | np.isnan(least), np.where(most < needed, most - needed, np.nan), least - needed
    )


def misses(gate: Gate, offer: Offer, demand: Demand) -> NDArray[np.float64]:
    """How much sites lack of what is needed, as a share from 0 to 1; 1 where it is not an amount, 0 where nothing is known to lack."""
    no = judge(gate, offer, demand).no
    lack = -margins(gate, offer, demand)
    if gate.kind == "rectangle":
        long, short = (demand.numbers[f"rectangle_{side}"][None, :] for side in ("long", "short"))
        parts = [
            1 - offer.number(f"rectangle_{side}_m")[:, None] / needed
            for side, needed in (("long", long), ("short", short))
        ]
        share = np.fmax(np.fmax(*parts), 1 - _room(offer)[:, None] / (long * short))
    elif gate.kind in ("least", "most"):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = lack / np.maximum(demand.numbers[gate.name][None, :], np.finfo(float).tiny)
    else:
        share = np.ones(no.shape)
    return np.where(no, np.clip(np.nan_to_num(share, nan=1.0), 0.0, 1.0), 0.0)


def drawn_answers(offer: Offer, demand: Demand) -> NDArray[np.int8]:
    """What drawing gave, sites × needs: 1 finds room, 0 none was found, -1 not drawn; one column where nothing was drawn."""
    if not offer.drawn:
        return np.full((offer.count, 1), -1, dtype=np.int8)
    none = np.full(offer.count, -1, dtype=np.int8)
    told = [
        none if one.rectangle_m is None else offer.drawn.get(one.rectangle_m, none) for one in demand.needs
    ]
    return np.column_stack(told)


def _room(offer: Offer) -> NDArray[np.float64]:
    """No rectangle on the site is larger than this; NaN where nothing is known."""
    largest = offer.number("rectangle_area_m2")
    sides = offer.number("rectangle_long_m") * offer.number("rectangle_short_m")
    largest = np.where(np.isnan(largest), sides, largest) / _NEARLY
    return np.fmin(np.fmin(largest, offer.number("net_area_m2")), offer.number("area_m2"))


def _rectangle(offer: Offer, demand: Demand) -> Judged:
    """Whether the rectangle that is needed finds room.

    The largest rectangle of a site need not be the one that is needed: 200 m × 20 m is larger than 50 m × 40 m and does not hold it, and a
    site whose largest is the first may yet hold the second. So *yes* where the largest holds it; *no* where even the area is too small, or
    the least outline around the site is too narrow or its diagonal too short; else it is to be drawn. Where it was drawn and found room it is
    *yes*; where none was found that proves nothing, for the drawing is a search.
    """
    long, short = (demand.numbers[f"rectangle_{side}"][None, :] * (1 - _EXACT) for side in ("long", "short"))
    has_long, has_short = (offer.number(f"rectangle_{side}_m")[:, None] for side in ("long", "short"))
    out_long, out_short = (offer.number(f"outline_{side}_m")[:, None] for side in ("long", "short"))
    yes = ((has_long >= long) & (has_short >= short)) | (drawn_answers(offer, demand) == 1)
    no = (
        (_room(offer)[:, None] < long * short)
        | (out_short < short)
        | (np.hypot(out_long, out_short) < np.hypot(long, short))
    )
    no &= ~yes
    return Judged(no, ~yes & ~no & ~np.isnan(long))
