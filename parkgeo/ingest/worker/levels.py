"""How the ground lies under polygons, to a child, and what a terrain model says of them back; see `zones`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.ingest.heights import HIGHEST_M, LOWEST_M, UNITS, Heights
from parkgeo.ingest.worker.zones import read_rows, write_rows
from parkgeo.metrics.terrain import GROUND

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["heights_told", "read_heights_found", "read_metres", "write_heights_found", "write_metres"]

_METRES, _FOUND = "metres.arrow", "heights.arrow"
_AXES = ("east_of_x", "east_of_y", "north_of_x", "north_of_y")
_MOST = {"valid_share": 1.0, "steep_share": 1.0, "mean_m": HIGHEST_M, "relief_m": HIGHEST_M - LOWEST_M}


def write_metres(metres: NDArray[np.float64], folder: Path) -> None:
    """Write how a unit of the model's system lies on the ground under each polygon."""
    import pyarrow as pa

    write_rows(pa.table({name: pa.array(metres[:, at]) for at, name in enumerate(_AXES)}), folder / _METRES)


def read_metres(folder: Path) -> NDArray[np.float64]:
    """What `write_metres` wrote."""
    table = read_rows(folder / _METRES)
    return np.column_stack([table[name].to_numpy() for name in _AXES]).astype(np.float64)


def write_heights_found(found: Heights, folder: Path) -> None:
    """Write the figures of what `parkgeo.ingest.heights.read_heights` found; the rest goes by `heights_told`."""
    import pyarrow as pa

    columns = {name: pa.array(found.figures[name].to_numpy(np.float64)) for name in GROUND}
    write_rows(pa.table(columns), folder / _FOUND)


def heights_told(found: Heights) -> dict[str, Any]:
    """What is no table of what was found, as JSON has it."""
    return {"unit": found.unit, "absurd": found.absurd}


def read_heights_found(told: dict[str, Any], folder: Path, count: int) -> Heights:
    """What `write_heights_found` and `heights_told` say of so many polygons.

    Raises
    ------
    ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError
        It is not what it should be: other columns or rows, figures out of bounds, an unknown unit. Arrow has errors of its own besides.
    """
    import pyarrow as pa

    table = read_rows(folder / _FOUND)
    table.validate(full=True)
    if table.num_rows != count or any(table[name].type != pa.float64() for name in GROUND):
        raise ValueError("other rows than were asked for")
    figures = pd.DataFrame({name: table[name].to_numpy() for name in GROUND}).astype("float64")
    for name in GROUND:
        known = figures[name].dropna() if name not in {"cells", "valid_share"} else figures[name]
        least = LOWEST_M if name == "mean_m" else 0.0
        if not (known.between(least, _MOST.get(name, np.inf)) & (known < np.inf)).all():
            raise ValueError(f"{name} out of bounds")
    unit, absurd = str(told["unit"]), int(told["absurd"])
    if unit not in {"", *UNITS} or absurd < 0:
        raise ValueError("a unit that is not known, or cells below none")
    return Heights(figures, unit, absurd)
