"""Units of a table's columns: behind a header, in a row of their own, in a line above the table."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from parkgeo.layers import sentence
from parkgeo.layers.schema import fold_header, schemas
from parkgeo.units import known_units

if TYPE_CHECKING:
    from parkgeo.layers import Field, Sentence

__all__ = ["all_units", "lone_unit", "unit_row", "units_of", "units_of_table"]

_BRACKETS = re.compile(r"^[(（\[【]\s*(.*?)\s*[)）\]】]$")
_UNIT_WORD = re.compile(r"^(?:计量|金额|面积|货币)?单位\s*[:：]\s*")
_UNIT_LINE = re.compile(r"[(（]?(?:计量|金额|面积|货币)?单位\s*[:：]\s*([^()（）:：]+?)\s*[)）]?$")
_NO_UNIT = frozenset({"", "-", "—", "——", "/", "年月日", "日期", "文本", "字符"})


def unit_row(row: list[Any], fields: list[Field | None]) -> dict[int, str]:
    """Column → unit, where a row holds nothing but units; else nothing."""
    found: dict[int, str] = {}
    for column, cell in enumerate(row):
        text = "" if cell is None else str(cell).strip()
        if text in _NO_UNIT:
            continue
        unit = lone_unit(text, bracketed=False)
        if not unit or not isinstance(cell, str):
            return {}
        found[column] = unit
    fits = any(
        column < len(fields) and (field := fields[column]) is not None and unit.casefold() in units_of(field)
        for column, unit in found.items()
    )
    return found if fits else {}


def units_of_table(
    above: list[list[str]], names: list[str], fields: list[Field | None], units: list[str]
) -> list[Sentence]:
    """Enter the unit that a line above the header states for the whole table, where a column names none."""
    stated: dict[str, str] = {}
    for row in above:
        for text in row:
            found = _UNIT_LINE.search(text)
            parts = [part for part in re.split(r"[、,，;；/和\s]+", found[1]) if part] if found else []
            if parts and all(lone_unit(part, bracketed=False) for part in parts):
                stated |= {part.casefold(): part for part in parts}
    taken: dict[str, list[str]] = {}
    for at, field in enumerate(fields):
        if (
            field is None
            or field.kind != "number"
            or field.unit == "1"
            or units[at]
            or fold_header(names[at])[1]
        ):
            continue
        fitting = [unit for folded, unit in stated.items() if folded in units_of(field)]
        if len(fitting) == 1:
            units[at] = fitting[0]
            taken.setdefault(fitting[0], []).append(names[at])
    return [
        sentence(
            "the unit {unit}, stated above the table, is that of {columns}", unit=unit, columns=tuple(columns)
        )
        for unit, columns in taken.items()
    ]


def lone_unit(text: str, *, bracketed: bool) -> str:
    """The unit that a text is, with or without brackets and the word 单位; empty for any other text."""
    found = _BRACKETS.match(text)
    if bracketed and not found:
        return ""
    inner = _UNIT_WORD.sub("", found[1] if found else text).strip()
    folded = unicodedata.normalize("NFKC", inner).replace(" ", "").casefold()
    return folded if folded in all_units() else ""


def units_of(field: Field) -> frozenset[str]:
    """Units that convert to a field's, without letter case."""
    return (
        frozenset(text.casefold() for text in known_units(field.unit) if text not in ("", "1"))
        if field.unit
        else frozenset()
    )


@cache
def all_units() -> tuple[str, ...]:
    """Every unit of a field, the longest first."""
    known = {
        unit for layer in schemas().values() for field in layer.fields.values() for unit in units_of(field)
    }
    return tuple(sorted(known, key=lambda unit: (-len(unit), unit)))
