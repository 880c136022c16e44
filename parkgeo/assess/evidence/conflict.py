"""Contradicting evidence as a finding, and the order of field checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.evidence.combine import CONFLICT, SEVERAL, TOGETHER, groups
from parkgeo.assess.evidence.lines import CANNOT_SAY, IDLE, IN_USE, SAYS
from parkgeo.assess.evidence.notes import notes
from parkgeo.assess.judged import Judged, verdict_table
from parkgeo.assess.states.trivalent import known, verdicts
from parkgeo.errors import PackError
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.evidence.combine import Combined
    from parkgeo.assess.evidence.lines import Line
    from parkgeo.packs import RuleBook

__all__ = ["conflict_judged", "field_check_rank"]

_TITLES = {
    "contract": "contract", "permit": "construction permit", "buildings": "buildings", "imagery": "imagery",
    "electricity": "electricity", "water": "water", "output": "output and tax",
}  # fmt: skip
_SENTENCE = "The evidence contradicts itself. Idle: {idle} In use: {in_use} A visit to the site decides."
_ENTRY = "{line} – {note}"


def conflict_judged(
    together: Combined, judged: NDArray[np.bool_], lines: Mapping[str, Line], rules: RuleBook, index: pd.Index
) -> Judged:
    """Whether the lines contradict each other.

    Parameters
    ----------
    together
        From `parkgeo.assess.evidence.combine.combined`.
    judged
        Parcels that the lines are about.
    lines
        By name.
    rules
        The packs in force.
    index
        Of the parcels.

    Returns
    -------
    Judged
        None where fewer than two groups say anything: nothing is there to contradict. Never undetermined.
    """
    figure = rules["evidence.conflict"]
    apart = np.asarray(together.says == CONFLICT)
    heard = judged & ((together.spoken >= SEVERAL) | apart)
    counted = [name for members in groups(rules).values() for name in members]
    table = verdict_table(
        verdicts(known(apart), heard), index,
        observed=together.pairs.astype(float), threshold=figure.number("1"), case=together.says,
    )  # fmt: skip

    def reasons(at: NDArray[np.intp]) -> pd.DataFrame:
        told = {name: notes(lines[name], at) for name in counted}
        return pd.DataFrame(
            {
                lang: _sentences(
                    lines, counted, {name: told[name][lang].to_pylist() for name in counted}, at, lang
                )
                for lang in LANGUAGES
            }
        )

    def told(at: int) -> list[dict[str, Any]]:
        entries = [_evidence(lines[name], at) for name in counted if lines[name].says[at] != CANNOT_SAY]
        return [*entries, figure.as_evidence(), rules["evidence.contradictions"].as_evidence()]

    return Judged("evidence_conflict", figure, table, reasons, told)


def field_check_rank(
    says: pd.Categorical,
    judged: NDArray[np.bool_],
    area: NDArray[np.float64],
    against: NDArray[np.int64],
    rules: RuleBook,
) -> NDArray[np.float64]:
    """The order in which parcels are to be checked in the field, from 1; NaN where none is asked for.

    Parameters
    ----------
    says
        What the lines say together.
    judged
        Parcels that the lines are about.
    area
        m².
    against
        Lines that have a part in a contradiction.
    rules
        The packs in force: ``evidence.field_check``.

    Returns
    -------
    numpy.ndarray
        The kinds in the pack's order, within a kind the largest area × lines first; of equal ones the parcel that stands
        first.

    Raises
    ------
    PackError
        The pack names what the lines never say.
    """
    figure = rules["evidence.field_check"]
    kinds = figure.texts()
    if unknown := set(kinds) - {*TOGETHER}:
        raise PackError(
            f"{figure.key} names {min(unknown)!r}",
            where=figure.pack,
            mend=f"use {', '.join(TOGETHER)}",
        )
    kind = np.full(len(says), len(kinds))
    for place, each in enumerate(kinds):
        kind[np.asarray(says == each)] = place
    asked = np.flatnonzero(judged & (kind < len(kinds)))
    weight = np.nan_to_num(area[asked]) * np.maximum(against[asked], 1)
    order = asked[np.lexsort((asked, -weight, kind[asked]))]
    rank = np.full(len(says), np.nan)
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def _sentences(
    lines: Mapping[str, Line],
    counted: list[str],
    told: Mapping[str, list[str]],
    at: NDArray[np.intp],
    lang: str,
) -> list[str]:
    """Who says idle and who says in use, with their figures."""
    titles = {name: say(_TITLES[name], lang) for name in counted}
    joined = " " if lang == "en" else ""
    sentences = []
    for row, place in enumerate(at):
        sides = {
            side: joined.join(
                say(_ENTRY, lang, line=titles[name], note=told[name][row])
                for name in counted
                if lines[name].says[place] == answer
            )
            for side, answer in (("idle", IDLE), ("in_use", IN_USE))
        }
        sentences.append(say(_SENTENCE, lang, **sides))
    return sentences


def _evidence(line: Line, at: int) -> dict[str, Any]:
    """A line of the finding's evidence."""
    entry: dict[str, Any] = {"what": f"evidence_{line.name}", "value": SAYS[line.says[at]]}
    if np.isfinite(line.figure[at]):
        entry |= {"figure": round(float(line.figure[at]), 6), "unit": line.unit}
    if not np.isnat(line.day[at]):
        entry["day"] = str(line.day[at])
    if (
        line.source_file is not None
        and line.source_row is not None
        and np.isfinite(float(line.source_row[at] or np.nan))
    ):
        entry |= {"file": str(line.source_file[at]), "row": int(line.source_row[at])}
    return entry
