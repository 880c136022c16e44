"""A condition worked out on whole columns."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.store.cql2_words import COMPARISONS, SPATIAL, TEMPORAL
from parkgeo.store.where_geometry import placed
from parkgeo.store.where_text import match_texts
from parkgeo.store.where_times import related
from parkgeo.store.where_values import NOUNS, Truth, among, compare, value

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.store.where_columns import Columns, Values

__all__ = ["truth"]


def truth(columns: Columns, node: Any) -> Truth:
    """Where a condition is true and where it is false.

    Parameters
    ----------
    columns
        Of the table.
    node
        A condition in the form of `parkgeo.store.cql2_json`; nothing else.

    Returns
    -------
    Truth
        One flag a row, or one for all.

    Raises
    ------
    FilterError
        It names what is not a column, or compares what cannot be compared.
    """
    import numpy as np

    if isinstance(node, bool):
        return Truth(np.bool_(node), np.bool_(not node))
    if "property" in node:
        return compare("=", columns[node["property"]], value(columns, True))
    op, args = node["op"], node["args"]
    if op in _LOGIC:
        return reduce(_LOGIC[op], (truth(columns, arg) for arg in args))
    return ~truth(columns, args[0]) if op == "not" else _predicate(columns, op, args)


def _predicate(columns: Columns, op: str, args: list[Any]) -> Truth:
    if op in SPATIAL:
        return placed(columns, op, args)
    if op in TEMPORAL:
        return related(columns, op, args)
    left = value(columns, args[0])
    if op == "isNull":
        return Truth(~left.known, left.known)
    if op == "in":
        return among(left, [value(columns, item) for item in args[1]])
    others = [value(columns, arg) for arg in args[1:]]
    if op in COMPARISONS:
        return compare(op, left, *others)
    return _like(left, *others) if op == "like" else _between(left, *others)


_LOGIC: dict[str, Callable[[Truth, Truth], Truth]] = {"and": and_, "or": or_}


def _between(middle: Values, low: Values, high: Values) -> Truth:
    return compare(">=", middle, low) & compare("<=", middle, high)


def _like(left: Values, pattern: Values) -> Truth:
    if left.kind not in {"text", "nothing"}:
        raise FilterError(
            f"{left.name} holds {NOUNS[left.kind]}; LIKE looks into text", mend="compare with = < >"
        )
    if left.kind == "nothing":
        return Truth(left.known, left.known)
    return Truth.of(match_texts(left.data, pattern.data), left.known)
