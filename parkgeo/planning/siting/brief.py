"""A project's brief: what it needs, which sites it may be put on, how many to show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from parkgeo.errors import InputError, name_some
from parkgeo.i18n import say
from parkgeo.planning.siting.needs import Needs, industry_needs, near, plain_code, read_needs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parkgeo.packs import RuleBook

__all__ = ["KINDS", "Brief", "read_brief"]

KINDS = ("parcel", "joined")
"""Kinds of sites: a parcel by itself, or several joined."""

_KEYS = ("name", "industry", "top", "shown", "needs", "weights", "sites", "stability")
_SITES = ("kinds", "holders_most", "all_parcels", "park")
_STABILITY = ("draws", "seed", "spread")
_MOST = {"top": 1000, "shown": 10_000, "draws": 100_000, "holders_most": 10_000, "seed": 2**32 - 1}
_LONGEST = 200


@dataclass(frozen=True)
class Brief:
    """A project that looks for a site.

    Attributes
    ----------
    name
        As its author calls it.
    needs
        What it needs.
    top
        So many of the best are listed, and rank stability is of staying among them.
    shown
        So many of the sites that do not fit, and of those that are undetermined, are listed.
    kinds
        Kinds of sites that it may be put on, of `KINDS`.
    holders_most
        Most holders of one site; None: any number.
    all_parcels
        Ask all parcels, not only those that could come free.
    park
        Only sites of this park; empty: of all.
    draws, seed, spread
        Rank stability: how many draws of the weights, from which seed, how far each weight is moved (0.2 is ±20 %); None: as the packs
        say.
    """

    name: str
    needs: Needs
    top: int = 10
    shown: int = 20
    kinds: tuple[str, ...] = KINDS
    holders_most: int | None = None
    all_parcels: bool = False
    park: str = ""
    draws: int | None = None
    seed: int | None = None
    spread: float | None = None

    @property
    def joins(self) -> bool:
        """Whether it may be put on several parcels joined."""
        return "joined" in self.kinds


def read_brief(
    written: Mapping[str, Any], rules: RuleBook | None = None, *, where: str = "", default_name: str = ""
) -> Brief:
    """A brief as it stands in TOML or JSON.

    Parameters
    ----------
    written
        ``name``, ``industry`` (a key of the packs, or a code of GB/T 4754-2017), ``needs``, ``weights``, ``sites``, ``stability``, ``top``,
        ``shown``.
    rules
        The packs in force, with the industries; None: those that come with parkgeo.
    where
        The file, for the message.
    default_name
        What it is called where it does not say.

    Returns
    -------
    Brief

    Raises
    ------
    InputError
        All that is wrong with it, told at once: unknown keys, quantities without unit, demands that contradict each other.

    Examples
    --------
    >>> brief = read_brief({"name": "A", "industry": "machinery", "needs": {"area": "30 亩"}})
    >>> round(brief.needs.area_m2), brief.needs.industry, brief.joins
    (20000, '34', True)
    """
    faults: list[str] = []
    if not isinstance(written, dict):
        raise InputError(
            "a brief is a table", where=where, mend='write name, industry and [needs], such as area = "30 亩"'
        )
    known = industry_needs(_shipped() if rules is None else rules)
    faults += _strange(written, _KEYS, "")
    name = written.get("name", default_name or "brief")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST:
        faults.append(f"name must be a text of at most {_LONGEST} letters")
        name = default_name
    needs = _needs(written, known, str(name), faults)
    whole = {
        entry: _whole(written[entry], entry, faults, least=1)
        for entry in ("top", "shown")
        if entry in written
    }
    sites = _sites(_subtable(written, "sites", faults), faults)
    stability = _stability(_subtable(written, "stability", faults), faults)
    if faults:
        told = list(dict.fromkeys(faults))
        raise InputError(
            f"the brief has {len(told)} to mend" + "".join(f"\n  - {fault}" for fault in told), where=where
        )
    options = {key: value for key, value in (whole | sites | stability).items() if value is not None}
    return Brief(str(name).strip(), needs, **options)


def _shipped() -> RuleBook:
    from pathlib import Path

    from parkgeo.packs import load_packs

    return load_packs(["national"], Path())


def _strange(table: Mapping[str, Any], known: tuple[str, ...], group: str) -> list[str]:
    return [f"unknown key {group}{key!r}; {near(key, known)}" for key in table if key not in known]


def _subtable(written: Mapping[str, Any], key: str, faults: list[str]) -> dict[str, Any]:
    value = written.get(key, {})
    if isinstance(value, dict):
        return value
    faults.append(f"{key} must be a table: write [{key}]")
    return {}


def _needs(written: Mapping[str, Any], known: Mapping[str, Needs], name: str, faults: list[str]) -> Needs:
    own = _subtable(written, "needs", faults)
    base, named = Needs(name, zh=name, en=name, source="brief"), written.get("industry")
    if named is not None:
        base = _industry(named, known, base, own, faults)
    told: list[str] = []
    needs = read_needs(own, base, told)
    if "weights" in written:
        needs = read_needs({"weights": written["weights"]}, needs, told)
    faults += told
    if named is None and not own and "needs" not in written:
        faults.append("it needs nothing: name an industry, or write [needs]")
    return _reconciled(needs, faults, area_written=bool({"area", "area_m2"} & set(own)))


def _industry(
    named: object, known: Mapping[str, Needs], base: Needs, own: Mapping[str, Any], faults: list[str]
) -> Needs:
    """The needs of an industry of the packs; of a code without needs the brief's own must do."""
    text = str(named).strip() if isinstance(named, str | int) and not isinstance(named, bool) else ""
    text = plain_code(text) if text not in known else text
    by_code = [each for each in known.values() if each.industry and text.startswith(each.industry)]
    found = known.get(text) or (by_code[0] if len(by_code) == 1 else None)
    if found is not None:
        # What the brief says to four digits may be barred where the class as a whole is not.
        told = text if text.isdigit() and text.startswith(found.industry) else found.industry
        return replace(found, key=base.key, industry=told)
    if text.isdigit() and len(by_code) > 1:
        faults.append(
            f"industry {text!r} has several kinds of needs: name one of {name_some(one.key for one in by_code)}"
        )
    elif text.isdigit() and own:
        return replace(
            base,
            industry=text,
            zh=say("industry {code}", "zh", code=text),
            en=say("industry {code}", "en", code=text),
        )
    elif text.isdigit():
        faults.append(f"industry {text!r} has no needs in the packs in force: write its own under [needs]")
    else:
        faults.append(f"unknown industry {str(named)[:80]!r}; {near(text, known)}")
    return base


def _reconciled(needs: Needs, faults: list[str], *, area_written: bool) -> Needs:
    """Demands held against each other; an area that the brief does not state is at least that of its rectangle."""
    faults += [f"travel_max.{kind} is 0: nothing is reached in no time" for kind, minutes in needs.travel_max_min.items() if minutes <= 0]  # fmt: skip
    if not math.isnan(needs.area_m2) and needs.area_m2 <= 0:
        faults.append("area is 0: a site of no area is none")
    if needs.rectangle_m is None or math.isnan(needs.area_m2):
        return needs
    long, short = needs.rectangle_m
    if needs.area_m2 >= long * short * (1 - 1e-9):
        return needs
    if area_written:
        faults.append(
            f"area {needs.area_m2:,.0f} m² is less than the rectangle of {long:g} m × {short:g} m, {long * short:,.0f} m²: write another area, or another rectangle"
        )
    return replace(needs, area_m2=long * short)


def _sites(table: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    faults += _strange(table, _SITES, "sites.")
    found: dict[str, Any] = {}
    if "kinds" in table:
        kinds = table["kinds"]
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not isinstance(kinds, list) or not kinds or not all(kind in KINDS for kind in kinds):
            faults.append(f"sites.kinds must list some of {name_some(KINDS)}")
        else:
            found["kinds"] = tuple(kind for kind in KINDS if kind in kinds)
    if "holders_most" in table:
        found["holders_most"] = _whole(table["holders_most"], "holders_most", faults, least=1)
    if "all_parcels" in table:
        if not isinstance(table["all_parcels"], bool):
            faults.append("sites.all_parcels must be true or false")
        found["all_parcels"] = table["all_parcels"]
    if "park" in table:
        if not isinstance(table["park"], str):
            faults.append("sites.park must be the park's id, a text")
        found["park"] = table["park"]
    return found


def _stability(table: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    faults += _strange(table, _STABILITY, "stability.")
    found: dict[str, Any] = {
        key: _whole(table[key], key, faults, least=0 if key == "seed" else 1)
        for key in ("draws", "seed")
        if key in table
    }
    if "spread" in table:
        spread = table["spread"]
        if isinstance(spread, bool) or not isinstance(spread, int | float) or not 0 <= spread < 1:
            faults.append("stability.spread must be a share from 0 to below 1, such as 0.2")
        else:
            found["spread"] = float(spread)
    return found


def _whole(value: object, key: str, faults: list[str], *, least: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST[key]:
        faults.append(f"{key} must be a whole number from {least} to {_MOST[key]}, not {str(value)[:80]!r}")
        return None
    return value
