"""Relations of times: which rows' points in time or intervals lie so and so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.store.cql2_times import OPEN
from parkgeo.store.cql2_words import TEMPORAL
from parkgeo.store.where_columns import Values
from parkgeo.store.where_values import NOUNS, Truth, as_days, compare, instant

if TYPE_CHECKING:
    from parkgeo.store.where_columns import Columns

__all__ = ["related"]

_FAR = 1 << 62
"""Microseconds, or days, before or after every point in time."""


def related(columns: Columns, op: str, args: list[Any]) -> Truth:
    """Where a relation of two times holds.

    Where a whole day is written on either side, everything is compared as days, in UTC; else as points in time. A row
    with a missing end is unknown as far as that end decides.

    Parameters
    ----------
    columns
        Of the table.
    op
        One of `parkgeo.store.cql2_words.TEMPORAL`.
    args
        Two nodes: a column of times, a point in time, or an interval.

    Raises
    ------
    FilterError
        A column is not there, or holds no times.
    """
    if op == "t_disjoint":
        return ~related(columns, "t_intersects", args)
    sides = [dict(zip(("begin", "end"), _ends(columns, op, arg), strict=True)) for arg in args]
    whole_days = any(end.kind == "day" for side in sides for end in side.values())
    if whole_days:
        sides = [{which: as_days(end) for which, end in side.items()} for side in sides]
    holds = [
        compare(sign, *(_bounded(end, whole_days=whole_days) for end in (sides[0][first], sides[1][second])))
        for first, sign, second in TEMPORAL[op]
    ]
    result = holds[0]
    for part in holds[1:]:
        result &= part
    return result


def _ends(columns: Columns, op: str, node: Any) -> tuple[Values, Values]:
    if "interval" in node:
        begin, end = node["interval"]
        return _end(columns, op, begin, -_FAR), _end(columns, op, end, _FAR)
    found = _end(columns, op, node, 0) if "property" in node else instant(next(iter(node.values())))
    return found, found


def _end(columns: Columns, op: str, node: Any, beyond: int) -> Values:
    import numpy as np

    if node == OPEN:
        return Values("open", beyond, np.True_, OPEN)
    if isinstance(node, str):
        return instant(node)
    found = columns[node["property"]]
    if found.kind not in {"time", "nothing"}:
        raise FilterError(
            f"{found.name} holds {NOUNS[found.kind]}; {op.upper()} compares dates",
            mend="name a column of dates",
        )
    return found


def _bounded(end: Values, *, whole_days: bool) -> Values:
    """An end that is not there as one beyond all others."""
    import numpy as np

    if end.kind != "open":
        return end
    kind, far = (
        ("day", np.datetime64(end.data, "D")) if whole_days else ("time", np.datetime64(end.data, "us"))
    )
    return replace(end, kind=kind, data=far)
