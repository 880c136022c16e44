"""CQL2 text, the filter language of OGC API Features, read into its JSON form.

Only text is read here; columns, types and values are judged in `parkgeo.store.where`. The reader is our own because the
text is hostile: it goes once over the text, so time grows with length and depth is bounded before anything recurses.
(The parser of the ``cql2`` package 0.6 takes twice as long for each bracket before a mistake and ends the process on a
long run of ``not`` or ``-``; the tests hold this reader to the same trees.)
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from parkgeo.errors import FilterError
from parkgeo.store.cql2_shapes import box_node, wkt_node
from parkgeo.store.cql2_times import instant_node, interval_node
from parkgeo.store.cql2_words import (
    COMPARISONS,
    EXAMPLE,
    FARTHEST_M,
    FUNCTIONS,
    MAX_BYTES,
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
    from typing import NoReturn

__all__ = ["COMPARISONS", "MAX_BYTES", "MAX_DEPTH", "parse"]

_CONDITIONS = frozenset(
    (*COMPARISONS, "and", "or", "not", "like", "between", "in", "isNull", *SPATIAL, *TEMPORAL)
)
_GEOMETRIES = frozenset(
    ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
)
_RESERVED = frozenset(("AND", "OR", "NOT", "LIKE", "ILIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"))
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
      | (?P<text>'(?:[^'\\]|''|\\[\s\S])*+')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<word>(?:[^\W\d]|:)[\w.:]*)
      | (?P<sign><>|<=|>=|!=|[=<>+\-*/(),])
    )""",
    re.VERBOSE,
)
_ESCAPES = {
    "''": "'", "\\'": "'", "\\\\": "\\", "\\a": "\a", "\\b": "\b", "\\t": "\t", "\\n": "\n", "\\v": "\v",
    "\\f": "\f", "\\r": "\r",
}  # fmt: skip
_ESCAPE = re.compile(r"''|\\['\\abtnvfr]")

Node = Any
"""A tree in CQL2 JSON: dictionaries, lists, numbers, texts, flags."""


def parse(expression: str) -> dict[str, Any] | bool:
    """Read a CQL2 text.

    Parameters
    ----------
    expression
        At most `MAX_BYTES` long and `MAX_DEPTH` deep.

    Returns
    -------
    dict or bool
        The condition in CQL2 JSON. ``ilike`` becomes ``like`` of two ``casei``, ``!=`` becomes ``<>``. A bare
        ``true`` or ``false`` is itself.

    Raises
    ------
    FilterError
        It is too long, too deep or not CQL2; the message says at which character.

    Examples
    --------
    >>> parse("idle = 'yes'")
    {'op': '=', 'args': [{'property': 'idle'}, 'yes']}
    """
    tree: dict[str, Any] | bool = _Reader(bounded(expression)).read()
    return tree


def _is_condition(node: Node) -> bool:
    """Whether a node is true or false by its own form."""
    return isinstance(node, bool) or (isinstance(node, dict) and node.get("op") in _CONDITIONS)


def _is_geometry(node: Node) -> bool:
    return isinstance(node, dict) and ("bbox" in node or "type" in node)


def _is_number(node: Node) -> bool:
    return isinstance(node, int | float) and not isinstance(node, bool)


def _unescaped(text: str) -> str:
    """What a text in single quotes says; a backslash before any other character stays, because LIKE reads it."""
    return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], text[1:-1])


class _Reader:
    """One pass over the text, by recursive descent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.tokens: list[tuple[str, str, int, int]] = []
        self.place = 0
        position = 0
        end = len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                self._refuse(position + len(text[position:]) - len(text[position:].lstrip()))
            kind = match.lastgroup
            self.tokens.append((kind, match[kind], match.start(kind), match.end()))
            position = match.end()

    def read(self) -> Any:
        if not self.tokens:
            raise FilterError("the filter is empty", mend=EXAMPLE)
        node = self._condition(self._either())
        if self.place < len(self.tokens):
            self._refuse()
        return node

    # — the text as a row of tokens

    def _refuse(self, position: int | None = None, *, mend: str = EXAMPLE) -> NoReturn:
        if position is None:
            position = self.tokens[self.place][2] if self.place < len(self.tokens) else len(self.text)
        rest = self.text[position : position + 20]
        what = f"at {rest!r}" if rest else "it ends too soon"
        raise FilterError("the filter cannot be read", where=f"character {position + 1}, {what}", mend=mend)

    def _upcoming(self) -> str:
        """The next keyword or sign in capitals; empty at the end and for values and names."""
        if self.place >= len(self.tokens):
            return ""
        kind, text, _, _ = self.tokens[self.place]
        return text.upper() if kind in {"word", "sign"} else ""

    def _take(self, *wanted: str) -> str:
        found = self._upcoming()
        if found and found in wanted:
            self.place += 1
            return found
        return ""

    def _demand(self, wanted: str) -> None:
        if not self._take(wanted):
            self._refuse()

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_deep()

    # — conditions

    def _condition(self, node: Node) -> Node:
        """A node that stands where a condition must: a comparison, or a column of flags."""
        if _is_condition(node) or (isinstance(node, dict) and "property" in node):
            return node
        return self._refuse(mend=f"a condition is missing; {EXAMPLE}")

    def _value(self, node: Node) -> Node:
        """A node that stands where a value must."""
        if isinstance(node, dict) and node.get("op") in _CONDITIONS:
            self._refuse(mend="compare columns and values, not conditions; join conditions by AND or OR")
        if _is_geometry(node):
            self._refuse(mend="a geometry goes into S_INTERSECTS(geometry, …)")
        if isinstance(node, dict) and "interval" in node:
            self._refuse(mend="an interval goes into T_INTERSECTS(…, INTERVAL(…))")
        return node

    def _either(self) -> Node:
        return self._joined("OR", self._both)

    def _both(self) -> Node:
        return self._joined("AND", self._negated)

    def _joined(self, word: str, part: Callable[[], Node]) -> Node:
        first = part()
        if self._upcoming() != word:
            return first
        parts = [self._condition(first)]
        while self._take(word):
            parts.append(self._condition(part()))
        return {"op": word.lower(), "args": parts}

    def _negated(self) -> Node:
        if not self._take("NOT"):
            return self._predicate()
        self._deeper()
        node = self._condition(self._negated())
        self.depth -= 1
        return {"op": "not", "args": [node]}

    def _predicate(self) -> Node:
        left = self._sum()
        sign = self._take(*COMPARISONS, "!=")
        if sign:
            right = self._value(self._sum())
            return {"op": "<>" if sign == "!=" else sign, "args": [self._value(left), right]}
        if self._take("IS"):
            negated = bool(self._take("NOT"))
            self._demand("NULL")
            return self._perhaps_not({"op": "isNull", "args": [self._value(left)]}, negated=negated)
        negated = bool(self._take("NOT"))
        word = self._take("LIKE", "ILIKE", "BETWEEN", "IN")
        if word:
            return self._perhaps_not(self._tail(word, self._value(left)), negated=negated)
        if negated:
            self._refuse()
        return left

    def _tail(self, word: str, left: Node) -> Node:
        """What follows the value in ``like``, ``between`` and ``in``."""
        if word == "BETWEEN":
            low = self._value(self._sum())
            self._demand("AND")
            return {"op": "between", "args": [left, low, self._value(self._sum())]}
        if word == "IN":
            self._demand("(")
            self._deeper()
            values = [self._value(self._sum())]
            while self._take(","):
                values.append(self._value(self._sum()))
            self._demand(")")
            self.depth -= 1
            return {"op": "in", "args": [left, values]}
        pattern = self._value(self._sum())
        if word == "ILIKE":
            left, pattern = ({"op": "casei", "args": [side]} for side in (left, pattern))
        return {"op": "like", "args": [left, pattern]}

    @staticmethod
    def _perhaps_not(node: Node, *, negated: bool) -> Node:
        return {"op": "not", "args": [node]} if negated else node

    # — values

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), self._signed))

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        node = part()
        terms = 1
        while sign := self._take(*signs):
            terms += 1
            if terms > MAX_DEPTH:
                raise FilterError(
                    "a sum or product in the filter is too long", mend=f"at most {MAX_DEPTH} terms"
                )
            node = {"op": sign, "args": [self._value(node), self._value(part())]}
        return node

    def _signed(self) -> Node:
        if not self._take("-"):
            return self._primary()
        self._deeper()
        node = self._value(self._signed())
        self.depth -= 1
        return -node if _is_number(node) else {"op": "*", "args": [-1, node]}

    def _primary(self) -> Node:
        if self.place >= len(self.tokens):
            self._refuse()
        kind, text, _, _ = self.tokens[self.place]
        if kind == "word":
            return self._word(text)
        if kind == "sign" and text != "(":
            self._refuse()
        self.place += 1
        if kind == "number":
            return self._number(text)
        if kind == "text":
            return _unescaped(text)
        if kind == "quoted":
            return {"property": text[1:-1].replace('""', '"')}
        self._deeper()
        node = self._either()
        self._demand(")")
        self.depth -= 1
        return node

    def _number(self, text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            self.place -= 1
            self._refuse(mend="the number is too large")
        return int(text) if text.isdecimal() and len(text) < 16 else value  # noqa: PLR2004 - exact in a double

    def _word(self, text: str) -> Node:
        """A keyword, a literal with a keyword, a function, or a column."""
        upper = text.upper()
        if upper in {"TRUE", "FALSE"}:
            self.place += 1
            return upper == "TRUE"
        if upper == "NULL":
            self._refuse(mend="a missing value is found by: column IS NULL")
        if upper in _RESERVED:
            self._refuse()
        following = self.tokens[self.place + 1][1] if self.place + 1 < len(self.tokens) else ""
        if upper in _GEOMETRIES and following in {"(", "Z", "z"}:
            return self._geometry()
        self.place += 1
        if following != "(":
            return {"property": text}
        self.place += 1
        self._deeper()
        node = self._call(upper)
        self._demand(")")
        self.depth -= 1
        return node

    def _call(self, name: str) -> Node:
        """What stands between the brackets after a name."""
        if name in {"DATE", "TIMESTAMP"}:
            return instant_node(self._quoted(f"for example: {name}('2026-06-30')"), name.lower())
        if name == "BBOX":
            return box_node(self._corners())
        if name == "INTERVAL":
            return interval_node(self._arguments())
        function = OPS.get(name.casefold(), "")
        if function not in FUNCTIONS:
            self.place -= 2
            self._refuse(mend="functions known here: CASEI, S_…, T_…, DATE, TIMESTAMP, INTERVAL, BBOX")
        arguments = self._arguments()
        if function == "s_dwithin":
            self._demand_distance(arguments)
        if len(arguments) != FUNCTIONS[function]:
            self._refuse(mend=f"{name} takes {FUNCTIONS[function]} value(s)")
        if function in TEMPORAL:
            arguments = [instant_node(node) if isinstance(node, str) else node for node in arguments]
        elif function not in SPATIAL:
            arguments = [self._value(node) for node in arguments]
        return {"op": function, "args": arguments}

    def _arguments(self) -> list[Node]:
        arguments = [self._sum()]
        while self._take(","):
            arguments.append(self._sum())
        return arguments

    def _quoted(self, example: str) -> str:
        kind, text, _, _ = self.tokens[self.place] if self.place < len(self.tokens) else ("", "", 0, 0)
        if kind != "text":
            self._refuse(mend=example)
        self.place += 1
        return _unescaped(text)

    def _demand_distance(self, arguments: list[Node]) -> None:
        """Three, the last a number within bounds, and nothing behind it: that would be a unit."""
        metres = arguments[-1]
        unit = self.place < len(self.tokens) and self.tokens[self.place][1] != ")"
        plain = _is_number(metres) and 0 <= metres <= FARTHEST_M
        if len(arguments) != FUNCTIONS["s_dwithin"] or unit or not plain:
            raise wrong_distance()

    def _corners(self) -> list[float]:
        numbers: list[float] = []
        while not numbers or self._take(","):
            node = self._signed()
            if not _is_number(node):
                self._refuse(mend="BBOX(west, south, east, north) in degrees")
            numbers.append(node)
        return numbers

    def _geometry(self) -> Node:
        """A geometry in WKT: everything to the bracket that closes it."""
        start = self.tokens[self.place][2]
        level = 0
        while self.place < len(self.tokens):
            _, text, _, end = self.tokens[self.place]
            self.place += 1
            level += {"(": 1, ")": -1}.get(text, 0)
            if self.depth + level > MAX_DEPTH:
                raise too_deep()
            if level == 0 and text == ")":
                return wkt_node(self.text[start:end])
        return self._refuse()
