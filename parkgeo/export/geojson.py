"""GeoJSON as RFC 7946 has it: CRS84, rings by the right-hand rule, seven decimals, no NaN."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from parkgeo.export.cells import KEYS, date_columns, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from parkgeo.store import Snapshot

__all__ = ["lonlat", "write_geojson"]

_DECIMALS = 7
"""Of a degree: about a centimetre (RFC 7946, 11.2, says six to seven are enough)."""


def lonlat(frame: gpd.GeoDataFrame) -> Any:
    """Geometries in longitude and latitude (CRS84), rounded, outer rings counter-clockwise.

    Returns
    -------
    numpy.ndarray of shapely geometries
        None where there is none.
    """
    import numpy as np
    import shapely

    degrees = frame.geometry.to_crs("OGC:CRS84").to_numpy()
    rounded = shapely.transform(degrees, lambda points: np.round(points, _DECIMALS))
    return shapely.orient_polygons(rounded, exterior_cw=False)


def write_geojson(snapshot: Snapshot, table: str, frame: pd.DataFrame, path: Path) -> None:
    """Write a table as a FeatureCollection; a table without geometry has features with null geometry.

    The feature's ``id`` is the value of the table's key where it has a single one.
    """
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","name":' + _encode(table) + b',"features":[')
        for number, feature in enumerate(_features(snapshot, table, frame)):
            file.write(b",\n" if number else b"\n")
            file.write(feature)
        file.write(b"\n]}\n")


def _encode(value: Any) -> bytes:
    import orjson

    encoded: bytes = orjson.dumps(value)
    return encoded


def _features(snapshot: Snapshot, table: str, frame: pd.DataFrame) -> Iterator[bytes]:
    import geopandas as gpd
    import orjson
    import shapely

    geometry = None
    fragments: list[str | None] = [None] * len(frame)
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = frame.geometry.name
        fragments = list(shapely.to_geojson(lonlat(frame)))
    days = date_columns(snapshot, table, frame)
    names = [str(column) for column in frame.columns if column != geometry]
    columns = [[_json_value(plain_value(value, day=name in days)) for value in frame[name]] for name in names]
    key = KEYS.get(table, ())
    ids = columns[names.index(key[-1])] if key and key[-1] in names and frame[key[-1]].is_unique else None
    for number, fragment in enumerate(fragments):
        feature: dict[str, Any] = {"type": "Feature"}
        if ids is not None and ids[number] is not None:
            feature["id"] = ids[number]
        feature["geometry"] = orjson.Fragment(fragment) if fragment is not None else None
        feature["properties"] = {name: column[number] for name, column in zip(names, columns, strict=True)}
        yield orjson.dumps(feature)


def _json_value(value: Any) -> Any:
    """Points in time in UTC notation; infinities, which JSON has not, as null (orjson's own way) like NaN."""
    return f"{value.isoformat()}Z" if isinstance(value, dt.datetime) and value.tzinfo is None else value
