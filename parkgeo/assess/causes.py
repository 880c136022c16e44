"""What a ledger's own words say of the cause of a delay: one of art. 8, the holder's own, or neither for certain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["GIVEN", "OPEN", "OWN", "ledger_causes"]

GIVEN, OWN, OPEN = "given", "own", "open"
"""A cause of art. 8; the holder's own; neither for certain."""

_LISTS = ("idle.delay_causes", "idle.exempt_causes")
_BETWEEN = re.compile(r"[\n、，,;；。/+]+|[和与及且并]")
_NOT = re.compile(r"(非|不是|不属于?|无关)\s*(因|由|于)?\s*(企业|公司|单位|受让人|受让方|业主)?的?$")


def ledger_causes(contract: pd.DataFrame, rules: RuleBook) -> NDArray[np.object_]:
    """What the ledger's words say of the cause of each parcel's delay.

    Parameters
    ----------
    contract
        The ledger's row of each parcel, with ``government_delay_cause`` where there is such a column.
    rules
        The packs in force: ``idle.delay_cause_words``, of the causes that ``idle.delay_causes`` and ``idle.exempt_causes``
        list, and ``idle.own_cause_words``.

    Returns
    -------
    numpy.ndarray
        `GIVEN`, `OWN` or `OPEN` for each row; a blank cell is open. Given everywhere where no pack says by which words.

    Notes
    -----
    A text is looked at part by part, as its commas part it. A part that holds a word of the holder's own before any word of
    art. 8, and none that names an authority, is the holder's own: 企业自身规划调整 is no lawful change of plan. One that
    holds both in another order, 规划调整致企业自行停工, leaves it open, and so do parts that say different things. What is
    denied, 非企业自身原因, says nothing of the holder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> told = ["市政府规划调整", "企业自身规划调整", "规划调整，企业资金自行筹措"]
    >>> ledger_causes(pd.DataFrame({"government_delay_cause": told}), load_packs(["national"], Path())).tolist()
    ['given', 'own', 'open']
    """
    words = rules.get("idle.delay_cause_words")
    if words is None:
        return np.full(len(contract), GIVEN, dtype=object)
    if "government_delay_cause" not in contract:
        return np.full(len(contract), OPEN, dtype=object)
    listed = {name for key in _LISTS if (figure := rules.get(key)) for name in figure.texts()}
    told = [word for cause, own in words.lists().items() if cause in listed for word in own]
    own = rules.get("idle.own_cause_words")
    lists = own.lists() if own else {}
    places, distinct = pd.factorize(contract["government_delay_cause"])
    kinds = [_kind(str(text), told, lists.get("own", ()), lists.get("authority", ())) for text in distinct]
    # The last stands for a blank cell, which pandas numbers -1.
    return np.array([*kinds, OPEN], dtype=object)[places]


def _kind(text: str, told: Sequence[str], own: Sequence[str], authorities: Sequence[str]) -> str:
    if not any(word in text for word in own):
        return GIVEN if any(word in text for word in told) else OPEN
    found = {_kind_of_part(part, told, own, authorities) for part in _BETWEEN.split(text)} - {""}
    return found.pop() if len(found) == 1 else OPEN


def _kind_of_part(part: str, told: Sequence[str], own: Sequence[str], authorities: Sequence[str]) -> str:
    """Of one part of a text; empty where it says nothing of a cause."""
    public = min(_places(part, told), default=-1)
    holder = min((at for at in _places(part, own) if not _NOT.search(part[:at])), default=-1)
    if holder < 0:
        return "" if public < 0 else GIVEN
    by_itself = not _places(part, authorities) and (public < 0 or holder < public)
    return OWN if by_itself else OPEN


def _places(part: str, words: Sequence[str]) -> list[int]:
    """Where some words stand."""
    return [each.start() for word in words for each in re.finditer(re.escape(word), part)]
