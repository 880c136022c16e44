"""Imports go one way: the contracts of pyproject.toml, kept, and about all that there is."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def contracts() -> list[dict]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return told["tool"]["importlinter"]["contracts"]


def test_the_contracts_are_kept(capsys):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_every_part_of_parkgeo_has_its_floor(contracts):
    floors = [name.strip("() ") for floor in contracts[0]["layers"] for name in floor.split("|")]
    assert contracts[0]["exhaustive"]
    assert len(floors) == len(set(floors))
    parts = {file.stem for file in (ROOT / "parkgeo").glob("*.py")} | {
        file.parent.name for file in (ROOT / "parkgeo").glob("*/__init__.py")
    }
    assert parts - {"__init__"} <= set(floors)


def test_what_maps_may_not_know_is_all_but_what_it_may(contracts):
    forbidden = set(next(each for each in contracts if each["id"] == "maps")["forbidden_modules"])
    floors = {f"parkgeo.{name.strip('() ')}" for floor in contracts[0]["layers"] for name in floor.split("|")}
    optional = {
        f"parkgeo.{name.strip()[1:-1]}"
        for floor in contracts[0]["layers"]
        for name in floor.split("|")
        if "(" in name
    }
    allowed = {
        "parkgeo.store",
        "parkgeo.catalogue",
        "parkgeo.errors",
        "parkgeo.units",
        "parkgeo.i18n",
        "parkgeo.files",
        "parkgeo.__main__",
    }
    assert forbidden - {"api"} == floors - allowed - optional


@pytest.mark.parametrize("module", ["parkgeo", "parkgeo.store", "parkgeo.cli.app", "parkgeo.project"])
def test_what_starts_often_imports_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted({{'geopandas', 'folium', 'fastapi', 'rasterio', 'osmnx', 'pyogrio', 'rich'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
