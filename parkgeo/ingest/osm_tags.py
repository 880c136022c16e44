"""Tags of OpenStreetMap → which elements a layer takes, and what they say in its fields; the table is ``osm.toml``."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from parkgeo.errors import InputError, name_some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Tags = Mapping[str, str]

__all__ = ["Rules", "Shape", "Take", "Tally", "Values", "all_rules", "rules_of"]

Shape = Literal["area", "line", "point", "place"]
_ANY = "*"
_NODE, _WAY, _RELATION = "node", "way", "relation"
_KINDS = {
    "area": (_NODE, _WAY, _RELATION),
    "line": (_WAY,),
    "point": (_NODE,),
    "place": (_NODE, _WAY, _RELATION),
}
_AREAS = ("multipolygon", "boundary")
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z/]*|\")")
_FEET = re.compile(r"(\d+)\s*'(?:\s*(\d+(?:\.\d+)?)\s*(?:\"|''))?")
_WHOLE = re.compile(r"[+-]?\d{1,3}")
_FOOT_M, _INCH_M, _MILE_KM, _POUND_T, _SHORT_TON_T = 0.3048, 0.0254, 1.609344, 0.00045359237, 0.90718474
_SPEEDS = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": _MILE_KM, "knots": 1.852}
_LENGTHS = {"": 1.0, "m": 1.0, "cm": 0.01, "km": 1000.0, "ft": _FOOT_M, "in": _INCH_M}
_MASSES = {"": 1.0, "t": 1.0, "kg": 0.001, "lbs": _POUND_T, "lb": _POUND_T, "st": _SHORT_TON_T}
_DIAMETERS = {"": 1.0, "mm": 1.0, "cm": 10.0, "m": 1000.0, "in": _INCH_M * 1000, '"': _INCH_M * 1000}


class _Unread(Exception):  # noqa: N818 - not an error of the program: a tag's value that is no figure
    """A value that the field cannot take."""


@dataclass(frozen=True)
class Take:
    """One kind of elements that a layer takes.

    Attributes
    ----------
    tags
        Tag → the values it may have; ``*`` is any.
    shape
        What becomes of them: ``area``, ``line``, ``point`` or ``place`` (point or area).
    fixed
        Fields that follow from the tags.
    """

    tags: dict[str, tuple[str, ...]]
    shape: Shape
    fixed: dict[str, str]

    def fits(self, tags: Tags) -> bool:
        """Whether an element has all its tags."""
        return all(
            key in tags and (_ANY in values or tags[key] in values) for key, values in self.tags.items()
        )


@dataclass
class Tally:
    """Counts of a pass over the elements, before any geometry is made.

    Attributes
    ----------
    taken
        Elements that belong to the layer by their tags.
    left
        Elements that almost belong: ``tag=value`` → how many are left out for it.
    """

    taken: int = 0
    left: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Values:
    """What an element's tags say.

    Attributes
    ----------
    cells
        Field → value, in the field's unit.
    unread
        Field → tag and value that cannot be read as it.
    backwards
        Whether the line is drawn against the direction of traffic.
    """

    cells: dict[str, Any]
    unread: dict[str, str]
    backwards: bool


@dataclass(frozen=True)
class Rules:
    """What a layer takes from OpenStreetMap.

    Attributes
    ----------
    layer
        The layer.
    take
        Kinds of elements; the first that fits holds.
    leave
        Tag → values for which an element is left out all the same.
    closed
        Tags of which the first that an element has decides whether it is left out, and the values that say so.
    count
        Tag whose ways are counted where nothing takes them; empty for none.
    fields
        Field → the tag it is read from, and how.
    """

    layer: str
    take: tuple[Take, ...]
    leave: dict[str, tuple[str, ...]]
    closed: tuple[tuple[str, ...], tuple[str, ...]]
    count: str
    fields: dict[str, tuple[str, str]]

    @property
    def keys(self) -> tuple[str, ...]:
        """Tags by which elements are found, each once."""
        return tuple(dict.fromkeys(next(iter(one.tags)) for one in self.take))

    @property
    def query(self) -> dict[str, bool | str | list[str]]:
        """Tags and values to ask a server for; True is any value."""
        wanted: dict[str, list[str]] = {}
        for one in self.take:
            key, values = next(iter(one.tags.items()))
            wanted.setdefault(key, []).extend(values)
        return {
            key: True if _ANY in values else list(dict.fromkeys(values)) for key, values in wanted.items()
        }

    def match(self, kind: str, tags: Tags, seen: Tally) -> Take | None:
        """The entry that takes an element, and a count of it; None where none does.

        Parameters
        ----------
        kind
            ``node``, ``way`` or ``relation``.
        tags
            Its tags.
        seen
            Where it is counted.
        """
        found = next((one for one in self.take if kind in _KINDS[one.shape] and one.fits(tags)), None)
        if found is None:
            if kind == _WAY and self.count in tags:
                seen.left[f"{self.count}={tags[self.count]}"] += 1
            return None
        if kind == _RELATION and tags.get("type") not in _AREAS:
            seen.left[f"type={tags.get('type', '')}"] += 1
            return None
        shut = self._shut_by(tags)
        if shut:
            seen.left[f"{shut}={tags[shut]}"] += 1
            return None
        seen.taken += 1
        return found

    def _shut_by(self, tags: Tags) -> str:
        """The tag for which an element is left out; empty for none."""
        particular, values = self.closed
        decides = next((key for key in particular if key in tags), "")
        if decides and tags[decides] in values:
            return decides
        return next((key for key, values in self.leave.items() if tags.get(key) in values), "")

    def read(self, take: Take, tags: Tags) -> Values:
        """An element's fields.

        Examples
        --------
        >>> roads = rules_of("roads")
        >>> tags = {"highway": "primary", "maxspeed": "50 mph", "oneway": "-1", "lanes": "many"}
        >>> found = roads.read(roads.match("way", tags, Tally()), tags)
        >>> found.cells["speed_km_h"], found.cells["oneway"], found.backwards, found.unread
        (80.4672, True, True, {'lanes': 'lanes=many'})
        """
        cells: dict[str, Any] = dict(take.fixed)
        unread: dict[str, str] = {}
        for name, (tag, how) in self.fields.items():
            try:
                cells[name] = _READERS[how](tags, tag)
            except _Unread:
                unread[name] = f"{tag}={tags.get(tag, '')}"
        return Values(cells, unread, "oneway" in cells and tags.get("oneway") in _BACKWARDS)


def rules_of(layer: str) -> Rules:
    """What a layer takes from OpenStreetMap.

    Raises
    ------
    InputError
        OpenStreetMap has nothing for this layer.
    """
    known = all_rules()
    if layer not in known:
        raise InputError(
            f"OpenStreetMap has no layer {layer!r}", where="park.toml",
            mend=f"it gives {name_some(known, shown=20)}; for others name a file of your own",
        )  # fmt: skip
    return known[layer]


@cache
def all_rules() -> dict[str, Rules]:
    """Each layer that OpenStreetMap can give, and what it takes."""
    with resources.files(__package__).joinpath("osm.toml").open("rb") as file:
        tables: dict[str, dict[str, Any]] = tomllib.load(file)
    return {layer: _rules(layer, table) for layer, table in tables.items()}


def _rules(layer: str, table: dict[str, Any]) -> Rules:
    return Rules(
        layer=layer,
        take=tuple(
            Take(
                {key: tuple(values) for key, values in one["tags"].items()}, one["shape"], one.get("set", {})
            )
            for one in table["take"]
        ),
        leave={key: tuple(values) for key, values in table.get("leave", {}).items()},
        closed=(
            tuple(table.get("closed", {}).get("tags", ())),
            tuple(table.get("closed", {}).get("values", ())),
        ),
        count=table.get("count", ""),
        fields={
            name: (how.get("tag", ""), how.get("as", "text")) for name, how in table.get("fields", {}).items()
        },
    )


def _text(tags: Tags, tag: str) -> str | None:
    return tags.get(tag, "").strip() or None


def _measure(units: dict[str, float]) -> Callable[[Tags, str], float | None]:
    def read(tags: Tags, tag: str) -> float | None:
        text = tags.get(tag, "").strip()
        if not text:
            return None
        found = _MEASURE.fullmatch(text)
        if found is None or found.group(2).lower() not in units:
            raise _Unread
        return round(float(found.group(1)) * units[found.group(2).lower()], 9)

    return read


def _length(tags: Tags, tag: str) -> float | None:
    feet = _FEET.fullmatch(tags.get(tag, "").strip())
    if feet:
        return round(int(feet.group(1)) * _FOOT_M + float(feet.group(2) or 0) * _INCH_M, 9)
    return _measure(_LENGTHS)(tags, tag)


_FORWARDS, _BACKWARDS, _BOTH = ("yes", "true", "1"), ("-1", "reverse"), ("no", "false", "0")


def _oneway(tags: Tags, tag: str) -> bool:
    """One-way as stated; else by what the wiki implies for motorways and roundabouts, and two-way for all others."""
    stated = tags.get(tag, "").strip()
    if not stated:
        return tags.get("highway") == "motorway" or tags.get("junction") in ("roundabout", "circular")
    if stated not in (*_FORWARDS, *_BACKWARDS, *_BOTH):
        raise _Unread
    return stated not in _BOTH


def _level(tags: Tags, tag: str) -> int:
    """The layer as stated; else 1 on a bridge, −1 in a tunnel, 0 on the ground as the wiki implies."""
    stated = tags.get(tag, "").strip()
    if stated:
        if not _WHOLE.fullmatch(stated):
            raise _Unread
        return int(stated)
    if tags.get("bridge", "no") != "no":
        return 1
    return -1 if tags.get("tunnel", "no") not in ("no", "building_passage") else 0


def _building_use(tags: Tags, tag: str) -> str | None:
    """What a building is; of one that is being built, what it will be."""
    del tag
    use = tags.get("building", "")
    if use == "construction":
        use = tags.get("construction", "")
    return use if use not in ("", "yes") else None


def _building_stands(tags: Tags, tag: str) -> bool | None:
    """False for a building site; a mapped building stands, but whether it was accepted as complete is not said."""
    del tag
    return False if tags.get("building") == "construction" else None


_READERS: dict[str, Callable[[Tags, str], Any]] = {
    "text": _text,
    "number": _measure({"": 1.0}),
    "speed": _measure(_SPEEDS),
    "length": _length,
    "mass": _measure(_MASSES),
    "diameter": _measure(_DIAMETERS),
    "oneway": _oneway,
    "level": _level,
    "building_use": _building_use,
    "building_stands": _building_stands,
}
