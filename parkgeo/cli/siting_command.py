"""``parkgeo sites`` and ``parkgeo fit``, as they are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parkgeo.cli.console import out, print_json
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations

__all__ = ["fit", "sites"]

WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write the result: .xlsx .csv .geojson .gpkg.")
]
Table = Annotated[Path | None, typer.Option("-o", "--output", help="Write the matrix: .xlsx .csv.")]


def sites(
    brief: Annotated[Path, typer.Argument(help="The project's brief, TOML or JSON.", metavar="BRIEF.toml")],
    *,
    workspace: WorkspaceDir,
    output: Output = None,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Look for sites for a project.

    Ranks the sites that fit, with breakdown and how firm the rank is; says why not of the rest, nearest miss first, with what would make them fit; and what to ask for where it is not known. Exit codes: 0 some site fits, 1 none does, 2 cannot run.
    """
    from parkgeo.cli.briefs import read_written
    from parkgeo.cli.siting import print_found, write_found
    from parkgeo.i18n import choose_language, say
    from parkgeo.pipeline.siting import siting_desk
    from parkgeo.store import Workspace

    spoken = choose_language(lang or None)
    written = read_written(brief)
    desk = siting_desk(Workspace(workspace).current())
    asked = desk.brief(written, where=str(brief)[:200], default_name=brief.stem)
    everything = desk.search(asked, whole=output is not None)
    found = everything.first()
    if output is not None:
        write_found(desk, everything, output, lang=spoken)
    if as_json:
        print_json(found.as_dict(spoken))
    else:
        print_found(desk, found, spoken)
        if output is not None:
            out().print(say("wrote {file}", spoken, file=output), soft_wrap=True)
    raise typer.Exit(0 if found.fits else 1)


def fit(
    *,
    workspace: WorkspaceDir,
    industry: Annotated[
        list[str] | None,
        typer.Option(help="Only this industry, by key or two-digit code; may be repeated.", metavar="KEY"),
    ] = None,
    parcel: Annotated[
        str, typer.Option(help="One parcel or joined site, with all its limits.", metavar="ID")
    ] = "",
    all_parcels: Annotated[bool, typer.Option("--all", help="All parcels, also those in use.")] = False,
    output: Table = None,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Say which industries the land suits: high, medium, low, no or undetermined.

    The needs of industries are those of the rule packs in force.
    """
    from parkgeo.cli.siting import print_fit, print_parcel_fit, write_fit
    from parkgeo.i18n import choose_language, say
    from parkgeo.pipeline.siting import siting_desk
    from parkgeo.planning.siting.frames import fit_dict
    from parkgeo.store import Workspace

    spoken = choose_language(lang or None)
    desk = siting_desk(Workspace(workspace).current())
    found = desk.fit(industry or (), site=parcel, all_parcels=all_parcels)
    if output is not None:
        write_fit(desk, found, output, lang=spoken)
    if as_json:
        print_json(fit_dict(found, spoken))
        return
    if parcel:
        print_parcel_fit(desk, found, spoken)
    else:
        print_fit(desk, found, spoken)
    if output is not None:
        out().print(say("wrote {file}", spoken, file=output), soft_wrap=True)
