"""The stage that picks for each parcel the image that tells, and the change since an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.assess.gaps import field_gaps
from parkgeo.assess.occupant_gaps import alike_gaps
from parkgeo.ingest.pixels import empty_pixels
from parkgeo.metrics.imagery import summarise
from parkgeo.pipeline.desk import Desk, Part
from parkgeo.pipeline.shared import pixel_places

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.assess.gaps import Gap

__all__ = ["imagery"]

_MONTHS_A_YEAR = 12
_NONE_USED = "No image can be used: give one of a clear day, on or before the day of judgement, with its date and bands."
_HIDDEN = "No image shows {least} % of the parcel (cloud, no data, or beyond the image): give another of a clear day that covers it."


def imagery(desk: Desk) -> Part:
    """Columns of parcels: ``imagery_on``, ``imagery_valid_share``, indices, shares and changes; missing where there is no image."""
    rules = desk.rules
    least = rules["imagery.min_valid_share"].number("1")
    columns = summarise(
        empty_pixels() if desk.pixels is None else desk.pixels,
        desk.parcels,
        place=desk.once(pixel_places),
        min_valid_share=least,
        change_months=round(rules["imagery.change_years"].number("year") * _MONTHS_A_YEAR),
        change_common_share=rules["imagery.change_common_share"].number("1"),
    )
    return Part(columns=columns, gaps=_gaps(desk, columns, least))


def _gaps(desk: Desk, columns: pd.DataFrame, least: float) -> list[Gap | pd.DataFrame]:
    """Parcels that no image shows well enough; where the office has no image at all, the missing layer is told elsewhere."""
    if desk.pixels is None:
        return []
    if desk.pixels.empty:
        return [*field_gaps("imagery_valid_share", _NONE_USED)]
    hidden = ~(columns["imagery_valid_share"] >= least).to_numpy(dtype=bool)
    ids = desk.parcels["parcel_id"].to_numpy(dtype=object)[hidden]
    return [alike_gaps(ids, ["imagery_valid_share"], _HIDDEN, least=f"{least * 100:g}")]
