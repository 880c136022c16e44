"""Rule packs as a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out
from parkgeo.i18n import say

if TYPE_CHECKING:
    from parkgeo.packs import RuleBook

__all__ = ["figures_json", "print_figures"]


def figures_json(book: RuleBook) -> dict[str, Any]:
    """Packs and the figures in force."""
    return {
        "packs": [{"name": pack.name, "edition": pack.edition, "sha256": pack.sha256} for pack in book.packs],
        "figures": [asdict(figure) for figure in book.figures.values()],
    }


def print_figures(book: RuleBook, lang: str) -> None:
    """Print each figure: what it says, its value, clause and source, and whether it is used."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_lines=False)
    for at, title in enumerate(("Figure", "Value", "What it says", "Clause and source", "State")):
        table.add_column(say(title, lang), overflow="fold", no_wrap=at == 0)
    for figure in book.figures.values():
        state = (
            say("verified" if figure.verified else "unverified", lang)
            if figure.kind != "setting"
            else say("setting", lang)
        )
        if not figure.on:
            state += ", " + say("off", lang)
        clause = figure.clause_zh if lang == "zh" else figure.clause_en
        source = "; ".join(part for part in (clause, figure.source, figure.edition) if part)
        table.add_row(
            figure.key,
            f"{figure.value} {figure.unit}".strip(),
            figure.zh if lang == "zh" else figure.en,
            source,
            state,
        )
    out().print(table)
