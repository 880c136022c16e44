"""What gates and sites say to people, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.planning.siting.fit import Limit
    from parkgeo.planning.siting.needs import Needs

__all__ = [
    "asked_for",
    "counterfactual",
    "criterion_name",
    "gate_name",
    "grade_word",
    "kind_word",
    "lack_words",
    "limit_title",
    "limit_words",
    "not_asked",
]

_GATES = {
    "area": "net area",
    "rectangle": "rectangle",
    "use": "land use by plan",
    "hazard_class": "class of industrial land",
    "restricted": "industries that are not let in",
    "separation": "distance to housing, schools, hospitals",
    "floor_load": "floor load",
    "height": "height that may be built",
    "power": "free power",
    "water": "free water",
    "gas": "free gas",
    "holders": "holders",
}
_BY_USE = {
    ("use", "register"): "land use by register; no plan",
    ("use", "partly"): "land use by plan, where none covers it by register",
    ("hazard_class", "register"): "class of industrial land by register; no plan",
}
_CRITERIA = {
    "access_score": "access score",
    "services_ready": "services ready",
    "travel": "minutes to gateways",
    "net_share": "net share of the land",
    "rectangle": "room in the rectangle",
    "economy": "economy of land",
    "cost": "cost of bringing in",
}
_ASKS = {
    "area": "the net area: analyse again with constraints, buildings and roads",
    "rectangle": "a layout: whether the rectangle finds room must be drawn",
    "use": "the land-use code of the plan",
    "hazard_class": "the class of industrial land of the plan (100101, 100102, 100103)",
    "restricted": "the park, and the industry to four digits",
    "separation": "land uses of the neighbours and the layer of facilities",
    "floor_load": "the floor load of the buildings",
    "height": "the height limit of the plan and of the height limit zones",
    "power": "capacity and load of the power lines and stations, in kVA or MVA",
    "water": "capacity and use of the water mains, in m³ a day",
    "gas": "capacity and use of the gas mains, in m³ an hour",
    "holders": "the holders of the land",
}
_DRAWN = "a layout by hand: the rectangle was drawn by a search and none was found, which is no proof"
_GRADES = {
    "high": "high",
    "medium": "medium",
    "low": "low",
    "no": "does not fit",
    "undetermined": "undetermined",
}
_KINDS = {"parcel": "parcel", "joined": "joined parcels"}
_UNITS = {"m2": "m²", "m3/day": "m³/d", "m3/h": "m³/h", "t/m2": "t/m²"}
_TRAVEL = "travel:"


def criterion_name(criterion: str, lang: str) -> str:
    """What a criterion is called."""
    return say(_CRITERIA[criterion], lang)


def grade_word(grade: str, lang: str) -> str:
    """A grade in words."""
    return say(_GRADES[grade], lang)


def kind_word(kind: str, lang: str) -> str:
    """What a kind of site is called."""
    return say(_KINDS[kind], lang)


def gate_name(gate: str, lang: str) -> str:
    """What a gate is called.

    Examples
    --------
    >>> gate_name("travel:port", "en"), gate_name("area", "zh")
    ('minutes to the nearest port', '净用地面积')
    """
    if gate.startswith(_TRAVEL):
        return say("minutes to the nearest {kind}", lang, kind=_facility(gate.removeprefix(_TRAVEL), lang))
    return say(_GATES[gate], lang)


def limit_title(limit: Limit, lang: str) -> str:
    """What a limit's gate is called: of one that goes by the use, by what it went."""
    by_use = _BY_USE.get((limit.gate, limit.basis))
    return say(by_use, lang) if by_use else gate_name(limit.gate, lang)


def _facility(kind: str, lang: str) -> str:
    from parkgeo.layers import schemas

    written = schemas()["facilities"].fields["kind"].codes.get(kind) or ()
    return next(iter(written), kind) if lang == "zh" else kind.replace("_", " ")


def limit_words(limit: Limit, lang: str) -> str:
    """What a gate says of a site: what is needed, what is there, and the room or lack.

    Examples
    --------
    >>> from parkgeo.planning.siting.fit import Limit
    >>> limit_words(Limit("power", 1000.0, 800.0, -200.0, "kVA", 0), "en")
    'free power: 200 kVA short (800 kVA there, 1,000 kVA needed)'
    """
    name, needed = limit_title(limit, lang), _shown(limit, limit.needed, lang)
    if limit.verdict < 0:
        if limit.has is None:
            return say("{gate}: not known ({needed} needed)", lang, gate=name, needed=needed)
        return say(_unsure(limit), lang, gate=name, needed=needed, has=_there(limit, lang))
    if limit.gate == "restricted":
        sentence = (
            "{gate}: {needed} is among them" if limit.verdict == 0 else "{gate}: {needed} is not among them"
        )
        return say(sentence, lang, gate=name, needed=needed)
    has = say("unknown", lang) if limit.has is None else _there(limit, lang)
    if limit.drawn and math.isnan(limit.margin):
        return say("{gate}: {needed} finds room when drawn (the largest is {has})", lang, gate=name, needed=needed, has=has)  # fmt: skip
    if math.isnan(limit.margin) or math.isinf(limit.margin):
        sentence = "{gate}: {has}, {needed} needed"
        return say(sentence, lang, gate=name, has=has, needed=needed)
    # Rounded up where it is wanting, as what would mend it is.
    amount = _amount(abs(limit.margin), limit.unit, lang, up=limit.verdict == 0)
    if _at_most(limit.gate):
        sentence = "{gate}: {amount} too many ({has} there, at most {needed})" if limit.verdict == 0 else "{gate}: {amount} to spare ({has} there, at most {needed})"  # fmt: skip
    else:
        sentence = "{gate}: {amount} short ({has} there, {needed} needed)" if limit.verdict == 0 else "{gate}: {amount} to spare ({has} there, {needed} needed)"  # fmt: skip
    return say(sentence, lang, gate=name, amount=amount, has=has, needed=needed)


def _unsure(limit: Limit) -> str:
    """The sentence of a gate that is open though something is known."""
    if limit.gate == "rectangle" and limit.drawn:
        return "{gate}: undetermined (the largest is {has}; none of {needed} was found when drawn)"
    if limit.gate == "rectangle":
        return "{gate}: undetermined (the largest is {has}, {needed} needed: to be drawn)"
    if limit.gate == "restricted":
        return "{gate}: undetermined (the list names a part of {needed}; park {has})"
    if limit.gate in ("use", "hazard_class"):
        return "{gate}: undetermined ({has}, {needed} needed)"
    if math.isnan(limit.margin):
        return "{gate}: undetermined (at most {has}, {needed} needed)"
    return "{gate}: undetermined (at least {has}, {needed} needed)"


def counterfactual(limits: Sequence[Limit], lang: str) -> str:
    """The least change that would make a site fit: for each limit that it fails, what is wanting; empty where it fails none.

    Examples
    --------
    >>> from parkgeo.planning.siting.fit import Limit
    >>> counterfactual([Limit("area", 1000.0, 958.0, -42.0, "m2", 0), Limit("gas", 5.0, None, float("nan"), "m3/h", -1)], "en")
    'It would fit with 42 m² more net area, if what is not known is confirmed: free gas.'
    """
    failed = [limit for limit in limits if limit.verdict == 0]
    unsure = [limit for limit in limits if limit.verdict < 0]
    if not failed:
        return ""
    between, inner = say("; ", lang), say(", ", lang)
    changes = between.join(_change(limit, lang) for limit in failed)
    if not unsure:
        return say("It would fit with {changes}.", lang, changes=changes)
    names = inner.join(gate_name(limit.gate, lang) for limit in unsure)
    return say("It would fit with {changes}, if what is not known is confirmed: {names}.", lang, changes=changes, names=names)  # fmt: skip


_CHANGES = {
    "use": "a plan that allows land use {needed}",
    "hazard_class": "a plan that allows industry of class {needed}",
    "restricted": "industry {needed} let in",
    "rectangle": "room for a rectangle of {needed}",
}


def _change(limit: Limit, lang: str) -> str:
    needed = _shown(limit, limit.needed, lang)
    if limit.gate in _CHANGES:
        return say(_CHANGES[limit.gate], lang, needed=needed)
    gate = gate_name(limit.gate, lang)
    if math.isnan(limit.margin) or math.isinf(limit.margin):
        return say("{gate}: {needed} needed", lang, gate=gate, needed=needed)
    amount = _amount(-limit.margin, limit.unit, lang, up=True)
    return say(
        "{amount} less: {gate}" if _at_most(limit.gate) else "{amount} more {gate}",
        lang,
        amount=amount,
        gate=gate,
    )


def lack_words(gate: str, margin: float, unit: str, lang: str) -> str:
    """A gate that is failed, with its margin where that is an amount.

    Examples
    --------
    >>> lack_words("area", -41.2, "m2", "en"), lack_words("use", math.nan, "", "en")
    ('net area −42 m²', 'land use by plan')
    """
    name = gate_name(gate, lang)
    return f"{name} −{_amount(-margin, unit, lang, up=True)}" if math.isfinite(margin) else name


def not_asked(needs: Needs, lang: str) -> list[str]:
    """Names of gates that needs say nothing of; none of needs that the packs state.

    Examples
    --------
    >>> from parkgeo.planning.siting.needs import Needs
    >>> not_asked(Needs("n", uses=("1001",), power_kva=5.0, source="brief"), "en")
    ['class of industrial land', 'minutes to gateways']
    """
    said = {
        "use": bool(needs.uses), "hazard_class": needs.hazard_class is not None, "power": not math.isnan(needs.power_kva),
    }  # fmt: skip
    if needs.source != "brief":
        return []
    found = [gate_name(gate, lang) for gate, asked in said.items() if not asked]
    return found if needs.travel_max_min else [*found, criterion_name("travel", lang)]


def asked_for(limits: Sequence[Limit], lang: str) -> str:
    """What to ask for, so that it can be said whether a site fits; empty where all is known."""
    asks = [
        say("minutes by car: roads, entrances and facilities of the kind", lang)
        if limit.gate.startswith(_TRAVEL)
        else say(_DRAWN if limit.drawn else _ASKS[limit.gate], lang)
        for limit in limits
        if limit.verdict < 0
    ]
    if not asks:
        return ""
    return say("Ask for {asks}.", lang, asks=say("; ", lang).join(dict.fromkeys(asks)))


def _at_most(gate: str) -> bool:
    return gate == "holders" or gate.startswith(_TRAVEL)


def _shown(limit: Limit, value: Any, lang: str) -> str:
    """An amount with its unit, two sides, or codes."""
    if value is None:
        return "—"
    if limit.gate == "rectangle":
        return " × ".join(f"{figure(side, lang)} m" for side in value)
    if isinstance(value, tuple | list):
        return say(", ", lang).join(str(one) for one in value)
    if not isinstance(value, float):
        return str(value)
    return say("no limit", lang) if math.isinf(value) else _amount(value, limit.unit, lang)


def _there(limit: Limit, lang: str) -> str:
    """What is there; of a use that the plan says, and where the register says another, both."""
    if limit.gate not in ("use", "hazard_class"):
        return _shown(limit, limit.has, lang)
    shown = str(limit.has).replace(";", say(", ", lang)).replace("?", say("no code", lang))
    if limit.gate == "use" and limit.basis in ("plan", "partly"):
        shown = say("{planned} by plan", lang, planned=shown)
    if not limit.registered:
        return shown
    registered = limit.registered.replace(";", say(", ", lang))
    return say("{planned}, {registered} by register", lang, planned=shown, registered=registered)


def _amount(value: float, unit: str, lang: str, *, up: bool = False) -> str:
    """An amount with its unit; what is wanting is rounded up, for less would not do."""
    digits = 1 if unit == "min" else 0 if value >= 10 else 2  # noqa: PLR2004 - two decimals say what small amounts are
    if up:
        step = 10**digits
        value = math.ceil(round(value * step, 6)) / step
    written = say("min", lang) if unit == "min" else _UNITS.get(unit, unit)
    return f"{figure(value, lang, digits=digits)} {written}".strip()
