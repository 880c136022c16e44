"""What the names of folders, files and tables tell."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Word", "is_copy", "words_in"]

_PLAIN, _HINT, _INITIAL = 1.0, 0.4, 0.7
_ASCII_WORD = re.compile(r"[A-Za-z]+(?:\d[A-Za-z])?\d?|[A-Za-z]+")
_COPY = re.compile(r"备份|副本|旧|作废|废弃|历史|\b(?:copy|backup|bak|old)\b|\(\d+\)$", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """A word in a name.

    Attributes
    ----------
    text
        As it stands there.
    layer
        The layer that it tells of.
    weight
        How plainly: 1 is plain.
    """

    text: str
    layer: str
    weight: float


@cache
def _dictionary() -> dict[str, list[tuple[str, float, bool]]]:
    """Word in small letters → what it may tell: layer, weight, whether it must stand alone."""
    with resources.files(__package__).joinpath("words.toml").open("rb") as file:
        told = tomllib.load(file)
    found: dict[str, list[tuple[str, float, bool]]] = {}
    for layer, entry in told.items():
        for key, weight, alone in (
            ("words", _PLAIN, False),
            ("hints", _HINT, False),
            ("initials", _INITIAL, True),
        ):
            for word in entry[key]:
                found.setdefault(word.casefold(), []).append((layer, weight, alone or word.isascii()))
    return found


def words_in(name: str) -> tuple[Word, ...]:
    """The words of a name that tell of a layer, the longest first.

    Parameters
    ----------
    name
        Of a folder, a file without its ending, or a table.

    Returns
    -------
    tuple of Word
        A word within a longer one is not counted; one that tells of several layers is there for each.

    Examples
    --------
    >>> [(word.text, word.layer) for word in words_in("2024规划地块")]
    [('规划地块', 'plan')]
    >>> [(word.text, word.layer) for word in words_in("ZD_2024")]
    [('ZD', 'parcels')]
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " "))
    alone = {found.group().casefold() for found in _ASCII_WORD.finditer(spaced)}
    alone |= {letters for word in alone if (letters := word.rstrip("0123456789"))}
    folded = name.casefold()
    taken = [False] * len(folded)
    found: list[Word] = []
    for word in sorted(_dictionary(), key=lambda text: (-len(text), text)):
        told = _dictionary()[word]
        at = folded.find(word)
        if at < 0 or all(taken[at : at + len(word)]) or (told[0][2] and word not in alone):
            continue
        taken[at : at + len(word)] = [True] * len(word)
        found.extend(Word(name[at : at + len(word)], layer, weight) for layer, weight, _ in told)
    return tuple(found)


def is_copy(name: str) -> bool:
    """Whether a name says that the file is a copy or an old state.

    Examples
    --------
    >>> is_copy("宗地_备份"), is_copy("parcels")
    (True, False)
    """
    return _COPY.search(name.replace("_", " ")) is not None
