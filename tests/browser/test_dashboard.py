"""The dashboard as people use it: its tables and keys, its languages, links that bring all back, files of what is shown."""

from __future__ import annotations

import csv
import io
import re

import httpx
import openpyxl
import pytest

from maps.bundle import script_text
from maps.words_dashboard import DASHBOARD
from parkgeo.i18n import messages
from tests.api.conftest import started
from tests.browser.dashboard import Seen, cells
from tests.chromium import open_chromium
from tests.snapshot_builder import build_snapshot

PARCELS = 600


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("workspace"), parcels=PARCELS)


@pytest.fixture(scope="module")
def service(snapshot):
    with started(snapshot.path.parents[1]) as url:
        yield url


@pytest.fixture
def seen(browser, service):
    dashboard = Seen(browser, service)
    yield dashboard
    assert dashboard.complaints == []
    assert dashboard.strangers == []
    dashboard.page.close()


def _front(page):
    return page.locator(".pg-pane:not([hidden]) [role=grid]")


def _chosen(page):
    return page.evaluate(
        "parkgeo.dashboard.parcel < 0 ? null : parkgeo.dashboard.view.data.parcels.ids.at(parkgeo.dashboard.parcel)"
    )


def test_the_table_holds_every_row_and_only_those_in_sight_are_in_the_page(seen):
    grid = _front(seen.page)
    assert grid.get_attribute("aria-rowcount") == str(PARCELS + 1)
    assert int(grid.get_attribute("aria-colcount")) >= 5
    assert 5 < grid.locator(".pg-grid-row").count() < 60
    assert grid.locator(".pg-grid-row").first.get_attribute("aria-rowindex") == "2"
    grid.focus()
    seen.page.keyboard.press("End")
    seen.until("document.querySelector('.pg-at') !== null")
    last = grid.locator(".pg-at")
    assert last.get_attribute("aria-rowindex") == str(PARCELS + 1)
    assert grid.get_attribute("aria-activedescendant") == last.get_attribute("id")
    assert last.is_visible()


def test_keys_move_through_the_rows_and_choose_one(seen):
    page = seen.page
    grid = _front(page)
    grid.focus()
    at = lambda: int(grid.locator(".pg-at").get_attribute("aria-rowindex")) - 2  # noqa: E731
    steps = [("Home", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", PARCELS - 1), ("ArrowDown", PARCELS - 1), ("Home", 0), ("ArrowUp", 0)]  # fmt: skip
    for key, place in steps:
        page.keyboard.press(key)
        assert at() == place, key
    page.keyboard.press("PageDown")
    far = at()
    assert far >= 3
    page.keyboard.press("Enter")
    ids = sorted(page.evaluate("[...parkgeo.dashboard.view.data.parcels.ids.ends].map((_, row) => parkgeo.dashboard.view.data.parcels.ids.at(row))"))  # fmt: skip
    assert _chosen(page) == ids[far]
    assert grid.locator("[aria-selected=true]").get_attribute("aria-rowindex") == str(far + 2)
    page.keyboard.press("PageUp")
    assert at() == 0
    assert _chosen(page) == ids[far]


def test_a_row_that_is_chosen_is_chosen_on_the_map_and_the_other_way_round(seen):
    page = seen.page
    page.click(".pg-pane:not([hidden]) .pg-grid-row >> nth=3")
    assert page.evaluate("parkgeo.dashboard.page.layers.parcels.chosen === parkgeo.dashboard.parcel")
    before = _chosen(page)
    box = page.locator(".folium-map").bounding_box()
    seen.until("parkgeo.page.layers.stage.working === false")
    hits = page.evaluate(
        """() => {
            const { map, layers } = parkgeo.page;
            const size = map.getSize();
            for (let y = 60; y < size.y - 20; y += 11) {
                for (let x = 420; x < size.x - 200; x += 11) {
                    const hit = layers.stage.at(map.containerPointToLatLng([x, y]));
                    if (hit && hit.member === layers.parcels && hit.row !== parkgeo.dashboard.parcel && hit.row > 300) { return [x, y, hit.row]; }
                }
            }
            return null;
        }"""
    )
    page.mouse.click(box["x"] + hits[0], box["y"] + hits[1])
    seen.until(f"parkgeo.dashboard.parcel === {hits[2]}")
    assert _chosen(page) != before
    assert page.locator(".leaflet-popup").count() == 0
    selected = page.locator(".pg-pane:not([hidden]) [aria-selected=true]")
    assert selected.is_visible()
    assert selected.locator("[role=gridcell]").first.inner_text() == _chosen(page)


def test_a_head_sorts_and_says_so_and_what_is_missing_comes_last(seen, snapshot):
    page = seen.page
    parcels = snapshot.read("parcels")
    head = page.locator(".pg-sort[data-column=tax_wan_per_mu]")
    cell = page.locator("[role=columnheader]", has=page.locator("[data-column=tax_wan_per_mu]"))
    column = int(cell.get_attribute("aria-colindex"))
    missing = int(parcels["tax_wan_per_mu"].isna().sum())
    assert 0 < missing < PARCELS
    for said, greatest in (("descending", True), ("ascending", False)):
        head.click()
        assert cell.get_attribute("aria-sort") == said
        values = [float(text.replace(",", "")) for text in cells(page, column)]
        assert values == sorted(values, reverse=greatest)
        page.evaluate("document.querySelector('.pg-pane:not([hidden]) [role=grid]').scrollTop = 1e7")
        seen.until("document.querySelector(\".pg-pane:not([hidden]) [aria-rowindex='601']\") !== null")
        assert cells(page, column)[-1] == "—"
        page.evaluate("document.querySelector('.pg-pane:not([hidden]) [role=grid]').scrollTop = 0")
        seen.until(
            "document.querySelector(\".pg-pane:not([hidden]) [role=row][aria-rowindex='2']\") !== null"
        )
    head.click()
    assert cell.get_attribute("aria-sort") == "none"


def test_the_count_is_said_and_the_map_and_its_legend_follow(seen, snapshot):
    parcels = snapshot.read("parcels")
    yes = int(parcels["idle"].eq("yes").sum())
    shown = seen.set({"any": {"idle": ["yes"]}})
    page = seen.page
    assert shown["count"] == yes
    assert page.inner_text("[role=status].pg-unseen") == f"{yes} rows"
    assert page.inner_text('.pg-legend [data-verdict="yes"] td >> nth=0') == str(yes)
    assert page.inner_text('.pg-legend [data-verdict="no"] td >> nth=0') == "0"
    assert page.evaluate("parkgeo.page.layers.parcels.look.shown.reduce((sum, one) => sum + one, 0)") == yes
    assert _front(page).get_attribute("aria-rowcount") == str(yes + 1)


def test_an_area_drawn_on_the_map_is_a_filter(seen, service):
    page = seen.page
    page.click(".pg-filter-button")
    page.click(".pg-draw")
    box = page.locator(".folium-map").bounding_box()
    middle = (box["x"] + box["width"] * 0.62, box["y"] + box["height"] * 0.5)
    for east, south in ((-70, -60), (70, -60), (70, 60), (-70, 60)):
        page.mouse.click(middle[0] + east, middle[1] + south)
        page.wait_for_timeout(350)  # two clicks at once are a double click
    page.get_by_role("button", name="Finish").click()
    seen.until("!parkgeo.dashboard.filters.empty && parkgeo.dashboard.selection.mask !== null")
    count = page.evaluate("parkgeo.dashboard.selection.count")
    within = page.evaluate("parkgeo.dashboard.filters.cql2()")
    assert "S_WITHIN(geometry, POLYGON((" in within
    matched = lambda text: httpx.get(f"{service}/collections/parcels/items", params={"filter": text, "limit": 1}).json()["numberMatched"]  # noqa: E731  # fmt: skip
    assert 0 < count == matched(within) < PARCELS
    assert f"Select the {count} parcels" in page.inner_text(".pg-sketches")
    page.click(".pg-filter-button")
    page.select_option(".pg-areas-set select", "touching")
    seen.until("parkgeo.dashboard.filters.cql2().includes('S_INTERSECTS')")
    assert page.evaluate("parkgeo.dashboard.selection.count") == matched(page.evaluate("parkgeo.dashboard.filters.cql2()")) > count  # fmt: skip
    page.keyboard.press("Escape")
    page.uncheck(".pg-sketches input")
    seen.until("parkgeo.dashboard.filters.empty")
    assert page.evaluate("parkgeo.dashboard.selection.count") == PARCELS


def _state(page):
    return page.evaluate(
        """() => {
            const { dashboard, page } = parkgeo;
            return {
                criteria: dashboard.filters.criteria, tab: dashboard.tabs.chosen, sorts: dashboard.tabs.sorts(), parcel: dashboard.parcel,
                colour: page.colours.chosen, unit: page.words.areaUnit, lang: page.words.lang, at: [page.map.getCenter(), page.map.getZoom()],
                layers: page.layers.members.filter((one) => one.visible).map((one) => one.id), rows: [...dashboard.selection.rows],
                own: dashboard.state.of("test"), shown: document.querySelector(".pg-shown").textContent,
                chips: [...document.querySelectorAll(".pg-chip")].map((one) => one.textContent), areas: page.sketch.kept.length,
            };
        }"""
    )


def test_a_link_shows_the_same_in_a_new_browser(seen, browser, service):
    page = seen.page
    seen.set(
        {
            "any": {"idle": ["yes", "no", None]},
            "ranges": {"site_area_m2": {"from": 100, "to": None, "missing": True}},
            "holder": "长江 & 100% #1",
            "areas": {"rings": [[[119.9, 31.6], [120.2, 31.6], [120.2, 31.9], [119.9, 31.9]]]},
        }
    )
    seen.set({**page.evaluate("parkgeo.dashboard.filters.criteria"), "holder": "长江"})
    page.select_option(".pg-unit", "ha")
    page.click(".pg-language")
    page.click("[role=tab]#pg-tab-register")
    seen.sort("register", "-site_area_m2,parcel_id")
    page.click(".pg-pane:not([hidden]) .pg-grid-row >> nth=2")
    page.evaluate("parkgeo.dashboard.state.keep('test', {deep: ['a&b', 7, null]})")
    page.evaluate("parkgeo.page.map.setView([31.731, 119.995], 15.25, {animate: false})")
    page.evaluate("parkgeo.page.layers.toggle(parkgeo.page.layers.byId.get('buildings') || parkgeo.page.layers.members[0], false)")  # fmt: skip
    page.wait_for_timeout(100)
    address, state = page.url, _state(page)
    assert 0 < len(state["rows"]) < PARCELS
    fresh = Seen(
        browser, service, address.partition("/dashboard")[2]
    )  # a context of its own: nothing is kept from the other
    again = _state(fresh.page)
    for name, value in state.items():
        if name != "at":
            assert again[name] == value, name
    assert again["at"][0]["lat"] == pytest.approx(state["at"][0]["lat"], abs=2e-5)
    assert again["at"][1] == state["at"][1]
    assert fresh.complaints == []
    fresh.page.close()


def test_back_and_forward_go_through_what_was_set(seen):
    page = seen.page
    count = lambda: page.evaluate("parkgeo.dashboard.selection.count")  # noqa: E731
    opened = _state(page)
    seen.set({"any": {"idle": ["yes"]}})
    page.wait_for_timeout(50)
    first = count()
    seen.set({"any": {"idle": ["yes", "no"]}})
    page.wait_for_timeout(50)
    second = count()
    page.click("#pg-tab-register")
    page.wait_for_timeout(50)
    assert first < second < PARCELS
    page.go_back()
    seen.until("parkgeo.dashboard.tabs.chosen === 'parcels'")
    assert count() == second
    page.go_back()
    seen.until(f"parkgeo.dashboard.selection.count === {first}")
    page.go_back()
    seen.until(f"parkgeo.dashboard.selection.count === {PARCELS}")
    page.wait_for_timeout(100)
    assert _state(page) == opened
    page.go_forward()
    seen.until(f"parkgeo.dashboard.selection.count === {first}")
    assert page.locator(".pg-chip").count() == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "#filter=%7B&tab=%3Cscript%3E&at=1,2&parcel=nobody&colour=x&unit=acre&lang=xx&sort.parcels=-drop,table&part.x=%7B",
        "#at=NaN,1e999,-4&layers=__proto__,x&question=constructor&filter=%22x%22",
        "#" + "a" * 9000,
        "#snapshot=2020-01-01-000000000000&filter=%7B%22holder%22%3A%22%27%22%7D",
    ],
)
def test_a_link_that_somebody_made_up_harms_nothing(browser, service, hostile):
    seen = Seen(browser, service, f"?lang=en{hostile}")
    state = _state(seen.page)
    assert (state["tab"], state["parcel"], state["unit"], state["lang"]) != ("", 0, "acre", "xx")
    assert _front(seen.page).is_visible()
    assert seen.page.evaluate("window.__owned") is None
    if "snapshot=" in hostile:
        assert "no longer kept" in seen.page.inner_text(".pg-notice")
    assert [text for text in seen.complaints if "404" not in text and "410" not in text] == []
    seen.page.close()


def test_language_and_unit_switch_at_once_and_lose_nothing(seen):
    page = seen.page
    seen.set({"any": {"idle": ["yes"]}, "ranges": {"site_area_m2": {"from": 20_000, "to": 60_000}}})
    page.click(".pg-pane:not([hidden]) .pg-grid-row >> nth=1")
    before = _state(page)
    assert "mu" in page.inner_text(".pg-sort[data-column=site_area_m2]")
    page.click(".pg-language")
    after = _state(page)
    assert {name: after[name] for name in ("criteria", "parcel", "rows", "tab")} == {name: before[name] for name in ("criteria", "parcel", "rows", "tab")}  # fmt: skip
    assert page.inner_text(".pg-filter-button") == "筛选"
    assert page.inner_text("#pg-tab-register") == "闲置台账"
    assert page.inner_text(".pg-sort[data-column=site_area_m2]").endswith("亩")
    page.select_option(".pg-unit", "ha")
    assert page.inner_text(".pg-sort[data-column=site_area_m2]").endswith("公顷")
    assert _state(page)["rows"] == before["rows"]
    assert page.locator(".pg-pane:not([hidden]) [aria-selected=true]").count() == 1


def _take(page, form):
    page.click(".pg-downloads summary")
    with page.expect_download() as waiting:
        page.click(f".pg-menu-item[data-form={form}]")
    return waiting.value


def test_a_file_holds_just_what_is_shown_in_its_order(seen):
    page = seen.page
    seen.set({"any": {"idle": ["yes", "undetermined"]}, "holder": "有限"})
    rows = seen.sort("parcels", "-tax_wan_per_mu")
    page.click(".pg-downloads summary")
    assert f"{len(rows)} parcels" in page.inner_text(".pg-menu-title")
    page.keyboard.press("Escape")
    kept = _take(page, "csv")
    assert kept.suggested_filename.endswith(".csv")
    lines = list(csv.reader(io.StringIO(kept.path().read_text(encoding="utf-8-sig"))))
    place = next(at for at, cell in enumerate(lines[1]) if cell in rows)
    assert [line[place] for line in lines if line[place] in rows] == rows
    book = openpyxl.load_workbook(io.BytesIO(_take(page, "xlsx").path().read_bytes()), read_only=True)
    told = [[str(cell) for cell in line] for line in book.worksheets[0].iter_rows(values_only=True)]
    assert [cell for line in told for cell in line if cell in rows] == rows
    assert page.locator(".pg-notice").is_hidden()


def test_the_register_is_taken_as_it_stands(seen):
    page = seen.page
    page.click("#pg-tab-register")
    rows = seen.sort("register", "")
    kept = _take(page, "csv").path().read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(kept)))
    place = next(at for at, cell in enumerate(lines[1]) if cell in rows)
    assert [line[place] for line in lines if line[place] in rows] == rows


def test_what_the_service_refuses_is_said(seen):
    page = seen.page
    told = '{"status": 413, "detail": "too many rows <img src=x onerror=1>", "mend": "narrow the filter"}'
    page.route("**/exports/**", lambda route: route.fulfill(status=413, content_type="application/problem+json", body=told))  # fmt: skip
    page.click(".pg-downloads summary")
    page.click(".pg-menu-item[data-form=xlsx]")
    seen.until(
        "!document.querySelector('.pg-notice').hidden && document.querySelector('.pg-notice').matches('.pg-error')"
    )
    notice = page.locator(".pg-notice")
    assert "413" in notice.inner_text()
    assert "narrow the filter" in notice.inner_text()
    assert notice.get_attribute("role") == "alert"
    assert notice.locator("img").count() == 0
    assert [text for text in seen.complaints if "413" not in text] == []
    seen.complaints.clear()


def test_everything_is_reached_with_the_keyboard_alone(seen):
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "pg-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "grid"
    reached = set()
    page.evaluate("document.activeElement.blur()")
    for _ in range(120):
        page.keyboard.press("Tab")
        reached |= set(page.evaluate("[...document.activeElement.classList, document.activeElement.getAttribute('role') || '', document.activeElement.tagName]"))  # fmt: skip
    wanted = {"pg-filter-button", "pg-copy", "pg-view", "pg-sort", "grid", "tab", "pg-drawer-toggle", "pg-unit", "pg-language", "SUMMARY"}  # fmt: skip
    assert wanted <= reached
    page.focus(".pg-filter-button")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.filter") == "idle":
            break
    page.keyboard.press("Space")
    seen.until("!parkgeo.dashboard.filters.empty")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('pg-filter-button')")
    page.focus(".pg-sort[tabindex='0']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator("[aria-sort=ascending], [aria-sort=descending]").count() == 1
    page.focus("[role=tab][tabindex='0']")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("parkgeo.dashboard.tabs.chosen") == "register"


def test_the_sheet_for_a_visit_lists_what_is_filtered_numbered_as_on_its_map(seen):
    page = seen.page
    shown = seen.set({"any": {"idle": ["yes"]}})
    page.click(".pg-downloads summary")
    page.click(".pg-visit-button")
    seen.until("document.body.classList.contains('pg-sheet')")
    count = min(shown["count"], 60)
    numbers = [str(place) for place in range(1, count + 1)]
    assert page.locator(".pg-visit-place").all_inner_texts() == numbers
    assert page.locator(".pg-visit-number").all_inner_texts() == numbers
    assert page.locator(".pg-visit-tick").count() == page.locator(".pg-visit-notes").count() == count
    assert page.locator(".pg-visit a").count() == 0  # nobody else reaches a loopback address
    page.keyboard.press("Escape")
    seen.until("document.querySelector('.pg-visit') === null")
    assert page.locator(".pg-visit-number").count() == 0
    assert page.locator(".pg-rail").is_visible()


def test_a_visit_to_the_whole_park_is_filtered_first(seen):
    page = seen.page
    seen.set({})
    page.click(".pg-downloads summary")
    page.click(".pg-visit-button")
    assert page.inner_text(".pg-notice").startswith("Filter first")
    assert page.locator(".pg-visit").count() == 0


@pytest.mark.parametrize("size", [(1024, 768), (800, 1100)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_tablet_has_room_for_the_map_and_loses_nothing(browser, service, size, lang, tmp_path):
    seen = Seen(browser, service, f"?lang={lang}", size=size)
    page = seen.page
    seen.keep_picture(tmp_path, f"dashboard-{size[0]}-{lang}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    box = page.locator(".folium-map").bounding_box()
    assert box["width"] >= 500
    assert box["height"] >= 280
    for selector in (".pg-filter-button", ".pg-downloads summary", ".pg-copy", "#pg-tab-parcels"):
        spot = page.locator(selector).bounding_box()
        assert 0 <= spot["x"] <= size[0] - spot["width"]
        assert 0 <= spot["y"] <= size[1] - spot["height"]
    if size[0] < 900:
        page.click(".pg-drawer-toggle")
        assert _front(page).is_visible()
        page.click(".pg-sheet-handle")
        assert page.locator(".pg-aside").evaluate("node => node.classList.contains('pg-open')")
    assert seen.complaints == []
    page.close()


def test_users_text_is_shown_and_never_run(browser, tmp_path):
    snapshot = build_snapshot(tmp_path, hostile=True)
    with started(snapshot.path.parents[1]) as service:
        seen = Seen(browser, service)
        page = seen.page
        for tab in ("parcels", "register"):
            page.click(f"#pg-tab-{tab}")
            page.click(".pg-pane:not([hidden]) .pg-grid-row >> nth=1")
        page.click(".pg-filter-button")
        page.click(".pg-language")
        assert page.evaluate("window.__owned") is None
        assert page.locator(".pg-dashboard img:not(.leaflet-tile)").count() == 0
        assert seen.complaints == []
        assert seen.strangers == []
        page.close()


def test_every_word_of_the_dashboard_is_known_and_translated():
    files = ("dashboard", "lost", "marks", "state", "onmap", "areas", "form", "filters", "rows", "table", "tabs", "tables", "companies", "rail", "downloads", "visit")  # fmt: skip
    scripts = "".join(script_text(f"js/dash/{name}.js") for name in files)
    said = set(re.findall(r'"((?:dash|visit)_\w+)"', scripts))
    assert said == set(DASHBOARD)
    assert set(DASHBOARD.values()) <= set(messages("zh"))
    blanks = re.compile(r"\{\w+\}")
    for sentence in DASHBOARD.values():
        assert sorted(blanks.findall(sentence)) == sorted(blanks.findall(messages("zh")[sentence])), sentence


def _ids(page):
    return page.evaluate("[...parkgeo.dashboard.selection.rows].map((row) => parkgeo.dashboard.view.data.parcels.ids.at(row))")  # fmt: skip


def test_rows_are_marked_and_the_filter_the_link_and_the_file_follow(seen, browser, service):
    page = seen.page
    page.click(".pg-grid-row >> nth=1 >> .pg-tick")
    assert _chosen(page) is None
    grid = _front(page)
    grid.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    marked = sorted(page.evaluate("parkgeo.dashboard.marks.ids"))
    assert marked == _ids(page)[:2]
    assert page.inner_text("[role=status].pg-unseen") == "2 parcels are marked"
    assert page.evaluate("document.querySelector('.pg-grid-head input').indeterminate")
    page.click(".pg-only-marked")
    seen.until("!parkgeo.dashboard.filters.empty")
    assert _ids(page) == marked
    assert "only the marked (2)" in page.inner_text(".pg-chip")
    assert page.evaluate("parkgeo.dashboard.filters.cql2()") == f"parcel_id IN ('{marked[1]}', '{marked[0]}')"
    kept = _take(page, "csv").path().read_text(encoding="utf-8-sig")
    assert [cell for line in csv.reader(io.StringIO(kept)) for cell in line if cell in marked] == marked
    fresh = Seen(browser, service, page.url.partition("/dashboard")[2])
    assert _ids(fresh.page) == sorted(fresh.page.evaluate("parkgeo.dashboard.marks.ids")) == marked
    fresh.page.click(".pg-chip button")
    fresh.until("parkgeo.dashboard.filters.empty")
    assert "part.marks" in fresh.hash()
    fresh.page.click(".pg-grid-head input")  # all 600
    assert "has room for 150" in fresh.page.inner_text(".pg-notice")
    assert len(fresh.page.evaluate("parkgeo.dashboard.marks.ids")) == 2
    fresh.set({"holder": "no such holder"})
    assert _front(fresh.page).inner_text().endswith("No parcel meets the filters.")
    fresh.page.close()


def test_a_damaged_link_says_what_was_left_out(browser, service):
    rest = "?lang=en#filter=%7B%22any%22%3A%7B%22idle%22%3A%5B%22yes%22%2C%22mad%22%5D%2C%22drop%22%3A%5B1%5D%7D%7D&parcel=nobody&at=1,2,12&new=%3Cb%3E"
    seen = Seen(browser, service, rest)
    notice = seen.page.inner_text(".pg-notice")
    for said in ('idle cannot be read: "mad"', "drop cannot", "parcel nobody", "outside the parks", "new cannot be read: <b>", "what is left"):  # fmt: skip
        assert said in notice, said
    assert seen.page.evaluate(
        "parkgeo.page.map.getBounds().intersects(L.latLngBounds(parkgeo.dashboard.view.whole))"
    )
    seen.page.goto("about:blank")
    seen.page.goto(f"{service}/dashboard?lang=zh#filter=%7B%22any%22")
    seen.wait()
    assert seen.page.inner_text(".pg-notice bdi") == '链接不完整或已失效：无法识别 filter：{"any"；现显示全部'
    seen.page.close()


def test_a_service_that_does_not_answer_is_said_in_the_readers_language(browser, service):
    seen = Seen(browser, service, "?lang=zh")
    page = seen.page
    broken = "无法连接服务，请检查网络后重试。"
    before = page.evaluate("parkgeo.page.colours.chosen")
    other = page.evaluate("parkgeo.page.view.colourings.find((one) => one.key !== parkgeo.page.colours.chosen && one.kind === 'quantity').key")  # fmt: skip
    page.route("**/view/**", lambda route: route.abort())
    page.route("**/exports/**", lambda route: route.abort())
    page.evaluate("parkgeo.page.legend.node.open = true")
    page.select_option(".pg-colour-by select:not(.pg-map-choice)", other)
    seen.until("!document.querySelector('.pg-notice').hidden")
    assert broken in page.inner_text(".pg-notice")
    assert page.evaluate("parkgeo.page.colours.chosen") == before
    assert page.input_value(".pg-colour-by select:not(.pg-map-choice)") == before
    page.click(".pg-downloads summary")
    page.click(".pg-menu-item[data-form=csv]")
    seen.until(f"document.querySelector('.pg-notice bdi').textContent === '{broken}'")
    assert [text for text in seen.complaints if "ERR_FAILED" not in text] == []
    page.close()


def test_a_telephone_keeps_menus_in_the_window_and_shows_the_chosen_parcel(browser, service):
    seen = Seen(browser, service, size=(360, 760))
    page = seen.page
    page.click(".pg-downloads summary")
    box = page.locator(".pg-menu-list").bounding_box()
    assert 0 <= box["x"] <= 360 - box["width"]
    page.keyboard.press("Escape")
    page.click(".pg-drawer-toggle")
    page.click(".pg-pane:not([hidden]) .pg-grid-row >> nth=2 >> [role=gridcell] >> nth=1")
    assert page.locator(".pg-aside").evaluate("node => node.classList.contains('pg-open')")
    seen.until("document.querySelector('[data-shown=parcel] .pg-panel-title') !== null")
    page.wait_for_timeout(400)
    below = page.evaluate(
        """async () => {
            const { dashboard, page } = parkgeo;
            const spot = page.map.latLngToContainerPoint(L.latLngBounds(await dashboard.view.bounds(dashboard.parcel)).getCenter());
            return document.querySelector('.pg-aside').getBoundingClientRect().top - page.map.getContainer().getBoundingClientRect().top - spot.y;
        }"""
    )
    assert below > 0
    assert page.get_attribute(".pg-lead-on >> nth=1", "href") == "map?lang=en"
    page.close()


def test_the_dashboard_is_led_to_from_the_pages_and_the_map(browser, service):
    landing = httpx.get(f"{service}/?f=html&lang=zh").text
    assert landing.index("打开总览") < landing.index("打开地图")
    assert landing.index(">园区总览<") < landing.index(">首页<")
    page = browser.new_page()
    page.goto(f"{service}/map?lang=zh")
    page.wait_for_selector("[data-ready]", timeout=60_000)
    page.click(".pg-lead-on")
    page.wait_for_selector("[data-dashboard=ready]", state="attached", timeout=60_000)
    page.click(".pg-lead-on >> nth=0")
    page.wait_for_selector("a.go.first")
    page.close()


def test_the_form_takes_the_focus_and_gives_it_back(seen):
    page = seen.page
    page.click(".pg-filter-button")
    assert page.evaluate("document.activeElement.closest('.pg-form') !== null")
    page.click(".pg-close-form")
    assert page.evaluate("document.activeElement.classList.contains('pg-filter-button')")
    assert page.inner_text(".pg-shown").endswith(" mu")
    assert page.get_attribute(".pg-shown", "title").endswith("m²")
    assert page.inner_text(".pg-legend table tr >> nth=0").split() == ["Parcels", "mu"]
    missing = page.inner_text(".pg-legend [data-verdict]:has(+ .pg-total) th")
    assert page.evaluate("parkgeo.dashboard.none('idle')") == missing.strip()


def test_the_register_shows_where_the_evidence_contradicts_itself(browser, service):
    seen = Seen(browser, service, "?lang=en#tab=register")
    head = seen.page.locator(".pg-pane:not([hidden]) .pg-sort")
    names = [head.nth(place).get_attribute("data-column") for place in range(head.count())]
    there = seen.page.evaluate("Object.keys(parkgeo.dashboard.schema)")
    assert [name for name in names if name in ("evidence_says", "way")] == [name for name in ("evidence_says", "way") if name in there]  # fmt: skip
    seen.page.close()
