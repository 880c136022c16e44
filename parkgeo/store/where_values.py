"""Values of a filter: literals, columns, what is computed from them, and how two of them compare."""

from __future__ import annotations

import datetime as dt
import operator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.store.cql2_times import read_instant
from parkgeo.store.where_columns import Values
from parkgeo.store.where_text import COMPARE, Texts, compare_texts, texts_among

if TYPE_CHECKING:
    from collections.abc import Callable

    from parkgeo.store.where_columns import Columns

__all__ = ["NOUNS", "Truth", "among", "as_days", "compare", "instant", "value"]

NOUNS = {
    "number": "numbers", "text": "text", "flag": "true or false", "time": "dates", "day": "dates", "other": "lists",
    "nothing": "nothing",
}  # fmt: skip
_MENDS = {
    "number": "write the number without quotes",
    "text": "write text in single quotes, for example 'yes'",
    "flag": "compare with true or false",
    "time": "write a date as DATE('2026-06-30')",
    "day": "write a date as DATE('2026-06-30')",
}
_COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Truth:
    """True rows and false rows; a row that is neither is unknown."""

    yes: Any
    no: Any

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    @classmethod
    def of(cls, found: Any, known: Any) -> Truth:
        """What was found where it is known."""
        import numpy as np

        return cls(np.asarray(found, dtype=bool) & known, ~np.asarray(found, dtype=bool) & known)


def value(columns: Columns, node: Any) -> Values:
    """A node that stands for a value.

    Raises
    ------
    FilterError
        It names what is not a column, or computes with what is not a number.
    """
    if not isinstance(node, dict):
        return _literal(node)
    if "property" in node:
        return columns[node["property"]]
    if "date" in node or "timestamp" in node:
        return instant(next(iter(node.values())))
    op, args = node["op"], node["args"]
    if op == "casei":
        return _folded(columns, args[0])
    return _computed(op, *(value(columns, arg) for arg in args))


def _literal(node: bool | float | str) -> Values:  # noqa: FBT001 - a value from the tree
    import numpy as np

    if isinstance(node, bool):
        return Values("flag", np.bool_(node), np.True_, str(node).lower())
    if isinstance(node, str):
        return Values("text", node, np.True_, repr(node[:_QUOTED]))
    return Values("number", np.float64(node), np.True_, f"{node:g}")


def instant(text: str) -> Values:
    """A day or a point in time from its text."""
    import numpy as np

    read = read_instant(text)
    if isinstance(read, dt.datetime):
        return Values("time", np.datetime64(read, "us"), np.True_, repr(text))
    return Values("day", np.datetime64(read, "D"), np.True_, repr(text))


def as_days(side: Values) -> Values:
    """Points in time as the days, in UTC, on which they lie."""
    if side.kind != "time":
        return side
    return replace(side, kind="day", data=side.data.astype("datetime64[D]"))


def _folded(columns: Columns, node: Any) -> Values:
    side = value(columns, node)
    if side.kind == "nothing":
        return side
    if side.kind != "text":
        raise FilterError(f"{side.name} holds {NOUNS[side.kind]}; CASEI takes text")
    if isinstance(side.data, str):
        return replace(side, data=side.data.casefold())
    if isinstance(node, dict) and "property" in node:
        return columns.folded(node["property"])
    return replace(side, data=side.data.folded())


def _computed(op: str, left: Values, right: Values) -> Values:
    import numpy as np

    for side in (left, right):
        if side.kind not in {"number", "nothing"}:
            raise FilterError(f"{side.name} is not a number", mend=f"{op} computes with numbers")
    name = f"{left.name} {op} {right.name}"[:_QUOTED]
    if "nothing" in {left.kind, right.kind}:
        return Values("nothing", None, np.False_, name)
    with np.errstate(all="ignore"):
        values = _COMPUTE[op](left.data, right.data)
    # A division by zero has no value; neither has what is too large for a number.
    return Values("number", values, left.known & right.known & np.isfinite(values), name)


def compare(op: str, left: Values, right: Values) -> Truth:
    """Compare two sides, row by row.

    Text beside times is read as a date or a point in time; a day and a point in time compare as days, in UTC; false
    comes before true.

    Raises
    ------
    FilterError
        They are of two kinds.
    """
    import numpy as np

    left, right = _agreed(left, right)
    known = left.known & right.known
    if "nothing" in {left.kind, right.kind}:
        return Truth(np.False_, np.False_)
    found = (compare_texts if left.kind == "text" else _plain)(op, left.data, right.data)
    return Truth.of(found, known)


def among(left: Values, items: list[Values]) -> Truth:
    """Where a value is one of some, as `compare` finds them equal."""
    words = [item.data for item in items]
    if left.kind == "text" and isinstance(left.data, Texts) and all(isinstance(word, str) for word in words):
        return Truth.of(texts_among(left.data, words), left.known)
    return reduce(or_, (compare("=", left, item) for item in items))


def _plain(op: str, left: Any, right: Any) -> Any:
    return COMPARE[op](left, right)


def _agreed(left: Values, right: Values) -> tuple[Values, Values]:
    """Two sides of one kind."""
    for side in (left, right):
        if side.kind == "other":
            raise FilterError(
                f"{side.name} cannot be compared", mend="use S_INTERSECTS for geometry, IS NULL for lists"
            )
    if left.kind in {"time", "day"} and right.kind == "text" and isinstance(right.data, str):
        right = instant(right.data)
    elif right.kind in {"time", "day"} and left.kind == "text" and isinstance(left.data, str):
        left = instant(left.data)
    if "day" in {left.kind, right.kind}:
        left, right = as_days(left), as_days(right)
    if left.kind != right.kind and "nothing" not in {left.kind, right.kind}:
        column = left if left.name.startswith("column") else right
        other = right if column is left else left
        raise FilterError(
            f"{column.name} holds {NOUNS[column.kind]}, compared with {other.name}", mend=_MENDS[column.kind]
        )
    return left, right
