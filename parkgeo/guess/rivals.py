"""Several tables for one layer: parts of it, copies, or one that must give way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parkgeo.guess.boundary import could_be_ids
from parkgeo.guess.relations import relate
from parkgeo.guess.words import is_copy
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parkgeo.guess.choice import Candidate
    from parkgeo.guess.look import Table
    from parkgeo.layers import Sentence

__all__ = ["settle_rivals"]

_SAME, _APART, _SAME_COLUMNS = 0.5, 0.05, 0.6
_MOST_ROWS = 5000
# Layers in which a row stands for one thing, so that two rows of one id contradict each other.
_ONE_ROW_EACH = {"supply": "parcel_id"}


def settle_rivals(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Keep the best table of each layer, those that are further parts of it, and make remarks of the others.

    Parameters
    ----------
    candidates
        Tables and what they are taken for.

    Returns
    -------
    list of Candidate
        In their order; a copy says what it is a copy of.
    """
    settled = list(candidates)
    kept: dict[str, list[Candidate]] = {}
    order = sorted(range(len(settled)), key=lambda at: _rank(settled[at], at))
    for at in order:
        one = settled[at]
        if not one.layer:
            continue
        reason = _unusable(one)
        for other in kept.get(one.layer, []):
            reason = reason or _gives_way(one, other)
        if reason is None:
            kept.setdefault(one.layer, []).append(one)
        else:
            settled[at] = replace(one, why_not=reason)
    return settled


def _rank(one: Candidate, at: int) -> tuple[bool, bool, bool, float, int, int]:
    """The order in which tables are taken for their layer."""
    score = one.chosen.score if one.layer else 0.0
    copy = is_copy(one.table.path.stem) or is_copy(one.table.name)
    return (
        _unusable(one) is not None,
        bool(one.table.known),
        copy,
        -round(score, 1),
        -len(one.table.raw.frame),
        at,
    )


def _unusable(one: Candidate) -> Sentence | None:
    """Why a table would stop the analysis."""
    if not one.layer:
        return None
    if one.why_not is not None:
        return one.why_not
    if one.chosen.lacking:
        return _lacking(one)
    if one.layer != "parcels" and one.system is not None and one.system.ground is None:
        return sentence("its coordinate system is not known: write crs")
    return None


def _lacking(one: Candidate) -> Sentence:
    fields = tuple(one.chosen.layer.fields[name] for name in one.chosen.lacking)
    columns = could_be_ids(one.table) if one.chosen.lacking == (one.chosen.layer.key,) else ()
    if not columns:
        return sentence("no column for {fields}: write it into fields", fields=fields)
    return sentence(
        "no column for {fields}: write it into fields; {columns} could be it", fields=fields, columns=columns
    )


def _gives_way(one: Candidate, other: Candidate) -> Sentence | None:
    """Why one table cannot be used beside another of its layer; None where both are parts of it."""
    name = _name(other.table)
    if one.table.known and not other.table.known:
        return sentence("{other} is the office's own: what OpenStreetMap has is left out", other=name)
    if _same_rows(one.table, other.table):
        return sentence("its rows are those of {other}: a copy", other=name)
    key = _ONE_ROW_EACH.get(one.layer, one.chosen.layer.key)
    if key and _shared_ids(one, other, key) >= _SAME:
        field = one.chosen.layer.fields[key]
        return sentence("it has the same {field} as {other}: use one of them", field=field, other=name)
    return _on_same_ground(one, other, name)


def _on_same_ground(one: Candidate, other: Candidate, name: str) -> Sentence | None:
    """Why one table cannot be used beside another for what they cover."""
    if one.layer == "parcels" and not _alike(one, other):
        return sentence("{other} is taken for the parcels: use one of them", other=name)
    if one.laid is None or other.laid is None:
        return None
    relation = relate(one.laid, other.laid)
    if relation.same >= _SAME:
        return sentence("its shapes are those of {other}: use one of them", other=name)
    overlap = max(relation.within, relation.holds)
    if (one.layer == "parks" and overlap >= _SAME) or (one.layer == "parcels" and overlap > _APART):
        return sentence("it covers the same ground as {other}: use one of them", other=name)
    return None


def _name(table: Table) -> str:
    return " · ".join(part for part in (table.path.name, table.name or table.known) if part)


def _alike(one: Candidate, other: Candidate) -> bool:
    """Whether most of the columns of two tables have the same names."""
    headers = [set(candidate.table.columns) for candidate in (one, other)]
    return len(headers[0] & headers[1]) >= _SAME_COLUMNS * max(len(headers[0] | headers[1]), 1)


def _shared_ids(one: Candidate, other: Candidate, key: str) -> float:
    ids = []
    for candidate in (one, other):
        guess = next(
            (guess for guess in candidate.chosen.columns if guess.field.name == key and guess.live), None
        )
        ids.append(candidate.table.content(guess.column).ids if guess is not None else frozenset())
    return len(ids[0] & ids[1]) / max(min(len(ids[0]), len(ids[1])), 1)


def _same_rows(one: Table, other: Table) -> bool:
    """Whether most rows of the smaller of two tables of the same columns stand in the other."""
    if one.columns != other.columns or not one.columns:
        return False
    rows = [
        {tuple(map(str, row)) for row in table.raw.frame.head(_MOST_ROWS).itertuples(index=False, name=None)}
        for table in (one, other)
    ]
    return len(rows[0] & rows[1]) >= _SAME * max(min(len(rows[0]), len(rows[1])), 1)
