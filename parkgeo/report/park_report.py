"""The park report as a document: the main answers on one page, then maps, charts, tables, method, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.i18n import say
from parkgeo.report.document import Document, Paragraph, Points, Section
from parkgeo.report.facts import Facts
from parkgeo.report.parcel_evidence import combining_rules
from parkgeo.report.parcel_sources import method_blocks
from parkgeo.report.park_access import access_sections
from parkgeo.report.park_answers import answers_sections
from parkgeo.report.park_charts import chart_sections
from parkgeo.report.park_maps import map_sections
from parkgeo.report.park_tables import table_sections

if TYPE_CHECKING:
    from parkgeo.report.studio import Studio
    from parkgeo.store import Snapshot

__all__ = ["park_document"]

_ASKS = 60
"""Most lines of what to ask for; the register has all."""


def park_document(snapshot: Snapshot, *, lang: str, studio: Studio) -> Document:
    """The report of a park.

    Parameters
    ----------
    snapshot
        The analysis; a section whose table it lacks is left out, and the report says which and why.
    lang
        ``zh`` or ``en``.
    studio
        Draws maps and charts.
    """
    facts = Facts(snapshot, lang)
    left_out: list[str] = []
    sections = [
        *answers_sections(facts, left_out),
        *map_sections(facts, studio, left_out),
        *chart_sections(facts, studio, left_out),
        *table_sections(facts, left_out),
        *access_sections(facts, studio, left_out),
        _method(facts),
        _gaps(facts, left_out),
    ]
    return Document(
        title=say("Land of {park}: idleness, use and yield", lang, park=facts.park),
        subtitle=say("Park report", lang),
        facts=(
            (say("Park", lang), facts.park),
            (say("As of", lang), snapshot.as_of.isoformat()),
            (say("Snapshot", lang), snapshot.name),
        ),
        banner=say("Suspected, for verification", lang),
        footer=f"parkgeo {snapshot.manifest.get('version', '')} · {snapshot.name}",
        lang=lang,
        day=snapshot.as_of,
        sections=tuple(sections),
    )


def _method(facts: Facts) -> Section:
    return Section(say("Method and sources", facts.lang), (*combining_rules(facts), *method_blocks(facts)))


def _gaps(facts: Facts, left_out: list[str]) -> Section:
    lang = facts.lang
    asks = facts.gaps()
    blocks: list[Paragraph | Points] = []
    if left_out:
        blocks += [Paragraph(say("Left out of this report, and why:", lang)), Points(tuple(left_out))]
    if asks:
        blocks += [Paragraph(say("For the whole park:", lang)), Points(asks[:_ASKS])]
        if len(asks) > _ASKS:
            blocks.append(
                Paragraph(say("{count} more stand in the register.", lang, count=len(asks) - _ASKS), "note")
            )
    if not blocks:
        blocks.append(Paragraph(say("Nothing is reported missing.", lang)))
    return Section(say("What is missing, and what to ask for", lang), tuple(blocks))
