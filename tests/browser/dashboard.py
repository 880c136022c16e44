"""The dashboard in a browser, over a started service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.chromium import Watched

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG_MS = 60_000


class Seen(Watched):
    """A dashboard, ready to be used, and all that it asked for or complained of.

    Parameters
    ----------
    browser
        From `tests.chromium.open_chromium`, or a context of it.
    service
        The service's address.
    rest
        What follows the page's address: a query, a hash.
    size
        Width and height in pixels.
    """

    def __init__(
        self, browser: Any, service: str, rest: str = "?lang=en", *, size: tuple[int, int] = (1440, 900)
    ) -> None:
        self.service = service
        # What the service makes once for all who look may take longer than a page waits for.
        httpx.get(f"{service}/view", timeout=120).raise_for_status()
        super().__init__(browser, f"{service}/dashboard{rest}", size=size)
        self.wait()

    def wait(self) -> None:
        """Until all parts are there."""
        self.page.wait_for_selector("[data-dashboard=ready]", state="attached", timeout=_LONG_MS)

    @property
    def strangers(self) -> list[str]:
        """Requests to anyone but the service."""
        return [url for url in self.requests if not url.startswith((self.service, "data:", "blob:"))]

    def until(self, condition: str) -> None:
        """Wait until a condition holds on the page; its content policy lets nobody else evaluate one again and again."""
        for _ in range(400):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(condition)

    def set(self, criteria: dict[str, Any]) -> dict[str, Any]:
        """Set criteria as a part of the page would; what is shown then, and the condition that says the same."""
        shown: dict[str, Any] = self.page.evaluate(
            """async (criteria) => {
                const { dashboard } = parkgeo;
                await dashboard.setCriteria(criteria);
                const { ids } = dashboard.view.data.parcels;
                const { rows, count } = dashboard.selection;
                return { count, ids: [...rows].map((row) => ids.at(row)), filter: dashboard.filters.cql2(), said: document.querySelector(".pg-shown").textContent };
            }""",
            criteria,
        )
        return shown

    def sort(self, tab: str, keys: str) -> list[str]:
        """Sort a table as its heads would; the ids of its rows then."""
        rows: list[str] = self.page.evaluate(
            """([tab, keys]) => {
                const { dashboard } = parkgeo;
                const { table } = dashboard.tabs.tabs.find(({ id }) => id === tab);
                table.resort(keys);
                return [...table.rows()].map((row) => dashboard.view.data.parcels.ids.at(row));
            }""",
            [tab, keys],
        )
        return rows

    def hash(self) -> str:
        """What stands in the address, once it is written."""
        self.page.wait_for_timeout(50)
        told: str = self.page.evaluate("window.location.hash")
        return told


def cells(page: Any, column: int) -> Sequence[str]:
    """What the rows in sight say in one column, from 1, of the table in front."""
    found: list[str] = page.eval_on_selector_all(
        f".pg-pane:not([hidden]) [role=gridcell][aria-colindex='{column}']",
        "nodes => nodes.map(node => node.textContent)",
    )
    return found
