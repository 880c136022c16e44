"""Rows as a person reads them: codes in words, figures with as many decimals as their unit bears."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from parkgeo.export.cells import plain_value
from parkgeo.export.titles import code_word, entry, field_names, spell_fields
from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["first_columns", "worded"]

_DIGITS = {"m2": 1, "day": 0, "year": 1, "1": 3, "": 3, "kWp": 0}
"""Most decimals of a unit; two of every other, as in the reports."""

_DEGREES = frozenset({"lon", "lat", "longitude", "latitude"})
"""Places on the globe, of which two decimals are a kilometre."""

_SCORED = "{what} {value} ({low} to {high}: {points} points)"
_IDLE = {"yes": "Suspected idle", "no": "Not idle", "undetermined": "Undetermined"}
_FLAGS = {True: "Yes", False: "No"}


def worded(snapshot: Snapshot, table: str, frame: pd.DataFrame, *, lang: str) -> pd.DataFrame:
    """Rows of a table with words for codes and figures rounded; days, texts and numbers stay what they are.

    Parameters
    ----------
    snapshot
        By whose catalogue they are said.
    table
        The table that the rows are of.
    frame
        The rows.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; geometry is as it was. A code that nobody has words for stays.
    """
    columns = [str(name) for name in frame.columns if name != "geometry"]
    return frame.assign(**{name: _column(snapshot, table, frame[name], lang) for name in columns})


def first_columns(frame: pd.DataFrame, first: tuple[str, ...]) -> pd.DataFrame:
    """The same table with some columns before all others.

    Examples
    --------
    >>> import pandas as pd
    >>> list(first_columns(pd.DataFrame(columns=["a", "b", "c"]), ("c", "a")))
    ['c', 'a', 'b']
    """
    # A column that the caller's choice left out stays out.
    there = [name for name in dict.fromkeys(first) if name in frame.columns]
    return frame[[*there, *(name for name in frame.columns if name not in there)]]


def _column(snapshot: Snapshot, table: str, values: pd.Series[Any], lang: str) -> pd.Series[Any]:
    import pandas as pd

    name, about = str(values.name), entry(snapshot, table, str(values.name))
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    if pd.api.types.is_float_dtype(values.dtype):
        return values if name in _DEGREES else values.round(_DIGITS.get(str(about["unit"] or ""), 2))
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return values
    known: dict[Any, Any] = {}
    for value in map(plain_value, values):
        if value not in known:
            known[value] = _said(snapshot, table, name, value, lang)
    return pd.Series([known[plain_value(value)] for value in values], index=values.index, dtype=object)


def _named(snapshot: Snapshot, table: str, name: str, value: str, lang: str) -> str:
    """What is missing, or speaks for it, by the titles that the catalogue lists for the column; else by those of fields."""
    if not entry(snapshot, table, name).get("codes"):
        return spell_fields(snapshot, field_names(value), lang) if name == "missing" else value
    if name == "evidence":
        return _evidence(snapshot, table, value, lang)
    words = (code_word(snapshot, table, name, one, lang) for one in field_names(value))
    return ("、" if lang == "zh" else ", ").join(words)


def _evidence(snapshot: Snapshot, table: str, value: str, lang: str) -> str:
    """Lines of evidence that are indicators with their value, bounds and points; those that are not known are left to ``missing``."""
    told = [
        say(
            _SCORED, lang, what=code_word(snapshot, table, "evidence", str(line["what"]), lang),
            **{name: figure(line[name], lang, digits=3) for name in ("value", "low", "high")},
            points=figure(line["points"], lang, digits=0),
        )
        for line in json.loads(value)
        if line.get("value") is not None
    ]  # fmt: skip
    return ("；" if lang == "zh" else "; ").join(told)


def _said(snapshot: Snapshot, table: str, name: str, value: Any, lang: str) -> Any:
    """One value of a column that holds no figures."""
    if isinstance(value, bool):
        return say(_FLAGS[value], lang)
    if not isinstance(value, str):
        return value
    if name == "idle" and value in _IDLE:
        return say(_IDLE[value], lang)
    about = entry(snapshot, table, name)
    if name in ("missing", "evidence"):
        return _named(snapshot, table, name, value, lang)
    is_code = about["type"] in ("code", "verdict") or name in snapshot.findings_catalogue
    # What has other signs than a code is a user's own text, or a class of a standard such as 0601 or C26.
    if is_code and (
        value in (about.get("codes") or {}) or (value.replace("_", "").isalpha() and value.islower())
    ):
        return code_word(snapshot, table, name, value, lang)
    return value
