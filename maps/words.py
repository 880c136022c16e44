"""The map's own words, in every language at once: a map switches language with no network.

Sentences are looked up in parkgeo's message catalogue; titles of fields and findings come from the snapshot.
"""

from __future__ import annotations

from parkgeo.i18n import LANGUAGES, say

__all__ = ["CODES", "SENTENCES", "UNITS", "in_all_languages", "sentences"]

SENTENCES: dict[str, str] = {
    "title": "Which land is idle?",
    "suspected": "Suspected, for verification",
    "as_of": "As of {date}",
    "simplified": "More than {limit} parcels: outlines are simplified to {tolerance} m and details are left out.",
    "legend": "Idle land (statutory)",
    "class_yes": "Suspected idle",
    "class_undetermined": "Undetermined",
    "class_no": "Not idle",
    "class_not_judged": "Not judged",
    "no_ledger": "Not judged: no supply ledger",
    "column_parcels": "Parcels",
    "column_ha": "ha",
    "column_mu": "mu",
    "total": "Total",
    "source": "Snapshot {name} · {crs} · parkgeo {version}",
    "layers": "Layers",
    "search": "Parcel ID or holder",
    "search_label": "Search by parcel ID or holder",
    "search_none": "Nothing found",
    "search_more": "{shown} of {count} shown; type more to narrow down",
    "full_screen": "Full screen",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "close": "Close",
    "map": "Map of the park",
    "whole_park": "Show the whole park",
    "no_holder": "holder not stated",
    "group_land": "Land and buildings",
    "group_findings": "Findings other than idle",
    "group_roads": "Roads",
    "group_utilities": "Utilities",
    "group_constraints": "Constraints",
    "group_plan": "Plan",
    "section_dates": "Dates",
    "section_areas": "Areas",
    "section_built": "Buildings and intensity",
    "section_yield": "Output and tax",
    "section_identity": "Identity",
    "section_idle": "Idle land",
    "findings": "Findings",
    "findings_none": "No findings",
    "unverified": "unverified",
    "setting": "parkgeo setting",
    "since": "since {date}",
    "observed": "observed {observed}, threshold {threshold}",
    "missing": "What is missing, and what to ask for",
    "missing_none": "Nothing is reported missing",
    "missing_values": "No value: {fields}",
    "missing_verdict": "Not every verdict could be given; the reasons stand above",
    "needs": "Missing: {fields}",
    "verdict_yes": "yes",
    "verdict_undetermined": "undetermined",
}
"""Key in the page → English sentence."""

CODES: dict[str, str] = {
    "supplied": "supplied",
    "approved_not_supplied": "approved, not supplied",
    "reserve": "reserve land",
    "recovered": "recovered",
    "grant": "grant",
    "allocation": "allocation",
    "lease": "lease",
    "investment": "contribution as investment",
    "fee": "idle fee due",
    "recovery": "recovery without compensation",
    "building": "building",
    "structure": "structure",
    "yard": "open yard",
    "motorway": "motorway",
    "expressway": "expressway",
    "arterial": "arterial road",
    "secondary": "secondary road",
    "local": "local road",
    "internal": "internal road",
    "water": "water supply",
    "power": "power supply",
    "drainage": "drainage",
    "telecom": "telecom",
    "gas": "gas",
    "heat": "heat",
    "motorway_ramp": "motorway ramp",
    "rail_freight": "rail freight yard",
    "port": "port",
    "airport": "airport",
    "core_city": "core city",
    "logistics_hub": "logistics hub",
    "hospital": "hospital",
    "clinic": "clinic",
    "school": "school",
    "fire_station": "fire station",
    "bus_stop": "bus stop",
    "housing": "housing",
    "canteen": "canteen",
    "substation": "substation",
    "ecological_red_line": "ecological red line",
    "permanent_farmland": "permanent basic farmland",
    "flood": "flood area",
    "hazard_distance": "hazard distance",
    "height_limit": "height limit zone",
    "corridor": "corridor",
    "residential": "planned residential",
    "public": "planned public service",
    "commercial": "planned commercial",
    "industry": "planned industry",
    "storage": "planned storage",
    "transport": "planned transport",
    "utility": "planned utilities",
    "green": "planned green",
    "other": "other",
}
"""Coded value → English words. A value that is not here is a user's own and shown as written."""

UNITS: dict[str, str] = {
    "m2": "m²",
    "mu": "mu",
    "wan": "wan yuan",
    "wan/mu": "wan yuan/mu",
    "day": "days",
    "year": "years",
    "m": "m",
    "mm": "mm",
    "km/h": "km/h",
}
"""Unit inside parkgeo → unit as a person reads it."""


def in_all_languages(sentence: str) -> list[str]:
    """A sentence in each of `parkgeo.i18n.LANGUAGES`, in that order.

    Examples
    --------
    >>> in_all_languages("{shown}")
    ['{shown}', '{shown}']
    """
    return [say(sentence, lang) for lang in LANGUAGES]


def sentences() -> dict[str, list[str]]:
    """Every sentence of the page by its key, in all languages."""
    return {key: in_all_languages(sentence) for key, sentence in SENTENCES.items()}
