"""How much a column's header looks like a field."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from parkgeo.layers import sentence
from parkgeo.layers.schema import fold_header
from parkgeo.units import known_units

if TYPE_CHECKING:
    from parkgeo.layers import Field, Sentence

__all__ = ["NAMED", "Likeness", "likeness"]

NAMED = sentence("the header is the field's name, title or alias")
"""The reason that needs no explaining."""

# What a shapefile leaves of a header: ten bytes, in which a letter that does not fit is cut or left out.
_CUT_BYTES = (9, 10)
_SHORTEST_CUT = 2
_CUT, _CUT_AND_NUMBERED = 0.8, 0.7
_NUMBERED = re.compile(r"[_\s]?\(?\d{1,2}\)?$")
_SHORTEST_PART, _ENOUGH_ALIKE, _MOST_ALIKE = 2, 0.5, 0.7
_CONTAINED, _LEAST_CONTAINED = 0.55, 0.3
_ASCII_ALIKE = 0.75
# Words that make another quantity of the one behind them.
_QUALIFIERS = re.compile(
    r"规划|计划|拟|预计|预期|目标|上年|上期|去年|同比|环比|增速|增幅|增长|占比|比重|原|累计|人均|户均|最大|最小|是否|未|last|prev|growth"
)
_OTHER_QUANTITY = 0.55


@dataclass(frozen=True)
class Likeness:
    """How a header looks like a field.

    Attributes
    ----------
    score
        1 is the field's own name.
    reason
        What was seen.
    unit
        A unit that the header names without brackets; empty where it names none.
    """

    score: float
    reason: Sentence
    unit: str = ""


def likeness(header: str, field: Field) -> Likeness | None:
    """How much a header looks like a field; None where it does not.

    Parameters
    ----------
    header
        As it stands in the file.
    field
        The field.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> area = schema("parcels").fields["registered_area_m2"]
    >>> likeness("宗地面积（亩）", area).score
    1.0
    >>> likeness("登记面积_亩", area).unit
    '亩'
    >>> likeness("权利人", area) is None
    True
    """
    return _likeness(header, (field.name, field.zh, field.en, *field.aliases), field.unit)


@cache
def _likeness(header: str, written: tuple[str, ...], unit: str) -> Likeness | None:
    names = _folded(written)
    folded, _ = fold_header(unicodedata.normalize("NFKC", header))
    if folded in names:
        return Likeness(1.0, NAMED)
    loose, found_unit = _loose(folded, unit)
    if loose in names:
        reason = "the header is “{name}” with something added"
        return Likeness(0.9, sentence(reason, name=names[loose]), found_unit)
    return _cut(header, names) or _alike(loose, names, found_unit)


@cache
def _folded(written: tuple[str, ...]) -> dict[str, str]:
    """Folded name, titles and aliases → as written."""
    return {fold_header(text)[0]: text for text in reversed(written)}


def _loose(folded: str, unit: str) -> tuple[str, str]:
    """A folded header without leading and trailing additions, and the unit that stood behind it."""
    text = re.sub(r"^(?:[^\w]|_|\d+[.、])+", "", folded)
    text = re.sub(r"^(?:f|fld|field|col)(?=[^\x00-\x7f])", "", text)
    units = sorted(known_units(unit), key=len, reverse=True) if unit not in ("", "1") else []
    for one in units:
        if one and text.endswith(one.casefold()) and len(text) > len(one):
            return text.removesuffix(one.casefold()), one
    return re.sub(r"[\d*＊:：]+$", "", text), ""


def _cut(header: str, names: dict[str, str]) -> Likeness | None:
    """A header cut after ten bytes, as shapefiles do: the beginning of a name."""
    text = header.strip()
    start = text.rstrip("\ufffd?")
    if start == text and not _fills(text):
        return None
    numbered = _NUMBERED.sub("", start)
    for beginning, score in ((start, _CUT), (numbered, _CUT_AND_NUMBERED)):
        folded = fold_header(beginning)[0]
        if len(folded) >= _SHORTEST_CUT and (score == _CUT or numbered != start):
            whole = next((text for name, text in names.items() if name.startswith(folded)), None)
            if whole is not None:
                reason = sentence("the header is the beginning of “{name}”, cut short", name=whole)
                return Likeness(score, reason)
    return None


def _fills(text: str) -> bool:
    """Whether it is as long as a shapefile's headers can be, in one of its encodings."""
    return any(
        len(text.encode(encoding, errors="replace")) in _CUT_BYTES for encoding in ("utf-8", "gb18030")
    )


def _alike(folded: str, names: dict[str, str], unit: str) -> Likeness | None:
    best, name = 0.0, ""
    for candidate, written in names.items():
        score = _likeness_of(folded, candidate)
        if set(_QUALIFIERS.findall(folded)) != set(_QUALIFIERS.findall(candidate)):
            score *= _OTHER_QUANTITY
        if score > best:
            best, name = score, written
    if best <= 0:
        return None
    return Likeness(best, sentence("the header looks like “{name}”", name=name), unit)


def _likeness_of(one: str, other: str) -> float:
    """How much two folded names share: one within the other, or most of their pairs of letters."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SHORTEST_PART:
        return 0.0
    ascii_only = shorter.isascii()
    if shorter in longer and (not ascii_only or len(shorter) > _SHORTEST_PART + 2):
        return _LEAST_CONTAINED + _CONTAINED * len(shorter) / len(longer)
    pairs = [{text[at : at + 2] for at in range(len(text) - 1)} for text in (one, other)]
    dice = 2 * len(pairs[0] & pairs[1]) / max(len(pairs[0]) + len(pairs[1]), 1)
    floor = _ASCII_ALIKE if ascii_only else _ENOUGH_ALIKE
    return _MOST_ALIKE * dice if dice >= floor else 0.0
