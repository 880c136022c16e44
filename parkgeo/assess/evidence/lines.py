"""One line of evidence: what it says of every parcel, by which figure, of which day, from which row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.all_parcels import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "CANNOT_SAY",
    "IDLE",
    "IN_USE",
    "LINES",
    "SAYS",
    "Line",
    "choose",
    "column",
    "months_ago",
    "months_later",
    "no_days",
    "one_day",
    "one_number",
    "said",
    "texts",
]

CANNOT_SAY, IDLE, IN_USE = np.int8(0), np.int8(1), np.int8(2)
SAYS = ("cannot_say", "idle", "in_use")
"""What a line says, by number."""

LINES = ("contract", "permit", "buildings", "imagery", "electricity", "water", "output")
"""All lines, in the order in which they are shown."""


@dataclass(frozen=True)
class Line:
    """One line's answer for all parcels.

    Attributes
    ----------
    name
        One of `LINES`.
    says
        `CANNOT_SAY`, `IDLE` or `IN_USE` of each parcel, int8.
    case
        Why: a key of the line's notes in `parkgeo.assess.evidence.notes.NOTES`.
    figure
        What was measured or counted, in ``unit``; NaN where there is none.
    unit
        Of the figure.
    day
        To which the figure belongs, datetime64[D]; NaT where none is known.
    firm
        Whether what it says may contradict another line: not where it says so by inference only.
    numbers
        What else the notes tell: name → value of each parcel and decimals.
    days
        The same for days.
    source_file, source_row
        Where the figure stands; None and NaN where it is computed from several rows.
    """

    name: str
    says: NDArray[np.int8]
    case: pd.Categorical
    figure: NDArray[np.float64]
    unit: str
    day: NDArray[np.datetime64]
    firm: NDArray[np.bool_]
    numbers: Mapping[str, tuple[NDArray[np.float64], int]] = field(default_factory=dict)
    days: Mapping[str, NDArray[np.datetime64]] = field(default_factory=dict)
    source_file: pd.Categorical | None = None
    source_row: NDArray[np.float64] | None = None


def choose(
    count: int, answers: Sequence[tuple[NDArray[np.bool_], str, np.int8]], otherwise: tuple[str, np.int8]
) -> tuple[pd.Categorical, NDArray[np.int8]]:
    """Case and answer of each parcel: the first whose condition holds.

    Parameters
    ----------
    count
        Of parcels.
    answers
        Condition, case, what the line then says; the first that holds counts.
    otherwise
        Case and answer where none holds.

    Returns
    -------
    tuple
        ``case`` and ``says``.
    """
    at = np.full(count, len(answers), dtype=np.int8)
    for place in range(len(answers) - 1, -1, -1):
        np.copyto(at, place, where=answers[place][0])
    cases = [*(case for _, case, _ in answers), otherwise[0]]
    says = np.array([*(each for _, _, each in answers), otherwise[1]], dtype=np.int8)
    return words_of(at, cases), says[at]


def column(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column of numbers; NaN where it is not there."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=float)


def no_days(count: int) -> NDArray[np.datetime64]:
    """No day known of any parcel."""
    return one_day(count, np.datetime64("NaT", "D"))


def one_day(count: int, day: np.datetime64) -> NDArray[np.datetime64]:
    """The same day of every parcel; it stands in memory once."""
    return np.broadcast_to(day.astype("datetime64[D]"), count)


def one_number(count: int, value: float) -> NDArray[np.float64]:
    """The same number of every parcel; it stands in memory once."""
    return np.broadcast_to(np.float64(value), count)


def months_later(days: NDArray[np.datetime64], months: int) -> NDArray[np.datetime64]:
    """The same day of the month a number of months later, or that month's last day where it has no such day.

    Examples
    --------
    >>> months_later(np.array(["2025-08-31", "2025-02-10"], dtype="datetime64[D]"), 6).astype(str).tolist()
    ['2026-02-28', '2025-08-10']
    """
    month = days.astype("datetime64[M]")
    target = month + np.timedelta64(months, "M")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    later: NDArray[np.datetime64] = np.minimum(
        target.astype("datetime64[D]") + (days - month.astype("datetime64[D]")), last
    )
    return later


def months_ago(day: np.datetime64, months: int) -> np.datetime64:
    """The latest day from which a number of months had passed on a day.

    Examples
    --------
    >>> str(months_ago(np.datetime64("2026-06-30"), 12)), str(months_ago(np.datetime64("2026-02-28"), 6))
    ('2025-06-30', '2025-08-31')
    """
    month = day.astype("datetime64[M]") - np.timedelta64(months, "M")
    last = (month + np.timedelta64(1, "M")).astype("datetime64[D]")
    days = np.arange(month.astype("datetime64[D]") - np.timedelta64(1, "D"), last)
    found: np.datetime64 = days[months_later(days, months) <= day][-1]
    return found


def said(says: NDArray[np.int8], judged: NDArray[np.bool_], index: pd.Index) -> pd.Series:
    """What a line says as a column of texts; None where the parcel is not judged."""
    return texts(np.where(judged, says, -1), SAYS, index)


def texts(codes: NDArray[np.integer], words: Sequence[str], index: pd.Index) -> pd.Series:
    """Words by number as a column of texts; None where the number is -1."""
    chosen = pd.array(list(words), dtype="str").take(codes, allow_fill=True)
    return pd.Series(chosen, index=index, copy=False)
