"""Lists of parcels and rows of the land ledger, that several parts of the park report show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from parkgeo.i18n import figure as number
from parkgeo.i18n import say
from parkgeo.report.document import Cell, Column, Table
from parkgeo.report.parcel_evidence import LINES
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, code_word, is_missing, join

if TYPE_CHECKING:
    from parkgeo.report.facts import Facts

__all__ = [
    "IDLE_RULES",
    "MOST_ROWS",
    "LedgerRow",
    "clauses_of",
    "evidence_brief",
    "field_checks",
    "ledger_rows",
    "missing_names",
    "more_line",
]

IDLE_RULES = ("idle_not_started", "idle_suspended")
"""The rules of the two paragraphs of article 2."""

MOST_ROWS = 200
"""Most rows of a list in the report; the Excel register has all."""


_CHIEF = ("A", "A1", "A2", "B", "B21", "C", "D", "E", "F", "G")
"""Items of the ledger on the first page; the table further on has all."""


class LedgerRow(NamedTuple):
    """A line of the land ledger."""

    code: str
    title: str
    square: float
    parcels: str


def ledger_rows(facts: Facts) -> list[LedgerRow]:
    """The land ledger A–G with its chief parts; empty where the snapshot has none."""
    if not facts.has("land_ledger", "item", "area_m2"):
        return []
    rows = []
    for row in facts.table("land_ledger").to_dict(orient="records"):
        if row["item"] in _CHIEF and not is_missing(row["area_m2"]):
            title = visible(str(row.get(facts.lang) or ""), most=80)
            parcels = amount(row.get("parcels"), "", facts.lang, digits=0)
            rows.append(LedgerRow(str(row["item"]), title, float(row["area_m2"]), parcels))
    return rows


def evidence_brief(facts: Facts, row: dict[Any, Any]) -> str:
    """Which lines say idle and which in use, in a few words."""
    lang = facts.lang
    told = []
    for says in ("idle", "in_use"):
        lines = lines_saying(facts, row, says)
        if lines != "—":
            told.append(f"{code_word(says, lang)}{'：' if lang == 'zh' else ': '}{lines}")
    return "\n".join(told) or "—"


def lines_saying(facts: Facts, row: dict[Any, Any], says: str) -> str:
    """Names of the lines that say one thing of a parcel."""
    return (
        join(
            [code_word(line, facts.lang) for line in LINES if row.get(f"evidence_{line}") == says], facts.lang
        )
        or "—"
    )


def field_checks(facts: Facts, *, most: int) -> Table | None:
    """Parcels by their rank for a field check, with what contradicts what; None where there is no ranking."""
    lang = facts.lang
    ranks = facts.numbers("field_check_rank")
    chosen = ranks.dropna().sort_values(kind="stable").index[:most]
    if not len(chosen):
        return None
    rows: list[list[Cell | str]] = []
    for row in pd.DataFrame(facts.parcels.loc[chosen]).to_dict(orient="records"):
        says = row.get("evidence_says")
        rows.append([
            number(float(row["field_check_rank"]), lang, digits=0), visible(str(row["parcel_id"]), most=60),
            "—" if is_missing(row.get("holder")) else visible(str(row["holder"]), most=60),
            "—" if is_missing(says) else Cell(code_word(str(says), lang), str(says)),
            lines_saying(facts, row, "idle"), lines_saying(facts, row, "in_use"),
        ])  # fmt: skip
    columns = [
        Column(say("Rank", lang), 0.62, "right"), Column(say("Parcel ID", lang), 2.1), Column(say("Holder", lang), 2.2), Column(say("Together", lang), 1.2),
        Column(say("Say idle", lang), 2.5), Column(say("Say in use", lang), 2.9),
    ]  # fmt: skip
    return Table.of(columns, rows, more_line(facts, len(ranks.dropna()), most))


def more_line(facts: Facts, count: int, shown: int) -> str:
    """A caption that says how many more there are."""
    if count <= shown:
        return ""
    return say(
        "The first {shown} of {count}; the Excel register has all.", facts.lang, shown=shown, count=count
    )


def clauses_of(facts: Facts, row: dict[Any, Any]) -> str:
    """The clauses under which a parcel is suspected idle."""
    lang = facts.lang
    told = []
    for code in IDLE_RULES:
        if row.get(code) == "yes":
            clause = facts.snapshot.catalogue.get("findings", {}).get(code, {}).get(
                f"clause_{lang}"
            ) or facts.title("parcels", code)
            told.append(visible(str(clause), most=80))
    if row.get("idle_suspended") == "yes":
        told.append(say("may be recognised as idle", lang))
    return join(told, lang) or "—"


def missing_names(facts: Facts) -> dict[str, list[str]]:
    """Parcel → names of the fields that its verdicts on idleness wait for."""
    frame = facts.table("findings")
    if not {"parcel_id", "code", "missing"} <= set(frame.columns):
        return {}
    own = frame[frame["code"].isin(IDLE_RULES) & frame["parcel_id"].notna() & frame["missing"].notna()]
    found: dict[str, list[str]] = {}
    for parcel, fields in zip(own["parcel_id"], own["missing"], strict=True):
        names = (name.strip() for name in str(fields).split(","))
        found.setdefault(str(parcel), []).extend(name for name in names if name)
    return found
