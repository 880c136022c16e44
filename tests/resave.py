"""The sample park's files saved again in another format, by other programs where there are such."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import ezdxf
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import topojson

from parkgeo.ingest.opening import open_source
from parkgeo.project import read_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["FORMATS", "resave"]

_RASTERS = ("imagery", "dem")
_TABLES = ("supply", "enterprises", "occupancy", "performance")
_NAMES = {
    "parks": "四至范围", "parcels": "宗地", "buildings": "建筑物", "roads": "道路", "utilities": "管线", "facilities": "设施",
    "plan": "规划地块", "constraints": "限制要素",
}  # fmt: skip


def resave(sample: Path, folder: Path, kind: str) -> None:
    """Save the sample's map files in a format, its ledgers and rasters as they are; no park.toml.

    Parameters
    ----------
    sample
        Folder of the sample park.
    folder
        Where to; it must be there.
    kind
        One of `FORMATS`.
    """
    project = read_project(sample / "park.toml")
    for layer, sources in project.sources.items():
        for number, source in enumerate(sources):
            (file,) = source.files
            if layer in _RASTERS:
                (folder / layer).mkdir(exist_ok=True)
                shutil.copy(file, folder / layer / file.name)
            elif layer in _TABLES:
                _save_table(file, folder, kind)
            else:
                raw = open_source(file, source)
                name = _NAMES[layer] + ("" if number == 0 else f"_{source.table}")
                FORMATS[kind](gpd.GeoDataFrame(raw.frame, geometry=raw.geometry, crs=raw.crs), folder, name)


def _save_table(file: Path, folder: Path, kind: str) -> None:
    (folder / "台账").mkdir(exist_ok=True)
    if kind != "shapefile":
        shutil.copy(file, folder / "台账" / file.name)
        return
    frame = pd.read_excel(file, dtype=object, engine="openpyxl")
    frame.to_csv(folder / "台账" / f"{file.stem}.csv", index=False, encoding="gbk", errors="replace")


def _gdal(driver: str, ending: str, **options: Any) -> Callable[[gpd.GeoDataFrame, Path, str], None]:
    degrees = options.pop("degrees", False)

    def save(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
        frame = frame.to_crs(4326) if degrees else frame
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names and texts that a format shortens
            pyogrio.write_dataframe(_plain(frame), folder / f"{name}{ending}", driver=driver, **options)

    return save


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns of one type each, as an office's program would have them."""
    columns = frame.drop(columns="geometry").convert_dtypes()
    return gpd.GeoDataFrame(columns, geometry=frame.geometry, crs=frame.crs)


def _shapefile(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    _gdal("ESRI Shapefile", ".shp", encoding="GBK")(frame, folder, name)
    (folder / f"{name}.cpg").unlink()


def _zipped(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    beside = folder / "beside"
    beside.mkdir()
    _gdal("ESRI Shapefile", ".shp", encoding="UTF-8")(frame, beside, name)
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(beside.iterdir()):
            archive.write(part, part.name)
    shutil.rmtree(beside)


def _geodatabase(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    place = folder / "园区.gdb"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(_plain(frame), place, driver="OpenFileGDB", layer=name, append=place.exists())


def _parquet(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    frame.to_parquet(folder / f"{name}.parquet")


def _mapinfo(ending: str, options: dict[str, str]) -> Callable[[gpd.GeoDataFrame, Path, str], None]:
    def save(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
        # MapInfo has no brackets in names of columns.
        plain = frame.rename(columns=lambda column: column.replace("(", "_").replace(")", ""))
        _gdal("MapInfo File", ending, layer_options=options)(plain, folder, name)

    return save


def _keyhole(ending: str) -> Callable[[gpd.GeoDataFrame, Path, str], None]:
    def save(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
        # Its writer refuses an outline that touches itself, of which the sample has one.
        sound = frame.set_geometry(shapely.make_valid(frame.geometry.to_numpy(), method="structure"))
        _gdal("LIBKML", ending, degrees=True)(sound.set_crs(frame.crs), folder, name)

    return save


def _topojson(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    made = topojson.Topology(frame.to_crs(4326), object_name=name, prequantize=False, shared_coords=True)
    content = json.loads(made.to_json())
    (folder / f"{name}.topojson").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _drawing(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    """As a draughtsman would have it: outlines on a layer, the number written inside."""
    drawing = ezdxf.new("R2010")
    drawing.layers.add(name)
    space = drawing.modelspace()
    number = next(
        (column for column in frame.columns if "代码" in column or "编号" in column), frame.columns[0]
    )
    for shape, label in zip(frame.geometry, frame[number], strict=True):
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                for ring in (part.exterior, *part.interiors):
                    space.add_lwpolyline(
                        np.asarray(ring.coords)[:-1, :2].tolist(), close=True, dxfattribs={"layer": name}
                    )
                x, y = part.representative_point().coords[0][:2]
                space.add_text(str(label), height=2, dxfattribs={"layer": name}).set_placement((x, y))
            elif part.geom_type == "LineString":
                space.add_lwpolyline(np.asarray(part.coords)[:, :2].tolist(), dxfattribs={"layer": name})
            else:
                space.add_point(part.coords[0][:2], dxfattribs={"layer": name})
    metres = frame.crs.is_projected
    if metres:
        drawing.saveas(folder / f"{name}.dxf")


_COORDINATES_HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=40\n精度=0.001\n转换参数=0,0,0,0,0,0,0\n[地块坐标]\n"


def _coordinates(frame: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    """Areas as coordinate text in GBK, the rest as GeoPackage."""
    if not (frame.geom_type == "Polygon").all():
        _gdal("GPKG", ".gpkg")(frame, folder, name)
        return
    number = next(
        (column for column in frame.columns if "代码" in column or "编号" in column), frame.columns[0]
    )
    lines = []
    for shape, label in zip(frame.to_crs(4528).geometry, frame[number], strict=True):
        rings = [np.asarray(ring.coords)[:, :2] for ring in (shape.exterior, *shape.interiors)]
        count = sum(map(len, rings))
        lines.append(f"{count},{shape.area / 1e4:.4f},{label},{label},面,,,,@")
        lines += [
            f"J{at},{ring},{north:.4f},{east:.4f}"
            for ring, points in enumerate(rings, 1)
            for at, (east, north) in enumerate(points, 1)
        ]
    (folder / f"{name}.txt").write_text(
        _COORDINATES_HEAD + "\n".join(lines) + "\n", encoding="gbk", newline="\r\n"
    )


FORMATS: dict[str, Callable[[gpd.GeoDataFrame, Path, str], None]] = {
    "shapefile": _shapefile,
    "zipped shapefile": _zipped,
    "geopackage": _gdal("GPKG", ".gpkg"),
    "geodatabase": _geodatabase,
    "geojson": _gdal("GeoJSON", ".geojson", degrees=True),
    "geojson sequence": _gdal("GeoJSONSeq", ".geojsonl", degrees=True),
    "topojson": _topojson,
    "flatgeobuf": _gdal("FlatGeobuf", ".fgb"),
    "parquet": _parquet,
    "kml": _keyhole(".kml"),
    "kmz": _keyhole(".kmz"),
    "gml": _gdal("GML", ".gml"),
    "mapinfo tab": _mapinfo(".tab", {"ENCODING": "CP936"}),
    "mapinfo mif": _mapinfo(".mif", {"ENCODING": "CP936", "FORMAT": "MIF"}),
    "dxf": _drawing,
    "coordinate text": _coordinates,
}
"""Format → how one layer is saved in it."""
