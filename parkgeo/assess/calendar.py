"""Days counted on the real calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["anniversary"]


def anniversary(days: NDArray[np.datetime64], years: int) -> NDArray[np.datetime64]:
    """The day on which a number of full years since each day is complete.

    Parameters
    ----------
    days
        datetime64[D]; NaT stays NaT.
    years
        Full years.

    Returns
    -------
    numpy.ndarray
        datetime64[D]: the same day of the month, or the month's last day where it has no such day.

    Examples
    --------
    >>> anniversary(np.array(["2025-06-30", "2024-02-29"], dtype="datetime64[D]"), 1).astype(str).tolist()
    ['2026-06-30', '2025-02-28']
    """
    # Many parcels and few different days: each is counted once. NaT is a day among them.
    place, different = pd.factorize(days.astype("datetime64[D]").astype(np.int64))
    reached: NDArray[np.datetime64] = _counted(np.asarray(different).astype("datetime64[D]"), years)[place]
    return reached


def _counted(days: NDArray[np.datetime64], years: int) -> NDArray[np.datetime64]:
    months = days.astype("datetime64[M]")
    day_of_month = days - months.astype("datetime64[D]")
    target = months + np.timedelta64(12 * years, "M")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    reached: NDArray[np.datetime64] = np.minimum(target.astype("datetime64[D]") + day_of_month, last)
    return reached
