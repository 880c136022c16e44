"""Whether shapes are valid, asked of all processors at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["are_valid"]

# Below it a thread costs more than it brings.
_A_THREADS_WORTH = 5_000
_MOST_THREADS = 8


def are_valid(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each shape is valid; None is not.

    Parameters
    ----------
    shapes
        Shapes or None.

    Returns
    -------
    numpy.ndarray of bool
        The same as ``shapely.is_valid``, which lets other threads run meanwhile.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> are_valid(np.array([shapely.box(0, 0, 1, 1), bow_tie, None], dtype=object)).tolist()
    [True, False, False]
    """
    threads = min(os.cpu_count() or 1, _MOST_THREADS, len(shapes) // _A_THREADS_WORTH)
    if threads <= 1:
        found: NDArray[np.bool_] = shapely.is_valid(shapes)
        return found
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(shapely.is_valid, np.array_split(shapes, threads))))
