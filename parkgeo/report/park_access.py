"""Accessibility and services in the park report: a map of travel times, and how many parcels have which service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.i18n import say
from parkgeo.report.access_facts import MINUTES, TRAVEL, access_summary
from parkgeo.report.document import Column, Paragraph, Section, Table
from parkgeo.report.parcel_access import service_word
from parkgeo.report.park_answers import left_out_line
from parkgeo.report.park_maps import picture
from parkgeo.report.static_map import kinds_of_quantity
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, is_missing, share, unit_word

if TYPE_CHECKING:
    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts
    from parkgeo.report.studio import Studio

__all__ = ["access_sections", "service_shares"]

_SERVICE = re.compile("service_(.+)_(parcels|area)")
"""Indicators of which there are two for each service."""

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
    return [Section(say("Accessibility and services", lang), tuple(blocks))]


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
    return Table.of(columns, cells, say("Minutes from the parcels to the nearest", lang), compact=True)


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
    caption = say("Parcels by service, within the pack's limit of connection", lang)
    table = Table.of(columns, cells, caption, compact=True)
    if not services["bottleneck"]:
        return [table]
    kind = service_word(facts, services["bottleneck"])
    return [table, Paragraph(say("Bottleneck of the park: {kind}", lang, kind=kind))]


def service_shares(facts: Facts) -> tuple[Table | None, frozenset[str]]:
    """The indicators of services in a table of their own, a row a service, for as rows of all indicators they differ in a word only.

    Parameters
    ----------
    facts
        The snapshot, in a language.

    Returns
    -------
    tuple
        The table, None where there are none; and the names of the indicators that stand in it.
    """
    lang = facts.lang
    pairs: dict[str, dict[str, dict[Any, Any]]] = {}
    for row in facts.table("indicators").to_dict(orient="records"):
        found = _SERVICE.fullmatch(str(row.get("name")))
        if found and not is_missing(row.get("value")):
            pairs.setdefault(found[1], {})[found[2]] = row
    whole = {kind: (pair["parcels"], pair["area"]) for kind, pair in pairs.items() if len(pair) == 2}  # noqa: PLR2004 - a pair
    if not whole:
        return None, frozenset()
    titles = (say("Share of the parcels", lang), say("Share of the land", lang))
    units = ("", f" ({unit_word('ha', lang)})")
    columns = [Column(say("Service", lang), 1)]
    for title, unit in zip(titles, units, strict=True):
        columns += [Column(title, 1, "right"), Column(f"{say('Numerator', lang)} ÷ {say('Denominator', lang)}{unit}", 1.4, "right")]  # fmt: skip
    cells = [
        [service_word(facts, kind), *(text for row in pair for text in _share(row, lang))]
        for kind, pair in whole.items()
    ]
    formulas = (str(row.get(f"formula_{lang}") or "—") for row in next(iter(whole.values())))
    told = " ".join(
        say("{what}: {why}", lang, what=title, why=visible(formula, most=200))
        + ("。" if lang == "zh" else ".")
        for title, formula in zip(titles, formulas, strict=True)
    )
    names = frozenset(str(row["name"]) for pair in whole.values() for row in pair)
    return Table.of(columns, cells, told), names


def _share(row: dict[Any, Any], lang: str) -> tuple[str, str]:
    """An indicator's value, and of what it is the share."""
    parts = [amount(row.get(name), "", lang, digits=1) for name in ("numerator", "denominator")]
    return f"{amount(row['value'], '', lang, digits=2)} %", " ÷ ".join(parts)
