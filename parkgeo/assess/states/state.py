"""The one state of each parcel, out of the answers of all classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import dates
from parkgeo.assess.judged import text_column
from parkgeo.assess.states.telling import cases
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from parkgeo.assess.judged import Judged
    from parkgeo.assess.states.standing import Standing

__all__ = ["LAND_STATES", "land_state"]

LAND_STATES = (
    "not_built_on", "too_small", "reserve", "recovered", "approved_not_supplied", "supplied_not_started", "suspended",
    "under_construction", "built_not_producing", "used_in_part", "below_contract", "in_use", "undetermined",
)  # fmt: skip
"""In the order in which they are asked: the first that holds is the parcel's state."""


def land_state(standing: Standing, answers: Mapping[str, Judged | None]) -> pd.Series[str]:
    """State of each parcel.

    Parameters
    ----------
    standing
        What is known of the parcels.
    answers
        Code → the class's answer.

    Returns
    -------
    pandas.Series
        ``land_state``, one of `LAND_STATES`, on the parcels' index.

    Notes
    -----
    In the order of `LAND_STATES`. A class that is undetermined and would come before the first that holds leaves the state
    undetermined, but for "used in part" and "below contract": such land is in use, and how well is a question of its own.
    """
    kind = pd.Categorical(standing.parcels["land_kind"])
    status = standing.status

    def holds(code: str, verdict: str = "yes") -> NDArray[np.bool_]:
        judged = answers.get(code)
        if judged is None:
            return np.zeros(len(kind), dtype=bool)
        return np.asarray(judged.table["verdict"].array == verdict, dtype=bool)

    building = standing.begun & standing.once & (standing.completed == NO)
    producing = standing.works & (standing.yearly("output_wan_per_mu") > 0)
    stands = standing.built_share >= standing.rules["state.built_share"].number("1")
    decided = [
        (np.asarray(kind == "not_built_on"), "not_built_on"),
        (np.asarray(kind == "too_small"), "too_small"),
        (np.asarray(kind == "reserve") | np.asarray(status == "reserve"), "reserve"),
        (np.asarray(status == "recovered"), "recovered"),
        (np.asarray(status == "approved_not_supplied"), "approved_not_supplied"),
        (holds("supplied_not_started"), "supplied_not_started"),
        (holds("supplied_not_started", "undetermined"), "undetermined"),
        (building & _stopped(standing), "suspended"),
        (building, "under_construction"),
        (holds("built_not_producing"), "built_not_producing"),
        (holds("built_not_producing", "undetermined"), "undetermined"),
        (holds("used_in_part"), "used_in_part"),
        (holds("below_contract"), "below_contract"),
        ((standing.built == YES) & (standing.completed != UNKNOWN), "in_use"),
        # Not reported as completed, yet something stands there and yields: it is used, whatever the ledger says.
        (producing & stands, "in_use"),
    ]
    state = cases(decided, "undetermined")
    return text_column(state, standing.parcels.index).rename("land_state")


def _stopped(standing: Standing) -> NDArray[np.bool_]:
    """Works that the ledger reports as suspended and not as resumed."""
    since, resumed = dates(standing.contracts, "suspended_since"), dates(standing.contracts, "resumed_on")
    going_on = (resumed <= standing.day) & (resumed >= since)
    stopped: NDArray[np.bool_] = (since <= standing.day) & ~going_on
    return stopped
