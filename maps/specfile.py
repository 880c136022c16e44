"""One map as a TOML file says it; all that is to be mended in it told at once, each with its place."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from maps.classes import MOST, SCHEMES
from maps.quantities import Wanted
from parkgeo.errors import ProjectError, gather, name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from maps.legend import Words

__all__ = ["LAYERS", "MOST_BYTES", "MapSpec", "parse_spec", "suggest"]

LAYERS = (
    "parks", "isochrones", "roads", "network", "buildings", "plan", "constraints", "reach", "utilities", "findings", "links", "gates",
    "network_report", "facilities", "imagery", "blocks", "net_land", "sites", "neighbour_conflicts",
)  # fmt: skip
"""Groups of layers beside the parcels; a spec names a group, or one layer of it as ``group:name``."""

_KEYS = ("map", "id", "title", "colour", "layers", "suspected", "classes")
_CLASS_KEYS = ("scheme", "count", "breaks", "pack", "better")
_BETTER = ("more", "less")
_EDITION = 1
MOST_BYTES = 65_536
"""Longest file of a map."""

_LONGEST_TITLE = 200
_LONGEST_TOLD = 60
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,79}")
_LAYER = re.compile(r"([a-z_]{1,40})(:[A-Za-z0-9_.-]{1,80})?")
_FIGURE = re.compile(r"[a-z][a-z0-9_]{0,39}\.[a-z0-9_]{1,80}")


@dataclass(frozen=True)
class MapSpec:
    """A map as a file says it.

    Attributes
    ----------
    id
        Its name in addresses.
    title
        The question it answers, in each language; a user's text. Of a language that the file leaves out it is the other's.
    colour
        The parcels' column that it shows.
    layers
        Groups of layers that are on, or single ones.
    suspected
        Whether the map must say "suspected, for verification"; where its colouring must, it does in any case.
    classes
        How a quantity is classed; None: as it is by default.
    """

    id: str
    title: Words
    colour: str
    layers: tuple[str, ...] = ()
    suspected: bool = False
    classes: Wanted | None = None

    @property
    def key(self) -> str:
        """The key of its colouring."""
        return f"{self.colour}@{self.id}" if self.classes else self.colour


def parse_spec(content: bytes, where: str) -> MapSpec:
    r"""A spec from a file's bytes.

    Parameters
    ----------
    content
        TOML in UTF-8.
    where
        What the file is called in messages.

    Raises
    ------
    ProjectError
        All that is to be mended, told at once, each with its place.

    Examples
    --------
    >>> parse_spec(b'map = 1\nid = "m"\ntitle = { en = "Tax" }\ncolour = "tax_wan_per_mu"', "m.toml").title
    ('Tax', 'Tax')
    """
    if len(content) > MOST_BYTES:
        raise ProjectError(
            f"a map of more than {MOST_BYTES} bytes", where=where, mend="leave out what is no part of it"
        )
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProjectError(
            f"not TOML in UTF-8: {error}", where=where, mend="see docs/maps.md for a whole one"
        ) from error
    found = _Reading(where, told)
    spec = found.spec()
    if found.problems:
        raise gather(found.problems, ProjectError)
    return spec


class _Reading:
    """Reads one spec and gathers what is to be mended."""

    def __init__(self, where: str, told: dict[str, Any]) -> None:
        self.where = where
        self.told = told
        self.problems: list[ProjectError] = []

    def wrong(self, place: str, what: str, mend: str) -> None:
        self.problems.append(ProjectError(what, where=f"{self.where}, {place}", mend=mend))

    def spec(self) -> MapSpec:
        self._known(self.told, _KEYS, "")
        edition = self.told.get("map")
        if isinstance(edition, bool) or edition != _EDITION:
            self.wrong("map", f"the edition is {_short(edition)}", f"write map = {_EDITION}")
        return MapSpec(
            id=self._matching("id", _ID, "lower-case letters, digits, - and _, at most 40"),
            title=self._title(),
            colour=self._matching("colour", _COLUMN, "a column of the parcels, such as idle or far"),
            layers=self._layers(),
            suspected=self._flag("suspected"),
            classes=self._classes(),
        )

    def _known(self, table: dict[str, Any], keys: Sequence[str], place: str) -> None:
        for key in table:
            if key not in keys:
                self.wrong(f"{place}{_short(key)}", "unknown key", suggest(key, keys))

    def _matching(self, key: str, pattern: re.Pattern[str], mend: str) -> str:
        value = self.told.get(key)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.wrong(key, "missing" if value is None else f"{_short(value)} cannot be one", f"write {mend}")
        return ""

    def _title(self) -> Words:
        value = self.told.get("title")
        if not isinstance(value, dict) or not value:
            self.wrong(
                "title", "missing" if value is None else "not a table", 'write title = { zh = "…", en = "…" }'
            )
            return "", ""
        self._known(value, LANGUAGES, "title.")
        texts = {lang: text for lang in LANGUAGES if (text := self._text(value, lang))}
        if not texts:
            return "", ""
        other = next(iter(texts.values()))
        zh, en = (texts.get(lang, other) for lang in LANGUAGES)
        return zh, en

    def _text(self, titles: dict[str, Any], lang: str) -> str:
        text = titles.get(lang)
        if text is None:
            return ""
        if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_TITLE:
            self.wrong(
                f"title.{lang}", "not a text of that length", f"write 1 to {_LONGEST_TITLE} characters"
            )
            return ""
        return text

    def _layers(self) -> tuple[str, ...]:
        value = self.told.get("layers", [])
        if not isinstance(value, list):
            self.wrong("layers", "not a list", 'write layers = ["parks", "roads"]')
            return ()
        found = []
        for at, name in enumerate(value, start=1):
            match = _LAYER.fullmatch(name) if isinstance(name, str) else None
            if match and match[1] in LAYERS:
                found.append(name)
            else:
                group = name.partition(":")[0] if isinstance(name, str) else ""
                self.wrong(f"layers, number {at}", f"unknown layer {_short(name)}", suggest(group, LAYERS))
        return tuple(dict.fromkeys(found))

    def _flag(self, key: str) -> bool:
        value = self.told.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"{_short(value)} is neither true nor false", "write true or false")
            return False
        return value

    def _classes(self) -> Wanted | None:
        value = self.told.get("classes")
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong("classes", "not a table", 'write [classes] and below it scheme = "quantile"')
            return None
        self._known(value, _CLASS_KEYS, "classes.")
        scheme = self._one_of(value, "scheme", SCHEMES)
        breaks, pack = self._breaks(value, scheme), self._pack(value, scheme)
        return Wanted(
            scheme=next((each for each in SCHEMES if each == scheme), None),
            count=self._count(value),
            breaks=breaks,
            pack=pack,
            better=self._one_of(value, "better", _BETTER),
        )

    def _one_of(self, table: dict[str, Any], key: str, values: Sequence[str]) -> str:
        value = table.get(key)
        if value is None:
            return ""
        if value not in values:
            self.wrong(
                f"classes.{key}", f"{_short(value)} is none", f"write one of {name_some(values, shown=9)}"
            )
            return ""
        return str(value)

    def _count(self, table: dict[str, Any]) -> int:
        value = table.get("count", Wanted.count)
        if not isinstance(value, int) or not 1 < value <= MOST:
            self.wrong(
                "classes.count", f"{_short(value)} cannot be one", f"write a whole number from 2 to {MOST}"
            )
            return Wanted.count
        return value

    def _breaks(self, table: dict[str, Any], scheme: str) -> tuple[float, ...]:
        value = table.get("breaks")
        if (value is not None) != (scheme == "breaks"):
            self.wrong("classes.breaks", 'breaks and scheme = "breaks" go together', "give both or neither")
            return ()
        if value is None:
            return ()
        numbers = isinstance(value, list) and all(_is_number(each) for each in value)
        if not numbers or not 0 < len(value) < MOST:
            self.wrong("classes.breaks", "not a list of numbers", f"write 1 to {MOST - 1} numbers")
            return ()
        if any(low >= high for low, high in pairwise(value)):
            self.wrong("classes.breaks", "not in ascending order", "write each number once, the least first")
            return ()
        return tuple(float(each) for each in value)

    def _pack(self, table: dict[str, Any], scheme: str) -> str:
        value = table.get("pack")
        if (value is not None) != (scheme == "pack"):
            self.wrong("classes.pack", 'pack and scheme = "pack" go together', "give both or neither")
            return ""
        if value is not None and not (isinstance(value, str) and _FIGURE.fullmatch(value)):
            self.wrong(
                "classes.pack",
                f"{_short(value)} is no figure of a pack",
                "write its key, such as benchmark.far",
            )
            return ""
        return value or ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: object) -> str:
    """A user's value in a message: quoted, without control signs, and not longer than a line."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= _LONGEST_TOLD else f"{text[:_LONGEST_TOLD]}…"


def suggest(key: str, keys: Iterable[str]) -> str:
    """What may have been meant by a name that is not known."""
    near = difflib.get_close_matches(key, list(keys), n=1)
    return f"did you mean {near[0]!r}?" if near else f"write one of {name_some(keys, shown=20)}"
