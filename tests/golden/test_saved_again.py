"""A folder of the sample's files in any format: init, check and analyze run, with nothing set by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import shapely

from parkgeo.cli.app import app
from parkgeo.store import Workspace
from tests.resave import FORMATS, resave

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.pipeline import Run
    from parkgeo.store import Snapshot

VERDICTS = ("idle_not_started", "area_mismatch", "outside_park", "overlap")
pytestmark = pytest.mark.usefixtures("one_crew")
# What has no room for attributes but a number or a name.
DRAWN = ("dxf", "coordinate text")


def command(*arguments: object) -> int:
    """Run a command in this process; its exit code."""
    try:
        app([str(argument) for argument in arguments], standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(scope="module")
def original(sample_run: Run) -> pd.DataFrame:
    return table(sample_run.snapshot)


def table(snapshot: Snapshot) -> pd.DataFrame:
    return snapshot.read("parcels").set_index("parcel_id").sort_index()


@pytest.mark.parametrize("kind", list(FORMATS))
def test_init_check_and_analyze_run_and_say_the_same(
    kind: str, tmp_path: Path, sample: Path, original: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    resave(sample.parent, files, kind)
    assert command("init", files, "--lang", "en") in {0, 1}
    assert command("check", files, "--lang", "en") in {0, 1}
    told = capsys.readouterr().out
    assert command("analyze", files, "--workspace", tmp_path / "ws", "--as-of", "2026-06-30") in {0, 1}
    found = table(Workspace(tmp_path / "ws").current())
    assert found.index.tolist() == original.index.tolist(), told
    # Seven decimals of a degree, and MapInfo's whole numbers, are about a centimetre.
    whole = found.index
    if kind == "dxf":
        # An outline within an outline has no number of its own; it is rejected, and no hole is guessed.
        holes = shapely.get_num_interior_rings(shapely.get_geometry(original.geometry.to_numpy(), 0)) > 0
        assert told.count("rejected: Parcels") == holes.sum()
        whole = whole[~holes]
    assert (found["site_area_m2"] / original["site_area_m2"])[whole].between(0.999, 1.001).all()
    there, here = (one.geometry.to_crs(4528).centroid[whole].to_numpy() for one in (found, original))
    assert shapely.distance(there, here).max() < 0.05
    if kind in DRAWN:
        return
    for verdict in VERDICTS:
        assert found[verdict].astype(object).to_dict() == original[verdict].astype(object).to_dict(), verdict
    for name in (
        "holder", "land_use", "registered_area_m2", "far", "building_density", "output_wan_per_mu", "price_wan",
    ):  # fmt: skip
        pd.testing.assert_series_equal(found[name], original[name], check_dtype=False, rtol=1e-3, obj=name)
