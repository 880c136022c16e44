"""Industry codes of GB/T 4754 in its three editions: titles, conversion, and the figures that are keyed by them.

Regulations key their tables by the edition of their day (the control indicators of 2008 by that of 2002), offices' ledgers by
that of theirs. A code converts to all codes that it may have become, for some classes were split and some merged.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.errors import PackError, name_some

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.packs.book import RuleBook

__all__ = ["EDITIONS", "convert_industry", "far_min_for", "industry_title", "two_digits"]

EDITIONS = ("2002", "2011", "2017")
"""Editions of GB/T 4754, by year."""

# Figure → edition that keys it; the first that has a value for a code decides.
_FAR_TABLES = (("control.far_min_by_industry_2023", "2017"), ("control.far_min_by_industry_2002", "2002"))

_CODE = re.compile(r"[A-Z]?(\d{2,4})(?:\.0)?", re.ASCII)
_MEANT = 2  # digits that name a class as a whole


class _Move(NamedTuple):
    """Classes that went elsewhere than the two-digit class around them."""

    old: str
    new: str
    old_stays: bool
    new_mixed: bool


class _Step(NamedTuple):
    """How the codes of one edition became those of a later one."""

    main: dict[str, str]
    moves: tuple[_Move, ...]

    def forward(self, code: str) -> set[str]:
        """Two-digit codes of the later edition that a code became."""
        moves = self._met(code, "old")
        inside = [move for move in moves if code.startswith(move.old)]
        stays = all(move.old_stays for move in inside)
        kept = {self.main[code[:2]]} if stays and code[:2] in self.main else set()
        return kept | {move.new[:2] for move in moves}

    def back(self, code: str) -> set[str]:
        """Two-digit codes of the earlier edition that a code came from."""
        moves = self._met(code, "new")
        inside = [move for move in moves if code.startswith(move.new) and len(move.new) > _MEANT]
        mixed = all(move.new_mixed for move in inside)
        kept = {old for old, new in self.main.items() if new == code[:2]} if mixed else set()
        return kept | {move.old[:2] for move in moves}

    def _met(self, code: str, side: str) -> list[_Move]:
        """Moves that touch a code; of those around it only the narrowest, for it is the exception to the others."""
        within = [move for move in self.moves if getattr(move, side).startswith(code)]
        around = [
            move
            for move in self.moves
            if code.startswith(getattr(move, side)) and getattr(move, side) != code
        ]
        narrowest = max((len(getattr(move, side)) for move in around), default=0)
        return within + [move for move in around if len(getattr(move, side)) == narrowest and not within]


@cache
def _table() -> dict[str, Any]:
    with resources.files("parkgeo.packs").joinpath("industry.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _step(older: str, newer: str) -> _Step:
    name = f"{older}-{newer}"
    moves = tuple(
        _Move(one["old"], one["new"], one.get("also") in ("old", "both"), one.get("also") in ("new", "both"))
        for one in _table()["moves"][name]
    )
    return _Step(_table()["main"][name], moves)


def _check_edition(edition: str) -> None:
    if edition not in EDITIONS:
        raise PackError(f"no edition {edition!r} of GB/T 4754", mend=f"use one of {name_some(EDITIONS)}")


def industry_title(code: str, edition: str, lang: str) -> str:
    """Title of a two-digit class; empty where the table does not hold it.

    Examples
    --------
    >>> industry_title("C3610", "2017", "en")
    'automobiles'
    """
    _check_edition(edition)
    titles = _table()["titles"][edition].get(_digits(code)[:2])
    return str(titles[0 if lang == "zh" else 1]) if titles else ""


def _digits(code: object) -> str:
    """Digits of a code as offices write it (``C36``, ``3610``, ``36.0``); empty where it is no code."""
    found = _CODE.fullmatch(str(code).strip().upper())
    return found[1] if found else ""


def two_digits(codes: pd.Series[Any]) -> pd.Series[str]:
    """Two-digit classes of codes; missing where a cell is blank or no code.

    Examples
    --------
    >>> two_digits(pd.Series(["C3610", "13", "n/a"])).tolist()
    ['36', '13', None]
    """
    return _mapped(codes, lambda digits: digits[:2] or None)


def convert_industry(codes: pd.Series[Any], from_edition: str, to_edition: str) -> pd.Series[Any]:
    """Two-digit classes that codes may be in another edition.

    Parameters
    ----------
    codes
        Codes of two to four digits, with or without the section's letter. The more digits the fewer candidates.
    from_edition, to_edition
        ``2002``, ``2011`` or ``2017``.

    Returns
    -------
    pandas.Series
        Tuples of two-digit codes, sorted, on the index of ``codes``: one code where the class went on as a whole, several
        where it was split or merged, none where the cell is blank, no code, or of a class that the table does not hold.

    Raises
    ------
    PackError
        There is no such edition.

    Notes
    -----
    From titles of classes compared (``industry.toml``): what moved without a change of its title is not seen.

    References
    ----------
    GB/T 4754-2002, GB/T 4754-2011, GB/T 4754-2017, 国民经济行业分类.

    Examples
    --------
    Transport equipment was split in 2011; rubber and plastics were merged.

    >>> convert_industry(pd.Series(["C37", "C3725", "29"]), "2002", "2017").tolist()
    [('33', '36', '37', '43', '81'), ('36',), ('19', '29')]
    >>> convert_industry(pd.Series(["29", "2911"]), "2017", "2002").tolist()
    [('29', '30'), ('29',)]
    """
    _check_edition(from_edition)
    _check_edition(to_edition)
    return _mapped(codes, lambda digits: _candidates(digits, from_edition, to_edition))


def _mapped(codes: pd.Series[Any], answer: Callable[[str], object]) -> pd.Series[Any]:
    """An answer for each distinct code, laid out on all rows: a park has a million rows and a hundred codes."""
    places, distinct = pd.factorize(codes.astype("object"))
    answers = np.empty(len(distinct) + 1, dtype=object)  # the last is that of blank cells, whose place is -1
    for at, code in enumerate(distinct):
        answers[at] = answer(_digits(code))
    answers[-1] = answer("")
    return pd.Series(answers[places], index=codes.index, name=codes.name, dtype=object)


@cache
def _candidates(digits: str, from_edition: str, to_edition: str) -> tuple[str, ...]:
    if not digits or digits[:2] not in _table()["titles"][from_edition]:
        return ()
    if from_edition == to_edition:
        return (digits[:2],)
    if from_edition < to_edition:
        return tuple(sorted(_step(from_edition, to_edition).forward(digits)))
    return tuple(sorted(_step(to_edition, from_edition).back(digits)))


def far_min_for(codes: pd.Series[Any], edition: str, rules: RuleBook) -> pd.DataFrame:
    """Least floor area ratio that the control indicators ask of an industry.

    Parameters
    ----------
    codes
        Industry codes of two to four digits.
    edition
        Edition of GB/T 4754 that they are of (the setting ``land.industry_code_edition``).
    rules
        The packs in force.

    Returns
    -------
    pandas.DataFrame
        On the index of ``codes``: ``far_min`` (float, NaN where no table has the industry), ``ambiguous`` (bool: the code
        may be classes with different figures; the least is given, so that no doubtful code makes a parcel underbuilt) and
        ``figure`` (key of the table that decided, None where none did).

    Raises
    ------
    PackError
        There is no such edition.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> far_min_for(pd.Series(["C3610", "29"]), "2017", load_packs(["national"], Path()))["far_min"].tolist()
    [0.7, 0.8]
    """
    _check_edition(edition)
    tables = [(key, keyed, figure.table()) for key, keyed in _FAR_TABLES if (figure := rules.get(key))]

    def decide(digits: str) -> tuple[float, bool, str | None]:
        for key, keyed, table in tables:
            candidates = _candidates(digits, edition, keyed)
            values = [table[code] for code in candidates if code in table]
            if values:
                return min(values), len(set(values)) > 1 or len(values) < len(candidates), key
        return np.nan, False, None

    decided = _mapped(codes, decide)
    return pd.DataFrame(
        {
            "far_min": pd.Series([one[0] for one in decided], index=codes.index, dtype="float64"),
            "ambiguous": pd.Series([one[1] for one in decided], index=codes.index, dtype=bool),
            "figure": pd.Series([one[2] for one in decided], index=codes.index, dtype=object),
        }
    )
