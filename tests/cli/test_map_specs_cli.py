"""``parkgeo map --spec``: an office's own maps in the file, the one that was asked for first; what is wrong is told."""

import pytest
from typer.testing import CliRunner

from parkgeo.cli.app import app
from parkgeo.errors import ParkgeoError
from tests.packed_map import page_data
from tests.snapshot_builder import build_snapshot

SPEC = 'map = 1\nid = "{id}"\ntitle = {{ en = "{id}" }}\ncolour = "{colour}"\n'


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    build_snapshot(folder, parcels=6)
    (folder / "maps").mkdir()
    for name in ("own", "asked"):
        (folder / "maps" / f"{name}.toml").write_text(SPEC.format(id=name, colour="far"), encoding="utf-8")
    (folder / "maps" / "broken.toml").write_text("map = 9", encoding="utf-8")
    return folder


def run(workspace, *further):
    output = workspace / "map.html"
    told = ["map", "-w", str(workspace), "-o", str(output), "--lang", "en", *map(str, further)]
    return CliRunner().invoke(app, told), output


def test_the_map_that_was_asked_for_is_shown_first_and_the_offices_own_are_there(workspace, tmp_path):
    asked = tmp_path / "asked.toml"
    asked.write_text(SPEC.format(id="asked", colour="idle"), encoding="utf-8")
    ran, output = run(workspace, "--spec", asked)
    assert ran.exit_code == 0, ran.output
    assert "broken.toml" in ran.output
    maps = page_data(output.read_text(encoding="utf-8"))["maps"]
    assert (maps[0]["id"], maps[0]["colour"]) == ("asked", "idle")
    assert [one["id"] for one in maps].count("asked") == 1
    assert "own" in [one["id"] for one in maps]


@pytest.mark.parametrize("text", ["map = 9", SPEC.format(id="x", colour="no_such_column")])
def test_a_wrong_map_that_was_asked_for_ends_it(workspace, tmp_path, text):
    asked = tmp_path / "x.toml"
    asked.write_text(text, encoding="utf-8")
    ran, _ = run(workspace, "--spec", asked)
    assert isinstance(ran.exception, ParkgeoError)
