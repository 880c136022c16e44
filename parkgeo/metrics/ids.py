"""Which ids are among others, and where: columns of a million texts, compared in Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["parcel_places", "places", "present"]


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
    own, held = _texts(ids), _texts(others)
    if len(own) >= len(held):
        return _index_in(own, held)
    # The longer column is not sorted into a table: it is looked up among the few ids that are asked for.
    names = own.unique()
    place = _index_in(held, names)
    rows = np.flatnonzero(place >= 0)[::-1]
    first = np.full(len(names) + 1, -1, dtype=np.intp)
    first[place[rows]] = rows  # the last write wins, so writing backwards leaves the first of several
    return first[_index_in(own, names)]


def parcel_places(ids: pd.Series[Any], parcel_ids: pd.Series[Any]) -> NDArray[np.intp]:
    """Position of each id among those of parcels, which are there once each; -1 where it is not there.

    The same as `places`. Rows in the parcels' own order, once or several times over, as pixels and many ledgers have them, are
    told by one look along them.

    Examples
    --------
    >>> import pandas as pd
    >>> parcel_places(pd.Series(["a", "b", "a", "b"]), pd.Series(["a", "b"])).tolist()
    [0, 1, 0, 1]
    """
    count = len(parcel_ids)
    if count and len(ids) and len(ids) % count == 0:
        parcels = parcel_ids.to_numpy(dtype=object)
        blocks = ids.to_numpy(dtype=object).reshape(-1, count)
        # The last row first: of a table in another order it rarely is the last parcel's.
        if (blocks[:, -1] == parcels[-1]).all() and (blocks == parcels).all():
            return np.tile(np.arange(count, dtype=np.intp), len(blocks))
    return places(ids, parcel_ids)


def _index_in(ids: pa.Array | pa.ChunkedArray, others: pa.Array | pa.ChunkedArray) -> NDArray[np.intp]:
    """Position of each text, -1 where it is missing or not there."""
    found = pc.index_in(ids, value_set=others, skip_nulls=True)
    return np.asarray(_flat(pc.fill_null(found, -1)), dtype=np.intp)


def _texts(ids: pd.Series[Any]) -> pa.Array | pa.ChunkedArray:
    return pa.array(ids, type=pa.large_string(), from_pandas=True)


def _flat(found: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    values: NDArray[Any] = (
        found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.to_numpy()
    )
    return values
