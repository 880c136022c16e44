"""A project → a snapshot."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo import __version__
from parkgeo.assess import CODES
from parkgeo.catalogue import catalogue
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.pictures import image_pictures
from parkgeo.ingest.pixels import parcel_pixels
from parkgeo.ingest.read import read_with
from parkgeo.ingest.scenarios import read_scenarios
from parkgeo.ingest.terrain import parcel_terrain
from parkgeo.packs import load_packs
from parkgeo.pipeline.analysis import analyse
from parkgeo.pipeline.scenario import after_changes
from parkgeo.project import RASTER_LAYERS
from parkgeo.store import Workspace
from parkgeo.store.photo_places import take_photos

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.ingest import Intake
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.analysis import Analysis
    from parkgeo.project import Project
    from parkgeo.store import Snapshot
    from parkgeo.store.photo_places import Taken

__all__ = ["Run", "run_project"]


@dataclass(frozen=True)
class Run:
    """A finished run of a project.

    Attributes
    ----------
    snapshot
        What was published.
    clean
        Whether no row was rejected and nothing was at fault.
    photos
        What became of the photos that the project names; None where it names none.
    """

    snapshot: Snapshot
    clean: bool
    photos: Taken | None = None


def run_project(
    project: Project,
    workspace: Path | str,
    *,
    trusted: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Read a project, analyse it and publish the result.

    Parameters
    ----------
    project
        What park.toml says.
    workspace
        Folder of the snapshots; made where it is not there.
    trusted
        Open the project's files in this process; else in a process of their own.
    progress
        Called with the name of each step as it is begun.

    Returns
    -------
    Run

    Raises
    ------
    ParkgeoError
        See `parkgeo.ingest.read_layers`, `parkgeo.packs.load_packs` and `parkgeo.store.Workspace.publish`. The live
        snapshot then stays as it was.
    """
    as_of = project.as_of or dt.datetime.now().astimezone().date()
    rules = load_packs(project.packs, project.folder)
    rasters = any(project.sources.get(layer) for layer in RASTER_LAYERS)
    with opener_for(trusted=trusted, rasters=rasters) as opener:
        intake = read_with(opener, project, progress=progress)
        progress("imagery")
        layers = intake.layers
        scenarios, drawn = read_scenarios(opener, project, intake.crs)
        for scenario in scenarios:
            after_changes(layers, rules, scenario)  # what cannot be followed is said before the work is done
        pixels, unseen = parcel_pixels(
            opener, layers.imagery, layers.parcels, rules, until=as_of, shown=project.shown
        )
        used = set(pixels["source_file"])
        pictures, unpictured = image_pictures(
            opener, layers.imagery, layers.parcels, rules, used, shown=project.shown
        )
        terrain, unlevelled = parcel_terrain(opener, layers.dem, layers.parcels, rules, shown=project.shown)
    unseen = pd.concat([unseen, unpictured, unlevelled], ignore_index=True)
    faults = pd.concat([intake.account["faults"], unseen], ignore_index=True)
    progress("analysis")
    analysis = analyse(
        layers, rules, as_of, pixels=pixels if project.sources.get("imagery") else None, terrain=terrain,
        scenarios=scenarios,
    )  # fmt: skip
    progress("snapshot")
    shown = {"image_pictures": pictures} if len(pictures) else {}
    tables = analysis.tables.beside({**shown, **intake.account, "faults": faults})
    manifest = _manifest(project, intake, rules, analysis, drawn)
    published = Workspace(workspace).publish(as_of, tables, catalogue(rules), manifest)
    taken = None
    if project.photos is not None:
        taken = take_photos(Path(workspace), project.photos, layers.parcels)
    return Run(published, intake.clean and not (unseen["severity"] == "fault").any(), taken)


def _manifest(
    project: Project, intake: Intake, rules: RuleBook, analysis: Analysis, drawn: tuple[dict[str, str], ...]
) -> dict[str, Any]:
    return {
        "version": __version__,
        "park": project.name,
        "crs": intake.crs.to_wkt(),
        "packs": [
            {"name": pack.name, "edition": pack.edition, "sha256": pack.sha256} for pack in rules.packs
        ],
        "switched_on": sorted(key for pack in rules.packs for key in pack.switch_on),
        "inputs": [*intake.inputs, *drawn],
        "project_sha256": hashlib.sha256(project.path.read_bytes()).hexdigest(),
        "layers_missing": list(intake.layers.missing()),
        "findings_judged": [code.code for code in CODES if code.figure in rules.figures],
        **analysis.facts,
    }
