"""The pages of the service: the park's map, and the dashboard around it. Scripts and styles stand at addresses of their own."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from maps.bundle import SCRIPTS, STYLES, script_text, style_text
from maps.document import inline_hashes, render_frame
from maps.park import empty_map, plain, start_script
from parkgeo.i18n import choose_language

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ASSETS", "asset_text", "assets_digest", "render_page"]

_SERVED = ("pbf/pbf.js", *(f"js/{name}.js" for name in ("mvt", "basemaps", "served")))
_PANEL = (
    "small", "timeline", "evidence", "park", "parcel", "history", "panel", "chartdata", "chartkinds", "charttrend", "charts", "differences",
    "pairs", "twomaps", "compare", "sitingbrief", "sitingform", "sitingfound", "sitingmap", "siting", "parcelfit",
)  # fmt: skip
_DASHBOARD = tuple(f"js/dash/{name}.js" for name in (
    "lost", "state", "onmap", "criteria", "cql2", "areas", "form", "filters", "rows", "marks", "table", "tabs", "tables", "companies", "rail", "downloads",
    "visit", *_PANEL, "dashboard",
))  # fmt: skip
_DASHBOARD_STYLES = ("dashboard.css", "dashboard-panel.css", "dashboard-siting.css")
_ON_DEMAND = ("chart/chart.umd.min.js",)

_MAP_SCRIPTS = (*(name for name in SCRIPTS if name != "js/start.js"), *_SERVED)

_MAP_STYLES = (*STYLES, "served.css")

ASSETS = frozenset((*_MAP_SCRIPTS, *_DASHBOARD, *_ON_DEMAND, *_MAP_STYLES, *_DASHBOARD_STYLES))
"""Names of the files that the pages ask for."""

_BODY = """
<header id="parkgeo-head"></header>
<noscript>此地图需要 JavaScript。 This map needs JavaScript.</noscript>
"""


def asset_text(name: str) -> str:
    """A file of `ASSETS`."""
    return style_text(name) if name.endswith(".css") else script_text(name)


@cache
def assets_digest() -> str:
    """What stands in the files' addresses: other files have another, so that browsers may keep them for good."""
    told = hashlib.sha256()
    for name in sorted(ASSETS):
        told.update(name.encode() + b"\0" + asset_text(name).encode() + b"\0")
    return told.hexdigest()[:16]


def render_page(*, lang: str, root: str, dashboard: bool, pictures: Sequence[str] = ()) -> tuple[str, str]:
    """A page of the service, which asks for its data itself.

    Parameters
    ----------
    lang
        Language to open in, ``zh`` or ``en``.
    root
        The service's root as the page reaches it: nothing, or as many ``../`` as its address is deep.
    dashboard
        Whether lists, charts and filters stand around the map.
    pictures
        Hosts of basemaps, from which pictures may come beside the service itself.

    Returns
    -------
    tuple of (str, str)
        The page, which holds no text of a user, and its content policy.
    """
    shell = empty_map()
    figure: Any = shell.get_root()
    at = f"{root}assets/{assets_digest()}/"
    for name in (*_MAP_STYLES, *(_DASHBOARD_STYLES if dashboard else ())):
        figure.header.add_child(plain(f'<link rel="stylesheet" href="{at}{name}">'), name=name)
    for name in (*_MAP_SCRIPTS, *(_DASHBOARD if dashboard else ())):
        figure.header.add_child(plain(f'<script src="{at}{name}"></script>'), name=name)
    figure.html.add_child(plain(_BODY), name="parkgeo_head")
    language = choose_language(lang)
    shell.add_child(start_script("serveDashboard" if dashboard else "serveMap", language))
    page = render_frame(shell, language)
    scripts, styles = inline_hashes(page)
    shown = " ".join(("'self'", "data:", "blob:", *pictures))
    policy = (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' {styles}; "
        f"img-src {shown}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    )
    return page, policy
