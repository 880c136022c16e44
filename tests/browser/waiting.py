"""Waiting for a page whose content policy forbids what the browser's driver would poll with."""

from __future__ import annotations

import time
from typing import Any

_LONGEST_S = 15.0
_STEP_MS = 40


def until(page: Any, expression: str, argument: Any = None) -> Any:
    """Ask again until an expression, or a function of one argument, is true; what it gave then."""
    last = time.monotonic() + _LONGEST_S
    while True:
        given = page.evaluate(expression, argument)
        if given:
            return given
        if time.monotonic() > last:
            raise AssertionError(f"never so: {expression} ({str(argument)[:80]})")
        page.wait_for_timeout(_STEP_MS)


def settled(page: Any) -> None:
    """The panel shows what was asked for last."""
    until(page, "document.querySelector('.pg-side').getAttribute('aria-busy') === 'false'")


def choose(page: Any, parcel: str) -> None:
    """Choose a parcel by its id, and wait for the panel."""
    page.evaluate("(id) => parkgeo.dashboard.choose(parkgeo.dashboard.rowOf(id), {})", parcel)
    until(
        page,
        "(id) => { const title = document.querySelector('[data-shown=parcel] .pg-panel-title'); return title && title.textContent === id; }",
        parcel,
    )
    settled(page)


__all__ = ["choose", "settled", "until"]
