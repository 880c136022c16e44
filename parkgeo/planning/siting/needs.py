"""What a project or an industry needs of a site, read from a pack or from a brief."""

from __future__ import annotations

import difflib
import math
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from parkgeo.errors import name_some
from parkgeo.planning.siting.quantities import quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from parkgeo.packs import RuleBook

__all__ = ["AMOUNTS", "CRITERIA", "WRITTEN", "Needs", "industry_needs", "near", "plain_code", "read_needs"]

CRITERIA = ("access_score", "services_ready", "travel", "net_share", "rectangle", "economy", "cost")
"""What a site is scored by; see `parkgeo.planning.siting.score`."""

AMOUNTS = {
    "area": ("area_m2", "m2"),
    "floor_load": ("floor_load_t_m2", "t/m2"),
    "height": ("height_m", "m"),
    "power": ("power_kva", "kVA"),
    "water": ("water_m3_per_day", "m3/day"),
    "gas": ("gas_m3_per_h", "m3/h"),
    "separation": ("separation_m", "m"),
}
"""Quantities of needs as they are written → attribute and unit."""

WRITTEN = ("name", "code", *AMOUNTS, "rectangle", "uses", "hazard_class", "travel_max", "weights")
"""Keys that needs are written with."""

_CLASSES = (1, 2, 3)


@dataclass(frozen=True)
class Needs:
    """What a project or an industry needs. What is not known is not asked for, and its gate is not judged.

    Attributes
    ----------
    key
        Of the industry in the packs, or of the brief.
    zh, en
        Its name.
    industry
        Two digits or more of GB/T 4754-2017; empty where it is not said.
    area_m2
        Least net area; NaN where it is not asked for, as in all amounts.
    rectangle_m
        Long and short side of the rectangle that must find room.
    uses
        Prefixes of land-use codes that it may stand on; empty: any.
    hazard_class
        Class of industrial land that it needs: 1, 2 or 3.
    floor_load_t_m2, height_m
        Least floor load and height that may be built.
    power_kva, water_m3_per_day, gas_m3_per_h
        Capacity that must be free.
    separation_m
        Least distance to what is sensitive: housing, schools, hospitals.
    travel_max_min
        Kind of gateway → most minutes by car.
    weights
        Criterion → weight; of `CRITERIA`.
    source, verified
        Where the figures come from, and whether their pack says that they are verified.
    """

    key: str
    zh: str = ""
    en: str = ""
    industry: str = ""
    area_m2: float = math.nan
    rectangle_m: tuple[float, float] | None = None
    uses: tuple[str, ...] = ()
    hazard_class: int | None = None
    floor_load_t_m2: float = math.nan
    height_m: float = math.nan
    power_kva: float = math.nan
    water_m3_per_day: float = math.nan
    gas_m3_per_h: float = math.nan
    separation_m: float = math.nan
    travel_max_min: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    verified: bool = False

    def name(self, lang: str) -> str:
        """Its name in a language, else its key."""
        return (self.zh if lang == "zh" else self.en) or self.key


def industry_needs(rules: RuleBook) -> dict[str, Needs]:
    """The industries of the packs in force.

    Parameters
    ----------
    rules
        With the group ``industries``: a table of lists of texts for each.

    Returns
    -------
    dict
        Key → needs, in the order of their codes and keys.

    Raises
    ------
    PackError
        What is to be mended, of all of them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> industry_needs(load_packs(["national"], Path()))["machinery"].industry
    '34'
    """
    from parkgeo.errors import PackError

    faults: list[str] = []
    found: list[Needs] = []
    for key, figure in rules.group("industries").items():
        told: list[str] = []
        plain = {name: texts for name, texts in figure.lists().items() if texts}
        needs = read_needs(plain, Needs(key, source=figure.cite(), verified=figure.verified), told)
        names = plain.get("name", ())
        found.append(replace(needs, zh=names[0] if names else key, en=names[-1] if names else key))
        faults += [f"{figure.key}: {fault}" for fault in told]
    if faults:
        raise PackError(f"{len(faults)} to mend" + "".join(f"\n  - {fault}" for fault in faults))
    return {needs.key: needs for needs in sorted(found, key=lambda each: (each.industry, each.key))}


def read_needs(written: Mapping[str, Any], base: Needs, faults: list[str]) -> Needs:
    """Needs as they are written, over others.

    Parameters
    ----------
    written
        Quantities as texts (``area = "30 亩"``), or as numbers under a name that ends in the unit (``area_m2 = 20000``). A list of one
        is what it holds, as packs have it.
    base
        What stays where nothing is written.
    faults
        What is wrong is added here.
    """
    changes: dict[str, Any] = {}
    numbers = dict(AMOUNTS.values())
    for key, value in written.items():
        if key in AMOUNTS:
            _put(changes, key, *AMOUNTS[key], value, faults)
        elif key in numbers:
            changes[key] = _number(key, value, faults)
        elif key in _READERS:
            attribute, read = _READERS[key]
            changes[attribute] = read(key, value, faults)
        elif key != "name":
            faults.append(f"unknown key {key!r}; {near(key, (*WRITTEN, *numbers))}")
    return replace(base, **changes)


def near(name: str, known: Iterable[str]) -> str:
    """What a name that is not known may have been meant to be."""
    every = list(known)
    found = difflib.get_close_matches(str(name)[:80], every, n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else f"there are {name_some(every, shown=20)}"


def _only(value: object) -> Any:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _put(
    changes: dict[str, Any], key: str, attribute: str, unit: str, value: object, faults: list[str]
) -> None:
    try:
        changes[attribute] = quantity(_only(value), unit)
    except ValueError as error:
        faults.append(f"{key} {error}")


def _number(key: str, value: object, faults: list[str]) -> float:
    value = _only(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        faults.append(f"{key} must be a number from 0 up, not {str(value)[:80]!r}")
        return math.nan
    return float(value)


def _rectangle(key: str, value: object, faults: list[str]) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - a rectangle has two sides
        faults.append(f'{key} must be two sides, such as ["120 m", "60 m"]')
        return None
    found: dict[str, Any] = {}
    for at, side in enumerate(value):
        if key.endswith("_m"):
            found[str(at)] = _number(key, side, faults)
        else:
            _put(found, key, str(at), "m", side, faults)
    sides = [side for side in found.values() if not math.isnan(side)]
    if len(sides) < len(value):
        return None
    if min(sides) <= 0:
        faults.append(f"{key} has a side of no length")
        return None
    return max(sides), min(sides)


def _text_list(key: str, value: object, faults: list[str]) -> tuple[str, ...]:
    every = (value,) if isinstance(value, str) else value
    if not isinstance(every, list | tuple) or not all(isinstance(one, str) and one.strip() for one in every):
        faults.append(f'{key} must be a list of texts, such as ["1001"]')
        return ()
    if not every:
        faults.append(
            f'{key} names no land use: write some, such as ["1001"], or leave it out if any will do'
        )
    return tuple(one.strip() for one in every)


def _hazard_class(_: str, value: object, faults: list[str]) -> int | None:
    value = _only(value)
    if isinstance(value, bool) or str(value) not in {str(one) for one in _CLASSES}:
        faults.append(f"hazard_class must be 1, 2 or 3, not {str(value)[:80]!r}")
        return None
    return int(str(value))


def _pairs(key: str, value: object, faults: list[str]) -> dict[str, Any]:
    """A table, or a list of texts each with a name, a space and a value."""
    if isinstance(value, dict):
        return {str(name): each for name, each in value.items()}
    every = [value] if isinstance(value, str) else value
    if isinstance(every, list | tuple) and all(isinstance(one, str) and " " in one.strip() for one in every):
        split = (one.strip().partition(" ") for one in every)
        return {name: rest.strip() for name, _, rest in split}
    faults.append(f"{key} must be a table")
    return {}


@cache
def _kinds() -> tuple[str, ...]:
    """Kinds of facilities, to which the way may be limited."""
    from parkgeo.layers import schemas

    return tuple(schemas()["facilities"].fields["kind"].codes)


def _travel(key: str, value: object, faults: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind, minutes in _pairs(key, value, faults).items():
        if kind not in _kinds():
            faults.append(f"{key}: no facility is called {kind[:80]!r}; {near(kind, _kinds())}")
        elif key.endswith("_min"):
            number = _number(f"{key}.{kind}", minutes, faults)
            if not math.isnan(number):
                found[kind] = number
        else:
            _put(found, f"{key}.{kind}", kind, "min", minutes, faults)
    return found


_HEAVIEST = 1e6
"""Heaviest weight: sums of larger ones lose what the lighter say, and at last have no bound."""


def _weights(_: str, value: object, faults: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, written in _pairs("weights", value, faults).items():
        if name not in CRITERIA:
            faults.append(f"weights: unknown criterion {name!r}; {near(name, CRITERIA)}")
            continue
        number: object = written
        if isinstance(written, str):
            with suppress(ValueError):
                number = float(written)
        weight = _number(f"weights.{name}", number, faults)
        if weight > _HEAVIEST:
            faults.append(
                f"weights.{name} is above {_HEAVIEST:,.0f}; weights count against each other, so smaller ones say the same"
            )
        elif not math.isnan(weight):
            found[name] = weight
    if found and not any(found.values()):
        faults.append("weights are all 0: nothing says which site is better")
    return found


def _code(_: str, value: object, __: list[str]) -> str:
    return plain_code(str(_only(value)))


def plain_code(written: str) -> str:
    """A code of GB/T 4754 without the letter of its section, which says nothing more.

    Examples
    --------
    >>> plain_code("C3412"), plain_code("machinery")
    ('3412', 'machinery')
    """
    text = written.strip()
    return text[1:] if text[:1].isalpha() and text[1:].isdigit() else text


_READERS: Mapping[str, tuple[str, Callable[[str, object, list[str]], Any]]] = {
    "rectangle": ("rectangle_m", _rectangle),
    "rectangle_m": ("rectangle_m", _rectangle),
    "uses": ("uses", _text_list),
    "code": ("industry", _code),
    "industry": ("industry", _code),
    "hazard_class": ("hazard_class", _hazard_class),
    "travel_max": ("travel_max_min", _travel),
    "travel_max_min": ("travel_max_min", _travel),
    "weights": ("weights", _weights),
}
"""Key as it is written → attribute, and how it is read."""
