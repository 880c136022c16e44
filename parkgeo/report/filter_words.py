"""A filter as a sentence: what was chosen, in the reader's language, beside the filter as it was written."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from parkgeo.i18n import figure, say
from parkgeo.report.visible import visible

if TYPE_CHECKING:
    from parkgeo.report.facts import Facts

__all__ = ["filter_words", "tidy_bounds"]

_COMPARED = {
    "=": "{field} is {value}", "<>": "{field} is not {value}", "<": "{field} is below {value}", "<=": "{field} is at most {value}",
    ">": "{field} is above {value}", ">=": "{field} is at least {value}",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PLACES = {
    "s_intersects": "the land meets a given shape", "s_disjoint": "the land does not meet a given shape",
    "s_within": "the land lies within a given shape", "s_contains": "the land holds a given shape",
    "s_touches": "the land touches a given shape", "s_crosses": "the land crosses a given shape",
    "s_overlaps": "the land overlaps a given shape", "s_equals": "the land is a given shape",
    "s_dwithin": "the land lies within {metres} m of a given shape",
}  # fmt: skip
_TIMES = {
    "t_after": "{field} is after {value}", "t_before": "{field} is before {value}", "t_during": "{field} is within {value}",
    "t_equals": "{field} is {value}", "t_intersects": "{field} is within {value}",
}  # fmt: skip
_MOST = 200

_HALF_STEP, _HALF_STEP_M2 = 5, 3
"""Decimals from which a bound that ends in 5 is half a step beside what a reader typed, as the dashboard's filters are; of an area."""

_BOUND = re.compile(r"'(?:[^']|'')*'|(\w+) (>=|<=) (-?\d+\.\d+)", re.ASCII)
_IDLE = {"yes": "suspected idle", "no": "not idle", "undetermined": "undetermined"}


def tidy_bounds(text: str) -> str:
    """A filter as text with bounds as they were typed, not half a step beside; what stands in quotes is left alone.

    Examples
    --------
    >>> tidy_bounds("idle_days >= 1499.99995 AND far <= 0.75")
    'idle_days >= 1500 AND far <= 0.75'
    """

    def tidied(found: re.Match[str]) -> str:
        name, op, number = found.groups()
        return found[0] if name is None else f"{name} {op} {_typed(number, op, name)}"

    return _BOUND.sub(tidied, text)


def _typed(number: str, op: str, name: str) -> str:
    """A bound as a reader typed it: the dashboard asks half a step beside, so that what is shown as equal is kept."""
    decimals = len(number.partition(".")[2])
    if not number.endswith("5") or decimals < (_HALF_STEP_M2 if name.endswith("_m2") else _HALF_STEP):
        return number
    half = Decimal(5).scaleb(-decimals)
    found = Decimal(number) + (half if op == ">=" else -half)
    return f"{found:f}".rstrip("0").rstrip(".") or "0"


def filter_words(tree: dict[str, Any] | bool, facts: Facts, *, table: str = "parcels") -> str:  # noqa: FBT001 - a condition may be a bare true
    """A condition in words.

    Parameters
    ----------
    tree
        CQL2 JSON, as `parkgeo.store.where.parse` gives it.
    facts
        Titles of the fields and words of the codes, in a language.
    table
        Whose fields it names.

    Returns
    -------
    str
        One sentence without a full stop. Its texts are made visible, so it may be printed as it is.
    """
    return _Words(facts, table).condition(tree, within=False)


class _Words:
    """The words of one table's conditions."""

    def __init__(self, facts: Facts, table: str) -> None:
        self._facts = facts
        self._lang = facts.lang
        self._table = table

    def condition(self, node: Any, *, within: bool) -> str:
        """A condition; in brackets where it stands within another and has parts of its own."""
        if isinstance(node, bool):
            return say("every row" if node else "no row", self._lang)
        if "property" in node:
            return self._filled("{field} is {value}", node, say("yes", self._lang))
        op, args = node["op"], node["args"]
        if op in ("and", "or"):
            word = say(" and " if op == "and" else " or ", self._lang)
            told = word.join(self.condition(one, within=True) for one in args)
            return f"({told})" if within else told
        if op == "not":
            return say("not ({condition})", self._lang, condition=self.condition(args[0], within=False))
        return self._relation(op, args)

    def _relation(self, op: str, args: list[Any]) -> str:
        if op in _COMPARED:
            return self._compared(op, *args)
        if op in _PLACES:
            metres = figure(float(args[2]), self._lang, digits=0) if op == "s_dwithin" else ""
            return say(_PLACES[op], self._lang, **({"metres": metres} if metres else {}))
        return self._other(op, args)

    def _other(self, op: str, args: list[Any]) -> str:
        if op == "isNull":
            return say("{field} is not known", self._lang, field=self._value(args[0], None))
        field = self._field(args[0])
        if op == "in":
            *others, last = [self._value(one, field) for one in args[1]]
            values = say(" or ", self._lang).join(
                [say(", ", self._lang).join(others), last] if others else [last]
            )
            return self._filled("{field} is {value}", args[0], values)
        if op == "between":
            low, high = (self._value(one, field) for one in args[1:])
            span = say("{low} to {high}", self._lang, low=low, high=high)
            return self._filled("{field} is within {value}", args[0], span)
        if op == "like":
            return self._filled("{field} is like {value}", args[0], self._value(args[1], None))
        pattern = _TIMES.get(op)
        if pattern is None:
            return self._filled(
                "{field} stands to {value} as {relation}", args[0], self._value(args[1], None), relation=op
            )
        return self._filled(pattern, args[0], self._value(args[1], None))

    def _compared(self, op: str, left: Any, right: Any) -> str:
        if self._field(left) is None and self._field(right) is not None:
            left, right, op = right, left, _TURNED.get(op, op)
        name = self._field(left)
        if op in (">=", "<=") and name is not None and isinstance(right, float):
            right = float(_typed(f"{Decimal(repr(right)):f}", op, name))
        return self._filled(_COMPARED[op], left, self._value(right, self._field(left)))

    def _filled(self, pattern: str, subject: Any, value: str, **more: str) -> str:
        return say(pattern, self._lang, field=self._value(subject, None), value=value, **more)

    @staticmethod
    def _field(node: Any) -> str | None:
        """The field that a value is; None of any other."""
        while isinstance(node, dict) and node.get("op") == "casei":
            node = node["args"][0]
        return str(node["property"]) if isinstance(node, dict) and "property" in node else None

    def _title(self, name: str) -> str:
        return visible(self._facts.title(self._table, name), most=_MOST)

    def _value(self, node: Any, of: str | None) -> str:
        """A value; beside a field in that field's words and unit."""
        if isinstance(node, bool):
            return say("yes" if node else "no", self._lang)
        if isinstance(node, str | int | float):
            return self._plain(node, of)
        if "property" in node:
            return self._title(str(node["property"]))
        if "interval" in node:
            return self._interval(*node["interval"])
        return self._worked_out(node, of)

    def _plain(self, value: str | float, of: str | None) -> str:
        if of == "idle" and value in _IDLE:
            return say(_IDLE[str(value)], self._lang)
        if of is not None:
            return self._facts.shown(self._table, of, value)
        if isinstance(value, str):
            return f"“{visible(value, most=_MOST)}”"
        return figure(float(value), self._lang, digits=6)

    def _worked_out(self, node: Any, of: str | None) -> str:
        if "op" not in node:
            return visible(str(node.get("date", node.get("timestamp", "…"))), most=_MOST)
        if node["op"] == "casei":
            return self._value(node["args"][0], of)
        left, right = (self._value(one, None) for one in node["args"])
        return f"({left} {node['op']} {right})"

    def _interval(self, begin: Any, end: Any) -> str:
        first, last = (
            "…" if one == ".." else one if isinstance(one, str) else self._value(one, None)
            for one in (begin, end)
        )
        return say(
            "{low} to {high}", self._lang, low=visible(first, most=_MOST), high=visible(last, most=_MOST)
        )
