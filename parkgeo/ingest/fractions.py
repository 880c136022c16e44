"""Sums over the pixels of an array under polygons, each pixel by the exact share of it that a polygon covers.

The shares are exactextract's (Baston, https://github.com/isciences/exactextract).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.operation import Operation
from exactextract.raster import NumPyRasterSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["cells_under", "sums_under"]


class _Polygon(Feature):  # type: ignore[misc]  # the library is not typed
    """One polygon as WKB; going through GeoJSON, as a GeoDataFrame does, takes longer than its statistics."""

    def __init__(self, at: int, wkb: bytes) -> None:
        super().__init__()
        self._at, self._wkb = at, wkb

    def geometry(self) -> bytes:
        return self._wkb

    def fields(self) -> list[str]:
        return ["at"]

    def get(self, _: str) -> int:
        return self._at


class _Polygons(FeatureSource):  # type: ignore[misc]  # as above
    """Polygons with their place in the array they came in."""

    def __init__(self, shapes: NDArray[np.object_]) -> None:
        super().__init__()
        self._wkb = shapely.to_wkb(shapes).tolist()

    def count(self) -> int:
        return len(self._wkb)

    def __iter__(self) -> Iterator[_Polygon]:
        for at, wkb in enumerate(self._wkb):
            yield _Polygon(at, wkb)

    def srs_wkt(self) -> None:
        return None


def sums_under(
    shapes: NDArray[np.object_], planes: Mapping[str, NDArray[Any]], extent: tuple[float, float, float, float]
) -> pd.DataFrame:
    """Sums of planes of pixels under polygons.

    Parameters
    ----------
    shapes
        Valid polygons.
    planes
        Name → array; NaN counts for nothing. All of one shape.
    extent
        Left, bottom, right and top of the arrays, their first row on top.

    Returns
    -------
    pandas.DataFrame
        A row a polygon; of each plane ``<name>_sum``, value × covered share of the pixel added up, and of planes that may hold
        NaN ``<name>_count``, the shares added up.

    Examples
    --------
    >>> half = np.array([shapely.box(0.5, 0, 2, 1)])
    >>> sums_under(half, {"a": np.array([[4.0, 6.0]], dtype=np.float32)}, (0, 0, 2, 1)).to_numpy().tolist()
    [[8.0, 1.5]]
    """
    # An operation does not keep its raster alive: this table does, until all is counted.
    rasters = {name: NumPyRasterSource(plane, *extent, name=name) for name, plane in planes.items()}
    operations = [
        Operation(stat, f"{name}_{stat}", raster)
        for name, raster in rasters.items()
        for stat in _stats(planes[name])
    ]
    found = exact_extract(
        list(rasters.values()), _Polygons(shapes), operations, strategy="raster-sequential", output="pandas", include_cols=["at"]
    ).set_index("at")  # fmt: skip
    ordered: pd.DataFrame = found.reindex(range(len(shapes)))
    return ordered


def cells_under(
    shapes: NDArray[np.object_], rows: int, columns: int, extent: tuple[float, float, float, float]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """The pixels of a grid that polygons touch, one by one, for figures that are no sums of planes.

    Parameters
    ----------
    shapes
        Valid polygons.
    rows, columns
        Of the grid.
    extent
        Left, bottom, right and top of the grid.

    Returns
    -------
    tuple
        Of each pixel under a polygon: the polygon's place, the pixel's in the grid counted row by row, and its covered share.

    Examples
    --------
    >>> [part.tolist() for part in cells_under(np.array([shapely.box(0.5, 0, 2, 1)]), 1, 2, (0, 0, 2, 1))]
    [[0, 0], [0, 1], [0.5, 1.0]]
    """
    grid = NumPyRasterSource(np.zeros((rows, columns), dtype=np.uint8), *extent, name="grid")
    operations = [Operation("cell_id", "cell", grid), Operation("coverage", "share", grid)]
    found = exact_extract(
        [grid], _Polygons(shapes), operations, strategy="raster-sequential", output="pandas", include_cols=["at"]
    )  # fmt: skip
    none: list[NDArray[Any]] = [np.empty(0)]
    counts = np.array([len(each) for each in found["cell"]], dtype=np.intp)
    owner = np.repeat(found["at"].to_numpy(dtype=np.intp), counts)
    cells = np.concatenate([*found["cell"], *none]).astype(np.intp)
    return owner, cells, np.concatenate([*found["share"], *none]).astype(np.float64)


def _stats(plane: NDArray[Any]) -> tuple[str, ...]:
    """Of whole numbers every pixel counts, so their number is known."""
    return ("sum", "count") if np.issubdtype(plane.dtype, np.floating) else ("sum",)
