"""The way suggested to bring a parcel back into use: a decision table that stands in the packs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.codes import CODES
from parkgeo.errors import PackError, name_some
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.packs import Figure, RuleBook

__all__ = ["LAND_STATES", "NO_WAY", "conditions", "suggested_ways"]

LAND_STATES = (
    "not_built_on", "reserve", "approved_not_supplied", "recovered", "supplied_not_started", "under_construction", "suspended",
    "used_in_part", "built_not_producing", "below_contract", "in_use", "too_small", "undetermined",
)  # fmt: skip
"""States of land that a way may ask for, as ``state.in_use`` and so on."""

NO_WAY = "none"
"""The way of a parcel that needs none."""

_PARTS = ("any", "all", "unless")
_UNVERIFIED = "{ground} (unverified)"
_BY = "{ground} ({clause})"


def conditions(parcels: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """What a way may ask for, and where it holds.

    Parameters
    ----------
    parcels
        As far as they are there: ``land_state``, the verdict columns, ``idle``, ``idle_consequence``, ``idle_routes``,
        ``government_delay_days``, ``vertical_headroom_m2``.

    Returns
    -------
    dict
        Name of the condition → bool for each parcel; what is not known does not hold.
    """
    nowhere = np.zeros(len(parcels), dtype=bool)

    def says(name: str, word: str) -> NDArray[np.bool_]:
        return (parcels[name] == word).to_numpy(dtype=bool) if name in parcels else nowhere

    def written(name: str) -> NDArray[np.bool_]:
        return (
            (parcels[name].notna() & (parcels[name] != "")).to_numpy(dtype=bool)
            if name in parcels
            else nowhere
        )

    def above_zero(name: str) -> NDArray[np.bool_]:
        return parcels[name].to_numpy(dtype=np.float64) > 0 if name in parcels else nowhere

    found = {f"state.{name}": says("land_state", name) for name in LAND_STATES}
    found |= {code.code: says(code.code, "yes") for code in CODES if code.table == "parcels"}
    return found | {
        "idle": says("idle", "yes"),
        "idle_undetermined": says("idle", "undetermined"),
        "recovery_due": says("idle_consequence", "recovery"),
        "fee_due": says("idle_consequence", "fee"),
        # A delay that was added to the clock and did not stop it is not why the land is idle.
        "government_cause": written("idle_routes")
        | (above_zero("government_delay_days") & says("idle", "undetermined")),
        "vertical_headroom": above_zero("vertical_headroom_m2"),
    }


def suggested_ways(parcels: pd.DataFrame, rules: RuleBook) -> pd.DataFrame:
    """The first way of the packs' order whose conditions hold for each parcel, and its ground.

    Parameters
    ----------
    parcels
        See `conditions`.
    rules
        ``ways.order`` and the ways that it names.

    Returns
    -------
    pandas.DataFrame
        On the parcels' index: ``way`` (name in the pack; `NO_WAY` where nothing is to be done, None where no way fits or the
        packs have none), ``way_ground_zh``, ``way_ground_en``: what the way is, where it stands, and whether that is verified.

    Raises
    ------
    PackError
        The order names a way that no pack holds, or a way asks for what there is not.
    """
    order = rules.get("ways.order")
    empty = pd.DataFrame(
        None, index=parcels.index, columns=["way", "way_ground_zh", "way_ground_en"], dtype=object
    )
    if order is None:
        return empty
    holds = conditions(parcels)
    ways = [rules[f"ways.{name}"] for name in order.texts()]
    chosen = np.full(len(parcels), -1, dtype=np.intp)
    for at, figure in reversed(list(enumerate(ways))):
        if figure.on and not figure.empty:
            chosen[_applies(figure, holds, len(parcels))] = at
    labels = [
        (name, *(_ground(figure, lang) for lang in LANGUAGES))
        for name, figure in zip(order.texts(), ways, strict=True)
    ]
    # At the place -1 no way fits.
    columns = {
        name: pd.array(words, dtype="str").take(chosen, allow_fill=True)
        for name, words in zip(empty.columns, zip(*labels, strict=True), strict=True)
    }
    return pd.DataFrame(columns, index=parcels.index)


def _applies(figure: Figure, holds: Mapping[str, NDArray[np.bool_]], count: int) -> NDArray[np.bool_]:
    asked: dict[str, Any] = figure.lists()
    unknown = [name for name in asked if name not in _PARTS]
    unknown += [name for part in _PARTS for name in asked.get(part, ()) if name not in holds]
    if unknown:
        raise PackError(
            f"{figure.key} asks for {name_some(unknown)}",
            where=figure.pack,
            mend=f"use any, all, unless; conditions are {name_some(holds, shown=60)}",
        )
    applies = np.ones(count, dtype=bool)
    if asked.get("any"):
        applies &= np.logical_or.reduce([holds[name] for name in asked["any"]])
    for name in asked.get("all", ()):
        applies &= holds[name]
    for name in asked.get("unless", ()):
        applies &= ~holds[name]
    return applies


def _ground(figure: Figure, lang: str) -> str:
    ground = figure.zh if lang == "zh" else figure.en
    if figure.clause(lang):
        ground = say(_BY, lang, ground=ground, clause=figure.clause(lang))
    # What cites nothing is plainly ours.
    return ground if figure.verified or not figure.clause(lang) else say(_UNVERIFIED, lang, ground=ground)
