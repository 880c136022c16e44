"""The maps that ``parkgeo map`` offers: parkgeo's, the office's in the workspace, and those named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.cli.console import out

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from maps.specs import MapSpec
    from parkgeo.store import Snapshot

__all__ = ["gather_specs"]


def gather_specs(snapshot: Snapshot, workspace: Path, named: Iterable[Path]) -> list[MapSpec]:
    """The maps to choose from, the first shown first.

    Parameters
    ----------
    snapshot
        Knows the columns.
    workspace
        Its folder ``maps`` holds the office's own. What is wrong with one of them is said, and the others are used.
    named
        Files that somebody asked for; they come first.

    Raises
    ------
    ProjectError
        A file that was asked for is no map, or is coloured by what the catalogue does not know.
    """
    from maps.specs import check_colours, lay_specs, read_spec, workspace_specs

    asked = {spec.id: spec for spec in map(read_spec, named)}
    check_colours(snapshot, asked.values())
    own, problems = workspace_specs(workspace)
    for problem in problems:
        out(stderr=True).print(str(problem), soft_wrap=True, markup=False, style="yellow")
    return [*asked.values(), *(spec for spec in lay_specs(own) if spec.id not in asked)]
