"""Tables through GDAL: one Arrow table in, one layer out, the same bytes for the same table."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

from parkgeo.errors import StoreError
from parkgeo.export.cells import date_columns, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

    from parkgeo.store import Snapshot

__all__ = ["arrow_table", "fixed_date", "geometry_type", "write_layer"]

_GDAL_DATE = threading.Lock()


@contextlib.contextmanager
def fixed_date(day: dt.date) -> Iterator[None]:
    """Let GDAL stamp files with a given day instead of today, then as before.

    The setting belongs to the process, so one thread at a time writes.
    """
    import pyogrio

    name = "OGR_CURRENT_DATE"
    with _GDAL_DATE:
        before = pyogrio.get_gdal_config_option(name)
        pyogrio.set_gdal_config_options({name: f"{day.isoformat()}T00:00:00.000Z"})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({name: before})


def arrow_table(snapshot: Snapshot, table: str, frame: pd.DataFrame) -> pa.Table:
    """A table's columns with the types that every GDAL format knows; geometry, if any, as WKB in ``geom``.

    Missing numbers are null, days are dates, lists are text.
    """
    import geopandas as gpd
    import pyarrow as pa

    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    days = date_columns(snapshot, table, frame)
    arrays: dict[str, Any] = {}
    for column in frame.columns:
        if column == geometry:
            continue
        arrays[str(column)] = _array(
            frame[column], snapshot.field(table, str(column))["type"], day=column in days
        )
    if geometry is not None:
        arrays["geom"] = pa.array(_one_type(frame).to_wkb(), type=pa.binary())
    return pa.table(arrays)


def _one_type(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Geometry of which all rows have the type of the layer: a single part among many is a whole of one part."""
    import shapely

    kind, shapes = geometry_type(frame), frame.geometry
    whole = {
        "MultiPolygon": ("Polygon", shapely.multipolygons),
        "MultiLineString": ("LineString", shapely.multilinestrings),
        "MultiPoint": ("Point", shapely.multipoints),
    }
    if kind not in whole:
        return shapes
    part, made = whole[kind]
    single = (shapes.geom_type == part).to_numpy(dtype=bool)
    if not single.any():
        return shapes
    geometry = shapes.to_numpy(dtype=object, copy=True)
    geometry[single] = made(geometry[single][:, None])
    return type(shapes)(geometry, index=shapes.index, crs=shapes.crs)


def _array(series: pd.Series[Any], kind: str, *, day: bool) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    dtype = series.dtype
    if pd.api.types.is_numeric_dtype(dtype):
        flag, integer = pd.api.types.is_bool_dtype(dtype), pd.api.types.is_integer_dtype(dtype)
        return pa.array(
            series, type=pa.bool_() if flag else pa.int64() if integer else pa.float64(), from_pandas=True
        )
    values = [plain_value(value, day=day) for value in series]
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return pa.array(values, type=pa.date32() if day else pa.timestamp("ms"))
    found = _type_of([value for value in values if value is not None], kind)
    if found == pa.string():
        values = [None if value is None else str(value) for value in values]
    return pa.array(values, type=found)


def _type_of(known: list[Any], kind: str) -> pa.DataType:
    """The type that fits all values of an untyped column; without a single value, what the catalogue says."""
    import pyarrow as pa

    if not known:
        empty = {"number": pa.float64(), "integer": pa.int64(), "date": pa.date32(), "flag": pa.bool_()}
        return empty.get(kind, pa.string())
    candidates = ((bool, pa.bool_()), (int, pa.int64()), (float | int, pa.float64()), (dt.date, pa.date32()))
    # A flag counts as a number in Python, a moment as a date: the exact type goes first.
    fitting = (arrow for python, arrow in candidates if all(isinstance(value, python) for value in known))
    return next(fitting, pa.string())


def geometry_type(frame: pd.DataFrame) -> str | None:
    """One geometry type that fits all rows; ``Unknown`` for a mixture, None without geometry."""
    import geopandas as gpd

    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    kinds = set(frame.geometry.geom_type.dropna())
    if not kinds:
        return "Unknown"
    families = {kind.removeprefix("Multi") for kind in kinds}
    if len(families) > 1 or "GeometryCollection" in kinds:
        return "Unknown"
    return kinds.pop() if len(kinds) == 1 else f"Multi{families.pop()}"


def write_layer(
    table: pa.Table,
    path: Path,
    *,
    driver: str,
    layer: str,
    kind: str | None,
    crs: str | None,
    options: dict[str, str] | None = None,
) -> None:
    """Write one layer.

    Parameters
    ----------
    table
        As `arrow_table` gives it.
    path
        A new file, or a GeoPackage that gets one more layer.
    driver
        GDAL's name of the format.
    layer
        The layer's name.
    kind
        As `geometry_type` gives it; None for a table without geometry.
    crs
        Coordinate system as WKT.
    options
        The format's layer options.

    Raises
    ------
    StoreError
        GDAL cannot write there.
    """
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
    from pyogrio.raw import write_arrow

    # GeoPackage 1.3 is what programs of recent years read without a warning.
    dataset = {"VERSION": "1.3"} if driver == "GPKG" and not path.exists() else {}
    spatial = {"geometry_name": "geom", "geometry_type": kind, "crs": crs} if kind else {}
    try:
        write_arrow(
            table,
            str(path),
            layer=layer,
            driver=driver,
            encoding="UTF-8",
            layer_options=options or {},
            dataset_options=dataset,
            **spatial,
        )
    except (DataSourceError, DataLayerError, FeatureError) as error:
        raise StoreError(
            f"cannot write the layer ({error})",
            where=layer,
            mend="free space, or choose another place or format",
        ) from error
