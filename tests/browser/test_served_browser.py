"""The map of a running service as a reader sees it: it asks for what it shows, of the service alone, and says what does not come."""

from __future__ import annotations

import re

import pytest

from maps.payload import build_payload
from tests.api.conftest import started
from tests.browser.test_map_browser import settle
from tests.chromium import open_chromium
from tests.snapshot_builder import build_snapshot

COLOURS = """() => { const found = new Set(); for (const canvas of document.querySelectorAll('.pg-tile canvas')) {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4 * 97) { found.add(`${data[at]},${data[at + 1]},${data[at + 2]}`); } } return found.size; }"""


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    snapshot = build_snapshot(folder)
    with started(folder) as address:
        yield address, snapshot


@pytest.fixture
def page(browser, served):
    opened = browser.new_page(viewport={"width": 1300, "height": 850})
    opened.asked, opened.faults = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    yield opened
    assert not opened.faults
    assert all(url.startswith((served[0], "data:", "blob:")) for url in opened.asked)
    opened.close()


def show(page, address, path="/map?lang=en"):
    page.goto(address + path)
    page.wait_for_selector("[data-ready]", timeout=60_000)
    settle(page)


@pytest.mark.parametrize("named", [False, True])
def test_the_map_shows_parcels_and_what_is_known_of_one(page, served, named):
    address, snapshot = served
    show(page, address, f"/snapshots/{snapshot.name}/map?lang=en" if named else "/map?lang=en")
    assert page.evaluate(COLOURS) > 3
    assert any("/view/tiles/parcels/" in url for url in page.asked)
    # Whatever becomes the live one, all is of the snapshot that the page began with.
    later = [url for url in page.asked if "/view/" in url]
    assert all(f"/snapshots/{snapshot.name}/view/" in url for url in later)
    name = snapshot.read("parcels")["parcel_id"].iloc[7]
    page.evaluate("() => parkgeo.page.goTo(7)")
    page.wait_for_selector(".pg-card")
    assert page.text_content(".pg-card h2") == name
    where = page.evaluate("""async () => { const { map, layers } = parkgeo.page; await layers.stage.settled();
        const hit = layers.stage.at(L.latLngBounds(await parkgeo.page.view.bounds(7)).getCenter()); return [hit.member.id, hit.row]; }""")
    assert where in (["parcels", 7], ["buildings", where[1]])


def test_every_layer_and_colouring_can_be_shown(page, served):
    address, snapshot = served
    show(page, address)
    told = build_payload(snapshot, lang="en")
    for layer in told["layers"]:
        found = page.evaluate("""async (id) => { const { layers } = parkgeo.page; const member = layers.byId.get(id);
            layers.toggle(member, true); await layers.stage.settled();
            const parts = Object.values(layers.stage._tiles).map(({ el }) => el.parkgeo.parts.get(member));
            return new Set(parts.flatMap(({ shapes, found }) => [...found].map((shape) => shapes.row(shape)))).size; }""", layer["id"])  # fmt: skip
        assert found == layer["count"] or layer.get("bands"), layer["id"]
    for key in [one["key"] for one in told["colourings"]][::9]:
        of = page.evaluate(
            "async (key) => { await parkgeo.page.recolour(key); return [...parkgeo.page.colours.of]; }", key
        )
        assert of == next(one for one in told["colourings"] if one["key"] == key)["of"].tolist()


def test_tools_know_where_parcels_are_without_their_shapes(page, served):
    address, snapshot = served
    show(page, address)
    count = len(snapshot.read("parcels"))
    ring = page.evaluate(
        "() => { const [w, n, e, s] = parkgeo.page.view.data.bounds; return [[w, n], [e, n], [e, s], [w, s]]; }"
    )
    assert page.evaluate("async (ring) => (await parkgeo.page.view.within(ring)).length", ring) == count
    half = [[(ring[0][0] + ring[1][0]) / 2, y] if x == ring[1][0] else [x, y] for x, y in ring]
    assert 0 < page.evaluate("async (ring) => (await parkgeo.page.view.within(ring)).length", half) < count
    assert page.evaluate(
        "async () => [await parkgeo.page.view.column('far') !== null, await parkgeo.page.view.column('no_such')]"
    ) == [True, None]


def test_a_tile_that_does_not_come_is_asked_for_again_and_then_said(page, served):
    address, _ = served
    lost = re.compile(r"/view/tiles/parcels/")
    tries = []
    page.route(lost, lambda route: (tries.append(route.request.url), route.fulfill(status=503, body="")))
    page.goto(f"{address}/map?lang=en")
    page.wait_for_selector(".pg-lost", timeout=60_000)
    assert page.text_content(".pg-lost span") == "Part of the map could not be loaded."
    assert max(tries.count(url) for url in tries) == 3
    page.unroute(lost)
    page.click(".pg-lost button")
    page.wait_for_function("() => !document.querySelector('.pg-lost')")
    settle(page)
    assert page.evaluate(COLOURS) > 3


def test_what_left_the_view_is_asked_for_no_longer(page, served):
    address, _ = served
    show(page, address)
    stopped = []
    page.on("requestfailed", lambda request: stopped.append(request.url))
    page.route(re.compile(r"/view/tiles/"), lambda _: None)  # never answered
    page.evaluate("() => parkgeo.page.map.setZoom(17, { animate: false })")
    page.wait_for_timeout(400)
    page.evaluate("() => parkgeo.page.map.setZoom(10, { animate: false })")
    page.wait_for_timeout(800)
    assert any("/view/tiles/parcels/16/" in url for url in stopped)
