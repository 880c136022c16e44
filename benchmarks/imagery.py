"""What an image of 10 000 × 10 000 pixels and 4 bands shows of 100 000 parcels: ours against exactextract and rasterstats.

Run: ``python benchmarks/imagery.py [--parcels N] [--pixels N] [--part N] [--rounds N]``. Ours gives eight figures a parcel: the share seen,
three indices and four shares of land cover. exactextract, called by hand, gives the means of the four bands; rasterstats, which needs
``pip install rasterstats``, the same of the first ``--part`` parcels, and its time is multiplied. Each run is a process of its own; prints
CPU seconds (the least of the rounds, which take turns), the ratios, peak memory above what the libraries and the parcels take, and the
largest difference of the share seen from that which exactextract counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine

from parkgeo.ingest.zonal import Looking, read_pixels
from parkgeo.metrics.imagery import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable

CRS, EAST, NORTH, CELL_M, BLOCK = 4528, 40_480_000.0, 3_380_000.0, 100.0, 512
BANDS = ("green", "red", "nir", "swir1")
LOOKING = Looking(
    {"green": 1, "blue": 1, "red": 2, "nir": 3, "swir1": 4}, Thresholds(0.3, 0.2, 0.2, 0.12), ()
)


def make(folder: Path, parcels: int, pixels: int) -> None:
    """A warped grid of parcels, and an image of noise and of fields over it, with gaps."""
    rng = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(parcels)))
    nodes = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1), indexing="ij"), axis=-1) * CELL_M
    nodes = nodes + rng.uniform(-12, 12, nodes.shape) + (EAST, NORTH)
    at, up = np.divmod(np.arange(parcels), side)
    rings = np.stack([nodes[at, up], nodes[at + 1, up], nodes[at + 1, up + 1], nodes[at, up + 1]], axis=1)
    gpd.GeoDataFrame(geometry=shapely.polygons(rings), crs=CRS).to_parquet(folder / "parcels.parquet")
    size = side * CELL_M / pixels
    with rasterio.open(
        folder / "image.tif", "w", driver="GTiff", width=pixels, height=pixels, count=len(BANDS), dtype="uint16", crs=CRS,
        transform=Affine(size, 0, EAST, 0, -size, NORTH + side * CELL_M), nodata=0, tiled=True, blockxsize=BLOCK, blockysize=BLOCK,
    ) as file:  # fmt: skip
        for band in range(1, len(BANDS) + 1):
            values = rng.integers(300, 4000, (pixels, pixels), dtype=np.uint16)
            values[: pixels // 50, : pixels // 50] = 0
            file.write(values, band)


def ours(folder: Path, parcels: gpd.GeoDataFrame) -> np.ndarray:
    """NDVI by `parkgeo.ingest.zonal.read_pixels`, with seven figures more."""
    found = read_pixels(folder / "image.tif", np.asarray(parcels.geometry.array, dtype=object), LOOKING)
    return found["valid_share"].to_numpy()


def by_hand(folder: Path, parcels: gpd.GeoDataFrame) -> np.ndarray:
    """Means of four bands by exactextract, strip after strip of the image."""
    from exactextract import exact_extract

    found = exact_extract(
        str(folder / "image.tif"), parcels, ["mean", "count"], strategy="raster-sequential", output="pandas"
    )
    with rasterio.open(folder / "image.tif") as file:
        pixel = abs(file.transform.a * file.transform.e)
    return found["band_1_count"].to_numpy() * pixel / parcels.area.to_numpy()


def rasterstats(folder: Path, parcels: gpd.GeoDataFrame) -> np.ndarray:
    """Means of four bands by rasterstats."""
    from rasterstats import zonal_stats

    bands = [
        zonal_stats(parcels, str(folder / "image.tif"), stats=["mean"], band=band)
        for band in range(1, len(BANDS) + 1)
    ]
    return np.array([one["mean"] for one in bands[0]], dtype=float)


ENGINES: dict[str, Callable[[Path, gpd.GeoDataFrame], np.ndarray]] = {
    "ours": ours,
    "exactextract": by_hand,
    "rasterstats": rasterstats,
}


def measure(engine: str, folder: Path, part: int) -> None:
    """One run of an engine: CPU seconds, memory and the share seen, as a line of JSON and a file."""
    parcels = gpd.read_parquet(folder / "parcels.parquet")
    parcels = parcels.iloc[:part] if engine == "rasterstats" else parcels
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    answer = ENGINES[engine](folder, parcels)
    spent = time.process_time() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    np.save(folder / f"{engine}.npy", answer)
    print(json.dumps({"cpu_s": spent, "memory_mb": memory}))


def run(engine: str, folder: Path, part: int) -> dict[str, float]:
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--engine", engine, "--folder", str(folder), "--part", str(part)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, value in (("parcels", 100_000), ("pixels", 10_000), ("part", 1_000), ("rounds", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        measure(given.engine, given.folder, given.part)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: a process inherits the peak of memory of the one that starts it.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            pool.submit(make, folder, given.parcels, given.pixels).result()
        runs = {engine: [] for engine in ENGINES}
        for _ in range(given.rounds):
            for engine in ("ours", "exactextract"):
                runs[engine].append(run(engine, folder, given.part))
        runs["rasterstats"].append(run("rasterstats", folder, given.part))
        difference = np.abs(np.load(folder / "ours.npy") - np.load(folder / "exactextract.npy")).max()
    cpu = {engine: min(one["cpu_s"] for one in each) for engine, each in runs.items()}
    memory = {engine: max(one["memory_mb"] for one in each) for engine, each in runs.items()}
    cpu["rasterstats"] *= given.parcels / given.part
    print(f"{given.parcels} parcels, {given.pixels} × {given.pixels} pixels, {len(BANDS)} bands")
    for engine, seconds in cpu.items():
        print(
            f"{engine:13s}{seconds:9.1f} s CPU  {memory[engine]:6.0f} MB  {seconds / cpu['ours']:7.2f} × ours"
        )
    print(f"largest difference of the share seen {difference:.1e}")


if __name__ == "__main__":
    main()
