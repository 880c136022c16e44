"""Fifty readers for ten minutes while snapshots are published: nothing fails, no answer mixes two snapshots, memory stays.

Run: ``python benchmarks/load.py [--minutes 10] [--readers 50] [--parcels 100000] [--every 60]``. Each feature bears the number of its
snapshot, so a page, and a walk along its ``next`` links, that holds two numbers is a mixed one.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import datetime as dt
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
from serving import free_port, parcels, resident_mb, tile

from parkgeo.store import Workspace

if TYPE_CHECKING:
    import geopandas as gpd


class Tally:
    """What was seen."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = collections.defaultdict(list)
        self.wrong: list[str] = []
        self.turns: set[int] = set()

    def note(self, kind: str, began: float, told: httpx.Response, right: tuple[int, ...] = (200,)) -> None:
        """One answer: how long it took, and whether it is one that may be given."""
        self.ms[kind].append(1000 * (time.perf_counter() - began))
        if told.status_code not in right:
            self.wrong.append(f"{kind}: {told.status_code} {told.text[:200]}")


def publish(folder: Path, frame: gpd.GeoDataFrame, turn: int) -> None:
    """The parcels, each with the number of this snapshot."""
    fields: dict[str, Any] = {
        "tables": {"parcels": {"key": "parcel_id", "zh": "宗地", "en": "Parcels"}},
        "fields": {},
        "findings": {},
    }
    manifest = {"crs": frame.crs.to_wkt(), "park": "load", "layers_missing": []}
    day = dt.date(2026, 6, 1) + dt.timedelta(days=turn % 28)
    Workspace(folder).publish(day, {"parcels": frame.assign(turn=turn)}, fields, manifest)


async def read(
    client: httpx.AsyncClient, frame: gpd.GeoDataFrame, degrees: Any, tally: Tally, until: float, seed: int
) -> None:
    """One reader: walks pages, asks boxes, items, filters and tiles, in no order."""
    dice = random.Random(seed)  # noqa: S311 - what is asked
    while time.perf_counter() < until:
        kind = dice.choice(["walk", "box", "item", "filter", "tile"])
        row = dice.randrange(len(frame))
        west, south = degrees[row][:2]
        began = time.perf_counter()
        if kind == "walk":
            await walk(client, tally, dice.randrange(50, 300))
        elif kind == "tile":
            x, y = tile(west, south, 14)
            address = f"/collections/parcels/tiles/WebMercatorQuad/14/{y}/{x}"
            tally.note(kind, began, await client.get(address), (200, 204))
        else:
            address = {
                "box": f"/collections/parcels/items?limit=1000&bbox={west},{south},{west + 0.007},{south + 0.006}",
                "item": f"/collections/parcels/items/{frame['parcel_id'].iloc[row]}",
                "filter": f"/collections/parcels/items?limit=100&filter=grade='{dice.choice('ABCD')}' AND area_m2 > {dice.randrange(2000)}",
            }[kind]
            told = await client.get(address)
            tally.note(kind, began, told)
            check(told, kind, tally)


async def walk(client: httpx.AsyncClient, tally: Tally, limit: int) -> None:
    """Some pages one after another; all of one snapshot."""
    address, seen = f"/collections/parcels/items?limit={limit}", set()
    for _ in range(8):
        began = time.perf_counter()
        told = await client.get(address)
        tally.note("walk", began, told, (200, 410))
        if told.status_code != 200:
            return
        seen |= check(told, "walk", tally)
        if len(seen) > 1:
            tally.wrong.append(f"a walk over snapshots {sorted(seen)}")
        following = [link["href"] for link in told.json()["links"] if link["rel"] == "next"]
        if not following:
            return
        address = following[0]


def check(told: httpx.Response, kind: str, tally: Tally) -> set[int]:
    """The numbers of snapshots in an answer: one, or none where it is empty."""
    if told.status_code != 200:
        return set()
    body = told.json()
    turns = {feature["properties"]["turn"] for feature in body.get("features", [body])}
    if len(turns) > 1:
        tally.wrong.append(f"{kind}: a page of snapshots {sorted(turns)}")
    tally.turns |= turns
    return turns


async def run(told: argparse.Namespace, folder: Path, server: subprocess.Popen[bytes], url: str) -> None:
    """All readers, and a publisher in a process of its own."""
    frame = parcels(told.parcels)
    degrees = frame.to_crs(4326).geometry.bounds.to_numpy()
    tally, until = Tally(), time.perf_counter() + 60 * told.minutes
    memory = []
    async with httpx.AsyncClient(
        base_url=url, timeout=60, limits=httpx.Limits(max_connections=told.readers)
    ) as client:
        readers = [
            asyncio.create_task(read(client, frame, degrees, tally, until, seed))
            for seed in range(told.readers)
        ]
        turn = 1
        while time.perf_counter() < until:
            await asyncio.sleep(min(told.every, max(0.0, until - time.perf_counter())))
            memory.append(resident_mb(server, "VmRSS"))
            await asyncio.to_thread(publish, folder, frame, turn)
            turn += 1
        await asyncio.gather(*readers)
    for kind, ms in tally.ms.items():
        p50, p99 = np.percentile(ms, [50, 99])
        print(f"{kind}: {len(ms)} answers, median {p50:.0f} ms, p99 {p99:.0f} ms, worst {max(ms):.0f} ms")
    print(
        f"{turn} snapshots published, {len(tally.turns)} seen; memory {', '.join(f'{mb:.0f}' for mb in memory)} MB"
    )
    print(f"{len(tally.wrong)} wrong answers", *tally.wrong[:5], sep="\n")


def main() -> None:
    """Read the arguments and run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--readers", type=int, default=50)
    arguments.add_argument("--parcels", type=int, default=100_000)
    arguments.add_argument("--every", type=float, default=60)
    told = arguments.parse_args()
    folder = Path(tempfile.mkdtemp())
    port = free_port()
    try:
        publish(folder, parcels(told.parcels), 0)
        command = [sys.executable, "-m", "parkgeo", "serve", "--workspace", str(folder), "--port", str(port)]
        with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
            url = f"http://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    httpx.get(f"{url}/readyz", timeout=60)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            try:
                asyncio.run(run(told, folder, server, url))
            finally:
                server.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
