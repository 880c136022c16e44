"""Which column of a table is which field of a layer."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from parkgeo.guess.confidence import GUESS, Confidence, confidence_of
from parkgeo.guess.content import fit, hint, parcel_numbers
from parkgeo.guess.headers import likeness
from parkgeo.layers import schema, sentence
from parkgeo.layers.schema import fold_header
from parkgeo.units import known_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.guess.content import Content
    from parkgeo.guess.headers import Likeness
    from parkgeo.guess.look import Table
    from parkgeo.layers import Field, LayerSchema, Sentence

__all__ = ["ColumnGuess", "guess_columns", "header_unit", "ledger_fields"]

_MENTIONED = 0.3
_LEAST_FIT, _GOOD_FIT = 0.3, 0.8
_BLANK_COLUMN = 0.97
_AMBIGUOUS = 0.8
_NEAR = 0.05
_TORN, _MISFIT = 0.4, 0.4
_SHOWN = 5
_QUANTITIES = ("m2", "wan", "m", "m3", "kWh", "tce", "t")
# The number of an entity in a drawing; another drawing has the same.
_HANDLE = "handle"
# What a column of keys is called where nothing more is said.
_KEYS = frozenset({"id", "uid", "gid", "key", "code", "no", "编号", "代码", "编码", "号"})
_KEY_ENDINGS = ("id", "编号", "代码", "编码", "号")
_CALLED_KEY, _ENDS_AS_KEY = 0.6, 0.55


@dataclass(frozen=True)
class ColumnGuess:
    """A column that may be a field.

    Attributes
    ----------
    field
        The field.
    column
        The column's header.
    score
        1 is certain.
    reasons
        What was seen.
    unit
        Unit to be written into park.toml; empty where the header's own or the field's is right.
    others
        Further columns that could be the field.
    """

    field: Field
    column: str
    score: float
    reasons: tuple[Sentence, ...]
    unit: str = ""
    others: tuple[str, ...] = ()

    @property
    def confidence(self) -> Confidence:
        """How sure it is."""
        return confidence_of(self.score)

    @property
    def live(self) -> bool:
        """Whether it is written as a line, not only as a remark."""
        return self.score >= GUESS


def ledger_fields() -> dict[str, Field]:
    """The fields of the supply ledger that parcels do not have: parcels may bring them as columns."""
    own = schema("parcels").fields
    return {name: field for name, field in schema("supply").fields.items() if name not in own}


def guess_columns(
    table: Table, layer: LayerSchema, *, parcel_ids: frozenset[str] = frozenset(), with_ledger: bool = False
) -> tuple[ColumnGuess, ...]:
    """The columns of a table as fields of a layer, each at most once.

    Parameters
    ----------
    table
        The table.
    layer
        The layer that it is taken for.
    parcel_ids
        Ids of the parcels, as far as they are known.
    with_ledger
        Whether the fields of the supply ledger are looked for as well.

    Returns
    -------
    tuple of ColumnGuess
        In the order of the layer's fields; weak ones, which are only mentioned, among them.
    """
    fields = list((layer.fields | (ledger_fields() if with_ledger else {})).values())
    found = [
        (order, place, guess)
        for order, field in enumerate(fields)
        for place, column in enumerate(table.columns)
        if (guess := _one(table, column, field, layer, parcel_ids)) is not None
    ]
    # The best first; of equals the first field and the first column, so that one folder gives one answer.
    found.sort(key=lambda entry: (-entry[2].score, entry[0], entry[1]))
    taken: set[str] = set()
    chosen: dict[str, tuple[int, ColumnGuess]] = {}
    rivals: dict[str, list[tuple[float, str]]] = {}
    for order, _, guess in found:
        name = guess.field.name
        if name in chosen:
            rivals.setdefault(name, []).append((guess.score, guess.column))
        elif guess.column not in taken:
            chosen[name] = (order, guess)
            taken.add(guess.column)
    scores = {name: guess.score for name, (_, guess) in chosen.items()}
    return tuple(
        _one_of_several(
            _held_against(guess, rivals.get(name, []), taken), [one for _, _, one in found], scores
        )
        for name, (_, guess) in sorted(chosen.items(), key=lambda entry: entry[1][0])
    )


def _one_of_several(guess: ColumnGuess, found: list[ColumnGuess], scores: dict[str, float]) -> ColumnGuess:
    """A guess that is only mentioned where its column could as well be another field that has no better one.

    A start of works that is neither called agreed nor actual must not become either.
    """
    if guess.confidence == "sure":
        return guess
    others = tuple(
        one.field
        for one in found
        if one.column == guess.column
        and one.field.name != guess.field.name
        and one.score >= guess.score - _NEAR
        and scores.get(one.field.name, 0.0) <= one.score
    )
    if not others:
        return guess
    reason = sentence("it could be {fields} as well", fields=others)
    return replace(guess, score=min(guess.score, _TORN), reasons=(*guess.reasons, reason))


def _held_against(guess: ColumnGuess, rivals: list[tuple[float, str]], taken: set[str]) -> ColumnGuess:
    """A guess with the columns that could be the field as well; less sure where one is as good."""
    misfits = [column for _, column in rivals if foreign_unit(column, guess.field)]
    if misfits:
        reason = sentence(
            "not {columns}, which is in a unit that does not convert", columns=tuple(misfits[:_SHOWN])
        )
        guess = replace(guess, reasons=(*guess.reasons, reason))
    free = [(score, column) for score, column in rivals if column not in taken and score >= GUESS]
    if not free:
        return guess
    equal = free[0][0] >= guess.score - _NEAR
    reasons = (*guess.reasons, sentence("another column could be it as well")) if equal else guess.reasons
    score = guess.score * (_AMBIGUOUS if equal else 1.0)
    return replace(guess, score=score, reasons=reasons, others=tuple(column for _, column in free[:_SHOWN]))


def _one(
    table: Table, column: str, field: Field, layer: LayerSchema, parcel_ids: frozenset[str]
) -> ColumnGuess | None:
    if table.raw.driver == "DXF" and _is_handle(column, field, layer):
        return None
    alike = likeness(column, field)
    content = table.content(column)
    seen = hint(content, field, layer, parcel_ids)
    if alike is None and seen is None:
        return None
    reasons: list[Sentence] = []
    score = 0.0
    if alike is not None:
        score, told = _named(alike, fit(content, field))
        reasons.extend(told)
    if seen is not None:
        reasons.append(seen.reason)
        score = 1 - (1 - score) * (1 - seen.score)
    if field.name == layer.key and content.unique:
        score = max(score, _as_key(fold_header(column)[0]))
    if field.name == layer.key and layer.name == "parcels" and not content.unique and content.filled:
        reasons.append(sentence("several rows have the same value, or none"))
        score *= 0.75 if alike is not None and alike.score >= 1 else 0.5
    for against in _against(column, content, field, layer):
        reasons.append(against)
        score = min(score, _MISFIT)
    if score < _MENTIONED:
        return None
    return ColumnGuess(field, column, score, tuple(reasons), alike.unit if alike else "")


def _named(alike: Likeness, share: float | None) -> tuple[float, list[Sentence]]:
    """How sure a header makes it, with the share of its cells that are values of the field; None for blank cells."""
    if share is None:
        return alike.score * _BLANK_COLUMN, [alike.reason, sentence("the column is blank")]
    score = alike.score * (_LEAST_FIT + (1 - _LEAST_FIT) * share)
    if share >= _GOOD_FIT:
        return score, [alike.reason]
    few = sentence("only {percent} % of its cells are such values", percent=f"{100 * share:.0f}")
    return score, [alike.reason, few]


def _is_handle(column: str, field: Field, layer: LayerSchema) -> bool:
    return column == _HANDLE and (layer.name, field.name) != ("parcels", "parcel_id")


def _against(column: str, content: Content, field: Field, layer: LayerSchema) -> Iterator[Sentence]:
    """What tells that a column is not the field, whatever its header says."""
    if field.kind == "text" and "parcel_id" in layer.fields and content.unique and parcel_numbers(content):
        yield sentence("the cells are parcel numbers of 19 characters")
    if unit := foreign_unit(column, field):
        yield sentence("its unit {unit} does not convert to {own}", unit=unit, own=field.unit)


def _as_key(folded: str) -> float:
    """How much a column with a value of its own in every row is called a key."""
    return _CALLED_KEY if folded in _KEYS else _ENDS_AS_KEY if folded.endswith(_KEY_ENDINGS) else 0.0


def foreign_unit(column: str, field: Field) -> str:
    """The unit in a header's bracket that does not convert to the field's; empty where there is none such.

    Examples
    --------
    >>> from parkgeo.layers import schema
    >>> price = schema("supply").fields["price_wan"]
    >>> foreign_unit("成交价（元/㎡）", price), foreign_unit("成交价（万元）", price), foreign_unit("成交价（含税）", price)
    ('元/㎡', '', '')
    """
    _, unit = fold_header(column)
    return unit if field.unit and _is_unit(unit) and not header_unit(column, field) else ""


def _is_unit(text: str) -> bool:
    """Whether a bracket's text is a unit or a ratio of units; years and counts stand in brackets as remarks too."""
    parts = re.split(r"[/／每]", text.replace(" ", "").casefold())
    return all(part in _measures() for part in parts)


@cache
def _measures() -> frozenset[str]:
    units = {"%", *(unit.casefold() for quantity in _QUANTITIES for unit in known_units(quantity))}
    return frozenset(units - {"万", "亿"})


def header_unit(column: str, field: Field) -> str:
    """The unit in a header's bracket, where it is one of the field's."""
    _, unit = fold_header(column)
    known = {text.casefold() for text in known_units(field.unit)} if field.unit else set()
    return unit if unit and unit.replace(" ", "").casefold() in known else ""
