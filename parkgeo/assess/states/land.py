"""What land a parcel is, before anything is asked of it: not meant to be built on, too small, in reserve, for works, other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.all_parcels import decide
from parkgeo.assess.coded import Coded, coded
from parkgeo.assess.land_codes import use_prefixes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["LAND_KINDS", "WORKS", "land_kind", "name_contradicts"]

LAND_KINDS = ("not_built_on", "too_small", "reserve", "industry", "storage", "other", "unknown")
"""What `land_kind` says."""

WORKS = ("industry", "storage")
"""Land on which work is expected."""

_WORKS_GROUPS = ("industrial", "storage")
_WORKS_CODES = tuple(f"state.{group}_codes" for group in _WORKS_GROUPS)
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
    codes, words = pd.factorize(own if own.notna().all() else own.where(own.notna(), planned))
    code = Coded(codes, tuple(words))
    nameless = code.codes >= 0
    lists = ("land.not_built_on", "land.not_construction", "land.reserve", "land.construction")
    listed = np.logical_or.reduce([_starts(code, rules, key) for key in (*lists, *_WORKS_CODES)])
    # Without a list of what is built on nothing says which codes are strange.
    explained = nameless & (listed | (rules.get("land.construction") is None))
    name = _names(parcels, explained)

    def used(group: str) -> NDArray[np.bool_]:
        return _starts(code, rules, f"state.{group}_codes") | _holds(name, rules, f"state.{group}_names")

    smallest = rules.get("state.smallest_area_m2")
    mostly = rules.get("state.not_built_on_share")
    site = parcels["site_area_m2"].to_numpy(dtype=float)
    unbuilt = _starts(code, rules, "land.not_built_on") | _starts(code, rules, "land.not_construction")
    unbuilt |= _ends(name, rules, "land.not_built_on_names")
    unbuilt |= covered.to_numpy(dtype=float) >= (mostly.number("1") if mostly else np.inf)
    decided = {
        "not_built_on": unbuilt,
        "too_small": site < (smallest.number("m2") if smallest else 0.0),
        "reserve": _starts(code, rules, "land.reserve") | _ends(name, rules, "land.reserve_names"),
        "industry": used("industrial"),
        "storage": used("storage"),
        "other": explained | (~nameless & name.where(bool)),
    }
    kind = decide(LAND_KINDS, decided, LAND_KINDS.index("unknown"), len(parcels))
    columns = {
        "use_code": pd.array([str(word) for word in code.words], dtype="str").take(
            code.codes, allow_fill=True
        ),
        "land_kind": pd.array(LAND_KINDS, dtype="str").take(kind),
    }
    return pd.DataFrame(columns, index=parcels.index, copy=False)


def name_contradicts(parcels: pd.DataFrame, rules: RuleBook) -> NDArray[np.bool_]:
    """Where the register's code of the use and its name of the use say different things.

    Parameters
    ----------
    parcels
        ``land_use_code`` and ``land_use``; without both nothing is contradicted.
    rules
        The packs in force.

    Notes
    -----
    A code whose digits are read by another classification than the office's shows so: 1004 is a street in GB/T 21010 and
    industry or mining in the classification of 2023. Only names that the packs' lists know are held against the code, and a
    code of other uses, housing or commerce, is held against names of land not built on and of reserve alone.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> land = pd.DataFrame({"land_use_code": ["1207", "1004", "0601"], "land_use": ["工业用地", "城镇道路用地", "工业用地"]})
    >>> name_contradicts(land, load_packs(["national"], Path())).tolist()
    [True, True, False]
    """
    if "land_use_code" not in parcels or "land_use" not in parcels:
        return np.zeros(len(parcels), dtype=bool)
    code, name = coded(parcels, "land_use_code"), coded(parcels, "land_use")
    both = (code.codes >= 0) & (name.codes >= 0)
    # Each pair of the two is looked at once.
    pairs, place = np.unique(code.codes[both] * len(name.words) + name.codes[both], return_inverse=True)
    own, called = np.divmod(pairs, max(len(name.words), 1))
    found = np.zeros(len(parcels), dtype=bool)
    found[both] = _apart(Coded(own, code.words), Coded(called, _folded(name.words)), rules)[place]
    return found


def _apart(code: Coded, name: Coded, rules: RuleBook) -> NDArray[np.bool_]:
    """Where a code and a name are of different kinds."""
    idle_land = _starts(code, rules, "land.not_built_on") | _starts(code, rules, "land.not_construction")
    by_code = {"not_built_on": idle_land, "reserve": _starts(code, rules, "land.reserve")}
    by_code |= {group: _starts(code, rules, f"state.{group}_codes") for group in _WORKS_GROUPS}
    by_name = {kind: _ends(name, rules, f"land.{kind}_names") for kind in ("not_built_on", "reserve")}
    told = by_name["not_built_on"] | by_name["reserve"]
    # 工业区道路 is a road: what a name ends in says more than what it holds.
    by_name |= {group: _holds(name, rules, f"state.{group}_names") & ~told for group in _WORKS_GROUPS}
    agree = np.logical_or.reduce([by_code[kind] & by_name[kind] for kind in by_code])
    works = by_name["industrial"] | by_name["storage"]
    known = np.logical_or.reduce([*by_code.values()])
    apart = (known & (told | works)) | (_starts(code, rules, "land.construction") & told)
    found: NDArray[np.bool_] = apart & ~agree
    return found


def _names(parcels: pd.DataFrame, explained: NDArray[np.bool_]) -> Coded:
    """Names of the use; none, "", where there is none or the code explains the use."""
    name = coded(parcels, "land_use")
    nothing = len(name.words)
    return Coded(np.where(explained | (name.codes < 0), nothing, name.codes), (*_folded(name.words), ""))


def _folded(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(word).casefold() for word in words)


def _words(rules: RuleBook, key: str) -> Sequence[str]:
    figure = rules.get(key)
    return figure.texts() if figure else ()


def _starts(code: Coded, rules: RuleBook, key: str) -> NDArray[np.bool_]:
    """Where a code begins with one of the pack's prefixes."""
    prefixes = use_prefixes(rules, key)
    return code.where(lambda each: bool(prefixes) and str(each).startswith(prefixes))


def _holds(name: Coded, rules: RuleBook, key: str) -> NDArray[np.bool_]:
    """Where a name holds one of the pack's words."""
    words = [word.casefold() for word in _words(rules, key)]
    return name.where(lambda each: any(word in each for word in words))


def _ends(name: Coded, rules: RuleBook, key: str) -> NDArray[np.bool_]:
    """Where every use that a name lists ends in one of the pack's words."""
    words = [word.casefold() for word in _words(rules, key)]
    return name.where(lambda each: _all_end(each, words))


def _all_end(name: str, words: Sequence[str]) -> bool:
    uses = [_BEHIND.sub("", use).strip() for use in _SEVERAL.split(_BEHIND.sub("", name))]
    return all(any(_last_word(use, word) for word in words) for use in uses)


def _last_word(use: str, word: str) -> bool:
    """Whether a use ends in a word, or with = is that word; an English one is a word of its own: "crossroad" is no "road"."""
    if word.startswith("="):
        return use == word[1:]
    return use.endswith(word) and (use == word or not word.isascii() or use[-len(word) - 1] == " ")
