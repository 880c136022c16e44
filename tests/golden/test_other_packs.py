"""The sample park under a pack without the statutory rules: every product is made, and nothing is told as judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from parkgeo.store import Workspace
from tests.command import Commands

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


RUN = Commands().run


def parkgeo(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    return RUN(*arguments, "--lang", "en")


@pytest.fixture(scope="module")
def analysed(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    project = sample.parent / "park-scotland.toml"
    text = sample.read_text(encoding="utf-8")
    assert 'packs = ["national"]' in text
    project.write_text(
        text.replace('packs = ["national"]', 'packs = ["scotland"]'), encoding="utf-8", newline="\n"
    )
    folder = tmp_path_factory.mktemp("scotland")
    done = parkgeo("analyze", project, "--workspace", folder)
    project.unlink()
    assert done.returncode == 0, done.stderr
    return folder, done.stdout.decode()


def test_the_summary_says_that_idleness_is_not_judged(analysed):
    assert "Idleness is not judged: no pack in force holds a rule for it." in analysed[1]
    assert "Suspected idle" not in analysed[1]
    assert "Undetermined: 0 parcels" not in analysed[1]
    assert "enterprise_id" not in analysed[1]


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("export", "register"), "register.xlsx"),
        (("map",), "map.html"),
        (("report",), "report.html"),
    ],
)
def test_every_product_is_made(analysed, tmp_path, command, file):
    done = parkgeo(*command, "--workspace", analysed[0], "--output", tmp_path / file)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / file).stat().st_size > 0
    if file == "register.xlsx":
        assert openpyxl.load_workbook(tmp_path / file).sheetnames


def test_a_parcel_is_explained(analysed):
    snapshot = Workspace(analysed[0]).current()
    parcel = str(snapshot.read("parcels")["parcel_id"].iloc[0])
    done = parkgeo("explain", parcel, "--workspace", analysed[0])
    assert done.returncode == 0, done.stderr
    assert parcel in done.stdout.decode()
