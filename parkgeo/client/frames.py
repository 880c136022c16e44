"""Features as a table, columns as the collection's schema types them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.client.problems import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd
    import pandas as pd

__all__ = ["build_frame"]

_CRS84 = "OGC:CRS84"


def build_frame(
    features: Iterable[dict[str, Any]],
    schema: dict[str, Any],
    *,
    crs: str | None = None,
    properties: Sequence[str] | None = None,
) -> pd.DataFrame | gpd.GeoDataFrame:
    """Features as a table.

    Parameters
    ----------
    features
        GeoJSON features of one collection.
    schema
        The collection's, as its address ``schema`` tells it.
    crs
        Address of the system in which the features came; None is CRS84.
    properties
        Columns; else all that the schema names.

    Returns
    -------
    geopandas.GeoDataFrame or pandas.DataFrame
        One row a feature, its id as the index; numbers that are missing are NaN, whole numbers and truth values that are
        missing NA, days ``datetime64``. x is east and y north in every system, as geopandas has it, whatever the order of
        axes on the wire. Without geometry in the collection it is a plain table.

    Examples
    --------
    >>> schema = {"properties": {"area": {"type": "number"}, "on": {"type": "string", "format": "date"}}}
    >>> feature = {"type": "Feature", "id": "A", "geometry": None, "properties": {"area": None, "on": "2026-06-30"}}
    >>> build_frame([feature], schema).dtypes.astype(str).tolist()[0]
    'float64'
    """
    import pandas as pd

    fields = {name: told for name, told in schema.get("properties", {}).items() if name != "geometry"}
    names = list(fields if properties is None else properties)
    held = list(features)
    index = pd.Index([feature.get("id") for feature in held], name="id", dtype=object)
    columns = {
        name: _column([feature["properties"].get(name) for feature in held], fields.get(name, {}), index)
        for name in names
    }
    table = pd.DataFrame(columns, index=index, columns=names)
    if "geometry" not in schema.get("properties", {}):
        return table
    return _with_geometry(table, [feature.get("geometry") for feature in held], crs)


def _column(values: list[Any], told: dict[str, Any], index: pd.Index[Any]) -> pd.Series[Any]:
    import pandas as pd

    kind = told.get("type")
    if told.get("format") in {"date", "date-time"}:
        return pd.to_datetime(pd.Series(values, index=index, dtype=object), format="ISO8601")
    if kind == "number":
        return pd.Series(values, index=index, dtype="float64")
    if kind == "integer":
        return pd.Series(values, index=index, dtype="Int64")
    if kind == "boolean":
        return pd.Series(values, index=index, dtype="boolean")
    return pd.Series(values, index=index, dtype=object if kind == "array" else "str")


def _with_geometry(table: pd.DataFrame, geometry: list[Any], crs: str | None) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import numpy as np
    import orjson
    import shapely
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    code = (crs or "").rpartition("/EPSG/0/")[2] if crs and "/EPSG/" in crs else ""
    try:
        system = CRS.from_epsg(int(code)) if code else CRS.from_user_input(_CRS84)
    except (CRSError, ValueError) as error:
        raise ClientError(f"no coordinate system {crs!r} is known here") from error
    texts = np.array([None if one is None else orjson.dumps(one).decode() for one in geometry], dtype=object)
    shapes = shapely.from_geojson(texts)
    if system.axis_info and system.axis_info[0].direction == "north":
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=table.index, crs=system))
