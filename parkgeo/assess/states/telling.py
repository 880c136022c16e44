"""Sentences and evidence of the classes: composed only for the parcels that have a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from parkgeo.assess.judged import Judged, verdict_table
from parkgeo.assess.wording import ask, compose, date_texts, figure_texts
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.states.standing import Standing
    from parkgeo.packs import Figure

Text: TypeAlias = "Callable[[NDArray[np.intp], str], list[str]]"
"""Positions and language → a text for each."""

__all__ = [
    "ASKED", "Text", "answered", "cases", "cells", "day", "metrics", "missing_names", "number", "sentences", "still",
]  # fmt: skip

ASKED = ("supply", "parcels", "occupancy", "performance", "enterprises", "buildings")
"""Layers in which a field to ask for is looked up for its title."""
_PLAIN_DIGITS = 6


def number(values: NDArray[np.float64], digits: int = 1) -> Text:
    """Numbers as texts."""
    return lambda at, lang: figure_texts(values[at], lang, digits=digits)


def day(values: NDArray[np.datetime64]) -> Text:
    """Days as texts."""
    return lambda at, _lang: date_texts(values[at])


def still(values: NDArray[Any] | float | str) -> Text:
    """One text for all: a number as `number` writes it, or a text as it stands."""
    if isinstance(values, str):
        return lambda at, _lang: [values] * len(at)
    return lambda at, lang: figure_texts(np.full(len(at), values), lang)


def cases(answers: Sequence[tuple[NDArray[np.bool_], str]], otherwise: str) -> pd.Categorical[Any]:
    """The case of each row: of the conditions the first that holds.

    Examples
    --------
    >>> cases([(np.array([True, False]), "a"), (np.array([True, True]), "b")], "c").tolist()
    ['a', 'b']
    """
    names = list(dict.fromkeys([*(name for _, name in answers), otherwise]))
    codes = np.full(len(answers[0][0]), names.index(otherwise), dtype=np.int8)
    for held, name in reversed(answers):
        np.copyto(codes, names.index(name), where=held)
    return pd.Categorical.from_codes(codes, pd.Index(names))


def missing_names(
    flags: Mapping[str, NDArray[np.bool_]], verdict: pd.Categorical[Any]
) -> pd.Categorical[Any]:
    """Names of the flags that are up, joined by ", ", of each undetermined row; nothing is asked for of the others.

    Examples
    --------
    >>> verdict = pd.Categorical(["undetermined", "undetermined", "no"])
    >>> missing_names({"a": np.array([True, False, True]), "b": np.array([True, True, True])}, verdict).tolist()
    ['a, b', 'b', '']
    """
    bits = np.zeros(len(verdict), dtype=np.int16)
    at = np.flatnonzero(verdict == "undetermined")
    for place, flag in enumerate(flags.values()):
        bits[at] |= flag[at].astype(np.int16) << place
    joined = [
        ", ".join(name for place, name in enumerate(flags) if each >> place & 1)
        for each in range(1 << len(flags))
    ]
    return pd.Categorical.from_codes(bits, pd.Index(joined))


def sentences(
    patterns: Mapping[str, str],
    case: pd.Categorical,
    missing: pd.Categorical,
    values: Mapping[str, Text],
) -> Callable[[NDArray[np.intp]], pd.DataFrame]:
    """A `parkgeo.assess.judged.Judged`'s ``reasons``: a sentence by the case, and what is missing."""

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        told = {}
        own, asked = (np.asarray(texts[at], dtype=object) for texts in (case, missing))
        for lang in LANGUAGES:
            texts = compose(patterns, own, lang, **{name: text(at, lang) for name, text in values.items()})
            told[lang] = ask(np.array(texts, dtype=object), asked, ASKED, lang)
        return pd.DataFrame(told, dtype=object)

    return reasons


def answered(
    code: str,
    figure: Figure,
    standing: Standing,
    verdict: pd.Categorical,
    *,
    case: pd.Categorical,
    observed: NDArray[np.float64],
    threshold: NDArray[np.float64] | float,
    missing: pd.Categorical,
    reasons: Callable[[NDArray[np.intp]], pd.DataFrame],
    told: Sequence[Callable[[int], list[dict[str, Any]]]],
    since: NDArray[np.datetime64] | None = None,
) -> Judged:
    """A class's answer in the form that all rules have; see `parkgeo.assess.judged.Judged`."""
    table = verdict_table(
        verdict, standing.parcels.index,
        observed=observed, threshold=threshold, case=case, missing=missing, since=since,
    )  # fmt: skip
    return Judged(code, figure, table, reasons, lambda at: [line for tell in told for line in tell(at)])


def cells(
    contracts: pd.DataFrame, *names: str, asked: Sequence[str] = ()
) -> Callable[[int], list[dict[str, Any]]]:
    """Evidence: cells of the ledger's row, and of the fields asked for those that the ledger does not have."""
    there = [name for name in names if name in contracts]
    # Columns as they stand: of most parcels no cell is ever asked for.
    columns = {
        name: _held(contracts[name]) for name in (*there, "source_file", "source_row") if name in contracts
    }
    once = (contracts["entries"] == 1).to_numpy()

    def tell(at: int) -> list[dict[str, Any]]:
        if not once[at]:
            return []
        where = (
            {"file": str(columns["source_file"][at]), "row": int(columns["source_row"][at])}
            if "source_file" in columns
            else {}
        )
        return [{"what": name, "value": _plain(columns[name][at]), **where} for name in there] + [
            {"what": f"absent:{name}", "value": None} for name in asked if name not in columns
        ]

    return tell


def metrics(parcels: pd.DataFrame, *names: str) -> Callable[[int], list[dict[str, Any]]]:
    """Evidence: metrics of the parcel, missing ones as null."""
    columns = {name: _held(parcels[name]) for name in names if name in parcels}
    return lambda at: [{"what": name, "value": _plain(column[at])} for name, column in columns.items()]


def _held(column: pd.Series[Any]) -> Any:
    """A column's values, not copied: numbers and days as numpy has them, of which a cell is taken at once."""
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _plain(value: Any) -> object:
    """A cell as a JSON value: dates as text, missing as null, numbers without the noise of arithmetic."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, float | np.floating):
        whole = float(value)
        return int(whole) if whole.is_integer() else round(whole, _PLAIN_DIGITS)
    if isinstance(value, int | np.integer):
        return int(value)
    return str(value)[:10] if isinstance(value, pd.Timestamp | np.datetime64) else value
