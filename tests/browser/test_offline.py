"""No page asks anybody but the service that it came from, whatever is used on it; the map in one file asks nobody at all."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

from maps import render_map
from tests.api.conftest import started
from tests.browser.hostile_park import build_hostile_park
from tests.browser.walks import ready, walk_dashboard, walk_map
from tests.chromium import open_chromium

BASEMAPS = '[[basemap]]\nid = "osm"\nkind = "openstreetmap"\n[[basemap]]\nid = "g"\nkind = "gaode"\n'
HOSTS = {"tile.openstreetmap.org", *(f"webrd0{number}.is.autonavi.com" for number in range(1, 5))}
SELF = ("data:", "blob:")


@pytest.fixture(scope="module")
def park(tmp_path_factory):
    return build_hostile_park(tmp_path_factory.mktemp("offline"), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as running:
        yield running


class Logged:
    """A page under its content policy, with all that it asks for as the network itself tells it."""

    def __init__(self, browser):
        self.page = browser.new_page(viewport={"width": 1400, "height": 860})
        self.page.set_default_timeout(30_000)
        self.asked, self.complaints = [], []
        told = self.page.context.new_cdp_session(self.page)
        told.send("Network.enable")
        told.on("Network.requestWillBeSent", lambda event: self.asked.append(event["request"]["url"]))
        told.on("Network.webSocketCreated", lambda event: self.asked.append(event["url"]))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message):
        if message.type in ("error", "warning") and "favicon" not in message.location["url"]:
            self.complaints.append(message.text)

    def beyond(self, home):
        return [url for url in self.asked if not url.startswith((home, *SELF))]

    def look(self):
        """Nothing to look at here: it is asked for what shows by the walk itself."""

    def each(self, steps, _root="html"):
        self.page.evaluate(f"async () => {{ await ({steps})(async () => {{}}, ['a', '1']); }}")


@pytest.fixture
def logged(browser):
    logged = Logged(browser)
    yield logged
    logged.page.close()


def test_the_map_in_one_file_asks_nobody(logged, park, tmp_path):
    file = tmp_path / "map.html"
    file.write_text(render_map(park.now, lang="en"), encoding="utf-8", newline="\n")
    logged.page.goto(file.as_uri())
    ready(logged.page)
    walk_map(logged.page, logged.look, logged.each, every=20)
    assert [url for url in logged.asked if not url.startswith(SELF)] == [file.as_uri()]
    assert logged.complaints == []


def test_no_page_of_the_service_asks_beyond_it(logged, park):
    with started(park.folder) as url:
        dense = quote(park.dense, safe="")
        for path in (
            "",
            "collections",
            "collections/parcels/items",
            "findings",
            "search?q=a",
            f"parcels/{dense}",
        ):
            logged.page.goto(f"{url}/{path}{'&' if '?' in path else '?'}f=html&lang=en")
        logged.page.goto(f"{url}/map?lang=en")
        ready(logged.page)
        walk_map(logged.page, logged.look, logged.each, every=20)
        logged.page.goto(f"{url}/dashboard?lang=en")
        ready(logged.page, "[data-dashboard=ready]")
        walk_dashboard(logged.page, logged.look, logged.each, park.dense, every=20)
        assert logged.beyond(f"{url}/") == []
        assert len(logged.asked) > 50
    assert logged.complaints == []


def test_with_basemaps_pictures_alone_come_from_just_their_hosts(logged, park, tmp_path):
    told = tmp_path / "basemaps.toml"
    told.write_text(BASEMAPS, encoding="utf-8", newline="\n")
    with started(park.folder, basemaps=told) as url:
        logged.page.goto(f"{url}/map?lang=en")
        ready(logged.page)
        assert logged.beyond(f"{url}/") == []
        for name in ("osm", "g"):
            logged.page.select_option(".pg-ground select", name)
            logged.page.wait_for_timeout(300)
        assert {urlsplit(one).hostname for one in logged.beyond(f"{url}/")} == HOSTS
        logged.page.evaluate("fetch('https://tile.openstreetmap.org/').catch(() => null)")
        logged.page.evaluate("new Image().src = 'https://elsewhere.example.invalid/a.png'")
        logged.page.wait_for_timeout(50)
    assert any("elsewhere" in text for text in logged.complaints)


def test_what_is_asked_of_others_is_told(logged, tmp_path):
    file = tmp_path / "page.html"
    file.write_text('<img src="http://elsewhere.invalid/a.png">', encoding="utf-8", newline="\n")
    logged.page.goto(file.as_uri())
    assert logged.beyond(file.as_uri()) == ["http://elsewhere.invalid/a.png"]
