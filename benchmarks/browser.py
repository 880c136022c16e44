"""Maps in a browser: ours against `folium.GeoJson` and `gdf.explore()` on the same parcels, in one run.

Run: ``python benchmarks/browser.py [--parcels 10000 100000] [--peers-up-to 100000]``. Needs playwright and Chromium (PARKGEO_CHROMIUM or
on the path). The park is made up and really analysed: irregular outlines of 5 to 12 corners, ledger, companies and their returns, so
that the page carries verdicts, findings and grades. Ready is the time from navigation until the page shows all parcels and the main
thread rests; pan, zoom and restyle are the time until the next picture is on the screen, the median of some. The peers' own scripts
would come from the internet: here the browser is given our copy of Leaflet in their place, and the rest of what they ask for is left out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import shapely
from playwright.sync_api import Browser, Page, sync_playwright
from serving import free_port, started
from serving import parcels as irregular_parcels
from verdicts import AS_OF, as_read, companies, ledger

from maps import render_map
from parkgeo.catalogue import catalogue
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline import analyse
from parkgeo.store import Snapshot, Workspace

if TYPE_CHECKING:
    import geopandas as gpd

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--enable-precise-memory-info", "--js-flags=--expose-gc")
READY_MS, STEPS = 600_000, 7
SETTLED = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)
OURS_SETTLED = """async () => { await parkgeo.page.layers.stage.settled();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); }"""
PEERS_MAP = "Object.entries(window).find(([name]) => name.startsWith('map_'))[1]"
SIZE = {"width": 1440, "height": 900}


def analysed(folder: Path, count: int) -> Snapshot:
    """A snapshot of so many parcels with verdicts, grades and findings."""
    rng = np.random.default_rng(7)
    drawn = irregular_parcels(count)
    ids, areas = drawn["parcel_id"].to_numpy(str), shapely.area(drawn.geometry.to_numpy()).round(2)
    parcels = drawn[["parcel_id", "holder", "geometry"]].assign(
        park_id="P",
        land_use_code=rng.choice(["100101", "1001", "1101"], count),
        registered_area_m2=areas,
        source_file="parcels.shp",
        source_row=np.arange(1, count + 1),
    )
    outline = shapely.box(*parcels.total_bounds).buffer(50)
    parks = parcels.iloc[:1][["park_id", "geometry"]].assign(source_file="", geometry=[outline])
    tables = {"supply": ledger(ids, areas, rng), **companies(ids, areas, rng)}
    layers = Layers(parks=parks, parcels=parcels, **{name: as_read(table) for name, table in tables.items()})
    rules = load_packs(["national"], Path())
    analysis = analyse(layers, rules, AS_OF)
    manifest = {
        "version": "benchmark",
        "park": "园区",
        "crs": parcels.crs.to_wkt(),
        "layers_missing": [],
        **analysis.facts,
    }
    return Workspace(folder / f"w{count}").publish(AS_OF, analysis.tables, catalogue(rules), manifest)


def write_peers(parcels: gpd.GeoDataFrame, folder: Path) -> dict[str, Path]:
    """The same parcels, coloured by verdict with id, holder and verdict to be read, as the peers write them."""
    shown = parcels[["parcel_id", "holder", "idle", "geometry"]].to_crs(4326)
    west, south, east, north = shown.total_bounds
    colours = {"yes": "#d55e00", "no": "#66c5ab", "undetermined": "#f0e442"}
    paths = {"folium.GeoJson": folder / "geojson.html", "gdf.explore()": folder / "explore.html"}
    page = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(
        shown,
        style_function=lambda one: {
            "fillColor": colours.get(one["properties"]["idle"], "#fff"),
            "weight": 0.6,
            "fillOpacity": 0.9,
        },
        popup=folium.GeoJsonPopup(["parcel_id", "holder", "idle"]),
    ).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    page.save(paths["folium.GeoJson"])
    shown.explore(column="idle", tiles=None, prefer_canvas=True).save(paths["gdf.explore()"])
    return paths


def opened(browser: Browser, address: str) -> tuple[Page, float]:
    """A page that shows its parcels, and the seconds that this took."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(READY_MS)
    leaflet = resources.files("maps").joinpath("assets", "leaflet")

    def give(route: Any) -> None:
        name = route.request.url.rpartition("/")[2]
        if name in ("leaflet.js", "leaflet.css"):
            route.fulfill(body=leaflet.joinpath(name).read_text(encoding="utf-8"))
        else:
            route.fulfill(body="")

    page.route(re.compile("^https:"), give)
    began = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=READY_MS)
    if "parkgeo" in address or address.startswith("http"):
        page.wait_for_selector("[data-ready]", timeout=READY_MS)
    else:
        page.wait_for_load_state("load", timeout=READY_MS)
        page.evaluate(SETTLED)
    return page, time.perf_counter() - began


def heap_mb(page: Page) -> float:
    """Memory of the page's scripts after it was tidied."""
    for _ in range(2):
        page.evaluate("gc()")
        page.wait_for_timeout(400)
    return float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6


def timed_ms(page: Page, action: str, settled: str) -> float:
    """Milliseconds from an action until its picture is on the screen."""
    return float(
        page.evaluate(
            f"async () => {{ const began = performance.now(); {action}; await new Promise((done) => queueMicrotask(done)); "
            f"await ({settled})(); return performance.now() - began; }}"
        )
    )


def median_ms(page: Page, actions: list[str], settled: str) -> float:
    """The middle one of several actions."""
    return statistics.median(timed_ms(page, action, settled) for action in actions)


def figures(page: Page, ready: float, *, ours: bool) -> dict[str, float]:
    """What a page takes."""
    at = "parkgeo.page.map" if ours else PEERS_MAP
    settled = OURS_SETTLED if ours else SETTLED
    page.evaluate(f"() => {{ window.__map = {at}; }}")
    heap = heap_mb(page)
    step = [f"window.__map.panBy([{x}, {y}], {{ animate: false }})" for x, y in ((300, 100), (-300, -100))]
    zoom = [f"window.__map.zoom{way}(1, {{ animate: false }})" for way in ("In", "Out")]
    told = {
        "ready s": ready,
        "heap MB": heap,
        "pan ms": median_ms(page, (step * STEPS)[:STEPS], settled),
        "zoom ms": median_ms(page, (zoom * STEPS)[: STEPS + 1], settled),
    }
    if ours:
        keys = page.evaluate("parkgeo.page.view.colourings.slice(0, 4).map((one) => one.key)")
        turns = [f"await parkgeo.page.recolour({key!r})" for key in keys[1:] + keys[:1]]
        told["restyle ms"] = median_ms(page, turns, settled)
    else:
        change = "Object.values(window.__map._layers).filter((one) => one.resetStyle && one.getLayers)"
        told["restyle ms"] = median_ms(
            page,
            [
                f"{change}.forEach((one) => one.setStyle({{ fillColor: '{colour}' }}))"
                for colour in ("#888", "#444", "#999")
            ],
            settled,
        )
    return told


def filtered_ms(page: Page) -> float:
    """Milliseconds until a filter by mask has changed map and legend, the middle one of several."""
    half = "Uint8Array.from({ length: parkgeo.page.view.count }, (_, row) => (row + %d) %% 2)"
    actions = [
        f"parkgeo.page.view.mask('benchmark', {half % turn}); parkgeo.page.selected()" for turn in (0, 1, 0)
    ]
    told = median_ms(page, actions, OURS_SETTLED)
    page.evaluate("() => { parkgeo.page.view.mask('benchmark', null); parkgeo.page.selected(); }")
    return told


def compare(browser: Browser, count: int, folder: Path, *, peers: bool) -> None:
    """Print a table of one size."""
    snapshot = analysed(folder, count)
    ours = folder / f"parkgeo-{count}.html"
    ours.write_text(render_map(snapshot), encoding="utf-8", newline="\n")
    pages: dict[str, tuple[str, float]] = {
        "parkgeo, one file": (ours.as_uri(), ours.stat().st_size / 1e6),
    }
    if peers:
        pages |= {
            name: (path.as_uri(), path.stat().st_size / 1e6)
            for name, path in write_peers(snapshot.read("parcels"), folder).items()
        }
    port = free_port()
    command = [
        shutil.which("parkgeo") or "parkgeo",
        "serve",
        "-w",
        str(folder / f"w{count}"),
        "--port",
        str(port),
    ]
    with started(command, f"http://127.0.0.1:{port}/readyz"):
        pages |= {
            f"parkgeo, served {name}": (f"http://127.0.0.1:{port}/{name}?lang=zh", float("nan"))
            for name in ("map", "dashboard")
        }
        print(f"\n{count} parcels")
        for name, (address, size) in pages.items():
            # The second time, as one who comes back: files and tiles are made and, by their addresses, known.
            rounds = []
            for _ in range(3):
                page, ready = opened(browser, address)
                rounds.append(ready)
                if len(rounds) < 3:
                    page.close()
            told = figures(page, statistics.median(rounds), ours=name.startswith("parkgeo"))
            if name.startswith("parkgeo"):
                told["filter ms"] = filtered_ms(page)
            page.close()
            print(f"{name:<26} {size:6.1f} MB  " + "  ".join(f"{key} {value:.2f}" for key, value in told.items()), flush=True)  # fmt: skip


def main() -> None:
    """Compare at each size."""
    options = argparse.ArgumentParser()
    options.add_argument("--parcels", nargs="+", type=int, default=[10_000, 100_000])
    options.add_argument("--peers-up-to", type=int, default=100_000)
    asked = options.parse_args()
    path = os.environ.get("PARKGEO_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as made, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        for count in asked.parcels:
            compare(browser, count, Path(made), peers=count <= asked.peers_up_to)
        browser.close()


if __name__ == "__main__":
    main()
