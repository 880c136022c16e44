"""Vector files through GDAL."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.raw import RawTable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["VECTOR_DRIVERS", "read_vector"]

VECTOR_DRIVERS = {
    ".shp": "ESRI Shapefile",
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".parquet": "Parquet",
}
"""Ending of a file → the one driver that may open it."""

_DBF_GBK = 0x4D
_DBF_LDID = 29


def read_vector(path: Path, *, table: str = "", encoding: str = "", where: str = "") -> RawTable:
    """Read a vector file.

    Parameters
    ----------
    path
        Its ending tells the format; see `VECTOR_DRIVERS`.
    table
        Layer within the file; needed where it holds several.
    encoding
        Of a shapefile's text; empty finds it from ``.cpg``, the language byte or the bytes themselves.
    where
        Attribute filter in OGR SQL, as the project states it.

    Returns
    -------
    RawTable

    Raises
    ------
    InputError
        The format is not allowed, the file cannot be read, or holds several layers and none is named.
    """
    driver = VECTOR_DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise InputError(
            f"files ending in {path.suffix!r} are not read as maps",
            where=str(path),
            mend=f"give one of {name_some(VECTOR_DRIVERS, shown=20)}",
        )
    if driver == "Parquet":
        return _read_parquet(path)
    return _read_gdal(path, driver, table, encoding, where)


def _read_gdal(path: Path, driver: str, table: str, encoding: str, where: str) -> RawTable:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    notes: list[str] = []
    used = (encoding or _shapefile_encoding(path)) if driver == "ESRI Shapefile" else "UTF-8"
    try:
        name = _layer_name(path, table)
        info = pyogrio.read_info(path, layer=name, encoding=used)
        if info["driver"] != driver:
            raise InputError(
                f"the content is {info['driver']}, not {driver}", where=str(path), mend="give the file its true ending"
            )
        frame = pyogrio.read_dataframe(
            path, layer=name, encoding=used, where=where or None, use_arrow=True, fid_as_index=True
        )
    except (DataSourceError, DataLayerError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot be read ({error})", where=str(path), mend="open it in a GIS program and save it again"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"its text is not {used}", where=str(path), mend='set encoding = "GBK" (or the right one) in park.toml'
        ) from error
    geometry: np.ndarray[Any, np.dtype[np.object_]] | None = None
    if "geometry" in frame:
        geometry = np.asarray(frame.geometry.array, dtype=object)
        frame = frame.drop(columns="geometry")
    declared = len(frame) if where else _count_rows(path, driver, name, len(frame))
    if where:
        notes.append(f"only the rows where {where}")
    first = 0 if driver in {"GPKG"} else 1  # GeoPackage counts its features from 1, the others from 0
    return RawTable(
        path=path,
        table=name if driver == "GPKG" else "",
        frame=frame.reset_index(drop=True),
        rows=frame.index.to_numpy(dtype=np.int64) + first,
        geometry=geometry,
        crs=info["crs"] or "",
        driver=driver,
        encoding=used,
        declared=declared,
        notes=tuple(notes),
    )


def _layer_name(path: Path, table: str) -> str:
    import pyogrio

    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if table:
        if table not in names:
            raise InputError(f"no layer {table!r}", where=str(path), mend=f"it holds {name_some(names, shown=20)}")
        return table
    if len(names) != 1:
        raise InputError(
            f"it holds {len(names)} layers", where=str(path), mend=f"set layer to one of {name_some(names, shown=20)}"
        )
    return names[0]


def _shapefile_encoding(path: Path) -> str:
    """Encoding of a shapefile's text: ``.cpg``, else the language byte, else what its bytes can be."""
    import codecs

    stated = path.with_suffix(".cpg")
    if stated.is_file():
        text = stated.read_text(encoding="ascii", errors="replace").strip()
        name = {"936": "GBK", "ANSI 936": "GBK", "GB2312": "GBK", "950": "BIG5"}.get(text.upper(), text)
        try:
            codecs.lookup(name)
        except LookupError:
            pass  # an unknown name says nothing; the bytes are asked
        else:
            return name
    table = path.with_suffix(".dbf")
    if not table.is_file():
        return "UTF-8"
    content = table.read_bytes()
    if len(content) > _DBF_LDID and content[_DBF_LDID] == _DBF_GBK:
        return "GBK"
    for name in ("ascii", "utf-8", "gb18030"):
        try:
            content[32:].decode(name)
        except UnicodeDecodeError:
            continue
        return {"ascii": "UTF-8", "utf-8": "UTF-8", "gb18030": "GB18030"}[name]
    raise InputError(
        "the encoding of its text cannot be told", where=str(table), mend='set encoding in park.toml, for example "GBK"'
    )


def _count_rows(path: Path, driver: str, name: str, read: int) -> int:
    """Rows a file states to hold, counted without GDAL; what was read where the format has no such count."""
    try:
        if driver == "ESRI Shapefile":
            (records,) = struct.unpack("<I", path.with_suffix(".dbf").read_bytes()[4:8])
            return int(records)
        if driver == "GPKG":
            quoted = name.replace('"', '""')
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
                (count,) = connection.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()  # noqa: S608 - a quoted name
            return int(count)
        if driver == "GeoJSON":
            content = json.loads(path.read_bytes())
            return len(content["features"]) if content.get("type") == "FeatureCollection" else 1
    except (OSError, ValueError, KeyError, struct.error, sqlite3.Error):
        return read
    return read


def _read_parquet(path: Path) -> RawTable:
    import geopandas as gpd
    import pyarrow as pa

    try:
        frame = gpd.read_parquet(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"cannot be read as GeoParquet ({error})", where=str(path)) from error
    crs = frame.crs.to_wkt() if frame.crs else ""
    geometry = np.asarray(frame.geometry.array, dtype=object)
    return RawTable(
        path=path,
        table="",
        frame=frame.drop(columns=frame.geometry.name).reset_index(drop=True),
        rows=np.arange(1, len(frame) + 1),
        geometry=geometry,
        crs=crs,
        driver="Parquet",
        encoding="UTF-8",
        declared=len(frame),
    )
