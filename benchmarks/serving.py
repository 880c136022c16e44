"""The service against what else serves the same features, in one run on one machine, one worker each.

Run: ``python benchmarks/serving.py --database postgresql://… --tipg PYTHON --pygeoapi PYTHON``. Needs wrk and, for a peer, its
Python, in which it is installed (tipg with uvicorn; pygeoapi with sqlalchemy, geoalchemy2, psycopg2), and a PostGIS database to which
ogr2ogr writes the same features. A peer that is not named is left out. Every answer is held against ours (ids of a page, count of a box)
before a ratio is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.asked.selection import EVERYTHING
from api.asked.token import Token
from parkgeo.store import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CRS = 4549
GRADES = ("A", "B", "C", "D")
SECONDS, ROUNDS, CONNECTIONS = 2, 5, 4
ADDRESSES = 400
"""Different addresses of each kind, so that no answer comes from a cache of a few."""

LUA = """
local paths, at = {}, 0
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
request = function() at = at % #paths + 1; return wrk.format("GET", paths[at]) end
"""

PLAIN = '''
"""What one writes in ten minutes: FastAPI over a GeoDataFrame."""
import sys
import geopandas as gpd
from fastapi import FastAPI, Response
frame = gpd.read_parquet(sys.argv[1]).to_crs(4326)
by_id = frame.set_index("parcel_id", drop=False)
app = FastAPI()
def told(rows): return Response(rows.to_json(default=str), media_type="application/geo+json")
@app.get("/items")
def items(limit: int = 10, offset: int = 0, bbox: str = "", grade: str = ""):
    rows = frame
    if bbox:
        west, south, east, north = map(float, bbox.split(","))
        rows = rows.cx[west:east, south:north]
    if grade:
        rows = rows[rows["grade"] == grade]
    return told(rows.iloc[offset : offset + limit])
@app.get("/items/{name}")
def item(name: str): return told(by_id.loc[[name]])
if __name__ == "__main__":
    import uvicorn
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning")
'''

PYGEOAPI = """
server: {{bind: {{host: 127.0.0.1, port: {port}}}, url: 'http://127.0.0.1:{port}', mimetype: application/json, encoding: utf-8, languages: [en-US],
  limits: {{default_items: 10, max_items: 10000}}, map: {{url: '', attribution: ''}}}}
logging: {{level: ERROR}}
metadata: {{identification: {{title: t, description: d, keywords: [k], terms_of_service: none, url: 'http://127.0.0.1'}},
  license: {{name: n, url: 'http://127.0.0.1'}}, provider: {{name: n, url: 'http://127.0.0.1'}}, contact: {{name: n}}}}
resources:
  parcels: {{type: collection, title: t, description: d, keywords: [k], links: [], extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}}}},
    providers: [{{type: feature, name: PostgreSQL, data: {{host: '{host}', port: {dbport}, dbname: '{dbname}', user: '{user}', password: '{password}', search_path: [public]}}, id_field: parcel_id, table: parcels, geom_field: geom}}]}}
"""


@dataclass
class Server:
    """A server under test, and how it is asked."""

    name: str
    url: str
    page: Callable[[int], str]
    box: Callable[[str], str]
    grade: Callable[[str], str]
    item: Callable[[str], str]
    tile: Callable[[int, int], str] | None = None
    headers: tuple[str, ...] = ()
    rates: dict[str, float] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)


def parcels(count: int, *, seed: int = 6) -> gpd.GeoDataFrame:
    """Irregular parcels of 5 to 12 corners, 20 attributes."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    at = np.stack(np.divmod(np.arange(count), side), axis=1) * 60.0 + (480_000.0, 3_500_000.0)
    shapes = []
    for x, y in at:
        turns = np.sort(rng.random(rng.integers(5, 13))) * 2 * np.pi
        reach = rng.uniform(15, 28, len(turns))
        ring = np.column_stack([x + reach * np.cos(turns), y + reach * np.sin(turns)])
        shapes.append(shapely.Polygon(ring).buffer(0))
    geometry = np.array([shape if shape.geom_type == "Polygon" and not shape.is_empty else shapely.box(x, y, x + 20, y + 20) for shape, (x, y) in zip(shapes, at, strict=True)])  # fmt: skip
    numbers = {f"value_{letter}": rng.uniform(0, 1000, count).round(3) for letter in "abcdefghij"}
    days = pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 4000, count), unit="D")
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"320000-GB{number:06d}" for number in range(count)],
            "name": [f"地块{number}" for number in range(count)],
            "holder": rng.choice(
                ["长江精密机械有限公司", "新城纺织股份有限公司", "Northwind Packaging Ltd"], count
            ),
            "grade": rng.choice(GRADES, count),
            "land_use": "工业用地",
            "since": days,
            "agreed": days + pd.Timedelta(days=365),
            "area_m2": shapely.area(geometry).round(2),
            "floors": rng.integers(1, 9, count),
            "idle": rng.choice(["yes", "no", "undetermined"], count),
            **numbers,
        },
        geometry=geometry,
        crs=CRS,
    )


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def get(url: str) -> Any:
    """A JSON answer."""
    with urllib.request.urlopen(url, timeout=120) as told:  # noqa: S310 - our own loopback address
        return json.loads(told.read())


@contextlib.contextmanager
def started(
    command: list[str], probe: str, env: dict[str, str] | None = None
) -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
    """A server that answers; gives the seconds it took."""
    began = time.perf_counter()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
    process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=log, stderr=log)
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(probe, timeout=60).read()  # noqa: S310
                break
            if process.poll() is not None or time.perf_counter() - began > 180:
                log.seek(0)
                raise SystemExit(f"{command[0]} did not start:\n{log.read().decode()[-2000:]}")
            time.sleep(0.05)
        yield time.perf_counter() - began, process
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def resident_mb(process: subprocess.Popen[bytes], which: str = "VmHWM") -> float:
    """Memory that a process holds (`VmRSS`) or held at most (`VmHWM`), MB."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"{which}:\s+(\d+)", text)[1]) / 1024  # type: ignore[index]


def rates(asked: list[tuple[Server, list[str]]], folder: Path) -> list[float]:
    """Requests a second of several servers, in their order: the median of some rounds of wrk.

    The servers take turns within each round, so that what else the machine does falls on all of them.
    """
    (folder / "wrk.lua").write_text(LUA, encoding="utf-8")
    found: list[list[float]] = [[] for _ in asked]
    for _ in range(ROUNDS):
        for (server, paths), each in zip(asked, found, strict=True):
            each.append(one_round(server, paths, folder))
    return [statistics.median(each) for each in found]


def one_round(server: Server, paths: list[str], folder: Path) -> float:
    """Requests a second in one round; an answer that is no 2xx ends the run."""
    (folder / "paths").write_text("\n".join(paths) + "\n", encoding="utf-8")
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}s",
        "--timeout",
        "60s",
        "-s",
        str(folder / "wrk.lua"),
    ]
    for header in server.headers:
        command += ["-H", header]
    told = subprocess.run(
        [*command, server.url],
        env={**os.environ, "PATHS": str(folder / "paths")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"{server.name} refused {paths[0]}:\n{told}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]


def tile(west: float, south: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a place."""
    across = 2**zoom
    rise = np.arcsinh(np.tan(np.radians(south)))
    return int((west + 180) / 360 * across), int((1 - rise / np.pi) / 2 * across)


def first_time(server: Server, address: Callable[[int, int], str], tiles: list[tuple[int, int]]) -> float:
    """Tiles a second that nobody asked for before, one after another."""
    began = time.perf_counter()
    size = 0
    for one in tiles:
        with urllib.request.urlopen(server.url + address(*one), timeout=120) as told:  # noqa: S310 - loopback
            size += len(told.read())
    seconds = time.perf_counter() - began
    print(f"{server.name}: {len(tiles)} tiles of {size / len(tiles) / 1024:.0f} kB", flush=True)
    return len(tiles) / seconds


def agree(server: Server, box: str, name: str, before: list[Server]) -> None:
    """A box holds the same parcels as at the first server, and the item is the one asked for."""

    def ids(one: Server) -> set[str]:
        features = get(one.url + one.box(box).replace("limit=1000", "limit=5000"))["features"]
        return {feature["properties"].get("parcel_id") or feature["id"] for feature in features}

    found = ids(server)
    server.known = found
    if before and before[0].known != found:
        raise SystemExit(
            f"{server.name} finds {len(found)} parcels in a box, {before[0].name} {len(before[0].known)}"
        )
    told = get(server.url + server.item(name))
    item = told["features"][0] if "features" in told else told
    if name not in {item["properties"].get("parcel_id"), item.get("id")}:
        raise SystemExit(f"{server.name} gives another parcel than {name}")


def servers(
    told: argparse.Namespace, folder: Path
) -> Iterator[tuple[Server, list[str], str, dict[str, str]]]:
    """Each server with the command that starts it, an address that answers when it is ready, and its environment."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    here = "/collections/parcels/items"
    name = Workspace(folder / "ws").current_name
    mark = EVERYTHING.mark("parcels")
    yield (
        Server(
            "parkgeo", url,
            page=lambda at: f"{here}?limit=100&token={Token(name, mark, [at])}",
            box=lambda box: f"{here}?limit=1000&bbox={box}",
            grade=lambda grade: f"{here}?limit=100&grade={grade}",
            item=lambda one: f"{here}/{one}",
            tile=lambda x, y: f"/collections/parcels/tiles/WebMercatorQuad/14/{y}/{x}",
        ),
        [sys.executable, "-m", "parkgeo", "serve", "--workspace", str(folder / "ws"), "--port", str(port)],
        f"{url}/readyz", {},
    )  # fmt: skip
    (folder / "plain.py").write_text(PLAIN, encoding="utf-8")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    yield (
        Server(
            "plain FastAPI", url,
            page=lambda at: f"/items?limit=100&offset={at}",
            box=lambda box: f"/items?limit=1000&bbox={box}",
            grade=lambda grade: f"/items?limit=100&grade={grade}",
            item=lambda one: f"/items/{one}",
        ),
        [sys.executable, str(folder / "plain.py"), str(folder / "parcels.parquet"), str(port)],
        f"{url}/items?limit=1", {},
    )  # fmt: skip
    if not told.database:
        return
    load_database(told.database, folder)
    parts = urlsplit(told.database)
    if told.tipg:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        in_tipg = "/collections/public.parcels"
        yield (
            Server(
                "tipg", url,
                page=lambda at: f"{in_tipg}/items?limit=100&offset={at}",
                box=lambda box: f"{in_tipg}/items?limit=1000&bbox={box}",
                grade=lambda grade: f"{in_tipg}/items?limit=100&grade={grade}",
                item=lambda one: f"{in_tipg}/items/{one}",
                tile=lambda x, y: f"{in_tipg}/tiles/WebMercatorQuad/14/{x}/{y}",
                headers=("Accept: application/geo+json",),
            ),
            [told.tipg, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "warning"],
            f"{url}{in_tipg}/items?limit=1",
            {"DATABASE_URL": told.database, "TIPG_MAX_FEATURES_PER_QUERY": "10000", "TIPG_DB_SCHEMAS": '["public"]',
             "TIPG_TABLE_CONFIG__public_parcels__pk": "parcel_id"},
        )  # fmt: skip
    if told.pygeoapi:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        config = PYGEOAPI.format(
            port=port, host=parts.hostname, dbport=parts.port or 5432, dbname=parts.path.strip("/"),
            user=parts.username, password=parts.password or "",
        )  # fmt: skip
        (folder / "pygeoapi.yml").write_text(config, encoding="utf-8")
        env = {
            "PYGEOAPI_CONFIG": str(folder / "pygeoapi.yml"),
            "PYGEOAPI_OPENAPI": str(folder / "openapi.yml"),
        }
        tool = str(Path(told.pygeoapi).with_name("pygeoapi"))
        subprocess.run(
            [tool, "openapi", "generate", env["PYGEOAPI_CONFIG"], "--output-file", env["PYGEOAPI_OPENAPI"]],
            check=True, capture_output=True, env={**os.environ, **env},
        )  # fmt: skip
        in_pygeoapi = "/collections/parcels/items"
        yield (
            Server(
                "pygeoapi", url,
                page=lambda at: f"{in_pygeoapi}?f=json&limit=100&offset={at}",
                box=lambda box: f"{in_pygeoapi}?f=json&limit=1000&bbox={box}",
                grade=lambda grade: f"{in_pygeoapi}?f=json&limit=100&grade={grade}",
                item=lambda one: f"{in_pygeoapi}/{one}?f=json",
            ),
            [told.pygeoapi, "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--port", str(port), "--log-level", "warning"],
            f"{url}{in_pygeoapi}?f=json&limit=1", env,
        )  # fmt: skip


def load_database(database: str, folder: Path) -> None:
    """The same features in PostGIS, with the indexes that one would make."""
    gpd.read_parquet(folder / "parcels.parquet").to_crs(4326).to_file(
        folder / "parcels.gpkg", layer="parcels"
    )
    subprocess.run(
        [shutil.which("ogr2ogr") or "ogr2ogr", "-f", "PostgreSQL", f"PG:{database}", str(folder / "parcels.gpkg"), "-nln", "public.parcels", "-overwrite",
         "-lco", "GEOMETRY_NAME=geom", "-nlt", "POLYGON", "--config", "PG_USE_COPY", "YES"],
        check=True,
    )  # fmt: skip
    with subprocess.Popen(
        [shutil.which("psql") or "psql", "-q", database], stdin=subprocess.PIPE, text=True
    ) as psql:
        psql.communicate(
            "ALTER TABLE parcels DROP CONSTRAINT IF EXISTS parcels_pkey; ALTER TABLE parcels DROP COLUMN IF EXISTS fid;"
            "ALTER TABLE parcels ADD PRIMARY KEY (parcel_id); CREATE INDEX ON parcels (grade); VACUUM ANALYZE parcels;"
        )


def main() -> None:
    """Read the arguments and run."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("--parcels", type=int, default=100_000)
    read.add_argument("--database", default="")
    read.add_argument("--tipg", default="")
    read.add_argument("--pygeoapi", default="")
    told = read.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed")
    folder = Path(tempfile.mkdtemp())
    try:
        run(told, folder)
    finally:
        shutil.rmtree(folder)


def run(told: argparse.Namespace, folder: Path) -> None:
    """Make the features, ask each server, print rates and ratios."""
    frame = parcels(told.parcels)
    frame.to_parquet(folder / "parcels.parquet")
    manifest = {"crs": frame.crs.to_wkt(), "park": "bench", "layers_missing": []}
    Workspace(folder / "ws").publish(
        dt.date(2026, 6, 30), {"parcels": frame}, {"tables": {"parcels": {"key": "parcel_id", "zh": "宗地", "en": "Parcels"}}, "fields": {}, "findings": {}}, manifest
    )  # fmt: skip
    dice = random.Random(6)  # noqa: S311 - which addresses are asked
    degrees = frame.to_crs(4326).geometry.bounds.to_numpy()
    boxes = []
    for row in dice.sample(range(len(degrees)), ADDRESSES):
        west, south, _, _ = degrees[row]
        boxes.append(f"{west:.6f},{south:.6f},{west + 0.0070:.6f},{south + 0.0060:.6f}")
    names = [str(frame["parcel_id"].iloc[row]) for row in dice.sample(range(len(frame)), ADDRESSES)]
    offsets = [dice.randrange(len(frame) // 2, len(frame) - 200) for _ in range(ADDRESSES)]
    tiles = [tile(*degrees[row][:2], 14) for row in dice.sample(range(len(degrees)), ADDRESSES)]
    tiles = list(dict.fromkeys(tiles))
    results: list[Server] = []
    with contextlib.ExitStack() as running:
        processes = []
        for server, command, probe, env in servers(told, folder):
            seconds, process = running.enter_context(started(command, probe, env))
            agree(server, boxes[0], names[0], results)
            results.append(server)
            processes.append(process)
            print(f"{server.name}: ready in {seconds:.1f} s", flush=True)
        asked: dict[str, Callable[[Server], list[str]]] = {
            "page of 100, deep": lambda one: [one.page(at) for at in offsets],
            "bbox, about 120": lambda one: [one.box(box) for box in boxes],
            "filter, page of 100": lambda one: [one.grade(grade) for grade in GRADES],
            "one item": lambda one: [one.item(name) for name in names],
            "page of 1000": lambda one: [
                one.page(at).replace("limit=100&", "limit=1000&") for at in offsets[:40]
            ],
        }
        for kind, paths in asked.items():
            found = rates([(one, paths(one)) for one in results], folder)
            for server, each in zip(results, found, strict=True):
                server.rates[kind] = each
        again = []
        for server in results:
            if server.tile:
                server.rates["z14 tile, first"] = first_time(server, server.tile, tiles)
                again.append((server, [server.tile(*place) for place in tiles]))
        for (server, _), each in zip(again, rates(again, folder), strict=True):
            server.rates["z14 tile, again"] = each
        for server, process in zip(results, processes, strict=True):
            print(f"{server.name}: {resident_mb(process):.0f} MB at most; {server.rates}", flush=True)
    ours = results[0]
    for server in results[1:]:
        print(
            f"against {server.name}: "
            + "; ".join(f"{kind} × {ours.rates[kind] / each:.3g}" for kind, each in server.rates.items())
        )


if __name__ == "__main__":
    main()
