"""The register of suspected idle land for paper: each parcel with a small map of where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.report.document import Cell, Column, Document, Entry, Paragraph, Picture, Section, Table
from parkgeo.report.facts import Facts
from parkgeo.report.parcel_identity import verdict_kinds
from parkgeo.report.park_lists import clauses_of, evidence_brief, missing_names
from parkgeo.report.park_maps import picture
from parkgeo.report.static_map import place_map
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, area, code_word, day, is_missing

if TYPE_CHECKING:
    from parkgeo.report.studio import Ink, Studio
    from parkgeo.store import Snapshot

__all__ = ["MOST_ENTRIES", "register_document"]

MOST_ENTRIES = 500
"""Most parcels with a map of their own; the Excel register has all."""

_MAP_SHARE = 0.4
_DATES = ("agreed_start", "handover_on", "actual_start", "suspended_since", "idle_since")
Row = dict[Any, Any]


def register_document(snapshot: Snapshot, *, lang: str, studio: Studio) -> Document:
    """The register with maps.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    lang
        ``zh`` or ``en``.
    studio
        Draws the maps.
    """
    facts = Facts(snapshot, lang)
    sections = [_overview(facts, studio)]
    for verdict, title in (("yes", "Suspected idle land"), ("undetermined", "Undetermined for want of data")):
        at = (facts.column("idle") == verdict).to_numpy().nonzero()[0]
        if len(at):
            sections.append(_entries(facts, studio, at, say(title, lang)))
    return Document(
        title=say("Register of suspected idle land", lang),
        subtitle=say("With a map of each parcel", lang),
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


def _overview(facts: Facts, studio: Studio) -> Section:
    """How much there is, that none of it is recognised yet, and where it lies."""
    lang = facts.lang
    idle, areas = facts.column("idle"), facts.numbers("site_area_m2")
    told = say(
        "Suspected idle: {idle} parcels, {idle_area}. Undetermined for want of data: {open} parcels, {open_area}.", lang,
        idle=int((idle == "yes").sum()), idle_area=area(areas[idle == "yes"].sum(), lang),
        open=int((idle == "undetermined").sum()), open_area=area(areas[idle == "undetermined"].sum(), lang),
    )  # fmt: skip
    caution = say(
        "Suspected, for verification: no parcel is idle land until the office has investigated and recognised it.",
        lang,
    )
    question = say("Which land is idle?", lang)
    shown = picture(facts, studio, verdict_kinds(facts, "idle"), say("Idle land (statutory)", lang), question)
    signed = say("Prepared by:                    Checked by:                    Date:", lang)
    return Section(
        question, (Paragraph(told, "lead"), Paragraph(caution, "warning"), shown, Paragraph(signed))
    )


def _entries(facts: Facts, studio: Studio, chosen: Any, title: str) -> Section:
    """A parcel each, those that are idle longest first, then the largest."""
    lang = facts.lang
    parcels = facts.parcels.iloc[chosen]
    by = [name for name in ("idle_days", "site_area_m2") if name in parcels]
    order = pd.DataFrame(parcels[by]).assign(at=chosen).sort_values(by, ascending=False, kind="stable", na_position="last") if by else pd.DataFrame({"at": chosen})  # fmt: skip
    missing = missing_names(facts)
    shown = order["at"].tolist()[:MOST_ENTRIES]
    ground = _ground(facts)
    rows = pd.DataFrame(facts.parcels.drop(columns="geometry")).iloc[shown].to_dict(orient="records")
    blocks: list[Entry | Paragraph] = [
        _entry(facts, place_map(studio, at=at, lang=lang, **ground), count, row, missing.get(str(row["parcel_id"]), []))
        for count, (at, row) in enumerate(zip(shown, rows, strict=True), start=1)
    ]  # fmt: skip
    if len(order) > len(shown):
        more = say(
            "The first {shown} of {count}; the Excel register has all.",
            lang,
            shown=len(shown),
            count=len(order),
        )
        blocks.append(Paragraph(more, "note"))
    return Section(title, tuple(blocks), new_page=True)


def _ground(facts: Facts) -> dict[str, Any]:
    """The layers of the maps with what these show of them: a map takes its few rows of each, and a parcel has a hundred columns."""
    known = {name: facts.table(name) for name in ("buildings", "roads")}
    layers = {name: frame[["geometry"]] if "geometry" in frame else None for name, frame in known.items()}
    return {"parcels": facts.parcels[["parcel_id", "geometry"]], **layers}


def _entry(facts: Facts, drawing: Ink, count: int, row: Row, missing: list[str]) -> Entry:
    lang = facts.lang
    name = visible(str(row["parcel_id"]), most=60)
    alt = say("Map of parcel {parcel} and its neighbours", lang, parcel=name)
    columns = (Column("", 1), Column("", 2.5))
    return Entry(
        Picture(drawing, alt, "", _MAP_SHARE),
        Table.of(columns, [[f"{count}", Cell(name)], *_lines(facts, row, missing)]),
    )


def _lines(facts: Facts, row: Row, missing: list[str]) -> list[list[Cell | str]]:
    """What is known of a parcel, a line each; what is not known has none, but for what is asked for."""
    lang = facts.lang
    undetermined = str(row["idle"]) == "undetermined"
    told: list[tuple[str, Cell | str]] = [
        (say("Holder", lang), _text(row, "holder")),
        (say("Name and location", lang), " ".join(dict.fromkeys(_text(row, name) for name in ("name", "location") if _text(row, name)))),
        (say("Land", lang), _land(row, lang)),
        (say("Verdict", lang), _verdict(facts, row)),
        (say("Dates", lang), _dates(facts, row)),
        (say("Days since due or suspended", lang), _whole(row, "idle_days", lang)),
        (say("Government delay (days)", lang), _whole(row, "government_delay_days", lang, above=0)),
        (say("Evidence", lang), _evidence(facts, row)),
        (say("Missing", lang), facts.spelled(", ".join(missing))),
        (say("Reason", lang), _text(row, f"verdict_reason_{lang}", 300) if undetermined else ""),
        (say("Idle fee (wan yuan)", lang), amount(row.get("idle_fee_wan"), "", lang, digits=2)),
        (say("Suggested way", lang), facts.word("parcels", "way", row.get("way"))),
        (say("Rank for field check", lang), _whole(row, "field_check_rank", lang)),
        (say("Source", lang), _source(row)),
    ]  # fmt: skip
    return [[name, value] for name, value in told if value and value != "—"]


def _land(row: Row, lang: str) -> str:
    use = _text(row, "land_use") or _text(row, "land_use_code")
    square = "" if is_missing(row.get("site_area_m2")) else area(row["site_area_m2"], lang)
    return " · ".join(part for part in (use, square) if part)


def _verdict(facts: Facts, row: Row) -> Cell:
    """The verdict in words, and under which clause; by the second paragraph the office decides."""
    lang, verdict = facts.lang, str(row["idle"])
    words = say("Suspected idle" if verdict == "yes" else "Undetermined", lang)
    clauses = clauses_of(facts, row)
    return Cell(words if clauses == "—" else f"{words} · {clauses}", verdict)


def _whole(row: Row, name: str, lang: str, *, above: float = -1.0) -> str:
    value = row.get(name)
    return (
        "" if is_missing(value) or float(str(value)) <= above else number(float(str(value)), lang, digits=0)
    )


def _text(row: Row, name: str, most: int = 80) -> str:
    value = row.get(name)
    return "" if is_missing(value) else visible(str(value), most=most)


def _dates(facts: Facts, row: Row) -> str:
    known = (name for name in _DATES if not is_missing(row.get(name)))
    return say("; ", facts.lang).join(f"{facts.title('parcels', name)} {day(row[name])}" for name in known)


def _evidence(facts: Facts, row: Row) -> str:
    lang = facts.lang
    told = evidence_brief(facts, row)
    says, sure = row.get("evidence_says"), row.get("evidence_confidence")
    if is_missing(says):
        return told
    together = say("together {says}", lang, says=code_word(str(says), lang))
    if not is_missing(sure):
        together += f" ({say('Confidence', lang)}: {code_word(str(sure), lang)})"
    return together if told == "—" else f"{told}\n{together}"


def _source(row: Row) -> str:
    if is_missing(row.get("source_file")):
        return ""
    name = visible(str(row["source_file"]).replace("\\", "/").rpartition("/")[2], most=80)
    return name if is_missing(row.get("source_row")) else f"{name} : {int(row['source_row'])}"
