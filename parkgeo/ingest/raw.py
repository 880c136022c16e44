"""What a file gives before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.layers import Sentence

__all__ = ["Doubt", "Lost", "RawTable"]


@dataclass(frozen=True)
class Lost:
    """A row of the file that its reader could not make a row of.

    Attributes
    ----------
    row
        Its number in the file; None where the reader cannot tell which it is.
    reason, mend
        Why, and how to mend it.
    content
        What stands there, as far as it is known.
    """

    row: int | None
    reason: Sentence
    mend: Sentence
    content: str = ""


@dataclass(frozen=True)
class Doubt:
    """Something in the file that a person must look at.

    Attributes
    ----------
    what, mend
        What is doubtful, and how to mend it.
    rows
        Rows of the file; empty where it concerns all of it.
    """

    what: Sentence
    mend: Sentence
    rows: tuple[int, ...] = ()


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
    doubts
        What a person must look at.
    spoiled
        Position → why the row's geometry could not be read, where the file has one.
    cut_off
        Positions of the rows whose geometry would lie beyond the end of the file.
    lost
        Rows of the file that are not in ``frame``.
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
    notes: tuple[Sentence, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    spoiled: dict[int, Sentence] = field(default_factory=dict)
    cut_off: frozenset[int] = frozenset()
    lost: tuple[Lost, ...] = ()
