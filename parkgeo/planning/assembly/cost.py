"""What it costs to bring land in: compensation by the office's rates, less the idle fee that its holder owes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["bringing_in_wan"]


def bringing_in_wan(
    kinds: Sequence[str],
    area_m2: NDArray[np.float64],
    rates_wan_per_mu: Mapping[str, float],
    *,
    fee_wan: NDArray[np.float64],
    recovered: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Cost of bringing each parcel in.

    Parameters
    ----------
    kinds
        Kind of candidate of each parcel.
    area_m2
        Of each parcel, m².
    rates_wan_per_mu
        Kind → compensation, 万元/亩.
    fee_wan
        Idle fee that the holder owes, 万元; NaN where none is due.
    recovered
        Land that is recovered without compensation.

    Returns
    -------
    numpy.ndarray
        万元: max(0, mu × rate − fee); 0 for land recovered without compensation; NaN for a kind without a rate.

    Examples
    --------
    >>> area, fee, free = np.full(3, 10000.0), np.array([np.nan, 50.0, np.nan]), np.array([False, False, True])
    >>> bringing_in_wan(["vacant", "idle", "idle"], area, {"idle": 20}, fee_wan=fee, recovered=free).tolist()
    [nan, 250.0, 0.0]
    """
    rate = np.array([rates_wan_per_mu.get(kind, np.nan) for kind in kinds], dtype=np.float64)
    cost = np.asarray(area_m2, dtype=np.float64) / M2_PER_MU * rate - np.nan_to_num(fee_wan)
    return np.where(recovered, 0.0, np.maximum(cost, 0.0))
