"""Codes, units and figures as a reader writes them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from parkgeo.i18n import figure, say
from parkgeo.units import M2_PER_HA, M2_PER_MU

__all__ = ["amount", "area", "code_word", "day", "is_missing", "join", "share", "unit_word"]

_CODES = {
    "yes": "yes", "no": "no", "undetermined": "undetermined",
    "idle": "idle", "in_use": "in use", "cannot_say": "cannot say", "conflict": "contradictory",
    "high": "High", "medium": "Medium", "low": "Low",
    "not_started": "not started", "fee": "idle fee due", "recovery": "recovery without compensation",
    "not_built_on": "Not to be built on", "reserve": "Reserve land", "approved_not_supplied": "Approved, not supplied",
    "recovered": "Recovered", "supplied_not_started": "Supplied, not started", "under_construction": "Under construction",
    "suspended": "Suspended", "used_in_part": "Used in part", "built_not_producing": "Built, not producing",
    "below_contract": "Producing below contract", "too_small": "Too small to be judged",
    "paper": "Papers", "site": "Site", "activity": "Activity", "contract": "Contract", "buildings": "Buildings", "imagery": "Imagery", "electricity": "Electricity", "water": "Water",
    "output": "Output and tax", "permit": "Permits",
    "check_in_field": "Check in the field first", "clear_government_cause": "Clear the government's cause", "clarify": "Complete the records",
    "free_recovery": "Recovery without compensation", "idle_fee": "Idle fee", "agreed_recovery": "Recovery or exchange by agreement",
    "supervise": "Press for the start of works", "new_supply": "Supply", "redevelop": "Redevelop", "transfer": "Transfer of the right",
    "vertical": "Build upwards", "fee_reward": "Fees and rewards", "none": "Nothing to do",
    "rail_freight": "rail freight station",
    "supplied": "supplied", "grant": "grant", "allocation": "allocation", "lease": "lease",
}  # fmt: skip
"""Code → English words; the catalogue's own words go first."""

_STATES = {"in_use": "In normal use", "undetermined": "Undetermined"}
"""Codes that are said otherwise of the state of land."""

_UNITS = {
    "m2": "m²", "wan": "wan yuan", "wan/mu": "wan yuan/mu", "wan/ha": "wan yuan/ha", "day": "days", "year": "years", "m3": "m³",
    "1": "", "person": "persons", "t/m2": "t/m²", "wan/year": "wan yuan a year", "kWh/mu": "kWh/mu", "m3/mu": "m³/mu", "tce/mu": "tce/mu",
    "wan/person": "wan yuan/person", "wan/tce": "wan yuan/tce", "wan/t": "wan yuan/t", "mu": "mu", "tce": "tce", "kWp": "kWp", "parcel": "parcels",
    "person/ha": "persons/ha", "point": "points", "company": "companies", "ha/year": "ha a year", "month": "months", "kWh": "kWh",
    "yuan/t": "yuan/t", "km2": "km²", "km/km2": "km/km²", "1/km2": "per km²",
}  # fmt: skip

_DIGITS = {
    "m2": 1,
    "wan": 2,
    "wan/mu": 2,
    "wan/ha": 2,
    "day": 0,
    "year": 1,
    "1": 3,
    "": 3,
    "%": 2,
    "m": 2,
    "kWp": 0,
}


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT or no text.

    Examples
    --------
    >>> is_missing(float("nan")), is_missing(""), is_missing(0.0)
    (True, True, False)
    """
    import pandas as pd

    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or value == ""
        or (isinstance(value, float) and math.isnan(value))
    )


def unit_word(unit: str, lang: str) -> str:
    """A unit as a reader writes it; empty for a plain number."""
    word = _UNITS.get(unit, unit)
    return say(word, lang) if word else ""


def code_word(code: str, lang: str, *, known: dict[str, str] | None = None, state: bool = False) -> str:
    """A code as words.

    Parameters
    ----------
    code
        As it stands in a table.
    lang
        ``zh`` or ``en``.
    known
        The catalogue's Chinese words for it.
    state
        Whether it says the state of a parcel.
    """
    if state and code in _STATES:
        return say(_STATES[code], lang)
    if lang == "zh" and known and code in known:
        return str(known[code])
    words = _CODES.get(code)
    return say(words, lang) if words else code.replace("_", " ")


def amount(value: Any, unit: str, lang: str, *, digits: int | None = None) -> str:
    """A number with its unit; a dash where it is missing.

    Examples
    --------
    >>> amount(1234.5, "m2", "en"), amount(None, "m2", "en")
    ('1,234.5 m²', '—')
    """
    if is_missing(value):
        return "—"
    places = _DIGITS.get(unit, 2) if digits is None else digits
    return f"{figure(float(value), lang, digits=places)} {unit_word(unit, lang)}".rstrip()


def area(square_metres: Any, lang: str) -> str:
    """An area in hectares and mu.

    Examples
    --------
    >>> area(10_000.0, "en")
    '1 ha (15 mu)'
    """
    if is_missing(square_metres):
        return "—"
    ha, mu = float(square_metres) / M2_PER_HA, float(square_metres) / M2_PER_MU
    return say("{ha} ha ({mu} mu)", lang, ha=figure(ha, lang, digits=2), mu=figure(mu, lang, digits=1))


def share(part: float, whole: float, lang: str) -> str:
    """A part of a whole in percent; a dash where there is no whole.

    Examples
    --------
    >>> share(1.0, 3.0, "en"), share(1.0, 0.0, "en")
    ('33.3 %', '—')
    """
    return f"{figure(100 * part / whole, lang, digits=1)} %" if whole else "—"


def day(value: Any) -> str:
    """A day as ISO 8601; a dash where it is missing."""
    if is_missing(value):
        return "—"
    return value.strftime("%Y-%m-%d") if isinstance(value, dt.date) else str(value)[:10]


def join(parts: list[str] | tuple[str, ...], lang: str) -> str:
    """Parts side by side, each once."""
    return ("、" if lang == "zh" else ", ").join(dict.fromkeys(part for part in parts if part))
