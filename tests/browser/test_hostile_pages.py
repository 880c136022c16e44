"""What users may have written, in each place where it shows, in a browser that no content policy helps: nothing runs, all shows as written."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from maps import render_map
from maps.specs import workspace_specs
from tests.api.conftest import started
from tests.browser.guard import Guard
from tests.browser.hostile_park import IDS, LONG, STRINGS, build_hostile_park
from tests.browser.walks import ready, walk_dashboard, walk_map
from tests.chromium import open_chromium

MAP = {
    "name of the park": "#parkgeo-head .pg-park",
    "search": ".pg-results",
    "pop-up: id": ".pg-card h2",
    "pop-up: holder": ".pg-card .pg-holder",
    "pop-up: reason": ".pg-card .pg-reason",
    "pop-up: findings": ".pg-card .pg-findings",
    "pop-up: what is missing": ".pg-card .pg-gaps",
    "pop-up: fields": ".pg-card dd",
    "maps of the office": ".pg-legend .pg-map-choice, .pg-left-out",
    "layers": ".pg-layers",
}
DASHBOARD = {
    "rail": ".pg-rail",
    "parks to choose": ".pg-park-choice",
    "filters: values": ".pg-choices[data-filter]",
    "filters: findings": ".pg-choices:not([data-filter])",
    "chips": ".pg-chips",
    "table of parcels": "#pg-pane-parcels",
    "register": "#pg-pane-register",
    "companies": "#pg-pane-companies",
    "panel: id": ".pg-side .pg-panel-title",
    "panel: holder": ".pg-side .pg-holder",
    "panel: reason": ".pg-side .pg-reason",
    "panel: facts": ".pg-side .pg-facts",
    "panel: notes of evidence": ".pg-side .pg-evidence-note",
    "panel: files of evidence": ".pg-side .pg-evidence-source",
    "panel: companies": ".pg-side .pg-company",
    "panel: what lifts": ".pg-side .pg-lifts",
    "panel: findings": ".pg-side .pg-findings",
    "panel: what is missing": ".pg-side .pg-gaps",
    "panel: photos": ".pg-side .pg-photo",
    "charts as tables": ".pg-chart-table",
    "sites": ".pg-siting-found",
    "comparison: scenarios": ".pg-compare-with",
    "comparison: parcels": ".pg-compare-rows",
    "visit": ".pg-visit",
}
# Where but some rows or maps show, or a file's name cannot hold every sign: at least so many of the strings.
PARTLY = {"rail": 28, "register": 25, "charts as tables": 20, "sites": 15, "visit": 2, "panel: photos": 10}
PAGES = {"page": "body"}
PANELS = (
    ".pg-panel, .pg-card, .leaflet-popup-content, #parkgeo-head, .pg-results, .pg-rail, .pg-filters, .pg-form, .pg-chips, .pg-drawer, "
    ".pg-aside, .pg-side, .pg-photo, .pg-evidence, .pg-menu-list, .pg-notice, .pg-compare, .pg-compare-tools, .pg-compare-list, .pg-charts, main, header, footer"
)


@pytest.fixture(scope="module")
def park(tmp_path_factory):
    return build_hostile_park(tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def service(park):
    with started(park.folder) as url:
        yield url


class Watch:
    """A page under guard, in a browser that lets everything run."""

    def __init__(self, browser, places):
        self.context = browser.new_context(bypass_csp=True, viewport={"width": 1400, "height": 860})
        self.guard = Guard(self.context, STRINGS, places, PANELS)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message):
        # A browser asks for it by itself, and pages for people that are not maps have none.
        if message.type in ("error", "warning") and "favicon" not in message.location["url"]:
            self.complaints.append(message.text)

    def look(self):
        self.guard.sweep(self.page)

    def each(self, steps, root="html"):
        self.guard.sweep_each(self.page, steps, root)

    def check(self):
        assert self.complaints == []
        self.guard.check(self.page)


@pytest.fixture
def watch(browser, request):
    watch = Watch(browser, request.param)
    yield watch
    watch.context.close()


def _all_shown(guard, places, besides=()):
    """Each of the strings stood as written in each of the places, but for those that are cut there."""
    missing = {
        place: [text for text in guard.never_as_written(place) if text not in besides and text != LONG[:60]]
        for place in places
    }
    told = {place: texts for place, texts in missing.items() if texts}
    assert not told, f"not as written: {told}"


@pytest.mark.parametrize("watch", [MAP], indirect=True)
def test_the_map_in_one_file(watch, park, tmp_path):
    specs, _ = workspace_specs(park.folder)
    file = tmp_path / "map.html"
    file.write_text(render_map(park.now, lang="en", specs=specs), encoding="utf-8", newline="\n")
    watch.guard.open(watch.page, file.as_uri())
    ready(watch.page)
    walk_map(watch.page, watch.look, watch.each)
    watch.check()
    _all_shown(watch.guard, MAP)


@pytest.mark.parametrize("watch", [MAP], indirect=True)
def test_the_served_map(watch, service):
    watch.guard.open(watch.page, f"{service}/map?lang=en")
    ready(watch.page)
    walk_map(watch.page, watch.look, watch.each, every=8)
    watch.check()


@pytest.mark.parametrize("watch", [DASHBOARD], indirect=True)
def test_the_dashboard(watch, park, service):
    watch.guard.open(watch.page, f"{service}/dashboard?lang=en")
    ready(watch.page, "[data-dashboard=ready]")
    walk_dashboard(watch.page, watch.look, watch.each, park.dense)
    watch.check()
    _all_shown(watch.guard, set(DASHBOARD) - set(PARTLY))
    for place, least in PARTLY.items():
        assert len(watch.guard.seen[place]) >= least, place


def _pages(park):
    tables = ["parcels", "parks", "findings", "gaps", "enterprises", "evidence_lines", "scores", "roads"]
    dense = quote(park.dense, safe="")
    return [
        *(f"{path}?f=html" for path in ("", "collections", "findings", "exports", "snapshots", "scenarios", "conformance", "search")),
        "docs",
        *(f"collections/{table}/items?f=html&limit=100" for table in tables),
        "collections/parcels?f=html",
        f"collections/parcels/items/{dense}?f=html",
        *(f"parks/{quote(name, safe='')}?f=html" for name in IDS[1:4]),
        *(f"search?f=html&q={quote(text[:60], safe='')}" for text in STRINGS[::8]),
    ]  # fmt: skip


@pytest.mark.parametrize("watch", [PAGES], indirect=True)
def test_the_pages_of_the_service(watch, park, service):
    for path in _pages(park):
        answer = watch.guard.open(watch.page, f"{service}/{path}{'&' if '?' in path else '?'}lang=en")
        assert answer.status == 200, path
        watch.look()
        made = "[...document.querySelectorAll('script, style, link, base, iframe')].map((node) => node.localName)"
        assert watch.page.evaluate(made) == ["style"], path
        assert watch.page.title().strip(), path
        watch.check()
    _all_shown(watch.guard, PAGES)


@pytest.mark.parametrize("watch", [PAGES], indirect=True)
def test_a_dossier(watch, park, service):
    """Signs that turn the writing direction are written out there, for paper too; so no text is kept apart."""
    watch.guard.open(watch.page, f"{service}/parcels/{quote(park.dense, safe='')}?f=html&lang=en")
    watch.look()
    assert watch.page.locator("script, base, iframe, link").count() == 0
    assert watch.page.evaluate(r"/[\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)") is False
    watch.guard.check(watch.page, apart=False)
    assert watch.complaints == []
    assert len(watch.guard.seen["page"]) > len(STRINGS) / 2


@pytest.mark.parametrize("watch", [MAP], indirect=True)
def test_a_page_that_takes_a_text_for_markup_is_caught(watch):
    """The guard proves itself: each text that does something where it is taken for markup, one after the other."""
    begin = ("<img", "<svg", "\"'><svg", "<base", "<link", "<iframe", "<a href", "<meta", "</style")
    telling = [text for text in STRINGS if text.startswith(begin)]
    assert len(telling) == len(begin)
    for text in telling:
        watch.guard.open(watch.page, "about:blank")
        watch.guard.check(watch.page)
        watch.page.evaluate("(text) => { document.body.innerHTML = `<p><bdi>${text}</bdi></p>`; }", text)
        watch.page.wait_for_timeout(150)
        with pytest.raises(AssertionError):
            _in_time(watch)


def _in_time(watch):
    """A picture that is not there, or an animation, is told of when the browser comes to it."""
    for _ in range(100):
        watch.guard.check(watch.page)
        watch.page.wait_for_timeout(50)


DONE = (
    ("setTimeout('1 + 1')", "setTimeout: 1 + 1"),
    ("eval('1 + 1')", "eval: 1 + 1"),
    ("new Function('return 1')()", "new Function: return 1"),
    ("(() => {}).constructor('return 1')()", "Function: return 1"),
    ("window.print()", "print()"),
    ("document.body.append(document.createElement('script'))", "element: <script></script>"),
    ("document.body.innerHTML = '<b>${alert(3)}</b>'", '"b"'),
    ("document.body.innerHTML = '<header><bdi>' + 'W'.repeat(10000) + '</bdi></header>'", "the page: "),
)


@pytest.mark.parametrize("watch", [MAP], indirect=True)
def test_what_a_page_may_not_do_is_told(watch):
    for done, caught in DONE:
        watch.guard.open(watch.page, "about:blank")
        watch.page.evaluate(f"() => {{ setTimeout(() => {{ {done}; }}); }}")
        watch.page.wait_for_timeout(150)
        watch.look()
        with pytest.raises(AssertionError, match=re.escape(caught)):
            watch.guard.check(watch.page)
