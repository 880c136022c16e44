"""The map's tools as their reader uses them: measuring, drawing, overview, units, questions, the sheet for the printer."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod

from maps import render_map
from tests.access_snapshot import build_access_snapshot
from tests.browser.test_map_browser import _click_parcel, _colours, _overlap, screen_point, settle
from tests.chromium import Watched, open_chromium

GEOD = Geod(ellps="GRS80")
YES = 2
A4, A3 = (841.9, 595.3), (1190.6, 841.9)  # landscape, points


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_access_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def files(snapshot, tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    for lang in ("zh", "en"):
        (folder / f"{lang}.html").write_text(render_map(snapshot, lang=lang), encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def watched(browser, files):
    seen = Watched(browser, files / "en.html")
    seen.page.wait_for_selector("[data-ready]")
    yield seen
    seen.page.close()
    assert seen.complaints == []
    assert seen.asked_beyond == []


def _latlng(page, x, y):
    """Latitude and longitude of a place on the screen."""
    return page.evaluate(
        """([x, y]) => { const map = parkgeo.page.map; const box = map.getContainer().getBoundingClientRect();
            const at = map.containerPointToLatLng([x - box.left, y - box.top]); return [at.lat, at.lng]; }""",
        [x, y],
    )


def _draw(page, kind, corners):
    page.locator(".pg-sketch .pg-row button").nth(["line", "area"].index(kind)).click()
    for x, y in corners[:-1]:
        page.mouse.click(x, y)
    page.mouse.dblclick(*corners[-1])
    page.wait_for_selector(".pg-sketches li")


def _number(text):
    return float(re.sub(r"[^\d.]", "", text))


@pytest.mark.parametrize("latitude", [0.0, 23.5, 31.7, 52.9])
def test_lengths_and_areas_are_those_on_the_ellipsoid(watched, latitude):
    corners = [
        (120.0, latitude),
        (120.07, latitude + 0.01),
        (120.08, latitude + 0.06),
        (119.97, latitude + 0.03),
    ]
    length, area = watched.page.evaluate(
        "places => [parkgeo.geodesy.length(places), parkgeo.geodesy.area(places)]",
        [[lat, lng] for lng, lat in corners],
    )
    assert length == pytest.approx(GEOD.line_length(*zip(*corners, strict=True)), rel=1e-9)
    wanted = abs(GEOD.polygon_area_perimeter(*zip(*corners, strict=True))[0])
    assert area == pytest.approx(wanted, rel=1e-5)


def test_a_line_is_measured_as_it_lies_on_the_ground(watched):
    page = watched.page
    page.locator(".pg-measure").click()
    corners = [(500, 300), (800, 320), (820, 600)]
    places = [_latlng(page, *corner) for corner in corners]
    _draw(page, "line", corners)
    wanted = GEOD.line_length([lng for _, lng in places], [lat for lat, _ in places])
    assert _number(page.locator(".pg-sketches .pg-figure").inner_text()) == pytest.approx(wanted, abs=1.0)
    assert page.locator(".pg-card").count() == 0  # no pop-up opened on the way


def test_an_area_selects_the_parcels_inside_until_it_is_deleted(watched, snapshot, tmp_path):
    page = watched.page
    parcels = snapshot.read("parcels")
    page.locator('input[data-layer="buildings"]').uncheck()
    before = page.locator(".pg-legend tr").all_inner_texts()
    page.locator(".pg-measure").click()
    # Round the four parcels of the south-west corner, and over a part of their neighbours.
    west, south = parcels.total_bounds[:2]
    ring = shapely.box(west - 20, south - 20, west + 560, south + 560)
    corners = [
        screen_point(page, point)
        for point in gpd.GeoSeries(
            [shapely.Point(xy) for xy in ring.exterior.coords[:-1]], crs=parcels.crs
        ).to_crs(4326)
    ]
    _draw(page, "area", corners)
    inside = parcels[parcels.geometry.centroid.within(ring)]
    assert len(inside) == 4
    assert f"Select the {len(inside)} parcels inside" in page.locator(".pg-sketches li").inner_text()
    counts = [row.split("\t")[1] for row in page.locator(".pg-legend tr[data-verdict]").all_inner_texts()]
    wanted = [(inside["idle"] == code).sum() for code in ("yes", "undetermined", "no")]
    assert counts == [str(count) for count in (*wanted, inside["idle"].isna().sum())]
    assert "Counted are the 4 parcels" in page.locator(".pg-legend .pg-note").inner_text()
    outside = next(place for place in range(len(parcels)) if place not in inside.index)
    assert _colours(page, snapshot, outside)[0][3] == 0  # outlined only: nothing is in its middle
    watched.keep_picture(tmp_path, "map-tools-selection")
    with page.expect_download() as waiting:
        page.locator(".pg-download").click()
    told = json.loads(waiting.value.path().read_text(encoding="utf-8"))
    (feature,) = told["features"]
    assert feature["properties"]["parcels"] == inside["parcel_id"].tolist()
    assert feature["properties"]["area_m2"] == pytest.approx(ring.area, rel=0.01)
    drawn = gpd.GeoSeries([shapely.geometry.shape(feature["geometry"])], crs=4326).to_crs(parcels.crs).iloc[0]
    assert drawn.exterior.is_ccw
    assert shapely.hausdorff_distance(drawn, ring) < 5
    page.locator(".pg-sketches button").click()
    assert page.locator(".pg-sketches").count() == 0
    assert page.locator(".pg-legend tr").all_inner_texts() == before


def test_the_box_of_an_area_takes_its_selection_back(watched):
    page = watched.page
    page.locator(".pg-measure").click()
    _draw(page, "area", [(450, 250), (800, 250), (800, 500), (450, 500)])
    assert page.locator(".pg-legend .pg-note").count() == 1
    page.locator(".pg-sketches input").uncheck()
    assert page.locator(".pg-legend .pg-note").count() == 0


def test_drawing_with_the_keyboard_alone(watched):
    page = watched.page
    page.locator(".pg-measure").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the first button of the panel: a length
    assert page.evaluate("document.activeElement.className").endswith("pg-at-centre")
    page.keyboard.press("Enter")
    page.locator(".folium-map").focus()
    page.evaluate("parkgeo.page.map.options.keyboardPanDelta")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    page.keyboard.press("Space")
    page.keyboard.press("Backspace")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    figure = page.locator(".pg-sketches .pg-figure").inner_text()
    at_latitude = page.evaluate(
        "parkgeo.geodesy.length([parkgeo.page.sketch.kept[0].places[0], parkgeo.page.sketch.kept[0].places[1]])"
    )
    assert _number(figure) == pytest.approx(at_latitude, rel=0.01)
    assert at_latitude > 50


def test_escape_gives_up_a_drawing_and_clicks_open_pop_ups_again(watched, snapshot):
    page = watched.page
    page.locator(".pg-measure").click()
    page.locator(".pg-sketch .pg-row button").first.click()
    page.mouse.click(600, 400)
    assert page.locator(".pg-drawing").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".pg-drawing").count() == 0
    page.locator(".pg-measure").click()
    assert not page.locator(".pg-sketch").is_visible()
    _click_parcel(page, snapshot, YES)


def test_the_overview_moves_the_map(watched):
    page = watched.page
    page.locator(".leaflet-control-zoom-in").click()
    page.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(600)
    centre = "() => { const at = parkgeo.page.map.getCenter(); return [at.lat, at.lng]; }"
    overview = page.locator(".pg-minimap canvas")
    box = overview.bounding_box()
    page.mouse.click(box["x"] + 20, box["y"] + 20)
    north_west = page.evaluate(centre)
    page.mouse.click(box["x"] + box["width"] - 20, box["y"] + box["height"] - 20)
    south_east = page.evaluate(centre)
    assert north_west[0] > south_east[0]
    assert north_west[1] < south_east[1]
    overview.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(centre)[1] < south_east[1]
    page.locator(".pg-minimap summary").click()
    assert not overview.is_visible()


def test_areas_show_in_the_unit_that_is_chosen(watched, snapshot):
    page = watched.page
    parcel = snapshot.read("parcels").iloc[YES]
    _click_parcel(page, snapshot, YES)
    field = page.locator('.pg-card dd[data-field="site_area_m2"]')
    heads = page.locator(".pg-legend th.pg-number")
    area = parcel["site_area_m2"]
    assert field.inner_text() == f"{area:,.0f} m² ({round(area * 15 / 1e4, 1):g} mu)"
    assert heads.all_inner_texts() == ["Parcels", "mu"]
    page.locator(".pg-unit").select_option("ha")
    assert field.inner_text() == f"{area / 1e4:.2f}".rstrip("0").rstrip(".") + " ha"
    assert heads.all_inner_texts() == ["Parcels", "ha"]
    page.locator(".pg-unit").select_option("m2")
    assert field.inner_text() == f"{area:,.0f} m²"
    assert heads.all_inner_texts() == ["Parcels", "m²"]
    total = snapshot.read("parcels").geometry.area.sum()
    assert _number(page.locator(".pg-total td").last.inner_text()) == pytest.approx(total, rel=1e-6)
    page.locator(".pg-language").click()
    assert page.locator(".pg-unit").input_value() == "m2"


def test_another_question_brings_its_colours_and_layers(watched):
    page = watched.page
    choice = page.locator(".pg-map-choice")
    assert choice.input_value() == "idle"
    choice.select_option("access")
    settle(page)
    assert page.locator("h1").inner_text() == "How well is the land connected?"
    on = [
        box.get_attribute("data-layer") for box in page.locator("input[data-layer]").all() if box.is_checked()
    ]
    assert {"parks", "parcels", "facilities", "gates:gates_given"} <= set(on)
    assert "buildings" not in on
    assert not page.locator("#parkgeo-head .pg-badge").is_visible()
    choice.select_option("idle")
    assert page.locator("#parkgeo-head .pg-badge").is_visible()
    page.locator(".pg-left-out summary").click()
    reasons = page.locator(".pg-left-out li").all_inner_texts()
    assert any("grade" in reason for reason in reasons)


@pytest.mark.parametrize(("paper", "size"), [("A4", A4), ("A3", A3)])
def test_the_sheet_has_all_that_a_printed_map_needs(browser, files, tmp_path, paper, size):
    seen = Watched(browser, files / "zh.html")
    page = seen.page
    page.wait_for_selector("[data-ready]")
    page.locator(".pg-print").click()
    page.locator(".pg-paper").select_option(paper)
    settle(page)
    sheet = page.locator("body").inner_text()
    for words in (
        "哪些地闲置？",
        "滨江工业园",
        "截至 2026-06-30",
        "疑似，待核实",
        "CGCS2000",
        "疑似闲置",
        "主干路",
        "北",
    ):
        assert words in sheet
    for part in (".leaflet-control-scale", ".pg-north", ".pg-legend table", ".pg-beside"):
        assert page.locator(part).is_visible(), part
    for part in (".pg-layers", ".pg-minimap", ".leaflet-control-zoom", ".pg-bar", ".pg-search"):
        assert not page.locator(part).is_visible(), part
    boxes = [
        page.locator(part).bounding_box() for part in (".pg-legend", ".pg-north", ".leaflet-control-scale")
    ]
    assert not any(_overlap(one, other) for one in boxes for other in boxes if one is not other)
    printed = page.pdf(prefer_css_page_size=True, print_background=True, path=tmp_path / "sheet.pdf")
    pages = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 1
    assert [float(each) for each in pages[0]] == pytest.approx(size, abs=2)
    seen.keep_picture(tmp_path, f"map-sheet-{paper}")
    page.keyboard.press("Escape")
    assert page.locator(".pg-layers").is_visible()
    assert not page.locator(".pg-sheet-tools").is_visible()
    assert seen.complaints == []
    page.close()


def test_the_sheet_of_what_is_no_suspicion_says_nothing_of_one(watched):
    page = watched.page
    page.locator(".pg-map-choice").select_option("access")
    page.locator(".pg-print").click()
    assert not page.locator(".pg-badge", has_text="Suspected").first.is_visible()


def test_printing_asks_the_browser_for_its_dialog(watched):
    watched.page.evaluate("() => { window.print = () => { window.__printed = true; }; }")
    watched.page.locator(".pg-print").click()
    watched.page.locator(".pg-go").click()
    watched.page.wait_for_function("window.__printed")
    assert watched.page.evaluate("window.__printed") is True


def test_a_browser_that_cannot_unpack_says_so_in_both_languages(browser, files):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream;")
    page.goto((files / "zh.html").as_uri())
    told = page.locator(".pg-too-old").all_inner_texts()
    assert len(told) == 2
    assert "浏览器版本过旧" in told[0]
    assert "too old" in told[1]
    assert page.locator(".pg-legend").count() == 0
    context.close()
