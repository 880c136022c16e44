"""A parcel's accessibility and services: minutes to what it needs, what its score is made of, which services are ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.i18n import say
from parkgeo.report.access_facts import TRAVEL
from parkgeo.report.document import Cell, Column, Paragraph, Section, Table
from parkgeo.report.visible import visible

if TYPE_CHECKING:
    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts

__all__ = ["access_section", "service_word"]

_READY = {"yes": "in_use", "undetermined": "undetermined"}
"""Marks of a service: that it is ready must not look like a verdict of idle land, for which yes is red."""


def service_word(facts: Facts, kind: str) -> str:
    """A service in words."""
    return facts.word("services", "kind", kind).lower()


def access_section(facts: Facts, told: dict[str, Any]) -> Section | None:
    """The section; None of a snapshot whose roads and mains were not analysed.

    Parameters
    ----------
    facts
        The snapshot, in a language.
    told
        The parcel's dossier.
    """
    access, lang = told["access"], facts.lang
    if not access["ways"] and not access["services"]:
        return None
    lead = say(
        "Gates: {gates}; to the nearest road that it may open onto: {metres} m", lang,
        gates=_number(access["gates"], 0), metres=_number(access["frontage_m"]),
    )  # fmt: skip
    asks = dict.fromkeys(ask for asked in access["asks"].values() for ask in asked[lang])
    blocks: list[Block] = [Paragraph(lead), *_ways(facts, access["ways"])]
    blocks += [Paragraph(visible(ask), "note") for ask in asks]
    blocks += [*_points(facts, access), *_services(facts, access)]
    return Section(say("Accessibility and services", lang), tuple(blocks))


def _number(value: float | None, digits: int = 1) -> str:
    return "—" if value is None else f"{value:,.{digits}f}"


def _ways(facts: Facts, ways: list[dict[str, Any]]) -> list[Block]:
    """The nearest facility of each kind; those farther away stand in the table of the snapshot."""
    lang = facts.lang
    rows = [
        [
            facts.word("facilities", "kind", way["kind"]),
            say(TRAVEL.get(way["mode"], way["mode"]), lang),
            visible(str(way["name"] or way["facility_id"] or "—"), most=80),
            _number(way["minutes"]),
            _number(way["km"]),
        ]
        for way in ways
        if way["rank"] == 1
    ]
    if not rows:
        return []
    columns = [
        Column(say("Facility", lang), 1.3), Column(say("Travel", lang), 0.8), Column(say("Nearest", lang), 1.8),
        Column(say("Minutes", lang), 0.7, "right"), Column(say("km", lang), 0.6, "right"),
    ]  # fmt: skip
    return [Table.of(columns, rows)]


def _points(facts: Facts, access: dict[str, Any]) -> list[Block]:
    lang = facts.lang
    if not access["points"]:
        return []
    title = Paragraph(say("Access score: {score} of 100", lang, score=_number(access["score"])))
    rows = [
        [
            facts.title("parcels", str(row["metric"])),
            *(_number(row[name]) for name in ("value", "ideal", "worst", "weight", "points")),
        ]
        for row in access["points"]
    ]
    titles = ("Value", "Full points at", "No points at", "Weight", "Points")
    columns = [
        Column(say("Measure", lang), 2.4),
        *(Column(say(title, lang), 0.8, "right") for title in titles),
    ]
    return [title, Table.of(columns, rows)]


def _services(facts: Facts, access: dict[str, Any]) -> list[Block]:
    lang = facts.lang
    if not access["services"]:
        return []
    title = Paragraph(say("Services ready: {ready} of 7", lang, ready=_number(access["services_ready"], 0)))
    rows: list[list[Cell | str]] = [
        [
            service_word(facts, row["kind"]),
            Cell(say(row["ready"], lang), _READY.get(row["ready"], "")) if row["ready"] else Cell("—"),
            _number(row["distance_m"]),
            _number(row["limit_m"]),
            visible(str(row["utility_id"] or "—"), most=60),
            visible(str(row.get(f"note_{lang}") or ""), most=400),
        ]
        for row in access["services"]
    ]
    columns = [
        Column(say("Service", lang), 0.9), Column(say("Ready", lang), 0.8), Column(say("Distance (m)", lang), 0.8, "right"),
        Column(say("Limit (m)", lang), 0.7, "right"), Column(say("Nearest main", lang), 1.1), Column(say("Note", lang), 2.4),
    ]  # fmt: skip
    return [title, Table.of(columns, rows)]
