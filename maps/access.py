"""Columns of minutes to the nearest facility of a kind, by who travels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MODES", "access_columns"]

MODES = {"car": "travel_min_", "truck": "truck_min_", "walk": "walk_min_"}
"""Who travels → how the columns of minutes to the nearest facility of a kind begin."""


def access_columns(parcels: pd.DataFrame) -> list[str]:
    """Columns of minutes to the nearest facility of a kind, in the order of the table."""
    return [str(name) for name in parcels.columns if str(name).startswith(tuple(MODES.values()))]
