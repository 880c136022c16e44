"""An allocation in the terminal and as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.cli.console import out, print_whole
from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from rich.table import Table

    from parkgeo.pipeline.allocation import Allocation

__all__ = ["print_allocation", "write_allocation"]


def print_allocation(told: Allocation, lang: str) -> None:
    """Print the plan, what is left, who has no place and why, further plans, or the demands that clash."""
    from parkgeo.pipeline.allocation_told import allocation_frames, clash_lines, plan_notes
    from parkgeo.planning.allocation.words import state_words

    console, desk = out(), told.desk
    console.print()
    console.print(
        f"{told.portfolio.name}  ·  {desk.snapshot.manifest['park']}  ·  {desk.snapshot.as_of}", style="bold", soft_wrap=True
    )  # fmt: skip
    console.print(state_words(told.plan, lang), soft_wrap=True)
    for line in clash_lines(told, lang):
        console.print(f"  - {line}", soft_wrap=True)
    if told.plan.state == "clash":
        sentence = (
            "Let any one of them go, and the others listed here can be met; then allocate again, for demands not listed may still clash."
            if told.plan.clash.smallest
            else "Time was out: some of these may have no part in it."
        )
        console.print(say(sentence, lang), soft_wrap=True)
        return
    frames = allocation_frames(told)
    projects = frames["allocation"]
    _print_placed(projects[projects["site_id"].notna()], lang)
    _print_services(frames["allocation_services"], lang)
    without = projects[projects["site_id"].isna()]
    if len(without):
        console.print(say("Projects without a site", lang), style="bold")
    for name, reason in zip(without["project"], without[f"reason_{lang}"], strict=True):
        console.print(f"{name}: {reason}", soft_wrap=True)
    for note in plan_notes(told, lang):
        console.print(note, soft_wrap=True)
    _print_others(told, frames["allocation_others"], lang)


def _table(titles: tuple[str, ...], lang: str, *, left: int) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(say(title, lang), justify="left" if at < left else "right", overflow="fold")
    return table


def _print_placed(placed: pd.DataFrame, lang: str) -> None:
    if placed.empty:
        return
    titles = (
        "Project",
        "Site it gets",
        "Score",
        "Points it brings",
        "Area (ha)",
        "Net area of the site (ha)",
    )
    table = _table(titles, lang, left=2)
    for row in placed.to_dict(orient="records"):
        unsure = f" ({say('undetermined', lang)})" if row["fits"] == "undetermined" else ""
        table.add_row(
            row["project"], row["site_id"] + unsure, figure(row["score"], lang), figure(row["points"], lang, digits=2),
            *(figure(row[name] / 10_000, lang, digits=2) for name in ("area_m2", "site_net_area_m2")),
        )  # fmt: skip
    print_whole(table)


def _print_services(services: pd.DataFrame, lang: str) -> None:
    from parkgeo.planning.allocation.words import service_name

    if services.empty:
        return
    table = _table(("Service", "Main or station", "To spare", "Drawn", "Left", "Unit"), lang, left=2)
    for row in services.to_dict(orient="records"):
        amounts = (figure(row[name], lang) for name in ("spare", "drawn", "left"))
        table.add_row(service_name(row["service"], lang), row["utility_id"], *amounts, row["unit"])
    print_whole(table)


def _print_others(told: Allocation, others: pd.DataFrame, lang: str) -> None:
    console = out()
    if others.empty:
        return
    console.print(say("Further plans near it", lang), style="bold")
    for rank, moves in others.groupby("rank", sort=True):
        lacking = figure(float(moves["lacking"].iloc[0]), lang, digits=3)
        sentence = "{rank}. as many points" if lacking == "0" else "{rank}. {lacking} points less"
        console.print(say(sentence, lang, rank=rank, lacking=lacking), soft_wrap=True)
        for row in moves.to_dict(orient="records"):
            sites = (
                site if isinstance(site, str) else say("no site", lang)
                for site in (row["from_site"], row["to_site"])
            )
            console.print(f"  {row['project']}: {' → '.join(sites)}", soft_wrap=True)
    if not told.plan.others_complete:
        console.print(say("Time was out before further plans were found.", lang), soft_wrap=True)


def write_allocation(told: Allocation, path: Path, *, lang: str) -> None:
    """Write the plan: a workbook of all tables; projects as CSV, and with the shapes of their sites as GeoJSON.

    Raises
    ------
    InputError
        The ending names no format.
    """
    from parkgeo.export import write_frames
    from parkgeo.pipeline.allocation_told import allocation_frames

    frames = allocation_frames(told)
    if path.suffix.casefold() != ".geojson":
        frames["allocation"] = frames["allocation"].drop(columns="geometry")
    write_frames(told.desk.snapshot, frames, path, lang=lang)
