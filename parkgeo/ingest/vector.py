"""Map files: shapefile, GeoPackage and FlatGeobuf through GDAL; GeoJSON and GeoParquet without it."""

from __future__ import annotations

import json
import sqlite3
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.geojson import read_geojson
from parkgeo.ingest.raw import Doubt, RawTable
from parkgeo.ingest.shapefile import look_at
from parkgeo.ingest.shapes import shapes_from_wkb
from parkgeo.ingest.tables import distinct
from parkgeo.layers import Sentence, sentence

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

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

# A file must begin as its format does before GDAL sees it: content of another kind (a VRT, a service description)
# under a familiar ending could make other drivers read other files or fetch addresses.
_BEGINNINGS = {
    "ESRI Shapefile": b"\x00\x00\x27\x0a",
    "GPKG": b"SQLite format 3\x00",
    "FlatGeobuf": b"fgb",
    "Parquet": b"PAR1",
}
_REMARKS = 3
_FID, _SHAPE = "<fid>", "<geometry>"


def read_vector(path: Path, *, table: str = "", encoding: str = "") -> RawTable:
    """Read a vector file.

    Parameters
    ----------
    path
        Its ending tells the format; see `VECTOR_DRIVERS`.
    table
        Layer within the file; needed where it holds several.
    encoding
        Of a shapefile's text; empty finds it from ``.cpg``, the language byte or the bytes themselves.

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
    if driver == "GeoJSON":
        return read_geojson(path, encoding=encoding)
    _check_beginning(path, driver)
    if driver == "Parquet":
        return _read_parquet(path)
    return _read_gdal(path, driver, table, encoding)


def _check_beginning(path: Path, driver: str) -> None:
    wanted = _BEGINNINGS[driver]
    try:
        with path.open("rb") as file:
            head = file.read(len(wanted))
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})",
            where=str(path),
            mend="see that it is a file you may read",
        ) from error
    if not head:
        raise InputError("the file is empty (0 bytes)", where=str(path), mend="copy or save it again")
    if head != wanted:
        raise InputError(
            f"the content is not {driver}",
            where=str(path),
            mend="give the file its true ending, or save it again",
        )


def _read_gdal(path: Path, driver: str, table: str, encoding: str) -> RawTable:
    import pyarrow as pa
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read_arrow

    parts = look_at(path, encoding) if driver == "ESRI Shapefile" else None
    used = parts.encoding if parts else "UTF-8"
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            name, stated = _layer(path, driver, table, used)
            meta, content = read_arrow(path, layer=name, encoding=used, return_fids=True)
        column = meta["geometry_name"] or "wkb_geometry"
        content.validate(full=False)
        content = _by_place(content, column)
        frame, broken = _plain_frame(content, (_FID, _SHAPE))
        has_shapes = _SHAPE in content.column_names
        if has_shapes:
            content[_SHAPE].validate(full=True)
        shapes, spoiled = shapes_from_wkb(content[_SHAPE].to_pylist() if has_shapes else [])
    except (DataSourceError, DataLayerError, pa.ArrowException, OSError, RuntimeError, UnicodeError) as error:
        raise InputError(
            f"cannot be read ({error})", where=str(path), mend="open it in a GIS program and save it again"
        ) from error
    # GeoPackage counts its features from 1, the others from 0.
    rows = content[_FID].to_numpy().astype(np.int64) + (0 if driver == "GPKG" else 1)
    return RawTable(
        path=path,
        table=name if driver == "GPKG" else "",
        frame=frame,
        rows=rows,
        geometry=shapes if has_shapes else None,
        crs=meta["crs"] or "",
        driver=driver,
        encoding=used,
        declared=parts.declared if parts else _count_rows(path, name, stated) if driver == "GPKG" else stated,
        notes=_remarks(said),
        doubts=(*(parts.doubts if parts else ()), *broken),
        spoiled=spoiled,
        cut_off=frozenset(np.flatnonzero(np.isin(rows, parts.cut_off)).tolist()) if parts else frozenset(),
    )


def _layer(path: Path, driver: str, table: str, encoding: str) -> tuple[str, int]:
    """The layer to read and the rows its header states."""
    import pyogrio

    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if table and table not in names:
        raise InputError(
            f"no layer {table!r}", where=str(path), mend=f"it holds {name_some(names, shown=20)}"
        )
    if not table and len(names) != 1:
        mend = (
            f"set layer to one of {name_some(names, shown=20)}" if names else "give a file that holds a layer"
        )
        raise InputError(f"it holds {len(names) or 'no'} layers", where=str(path), mend=mend)
    info = pyogrio.read_info(path, layer=table or names[0], encoding=encoding, force_feature_count=True)
    if info["driver"] != driver:
        raise InputError(
            f"the content is {info['driver']}, not {driver}",
            where=str(path),
            mend="give the file its true ending",
        )
    return table or names[0], int(info["features"])


def _by_place(content: Any, geometry: str) -> Any:
    """Columns under names that no two of them share: GDAL's row number stands first and the geometry last.

    A file may well have a column of its own by GDAL's names (``OGC_FID``, ``wkb_geometry``), or two of one name.
    """
    names = [name or "?" for name in content.column_names]
    names[0] = _FID
    if content.column_names[-1] == geometry:
        names[-1] = _SHAPE
    return content.rename_columns(distinct(names))


def _plain_frame(content: Any, left_out: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[Doubt, ...]]:
    """Columns as pandas has them, and those whose text is broken.

    Whole numbers stay whole where some are missing, so that long ids keep every digit.
    """
    import pyarrow as pa

    kept = content.drop_columns(
        [name for name in left_out if name in content.column_names]
    ).replace_schema_metadata(None)
    broken = []
    for at, name in enumerate(kept.column_names):
        column = kept[name]
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            try:
                column.validate(full=True)
            except pa.ArrowInvalid:
                cells = column.cast(
                    pa.binary() if pa.types.is_string(column.type) else pa.large_binary()
                ).to_pylist()
                texts = [None if cell is None else cell.decode("utf-8", errors="replace") for cell in cells]
                kept = kept.set_column(at, name, pa.array(texts, type=pa.large_string()))
                broken.append(name)
    frame: pd.DataFrame = kept.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    frame = frame.reindex(range(content.num_rows))  # without columns pandas would count no rows
    if not broken:
        return frame, ()
    what = sentence(
        "text that is not UTF-8, with \ufffd for what cannot be read: {columns}", columns=tuple(broken)
    )
    return frame, (Doubt(what, sentence("save it again from a GIS program")),)


def _count_rows(path: Path, name: str, read: int) -> int:
    """Rows of a GeoPackage's layer, counted without GDAL, which may believe a stored count."""
    quoted = name.replace('"', '""')
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()  # noqa: S608 - a quoted name
    except sqlite3.Error:
        return read
    return int(count)


def _remarks(said: list[warnings.WarningMessage]) -> tuple[Sentence, ...]:
    """What GDAL had to say while reading."""
    texts = list(dict.fromkeys(str(one.message).strip()[:200] for one in said))
    return tuple(sentence("the reader remarks: {text}", text=text) for text in texts[:_REMARKS])


def _read_parquet(path: Path) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            stated = file.metadata.num_rows
            head = json.loads((file.schema_arrow.metadata or {})[b"geo"])
            column = head["primary_column"]
            told = head["columns"][column]
            content = file.read()
            if told["encoding"] != "WKB":
                raise InputError(
                    f"its geometry is encoded as {told['encoding']!r}, not WKB",
                    where=str(path),
                    mend="save it with WKB geometry",
                )
            shapes, spoiled = shapes_from_wkb(content[column].to_pylist())
            frame, broken = _plain_frame(content, (column,))
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot be read as GeoParquet ({error})",
            where=str(path),
            mend="save it as GeoParquet from a GIS program",
        ) from error
    return RawTable(
        path=path,
        table="",
        frame=frame,
        rows=np.arange(1, len(shapes) + 1, dtype=np.int64),
        geometry=shapes,
        crs=_parquet_crs(told),
        driver="Parquet",
        encoding="UTF-8",
        declared=stated,
        doubts=broken,
        spoiled=spoiled,
    )


def _parquet_crs(told: dict[str, Any]) -> str:
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
