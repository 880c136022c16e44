"""Days, figures and sentences of a million rows as Arrow columns of text: no row of them is ever an object of Python."""

from __future__ import annotations

import string
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from parkgeo.assess.wording import figure_texts
from parkgeo.i18n import messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["chosen", "days_written", "figures_written", "sentences_written", "text_column"]

_TEXT = pa.large_string()
_DASH = pa.scalar("—", _TEXT)
_NOTHING = pa.scalar("", _TEXT)
_THOUSAND = 1000
_MOST_EXACT = 2.0**53
"""From it on a float does not tell one whole number from the next."""


def days_written(days: NDArray[np.datetime64]) -> pa.Array:
    """Days as texts; a dash where there is none.

    Examples
    --------
    >>> days_written(np.array(["2026-06-30", "NaT"], dtype="datetime64[D]")).to_pylist()
    ['2026-06-30', '—']
    """
    return pc.fill_null(pa.array(days.astype("datetime64[D]")).cast(_TEXT), _DASH)


def figures_written(values: NDArray[np.float64], *, digits: int) -> pa.Array:
    """Numbers as readers of both languages write them: thousands between commas, no trailing zeros; a dash where one is missing.

    Parameters
    ----------
    values
        Numbers.
    digits
        Most decimals, up to 3.

    Returns
    -------
    pyarrow.Array

    Examples
    --------
    >>> figures_written(np.array([1234567.25, -0.5, 7.0, 1000.04, np.nan]), digits=1).to_pylist()
    ['1,234,567.2', '-0.5', '7', '1,000', '—']
    """
    scale = 10**digits
    if (np.abs(values) * scale >= _MOST_EXACT).any():  # absurd ones are rare: one by one
        return pa.array(figure_texts(np.round(values, digits) + 0.0, "en", digits=digits), _TEXT)
    missing = np.isnan(values)
    units = np.rint(np.where(missing, 0.0, values) * scale).astype(np.int64)
    whole, rest = np.divmod(np.abs(units), scale)
    groups: list[NDArray[np.int64]] = []
    while not groups or whole.any():
        whole, group = np.divmod(whole, _THOUSAND)
        # Of the leading group no zeros are written, of one before it nothing.
        leads = np.where(group > 0, group, 2 * _THOUSAND) if groups else group
        groups.append(np.where(whole > 0, group + _THOUSAND, leads))
    parts = [_groups().take(pa.array(group)) for group in reversed(groups)]
    if (units < 0).any():
        parts.insert(0, chosen(("", "-"), (units < 0).astype(np.int8)))
    if digits:
        parts.append(_decimals(digits).take(pa.array(rest)))
    texts = pc.binary_join_element_wise(*parts, _NOTHING) if len(parts) > 1 else parts[0]
    return pc.if_else(pa.array(missing), _DASH, texts) if missing.any() else texts


@cache
def _groups() -> pa.Array:
    """Three digits as they lead a number, as they follow others, and none at all."""
    lead = [str(group) for group in range(_THOUSAND)]
    return pa.array([*lead, *(f",{group:03d}" for group in range(_THOUSAND)), ""], _TEXT)


@cache
def _decimals(digits: int) -> pa.Array:
    """Decimals by number, without their trailing zeros."""
    return pa.array([f".{rest:0{digits}d}".rstrip("0").rstrip(".") for rest in range(10**digits)], _TEXT)


def chosen(words: Sequence[str | None], codes: NDArray[np.integer[Any]]) -> pa.Array:
    """Words by number."""
    return pa.array(words, _TEXT).take(pa.array(codes))


def sentences_written(
    patterns: Sequence[str],
    case: NDArray[np.integer[Any]],
    lang: str,
    columns: Sequence[Mapping[str, pa.Array | str]],
) -> pa.Array:
    """A sentence for each row by its case, filled from columns of its own.

    Parameters
    ----------
    patterns
        English sentences with ``{name}`` where a value goes; the keys of the message catalogue.
    case
        Of each row: which of the patterns; -1: none, and the row has no text.
    lang
        ``zh`` or ``en``.
    columns
        Of each pattern: name → texts of its rows, in their order, or one for all of them.

    Returns
    -------
    pyarrow.Array

    Examples
    --------
    >>> texts = sentences_written(["none", "{n} parcels"], np.array([1, 0]), "en", [{}, {"n": pa.array(["2"])}])
    >>> texts.to_pylist()
    ['2 parcels', 'none']
    """
    parts, places = [], []
    for at, (pattern, own) in enumerate(zip(patterns, columns, strict=True)):
        rows = np.flatnonzero(case == at)
        if len(rows):
            parts.append(_filled(messages(lang).get(pattern, pattern), len(rows), own))
            places.append(rows)
    if len(parts) == 1 and len(parts[0]) == len(case):
        return parts[0]
    told = sum(len(rows) for rows in places)
    order = np.full(len(case), told)
    order[np.concatenate([*places, []]).astype(np.intp)] = np.arange(told)
    return pa.concat_arrays([*parts, pa.nulls(1, _TEXT)]).take(pa.array(order))


def _filled(pattern: str, count: int, columns: Mapping[str, pa.Array | str]) -> pa.Array:
    # The patterns are ours; a user's text only ever fills a gap in one.
    pieces: list[Any] = []
    for text, name, _, _ in string.Formatter().parse(pattern):
        if text:
            pieces.append(pa.scalar(text, _TEXT))
        if name is not None:
            own = columns[name]
            pieces.append(pa.scalar(own, _TEXT) if isinstance(own, str) else own.cast(_TEXT))
    if all(isinstance(piece, pa.Scalar) for piece in pieces):
        return pa.repeat(pa.scalar("".join(piece.as_py() for piece in pieces), _TEXT), count)
    return pc.binary_join_element_wise(*pieces, _NOTHING)


def text_column(texts: pa.Array | pa.ChunkedArray) -> pd.api.extensions.ExtensionArray:
    """A column of texts for a frame; nothing is copied."""
    kind: Any = pd.StringDtype("pyarrow", na_value=np.nan)
    column: pd.api.extensions.ExtensionArray = kind.__from_arrow__(texts)
    return column
