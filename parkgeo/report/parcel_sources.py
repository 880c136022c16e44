"""The rows behind a dossier, what is missing, and the sources of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.i18n import say
from parkgeo.report.document import Column, Paragraph, Points, Section, Table
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, code_word, day, is_missing

if TYPE_CHECKING:
    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts

__all__ = ["method_blocks", "missing_section", "records_section", "sources_section"]


def records_section(facts: Facts, told: dict[str, Any]) -> Section | None:
    """Rows of ledger, occupancy and returns as the files gave them."""
    lang = facts.lang
    if not told["records"]:
        return None
    rows = []
    for record in told["records"]:
        words = "; ".join(
            f"{visible(str(record['about'][name][lang]), most=60)} {_shown(facts, record, name)}"
            for name, value in record["values"].items()
            if not is_missing(value) and name != "parcel_id"
        )
        where = (
            "—"
            if record["file"] is None
            else f"{visible(str(record['file']), most=120)}, {say('row {row}', lang, row=record['row'])}"
        )
        rows.append([visible(str(record[lang]), most=60), words, where])
    columns = [
        Column(say("Table", lang), 1),
        Column(say("What the row says", lang), 4),
        Column(say("File and row", lang), 1.6),
    ]
    return Section(say("The rows behind it", lang), (Table.of(columns, rows),))


def _shown(facts: Facts, record: dict[str, Any], name: str) -> str:
    value = record["values"][name]
    about = record["about"][name]
    if isinstance(value, float):
        return amount(value, str(about.get("unit") or ""), facts.lang)
    known = about.get("codes")
    if isinstance(known, dict) and str(value) in known:
        return facts.word(str(record["table"]), name, value)
    if isinstance(value, bool):
        return code_word("yes" if value else "no", facts.lang)
    return visible(str(value), most=200)


def missing_section(facts: Facts, told: dict[str, Any]) -> Section:
    """What is missing for this parcel and for the whole park, with what to ask for."""
    lang = facts.lang
    own = tuple(dict.fromkeys(visible(str(gap[lang])) for gap in told["gaps"] if not is_missing(gap[lang])))
    shared = tuple(ask for ask in facts.gaps() if ask not in own)
    layers = [facts.table_title(str(layer)) for layer in facts.snapshot.manifest.get("layers_missing", ())]
    blocks: list[Block] = []
    if own:
        blocks += [Paragraph(say("For this parcel:", lang)), Points(own)]
    if shared:
        blocks += [Paragraph(say("For the whole park:", lang)), Points(shared)]
    if layers:
        blocks.append(
            Paragraph(
                say(
                    "Layers that were not given: {layers}.",
                    lang,
                    layers=("、" if lang == "zh" else ", ").join(layers),
                ),
                "note",
            )
        )
    if not blocks:
        blocks.append(Paragraph(say("Nothing is reported missing.", lang)))
    return Section(say("What is missing, and what to ask for", lang), tuple(blocks))


def sources_section(facts: Facts) -> Section:
    """Files, packs, program and how the marks are to be read."""
    return Section(say("Sources", facts.lang), tuple(method_blocks(facts)))


def method_blocks(facts: Facts) -> list[Block]:
    """Files read, packs in force, the snapshot, and what the marks mean."""
    lang = facts.lang
    manifest = facts.snapshot.manifest
    rows = [
        [say("Snapshot", lang), facts.snapshot.name],
        [say("As of", lang), day(facts.snapshot.as_of)],
        [say("Program", lang), f"parkgeo {manifest.get('version', '')}"],
        [say("Coordinate system", lang), visible(str(facts.snapshot.crs.name), most=120)],
    ]
    rows += [[say("Rule pack", lang), _pack(pack, lang)] for pack in manifest.get("packs", ())]
    files = "\n".join(
        f"{visible(str(entry['path']), most=160)}  ·  SHA-256 {str(entry.get('sha256', ''))[:16]}…"
        for entry in manifest.get("inputs", ())
    )
    if files:
        rows.append([say("File read", lang), files])
    return [
        Table.of([Column(say("Matter", lang), 1), Column(say("Note", lang), 4)], rows),
        Points((
            say("Verified: the clause or figure was seen in its source. Unverified: it is general knowledge and must be checked before use.", lang),
            say("Setting: a figure of parkgeo's own; no regulation states it.", lang),
            say("Undetermined: a document is missing; it is neither idle nor not idle.", lang),
            say("A dash is a missing value, never zero. 1 mu is 10 000/15 m², 1 wan yuan 10 000 yuan.", lang),
        )),
    ]  # fmt: skip


def _pack(pack: dict[str, Any], lang: str) -> str:
    mark = pack.get("hash") or pack.get("sha256") or ""
    title = pack.get(lang) or ""
    parts = [
        str(pack.get("name", "")),
        str(title),
        str(pack.get("edition", "")),
        f"({str(mark)[:16]})" if mark else "",
    ]
    return visible(" ".join(part for part in parts if part), most=200)
