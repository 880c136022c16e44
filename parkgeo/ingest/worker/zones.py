"""Polygons to a child and what an image shows of them back: Arrow for rows, JSON for how to look."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from parkgeo.ingest.zonal import FIGURES, Looking, lying
from parkgeo.metrics.imagery import Thresholds

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.ingest.pictures import Frame
    from parkgeo.layers import RasterSource

__all__ = [
    "looking_as",
    "looking_from",
    "read_cells",
    "read_figures",
    "read_nodes",
    "read_rows",
    "read_shapes",
    "seconds_to_look",
    "write_cells",
    "write_figures",
    "write_nodes",
    "write_rows",
    "write_shapes",
]

_SHAPES, _FIGURES = "shapes.arrow", "figures.arrow"
_NODES, _CELLS = "nodes.arrow", "cells.arrow"
_PIXELS_A_S, _POLYGONS_A_S, _MOST_TO_LOOK_S = 500_000, 500, 1_800.0
_LEAST = {"ndvi": -1.0, "ndbi": -1.0, "bsi": -1.0}


def write_shapes(shapes: NDArray[np.object_], folder: Path) -> None:
    """Write polygons into a folder; None and what lies nowhere as nothing."""
    import pyarrow as pa

    wkb = shapely.to_wkb(lying(shapes), include_srid=False)
    write_rows(pa.table({"wkb": pa.array(wkb, type=pa.large_binary())}), folder / _SHAPES)


def read_shapes(folder: Path) -> NDArray[np.object_]:
    """The polygons that `write_shapes` wrote."""
    wkb = read_rows(folder / _SHAPES)["wkb"].to_pandas().to_numpy(dtype=object)
    return np.asarray(shapely.from_wkb(wkb), dtype=object)


def write_figures(found: pd.DataFrame, folder: Path) -> None:
    """Write what `parkgeo.ingest.zonal.read_pixels` found into a folder."""
    import pyarrow as pa

    write_rows(
        pa.table({name: pa.array(found[name].to_numpy(np.float64)) for name in FIGURES}), folder / _FIGURES
    )


def read_figures(folder: Path, count: int) -> pd.DataFrame:
    """The figures that `write_figures` wrote.

    Parameters
    ----------
    folder
        Where they were written.
    count
        How many polygons were asked for.

    Raises
    ------
    ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError
        They are not what they should be: other columns or rows, shares and indices out of bounds. Arrow has errors of its own besides.
    """
    import pyarrow as pa

    table = read_rows(folder / _FIGURES)
    table.validate(full=True)
    if table.num_rows != count or any(table[name].type != pa.float64() for name in FIGURES):
        raise ValueError("other rows than were asked for")
    found = pd.DataFrame({name: table[name].to_numpy() for name in FIGURES}).astype("float64")
    for name in FIGURES:
        known = found[name].dropna() if name != "valid_share" else found[name]
        if not known.between(_LEAST.get(name, 0.0), 1.0).all():
            raise ValueError(f"{name} out of bounds")
    return found


def write_nodes(frame: Frame, folder: Path) -> None:
    """Write where a picture lies into a folder; its width and height go with the job."""
    import pyarrow as pa

    x, y = np.moveaxis(frame.nodes, 2, 0)
    write_rows(pa.table({"x": pa.array(x.ravel()), "y": pa.array(y.ravel())}), folder / _NODES)


def read_nodes(folder: Path) -> NDArray[np.float64]:
    """The nodes that `write_nodes` wrote; there are as many a row as rows."""
    table = read_rows(folder / _NODES)
    side = round(table.num_rows**0.5)
    return np.column_stack([table["x"].to_numpy(), table["y"].to_numpy()]).reshape(side, side, 2)


def write_cells(pictures: dict[str, NDArray[np.uint8]], folder: Path) -> None:
    """Write pictures into a folder, one a column."""
    import pyarrow as pa

    write_rows(pa.table({name: pa.array(cells.ravel()) for name, cells in pictures.items()}), folder / _CELLS)


def read_cells(folder: Path, frame: Frame) -> dict[str, NDArray[np.uint8]]:
    """The pictures that `write_cells` wrote.

    Raises
    ------
    ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError
        They are not what they should be: another size, other values than bytes, an index that there is not.
    """
    import pyarrow as pa

    table = read_rows(folder / _CELLS)
    table.validate(full=True)
    told = table.num_columns and table.num_rows != frame.width * frame.height
    if told or any(name not in _LEAST or table[name].type != pa.uint8() for name in table.column_names):
        raise ValueError("other cells than were asked for")
    return {
        name: table[name].to_numpy().reshape(frame.height, frame.width).copy() for name in table.column_names
    }


def looking_as(looking: Looking) -> dict[str, Any]:
    """How an image is looked at, as JSON has it.

    Examples
    --------
    >>> looking = Looking({"red": 3}, Thresholds(0.3, 0.2, 0.2, 0.12), (8, 9))
    >>> looking_from(looking_as(looking)) == looking
    True
    """
    return asdict(looking) | {"unclear_scl": list(looking.unclear_scl)}


def looking_from(told: dict[str, Any]) -> Looking:
    """The way of looking that `looking_as` told of."""
    return Looking(told["bands"], Thresholds(**told["thresholds"]), tuple(told["unclear_scl"]))


def seconds_to_look(image: RasterSource, shapes: NDArray[np.object_]) -> float:
    """Seconds for the pixels under the box around polygons, and for the polygons: several times what a slow machine takes."""
    box = shapely.box(image.left, image.bottom, image.right, image.top)
    bounds = shapely.bounds(shapes)
    known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known) or not box.area:
        return 0.0
    around = shapely.box(*known[:, :2].min(axis=0), *known[:, 2:].max(axis=0))
    pixels = image.width * image.height * box.intersection(around).area / box.area
    return float(min(pixels / _PIXELS_A_S + len(known) / _POLYGONS_A_S, _MOST_TO_LOOK_S))


def write_rows(table: Any, path: Path) -> None:
    """Write an Arrow table."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_rows(path: Path) -> Any:
    """The Arrow table that `write_rows` wrote."""
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()
