"""Columns of text as numbers of the words in them, and patterns."""

from __future__ import annotations

import operator
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parkgeo.store.cql2_words import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

__all__ = ["COMPARE", "Texts", "compare_texts", "compile_pattern", "match_texts", "texts_among"]

COMPARE: dict[str, Callable[[Any, Any], Any]] = dict(
    zip(
        COMPARISONS,
        (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
        strict=True,
    )
)
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ESCAPE = "\\"
_SPECIAL = frozenset("%_\\")


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of text.

    Attributes
    ----------
    codes
        Each row's place in `words`; −1 where it has none.
    words
        What occurs, each once, in the order of code points; so one word is looked for in the words, not in the rows.
    """

    codes: NDArray[np.int32]
    words: list[str]

    @classmethod
    def of(cls, values: Any, known: Mask) -> Texts:
        """The texts of a column where they are known."""
        import numpy as np
        import pandas as pd

        there = [str(value) for value, is_known in zip(values, known, strict=True) if is_known]
        places, unique = pd.factorize(np.array(there, dtype=object))
        words = sorted(unique.tolist())
        rank = {word: place for place, word in enumerate(words)}
        ranks = np.array([rank[word] for word in unique], dtype=np.int32)
        codes = np.full(len(known), -1, dtype=np.int32)
        if len(ranks):
            codes[known] = ranks[places]
        return cls(codes, words)

    def folded(self) -> Texts:
        """The same without regard to letter case."""
        import numpy as np

        folded = [word.casefold() for word in self.words]
        words = sorted(set(folded))
        rank = {word: place for place, word in enumerate(words)}
        # The last is where code −1 looks.
        moved = np.array([*(rank[word] for word in folded), -1], dtype=np.int32)
        return Texts(moved[self.codes], words)


def compare_texts(op: str, left: Any, right: Any) -> Any:
    """Compare texts by code points, each side a `Texts` or one text; what is missing compares somehow."""
    if isinstance(left, str) and isinstance(right, str):
        return COMPARE[op](left, right)
    if isinstance(left, str):
        return compare_texts(_MIRRORED.get(op, op), right, left)
    if isinstance(right, str):
        place = bisect_left(left.words, right)
        there = place < len(left.words) and left.words[place] == right
        if op in {"=", "<>"}:
            return COMPARE[op](left.codes, place if there else len(left.words))
        bound = place + (there and op in {"<=", ">"})
        return left.codes < bound if op in {"<", "<="} else left.codes >= bound
    import numpy as np

    words = sorted({*left.words, *right.words})
    rank = {word: place for place, word in enumerate(words)}
    sides = (
        np.array([*(rank[word] for word in side.words), -1], dtype=np.int32)[side.codes]
        for side in (left, right)
    )
    return COMPARE[op](*sides)


def match_texts(texts: Any, pattern: str) -> Any:
    """Whether texts, a `Texts` or one text, match a LIKE pattern."""
    matcher = compile_pattern(pattern)
    if isinstance(texts, str):
        return matcher.fullmatch(texts) is not None
    import numpy as np

    begin = _beginning(pattern)
    first = bisect_left(texts.words, begin)
    last = bisect_left(texts.words, True, lo=first, key=lambda word: not word.startswith(begin))
    words = texts.words[first:last]
    table = np.zeros(len(texts.words) + 1, dtype=bool)
    inner = pattern[1:-1]
    if pattern[:1] == pattern[-1:] == "%" and not _SPECIAL.intersection(inner):
        table[first:last] = [inner in word for word in words]
    else:
        match = matcher.fullmatch
        table[first:last] = [match(word) is not None for word in words]
    return table[texts.codes]


def texts_among(texts: Texts, words: Sequence[str]) -> Any:
    """Whether texts are among some words."""
    import numpy as np

    table = np.zeros(len(texts.words) + 1, dtype=bool)
    for word in words:
        place = bisect_left(texts.words, word)
        if place < len(texts.words) and texts.words[place] == word:
            table[place] = True
    return table[texts.codes]


def _beginning(pattern: str) -> str:
    """What every match begins with."""
    begin = []
    characters = iter(pattern)
    for character in characters:
        if character in "%_":
            break
        begin.append(next(characters, _ESCAPE) if character == _ESCAPE else character)
    return "".join(begin)


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A LIKE pattern as a regular expression that cannot run away.

    Each ``%`` takes the nearest match of what follows it and never goes back (an atomic group); that finds every match
    that there is, in time proportional to text times pattern. The last part is tied to the end.
    """
    parts: list[str] = [""]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            parts.append("")
        elif character == "_":
            parts[-1] += "."
        else:
            literal = next(characters, _ESCAPE) if character == _ESCAPE else character
            parts[-1] += re.escape(literal)
    first, *middle = parts
    if not middle:
        return re.compile(first, re.DOTALL)
    *middle, last = middle
    inner = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{first}{inner}.*{last}", re.DOTALL)
