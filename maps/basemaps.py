"""What may lie under the park: basemaps that whoever runs the service allows, read from one TOML file.

Without that file there is none, and no page asks anybody for anything. A page in one file never has any.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from parkgeo.errors import ProjectError, gather, name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["FILE_KINDS", "KINDS", "Basemap", "picture_hosts", "read_basemaps"]

KINDS = ("openstreetmap", "tianditu", "gaode", "xyz", "wmts", "mbtiles", "pmtiles")
"""Kinds of basemaps."""

FILE_KINDS = ("mbtiles", "pmtiles")
"""Kinds that are a file beside the list, served by the service itself."""

_MOST_BYTES, _MOST, _LONGEST = 65_536, 30, 300
_DEEPEST, _USUAL = 22, 18
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_PLACE = re.compile(r"\{([^{}]*)\}")
_PLACES = frozenset({"z", "x", "y", "-y", "s"})
_KEY = re.compile(r"[0-9A-Za-z_-]{1,100}")
_COMMON = ("id", "kind", "title", "attribution", "min_zoom", "max_zoom")
_OF_KIND = {
    "openstreetmap": (), "tianditu": ("layer", "labels", "key"), "gaode": ("layer",),
    "xyz": ("url", "subdomains", "tile_size", "shifted"),
    "wmts": ("url", "layer", "style", "matrix_set", "format", "tile_size", "shifted"),
    "mbtiles": ("file", "tile_size"), "pmtiles": ("file", "tile_size"),
}  # fmt: skip
_SIZES = (256, 512)
_SHIFTS = ("GCJ-02",)
_TIANDITU = {"vector": ("vec", "cva"), "imagery": ("img", "cia")}
_GAODE = {
    "vector": ("https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}",),
    "imagery": (
        "https://webst0{s}.is.autonavi.com/appmaptile?style=6&x={x}&y={y}&z={z}",
        "https://webst0{s}.is.autonavi.com/appmaptile?style=8&x={x}&y={y}&z={z}",
    ),
}  # fmt: skip
_TITLES = {
    "openstreetmap": ("OpenStreetMap", "OpenStreetMap"),
    ("tianditu", "vector"): ("天地图矢量", "Tianditu, map"),
    ("tianditu", "imagery"): ("天地图影像", "Tianditu, imagery"),
    ("gaode", "vector"): ("高德地图", "Gaode, map"),
    ("gaode", "imagery"): ("高德影像", "Gaode, imagery"),
}
_CREDITS = {
    "openstreetmap": "© OpenStreetMap contributors",
    "tianditu": "© 天地图 国家地理信息公共服务平台",
    "gaode": "© 高德地图 AutoNavi",
}


@dataclass(frozen=True)
class Basemap:
    """One basemap.

    Attributes
    ----------
    id
        Its name in addresses.
    kind
        One of `KINDS`.
    title
        In each language.
    urls
        Addresses of its tiles, the lowest layer first, with ``{z}``, ``{x}``, ``{y}`` or ``{-y}``, ``{s}``; none where it is a file.
    subdomains
        What stands for ``{s}``.
    attribution
        Whose it is; shown while it is.
    min_zoom, max_zoom
        Levels that there are; finer ones are enlarged.
    tile_size
        Pixels a side.
    shifted
        Whether its tiles are displaced by GCJ-02; pages move them back under the data, which stay where they are.
    file
        Where it lies, if it is a file.
    """

    id: str
    kind: str
    title: tuple[str, ...]
    urls: tuple[str, ...]
    subdomains: tuple[str, ...]
    attribution: str
    min_zoom: int
    max_zoom: int
    tile_size: int
    shifted: bool
    file: Path | None

    def __repr__(self) -> str:
        # Addresses may hold a key.
        return f"Basemap({self.id!r}, {self.kind!r})"

    def as_dict(self) -> dict[str, Any]:
        """What a page is told; addresses of a file's tiles are for whoever serves it to add."""
        return {
            "id": self.id, "title": list(self.title), "urls": list(self.urls), "subdomains": list(self.subdomains),
            "attribution": self.attribution, "min_zoom": self.min_zoom, "max_zoom": self.max_zoom,
            "tile_size": self.tile_size, "shifted": self.shifted,
        }  # fmt: skip


def picture_hosts(basemaps: tuple[Basemap, ...]) -> tuple[str, ...]:
    """Where a page's pictures may come from beside the service itself, as content policies name it."""
    origins: dict[str, None] = {}
    for basemap in basemaps:
        for url in basemap.urls:
            for name in basemap.subdomains or ("",):
                parts = urlsplit(url.replace("{s}", name))
                origins[f"{parts.scheme}://{parts.netloc}"] = None
    return tuple(origins)


def read_basemaps(path: Path, *, tianditu_key: str = "") -> tuple[Basemap, ...]:
    """The basemaps of a file, in its order.

    Parameters
    ----------
    path
        TOML in UTF-8, a table ``[[basemap]]`` each.
    tianditu_key
        The key for Tianditu where the file states none.

    Raises
    ------
    ProjectError
        All that is to be mended, told at once. No message holds a key.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        told = tomllib.loads(content.decode("utf-8-sig")) if len(content) <= _MOST_BYTES else {}
    except OSError as error:
        raise ProjectError(f"cannot be read ({error.strerror or error})", where=str(path), mend="see PARKGEO_BASEMAPS") from error  # fmt: skip
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        # The parser's own words may quote a key.
        raise ProjectError("not TOML in UTF-8", where=str(path), mend="see docs/maps.md for a whole one") from error  # fmt: skip
    tables = told.get("basemap")
    if (
        not isinstance(tables, list)
        or not all(isinstance(one, dict) for one in tables)
        or set(told) != {"basemap"}
        or not 0 < len(tables) <= _MOST
    ):
        raise ProjectError("not a list of basemaps", where=str(path), mend=f"write [[basemap]] and its keys, at most {_MOST} times")  # fmt: skip
    problems: list[ProjectError] = []
    found: dict[str, Basemap] = {}
    for number, table in enumerate(tables, start=1):
        reading = _Reading(path, number, table, problems)
        basemap = reading.basemap(tianditu_key)
        if basemap is not None and basemap.id in found:
            reading.wrong("id", "there is another of that id", "give it one of its own")
        elif basemap is not None:
            found[basemap.id] = basemap
    if problems:
        raise gather(problems, ProjectError)
    return tuple(found.values())


class _Reading:
    """Reads one basemap and gathers what is to be mended."""

    def __init__(
        self, path: Path, number: int, table: Mapping[str, Any], problems: list[ProjectError]
    ) -> None:
        self.path = path
        self.number = number
        self.table = table
        self.problems = problems

    def wrong(self, key: str, what: str, mend: str) -> None:
        where = f"{self.path}, basemap {self.number}, {key}"
        self.problems.append(ProjectError(what, where=where, mend=mend))

    def basemap(self, tianditu_key: str) -> Basemap | None:
        before = len(self.problems)
        kind = self.one_of("kind", KINDS, "")
        for key in self.table:
            if kind and key not in (*_COMMON, *_OF_KIND[kind]):
                known = name_some((*_COMMON, *_OF_KIND[kind]), shown=20)
                self.wrong(key[:40], "unknown key", f"there are {known}")
        if not kind:
            return None
        layer = self.one_of("layer", tuple(_TIANDITU), "vector") if kind in ("tianditu", "gaode") else ""
        urls, subdomains = self.addresses(kind, layer, tianditu_key)
        made = Basemap(
            id=self.text("id", _ID.fullmatch, "lower-case letters, digits, - and _, at most 40"),
            kind=kind,
            title=self.title(_TITLES.get((kind, layer) if layer else kind)),
            urls=urls,
            subdomains=subdomains,
            attribution=self.credit(_CREDITS.get(kind)),
            min_zoom=self.whole("min_zoom", 0),
            max_zoom=self.whole("max_zoom", 19 if kind == "openstreetmap" else _USUAL),
            tile_size=int(self.one_of("tile_size", _SIZES, _SIZES[0])),
            shifted=kind == "gaode" or bool(self.one_of("shifted", _SHIFTS, "")),
            file=self.file() if kind in FILE_KINDS else None,
        )
        if made.min_zoom > made.max_zoom:
            self.wrong("min_zoom", "beyond max_zoom", "write the coarser level here")
        return made if len(self.problems) == before else None

    def text(self, key: str, fits: Callable[[str], object], mend: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if (
            isinstance(value, str)
            and value
            and len(value) <= _LONGEST
            and value.isprintable()
            and fits(value)
        ):
            return value
        self.wrong(key, "missing" if value is None else "cannot be one", f"write {mend}")
        return ""

    def one_of(self, key: str, values: tuple[Any, ...], default: Any) -> Any:
        value = self.table.get(key, default)
        if value in values and not isinstance(value, bool):
            return value
        if key in self.table or key == "kind":
            self.wrong(key, "missing" if key not in self.table else "none of those there are", f"use {name_some(map(str, values), shown=9)}")  # fmt: skip
        return default

    def whole(self, key: str, default: int) -> int:
        value = self.table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _DEEPEST:
            return value
        self.wrong(key, "no level", f"write a whole number from 0 to {_DEEPEST}")
        return default

    def title(self, default: tuple[str, str] | None) -> tuple[str, ...]:
        value = self.table.get("title", default and dict(zip(LANGUAGES, default, strict=True)))
        texts = value if isinstance(value, dict) and value and set(value) <= set(LANGUAGES) else {}
        if texts and all(isinstance(one, str) and 0 < len(one) <= _LONGEST for one in texts.values()):
            other = next(iter(texts.values()))
            return tuple(texts.get(lang, other) for lang in LANGUAGES)
        self.wrong(
            "title", "missing" if value is None else "not a title", 'write title = { zh = "…", en = "…" }'
        )
        return ("", "")

    def credit(self, default: str | None) -> str:
        return self.text("attribution", str.strip, "whose it is, as it wants to be named", default)

    def addresses(self, kind: str, layer: str, tianditu_key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if kind == "openstreetmap":
            return ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",), ()
        if kind == "gaode":
            return _GAODE[layer], ("1", "2", "3", "4")
        if kind == "tianditu":
            return self.tianditu(layer, tianditu_key), tuple("01234567")
        if kind == "wmts":
            return (self.wmts(),), ()
        return ((self.address(),), self.subdomains()) if kind == "xyz" else ((), ())

    def tianditu(self, layer: str, given: str) -> tuple[str, ...]:
        key = self.table.get("key", given)
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self.wrong("key", "missing, or no key", "set PARKGEO_TIANDITU_KEY to the key that tianditu.gov.cn gave you")  # fmt: skip
            return ()
        ground, names = _TIANDITU[layer]
        labels = self.table.get("labels", True)
        if not isinstance(labels, bool):
            self.wrong("labels", "neither true nor false", "write true or false")
        return tuple(_tianditu(one, key) for one in ((ground, names) if labels else (ground,)))

    def address(self) -> str:
        url = self.text("url", str.strip, "an address with {z}, {x} and {y}")
        places = set(_PLACE.findall(url))
        if url and not (places <= _PLACES and {"z", "x"} <= places and len(places & {"y", "-y"}) == 1):
            self.wrong(
                "url", "its places are not {z}, {x} and {y} or {-y}", "write them where the numbers stand"
            )
        self.check_host(url.replace("{s}", "a"))
        if ("s" in places) != ("subdomains" in self.table):
            self.wrong("subdomains", "{s} and subdomains go together", "give both or neither")
        return url

    def subdomains(self) -> tuple[str, ...]:
        value = self.table.get("subdomains", [])
        if isinstance(value, list) and all(isinstance(one, str) and _HOST.fullmatch(one) for one in value):
            return tuple(value)
        self.wrong("subdomains", "not a list of names", 'write subdomains = ["a", "b"]')
        return ()

    def wmts(self) -> str:
        url = self.text("url", lambda text: "{" not in text and "#" not in text, "the address of the service")
        self.check_host(url)
        asked = {
            "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0",
            "LAYER": self.text("layer", str.strip, "the layer's name"),
            "STYLE": self.text("style", str.strip, "the style's name", "default"),
            "TILEMATRIXSET": self.text("matrix_set", str.strip, "a set in Web Mercator", "GoogleMapsCompatible"),
            "FORMAT": self.text("format", str.strip, "a format", "image/png"),
        }  # fmt: skip
        joint = "&" if "?" in url else "?"
        query = urlencode({key: value.replace("{", "").replace("}", "") for key, value in asked.items()})
        return f"{url}{joint}{query}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}"

    def check_host(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            fits = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "") and "@" not in parts.netloc  # fmt: skip
            _ = parts.port
        except ValueError:
            fits = None
        if url and not fits:
            self.wrong("url", "no address of the web", "write it like https://tiles.example.cn/…")

    def file(self) -> Path | None:
        name = self.text("file", lambda text: "\0" not in text, "the file's name, as seen from the list")
        path = self.path.parent / name
        if name and not path.is_file():
            self.wrong("file", "there is no such file", "write its name as seen from the list")
        return path


def _tianditu(layer: str, key: str) -> str:
    query = (
        f"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
        "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    )
    return f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?{query}&tk={key}"
