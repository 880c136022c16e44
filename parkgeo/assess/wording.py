"""Sentences for many rows at once: by case, from columns of texts."""

from __future__ import annotations

import string
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.i18n import messages
from parkgeo.layers import schema, schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from parkgeo.layers import Field, LayerSchema

    _Column = Sequence[object] | NDArray[np.object_] | Callable[[NDArray[np.intp]], Sequence[object]]

__all__ = [
    "among", "ask", "compose", "date_text", "date_texts", "days_of", "field_names", "figure_texts", "figures_of", "listed", "remembered", "taken",
]  # fmt: skip

_ASK = {"": "{sentence} Missing: {fields}."}


def compose(
    patterns: Mapping[str, str],
    case: Sequence[str] | NDArray[np.object_],
    lang: str,
    **columns: _Column,
) -> list[str]:
    """A sentence for each row by its case, filled from columns.

    Parameters
    ----------
    patterns
        Case → English sentence with ``{name}`` where a value goes; the keys of the message catalogue.
    case
        Of each row.
    lang
        ``zh`` or ``en``.
    **columns
        Name → a text for each row, as long as ``case``; or a function of positions that gives the texts of those rows, called
        only for rows whose sentence has that gap.

    Returns
    -------
    list of str

    Examples
    --------
    >>> compose({"a": "{n} parcels", "b": "none"}, ["b", "a"], "en", n=["", "2"])
    ['none', '2 parcels']
    """
    fill = {name: _filler(name, values, len(case)) for name, values in columns.items()}
    found = np.empty(len(case), dtype=object)
    codes, keys = pd.factorize(np.asarray(case, dtype=object))
    for code, key in enumerate(keys):
        rows = np.flatnonzero(codes == code)
        template, names = _template(messages(lang).get(patterns[str(key)], patterns[str(key)]))
        # The patterns are ours; a user's text only ever fills a gap in one.
        if len(names) == 1:  # days, mostly: few different ones
            place, values = pd.factorize(fill[names[0]](rows))
            found[rows] = np.array([template % (value,) for value in values], dtype=object)[place]
        elif names:
            several = zip(*(fill[name](rows) for name in names), strict=True)
            found[rows] = [template % row for row in several]
        else:
            found[rows] = template % ()
    return found.tolist()


def _filler(
    name: str,
    values: _Column,
    count: int,
) -> Callable[[NDArray[np.intp]], NDArray[np.object_]]:
    if callable(values):
        return lambda rows: np.asarray(values(rows), dtype=object)
    if len(values) != count:
        raise ValueError(f"{name} must have as many texts as there are rows: {count}, not {len(values)}")
    whole = np.asarray(values, dtype=object)
    return lambda rows: whole[rows]


@cache
def _template(pattern: str) -> tuple[str, tuple[str, ...]]:
    """A sentence with ``%s`` where its values go, and their names in order."""
    parts = list(string.Formatter().parse(pattern))
    template = "".join(text.replace("%", "%%") + ("" if name is None else "%s") for text, name, _, _ in parts)
    return template, tuple(name for _, name, _, _ in parts if name is not None)


def among(values: NDArray[np.object_], names: Iterable[str]) -> NDArray[np.bool_]:
    """Where a text is one of these: each different text is compared once."""
    codes, keys = pd.factorize(values)
    wanted = set(names)
    held = np.array([key in wanted for key in keys], dtype=bool)
    return held[codes] if len(held) else np.zeros(len(values), dtype=bool)


def remembered(
    words: Callable[[NDArray[np.intp]], pd.DataFrame], count: int
) -> Callable[[NDArray[np.intp]], pd.DataFrame]:
    """The same sentences: once they were asked for all of so many rows, in order, later answers are taken from those."""
    every: list[pd.DataFrame] = []

    def answer(at: NDArray[np.intp]) -> pd.DataFrame:
        if every:
            return every[0].iloc[at].reset_index(drop=True)
        found = words(at)
        if len(at) == count and np.array_equal(at, np.arange(count)):
            every.append(found)
        return found

    return answer


def listed(wanted: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.object_]:
    """Names whose mask holds, joined by ", ", for each row; each combination is joined once.

    Examples
    --------
    >>> listed({"a": np.array([True, False]), "b": np.array([True, True])}).tolist()
    ['a, b', 'b']
    """
    names = list(wanted)
    bits = sum((mask.astype(np.int64) << at for at, mask in enumerate(wanted.values())), start=np.int64(0))
    combinations, place = np.unique(bits, return_inverse=True)
    texts = [
        ", ".join(name for at, name in enumerate(names) if bits >> at & 1) for bits in combinations.tolist()
    ]
    return np.array(texts, dtype=object)[place]


def date_texts(values: NDArray[np.datetime64]) -> list[str]:
    """Days as texts; a dash where there is none. Each day is written once."""
    place, days = pd.factorize(values.astype("datetime64[D]").astype(np.int64))
    texts = np.asarray(days).astype("datetime64[D]").astype(str)
    written: list[str] = np.where(texts == "NaT", "—", texts).astype(object)[place].tolist()
    return written


def figure_texts(values: NDArray[np.float64], lang: str, *, digits: int = 1) -> list[str]:
    """Numbers as a reader of the language writes them; a dash where one is missing.

    As `parkgeo.i18n.figure` for each, a hundred times as fast: both languages group by commas and have a decimal point.
    """
    del lang
    place, numbers = pd.factorize(np.asarray(values, dtype=float))
    written = [_shorn(f"{round(number, digits) + 0.0:,.{digits}f}", digits) for number in numbers.tolist()]
    # The last stands for what is missing, which pandas numbers -1.
    found: list[str] = np.array([*written, "—"], dtype=object)[place].tolist()
    return found


def days_of(values: NDArray[np.datetime64]) -> Callable[[NDArray[np.intp]], list[str]]:
    """Days as a column for `compose`: only those that a sentence has a gap for are written."""
    return lambda rows: date_texts(values[rows])


def figures_of(
    values: NDArray[np.float64], lang: str, *, digits: int = 0
) -> Callable[[NDArray[np.intp]], list[str]]:
    """Numbers as a column for `compose`: only those that a sentence has a gap for are written."""
    return lambda rows: figure_texts(values[rows], lang, digits=digits)


def _shorn(text: str, digits: int) -> str:
    return text.rstrip("0").rstrip(".") if digits else text


def ask(
    sentences: NDArray[np.object_], missing: NDArray[np.object_], layers: Sequence[str], lang: str
) -> NDArray[np.object_]:
    """Sentences with what is missing behind them, by the titles of the fields in the first of the layers that has one."""
    place, names = pd.factorize(missing)
    titles = np.array([field_names(each, layers, lang) for each in names], dtype=object)
    wanted = np.flatnonzero(np.array([each != "" for each in names], dtype=bool)[place])
    found = sentences.copy()
    found[wanted] = compose(
        _ASK, [""] * len(wanted), lang, sentence=sentences[wanted], fields=titles[place[wanted]]
    )
    return found


def taken(frame: pd.DataFrame, at: NDArray[np.intp], names: Iterable[str]) -> pd.DataFrame:
    """Some columns of a frame, those that are there, at positions; not copied where the positions are all rows in order."""
    own = frame[[name for name in names if name in frame]]
    return own if np.array_equal(at, np.arange(len(frame))) else own.iloc[at]


def date_text(value: Any) -> str:
    """A day as text; a dash where there is none."""
    stamp = pd.Timestamp(value) if value is not None else pd.NaT
    return "—" if pd.isna(stamp) else stamp.strftime("%Y-%m-%d")


def field_names(names: str, layers: Sequence[str], lang: str) -> str:
    """Titles of fields named in a comma-separated list, in the first of the layers that has each; or of a layer so named.

    Examples
    --------
    >>> field_names("actual_start, buildings", ["supply"], "en")
    'Actual start, Buildings'
    """
    known: dict[str, Field | LayerSchema] = dict(schemas())
    known |= {name: field for layer in reversed(layers) for name, field in schema(layer).fields.items()}
    titles = [getattr(known[name], lang) if name in known else name for name in names.split(", ") if name]
    return ("、" if lang == "zh" else ", ").join(titles)
