"""Writers: the formats that offices have, with the same bytes for the same content.

Dates that formats put into their headers are fixed, numbers are rounded before they are written, lines end in LF
(the coordinate text in CRLF, as the offices' programs write it).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from parkgeo.sample.place import AS_OF, EPSG, to_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = [
    "write_boundary_text",
    "write_geojson",
    "write_geopackage",
    "write_json",
    "write_raster",
    "write_shapefile",
    "write_workbook",
]

_STAMP = f"{AS_OF}T00:00:00.000Z"
_DBF_DATE = bytes([126, 6, 30])
_DBF_GBK = 0x4D
_PRJ = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_40",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",40500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def _on_map(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame in EPSG:4528."""
    placed = frame.copy()
    return placed.set_geometry(gpd.GeoSeries(to_map(frame.geometry.to_numpy()), index=frame.index, crs=EPSG))


def write_shapefile(frame: gpd.GeoDataFrame, path: Path, *, with_cpg: bool) -> None:
    """Write a shapefile whose attributes are GBK.

    Parameters
    ----------
    frame
        Polygons in site metres; column names of at most ten GBK bytes.
    path
        Of the ``.shp``.
    with_cpg
        Whether a ``.cpg`` says the encoding; without it only the header's language byte does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _on_map(frame).to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="GBK")
    path.with_suffix(".prj").write_text(_PRJ, encoding="ascii", newline="\n")
    cpg = path.with_suffix(".cpg")
    if with_cpg:
        cpg.write_text("GBK", encoding="ascii", newline="\n")
    else:
        cpg.unlink(missing_ok=True)
    dbf = path.with_suffix(".dbf")
    raw = bytearray(dbf.read_bytes())
    raw[1:4] = _DBF_DATE
    raw[29] = _DBF_GBK
    dbf.write_bytes(bytes(raw))


def write_geopackage(layers: dict[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write a GeoPackage with one table a layer; its date of change is the sample's."""
    import pyogrio

    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        for name, frame in layers.items():
            _on_map(frame).to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write lines as GeoJSON: longitude and latitude, seven decimals, a feature a line.

    The projection is undone to CGCS2000, which GeoJSON's WGS 84 equals within the accuracy of any road survey.
    """
    from pyproj import Transformer

    path.parent.mkdir(parents=True, exist_ok=True)
    inverse = Transformer.from_crs(EPSG, 4490, always_xy=True)
    shapes = shapely.transform(
        to_map(frame.geometry.to_numpy()),
        lambda xy: np.round(np.column_stack(inverse.transform(xy[:, 0], xy[:, 1])), 7),
    )
    lines = []
    for shape, properties in zip(shapes, _records(frame), strict=True):
        geometry = {"type": shape.geom_type, "coordinates": shapely.get_coordinates(shape).tolist()}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _records(frame: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Rows without geometry as plain values."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    for values in plain.astype(object).itertuples(index=False, name=None):
        yield {name: _plain(value) for name, value in zip(plain.columns, values, strict=True)}


def _plain(value: Any) -> Any:
    """A Python value; None for whatever means missing."""
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def write_workbook(sheets: dict[str, pd.DataFrame], path: Path, *, widths: Sequence[int] = (22, 14)) -> None:
    """Write an Excel workbook with real dates and numbers; blank cells stay blank.

    Parameters
    ----------
    sheets
        Sheet name → table.
    path
        Of the ``.xlsx``.
    widths
        Column widths: the first column's, then the others'.
    """
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": "云汀县临港工业园（虚构样例）", "created": dt.datetime(2026, 6, 30)})  # noqa: DTZ001
    head = book.add_format({"bold": True, "bg_color": "#DDE6EE", "border": 1, "text_wrap": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, table in sheets.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, widths[0])
        sheet.set_column(1, len(table.columns) - 1, widths[1])
        for column, title in enumerate(table.columns):
            sheet.write_string(0, column, title, head)
        for row, record in enumerate(_records(table), start=1):
            for column, value in enumerate(record.values()):
                _write_cell(sheet, row, column, value, day)
    book.close()


def _write_cell(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


def write_boundary_text(polygon: Any, path: Path, *, number: str, name: str) -> None:
    """Write a boundary as the coordinate text that land applications carry: GBK, northing first, zone prefix.

    Parameters
    ----------
    polygon
        In site metres, one ring.
    path
        Of the ``.txt``.
    number, name
        Of the plot.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    placed = shapely.normalize(to_map(polygon))
    points = shapely.get_coordinates(placed.exterior)
    lines = [
        "[属性描述]", "格式版本号=1.01版本", "数据产生单位=云汀县临港工业园管理委员会（虚构）", f"数据产生日期={AS_OF}",
        "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格", "计量单位=米", "带号=40", "精度=0.001",
        "转换参数=,,,,,,", "[地块坐标]",
        f"{len(points)},{placed.area / 10_000.0:.4f},{number},{name},面,,工业园区,建设用地,@",
    ]  # fmt: skip
    last = len(points) - 1
    lines.extend(
        f"J{1 if n == last else n + 1},1,{north:.3f},{east:.3f}" for n, (east, north) in enumerate(points)
    )
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gbk"))


def write_raster(
    pixels: np.ndarray,
    path: Path,
    *,
    west: float,
    north: float,
    size_m: float,
    bands: Sequence[str] = (),
    nodata: float | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    """Write a deflated GeoTIFF in EPSG:4528.

    Parameters
    ----------
    pixels
        rows × columns, or bands × rows × columns.
    path
        Of the ``.tif``.
    west, north, size_m
        Upper left corner in EPSG:4528 and pixel size in metres.
    bands
        Band names.
    nodata
        Value that means no data.
    tags
        Further metadata.
    """
    import rasterio
    from affine import Affine

    path.parent.mkdir(parents=True, exist_ok=True)
    cube = pixels if pixels.ndim == 3 else pixels[np.newaxis]  # noqa: PLR2004
    profile = {
        "driver": "GTiff", "count": cube.shape[0], "height": cube.shape[1], "width": cube.shape[2], "dtype": cube.dtype.name,
        "crs": f"EPSG:{EPSG}", "transform": Affine(size_m, 0.0, west, 0.0, -size_m, north), "nodata": nodata,
        "compress": "deflate", "zlevel": 6, "predictor": 3 if cube.dtype.kind == "f" else 2, "tiled": True,
        "blockxsize": 256, "blockysize": 256, "interleave": "band",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as image:
        image.write(cube)
        for number, band in enumerate(bands, start=1):
            image.set_band_description(number, band)
        if tags:
            image.update_tags(**tags)


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write JSON that a person can read, keys in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
