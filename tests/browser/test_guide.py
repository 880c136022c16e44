"""The guide says what the pages say: its pictures are those of the script, and what it quotes in bold stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from parkgeo.pipeline import run_project
from parkgeo.project import read_project
from tests.api.conftest import started
from tests.chromium import open_chromium
from tests.once import made_once

pictures = pytest.importorskip("docs.pictures", reason="what the pictures need is not installed")

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {"zh": "guide.zh-CN.md", "en": "guide.md"}
LARGEST_BYTES = 200_000
MOST_PX = 1500
SAID = """() => {
    const told = [document.body.innerText];
    for (const node of document.querySelectorAll("[aria-label], option, input")) {
        told.push(node.getAttribute("aria-label") || "", node.tagName === "OPTION" ? node.textContent : "", node.value || "");
    }
    return told.join("\\n");
}"""


def _guide(lang):
    return (DOCS / GUIDES[lang]).read_text(encoding="utf-8")


def _plain(text):
    """Without what only sets letters: bold across lines, blanks, marks of direction."""
    return re.sub(r"\s+", " ", re.sub("[\u2066-\u2069]", "", text))


def _sections(lang):
    """What each section quotes, and the pictures that it shows."""
    for section in _guide(lang).split("\n## ")[1:]:
        text = re.sub(r"```.*?```", "", section, flags=re.DOTALL)
        quoted = [_plain(found) for found in re.findall(r"\*\*(.+?)\*\*", text, flags=re.DOTALL)]
        yield section.partition("\n")[0], quoted, re.findall(r"\(images/([^)]+)\)", section)


@pytest.mark.parametrize("lang", GUIDES)
def test_every_picture_of_the_guide_is_one_that_the_script_takes(lang):
    named = [picture for _, _, shown in _sections(lang) for picture in shown]
    assert sorted(named) == sorted(step.picture(lang) for step in pictures.STEPS)
    for name in named:
        kept = (DOCS / "images" / name).read_bytes()
        assert kept.startswith(b"\x89PNG")
        assert len(kept) < LARGEST_BYTES, name
        assert max(int.from_bytes(kept[at : at + 4], "big") for at in (16, 20)) <= MOST_PX


def test_both_languages_go_the_same_way():
    steps = {lang: [re.sub("-(zh|en)", "", name) for _, _, shown in _sections(lang) for name in shown] for lang in GUIDES}  # fmt: skip
    assert steps["zh"] == steps["en"]
    codes = {lang: re.findall(r"^parkgeo .*", _guide(lang).replace(f"--lang {lang}", ""), flags=re.MULTILINE) for lang in GUIDES}  # fmt: skip
    assert codes["zh"] == codes["en"]
    assert len(codes["zh"]) == 3
    assert f"--as-of {pictures.BEFORE}" in codes["zh"][1]


@pytest.fixture(scope="module")
def service(sample, sample_run, tmp_path_factory):
    """The sample park as of the two days that the guide compares, the later one live."""

    def analyse(folder):
        shutil.copytree(sample_run.snapshot.path.parents[1], folder, dirs_exist_ok=True)
        run_project(read_project(sample).with_options(as_of=pictures.BEFORE), folder, trusted=True)
        (folder / "CURRENT").write_text(f"{sample_run.snapshot.name}\n", encoding="utf-8")

    with started(made_once(tmp_path_factory, "two-days", analyse)) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


def _sheet(page):
    """Height of the map on the sheet for a visit, in pixels, and the parcels of its list."""
    return page.evaluate(
        """() => {
            const rows = [...document.querySelectorAll(".pg-visit-table tbody tr")];
            return [document.querySelector(".folium-map").clientHeight, rows.map(({ cells }) => cells[1].textContent)];
        }"""
    )


@pytest.mark.parametrize("lang", GUIDES)
def test_what_the_guide_quotes_stands_on_the_pages(browser, service, lang):
    page = browser.new_page(viewport={"width": pictures.SIZE[0], "height": pictures.SIZE[1]})
    page.set_default_timeout(20_000)
    walk = pictures.Walk(page, service, lang)
    said = {}
    for step in pictures.STEPS:
        step.do(walk)
        said[step.picture(lang)] = _plain(page.evaluate(SAID))
        if step.name == "visit":
            height, listed = _sheet(page)
    page.close()
    assert height > 500  # the map has a page of its own, whatever the list's length
    worst = re.findall(r"^\| \d \| \*\*(\w+)\*\*", _guide(lang), flags=re.MULTILINE)
    assert [cell[: len(parcel)] for cell, parcel in zip(listed, worst, strict=False)] == worst
    missing = [
        f"{section}: {quoted}"
        for section, quotes, shown in _sections(lang)
        for quoted in quotes
        if not any(quoted in said[name] for name in shown)
    ]
    assert missing == []
    assert sum(len(quotes) for _, quotes, _ in _sections(lang)) > 60
