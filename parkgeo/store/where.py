"""Filters: which rows of a table satisfy a condition.

The condition is CQL2 text. It is read into a tree, and the tree is evaluated on whole columns. Nothing of it is ever
executed as code, and it can name nothing but the table's columns.

Logic has three values, as in SQL: a comparison with a missing value is unknown, the contrary of unknown is unknown,
and only rows for which the whole condition is true are selected.
"""

from __future__ import annotations

import difflib
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError, name_some
from parkgeo.store.cql2_text import COMPARISONS, MAX_DEPTH, parse
from parkgeo.store.where_geometry import intersecting

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Mask = npt.NDArray[np.bool_]

__all__ = ["evaluate", "parse", "select"]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = dict(
    zip(
        COMPARISONS,
        (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
        strict=True,
    )
)
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_NOUNS = {"number": "numbers", "text": "text", "flag": "true or false", "time": "dates", "day": "dates"}
_MENDS = {
    "number": "write the number without quotes",
    "text": "write text in single quotes, for example 'yes'",
    "flag": "compare with true or false",
    "time": "write a date as DATE('2026-06-30')",
    "day": "write a date as DATE('2026-06-30')",
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ESCAPE = "\\"


def select(frame: pd.DataFrame, expression: str) -> Mask:
    """Rows for which a condition is true.

    Parameters
    ----------
    frame
        Any table; geometry conditions need a GeoDataFrame with a coordinate system.
    expression
        CQL2 text: comparisons, ``AND OR NOT``, ``LIKE`` (``%``, ``_``, escaped by a backslash; ``ILIKE`` and ``CASEI``
        ignore letter case), ``BETWEEN``, ``IN``, ``IS NULL``, ``+ - * /``, ``DATE('2026-06-30')``,
        ``S_INTERSECTS(geometry, BBOX(west, south, east, north))`` or a WKT geometry, in degrees (CRS84).

    Returns
    -------
    numpy.ndarray of bool
        One a row, in the table's order.

    Raises
    ------
    FilterError
        The text cannot be read, names what is not a column, or compares what cannot be compared.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"idle": ["yes", "no", None], "area_m2": [900.0, 100.0, 500.0]})
    >>> select(table, "idle = 'yes' OR area_m2 BETWEEN 400 AND 600").tolist()
    [True, False, True]
    >>> select(table, "NOT idle = 'yes'").tolist()
    [False, True, False]
    """
    return evaluate(frame, parse(expression))


def evaluate(frame: pd.DataFrame, tree: dict[str, Any] | bool) -> Mask:  # noqa: FBT001 - a condition may be a bare true
    """Rows for which a condition in CQL2 JSON is true.

    Parameters
    ----------
    frame
        As for `select`.
    tree
        As `parse` gives it.

    Returns
    -------
    numpy.ndarray of bool

    Raises
    ------
    FilterError
        The tree is not a condition on this table.
    """
    return _Evaluator(frame).truth(tree, 0).yes


@dataclass(frozen=True)
class _Truth:
    """True rows and false rows; a row that is neither is unknown."""

    yes: Mask
    no: Mask

    def __and__(self, other: _Truth) -> _Truth:
        return _Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: _Truth) -> _Truth:
        return _Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> _Truth:
        return _Truth(self.no, self.yes)


@dataclass(frozen=True)
class _Values:
    """One value a row, or one for all: what kind, the values, where they are known, and how to call them."""

    kind: str
    data: Any
    known: Any
    name: str


class _Evaluator:
    """Evaluates one tree on one table."""

    def __init__(self, frame: pd.DataFrame) -> None:
        import numpy as np

        self.frame = frame
        self.np = np

    # — conditions

    def truth(self, node: Any, depth: int) -> _Truth:
        if depth > 2 * MAX_DEPTH + 2:
            raise FilterError("the filter is nested too deep", mend=f"at most {MAX_DEPTH} levels")
        if isinstance(node, bool):
            every = self.np.ones(len(self.frame), dtype=bool)
            return _Truth(every, ~every) if node else _Truth(~every, every)
        if isinstance(node, dict) and "property" in node:
            return self._compare("=", self._column(node["property"]), _Values("flag", True, True, "true"))
        op, args = self._parts(node)
        if op in {"and", "or"} and args:
            return self._joined(op, args, depth)
        if op == "not" and len(args) == 1:
            return ~self.truth(args[0], depth + 1)
        if op == "s_intersects":
            return self._intersecting(args)
        return self._predicate(op, args, depth)

    @staticmethod
    def _parts(node: Any) -> tuple[str, list[Any]]:
        if (
            not isinstance(node, dict)
            or not isinstance(node.get("op"), str)
            or not isinstance(node.get("args"), list)
        ):
            raise FilterError("the filter is not a condition", mend="for example: idle = 'yes'")
        return node["op"], node["args"]

    def _joined(self, op: str, args: list[Any], depth: int) -> _Truth:
        result = self.truth(args[0], depth + 1)
        for arg in args[1:]:
            part = self.truth(arg, depth + 1)
            result = result & part if op == "and" else result | part
        return result

    def _predicate(self, op: str, args: list[Any], depth: int) -> _Truth:
        two, three = 2, 3
        if op == "isNull" and len(args) == 1:
            known = self._broadcast(self._known(args[0], depth))
            return _Truth(~known, known)
        if op in _COMPARE and len(args) == two:
            return self._compare(op, self.value(args[0], depth + 1), self.value(args[1], depth + 1))
        if op == "between" and len(args) == three:
            middle, low, high = (self.value(arg, depth + 1) for arg in args)
            return self._compare(">=", middle, low) & self._compare("<=", middle, high)
        if op == "in" and len(args) == two and isinstance(args[1], list) and args[1]:
            left = self.value(args[0], depth + 1)
            result = self._compare("=", left, self.value(args[1][0], depth + 1))
            for item in args[1][1:]:
                result |= self._compare("=", left, self.value(item, depth + 1))
            return result
        if op == "like" and len(args) == two:
            return self._like(self.value(args[0], depth + 1), self.value(args[1], depth + 1))
        raise FilterError(f"{op!r} is not a condition known here, or its values do not fit it")

    def _known(self, node: Any, depth: int) -> Any:
        """Where a value is there; a geometry column has no other use as a value."""
        if isinstance(node, dict) and node.get("property") in self.frame.columns:
            return self.frame[node["property"]].notna().to_numpy()
        return self.value(node, depth + 1).known

    def _broadcast(self, mask: Any) -> Mask:
        full: Mask = self.np.broadcast_to(self.np.asarray(mask, dtype=bool), len(self.frame)).copy()
        return full

    def _compare(self, op: str, left: _Values, right: _Values) -> _Truth:
        left, right = _agreed(left, right)
        if left.kind == "flag" and op not in {"=", "<>"}:
            raise FilterError(f"{left.name} is true or false and has no order", mend="use = or <>")
        known = self._broadcast(left.known) & self._broadcast(right.known)
        if "nothing" in {left.kind, right.kind}:
            return _Truth(known & False, known & False)
        found = self._broadcast(_COMPARE[op](left.data, right.data))
        return _Truth(found & known, ~found & known)

    def _like(self, left: _Values, pattern: _Values) -> _Truth:
        if pattern.kind != "text" or not isinstance(pattern.data, str):
            raise FilterError("LIKE needs a pattern in single quotes", mend="for example: name LIKE '宁波%'")
        if left.kind not in {"text", "nothing"}:
            raise FilterError(
                f"{left.name} holds {_NOUNS[left.kind]}; LIKE looks into text", mend="compare with = < >"
            )
        matcher = _pattern(pattern.data)
        texts = left.data if left.kind == "text" else ""
        if isinstance(texts, str):
            found = self._broadcast(matcher.fullmatch(texts) is not None)
        else:
            matched = {text: matcher.fullmatch(text) is not None for text in set(texts.tolist())}
            found = self.np.fromiter((matched[text] for text in texts), dtype=bool, count=len(texts))
        known = self._broadcast(left.known)
        return _Truth(found & known, ~found & known)

    def _intersecting(self, args: list[Any]) -> _Truth:
        import geopandas as gpd

        properties = [arg["property"] for arg in args if isinstance(arg, dict) and "property" in arg]
        literals = [arg for arg in args if not (isinstance(arg, dict) and "property" in arg)]
        if len(properties) != 1 or len(literals) != 1:
            raise FilterError(
                "S_INTERSECTS takes the geometry column and a geometry",
                mend="for example: S_INTERSECTS(geometry, BBOX(121.5, 29.8, 121.6, 29.9))",
            )
        if not isinstance(self.frame, gpd.GeoDataFrame):
            raise FilterError("this table has no geometry", mend="filter it by its columns")
        name = properties[0]
        if name != self.frame.geometry.name:
            self._series(name)
            raise FilterError(f"column {name!r} is no geometry", mend=f"write {self.frame.geometry.name}")
        found = intersecting(self.frame.geometry, literals[0])
        known = self.frame.geometry.notna().to_numpy()
        return _Truth(found & known, ~found & known)

    # — values

    def value(self, node: Any, depth: int) -> _Values:
        if depth > 4 * MAX_DEPTH:
            raise FilterError("the filter is nested too deep", mend=f"at most {MAX_DEPTH} levels")
        if isinstance(node, bool | int | float | str):
            return _literal(node)
        if isinstance(node, dict) and "property" in node:
            return self._column(node["property"])
        if isinstance(node, dict) and (node.keys() == {"date"} or node.keys() == {"timestamp"}):
            ((kind, text),) = node.items()
            return _moment(text, day=kind == "date")
        op, args = self._parts(node)
        if op == "casei" and len(args) == 1:
            return self._folded(self.value(args[0], depth + 1))
        if op in _ARITHMETIC and len(args) == 2:  # noqa: PLR2004 - two operands
            return self._computed(op, self.value(args[0], depth + 1), self.value(args[1], depth + 1))
        raise FilterError(f"{op!r} gives no value known here", mend="use columns, values, + - * / and CASEI")

    def _series(self, name: Any) -> pd.Series[Any]:
        columns = [str(column) for column in self.frame.columns]
        if name not in columns:
            folded = {column.casefold(): column for column in columns}
            near = [
                folded[word]
                for word in difflib.get_close_matches(str(name).casefold(), folded, n=3, cutoff=0.5)
            ]
            mend = (
                f"did you mean {' or '.join(near)}?" if near else f"there are: {name_some(columns, shown=30)}"
            )
            raise FilterError(f"no column {str(name)!r}", mend=mend)
        series: pd.Series[Any] = self.frame[name]
        return series

    def _column(self, name: Any) -> _Values:
        import pandas as pd

        series = self._series(name)
        kind = _kind_of(series)
        known = series.notna().to_numpy()
        called = f"column {name!r}"
        if kind == "number":
            return _Values(
                kind, pd.to_numeric(series).to_numpy(dtype=float, na_value=self.np.nan), known, called
            )
        if kind == "flag":
            return _Values(
                kind, (series.astype("boolean").fillna(value=False)).to_numpy(dtype=bool), known, called
            )
        if kind == "time":
            times = pd.to_datetime(series)
            times = times.dt.tz_convert("UTC").dt.tz_localize(None) if times.dt.tz is not None else times
            return _Values(kind, times.to_numpy(dtype="datetime64[us]"), known, called)
        if kind == "text":
            texts = series.astype(object).where(known, "").to_numpy(dtype=object)
            return _Values(kind, texts, known, called)
        if kind == "nothing":
            return _Values(kind, None, known, called)
        raise FilterError(
            f"{called} cannot be compared", mend="use S_INTERSECTS for geometry, IS NULL for lists"
        )

    def _folded(self, side: _Values) -> _Values:
        if side.kind == "nothing":
            return side
        if side.kind != "text":
            raise FilterError(f"{side.name} holds {_NOUNS[side.kind]}; CASEI takes text")
        if isinstance(side.data, str):
            return _Values("text", side.data.casefold(), side.known, side.name)
        folded = self.np.array([text.casefold() for text in side.data], dtype=object)
        return _Values("text", folded, side.known, side.name)

    def _computed(self, op: str, left: _Values, right: _Values) -> _Values:
        for side in (left, right):
            if side.kind not in {"number", "nothing"}:
                raise FilterError(f"{side.name} is not a number", mend=f"{op} computes with numbers")
        name = f"{left.name} {op} {right.name}"
        if "nothing" in {left.kind, right.kind}:
            return _Values("nothing", None, False, name)
        with self.np.errstate(all="ignore"):
            values = _ARITHMETIC[op](self.np.asarray(left.data), self.np.asarray(right.data))
        # A division by zero has no value; neither has what is too large for a number.
        known = self.np.asarray(left.known) & self.np.asarray(right.known) & self.np.isfinite(values)
        return _Values("number", values, known, name)


def _literal(node: bool | float | str) -> _Values:  # noqa: FBT001 - a value from the tree
    if isinstance(node, bool):
        return _Values("flag", node, True, str(node).lower())
    if isinstance(node, str):
        return _Values("text", node, True, repr(node))
    return _Values("number", float(node), True, f"{node:g}")


def _kind_of(series: pd.Series[Any]) -> str:
    """What a column holds: number, flag, time, text, nothing, or other."""
    import pandas as pd

    dtype = series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "flag"
    if pd.api.types.is_numeric_dtype(dtype):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "time"
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    known = {"string": "text", "boolean": "flag", "empty": "nothing", "categorical": "text"}
    known |= dict.fromkeys(("date", "datetime", "datetime64"), "time")
    known |= dict.fromkeys(("integer", "floating", "mixed-integer-float", "decimal"), "number")
    return known.get(inferred, "other")


def _agreed(left: _Values, right: _Values) -> tuple[_Values, _Values]:
    """Two sides of one kind: text beside a date is read as a date, a day compares with days."""
    if left.kind == "time" and right.kind == "text" and isinstance(right.data, str):
        right = _moment(right.data)
    elif right.kind == "time" and left.kind == "text" and isinstance(left.data, str):
        left = _moment(left.data)
    if left.kind == "time" and right.kind == "day":
        left = _Values("day", left.data.astype("datetime64[D]"), left.known, left.name)
    elif right.kind == "time" and left.kind == "day":
        right = _Values("day", right.data.astype("datetime64[D]"), right.known, right.name)
    if left.kind != right.kind and "nothing" not in {left.kind, right.kind}:
        column = left if left.name.startswith("column") else right
        other = right if column is left else left
        raise FilterError(
            f"{column.name} holds {_NOUNS[column.kind]}, compared with {other.name}", mend=_MENDS[column.kind]
        )
    return left, right


def _moment(text: Any, *, day: bool | None = None) -> _Values:
    """A date or a point in time (UTC) from ISO text."""
    import numpy as np
    import pandas as pd

    whole_day = bool(_DATE.fullmatch(str(text)))
    example = "DATE('2026-06-30') or TIMESTAMP('2026-06-30T08:00:00Z')"
    if not isinstance(text, str) or not re.match(r"\d{4}-\d{2}-\d{2}", text) or (day and not whole_day):
        raise FilterError(f"{text!r} is not a date", mend=f"write {example}")
    try:
        stamp = pd.Timestamp(text)
    except ValueError as error:
        raise FilterError(f"{text!r} is not a date", mend=f"write {example}") from error
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert("UTC").tz_localize(None)
    if whole_day and day is not False:
        return _Values("day", np.datetime64(stamp, "D"), True, repr(text))
    return _Values("time", np.datetime64(stamp, "us"), True, repr(text))


def _pattern(pattern: str) -> re.Pattern[str]:
    """A LIKE pattern as a regular expression that cannot run away.

    Each ``%`` takes the nearest match of what follows it and never goes back (an atomic group); that finds every match
    that there is, in time proportional to text times pattern. The last part is tied to the end.
    """
    parts: list[str] = [""]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            parts.append("")
        elif character == "_":
            parts[-1] += "."
        else:
            literal = next(characters, _ESCAPE) if character == _ESCAPE else character
            parts[-1] += re.escape(literal)
    first, *middle = parts
    if not middle:
        return re.compile(first, re.DOTALL)
    *middle, last = middle
    inner = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{first}{inner}.*{last}", re.DOTALL)
