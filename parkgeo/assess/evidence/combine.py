"""Lines side by side: what they say together, how surely, and where they contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.all_parcels import words_of
from parkgeo.assess.evidence.lines import CANNOT_SAY, IDLE, IN_USE, LINES, SAYS
from parkgeo.errors import PackError, name_some

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.assess.evidence.lines import Line
    from parkgeo.packs import RuleBook

__all__ = [
    "CONFIDENCE",
    "CONFLICT",
    "SEVERAL",
    "TOGETHER",
    "Combined",
    "Pair",
    "combined",
    "contradictions",
    "groups",
]

CONFLICT = "conflict"
TOGETHER = (*SAYS, CONFLICT)
"""What the lines may say together."""
CONFIDENCE = ("high", "medium", "low")

SEVERAL = 2
"""From as many groups, or lines of one, on they confirm each other."""

_OPPOSITE = {"idle": IN_USE, "in_use": IDLE}


@dataclass(frozen=True)
class Pair:
    """One contradiction that the pack knows: ``one`` says ``says`` and ``other`` the opposite."""

    one: str
    says: np.int8
    other: str


@dataclass(frozen=True)
class Combined:
    """What the lines say together of every parcel.

    Attributes
    ----------
    says
        One of `TOGETHER`.
    confidence
        One of `CONFIDENCE`; missing where the lines cannot say or contradict each other.
    pairs
        How many contradictions there are between lines of different groups.
    against
        How many lines have a part in them.
    spoken
        How many groups say anything.
    """

    says: pd.Categorical
    confidence: pd.Categorical
    pairs: NDArray[np.int64]
    against: NDArray[np.int64]
    spoken: NDArray[np.int64]


def groups(rules: RuleBook) -> dict[str, tuple[str, ...]]:
    """Groups of lines as the pack has them, the first that is heard first.

    Raises
    ------
    PackError
        A line that there is not, or one in two groups.
    """
    figure = rules["evidence.groups"]
    found = figure.lists()
    named = [line for lines in found.values() for line in lines]
    unknown = sorted(set(named) - set(LINES))
    twice = sorted({line for line in named if named.count(line) > 1})
    if unknown or twice:
        raise PackError(
            f"{figure.key} names {name_some(unknown or twice)}, {'no line' if unknown else 'twice'}",
            where=figure.pack,
            mend=f"use each once at most: {', '.join(LINES)}",
        )
    return found


def contradictions(rules: RuleBook) -> list[Pair]:
    """Contradictions that the pack knows, between lines of different groups.

    Raises
    ------
    PackError
        A key that is not a line and what it says, or a line that there is not.
    """
    figure = rules["evidence.contradictions"]
    of = {line: group for group, lines in groups(rules).items() for line in lines}
    pairs: dict[frozenset[tuple[str, int]], Pair] = {}
    for key, others in figure.lists().items():
        line, _, word = key.partition("_")
        if line not in LINES or word not in _OPPOSITE or not set(others) <= set(LINES):
            raise PackError(
                f"{figure.key} holds {key} = {name_some(others)}",
                where=figure.pack,
                mend=f"write a line, _idle or _in_use, and the lines that contradict it; lines: {', '.join(LINES)}",
            )
        says = IDLE if word == "idle" else IN_USE
        for other in others:
            if line in of and other in of and of[line] != of[other]:
                same = frozenset({(line, int(says)), (other, int(_OPPOSITE[word]))})
                pairs.setdefault(same, Pair(line, says, other))
    return list(pairs.values())


def combined(lines: Mapping[str, Line], rules: RuleBook) -> Combined:
    """Put the lines of every parcel side by side.

    Parameters
    ----------
    lines
        By name, of the same parcels.
    rules
        The packs in force: ``evidence.groups``, ``evidence.contradictions``, ``evidence.conflict``.

    Returns
    -------
    Combined

    Notes
    -----
    A group speaks where at least one of its lines says idle or in use and none says the other. Of the groups that speak the
    first in the pack's order is heard. High confidence: at least two groups say it and none says the other. Medium: two
    lines of one group and no group says the other, or two groups and one says the other without contradicting. Low: the
    rest. Contradictions are counted between lines, so a line that falls silent never makes one.
    """
    count = len(next(iter(lines.values())).says)
    pairs, against = _counted(lines, contradictions(rules), count)
    heard = np.zeros(count, dtype=np.int8)
    voices = [(_voice(lines, members), members) for members in groups(rules).values()]
    for voice, _ in voices:
        heard = np.where(heard == CANNOT_SAY, voice, heard)
    support, contrary, spoken, supporting_lines = (np.zeros(count, dtype=np.int64) for _ in range(4))
    for voice, members in voices:
        speaks = voice != CANNOT_SAY
        with_it = speaks & (voice == heard)
        spoken += speaks
        support += with_it
        contrary += speaks & ~with_it
        for name in members:
            supporting_lines += with_it & (lines[name].says == heard)
    conflict = pairs >= max(rules["evidence.conflict"].number("1"), 1)
    says = np.where(conflict, TOGETHER.index(CONFLICT), heard)
    high = (support >= SEVERAL) & (contrary == 0)
    medium = ((support >= SEVERAL) & (contrary == 1)) | (
        (support == 1) & (supporting_lines >= SEVERAL) & (contrary == 0)
    )
    sure = np.where(high, 0, np.where(medium, 1, 2))
    sure[(heard == CANNOT_SAY) | conflict] = -1
    return Combined(words_of(says, TOGETHER), words_of(sure, CONFIDENCE), pairs, against, spoken)


def _voice(lines: Mapping[str, Line], members: tuple[str, ...]) -> NDArray[np.int8]:
    """What a group says with one voice; silent where its lines differ."""
    count = len(next(iter(lines.values())).says)
    idle, in_use = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    for name in members:
        idle |= lines[name].says == IDLE
        in_use |= lines[name].says == IN_USE
    return np.where(idle & ~in_use, IDLE, np.where(in_use & ~idle, IN_USE, CANNOT_SAY)).astype(np.int8)


def _counted(
    lines: Mapping[str, Line], pairs: list[Pair], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Contradictions of each parcel, and lines that have a part in one."""
    found = np.zeros(count, dtype=np.int64)
    part = {name: np.zeros(count, dtype=bool) for name in lines}
    for pair in pairs:
        one, other = lines[pair.one], lines[pair.other]
        against = (one.says == pair.says) & (other.says == (IN_USE if pair.says == IDLE else IDLE))
        against &= one.firm & other.firm
        found += against
        part[pair.one] |= against
        part[pair.other] |= against
    return found, np.sum(list(part.values()), axis=0, dtype=np.int64)
