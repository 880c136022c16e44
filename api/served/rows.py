"""The rows of one collection, wherever they are kept: what the routes may ask of a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from api.asked.selection import Selection

__all__ = ["Page", "Patch", "Rows"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some features of a collection.

    Attributes
    ----------
    features
        GeoJSON features with commas between them, without brackets.
    matched, returned
        Features that match in all, and on this page.
    following
        Where the next page starts, as values that JSON can write; None on the last page.
    """

    features: bytes
    matched: int
    returned: int
    following: list[Any] | None


@dataclass(frozen=True, slots=True)
class Patch:
    """What lies in a box, for drawing.

    Attributes
    ----------
    ids
        Feature ids.
    geometry
        In CRS84, one a feature.
    columns
        Field → values, one a feature, of the kinds that `Collection.fields` state; None where missing. Numbers may be an
        array of floats, with NaN where missing.
    places
        Where each feature stands in the order of space among all rows of the collection, from 0.
    """

    ids: list[str]
    geometry: NDArray[Any]
    columns: Mapping[str, Sequence[Any] | NDArray[Any]]
    places: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


class Rows(Protocol):
    """The rows of one collection. Nothing of it changes once it is there."""

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None where no row has geometry."""

    def __len__(self) -> int: ...

    async def matched(self, selection: Selection) -> int:
        """How many rows match."""

    async def page(
        self, selection: Selection, limit: int, *, after: list[Any] | None = None, most_bytes: int = 1 << 62
    ) -> Page:
        """A run of what matches.

        Parameters
        ----------
        selection
            Which rows, in which order.
        limit
            Most features.
        after
            `Page.following` of the page before; hostile until looked at.
        most_bytes
            The page ends before its features grow beyond this; it holds at least one.

        Raises
        ------
        RequestError
            `after` is no place in this order.
        """

    async def at(self, places: Sequence[int], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows at some places in the order of space, as `frame` gives them; whoever asks knows that they may be seen."""

    async def item(self, name: str, parks: tuple[str, ...] | None = None) -> bytes | None:
        """One feature's GeoJSON by its id; None where no row that the caller may know has it."""

    async def frame(
        self, selection: Selection, limit: int | None = None, *, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The rows that match, in their order, as the snapshot's table has them: geometry in the working system.

        Of its columns all, or those named, the geometry among them or not.
        """

    async def places(self, selection: Selection) -> NDArray[np.int64]:
        """Where the rows that match stand in the order of space, in the order of the selection; see `Patch.places`."""

    async def patch(
        self,
        bounds: tuple[float, float, float, float],
        fields: tuple[str, ...],
        selection: Selection,
        most: int,
    ) -> Patch:
        """What matches and lies in a box (west, south, east, north in degrees), at most `most` rows, the largest first."""
