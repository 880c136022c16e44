"""Hostile texts in every text column, opened in Chromium: none runs, each shows as written."""

from __future__ import annotations

import re

import pytest

from maps import render_map
from maps.words import CODES
from tests.chromium import Watched, open_chromium
from tests.snapshot_builder import HOSTILE, build_snapshot

PARCELS = len(HOSTILE) * 2
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    return build_snapshot(tmp_path_factory.mktemp("workspace"), parcels=PARCELS, hostile=True)


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


@pytest.fixture(scope="module", params=["with the content policy", "without"])
def watched(request, browser, snapshot, tmp_path_factory):
    """The page, also with its policy cut out: the texts must be harmless by themselves."""
    page = render_map(snapshot, lang="en")
    if request.param == "without":
        page, cut = _POLICY.subn("", page, count=1)
        assert cut == 1
    file = tmp_path_factory.mktemp("map") / "map.html"
    file.write_text(page, encoding="utf-8", newline="\n")
    seen = Watched(browser, file)
    yield seen
    assert seen.page.evaluate("window.__owned") is None
    assert seen.complaints == []
    assert seen.asked_beyond == []
    seen.page.close()


def _contains(text, wanted):
    assert wanted in text, f"{wanted[:60]!r} is not shown as written"


def test_the_park_has_its_name_as_written(watched, snapshot):
    assert watched.page.locator(".pg-park").text_content() == snapshot.manifest["park"]


def test_every_parcel_shows_every_text_as_written(watched, snapshot):
    parcels = snapshot.read("parcels")
    assert parcels["parcel_id"].is_unique
    gaps = snapshot.read("gaps").groupby("parcel_id")["ask_en"].agg(list)
    findings = snapshot.read("findings").groupby("parcel_id")["reason_en"].agg(list)
    search = watched.page.locator(".pg-search input")
    for number, parcel in parcels.iterrows():
        search.fill(f"#{number}")
        search.press("Enter")
        card = watched.page.locator(".pg-card")
        assert card.locator("h2").text_content() == parcel["parcel_id"]
        text = card.text_content()
        wanted = [
            parcel["name"],
            parcel["land_use"],
            parcel["verdict_reason_en"],
            *gaps.get(parcel["parcel_id"], []),
            *findings.get(parcel["parcel_id"], []),
        ]
        for each in [*wanted, parcel["holder"]]:
            if isinstance(each, str):
                _contains(text, each)
    assert watched.page.evaluate("window.__owned") is None


def test_search_results_show_the_texts_as_written(watched, snapshot):
    search = watched.page.locator(".pg-search input")
    for number in range(len(HOSTILE)):
        search.fill(f"#{number}")
        shown = watched.page.locator(".pg-results strong").first.text_content()
        assert shown == snapshot.read("parcels").iloc[number]["parcel_id"]
    search.fill("")


def test_every_other_layer_shows_its_texts_as_written(watched, snapshot):
    for box in watched.page.locator("input[data-layer]").all():
        box.check()
    shown = watched.page.evaluate(
        """async () => {
            const page = parkgeo.page;
            const texts = [];
            for (const member of page.layers.members) {
                if (member.clickable && member !== page.layers.parcels) {
                    for (let row = 0; row < member.layer.count; row += 1) {
                        await page.show(page.map.getCenter(), () => page.cards.shape(member.layer, row));
                        texts.push(document.querySelector(".pg-card").textContent);
                    }
                }
            }
            page.map.closePopup();
            return texts.join("\\u0000");
        }"""
    )
    columns = {
        "parks": ("name", "level"),
        "roads": ("name",),
        "utilities": ("name",),
        "facilities": ("name", "kind"),
        "constraints": ("name",),
        "plan": ("planned_use",),
    }
    for table, names in columns.items():
        for name in names:
            for value in snapshot.read(table)[name]:
                if value not in CODES:  # a known code shows in words
                    _contains(shown, value)


def test_both_languages_are_safe(watched):
    for _ in range(2):
        watched.page.locator(".pg-language").click()
        assert watched.page.evaluate("window.__owned") is None
