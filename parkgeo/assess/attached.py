"""Rows of a layer with the parcel that each is about: ids are compared once, and after that rows are counted and added by position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from parkgeo.metrics.ids import parcel_places

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Attached", "attached"]


@dataclass(frozen=True)
class Attached:
    """Rows of a layer and where their parcels stand.

    Attributes
    ----------
    rows
        Of the layer.
    place
        Position of the parcel that each row is about; -1 where it is none of them.
    """

    rows: pd.DataFrame
    place: NDArray[np.intp]

    def where(self, held: NDArray[np.bool_]) -> Attached:
        """Those of the rows where something holds."""
        return self if held.all() else Attached(self.rows[held], self.place[held])

    def count(self, parcels: int) -> NDArray[np.intp]:
        """How many rows each of so many parcels has.

        Examples
        --------
        >>> import pandas as pd
        >>> Attached(pd.DataFrame(index=range(3)), np.array([1, -1, 1])).count(2).tolist()
        [0, 2]
        """
        return np.bincount(self.place[self.place >= 0], minlength=parcels)

    def total(self, values: NDArray[np.float64], parcels: int) -> NDArray[np.float64]:
        """Sum of values of the rows of each of so many parcels, those that are missing left out; 0 where there are none."""
        told = (self.place >= 0) & ~np.isnan(values)
        total: NDArray[np.float64] = np.bincount(
            self.place[told], weights=values[told], minlength=parcels
        ).astype(np.float64, copy=False)
        return total

    def of(self, at: int) -> NDArray[np.intp]:
        """Positions of a parcel's rows, in their order."""
        first, last = np.searchsorted(self._sorted, (at, at + 1))
        return self._order[first:last]

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        return np.argsort(self.place, kind="stable")

    @cached_property
    def _sorted(self) -> NDArray[np.intp]:
        return self.place[self._order]


def attached(rows: pd.DataFrame | Attached, parcels: pd.DataFrame) -> Attached:
    """Rows of a layer beside the parcels that their ``parcel_id`` names; as they are where that was looked up already.

    Examples
    --------
    >>> import pandas as pd
    >>> ledger, land = pd.DataFrame({"parcel_id": ["b", "x"]}), pd.DataFrame({"parcel_id": ["a", "b"]})
    >>> attached(ledger, land).place.tolist()
    [1, -1]
    """
    if isinstance(rows, Attached):
        return rows
    return Attached(rows, parcel_places(rows["parcel_id"], parcels["parcel_id"]))
