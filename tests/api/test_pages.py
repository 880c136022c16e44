import re

import pytest

from api import Settings
from api.served.summary import Tally, count_verdicts
from tests.api.conftest import open_client
from tests.browser.without_ledger import build_without_ledger

PAGES = (
    "/?f=html",
    "/collections?f=html",
    "/collections/parcels?f=html",
    "/collections/gaps?f=html",
    "/docs",
    "/conformance?f=html",
    "/api?f=html",
    "/search?f=html",
    "/exports?f=html",
    "/scenarios?f=html",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_loads_nothing_and_runs_nothing(client, path, lang):
    page = client.get(path, params={"lang": lang, **({"f": "html"} if "f=html" in path else {})})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-language"] == lang
    assert "<script" not in page.text
    assert not re.search(r"(src|@import|url\()", page.text.replace("curl", ""))
    assert "'unsafe-inline'" not in page.headers["content-security-policy"]
    assert all(href.startswith("http://127.0.0.1:8000/") for href in re.findall(r'href="([^"]+)"', page.text))


def test_every_link_of_every_page_leads_somewhere(client):
    seen = set()
    for path in PAGES:
        for href in re.findall(r'href="([^"]+)"', client.get(path).text):
            if href not in seen:
                seen.add(href)
                assert client.get(href.replace("&amp;", "&")).status_code == 200, href


def test_browsers_get_pages_and_programs_get_json(client):
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    gdal = "application/geo+json, application/json"
    for path in ("/", "/collections", "/collections/parcels", "/exports", "/scenarios"):
        assert client.get(path, headers={"Accept": browser}).headers["content-type"].startswith("text/html")
        for accept in (gdal, "*/*", "", "application/json;q=0.9, text/html;q=0.8", "text/html;q=0"):
            assert client.get(path, headers={"Accept": accept}).headers["content-type"] == "application/json"
        assert client.get(path, params={"f": "json"}, headers={"Accept": browser}).json()


def test_the_language_is_the_clients(client):
    def heading(**options):
        page = client.get("/", **options, params={"f": "html", **options.pop("params", {})}).text
        return page.partition("<h1>")[2].partition("</h1>")[0]

    assert heading() == "哪些地闲置？"
    assert heading(headers={"Accept-Language": "en-GB,en;q=0.9"}) == "Which land is idle?"
    assert heading(headers={"Accept-Language": "fr, zh-CN;q=0.5"}) == "哪些地闲置？"
    answer = client.get("/?f=html&lang=en", headers={"Accept-Language": "zh"})
    assert "Which land is idle?" in answer.text
    assert client.get("/?lang=fr").status_code == 400


def test_the_landing_page_counts_the_parcels_by_verdict(client, snapshot):
    parcels = snapshot.read("parcels")
    page = client.get("/?f=html&lang=en").text
    for verdict in ("yes", "undetermined", "no"):
        those = parcels[parcels["idle"] == verdict]
        card = page.partition(f'<div class="card {verdict}">')[2].partition("</div>")[0]
        assert f"<b>{len(those)}</b>" in card
        assert f"{those.site_area_m2.sum() / 10_000:,.1f} ha" in card


def test_every_sentence_of_the_pages_is_translated():
    from importlib import resources

    from parkgeo.i18n import messages

    folder = resources.files("api") / "described" / "templates"
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".html")]
    sentences = {found for text in texts for found in re.findall(r'say\("([^"]+)"', text)}
    assert len(sentences) > 20
    assert not sentences - set(messages("zh"))


@pytest.mark.parametrize(
    ("lang", "words", "asks"),
    [("en", "not judged: no supply ledger", "what to ask for"), ("zh", "未判定：缺供地台账", "要补什么")],
)
def test_without_a_ledger_no_count_of_idle_land_is_given(tmp_path, lang, words, asks):
    parcels = build_without_ledger(tmp_path).read("parcels")
    with open_client(Settings(tmp_path)) as opened:
        page = opened.get("/", params={"f": "html", "lang": lang}).text
    cards = {
        verdict: page.partition(f'<div class="card {verdict}">')[2].partition("</div>")[0]
        for verdict in ("yes", "undetermined", "no")
    }
    for verdict in ("yes", "no"):
        assert "<b>—</b>" in cards[verdict]
        assert words in cards[verdict]
    assert f"<b>{len(parcels)}</b>" in cards["undetermined"]
    assert words not in cards["undetermined"]
    assert asks in page
    assert "whom" not in page
    assert "向谁" not in page


def test_with_a_ledger_none_idle_is_a_nought(snapshot):
    unjudged = snapshot.read("parcels").query("idle != 'yes'")
    told = count_verdicts(unjudged, ledger=True)
    assert told["yes"] == Tally(0, 0.0)
    assert count_verdicts(unjudged, ledger=False)["yes"] is None
    assert count_verdicts(snapshot.read("parcels"), ledger=False)["yes"].parcels > 0


def test_the_search_page_asks_for_itself_and_nothing_else_does(client):
    page = client.get("/search?f=html&lang=en")
    assert '<input type="search" name="q" value=""' in page.text
    assert '<input type="hidden" name="lang" value="en">' in page.text
    assert "<form>" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    found = client.get("/search", params={"f": "html", "lang": "en", "q": '"><b>'})
    assert 'value="&#34;&gt;&lt;b&gt;"' in found.text
    assert "form-action 'none'" in client.get("/?f=html").headers["content-security-policy"]
    assert client.get("/search?f=json").status_code == 400


def test_the_header_leads_to_findings_search_exports_and_snapshots(client):
    header = client.get("/?f=html&lang=en").text.partition("<nav>")[2].partition("</nav>")[0]
    for path in ("findings", "search", "exports", "snapshots"):
        assert f'href="http://127.0.0.1:8000/{path}?' in header


def test_the_pages_of_the_features_standard_are_there(client):
    page = client.get("/conformance?f=html&lang=en")
    for name in client.get("/conformance").json()["conformsTo"]:
        assert f"<code>{name}</code>" in page.text
    assert "<h1>For programs</h1>" in client.get("/api?f=html&lang=en").text
    for accept in ("application/vnd.oai.openapi+json;version=3.0, text/html;q=0.9", "*/*"):
        described = client.get("/api", headers={"Accept": accept})
        assert described.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (38178.1234, "38,178.12"), (0.0001237, "0.000124"), (2025, "2025"), (1e-300, "0"), (None, ""), (True, "true"), ("a", "a")]
)  # fmt: skip
def test_a_cell_shows_a_number_as_a_person_writes_it(value, shown):
    from api.described.pages import _cell

    assert _cell(value, "en") == shown


@pytest.mark.parametrize(
    ("asked", "spoken"), [("zh-CN", "zh"), ("zh-Hans", "zh"), ("en-US", "en"), ("EN", "en")]
)
def test_a_language_may_name_its_region(client, asked, spoken):
    assert client.get("/", params={"f": "html", "lang": asked}).headers["content-language"] == spoken
    assert client.get("/", params={"lang": "zhx"}).status_code == 400
