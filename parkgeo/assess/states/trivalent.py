"""Answers of three values over columns: what is missing is unknown, and unknown never becomes "no" on its way to a verdict.

An answer is an array of int8: `YES`, `NO` or `UNKNOWN`. All operations are Kleene's, so that taking data away can only turn an
answer into unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NO", "UNKNOWN", "YES", "Answer", "all_of", "any_of", "at_least", "below", "known", "verdicts"]

NO, UNKNOWN, YES = np.int8(-1), np.int8(0), np.int8(1)

Answer = np.ndarray[tuple[int], np.dtype[np.int8]]
"""`YES`, `NO` or `UNKNOWN` for each parcel."""

_WORDS = pd.CategoricalDtype(["no", "undetermined", "yes"])


def known(holds: NDArray[np.bool_], is_known: NDArray[np.bool_] | None = None) -> Answer:
    """Whether something holds, where it is known; everywhere where nothing is said of that.

    Examples
    --------
    >>> known(np.array([True, False, True]), np.array([True, True, False])).tolist()
    [1, -1, 0]
    """
    told: Answer = 2 * holds.astype(np.int8) - 1
    return told if is_known is None else told * is_known.astype(np.int8)


def below(values: NDArray[np.float64], limit: NDArray[np.float64] | float) -> Answer:
    """Whether values are below a limit; unknown where either is missing.

    Examples
    --------
    >>> below(np.array([1.0, 2.0, np.nan]), 2.0).tolist()
    [1, -1, 0]
    """
    return known(values < limit, ~np.isnan(values) & ~np.isnan(limit))


def at_least(values: NDArray[np.float64], limit: NDArray[np.float64] | float) -> Answer:
    """Whether values reach a limit; unknown where either is missing."""
    return known(values >= limit, ~np.isnan(values) & ~np.isnan(limit))


def all_of(*answers: Answer) -> Answer:
    """Yes where all are yes, no where one is no, else unknown.

    Examples
    --------
    >>> all_of(np.array([1, 1, 0], np.int8), np.array([1, 0, -1], np.int8)).tolist()
    [1, 0, -1]
    """
    least: Answer = np.minimum.reduce(answers)
    return least


def any_of(*answers: Answer) -> Answer:
    """Yes where one is yes, no where all are no, else unknown."""
    most: Answer = np.maximum.reduce(answers)
    return most


def verdicts(answer: Answer, judged: NDArray[np.bool_]) -> pd.Categorical:
    """``yes``, ``no`` or ``undetermined``; missing where a parcel is not judged.

    Examples
    --------
    >>> verdicts(np.array([1, 0, -1], np.int8), np.array([True, True, False])).tolist()
    ['yes', 'undetermined', nan]
    """
    return pd.Categorical.from_codes(np.where(judged, answer + 1, -1), dtype=_WORDS)
