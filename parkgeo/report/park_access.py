"""Accessibility and services in the park report: a map of travel times, and how many parcels have which service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import say
from parkgeo.report.access_facts import MINUTES, TRAVEL, access_summary
from parkgeo.report.document import Column, Paragraph, Section, Table
from parkgeo.report.parcel_access import service_word
from parkgeo.report.park_answers import left_out_line
from parkgeo.report.park_maps import picture
from parkgeo.report.static_map import kinds_of_quantity
from parkgeo.report.words import share

if TYPE_CHECKING:
    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts
    from parkgeo.report.studio import Studio

__all__ = ["access_sections"]

_QUESTION = "How well is the land connected?"


def access_sections(facts: Facts, studio: Studio, left_out: list[str]) -> list[Section]:
    """The section; without travel times it is left out and named.

    Parameters
    ----------
    facts
        The snapshot, in a language.
    studio
        Draws the map.
    left_out
        Takes the line that says what is left out.
    """
    lang = facts.lang
    told = access_summary(facts.snapshot)
    shown = next((row for row in _in_order(told["minutes"]) if row["known"]), None)
    if shown is None and told["services"] is None:
        left_out.append(
            left_out_line(facts, say("Accessibility and services", lang), "access_score", "services_ready")
        )
        return []
    blocks: list[Block] = []
    if shown is not None:
        values = facts.numbers(shown["field"]).to_numpy()
        legend = f"{facts.title('parcels', shown['field'])}\n({facts.unit_of('parcels', shown['field'])})"
        kinds = kinds_of_quantity(np.asarray(values, dtype=np.float64), lang=lang, digits=1)
        blocks += [
            picture(facts, studio, kinds, legend, say(_QUESTION, lang)),
            _minutes(facts, told["minutes"]),
        ]
    blocks += _services(facts, told["services"])
    return [Section(say("Accessibility and services", lang), tuple(blocks), new_page=True)]


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gateways first, cars first, as the columns stand."""
    return sorted(rows, key=lambda row: (not row["gateway"], list(MINUTES).index(row["mode"])))


def _minutes(facts: Facts, rows: list[dict[str, Any]]) -> Table:
    lang = facts.lang
    cells = [
        [
            facts.word("facilities", "kind", row["kind"]),
            say(TRAVEL[row["mode"]], lang),
            *("—" if row[name] is None else f"{row[name]:,.1f}" for name in ("least", "median", "most")),
            str(row["unknown"]),
        ]
        for row in _in_order(rows)
    ]
    columns = [
        Column(say("Facility", lang), 1.5), Column(say("Travel", lang), 0.9), Column(say("Least", lang), 0.7, "right"),
        Column(say("Median", lang), 0.7, "right"), Column(say("Most", lang), 0.7, "right"),
        Column(say("Parcels without", lang), 1, "right"),
    ]  # fmt: skip
    return Table.of(columns, cells, say("Minutes from the parcels to the nearest", lang))


def _services(facts: Facts, services: dict[str, Any] | None) -> list[Block]:
    lang = facts.lang
    if services is None:
        return []
    cells = [
        [
            service_word(facts, row["kind"]), str(row["ready"]), str(row["not_ready"]), str(row["undetermined"]),
            share(row["ready"], row["ready"] + row["not_ready"] + row["undetermined"], lang),
            str(services["one_away"].get(row["kind"], 0)),
        ]
        for row in services["kinds"]
    ]  # fmt: skip
    titles = ("Ready", "Not ready", "Undetermined", "Share ready", "Only this one missing")
    columns = [Column(say("Service", lang), 1.2), *(Column(say(title, lang), 1, "right") for title in titles)]
    table = Table.of(columns, cells, say("Parcels by service, within the pack's limit of connection", lang))
    if not services["bottleneck"]:
        return [table]
    kind = service_word(facts, services["bottleneck"])
    return [table, Paragraph(say("Bottleneck of the park: {kind}", lang, kind=kind))]
