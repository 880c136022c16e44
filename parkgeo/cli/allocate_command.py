"""``parkgeo allocate``, as it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parkgeo.cli.console import out, print_json, progress
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations

__all__ = ["allocate"]

PortfolioFile = Annotated[
    Path, typer.Argument(help="Projects and rules, TOML or JSON.", metavar="PORTFOLIO.toml")
]
WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write the plan: .xlsx .csv .geojson.")]


def allocate(
    portfolio: PortfolioFile,
    *,
    workspace: WorkspaceDir,
    join: Annotated[bool, typer.Option("--join", help="Also on parcels that could be joined.")] = False,
    output: Output = None,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Place many projects on many sites at once.

    Says how good the plan is and how sure that is, who has no place and why, what comes next; or which demands cannot be met together. Exit codes: 0 all are placed, 1 some are not, or nothing can be, 2 cannot run.
    """
    from parkgeo.cli.allocate import print_allocation, write_allocation
    from parkgeo.cli.briefs import read_written
    from parkgeo.i18n import choose_language, say
    from parkgeo.pipeline.allocation import allocate as placed
    from parkgeo.pipeline.allocation_told import allocation_dict
    from parkgeo.pipeline.siting import siting_desk
    from parkgeo.planning.allocation.portfolio import read_portfolio
    from parkgeo.store import Workspace

    spoken = choose_language(lang or None)
    written = read_written(portfolio)
    desk = siting_desk(Workspace(workspace).current())
    asked = read_portfolio(written, desk.rules, where=str(portfolio)[:200], default_name=portfolio.stem)
    with progress(quiet=as_json) as tell:
        tell(asked.name)
        told = placed(desk, asked, joins=join)
    if output is not None:
        write_allocation(told, output, lang=spoken)
    if as_json:
        print_json(allocation_dict(told, spoken))
    else:
        print_allocation(told, spoken)
        if output is not None:
            out().print(say("wrote {file}", spoken, file=output), soft_wrap=True)
    raise typer.Exit(0 if (told.plan.at >= 0).all() else 1)
