"""Whether the ground of a parcel is level, by the terrain model, and what the office's register says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.judged import text_column
from parkgeo.assess.occupant_gaps import alike_gaps
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES, Answer, known, verdicts
from parkgeo.assess.written import figures_written, sentences_written
from parkgeo.i18n import LANGUAGES
from parkgeo.metrics.ids import parcel_places
from parkgeo.metrics.terrain import GROUND

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["ground_answer", "ground_columns", "ground_gaps", "ground_notes"]

_FIELDS = ("ground_slope", "ground_steep_share", "ground_relief_m", "cut_fill_m3", "levelled_ground")
_BARE = "The terrain model has heights for less than {least} % of the parcel: give one that covers it."
_FEW = "Fewer than {least} cells of the terrain model lie on the parcel: give a finer one."
_UNUSED = "The terrain model cannot be used; the faults say why."
_LEVELLED = "The register says that the land is levelled; by the terrain model its mean slope is {slope} %. Check both."
_NOT_LEVELLED = "The register says that the land is not levelled; by the terrain model its mean slope is {slope} %. Check both."


def ground_columns(terrain: pd.DataFrame | None, parcels: pd.DataFrame, rules: RuleBook) -> pd.DataFrame:
    """What the terrain model says of each parcel.

    Parameters
    ----------
    terrain
        A row a parcel: ``parcel_id`` and `parkgeo.metrics.terrain.GROUND`; None without a model.
    parcels
        ``parcel_id``.
    rules
        The packs in force; the group ``services``.

    Returns
    -------
    pandas.DataFrame
        ``ground_valid_share``, share of the parcel that has a height, and ``ground_cells``, its cells; ``ground_mean_m``, ``ground_slope`` (rise over
        run), ``ground_steep_share``, ``ground_relief_m`` and ``cut_fill_m3``, NaN where the share is below the packs' or the cells are fewer than
        they ask for; ``levelled_ground``.
    """
    found = pd.DataFrame(np.nan, index=parcels.index, columns=list(GROUND))
    if terrain is not None and len(terrain):
        place = parcel_places(parcels["parcel_id"], terrain["parcel_id"])
        values = terrain[list(GROUND)].to_numpy(dtype=np.float64)
        found[list(GROUND)] = np.vstack([values, np.full(len(GROUND), np.nan)])[place]
    told = ~(_bare(found, rules) | _few(found, rules))
    slope = found["slope"].where(told)
    columns = pd.DataFrame(
        {
            "ground_valid_share": found["valid_share"],
            "ground_cells": found["cells"],
            "ground_mean_m": found["mean_m"].where(told),
            "ground_slope": slope,
            "ground_steep_share": found["steep_share"].where(told),
            "ground_relief_m": found["relief_m"].where(told),
            "cut_fill_m3": found["cut_m3"].where(told),
        }
    )
    answer = ground_answer(columns, rules)
    return columns.assign(
        levelled_ground=text_column(verdicts(answer, np.ones(len(parcels), bool)), parcels.index)
    )


def ground_answer(columns: pd.DataFrame, rules: RuleBook) -> Answer:
    """Whether the ground is level by its mean slope; open where that is not known, or where no pack says what is level."""
    figure, slope = rules.get("services.level_slope"), columns["ground_slope"].to_numpy(dtype=np.float64)
    if figure is None:
        return np.full(len(columns), UNKNOWN)
    return known(slope <= figure.number("1"), ~np.isnan(slope))


def _bare(found: pd.DataFrame, rules: RuleBook) -> NDArray[np.bool_]:
    figure = rules.get("services.level_valid_share")
    least = figure.number("1") if figure else 0.0
    # What is not there at all is below any share.
    return ~(found["valid_share"].to_numpy() >= least) | ~(found["valid_share"].to_numpy() > 0)


def _few(found: pd.DataFrame, rules: RuleBook) -> NDArray[np.bool_]:
    figure = rules.get("services.level_cells")
    return found["cells"].to_numpy() < (figure.number("1") if figure else 0.0)


def ground_gaps(
    columns: pd.DataFrame, terrain: pd.DataFrame | None, parcels: pd.DataFrame, rules: RuleBook
) -> list[pd.DataFrame]:
    """Why what the terrain model should say is missing; that there is none is told with the other layers.

    Parameters
    ----------
    columns
        As `ground_columns` gave them.
    terrain, parcels, rules
        As for `ground_columns`.
    """
    if terrain is None:
        return []
    ids = parcels["parcel_id"].to_numpy(dtype=object)
    if terrain.empty:
        return [alike_gaps(np.array([None], dtype=object), _FIELDS, _UNUSED)]
    found = pd.DataFrame({"valid_share": columns["ground_valid_share"], "cells": columns["ground_cells"]})
    bare, few = _bare(found, rules), _few(found, rules)
    share, cells = (rules.get(f"services.level_{name}") for name in ("valid_share", "cells"))
    told = []
    if bare.any():
        least = f"{100 * share.number('1'):g}" if share else "0"
        told.append(alike_gaps(ids[bare], _FIELDS, _BARE, least=least))
    if (few & ~bare).any() and cells:
        told.append(alike_gaps(ids[few & ~bare], _FIELDS, _FEW, least=f"{cells.number('1'):g}"))
    return told


def ground_notes(columns: pd.DataFrame, parcels: pd.DataFrame, rules: RuleBook) -> Mapping[str, pa.Array]:
    """By language, what is said where the register states of the ground what the terrain model does not show."""
    answer, said = ground_answer(columns, rules), _said(parcels)
    code = np.select([(said == YES) & (answer == NO), (said == NO) & (answer == YES)], [0, 1], default=-1)
    slope = 100 * columns["ground_slope"].to_numpy(dtype=np.float64)
    told = [{"slope": figures_written(slope[code == each], digits=1)} for each in (0, 1)]
    return {lang: sentences_written([_LEVELLED, _NOT_LEVELLED], code, lang, told) for lang in LANGUAGES}


def _said(parcels: pd.DataFrame) -> Answer:
    if "levelled" not in parcels:
        return np.full(len(parcels), UNKNOWN)
    flags: Any = parcels["levelled"].astype("boolean")
    return known(flags.fillna(value=False).to_numpy(dtype=bool), flags.notna().to_numpy(dtype=bool))
