"""In which unit a column stands: by its header, and for areas by what is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.guess.columns import header_unit
from parkgeo.guess.confidence import LIKELY
from parkgeo.guess.content import typed
from parkgeo.layers import schema, sentence
from parkgeo.layers.schema import fold_header
from parkgeo.units import convert_factor, known_units

if TYPE_CHECKING:
    from parkgeo.guess.choice import Candidate
    from parkgeo.guess.columns import ColumnGuess
    from parkgeo.layers import Field

__all__ = ["areas_by_id", "with_units"]

_AREAS = ("registered_area_m2", "supplied_area_m2", "approved_area_m2")
_UNITS = ("平方米", "亩", "公顷", "平方公里")
_NEAR, _MOSTLY, _ENOUGH = 0.1, 0.6, 1
_LESS_SURE, _DOUBTFUL = 0.8, 0.5
_SHARE, _PERCENT = 1.0, 100.0
# What was approved is near what is drawn, not the same; units are fifteenfold apart at least.
_APPROVED, _NEAR_APPROVED = "approved_area_m2", 0.5
_TITLES = {"wan": "万元", "m2": "平方米"}


def areas_by_id(parcels: Candidate) -> pd.Series[float]:
    """Drawn area in m² of each parcel by its id; ids that several parcels have are left out."""
    drawn = _drawn(parcels)
    guess = next((one for one in parcels.chosen.columns if one.field.name == "parcel_id"), None)
    if drawn is None or guess is None:
        return pd.Series(dtype="float64")
    ids = typed(_cells(parcels, guess), guess.field)
    found = pd.Series(drawn.reindex(range(len(ids))).to_numpy(), index=ids.to_numpy())
    return found[found.index.notna() & ~found.index.duplicated(keep=False)]


def with_units(candidate: Candidate, parcel_areas: pd.Series[float]) -> tuple[ColumnGuess, ...]:
    """A candidate's columns with the units that park.toml must state.

    Parameters
    ----------
    candidate
        The table.
    parcel_areas
        Drawn areas by id; see `areas_by_id`.
    """
    drawn = _drawn(candidate)
    if drawn is None and candidate.layer == "supply":
        drawn = _drawn_by_id(candidate, parcel_areas)
    found = []
    for guess in candidate.chosen.columns:
        written = guess.unit or header_unit(guess.column, guess.field)
        if guess.field.name in _AREAS and drawn is not None:
            found.append(_by_drawing(candidate, guess, written, drawn))
        elif written:
            found.append(replace(guess, unit=_if_other(written, guess)))
        elif guess.field.unit == "1" and guess.field.maximum == _SHARE:
            found.append(_share_or_percent(candidate, guess))
        else:
            found.append(_without_unit(guess))
    return tuple(found)


def _without_unit(guess: ColumnGuess) -> ColumnGuess:
    """A column of money or of land that states no unit: never sure, for 元 and 万元 are both usual."""
    asked = guess.field.unit == "wan" or guess.field.name in _AREAS
    if not asked or not guess.live or _names_unit(guess.column, guess.field):
        return guess
    reason = sentence("no unit is stated: taken as {unit}", unit=_TITLES[guess.field.unit])
    return replace(guess, score=min(guess.score, max(_LESS_SURE, LIKELY)), reasons=(*guess.reasons, reason))


def _names_unit(column: str, field: Field) -> bool:
    """Whether a header is parkgeo's own name of the field, which ends in its unit, or names a unit somewhere."""
    folded, _ = fold_header(column)
    units = [unit for unit in known_units(field.unit) if not unit.isascii() and unit != "万"]
    return folded == fold_header(field.name)[0] or any(unit in column for unit in units)


def _if_other(written: str, guess: ColumnGuess) -> str:
    """A written unit where it must be converted; empty where it is the field's own."""
    return written if convert_factor(written, guess.field.unit) != 1 else ""


def _cells(candidate: Candidate, guess: ColumnGuess) -> pd.Series[Any]:
    return candidate.table.raw.frame.iloc[:, candidate.table.columns.index(guess.column)]


def _drawn(candidate: Candidate) -> pd.Series[float] | None:
    """Area in m² of the table's rows by position, where they have shapes."""
    if candidate.laid is None or candidate.table.family != "polygon":
        return None
    rows = candidate.table.shape_rows[: len(candidate.laid.areas)]
    return pd.Series(candidate.laid.areas, index=rows)


def _drawn_by_id(candidate: Candidate, parcel_areas: pd.Series[float]) -> pd.Series[float] | None:
    guess = next((one for one in candidate.chosen.columns if one.field.name == "parcel_id"), None)
    if guess is None or parcel_areas.empty:
        return None
    ids = typed(_cells(candidate, guess), schema("parcels").fields["parcel_id"])
    return pd.Series(parcel_areas.reindex(ids.to_numpy()).to_numpy(), index=range(len(ids)))


def _by_drawing(
    candidate: Candidate, guess: ColumnGuess, written: str, drawn: pd.Series[float]
) -> ColumnGuess:
    """An area column with the unit in which it agrees with what is drawn."""
    values = typed(_cells(candidate, guess).reset_index(drop=True), guess.field)
    both = pd.DataFrame({"written": values, "drawn": drawn})
    both = both[(both["written"] > 0) & (both["drawn"] > 0)]
    near = _NEAR_APPROVED if guess.field.name == _APPROVED else _NEAR
    shares = {
        unit: float((np.abs(both["written"] * convert_factor(unit, "m2") / both["drawn"] - 1) < near).mean())
        for unit in _UNITS
    }
    best = max(shares, key=lambda unit: shares[unit])
    if len(both) < _ENOUGH or shares[best] < _MOSTLY:
        return replace(guess, unit=_if_other(written, guess)) if written else _without_unit(guess)
    if near == _NEAR_APPROVED and not written:
        reason = sentence("no unit is stated: only in {unit} is it near the drawn area", unit=best)
        score = min(guess.score, _LESS_SURE)
        return replace(guess, unit=_if_other(best, guess), score=score, reasons=(*guess.reasons, reason))
    if near == _NEAR_APPROVED:
        return replace(guess, unit=_if_other(written, guess))
    percent = f"{100 * shares[best]:.0f}"
    if written and convert_factor(written, "m2") != convert_factor(best, "m2"):
        reason = sentence(
            "the header says {written}, but {percent} % of its values are the drawn areas in {unit}",
            written=written, percent=percent, unit=best,
        )  # fmt: skip
        return replace(guess, unit=best, score=min(guess.score, _DOUBTFUL), reasons=(*guess.reasons, reason))
    reason = sentence("{percent} % of its values are the drawn areas in {unit}", percent=percent, unit=best)
    score = guess.score if written or shares[best] >= _LESS_SURE else min(guess.score, _LESS_SURE)
    return replace(
        guess, unit=_if_other(written or best, guess), score=score, reasons=(*guess.reasons, reason)
    )


def _share_or_percent(candidate: Candidate, guess: ColumnGuess) -> ColumnGuess:
    """A share that is written as a percentage without its sign."""
    values = typed(_cells(candidate, guess), guess.field)
    known = values.dropna()
    if known.empty or not _SHARE < float(known.median()) <= _PERCENT:
        return guess
    reason = sentence("its values reach {most}: taken as per cent", most=f"{known.max():.4g}")
    return replace(guess, unit="%", score=min(guess.score, _LESS_SURE), reasons=(*guess.reasons, reason))
