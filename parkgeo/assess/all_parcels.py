"""Answers of a rule that asks only some of the parcels, for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["decide", "few_objects", "few_texts", "spread", "texts_of", "verdicts_of", "words_of"]

_NOTHING = {"b": False, "f": np.nan, "M": np.datetime64("NaT", "s"), "O": None}


def decide(
    names: Sequence[str], holds: Mapping[str, NDArray[np.bool_]], otherwise: int, count: int
) -> NDArray[np.int8]:
    """Case of each row as a place among the names: the first that holds of it.

    Parameters
    ----------
    names
        Of all cases, the first that is asked first.
    holds
        Where each of some of them holds.
    otherwise
        Place where none does.
    count
        Of rows.

    Examples
    --------
    >>> decide(("a", "b", "c"), {"a": np.array([True, False]), "b": np.array([True, False])}, 2, 2).tolist()
    [0, 2]
    """
    case = np.full(count, otherwise, dtype=np.int8)
    for place in reversed(range(len(names))):
        if names[place] in holds:
            np.copyto(case, place, where=holds[names[place]])
    return case


def spread(values: NDArray[Any], at: NDArray[np.intp], count: int, elsewhere: object = None) -> NDArray[Any]:
    """A column of all parcels from the values at some positions.

    Parameters
    ----------
    values
        Of the parcels at the positions.
    at
        Positions.
    count
        Of all parcels.
    elsewhere
        At the others; None: what is missing in an array of that kind, False among flags.

    Examples
    --------
    >>> spread(np.array([2.5]), np.array([1]), 3).tolist()
    [nan, 2.5, nan]
    """
    whole = np.full(
        count, _NOTHING[values.dtype.kind] if elsewhere is None else elsewhere, dtype=values.dtype
    )
    whole[at] = values
    return whole


def words_of(codes: NDArray[np.integer[Any]], words: Sequence[str]) -> pd.Categorical[Any]:
    """Words by number; missing where it is -1.

    Examples
    --------
    >>> words_of(np.array([1, -1]), ("no", "yes")).tolist()
    ['yes', nan]
    """
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(words)))


def verdicts_of(cases: Mapping[str, str | None], case: NDArray[np.int8]) -> pd.Categorical:
    """Verdict of each row by its case, a place in the cases; missing where the rule does not judge it.

    Examples
    --------
    >>> verdicts_of({"far": None, "late": "yes"}, np.array([1, 0], dtype=np.int8)).tolist()
    ['yes', nan]
    """
    known = tuple(dict.fromkeys(verdict for verdict in cases.values() if verdict is not None))
    places = [-1 if verdict is None else known.index(verdict) for verdict in cases.values()]
    return words_of(np.array(places, dtype=np.int8)[case], known)


def few_texts(
    values: pd.Categorical | pd.Series[Any] | NDArray[np.object_],
) -> pd.api.extensions.ExtensionArray:
    """A column of few different texts as texts: each is made once.

    Examples
    --------
    >>> few_texts(np.array(["yes", None, "yes"], dtype=object)).tolist()
    ['yes', nan, 'yes']
    """
    place, words = pd.factorize(values)
    return pd.array(list(words), dtype="str").take(place, allow_fill=True)


def few_objects(column: pd.Series[Any]) -> NDArray[np.object_]:
    """A column of few different texts as objects, one object a text; None where it is blank.

    Examples
    --------
    >>> few_objects(pd.Series(["a.tif", None, "a.tif"])).tolist()
    ['a.tif', None, 'a.tif']
    """
    place, words = pd.factorize(column)
    # The last stands for a blank cell, whose number is -1.
    return np.array([*words, None], dtype=object)[place]


def texts_of(values: NDArray[np.object_], index: pd.Index) -> pd.Series[Any]:
    """Texts as a column; None stays None."""
    return pd.Series(values, index=index, dtype=object)
