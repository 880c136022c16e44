"""The map's colours and layers on accessibility as their reader uses them: in Chromium, from a file, with the network off."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
from shapely import Point

from maps import render_map
from maps.ramps import ramp_styles
from tests.access_snapshot import ASKS, CUT_OFF, NO_ROAD, PARCELS, build_access_snapshot
from tests.browser.test_map_browser import _click_parcel, _colours, picture_of, screen_point, settle
from tests.chromium import Watched, open_chromium
from tests.snapshot_builder import HOSTILE

RAMP = "travel_min_motorway_ramp"
NEAR, FAR = 0, 11
GREY = [0xDD, 0xDD, 0xDD, 255]


def _rgba(style):
    return [*bytes.fromhex(style["fill"][1:]), 255]


BEST, WORST = (_rgba(ramp_styles(4)[number]) for number in (0, 3))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_access_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def file(snapshot, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(render_map(snapshot, lang="en"), encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def watched(browser, file):
    seen = Watched(browser, file)
    yield seen
    seen.page.close()
    assert seen.complaints == []
    assert seen.asked_beyond == []


def _choose(page, value):
    page.locator(".pg-colour-by select:not(.pg-map-choice)").select_option(value)
    settle(page)


def _fill(page, snapshot, number):
    colours = _colours(page, snapshot, number)
    return colours[0]


def test_the_choice_changes_colours_legend_and_question(watched, snapshot, tmp_path):
    watched.page.locator('input[data-layer="buildings"]').uncheck()
    assert watched.page.locator(".pg-badge").first.is_visible()
    _choose(watched.page, RAMP)
    assert watched.page.locator("h1").inner_text() == "How well is the land connected?"
    assert not watched.page.locator("#parkgeo-head .pg-badge").is_visible()
    assert _fill(watched.page, snapshot, NEAR) == BEST
    assert _fill(watched.page, snapshot, FAR) == WORST
    assert _fill(watched.page, snapshot, NO_ROAD) == GREY
    rows = watched.page.locator(".pg-legend tr").all_inner_texts()
    labels = [row.split("\t")[0].strip() for row in rows[1:]]
    assert labels == [
        "up to 10 min",
        "10 to 20 min",
        "20 to 30 min",
        "over 30 min",
        "No access, or not known",
        "Total",
    ]
    counts = [int(row.split("\t")[1]) for row in rows[1:]]
    assert counts == [3, 3, 2, 2, 2, PARCELS]
    watched.keep_picture(tmp_path, "map-access-en")


def test_the_colours_of_the_legend_are_those_of_the_map(watched, snapshot):
    watched.page.locator('input[data-layer="buildings"]').uncheck()
    _choose(watched.page, RAMP)
    swatches = watched.page.evaluate(
        """() => [...document.querySelectorAll(".pg-legend canvas.pg-swatch")].map((node) =>
            [...node.getContext("2d").getImageData(node.width / 2, node.height / 2, 1, 1).data])"""
    )
    assert swatches[0] == _fill(watched.page, snapshot, NEAR)
    assert swatches[3] == _fill(watched.page, snapshot, FAR)


def test_it_goes_back_to_idle_land(watched, snapshot):
    watched.page.locator('input[data-layer="buildings"]').uncheck()
    before = _fill(watched.page, snapshot, NEAR)
    _choose(watched.page, RAMP)
    _choose(watched.page, "idle")
    assert _fill(watched.page, snapshot, NEAR) == before
    assert watched.page.locator(".pg-legend tr[data-verdict]").count() == 4


@pytest.mark.parametrize("place", [CUT_OFF, NO_ROAD])
def test_a_parcel_without_access_says_why(watched, snapshot, tmp_path, place):
    _choose(watched.page, RAMP)
    _click_parcel(watched.page, snapshot, place)
    card = watched.page.locator(".pg-card")
    assert "No access, or not known" in card.locator(".pg-quantity").inner_text()
    assert card.locator(".pg-needs").first.inner_text() == ASKS[place][1]
    watched.keep_picture(tmp_path, f"map-access-none-{place}")
    watched.page.locator(".pg-language").click()
    assert card.locator(".pg-needs").first.inner_text() == ASKS[place][0]


def test_the_pop_up_has_the_minutes_by_who_travels(watched, snapshot):
    _choose(watched.page, RAMP)
    _click_parcel(watched.page, snapshot, 1)
    assert "5 min" in watched.page.locator(".pg-quantity strong").inner_text()
    rows = [row.split("\t") for row in watched.page.locator(".pg-minutes tr").all_inner_texts()]
    assert rows == [
        ["Minutes to the nearest", "car", "truck", "on foot"],
        ["motorway ramp", "5.0", "7.5", ""],
        ["bus stop", "", "", "4.0"],
    ]


def test_missing_services_are_named_in_words(watched, snapshot):
    _click_parcel(watched.page, snapshot, 2)
    field = watched.page.locator('.pg-card dd[data-field="services_missing"]')
    assert field.inner_text() == "gas, heat"
    watched.page.locator(".pg-language").click()
    assert field.inner_text() == "燃气、热力" or re.fullmatch("燃气、供热", field.inner_text())


def test_an_isochrone_shows_its_bands_only_while_it_is_on(watched, tmp_path):
    _choose(watched.page, "outline")
    bands = watched.page.locator(".pg-bands")
    assert not bands.is_visible()
    watched.page.locator('input[data-layer="isochrones:motorway_ramp:car"]').check()
    assert bands.locator("li").all_inner_texts() == ["up to 5 min", "5 to 10 min"]
    watched.keep_picture(tmp_path, "map-access-isochrone")
    watched.page.locator('input[data-layer="isochrones:motorway_ramp:car"]').uncheck()
    assert not bands.is_visible()


def test_parcels_are_outlines_while_an_isochrone_is_on_and_as_before_after(watched, snapshot, tmp_path):
    """The ground inside a parcel has just the colour that the legend of the bands shows for it."""
    page = watched.page
    page.locator('input[data-layer="buildings"]').uncheck()
    _choose(page, RAMP)
    before = _fill(page, snapshot, NEAR)
    swatch = """() => document.querySelector('input[data-layer="parcels"]').nextElementSibling.toDataURL()"""
    filled = page.evaluate(swatch)
    box = page.locator('input[data-layer="isochrones:motorway_ramp:car"]')
    box.check()
    page.wait_for_timeout(200)
    assert _fill(page, snapshot, NEAR) != before
    assert page.locator(".pg-legend .pg-note").inner_text().startswith("While a ground")
    assert page.locator(".pg-legend table").count() == 0
    assert page.evaluate(swatch) != filled
    watched.keep_picture(tmp_path, "map-access-isochrone-over")
    outlined = _fill(page, snapshot, NEAR)
    _choose(page, "idle")
    assert _fill(page, snapshot, NEAR) == outlined
    _choose(page, RAMP)
    box.uncheck()
    page.wait_for_timeout(200)
    assert _fill(page, snapshot, NEAR) == before
    assert page.evaluate(swatch) == filled
    assert page.locator(".pg-legend .pg-note").count() == 0


def test_the_closed_list_says_who_travels(watched):
    options = watched.page.locator(".pg-colour-by select:not(.pg-map-choice) option").all_inner_texts()
    assert "car · motorway ramp" in options
    assert "truck · motorway ramp" in options
    assert len(set(options)) == len(options)


def test_a_parcel_below_an_isochrone_or_a_reach_can_be_clicked(watched, snapshot):
    for layer in ("isochrones:motorway_ramp:car", "reach:heat"):
        watched.page.locator(f'input[data-layer="{layer}"]').check()
    parcels = snapshot.read("parcels")
    south = parcels.geometry.iloc[NEAR].bounds[1]
    inside = parcels.geometry.iloc[[NEAR]].centroid.iloc[0]
    spot = gpd.GeoSeries([Point(inside.x, south + 25)], crs=parcels.crs).to_crs(4326).iloc[0]
    x, y = watched.page.evaluate(
        """([lat, lon]) => { const node = document.querySelector(".folium-map"); const box = node.getBoundingClientRect();
            const at = window[node.id].latLngToContainerPoint([lat, lon]); return [box.left + at.x, box.top + at.y]; }""",
        [spot.y, spot.x],
    )
    watched.page.mouse.click(x, y)
    assert watched.page.locator(".pg-card h2").inner_text() == parcels["parcel_id"].iloc[NEAR]


def test_every_new_layer_draws_something(watched):
    _choose(watched.page, "outline")
    for box in watched.page.locator("input[data-layer]").all():
        name = box.get_attribute("data-layer")
        if name.startswith(("isochrones", "network", "reach", "gates", "links")):
            before = picture_of(watched.page)
            box.check()
            assert picture_of(watched.page) != before, name
            box.uncheck()


def test_no_chinese_is_left_in_the_english_page_and_the_choice_survives_the_switch(watched):
    _choose(watched.page, "services_ready")
    watched.page.locator(".pg-language").click()
    assert watched.page.locator(".pg-colour-by select:not(.pg-map-choice)").input_value() == "services_ready"
    assert watched.page.locator("h1").inner_text() == "哪些地配套齐全？"
    watched.page.locator(".pg-language").click()
    chrome = watched.page.locator(".pg-legend, .pg-layers").all_inner_texts()
    assert not re.search(r"[\u4e00-\u9fff]", "".join(chrome))


def test_panels_do_not_overlap_on_a_telephone(browser, file, tmp_path):
    seen = Watched(browser, file, size=(390, 780))
    seen.page.locator(".pg-legend > summary").click()
    _choose(seen.page, RAMP)
    legend, layers = (seen.page.locator(part).bounding_box() for part in (".pg-legend", ".pg-layers"))
    assert legend["x"] >= 0
    assert legend["x"] + legend["width"] <= 390
    assert layers["y"] + layers["height"] <= legend["y"]
    seen.keep_picture(tmp_path, "map-access-telephone")
    assert seen.complaints == []
    seen.page.close()


def test_hostile_ids_of_roads_and_reasons_do_not_run(browser, tmp_path):
    path = tmp_path / "hostile.html"
    snapshot = build_access_snapshot(tmp_path / "ws", hostile=True)
    path.write_text(render_map(snapshot, lang="en"), encoding="utf-8", newline="\n")
    seen = Watched(browser, path)
    _choose(seen.page, RAMP)
    for box in seen.page.locator("input[data-layer]").all():
        box.check()
    settle(seen.page)
    link = snapshot.read("links").to_crs(4326).geometry.iloc[0].interpolate(0.37, normalized=True)
    seen.page.mouse.click(*screen_point(seen.page, link))
    seen.page.wait_for_selector(".pg-card")
    assert HOSTILE[0] in seen.page.locator(".pg-card").inner_text()
    assert seen.page.evaluate("window.__owned") is None
    assert seen.complaints == []
    seen.page.close()
