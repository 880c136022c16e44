"""A project looks for a site on the dashboard: what the form says is what the service is asked, and what it finds is what shows."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote_plus

import httpx
import pytest

from maps.bundle import script_text
from maps.page import ASSETS
from maps.words import SENTENCES
from maps.words_dashboard import DASHBOARD
from maps.words_panel import PANEL
from maps.words_siting import SITING
from parkgeo.i18n import messages
from tests.api.conftest import started
from tests.browser.dashboard import Seen
from tests.browser.waiting import choose, until
from tests.chromium import open_chromium
from tests.siting_snapshot import build_siting_snapshot

_SCRIPTS = ("siting", "sitingbrief", "sitingform", "sitingfound", "sitingmap", "parcelfit")
# Keys that are put together of a code.
_FAMILIES = ("siting_grade_", "siting_criterion_", "siting_")
# No parcel by itself has 40 000 m² of net land, the two that are joined have 50 000.
_BRIEF = {
    "name": "Gears & <b>more</b>",
    "top": 10,
    "needs": {"area": "60 mu", "rectangle": ["100 m", "50 m"]},
}
_PART = "JSON.parse(new URLSearchParams(window.location.hash.slice(1)).get('part.siting'))"
_SITING = "parkgeo.dashboard.parts.find((part) => part instanceof parkgeo.Siting)"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_siting_snapshot(tmp_path_factory.mktemp("siting"))


@pytest.fixture(scope="module")
def service(snapshot):
    with started(snapshot.path.parents[1]) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def seen(browser, service):
    dashboard = Seen(browser, service)
    yield dashboard
    assert dashboard.complaints == []
    assert dashboard.strangers == []
    dashboard.page.close()


@pytest.fixture
def page(seen):
    """The tab with an empty form."""
    seen.page.click("#pg-tab-siting")
    seen.page.evaluate(f"{_SITING}.clear()")
    seen.page.evaluate("parkgeo.dashboard.choose(-1)")
    return seen.page


def _fill(page):
    for name, text in (("name", _BRIEF["name"]), ("area", "60"), ("long", "50"), ("short", "１００")):
        page.fill(f"[data-entry={name}]", text)


def _search(page):
    page.click(".pg-brief-go")
    until(page, "document.querySelector('.pg-siting-found').getAttribute('aria-busy') === 'false' && Boolean(document.querySelector('.pg-siting-found .pg-lead'))")  # fmt: skip


def _answer(service, brief, lang="en"):
    return httpx.post(f"{service}/sites/search?lang={lang}", json=brief, timeout=60).raise_for_status().json()


def test_the_form_asks_what_it_says_and_shows_what_was_found(page, service):
    _fill(page)
    _search(page)
    brief = page.evaluate(_PART)
    # The sides are said in the reader's order and signs; the service takes the longer one for the long side.
    assert brief == {**_BRIEF, "needs": {"area": "60 mu", "rectangle": ["50 m", "100 m"]}}
    told = _answer(service, brief)
    assert told["counts"] == {"asked": 6, "fit": 1, "do_not_fit": 5, "undetermined": 0}
    assert (
        page.inner_text(".pg-siting-found .pg-lead")
        == "6 sites were asked: 1 fit, 5 do not, of 0 it cannot be said."
    )
    shown = page.eval_on_selector_all(
        ".pg-siting-found [data-site]", "nodes => nodes.map(({ dataset }) => dataset.site)"
    )
    assert shown == [site["site_id"] for name in ("ranked", "why_not") for site in told[name]]
    best = page.inner_text(".pg-ranked tbody tr >> nth=0")
    assert "High fit" in best
    assert "●●●" in best
    page.click(".pg-site-open")
    more = page.inner_text(".pg-site-more")
    assert told["ranked"][0]["limits"][0]["words"] in more
    assert "In the way: several holders, minor road between" in more
    assert told["ranked"][0]["cost_words"] in more
    assert told["why_not"][0]["counterfactual"] in page.inner_text(
        "[data-list=siting_why_not] tbody tr >> nth=0"
    )


def test_a_joined_site_is_outlined_and_a_parcel_chosen(page, snapshot):
    ids = snapshot.read("parcels")["parcel_id"].tolist()
    _fill(page)
    _search(page)
    assert page.inner_text(".pg-site-number") == "1"
    page.click("[data-site=S1]")
    until(page, f"{_SITING}.map.outline.getLayers().length === 1")
    around = page.evaluate(f"{_SITING}.map.outline.getLayers()[0].getBounds().toBBoxString()")
    assert page.evaluate("(box) => { const [w, s, e, n] = box.split(',').map(Number); return parkgeo.page.map.getBounds().contains([[s, w], [n, e]]); }", around)  # fmt: skip
    assert page.get_attribute("[data-site=S1]", "aria-current") == "true"
    page.click("[data-list=siting_why_not] [data-site] >> nth=0")
    missed = page.get_attribute("[data-list=siting_why_not] [data-site] >> nth=0", "data-site")
    until(page, "(id) => parkgeo.dashboard.parcel === parkgeo.dashboard.rowOf(id)", missed)
    assert missed in ids[2:7]
    assert page.evaluate(f"{_SITING}.map.outline.getLayers().length") == 0


def test_the_other_language_says_the_same_and_keeps_what_was_written(page, service):
    _fill(page)
    _search(page)
    page.evaluate("() => { parkgeo.page.words.language = 0; parkgeo.page.speak(); }")
    until(
        page, "document.querySelector('.pg-siting-found .pg-lead').textContent.startsWith('共查看 6 个地块')"
    )
    told = _answer(service, page.evaluate(_PART), "zh")
    assert told["why_not"][0]["counterfactual"] in page.inner_text(
        "[data-list=siting_why_not] tbody tr >> nth=0"
    )
    assert page.input_value("[data-entry=area]") == "60"
    assert page.inner_text("#pg-tab-siting") == "项目选址"
    page.evaluate("() => { parkgeo.page.words.language = 1; parkgeo.page.speak(); }")
    until(page, "document.querySelector('.pg-siting-found .pg-lead').textContent.startsWith('6 sites')")


def test_what_is_wrong_is_said_at_its_entry_and_nothing_is_asked(seen, page):
    asked = len(seen.requests)
    page.click(".pg-brief-go")
    assert "Choose an industry, or say what the project needs." in page.inner_text(".pg-brief-faults")
    for name, text in (("area", "5"), ("long", "200"), ("short", "100"), ("power", "-3"), ("top", "1.5")):
        page.fill(f"[data-entry={name}]", text)
    page.click(".pg-brief-go")
    wrong = page.eval_on_selector_all(
        "[aria-invalid=true]", "nodes => nodes.map(({ dataset }) => dataset.entry)"
    )
    assert wrong == ["area", "power", "top"]
    assert page.evaluate("document.activeElement.dataset.entry") == "area"
    assert page.inner_text(f"#{page.get_attribute('[data-entry=power]', 'aria-describedby')}") == "Power, kVA: write a number above 0."  # fmt: skip
    assert len(seen.requests) == asked
    page.fill("[data-entry=area]", "60")
    page.fill("[data-entry=power]", "")
    page.fill("[data-entry=top]", "3")
    page.keyboard.press("Enter")
    until(page, "Boolean(document.querySelector('.pg-siting-found .pg-lead'))")
    assert page.is_hidden(".pg-brief-faults")


def test_an_industry_shows_its_needs_in_grey_and_weights_count_once_they_are_moved(page):
    page.select_option("[data-entry=industry]", "machinery")
    assert page.get_attribute("[data-entry=area]", "placeholder") == "20"
    assert page.get_attribute("[data-entry=long]", "placeholder") == "100"
    _search(page)
    assert page.evaluate(_PART) == {"industry": "machinery", "top": 10}
    page.click("[data-part=weights] summary")
    page.focus("[data-entry='weights.economy']")
    page.keyboard.press("ArrowRight")
    _search(page)
    weights = page.evaluate(_PART)["weights"]
    assert weights == {
        "access_score": 2,
        "services_ready": 2,
        "travel": 2,
        "net_share": 1,
        "rectangle": 1,
        "economy": 2.5,
        "cost": 0,
    }


def test_a_link_brings_the_brief_and_one_that_was_tampered_with_what_is_left_of_it(
    browser, service, page, seen
):
    _fill(page)
    _search(page)
    hash_ = seen.hash()
    assert json.dumps(_BRIEF["name"]) in unquote_plus(hash_)
    other = Seen(browser, service, f"?lang=en{hash_}")
    until(other.page, "Boolean(document.querySelector('.pg-siting-found .pg-lead'))")
    assert other.page.inner_text(".pg-siting-found .pg-lead").startswith("6 sites")
    assert other.page.input_value("[data-entry=name]") == _BRIEF["name"]
    odd = '{"name":7,"industry":"<b>","top":-1,"needs":{"area":"60 mu","gas":{},"travel_max":{"<i>":"5 min","port":"30 min"}},"weights":{"economy":"x"},"sites":[]}'
    other.page.evaluate("(part) => { parkgeo.dashboard.state.keep('siting', JSON.parse(part)); parkgeo.dashboard.tell('state'); }", odd)  # fmt: skip
    until(other.page, "document.querySelector('.pg-siting-found').getAttribute('aria-busy') === 'false' && Boolean(document.querySelector('[data-list=siting_undetermined], [data-list=siting_why_not]'))")  # fmt: skip
    assert other.page.evaluate(f"{_SITING}.brief") == {"top": 10, "needs": {"area": "60 mu", "travel_max": {"port": "30 min"}}}  # fmt: skip
    assert other.complaints == []
    other.page.close()


def test_faults_that_only_the_service_sees_are_listed_as_text(browser, service):
    other = Seen(browser, service, "?lang=en")
    other.page.click("#pg-tab-siting")
    other.page.evaluate(f"() => {{ const siting = {_SITING}; siting.brief = {{ industry: '<img src=x>', top: 0 }}; siting.ask(); }}")  # fmt: skip
    until(other.page, "document.querySelectorAll('.pg-brief-faults li').length === 3")
    listed = other.page.inner_text(".pg-brief-faults")
    assert "unknown industry '<img src=x>'" in listed
    assert "top must be a whole number" in listed
    assert other.page.evaluate("document.querySelector('.pg-siting img')") is None
    other.page.close()


def test_the_panel_says_what_could_stand_on_a_parcel(page, service, snapshot):
    parcels = snapshot.read("parcels")["parcel_id"].tolist()
    choose(page, parcels[2])
    page.click(".pg-what-fits summary")
    until(page, "Boolean(document.querySelector('.pg-fits'))")
    fits = httpx.get(f"{service}/parcels/{parcels[2]}/fit?lang=en", timeout=60).json()["fits"]
    rows = page.eval_on_selector_all(".pg-fits tbody tr", "nodes => nodes.map((node) => node.textContent)")
    assert len(rows) == len(fits) > 5
    for row, fit in zip(rows, fits, strict=True):
        assert fit["title"] in row
        assert SITING[f"siting_grade_{fit['grade']}"] in row
        assert all(limit["words"] in row for limit in fit["failed"] if limit["verdict"] == "no")
    assert not page.query_selector(".pg-what-fits .pg-caption:text('in use')")


def test_the_pop_up_of_a_joined_site_names_its_parcels(page, snapshot):
    ids = snapshot.read("parcels")["parcel_id"].tolist()
    page.evaluate(
        "() => { parkgeo.dashboard.tabs.setOpen(false); parkgeo.page.layers.setOn(['parks', 'sites']); parkgeo.page.fit(); }"
    )
    until(page, "parkgeo.page.layers.stage.pending === 0")
    at = page.evaluate(
        """async (id) => {
            const [[south, west], [north]] = await parkgeo.page.view.bounds(parkgeo.dashboard.rowOf(id));
            const { map } = parkgeo.page;
            map.setView([(south + north) / 2, west], 16, { animate: false });
            const { x, y } = map.latLngToContainerPoint([(south + north) / 2, west]);
            const box = map.getContainer().getBoundingClientRect();
            return [box.x + x, box.y + y];
        }""",
        ids[2],
    )
    until(page, "parkgeo.page.layers.stage.pending === 0")
    page.wait_for_timeout(300)
    page.mouse.click(*at)
    until(page, "Boolean(document.querySelector('.pg-card'))")
    said = page.inner_text(".pg-card")
    assert "Joined sites" in said
    assert f"{ids[2]}, {ids[3]}" in said
    assert "several holders, minor road between" in said
    page.keyboard.press("Escape")
    page.evaluate("() => parkgeo.dashboard.tabs.setOpen(true)")


def test_words_are_all_said_and_all_in_both_languages():
    scripts = {name: script_text(f"js/dash/{name}.js") for name in _SCRIPTS}
    text = "".join(scripts.values())
    said = set(re.findall(r'"(siting_\w+)"', text))
    assert said <= set(SITING)
    made = set(re.findall(r"`(siting_(?:\w+_)?)\$\{", text))
    assert all(
        key.startswith(_FAMILIES) and any(key.startswith(prefix) for prefix in made)
        for key in set(SITING) - said
    )
    # Of the keys that are put together of a name each has its name somewhere.
    names = {key.removeprefix("siting_") for key in set(SITING) - said if not key.startswith(_FAMILIES[:2])}
    assert names <= set(re.findall(r'"(\w+)"', text)) | set(re.findall(r"(\w+): ", text))
    assert not set(SITING) & (set(SENTENCES) | set(DASHBOARD) | set(PANEL))
    assert set(SITING.values()) <= set(messages("zh"))
    blanks = re.compile(r"\{\w+\}")
    for sentence in SITING.values():
        assert sorted(blanks.findall(sentence)) == sorted(blanks.findall(messages("zh")[sentence])), sentence
    assert {f"js/dash/{name}.js" for name in _SCRIPTS} <= ASSETS
    assert all(len(script.splitlines()) < 350 for script in scripts.values())
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
