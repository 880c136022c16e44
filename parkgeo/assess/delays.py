"""Government delays as dated intervals: days on which a parcel's clock stands still.

A delay is **certain** where it is proven: its first day is known, its cause is one that the packs list and, where the packs
ask for it, a document stands beside it. What is claimed and not proven, or cannot be placed in time, is **possible**: it
neither clears the land nor counts for nothing. A verdict that differs between the two waits for what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.attached import attached
from parkgeo.assess.calendar import anniversary
from parkgeo.assess.contracts import codes, dates, unreadable

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from parkgeo.assess.attached import Attached
    from parkgeo.packs import RuleBook

__all__ = ["ENDLESS", "RUNNING", "Spans", "Stops", "no_stops", "read_delays", "stopped_days"]

ENDLESS = 1_000_000
"""The day, since 1970-01-01, that stands for the end of a delay that still runs: no verdict looks so far ahead."""

RUNNING = ENDLESS // 2
"""More days of delay than these: the clock stands still on the day of judgement."""

_FIRST, _LAST = -ENDLESS, ENDLESS
_BITS = (("document", 1), ("cause", 2), ("from_on", 4), ("to_on", 8))


@dataclass(frozen=True)
class Spans:
    """Days of delay, overlaps counted once: per parcel apart from each other and in the order of time.

    Attributes
    ----------
    parcel
        Position of the parcel.
    begins, ends
        First day, and first day after, as days since 1970-01-01; `ENDLESS` where the delay still runs.
    rank
        The how-manieth of its parcel.
    """

    parcel: NDArray[np.intp]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    rank: NDArray[np.int64]

    def moved(self, place: NDArray[np.intp]) -> Spans:
        """The same with each parcel at another position; without those of a parcel that has none, -1."""
        parcel = place[self.parcel]
        kept = parcel >= 0
        return Spans(parcel[kept], self.begins[kept], self.ends[kept], self.rank[kept])


@dataclass(frozen=True)
class Stops:
    """What the delays say of each parcel.

    Attributes
    ----------
    certain, possible
        Days that are proven; those and all that are claimed.
    dated
        Whether a parcel has any dated delay; the ledger's number of days then no longer counts.
    proven_days
        Days of the certain delays up to the day of judgement, overlaps once.
    asks
        What would prove the claims, as bits of document 1, cause 2, from_on 4, to_on 8.
    running_since, running_cause
        First day and cause of a certain delay that runs on the day of judgement.
    rows
        The layer's rows, with ``at``: the parcel's position, in its order.
    """

    certain: Spans
    possible: Spans
    dated: NDArray[np.bool_]
    proven_days: NDArray[np.int64]
    asks: NDArray[np.int64]
    running_since: NDArray[np.datetime64]
    running_cause: NDArray[np.object_]
    rows: pd.DataFrame

    def of(self, at: NDArray[np.intp]) -> Stops:
        """What the delays say of some of the parcels, given by their positions in rising order."""
        place = np.full(len(self.dated), -1)
        place[at] = np.arange(len(at))
        row = place[self.rows["at"].to_numpy(dtype=np.intp)]
        return Stops(
            self.certain.moved(place), self.possible.moved(place), self.dated[at], self.proven_days[at], self.asks[at],
            self.running_since[at], self.running_cause[at], self.rows[row >= 0].assign(at=row[row >= 0]),
        )  # fmt: skip

    def asked(self) -> dict[str, NDArray[np.bool_]]:
        """Fields of the delays that would prove what is claimed → the parcels that want them."""
        return {name: (self.asks & bit) > 0 for name, bit in _BITS}

    def rows_of(self, at: int) -> range:
        """Places, in ``rows``, of the rows of the parcel at a place."""
        return range(self._bounds[at], self._bounds[at + 1])

    @cached_property
    def _bounds(self) -> NDArray[np.intp]:
        """Where the rows of each parcel begin."""
        place = self.rows["at"].to_numpy(dtype=np.intp)
        return np.searchsorted(place, np.arange(len(self.dated) + 1))


def no_stops(count: int) -> Stops:
    """No dated delay for any of a number of parcels."""
    empty = np.empty(0, dtype=np.int64)
    spans = Spans(empty.astype(np.intp), empty, empty, empty)
    none = np.zeros(count, dtype=np.int64)
    return Stops(
        spans, spans, none.astype(bool), none, none,
        np.full(count, np.datetime64("NaT"), dtype="datetime64[D]"), np.full(count, "", dtype=object),
        pd.DataFrame({"at": empty, "source_file": [], "source_row": []}),
    )  # fmt: skip


def read_delays(
    parcels: pd.DataFrame, delays: pd.DataFrame | Attached | None, rules: RuleBook, as_of: dt.date
) -> Stops:
    """Dated delays of each parcel.

    Parameters
    ----------
    parcels
        ``parcel_id``, each once.
    delays
        ``parcel_id``, ``from_on``, ``to_on``, ``cause``, ``document`` as far as there are, and ``unreadable``. None: no
        such layer. A parcel may have many rows, and they may overlap. With the parcels looked up already or not.
    rules
        The packs in force: ``idle.delay_causes``, ``idle.exempt_causes``, ``idle.delay_needs_document``.
    as_of
        The day of judgement. A delay that begins later has not happened; one that ends later still runs.

    Returns
    -------
    Stops

    Notes
    -----
    Both the first and the last day count: 1 May to 1 May is one day. A blank ``to_on`` in a column that is there says that
    the delay still runs; a column that is not there, or a cell that could not be read, leaves the end open to question. A
    first day after the last, or none, leaves open how long the delay was: it counts as possible without bound.
    """
    if delays is None:
        return no_stops(len(parcels))
    found = attached(delays, parcels)
    if found.rows.empty:
        return no_stops(len(parcels))
    order = np.argsort(found.place, kind="stable")
    order = order[found.place[order] >= 0]
    place = found.place[order]
    rows = found.rows.iloc[order].assign(at=place)
    day = np.datetime64(as_of, "D")
    begins, ends = dates(rows, "from_on"), dates(rows, "to_on")
    happened = ~(begins > day)
    ended_known = ~np.isnat(ends)
    end_open = ~ended_known & ("to_on" in rows) & ~unreadable(rows, "to_on")
    contradictory = begins > ends
    no_begin = np.isnat(begins) | contradictory
    no_end = ~(ended_known | end_open) | contradictory
    cause_known = pd.Series(codes(rows, "cause"), dtype=object).isin(_listed(rules)).to_numpy()
    needs = rules.get("idle.delay_needs_document")
    documented = (codes(rows, "document") != "") | (needs is not None and not needs.flag())
    certain = happened & ~no_begin & ~no_end & cause_known & documented
    from_day = np.where(no_begin, _FIRST, begins.astype(np.int64))
    after_day = np.where(no_end | end_open | (ends > day), _LAST, ends.astype(np.int64) + 1)
    asks = ~documented * 1 + ~cause_known * 2 + no_begin * 4 + (no_end | contradictory) * 8
    count = len(parcels)
    asked = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(asked, place[happened], asks[happened])
    dated = np.zeros(count, dtype=bool)
    dated[place[happened]] = True
    running_since, running_cause = _running(place, from_day, after_day, codes(rows, "cause"), certain, count)
    proven = _union(place[certain], from_day[certain], after_day[certain])
    today = int(day.astype(np.int64)) + 1
    return Stops(
        proven,
        _union(place[happened], from_day[happened], after_day[happened]),
        dated,
        _sum_at(proven.parcel, np.minimum(proven.ends, today) - proven.begins, count),
        asked,
        running_since,
        running_cause,
        rows,
    )


def _listed(rules: RuleBook) -> list[str]:
    figures = (rules.get("idle.delay_causes"), rules.get("idle.exempt_causes"))
    return [cause for figure in figures if figure for cause in figure.texts()]


def _sum_at(place: NDArray[np.intp], values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, place, values)
    return total


def _running(
    place: NDArray[np.intp],
    from_day: NDArray[np.int64],
    after_day: NDArray[np.int64],
    cause: NDArray[np.object_],
    certain: NDArray[np.bool_],
    count: int,
) -> tuple[NDArray[np.datetime64], NDArray[np.object_]]:
    """First day and cause of the earliest certain delay that still runs."""
    since = np.full(count, np.datetime64("NaT"), dtype="datetime64[D]")
    causes = np.full(count, "", dtype=object)
    open_rows = np.flatnonzero(certain & (after_day == _LAST))
    latest_first = open_rows[np.argsort(-from_day[open_rows], kind="stable")]
    since[place[latest_first]] = from_day[latest_first].astype("datetime64[D]")
    causes[place[latest_first]] = cause[latest_first]
    return since, causes


def _union(place: NDArray[np.intp], begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Spans:
    """Overlapping and touching intervals of a parcel joined."""
    order = np.lexsort((begins, place))
    place, begins, ends = place[order], begins[order], ends[order]
    # The latest end so far within the parcel: parcels are kept apart by more than any end.
    apart = place.astype(np.int64) * (4 * ENDLESS)
    reached = np.maximum.accumulate(apart + ends) - apart if len(place) else ends
    fresh = np.ones(len(place), dtype=bool)
    fresh[1:] = (place[1:] != place[:-1]) | (begins[1:] > reached[:-1])
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(place)) - 1 if len(first) else first
    own = place[first]
    of_parcel = np.searchsorted(own, own)
    return Spans(own, begins[first], reached[last], np.arange(len(own), dtype=np.int64) - of_parcel)


def stopped_days(
    spans: Spans, start: NDArray[np.datetime64], earliest: NDArray[np.datetime64], years: int
) -> NDArray[np.int64]:
    """Days on which each parcel's clock stands still before its full years are over.

    Parameters
    ----------
    spans
        Delays.
    start
        datetime64[D]: the day from which the years count; NaT where there is none.
    earliest
        datetime64[D]: delay before this day does not count; NaT is as ``start``.
    years
        Full years.

    Returns
    -------
    numpy.ndarray
        Days ≥ 0 for each parcel; more than `RUNNING` where a delay that still runs stops the clock; 0 without a start.

    Notes
    -----
    The delays are gone through in the order of time. One that begins before the day on which the years would be full by
    the delays so far adds its days, and that day moves; one that begins on that day or later changes nothing any more.

    Examples
    --------
    A year from 2024-01-01 is full on 2025-01-01. A delay of ten days in December moves that to 2025-01-11, so one of
    2025-01-05 counts too, and one of 2025-02-01 does not.

    >>> days = [np.datetime64(day).astype(int) for day in ("2024-12-01", "2025-01-05", "2025-02-01")]
    >>> spans = Spans(np.zeros(3, int), np.array(days), np.array(days) + [10, 1, 5], np.arange(3))
    >>> day = np.array(["2024-01-01"], dtype="datetime64[D]")
    >>> stopped_days(spans, day, day, 1).tolist()
    [11]
    """
    total = np.zeros(len(start), dtype=np.int64)
    floor = np.where(np.isnat(earliest), start, earliest).astype("datetime64[D]").astype(np.int64)
    by_rank = np.argsort(spans.rank, kind="stable")
    bounds = np.cumsum(np.bincount(spans.rank, minlength=1))
    for low, high in zip([0, *bounds[:-1].tolist()], bounds.tolist(), strict=True):
        rows = by_rank[low:high]
        parcel = spans.parcel[rows]
        full = anniversary(start[parcel] + total[parcel].astype("timedelta64[D]"), years)
        begins = np.maximum(spans.begins[rows], floor[parcel])
        counts = ~np.isnat(full) & (begins < full.astype(np.int64)) & (spans.ends[rows] > begins)
        total[parcel[counts]] += spans.ends[rows][counts] - begins[counts]
    return total
