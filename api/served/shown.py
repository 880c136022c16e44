"""A table's columns as they are drawn on maps: the values of any rows at once, without touching the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from api.served.encode import values_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

__all__ = ["Shown"]


class Shown:
    """Columns, each made ready at its first use.

    Numbers are kept as floats; of everything else the different values are kept once, and for each row which it has.

    Parameters
    ----------
    frame
        The rows.
    kinds
        Column → kind of its values, as `api.served.encode.column_values` names it.

    Examples
    --------
    >>> frame = pd.DataFrame({"far": [1.5, None], "idle": ["yes", None]})
    >>> shown = Shown(frame, {"far": "number", "idle": "string"})
    >>> shown.take("far", np.array([1, 0])).tolist(), shown.take("idle", np.array([1, 0])).tolist()
    ([nan, 1.5], [None, 'yes'])
    """

    def __init__(self, frame: pd.DataFrame, kinds: Mapping[str, str]) -> None:
        self._frame = frame
        self._kinds = kinds
        self._ready: dict[str, tuple[NDArray[np.int32] | None, NDArray[Any]]] = {}

    def is_ready(self, names: Iterable[str]) -> bool:
        """Whether all of these columns were used before."""
        return all(name in self._ready for name in names)

    def take(self, name: str, places: NDArray[np.int64]) -> NDArray[Any]:
        """Some rows' values: floats with NaN where missing, or objects with None where missing."""
        codes, values = self._ready.get(name) or self._prepare(name)
        return values[places] if codes is None else values[codes[places]]

    def _prepare(self, name: str) -> tuple[NDArray[np.int32] | None, NDArray[Any]]:
        column, kind = self._frame[name], self._kinds[name]
        told: tuple[NDArray[np.int32] | None, NDArray[Any]]
        if kind == "number":
            numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
            told = None, np.where(np.isfinite(numbers), numbers, np.nan)
        else:
            values = np.empty(len(column), dtype=object)
            values[:] = values_as(column, kind)
            codes, distinct = pd.factorize(values)
            # The code of what is missing is −1, and so finds the last.
            told = codes.astype(np.int32), np.array([*distinct, None], dtype=object)
        self._ready[name] = told
        return told
