"""Map files of all formats: which reader reads which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from parkgeo.errors import InputError, name_some
from parkgeo.ingest.archive import datasets_in, unpacked
from parkgeo.ingest.dxf import dxf_tables, read_dxf
from parkgeo.ingest.flatgeobuf import flatgeobuf_tables, read_flatgeobuf
from parkgeo.ingest.formats import TableInfo, check_beginning, format_of
from parkgeo.ingest.gdal import Opening, choose, layers_of, read_layer
from parkgeo.ingest.geojson import load_json, read_features, read_sequence
from parkgeo.ingest.geopackage import geopackage_tables, read_geopackage
from parkgeo.ingest.geoparquet import parquet_tables, read_parquet
from parkgeo.ingest.gml import gml_tables, read_gml
from parkgeo.ingest.kml import kml_tables, read_kml
from parkgeo.ingest.mapinfo import mapinfo_tables, read_mif, read_tab
from parkgeo.ingest.shapefile import look_at, sound_names
from parkgeo.ingest.topojson import is_topology, read_topology, topology_tables
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parkgeo.ingest.archive import Dataset
    from parkgeo.ingest.raw import RawTable

__all__ = ["read_vector", "vector_tables"]

_GEODATABASE = "OpenFileGDB"
# Layers whose shapes are lines: closed lines of a drawing are not outlines there.
_OF_LINES = ("roads", "utilities")


def read_vector(
    path: Path, *, table: str = "", encoding: str = "", crs: str = "", layer: str = ""
) -> RawTable:
    """Read a map file.

    Parameters
    ----------
    path
        Its ending tells the format; see `parkgeo.ingest.formats`.
    table
        Layer within the file; needed where it holds several. In a zip archive of several files the file's name in it,
        with ``/`` and the layer's behind it where that file holds several.
    encoding
        Of its text; empty finds it from what the file states and its bytes.
    crs
        What park.toml states; a file's own word that cannot be used is then no error.
    layer
        What it shall become: in a drawing closed lines are outlines, but for roads and utilities.

    Returns
    -------
    RawTable
        Shapes lie in the plane: heights and measures are left out, and it is said.

    Raises
    ------
    InputError
        The format is not allowed, the file cannot be read, or holds several layers and none is named.
    """
    kind = format_of(path)
    if kind.name == "zip":
        dataset, inner = _dataset(path, table)
        with unpacked(path, dataset) as file:
            raw = read_vector(file, table=inner, encoding=encoding, crs=crs, layer=layer)
        return replace(raw, path=path, table=table or raw.table)
    if kind.name != _GEODATABASE:
        check_beginning(path, kind)
    return _in_plane(_READ[kind.name](_Wish(path, table, encoding, crs, layer)))


def vector_tables(path: Path, *, encoding: str = "") -> tuple[TableInfo, ...]:
    """The layers in a map file; see `parkgeo.ingest.opening.tables_in`."""
    kind = format_of(path)
    if kind.name == "zip":
        return _tables_in_archive(path, encoding)
    if kind.name != _GEODATABASE:
        check_beginning(path, kind)
    return _TABLES[kind.name](path, encoding)


@dataclass(frozen=True)
class _Wish:
    """What is asked of one file; see `read_vector`."""

    path: Path
    table: str
    encoding: str
    crs: str
    layer: str


def _shapefile(wish: _Wish) -> RawTable:
    path, parts = wish.path, look_at(wish.path, wish.encoding)
    with sound_names(path, parts.encoding) as file:
        opening = Opening(file, "ESRI Shapefile", parts.encoding)
        raw = replace(read_layer(opening, choose(path, layers_of(opening), "").name), path=path)
    cut_off = np.flatnonzero(np.isin(raw.rows, parts.cut_off)).tolist()
    return replace(
        raw,
        table="",
        declared=parts.declared,
        notes=(*parts.notes, *raw.notes),
        doubts=(*parts.doubts, *raw.doubts),
        cut_off=frozenset(cut_off),
    )


def _shapefile_tables(path: Path, encoding: str) -> tuple[TableInfo, ...]:
    parts = look_at(path, encoding)
    with sound_names(path, parts.encoding) as file:
        found = layers_of(Opening(file, "ESRI Shapefile", parts.encoding))
    return tuple(TableInfo("", one.geometry, parts.declared) for one in found)


def _json(wish: _Wish) -> RawTable:
    content, used = load_json(wish.path, wish.encoding)
    if is_topology(content) or format_of(wish.path).name == "TopoJSON":
        return read_topology(content, wish.path, table=wish.table, encoding=used, stated_crs=wish.crs)
    return read_features(content, wish.path, encoding=used, stated_crs=wish.crs)


def _json_tables(path: Path, encoding: str) -> tuple[TableInfo, ...]:
    content, used = load_json(path, encoding)
    if is_topology(content):
        return topology_tables(content, path)
    return (_only(read_features(content, path, encoding=used, stated_crs="unknown")),)


def _drawing(wish: _Wish) -> RawTable:
    key = "parcel_id" if wish.layer == "parcels" else ""
    outlines = wish.layer not in _OF_LINES
    return read_dxf(wish.path, table=wish.table, encoding=wish.encoding, key=key, outlines=outlines)


def _mapinfo(wish: _Wish) -> RawTable:
    read = read_mif if wish.path.suffix.lower() == ".mif" else read_tab
    return read(wish.path, encoding=wish.encoding)


def _geodatabase(path: Path) -> Opening:
    """How to open a file geodatabase's folder.

    Raises
    ------
    InputError
        It is none.
    """
    if not path.is_dir():
        raise InputError(
            "a file geodatabase is a folder",
            where=str(path),
            mend="give the folder that ends in .gdb, or zip it",
        )
    names = {one.name.lower() for one in path.iterdir()}
    if not {"a00000001.gdbtable", "a00000001.gdbtablx"} <= names:
        raise InputError(
            "the folder is not a file geodatabase", where=str(path), mend="copy all files of the .gdb folder"
        )
    return Opening(path, _GEODATABASE)


def _read_geodatabase(wish: _Wish) -> RawTable:
    """One layer; the rows it declares are those that the header of its table states."""
    opening = _geodatabase(wish.path)
    return read_layer(opening, choose(wish.path, layers_of(opening), wish.table).name, first=1)


_READ: dict[str, Callable[[_Wish], RawTable]] = {
    "ESRI Shapefile": _shapefile,
    "GPKG": lambda wish: read_geopackage(wish.path, table=wish.table),
    _GEODATABASE: _read_geodatabase,
    "GeoJSON": _json,
    "TopoJSON": _json,
    "GeoJSONSeq": lambda wish: read_sequence(wish.path, encoding=wish.encoding),
    "FlatGeobuf": lambda wish: read_flatgeobuf(wish.path),
    "Parquet": lambda wish: read_parquet(wish.path),
    "KML": lambda wish: read_kml(wish.path, table=wish.table, encoding=wish.encoding),
    "KMZ": lambda wish: read_kml(wish.path, table=wish.table, encoding=wish.encoding),
    "GML": lambda wish: read_gml(wish.path, table=wish.table, encoding=wish.encoding),
    "DXF": _drawing,
    "MapInfo File": _mapinfo,
}
_TABLES: dict[str, Callable[[Path, str], tuple[TableInfo, ...]]] = {
    "ESRI Shapefile": _shapefile_tables,
    "GPKG": lambda path, _: geopackage_tables(path),
    _GEODATABASE: lambda path, _: layers_of(_geodatabase(path)),
    "GeoJSON": _json_tables,
    "TopoJSON": _json_tables,
    "GeoJSONSeq": lambda path, encoding: (_only(read_sequence(path, encoding=encoding)),),
    "FlatGeobuf": lambda path, _: flatgeobuf_tables(path),
    "Parquet": lambda path, _: parquet_tables(path),
    "KML": kml_tables,
    "KMZ": kml_tables,
    "GML": gml_tables,
    "DXF": dxf_tables,
    "MapInfo File": mapinfo_tables,
}


def _only(raw: RawTable) -> TableInfo:
    shapes = raw.geometry if raw.geometry is not None else np.empty(0, dtype=object)
    known = {int(one) for one in np.unique(shapely.get_dimensions(shapes)) if one >= 0}
    family = {0: "point", 1: "line", 2: "polygon"}.get(known.pop(), "mixed") if len(known) == 1 else "mixed"
    return TableInfo("", family, raw.declared)


def _in_plane(raw: RawTable) -> RawTable:
    """Without heights and measures, which no layer uses."""
    if raw.geometry is None:
        return raw
    deep = shapely.has_z(raw.geometry) | shapely.has_m(raw.geometry)
    if not deep.any():
        return raw
    note = sentence("heights and measures (Z, M) are left out")
    return replace(raw, geometry=shapely.force_2d(raw.geometry), notes=(*raw.notes, note))


def _dataset(path: Path, table: str) -> tuple[Dataset, str]:
    """The dataset in an archive that is meant, and the layer in that."""
    found = datasets_in(path)
    for one in found:
        if table == one.name:
            return one, ""
        if table.startswith(f"{one.name}/"):
            return one, table.removeprefix(f"{one.name}/")
    if len(found) == 1:
        return found[0], table
    names = name_some((one.name for one in found), shown=20)
    what = f"no file {table!r} in it" if table else f"it holds {len(found)} map files"
    raise InputError(what, where=str(path), mend=f"set layer to one of {names}")


def _tables_in_archive(path: Path, encoding: str) -> tuple[TableInfo, ...]:
    found = datasets_in(path)
    tables = []
    for one in found:
        with unpacked(path, one) as file:
            inside = vector_tables(file, encoding=encoding)
        for table in inside:
            names = [*([one.name] if len(found) > 1 else []), *([table.name] if table.name else [])]
            tables.append(replace(table, name="/".join(names)))
    return tuple(tables)
