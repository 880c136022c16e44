"""Stage: electricity and water of the last twelve months."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import field_gaps, parcel_gaps
from parkgeo.metrics import per_mu
from parkgeo.metrics.meters import METERED, metered
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from parkgeo.assess.gaps import Gap
    from parkgeo.pipeline.desk import Desk

__all__ = ["meters"]

_NO_COLUMN = "The companies' monthly readings do not hold this figure."
_NO_COMPANY = "No company is recorded on the parcel in the last twelve months."
_UNREAD = "A company on the parcel has not reported all of the last twelve months."
_UNSPLIT = "A company is on several parcels and the area it occupies is not known for each, so its meter cannot be split."


def meters(desk: Desk) -> Part:
    """Twelve full months per mu; missing where a month, a company or its share is."""
    parcels, layers = desk.parcels, desk.layers
    columns = pd.DataFrame(np.nan, index=parcels.index, columns=list(METERED.values()))
    gaps: list[Gap | pd.DataFrame] = []
    if layers.occupancy is None or layers.performance is None:
        return Part(columns)
    found = metered(layers.occupancy, layers.performance, desk.as_of)
    for measure, name in METERED.items():
        if measure not in found:
            gaps += field_gaps(name, _NO_COLUMN)
            continue
        on = found[measure].parcels.reindex(parcels["parcel_id"]).set_axis(parcels.index)
        columns[name] = per_mu(on["total"], parcels["site_area_m2"], name)
        blank = columns[name].isna()
        for sentence, missing in (
            (_NO_COMPANY, on["companies"].isna()),
            (_UNREAD, on["unread"] > 0),
            (_UNSPLIT, (on["unsplit"] > 0) & ~(on["unread"] > 0)),
        ):
            gaps.append(
                parcel_gaps(parcels["parcel_id"], (blank & missing).to_numpy(dtype=bool), name, sentence)
            )
    return Part(columns, gaps=gaps)
