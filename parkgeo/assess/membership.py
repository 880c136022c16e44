"""Which ids are among others, for columns of a million texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["present"]


def present(ids: pd.Series[Any], others: pd.Series[Any]) -> NDArray[np.bool_]:
    """Where an id is among others; by a table of hashes, for a column of texts knows no such.

    Examples
    --------
    >>> present(pd.Series(["a", "b"]), pd.Series(["b", "b"])).tolist()
    [False, True]
    """
    index = pd.Index(pd.unique(others.to_numpy(dtype=object)), dtype=object)
    found: NDArray[np.bool_] = index.get_indexer(ids.to_numpy(dtype=object)) >= 0
    return found
