"""The work itself, in a job's own process: an archive becomes a snapshot, a scenario becomes its differences.

Gives what the job's record says in the end: ``state``, ``message`` in both languages, and what is known of the data.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from api.jobs.confine import check_files, check_text
from api.jobs.job import both
from api.jobs.unpack import unpack
from parkgeo.errors import StoreError
from parkgeo.guess import guess_folder, write_document
from parkgeo.layers import sentence
from parkgeo.project import read_project
from parkgeo.store import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from parkgeo.guess import Draft
    from parkgeo.project import Project
    from parkgeo.store import Snapshot

__all__ = [
    "ACCOUNT",
    "ACCOUNT_BOOK",
    "DRAFT",
    "DRAWING",
    "SCENARIO",
    "records",
    "work_on_scenario",
    "work_on_upload",
]

ACCOUNT, ACCOUNT_BOOK, DRAFT, SCENARIO = "account.json", "account.xlsx", "park.toml", "scenario.json"
DRAWING = "scenario.geojson"
"""As a client sends a scenario."""
_ACCOUNT = ("sources", "rejects", "repairs", "faults")
_COUNTS = ("rows_declared", "rows_accepted", "rows_rejected", "rows_repaired")


def work_on_upload(order: dict[str, Any], folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Unpack an upload, read it, and unless it is only checked, analyse and publish it.

    Parameters
    ----------
    order
        ``workspace``, ``store`` (the database that the service shows, or empty), ``unpacked_bytes`` and what the client asked for: ``name``, ``check``, ``accept``, ``as_of``.
    folder
        The job's, with ``upload.zip``.
    tell
        Called with the name of each step as it is begun; before ``snapshot`` it waits for leave to publish.

    Raises
    ------
    ParkgeoError
        What is wrong with the upload.
    """
    tell("unpack")
    root = unpack(folder / "upload.zip", folder / "files", order["unpacked_bytes"])
    told: dict[str, Any] = {}
    if not (root / "park.toml").is_file():
        tell("guess")
        draft = guess_folder(root)
        if draft.name == root.name == "files":
            draft = replace(draft, name=order["name"] or "park")
        write_document(draft, root / "park.toml")
        (folder / DRAFT).write_bytes((root / "park.toml").read_bytes())
        told["guess"] = _guess(draft)
        if not draft.has("parcels") or not (draft.sure or order["accept"]):
            return {**told, "state": "needs_attention", "message": both(_unsure(draft))}
    check_text(root / "park.toml")
    as_of = dt.date.fromisoformat(order["as_of"]) if order["as_of"] else None
    project = read_project(root / "park.toml").with_options(as_of=as_of)
    check_files(project)
    return told | (
        _check(project, folder, tell) if order["check"] else _analyse(project, order, folder, tell)
    )


def _unsure(draft: Draft) -> Any:
    if not draft.has("parcels"):
        return sentence("No file looks like the parcels, the one layer that must be there. Correct the drafted park.toml and upload it with the files.")  # fmt: skip
    return sentence("The files hold no park.toml, and not every guess at one is sure. Correct the drafted park.toml and upload it with the files, or upload them again with accept=guess.")  # fmt: skip


def _guess(draft: Draft) -> dict[str, Any]:
    """How sure the drafted park.toml is, layer by layer."""
    layers = [
        {
            "layer": entry.layer,
            "file": entry.path.relative_to(draft.folder).as_posix(),
            "table": entry.table,
            "used": entry.not_live is None,
            "confidence": entry.confidence,
            "crs_sure": entry.system is None or entry.system.sure,
            "fields": {guess.field.name: guess.confidence for guess in entry.columns},
        }
        for entry in draft.entries
    ]
    return {"sure": draft.sure, "layers": layers, "files_not_used": len(draft.not_used)}


def _check(project: Project, folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    from parkgeo.ingest import read_layers

    intake = read_layers(project, progress=tell)
    said = (
        sentence("Checked: nothing rejected, no faults. Nothing was published.")
        if intake.clean
        else sentence("Checked: there are rejects or faults to mend. Nothing was published.")
    )
    told = {"state": "done", "message": both(said), "clean": intake.clean}
    return told | _account(intake.account, intake.layers.missing(), folder)


def _analyse(
    project: Project, order: dict[str, Any], folder: Path, tell: Callable[[str], None]
) -> dict[str, Any]:
    from parkgeo.pipeline import run_project

    run = run_project(project, order["workspace"], progress=tell)
    shown = _show(run.snapshot, order["store"], tell) if order["store"] else {}
    said = shown.pop("said", None) or (
        sentence("Published: {name}.", name=run.snapshot.name)
        if run.clean
        else sentence(
            "Published with rejects or faults: {name}. Look at the account.", name=run.snapshot.name
        )
    )
    account = {name: run.snapshot.read(name) for name in _ACCOUNT}
    told = {
        "state": "done",
        "message": both(said),
        "clean": run.clean,
        "snapshot": run.snapshot.name,
        **shown,
    }
    return told | _account(account, run.snapshot.manifest["layers_missing"], folder)


def _show(snapshot: Snapshot, store: str, tell: Callable[[str], None]) -> dict[str, Any]:
    """Publish a snapshot also to the database that the service shows; where that cannot be, say so."""
    from api.postgis import publish

    tell("database")
    try:
        publish(snapshot, store)
    except StoreError as error:
        what, mend = error.what, error.mend
    except MemoryError:
        what, mend = "it needs more memory than a job may have", "raise PARKGEO_JOB_MEMORY_BYTES"
    else:
        return {"database": {"published": True}}
    said = sentence(
        "Published to the workspace, not to the database that the service shows ({what}): {name}. Run parkgeo publish with a role that may write there.",
        what=what, name=snapshot.name,
    )  # fmt: skip
    return {"said": said, "database": {"published": False, "what": what, "mend": mend}}


def _account(account: dict[str, pd.DataFrame], missing: Any, folder: Path) -> dict[str, Any]:
    """What became of the rows in numbers; row by row it is written beside, for those who may see it."""
    from parkgeo.export import write_tables

    whole = {name: account[name] for name in _ACCOUNT}
    (folder / ACCOUNT).write_bytes(_json({name: records(table) for name, table in whole.items()}))
    write_tables(whole, folder / ACCOUNT_BOOK)
    sums = account["sources"].groupby("layer", sort=False)[list(_COUNTS)].sum()
    layers = [{"layer": name, **row} for name, row in sums.astype(object).to_dict(orient="index").items()]
    severity = account["faults"]["severity"]
    counts = {"faults": int((severity == "fault").sum()), "notes": int((severity == "note").sum())}
    return {"account": {"layers": layers, **counts, "layers_missing": list(missing)}}


def work_on_scenario(order: dict[str, Any], folder: Path, tell: Callable[[str], None]) -> dict[str, Any]:
    """Work out what a drawn scenario would change in a snapshot, which stays as it is.

    Parameters
    ----------
    order
        ``workspace``, ``snapshot``, and what the client asked for: ``name``, ``crs``.
    folder
        The job's, with ``scenario.geojson``.
    tell
        Called with the name of each step as it is begun.

    Raises
    ------
    ParkgeoError
        What cannot be followed, feature by feature.
    """
    from parkgeo.ingest.openers import opener_for
    from parkgeo.ingest.scenarios import drawn_scenario
    from parkgeo.pipeline.recall import recalled
    from parkgeo.pipeline.scenario import outcome, scenario_faults

    tell("read")
    snapshot = Workspace(order["workspace"]).snapshot(order["snapshot"])
    desk = recalled(snapshot)
    with opener_for(trusted=False, rasters=False) as opener:
        asked = drawn_scenario(
            opener,
            folder / DRAWING,
            snapshot.crs,
            stated_crs=order["crs"],
            more=lambda readable: scenario_faults(desk.layers, desk.rules, readable),
        )
    tell("compare")
    found = outcome(desk, replace(asked, name=order["name"] or asked.name))
    told = {
        "changes": records(found.changes.drop(columns="geometry")),
        "parks": records(found.parks),
        "parcels": records(found.parcels),
    }
    (folder / SCENARIO).write_bytes(_json(told))
    said = (
        sentence("Worked out: {parcels} parcels would differ.", parcels=found.parcels["parcel_id"].nunique())
        if found.clean
        else sentence("Worked out: {parcels} parcels would differ; some changes are to be looked at.", parcels=found.parcels["parcel_id"].nunique())
    )  # fmt: skip
    return {"state": "done", "message": both(said), "clean": found.clean, "snapshot": snapshot.name}


def records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """A table's rows; what is missing is None."""
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).to_dict(orient="records")


def _json(value: Any) -> bytes:
    """JSON; what is no number is null there."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY, default=str)
