"""How a park is laid out, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out, print_whole
from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from parkgeo.store import Snapshot

__all__ = ["print_layout"]

_SHOWN = 20


def print_layout(told: Mapping[str, Any], snapshot: Snapshot, lang: str) -> None:
    """Print each park's indicators beside their benchmarks, then the conflicts."""
    console = out()
    console.print()
    console.print(f"{told['park']}  ·  {told['as_of']}", style="bold", soft_wrap=True)
    if not told["conflicts"]:
        console.print(say("This snapshot holds no layout: analyse the park again with this version.", lang))
        return
    for park in told["parks"]:
        if len(told["parks"]) > 1:
            console.print(str(park["park_id"]), style="bold")
        _print_indicators(park["indicators"], lang)
    _print_conflicts(console, told, snapshot, lang)
    _print_gaps(console, told, snapshot, lang)


def _table(titles: Sequence[str], right: Sequence[int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at in right else "left", overflow="fold", no_wrap=at == 0)
    return table


def _print_indicators(rows: Sequence[Mapping[str, Any]], lang: str) -> None:
    from parkgeo.report.layout_facts import SHARES
    from parkgeo.report.words import unit_word

    titles = ("Indicator", "Value", "Unit", "Benchmark", "Note")
    table = _table([say(title, lang) for title in titles], (1, 3))
    for row in rows:
        held, number = row["benchmark"] is not None, figure(row["benchmark"], lang, digits=2)
        # The guidance on a share may have two ends: its words tell both.
        benchmark, words = (
            (row[f"benchmark_{lang}"], "") if row["name"] in SHARES else (number, row[f"benchmark_{lang}"])
        )
        note = [row[f"value_{lang}"], words if held else ""]
        if held and not row["verified"]:
            note.append(say("Unverified", lang))
        table.add_row(
            row[lang], figure(row["value"], lang, digits=2), unit_word(row["unit"] if row["unit"] != "1" else "", lang),
            benchmark if held else "",
            ("；" if lang == "zh" else "; ").join(each for each in note if each),
        )  # fmt: skip
    print_whole(table)


def _print_conflicts(console: Console, told: Mapping[str, Any], snapshot: Snapshot, lang: str) -> None:
    codes = snapshot.findings_catalogue
    titles = ("Conflict", "Yes", "Undetermined", "No")
    table = _table([say(title, lang) for title in titles], (1, 2, 3))
    for code, counts in told["conflicts"].items():
        # Where nothing was judged there is no number, not 0.
        numbers = (
            str(counts.get(verdict, 0)) if counts else "—" for verdict in ("yes", "undetermined", "no")
        )
        table.add_row(codes[code][lang] if code in codes else code, *numbers)
    print_whole(table)
    worst = told["worst"]
    if not worst:
        if any(told["conflicts"].values()):
            console.print(say("No conflict was found.", lang))
        return
    console.print(say("Worst first", lang), style="bold")
    titles = ("Parcel", "Clashes with", "What", "Verified")
    table = _table([say(title, lang) for title in titles], ())
    for row in worst[:_SHOWN]:
        verified = say("Verified" if row["verified"] else "Unverified", lang)
        table.add_row(str(row["parcel_id"]), str(row["other"] or "—"), row[f"reason_{lang}"], verified)
    print_whole(table)
    if len(worst) > _SHOWN:
        console.print(say("and {count} more conflicts", lang, count=len(worst) - _SHOWN))


def _print_gaps(console: Console, told: Mapping[str, Any], snapshot: Snapshot, lang: str) -> None:
    """What the figures above lack, one line for each thing to ask for."""
    if not told["gaps"]:
        return
    named = {code: words[lang] for code, words in snapshot.findings_catalogue.items()}
    named |= {row["name"]: row[lang] for park in told["parks"] for row in park["indicators"]}
    asked: dict[str, list[str]] = {}
    for gap in told["gaps"]:
        asked.setdefault(gap[f"ask_{lang}"], []).append(named.get(gap["field"], gap["field"]))
    console.print()
    console.print(say("Not known, or not in full", lang), style="bold")
    table = _table([say(title, lang) for title in ("What", "Ask for")], ())
    for ask, fields in asked.items():
        table.add_row(("、" if lang == "zh" else ", ").join(fields), ask)
    print_whole(table)
