"""The panel beside the map says what the service's records say, of the park, of a selection, of a parcel, and runs nothing of it."""

from __future__ import annotations

import re
from importlib import resources

import httpx
import pytest

from maps.page import ASSETS
from maps.words import SENTENCES
from maps.words_panel import PANEL
from parkgeo.i18n import messages
from tests.api.conftest import started
from tests.browser.dashboard import Seen
from tests.browser.waiting import choose, settled, until
from tests.chromium import open_chromium
from tests.history_builder import build_history
from tests.snapshot_builder import PARK_ID

_SCRIPTS = (
    "small", "timeline", "evidence", "park", "parcel", "history", "panel", "chartdata", "chartkinds", "charttrend", "charts", "differences",
    "pairs", "twomaps", "compare",
)  # fmt: skip
# Keys that are put together of a code.
_FAMILIES = (
    "panel_line_",
    "panel_together_",
    "panel_confidence_",
    "panel_form_",
    "chart_",
    "compare_",
    "panel_",
)


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    build_history(folder, tmp_path_factory.mktemp("scratch"))
    with started(folder) as url:
        yield url


@pytest.fixture(scope="module")
def seen(browser, service):
    dashboard = Seen(browser, service)
    yield dashboard
    assert dashboard.complaints == []
    assert dashboard.strangers == []
    dashboard.page.close()


@pytest.fixture
def page(seen):
    """The dashboard as it opens."""
    seen.set({})
    seen.page.evaluate("parkgeo.dashboard.choose(-1, {})")
    settled(seen.page)
    return seen.page


def _figure(page, name):
    value = page.get_attribute(f"[data-figure={name}]", "data-value")
    return float(value) if value else None


def _parcels(service, **given):
    asked = {"limit": 1000, "skipGeometry": "true", **given}
    told = httpx.get(f"{service}/collections/parcels/items", params=asked).raise_for_status().json()
    return [feature["properties"] for feature in told["features"]]


def test_the_park_stands_there_first_with_the_figures_of_its_record(page, service):
    told = httpx.get(f"{service}/parks/{PARK_ID}").json()
    indicators = {row["name"]: row for row in told["indicators"]}
    assert page.get_attribute(".pg-side", "data-shown") == "park"
    assert _figure(page, "output") == indicators["output_wan_per_mu"]["value"]
    assert _figure(page, "idle") == indicators["idle_rate"]["value"]
    lead = page.inner_text(".pg-lead")
    idle, unsure = (told["verdicts"][verdict] for verdict in ("yes", "undetermined"))
    assert lead == (
        f"{idle['parcels']} of {len(_parcels(service))} parcels are suspected idle ({idle['area_m2'] * 15 / 1e4:,.1f} mu); "
        f"{unsure['parcels']} are undetermined ({unsure['area_m2'] * 15 / 1e4:,.1f} mu)."
    )
    against = page.inner_text("[data-figure=output] .pg-against")
    assert "350" in against
    assert "Fuzhou" in against
    # 203.1 of a scale that ends a tenth beyond the benchmark: the tick stands where it must.
    tick = float(page.get_attribute("[data-figure=output] .pg-benchmark", "x1"))
    assert tick == pytest.approx(240 / 1.1)


def test_figures_follow_the_filter_by_the_parcels_own_land(page, seen, service):
    seen.set({"any": {"idle": ["no"]}, "ranges": {"output_wan_per_mu": {"from": 150, "to": None}}})
    settled(page)
    page.wait_for_selector(".pg-follows")
    rows = _parcels(service, filter="idle = 'no' AND output_wan_per_mu >= 150")
    land = sum(row["site_area_m2"] for row in rows)
    for figure, name in (("output", "output_wan_per_mu"), ("tax", "tax_wan_per_mu")):
        mean = sum(row[name] * row["site_area_m2"] for row in rows) / land
        assert _figure(page, figure) == pytest.approx(mean, rel=1e-6)
    assert _figure(page, "far") == pytest.approx(sum(row["floor_area_m2"] for row in rows) / land, rel=1e-6)
    assert _figure(page, "idle") == 0
    assert "whole park 203 wan yuan/mu" in page.inner_text("[data-figure=output]")
    assert page.inner_text(".pg-lead").startswith(f"Of the {len(rows)} parcels selected 0 are suspected idle")


def test_a_trend_stands_beside_a_figure_where_there_are_several_snapshots(page):
    page.wait_for_selector("[data-figure=output] .pg-spark")
    label = page.get_attribute("[data-figure=output] .pg-spark", "aria-label")
    assert label == "Trend: 2025-06-30: 183, 2026-06-30: 203"


def test_a_parcel_has_its_verdict_reason_dates_evidence_and_gaps(page, service):
    idle = next(row["parcel_id"] for row in _parcels(service, idle="yes"))
    told = httpx.get(f"{service}/parcels/{idle}").json()
    choose(page, idle)
    assert page.inner_text(".pg-side .pg-verdict strong") == "Suspected idle"
    assert page.is_visible(".pg-side .pg-verdict .pg-badge")
    assert page.inner_text(".pg-side .pg-reason") == told["reason"]["en"]
    marks = page.eval_on_selector_all(
        ".pg-evidence tbody tr",
        "rows => rows.map(row => [...row.cells].findIndex(cell => cell.querySelector('.pg-mark')))",
    )
    places = {"idle": 1, "in_use": 2, "cannot_say": 3}
    assert marks == [places[line["says"]] for line in told["evidence"]]
    drawn = page.get_attribute(".pg-timeline", "aria-label")
    for name in ("contract_on", "handover_on", "agreed_start"):
        assert told["fields"][name]["value"] in drawn
    assert "Actual start" in page.inner_text(".pg-days-missing")
    lifts = page.eval_on_selector_all(".pg-lifts li", "items => items.map(item => item.textContent.trim())")
    assert lifts == [row["lift_en"] for row in told["scores"]]
    unsure = next(row["parcel_id"] for row in _parcels(service, idle="undetermined"))
    asked = httpx.get(f"{service}/parcels/{unsure}").json()["gaps"]
    choose(page, unsure)
    said = page.inner_text(".pg-side .pg-gaps")
    assert asked
    assert all(gap["en"] in said for gap in asked)
    assert page.locator(".pg-side .pg-finding-title").count() >= 1


def test_the_dossier_is_a_click_away_in_the_readers_language(page, service):
    parcel = _parcels(service)[3]["parcel_id"]
    choose(page, parcel)
    links = page.eval_on_selector_all(
        ".pg-links a", "nodes => nodes.map(node => [node.textContent, node.href])"
    )
    assert [name for name, _ in links] == ["Open", "PDF", "Word"]
    assert all("lang=en" in href and f"/parcels/{parcel}?" in href for _, href in links)
    assert httpx.get(links[0][1], timeout=60).headers["content-type"].startswith("text/html")


def test_another_language_and_unit_say_the_same_anew(page, service):
    parcel = _parcels(service, idle="yes")[1]["parcel_id"]
    told = httpx.get(f"{service}/parcels/{parcel}").json()
    choose(page, parcel)
    page.click(".pg-language")
    until(
        page,
        "(reason) => { const said = document.querySelector('.pg-side .pg-reason'); return said && said.textContent === reason; }",
        told["reason"]["zh"],
    )
    page.select_option(".pg-unit", "ha")
    until(page, "document.querySelector('.pg-facts [data-field=site_area_m2]').textContent.includes('公顷')")
    page.select_option(".pg-unit", "mu")
    page.click(".pg-language")


def test_keys_lead_back_to_the_park(page, service):
    choose(page, _parcels(service)[0]["parcel_id"])
    page.focus(".pg-side .pg-back")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-shown=park] .pg-figures")
    assert page.evaluate("document.activeElement.className") == "pg-panel-title"
    assert page.evaluate("parkgeo.dashboard.parcel") == -1


def test_what_comes_late_does_not_take_the_place_of_what_was_asked_last(page, service):
    first, last = (row["parcel_id"] for row in _parcels(service)[5:7])
    page.route(f"**/parcels/{first}?*", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.evaluate(
        "(ids) => ids.forEach((id) => parkgeo.dashboard.choose(parkgeo.dashboard.rowOf(id), {}))",
        [first, last],
    )
    page.wait_for_timeout(1200)
    assert page.inner_text(".pg-side .pg-panel-title") == last
    page.unroute(f"**/parcels/{first}?*")


def test_what_cannot_be_read_is_said_and_asked_for_again(browser, service):
    """Looked at by itself, for the browser complains of what fails."""
    seen = Seen(browser, service)
    page = seen.page
    parcel = _parcels(service)[8]["parcel_id"]
    page.route(f"**/parcels/{parcel}?*", lambda route: route.abort())
    page.evaluate("(id) => parkgeo.dashboard.choose(parkgeo.dashboard.rowOf(id), {})", parcel)
    page.wait_for_selector(".pg-side .pg-problem[role=alert]")
    page.unroute(f"**/parcels/{parcel}?*")
    page.click(".pg-side .pg-again")
    page.wait_for_selector(".pg-side .pg-facts")
    page.close()


def test_users_text_is_shown_as_it_is_and_runs_nothing(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    _, now = build_history(folder, tmp_path_factory.mktemp("hostile scratch"), hostile=True)
    parcels = now.read("parcels")
    with started(folder) as url:
        seen = Seen(browser, url)
        for row in range(0, len(parcels), 3):
            if len(parcels["parcel_id"].iloc[row]) < 1000:  # a longer address than is read
                choose(seen.page, parcels["parcel_id"].iloc[row])
        shown = seen.page.evaluate("parkgeo.dashboard.view.data.parcels.ids.at(parkgeo.dashboard.parcel)")
        holder = parcels.set_index("parcel_id")["holder"][shown]
        assert seen.page.text_content(".pg-side .pg-holder") == holder
        for kind in ("ranking", "scatter"):
            seen.page.click("#pg-tab-charts")
            seen.page.click(f"[data-tool={kind}]")
            seen.page.wait_for_selector(f".pg-chart-{kind} canvas")
        seen.page.click(".pg-compare-open")
        seen.page.wait_for_selector(".pg-compare-rows")
        assert seen.page.evaluate("window.__owned") is None
        assert seen.complaints == []
        assert seen.strangers == []
        seen.page.close()


def test_every_sentence_is_used_known_and_translated():
    folder = resources.files("maps").joinpath("assets", "js", "dash")
    scripts = {name: folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS}
    text = "".join(scripts.values())
    words = set(re.findall(r'"((?:panel|chart|compare)_\w+)"', text))
    assert words <= set(PANEL)
    unused = {key for key in PANEL if key not in words}
    assert all(key.startswith(_FAMILIES) for key in unused)
    made = set(re.findall(r"`((?:panel|chart|compare)_(?:\w+_)?)\$\{", text))
    assert all(any(key.startswith(prefix) for prefix in made) for key in unused)
    assert not set(PANEL) & set(SENTENCES)
    assert set(PANEL.values()) <= set(messages("zh"))
    assert {f"js/dash/{name}.js" for name in _SCRIPTS} <= ASSETS
    assert all(len(script.splitlines()) < 350 for script in scripts.values())
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
