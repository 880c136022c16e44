"""Stage: electricity and water of the last twelve months."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.metrics.meters import METERED, meter_window, metered
from parkgeo.metrics.performance import quotient
from parkgeo.pipeline.books import books_of
from parkgeo.pipeline.desk import Part
from parkgeo.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from parkgeo.assess.gaps import Gap
    from parkgeo.metrics.meters import Metered
    from parkgeo.pipeline.desk import Desk

__all__ = ["meters"]

_NO_COLUMN = "The companies' monthly readings do not hold this figure."
_NO_COMPANY = "No company is recorded on the parcel in the last twelve months."
_UNREAD = "A company on the parcel has not reported all of the last twelve months."
_UNSPLIT = "A company is on several parcels and the area it occupies is not known for each, so its meter cannot be split."


def meters(desk: Desk) -> Part:
    """Twelve full months per mu; missing where a month, a company or its share is."""
    parcels, books = desk.parcels, desk.once(books_of)
    columns = {name: np.full(len(parcels), np.nan) for name in METERED.values()}
    gaps: list[Gap | Callable[[], pd.DataFrame]] = []
    if desk.layers.occupancy is None or books is None:
        return Part(pd.DataFrame(columns, index=parcels.index, copy=False))
    found = metered(books.there(*meter_window(desk.as_of)), books.filed)
    mu = books.site_area_m2 / M2_PER_MU
    for measure, name in METERED.items():
        if measure not in found:
            gaps += field_gaps(name, _NO_COLUMN)
            continue
        columns[name] = quotient(found[measure].total, mu)
        gaps += _gaps(parcels["parcel_id"], name, np.isnan(columns[name]), found[measure])
    return Part(pd.DataFrame(columns, index=parcels.index, copy=False), gaps=gaps)


def _gaps(
    ids: pd.Series[Any], name: str, blank: NDArray[np.bool_], found: Metered
) -> list[Callable[[], pd.DataFrame]]:
    """Where a meter's figure is missing: nobody there, somebody not read, a meter that cannot be split."""
    why = {
        _NO_COMPANY: found.there.companies == 0,
        _UNREAD: found.unread > 0,
        _UNSPLIT: (found.unsplit > 0) & (found.unread == 0),
    }
    return [partial(parcel_gaps, ids, blank & missing, name, sentence) for sentence, missing in why.items()]
