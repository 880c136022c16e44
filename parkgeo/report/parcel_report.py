"""A parcel's dossier as a document: the verdict first, then why, then all figures with their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.i18n import say
from parkgeo.report.document import Document, Paragraph, Section
from parkgeo.report.dossier import dossier
from parkgeo.report.facts import Facts
from parkgeo.report.parcel_access import access_section
from parkgeo.report.parcel_evidence import clause_sections, evidence_section
from parkgeo.report.parcel_figures import figures_sections
from parkgeo.report.parcel_identity import dates_section, identity_section, map_section
from parkgeo.report.parcel_photos import photos_section
from parkgeo.report.parcel_sources import missing_section, records_section, sources_section
from parkgeo.report.visible import visible
from parkgeo.report.words import area, code_word, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.report.document import Block
    from parkgeo.report.studio import Studio
    from parkgeo.store import Snapshot
    from parkgeo.store.photos import Photo

__all__ = ["parcel_document"]

SUSPECTED = "Suspected, for verification"


def parcel_document(
    snapshot: Snapshot, parcel_id: str, *, lang: str, studio: Studio, photos: Sequence[Photo] = ()
) -> Document:
    """The dossier of a parcel.

    Parameters
    ----------
    snapshot
        The analysis; what it lacks is named in the document.
    parcel_id
        The parcel.
    lang
        ``zh`` or ``en``.
    studio
        Draws map and charts.
    photos
        Of the parcel, as `parkgeo.store.photos.photos_of` finds them.

    Raises
    ------
    NotFoundError
        No parcel has that id.
    """
    facts = Facts(snapshot, lang)
    told = dossier(snapshot, parcel_id)
    at = int((facts.parcels["parcel_id"] == parcel_id).to_numpy().argmax())
    sections = [
        _verdict_section(facts, told),
        identity_section(facts, told),
        map_section(facts, studio, at),
        photos_section(facts, photos),
        dates_section(facts, told, studio),
        *clause_sections(facts, told),
        evidence_section(facts, told),
        *figures_sections(facts, told, studio, at),
        access_section(facts, told),
        records_section(facts, told),
        missing_section(facts, told),
        sources_section(facts),
    ]
    suspected = say(SUSPECTED, lang) if _is_suspected(told) else ""
    return Document(
        title=say("Parcel {parcel}", lang, parcel=visible(parcel_id, most=80)),
        subtitle=" · ".join(part for part in (_value(told, "holder"), _value(told, "name")) if part),
        facts=(
            (say("Park", lang), facts.park),
            (say("As of", lang), snapshot.as_of.isoformat()),
            (say("Snapshot", lang), snapshot.name),
        ),
        banner=suspected,
        footer=f"parkgeo {snapshot.manifest.get('version', '')} · {snapshot.name}",
        lang=lang,
        day=snapshot.as_of,
        sections=tuple(section for section in sections if section is not None),
    )


def _value(told: dict[str, Any], name: str) -> str:
    value = told["fields"].get(name, {}).get("value")
    return "" if is_missing(value) else visible(str(value), most=120)


def _is_suspected(told: dict[str, Any]) -> bool:
    """Whether anything here says that land lies idle."""
    idle = told["fields"].get("idle", {}).get("value")
    says = told["fields"].get("evidence_says", {}).get("value")
    codes = (
        "idle_not_started",
        "idle_suspended",
        "supplied_not_started",
        "built_not_producing",
        "used_in_part",
    )
    return idle in ("yes", "undetermined") or says in ("idle", "conflict") or any(
        told["verdicts"].get(code) == "yes" for code in codes
    )  # fmt: skip


def _verdict_section(facts: Facts, told: dict[str, Any]) -> Section:
    lang = facts.lang
    reason = told["reason"][lang]
    blocks: list[Block] = [
        Paragraph(visible(str(reason)) if reason else say("No verdict on idleness: the snapshot has none for this parcel.", lang), "lead")
    ]  # fmt: skip
    idle = told["fields"].get("idle", {}).get("value")
    if idle == "yes":
        blocks.append(
            Paragraph(
                say(
                    "Suspected, for verification: it is idle land only when the office has investigated and recognised it.",
                    lang,
                ),
                "warning",
            )
        )
    if told["verdicts"].get("idle_suspended") == "yes":
        blocks.append(
            Paragraph(
                say(
                    "By the second paragraph land may be recognised as idle: the office decides, it need not.",
                    lang,
                )
            )
        )
    blocks.extend(Paragraph(sentence) for sentence in _in_short(facts, told))
    return Section(say("Verdict", lang), tuple(blocks))


def _in_short(facts: Facts, told: dict[str, Any]) -> list[str]:
    """State, evidence and what follows, a sentence each where they are known."""
    lang = facts.lang
    values = {name: entry["value"] for name, entry in told["fields"].items()}
    sentences = []
    if not is_missing(values.get("land_state")):
        sentences.append(
            say(
                "State of the land: {state}.",
                lang,
                state=facts.word("parcels", "land_state", values["land_state"]),
            )
        )
    says = values.get("evidence_says")
    if says in ("idle", "in_use"):
        sure = values.get("evidence_confidence")
        sentences.append(
            say("The lines of evidence together say: {says} (confidence: {confidence}).", lang, says=code_word(says, lang), confidence=code_word(str(sure), lang).lower() if sure else "—")
        )  # fmt: skip
    elif says == "conflict":
        sentences.append(
            say(
                "The lines of evidence contradict each other: look at the place before anything is decided.",
                lang,
            )
        )
    elif says == "cannot_say":
        sentences.append(say("The lines of evidence cannot say whether the land is used.", lang))
    if not is_missing(values.get("idle_consequence")):
        sentences.append(
            say(
                "What would follow if recognised: {what}.",
                lang,
                what=facts.word("parcels", "idle_consequence", values["idle_consequence"]),
            )
        )
    if not is_missing(values.get("releasable_area_m2")) and values["releasable_area_m2"] > 0:
        sentences.append(
            say("Land that could be released: {area}.", lang, area=area(values["releasable_area_m2"], lang))
        )
    if not is_missing(values.get("way")):
        sentences.append(say("Suggested way: {way}.", lang, way=facts.word("parcels", "way", values["way"])))
    return sentences
