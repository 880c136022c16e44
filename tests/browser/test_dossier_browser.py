"""The dossier as a page: it runs nothing, asks for nothing, and its pictures are there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from parkgeo.errors import NotFoundError
from parkgeo.report import write_dossier
from parkgeo.report.fonts import find_font
from tests.chromium import open_chromium
from tests.report_snapshot import build_report_snapshot

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    try:
        find_font(None, chinese=True)
    except NotFoundError as error:
        pytest.skip(str(error))
    return build_report_snapshot(tmp_path_factory.mktemp("workspace"), hostile=True)


def opened(browser: Any, file: Path) -> tuple[Any, list[str], list[str]]:
    """The page, what it complained of, and what it asked for beside itself."""
    page = browser.new_page(viewport={"width": 980, "height": 1300})
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    return page, complaints, [url for url in requests[1:] if not url.startswith("data:")]


@pytest.mark.parametrize("at", range(0, 40, 4))
def test_hostile_text_is_shown_and_never_run(browser, snapshot, tmp_path, at):
    parcel = snapshot.read("parcels")["parcel_id"].iloc[at]
    write_dossier(snapshot, parcel, tmp_path / "d.html", lang=("zh", "en")[at % 8 // 4])
    page, complaints, asked = opened(browser, tmp_path / "d.html")
    assert complaints == []
    assert asked == []
    assert page.evaluate("window.__owned") is None
    assert page.locator("script").count() == 0
    widths = page.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(widths) >= 2
    assert min(widths) > 100
    # No text runs out of the page.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_the_page_prints_on_a4(browser, snapshot, tmp_path):
    parcel = snapshot.read("parcels")["parcel_id"].iloc[2]
    write_dossier(snapshot, parcel, tmp_path / "d.html", lang="zh")
    page, _, _ = opened(browser, tmp_path / "d.html")
    printed = page.pdf(prefer_css_page_size=True)
    west, south, east, north = map(float, re.search(rb"/MediaBox ?\[([^]]*)\]", printed).group(1).split())
    assert (round(east - west), round(north - south)) == (595, 842)
    page.close()
