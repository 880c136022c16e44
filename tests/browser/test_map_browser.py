"""The map as its reader uses it: in Chromium, from a file, with the network off."""

from __future__ import annotations

import functools
import http.server
import itertools
import re
import threading

import pytest

from maps import payload, render_map
from tests.browser.without_ledger import build_without_ledger
from tests.chromium import Watched, open_chromium
from tests.snapshot_builder import AS_OF, build_snapshot

YES, UNDETERMINED, NO, UNJUDGED = 2, 4, 0, 6  # parcels of the sample by their verdict


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def file(snapshot, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(render_map(snapshot), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture
def watched(browser, file):
    seen = Watched(browser, file)
    yield seen
    seen.page.close()
    assert seen.complaints == []
    assert seen.asked_beyond == []


def settle(page):
    """Wait until all that was asked for is drawn."""
    page.evaluate("() => parkgeo.page.layers.stage.settled()")


def picture_of(page):
    """All that the map shows, as text that differs where the picture does."""
    settle(page)
    return page.evaluate(
        """() => [...document.querySelectorAll(".pg-tile canvas")].map((one) => {
            const box = one.getBoundingClientRect();
            return [Math.round(box.left), Math.round(box.top), one.toDataURL()].join();
        }).sort().join()"""
    )


def _screen_point(page, snapshot, number):
    """Where the middle of a parcel is on the screen."""
    return screen_point(
        page, snapshot.read("parcels").to_crs(4326).geometry.iloc[number].representative_point()
    )


def screen_point(page, shape):
    """Where a point in degrees is on the screen."""
    return page.evaluate(
        """([lat, lon]) => {
            const node = document.querySelector(".folium-map");
            const point = window[node.id].latLngToContainerPoint([lat, lon]);
            const box = node.getBoundingClientRect();
            return [box.left + point.x, box.top + point.y];
        }""",
        [shape.y, shape.x],
    )


def _click_parcel(page, snapshot, number):
    x, y = _screen_point(page, snapshot, number)
    page.mouse.click(x, y)
    page.wait_for_selector(".pg-card")


def _colours(page, snapshot, number):
    """Colours that the map's canvases show in the middle of a parcel, the most frequent first."""
    settle(page)
    x, y = _screen_point(page, snapshot, number)
    return page.evaluate(
        """([x, y]) => {
            const canvas = [...document.querySelectorAll(".pg-tile canvas")].find((one) => {
                const box = one.getBoundingClientRect();
                return box.left <= x && x < box.right && box.top <= y && y < box.bottom;
            });
            const box = canvas.getBoundingClientRect();
            const scale = canvas.width / box.width;
            const pixels = canvas.getContext("2d").getImageData(Math.round((x - box.left) * scale) - 10, Math.round((y - box.top) * scale) - 10, 20, 20).data;
            const counts = {};
            for (let place = 0; place < pixels.length; place += 4) {
                const colour = [...pixels.slice(place, place + 4)].join();
                counts[colour] = (counts[colour] || 0) + 1;
            }
            return Object.entries(counts).sort((a, b) => b[1] - a[1]).map(([colour]) => colour.split(",").map(Number));
        }""",
        [x, y],
    )


def _field(page, name):
    return page.locator(f'.pg-card dd[data-field="{name}"]').inner_text()


def test_title_asks_the_question_and_says_that_it_is_a_suspicion(watched, tmp_path):
    head = watched.page.locator("#parkgeo-head").inner_text()
    for words in ("哪些地闲置？", "滨江工业园", f"截至 {AS_OF}", "疑似，待核实"):
        assert words in head
    assert watched.page.title() == "哪些地闲置？ 滨江工业园"
    watched.keep_picture(tmp_path, "map-zh-wide")


def test_legend_says_counts_and_areas_of_all_four_classes(watched, snapshot):
    parcels = snapshot.read("parcels")
    rows = watched.page.locator(".pg-legend tr[data-verdict]")
    assert rows.count() == 4
    units = {"mu": 15 / 1e4, "ha": 1 / 1e4}
    for unit, number in itertools.product(units, range(4)):
        watched.page.locator(".pg-unit").select_option(unit)
        row = rows.nth(number)
        code = row.get_attribute("data-verdict")
        of_class = parcels[parcels["idle"].isna() if code == "not_judged" else parcels["idle"] == code]
        count, area = (float(cell.replace(",", "")) for cell in row.locator("td").all_inner_texts())
        assert count == len(of_class)
        assert area == pytest.approx(of_class.area.sum() * units[unit], abs=0.051)


def test_verdicts_are_drawn_in_their_colour_and_pattern(watched, snapshot):
    watched.page.locator('input[data-layer="buildings"]').uncheck()
    yes, undetermined, no, unjudged = (
        _colours(watched.page, snapshot, number) for number in (YES, UNDETERMINED, NO, UNJUDGED)
    )
    assert yes[0] == [0xD5, 0x5E, 0x00, 255]
    assert undetermined[0] == [0xF0, 0xE4, 0x42, 255]
    # The pattern's ink is in the fill, beside the smoothed edges of its strokes.
    assert min(colour[0] for colour in yes) < 0x90
    assert min(colour[0] for colour in undetermined) < 0x90
    assert [len(no), no[0][3]] == [1, pytest.approx(0.35 * 255, abs=2)]
    assert unjudged == [[255, 255, 255, 255]]


def test_a_parcel_says_why_it_is_suspected(watched, snapshot, tmp_path):
    parcel = snapshot.read("parcels").iloc[YES]
    _click_parcel(watched.page, snapshot, YES)
    card = watched.page.locator(".pg-card").inner_text()
    for words in (
        parcel["parcel_id"],
        parcel["holder"],
        parcel["verdict_reason_zh"],
        "疑似，待核实",
        "闲置土地处置办法 第二条第一款",
    ):
        assert words in card
    assert _field(watched.page, "agreed_start") == "2024-03-01"
    assert _field(watched.page, "idle_fee_wan") == "88.5 万元"
    assert _field(watched.page, "site_area_m2") == "48,008 m² (72 亩)"
    watched.keep_picture(tmp_path, "map-zh-parcel")


def test_missing_values_are_dashes_and_a_real_nought_is_a_nought(watched, snapshot):
    _click_parcel(watched.page, snapshot, YES)
    for name in ("actual_start", "far", "building_density", "tax_wan_per_mu"):
        assert _field(watched.page, name) == "—"
    assert _field(watched.page, "government_delay_days") == "0 天"


def test_an_undetermined_parcel_says_what_to_ask_for(watched, snapshot):
    _click_parcel(watched.page, snapshot, UNDETERMINED)
    card = watched.page.locator(".pg-card").inner_text()
    assert "缺少：约定动工日期、实际交地日期" in card
    assert "请向供地科索取：交地确认书" in card


def test_an_unverified_clause_is_marked(watched, snapshot):
    number = next(
        place for place, verdict in enumerate(snapshot.read("parcels")["area_mismatch"]) if verdict == "yes"
    )
    _click_parcel(watched.page, snapshot, number)
    assert watched.page.locator(".pg-unverified").all_inner_texts() == ["条文未核实"]


def test_the_language_switches_in_the_page(watched, snapshot, tmp_path):
    _click_parcel(watched.page, snapshot, YES)
    watched.page.locator(".pg-language").click()
    assert watched.page.locator("h1").inner_text() == "Which land is idle?"
    assert watched.page.locator("html").get_attribute("lang") == "en"
    assert (
        snapshot.read("parcels").iloc[YES]["verdict_reason_en"]
        in watched.page.locator(".pg-card").inner_text()
    )
    chrome = watched.page.locator(".pg-legend, .pg-layers, .pg-card h3, .pg-card dt").all_inner_texts()
    assert not re.search(r"[\u4e00-\u9fff]", "".join(chrome))
    assert watched.page.locator(".leaflet-control-zoom-in").get_attribute("title") == "Zoom in"
    watched.keep_picture(tmp_path, "map-en-parcel")
    watched.page.locator(".pg-language").click()
    assert watched.page.locator("h1").inner_text() == "哪些地闲置？"
    assert (
        snapshot.read("parcels").iloc[YES]["verdict_reason_zh"]
        in watched.page.locator(".pg-card").inner_text()
    )


def test_every_layer_can_be_shown_and_hidden(watched, tmp_path):
    boxes = watched.page.locator("input[data-layer]")
    shown_at_first = {box.get_attribute("data-layer") for box in boxes.all() if box.is_checked()}
    assert {"parks", "parcels"} <= shown_at_first
    assert not any(
        layer.startswith(("findings", "utilities", "constraints", "plan", "facilities"))
        for layer in shown_at_first
    )
    for box in boxes.all():
        before = picture_of(watched.page)
        box.click()
        assert picture_of(watched.page) != before, box.get_attribute("data-layer")
        box.check()
    settle(watched.page)
    watched.keep_picture(tmp_path, "map-zh-all-layers")


def test_a_group_is_shown_and_hidden_at_once(watched):
    group = watched.page.locator("fieldset", has=watched.page.locator('input[data-layer="utilities:gas"]'))
    head = group.locator("legend input")
    mains = group.locator("input[data-layer]")
    head.check()
    assert all(box.is_checked() for box in mains.all())
    mains.first.uncheck()
    assert head.evaluate("node => node.indeterminate")
    head.check()
    head.uncheck()
    assert not any(box.is_checked() for box in mains.all())


def test_layers_put_back_do_not_hide_what_is_chosen(watched, snapshot):
    watched.page.locator('input[data-layer="parks"]').uncheck()
    watched.page.locator('input[data-layer="parks"]').check()
    _click_parcel(watched.page, snapshot, YES)
    assert snapshot.read("parcels").iloc[YES]["parcel_id"] in watched.page.locator(".pg-card h2").inner_text()


def test_a_station_opens_and_says_what_it_is(watched, snapshot):
    watched.page.locator('input[data-layer="facilities"]').check()
    place = snapshot.read("facilities").to_crs(4326).geometry.iloc[0]
    x, y = watched.page.evaluate(
        """([lat, lon]) => { const node = document.querySelector(".folium-map"); const box = node.getBoundingClientRect();
            const at = window[node.id].latLngToContainerPoint([lat, lon]); return [box.left + at.x, box.top + at.y]; }""",
        [place.y, place.x],
    )
    watched.page.mouse.click(x, y)
    assert _field(watched.page, "kind") == "消防站"


def test_search_by_id_and_holder_with_the_keyboard_alone(watched, snapshot, tmp_path):
    parcels = snapshot.read("parcels")
    box = watched.page.get_by_label("按宗地代码或权利人查找")
    box.fill("gb00005")
    assert watched.page.locator(".pg-results button").count() == 1
    box.press("Enter")
    assert watched.page.locator(".pg-card h2").inner_text() == parcels.iloc[4]["parcel_id"]
    box.fill("northwind")
    watched.keep_picture(tmp_path, "map-zh-search")
    found = watched.page.locator(".pg-results button").all_inner_texts()
    assert len(found) == min(12, (parcels["holder"] == "Northwind Packaging Ltd").sum())
    assert all("Northwind" in text for text in found)
    box.press("ArrowDown")
    watched.page.keyboard.press("ArrowDown")
    watched.page.keyboard.press("Enter")
    assert "Northwind Packaging Ltd" in watched.page.locator(".pg-card").inner_text()
    watched.page.keyboard.press("Escape")
    watched.page.locator(".pg-card").wait_for(state="detached")
    box.fill("没有这宗地")
    assert watched.page.locator(".pg-results").inner_text() == "没有找到"


def test_every_control_can_be_reached_with_the_tab_key(watched):
    reached = set()
    for _ in range(60):
        watched.page.keyboard.press("Tab")
        reached.add(
            watched.page.evaluate(
                "document.activeElement.className + '|' + (document.activeElement.dataset.layer || document.activeElement.tagName)"
            )
        )
    told = " ".join(reached)
    for part in (
        "INPUT",
        "pg-language",
        "leaflet-control-zoom-in",
        "pg-home-button",
        "|SUMMARY",
        "|parcels",
        "|utilities:gas",
    ):
        assert part in told, part


def test_whole_park_comes_back(watched):
    where = "(() => { const map = window[document.querySelector('.folium-map').id]; return [map.getZoom(), map.getCenter().lat]; })()"
    before = watched.page.evaluate(where)
    watched.page.locator(".leaflet-control-zoom-in").click()
    watched.page.wait_for_timeout(400)
    assert watched.page.evaluate(where)[0] > before[0]
    watched.page.locator(".pg-home-button").click()
    assert watched.page.evaluate(where) == pytest.approx(before)


@pytest.mark.parametrize("size", [(820, 1100), (390, 780)], ids=["tablet", "telephone"])
def test_nothing_overlaps_on_a_small_screen(browser, file, snapshot, tmp_path, size):
    seen = Watched(browser, file, size=size)
    boxes = [
        seen.page.locator(part).bounding_box()
        for part in (
            "#parkgeo-head",
            ".pg-layers",
            ".pg-legend",
            ".leaflet-control-scale",
            ".leaflet-control-zoom",
            ".pg-bar",
            ".pg-minimap",
        )
    ]
    boxes = list(filter(None, boxes))  # a telephone shows no zoom buttons
    for number, one in enumerate(boxes):
        assert one["x"] >= 0
        assert one["x"] + one["width"] <= size[0] + 0.5
        for other in boxes[number + 1 :]:
            assert not _overlap(one, other)
    _click_parcel(seen.page, snapshot, YES)
    seen.page.wait_for_timeout(500)
    popup = seen.page.locator(".leaflet-popup").bounding_box()
    assert not any(_overlap(popup, box) for box in boxes)
    seen.keep_picture(tmp_path, f"map-zh-{size[0]}")
    assert seen.complaints == []
    seen.page.close()


def _overlap(one, other):
    return all(
        one[axis] < other[axis] + other[span] and other[axis] < one[axis] + one[span]
        for axis, span in (("x", "width"), ("y", "height"))
    )


def test_it_opens_from_a_server_as_from_a_file(browser, file):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(file.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        seen = Watched(browser, f"http://127.0.0.1:{server.server_port}/{file.name}")
        seen.page.wait_for_timeout(300)
        seen.page.close()
        server.shutdown()
        thread.join()
    assert seen.complaints == []
    assert seen.asked_beyond == []


def test_a_park_too_large_for_one_file_says_that_it_is_simplified(browser, snapshot, monkeypatch, tmp_path):
    monkeypatch.setattr(payload, "PORTABLE_LIMIT", 10)
    path = tmp_path / "large.html"
    path.write_text(render_map(snapshot, lang="en"), encoding="utf-8", newline="\n")
    seen = Watched(browser, path)
    assert "More than 10 parcels" in seen.page.locator(".pg-note").inner_text()
    _click_parcel(seen.page, snapshot, YES)
    assert "320000-GB00003" in seen.page.locator(".pg-card").inner_text()
    assert seen.complaints == []
    seen.page.close()


def _missing(page):
    """What the pop-up says below the heading of what is missing."""
    heading = page.locator(".pg-card h3", has_text=re.compile("缺什么|What is missing"))
    return heading.locator("xpath=following-sibling::*[1]").inner_text()


def test_nothing_missing_is_said_only_where_nothing_is(watched, snapshot):
    _click_parcel(watched.page, snapshot, NO)
    assert "没有缺少的资料" in _missing(watched.page)
    watched.page.keyboard.press("Escape")
    _click_parcel(watched.page, snapshot, YES)
    told = _missing(watched.page)
    assert told.startswith("无数值：")
    assert "容积率" in told
    assert "实际动工日期" in told
    assert "没有缺少的资料" not in watched.page.locator(".pg-card").inner_text()
    assert watched.page.locator(".pg-legend .pg-note").count() == 0


@pytest.fixture(scope="module")
def unledgered(tmp_path_factory):
    return build_without_ledger(tmp_path_factory.mktemp("unledgered"))


@pytest.fixture
def english(browser, unledgered, tmp_path):
    path = tmp_path / "unledgered.html"
    path.write_text(render_map(unledgered, lang="en"), encoding="utf-8", newline="\n")
    seen = Watched(browser, path)
    yield seen
    seen.page.close()
    assert seen.complaints == []


def test_without_a_ledger_every_pop_up_says_what_to_ask_for(english, unledgered, tmp_path):
    far = unledgered.read("parcels")["far"]
    for number in (int(far.isna().argmax()), int(far.notna().argmax())):
        _click_parcel(english.page, unledgered, number)
        card = english.page.locator(".pg-card").inner_text()
        gaps = english.page.locator(".pg-gaps").inner_text()
        assert "WHAT IS MISSING, AND WHAT TO ASK FOR" in card.upper()
        assert "Nothing is reported missing" not in card
        assert "The layer Supply ledger is missing." in gaps
        assert "The layer Company returns is missing." in gaps
        assert ("The buildings have no floors." in gaps) == bool(far.isna()[number])
        english.keep_picture(tmp_path, f"map-en-unledgered-{number}")
        english.page.keyboard.press("Escape")
        english.page.locator(".pg-card").wait_for(state="detached")


def test_without_a_ledger_the_legend_says_that_nothing_was_judged(english):
    legend = english.page.locator(".pg-legend")
    assert legend.locator("tr[data-verdict]").count() == 4
    assert legend.locator(".pg-note").inner_text() == "Not judged: no supply ledger"
    english.page.locator(".pg-language").click()
    assert legend.locator(".pg-note").inner_text() == "未判定：缺供地台账"


def test_parkgeos_own_setting_is_called_so(english, unledgered):
    _click_parcel(english.page, unledgered, list(unledgered.read("parcels")["area_mismatch"]).index("yes"))
    assert english.page.locator(".pg-setting").all_inner_texts() == ["parkgeo setting"]
    assert english.page.locator(".pg-unverified").count() == 0
    english.page.locator(".pg-language").click()
    assert english.page.locator(".pg-setting").all_inner_texts() == ["本软件设置"]
