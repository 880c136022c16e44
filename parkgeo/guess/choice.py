"""Which table is which layer: all tables against all layers at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parkgeo.guess.boundary import no_parcels
from parkgeo.guess.content import shared_ids
from parkgeo.guess.relations import Laid, lay_out, relate
from parkgeo.guess.score import Likelihood, base_score, beside_parcels, possible_layers
from parkgeo.guess.system import SystemGuess, guess_systems
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from parkgeo.guess.confidence import Confidence
    from parkgeo.guess.look import Table
    from parkgeo.layers import Sentence

__all__ = ["Candidate", "choose"]

_USED, _LIKELY, _SURE = 1.2, 2.2, 3.5
_MARGIN_LIKELY, _MARGIN_SURE = 0.4, 0.8
_NESTED, _SMALLER = 0.6, 0.6
_NESTING, _NESTED_IN, _NAMED_BY = 1.0, -1.0, 2.0
_REFERRED = 0.5
_RIVAL = 0.6
_ONE_LAYER_OF_PARCELS = 2
_FAR_M = {"facilities": 100_000.0}
_USUALLY_FAR_M = 5_000.0


@dataclass(frozen=True)
class Candidate:
    """A table and what it is taken for.

    Attributes
    ----------
    table
        The table.
    likelihoods
        Layer → how much it looks like it.
    system
        Its coordinate system; None for a table without shapes.
    laid
        Its shapes in the common plane; None where they cannot be brought there.
    layer
        What it is taken for; empty for nothing.
    why_not
        Why it is taken for nothing, or is only a remark; None where it is used.
    doubt
        What makes it less sure than it looks; None where nothing does.
    """

    table: Table
    likelihoods: dict[str, Likelihood]
    system: SystemGuess | None
    laid: Laid | None
    layer: str = ""
    why_not: Sentence | None = None
    doubt: Sentence | None = None

    @property
    def chosen(self) -> Likelihood:
        """How much it looks like what it is taken for."""
        return self.likelihoods[self.layer]

    @property
    def confidence(self) -> Confidence:
        """How sure it is that the table is the layer."""
        own = self.chosen.score
        others = [one.score for layer, one in self.likelihoods.items() if layer != self.layer]
        margin = own - max(others, default=-1.0)
        if own >= _SURE and margin >= _MARGIN_SURE and self.doubt is None:
            return "sure"
        return "likely" if own >= _LIKELY and margin >= _MARGIN_LIKELY else "guess"

    @property
    def reasons(self) -> tuple[Sentence, ...]:
        """What was seen, what is doubtful of it first."""
        return (*((self.doubt,) if self.doubt is not None else ()), *self.chosen.reasons)


def choose(tables: Sequence[Table], root: Path) -> list[Candidate]:
    """Take each table for one layer at most.

    Parameters
    ----------
    tables
        All tables of a folder.
    root
        The folder.

    Returns
    -------
    list of Candidate
        One a table, in their order.
    """
    systems = guess_systems(tables)
    laid = lay_out(tables, systems)
    first = [{layer: base_score(table, layer, root) for layer in possible_layers(table)} for table in tables]
    candidates = [
        Candidate(table, found, system, ground)
        for table, found, system, ground in zip(tables, first, systems, laid, strict=True)
    ]
    parcels = _parcels(candidates)
    if parcels is None:
        return [_settled(one) for one in candidates]
    # The choice of the parcels has reasons that the others are told as well.
    candidates[parcels] = _with_parcels_reasons(candidates, parcels)
    known = _ids(candidates[parcels])
    return [
        replace(one, layer="parcels") if at == parcels else _beside(one, candidates[parcels], known, root)
        for at, one in enumerate(candidates)
    ]


def _ids(candidate: Candidate) -> frozenset[str]:
    """Ids of the parcels, by the column taken for them."""
    for guess in candidate.likelihoods["parcels"].columns:
        if guess.field.name == "parcel_id":
            return candidate.table.content(guess.column).ids
    return frozenset()


def _parcels(candidates: list[Candidate]) -> int | None:
    """Which table holds the parcels; None where none does."""
    weighed = []
    with_parks = {one.table.path for one in candidates if one.table.known == "parks"}
    for at, one in enumerate(candidates):
        own = one.likelihoods.get("parcels")
        if own is None or no_parcels(one.table, own) is not None:
            continue
        # Of several extracts of OpenStreetMap the one that has a park.
        placed = not one.table.known or one.table.path in with_parks
        score = own.score + sum(weight for weight, _ in _parcels_signs(candidates, at))
        other = max(
            (found.score for layer, found in one.likelihoods.items() if layer != "parcels"), default=0.0
        )
        lacking = bool(own.lacking)
        weighed.append((not lacking, placed, score - _RIVAL * max(other, 0.0), -at))
    return -max(weighed)[3] if weighed else None


def _parcels_signs(candidates: list[Candidate], at: int) -> list[tuple[float, Sentence]]:
    """What the other tables say of one being the parcels."""
    one = candidates[at]
    signs = []
    within, around = 0, 0
    for place, other in enumerate(candidates):
        if place == at or other.laid is None or one.laid is None or other.table.family != "polygon":
            continue
        relation = relate(other.laid, one.laid)
        smaller = other.laid.median_area < _SMALLER * one.laid.median_area
        larger = _SMALLER * other.laid.median_area > one.laid.median_area
        within += relation.within >= _NESTED and smaller
        around += relation.holds >= _NESTED and larger and len(other.table.shapes) > _ONE_LAYER_OF_PARCELS
    if within:
        signs.append((_NESTING, sentence("the polygons of other tables lie within its own")))
    if around and not within:
        signs.append((_NESTED_IN, sentence("its polygons lie within those of other tables")))
    ids = _ids(one)
    if ids and any(_refers(other.table, ids) for other in candidates if other.table.family == "none"):
        signs.append((_NAMED_BY, sentence("other tables name its ids")))
    return signs


def _refers(table: Table, ids: frozenset[str]) -> bool:
    return any(shared_ids(table.content(column).ids, ids) >= _REFERRED for column in table.columns)


def _with_parcels_reasons(candidates: list[Candidate], at: int) -> Candidate:
    one = candidates[at]
    found = one.likelihoods["parcels"]
    for weight, reason in _parcels_signs(candidates, at):
        found = found.plus(weight, reason)
    return replace(one, likelihoods=one.likelihoods | {"parcels": found})


def _beside(one: Candidate, parcels: Candidate, known: frozenset[str], root: Path) -> Candidate:
    """A table that is not the parcels, with what it has to do with them."""
    found = {
        # Only what may name parcels is seen with other eyes once their ids are known.
        layer: base_score(one.table, layer, root, parcel_ids=known)
        if "parcel_id" in before.layer.fields
        else before
        for layer, before in one.likelihoods.items()
        if layer != "parcels"
    }
    distance = None
    if one.laid is not None and parcels.laid is not None:
        relation = relate(one.laid, parcels.laid)
        sizes = (one.laid.median_area, parcels.laid.median_area)
        found = {
            layer: beside_parcels(likelihood, one.table, relation, sizes)
            for layer, likelihood in found.items()
        }
        distance = relation.distance_m
    again = {"parcels": one.likelihoods["parcels"]} if "parcels" in one.likelihoods else {}
    settled = _settled(replace(one, likelihoods=again | found))
    if settled.layer and distance is not None and distance > _FAR_M.get(settled.layer, _USUALLY_FAR_M):
        return _far_off(settled, one, f"{distance / 1000:,.0f}")
    return settled


def _far_off(settled: Candidate, before: Candidate, km: str) -> Candidate:
    """A table that lies elsewhere: an extract of another place, or the office's own in a wrong zone.

    What is clearly a layer but for its place stays an entry, so that the check of places tells the mistake.
    """
    if settled.table.known:
        reason = sentence("it lies {km} km from the parcels", km=km)
        return replace(settled, layer="", why_not=reason)
    reason = sentence("it lies {km} km from the parcels: another zone?", km=km)
    # Its place spoke against every layer: judged by names, columns and cells alone.
    named = _settled(before)
    clear = named.layer and named.layer != "parcels" and named.confidence != "guess"
    if clear:
        return replace(settled, layer=named.layer, why_not=named.why_not, doubt=reason)
    return replace(settled, why_not=reason)


def _settled(one: Candidate) -> Candidate:
    """A table taken for the layer that it looks most like, if it looks like any."""
    if not one.likelihoods:
        reason = (
            sentence("a table within a map file is not read: save it as .xlsx or .csv")
            if one.table.family == "none"
            else sentence("its shapes are of no kind that a layer has")
        )
        return replace(one, why_not=reason)
    layer = max(one.likelihoods, key=lambda name: one.likelihoods[name].score)
    if one.likelihoods[layer].score >= _USED:
        mere = no_parcels(one.table, one.likelihoods[layer]) if layer == "parcels" else None
        return replace(one, layer=layer, why_not=mere)
    reason = sentence("it looks like no layer; most like {layer}", layer=one.likelihoods[layer].layer)
    return replace(one, why_not=reason)
