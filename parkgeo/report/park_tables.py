"""Tables of the park report: register, what is undetermined, indicators, industries, low efficiency, potential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.packs.sources import source_in
from parkgeo.report.document import Cell, Column, Paragraph, Points, Section, Table
from parkgeo.report.parcel_evidence import basis_word
from parkgeo.report.parcel_figures import frame_table
from parkgeo.report.park_access import service_shares
from parkgeo.report.park_answers import left_out_line
from parkgeo.report.park_lists import (
    IDLE_RULES,
    MOST_ROWS,
    clauses_of,
    evidence_brief,
    field_checks,
    missing_names,
    more_line,
)
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, day, is_missing, join, unit_word
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.report.facts import Facts

__all__ = ["table_sections"]

Row = dict[Any, Any]
Tables = Table | None | tuple[Table | Points, ...]
"""A table, none, or a table with its notes."""

_INDUSTRY = {"industry_code", "land_m2", "land_share", "output_share"}


def table_sections(facts: Facts, left_out: list[str]) -> list[Section]:
    """The tables; one whose data the snapshot lacks is left out and named."""
    lang = facts.lang
    wanted: tuple[tuple[str, Callable[[Facts], Tables], tuple[str, ...], bool], ...] = (
        (say("Register of suspected idle land", lang), _register, ("idle", "idle_not_started"), "idle" in facts.parcels),
        (say("Undetermined, and what to ask for", lang), _undetermined, ("idle", "idle_not_started"), "idle" in facts.parcels),
        (say("Field checks: where the evidence contradicts itself", lang), _contradictions, ("evidence",), "evidence_says" in facts.parcels),
        (say("Low-efficiency land", lang), _low_efficiency, ("low_efficiency",), "low_efficiency" in facts.parcels),
        (say("Potential by way", lang), _potential, ("releasable_area_m2", "way"), "way" in facts.parcels),
        (say("Land ledger", lang), _ledger, ("land_ledger",), facts.has("land_ledger")),
        (say("Park indicators", lang), _indicators, ("indicators",), facts.has("indicators")),
        (say("Leading industries", lang), _industries, ("industries",), facts.has("industries")),
    )  # fmt: skip
    sections: list[Section] = []
    for title, build, fields, known in wanted:
        if not known:
            left_out.append(left_out_line(facts, title, *fields))
            continue
        made = build(facts)
        blocks = (
            made if isinstance(made, tuple) else (Paragraph(say("None.", lang)) if made is None else made,)
        )
        sections.append(Section(title, blocks))
    return sections


def _chosen(facts: Facts, column: str, verdicts: tuple[str, ...], by: str) -> tuple[list[Row], int]:
    """Parcels with a verdict, by a column from large to small, and how many there are."""
    frame = pd.DataFrame(facts.parcels.drop(columns="geometry"))
    frame = frame[facts.column(column).isin(verdicts)]
    if by in frame:
        frame = frame.sort_values(by, ascending=False, kind="stable", na_position="last")
    return frame.head(MOST_ROWS).to_dict(orient="records"), len(frame)


def _text(row: Row, name: str, most: int = 60) -> str:
    value = row.get(name)
    return "—" if is_missing(value) else visible(str(value), most=most)


def _mu(row: Row, lang: str) -> str:
    square = row.get("site_area_m2")
    return "—" if is_missing(square) else number(float(str(square)) / M2_PER_MU, lang, digits=1)


def _register(facts: Facts) -> Table | None:
    lang = facts.lang
    parcels, count = _chosen(facts, "idle", ("yes",), "idle_days")
    if not parcels:
        return None
    rows = [
        [
            str(at), _text(row, "parcel_id"), _text(row, "holder"), _mu(row, lang), clauses_of(facts, row), day(row.get("idle_since")),
            amount(row.get("idle_days"), "", lang, digits=0), evidence_brief(facts, row), amount(row.get("idle_fee_wan"), "", lang, digits=2),
            facts.word("parcels", "way", row.get("way")),
        ]
        for at, row in enumerate(parcels, start=1)
    ]  # fmt: skip
    columns = [
        Column(say("No.", lang), 0.62, "right"), Column(say("Parcel ID", lang), 2.1), Column(say("Holder", lang), 1.6), Column(unit_word("mu", lang), 0.8, "right"),
        Column(say("Clause", lang), 2.1), Column(say("Idle since", lang), 1.65), Column(say("Days since due or suspended", lang), 1.05, "right"), Column(say("Evidence", lang), 2.1),
        Column(say("Fee ({unit})", lang, unit=unit_word("wan", lang)), 1.15, "right"), Column(say("Way", lang), 1.9),
    ]  # fmt: skip
    return Table.of(columns, rows, more_line(facts, count, MOST_ROWS))


def _undetermined(facts: Facts) -> Table | None:
    lang = facts.lang
    parcels, count = _chosen(facts, "idle", ("undetermined",), "site_area_m2")
    if not parcels:
        return None
    asks = _asks(facts)
    missing = missing_names(facts)
    rows = [
        [
            str(at), _text(row, "parcel_id"), _text(row, "holder"), _mu(row, lang), facts.spelled(", ".join(missing.get(row["parcel_id"], ()))) or "—",
            asks.get(row["parcel_id"]) or _text(row, f"verdict_reason_{lang}", 300),
        ]
        for at, row in enumerate(parcels, start=1)
    ]  # fmt: skip
    columns = [
        Column(say("No.", lang), 0.62, "right"), Column(say("Parcel ID", lang), 2.1), Column(say("Holder", lang), 1.7), Column(unit_word("mu", lang), 0.8, "right"),
        Column(say("Missing", lang), 1.8), Column(say("What to ask for", lang), 3.4),
    ]  # fmt: skip
    return Table.of(columns, rows, more_line(facts, count, MOST_ROWS))


def _asks(facts: Facts) -> dict[str, str]:
    """Parcel → what to ask for, so that its idleness can be judged."""
    frame = facts.table("gaps")
    name = f"ask_{facts.lang}"
    if not {"parcel_id", "field", name} <= set(frame.columns):
        return {}
    wanted = missing_names(facts)
    own = frame[frame["parcel_id"].notna() & frame[name].notna()]
    found: dict[str, list[str]] = {}
    for parcel, field, ask in zip(own["parcel_id"], own["field"], own[name], strict=True):
        if field in IDLE_RULES or field in wanted.get(str(parcel), ()):
            found.setdefault(str(parcel), []).append(str(ask))
    return {parcel: visible("\n".join(dict.fromkeys(asks)), most=500) for parcel, asks in found.items()}


def _contradictions(facts: Facts) -> Table | None:
    return field_checks(facts, most=MOST_ROWS)


def _low_efficiency(facts: Facts) -> Table | None:
    lang = facts.lang
    parcels, count = _chosen(facts, "low_efficiency", ("yes",), "site_area_m2")
    if not parcels:
        return None
    reasons = _reasons(facts, "low_efficiency")
    rows: list[list[Cell | str]] = [
        [
            str(at), _text(row, "parcel_id"), _text(row, "holder"), _mu(row, lang), amount(row.get("output_wan_per_mu"), "", lang, digits=1),
            amount(row.get("tax_wan_per_mu"), "", lang, digits=1), Cell(_text(row, "grade", 20), _text(row, "grade", 20)), reasons.get(row["parcel_id"], "—"),
        ]
        for at, row in enumerate(parcels, start=1)
    ]  # fmt: skip
    columns = [
        Column(say("No.", lang), 0.62, "right"), Column(say("Parcel ID", lang), 2.1), Column(say("Holder", lang), 1.7), Column(unit_word("mu", lang), 0.8, "right"),
        Column(say("Output per mu", lang), 0.9, "right"), Column(say("Tax per mu", lang), 0.8, "right"), Column(say("Grade", lang), 0.6), Column(say("Reason", lang), 3),
    ]  # fmt: skip
    return Table.of(columns, rows, more_line(facts, count, MOST_ROWS))


def _reasons(facts: Facts, code: str) -> dict[str, str]:
    frame = facts.table("findings")
    name = f"reason_{facts.lang}"
    if not {"parcel_id", "code", name} <= set(frame.columns):
        return {}
    own = frame[(frame["code"] == code) & frame["parcel_id"].notna()]
    return {
        str(parcel): visible(str(reason), most=300)
        for parcel, reason in zip(own["parcel_id"], own[name], strict=True)
    }


def _potential(facts: Facts) -> Table | None:
    lang = facts.lang
    frame = pd.DataFrame(facts.parcels.drop(columns="geometry"))
    frame = frame[frame["way"].notna() & (frame["way"] != "none")]
    if frame.empty:
        return None
    ground = f"way_ground_{lang}"
    rows = []
    for way, group in frame.groupby("way", sort=True):
        grounds = (
            [visible(str(one), most=600) for one in group[ground].dropna().unique()[:3]]
            if ground in group
            else []
        )
        rows.append([
            facts.word("parcels", "way", way), number(len(group), lang, digits=0), *(_total(group, name, lang) for name in ("releasable_area_m2", "releasable_floor_area_m2")),
            _total(group, "idle_cost_wan_per_year", lang, factor=1.0), "\n".join(grounds) or "—",
        ])  # fmt: skip
    columns = [
        Column(say("Way", lang), 1.6), Column(say("Parcels", lang), 0.7, "right"), Column(say("Land released (ha)", lang), 1, "right"),
        Column(say("Floor area released (ha)", lang), 1, "right"), Column(say("Cost a year ({unit})", lang, unit=unit_word("wan", lang)), 1.1, "right"),
        Column(say("Ground", lang), 2.8),
    ]  # fmt: skip
    return Table.of(columns, rows)


def _total(group: pd.DataFrame, name: str, lang: str, factor: float = 1 / M2_PER_HA) -> str:
    if name not in group or not group[name].notna().any():
        return "—"
    return number(float(pd.to_numeric(group[name]).sum()) * factor, lang, digits=2)


def _indicators(facts: Facts) -> Tables:
    """The indicators, those of services in a table of their own, and the sources of their benchmarks, each once, under its number."""
    lang = facts.lang
    rows, empty = [], []
    services, folded = service_shares(facts)
    sources: dict[str, int] = {}
    for row in facts.table("indicators").to_dict(orient="records"):
        if row.get("name") in folded:
            continue
        value = _indicator_value(row, lang)
        if value == "—":
            empty.append(_text(row, lang, 80))
            continue
        benchmark = row.get("benchmark")
        source = " · ".join(
            visible(source_in(str(row[name]), lang), most=400)
            for name in (f"benchmark_{lang}", "benchmark_source")
            if not is_missing(row.get(name))
        )
        # What has no benchmark may still rest on figures of the packs.
        rests = not is_missing(benchmark) or not row.get("verified", True)
        basis = f" ({basis_word(row.get('verified'), '', lang)})" if rests else ""
        unit = "" if is_missing(row.get("unit")) else unit_word(str(row["unit"]), lang)
        parts = [amount(row.get(name), "", lang, digits=1) for name in ("numerator", "denominator")]
        told = (source + basis).strip()
        note = f" [{sources.setdefault(told, len(sources) + 1)}]" if source else ""
        rows.append([
            _text(row, lang, 80), f"{value} {unit}".strip(), " ÷ ".join(parts) if parts != ["—", "—"] else "—",
            f"{amount(benchmark, '', lang, digits=2)}{note}", _text(row, f"formula_{lang}", 200) + ("" if source else f" {told}".rstrip()),
        ])  # fmt: skip
    columns = [
        Column(say("Indicator", lang), 2.1), Column(say("Value", lang), 1.6, "right"), Column(f"{say('Numerator', lang)} ÷ {say('Denominator', lang)}", 2, "right"),
        Column(say("Benchmark", lang), 1.2, "right"), Column(say("Formula", lang), 4),
    ]  # fmt: skip
    if not rows:
        return services
    caption = say("No value: {fields}.", lang, fields=join(empty, lang)) if empty else ""
    notes = Points(tuple(f"[{at}] {source}" for source, at in sources.items()))
    blocks = (Table.of(columns, rows, caption), notes if sources else None, services)
    return tuple(block for block in blocks if block is not None)


def _indicator_value(row: Row, lang: str) -> str:
    """The value, or between what it must lie, or what it is in words."""
    if not is_missing(row.get("value")):
        return amount(row["value"], "", lang, digits=2)
    ends = [row.get("low"), row.get("high")]
    if is_missing(ends[1]) and not is_missing(ends[0]):
        return say("at least {value}", lang, value=amount(ends[0], "", lang, digits=2))
    if not any(is_missing(end) for end in ends):
        return " – ".join(amount(end, "", lang, digits=2) for end in ends)
    return _text(row, f"value_{lang}", 80)


def _industries(facts: Facts) -> Table | None:
    rows = facts.table("industries").head(30).to_dict(orient="records")
    if not (rows and rows[0].keys() >= _INDUSTRY):
        return frame_table(facts, "industries", rows)
    lang = facts.lang

    def percent(value: Any) -> str:
        return "—" if is_missing(value) else f"{number(100 * float(value), lang, digits=1)} %"

    cells = [
        [
            _text(row, "industry_code", 12), _text(row, lang, 80), amount(row.get("companies"), "", lang, digits=0),
            "—" if is_missing(row["land_m2"]) else number(float(row["land_m2"]) / M2_PER_HA, lang, digits=2), percent(row["land_share"]),
            amount(row.get("output_wan"), "", lang, digits=1), percent(row["output_share"]), facts.shown("industries", "leading", row.get("leading")),
        ]
        for row in rows
    ]  # fmt: skip
    columns = [
        Column(facts.title("industries", "industry_code"), 0.8), Column(say("Industry", lang), 3), *(
            Column(title, share, "right")
            for title, share in (
                (facts.title("industries", "companies"), 1), (f"{say('Land', lang)} ({unit_word('ha', lang)})", 1), (facts.title("industries", "land_share"), 1),
                (_headed(facts, "output_wan"), 1.3), (facts.title("industries", "output_share"), 1),
            )
        ), Column(facts.title("industries", "leading"), 0.8),
    ]  # fmt: skip
    return Table.of(columns, cells)


def _headed(facts: Facts, name: str) -> str:
    unit = facts.unit_of("industries", name)
    return f"{facts.title('industries', name)} ({unit})" if unit else facts.title("industries", name)


def _ledger(facts: Facts) -> Table | None:
    lang = facts.lang
    rows = []
    for row in facts.table("land_ledger").to_dict(orient="records"):
        ends = [row.get("low_m2"), row.get("high_m2")]
        sure = any(is_missing(end) for end in ends) or ends[0] == ends[1]
        span = (
            "—"
            if sure
            else " – ".join(amount(float(str(end)) / M2_PER_HA, "", lang, digits=2) for end in ends)
        )
        square = row.get("area_m2")
        rows.append([
            _text(row, "item", 12), _text(row, lang, 80), "—" if is_missing(square) else number(float(str(square)) / M2_PER_HA, lang, digits=2), span,
            amount(row.get("parcels"), "", lang, digits=0), _text(row, f"note_{lang}", 200),
        ])  # fmt: skip
    columns = [
        Column("", 0.5), Column(say("Land", lang), 2), Column(unit_word("ha", lang), 0.9, "right"), Column(say("Between", lang), 1.2, "right"),
        Column(say("Parcels", lang), 0.7, "right"), Column(say("Note", lang), 2.6),
    ]  # fmt: skip
    return Table.of(columns, rows) if rows else None
