"""The stage that picks for each parcel the image that tells, and the change since an earlier one."""

from __future__ import annotations

from parkgeo.ingest.pixels import empty_pixels
from parkgeo.metrics.imagery import summarise
from parkgeo.pipeline.desk import Desk, Part

__all__ = ["imagery"]

_MONTHS_A_YEAR = 12


def imagery(desk: Desk) -> Part:
    """Columns of parcels: ``imagery_on``, ``imagery_valid_share``, indices, shares and changes; missing where there is no image."""
    rules = desk.rules
    columns = summarise(
        empty_pixels() if desk.pixels is None else desk.pixels,
        desk.parcels,
        min_valid_share=rules["imagery.min_valid_share"].number("1"),
        change_months=round(rules["imagery.change_years"].number("year") * _MONTHS_A_YEAR),
        change_common_share=rules["imagery.change_common_share"].number("1"),
    )
    return Part(columns=columns)
