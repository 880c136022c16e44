"""Take the pictures of the guide: drive the sample park's pages in Chromium, step by step as docs/guide.md says.

    python docs/pictures.py [--out docs/images] [--workspace DIR]

Needs Playwright, Pillow and a Chromium (``PARKGEO_CHROMIUM`` names one that is not on the path). Without ``--workspace`` the
sample park is made and analysed as of two days, which takes a minute. Nothing is fetched: names are not resolved.

`STEPS` is what `tests/browser/test_guide.py` walks through as well, to see that what the guide quotes is what the pages say.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import os
import re
import shutil
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from api import Settings, create_app
from parkgeo import read_project, run_project
from parkgeo.sample import write_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LANGUAGES = ("zh", "en")
BEFORE = dt.date(2025, 12, 31)
"""Day of the earlier state with which the guide compares."""

WORST = "330599001057GB00006"
"""The parcel of which the guide shows the file."""

SIZE = (1440, 900)
TALL = (1440, 1360)
SHEET = (1180, 1160)
COLOURS = 256
FLAT_PIXELS = 90
"""A colour of that many pixels fills a plane; those of fewer are mixed at the edges of letters and lines."""
FLAT_APART = 3
MIXED_APART = 12
LARGEST_BYTES = 200_000
PORT = 8000
_START_S = 30
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


class Walk:
    """One reader's way through the dashboard.

    Parameters
    ----------
    page
        An empty page of a browser.
    service
        The service's address.
    lang
        ``zh`` or ``en``.
    """

    def __init__(self, page: Any, service: str, lang: str) -> None:
        self.page = page
        self.service = service
        self.lang = lang

    def open(self) -> None:
        """The dashboard as it comes, nothing set."""
        self.page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
        self.page.goto(f"{self.service}/dashboard?lang={self.lang}")
        self.ready()

    def ready(self) -> None:
        """Wait until all parts of the page are there and the map is drawn."""
        self.page.wait_for_selector("[data-dashboard=ready]", state="attached", timeout=60_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the map is drawn and the panel has read what it shows, the small trends of the park too."""
        self.until(
            """(() => {
                const side = document.querySelector(".pg-side");
                const read = side.dataset.shown === "parcel" || side.querySelector(".pg-trend:not(:empty)");
                return read && side.getAttribute("aria-busy") === "false" && !parkgeo.page.layers.stage.working;
            })()"""
        )
        self.page.wait_for_timeout(300)

    def until(self, condition: str) -> None:
        """Wait for a condition; the page's content policy lets nobody else evaluate one again and again."""
        for _ in range(600):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        raise TimeoutError(condition)

    def size(self, size: tuple[int, int]) -> None:
        """Give the window another size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.settle()

    def row(self, place: int) -> None:
        """Choose a row of the table in front, from 0."""
        row = self.page.locator(".pg-pane:not([hidden]) .pg-grid-row").nth(place)
        row.locator("[role=gridcell]").nth(1).click()  # the row's middle may lie beyond the table's edge
        self.page.wait_for_selector("[data-shown=parcel] .pg-panel-title")
        self.until("parkgeo.dashboard.parcel >= 0")
        self.settle()

    def tab(self, name: str) -> None:
        """Bring a tab below the map to the front."""
        self.page.click(f"#pg-tab-{name}")
        self.settle()

    def ask(self, question: str) -> None:
        """Choose a question on the left."""
        self.page.click(f".pg-view[data-map={question}]")
        self.settle()


def start(walk: Walk) -> None:
    """What the park is asked first."""
    walk.open()


def worst(walk: Walk) -> None:
    """The idle register, the worst on top."""
    walk.tab("register")


def conflict(walk: Walk) -> None:
    """The first of the register: the ledger says idle, all else says in use."""
    walk.row(0)
    walk.size(TALL)


def why(walk: Walk) -> None:
    """The third: nothing speaks against it."""
    walk.row(2)


def choose(walk: Walk) -> None:
    """Those that are suspected idle, two years and more after the agreed start."""
    walk.size(SIZE)
    walk.page.click(".pg-back")
    walk.page.click(".pg-filter-button")
    walk.page.check("[data-filter=idle][data-value=yes]")
    walk.page.fill("[data-range=idle_days] >> nth=0", "730")
    walk.page.keyboard.press("Tab")
    walk.page.wait_for_selector(".pg-chip >> nth=1")
    walk.page.focus(".pg-close-form")  # no caret that blinks
    walk.settle()


def visit(walk: Walk) -> None:
    """The sheet for a field visit."""
    walk.page.keyboard.press("Escape")
    walk.page.click(".pg-downloads summary")
    walk.page.click(".pg-visit-button")
    walk.page.wait_for_selector(".pg-visit-table")
    walk.size(SHEET)


def grades(walk: Walk) -> None:
    """Companies by grade, and what would lift the first with a D."""
    walk.page.keyboard.press("Escape")
    walk.size(SIZE)
    walk.page.click(".pg-clear")
    walk.page.click(".pg-home-button")
    walk.ask("grade")
    walk.tab("companies")
    for _ in range(2):  # from D to A
        walk.page.click(".pg-pane:not([hidden]) .pg-sort[data-column=grade]")
    walk.settle()
    walk.row(0)
    walk.page.evaluate(
        "document.querySelector('.pg-lifts').closest('section, .pg-part, div').scrollIntoView()"
    )


def scatter(walk: Walk) -> None:
    """Output against floor area ratio."""
    walk.page.click(".pg-back")
    walk.size(TALL)
    walk.tab("charts")
    walk.page.click("[data-tool=scatter]")
    walk.settle()
    walk.page.wait_for_selector(".pg-chart-content canvas")


def site(walk: Walk) -> None:
    """Approved and not supplied, all services ready."""
    walk.size(SIZE)
    walk.page.click(".pg-home-button")
    walk.ask("services")
    walk.tab("parcels")
    walk.page.click(".pg-filter-button")
    walk.page.check("[data-filter=land_state][data-value=approved_not_supplied]")
    walk.page.wait_for_selector(".pg-chip")
    walk.page.keyboard.press("Escape")
    walk.page.click(".pg-pane:not([hidden]) .pg-sort[data-column=services_ready]")
    walk.page.evaluate("document.querySelector('.pg-pane:not([hidden]) [role=grid]').scrollTo(0, 0)")
    walk.settle()
    walk.row(0)


def place(walk: Walk) -> None:
    """A project looks for a site: the best first, numbered on the map."""
    walk.page.click(".pg-back")
    walk.page.click(".pg-clear")
    walk.page.click(".pg-home-button")
    walk.ask("where-to-build")
    walk.tab("siting")
    walk.page.select_option("[data-entry=industry]", "machinery")
    walk.page.fill("[data-entry=area]", "30")
    walk.page.click(".pg-brief-go")
    walk.page.wait_for_selector(".pg-ranked", timeout=60_000)
    walk.page.wait_for_selector(".pg-site-number")
    walk.settle()


def compare(walk: Walk) -> None:
    """The park now and half a year before."""
    walk.page.click(".pg-brief-anew")
    walk.page.click(".pg-compare-open")
    walk.page.wait_for_selector(".pg-compare-legend", timeout=60_000)
    walk.page.wait_for_timeout(800)


def measure(walk: Walk) -> None:
    """An area drawn on the map, and the parcels in it."""
    walk.page.click(".pg-compare-close")
    walk.ask("idle")
    walk.page.click(".pg-drawer-toggle")
    walk.page.click(".pg-home-button")
    walk.page.click(".pg-measure")
    walk.page.click(".pg-sketch .pg-row button >> nth=1")
    places = walk.page.evaluate("""() => {
        const { map } = parkgeo.page;
        const [[south, west], [north, east]] = parkgeo.page.view.whole;
        const at = (x, y) => map.latLngToContainerPoint([south + (north - south) * y, west + (east - west) * x]);
        return [[0.45, 0.5], [0.72, 0.54], [0.7, 0.85], [0.44, 0.8]].map(([x, y]) => at(x, y)).map(({ x, y }) => [x, y]);
    }""")
    box = walk.page.locator(".folium-map").bounding_box()
    for x, y in places:
        walk.page.mouse.click(box["x"] + x, box["y"] + y)
        walk.page.wait_for_timeout(350)  # two clicks at once are a double click
    walk.page.click(".pg-sketch .pg-row:last-child button >> nth=2")
    walk.page.wait_for_selector(".pg-sketches")
    walk.settle()


def dossier(walk: Walk) -> None:
    """The file of the third parcel."""
    walk.page.set_viewport_size({"width": 900, "height": 1150})
    walk.page.goto(f"{walk.service}/parcels/{WORST}?f=html&lang={walk.lang}")
    walk.page.evaluate("document.querySelectorAll('h2')[2].scrollIntoView()")
    walk.page.wait_for_timeout(300)


def whole_map(walk: Walk) -> None:
    """The map by itself, as one file shows it too."""
    walk.page.set_viewport_size({"width": 1400, "height": 860})
    walk.page.goto(f"{walk.service}/map?lang={walk.lang}")
    walk.page.wait_for_selector(".folium-map[data-ready=yes]", timeout=60_000)
    walk.until("!parkgeo.page.layers.stage.working")
    walk.page.wait_for_timeout(300)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the guide and its picture.

    Attributes
    ----------
    name
        Of the picture: ``guide-{name}-{lang}.png``, unless `file` says otherwise.
    do
        What brings the page there from where the step before left it.
    part
        Selector of the part to be shown; the whole window if empty.
    file
        Name of the picture before its language.
    """

    name: str
    do: Callable[[Walk], None]
    part: str = ""
    file: str = ""

    def picture(self, lang: str) -> str:
        """Name of the picture's file."""
        return f"{self.file or f'guide-{self.name}'}-{lang}.png"


STEPS = (
    Step("start", start),
    Step("worst", worst),
    Step("conflict", conflict, ".pg-aside"),
    Step("why", why, ".pg-aside"),
    Step("choose", choose),
    Step("visit", visit),
    Step("grades", grades),
    Step("scatter", scatter, ".pg-drawer"),
    Step("site", site),
    Step("place", place),
    Step("compare", compare),
    Step("measure", measure),
    Step("dossier", dossier),
    Step("map", whole_map, file="map"),
)


def shrink(picture: bytes) -> bytes:
    """A PNG with a palette, a third of the bytes. What fills a plane, a legend's colour say, stays just as it is."""
    with Image.open(io.BytesIO(picture)) as opened:
        full = opened.convert("RGB")
    colours, place, counts = np.unique(
        np.asarray(full).reshape(-1, 3).astype(np.int16), axis=0, return_inverse=True, return_counts=True
    )
    chosen: list[int] = []
    for one in np.argsort(-counts, kind="stable"):
        apart = FLAT_APART if counts[one] >= FLAT_PIXELS else MIXED_APART
        if not chosen or np.abs(colours[chosen] - colours[one]).max(axis=1).min() >= apart:
            chosen.append(int(one))
        if len(chosen) == COLOURS:
            break
    nearest = np.array(
        [np.abs(colours[chosen] - one).sum(axis=1).argmin() for one in colours], dtype=np.uint8
    )
    small = Image.fromarray(nearest[place.reshape(full.height, full.width)], "P")
    small.putpalette(colours[chosen].astype(np.uint8).tobytes())
    kept = io.BytesIO()
    small.save(kept, "PNG", optimize=True)
    return kept.getvalue()


@contextlib.contextmanager
def served(workspace: Path) -> Iterator[str]:
    """The service over a workspace, on a free port; its address."""
    port = _port()
    app = create_app(Settings(workspace, port=port))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        last = time.monotonic() + _START_S
        while not server.started and time.monotonic() < last:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _port() -> int:
    """The port that the guide names, which pictures show, or any that is free."""
    for wanted in (PORT, 0):
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", wanted))
            return int(free.getsockname()[1])
    raise SystemExit("no port is free")


def make_park(folder: Path) -> Path:
    """The sample park, analysed as of `BEFORE` and then as of its own day; the workspace."""
    project = read_project(write_sample(folder / "sample"))
    for day in (BEFORE, project.as_of):
        run_project(project.with_options(as_of=day), folder / "work", trusted=True)
    return folder / "work"


def chromium() -> str:
    """The browser's program."""
    found = os.environ.get("PARKGEO_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise SystemExit("no Chromium on this machine; set PARKGEO_CHROMIUM to one")
    return found


def take_all(service: str, out: Path, languages: Sequence[str], only: re.Pattern[str]) -> None:
    """Walk through the guide in both languages and write its pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium(), args=list(_ARGUMENTS))
        for lang in languages:
            page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, reduced_motion="reduce")
            walk = Walk(page, service, lang)
            for step in STEPS:
                step.do(walk)
                page.mouse.move(0, 0)
                shown = page.locator(step.part).first if step.part else page
                file = out / step.picture(lang)
                picture = shrink(shown.screenshot(animations="disabled", caret="initial"))
                if only.search(file.name):
                    file.write_bytes(picture)
                print(f"{file}: {len(picture) / 1000:.0f} kB")
            page.close()
        browser.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Take the pictures of the guide.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--workspace", type=Path, help="made before, as of two days; else made anew")
    parser.add_argument("--lang", choices=LANGUAGES, action="append", help="of one language only")
    parser.add_argument(
        "--only", type=re.compile, default=re.compile(""), help="write pictures whose name has this"
    )
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        workspace = told.workspace or make_park(Path(scratch))
        with served(workspace) as service:
            take_all(service, told.out, told.lang or LANGUAGES, told.only)


if __name__ == "__main__":
    main()
