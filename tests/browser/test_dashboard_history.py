"""Through time: the slider keeps all that is set, and two states side by side differ in just what the snapshots differ in."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.api.conftest import started
from tests.browser.dashboard import Seen
from tests.browser.waiting import choose, until
from tests.chromium import open_chromium
from tests.history_builder import build_history

MAPS = "parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Compare).maps.sides"


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    before, now = build_history(folder, tmp_path_factory.mktemp("scratch"))
    with started(folder) as url:
        yield url, before, now


@pytest.fixture
def seen(browser, kept):
    dashboard = Seen(browser, kept[0])
    yield dashboard
    assert dashboard.complaints == []
    assert dashboard.strangers == []
    dashboard.page.close()


def _compare(seen, **kept):
    page = seen.page
    if not page.evaluate("document.querySelector('.pg-compare').open"):
        page.click(".pg-compare-open")
    page.wait_for_selector(".pg-compare-legend")
    for name, value in kept.items():
        page.select_option(f".pg-compare-{name}", value)
        until(page, "document.querySelector('.pg-compare > .pg-panel-status').textContent === ''")
    return page


def _differences(before, now, column):
    was, is_ = (one.read("parcels").set_index("parcel_id")[column] for one in (before, now))
    both = was.index.intersection(is_.index)
    pairs = {name: (was[name], is_[name]) for name in both}
    return {name: pair for name, pair in pairs.items() if not (pair[0] == pair[1] or (pair[0] != pair[0] and pair[1] != pair[1]) or (pair[0] is None and pair[1] is None))}  # fmt: skip


def _rows(page):
    return page.eval_on_selector_all(
        ".pg-compare-rows tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def test_the_slider_moves_the_whole_dashboard_and_loses_nothing(seen, kept):
    _, before, now = kept
    page = seen.page
    parcel = now.read("parcels")["parcel_id"].iloc[1]
    shown = seen.set({"any": {"idle": ["no"]}})
    choose(page, parcel)
    assert page.get_attribute(".pg-time input", "aria-valuetext") == "2026-06-30, the newest"
    page.focus(".pg-time input")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(".pg-time-day") == "2025-06-30"
    page.wait_for_url(f"**/snapshots/{before.name}/dashboard**")
    seen.wait()
    assert page.evaluate("parkgeo.dashboard.snapshot") == before.name
    calm = int((before.read("parcels")["idle"] == "no").sum())
    assert page.evaluate("parkgeo.dashboard.selection.count") == calm != shown["count"]
    assert page.evaluate("parkgeo.dashboard.view.data.parcels.ids.at(parkgeo.dashboard.parcel)") == parcel
    # Keys go on where they were.
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/snapshots/{now.name}/dashboard**")
    seen.wait()
    assert page.evaluate("parkgeo.dashboard.selection.count") == shown["count"]


def test_two_snapshots_differ_in_what_their_tables_differ_in(seen, kept):
    _, before, now = kept
    page = _compare(seen)
    wanted = _differences(before, now, "idle")
    assert len(wanted) == 3
    assert page.inner_text(".pg-compare-list .pg-lead") == "3 parcels differ, 1 are new, 0 are gone."
    words = {"yes": "Suspected idle", "no": "Not idle"}
    listed = {row[0]: (row[1], row[2]) for row in _rows(page)}
    gone = now.read("parcels")["parcel_id"].iloc[-1]
    assert listed.pop(gone)[0] == "not there"
    assert listed == {name: (words[was], words[now_]) for name, (was, now_) in wanted.items()}
    moves = page.eval_on_selector_all(".pg-moves li", "items => items.map(item => item.textContent)")
    assert moves == ["Not idle → Suspected idle: 2", "Suspected idle → Not idle: 1"]
    legend = page.eval_on_selector_all(
        ".pg-compare-legend tbody tr", "rows => rows.map(row => [...row.cells].slice(1).map(cell => Number(cell.textContent)))"
    )  # fmt: skip
    counts = [
        [int((one.read("parcels")["idle"] == verdict).sum()) for one in (before, now)]
        for verdict in ("yes", "undetermined", "no")
    ]
    assert legend[:3] == counts


def test_both_maps_move_together_in_the_same_colours(seen):
    page = _compare(seen)
    page.evaluate(f"{MAPS}[0].map.setView([31.73, 119.99], 15, {{ animate: false }})")
    views = page.evaluate(
        f"{MAPS}.map(({{ map }}) => [map.getCenter().lat, map.getCenter().lng, map.getZoom()])"
    )
    assert views[0] == pytest.approx(views[1])
    page.evaluate(f"{MAPS}[1].map.setZoom(13, {{ animate: false }})")
    assert page.evaluate(f"{MAPS}[0].map.getZoom()") == 13
    assert page.evaluate(
        f"JSON.stringify({MAPS}[0].member.look.styles) === JSON.stringify({MAPS}[1].member.look.styles)"
    )
    page.check(".pg-compare-only input")
    until(page, f"{MAPS}[1].member.look.shown")
    shown = page.evaluate(
        f"{MAPS}.map(({{ member }}) => member.look.shown.reduce((sum, one) => sum + one, 0))"
    )
    assert shown == [3, 4]
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('.pg-compare').open")
    assert page.evaluate("document.activeElement.className").endswith("pg-compare-open")


def test_figures_are_classed_as_on_this_map_and_the_file_has_all(seen, kept, tmp_path):
    _, before, now = kept
    page = _compare(seen, colour="output_wan_per_mu")
    wanted = _differences(before, now, "output_wan_per_mu")
    with page.expect_download() as got:
        page.click(".pg-compare-csv")
    got.value.save_as(tmp_path / "got.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "got.csv").read_text(encoding="utf-8-sig"))))
    found = {row[0]: row[1:] for row in rows[1:] if row[1] != "not there"}
    assert set(found) == set(wanted)
    for name, (was, is_) in wanted.items():
        assert [float(value) for value in found[name]] == pytest.approx([was, is_, is_ - was], abs=2e-4)
    # Each parcel is in the class, on either map, that its own value belongs to.
    wrong = page.evaluate(
        f"""async () => {{
            const compare = parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Compare);
            const {{ classes }} = parkgeo.dashboard.view.colouring("output_wan_per_mu");
            const lowest = Math.min(...classes.slice(0, -1).map(({{ band }}) => (band[0] === null ? -Infinity : band[0])));
            let wrong = 0;
            for (const [place, view] of [compare.pair_.left, compare.pair_.right].entries()) {{
                const column = await view.column("output_wan_per_mu");
                const {{ of }} = {MAPS}[place].member.look;
                for (let row = 0; row < view.count; row += 1) {{
                    const value = column.values[row];
                    const {{ band }} = classes[of[row]];
                    const missing = of[row] === classes.length - 1;
                    const above = band && (band[0] === null || value > band[0] || value <= lowest);
                    const fits = Number.isNaN(value) ? missing : !missing && above && (band[1] === null || value <= band[1]);
                    wrong += fits ? 0 : 1;
                }}
            }}
            return wrong;
        }}"""
    )
    assert wrong == 0


def test_a_filter_holds_in_the_comparison_too(seen, kept):
    _, before, now = kept
    seen.set({"any": {"idle": ["yes"]}})
    page = _compare(seen)
    wanted = {name for name, pair in _differences(before, now, "idle").items() if pair[1] == "yes"}
    assert {row[0] for row in _rows(page)} == wanted
    assert "that the filter keeps" in page.inner_text(".pg-compare-list")


def test_a_scenario_stands_beside_what_is(seen, kept):
    _, _, now = kept
    parcels = now.read("parcels")["parcel_id"]
    told = {
        "id": "roads/1",
        "title": "<img src=x onerror=window.__owned=9>",
        "state": "done",
        "snapshot": now.name,
    }
    changes = [
        {"parcel_id": parcels[3], "metric": "idle", "before": None, "after": None, "before_text": "no", "after_text": "yes", "effect": "worse"},
        {"parcel_id": parcels[4], "metric": "walk_min_canteen", "before": 9.5, "after": 4.25, "before_text": None, "after_text": None, "effect": "better"},
    ]  # fmt: skip
    result = {
        **told,
        "parcels": changes,
        "parks": [],
        "changes": [{"what_en": "A road was added", "what_zh": "新增道路"}],
    }
    page = seen.page
    answer = {"content_type": "application/json"}
    page.route(
        "**/scenarios?f=json", lambda route: route.fulfill(body=json.dumps({"scenarios": [told]}), **answer)
    )
    page.route("**/scenarios/roads/1?f=json", lambda route: route.fulfill(body=json.dumps(result), **answer))
    page = _compare(seen, **{"with": "scenario:roads/1"})
    assert _rows(page) == [[parcels[3], "Not idle", "Suspected idle", "worse"]]
    assert "A road was added" in page.inner_text(".pg-compare-list")
    assert page.text_content(".pg-one-map:last-child figcaption") == f"Scenario: {told['title']}"
    differing = page.evaluate(
        f"[...{MAPS}[1].member.look.of].filter((one, row) => one !== {MAPS}[0].member.look.of[row]).length"
    )
    assert differing == 1
    _compare(seen, colour="walk_min_canteen")
    assert _rows(page) == [[parcels[4], "9.5", "4.25", "-5.25 · better"]]
    assert page.evaluate("window.__owned") is None


def test_what_a_spreadsheet_would_run_is_text_in_the_file(seen):
    rows = [["=1+1", '"q",', " @x", -2.5, None, "plain"]]
    said = seen.page.evaluate("(rows) => parkgeo.asCsv(rows)", rows)
    assert said == '\ufeff\'=1+1,"""q"",",\' @x,-2.5,,plain\r\n'


def test_a_link_opens_the_same_comparison(browser, seen, kept):
    url, before, _ = kept
    page = _compare(seen, colour="output_wan_per_mu")
    page.wait_for_timeout(100)
    there = Seen(browser, url, f"?lang=en{seen.hash()}")
    there.page.wait_for_selector(".pg-compare[open] .pg-compare-legend")
    assert there.page.input_value(".pg-compare-colour") == "output_wan_per_mu"
    assert there.page.input_value(".pg-compare-with") == f"snapshot:{before.name}"
    there.page.close()
