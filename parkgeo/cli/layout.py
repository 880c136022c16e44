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


def _table(titles: Sequence[str], right: Sequence[int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at in right else "left", overflow="fold", no_wrap=at == 0)
    return table


def _print_indicators(rows: Sequence[Mapping[str, Any]], lang: str) -> None:
    from parkgeo.report.words import unit_word

    titles = ("Indicator", "Value", "Unit", "Benchmark", "Note")
    table = _table([say(title, lang) for title in titles], (1, 3))
    for row in rows:
        note = [row[f"value_{lang}"], row[f"benchmark_{lang}"] if row["benchmark"] is not None else ""]
        if row["benchmark"] is not None and not row["verified"]:
            note.append(say("Unverified", lang))
        table.add_row(
            row[lang], figure(row["value"], lang, digits=2), unit_word(row["unit"] if row["unit"] != "1" else "", lang),
            "" if row["benchmark"] is None else figure(row["benchmark"], lang, digits=2),
            ("；" if lang == "zh" else "; ").join(each for each in note if each),
        )  # fmt: skip
    print_whole(table)


def _print_conflicts(console: Console, told: Mapping[str, Any], snapshot: Snapshot, lang: str) -> None:
    codes = snapshot.findings_catalogue
    titles = ("Conflict", "Yes", "Undetermined", "No")
    table = _table([say(title, lang) for title in titles], (1, 2, 3))
    for code, counts in told["conflicts"].items():
        numbers = (str(counts.get(verdict, 0)) for verdict in ("yes", "undetermined", "no"))
        table.add_row(codes[code][lang] if code in codes else code, *numbers)
    print_whole(table)
    worst = told["worst"]
    if not worst:
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
        console.print(say("and {count} more", lang, count=len(worst) - _SHOWN))
