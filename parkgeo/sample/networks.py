# ruff: noqa: PLR2004 - the figures of a made-up place; a name for each would hide them
"""Roads in and around the park, the six mains, gateways and services."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops

from parkgeo.sample.place import GRID_M, bend, stream
from parkgeo.sample.streets import STREETS, Street

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAINS", "lay_roads", "lay_utilities", "place_facilities"]

_MOTORWAY_U = -3200.0
_RAMPS_V = (-640.0, 560.0)

_OUTER = (
    Street("金汀大道西延", "主干路", 40.0, 60.0, 4, ((-2320, -40), (-3300, -40), (-6200, 300), (-9500, 200))),
    Street("县道铁货线", "主干路", 24.0, 60.0, 4, ((2240, -610), (5200, -900), (9800, -400), (14200, 900))),
    Street("县城快速通道", "快速路", 36.0, 70.0, 6, ((30, 1340), (900, 3600), (4200, 6200), (7000, 8200))),
    Street("滨江路西延", "次干路", 24.0, 40.0, 2, ((-2320, -1120), (-3900, -1350), (-6200, 300))),
    Street("机场连接线", "快速路", 32.0, 80.0, 4, ((-3210, 30000), (-1200, 32500), (800, 34000))),
)


def lay_roads(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets and outer roads, cut at every crossing of one level.

    Parameters
    ----------
    parcels
        For the parcel marked ``cut_off``, on which an unlinked works road runs.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines in site metres with ``road_id, name, road_class, speed_km_h, oneway, lanes, width_m, level``.
    """
    ground = [*STREETS, *_OUTER]
    ramps = [street for _, street in _ramps()]
    noded = shapely.union_all([shapely.LineString(street.path) for street in [*ground, *ramps]])
    edges = shapely.get_parts(noded)
    rows = []
    for edge in sorted(
        edges, key=lambda line: tuple(np.round(shapely.get_coordinates(line), 3).ravel().tolist())
    ):
        middle = edge.interpolate(0.5, normalized=True)
        street = min([*ramps, *ground], key=lambda each: shapely.LineString(each.path).distance(middle))
        drawn = _along(street, edge)
        rows.append(_road(street, _on_site(drawn, street), level=0, oneway=street in ramps))
    for street, path in _carriageways():
        rows.append(_road(street, _on_site(shapely.LineString(path), street), level=1, oneway=True))
    rows.append(_works_road(parcels))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=[row.pop("shape") for row in rows]).drop(
        columns="shape"
    )
    frame.insert(0, "road_id", [f"YTR{n:04d}" for n in range(1, len(frame) + 1)])
    return frame


def _along(street: Street, edge: Any) -> Any:
    """The edge in the direction in which its street is drawn."""
    path = shapely.LineString(street.path)
    first, last = shapely.Point(edge.coords[0]), shapely.Point(edge.coords[-1])
    return edge if path.project(first) <= path.project(last) else edge.reverse()


def _on_site(line: Any, street: Street) -> Any:
    far = street.road_class == "高速公路" or street.name == "机场连接线"
    return bend(line, every_m=400.0 if far else 110.0)


def _road(street: Street, shape: Any, *, level: int, oneway: bool) -> dict[str, Any]:
    return {
        "name": street.name,
        "road_class": street.road_class,
        "speed_km_h": street.speed_km_h,
        "oneway": "是" if oneway else "否",
        "lanes": street.lanes,
        "width_m": street.width_m,
        "level": level,
        "shape": shape,
    }


def _carriageways() -> Iterator[tuple[Street, list[tuple[float, float]]]]:
    """The motorway's two carriageways over everything else, cut where the ramps leave and join."""
    cuts = [-9000.0, *_RAMPS_V, 30_000.0]
    for offset, way in ((10.0, 1), (-10.0, -1)):
        street = Street("汀海高速", "高速公路", 14.0, 100.0, 2, ())
        u = _MOTORWAY_U + offset
        for low, high in pairwise(cuts):
            path = [(u, low), (u, high)]
            if high == cuts[-1]:
                path[1] = (-3210.0, high)
            yield street, path[::way]


def _ramps() -> Iterator[tuple[str, Street]]:
    """Four one-way ramps between the motorway and the road under it, drawn in the direction of travel."""
    south, north = _RAMPS_V
    east, west = _MOTORWAY_U + 10.0, _MOTORWAY_U - 10.0
    paths = {
        "北行出口匝道": ((east, south), (-3110.0, -40.0)),
        "北行入口匝道": ((-3110.0, -40.0), (east, north)),
        "南行出口匝道": ((west, north), (-3290.0, -40.0)),
        "南行入口匝道": ((-3290.0, -40.0), (west, south)),
    }
    for name, path in paths.items():
        yield name, Street(name, "快速路", 9.0, 40.0, 1, path)


def _works_road(parcels: gpd.GeoDataFrame) -> dict[str, Any]:
    """A works road along one side of a parcel; no street reaches it."""
    parcel = parcels.loc[parcels["mark"] == "cut_off"].geometry.iloc[0]
    corners = shapely.get_coordinates(parcel)
    sides = [shapely.LineString(pair) for pair in pairwise(corners)]
    side = max(sides, key=lambda each: float(each.length))
    inner = max(
        (side.offset_curve(way) for way in (2.0, -2.0)),
        key=lambda each: float(each.intersection(parcel).length),
    )
    line = shapely.ops.substring(inner, 15.0, inner.length - 15.0)
    street = Street("未贯通厂内路", "园区内部路", 7.0, 15.0, 1, ())
    return _road(street, shapely.set_precision(line, GRID_M), level=0, oneway=False)


MAINS = ("water", "power", "drainage", "telecom", "gas", "heat")
"""The six mains; the roads are the seventh service."""

_MAIN = {
    # kind: (word, capacity of a main, unit, diameter in mm, offset from the centre line in m, plan box it serves)
    "water": ("给水", 12_000.0, "m3/d", 400.0, 4.0, (-2400, -1500, 2300, 1400)),
    "power": ("电力", 24.0, "MVA", None, -4.0, (-2400, -1500, 2300, 1400)),
    "drainage": ("污水", 9_000.0, "m3/d", 600.0, 6.0, (-2400, -1500, 2300, 1400)),
    "telecom": ("通信", 100.0, "Gbit/s", None, -6.0, (-2400, -1500, 2300, 1400)),
    "gas": ("燃气", 3_200.0, "m3/h", 250.0, 7.5, (-1480, -1500, 2300, 1400)),
    "heat": ("热力", 45.0, "t/h", 350.0, -7.5, (-1180, -1500, 1580, 520)),
}
_STATIONS = (
    # kind, name, plan place, capacity, used, unit
    ("power", "110kV望汀变电站", (1045.0, 210.0), 126.0, 88.0, "MVA"),
    ("power", "110kV港西变电站", (-1790.0, -350.0), 100.0, 81.0, "MVA"),
    ("water", "临港供水泵站", (-560.0, 560.0), 60_000.0, 41_000.0, "m3/d"),
    ("drainage", "临港污水处理厂", (2130.0, -1170.0), 40_000.0, 29_500.0, "m3/d"),
    ("telecom", "临港通信枢纽", (250.0, 260.0), 800.0, 300.0, "Gbit/s"),
    ("gas", "临港燃气调压站", (1030.0, 30.0), 12_000.0, 7_600.0, "m3/h"),
    ("heat", "临港热力站", (-300.0, -640.0), 180.0, 150.0, "t/h"),
)


def lay_utilities(seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Mains along the streets, and their stations.

    Parameters
    ----------
    seed
        Of the sample.

    Returns
    -------
    tuple of geopandas.GeoDataFrame
        Lines, then points, in site metres, with ``utility_id, kind, name, capacity, used, capacity_unit,
        diameter_mm``. Gas does not reach the west and the north, heat serves the middle only.
    """
    rng = stream(seed, "utilities")
    lines = []
    for kind in MAINS:
        word, capacity, unit, diameter, offset, served = _MAIN[kind]
        for street in STREETS:
            piece = shapely.LineString(street.path).intersection(shapely.box(*served))
            share = float(rng.uniform(0.35, 0.92))
            if piece.geom_type != "LineString" or piece.length < 60.0:
                continue
            size = 1.5 if street.road_class == "主干路" else 1.0 if street.road_class == "次干路" else 0.5
            lines.append(
                {
                    "kind": word,
                    "name": f"{street.name}{word}干管" if diameter else f"{street.name}{word}线路",
                    "capacity": capacity * size,
                    "used": round(capacity * size * share, 1),
                    "capacity_unit": unit,
                    "diameter_mm": None if diameter is None else round(diameter * size**0.5, -1),
                    "shape": bend(piece.offset_curve(offset)),
                }
            )
    points = [
        {"kind": _MAIN[kind][0], "name": name, "capacity": capacity, "used": used, "capacity_unit": unit,
         "diameter_mm": None, "shape": bend(shapely.Point(place))}
        for kind, name, place, capacity, used, unit in _STATIONS
    ]  # fmt: skip
    return _numbered(lines, "YTG", "utility_id"), _numbered(points, "YTZ", "utility_id")


def _numbered(rows: list[dict[str, Any]], prefix: str, key: str) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows).drop(columns="shape"), geometry=[row["shape"] for row in rows]
    )
    frame.insert(0, key, [f"{prefix}{n:04d}" for n in range(1, len(frame) + 1)])
    return frame


_FACILITIES = (
    ("高速出入口", "汀海高速临港出入口", (-3110.0, -40.0), 1.0),
    ("铁路货站", "汀东铁路货站", (14_200.0, 900.0), 1.0),
    ("港口", "临港作业区码头", (-1500.0, -1290.0), 1.0),
    ("机场", "汀州湾机场", (800.0, 34_000.0), 1.0),
    ("中心城区", "云汀县城", (7000.0, 8200.0), 1.0),
    ("物流枢纽", "汀西物流枢纽", (-9500.0, 200.0), 0.8),
    ("医院", "临港医院", (1200.0, 1140.0), 1.0),
    ("诊所", "金汀社区卫生服务中心", (300.0, 190.0), 0.6),
    ("诊所", "港西卫生站", (-1720.0, -560.0), 0.4),
    ("学校", "临港实验学校", (1640.0, 930.0), 1.0),
    ("学校", "望汀小学", (1320.0, 660.0), 0.8),
    ("消防站", "临港消防救援站", (-640.0, 40.0), 1.0),
    ("人才公寓", "临港人才公寓", (1180.0, 880.0), 0.8),
    ("宿舍", "启航蓝领公寓", (180.0, 420.0), 0.6),
    ("食堂", "金汀公共食堂", (420.0, -80.0), 0.5),
    ("食堂", "港西公共食堂", (-1420.0, -640.0), 0.5),
    ("食堂", "东汀公共食堂", (1600.0, -280.0), 0.5),
)
_BUS_EVERY_M = 700.0
_BUS_STREETS = ("金汀大道", "中汀大道", "云帆路", "北环路")


def place_facilities() -> gpd.GeoDataFrame:
    """Gateways (some far outside) and services.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in site metres with ``facility_id, kind, name, weight``.
    """
    rows = [
        {"kind": kind, "name": name, "weight": weight, "shape": bend(shapely.Point(place))}
        for kind, name, place, weight in _FACILITIES
    ]
    for street in (each for each in STREETS if each.name in _BUS_STREETS):
        path = shapely.LineString(street.path)
        for n, at in enumerate(np.arange(350.0, path.length, _BUS_EVERY_M), start=1):
            shape = bend(path.interpolate(float(at)))
            rows.append({"kind": "公交站", "name": f"{street.name}{n}站", "weight": 0.3, "shape": shape})
    return _numbered(rows, "YTS", "facility_id")
