"""Stage: what companies yield on the land they occupy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.assess.gaps import field_gaps, occupant_gaps, parcel_gaps
from parkgeo.metrics import SPLIT_METHOD, attribute_performance, per_mu
from parkgeo.metrics.performance import latest_year
from parkgeo.pipeline.desk import Part

if TYPE_CHECKING:
    from parkgeo.pipeline.desk import Desk

__all__ = ["performance"]

_MEASURES = ("output_wan", "value_added_wan", "tax_wan", "fixed_assets_wan")


def performance(desk: Desk) -> Part:
    """Companies' yearly figures per mu of parcel."""
    parcels, layers = desk.parcels, desk.layers
    columns = pd.DataFrame(
        np.nan, index=parcels.index, columns=[f"{measure}_per_mu" for measure in _MEASURES]
    )
    nothing: dict[str, Any] = {"performance_year": None, "performance_split": {}}
    if layers.occupancy is None or layers.performance is None:
        return Part(columns, facts=nothing)
    year = latest_year(layers.performance, desk.as_of)
    if year is None:
        no_year = "There is no company return for a full year before the day of judgement."
        return Part(
            columns,
            gaps=[gap for name in columns.columns.astype(str) for gap in field_gaps(name, no_year)],
            facts=nothing,
        )
    found = attribute_performance(layers.occupancy, layers.performance, year=year, measures=_MEASURES)
    totals = found.parcels.reindex(parcels["parcel_id"]).set_axis(parcels.index)
    for measure in totals.columns.astype(str):
        columns[f"{measure}_per_mu"] = per_mu(totals[measure], parcels["site_area_m2"], f"{measure}_per_mu")
    with_ids = columns.assign(parcel_id=parcels["parcel_id"])
    vacant = with_ids[~parcels["parcel_id"].isin(found.parcels.index)]
    gaps = [
        gap
        for measure in totals.columns
        for gap in parcel_gaps(
            vacant, f"{measure}_per_mu", "No company is recorded on the parcel in that year."
        )
    ]
    gaps += list(occupant_gaps(found.reasons, year))
    for measure in sorted(set(_MEASURES) - set(totals.columns)):
        gaps += field_gaps(f"{measure}_per_mu", "The companies' returns do not hold this figure.")
    split = {
        "method": SPLIT_METHOD,
        "attributed_wan": {name: round(float(value), 6) for name, value in found.attributed.items()},
        "unattributed_wan": {name: round(float(value), 6) for name, value in found.unattributed.items()},
    }
    return Part(columns, gaps=gaps, facts={"performance_year": year, "performance_split": split})
