"""Which ids are among others, and where: columns of a million texts, compared in Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["places", "present"]


def present(ids: pd.Series[Any], others: pd.Series[Any]) -> NDArray[np.bool_]:
    """Where an id is among others.

    Examples
    --------
    >>> import pandas as pd
    >>> present(pd.Series(["a", "b"]), pd.Series(["b", "b"])).tolist()
    [False, True]
    """
    found: NDArray[np.bool_] = _flat(pc.is_in(_texts(ids), value_set=_texts(others), skip_nulls=True))
    return found.astype(bool)


def places(ids: pd.Series[Any], others: pd.Series[Any]) -> NDArray[np.intp]:
    """Position of each id among others, the first of several; -1 where it is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> places(pd.Series(["a", "b"]), pd.Series(["b", "c"])).tolist()
    [-1, 0]
    """
    found = pc.index_in(_texts(ids), value_set=_texts(others), skip_nulls=True)
    return np.asarray(_flat(pc.fill_null(found, -1)), dtype=np.intp)


def _texts(ids: pd.Series[Any]) -> pa.Array | pa.ChunkedArray:
    return pa.array(ids, type=pa.large_string(), from_pandas=True)


def _flat(found: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    values: NDArray[Any] = (
        found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.to_numpy()
    )
    return values
