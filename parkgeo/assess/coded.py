"""Columns of few different texts as numbers: a million rows are compared by code, a word once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["Coded", "among", "coded"]


@dataclass(frozen=True)
class Coded:
    """A column of texts.

    Attributes
    ----------
    codes
        Of each row, the position of its word; -1 where it is blank.
    words
        The different texts, in the order in which they first occur.
    """

    codes: NDArray[np.intp]
    words: tuple[str, ...]

    def among(self, words: Iterable[str]) -> NDArray[np.bool_]:
        """Where the text is one of these.

        Examples
        --------
        >>> coded(pd.DataFrame({"idle": ["yes", None, "no"]}), "idle").among(["yes"]).tolist()
        [True, False, False]
        """
        wanted = set(words)
        return self.where(lambda word: word in wanted)

    def where(self, holds: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Where something holds of the text; nowhere where it is blank."""
        # The last stands for a blank cell, whose code is -1.
        return np.array([*(holds(word) for word in self.words), False], dtype=bool)[self.codes]


def coded(frame: pd.DataFrame, name: str) -> Coded:
    """A column of texts in numbers.

    Parameters
    ----------
    frame, name
        Rows, and which of their columns; one that is not there is blank in each row.

    Returns
    -------
    Coded

    Examples
    --------
    >>> coded(pd.DataFrame({"state": ["b", None, "a", "b"]}), "state").codes.tolist()
    [0, -1, 1, 0]
    """
    if name not in frame:
        return Coded(np.full(len(frame), -1, dtype=np.intp), ())
    codes, words = pd.factorize(frame[name])
    return Coded(codes, tuple(words))


def among(frame: pd.DataFrame, name: str, words: Iterable[str]) -> NDArray[np.bool_]:
    """Where a column of texts holds one of a few words; nowhere where it is not there.

    To compare once or twice is faster than to look for all words that there are; who asks for more takes `coded`.

    Examples
    --------
    >>> among(pd.DataFrame({"idle": ["yes", None, "no"]}), "idle", ["yes"]).tolist()
    [True, False, False]
    """
    found = np.zeros(len(frame), dtype=bool)
    for word in words if name in frame else ():
        found |= (frame[name] == word).to_numpy(dtype=bool)
    return found
