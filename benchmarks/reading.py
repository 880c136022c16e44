"""Reading a cadastre of 100 000 parcels: ours to a validated layer, against ``pyogrio.read_dataframe`` and ``is_valid``.

Run: ``python benchmarks/reading.py [--parcels N] [--buildings N] [--rounds N] [--worker]``. The engines take turns in one
process; prints median wall seconds and their ratio. Peak memory is that of a process of each engine's own, above what the
process held before, as a multiple of what holding the peer's frame takes. Files are opened in process; with ``--worker`` in
the sandboxed worker, as untrusted ones are: the difference is the worker's overhead. With buildings the whole project is
profiled too.
"""

from __future__ import annotations

import argparse
import cProfile
import ctypes
import gc
import json
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.raw import write_arrow

from parkgeo.ingest import read_layers
from parkgeo.ingest.account import Account
from parkgeo.ingest.build import ReadFile, build_layer
from parkgeo.ingest.crs import parse_crs
from parkgeo.ingest.ground import stated_ground
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.worker.copies import combined
from parkgeo.project import read_project
from parkgeo.store import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

CRS = "EPSG:4528"
EAST, NORTH, CELL_M = 40_480_000.0, 3_380_000.0, 100.0
HOLDERS = (
    "{}精密机械有限公司",
    "{}新材料股份有限公司",
    "{}纺织厂",
    "{}电子科技（长兴）有限公司",
    "{} Precision Ltd",
)
USES = ("工业用地", "仓储用地", "商服用地", "公用设施用地")
MODES = ("挂牌出让", "协议出让", "划拨", "招拍挂")
"""As written in ledgers: codes of the field supply_mode."""


def outlines(count: int, rng: np.random.Generator, *, low: int, high: int, reach_m: float) -> np.ndarray:
    """Irregular polygons of ``low`` to ``high`` vertices, one in each cell of a grid."""
    corners = rng.integers(low, high, count, endpoint=True)
    home = np.repeat(np.arange(count), corners)
    within = np.arange(len(home)) - np.repeat(np.cumsum(corners) - corners, corners)
    angle = (within + rng.uniform(-0.3, 0.3, len(home))) / corners[home] * 2 * np.pi
    radius = rng.uniform(0.55, 1.0, len(home)) * reach_m
    across, up = np.divmod(np.arange(count), int(np.ceil(np.sqrt(count))))
    x = EAST + across[home] * CELL_M + radius * np.cos(angle)
    y = NORTH + up[home] * CELL_M + radius * np.sin(angle)
    rings = shapely.linearrings(np.column_stack([x, y]).round(3), indices=home)
    return shapely.polygons(rings)


def some_missing(values: Any, rng: np.random.Generator, share: float) -> list[Any]:
    """The values as a list, a share of them None."""
    gone = rng.random(len(values)) < share
    return [None if lost else value for value, lost in zip(values, gone, strict=True)]


def cadastre(count: int, rng: np.random.Generator) -> pa.Table:
    """Twenty columns as a land office's cadastre has them: ids, names, codes, figures, days; and the outlines."""
    order = rng.permutation(count)
    ids = [f"330522{at // 100_000 + 1:03d}{at % 999:03d}GB{at % 100_000:05d}" for at in order]
    shapes = outlines(count, rng, low=5, high=30, reach_m=48.0)
    area = shapely.area(shapes)
    contract = np.datetime64("2006-01-01") + rng.integers(0, 7000, count)
    start = contract + rng.integers(100, 500, count)
    holders = [HOLDERS[at % len(HOLDERS)].format(f"湖州{at // 3}") for at in order]
    columns: dict[str, Any] = {
        "ZDDM": ids,
        "YQDM": np.array(["S337041", "S337042", "S337043"])[rng.integers(0, 3, count)].tolist(),
        "DKMC": some_missing([f"画溪街道{at % 4000}号地块" for at in order], rng, 0.1),
        "QLRMC": some_missing(holders, rng, 0.05),
        "DLBM": np.array(["0601", "0602", "0501", "0809"])[rng.integers(0, 4, count)].tolist(),
        "DLMC": np.array(USES)[rng.integers(0, 4, count)].tolist(),
        "ZDMJ": (area * rng.uniform(0.99, 1.01, count)).round(2),
        "HYDM": some_missing([f"C{code}" for code in rng.integers(1311, 4390, count)], rng, 0.2),
        "GHRJL": some_missing(rng.uniform(0.8, 3, count).round(2), rng, 0.1),
        "GHJZMD": some_missing(rng.uniform(0.3, 0.6, count).round(2), rng, 0.1),
        "QLXZ": np.array(["出让", "划拨", "租赁"])[rng.integers(0, 3, count)].tolist(),
        "BDCDYH": [f"{one}W00000000" for one in ids],
        "ZL": [f"浙江省湖州市长兴县经四路{at % 900}号" for at in order],
        "HTBH": some_missing([f"330522-2010-A{at:06d}" for at in order], rng, 0.1),
        "GYFS": np.array(MODES)[rng.integers(0, len(MODES), count)].tolist(),
        "CRNX": rng.integers(20, 51, count).astype(np.int32),
        "CRJK": some_missing((area * 0.04).round(4), rng, 0.05),
        "QDRQ": pa.array(contract.astype("datetime64[D]"), mask=rng.random(count) < 0.05),
        "SJKGSJ": pa.array(start.astype("datetime64[D]"), mask=rng.random(count) < 0.3),
        "BZ": some_missing([f"2023年变更调查，图幅{at % 1700}" for at in order], rng, 0.6),
    }
    return pa.table(columns | {"geom": pa.array(shapely.to_wkb(shapes), type=pa.binary())})


def buildings(count: int, parcels: int, rng: np.random.Generator) -> pa.Table:
    """Buildings of 4 to 8 corners, several to a parcel's cell, a few of which touch one another."""
    shapes = outlines(count, rng, low=4, high=8, reach_m=11.0)
    side = int(np.ceil(np.sqrt(parcels)))
    home = np.arange(count) % parcels
    place = (
        np.array([EAST, NORTH])
        + np.column_stack(np.divmod(home, side)) * CELL_M
        + rng.uniform(-30, 30, (count, 2))
    )
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    repeats = shapely.get_num_coordinates(shapes)
    shapes = shapely.set_coordinates(
        shapes, shapely.get_coordinates(shapes) + np.repeat(place - centre, repeats, axis=0)
    )
    columns = {
        "JZBH": [f"F{at:07d}" for at in range(count)],
        "CS": rng.integers(1, 8, count).astype(np.int32),
        "JZGD": rng.uniform(4, 30, count).round(1),
        "SFJG": np.array(["是", "否"])[rng.integers(0, 2, count)].tolist(),
    }
    return pa.table(columns | {"geom": pa.array(shapely.to_wkb(shapes), type=pa.binary())})


def write_gpkg(table: pa.Table, path: Path) -> None:
    """Write a table of WKB polygons as a GeoPackage."""
    write_arrow(
        table, path, layer=path.stem, driver="GPKG", geometry_name="geom", geometry_type="Polygon", crs=CRS
    )


def make(folder: Path, parcels: int, with_buildings: int) -> None:
    """The files, the projects that read them, and a workspace that holds the parcels as a snapshot."""
    rng = np.random.default_rng(11)
    write_gpkg(cadastre(parcels, rng), folder / "parcels.gpkg")
    edge = shapely.box(
        EAST - CELL_M, NORTH - CELL_M, *np.array([EAST, NORTH]) + (int(parcels**0.5) + 2) * CELL_M
    )
    park = pa.table({"YQDM": ["S337041"], "geom": pa.array(shapely.to_wkb([edge]), type=pa.binary())})
    write_gpkg(park, folder / "parks.gpkg")
    entry = '[park]\nname = "园区"\nas_of = 2026-06-30\n'
    entry += "".join(f'[layers.{name}]\npath = "{name}.gpkg"\n' for name in ("parks", "parcels"))
    (folder / "park.toml").write_text(entry, encoding="utf-8", newline="\n")
    if with_buildings:
        write_gpkg(buildings(with_buildings, parcels, rng), folder / "buildings.gpkg")
        entry += '[layers.buildings]\npath = "buildings.gpkg"\n'
        (folder / "park-with-buildings.toml").write_text(entry, encoding="utf-8", newline="\n")
    layer = read_layers(read_project(folder / "park.toml"), trusted=True).layers.parcels
    day = read_project(folder / "park.toml").as_of
    Workspace(folder / "workspace").publish(day, {"parcels": layer}, {}, {})


def peer(folder: Path) -> gpd.GeoDataFrame:
    """The parcels by `pyogrio.read_dataframe`, and whether each is valid."""
    frame = pyogrio.read_dataframe(folder / "parcels.gpkg", use_arrow=True)
    frame["valid"] = frame.geometry.is_valid
    return frame


def layer(folder: Path) -> gpd.GeoDataFrame:
    """The parcels' file to the validated layer: hashed, columns typed, every row in the account."""
    source = read_project(folder / "park.toml").sources["parcels"][0]
    with opener_for(trusted=not UNTRUSTED, rasters=False) as opener:
        raw, digests = opener.read(source.files[0], source)
    ground = stated_ground(source, raw, {})
    read = ReadFile(source, raw, source.files[0].name, combined(digests), ground)
    return build_layer("parcels", [read], parse_crs(CRS, "benchmark"), Account())


def project(folder: Path) -> gpd.GeoDataFrame:
    """The whole project: parcels, and the supply ledger that seven of their columns are."""
    return read_layers(read_project(folder / "park.toml"), trusted=not UNTRUSTED).layers.parcels


def city(folder: Path) -> gpd.GeoDataFrame:
    """The whole project with the buildings."""
    return read_layers(
        read_project(folder / "park-with-buildings.toml"), trusted=not UNTRUSTED
    ).layers.parcels


def ready(folder: Path) -> gpd.GeoDataFrame:
    """The parcels of the live snapshot."""
    return Workspace(folder / "workspace").current().read("parcels")


UNTRUSTED = "--worker" in sys.argv
ENGINES: dict[str, tuple[str, Callable[[Path], gpd.GeoDataFrame]]] = {
    "peer": ("pyogrio.read_dataframe + is_valid", peer),
    "layer": ("parkgeo, file to validated layer", layer),
    "project": ("parkgeo.ingest.read_layers, parcels and ledger", project),
    "ready": ("Snapshot.read", ready),
}


def resident_mb() -> tuple[float, float]:
    """Memory this process holds now, after giving back what is free, and the most it held, MB (Linux)."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    )
    now, most = (int(status[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
    return now, most


def memory(engine: str, folder: Path) -> None:
    """Print what a run holds and what it took at most, above what the process held before, MB (Linux)."""
    run = ENGINES[engine][1]
    pyogrio.list_drivers()
    before, _ = resident_mb()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    frame = run(folder)
    now, most = resident_mb()
    print(json.dumps({"rows": len(frame), "held": now - before, "peak": most - before}))


def in_turn(folder: Path, rounds: int) -> dict[str, float]:
    """Median wall seconds of each engine; they take turns, and the first turn of each is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in ENGINES}
    for _ in range(rounds + 1):
        for name, (_, run) in ENGINES.items():
            start = time.perf_counter()
            frame = run(folder)
            seconds[name].append(time.perf_counter() - start)
            del frame  # what it takes to free it counts for none
            gc.collect()
    return {name: statistics.median(figures[1:]) for name, figures in seconds.items()}


def compare(folder: Path, rounds: int) -> None:
    """Print times, ratios and memory."""
    seconds = in_turn(folder, rounds)
    # Memory is measured on Linux, where a process can read and reset its peak.
    measured = {}
    for name in ENGINES if Path("/proc/self/clear_refs").exists() else ():
        command = [sys.executable, __file__, "--memory", name, "--folder", str(folder)]
        told = subprocess.run(
            command + ["--worker"] * UNTRUSTED, check=True, capture_output=True, encoding="utf-8"
        )
        measured[name] = json.loads(told.stdout)
    for name, (title, _) in ENGINES.items():
        line = f"{title:48} {seconds[name]:6.2f} s  {seconds[name] / seconds['peer']:5.2f} × the peer"
        if measured:
            times = measured[name]["peak"] / measured["peer"]["held"]
            line += (
                f"   peak {measured[name]['peak']:4.0f} MB, {times:.2f} × the frame of"
                f" {measured['peer']['held']:.0f} MB; holds {measured[name]['held']:.0f} MB"
            )
        print(line)


def profile(folder: Path) -> None:
    """Print where the time of the whole project with buildings goes."""
    start = time.perf_counter()
    city(folder)
    print(f"parcels, ledger and buildings {time.perf_counter() - start:.2f} s")
    profiler = cProfile.Profile()
    profiler.runcall(city, folder)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    """Make the files and print the comparison."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--parcels", type=int, default=100_000)
    options.add_argument("--buildings", type=int, default=0, help="profile the whole project with so many")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--worker", action="store_true", help="open the files in the sandboxed worker")
    options.add_argument("--memory", choices=list(ENGINES), help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.memory:
        memory(asked.memory, asked.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: what it takes to make them must not count.
        task = "import sys; from pathlib import Path; from reading import make; make(Path(sys.argv[1]), *map(int, sys.argv[2:]))"
        made = [sys.executable, "-c", task, folder, str(asked.parcels), str(asked.buildings)]
        subprocess.run(made, check=True, cwd=Path(__file__).parent)
        print(f"{asked.parcels} parcels, 20 columns, {'worker' if asked.worker else 'in process'}")
        compare(Path(folder), asked.rounds)
        if asked.buildings:
            profile(Path(folder))


if __name__ == "__main__":
    main()
