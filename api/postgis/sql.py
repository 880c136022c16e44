"""CQL2 as SQL: a tree (`parkgeo.store.cql2_json`) becomes a condition whose values are all bound.

The tree was held against the collection's columns by the very code that filters in memory, on a table of one row with
columns of the same kinds, so both stores refuse the same filters in the same words. What is left here is to say the same
in SQL, whose logic has the same three values. Names of columns come from the collection's own list and are quoted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import sql

from api.postgis.expression import Expression, storable, together
from api.postgis.sql_places import relate_places
from parkgeo.errors import FilterError
from parkgeo.store.cql2_times import OPEN, read_instant
from parkgeo.store.cql2_words import ARITHMETIC, COMPARISONS, SPATIAL, TEMPORAL

if TYPE_CHECKING:
    from api.postgis.layout import CollectionLayout, ColumnLayout

__all__ = ["Translator"]

_COMPARE: dict[str, LiteralString] = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FUNCTIONS = {"+": "_add", "-": "_subtract", "*": "_multiply", "/": "_divide"}
_QUICK: dict[str, LiteralString] = {
    "+": "({} + {})",
    "-": "({} - {})",
    "*": "({} * {})",
    "/": "({} / NULLIF({}, 0))",
}
_WORDS: dict[str, LiteralString] = {"and": " AND ", "or": " OR "}
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class _Value:
    """A value: of which kind, its SQL, and whether it is a text that stands in the filter."""

    kind: str
    sql: Expression
    said: str | None = None


_UNKNOWN = Expression(sql.SQL("NULL::boolean"))


class Translator:
    """Translates the conditions on one collection.

    Parameters
    ----------
    layout
        How the collection lies in the database.
    schema
        Of the snapshot; it holds the functions of `api.postgis.functions`.
    crs
        The snapshot's working system.
    careful
        Whether arithmetic must stand numbers beyond a double.
    """

    def __init__(self, layout: CollectionLayout, schema: str, crs: Any, *, careful: bool = False) -> None:
        self._columns = {column.name: column for column in layout.columns}
        self._layout = layout
        self._shape = layout.shape
        self._schema = schema
        self._crs = crs
        self._careful = careful

    def condition(self, node: Any) -> Expression:
        """A condition.

        Raises
        ------
        FilterError
            It is none on this collection.
        """
        if isinstance(node, bool):
            return Expression(sql.SQL("TRUE" if node else "FALSE"))
        if "property" in node:
            return self._compare("=", self._value(node), _Value("flag", Expression(sql.SQL("TRUE"))))
        op, args = str(node["op"]), node["args"]
        if op in {"and", "or", "not"}:
            parts = [self.condition(arg) for arg in args]
            return Expression.of("(NOT {})", *parts) if op == "not" else together(_WORDS[op], parts)
        if op in SPATIAL:
            return relate_places(op, args, self._layout, self._crs)
        if op in TEMPORAL:
            return self._temporal(op, args)
        return self._predicate(op, args)

    def _predicate(self, op: str, args: list[Any]) -> Expression:
        if op == "isNull":
            return Expression.of("({} IS NULL)", self._known(args[0]))
        if op in COMPARISONS:
            return self._compare(op, self._value(args[0]), self._value(args[1]))
        if op == "between":
            middle, low, high = map(self._value, args)
            return Expression.of(
                "({} AND {})", self._compare(">=", middle, low), self._compare("<=", middle, high)
            )
        if op == "in":
            return self._among(self._value(args[0]), args[1])
        if op == "like":
            return self._like(self._value(args[0]), _pattern(args[1]))
        raise FilterError(f"{op!r} is not a condition known here")

    def _known(self, node: Any) -> Expression:
        """What is null where a value is missing; a column of any kind, of geometry too."""
        if isinstance(node, dict) and "property" in node:
            if self._shape is not None and node["property"] == self._shape.name:
                return Expression(sql.Identifier(self._shape.column))
            return Expression(sql.Identifier(self._column(node["property"]).column))
        return self._value(node).sql

    def _compare(self, op: str, left: _Value, right: _Value) -> Expression:
        left, right = _agreed(left, right)
        if "nothing" in {left.kind, right.kind}:
            return _UNKNOWN
        collation: LiteralString = ' COLLATE "C")' if left.kind == "text" else ")"
        return Expression(
            sql.SQL("(") + left.sql.text + sql.SQL(f" {_COMPARE[op]} ") + right.sql.text + sql.SQL(collation),
            (*left.sql.bound, *right.sql.bound),
        )

    def _among(self, left: _Value, items: list[Any]) -> Expression:
        if left.kind == "text" and all(isinstance(item, str) for item in items):
            return Expression(
                sql.SQL("(") + left.sql.text + sql.SQL(' COLLATE "C" = ANY(%s::text[]))'),
                (*left.sql.bound, [storable(item) for item in items]),
            )
        parts = [self._compare("=", left, self._value(item)) for item in items]
        return together(" OR ", parts)

    def _like(self, left: _Value, pattern: str) -> Expression:
        if left.kind == "nothing":
            return _UNKNOWN
        # A backslash is the escape in PostgreSQL too, where nothing else is said.
        return Expression(
            sql.SQL("(") + left.sql.text + sql.SQL(' COLLATE "C" LIKE %s::text)'), (*left.sql.bound, pattern)
        )

    # — values

    def _value(self, node: Any) -> _Value:
        if not isinstance(node, dict):
            return _literal(node)
        if "property" in node:
            return self._of_column(self._column(node["property"]))
        if "date" in node or "timestamp" in node:
            return _instant(*node.values(), day="date" in node)
        op, args = str(node["op"]), node["args"]
        if op == "casei":
            return self._folded(args[0])
        if op in ARITHMETIC:
            return self._computed(op, self._value(args[0]), self._value(args[1]))
        raise FilterError(f"{op!r} gives no value known here")

    def _column(self, name: str) -> ColumnLayout:
        if name not in self._columns:
            raise FilterError(f"no column {name!r}")
        return self._columns[name]

    @staticmethod
    def _of_column(column: ColumnLayout) -> _Value:
        plain = Expression(sql.Identifier(column.column))
        if column.kind == "number" and column.type == "bigint":
            # In memory whole numbers are compared as doubles too; PostgreSQL does it by itself beside a double.
            return _Value("number", Expression.of("{}::double precision", plain))
        if column.type == "timestamp with time zone":
            return _Value("time", Expression.of("({} AT TIME ZONE 'UTC')", plain))
        if column.kind == "other":
            raise FilterError(f"column {column.name!r} cannot be compared")
        return _Value("days" if column.type == "date" else column.kind, plain)

    def _folded(self, node: Any) -> _Value:
        if isinstance(node, dict) and node.get("op") == "casei":
            return self._folded(node["args"][0])
        value = self._value(node)
        if value.said is not None:
            folded = value.said.casefold()
            return _Value("text", Expression(sql.SQL("%s::text"), (storable(folded),)), folded)
        if value.kind == "nothing":
            return value
        function = sql.Identifier(self._schema, "_casefold")
        return _Value("text", Expression(sql.SQL("{}({})").format(function, value.sql.text), value.sql.bound))

    def _computed(self, op: str, left: _Value, right: _Value) -> _Value:
        if "nothing" in {left.kind, right.kind}:
            return _Value("nothing", Expression(sql.SQL("NULL::double precision")))
        values = (*left.sql.bound, *right.sql.bound)
        if self._careful:
            function = sql.Identifier(self._schema, _FUNCTIONS[op])
            return _Value(
                "number",
                Expression(sql.SQL("{}({}, {})").format(function, left.sql.text, right.sql.text), values),
            )
        finite = sql.Identifier(self._schema, "_finite")
        made = sql.SQL(_QUICK[op]).format(left.sql.text, right.sql.text)
        return _Value("number", Expression(sql.SQL("{}({})").format(finite, made), values))

    # — times

    def _temporal(self, op: str, args: list[Any]) -> Expression:
        """A relation of two times; as days where a whole day is written on either side."""
        if op == "t_disjoint":
            return Expression.of("(NOT {})", self._temporal("t_intersects", args))
        sides = [dict(zip(("begin", "end"), self._ends(arg), strict=True)) for arg in args]
        ends = [end for side in sides for end in side.values()]
        kind = "date" if any(end.kind == "day" for end in ends) else "timestamp"
        cast: LiteralString = "{}::date" if kind == "date" else "{}::timestamp"
        return together(
            " AND ",
            [
                Expression.of(f"({{}} {_COMPARE[sign]} {{}})", *(
                    Expression.of(cast, end.sql) for end in (sides[0][first], sides[1][second])
                ))
                for first, sign, second in TEMPORAL[op]
            ],
        )  # fmt: skip

    def _ends(self, node: Any) -> tuple[_Value, _Value]:
        """Begin and end of a time; an end that is not there lies beyond all others."""
        if "interval" in node:
            begin, end = node["interval"]
            return self._end(begin, "'-infinity'"), self._end(end, "'infinity'")
        found = self._value(node)
        return found, found

    def _end(self, node: Any, beyond: LiteralString) -> _Value:
        if node == OPEN:
            return _Value("open", Expression(sql.SQL(beyond)))
        return _instant(node) if isinstance(node, str) else self._value(node)


def _literal(node: bool | float | str) -> _Value:  # noqa: FBT001  a value of the filter
    if isinstance(node, bool):
        return _Value("flag", Expression(sql.SQL("%s::boolean"), (node,)))
    if isinstance(node, str):
        return _Value("text", Expression(sql.SQL("%s::text"), (storable(node),)), node)
    return _Value("number", Expression(sql.SQL("%s::double precision"), (float(node),)))


def _agreed(left: _Value, right: _Value) -> tuple[_Value, _Value]:
    """Two sides of one kind: text beside a time is read as one, and a day compares with days."""
    if _is_time(left) and right.said is not None:
        right = _instant(right.said)
    elif _is_time(right) and left.said is not None:
        left = _instant(left.said)
    if "day" in {left.kind, right.kind}:
        return _as_day(left), _as_day(right)
    return _as_moment(left), _as_moment(right)


def _is_time(value: _Value) -> bool:
    return value.kind in {"time", "days", "day"}


def _as_day(value: _Value) -> _Value:
    return _Value("day", Expression.of("{}::date", value.sql)) if value.kind == "time" else value


def _as_moment(value: _Value) -> _Value:
    return _Value("time", Expression.of("{}::timestamp", value.sql)) if value.kind == "days" else value


def _instant(text: str, *, day: bool | None = None) -> _Value:
    instant = read_instant(text)
    if day is False or isinstance(instant, dt.datetime):
        return _Value("time", Expression(sql.SQL("%s::timestamp"), (instant,)))
    return _Value("day", Expression(sql.SQL("%s::date"), (instant,)))


def _pattern(node: Any) -> str:
    """A LIKE pattern as PostgreSQL reads it: a backslash at the end stands for itself."""
    if isinstance(node, dict):
        return _pattern(node["args"][0]).casefold()
    text = storable(node)
    trailing = len(text) - len(text.rstrip(_ESCAPE))
    return text + _ESCAPE if trailing % 2 else text
