"""Sites for a project and the fit of industries, in the terminal and as files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from parkgeo.cli.console import out, print_whole
from parkgeo.errors import InputError
from parkgeo.i18n import figure, say
from parkgeo.packs.sources import source_in
from parkgeo.planning.siting.joining_words import cost_words, joining_words, obstacle_name
from parkgeo.planning.siting.words import (
    asked_for,
    counterfactual,
    criterion_name,
    gate_name,
    grade_word,
    kind_word,
    limit_words,
    not_asked,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from parkgeo.pipeline.siting import SitingDesk
    from parkgeo.planning.siting.fit import Fit
    from parkgeo.planning.siting.found import Found, Site
    from parkgeo.planning.siting.needs import Needs

__all__ = ["print_fit", "print_found", "print_parcel_fit", "write_fit", "write_found"]

_SHOWN = 60
"""Rows of the matrix that a terminal shows."""


def print_found(desk: SitingDesk, found: Found, lang: str) -> None:
    """Print the ranked sites, why not, and what is undetermined."""
    console = out()
    _heading(console, desk, f"{found.brief.name}  ·  {found.brief.needs.name(lang)}")
    console.print(
        say("{asked} sites asked: {fits} fit, {fails} do not, {unknown} undetermined.", lang, asked=found.asked, fits=found.fits, fails=found.fails, unknown=found.unknown),
        soft_wrap=True,
    )  # fmt: skip
    _print_source(console, [found.brief.needs], lang)
    if unsaid := not_asked(found.brief.needs, lang):
        console.print(say("Not asked, for neither the brief nor the packs say what is needed: {gates}.", lang, gates=say(", ", lang).join(unsaid)), soft_wrap=True)  # fmt: skip
    if found.joining is not None and (left_out := joining_words(found.joining, lang)):
        console.print(left_out, soft_wrap=True)
    if found.ranked:
        _print_ranked(console, found, lang)
        _print_more(console, found.fits - len(found.ranked), lang)
    if found.why_not:
        _print_list(console, "Why not: the nearest misses first", found.why_not, lang)
        _print_more(console, found.fails - len(found.why_not), lang)
    if found.undetermined:
        _print_list(console, "Undetermined: what to ask for", found.undetermined, lang)
        _print_more(console, found.unknown - len(found.undetermined), lang)


def _print_more(console: Console, count: int, lang: str) -> None:
    if count > 0:
        console.print(say("… and {count} more; write all with -o.", lang, count=count))


def _heading(console: Console, desk: SitingDesk, text: str) -> None:
    console.print()
    console.print(
        f"{text}  ·  {desk.snapshot.manifest['park']}  ·  {desk.snapshot.as_of}", style="bold", soft_wrap=True
    )


def _print_source(console: Console, needs: Sequence[Needs], lang: str) -> None:
    """Where needs that are not the brief's own come from; none of those that parkgeo brings is a regulation's."""
    for source, verified in dict.fromkeys((one.source, one.verified) for one in needs):
        if not source or source == "brief":
            continue
        words = "Needs that the brief does not state: {source}." if verified else "Needs that the brief does not state: {source} (unverified)."  # fmt: skip
        console.print(say(words, lang, source=source_in(source, lang)), soft_wrap=True)


def _table(titles: Sequence[str], right: Sequence[int]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at in right else "left", overflow="fold", no_wrap=at == 0)
    return table


def _print_ranked(console: Console, found: Found, lang: str) -> None:
    console.print()
    console.print(say("Sites that fit, best first", lang), style="bold")
    criteria = list(found.ranked[0].breakdown)
    titles = [
        say(title, lang)
        for title in ("Site to build on", "Kind of site", "Fit", "Score", "Stays among the best")
    ]
    table = _table([*titles, *(criterion_name(name, lang) for name in criteria)], range(3, 5 + len(criteria)))
    for site in found.ranked:
        table.add_row(
            site.site_id, kind_word(site.kind, lang), grade_word(site.grade, lang), _score(site, lang), _percent(site.stability, lang),
            *(figure(site.breakdown[name][0], lang, digits=0) for name in criteria),
        )  # fmt: skip
    print_whole(table)
    joined = [site for site in found.ranked if site.kind == "joined"]
    for site in joined:
        console.print(f"  {site.site_id}: {say(', ', lang).join(site.parcel_ids.split(';'))}", soft_wrap=True)
        _print_joined(console, site, lang)
    console.print(
        say("Points of 100 by criterion; a dash is not known, then the score goes by the rest and its range stands beside it.", lang),
        soft_wrap=True,
    )  # fmt: skip


def _print_joined(console: Console, site: Site, lang: str) -> None:
    """What joined land costs, and what stands in the way."""
    if cost := cost_words(site, lang):
        console.print(f"    {cost}", soft_wrap=True)
    if site.obstacles:
        names = say(", ", lang).join(obstacle_name(code, lang) for code in site.obstacles)
        console.print(f"    {say('In the way: {obstacles}', lang, obstacles=names)}", soft_wrap=True)


def _score(site: Site, lang: str) -> str:
    score = figure(site.score, lang)
    if site.known >= 1 - 1e-9:
        return score
    return f"{score} ({figure(site.low, lang, digits=0)}–{figure(site.high, lang, digits=0)})"


def _percent(share: float, lang: str) -> str:
    written = figure(100 * share, lang, digits=0)
    return written if share != share else f"{written} %"  # noqa: PLR0124 - NaN is not itself


def _print_list(console: Console, title: str, sites: Sequence[Site], lang: str) -> None:
    console.print()
    console.print(say(title, lang), style="bold")
    for site in sites:
        console.print(f"{site.site_id}  ({kind_word(site.kind, lang)})", soft_wrap=True)
        _print_joined(console, site, lang)
        for limit in site.limits:
            if limit.verdict != 1:
                console.print(f"  {limit_words(limit, lang)}", soft_wrap=True)
        for told in (site.counterfactual(lang), asked_for(site.limits, lang)):
            if told:
                console.print(f"  → {told}", soft_wrap=True)


def print_fit(desk: SitingDesk, fit: Fit, lang: str) -> None:
    """Print the matrix: a row a site, a column an industry."""
    from parkgeo.planning.siting.frames import fit_matrix

    console = out()
    _heading(console, desk, say("Which industries the land suits", lang))
    if not len(fit.sites):
        console.print(say("No land could come free.", lang))
        return
    matrix = fit_matrix(fit, lang)
    table = _table([say("Site to build on", lang), *matrix.columns[1:]], ())
    for row in matrix.head(_SHOWN).itertuples(index=False):
        table.add_row(*row)
    print_whole(table)
    if len(matrix) > _SHOWN:
        console.print(say("… and {count} more; write all with -o.", lang, count=len(matrix) - _SHOWN))
    _print_source(console, fit.needs, lang)


def print_parcel_fit(desk: SitingDesk, fit: Fit, lang: str) -> None:
    """Print one site: each industry with its grade, and what it fails or what is open."""
    from parkgeo.planning.siting.fit import GRADES

    console = out()
    _heading(
        console, desk, f"{say('Which industries the land suits', lang)}  ·  {fit.sites['site_id'].iloc[0]}"
    )
    for need, one in enumerate(fit.needs):
        grade = grade_word(GRADES[int(fit.grade[0, need])], lang)
        score = say("score {score}", lang, score=figure(float(fit.score[0, need]), lang))
        console.print(f"{one.name(lang)} ({one.industry}): {grade}, {score}", style="bold", soft_wrap=True)
        limits = fit.failed(0, need)
        for limit in limits:
            console.print(f"  {limit_words(limit, lang)}", soft_wrap=True)
        for told in (counterfactual(limits, lang), asked_for(limits, lang)):
            if told:
                console.print(f"  → {told}", soft_wrap=True)
    _print_source(console, fit.needs, lang)


def write_found(desk: SitingDesk, found: Found, path: Path, *, lang: str) -> None:
    """Write the sites that are listed; with their shapes as GeoJSON and GeoPackage.

    Raises
    ------
    InputError
        The ending names no format.
    """
    import geopandas as gpd

    from parkgeo.export import write_frames
    from parkgeo.export.geopackage import write_layers
    from parkgeo.export.worded import worded
    from parkgeo.files import publish_file
    from parkgeo.planning.siting.frames import found_rows

    ending, rows = path.suffix.casefold(), found_rows(found, lang)
    if ending in (".geojson", ".gpkg"):
        rows = gpd.GeoDataFrame(rows, geometry=desk.shape(rows["site_id"].to_list()), crs=desk.snapshot.crs)
    if ending == ".gpkg":
        with publish_file(path) as beside:
            write_layers(desk.snapshot, {"site_search": rows}, beside, lang=lang)
        return
    if ending == ".xlsx":
        rows = worded(desk.snapshot, "site_search", rows, lang=lang)
    elif ending not in (".csv", ".geojson"):
        raise InputError(
            f"the file's ending names no format: {path.name[:80]!r}",
            mend="end the name in .xlsx, .csv, .geojson or .gpkg",
        )
    write_frames(desk.snapshot, {"site_search": rows}, path, lang=lang)


def _gate_names(gates: str, lang: str) -> str:
    return say("; ", lang).join(gate_name(gate, lang) for gate in gates.split(";") if gate)


def write_fit(desk: SitingDesk, fit: Fit, path: Path, *, lang: str) -> None:
    """Write the matrix: a workbook of grades and of all figures, or all figures as CSV.

    Raises
    ------
    InputError
        The ending names no format.
    """
    from parkgeo.export import write_frames
    from parkgeo.export.worded import worded
    from parkgeo.planning.siting.frames import fit_matrix, fit_rows

    if path.suffix.casefold() not in (".xlsx", ".csv"):
        raise InputError(
            f"the file's ending names no format: {path.name[:80]!r}", mend="end the name in .xlsx or .csv"
        )
    rows = fit_rows(fit, lang)
    frames = {"site_fit": rows}
    if path.suffix.casefold() == ".xlsx":
        titles = {name: rows[name].map(partial(_gate_names, lang=lang)) for name in ("fails", "open")}
        cells = worded(desk.snapshot, "site_fit", rows.assign(**titles), lang=lang)
        frames = {"site_fit_matrix": fit_matrix(fit, lang), "site_fit": cells}
    write_frames(desk.snapshot, frames, path, lang=lang)
