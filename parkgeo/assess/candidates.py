"""Which parcels could take a project: idle, vacant, in reserve, yielding little, or used in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.coded import among

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from parkgeo.packs import RuleBook

__all__ = ["CANDIDATES", "NO_CANDIDATE", "candidate_kinds", "holder_numbers"]

CANDIDATES = ("idle", "vacant", "reserve", "low_efficiency", "used_in_part")
"""In the order in which they are asked: the first that holds is the parcel's kind."""

NO_CANDIDATE = "none"
_STATE_LAND = ("reserve", "recovered", "approved_not_supplied")


def candidate_kinds(parcels: pd.DataFrame, rules: RuleBook) -> pd.Series[str]:
    """Kind of candidate of each parcel.

    Parameters
    ----------
    parcels
        With ``idle``, ``low_efficiency`` and ``land_state``.
    rules
        The packs in force.

    Returns
    -------
    pandas.Series
        ``candidate``, one of `CANDIDATES` or ``none``, on the parcels' index. Idle and low-efficiency land counts where the
        verdict is *yes*; what is undetermined is no candidate until it is clear.
    """
    states = rules.get("net_land.candidate_states")
    by_state = states.lists() if states else {}
    found = np.full(len(parcels), NO_CANDIDATE, dtype=object)
    for kind in reversed(CANDIDATES):
        if kind in ("idle", "low_efficiency"):
            holds = among(parcels, kind, ["yes"])
        else:
            holds = among(parcels, "land_state", by_state.get(kind, ()))
        found[holds] = kind
    return pd.Series(found, index=parcels.index, name="candidate", dtype="str")


def holder_numbers(parcels: pd.DataFrame) -> NDArray[np.intp]:
    """Number of each parcel's holder, to count with whom one would have to deal.

    Parameters
    ----------
    parcels
        ``holder`` and ``land_state`` as far as they are there.

    Returns
    -------
    numpy.ndarray
        Equal for parcels of one holder. A blank holder of land that is not supplied, in reserve or recovered is the government;
        any other blank counts as a holder of its own.

    Examples
    --------
    >>> land = pd.DataFrame({"holder": ["A", None, "A", None], "land_state": ["in_use", "reserve", "reserve", "recovered"]})
    >>> holder_numbers(land).tolist()
    [0, 1, 0, 1]
    """
    names = parcels["holder"].astype(object) if "holder" in parcels else pd.Series([None] * len(parcels))
    blank = pd.isna(names).to_numpy(dtype=bool)
    codes, words = pd.factorize(names.to_numpy(dtype=object))
    public = blank & among(parcels, "land_state", _STATE_LAND)
    own = blank & ~public
    codes = np.asarray(codes, dtype=np.intp).copy()
    codes[public] = len(words)
    codes[own] = len(words) + 1 + np.arange(int(own.sum()))
    return codes
