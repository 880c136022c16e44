"""Debian's Chromium with name resolution blocked, for tests that look at a page as a reader does."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@contextlib.contextmanager
def open_chromium(*further: str) -> Iterator[Any]:
    """A browser, with further arguments; the test is skipped, with the reason, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("PARKGEO_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine; set PARKGEO_CHROMIUM to one")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=[*_ARGUMENTS, *further])
        yield browser
        browser.close()


class Watched:
    """A page of a file, and all that it asked for, said or ran.

    Parameters
    ----------
    browser
        From `open_chromium`.
    page
        The page's file, or its address.
    size
        Width and height in pixels.
    """

    def __init__(self, browser: Any, page: Path | str, *, size: tuple[int, int] = (1400, 860)) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(10_000)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", self._asked)
        self.page.add_init_script("window.alert = () => { window.__owned = 'alert'; };")
        self.page.goto(page if isinstance(page, str) else page.as_uri())
        self.page.wait_for_selector(".pg-legend")

    def _heard(self, message: Any) -> None:
        # A test that reads the canvas's colours makes Chromium advise on speed; that is not the page's doing.
        if message.type in ("error", "warning") and "willReadFrequently" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    @property
    def asked_beyond(self) -> list[str]:
        """Requests beside the page itself and pictures inside it."""
        return [url for url in self.requests[1:] if not url.startswith("data:")]

    def keep_picture(self, folder: Path, name: str) -> None:
        """A screenshot, kept where PARKGEO_ARTEFACTS says, else in the folder."""
        kept = Path(os.environ.get("PARKGEO_ARTEFACTS") or folder)
        kept.mkdir(parents=True, exist_ok=True)
        # The page's own caret stays: hiding it would need an inline style, which the content policy refuses.
        self.page.screenshot(path=kept / f"{name}.png", caret="initial")
