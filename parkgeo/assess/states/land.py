"""What land a parcel is, before anything is asked of it: not meant to be built on, too small, in reserve, for works, other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["LAND_KINDS", "WORKS", "land_kind"]

LAND_KINDS = ("not_built_on", "too_small", "reserve", "industry", "storage", "other", "unknown")
"""What `land_kind` says."""

WORKS = ("industry", "storage")
"""Land on which work is expected."""

_WORKS_CODES = ("state.industrial_codes", "state.storage_codes")
# Between the uses of mixed land; what stands in brackets or as a code behind the name of a use.
_SEVERAL = re.compile(r"[、，,;；/+]")
_BEHIND = re.compile(r"\s*([（(][^（）()]*[）)]|[a-z]?\d+)\s*$")


def land_kind(
    parcels: pd.DataFrame, planned: pd.Series[str], covered: pd.Series[float], rules: RuleBook
) -> pd.DataFrame:
    """Kind of land of each parcel.

    Parameters
    ----------
    parcels
        ``site_area_m2``; ``land_use_code`` and ``land_use`` as far as the office has them.
    planned
        The plan's code where it covers most of the parcel.
    covered
        Share of the parcel within corridors and other constraints that leave nothing to build on.
    rules
        The packs in force.

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``use_code`` (the code that decides: the register's, else the plan's) and ``land_kind``, one of
        `LAND_KINDS`.

    Notes
    -----
    The register's code decides; where it has none the plan's; where that has none either, or one that is in none of the packs'
    lists, the name of the use. The last word of a name says what the land is: 工业区道路 is a road, and 道路运输设备制造 is not. Land
    mostly within a corridor is not built on, whatever its code. A code that nothing explains leaves the kind unknown.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> land = pd.DataFrame({"site_area_m2": [9000.0, 9000.0, 90.0], "land_use_code": ["100101", "1401", "100101"]})
    >>> nothing = pd.Series([None] * 3, dtype="str"), pd.Series([0.0] * 3)
    >>> land_kind(land, *nothing, load_packs(["national"], Path()))["land_kind"].tolist()
    ['industry', 'not_built_on', 'too_small']
    """
    own = parcels.get("land_use_code", planned)
    code = own.where(own.notna(), planned).astype("str")
    nameless = code.notna().to_numpy()
    lists = ("land.not_built_on", "land.not_construction", "land.reserve", "land.construction")
    listed = np.logical_or.reduce([_starts(code, rules, key) for key in (*lists, *_WORKS_CODES)])
    # Without a list of what is built on nothing says which codes are strange.
    explained = nameless & (listed | (rules.get("land.construction") is None))
    name = _texts(parcels, "land_use").mask(explained, "")

    def used(group: str) -> NDArray[np.bool_]:
        return _starts(code, rules, f"state.{group}_codes") | _holds(name, rules, f"state.{group}_names")

    smallest = rules.get("state.smallest_area_m2")
    mostly = rules.get("state.not_built_on_share")
    site = parcels["site_area_m2"].to_numpy(dtype=float)
    within = covered.to_numpy(dtype=float)
    decided = [
        (
            "not_built_on",
            _starts(code, rules, "land.not_built_on") | _starts(code, rules, "land.not_construction"),
        ),
        ("not_built_on", _ends(name, rules, "land.not_built_on_names")),
        ("not_built_on", within >= (mostly.number("1") if mostly else np.inf)),
        ("too_small", site < (smallest.number("m2") if smallest else 0.0)),
        ("reserve", _starts(code, rules, "land.reserve") | _ends(name, rules, "land.reserve_names")),
        ("industry", used("industrial")),
        ("storage", used("storage")),
        ("other", explained | (~nameless & (name != "").to_numpy())),
    ]
    kind = np.select([mask for _, mask in decided], [word for word, _ in decided], default="unknown")
    return pd.DataFrame(
        {"use_code": code.where(code.notna(), None), "land_kind": pd.Series(kind, parcels.index, dtype="str")}
    )


def _texts(parcels: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in parcels:
        return pd.Series("", index=parcels.index, dtype="str")
    return parcels[name].fillna("").astype("str").str.casefold()


def _words(rules: RuleBook, key: str) -> Sequence[str]:
    figure = rules.get(key)
    return figure.texts() if figure else ()


def _starts(code: pd.Series[str], rules: RuleBook, key: str) -> NDArray[np.bool_]:
    """Where a code begins with one of the pack's prefixes; each distinct code is looked at once."""
    prefixes = tuple(_words(rules, key))
    places, distinct = pd.factorize(code)
    held = np.array([bool(prefixes) and str(each).startswith(prefixes) for each in distinct] + [False])
    return held[places].astype(bool)


def _holds(name: pd.Series[str], rules: RuleBook, key: str) -> NDArray[np.bool_]:
    """Where a name holds one of the pack's words."""
    words = [word.casefold() for word in _words(rules, key)]
    places, distinct = pd.factorize(name)
    held = np.array([any(word in str(each) for word in words) for each in distinct] + [False])
    return held[places].astype(bool)


def _ends(name: pd.Series[str], rules: RuleBook, key: str) -> NDArray[np.bool_]:
    """Where every use that a name lists ends in one of the pack's words."""
    words = [word.casefold() for word in _words(rules, key)]
    places, distinct = pd.factorize(name)
    held = np.array([_all_end(str(each), words) for each in distinct] + [False])
    return held[places].astype(bool)


def _all_end(name: str, words: Sequence[str]) -> bool:
    uses = [_BEHIND.sub("", use).strip() for use in _SEVERAL.split(_BEHIND.sub("", name))]
    return all(any(_last_word(use, word) for word in words) for use in uses)


def _last_word(use: str, word: str) -> bool:
    """Whether a use ends in a word, or with = is that word; an English one is a word of its own: "crossroad" is no "road"."""
    if word.startswith("="):
        return use == word[1:]
    return use.endswith(word) and (use == word or not word.isascii() or use[-len(word) - 1] == " ")
