"""A made-up park at two days, for tests of what people see of its history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from parkgeo.store import Workspace
from tests.report_snapshot import build_report_snapshot
from tests.snapshot_builder import AS_OF

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.store import Snapshot

BEFORE = dt.date(2025, 6, 30)
FELL = 0.9
"""What output and the park's figures were before, as a share of what they are."""

_VERDICTS = ("idle_suspended", "low_efficiency", "evidence_conflict", "grade")
_WRITTEN = ("name", "as_of", "tables", "catalogue_sha256")


def build_history(folder: Path, scratch: Path, *, hostile: bool = False) -> tuple[Snapshot, Snapshot]:
    """Publish the park of `tests.report_snapshot` as it was a year before, and then as it is.

    Before, the first two idle parcels were not idle, the first that is not idle was, output was less, and the last parcel was not there.

    Parameters
    ----------
    folder
        The workspace's folder.
    scratch
        An empty folder for what is built on the way.
    hostile
        As `tests.report_snapshot.build_report_snapshot` has it.

    Returns
    -------
    tuple of (Snapshot, Snapshot)
        Before and now; the live one is the second.
    """
    now = build_report_snapshot(scratch, hostile=hostile)
    tables = {name: now.read(name) for name in now.tables}
    manifest = {key: value for key, value in now.manifest.items() if key not in _WRITTEN}
    parcels = tables["parcels"].iloc[:-1].copy()
    idle, calm = (parcels.index[parcels["idle"] == verdict] for verdict in ("yes", "no"))
    parcels.loc[idle[:2], "idle"] = "no"
    parcels.loc[calm[:1], "idle"] = "yes"
    parcels["output_wan_per_mu"] *= FELL
    indicators = tables["indicators"].copy()
    indicators["value"] *= FELL
    # Verdicts are codes, as an analysis writes them.
    fields = now.catalogue["fields"]
    verdicts = {name: {**fields["parcels"][name], "type": "code"} for name in _VERDICTS}
    catalogue = {**now.catalogue, "fields": {**fields, "parcels": {**fields["parcels"], **verdicts}}}
    workspace = Workspace(folder)
    before = workspace.publish(
        BEFORE, tables | {"parcels": parcels, "indicators": indicators}, catalogue, manifest
    )
    return before, workspace.publish(AS_OF, tables, catalogue, manifest)


__all__ = ["BEFORE", "FELL", "build_history"]
