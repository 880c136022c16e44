"""Functions that each snapshot's schema holds, so that the database computes as `parkgeo.store.where` does.

- ``_casefold``: letters as ``str.casefold`` folds them; PostgreSQL has no such function.
- ``_add``, ``_subtract``, ``_multiply``, ``_divide``: what is too large for a number, and what is divided by zero, has
  no value; PostgreSQL would end the whole question with an error. They are slow, and used only after the quick way failed.
- ``_finite``: a number that is one.
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["create_functions"]

_ASCII, _SURROGATES = 128, range(0xD800, 0xE000)
_FINITE: LiteralString = """
CREATE FUNCTION {}._finite(number double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN number > '-Infinity' AND number < 'Infinity' THEN number END
"""
# Both factors at least one: the product was too large. Else it was too small, and is zero.
_CAREFUL: LiteralString = """
CREATE FUNCTION {name}(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
BEGIN
  RETURN {finite}(a {sign} b);
EXCEPTION
  WHEN division_by_zero THEN RETURN NULL;
  WHEN numeric_value_out_of_range THEN RETURN CASE WHEN {vanishes} THEN 0 END;
END
$body$
"""
_VANISHES: dict[str, tuple[LiteralString, LiteralString]] = {
    "_add": ("+", "false"),
    "_subtract": ("-", "false"),
    "_multiply": ("*", "abs(a) < 1 OR abs(b) < 1"),
    "_divide": ("/", "abs(b) > 1"),
}
_CASEFOLD: LiteralString = """
CREATE FUNCTION {schema}._casefold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN lower($1 COLLATE "C") !~ {foldable} THEN lower($1 COLLATE "C") ELSE translate({spelled}, {before}, {after}) END
"""


def create_functions(schema: str) -> Iterable[sql.Composed]:
    """Statements that create the functions in a snapshot's schema."""
    yield sql.SQL(_FINITE).format(sql.Identifier(schema))
    for name, (sign, vanishes) in _VANISHES.items():
        yield sql.SQL(_CAREFUL).format(
            name=sql.Identifier(schema, name),
            finite=sql.Identifier(schema, "_finite"),
            sign=sql.SQL(sign),
            vanishes=sql.SQL(vanishes),
        )
    single, several = _foldings()
    spelled: sql.Composable = sql.SQL('lower($1 COLLATE "C")')
    for letter, folded in several.items():
        spelled = sql.SQL("replace({}, {}, {})").format(spelled, sql.Literal(letter), sql.Literal(folded))
    yield sql.SQL(_CASEFOLD).format(
        schema=sql.Identifier(schema),
        foldable=sql.Literal(_one_of((*single, *several))),
        spelled=spelled,
        before=sql.Literal("".join(single)),
        after=sql.Literal("".join(single.values())),
    )


@cache
def _foldings() -> tuple[dict[str, str], dict[str, str]]:
    """Letters beyond ASCII that fold to one letter, and those that fold to several."""
    letters = (chr(code) for code in range(_ASCII, sys.maxunicode + 1) if code not in _SURROGATES)
    folded = {letter: letter.casefold() for letter in letters if letter.casefold() != letter}
    single = {letter: to for letter, to in folded.items() if len(to) == 1}
    return single, {letter: to for letter, to in folded.items() if len(to) > 1}


def _one_of(letters: Iterable[str]) -> str:
    """A regular expression that finds one of many letters, runs of neighbours written short."""
    codes = sorted(map(ord, letters))
    runs = (
        [code for _, code in run] for _, run in groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])
    )
    return (
        "[" + "".join(f"{chr(run[0])}-{chr(run[-1])}" if len(run) > 1 else chr(run[0]) for run in runs) + "]"
    )
