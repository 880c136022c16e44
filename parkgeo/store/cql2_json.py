"""CQL2 JSON, the same filter language as a tree, and the one form that trees have here.

A tree from either language, and any tree before it is worked out, has this form; nothing else is ever handed on::

    condition = true | false
              | {"property": name}                                      a column of flags
              | {"op": "and" | "or", "args": [condition, condition, …]}           two or more
              | {"op": "not", "args": [condition]}
              | {"op": "=" | "<>" | "<" | "<=" | ">" | ">=", "args": [value, value]}
              | {"op": "like", "args": [value, pattern]}                pattern: text, or casei of a pattern
              | {"op": "between", "args": [value, value, value]}
              | {"op": "in", "args": [value, [value, …]]}               one or more
              | {"op": "isNull", "args": [value]}                       any column, of geometry too
              | {"op": "s_intersects" | …, "args": [place, place]}      parkgeo.store.cql2_words.SPATIAL
              | {"op": "s_dwithin", "args": [place, place, metres]}     metres: 0 to FARTHEST_M
              | {"op": "t_after" | …, "args": [time, time]}             parkgeo.store.cql2_words.TEMPORAL
    value     = number | text | true | false
              | {"property": name}
              | {"date": "2026-06-30"} | {"timestamp": "2026-06-30T08:00:00Z"}
              | {"op": "casei", "args": [value]}
              | {"op": "+" | "-" | "*" | "/", "args": [value, value]}
    place     = {"property": name}
              | {"type": "Point" | … | "GeometryCollection", …}         GeoJSON: two numbers a position, nothing empty
              | {"bbox": [low, low, high, high]}                        west > east crosses the antimeridian
    time      = {"property": name} | {"date": …} | {"timestamp": …}
              | {"interval": [end, end]}                                end: text of a date or timestamp, "..", {"property": name}

Numbers are finite; a whole number of fewer than 16 digits is an int. No text holds U+0000 or half a surrogate pair. Text
beside a column of times is read as one (`parkgeo.store.cql2_times.read_instant`) when columns are known.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.store.cql2_shapes import box_node, geojson_node
from parkgeo.store.cql2_times import instant_node, interval_node
from parkgeo.store.cql2_words import (
    ARITHMETIC,
    COMPARISONS,
    EXAMPLE,
    FARTHEST_M,
    FUNCTIONS,
    MAX_DEPTH,
    OPS,
    SPATIAL,
    TEMPORAL,
    bounded,
    too_deep,
    wrong_distance,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["normal", "parse_json"]

_IN_COORDINATES = 4
_DEEPEST = 4 * MAX_DEPTH
"""A text's sums may stand inside its brackets inside its ``not``: each bounded, together deeper than one bound."""

_EXACT = 10**15
_SHOWN = 40


def parse_json(expression: str) -> dict[str, Any] | bool:
    """Read a filter in CQL2 JSON.

    Parameters
    ----------
    expression
        At most `MAX_BYTES` long; objects at most `MAX_DEPTH` deep, lists four more, for coordinates.

    Returns
    -------
    dict or bool
        The condition in the form that this module describes.

    Raises
    ------
    FilterError
        It is too long, too deep, not JSON, or not a condition.

    Examples
    --------
    >>> parse_json('{"op": "=", "args": [{"property": "idle"}, "yes"]}')
    {'op': '=', 'args': [{'property': 'idle'}, 'yes']}
    """
    _demand_shallow(bounded(expression))
    try:
        tree = json.loads(expression, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise FilterError(
            "the filter is not JSON", where=f"character {error.pos + 1}", mend=f"{error.msg}; {_TREE}"
        ) from error
    return normal(tree)


_TREE = 'for example: {"op": "=", "args": [{"property": "idle"}, "yes"]}'


def _demand_shallow(text: str) -> None:
    """Count brackets before a parser sees them; within texts they do not count."""
    levels = {"{": 0, "[": 0}
    within = escaped = False
    for character in text:
        if within:
            within = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            within = True
        elif character in "{[":
            levels[character] += 1
            if levels["{"] > MAX_DEPTH or levels["["] > MAX_DEPTH + _IN_COORDINATES:
                raise too_deep()
        elif character in "}]":
            levels["{" if character == "}" else "["] -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise FilterError("a member of the filter is there twice", mend="write each once")
    return members


def _constant(text: str) -> float:
    raise FilterError(f"{text} is no number", mend="write digits; a missing value is found by isNull")


def normal(tree: Any) -> dict[str, Any] | bool:
    """A tree in the form that this module describes, or an error that says what is not.

    Parameters
    ----------
    tree
        Anything that JSON can hold; hostile.

    Raises
    ------
    FilterError
        It is not a condition.

    Examples
    --------
    >>> normal({"op": "T_FINISHEDBY", "args": [{"property": "since"}, {"interval": ["..", "2026-01-01"]}]})["op"]
    't_finishedBy'
    """
    condition: dict[str, Any] | bool = _condition(tree, 0)
    return condition


def _parts(node: Any, depth: int) -> tuple[str, list[Any]]:
    """An operation's canonical name and its arguments."""
    if depth > _DEEPEST:
        raise too_deep()
    if not isinstance(node, dict) or not isinstance(node.get("op"), str):
        raise FilterError("the filter is not a condition", mend=f"{EXAMPLE}, or {_TREE}")
    op = OPS.get(node["op"].casefold()) if len(node["op"]) <= _SHOWN else None
    if op is None:
        raise FilterError(
            f"{node['op'][:_SHOWN]!r} is not an operation known here",
            mend="there are and, or, not, = <> < <= > >=, like, between, in, isNull, casei, + - * /, s_…, t_…",
        )
    if not isinstance(node.get("args"), list) or len(node) > 2:  # noqa: PLR2004 - op and args
        raise FilterError(f"{op} needs its args in a list, and nothing else", mend=_TREE)
    return op, node["args"]


def _condition(node: Any, depth: int) -> Any:
    if isinstance(node, bool):
        return node
    if isinstance(node, dict) and node.keys() == {"property"}:
        return _property(node)
    op, args = _parts(node, depth)
    if op in {"and", "or"}:
        _demand(op, args, len(args) > 1)
        return {"op": op, "args": [_condition(arg, depth + 1) for arg in args]}
    if op == "not":
        _demand(op, args, len(args) == 1)
        return {"op": op, "args": [_condition(args[0], depth + 1)]}
    return {"op": op, "args": _operands(op, args, depth + 1)}


def _operands(op: str, args: list[Any], depth: int) -> list[Any]:
    """The arguments of a predicate."""
    if op in COMPARISONS or op == "between":
        return _values(op, args, 3 if op == "between" else 2, depth)
    if op == "isNull":
        return _values(op, args, 1, depth)
    if op == "like":
        _demand(op, args, len(args) == 2)  # noqa: PLR2004 - text and pattern
        return [_value(args[0], depth), _pattern(args[1], depth)]
    if op == "in":
        _demand(op, args, len(args) == 2 and isinstance(args[1], list) and bool(args[1]))  # noqa: PLR2004
        return [_value(args[0], depth), [_value(item, depth) for item in args[1]]]
    if op in SPATIAL:
        return _spatial(op, args)
    if op in TEMPORAL:
        _demand(op, args, len(args) == FUNCTIONS[op])
        return [_time(arg) for arg in args]
    raise FilterError(f"{op} gives a value, not a condition", mend="compare it: = <> < <= > >=")


def _values(op: str, args: list[Any], count: int, depth: int) -> list[Any]:
    _demand(op, args, len(args) == count)
    return [_value(arg, depth) for arg in args]


def _value(node: Any, depth: int) -> Any:
    if isinstance(node, bool):
        return node
    if isinstance(node, int | float):
        return _number(node)
    if isinstance(node, str):
        return _text(node)
    if isinstance(node, dict) and len(node) == 1:
        for kind, read in _LITERALS.items():
            if kind in node:
                return read(node)
    if isinstance(node, dict) and ("type" in node or "bbox" in node):
        raise FilterError("a geometry is compared by s_intersects and its like", mend="not by = or like")
    op, args = _parts(node, depth)
    if op == "casei" or op in ARITHMETIC:
        return {"op": op, "args": _values(op, args, FUNCTIONS.get(op, 2), depth + 1)}
    raise FilterError(f"{op} is a condition, not a value", mend="join conditions by and, or")


def _pattern(node: Any, depth: int) -> Any:
    if isinstance(node, str):
        return _text(node)
    if not isinstance(node, dict) or "op" not in node or _parts(node, depth)[0] != "casei":
        raise FilterError("LIKE needs a pattern in single quotes", mend="for example: name LIKE '宁波%'")
    args = _parts(node, depth)[1]
    _demand("casei", args, len(args) == 1)
    return {"op": "casei", "args": [_pattern(args[0], depth + 1)]}


def _spatial(op: str, args: list[Any]) -> list[Any]:
    if op == "s_dwithin" and len(args) != FUNCTIONS[op]:
        raise wrong_distance()
    _demand(op, args, len(args) == FUNCTIONS[op])
    places = [_place(arg) for arg in args[:2]]
    for metres in args[2:]:
        wrong = isinstance(metres, bool) or not isinstance(metres, int | float)
        if wrong or not 0 <= metres <= FARTHEST_M:
            raise wrong_distance()
    return [*places, *args[2:]]


def _place(node: Any) -> Any:
    if isinstance(node, dict) and node.keys() == {"property"}:
        return _property(node)
    if isinstance(node, dict) and "type" in node:
        return geojson_node(node)
    if isinstance(node, dict) and node.keys() == {"bbox"}:
        return box_node(node["bbox"])
    raise FilterError("this is no geometry", mend="write BBOX(…), POINT(…) or POLYGON((…)) in degrees")


def _time(node: Any) -> Any:
    if isinstance(node, str):
        return instant_node(node)
    if isinstance(node, dict) and len(node) == 1:
        for kind in ("property", "date", "timestamp"):
            if kind in node:
                return _LITERALS[kind](node)
        ends = node.get("interval")
        if isinstance(ends, list):
            return interval_node(
                [_property(end) if isinstance(end, dict) and "property" in end else end for end in ends]
            )
    raise FilterError(
        "this is no time", mend="write a column, DATE('2026-06-30') or INTERVAL('2026-01-01', '..')"
    )


def _property(node: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(node["property"], str) or len(node) > 1:
        raise FilterError("a property is named by text", mend='for example: {"property": "idle"}')
    return {"property": _text(node["property"])}


def _number(value: float) -> float:
    try:
        plain = value if isinstance(value, int) and abs(value) < _EXACT else float(value)
    except OverflowError as error:
        raise FilterError("a number of the filter is too large") from error
    if not math.isfinite(plain):
        raise FilterError("a number of the filter is too large")
    return plain


def _text(value: str) -> str:
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise FilterError("a text of the filter holds what is no character", mend="leave it out")
    return value


def _demand(op: str, args: list[Any], holds: bool) -> None:  # noqa: FBT001 - what must hold
    if not holds:
        raise FilterError(f"{op} has {len(args)} argument(s), or one of a wrong kind", mend=_TREE)


_LITERALS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "property": _property,
    "date": lambda node: instant_node(node["date"], "date"),
    "timestamp": lambda node: instant_node(node["timestamp"], "timestamp"),
}
