"""What a file gives before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["RawTable"]


@dataclass(frozen=True)
class RawTable:
    """One layer, sheet or file as it was read.

    Attributes
    ----------
    path
        The file.
    table
        Layer or sheet within it; empty for files that hold one.
    frame
        Columns as named in the file, values as found.
    rows
        Each row's number as a person counts it in the file: features from 1, a sheet's rows as its row numbers.
    geometry
        Shapes, None where there is none; None for a table.
    crs
        Coordinate system as the file states it (WKT or an authority's code); empty where it states none.
    driver, encoding
        How it was read.
    declared
        Rows the file states to hold, counted apart from the reader where the format allows.
    notes
        What a person should know of the reading.
    """

    path: Path
    table: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: NDArray[np.object_] | None
    crs: str
    driver: str
    encoding: str
    declared: int
    notes: tuple[str, ...] = field(default=())
