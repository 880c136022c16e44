"""The whole map as one file that opens with no network.

Folium renders the shell first. Only then the content policy and the data are put in, by cutting the text at a fixed place: what a user
wrote never passes a template, stands in the page as base64 of bytes only, and a user's text that looks like a place changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

from maps.pack import embed, pack
from maps.park import DATA_PLACE, POLICY_PLACE, park_map
from maps.payload import build_payload
from parkgeo.i18n import choose_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from maps.specs import MapSpec
    from parkgeo.store import Snapshot

__all__ = ["inline_hashes", "render_frame", "render_map"]

_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_END = "</script>"


def render_map(snapshot: Snapshot, *, lang: str = "zh", specs: Sequence[MapSpec] | None = None) -> str:
    """The map of a snapshot as one HTML document.

    Parameters
    ----------
    snapshot
        A finished analysis.
    lang
        Language to open in, ``zh`` or ``en``; the page carries both.
    specs
        The maps to choose from, see `maps.specs`; by default those that come with parkgeo.

    Returns
    -------
    str
        HTML with all scripts, styles and data inside. The same snapshot gives the same text. Above
        `maps.payload.PORTABLE_LIMIT` parcels details are left out, above `maps.payload.SIMPLIFIED_ABOVE` outlines are simplified, and
        the map says so.

    Raises
    ------
    ProjectError
        The language is not spoken here.
    """
    language = choose_language(lang)
    shell = _render_shell(park_map(snapshot, lang=language), language)
    before, after = _cut(shell, DATA_PLACE)
    data = embed(pack(build_payload(snapshot, lang=language, specs=specs)))
    return "".join((before, DATA_PLACE.removesuffix(_END), data, _END, after))


def _render_shell(shell: Any, lang: str) -> str:
    page = render_frame(shell, lang)
    before, after = _cut(page, POLICY_PLACE)
    return f'{before}<meta http-equiv="Content-Security-Policy" content="{_policy(page)}">{after}'


def render_frame(shell: Any, lang: str) -> str:
    """What folium writes of a map, the same bytes each time, open to readers who zoom the page."""
    figure = shell.get_root()
    # Folium names elements at random; the same snapshot shall give the same bytes.
    for number, element in enumerate(_elements(figure)):
        element._id = f"{number:04x}"  # noqa: SLF001 - folium has no other way to name an element
    page: str = figure.render()
    page = page.replace("<html>", f'<html lang="{"zh-CN" if lang == "zh" else "en"}">', 1)
    # Folium forbids zooming the page, which readers with weak sight need.
    return _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page)


def _elements(element: Any) -> Iterator[Any]:
    yield element
    for child in element._children.values():  # noqa: SLF001 - the tree of branca has no public walk
        yield from _elements(child)


def inline_hashes(page: str) -> tuple[str, str]:
    """Hashes of the scripts and of the styles that stand inside a page, as a content policy names them."""
    return " ".join(map(_hash, _SCRIPT.findall(page))), " ".join(map(_hash, _STYLE.findall(page)))


def _policy(page: str) -> str:
    """What the page may do: run its own scripts, told by their hashes, and nothing else."""
    scripts, styles = inline_hashes(page)
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _cut(text: str, place: str) -> tuple[str, str]:
    before, _, after = text.partition(place)
    return before, after
