"""One page of answers: how much is idle, how the land is used, what it yields, and where to go and look first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.packs.sources import source_in
from parkgeo.report.document import Cell, Column, Paragraph, Section, Table
from parkgeo.report.park_lists import field_checks, ledger_rows
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, area, is_missing, share, unit_word
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.report.document import Block
    from parkgeo.report.facts import Facts

__all__ = ["GRADE_ORDER", "answers_sections", "left_out_line"]

GRADE_ORDER = ("A", "B", "C", "D", "")
_FIRST_CHECKS = 3
_YIELDS = ("output_wan_per_mu", "value_added_wan_per_mu", "tax_wan_per_mu", "fixed_assets_wan_per_mu")
_WAN_PER_MILLION = 100.0
_CLAUSES = ("idle_not_started", "idle_suspended")


def left_out_line(facts: Facts, what: str, *fields: str) -> str:
    """A line that says what is left out and why."""
    lang = facts.lang
    why = " ".join(facts.gaps(*fields)[:2]) if fields else ""
    reason = why or say("this snapshot does not hold it", lang)
    return say("{what}: {why}", lang, what=what, why=reason)


def answers_sections(facts: Facts, left_out: list[str]) -> list[Section]:
    """The first page."""
    lang = facts.lang
    blocks: list[Block] = [Paragraph(_idle_sentence(facts), "lead")]
    clauses = _clause_table(facts)
    if clauses is not None:
        blocks.append(clauses)
    sections = [Section(say("How much land is idle?", lang), tuple(blocks))]
    use = _use_block(facts, left_out)
    if use is not None:
        sections.append(Section(say("How is the land used?", lang), (use,)))
    yields = _yield_table(facts)
    if yields is None:
        left_out.append(left_out_line(facts, say("What it yields", lang), *_YIELDS))
    grades = _grade_table(facts)
    if grades is None:
        left_out.append(left_out_line(facts, say("Grade", lang), "grade", "score"))
    tables = tuple(table for table in (yields, grades) if table is not None)
    if tables:
        sections.append(Section(say("What does it yield?", lang), tables))
    checks = field_checks(facts, most=_FIRST_CHECKS)
    if checks is not None:
        sections.append(Section(say("Where to go and look first", lang), (checks,)))
    return sections


def _idle_sentence(facts: Facts) -> str:
    lang = facts.lang
    idle = facts.column("idle")
    areas = facts.numbers("site_area_m2")
    judged = idle.isin(["yes", "undetermined", "no"])
    if not judged.any():
        why = " ".join(facts.gaps("idle_not_started", "idle")[:2])
        return f"{say('No parcel could be judged on idleness.', lang)} {why}".strip()
    yes, unsure = idle == "yes", idle == "undetermined"
    told = say(
        "{count} of {all} parcels judged are suspected idle: {area}, {share} of the land judged. Undetermined for want of data: {unsure} parcels, {unsure_area}.",
        lang, count=int(yes.sum()), all=int(judged.sum()), area=area(areas[yes].sum(), lang),
        share=share(float(areas[yes].sum()), float(areas[judged].sum()), lang), unsure=int(unsure.sum()), unsure_area=area(areas[unsure].sum(), lang),
    )  # fmt: skip
    cost = facts.numbers("idle_cost_wan_per_year")[yes]
    if not cost.notna().any():
        return told
    return told + ("" if lang == "zh" else " ") + say(
        "Against the benchmark this costs about {cost} a year.", lang, cost=_money(float(cost.sum()), lang)
    )  # fmt: skip


def _money(wan: float, lang: str) -> str:
    """A sum as the language counts money: in 万元, or in millions of yuan."""
    if lang == "zh":
        return amount(wan, "wan", lang, digits=0)
    return say("{sum} million yuan", lang, sum=number(wan / _WAN_PER_MILLION, lang, digits=1))


def _clause_table(facts: Facts) -> Table | None:
    lang = facts.lang
    rows: list[list[Cell | str]] = []
    for code in (code for code in _CLAUSES if code in facts.parcels.columns):
        verdicts = facts.column(code)
        if not verdicts.notna().any():
            continue  # no pack in force holds the rule
        for verdict in ("yes", "undetermined"):
            chosen = verdicts == verdict
            if verdict == "undetermined" and not chosen.any():
                continue
            word = _verdict_word(code, verdict, lang)
            rows.append([facts.title("parcels", code), Cell(word, verdict), *_sums(facts, chosen)])
    if not rows:
        return None
    columns = [
        Column(say("Clause", lang), 4.2), Column(say("Verdict", lang), 3.6), Column(say("Parcels", lang), 0.8, "right"),
        Column(unit_word("ha", lang), 0.9, "right"), Column(unit_word("mu", lang), 0.9, "right"),
        Column(say("Fee ({unit})", lang, unit=unit_word("wan", lang)), 1, "right"),
        Column(say("Cost a year ({unit})", lang, unit=unit_word("wan", lang)), 1.1, "right"),
    ]  # fmt: skip
    caption = say(
        "A parcel falls under one clause only. The cost is what the same land would bring at the benchmark.",
        lang,
    )
    return Table.of(columns, rows, f"{caption} {_cost_note(facts)}".strip(), compact=True)


def _verdict_word(code: str, verdict: str, lang: str) -> str:
    if verdict == "undetermined":
        return say("Undetermined", lang)
    return say("Suspected: may be recognised as idle" if code == "idle_suspended" else "Suspected idle", lang)


def _sums(facts: Facts, chosen: pd.Series) -> list[str]:
    lang = facts.lang
    square = float(facts.numbers("site_area_m2")[chosen].sum())
    money = [facts.numbers(name)[chosen] for name in ("idle_fee_wan", "idle_cost_wan_per_year")]
    return [
        number(int(chosen.sum()), lang, digits=0), number(square / M2_PER_HA, lang, digits=2), number(square / M2_PER_MU, lang, digits=1),
        *(number(float(one.sum()), lang, digits=1) if one.notna().any() else "—" for one in money),
    ]  # fmt: skip


def _use_block(facts: Facts, left_out: list[str]) -> Block | None:
    lang = facts.lang
    rows = ledger_rows(facts)
    if not rows:
        left_out.append(left_out_line(facts, say("Land ledger", lang), "land_ledger"))
        return None
    columns = [
        Column("", 0.4), Column(say("Land", lang), 3), Column(unit_word("ha", lang), 1, "right"), Column(unit_word("mu", lang), 1, "right"),
        Column(say("Parcels", lang), 0.8, "right"),
    ]  # fmt: skip
    cells = [
        [
            row.code,
            row.title,
            number(row.square / M2_PER_HA, lang, digits=2),
            number(row.square / M2_PER_MU, lang, digits=1),
            row.parcels,
        ]
        for row in rows
    ]
    return Table.of(columns, cells, compact=True)


def _yield_table(facts: Facts) -> Table | None:
    lang = facts.lang
    rows = []
    for row in facts.table("indicators").to_dict(orient="records"):
        if row.get("name") not in _YIELDS or is_missing(row.get("value")):
            continue
        benchmark = row.get("benchmark")
        rows.append([
            visible(str(row.get(lang) or row["name"]), most=80), amount(row["value"], "", lang, digits=1), unit_word(str(row.get("unit") or ""), lang),
            amount(benchmark, "", lang, digits=1), "—" if is_missing(benchmark) else share(float(row["value"]), float(str(benchmark)), lang),
            visible(str(row.get(f"benchmark_{lang}") or source_in(str(row.get("benchmark_source") or "—"), lang)), most=300),
        ])  # fmt: skip
    if not rows:
        return None
    columns = [
        Column(say("Measure", lang), 1.6), Column(say("Park", lang), 0.8, "right"), Column(say("Unit", lang), 1),
        Column(say("Benchmark", lang), 0.9, "right"), Column(say("Against it", lang), 0.9, "right"), Column(say("Benchmark is", lang), 3.4),
    ]  # fmt: skip
    return Table.of(columns, rows, compact=True)


def _cost_note(facts: Facts) -> str:
    """Against what the yearly cost of idleness was worked out, as the analysis says it."""
    if not facts.has("indicators", "name", f"value_{facts.lang}"):
        return ""
    frame = facts.table("indicators")
    told = frame.loc[frame["name"] == "idle_cost_wan_per_year", f"value_{facts.lang}"].dropna()
    return visible(str(told.iloc[0]), most=300) if len(told) else ""


def _grade_table(facts: Facts) -> Table | None:
    lang = facts.lang
    grades = facts.column("grade")
    if not grades.notna().any():
        return None
    texts = grades.astype(object).where(grades.isin(GRADE_ORDER[:4]), "")
    areas = facts.numbers("site_area_m2") / M2_PER_HA
    counts = [number(int((texts == grade).sum()), lang, digits=0) for grade in GRADE_ORDER]
    sizes = [number(float(areas[texts == grade].sum()), lang, digits=2) for grade in GRADE_ORDER]
    columns = [
        Column(say("Grade", lang), 1.2),
        *(Column(grade or say("Not rated", lang), 1, "right") for grade in GRADE_ORDER),
    ]
    marks = [Cell(count, grade) for count, grade in zip(counts, GRADE_ORDER, strict=True)]
    return Table.of(columns, [[say("Parcels", lang), *marks], [unit_word("ha", lang), *sizes]], compact=True)
