"""``parkgeo access``, as it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from parkgeo.cli.console import print_json
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations

__all__ = ["access"]

WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")]


def access(
    *,
    workspace: WorkspaceDir,
    parcel: Annotated[str, typer.Option(help="One parcel: its ways, score and services.", metavar="ID")] = "",
    report: Annotated[
        bool, typer.Option("--report", help="List what is wrong with the road network.")
    ] = False,
    matrix: Annotated[
        Path | None,
        typer.Option(help="Write minutes and km of all pairs, as Parquet.", metavar="FILE.parquet"),
    ] = None,
    to: Annotated[
        str, typer.Option(help="The matrix leads to facilities of this kind.", metavar="KIND")
    ] = "",
    between: Annotated[bool, typer.Option("--between", help="The matrix is between parcels.")] = False,
    isochrones: Annotated[
        Path | None,
        typer.Option(help="Write the ground reached within some minutes.", metavar="FILE.geojson"),
    ] = None,
    start: Annotated[
        str, typer.Option("--from", help="Isochrones of facilities of this kind.", metavar="KIND")
    ] = "",
    minutes: Annotated[
        str, typer.Option(help="Minutes of the isochrones; else 5,10,15.", metavar="5,10,15")
    ] = "",
    mode: Annotated[str, typer.Option(help="car, truck or walk; of matrix and isochrones.")] = "car",
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Say how well the land is connected: minutes, services, links that matter.

    Matrices and isochrones are worked out from the roads of the live snapshot and written to files.
    """
    from parkgeo.cli.access import print_access, print_parcel_access, print_remarks
    from parkgeo.cli.access_written import print_written, write_files
    from parkgeo.i18n import choose_language
    from parkgeo.report import access_of_parcel, access_summary, network_remarks
    from parkgeo.store import Workspace

    spoken = choose_language(lang or None)
    snapshot = Workspace(workspace).current()
    written = write_files(
        snapshot, matrix=matrix, to=to, between=between, isochrones=isochrones, start=start, minutes=minutes, mode=mode
    )  # fmt: skip
    if parcel:
        told = access_of_parcel(snapshot, parcel)
    elif report:
        told = {"remarks": network_remarks(snapshot)}
    else:
        told = {} if written else access_summary(snapshot)
    if as_json:
        files = {str(file): done for file, done in written.items()}
        rows, without = ({file: done[at] for file, done in files.items()} for at in (0, 1))
        print_json(told | {"written": rows, "without": without})
        return
    print_written(written, spoken)
    if parcel:
        print_parcel_access(told, snapshot, spoken)
    elif report:
        print_remarks(told["remarks"], snapshot, spoken)
    elif told:
        print_access(told, snapshot, spoken)
