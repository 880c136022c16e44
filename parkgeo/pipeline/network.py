"""The roads of a park ready to be travelled: graph, minutes by mode, gates of the parcels, facilities on nodes.

Made once a desk (``desk.once(road_network)``) for the stages, scenarios and the command line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parkgeo.metrics.network.arcs import Network
from parkgeo.metrics.network.ends import facility_ends, gates, given_gates, joined_ends
from parkgeo.metrics.network.lines import column
from parkgeo.metrics.network.noding import road_graph
from parkgeo.metrics.network.speeds import classes, weights
from parkgeo.metrics.network.splitting import carried, split
from parkgeo.pipeline.travel import MODES, MOTORWAY, Places, RoadNetwork, profile_of, taken

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.metrics.network.graph import Ends, RoadGraph, Weights
    from parkgeo.packs import RuleBook
    from parkgeo.pipeline.desk import Desk

__all__ = ["MODES", "MOTORWAY", "Places", "RoadNetwork", "profile_of", "road_network"]

_FROM_OSM = r"way/\d+( \(\d+\))?"  # a number behind it: a stretch of one, or several rows of one id


def road_network(desk: Desk) -> RoadNetwork | None:
    """The roads of a desk's layers; None where there is no layer of roads, or nothing of it can be driven on.

    For `parkgeo.pipeline.desk.Desk.once`: it rests on layers and packs alone.
    """
    layers, rules = desk.layers, desk.rules
    if layers.roads is None:
        return None
    roads = layers.roads
    by_vertex = roads["road_id"].astype("str").str.fullmatch(_FROM_OSM).fillna(value=False)
    drawn, seen = road_graph(
        roads,
        by_vertex=by_vertex.to_numpy(dtype=bool),
        snap_m=rules["network.snap_m"].number("m"),
        near_miss_m=rules["network.near_miss_m"].number("m"),
        join=rules["network.join_near_misses"].flag(),
    )
    if not drawn.edges:
        return None
    minutes = {mode: weights(drawn, roads, profile_of(mode, rules)) for mode in MODES}
    half, front = _frontage(drawn, roads, rules)
    ends, given, off, stray, frontage = _gates(desk, drawn, half, front)
    kind, geometry = _facilities(layers.facilities)
    on_roads = {
        mode: _ends_of(kind, geometry, drawn, minutes[mode], mode, roads, rules, front) for mode in MODES
    }
    graph, nodes, edge_map = split(
        drawn,
        np.concatenate([each.edge for each in on_roads.values()]),
        np.concatenate([each.fraction for each in on_roads.values()]),
    )
    cuts = np.cumsum([len(each.owner) for each in on_roads.values()])[:-1]
    places = {
        mode: _placed(each, own, len(kind))
        for (mode, each), own in zip(on_roads.items(), np.split(nodes, cuts), strict=True)
    }
    networks = {mode: Network(graph, carried(own, edge_map)) for mode, own in minutes.items()}
    return RoadNetwork(
        roads=roads, rules=rules, parcels=len(desk.parcels), kind=kind, drawn=drawn, seen=seen, graph=graph, edge_map=edge_map,
        gates=ends, given=given, gate_off_m=off, stray_m=stray, frontage_m=frontage, half_width_m=half, may_front=front,
        places=places, networks=networks, weights=minutes,
    )  # fmt: skip


def _frontage(
    graph: RoadGraph, roads: gpd.GeoDataFrame, rules: RuleBook
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Half the width of each edge's road, and whether a parcel may open onto it: on the ground, and of a class that allows it."""
    table, own = rules["access.half_width_m"].table("m"), classes(roads)
    # Of a road without width and class the least is taken: frontage is not made up.
    by_class = np.array([table.get(one, min(table.values(), default=0.0)) for one in own], dtype=np.float64)
    stated = column(roads, "width_m") / 2
    half = np.where(stated > 0, stated, by_class)
    level = np.nan_to_num(column(roads, "level"))
    front = np.isin(own, list(rules["access.frontage_classes"].texts())) & (level == 0)
    return half[graph.road], front[graph.road]


def _gates(
    desk: Desk, graph: RoadGraph, half: NDArray[np.float64], front: NDArray[np.bool_]
) -> tuple[Ends, NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Ends of the parcels; whether each is given; how far each row of the layer lies off, and those of a parcel if all do; frontage."""
    rules, shapes = desk.rules, np.asarray(desk.parcels.geometry.array, dtype=object)
    assumed, frontage = gates(
        shapes, graph, half, front,
        frontage_m=rules["access.frontage_m"].number("m"), spacing_m=rules["access.gate_spacing_m"].number("m"),
        most=int(rules["access.gates_most"].number("1")),
    )  # fmt: skip
    stray = np.full(len(shapes), np.nan)
    layer = desk.attached("gates")
    if layer is None:
        return assumed, np.zeros(len(assumed.owner), dtype=bool), np.empty(0), stray, frontage
    rows = np.flatnonzero(layer.place >= 0)
    points, owner = np.asarray(layer.rows.geometry.array, dtype=object)[rows], layer.place[rows]
    trucks = np.ones(len(rows), dtype=bool) & (column(layer.rows, "trucks")[rows] != 0)
    every = given_gates(points, np.arange(len(rows)), trucks, graph, limit_m=np.inf, usable=front)
    off = np.full(len(layer.rows), np.nan)
    off[rows[every.owner]] = every.off_m
    every = replace(every, owner=owner[every.owner])
    met = taken(every, np.flatnonzero(every.off_m <= rules["access.gate_m"].number("m")))
    has = np.isin(np.arange(len(shapes)), met.owner)
    lost = ~has[every.owner]
    np.fmin.at(stray, every.owner[lost], every.off_m[lost])
    ends = joined_ends([met, taken(assumed, np.flatnonzero(~has[assumed.owner]))])
    return ends, has[ends.owner], off, stray, frontage


def _facilities(layer: gpd.GeoDataFrame | None) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Kind of each facility, empty where it is not stated, and its shape."""
    if layer is None:
        return np.empty(0, dtype=object), np.empty(0, dtype=object)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    if "kind" not in layer:
        return np.full(len(layer), "", dtype=object), shapes
    kind: pd.Series[Any] = layer["kind"].astype(object)
    return kind.where(kind.notna(), "").to_numpy(dtype=object), shapes


def _ends_of(
    kind: NDArray[np.object_], geometry: NDArray[np.object_], graph: RoadGraph, minutes: Weights, mode: str,
    roads: gpd.GeoDataFrame, rules: RuleBook, front: NDArray[np.bool_],
) -> Ends:  # fmt: skip
    """Facilities on the roads of a mode: services where land may open onto a road, gateways on motorways too if nothing else is near.

    A ramp or a motorway is one-way: a point drawn beside it stands for the junction with the road that leads there.
    """
    limit = rules["access.facility_m"].number("m")
    open_ = np.isfinite(minutes.along) | np.isfinite(minutes.against)
    on_motorway = classes(roads)[graph.road] == MOTORWAY
    gateway = np.isin(kind, list(rules["access.gateway_kinds"].texts())) & (mode != "walk")
    found: list[Ends] = []
    for rows, choices in (
        (np.flatnonzero(~gateway), (open_ & front,)),
        (np.flatnonzero(gateway), (open_ & ~on_motorway, open_)),
    ):
        left = rows
        for usable in choices:
            ends = facility_ends(geometry[left], graph, usable, limit_m=limit)
            found.append(replace(ends, owner=left[ends.owner]))
            left = np.setdiff1d(left, found[-1].owner)
    return joined_ends(found)


def _placed(ends: Ends, nodes: NDArray[np.intp], count: int) -> Places:
    node, off = np.full(count, -1, dtype=np.intp), np.full(count, np.nan)
    node[ends.owner], off[ends.owner] = nodes, ends.off_m
    return Places(node, off)
