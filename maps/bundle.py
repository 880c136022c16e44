"""The bundled JavaScript and CSS, ready to stand inside a page.

``assets/LICENSES.md`` lists every file with its origin, licence and hash. The files are kept as their authors published them; what a
page needs otherwise (pictures inside the style sheet) is done here.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources

__all__ = ["SCRIPTS", "STYLES", "script_text", "style_text"]

SCRIPTS = (
    "leaflet/leaflet.js",
    *(
        f"js/{name}.js"
        for name in (
            "pack", "shapes", "words", "dom", "patterns", "drawing", "shapelayer", "geodesy", "source", "view", "colours", "pictures", "layers",
            "legend", "card", "search", "sketch", "minimap", "print", "map", "start",
        )
    ),
)  # fmt: skip
"""Scripts of a map in the order in which they run."""

STYLES = ("leaflet/leaflet.css", "parkgeo-map.css", "parkgeo-tools.css", "parkgeo-print.css")
"""Style sheets of a map, the last one winning."""

_PICTURE = re.compile(r"url\((images/[\w-]+\.png)\)")
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def _read(name: str) -> bytes:
    return resources.files("maps").joinpath("assets", *name.split("/")).read_bytes()


def _read_text(name: str) -> str:
    # A browser reads every line end of a page as \n and hashes what it read: so must the content policy.
    return _read(name).decode("utf-8").replace("\r\n", "\n")


@cache
def script_text(name: str) -> str:
    """A bundled script.

    Parameters
    ----------
    name
        One of `SCRIPTS`.

    Notes
    -----
    The reference to a source map is left out: a browser's developer tools would ask for a file that is not there.
    """
    return _SOURCE_MAP.sub("", _read_text(name))


@cache
def style_text(name: str) -> str:
    """A bundled style sheet with its pictures inside.

    Parameters
    ----------
    name
        One of `STYLES`.
    """
    folder = name.rpartition("/")[0]

    def inline(match: re.Match[str]) -> str:
        picture = base64.b64encode(_read(f"{folder}/{match[1]}")).decode("ascii")
        return f"url(data:image/png;base64,{picture})"

    return _PICTURE.sub(inline, _read_text(name))
