"""The way suggested to bring a parcel back into use: a decision table that stands in the packs."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.coded import among, coded
from parkgeo.assess.codes import CODES
from parkgeo.assess.contracts import numbers
from parkgeo.errors import PackError, name_some
from parkgeo.i18n import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from parkgeo.packs import Figure, RuleBook

__all__ = ["LAND_STATES", "NO_WAY", "conditions", "suggested_ways", "way_grounds"]

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


def conditions(parcels: pd.DataFrame) -> dict[str, Callable[[], NDArray[np.bool_]]]:
    """What a way may ask for, and where it holds.

    Parameters
    ----------
    parcels
        As far as they are there: ``land_state``, the verdict columns, ``idle``, ``idle_consequence``, ``idle_routes``,
        ``government_delay_days``, ``vertical_headroom_m2``.

    Returns
    -------
    dict
        Name of the condition → what tells bool for each parcel; what is not known does not hold. The packs' ways ask for few of
        them.
    """
    state = coded(parcels, "land_state")

    def says(name: str, word: str) -> Callable[[], NDArray[np.bool_]]:
        return lambda: among(parcels, name, [word])

    def above_zero(name: str) -> NDArray[np.bool_]:
        return numbers(parcels, name) > 0

    found: dict[str, Callable[[], NDArray[np.bool_]]] = {
        f"state.{name}": partial(state.among, [name]) for name in LAND_STATES
    }
    found |= {code.code: says(code.code, "yes") for code in CODES if code.table == "parcels"}
    return found | {
        "idle": says("idle", "yes"),
        "idle_undetermined": says("idle", "undetermined"),
        "recovery_due": says("idle_consequence", "recovery"),
        "fee_due": says("idle_consequence", "fee"),
        # A delay that was added to the clock and did not stop it is not why the land is idle.
        "government_cause": lambda: (
            coded(parcels, "idle_routes").where(bool)
            | (above_zero("government_delay_days") & says("idle", "undetermined")())
        ),
        "vertical_headroom": partial(above_zero, "vertical_headroom_m2"),
    }


def suggested_ways(parcels: pd.DataFrame, rules: RuleBook) -> pd.Series[str]:
    """The first way of the packs' order whose conditions hold for each parcel.

    Parameters
    ----------
    parcels
        See `conditions`.
    rules
        ``ways.order`` and the ways that it names.

    Returns
    -------
    pandas.Series
        ``way`` on the parcels' index: name in the pack; `NO_WAY` where nothing is to be done, None where no way fits or the packs
        have none.

    Raises
    ------
    PackError
        The order names a way that no pack holds, or a way asks for what there is not.
    """
    ways = _in_order(rules)
    if not ways:
        return pd.Series(None, index=parcels.index, name="way", dtype=object)
    # A condition that several ways ask for is worked out once.
    holds = {name: cache(told) for name, told in conditions(parcels).items()}
    chosen = np.full(len(parcels), -1, dtype=np.intp)
    for at, figure in reversed(list(enumerate(ways.values()))):
        if figure.on and not figure.empty:
            chosen[_applies(figure, holds, len(parcels))] = at
    # At the place -1 no way fits.
    names = pd.array(list(ways), dtype="str").take(chosen, allow_fill=True)
    return pd.Series(names, index=parcels.index, name="way")


def way_grounds(way: pd.Series[str], rules: RuleBook) -> pd.DataFrame:
    """The ground of each parcel's way: what it is, where it stands, and whether that is verified.

    Parameters
    ----------
    way
        From `suggested_ways`, by the same packs.
    rules
        The packs in force.

    Returns
    -------
    pandas.DataFrame
        On the same index: ``way_ground_zh``, ``way_ground_en``; None where there is no way.
    """
    ways = _in_order(rules)
    names = [f"way_ground_{lang}" for lang in LANGUAGES]
    if not ways:
        return pd.DataFrame(None, index=way.index, columns=names, dtype=object)
    codes, found = pd.factorize(way)
    told = [[_ground(ways[name], lang) for name in found] for lang in LANGUAGES]
    columns = {
        name: pd.array(words, dtype="str").take(codes, allow_fill=True)
        for name, words in zip(names, told, strict=True)
    }
    return pd.DataFrame(columns, index=way.index)


def _in_order(rules: RuleBook) -> dict[str, Figure]:
    """The ways of the packs, the first first; none where they have no order."""
    order = rules.get("ways.order")
    return {name: rules[f"ways.{name}"] for name in order.texts()} if order else {}


def _applies(
    figure: Figure, holds: Mapping[str, Callable[[], NDArray[np.bool_]]], count: int
) -> NDArray[np.bool_]:
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
        applies &= np.logical_or.reduce([holds[name]() for name in asked["any"]])
    for name in asked.get("all", ()):
        applies &= holds[name]()
    for name in asked.get("unless", ()):
        applies &= ~holds[name]()
    return applies


def _ground(figure: Figure, lang: str) -> str:
    ground = figure.zh if lang == "zh" else figure.en
    if figure.clause(lang):
        ground = say(_BY, lang, ground=ground, clause=figure.clause(lang))
    # What cites nothing is plainly ours.
    return ground if figure.verified or not figure.clause(lang) else say(_UNVERIFIED, lang, ground=ground)
