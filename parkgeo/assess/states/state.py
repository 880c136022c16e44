"""The one state of each parcel, out of the answers of all classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.contracts import dates
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
    kind = standing.parcels["land_kind"]
    status = standing.status

    def holds(code: str, verdict: str = "yes") -> NDArray[np.bool_]:
        judged = answers.get(code)
        if judged is None:
            return np.zeros(len(kind), dtype=bool)
        return (judged.table["verdict"] == verdict).to_numpy(dtype=bool)

    building = standing.begun & standing.once & (standing.completed == NO)
    producing = standing.works & (standing.yearly("output_wan_per_mu") > 0)
    stands = standing.built_share >= standing.rules["state.built_share"].number("1")
    decided = [
        ("not_built_on", (kind == "not_built_on").to_numpy(dtype=bool)),
        ("too_small", (kind == "too_small").to_numpy(dtype=bool)),
        ("reserve", (kind == "reserve").to_numpy(dtype=bool) | (status == "reserve")),
        ("recovered", status == "recovered"),
        ("approved_not_supplied", status == "approved_not_supplied"),
        ("supplied_not_started", holds("supplied_not_started")),
        ("undetermined", holds("supplied_not_started", "undetermined")),
        ("suspended", building & _stopped(standing)),
        ("under_construction", building),
        ("built_not_producing", holds("built_not_producing")),
        ("undetermined", holds("built_not_producing", "undetermined")),
        ("used_in_part", holds("used_in_part")),
        ("below_contract", holds("below_contract")),
        ("in_use", (standing.built == YES) & (standing.completed != UNKNOWN)),
        # Not reported as completed, yet something stands there and yields: it is used, whatever the ledger says.
        ("in_use", producing & stands),
    ]
    state = np.select(
        [np.asarray(mask, dtype=bool) for _, mask in decided],
        [name for name, _ in decided],
        default="undetermined",
    )
    return pd.Series(state, index=kind.index, name="land_state", dtype="str")


def _stopped(standing: Standing) -> NDArray[np.bool_]:
    """Works that the ledger reports as suspended and not as resumed."""
    since, resumed = dates(standing.contracts, "suspended_since"), dates(standing.contracts, "resumed_on")
    going_on = (resumed <= standing.day) & (resumed >= since)
    stopped: NDArray[np.bool_] = (since <= standing.day) & ~going_on
    return stopped
