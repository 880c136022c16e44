"""Clause by clause, and line of evidence by line: what a parcel's verdicts rest on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from parkgeo.i18n import say
from parkgeo.packs.sources import source_in
from parkgeo.report.document import Cell, Column, Paragraph, Points, Section, Table
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, code_word, is_missing, unit_word

if TYPE_CHECKING:
    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts

__all__ = ["LINES", "basis_word", "clause_sections", "combining_rules", "evidence_section", "evidence_word"]

_CODE = re.compile(r"[a-z]+(_[a-z]+)*")

LINES = ("contract", "permit", "buildings", "imagery", "electricity", "water", "output")
"""Lines of evidence, papers first, then the site, then activity."""

_OWN = "parkgeo's setting, no regulation's figure"
"""Source of a figure that is a setting and nothing more."""


def basis_word(verified: Any, kind: str, lang: str) -> str:
    """How well a clause or figure is known."""
    if verified:
        return say("verified", lang)
    return say("setting" if kind == "setting" else "unverified", lang)


def evidence_word(says: Any, lang: str) -> Cell:
    """What a line says, as a marked cell; a line that was not judged says nothing."""
    return Cell(say("not judged", lang)) if is_missing(says) else Cell(code_word(str(says), lang), str(says))


def clause_sections(facts: Facts, told: dict[str, Any]) -> list[Section]:
    """All rules that judged the parcel, then each that says yes or cannot tell, with its evidence."""
    lang = facts.lang
    found = {finding["code"]: finding for finding in told["findings"]}
    rows = [
        _rule_row(facts, code, verdict, found.get(code))
        for code, verdict in told["verdicts"].items()
        if verdict
    ]
    silent = [facts.title("parcels", code) for code, verdict in told["verdicts"].items() if verdict is None]
    blocks: list[Block] = []
    if rows:
        columns = [
            Column(say("Rule", lang), 2), Column(say("Verdict", lang), 1), Column(say("Observed", lang), 1, "right"),
            Column(say("Threshold", lang), 1, "right"), Column(say("Clause and source", lang), 3), Column(say("Basis", lang), 0.8),
        ]  # fmt: skip
        blocks.append(Table.of(columns, rows))
    else:
        blocks.append(Paragraph(say("No rule was applied to this parcel.", lang)))
    if silent:
        blocks.append(
            Paragraph(
                say(
                    "Not about this parcel: {rules}.",
                    lang,
                    rules=("、" if lang == "zh" else ", ").join(silent),
                ),
                "note",
            )
        )
    sections = [Section(say("Clause by clause", lang), tuple(blocks))]
    sections.extend(_finding_section(facts, finding) for finding in told["findings"])
    return sections


def _rule_row(facts: Facts, code: str, verdict: str, finding: dict[str, Any] | None) -> list[Cell | str]:
    lang = facts.lang
    about = facts.snapshot.catalogue.get("findings", {}).get(code, {})
    source = finding or about
    clause = [
        visible(str(source.get(f"clause_{lang}") or "")),
        visible(source_in(str(source.get("source") or ""), lang)),
    ]
    unit = str(finding.get("unit") or "") if finding else ""
    return [
        facts.title("parcels", code),
        Cell(code_word(verdict, lang), verdict),
        amount(finding["observed"], unit, lang) if finding else "—",
        amount(finding["threshold"], unit, lang) if finding else "—",
        "; ".join(part for part in clause if part) or "—",
        basis_word(source.get("verified"), str(about.get("kind", "rule")), lang),
    ]


def _finding_section(facts: Facts, finding: dict[str, Any]) -> Section:
    lang = facts.lang
    blocks: list[Block] = [Paragraph(visible(str(finding.get(f"reason_{lang}") or "—")))]
    if finding["evidence"]:
        columns = [
            Column(say("Rests on", lang), 1.6),
            Column(say("Value", lang), 1.2),
            Column(say("Where it comes from", lang), 2.4),
        ]
        blocks.append(Table.of(columns, [_evidence_row(facts, line) for line in finding["evidence"]]))
    asked = facts.fields_named(finding.get("missing"))
    if asked:
        blocks.append(
            Paragraph(
                say(
                    "Missing, to be asked for: {fields}.",
                    lang,
                    fields=("、" if lang == "zh" else ", ").join(map(visible, asked)),
                ),
                "warning",
            )
        )
    verdict = code_word(str(finding["verdict"]), lang)
    return Section(
        f"{visible(str(finding[lang]), most=80)}: {verdict}"
        if lang == "en"
        else f"{visible(str(finding[lang]), most=80)}：{verdict}",
        tuple(blocks),
        level=2,
    )


def _evidence_row(facts: Facts, line: dict[str, Any]) -> list[str]:
    lang = facts.lang
    title = visible(str(line[lang]), most=120)
    if str(line["what"]).startswith("absent:"):
        return [title, "—", say("the ledger has no such column", lang)]
    if "pack" in line:
        state = basis_word(line.get("verified"), str(line.get("kind", "")), lang)
        source = visible(source_in(f"{line.get('source', '')}, {line.get('edition', '')}", lang))
        where = f"{line.get('pack')} · {source} ({state})"
        return [title, _figure_value(line, lang), where]
    value = _value(line, lang)
    if line.get("unreadable"):
        value = say("something that could not be read", lang)
    if is_missing(line.get("file")):
        return [title, value, say("worked out from the layers", lang)]
    return [
        title,
        value,
        f"{visible(str(line['file']), most=120)}, {say('row {row}', lang, row=line.get('row'))}",
    ]


def _value(line: dict[str, Any], lang: str) -> str:
    value = line.get("value")
    if isinstance(value, bool):
        return code_word("yes" if value else "no", lang)
    if isinstance(value, int | float):
        return amount(value, str(line.get("unit") or ""), lang)
    if is_missing(value):
        return "—"
    known = line.get("codes") if isinstance(line.get("codes"), dict) else None
    return visible(code_word(str(value), lang, known=known) if known else str(value))


def _figure_value(line: dict[str, Any], lang: str) -> str:
    value = line.get("value")
    if isinstance(value, dict):
        word = unit_word(str(line.get("unit") or ""), lang)
        return "; ".join(
            f"{_bare(str(key), lang)}: {_bare(one, lang)} {word}".rstrip() for key, one in value.items()
        )
    return _bare(value, lang, str(line.get("unit") or ""))


def _bare(value: Any, lang: str, unit: str = "") -> str:
    if isinstance(value, bool):
        return code_word("yes" if value else "no", lang)
    if isinstance(value, int | float):
        return amount(value, unit, lang)
    if isinstance(value, list | tuple):
        return ", ".join(_bare(str(part), lang) for part in value)
    if is_missing(value):
        return "—"
    return visible(_code_words(str(value), lang) if _CODE.fullmatch(str(value)) else str(value))


def _code_words(code: str, lang: str) -> str:
    """A code as words; one that says what a line says, ``contract_in_use``, by its two parts."""
    line = next((name for name in LINES if code.startswith(f"{name}_")), None)
    says = code.removeprefix(f"{line}_")
    if line is None or says not in ("idle", "in_use"):
        return code_word(code, lang)
    return f"{code_word(line, lang)}{'：' if lang == 'zh' else ': '}{code_word(says, lang)}"


def evidence_section(facts: Facts, told: dict[str, Any]) -> Section:
    """Each line of evidence with its figure; how sure they are together; and how they were combined."""
    lang = facts.lang
    title = say("Evidence, line by line", lang)
    lines = {str(row.get("line")): row for row in told["evidence"]}
    says = {name: told["fields"].get(f"evidence_{name}", {}).get("value") for name in LINES}
    if not lines and not any(says.values()):
        asks = facts.gaps("evidence", *(f"evidence_{name}" for name in LINES), parcel=told["parcel_id"])
        told_why = [Paragraph(ask, "note") for ask in asks]
        return Section(
            title, (Paragraph(say("The snapshot has no lines of evidence for this parcel.", lang)), *told_why)
        )
    rows = [_line_row(facts, name, says[name], lines.get(name)) for name in LINES]
    columns = [
        Column(say("Line", lang), 1), Column(say("Says", lang), 0.9), Column(say("Value", lang), 1.1, "right"),
        Column(say("Why", lang), 3), Column(say("Where it comes from", lang), 1.5),
    ]  # fmt: skip
    blocks: list[Block] = [Table.of(columns, rows), Paragraph(_together(facts, told))]
    blocks.extend(combining_rules(facts))
    return Section(title, tuple(blocks))


def _line_row(facts: Facts, name: str, says: Any, row: dict[str, Any] | None) -> list[Cell | str]:
    lang = facts.lang
    if row is None:
        return [code_word(name, lang), evidence_word(says, lang), "—", "—", "—"]
    where = "—"
    if not is_missing(row.get("source_file")):
        where = visible(str(row["source_file"]), most=120)
        if not is_missing(row.get("source_row")):
            where += f", {say('row {row}', lang, row=int(row['source_row']))}"
    return [
        code_word(name, lang),
        evidence_word(row.get("says") or says, lang),
        amount(row.get("figure"), str(row.get("unit") or ""), lang),
        visible(str(row.get(f"note_{lang}") or "—")),
        where,
    ]


def _together(facts: Facts, told: dict[str, Any]) -> str:
    lang = facts.lang
    says = told["fields"].get("evidence_says", {}).get("value")
    sure = told["fields"].get("evidence_confidence", {}).get("value")
    rank = told["fields"].get("field_check_rank", {}).get("value")
    sentences = []
    if not is_missing(says):
        sentences.append(say("Together: {says}.", lang, says=code_word(str(says), lang)))
    if not is_missing(sure):
        sentences.append(say("Confidence: {confidence}.", lang, confidence=code_word(str(sure), lang)))
    if not is_missing(rank):
        sentences.append(say("Place on the list for field checks: {rank}.", lang, rank=int(rank)))
    return ("" if lang == "zh" else " ").join(sentences)


def _stated_by(figure: dict[str, Any], lang: str) -> str:
    """Source and basis of a figure in brackets; nothing of a setting, which is said once for all."""
    if figure["kind"] == "setting" and not figure["verified"] and figure["source"] == _OWN:
        return ""
    return f" ({visible(source_in(str(figure['source']), lang))}; {basis_word(figure['verified'], str(figure['kind']), lang)})"


def combining_rules(facts: Facts) -> list[Block]:
    """How lines of evidence are combined, plain enough for a hearing, with the pack's figures."""
    lang = facts.lang
    points = [
        say("Each line is judged alone from its own documents: it says idle, in use, or cannot say.", lang),
        say("A line that cannot say counts for neither side. Missing data is never taken as proof.", lang),
        say("The lines stand in groups, in the order that the rule pack gives: papers, the site, activity. The first group that speaks is heard; the others confirm or weaken it, and so the stated confidence.", lang),
        say("Lines that contradict each other, as the pack lists them, are not outvoted: the contradiction is a finding of its own, and the parcel is put on the list for a field check.", lang),
        say("The verdict by the clauses of Order 53 rests on contract, dates and investment alone. The other lines say how likely it is to stand, they do not change it.", lang),
    ]  # fmt: skip
    figures = [
        f"{visible(str(figure[lang]))}{'：' if lang == 'zh' else ': '}{_figure_value(figure, lang)}{_stated_by(figure, lang)}"
        for key, figure in facts.figures.items()
        if key.startswith("evidence.") and figure.get("on")
    ]
    blocks: list[Block] = [Paragraph(say("How the lines are combined", lang), "lead"), Points(tuple(points))]
    if figures:
        blocks += [
            Paragraph(
                say(
                    "Figures that decide it; where no source is named, the figure is a setting of parkgeo, which no regulation states:",
                    lang,
                ),
                "note",
            ),
            Points(tuple(figures)),
        ]
    return blocks
