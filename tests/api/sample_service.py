"""The sample park, served from a copy of its workspace: what jobs publish there is no other test's business."""

from __future__ import annotations

import contextlib
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests import office
from tests.api.conftest import started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.store import Snapshot


ROOT = Path(__file__).parents[2]
(HANDBOOK_CHANGES,) = re.findall(
    r"```json\n(.*?)```", (ROOT / "docs/accessibility.md").read_text(encoding="utf-8"), flags=re.DOTALL
)
"""The scenario that the handbook shows, about the sample park."""


@contextlib.contextmanager
def serve_copy(snapshot: Snapshot, folder: Path) -> Iterator[str]:
    """A really started server over a copy of a snapshot's workspace; gives its address."""
    workspace = snapshot.path.parents[1]
    shutil.copytree(workspace / "snapshots", folder / "snapshots")
    shutil.copy(workspace / "CURRENT", folder / "CURRENT")
    with started(folder) as url:
        yield url


def pack_office(folder: Path) -> Path:
    """Three parcels of an office, as it would send them."""
    holders = ["长江精密机械有限公司", None, "乙"]
    file = office.write(office.parcels(3, holder=holders), folder / "parcels.geojson")
    toml = office.project(folder, office.layer("parcels", file))
    place = folder / "office.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in (file, toml):
            packed.write(one, one.name)
    return place
