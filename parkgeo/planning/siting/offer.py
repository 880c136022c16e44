"""Sites as arrays, for gates and scores to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from parkgeo.planning.siting.codes import NOT_PLANNED, bases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Drawn = Mapping[tuple[float, float], NDArray[np.int8]]

__all__ = ["Drawn", "Offer", "Words"]


class Words(NamedTuple):
    """A column of texts as numbers: few texts, many rows."""

    places: NDArray[np.intp]
    known: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """Sites as arrays.

    Attributes
    ----------
    count
        How many.
    numbers
        Column → values; NaN is missing.
    use, park, planned
        Codes of land use by register, parks, and codes of land use by plan; -1 is missing.
    drawn
        Sides of a rectangle → what drawing it on each site gave: 1 it finds room, 0 none was found, -1 not drawn.
    """

    count: int
    numbers: Mapping[str, NDArray[np.float64]]
    use: Words
    park: Words
    planned: Words
    drawn: Drawn = field(default_factory=dict)

    @classmethod
    def of(cls, sites: pd.DataFrame, drawn: Drawn | None = None) -> Offer:
        """The sites of a table as `parkgeo.planning.siting.table.site_table` gives it."""
        numbers = {
            str(name): sites[name].to_numpy(dtype=np.float64, na_value=np.nan)
            for name in sites
            if pd.api.types.is_numeric_dtype(sites[name])
        }
        use, park, planned = (_words(sites, name) for name in ("use_code", "park_id", "planned_code"))
        return cls(len(sites), numbers, use, park, planned, drawn or {})

    def number(self, name: str) -> NDArray[np.float64]:
        """A column; all NaN where there is none."""
        found = self.numbers.get(name)
        return np.full(self.count, np.nan) if found is None else found

    def rows(self, which: Any) -> Offer:
        """Some of the sites, by slice, places or mask."""
        numbers = {name: values[which] for name, values in self.numbers.items()}
        use, park, planned = (
            Words(one.places[which], one.known) for one in (self.use, self.park, self.planned)
        )
        drawn = {sides: answers[which] for sides, answers in self.drawn.items()}
        return Offer(len(use.places), numbers, use, park, planned, drawn)

    def bases(self) -> NDArray[np.object_]:
        """What the use of each site goes by, see `parkgeo.planning.siting.codes.bases`."""
        return np.array(bases([*self.planned.known, NOT_PLANNED]), dtype=object)[self.planned.places]


def _words(sites: pd.DataFrame, name: str) -> Words:
    if name not in sites:
        return Words(np.full(len(sites), -1, dtype=np.intp), ())
    at, known = pd.factorize(sites[name].astype(object).to_numpy(), use_na_sentinel=True)
    return Words(at.astype(np.intp), tuple(str(one) for one in known))
