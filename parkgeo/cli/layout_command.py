"""``parkgeo layout``, as it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parkgeo.cli.console import print_json
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations

__all__ = ["layout"]

WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")]


def layout(
    *,
    workspace: WorkspaceDir,
    park: Annotated[str, typer.Option(help="One park of several.", metavar="ID")] = "",
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Say how the park is laid out, and what stands where it should not.

    Uses and their mix, blocks, junctions, holdings; then the worst conflicts with neighbours, the plan and constraints.
    """
    from parkgeo.cli.layout import print_layout
    from parkgeo.i18n import choose_language
    from parkgeo.report.layout_facts import layout_summary
    from parkgeo.store import Workspace

    spoken = choose_language(lang or None)
    snapshot = Workspace(workspace).current()
    told = layout_summary(snapshot, park)
    if as_json:
        print_json(told)
    else:
        print_layout(told, snapshot, spoken)
