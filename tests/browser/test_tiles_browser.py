"""Our tiles in MapLibre GL JS, in Chromium: what it draws and how many features it finds.

``PARKGEO_TEST_JS`` names a folder ``node_modules`` with maplibre-gl 5 in it: ``npm install maplibre-gl@5.24.1``.
"""

import contextlib
import functools
import http.server
import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from api.settings import Access
from tests.api.conftest import started
from tests.chromium import open_chromium
from tests.snapshot_builder import build_snapshot

SET = "WebMercatorQuad"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>tiles</title>
<style>html, body, #map { margin: 0; height: 100%%; }</style>
<link rel="stylesheet" href="maplibre-gl.css"><div id="map"></div>
<script src="maplibre-gl.js"></script>
<script>
window.troubles = [];
const told = %s;
const map = window.map = new maplibregl.Map({
  container: "map", attributionControl: false, fadeDuration: 0,
  style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#eef1ee" } }] },
});
map.on("error", (event) => window.troubles.push(String(event.error && event.error.message || event.error)));
map.on("load", () => {
  map.addSource("park", { type: "vector", url: told.url });
  const draw = (id, type, paint) => map.addLayer({ id, type, paint, source: "park", "source-layer": id.split("-")[0] });
  draw("parcels", "fill", { "fill-color": ["match", ["get", "idle"], "yes", "#d55e00", "undetermined", "#f0e442", "no", "#7fb3a5", "#ffffff"], "fill-opacity": 0.9 });
  draw("parcels-line", "line", { "line-color": "#333333", "line-width": 1 });
  draw("buildings", "fill", { "fill-color": "#555577" });
  draw("roads", "line", { "line-color": "#aa8844", "line-width": 3 });
  draw("facilities", "circle", { "circle-color": "#003388", "circle-radius": 5 });
  map.fitBounds(told.bounds, { padding: 30, duration: 0 });
});
</script></html>"""


@pytest.fixture(scope="module")
def library():
    folder = os.environ.get("PARKGEO_TEST_JS")
    if not folder:
        pytest.skip("PARKGEO_TEST_JS names no node_modules with maplibre-gl 5")
    dist = Path(folder) / "maplibre-gl" / "dist"
    if not (dist / "maplibre-gl.js").is_file():
        pytest.skip(f"no maplibre-gl 5 in {folder}")
    return dist


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def address(snapshot):
    with started(snapshot.path.parent.parent, access=Access(cors_origins=("*",))) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    # MapLibre draws by WebGL only, which Chromium does by itself where there is no graphics card.
    with open_chromium("--enable-unsafe-swiftshader", "--use-angle=swiftshader") as running:
        yield running


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def opened(browser, library, folder, **told):
    """A page with a map of our tiles, drawn."""
    for name in ("maplibre-gl.js", "maplibre-gl.css"):
        shutil.copy(library / name, folder / name)
    (folder / "index.html").write_text(PAGE % json.dumps(told), encoding="utf-8", newline="\n")
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        page = browser.new_page(viewport={"width": 1000, "height": 700})
        try:
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            settle(page)
            yield page
        finally:
            page.close()
            server.shutdown()
            thread.join()


def settle(page):
    page.wait_for_function(
        "window.map && map.getLayer('facilities') && map.loaded() && map.areTilesLoaded()", timeout=60_000
    )
    page.evaluate("() => new Promise((done) => { map.once('idle', done); map.triggerRepaint(); })")


def seen(page, layer):
    """Ids of the features that are drawn of a layer."""
    return set(
        page.evaluate(
            "(layer) => map.queryRenderedFeatures({ layers: [layer] }).map((one) => one.properties.id)", layer
        )
    )


def bounds_of(snapshot, table="parcels"):
    west, south, east, north = snapshot.read(table).to_crs("OGC:CRS84").total_bounds.tolist()
    return [[west, south], [east, north]]


def keep_picture(page, folder, name):
    kept = Path(os.environ.get("PARKGEO_ARTEFACTS") or folder)
    kept.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=kept / f"{name}.png")


def test_maplibre_draws_every_feature_of_the_park(browser, library, snapshot, address, tmp_path):
    url = f"{address}/tiles/{SET}/tilejson.json?lang=en"
    with opened(browser, library, tmp_path, url=url, bounds=bounds_of(snapshot)) as page:
        keep_picture(page, tmp_path, "tiles-park")
        assert page.evaluate("window.troubles") == []
        assert seen(page, "parcels") == set(snapshot.read("parcels")["parcel_id"])
        assert seen(page, "buildings") == set(snapshot.read("buildings")["building_id"])
        shown = page.evaluate(
            "Object.fromEntries(map.queryRenderedFeatures({ layers: ['parcels'] }).map((one) => [one.properties.id, one.properties.idle ?? null]))"
        )
        verdicts = snapshot.read("parcels").set_index("parcel_id")["idle"]
        assert shown == {name: None if verdict != verdict else verdict for name, verdict in verdicts.items()}  # noqa: PLR0124


@pytest.mark.parametrize("zoom", [9, 16, 20])
def test_maplibre_draws_them_from_afar_and_from_near(browser, library, snapshot, address, tmp_path, zoom):
    url = f"{address}/tiles/{SET}/tilejson.json"
    parcel = snapshot.read("parcels").to_crs("OGC:CRS84").iloc[2]
    middle = parcel.geometry.representative_point()
    with opened(browser, library, tmp_path, url=url, bounds=bounds_of(snapshot)) as page:
        page.evaluate("([at, zoom]) => map.jumpTo({ center: at, zoom })", [[middle.x, middle.y], zoom])
        settle(page)
        keep_picture(page, tmp_path, f"tiles-{zoom}")
        assert page.evaluate("window.troubles") == []
        told = seen(page, "parcels")
        assert parcel["parcel_id"] in told
        assert (len(told) == len(snapshot.read("parcels"))) == (zoom == 9)


def test_maplibre_draws_what_a_filter_leaves(browser, library, snapshot, address, tmp_path):
    url = f"{address}/tiles/{SET}/tilejson.json?collections=parcels&filter=idle%3D%27yes%27&properties=idle"
    with opened(browser, library, tmp_path, url=url, bounds=bounds_of(snapshot)) as page:
        parcels = snapshot.read("parcels")
        assert seen(page, "parcels") == set(parcels["parcel_id"][parcels["idle"] == "yes"])
        keep_picture(page, tmp_path, "tiles-idle")
