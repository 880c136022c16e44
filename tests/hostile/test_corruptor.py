"""Damaged files: bytes flipped, cut off, zeroed, repeated, swapped.

CI tries 2 104 mutations, always the same. ``PARKGEO_MUTATIONS=10000 pytest tests/hostile/test_corruptor.py`` tries as many as
are asked for, new ones each time.
"""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parkgeo.errors import ParkgeoError
from parkgeo.ingest.read import read_with
from parkgeo.ingest.worker.crew import Crew
from parkgeo.project import read_project
from tests.office import EAST, NORTH, check_balance, layer, parcels, project, write, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parkgeo.ingest import Intake

ASKED = int(os.environ.get("PARKGEO_MUTATIONS", "0"))
ROWS = 12

BOUNDARY = f"""[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
[地块坐标]
4,330,YQ1,园区,面,,工业,,@
J1,1,{NORTH - 500},{EAST - 500}
J2,1,{NORTH - 500},{EAST + 2500}
J3,1,{NORTH + 600},{EAST + 2500}
J4,1,{NORTH + 600},{EAST - 500}
J1,1,{NORTH - 500},{EAST - 500}
"""

COLUMNS = {
    "权利人": [f"云汀第{at}有限公司" for at in range(ROWS)],
    "登记面积": [10_000.0 + at for at in range(ROWS)],
    "行业代码": [f"{3000 + at}" for at in range(ROWS)],
}
LEDGER = [
    ["宗地代码", "供应状态", "约定动工日期", "土地价款(万元)"],
    *[[f"P{at + 1}", "已供", "2024-03-01", 100.5 + at] for at in range(ROWS)],
]


@dataclass(frozen=True)
class Victim:
    """A sound project and the files of it that are damaged."""

    folder: Path
    toml: Path
    parts: tuple[Path, ...]
    sound: dict[Path, bytes]


def map_file(name: str) -> Callable[[Path], list[Path]]:
    def make(folder: Path) -> list[Path]:
        path = write(parcels(ROWS, **COLUMNS), folder / name)
        return sorted(one for one in folder.iterdir() if one.stem == path.stem)

    return make


def ledger(folder: Path) -> list[Path]:
    write(parcels(ROWS, **COLUMNS), folder / "parcels.gpkg")
    return [write_xlsx(LEDGER, folder / "supply.xlsx")]


def delimited(folder: Path) -> list[Path]:
    write(parcels(ROWS, **COLUMNS), folder / "parcels.gpkg")
    text = "\n".join(",".join(map(str, row)) for row in LEDGER)
    (folder / "supply.csv").write_text(text, encoding="gbk", newline="\n")
    return [folder / "supply.csv"]


def boundary(folder: Path) -> list[Path]:
    write(parcels(ROWS, **COLUMNS), folder / "parcels.gpkg")
    return [folder / "boundary.txt"]


VICTIMS = {
    "shapefile": ("parcels.shp", map_file("parcels.shp")),
    "geopackage": ("parcels.gpkg", map_file("parcels.gpkg")),
    "geojson": ("parcels.geojson", map_file("parcels.geojson")),
    "flatgeobuf": ("parcels.fgb", map_file("parcels.fgb")),
    "parquet": ("parcels.parquet", map_file("parcels.parquet")),
    "excel": ("parcels.gpkg", ledger),
    "csv": ("parcels.gpkg", delimited),
    "coordinates": ("parcels.gpkg", boundary),
}


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew() as one:
        yield one


@pytest.fixture(scope="module", params=list(VICTIMS))
def victim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, crew: Crew) -> Victim:
    name, make = VICTIMS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "boundary.txt").write_text(BOUNDARY, encoding="utf-8")
    parts = make(folder)
    layers = [layer("parks", "boundary.txt"), layer("parcels", name)]
    layers += [layer("supply", part.name) for part in parts if part.stem == "supply"]
    toml = project(folder, "\n".join(layers))
    one = Victim(folder, toml, tuple(parts), {part: part.read_bytes() for part in folder.iterdir()})
    sound = read_with(crew, read_project(toml))
    assert sound.clean
    assert len(sound.layers.parcels) == ROWS
    return one


def damage(content: bytes, rng: random.Random) -> bytes:
    """One to three blows to a file."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        if not data:
            break
        kind = rng.choice(["flip", "truncate", "zero", "duplicate", "swap"])
        at, length = rng.randrange(len(data)), rng.randint(1, 200)
        if kind == "flip":
            data[at] ^= 1 << rng.randrange(8)
        elif kind == "truncate":
            del data[at:]
        elif kind == "zero":
            data[at : at + length] = bytes(len(data[at : at + length]))
        elif kind == "duplicate":
            data[at:at] = data[at : at + length]
        else:
            other = rng.randrange(len(data))
            data[at], data[other] = data[other], data[at]
    return bytes(data)


@given(seed=st.integers(0, 2**48))
@settings(
    max_examples=max(ASKED // len(VICTIMS), 1) if ASKED else 263,
    derandomize=not ASKED,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_damage_is_borne(victim: Victim, crew: Crew, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - damage that a seed brings back
    part = rng.choice(victim.parts)
    damaged = damage(victim.sound[part], rng)
    part.write_bytes(damaged)
    before = state(victim.folder)
    intake, refusal = outcome(victim, crew)
    after = state(victim.folder)
    part.write_bytes(victim.sound[part])
    assert after == before
    assert "took longer than" not in refusal
    assert intake or refusal
    if intake:
        bears(intake, changed=damaged != victim.sound[part], rows=rows_left(part, damaged))


def outcome(victim: Victim, crew: Crew) -> tuple[Intake | None, str]:
    """What was read, or the words in which it was refused; anything else is a crash."""
    try:
        return read_with(crew, read_project(victim.toml)), ""
    except ParkgeoError as error:
        return None, str(error)


def rows_left(part: Path, damaged: bytes) -> int:
    """Rows that must be there or be named: a text that is cut between two lines is a sound shorter one."""
    filled = sum(1 for line in damaged.split(b"\n") if line.strip(b"\x00 ,\r"))
    return min(max(filled - 1, 0), ROWS) if part.suffix == ".csv" else ROWS


def bears(intake: Intake, *, changed: bool, rows: int = ROWS) -> None:
    """What was read is whole, or it is said what is not."""
    check_balance(intake)
    account = intake.account
    said = not account["rejects"].empty or not account["faults"].empty
    frame = intake.layers.parcels
    assert np.isfinite(shapely.bounds(np.asarray(frame.geometry.array, dtype=object))).all()
    assert not frame.geometry.isna().any()
    assert said or len(frame) >= ROWS, "a row is missing and nothing says so"
    if intake.layers.supply is not None:
        assert said or len(intake.layers.supply) >= rows, "a row of the ledger is missing and nothing says so"
    systems = account["sources"].set_index("layer")["crs"]
    known = systems.loc[["parks", "parcels"]].str.contains("4528").all()
    assert said or known, f"another coordinate system and nothing says so: {systems.to_dict()}"
    assert changed or not said


def state(folder: Path) -> dict[str, str]:
    """All that is in a folder, by name and hash."""
    return {
        one.relative_to(folder).as_posix(): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*")) if one.is_file()
    }  # fmt: skip


def test_the_reader_of_damaged_files_was_held(crew: Crew, victim: Victim) -> None:
    """No network and no writing elsewhere are the child's limits; that they hold is tested with the worker."""
    read_with(crew, read_project(victim.toml))
    assert {"drivers", "copies", "time"} <= crew.held
