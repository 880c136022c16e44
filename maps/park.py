"""The shell of the park's map: a folium map with our assets and an empty place for data.

Folium renders through Jinja and would run a user's text as a template. So nothing here comes from a user: numbers, fixed names and our
own files only. `maps.document` puts the data in after folium has done its work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, MacroElement
from jinja2 import Template

from maps.bundle import SCRIPTS, STYLES, script_text, style_text
from maps.shapes import degrees, world_coordinates
from parkgeo.i18n import choose_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.store import Snapshot

__all__ = ["DATA_PLACE", "POLICY_PLACE", "empty_map", "park_map", "plain", "start_script"]

DATA_PLACE = '<script type="application/octet-stream" id="parkgeo-data"></script>'
"""Where the data goes. Left as it is, the page opens as an empty map."""

POLICY_PLACE = "<!-- parkgeo: content policy -->"
"""Where the content policy goes, once the scripts' hashes are known."""

_BODY = """
<header id="parkgeo-head"></header>
<noscript>此地图需要 JavaScript。 This map needs JavaScript.</noscript>
"""

_START = """
{% macro script(this, kwargs) %}
parkgeo.{{ this.function }}({{ this._parent.get_name() }}, {{ this.lang|tojson }});
{% endmacro %}
"""


def park_map(snapshot: Snapshot, *, lang: str = "zh") -> folium.Map:
    """The map without its data.

    Parameters
    ----------
    snapshot
        A finished analysis; only where the park lies is taken from it.
    lang
        Language to open in, ``zh`` or ``en``. The page can switch.

    Returns
    -------
    folium.Map
        It holds no text of a user and may be rendered by folium; `maps.render_map` gives the whole page.

    Raises
    ------
    ProjectError
        The language is not spoken here.
    """
    language = choose_language(lang)
    shell = empty_map(_centre(snapshot))
    figure: Any = shell.get_root()
    figure.header.add_child(plain(POLICY_PLACE), name="parkgeo_policy")
    for name in STYLES:
        figure.header.add_child(plain(f"<style>{style_text(name)}</style>"), name=name)
    for name in SCRIPTS:
        figure.header.add_child(plain(f"<script>{script_text(name)}</script>"), name=name)
    figure.html.add_child(plain(_BODY), name="parkgeo_head")
    figure.html.add_child(plain(DATA_PLACE), name="parkgeo_data")
    shell.add_child(start_script("start", language))
    return shell


def empty_map(centre: Sequence[float] = (35.0, 105.0)) -> folium.Map:
    """A folium map that loads nothing from anywhere: neither scripts nor tiles.

    Parameters
    ----------
    centre
        Latitude and longitude where it stands until its data is there; the middle of China where it is not known.
    """
    shell = folium.Map(
        location=list(centre), zoom_start=14, tiles=None, zoom_control=False, prefer_canvas=True,
        attributionControl=False, fadeAnimation=False, maxZoom=21, minZoom=3, zoomSnap=0.25, font_size="14px",
    )  # fmt: skip
    # On this one map: folium's lists belong to the class, and a change there would reach every map of the process.
    shell.default_js = []
    shell.default_css = []
    figure: Any = shell.get_root()
    figure.header.add_child(
        plain('<link rel="icon" href="data:,">\n<title>parkgeo</title>'), name="parkgeo_title"
    )
    return shell


def _centre(snapshot: Snapshot) -> list[float]:
    """Latitude and longitude of the middle of the parcels, where the map stands until its data is there."""
    import shapely

    west, north, east, south = shapely.total_bounds(world_coordinates(snapshot.read("parcels"), snapshot.crs))
    longitude, latitude = degrees(float(west + east) / 2, float(north + south) / 2)
    return [round(latitude, 6), round(longitude, 6)]


def plain(text: str) -> Any:
    """An element that shows our own text as it is: as a value, so that braces in a script are not read as a template."""
    element: Any = Element("{{ this.text }}\n")
    element.text = text
    return element


def start_script(function: str, lang: str) -> Any:
    """The call that starts the page, once the map is there: a function of our namespace, the map and the language go to it."""
    macro: Any = MacroElement  # branca gives it no types
    element = macro()
    element._template = Template(_START)  # noqa: SLF001 - so branca documents it
    element.function = function
    element.lang = lang
    return element
