"""The whole map as one file that opens with no network.

Folium renders the shell first. Only then the content policy and the data are put in, by cutting the text at a fixed place: what a user
wrote never passes a template, and a user's text that looks like a place changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from maps.park import DATA_PLACE, POLICY_PLACE, park_map
from maps.payload import build_payload
from parkgeo.i18n import choose_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.store import Snapshot

__all__ = ["embed_json", "render_map"]

_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def render_map(snapshot: Snapshot, *, lang: str = "zh") -> str:
    """The map of a snapshot as one HTML document.

    Parameters
    ----------
    snapshot
        A finished analysis.
    lang
        Language to open in, ``zh`` or ``en``; the page carries both.

    Returns
    -------
    str
        HTML with all scripts, styles and data inside. The same snapshot gives the same text. Above
        `maps.payload.PORTABLE_LIMIT` parcels outlines are simplified and details left out, and the map says so.

    Raises
    ------
    ProjectError
        The language is not spoken here.
    """
    language = choose_language(lang)
    shell = _render_shell(park_map(snapshot, lang=language), language)
    before, after = _cut(shell, DATA_PLACE)
    opening, closing = _cut(DATA_PLACE, "null")
    return "".join((before, opening, embed_json(build_payload(snapshot, lang=language)), closing, after))


def embed_json(value: Any) -> str:
    r"""JSON that can stand inside a script element, whatever texts it holds.

    Examples
    --------
    >>> embed_json(["</script>"])
    '["\\u003c/script\\u003e"]'
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ESCAPES)


def _render_shell(shell: Any, lang: str) -> str:
    figure = shell.get_root()
    # Folium names elements at random; the same snapshot shall give the same bytes.
    for number, element in enumerate(_elements(figure)):
        element._id = f"{number:04x}"  # noqa: SLF001 - folium has no other way to name an element
    page: str = figure.render()
    page = page.replace("<html>", f'<html lang="{"zh-CN" if lang == "zh" else "en"}">', 1)
    # Folium forbids zooming the page, which readers with weak sight need.
    page = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page)
    before, after = _cut(page, POLICY_PLACE)
    return f'{before}<meta http-equiv="Content-Security-Policy" content="{_policy(page)}">{after}'


def _elements(element: Any) -> Iterator[Any]:
    yield element
    for child in element._children.values():  # noqa: SLF001 - the tree of branca has no public walk
        yield from _elements(child)


def _policy(page: str) -> str:
    """What the page may do: run its own scripts, told by their hashes, and nothing else."""
    scripts = " ".join(_hash(text) for text in _SCRIPT.findall(page))
    styles = " ".join(_hash(text) for text in _STYLE.findall(page))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _cut(text: str, place: str) -> tuple[str, str]:
    before, _, after = text.partition(place)
    return before, after
