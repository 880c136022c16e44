"""Sentences and evidence of the classes: composed only for the parcels that have a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from parkgeo.assess.judged import Judged
from parkgeo.assess.wording import ask, compose, date_texts, figure_texts
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.assess.states.standing import Standing
    from parkgeo.packs import Figure

Text: TypeAlias = "Callable[[NDArray[np.intp], str], list[str]]"
"""Positions and language → a text for each."""

__all__ = ["ASKED", "Text", "answered", "cells", "day", "metrics", "missing_names", "number", "sentences"]

ASKED = ("supply", "parcels", "occupancy", "performance", "enterprises", "buildings")
"""Layers in which a field to ask for is looked up for its title."""
_PLAIN_DIGITS = 6


def number(values: NDArray[np.float64], digits: int = 1) -> Text:
    """Numbers as texts."""
    return lambda at, lang: figure_texts(values[at], lang, digits=digits)


def day(values: NDArray[np.datetime64]) -> Text:
    """Days as texts."""
    return lambda at, _lang: date_texts(values[at])


def missing_names(flags: Mapping[str, NDArray[np.bool_]], rows: int) -> NDArray[np.object_]:
    """Names of the flags that are up in each row, joined by ", "; each combination is joined once.

    Examples
    --------
    >>> missing_names({"a": np.array([True, False]), "b": np.array([True, True])}, 2).tolist()
    ['a, b', 'b']
    """
    bits = np.zeros(rows, dtype=np.int64)
    for place, flag in enumerate(flags.values()):
        bits |= flag.astype(np.int64) << place
    joined = [
        ", ".join(name for place, name in enumerate(flags) if each >> place & 1)
        for each in range(1 << len(flags))
    ]
    return np.array(joined, dtype=object)[bits]


def sentences(
    patterns: Mapping[str, str],
    case: NDArray[np.object_],
    missing: NDArray[np.object_],
    values: Mapping[str, Text],
) -> Callable[[NDArray[np.intp]], pd.DataFrame]:
    """A `parkgeo.assess.judged.Judged`'s ``reasons``: a sentence by the case, and what is missing."""

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        told = {}
        for lang in LANGUAGES:
            texts = compose(
                patterns, case[at], lang, **{name: text(at, lang) for name, text in values.items()}
            )
            told[lang] = ask(np.array(texts, dtype=object), missing[at], ASKED, lang)
        return pd.DataFrame(told, dtype=object)

    return reasons


def answered(
    code: str,
    figure: Figure,
    standing: Standing,
    verdict: NDArray[np.object_],
    *,
    case: NDArray[np.object_],
    observed: NDArray[np.float64],
    threshold: NDArray[np.float64] | float,
    missing: NDArray[np.object_],
    reasons: Callable[[NDArray[np.intp]], pd.DataFrame],
    told: Sequence[Callable[[int], list[dict[str, Any]]]],
    since: NDArray[np.datetime64] | None = None,
    verified: NDArray[np.bool_] | bool = True,
) -> Judged:
    """A class's answer in the form that all rules have; see `parkgeo.assess.judged.Judged`."""
    index = standing.parcels.index
    nothing = np.full(len(index), np.datetime64("NaT"), dtype="datetime64[s]")
    table = pd.DataFrame(
        {
            "verdict": pd.Series(verdict, index=index, dtype=object),
            "case": pd.Series(case, index=index, dtype=object),
            "observed": observed,
            "threshold": threshold,
            "since": nothing if since is None else since.astype("datetime64[s]"),
            "verified": verified,
            "missing": pd.Series(np.where(verdict == "undetermined", missing, ""), index=index, dtype=object),
        },
        index=index,
    )
    return Judged(code, figure, table, reasons, lambda at: [line for tell in told for line in tell(at)])


def cells(
    contracts: pd.DataFrame, *names: str, asked: Sequence[str] = ()
) -> Callable[[int], list[dict[str, Any]]]:
    """Evidence: cells of the ledger's row, and of the fields asked for those that the ledger does not have."""
    there = [name for name in names if name in contracts]
    # Columns as they stand: of most parcels no cell is ever asked for.
    columns = {
        name: contracts[name].array for name in (*there, "source_file", "source_row") if name in contracts
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
    columns = {name: parcels[name].array for name in names if name in parcels}
    return lambda at: [{"what": name, "value": _plain(column[at])} for name, column in columns.items()]


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
