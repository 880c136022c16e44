"""Commands. Each imports what it needs when it runs, so that help answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parkgeo.cli import serve_command
from parkgeo.cli.access_command import access
from parkgeo.cli.allocate_command import allocate
from parkgeo.cli.console import out, print_json, progress, survive_any_encoding
from parkgeo.cli.keys import keys_app
from parkgeo.cli.layout_command import layout
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations
from parkgeo.cli.publish_command import publish
from parkgeo.cli.rules import packs_app
from parkgeo.cli.serve_command import listen, run_server
from parkgeo.cli.siting_command import fit, sites
from parkgeo.cli.tiles_command import tiles
from parkgeo.errors import ParkgeoError, ProjectError

if TYPE_CHECKING:
    import datetime as dt

    from parkgeo.pipeline import Run
    from parkgeo.store import Snapshot

__all__ = ["app", "main"]

DONE, DONE_WITH_FAULTS, CANNOT_RUN, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="parkgeo",
    help="What the land of an industrial park is doing: idle land, yield per mu, maps and GeoJSON.",
    epilog="Exit codes: 0 done, 1 done with rejects or faults, 2 cannot run. --debug shows where an error arose.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich would cost as much as all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(packs_app, name="packs")
app.add_typer(keys_app, name="keys")

ProjectFile = Annotated[
    Path, typer.Argument(help="The park.toml of a project, or its folder.", metavar="park.toml")
]
WorkspaceDir = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the analyses.")]
AsOf = Annotated[
    str, typer.Option(help="Judge the land for this day (YYYY-MM-DD); else park.toml's, else today.")
]
Packs = Annotated[list[str], typer.Option("--pack", help="A further rule pack, over those of park.toml.")]
Port = Annotated[int, typer.Option(help="Port to serve at.", min=1, max=65535)]
Trusted = Annotated[
    bool,
    typer.Option("--trusted", help="Open the files in this process: only where you know whence they come."),
]
OutFile = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]
FontPath = Annotated[
    Path | None, typer.Option(help="Folder with a Chinese font, where the system has none.", metavar="DIR")
]


def main() -> None:
    """Run the command line; the entry point of ``parkgeo``."""
    survive_any_encoding()
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments)
    except ParkgeoError as error:
        if debug:
            raise
        _complain(str(error))
    except BrokenPipeError:
        # The reader of the pipe went away; what is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CANNOT_RUN)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        if debug:
            raise
        _complain(
            f"{error.strerror or error}: {error.filename or 'output'} — free space, or choose a place that can be written"
        )
    except Exception as error:
        if debug:
            raise
        _complain(
            f"{type(error).__name__}: {error} — a fault of parkgeo; run again with --debug and report what it shows"
        )


def _complain(message: str) -> None:
    out(stderr=True).print(f"parkgeo: {message}", soft_wrap=True)
    sys.exit(CANNOT_RUN)


@app.callback(invoke_without_command=True)
def version(
    *, show: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False
) -> None:
    """Print the version."""
    if show:
        from parkgeo import __version__

        out().print(f"parkgeo {__version__}")
        raise typer.Exit


@app.command()
def demo(
    *,
    workspace: WorkspaceDir = Path("parkgeo-demo"),
    serve: Annotated[bool, typer.Option(help="Serve the result until stopped.")] = True,
    port: Port = 8000,
    lang: Lang = "",
) -> None:
    """Make, analyse and serve the sample park.

    Writes the register, the GeoPackage and the map into the workspace, then serves until stopped.
    """
    from parkgeo.cli.products import write_products
    from parkgeo.cli.summary import print_summary
    from parkgeo.i18n import choose_language, say
    from parkgeo.pipeline import run_project
    from parkgeo.project import read_project
    from parkgeo.sample import write_sample

    spoken = choose_language(lang or None)
    door = listen("127.0.0.1", port) if serve else None
    with progress(quiet=False) as tell:
        tell(say("sample park", spoken))
        project = read_project(write_sample(workspace / "sample"))
        run = run_project(project, workspace, trusted=True, progress=tell)
        tell(say("map, register, GeoPackage", spoken))
        files = write_products(run.snapshot, workspace)
    print_summary(run.snapshot, spoken)
    for file in files:
        out().print(say("wrote {file}", spoken, file=file), soft_wrap=True)
    _finish(run, spoken, serving=serve)
    if door is not None:
        told = {
            "WORKSPACE": str(workspace),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LANG": spoken,
            "LOG": "off",
        }
        run_server({f"PARKGEO_{name}": value for name, value in told.items()}, door)
    raise typer.Exit(DONE if run.clean else DONE_WITH_FAULTS)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder with the park's files.", metavar="FOLDER")],
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; else park.toml in the folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    trusted: Trusted = False,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Look at a folder's files and write a commented park.toml.

    Says which file it takes for which layer and which column for which field, how sure it is of each, and why. Exit codes: 0 all sure, 1 something is to be looked at, 2 no parcels were found.
    """
    from parkgeo.cli.start import check_place, draft_json, print_draft
    from parkgeo.guess import guess_folder, write_document
    from parkgeo.i18n import choose_language

    spoken = choose_language(lang or None)
    place = output if output is not None else folder / "park.toml"
    check_place(place, force=force)
    with progress(quiet=as_json) as tell:
        draft = guess_folder(folder, trusted=trusted, progress=tell)
    write_document(draft, place)
    if as_json:
        print_json(draft_json(draft, place))
    else:
        print_draft(draft, place, spoken)
    raise typer.Exit(CANNOT_RUN if not draft.has("parcels") else DONE if draft.sure else DONE_WITH_FAULTS)


@app.command()
def check(
    project: ProjectFile,
    *,
    out_dir: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Write the account here, and the rejected rows to be mended, as Excel and GeoPackage.",
        ),
    ] = None,
    trusted: Trusted = False,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Read a project's files and say what became of every row."""
    from parkgeo.cli.account import account_json, print_account, write_account
    from parkgeo.i18n import choose_language
    from parkgeo.ingest import read_layers
    from parkgeo.project import read_project

    spoken = choose_language(lang or None)
    with progress(quiet=as_json) as tell:
        intake = read_layers(read_project(project), trusted=trusted, progress=tell)
    written = write_account(intake, out_dir) if out_dir is not None else []
    if as_json:
        print_json(account_json(intake))
    else:
        print_account(intake, spoken, written)
    raise typer.Exit(DONE if intake.clean else DONE_WITH_FAULTS)


@app.command()
def analyze(
    project: ProjectFile,
    *,
    workspace: WorkspaceDir,
    as_of: AsOf = "",
    pack: Packs = [],  # noqa: B006 - typer reads the default and never changes it
    trusted: Trusted = False,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Analyse a project into a workspace."""
    from parkgeo.cli.summary import print_summary, summary_json
    from parkgeo.i18n import choose_language
    from parkgeo.pipeline import run_project
    from parkgeo.project import read_project

    spoken = choose_language(lang or None)
    chosen = read_project(project).with_options(as_of=_day(as_of), packs=tuple(pack))
    with progress(quiet=as_json) as tell:
        run = run_project(chosen, workspace, trusted=trusted, progress=tell)
    if as_json:
        print_json(summary_json(run.snapshot, clean=run.clean))
    else:
        print_summary(run.snapshot, spoken)
        _finish(run, spoken)
    raise typer.Exit(DONE if run.clean else DONE_WITH_FAULTS)


@app.command()
def explain(
    parcel: Annotated[str, typer.Argument(help="Parcel ID.", metavar="PARCEL")],
    *,
    workspace: WorkspaceDir,
    as_json: Json = False,
    html: Annotated[
        Path | None, typer.Option(help="Write the dossier as one HTML file.", metavar="FILE")
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the dossier as PDF.", metavar="FILE")] = None,
    lang: Lang = "",
    font_path: FontPath = None,
) -> None:
    """Say why a parcel is judged as it is.

    Verdicts, figures, evidence with file and row, and what is missing; printed, or as a dossier to be filed.
    """
    from parkgeo.cli.dossier import print_dossier, write_dossiers
    from parkgeo.i18n import choose_language
    from parkgeo.report import dossier

    spoken = choose_language(lang or None)
    snapshot = _current(workspace)
    told = dossier(snapshot, parcel)
    written = write_dossiers(snapshot, parcel, {".html": html, ".pdf": pdf}, lang=spoken, fonts=font_path)
    if as_json:
        print_json(told)
    elif written:
        _say_written(written, spoken)
    else:
        print_dossier(told, snapshot, spoken)


app.command()(access)
app.command()(layout)
app.command()(sites)
app.command()(fit)
app.command()(allocate)
app.command()(publish)
app.command()(tiles)
app.command()(serve_command.serve)


@app.command()
def scenario(
    changes: Annotated[
        Path | None,
        typer.Argument(help="GeoJSON of what would change; else park.toml's.", metavar="CHANGES.geojson"),
    ] = None,
    *,
    workspace: WorkspaceDir,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write what differs: .xlsx .csv .geojson.")
    ] = None,
    crs: Annotated[str, typer.Option(help="Coordinate system of the file, where it does not say.")] = "",
    trusted: Trusted = False,
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Say what would differ if roads, facilities or mains were changed.

    Each feature has an action: add_road, close_road, change_road, add_facility or add_main. The snapshot stays as it is. Exit codes: 0 done, 1 a change is to be looked at, 2 cannot run.
    """
    from parkgeo.cli.scenario import found_in, print_scenario, scenario_json, work_out, write_scenario
    from parkgeo.i18n import choose_language

    spoken = choose_language(lang or None)
    snapshot = _current(workspace)
    with progress(quiet=as_json) as tell:
        told = (
            found_in(snapshot)
            if changes is None
            else work_out(snapshot, changes, crs=crs, trusted=trusted, progress=tell)
        )
    if output is not None:
        write_scenario(told, snapshot, output, lang=spoken)
    if as_json:
        print_json(scenario_json(told, snapshot))
    else:
        print_scenario(told, snapshot, spoken)
        _say_written([output] if output is not None else [], spoken)
    raise typer.Exit(DONE_WITH_FAULTS if bool(told.changes["doubtful"].any()) else DONE)


@app.command()
def report(*, workspace: WorkspaceDir, output: OutFile, lang: Lang = "", font_path: FontPath = None) -> None:
    """Write the park report.

    The format follows the file's ending: .docx .pdf .html. Main answers first, then maps, charts, tables, method and sources, and what is missing.
    """
    from parkgeo.i18n import choose_language
    from parkgeo.report import write_report

    spoken = choose_language(lang or None)
    write_report(_current(workspace), output, lang=spoken, fonts=font_path)
    _say_written([output], spoken)


@app.command(name="map")
def write_map(
    *,
    workspace: WorkspaceDir,
    output: OutFile,
    spec: Annotated[
        list[Path] | None,
        typer.Option(help="A map of your own, see docs/maps.md; may be repeated.", metavar="FILE"),
    ] = None,
    lang: Lang = "",
) -> None:
    """Write the map as one HTML file, for offline use.

    It offers the office's own maps from the folder "maps" of the workspace too, and first those given by --spec.
    """
    from maps import render_map
    from parkgeo.cli.map_specs import gather_specs
    from parkgeo.files import publish_file
    from parkgeo.i18n import choose_language, say

    spoken = choose_language(lang or None)
    if output.suffix.lower() not in (".html", ".htm"):
        raise ProjectError(f"a map is an .html file, not {output.name!r}", mend="end the name in .html")
    snapshot = _current(workspace)
    page = render_map(snapshot, lang=spoken, specs=gather_specs(snapshot, workspace, spec or ()))
    with publish_file(output) as beside:
        beside.write_text(page, encoding="utf-8", newline="\n")
    out().print(say("wrote {file}", spoken, file=output), soft_wrap=True)


@app.command()
def export(
    layer: Annotated[
        str, typer.Argument(help="parcels, findings, indicators … or register, all.", metavar="LAYER")
    ],
    *,
    workspace: WorkspaceDir,
    output: OutFile,
    where: Annotated[
        str, typer.Option(help="Only the rows where this CQL2 expression holds.", metavar="CQL2")
    ] = "",
    personal: Annotated[
        bool, typer.Option("--personal", help="Leave people's names and telephones in clear; else ***.")
    ] = False,
    words: Annotated[
        bool, typer.Option("--words", help="For people: words for codes, figures rounded (.xlsx, .csv).")
    ] = False,
    lang: Lang = "",
) -> None:
    """Write a layer to a file.

    The format follows the file's ending: .gpkg .geojson .xlsx .csv .parquet .shp .fgb. "parcels" with .pdf or .docx is a list for paper with a map; "register" with .xlsx, .pdf or .docx is the register of suspected idle land, "all" with .gpkg is every layer in one GeoPackage.
    """
    from parkgeo.cli.products import write_parcel_list
    from parkgeo.export import export_table, write_geopackage, write_register
    from parkgeo.i18n import choose_language, say
    from parkgeo.report import write_register_document

    spoken = choose_language(lang or None)
    snapshot = _current(workspace)
    paper = dict.fromkeys((".pdf", ".docx"), write_register_document)
    whole = {"register": {".xlsx": write_register, **paper}, "all": {".gpkg": write_geopackage}}
    if layer in whole and layer not in snapshot.tables:
        write = whole[layer].get(output.suffix.lower())
        if write is None or where or personal:
            raise ProjectError(
                f"{layer} is written whole, to a file ending in {' or '.join(whole[layer])}",
                mend="leave out --where and --personal",
            )
        write(snapshot, output, lang=spoken)
        out().print(say("wrote {file}", spoken, file=output), soft_wrap=True)
        return
    if words and output.suffix.lower() not in (".xlsx", ".csv"):
        raise ProjectError(
            f"codes are written as words in .xlsx and .csv alone, not in {output.suffix!r}",
            mend="leave out --words",
        )
    if layer == "parcels" and output.suffix.lower() in (".pdf", ".docx", ".html", ".htm"):
        rows = write_parcel_list(snapshot, output, where=where, lang=spoken, personal=personal)
    else:
        rows = export_table(
            snapshot, layer, output, where=where or None, lang=spoken, personal=personal, words=words
        )
    out().print(say("wrote {file}: {rows} rows", spoken, file=output, rows=rows), soft_wrap=True)
    if personal:
        said = say(
            "It holds people's names and telephones in clear: give it to nobody who may not see them.", spoken
        )
        out().print(said, soft_wrap=True)


def _say_written(files: list[Path], lang: str) -> None:
    from parkgeo.i18n import say

    for file in files:
        out().print(say("wrote {file}", lang, file=file), soft_wrap=True)


def _current(workspace: Path) -> Snapshot:
    from parkgeo.store import Workspace

    return Workspace(workspace).current()


def _day(text: str) -> dt.date | None:
    import datetime as dt

    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ProjectError(f"--as-of must be a day such as 2026-06-30, not {text!r}") from error


def _finish(run: Run, lang: str, *, serving: bool = False) -> None:
    """The last lines of a run: what was made, and whether something is to be looked at."""
    from parkgeo.cli.summary import print_photos
    from parkgeo.i18n import say

    if run.photos is not None:
        print_photos(run.photos, lang)
    sentence = "Done: {name}." if run.clean else "Done with rejects or faults: {name}. See parkgeo check."
    out().print(
        say(sentence, lang, name=run.snapshot.name) if not serving or not run.clean else "", soft_wrap=True
    )
