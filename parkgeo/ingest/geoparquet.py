"""GeoParquet, read without GDAL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from parkgeo.errors import InputError
from parkgeo.ingest.arrow import plain_frame
from parkgeo.ingest.formats import TableInfo
from parkgeo.ingest.gdal import family_of
from parkgeo.ingest.raw import RawTable
from parkgeo.ingest.shapes import outlines_of_surfaces, shapes_from_wkb

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from parkgeo.layers import Sentence

__all__ = ["parquet_tables", "read_parquet"]

# Encodings by GeoArrow, as GeoParquet 1.1 names them → how deep its lists are, and the shape that is built.
_NATIVE = {
    "point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2, "multipolygon": 3,
}  # fmt: skip


def parquet_tables(path: Path) -> tuple[TableInfo, ...]:
    """The one table of a GeoParquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _, told = _geometry(file)
            kinds = {family_of(str(kind)) for kind in told.get("geometry_types", [])}
            rows = int(file.metadata.num_rows)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise _refused(path, error) from error
    return (TableInfo("", kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "", rows),)


def read_parquet(path: Path) -> RawTable:
    """Read a GeoParquet file.

    Parameters
    ----------
    path
        With its geometry as well-known binary, or as GeoArrow's separate coordinates.

    Raises
    ------
    InputError
        Not GeoParquet, or with geometry in another encoding.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            stated = file.metadata.num_rows
            column, told = _geometry(file)
            content = file.read()
            shapes, spoiled = _shapes(content[column], str(told["encoding"]), path)
            frame, broken = plain_frame(content, (column,))
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise _refused(path, error) from error
    return RawTable(
        path=path,
        table="",
        frame=frame,
        rows=np.arange(1, len(shapes) + 1, dtype=np.int64),
        geometry=shapes,
        crs=_crs(told),
        driver="Parquet",
        encoding="UTF-8",
        declared=stated,
        doubts=broken,
        spoiled=spoiled,
    )


def _refused(path: Path, error: Exception) -> InputError:
    return InputError(
        f"cannot be read as GeoParquet ({error})",
        where=str(path),
        mend="save it as GeoParquet from a GIS program",
    )


def _geometry(file: Any) -> tuple[str, dict[str, Any]]:
    """The geometry column and what the file tells of it."""
    head = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    column = str(head["primary_column"])
    told: dict[str, Any] = head["columns"][column]
    return column, told


def _shapes(column: Any, encoding: str, path: Path) -> tuple[NDArray[np.object_], dict[int, Sentence]]:
    if encoding == "WKB":
        cells = column.to_pylist()
        shapes, spoiled = shapes_from_wkb(cells)
        outlines, upright = outlines_of_surfaces(cells, list(spoiled))
        for at, shape in outlines.items():
            shapes[at] = shape
        return shapes, {at: why for at, why in spoiled.items() if at not in outlines} | upright
    if encoding.lower() in _NATIVE:
        return _native(column, encoding.lower()), {}
    raise InputError(
        f"its geometry is encoded as {encoding[:40]!r}, not WKB",
        where=str(path),
        mend="save it with WKB geometry",
    )


def _native(column: Any, kind: str) -> NDArray[np.object_]:
    """Shapes of separate coordinates: the lists' offsets are what shapely builds ragged arrays from."""
    whole = column.combine_chunks()
    known = whole.is_valid().to_numpy(zero_copy_only=False)
    level = whole.filter(whole.is_valid())
    offsets = []
    for _ in range(_NATIVE[kind]):
        starts = level.offsets.to_numpy()
        offsets.append((starts - starts[0]).astype(np.int64))
        level = level.flatten()
    places = np.column_stack([level.field(axis).to_numpy(zero_copy_only=False) for axis in ("x", "y")])
    shapes: NDArray[np.object_] = np.full(len(known), None, dtype=object)
    if known.any():
        shapes[known] = shapely.from_ragged_array(
            getattr(shapely.GeometryType, kind.upper()),
            places.astype(float),
            tuple(reversed(offsets)) or None,
        )
    return shapes


def _crs(told: dict[str, Any]) -> str:
    """The stated system as WKT; longitude and latitude where the key is absent, as the format says; empty where it is null."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if "crs" not in told:
        return "EPSG:4326"
    if told["crs"] is None:
        return ""
    try:
        return str(CRS.from_json_dict(told["crs"]).to_wkt())
    except (CRSError, TypeError, AttributeError):
        return ""  # as good as none: park.toml must then say it
