"""What draws the map: shapes on tiles, seen pixel by pixel; and the page with a source that answers later, as a served page's does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely

from maps import render_map
from maps.shapes import pack_shapes
from tests.browser.test_map_browser import _click_parcel, picture_of, settle
from tests.chromium import Watched, open_chromium
from tests.snapshot_builder import build_snapshot

RED, BLUE = (
    {"fill": "#FF0000", "stroke": "#000000", "weight": 1},
    {"fill": "#0000FF", "stroke": "#000000", "weight": 1},
)

# Shapes in units of 1 px on a picture of 200 px, and the colours at some places of it.
_PAINT = """
({ packed, look, at, chosen, ratio = 1 }) => {
    const arrays = { kinds: Uint8Array, rings: Uint32Array, counts: Uint32Array, steps: Int32Array };
    const shapes = parkgeo.readShapes(Object.fromEntries(Object.entries(arrays).map(([name, type]) => [name, type.from(packed[name])])));
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 200 * ratio;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const part = { shapes, found: shapes.within(-1000, -1000, 1000, 1000), west: 0, north: 0, span: 200 };
    const ready = { ...look, of: look.of && Uint8Array.from(look.of), shown: look.shown && Uint8Array.from(look.shown) };
    const view = { scale: 1, ratio, x: 0, y: 0 };
    let turns = 0;
    for (const _ of parkgeo.draw(context, part, ready, view)) { turns += 1; }
    if (chosen !== undefined) { parkgeo.drawHalo(context, part, chosen, { west: 0, north: 0, ...view }); }
    const colours = at.map(([x, y]) => [...context.getImageData(x * ratio, y * ratio, 1, 1).data]);
    const hits = at.map(([x, y]) => [...part.found].reverse().find((shape) => shapes.hits(shape, x, y, 3, look.outline)));
    return { colours, hits: hits.map((shape) => (shape === undefined ? -1 : shape)), turns };
}
"""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(snapshot, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(render_map(snapshot), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="module")
def page(browser, file):
    seen = Watched(browser, file)
    seen.page.wait_for_selector("[data-ready]")
    yield seen.page
    assert seen.complaints == []
    seen.page.close()


def _paint(page, shapes, look, at, **more):
    packed = {
        name: array.tolist()
        for name, array in pack_shapes(np.array(shapes, dtype=object), (0.0, 0.0)).items()
    }
    return page.evaluate(_PAINT, {"packed": packed, "look": look, "at": at, **more})


def test_where_parcels_overlap_the_ground_is_filled_and_the_last_is_clicked(page):
    holed = shapely.box(10, 10, 110, 110).difference(shapely.box(20, 20, 40, 40))
    shapes = [holed, shapely.box(60, 60, 160, 160)]
    told = _paint(
        page, shapes, {"styles": [RED], "of": None}, [[50, 50], [80, 80], [30, 30], [150, 150], [190, 190]]
    )
    red, nothing = [255, 0, 0, 255], [0, 0, 0, 0]
    assert told["colours"] == [red, red, nothing, red, nothing]
    assert told["hits"] == [0, 1, -1, 1, -1]


def test_the_class_that_a_map_is_about_lies_on_top(page):
    shapes = [shapely.box(10, 10, 110, 110), shapely.box(60, 60, 160, 160)]
    told = _paint(page, shapes, {"styles": [RED, BLUE], "of": [0, 1]}, [[80, 80], [150, 150]])
    assert told["colours"] == [[255, 0, 0, 255], [0, 0, 255, 255]]


def test_rows_that_are_filtered_out_are_outlined_and_not_filled(page):
    shapes = [shapely.box(10, 10, 90, 90), shapely.box(110, 10, 190, 90)]
    look = {"styles": [RED], "of": None, "shown": [0, 1]}
    told = _paint(page, shapes, look, [[50, 50], [150, 50], [10, 50]])
    assert told["colours"][:2] == [[0, 0, 0, 0], [255, 0, 0, 255]]
    assert 0 < told["colours"][2][3] < 255


def test_lines_points_and_small_shapes_are_seen(page):
    shapes = [
        shapely.LineString([(10, 20), (190, 20)]),
        shapely.Point(50, 100),
        shapely.box(150, 150, 152, 152),
    ]
    line = {"stroke": "#00FF00", "weight": 4, "dash": "40 20"}
    look = {"styles": [line, RED, BLUE], "of": [0, 1, 2]}
    told = _paint(page, shapes, look, [[20, 20], [60, 20], [100, 20], [50, 100], [151, 151], [100, 150]])
    green, nothing = [0, 255, 0, 255], [0, 0, 0, 0]
    assert told["colours"] == [green, nothing, green, [255, 0, 0, 255], [0, 0, 255, 255], nothing]
    assert told["hits"] == [0, 0, 0, 1, 2, -1]


def test_an_outline_is_clicked_at_its_line_alone(page):
    told = _paint(
        page,
        [shapely.box(10, 10, 110, 110)],
        {"styles": [RED], "of": None, "outline": True},
        [[60, 60], [11, 60]],
    )
    assert told["hits"] == [-1, 0]


def test_the_chosen_row_has_a_light_and_a_dark_line_round_it(page):
    shapes = [shapely.box(50, 50, 150, 150), shapely.box(10, 10, 30, 30)]
    told = _paint(
        page, shapes, {"styles": [RED], "of": None}, [[50, 100], [47, 100], [100, 100], [10, 20]], chosen=0
    )
    dark, light, inside, other = told["colours"]
    assert dark[:3] == [17, 17, 17]
    assert min(light[:3]) > 240
    assert inside == [255, 0, 0, 255]
    assert other[:3] != [17, 17, 17]


@pytest.mark.parametrize("side", [6, 2], ids=["as paths", "as dots"])
def test_a_crowd_of_shapes_gives_way_while_it_is_drawn(page, side):
    shapes = [shapely.box(x, y, x + side, y + side) for x, y in itertools.product(range(0, 700, 7), repeat=2)]
    assert _paint(page, shapes, {"styles": [RED], "of": None}, [])["turns"] >= 5


@pytest.mark.parametrize("zoom", [14.25, 14.5, 14.75, 15])
def test_pictures_have_the_pixels_of_the_screen_at_any_zoom(page, zoom):
    page.evaluate("zoom => parkgeo.page.map.setZoom(zoom, { animate: false })", zoom)
    settle(page)
    ratios = page.evaluate(
        "() => [...document.querySelectorAll('.pg-tile canvas')].map((one) => one.width / one.getBoundingClientRect().width)"
    )
    assert ratios
    assert all(ratio == pytest.approx(1, abs=0.01) for ratio in ratios)


def test_patterns_go_on_over_the_border_of_pictures(page):
    """Two tiles side by side, both covered by one hatched parcel: the hatch repeats every 8 px as if there were one picture."""
    column = page.evaluate(
        """async () => {
            const { layers, map } = parkgeo.page;
            map.setZoom(21, { animate: false });
            const shapes = parkgeo.page.view.source.tiles("parcels");
            const [x, y] = shapes.shapes.middle(2);
            map.setView(parkgeo.toLatLng(x + shapes.origin[0], y + shapes.origin[1]), 21, { animate: false });
            for (const member of layers.members) { member.visible = member.id === "parcels"; }
            layers.stage.repaint();
            await layers.stage.settled();
            const tiles = [...document.querySelectorAll(".pg-tile")].sort((a, b) => a.parkgeo.y - b.parkgeo.y || a.parkgeo.x - b.parkgeo.x);
            const left = tiles[0];
            const right = tiles.find((one) => one.parkgeo.x === left.parkgeo.x + 1 && one.parkgeo.y === left.parkgeo.y);
            const row = (tile, at) => [...tile.firstChild.getContext("2d").getImageData(at, 100, 16, 1).data];
            return [row(left, 512 - 16), row(right, 0)];
        }"""
    )
    left, right = (np.array(row).reshape(16, 4) for row in column)
    assert len(np.unique(left, axis=0)) > 2
    assert (left == right).all()


def test_dense_screens_get_dense_pictures(browser, file):
    context = browser.new_context(device_scale_factor=2, viewport={"width": 900, "height": 700})
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector("[data-ready]")
    ratio = page.evaluate(
        "() => { const one = document.querySelector('.pg-tile canvas'); return one.width / one.getBoundingClientRect().width; }"
    )
    assert ratio == pytest.approx(2, abs=0.02)
    context.close()


def test_hits_are_those_of_shapely(page):
    rng = np.random.default_rng(5)
    shapes = [
        shapely.Point(*rng.integers(20, 180, 2)).buffer(int(rng.integers(5, 40)), quad_segs=3)
        for _ in range(12)
    ]
    shapes = [shapely.transform(shape, np.rint) for shape in shapes]
    at = rng.uniform(0, 200, (200, 2)).tolist()
    told = _paint(page, shapes, {"styles": [RED], "of": None}, at)
    wanted = [
        max((number for number, shape in enumerate(shapes) if shape.contains(shapely.Point(*xy))), default=-1)
        for xy in at
    ]
    assert told["hits"] == wanted


# The same page once more, below the first, with a source that keeps everybody waiting.
_LATER = """
async () => {
    const { data, source: own } = parkgeo.page.view;
    const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 15));
    const source = new Proxy(own, { get(target, name) {
        if (!(name in own)) { return undefined; }
        if (name === "tiles") { return (id) => ({ tile: (...where) => later(own.tiles(id).tile(...where)) }); }
        return (...asked) => later(own[name](...asked));
    } });
    const first = parkgeo.page.map.getContainer();
    const node = document.createElement("div");
    node.className = first.className.replace(/leaflet\\S*/g, "");
    const { width, height } = first.getBoundingClientRect();
    node.style.width = `${width}px`;
    node.style.height = `${height}px`;
    document.querySelectorAll(".pg-sheet-tools, .pg-foot").forEach((one) => one.remove());
    parkgeo.page.map.remove();
    first.replaceWith(node);
    node.id = first.id;
    const map = window[first.id] = L.map(node, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, fadeAnimation: false });
    map.setView([31, 120], 10);
    const words = new parkgeo.Words({ ...data, lang: "zh" });
    parkgeo.page = new parkgeo.ParkMap(map, new parkgeo.View(data, source), words);
    await parkgeo.page.run();
    await new Promise((resolve) => setTimeout(resolve, 400));
}
"""


def test_a_source_that_answers_later_gives_the_same_page(browser, file, snapshot):
    seen = Watched(browser, file)
    page = seen.page
    page.wait_for_selector("[data-ready]")
    before = picture_of(page)
    legend = page.locator(".pg-legend").inner_text()
    _click_parcel(page, snapshot, 2)
    card = page.locator(".pg-card").inner_text()
    page.keyboard.press("Escape")
    page.evaluate(_LATER)
    assert picture_of(page) == before
    assert page.locator(".pg-legend").inner_text() == legend
    _click_parcel(page, snapshot, 2)
    assert page.locator(".pg-card").inner_text() == card
    page.get_by_label("按宗地代码或权利人查找").fill("gb00005")
    page.locator(".pg-results button").click()
    page.wait_for_selector(".pg-card h2:has-text('320000-GB00005')")
    page.locator(".pg-colour-by select:not(.pg-map-choice)").select_option("far")
    page.wait_for_selector(".pg-quantity")
    assert seen.complaints == []
    page.close()
