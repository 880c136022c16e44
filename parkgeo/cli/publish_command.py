"""``parkgeo publish``: a snapshot into PostGIS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from parkgeo.cli.console import out, print_json
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations
from parkgeo.errors import ProjectError

__all__ = ["publish"]

WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")]


def publish(
    address: Annotated[
        str,
        typer.Argument(
            help="The database; else PARKGEO_STORE. Others on this machine can read a command line: keep passwords in a .pgpass file.",
            metavar="postgresql://…",
        ),
    ] = "",
    *,
    workspace: WorkspaceDir,
    snapshot: Annotated[
        str, typer.Option(help="An earlier analysis; else the live one.", metavar="NAME")
    ] = "",
    reader: Annotated[str, typer.Option(help="A role that may read it from now on.", metavar="ROLE")] = "",
    keep: Annotated[int, typer.Option(help="Snapshots to keep there; 0 keeps all.", min=0)] = 0,
    again: Annotated[bool, typer.Option("--again", help="Write it anew where it is there already.")] = False,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Write an analysis into a PostGIS database and make it the live one there.

    It is one transaction: readers see the analysis before or this one, never half. Personal fields are masked in what is written.
    """
    from dataclasses import asdict

    from parkgeo.i18n import choose_language, say
    from parkgeo.store import Workspace

    try:
        from api.postgis import publish as write
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ProjectError(
            "publishing to a database needs psycopg", mend="install it: pip install 'parkgeo[postgis]'"
        ) from error
    store = address or os.environ.get("PARKGEO_STORE", "")
    if not store:
        raise ProjectError(
            "no database is named", mend="parkgeo publish postgresql://host/database, or set PARKGEO_STORE"
        )
    spoken = choose_language(lang or None)
    there = Workspace(workspace)
    found = there.snapshot(snapshot) if snapshot else there.current()
    done = write(found, store, reader=reader, keep=keep, again=again)
    if as_json:
        print_json(asdict(done))
        return
    sentence = "Published: {name}, {rows} rows, in the schema {schema}." if done.written else (
        "{name} was there already, in the schema {schema}; it is the live one."
    )  # fmt: skip
    out().print(say(sentence, spoken, name=done.name, rows=done.rows, schema=done.schema), soft_wrap=True)
    if done.made_srid:
        out().print(
            say("The working coordinate system has no EPSG number; the database knows it as SRID {srid}.", spoken, srid=done.srid),
            soft_wrap=True,
        )  # fmt: skip
    for name in done.removed:
        out().print(say("Removed: {name}", spoken, name=name), soft_wrap=True)
