"""``parkgeo tiles``, as it is asked for."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from parkgeo.cli.console import out, progress
from parkgeo.cli.options import Lang  # noqa: TC001 - typer reads the annotations
from parkgeo.errors import ProjectError

__all__ = ["tiles"]


def tiles(
    *,
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write, ending in .pmtiles.")],
    collections: Annotated[
        str, typer.Option(help="Only these layers, with commas between.", metavar="parcels,buildings")
    ] = "",
    max_zoom: Annotated[
        int, typer.Option(help="Deepest level; programs enlarge beyond it.", min=0, max=18)
    ] = 16,
    lang: Lang = "",
) -> None:
    """Write the vector tiles of the live analysis into one PMTiles file.

    A web map reads it from any static server; QGIS and GDAL open it. People's names and numbers are not in it.
    """
    from api.tiles.archive import write_pmtiles
    from parkgeo.i18n import choose_language, say
    from parkgeo.store import Workspace

    spoken = choose_language(lang or None)
    if output.suffix.lower() != ".pmtiles":
        raise ProjectError(f"tiles are a .pmtiles file, not {output.name!r}", mend="end the name in .pmtiles")
    snapshot = Workspace(workspace).current()
    with progress(quiet=False) as tell:
        count = write_pmtiles(
            snapshot,
            output,
            collections.split(",") if collections else None,
            max_zoom,
            lang=spoken,
            progress=tell,
        )
    out().print(say("wrote {file}: {tiles} tiles", spoken, file=output, tiles=count), soft_wrap=True)
