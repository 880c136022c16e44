"""Ways through the pages by which each control that shows a text is used once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.browser.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

_MAP = "#parkgeo-head, .leaflet-control-container"

_CARDS = """async (look) => {
    const { page } = parkgeo;
    const middle = page.map.getCenter();
    for (let row = 0; row < page.view.count; row += EVERY) {
        await page.show(middle, () => page.cards.parcel(row));
        await look();
    }
    for (const member of page.layers.members) {
        if (!member.layer.picture && member !== page.layers.parcels) {
            for (let row = 0; row < member.layer.count; row += 13) {
                await page.show(middle, () => page.cards.shape(member.layer, row));
                await look();
            }
        }
    }
    page.map.closePopup();
}"""
_SEARCH = """async (look, strings) => {
    const [input, results] = [document.querySelector(".pg-search input"), document.querySelector(".pg-results")];
    for (const text of strings.filter((_, at) => at % EVERY === 0)) {
        results.replaceChildren();
        input.value = text.slice(0, 200);
        input.dispatchEvent(new Event("input"));
        for (let turn = 0; turn < 2000 && !results.childElementCount; turn += 1) { await new Promise((done) => setTimeout(done, 5)); }
        await look();
    }
    input.value = "";
    input.dispatchEvent(new Event("input"));
}"""
_LEGEND = """async (look) => {
    const { page } = parkgeo;
    for (const { key } of page.view.colourings.filter(({ kind }, at) => at % 16 === 0 || kind === "class")) {
        await page.recolour(key);
        await look();
    }
    for (const map of page.view.maps.filter((_, at) => at % 16 === 0)) {
        await page.chooseMap(map);
        await look();
    }
    for (const member of page.layers.members) { page.layers.toggle(member, true); }
    page.layers.fill();
    await look();
    await page.chooseMap(page.view.maps[0]);
}"""


def _every(every: int, script: str) -> str:
    return script.replace("EVERY", str(every))


def ready(page: Any, mark: str = "[data-ready]") -> None:
    """Until a page can be used."""
    page.wait_for_selector(mark, state="attached", timeout=120_000)


def walk_map(page: Any, look: Callable[..., None], each: Callable[..., None], *, every: int = 1) -> None:
    """All that the map has: portable or served.

    Parameters
    ----------
    page
        The page, ready.
    look
        Called when something shows that did not.
    each
        Runs a script with something to look at after each step; the second argument says where.
    every
        Each how-manieth of many alike is looked at.
    """
    of = partial(_every, every)
    page.evaluate(
        "document.querySelectorAll('.pg-panel, .pg-left-out').forEach((node) => { node.open = true; })"
    )
    look()
    each(of(_LEGEND), _MAP)
    each(of(_SEARCH), ".pg-search")
    each(of(_CARDS), ".leaflet-popup-pane")
    page.evaluate("parkgeo.page.goTo(0)")
    page.wait_for_selector(".pg-card")
    for _ in range(2):
        page.click(".pg-language")
        look()
    for unit in ("ha", "m2", "mu"):
        page.select_option(".pg-unit", unit)
    page.keyboard.press("Escape")
    page.evaluate("parkgeo.page.map.closePopup()")
    for control in (
        ".leaflet-control-zoom-in",
        ".leaflet-control-zoom-out",
        ".pg-home-button",
        ".pg-measure",
    ):
        page.click(control)
    box = page.locator(".folium-map").bounding_box()
    for x, y in ((0.45, 0.3), (0.6, 0.3), (0.6, 0.45)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.wait_for_timeout(350)  # two clicks at once are a double click
    look()
    page.click(".pg-measure")
    page.focus(".pg-minimap canvas")
    page.keyboard.press("ArrowLeft")
    page.click(".pg-print")
    page.wait_for_selector(".pg-sheet-tools:not([hidden])")
    look()
    page.select_option(".pg-paper", "A3")
    page.keyboard.press("Escape")


_PARCELS = """async (look) => {
    const { dashboard } = parkgeo;
    const { ids, count } = { ids: dashboard.view.data.parcels.ids, count: dashboard.view.count };
    const busy = () => document.querySelector(".pg-side").getAttribute("aria-busy") === "true";
    for (let row = 0; row < count; row += EVERY) {
        dashboard.choose(row, {});
        for (let turn = 0; turn < 6000 && busy(); turn += 1) { await new Promise((done) => setTimeout(done, 5)); }
        if (document.querySelector(".pg-panel-title")?.textContent !== ids.at(row) || document.querySelector(".pg-problem")) {
            throw new Error(`not shown: ${ids.at(row)}`);
        }
        await look();
    }
}"""
_TABLES = """async (look) => {
    for (const tab of ["parcels", "register", "companies"]) {
        document.getElementById(`pg-tab-${tab}`).click();
        const grid = document.querySelector(`#pg-pane-${tab} [role=grid]`);
        for (let top = 0; top < grid.scrollHeight; top += 150 * EVERY) {
            grid.scrollTop = top;
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            await look();
        }
    }
}"""


def walk_dashboard(
    page: Any, look: Callable[..., None], each: Callable[..., None], dense: str, *, every: int = 1
) -> None:
    """All that stands around the map in the dashboard.

    Parameters
    ----------
    page, look, each, every
        As `walk_map` has them.
    dense
        Id of a parcel of which much is told.
    """
    of = partial(_every, every)
    look()
    each(of(_TABLES), ".pg-drawer")
    each(of(_PARCELS), ".pg-aside")
    page.evaluate("(id) => parkgeo.dashboard.choose(parkgeo.dashboard.rowOf(id), {})", dense)
    until(page, "(id) => document.querySelector('.pg-panel-title').textContent === id && document.querySelector('.pg-side').getAttribute('aria-busy') === 'false'", dense)  # fmt: skip
    look()
    for _ in range(2):
        page.click(".pg-language")
        until(page, "document.querySelector('.pg-side').getAttribute('aria-busy') === 'false'")
        look()
    _filter(page, look)
    _charts(page, look)
    _siting(page, look)
    _compare(page, look)
    page.click("#pg-tab-parcels")
    page.click(".pg-downloads summary")
    look()
    page.click(".pg-visit-button")
    page.wait_for_selector(".pg-visit")
    look()
    page.keyboard.press("Escape")
    page.wait_for_selector(".pg-visit", state="detached")
    page.click(".pg-copy")
    page.evaluate("parkgeo.dashboard.choose(-1, {})")
    page.wait_for_selector(".pg-park-choice")
    page.select_option(".pg-park-choice", index=3)
    until(page, "document.querySelector('.pg-side').getAttribute('aria-busy') === 'false'")
    look()


def _filter(page: Any, look: Callable[..., None]) -> None:
    page.click(".pg-filter-button")
    look()
    page.evaluate(
        """async () => {
            const { dashboard } = parkgeo;
            const industries = [...document.querySelectorAll("[data-filter=industry_code][data-value]")].map((box) => box.dataset.value).filter(Boolean);
            const codes = dashboard.filters.findings.map(({ code }) => code);
            await dashboard.setCriteria({ any: { industry_code: industries }, findings: { codes, verdicts: ["yes", "undetermined"] }, holder: "<script>" });
        }"""
    )
    look()
    page.evaluate("parkgeo.dashboard.setCriteria({})")
    until(page, "parkgeo.dashboard.filters.empty")
    page.click(".pg-close-form")


def _charts(page: Any, look: Callable[..., None]) -> None:
    page.click("#pg-tab-charts")
    kinds = page.eval_on_selector_all("[role=tabpanel]:not([hidden]) button[data-tool]", "nodes => nodes.map(node => node.dataset.tool)")  # fmt: skip
    for kind in kinds:
        page.click(f"button[data-tool={kind}]")
        until(page, "document.querySelector('.pg-charts .pg-panel-status').textContent === ''")
        page.evaluate("document.querySelectorAll('.pg-chart-table').forEach((node) => { node.open = true; })")
        look()
        for canvas in page.locator(".pg-chart canvas").all():
            canvas.scroll_into_view_if_needed()
            box = canvas.bounding_box()
            for share in (0.25, 0.5):
                page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * share)


def _siting(page: Any, look: Callable[..., None]) -> None:
    page.click("#pg-tab-siting")
    # Of no net area is known whether it suffices for the first; for the second every parcel is too small.
    for area in ("0.001", "1000000"):
        page.fill("[data-entry=area]", area)
        page.check("[data-entry=all]")
        page.click(".pg-brief-go")
        until(page, "Boolean(document.querySelector('.pg-siting-found [data-site]')) && document.querySelector('.pg-siting-found').getAttribute('aria-busy') === 'false'")  # fmt: skip
        look()
    page.click(".pg-brief-anew")
    if page.query_selector(".pg-what-fits summary"):
        page.click(".pg-what-fits summary")
        until(page, "Boolean(document.querySelector('.pg-fits'))")
        look()


def _compare(page: Any, look: Callable[..., None]) -> None:
    page.click(".pg-compare-open")
    page.wait_for_selector(".pg-compare-rows")
    look()
    scenarios = [value for value in page.eval_on_selector_all(".pg-compare-with option", "nodes => nodes.map(node => node.value)") if value.startswith("scenario")]  # fmt: skip
    for one in scenarios[:3]:
        page.select_option(".pg-compare-with", one)
        until(page, "document.querySelector('.pg-compare > .pg-panel-status').textContent === ''")
        look()
    page.click(".pg-compare-rows .pg-row-button >> nth=2")
    page.check(".pg-compare-only input")
    page.click(".pg-compare-close")


__all__ = ["ready", "walk_dashboard", "walk_map"]
